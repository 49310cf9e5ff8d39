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

#include "crypto/sign.h"
#include "net/os_clock.h"
#include "net/os_rng.h"
#include "net/uv_listen.h"
#include "server/complain.h"
#include "server/host.h"
#include "server/keyfile.h"
#include "server/ops.h"
#include "server/state_file.h"
#include "store/store_sqlite.h"

enum { STATE_MS = 2000 };

static const char next_serve[] =
    "pnetd serve --data DIR [--config F] [--listen ADDRESS:PORT] [--port-file F] "
    "[--check] [--allow-root]";

struct service {
	struct config config;
	const char *config_path; /* NULL: DIR/pnetd.conf */
	const char *listen;      /* overrides the file's */
	const char *port_file;
	bool is_check;
	bool may_be_root;
	struct checks checks;
	struct transport_sk secret;
	uv_loop_t loop;
	struct net_loop *net;
	struct host *host;
	struct uv_listen *listener;
	uv_signal_t signals[2];
	uv_timer_t ticker;
	uint16_t port;
	status st;
	struct trouble trouble;
};

/* ---- options ---- */

static status
read_options(struct service *s, int argc, char **argv)
{
	static const struct option options[] = {{"data", required_argument, NULL, 'd'},
	    {"config", required_argument, NULL, 'c'},
	    {"listen", required_argument, NULL, 'l'},
	    {"port-file", required_argument, NULL, 'p'},
	    {"recovery", no_argument, NULL, 'R'}, {"check", no_argument, NULL, 'k'},
	    {"allow-root", no_argument, NULL, 'r'}, {0}};
	int o;

	(void)snprintf(s->config.data, sizeof s->config.data, ".");
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'd')
			(void)snprintf(
			    s->config.data, sizeof s->config.data, "%s", optarg);
		else if (o == 'c')
			s->config_path = optarg;
		else if (o == 'l')
			s->listen = optarg;
		else if (o == 'p')
			s->port_file = optarg;
		else if (o == 'k')
			s->is_check = true;
		else if (o == 'r')
			s->may_be_root = true;
		else if (o == 'R')
			s->config.is_recovery_open = true;
		else
			return ST_USAGE;
	}
	return optind == argc ? ST_OK : ST_USAGE;
}

