/* service.c - a host over the files of a data folder. */
#include "server/service.h"

#include <stdio.h>
#include <string.h>

#include "crypto/sign.h"
#include "net/os_clock.h"
#include "net/os_rng.h"
#include "server/keyfile.h"
#include "store/store_sqlite.h"

/* Page cache of a country's file. Each keeps its own; what they do not hold is in the
 * system's. */
enum { CACHE_KIB_OF_SPACE = 1024 };

status
service_configure(struct service *s, const char *path)
{
	char usual[CONFIG_TEXT_BYTES + 16];
	status st;

	(void)snprintf(usual, sizeof usual, "%s/pnetd.conf", s->config.data);
	st = config_read(&s->config, path != NULL ? path : usual, &s->trouble);
	if (st == ST_OK && !s->config.has_network)
		st =
		    trouble_set(&s->trouble, ST_CONFIG, "the setting network is missing");
	return st;
}

static status
open_store(void *ctx, const char *name, struct store **out, struct trouble *t)
{
	struct service *s = ctx;
	struct rng rng = os_rng();
	char path[CONFIG_TEXT_BYTES + 16];
	struct store_sqlite_config config = {.path = path,
	    .may_create = s->may_create,
	    .cache_kib = CACHE_KIB_OF_SPACE,
	    .checks = &s->checks,
	    .loop = &s->loop};

	(void)snprintf(path, sizeof path, "%s/%s.db", s->config.data, name);
	rng_fill(&rng, config.epoch.bytes, sizeof config.epoch.bytes);
	return store_sqlite_open(out, &config, t);
}

static void
on_ready(void *ctx, status st, const struct trouble *t)
{
	struct service *s = ctx;

	s->is_ready = true;
	s->st = st;
	if (st != ST_OK && t != NULL)
		s->trouble = *t;
	if (s->on_ready != NULL)
		s->on_ready(s);
	if (s->st != ST_OK)
		service_stop(s);
}

static void
on_stopped(void *ctx)
{
	struct service *s = ctx;

	s->is_stopped = true;
	if (s->on_stopped != NULL)
		s->on_stopped(s);
}

static status
read_key(struct service *s, struct transport_pk *pk)
{
	char usual[CONFIG_TEXT_BYTES + 16];

	if (!s->is_served)
		return ST_OK;
	(void)snprintf(usual, sizeof usual, "%s/server.key", s->config.data);
	return keyfile_read(
	    s->key_path != NULL ? s->key_path : usual, &s->secret, pk, &s->trouble);
}

static status
open_host(struct service *s)
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
	status st = read_key(s, &how.transport);

	if (st == ST_OK)
		s->host = host_new(s->net, &how, &st, &s->trouble);
	return st;
}

status
service_open(struct service *s)
{
	s->checks = sign_checks();
	if (uv_loop_init(&s->loop) < 0)
		return trouble_set(&s->trouble, ST_NO_MEMORY, "no event loop");
	s->is_open = true;
	s->net = net_loop_new(&s->loop);
	s->st = s->net != NULL
		    ? open_host(s)
		    : trouble_set(&s->trouble, ST_NO_MEMORY, "no memory for the loop");
	return s->st;
}

void
service_stop(struct service *s)
{
	if (s->host != NULL)
		host_stop(s->host);
}

status
service_close(struct service *s)
{
	if (!s->is_open)
		return s->st;
	s->is_open = false;
	(void)uv_run(&s->loop, UV_RUN_DEFAULT);
	host_free(s->host);
	(void)uv_loop_close(&s->loop);
	net_loop_free(s->net);
	keys_wipe(&s->secret, sizeof s->secret);
	return s->st;
}
