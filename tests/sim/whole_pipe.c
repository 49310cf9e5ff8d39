/* whole_pipe.c - moves bytes between a laptop's session and a peer of the server. Both
 * ends are uv_conns that never touch their loop. */
#include "whole_pipe.h"

#include <assert.h>
#include <stdlib.h>

#include "net/os_clock.h"
#include "server/host.h"

enum { IDLE_ROUNDS_MAX = 3, LATE_MAX = 2, PIECE_BYTES = 1500 };

struct net_loop {
	uv_loop_t *loop;
};

/* One end. */
struct uv_conn {
	struct session *session;
	struct uv_conn_hooks hooks;
	void *data;
	bool is_client, is_open, is_closed, is_told, is_pumping;
	uint8_t *held; /* bytes that the session could not take yet */
	size_t held_len, held_at;
	uint64_t in, out;
};

struct late {
	struct uv_conn *conn;
	uint8_t *bytes;
	size_t len;
};

static struct {
	struct host *host;
	struct pipe_plan plan;
	size_t page_bytes;
	struct uv_conn *accepted; /* by the call of host_take_peer that runs */
	struct late late[LATE_MAX];
	size_t n_late;
	struct pipe_counts counts;
	uint64_t trace;
} the = {.plan = {.cut_after = UINT64_MAX, .interlude_after = UINT64_MAX}};

/* ---- ends (net/uv_conn.h) ---- */

struct net_loop *
net_loop_new(uv_loop_t *loop)
{
	struct net_loop *n = calloc(1, sizeof *n);

	if (n != NULL)
		n->loop = loop;
	return n;
}

uv_loop_t *
net_loop_uv(struct net_loop *n)
{
	return n->loop;
}

void
net_loop_free(struct net_loop *n)
{
	free(n);
}

struct uv_conn *
uv_conn_new(struct net_loop *n, struct session *s, const struct uv_conn_hooks *hooks)
{
	struct uv_conn *c = calloc(1, sizeof *c);

	(void)n;
	if (c == NULL)
		abort();
	c->session = s;
	c->hooks = *hooks;
	return c;
}

status
uv_conn_accept(struct uv_conn *c, uv_stream_t *listener, struct trouble *t)
{
	(void)listener;
	(void)t;
	c->is_open = true;
	the.accepted = c;
	return ST_OK;
}

void
uv_conn_peer(const struct uv_conn *c, struct sockaddr_storage *out)
{
	(void)c;
	memset(out, 0, sizeof *out);
	out->ss_family = AF_UNSPEC;
}

struct session *
uv_conn_session(struct uv_conn *c)
{
	return c->session;
}

uint64_t
uv_conn_bytes_in(const struct uv_conn *c)
{
	return c->in;
}

uint64_t
uv_conn_bytes_out(const struct uv_conn *c)
{
	return c->out;
}

void
uv_conn_set_data(struct uv_conn *c, void *data)
{
	c->data = data;
}

void *
uv_conn_data(const struct uv_conn *c)
{
	return c->data;
}

static void
tell_if_done(struct uv_conn *c)
{
	if (!c->is_closed || c->is_told || c->is_pumping ||
	    session_n_open(c->session) > 0)
		return;
	c->is_told = true;
	c->is_pumping = true;
	c->hooks.on_work(c->hooks.ctx, c);
	c->hooks.on_closed(c->hooks.ctx, c);
	c->session = NULL;
}

static bool
feed_held(struct uv_conn *c)
{
	size_t used = 0;

	if (c->held_at == c->held_len || !session_wants_input(c->session))
		return false;
	(void)session_receive(c->session, os_mono_ms(),
	    span_of(c->held + c->held_at, c->held_len - c->held_at), &used, NULL);
	c->held_at += used;
	return used > 0;
}

void
uv_conn_pump(struct uv_conn *c)
{
	if (c->is_pumping || c->is_told)
		return;
	c->is_pumping = true;
	do
		c->hooks.on_work(c->hooks.ctx, c);
	while (!c->is_closed && feed_held(c));
	c->is_pumping = false;
	tell_if_done(c);
}

void
uv_conn_close(struct uv_conn *c)
{
	if (c->is_closed || c->is_told)
		return;
	c->is_closed = true;
	session_eof(c->session, os_mono_ms(), true);
	if (!c->is_client)
		tell_if_done(c);
}

