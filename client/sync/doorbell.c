/* doorbell.c - a session that pulls to see whether something has come meanwhile, takes
 * nothing of it, and waits for the ring. */
#include "client/sync/doorbell.h"

#include <time.h>

#include "client/sync/inbox.h"
#include "client/sync/link.h"
#include "client/sync/logs.h"
#include "net/os_clock.h"
#include "net/os_rng.h"
#include "net/uv_conn.h"

enum { CONNECT_SECONDS = 10, PAUSE_MS = 1000 };

status
doorbell_prepare(struct laptop *l, struct doorbell *out)
{
	const struct space_state *spaces;
	size_t n = 0;
	status st = inbox_states(l, l->arena, &spaces, &n);

	memset(out, 0, sizeof *out);
	if (st != ST_OK)
		return st;
	if (n > HELLO_SPACES_MAX)
		return trouble_set(&l->trouble, ST_LIMIT, "%zu countries", n);
	memcpy(out->spaces, spaces, n * sizeof *spaces);
	out->n_spaces = n;
	(void)snprintf(out->address, sizeof out->address, "%s", l->self.server);
	out->network = l->self.network;
	out->server = l->self.server_key;
	(void)logs_server(l, &out->server);
	out->secret = keyring_device(l->keys)->transport_sk;
	out->incarnation = l->self.author.device;
	return ST_OK;
}

struct waiting_at_door {
	struct session *session;
	bool has_news;
};

static status
say(struct waiting_at_door *x, status st, uint64_t mono_ms)
{
	return st != ST_OK ? st : session_flush(x->session, mono_ms);
}

static status
take_event(void *ctx, const struct client_event *e, uint64_t mono_ms)
{
	struct waiting_at_door *x = ctx;

	switch (e->kind) {
	case CLIENT_READY:
		return say(x, session_pull(x->session, false, NULL, 0), mono_ms);
	case CLIENT_LOGS:
		x->has_news = x->has_news || e->logs.n_records > 0;
		return ST_OK;
	case CLIENT_PAGE:
		x->has_news = x->has_news || e->page.n_batches > 0 ||
			      e->page.n_dead > 0 || e->page.n_graves > 0 ||
			      e->page.kind != PAGE_LAST;
		return ST_OK;
	case CLIENT_KEYBOXES:
	case CLIENT_STORE:
		x->has_news = true;
		return ST_OK;
	case CLIENT_PULL_DONE:
		if (!x->has_news)
			return say(x, session_wait(x->session), mono_ms);
		session_bye(x->session, mono_ms);
		return ST_OK;
	case CLIENT_CONTACTS:
	case CLIENT_DOORBELL:
		session_bye(x->session, mono_ms);
		return ST_OK;
	case CLIENT_NOTHING:
	case CLIENT_VERDICT:
	case CLIENT_APPENDED:
	case CLIENT_RECOVERED:
	case CLIENT_CLOSED:
	case CLIENT_EVENT_COUNT:
		return ST_OK;
	}
	return ST_BUG;
}

static void
on_work(void *ctx, struct uv_conn *c)
{
	struct waiting_at_door *x = ctx;
	struct clock_source clock = os_clock();

	if (link_events(x->session, clock.mono_ms(clock.ctx), take_event, x) != ST_OK)
		uv_conn_close(c);
}

static void
on_closed(void *ctx, struct uv_conn *c)
{
	(void)ctx;
	(void)c;
}

static status
run(const struct doorbell *d, unsigned timeout_s, struct session *session)
{
	struct waiting_at_door x = {.session = session};
	const struct uv_conn_hooks hooks = {&x, on_work, on_closed};
	struct net_loop *net;
	struct uv_conn *conn = NULL;
	uv_loop_t loop;
	char host[256];
	const char *port = "";

	if (uv_loop_init(&loop) != 0)
		return ST_NO_MEMORY;
	net = net_loop_new(&loop);
	if (net != NULL && link_split(d->address, host, sizeof host, &port))
		conn = uv_conn_new(net, session, &hooks);
	if (conn != NULL) {
		unsigned seconds = timeout_s == 0 ? CONNECT_SECONDS : timeout_s;

		if (uv_conn_dial(conn, host, port, seconds * 1000ull, NULL) != ST_OK)
			uv_conn_close(conn);
		(void)uv_run(&loop, UV_RUN_DEFAULT);
	}
	net_loop_free(net);
	(void)uv_loop_close(&loop);
	return conn == NULL ? ST_NO_MEMORY : ST_OK;
}

static void
pause_until(const struct clock_source *clock, uint64_t mono_ms)
{
	uint64_t now = clock->mono_ms(clock->ctx);
	uint64_t left = now < mono_ms ? mono_ms - now : 0;
	const struct timespec rest = {
	    (time_t)(left / 1000), (long)(left % 1000) * 1000000};

	(void)nanosleep(&rest, NULL);
}

status
doorbell_wait(struct doorbell *d, unsigned timeout_s)
{
	const struct client_config config = {.network = d->network,
	    .server = d->server,
	    .secret = &d->secret,
	    .incarnation = d->incarnation,
	    .n_spaces = d->n_spaces,
	    .spaces = d->spaces,
	    .stays = true,
	    .rng = os_rng()};
	struct clock_source clock = os_clock();
	uint64_t begun = clock.mono_ms(clock.ctx);
	struct session *session = session_client_new(&config, begun);
	status st = session == NULL ? ST_NO_MEMORY : run(d, timeout_s, session);

	session_free(session);
	explicit_bzero(d, sizeof *d);
	pause_until(&clock, begun + PAUSE_MS);
	return st;
}
