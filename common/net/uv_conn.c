/* uv_conn.c - pumps one session over one TCP stream (see uv_conn.h). */
#include "net/uv_conn.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#include "net/os_clock.h"

enum {
	READ_BYTES = 64 * 1024,
	WRITE_PIECE_BYTES = 64 * 1024,
	WRITE_MARK_BYTES = 256 * 1024, /* above it the rest stays in the session */
	LINGER_MS = 2000 /* wait so long for the peer's end, lest a reset eats our BYE */
};

struct net_loop {
	uv_loop_t *loop;
	char buffer[READ_BYTES]; /* libuv reads and hands over in one go: one is enough */
};

enum conn_state { CONN_NEW, CONN_DIALLING, CONN_OPEN, CONN_LINGER, CONN_CLOSED };

struct uv_conn {
	struct net_loop *net;
	struct session *session;
	struct uv_conn_hooks hooks;
	void *data;
	enum conn_state state;
	uv_tcp_t tcp;
	uv_timer_t timer;
	uv_shutdown_t shutdown;
	uv_connect_t connect;
	uv_getaddrinfo_t resolve;
	struct addrinfo *addresses; /* of a dial; next: to be tried */
	struct addrinfo *next_address;
	uint64_t dial_deadline_ms;
	int dial_error; /* of libuv, 0 = connected or not dialled */
	bool is_resolving;
	bool has_tcp; /* the handle is initialised and not closed */
	bool is_reading;
	bool is_ended; /* the peer's end was read */
	bool is_pumping;
	bool is_told; /* on_closed was called */
	unsigned n_handles;
	uint64_t armed_ms; /* the timer's deadline; UINT64_MAX = not armed */
	uint64_t bytes_in;
	uint64_t bytes_out;
	uint8_t *held; /* bytes that the session could not take yet */
	size_t held_len;
};

/* A copy of bytes on their way: they must outlive the write. */
struct write_job {
	uv_write_t request;
	uint8_t bytes[];
};

static void pump(struct uv_conn *c);
static void close_all(struct uv_conn *c);

struct net_loop *
net_loop_new(uv_loop_t *loop)
{
	struct net_loop *n = calloc(1, sizeof *n);

	if (n == NULL)
		return NULL;
	(void)signal(SIGPIPE, SIG_IGN);
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

/* ---- ends ---- */

/* The conn goes when its handles are closed and the driver has answered all. */
static void
free_if_done(struct uv_conn *c)
{
	if (c->n_handles > 0 || c->is_resolving || session_n_open(c->session) > 0)
		return;
	if (!c->is_told) {
		c->is_told = true;
		c->hooks.on_work(c->hooks.ctx, c); /* the last event */
		c->hooks.on_closed(c->hooks.ctx, c);
	}
	free(c->held);
	uv_freeaddrinfo(c->addresses);
	free(c);
}

static void
on_handle_closed(uv_handle_t *h)
{
	struct uv_conn *c = h->data;

	assert(c->n_handles > 0);
	c->n_handles--;
	if (!c->is_pumping)
		free_if_done(c);
}

static void
give_up(struct uv_conn *c, bool resets)
{
	if (c->state == CONN_CLOSED)
		return;
	c->state = CONN_CLOSED;
	session_eof(c->session, os_mono_ms(), true);
	if (c->is_resolving)
		(void)uv_cancel((uv_req_t *)&c->resolve);
	if (c->has_tcp && !uv_is_closing((uv_handle_t *)&c->tcp) &&
	    (!resets || uv_tcp_close_reset(&c->tcp, on_handle_closed) < 0))
		uv_close((uv_handle_t *)&c->tcp, on_handle_closed);
	if (!uv_is_closing((uv_handle_t *)&c->timer))
		uv_close((uv_handle_t *)&c->timer, on_handle_closed);
}

static void
close_all(struct uv_conn *c)
{
	give_up(c, false);
}

void
uv_conn_close(struct uv_conn *c)
{
	give_up(c, true);
}

/* ---- writing ---- */

static void
on_written(uv_write_t *request, int error)
{
	struct uv_conn *c = request->data;

	free(request);
	if (c->state == CONN_CLOSED)
		return;
	if (error < 0)
		close_all(c);
	else
		pump(c);
}

/* Queues a copy of the first bytes of out. False when the stream is gone. */
static bool
queue_write(struct uv_conn *c, struct span out)
{
	size_t len = out.len < WRITE_PIECE_BYTES ? out.len : WRITE_PIECE_BYTES;
	struct write_job *job = malloc(sizeof *job + len);
	uv_buf_t buf;

	if (job == NULL)
		return false;
	memcpy(job->bytes, out.bytes, len);
	job->request.data = c;
	buf = uv_buf_init((char *)job->bytes, (unsigned)len);
	if (uv_write(&job->request, (uv_stream_t *)&c->tcp, &buf, 1, on_written) < 0) {
		free(job);
		return false;
	}
	session_sent(c->session, os_mono_ms(), len);
	c->bytes_out += len;
	return true;
}

/* Writes at once what the kernel takes, without a copy. False when the stream is gone. */
static bool
write_now(struct uv_conn *c, struct span out, bool *is_stuck)
{
	size_t len = out.len < WRITE_MARK_BYTES ? out.len : WRITE_MARK_BYTES;
	/* libuv does not write through base; its type is shared with reading. */
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)out.bytes, (unsigned)len);
	int n = uv_try_write((uv_stream_t *)&c->tcp, &buf, 1);

	*is_stuck = n == UV_EAGAIN;
	if (n < 0)
		return *is_stuck;
	session_sent(c->session, os_mono_ms(), (size_t)n);
	c->bytes_out += (uint64_t)n;
	return true;
}