static void
give(struct uv_conn *c, struct span bytes)
{
	uint8_t *more;

	if (c->is_closed || bytes.len == 0)
		return;
	more = malloc(c->held_len - c->held_at + bytes.len);
	if (more == NULL)
		abort();
	if (c->held_len > c->held_at)
		memcpy(more, c->held + c->held_at, c->held_len - c->held_at);
	memcpy(more + c->held_len - c->held_at, bytes.bytes, bytes.len);
	free(c->held);
	c->held = more;
	c->held_len = c->held_len - c->held_at + bytes.len;
	c->held_at = 0;
	c->in += bytes.len;
	uv_conn_pump(c);
}

/* ---- stores ---- */

/* Pages end early, so that a pull of a small town has several (linked with --wrap). */
void __real_store_pull(
    struct store *s, const struct store_pull *pull, store_pulled *done, void *ctx);
void __wrap_store_pull(
    struct store *s, const struct store_pull *pull, store_pulled *done, void *ctx);

void
__wrap_store_pull(
    struct store *s, const struct store_pull *pull, store_pulled *done, void *ctx)
{
	struct store_pull small = *pull;

	if (the.page_bytes > 0)
		small.bytes_max = the.page_bytes;
	__real_store_pull(s, &small, done, ctx);
}

void
pipe_set_page_bytes(size_t bytes)
{
	the.page_bytes = bytes;
}

void
pipe_pump_stores(struct host *h)
{
	bool moved = true;

	while (moved) {
		moved = false;
		for (size_t i = 0; i < h->n_spaces; i++)
			moved = store_pump(h->spaces[i]->store) > 0 || moved;
	}
}

/* Ends the server's end; late: what it had not got yet comes first. */
static void
hang_up(struct uv_conn *c, struct span last)
{
	struct host *h = the.host;

	if (!c->is_closed && last.len > 0) {
		give(c, last);
		for (int i = 0; i < 64 && !c->is_closed; i++) {
			struct span out = session_output(c->session);

			if (out.len > 0) /* nobody is there to read it */
				session_sent(c->session, os_mono_ms(), out.len);
			pipe_pump_stores(h);
			uv_conn_pump(c);
		}
	}
	uv_conn_close(c);
	pipe_pump_stores(h);
	uv_conn_pump(c);
	tell_if_done(c);
	assert(c->is_told);
	free(c->held);
	free(c);
}

void
pipe_deliver_late(void)
{
	for (size_t i = 0; i < the.n_late; i++) {
		hang_up(the.late[i].conn, span_of(the.late[i].bytes, the.late[i].len));
		free(the.late[i].bytes);
	}
	the.n_late = 0;
}

void
pipe_serve(struct host *h)
{
	pipe_deliver_late();
	the.host = h;
	the.plan = pipe_plain;
}

void
pipe_next(const struct pipe_plan *plan)
{
	the.plan = *plan;
}

const struct pipe_counts *
pipe_counts(void)
{
	return &the.counts;
}

/* FNV-1a, Fowler, Noll and Vo. */
static void
trace(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		the.trace = (the.trace ^ bytes[i]) * 1099511628211u;
}

uint64_t
pipe_trace(void)
{
	return the.trace;
}

/* ---- a call ---- */

struct call {
	struct uv_conn *client;
	struct uv_conn *server;
	struct pipe_plan plan;
	uint64_t moved;
	bool is_cut;
};

static size_t
allowed(const struct call *x, size_t len)
{
	uint64_t left = x->plan.cut_after > x->moved ? x->plan.cut_after - x->moved : 0;

	len = len < PIECE_BYTES ? len : PIECE_BYTES;
	return len < left ? len : (size_t)left;
}

static bool
move_up(struct call *x)
{
	struct session *s = x->client->session;
	struct span out = session_output(s);
	size_t len = allowed(x, out.len);

	if (out.len > 0 && len < out.len && len < PIECE_BYTES)
		x->is_cut = true;
	if (len == 0)
		return false;
	x->moved += len;
	trace(out.bytes, len);
	give(x->server, span_of(out.bytes, len));
	session_sent(s, os_mono_ms(), len);
	return true;
}

