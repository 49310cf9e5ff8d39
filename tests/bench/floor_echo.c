/* floor_echo.c - 64 bytes there and back over libuv on loopback: a server thread with a
 * loop of its own, 64 clients in another loop, one message in flight each. */
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { CONNECTIONS = 64, MESSAGE_BYTES = 64 };

/* One end of a connection; a message never exceeds its buffer. */
struct end {
	uv_tcp_t tcp;
	uv_connect_t connect;
	char bytes[MESSAGE_BYTES];
	size_t got;
	struct trips *trips; /* NULL at the server */
};

struct server {
	uv_loop_t loop;
	uv_tcp_t listener;
	uv_async_t stop;
	struct end ends[CONNECTIONS];
	unsigned n;
};

struct trips {
	uint64_t n;
	bool is_over;
	bool has_failed;
};

static void
close_handle(uv_handle_t *h, void *arg)
{
	(void)arg;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

static void
on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
	struct end *e = h->data;

	(void)suggested;
	*buf = uv_buf_init(e->bytes + e->got, (unsigned)(MESSAGE_BYTES - e->got));
}

/* One message is in flight, so the socket takes it at once and no request is kept. */
static void
send_message(struct end *e)
{
	uv_buf_t buf = uv_buf_init(e->bytes, MESSAGE_BYTES);

	e->got = 0;
	if (uv_try_write((uv_stream_t *)&e->tcp, &buf, 1) == MESSAGE_BYTES)
		return;
	if (e->trips != NULL)
		e->trips->has_failed = true;
	close_handle((uv_handle_t *)&e->tcp, NULL);
}

static void
on_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct end *e = stream->data;

	(void)buf;
	if (n < 0) {
		if (e->trips != NULL)
			e->trips->has_failed = true;
		close_handle((uv_handle_t *)stream, NULL);
		return;
	}
	e->got += (size_t)n;
	if (e->got < MESSAGE_BYTES)
		return;
	if (e->trips != NULL)
		e->trips->n++;
	if (e->trips == NULL || !e->trips->is_over)
		send_message(e);
}

static void
on_accept(uv_stream_t *listener, int bad)
{
	struct server *s = listener->data;
	struct end *e;

	if (bad != 0 || s->n == CONNECTIONS)
		return;
	e = &s->ends[s->n++];
	(void)uv_tcp_init(&s->loop, &e->tcp);
	e->tcp.data = e;
	if (uv_accept(listener, (uv_stream_t *)&e->tcp) == 0) {
		(void)uv_tcp_nodelay(&e->tcp, 1);
		(void)uv_read_start((uv_stream_t *)&e->tcp, on_alloc, on_bytes);
	}
}

static void
on_stop(uv_async_t *stop)
{
	struct server *s = stop->data;

	uv_walk(&s->loop, close_handle, NULL);
}

static void
serve(void *arg)
{
	struct server *s = arg;

	(void)uv_run(&s->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&s->loop);
}

static bool
start_server(struct server *s, struct sockaddr_in *address)
{
	int len = sizeof *address;

	if (uv_loop_init(&s->loop) != 0)
		return false;
	(void)uv_tcp_init(&s->loop, &s->listener);
	(void)uv_async_init(&s->loop, &s->stop, on_stop);
	s->listener.data = s;
	s->stop.data = s;
	(void)uv_ip4_addr("127.0.0.1", 0, address);
	return uv_tcp_bind(&s->listener, (const struct sockaddr *)address, 0) == 0 &&
	       uv_listen((uv_stream_t *)&s->listener, CONNECTIONS, on_accept) == 0 &&
	       uv_tcp_getsockname(&s->listener, (struct sockaddr *)address, &len) == 0;
}

static void
on_connected(uv_connect_t *request, int bad)
{
	struct end *e = request->data;

	if (bad != 0) {
		e->trips->has_failed = true;
		return;
	}
	(void)uv_tcp_nodelay(&e->tcp, 1);
	(void)uv_read_start((uv_stream_t *)&e->tcp, on_alloc, on_bytes);
	send_message(e);
}

static void
on_time(uv_timer_t *timer)
{
	struct trips *t = timer->data;

	t->is_over = true;
	uv_walk(timer->loop, close_handle, NULL);
}

static void
run_clients(const struct floor_options *o, const struct sockaddr_in *address,
    struct trips *trips, struct floor_round *out)
{
	struct end *ends = calloc(CONNECTIONS, sizeof *ends);
	uv_timer_t timer;
	uv_loop_t loop;
	double start;

	if (ends == NULL || uv_loop_init(&loop) != 0) {
		trips->has_failed = true;
		free(ends);
		return;
	}
	for (unsigned i = 0; i < CONNECTIONS; i++) {
		struct end *e = &ends[i];

		e->trips = trips;
		e->connect.data = e;
		(void)uv_tcp_init(&loop, &e->tcp);
		e->tcp.data = e;
		(void)uv_tcp_connect(
		    &e->connect, &e->tcp, (const struct sockaddr *)address, on_connected);
	}
	(void)uv_timer_init(&loop, &timer);
	timer.data = trips;
	(void)uv_timer_start(&timer, on_time, (uint64_t)(o->round_seconds * 1000), 0);
	start = floor_now();
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	out->seconds = floor_now() - start;
	out->n = trips->n;
	(void)uv_loop_close(&loop);
	free(ends);
}

bool
floor_echo(const struct floor_options *o, struct floor_round *out)
{
	struct server *s = calloc(1, sizeof *s);
	struct trips trips = {0};
	struct sockaddr_in address;
	uv_thread_t thread;

	if (s == NULL || !start_server(s, &address) ||
	    uv_thread_create(&thread, serve, s) != 0) {
		(void)fprintf(stderr, "floor: no server on loopback\n");
		return false;
	}
	run_clients(o, &address, &trips, out);
	(void)uv_async_send(&s->stop);
	(void)uv_thread_join(&thread);
	free(s);
	if (trips.has_failed)
		(void)fprintf(stderr, "floor: a connection on loopback failed\n");
	return !trips.has_failed;
}