/* Hands over what the session has to say, as far as the stream is willing. */
static bool
write_output(struct uv_conn *c)
{
	uv_stream_t *stream = (uv_stream_t *)&c->tcp;
	struct span out = session_output(c->session);
	bool is_stuck = false;

	while (out.len > 0 && uv_stream_get_write_queue_size(stream) < WRITE_MARK_BYTES) {
		if (uv_stream_get_write_queue_size(stream) > 0 || is_stuck) {
			if (!queue_write(c, out))
				return false;
		} else if (!write_now(c, out, &is_stuck)) {
			return false;
		}
		out = session_output(c->session);
	}
	return true;
}

/* ---- reading ---- */

static void
on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
	struct uv_conn *c = h->data;

	(void)suggested;
	*buf = uv_buf_init(c->net->buffer, sizeof c->net->buffer);
}

/* Feeds bytes; what the session cannot take now is held. False when memory is out. */
static bool
feed(struct uv_conn *c, struct span in)
{
	size_t used = 0;
	uint8_t *rest;

	(void)session_receive(c->session, os_mono_ms(), in, &used, NULL);
	if (used == in.len)
		return true;
	rest = malloc(in.len - used);
	if (rest == NULL)
		return false;
	memcpy(rest, in.bytes + used, in.len - used);
	assert(c->held == NULL);
	c->held = rest;
	c->held_len = in.len - used;
	return true;
}

/* Feeds what was held before anything new is read. */
static bool
feed_held(struct uv_conn *c)
{
	uint8_t *held = c->held;
	bool is_fed;

	if (held == NULL || !session_wants_input(c->session))
		return true;
	c->held = NULL;
	is_fed = feed(c, span_of(held, c->held_len));
	free(held);
	return is_fed;
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct uv_conn *c = stream->data;

	if (n == 0 || c->state == CONN_CLOSED)
		return; /* EAGAIN */
	if (n < 0) {
		c->is_ended = true;
		session_eof(c->session, os_mono_ms(), n != UV_EOF);
		if (n != UV_EOF || c->state == CONN_LINGER)
			close_all(c);
	} else if (c->state == CONN_OPEN) {
		c->bytes_in += (uint64_t)n;
		if (!feed(c, span_of(buf->base, (size_t)n)))
			close_all(c);
	}
	if (c->state != CONN_LINGER)
		pump(c);
}

static bool
set_reading(struct uv_conn *c, bool wanted)
{
	if (wanted == c->is_reading)
		return true;
	c->is_reading = wanted;
	if (!wanted)
		return uv_read_stop((uv_stream_t *)&c->tcp) == 0;
	return uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) == 0;
}

/* ---- time ---- */

static void on_timer(uv_timer_t *timer);

/* The timer is moved only when it would ring too late. */
static void
arm(struct uv_conn *c, uint64_t at_ms)
{
	uint64_t now = os_mono_ms();

	if (at_ms == UINT64_MAX || at_ms >= c->armed_ms)
		return;
	c->armed_ms = at_ms;
	uv_update_time(c->net->loop);
	(void)uv_timer_start(&c->timer, on_timer, at_ms > now ? at_ms - now : 0, 0);
}

