/* op_serve.c - `pnetd serve`: opens the stores, listens, and stops in order at SIGTERM or
 * SIGINT. Prints one line on stdout when peers may come. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/admin_socket.h"
#include "server/complain.h"
#include "server/metrics_http.h"
#include "server/ops.h"
#include "server/service.h"
#include "server/state_file.h"

enum { STATE_MS = 2000 };

static const char next_serve[] =
    "pnetd serve --data DIR [--config F] [--key F] [--listen ADDRESS:PORT] "
    "[--port-file F] [--recovery] [--check] [--allow-root]";

struct serving {
	struct service service;
	const char *config_path; /* NULL: DIR/pnetd.conf */
	const char *listen;      /* overrides the file's */
	const char *port_file;
	bool is_check;
	bool may_be_root;
	struct uv_listen *listener;
	struct admin_socket *admin;
	struct metrics_http *metrics;
	uv_signal_t signals[2];
	uv_timer_t ticker;
	uint16_t port;
};

/* ---- options ---- */

static status
read_options(struct serving *s, int argc, char **argv)
{
	static const struct option options[] = {{"data", required_argument, NULL, 'd'},
	    {"config", required_argument, NULL, 'c'},
	    {"key", required_argument, NULL, 'K'},
	    {"listen", required_argument, NULL, 'l'},
	    {"port-file", required_argument, NULL, 'p'},
	    {"recovery", no_argument, NULL, 'R'}, {"check", no_argument, NULL, 'k'},
	    {"allow-root", no_argument, NULL, 'r'}, {0}};
	struct config *config = &s->service.config;
	int o;

	(void)snprintf(config->data, sizeof config->data, ".");
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'd')
			(void)snprintf(config->data, sizeof config->data, "%s", optarg);
		else if (o == 'c')
			s->config_path = optarg;
		else if (o == 'K')
			s->service.key_path = optarg;
		else if (o == 'l')
			s->listen = optarg;
		else if (o == 'p')
			s->port_file = optarg;
		else if (o == 'k')
			s->is_check = true;
		else if (o == 'r')
			s->may_be_root = true;
		else if (o == 'R')
			config->is_recovery_open = true;
		else
			return ST_USAGE;
	}
	return optind == argc ? ST_OK : ST_USAGE;
}

static status
read_config(struct serving *s)
{
	status st = service_configure(&s->service, s->config_path);

	if (st == ST_OK && s->listen != NULL)
		st =
		    config_set_listen(&s->service.config, s->listen, &s->service.trouble);
	return st;
}

static const char *
next_of_config(status st)
{
	switch ((int)st) {
	case ST_NOT_FOUND:
		return "pnetd init DIR --network ID";
	case ST_NOT_ALLOWED:
		return "chown -R USER DIR    the user who is to serve it owns the folder";
	default:
		return "pnetd serve --data DIR --check    once that is mended";
	}
}

/* ---- the process ---- */