static bool
move_down(struct call *x)
{
	struct session *s = x->client->session;
	struct span out;
	size_t len, used = 0;

	if (x->server->is_closed || !session_wants_input(s))
		return false;
	out = session_output(x->server->session);
	len = allowed(x, out.len);
	if (out.len > 0 && len < out.len && len < PIECE_BYTES)
		x->is_cut = true;
	if (len == 0)
		return false;
	(void)session_receive(s, os_mono_ms(), span_of(out.bytes, len), &used, NULL);
	x->moved += used;
	trace(out.bytes, used);
	session_sent(x->server->session, os_mono_ms(), used);
	uv_conn_pump(x->server);
	return used > 0;
}

static void
work(struct call *x)
{
	if (!x->client->is_closed)
		x->client->hooks.on_work(x->client->hooks.ctx, x->client);
}

static bool
one_round(struct call *x)
{
	bool moved;

	work(x);
	if (x->client->is_closed)
		return false;
	moved = move_up(x);
	if (x->is_cut)
		return false;
	pipe_pump_stores(the.host);
	if (!x->server->is_closed)
		uv_conn_pump(x->server);
	moved = move_down(x) || moved;
	if (!x->is_cut && x->moved >= x->plan.interlude_after) {
		x->plan.interlude_after = UINT64_MAX;
		x->plan.interlude(x->plan.ctx);
	}
	return moved && !x->is_cut;
}

static bool
is_at_end(const struct call *x)
{
	return x->is_cut || x->client->is_closed || x->server->is_closed ||
	       session_is_over(x->client->session) ||
	       (session_is_over(x->server->session) &&
		   session_output(x->server->session).len == 0);
}

static void
run(struct call *x)
{
	unsigned idle = 0;

	while (!is_at_end(x) && idle < IDLE_ROUNDS_MAX)
		idle = one_round(x) ? 0 : idle + 1;
	if (idle == IDLE_ROUNDS_MAX && !is_at_end(x)) {
		(void)fputs("both sides wait for each other\n", stderr);
		abort();
	}
	if (!x->is_cut)
		work(x);
}

/* What the server has not got yet of a call that was cut reaches it at another time. */
static void
keep_late(struct uv_conn *server, struct span rest)
{
	struct late *late = &the.late[the.n_late++];

	the.counts.late++;
	*late = (struct late){server, malloc(rest.len + 1), rest.len};
	if (late->bytes == NULL)
		abort();
	if (rest.len > 0)
		memcpy(late->bytes, rest.bytes, rest.len);
}

static void
end_call(struct call *x)
{
	struct session *s = x->client->session;
	struct span rest = session_output(s); /* the BYE */

	the.counts.cuts += x->is_cut;
	if (x->is_cut && x->plan.is_late && the.n_late < LATE_MAX)
		keep_late(x->server, rest);
	else
		hang_up(x->server,
		    x->is_cut || x->client->is_closed ? span_of(NULL, 0) : rest);
	session_eof(s, os_mono_ms(), x->is_cut);
	x->client->hooks.on_work(x->client->hooks.ctx, x->client);
	x->client->hooks.on_closed(x->client->hooks.ctx, x->client);
	the.counts.bytes += x->moved;
}

/* The whole call happens here; the loop has nothing to wait for afterwards. */
status
uv_conn_dial(struct uv_conn *c, const char *host, const char *port, uint64_t timeout_ms,
    struct trouble *t)
{
	struct call x = {.client = c, .plan = the.plan};

	(void)host;
	(void)port;
	(void)timeout_ms;
	(void)t;
	the.plan = pipe_plain;
	c->is_client = true;
	c->is_open = the.host != NULL && !x.plan.is_down;
	if (c->is_open) {
		the.counts.calls++;
		the.accepted = NULL;
		host_take_peer(the.host, NULL, NULL);
		x.server = the.accepted;
		assert(x.server != NULL && !x.server->is_closed);
		run(&x);
		end_call(&x);
	} else {
		c->hooks.on_closed(c->hooks.ctx, c);
	}
	free(c);
	return ST_OK;
}

status
uv_conn_dial_status(const struct uv_conn *c, struct trouble *t)
{
	return c->is_open ? ST_OK : trouble_set(t, ST_UNREACHABLE, "there is no network");
}