static void
on_timer(uv_timer_t *timer)
{
	struct uv_conn *c = timer->data;
	uint64_t now = os_mono_ms();

	c->armed_ms = UINT64_MAX;
	if (c->state == CONN_DIALLING && now >= c->dial_deadline_ms) {
		c->dial_error = UV_ETIMEDOUT;
		close_all(c);
	} else if (c->state == CONN_LINGER) {
		close_all(c);
	} else if (c->state == CONN_OPEN) {
		session_tick(c->session, now);
		pump(c);
	} else if (c->state == CONN_DIALLING) {
		arm(c, c->dial_deadline_ms);
	}
}

/* ---- the pump ---- */

static void
on_shutdown(uv_shutdown_t *request, int error)
{
	struct uv_conn *c = request->data;

	if (c->state != CONN_LINGER)
		return;
	if (error < 0 || c->is_ended)
		close_all(c);
}

/* All was said: end our half, and wait a little for the peer's. */
static void
linger(struct uv_conn *c)
{
	c->state = CONN_LINGER;
	c->shutdown.data = c;
	c->armed_ms = UINT64_MAX;
	arm(c, os_mono_ms() + LINGER_MS);
	if (!set_reading(c, !c->is_ended) ||
	    uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shutdown) < 0)
		close_all(c);
}

static bool
is_silent_end(enum session_end end)
{
	return end == END_CUT || end == END_DEADLINE;
}

/* One round: the driver's work, what was held, what is to be written. */
static bool
pump_once(struct uv_conn *c)
{
	c->hooks.on_work(c->hooks.ctx, c);
	if (c->state != CONN_OPEN)
		return false;
	if (!feed_held(c) || !write_output(c)) {
		close_all(c);
		return false;
	}
	return true;
}

static void
pump(struct uv_conn *c)
{
	const uint8_t *held;
	uint64_t written;

	if (c->is_pumping)
		return;
	c->is_pumping = true;
	do { /* what was taken off a full session makes room for more work */
		held = c->held;
		written = c->bytes_out;
	} while (c->state == CONN_OPEN && pump_once(c) &&
		 (c->held != held || c->bytes_out != written));
	if (c->state == CONN_OPEN && session_is_over(c->session) &&
	    uv_stream_get_write_queue_size((uv_stream_t *)&c->tcp) == 0) {
		if (is_silent_end(session_end(c->session)))
			close_all(c);
		else
			linger(c);
	} else if (c->state == CONN_OPEN) {
		if (!set_reading(c, c->held == NULL && !c->is_ended &&
					session_wants_input(c->session)))
			close_all(c);
		else
			arm(c, session_deadline_ms(c->session));
	}
	c->is_pumping = false;
	if (c->state == CONN_CLOSED)
		free_if_done(c);
}

void
uv_conn_pump(struct uv_conn *c)
{
	pump(c);
}

/* ---- beginning ---- */

struct uv_conn *
uv_conn_new(struct net_loop *n, struct session *s, const struct uv_conn_hooks *hooks)
{
	struct uv_conn *c = calloc(1, sizeof *c);

	if (c == NULL || uv_timer_init(n->loop, &c->timer) < 0) {
		free(c);
		return NULL;
	}
	c->net = n;
	c->session = s;
	c->hooks = *hooks;
	c->timer.data = c;
	c->n_handles = 1;
	c->armed_ms = UINT64_MAX;
	return c;
}

static int
init_tcp(struct uv_conn *c)
{
	int error = uv_tcp_init(c->net->loop, &c->tcp);

	if (error < 0)
		return error;
	c->tcp.data = c;
	c->has_tcp = true;
	c->n_handles++;
	return 0;
}

static void
open_stream(struct uv_conn *c)
{
	c->state = CONN_OPEN;
	c->dial_error = 0;
	(void)uv_tcp_nodelay(&c->tcp, 1); /* a flight is one write: nothing to wait for */
	pump(c);
}

status
uv_conn_accept(struct uv_conn *c, uv_stream_t *listener, struct trouble *t)
{
	int error = init_tcp(c);

	assert(c->state == CONN_NEW);
	if (error == 0)
		error = uv_accept(listener, (uv_stream_t *)&c->tcp);
	if (error < 0) {
		close_all(c);
		return trouble_set(t, ST_IO, "accept: %s", uv_strerror(error));
	}
	open_stream(c);
	return ST_OK;
}