/* No core dumps, no other process looking in, as many files as the system allows. */
static void
harden(void)
{
	struct rlimit none = {0, 0};
	struct rlimit files;

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void
write_state(struct serving *s)
{
	char path[CONFIG_TEXT_BYTES + 16];
	struct state state;

	if (s->is_check)
		return; /* another server may be running there */
	(void)snprintf(path, sizeof path, "%s/state", s->service.config.data);
	state_of_host(s->service.host, s->port, &state);
	if (s->metrics != NULL)
		state_add_number(&state, "metrics_port", metrics_http_port(s->metrics));
	(void)state_write(path, &state, NULL); /* figures only: never a reason to stop */
}

/* ---- stopping ---- */

static void
close_handle(uv_handle_t *h)
{
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

static void
close_own(struct serving *s)
{
	close_handle((uv_handle_t *)&s->ticker);
	close_handle((uv_handle_t *)&s->signals[0]);
	close_handle((uv_handle_t *)&s->signals[1]);
}

static void
on_stopped(struct service *service)
{
	struct serving *s = service->ctx;

	write_state(s);
	close_own(s);
}

static void
stop(struct serving *s)
{
	uv_listen_close(s->listener);
	s->listener = NULL;
	admin_socket_close(s->admin);
	s->admin = NULL;
	metrics_http_close(s->metrics);
	s->metrics = NULL;
	service_stop(&s->service);
}

static void
on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	stop(signal->data);
}

static void
on_tick(uv_timer_t *ticker)
{
	struct serving *s = ticker->data;
	struct host *h = s->service.host;

	h->n.audit_unwritten += !audit_flush(h->audit, host_now_s(h));
	write_state(s);
}

/* ---- starting ---- */

static void
on_peer(void *ctx, struct uv_listen *l, uv_stream_t *at)
{
	struct serving *s = ctx;

	host_take_peer(s->service.host, at, l);
}

static status
write_port_file(const struct serving *s, struct trouble *t)
{
	char temporary[CONFIG_TEXT_BYTES];
	FILE *f;

	if (s->port_file == NULL)
		return ST_OK;
	/* Renamed into place, so that who waits for it never reads half a number. */
	(void)snprintf(temporary, sizeof temporary, "%.240s.new", s->port_file);
	f = fopen(temporary, "we");
	if (f == NULL || fprintf(f, "%u\n", (unsigned)s->port) < 0 || fclose(f) != 0 ||
	    rename(temporary, s->port_file) != 0)
		return trouble_set(
		    t, ST_NO_OUTPUT, "%s: %s", s->port_file, strerror(errno));
	return ST_OK;
}

static status
begin_metrics(struct serving *s, struct trouble *t)
{
	const struct config *config = &s->service.config;
	status st = ST_OK;

	if (config->metrics[0] != '\0')
		s->metrics = metrics_http_new(
		    s->service.host, config->metrics, config->metrics_port, &st, t);
	return st;
}

static status
listen_now(struct serving *s)
{
	const struct config *config = &s->service.config;
	struct trouble *t = &s->service.trouble;
	struct uv_listen_hooks hooks = {s, on_peer};
	status st;

	s->listener =
	    uv_listen_new(s->service.net, config->listen, config->port, &hooks, &st, t);
	if (st != ST_OK)
		return st;
	s->port = uv_listen_port(s->listener);
	s->admin = admin_socket_new(s->service.host, &st, t);
	if (st != ST_OK)
		return st;
	st = audit_open(
	    &s->service.host->audit, config->data, host_now_s(s->service.host), t);
	if (st == ST_OK)
		st = begin_metrics(s, t);
	if (st == ST_OK)
		st = write_port_file(s, t);
	if (st != ST_OK)
		return st;
	(void)printf("pnetd %s listens at %s:%u\n", PNET_VERSION, config->listen,
	    (unsigned)s->port);
	(void)fflush(stdout);
	write_state(s);
	(void)uv_timer_start(&s->ticker, on_tick, STATE_MS, STATE_MS);
	return ST_OK;
}

static void
on_ready(struct service *service)
{
	struct serving *s = service->ctx;

	if (service->st == ST_OK && !s->is_check)
		service->st = listen_now(s);
	if (service->st != ST_OK || s->is_check)
		stop(s);
}

static void
start_signals(struct serving *s)
{
	const int numbers[2] = {SIGTERM, SIGINT};

	for (size_t i = 0; i < 2; i++) {
		(void)uv_signal_init(&s->service.loop, &s->signals[i]);
		s->signals[i].data = s;
		(void)uv_signal_start(&s->signals[i], on_signal, numbers[i]);
	}
	(void)uv_timer_init(&s->service.loop, &s->ticker);
	s->ticker.data = s;
}

static status
run(struct serving *s)
{
	struct service *service = &s->service;
	status st;

	service->may_create = true;
	service->is_served = true;
	service->ctx = s;
	service->on_ready = on_ready;
	service->on_stopped = on_stopped;
	st = service_open(service);
	if (st == ST_OK)
		start_signals(s);
	return service_close(service);
}

int
op_serve(int argc, char **argv)
{
	struct serving *s = calloc(1, sizeof *s);
	struct trouble *t;
	status st;
	int code = 0;

	if (s == NULL)
		return complain(
		    ST_NO_MEMORY, NULL, "the server cannot start", NULL, NULL);
	t = &s->service.trouble;
	config_init(&s->service.config);
	st = read_options(s, argc, argv);
	if (st != ST_OK) {
		code =
		    complain(st, NULL, "the command is not understood", NULL, next_serve);
		goto out;
	}
	if (geteuid() == 0 && !s->may_be_root) {
		(void)trouble_set(t, ST_NOT_ALLOWED,
		    "it runs as root, and needs nothing that only root may do");
		code = complain(ST_NOT_ALLOWED, t, "the server does not start", NULL,
		    "run it as a user of its own, or add --allow-root");
		goto out;
	}
	harden();
	st = read_config(s);
	if (st != ST_OK) {
		code = complain(
		    st, t, "the server does not start", NULL, next_of_config(st));
		goto out;
	}
	st = run(s);
	if (st != ST_OK)
		code = complain(st, t, "the server cannot go on",
		    "what was acknowledged is on the disk", next_serve);
	else if (s->is_check)
		(void)printf("settings and stores are in order\n");
out:
	free(s);
	return code;
}