static status
read_config(struct service *s)
{
	char path[CONFIG_TEXT_BYTES + 16];
	status st;

	(void)snprintf(path, sizeof path, "%s/pnetd.conf", s->config.data);
	st = config_read(
	    &s->config, s->config_path != NULL ? s->config_path : path, &s->trouble);
	if (st == ST_OK && s->listen != NULL)
		st = config_set_listen(&s->config, s->listen, &s->trouble);
	if (st == ST_OK && !s->config.has_network)
		st =
		    trouble_set(&s->trouble, ST_CONFIG, "the setting network is missing");
	return st;
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

/* Of a country's file. Each keeps its own; what they do not hold is in the system's. */
enum { CACHE_KIB_OF_SPACE = 1024 };

static status
open_store(void *ctx, const char *name, struct store **out, struct trouble *t)
{
	struct service *s = ctx;
	struct rng rng = os_rng();
	char path[CONFIG_TEXT_BYTES + 16];
	struct store_sqlite_config config = {.path = path,
	    .may_create = true,
	    .cache_kib = CACHE_KIB_OF_SPACE,
	    .checks = &s->checks,
	    .loop = &s->loop};

	(void)snprintf(path, sizeof path, "%s/%s.db", s->config.data, name);
	rng_fill(&rng, config.epoch.bytes, sizeof config.epoch.bytes);
	return store_sqlite_open(out, &config, t);
}

static void
write_state(struct service *s)
{
	char path[CONFIG_TEXT_BYTES + 16];
	struct state state;

	if (s->is_check)
		return; /* another server may be running there */
	(void)snprintf(path, sizeof path, "%s/state", s->config.data);
	state_of_host(s->host, s->port, &state);
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
close_own(struct service *s)
{
	close_handle((uv_handle_t *)&s->ticker);
	close_handle((uv_handle_t *)&s->signals[0]);
	close_handle((uv_handle_t *)&s->signals[1]);
}

static void
on_stopped(void *ctx)
{
	struct service *s = ctx;

	write_state(s);
	close_own(s);
}

static void
stop(struct service *s)
{
	uv_listen_close(s->listener);
	s->listener = NULL;
	host_stop(s->host);
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
	write_state(ticker->data);
}

/* ---- starting ---- */

static void
on_peer(void *ctx, struct uv_listen *l, uv_stream_t *at)
{
	struct service *s = ctx;

	host_take_peer(s->host, at, l);
}

static status
write_port_file(const struct service *s, struct trouble *t)
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
listen_now(struct service *s)
{
	struct uv_listen_hooks hooks = {s, on_peer};
	status st;

	s->listener = uv_listen_new(
	    s->net, s->config.listen, s->config.port, &hooks, &st, &s->trouble);
	if (st != ST_OK)
		return st;
	s->port = uv_listen_port(s->listener);
	st = write_port_file(s, &s->trouble);
	if (st != ST_OK)
		return st;
	(void)printf("pnetd %s listens at %s:%u\n", PNET_VERSION, s->config.listen,
	    (unsigned)s->port);
	(void)fflush(stdout);
	write_state(s);
	(void)uv_timer_start(&s->ticker, on_tick, STATE_MS, STATE_MS);
	return ST_OK;
}

static void
on_ready(void *ctx, status st, const struct trouble *t)
{
	struct service *s = ctx;

	s->st = st;
	if (st != ST_OK && t != NULL)
		s->trouble = *t;
	if (st == ST_OK && !s->is_check)
		s->st = listen_now(s);
	if (s->st != ST_OK || s->is_check)
		stop(s);
}

static status
begin(struct service *s)
{
	struct host_config how = {
	    .config = &s->config,
	    .secret = &s->secret,
	    .checks = s->checks,
	    .opener = {s, open_store},
	    .clock = os_clock(),
	    .rng = os_rng(),
	    .ctx = s,
	    .on_ready = on_ready,
	    .on_stopped = on_stopped,
	};
	char path[CONFIG_TEXT_BYTES + 16];
	status st;

	(void)snprintf(path, sizeof path, "%s/server.key", s->config.data);
	st = keyfile_read(path, &s->secret, &how.transport, &s->trouble);
	if (st != ST_OK)
		return st;
	s->host = host_new(s->net, &how, &st, &s->trouble);
	return st;
}

static void
start_signals(struct service *s)
{
	const int numbers[2] = {SIGTERM, SIGINT};

	for (size_t i = 0; i < 2; i++) {
		(void)uv_signal_init(&s->loop, &s->signals[i]);
		s->signals[i].data = s;
		(void)uv_signal_start(&s->signals[i], on_signal, numbers[i]);
	}
	(void)uv_timer_init(&s->loop, &s->ticker);
	s->ticker.data = s;
}

static status
run(struct service *s)
{
	status st;

	if (uv_loop_init(&s->loop) < 0)
		return trouble_set(&s->trouble, ST_NO_MEMORY, "no event loop");
	s->net = net_loop_new(&s->loop);
	if (s->net == NULL)
		return trouble_set(&s->trouble, ST_NO_MEMORY, "no memory for the loop");
	start_signals(s);
	st = begin(s);
	if (st != ST_OK)
		close_own(s);
	(void)uv_run(&s->loop, UV_RUN_DEFAULT);
	host_free(s->host);
	(void)uv_loop_close(&s->loop);
	net_loop_free(s->net);
	keys_wipe(&s->secret, sizeof s->secret);
	return st != ST_OK ? st : s->st;
}

int
op_serve(int argc, char **argv)
{
	struct service *s = calloc(1, sizeof *s);
	status st;
	int code = 0;

	if (s == NULL)
		return complain(
		    ST_NO_MEMORY, NULL, "the server cannot start", NULL, NULL);
	config_init(&s->config);
	s->checks = sign_checks();
	st = read_options(s, argc, argv);
	if (st != ST_OK) {
		code =
		    complain(st, NULL, "the command is not understood", NULL, next_serve);
		goto out;
	}
	if (geteuid() == 0 && !s->may_be_root) {
		(void)trouble_set(&s->trouble, ST_NOT_ALLOWED,
		    "it runs as root, and needs nothing that only root may do");
		code = complain(ST_NOT_ALLOWED, &s->trouble, "the server does not start",
		    NULL, "run it as a user of its own, or add --allow-root");
		goto out;
	}
	harden();
	st = read_config(s);
	if (st == ST_OK)
		st = run(s);
	if (st != ST_OK)
		code = complain(st, &s->trouble, "the server cannot go on",
		    "what was acknowledged is on the disk", next_serve);
	else if (s->is_check)
		(void)printf("settings and stores are in order\n");
out:
	free(s);
	return code;
}