/* A listener at [::] takes IPv4 peers too, as ::ffff:a.b.c.d. */
static void
unmap(struct sockaddr_storage *address)
{
	const struct sockaddr_in6 six = *(const struct sockaddr_in6 *)address;
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = six.sin6_port};

	if (address->ss_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
		return;
	memcpy(&four.sin_addr, six.sin6_addr.s6_addr + 12, sizeof four.sin_addr);
	memset(address, 0, sizeof *address);
	memcpy(address, &four, sizeof four);
}

void
uv_conn_peer(const struct uv_conn *c, struct sockaddr_storage *out)
{
	int len = sizeof *out;

	memset(out, 0, sizeof *out);
	if (!c->has_tcp || uv_tcp_getpeername(&c->tcp, (struct sockaddr *)out, &len) < 0)
		out->ss_family = AF_UNSPEC;
	unmap(out);
}

/* ---- dialling ---- */

static void try_next(struct uv_conn *c);

static void
on_retry_closed(uv_handle_t *h)
{
	struct uv_conn *c = h->data;

	c->n_handles--;
	if (c->state == CONN_CLOSED)
		free_if_done(c);
	else
		try_next(c);
}

static void
on_connected(uv_connect_t *request, int error)
{
	struct uv_conn *c = request->data;

	if (c->state != CONN_DIALLING)
		return;
	if (error == 0) {
		open_stream(c);
		return;
	}
	c->dial_error = error;
	c->has_tcp = false;
	uv_close((uv_handle_t *)&c->tcp, on_retry_closed);
}

static void
try_next(struct uv_conn *c)
{
	const struct addrinfo *a = c->next_address;
	int error;

	if (a == NULL) {
		close_all(c);
		return;
	}
	c->next_address = a->ai_next;
	error = init_tcp(c);
	c->connect.data = c;
	if (error == 0)
		error = uv_tcp_connect(&c->connect, &c->tcp, a->ai_addr, on_connected);
	if (error < 0) {
		c->dial_error = error;
		close_all(c);
	}
}

static void
on_resolved(uv_getaddrinfo_t *request, int error, struct addrinfo *addresses)
{
	struct uv_conn *c = request->data;

	c->is_resolving = false;
	c->addresses = addresses;
	c->next_address = addresses;
	if (c->state == CONN_CLOSED) {
		free_if_done(c);
		return;
	}
	if (error < 0) {
		c->dial_error = error;
		close_all(c);
		return;
	}
	try_next(c);
}

/* Addresses in figures are read here and now: a lookup would start libuv's pool of
 * threads for them. False: it is a name. */
static bool
is_numeric(struct uv_conn *c, const char *host, const char *port)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};

	if (uv_getaddrinfo(c->net->loop, &c->resolve, NULL, host, port, &hints) < 0)
		return false;
	c->addresses = c->resolve.addrinfo;
	c->next_address = c->addresses;
	return true;
}

status
uv_conn_dial(struct uv_conn *c, const char *host, const char *port, uint64_t timeout_ms,
    struct trouble *t)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	int error;

	assert(c->state == CONN_NEW);
	c->state = CONN_DIALLING;
	c->dial_error = UV_ECANCELED;
	c->dial_deadline_ms = os_mono_ms() + timeout_ms;
	c->resolve.data = c;
	arm(c, c->dial_deadline_ms);
	if (is_numeric(c, host, port)) {
		try_next(c);
		return ST_OK;
	}
	error =
	    uv_getaddrinfo(c->net->loop, &c->resolve, on_resolved, host, port, &hints);
	if (error < 0) {
		c->dial_error = error;
		close_all(c);
		return trouble_set(
		    t, ST_USAGE, "%s:%s: %s", host, port, uv_strerror(error));
	}
	c->is_resolving = true;
	return ST_OK;
}

status
uv_conn_dial_status(const struct uv_conn *c, struct trouble *t)
{
	if (c->dial_error == 0)
		return ST_OK;
	return trouble_set(t, ST_UNREACHABLE, "%s", uv_strerror(c->dial_error));
}

struct session *
uv_conn_session(struct uv_conn *c)
{
	return c->session;
}

uint64_t
uv_conn_bytes_in(const struct uv_conn *c)
{
	return c->bytes_in;
}

uint64_t
uv_conn_bytes_out(const struct uv_conn *c)
{
	return c->bytes_out;
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
