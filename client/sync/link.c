/* link.c - the network side of the client: dial, pump, word what went wrong. */
#include "client/sync/link.h"

#include <stdlib.h>

#include "client/laptop/records.h"
#include "net/os_clock.h"
#include "net/uv_conn.h"

enum { CONNECT_SECONDS = 10 };

struct link {
	struct laptop *l;
	const struct link_config *config;
	status failed; /* of work() */
	bool is_closed;
	status dialled;
	struct trouble dial;
};

static void
on_work(void *ctx, struct uv_conn *c)
{
	struct link *x = ctx;
	struct clock_source clock = os_clock();

	(void)c;
	if (x->failed == ST_OK)
		x->failed = x->config->work(x->config->ctx, clock.mono_ms(clock.ctx));
	if (x->failed != ST_OK)
		uv_conn_close(c);
}

static void
on_closed(void *ctx, struct uv_conn *c)
{
	struct link *x = ctx;

	x->is_closed = true;
	x->dialled = uv_conn_dial_status(c, &x->dial);
}

status
link_events(struct session *s, uint64_t mono_ms,
    status (*take)(void *ctx, const struct client_event *e, uint64_t mono_ms), void *ctx)
{
	for (;;) {
		struct client_event e = session_next_event(s, mono_ms);
		status st;

		if (e.kind == CLIENT_NOTHING || e.kind == CLIENT_CLOSED)
			return ST_OK;
		st = take(ctx, &e, mono_ms);
		if (st != ST_OK)
			return st;
	}
}

bool
link_split(const char *address, char *host, size_t cap, const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - address);

	if (len > 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	}
	if (len == 0 || len >= cap)
		return false;
	memcpy(host, address, len);
	host[len] = '\0';
	*port = colon + 1;
	return true;
}

/* What is safe, in every complaint about the network. */
static void
say_safe(struct laptop *l)
{
	struct waiting waiting;

	if (!l->self.has_joined)
		complain_data(l->complaint, "nothing was kept of this join");
	else if (records_waiting(l, &waiting) == ST_OK && waiting.changes > 0)
		complain_data(l->complaint,
		    "nothing is lost: %llu changes are saved here",
		    (unsigned long long)waiting.changes);
	else
		complain_data(l->complaint, "nothing is lost: everything is saved here");
}

/* What runs next: who has not joined yet cannot sync. */
static void
say_next(struct laptop *l, const char *when)
{
	complain_next(l->complaint, "%s    %s",
	    l->self.has_joined ? "pnet sync" : "pnet join CODE", when);
}

static status
unreachable(struct laptop *l, const char *address, const char *why)
{
	status st = complain(l->complaint, PN_N01, "no answer from %s: %s", address, why);

	say_safe(l);
	say_next(l, "when there is a network");
	return trouble_set(&l->trouble, st, "%s", why);
}

static void
say_versions(struct laptop *l, unsigned theirs)
{
	size_t len = strlen(l->complaint->why);

	if (theirs != 0)
		(void)snprintf(l->complaint->why + len, sizeof l->complaint->why - len,
		    ": it speaks version %u, this program version %u", theirs,
		    (unsigned)SESSION_VERSION);
}

status
link_complain(struct laptop *l, const char *address, const struct session *session)
{
	static const struct {
		enum session_end end;
		enum complaint_id id;
		const char *when; /* to try again; NULL: that would not help */
	} map[] = {
	    {END_CUT, PN_N03, "goes on where it stopped; nothing counts twice"},
	    {END_DEADLINE, PN_N03, "goes on where it stopped"},
	    {END_NO_ANSWER, PN_N04, "once more; if it stays so, ask your coordinator"},
	    {END_NOT_OURS, PN_N02, "after a browser has shown the network's login page"},
	    {END_WRONG_KEY, PN_N04, "after asking your coordinator"},
	    {END_REVOKED, PN_K02, NULL},
	    {END_BUSY, PN_N06, "in some minutes"},
	    {END_VERSION, PN_N05, NULL},
	    {END_PROTOCOL, PN_N02, "and tell the operator if it stays so"},
	};
	enum session_end end = session_end(session);

	for (size_t i = 0; i < sizeof map / sizeof map[0]; i++) {
		if (map[i].end != end)
			continue;
		(void)complain(
		    l->complaint, map[i].id, "%s (%s)", session_end_text(end), address);
		if (end == END_NO_ANSWER) /* a line that breaks now looks the same */
			complain_what(l->complaint,
			    "the line broke, or the server's key is not the invite's");
		if (end == END_VERSION)
			say_versions(l, session_peer_version(session));
		say_safe(l);
		if (map[i].when != NULL)
			say_next(l, map[i].when);
		else if (end == END_REVOKED)
			complain_next(
			    l->complaint, "pnet status    shows what was not sent");
		else
			complain_next(
			    l->complaint, "pnet --version    and tell your coordinator");
	}
	return trouble_set(
	    &l->trouble, session_end_status(end), "%s", session_end_text(end));
}

status
link_run(struct laptop *l, const struct link_config *config)
{
	struct link x = {.l = l, .config = config};
	const struct uv_conn_hooks hooks = {&x, on_work, on_closed};
	struct net_loop *net = NULL;
	struct uv_conn *conn = NULL;
	uv_loop_t loop;
	char host[256];
	const char *port = "";
	status st;

	if (!link_split(config->address, host, sizeof host, &port))
		return unreachable(l, config->address, "that is not HOST:PORT");
	if (uv_loop_init(&loop) != 0)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no event loop");
	net = net_loop_new(&loop);
	conn = net == NULL ? NULL : uv_conn_new(net, config->session, &hooks);
	if (conn == NULL) {
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a connection");
	} else {
		unsigned seconds =
		    config->timeout_s == 0 ? CONNECT_SECONDS : config->timeout_s;

		st = uv_conn_dial(conn, host, port, seconds * 1000ull, &l->trouble);
		if (st != ST_OK)
			uv_conn_close(conn);
		(void)uv_run(&loop, UV_RUN_DEFAULT);
	}
	net_loop_free(net);
	(void)uv_loop_close(&loop);
	if (conn == NULL || st == ST_USAGE)
		return st == ST_USAGE ? unreachable(l, config->address, l->trouble.text)
				      : st;
	if (x.dialled != ST_OK)
		return unreachable(l, config->address, x.dial.text);
	if (x.failed != ST_OK)
		return x.failed;
	return session_end(config->session) == END_BYE
		   ? ST_OK
		   : link_complain(l, config->address, config->session);
}
