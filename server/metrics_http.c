/* metrics_http.c - a responder for one collector. */
#include "server/metrics_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/metrics.h"

enum { READERS_MAX = 8, HEADER_BYTES = 2048, HEADER_MS = 5000 };

struct metrics_http {
	struct host *host;
	uv_tcp_t tcp;
	uint16_t port;
	struct reader *readers; /* a list */
	size_t n_readers;
	bool is_closing;
	bool is_closed;
};

struct reader {
	struct metrics_http *server;
	struct reader *next;
	uv_tcp_t tcp;
	uv_timer_t timer;
	unsigned n_handles;
	bool is_gathering;
	size_t len;
	char header[HEADER_BYTES];
	char *answer;
	uv_write_t write;
};

/* ---- ends ---- */

static void
free_server_if_done(struct metrics_http *s)
{
	if (s->is_closed && s->n_readers == 0)
		free(s);
}

static void
free_reader_if_done(struct reader *r)
{
	struct metrics_http *s = r->server;
	struct reader **at = &s->readers;

	if (r->n_handles > 0 || r->is_gathering)
		return;
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	s->n_readers--;
	free(r->answer);
	free(r);
	free_server_if_done(s);
}

static void
on_handle_closed(uv_handle_t *h)
{
	struct reader *r = h->data;

	r->n_handles--;
	free_reader_if_done(r);
}

static void
hang_up(struct reader *r)
{
	if (uv_is_closing((uv_handle_t *)&r->tcp))
		return;
	uv_close((uv_handle_t *)&r->tcp, on_handle_closed);
	uv_close((uv_handle_t *)&r->timer, on_handle_closed);
}

static void
on_late(uv_timer_t *timer)
{
	hang_up(timer->data);
}

/* ---- answers ---- */

static void
on_written(uv_write_t *w, int error)
{
	(void)error;
	hang_up(w->handle->data);
}

static void
send_answer(struct reader *r, const char *state, const char *body, size_t len)
{
	size_t cap = len + 256;
	uv_buf_t bytes;
	int n;

	if (uv_is_closing((uv_handle_t *)&r->tcp))
		return;
	r->answer = malloc(cap);
	if (r->answer == NULL) {
		hang_up(r);
		return;
	}
	n = snprintf(r->answer, cap,
	    "HTTP/1.0 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
	    "Content-Length: %zu\r\nConnection: close\r\n\r\n",
	    state, len);
	memcpy(r->answer + n, body, len);
	bytes = uv_buf_init(r->answer, (unsigned)((size_t)n + len));
	if (uv_write(&r->write, (uv_stream_t *)&r->tcp, &bytes, 1, on_written) < 0)
		hang_up(r);
}

static void
on_gathered(void *ctx, struct metrics_text text)
{
	static const char none[] = "no figures now\n";
	struct reader *r = ctx;

	r->is_gathering = false;
	if (text.bytes != NULL)
		send_answer(r, "200 OK", text.bytes, text.len);
	else
		send_answer(r, "503 Service Unavailable", none, sizeof none - 1);
	free(text.bytes);
	free_reader_if_done(r);
}

static void
answer_health(struct reader *r)
{
	const char *why;
	char body[80];
	bool is_healthy = metrics_is_healthy(r->server->host, &why);

	(void)snprintf(body, sizeof body, "%s\n", why);
	send_answer(
	    r, is_healthy ? "200 OK" : "503 Service Unavailable", body, strlen(body));
}

static bool
asks_for(const struct reader *r, const char *path)
{
	size_t len = strlen(path);

	return strncmp(r->header, "GET ", 4) == 0 &&
	       strncmp(r->header + 4, path, len) == 0 &&
	       (r->header[4 + len] == ' ' || r->header[4 + len] == '?');
}

static void
answer(struct reader *r)
{
	static const char no_page[] = "GET /metrics or /healthz\n";

	(void)uv_read_stop((uv_stream_t *)&r->tcp);
	if (asks_for(r, "/metrics")) {
		r->is_gathering = true;
		metrics_gather(r->server->host, on_gathered, r);
	} else if (asks_for(r, "/healthz")) {
		answer_health(r);
	} else {
		send_answer(r, "404 Not Found", no_page, sizeof no_page - 1);
	}
}

/* ---- requests ---- */

static void
on_room(uv_handle_t *h, size_t wanted, uv_buf_t *out)
{
	struct reader *r = h->data;

	(void)wanted;
	*out = uv_buf_init(r->header + r->len, (unsigned)(sizeof r->header - 1 - r->len));
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
	struct reader *r = stream->data;

	(void)bytes;
	if (n < 0) { /* also when the header is full: there is no room to read into */
		hang_up(r);
		return;
	}
	r->len += (size_t)n;
	r->header[r->len] = '\0';
	if (strstr(r->header, "\r\n\r\n") != NULL || strstr(r->header, "\n\n") != NULL)
		answer(r);
}

static void
on_reader(uv_stream_t *at, int error)
{
	struct metrics_http *s = at->data;
	struct reader *r = error == 0 ? calloc(1, sizeof *r) : NULL;

	if (r == NULL)
		return;
	r->server = s;
	r->tcp.data = r->timer.data = r;
	if (uv_tcp_init(at->loop, &r->tcp) < 0) {
		free(r);
		return;
	}
	(void)uv_timer_init(at->loop, &r->timer);
	r->n_handles = 2;
	r->next = s->readers;
	s->readers = r;
	s->n_readers++;
	(void)uv_timer_start(&r->timer, on_late, HEADER_MS, 0);
	if (uv_accept(at, (uv_stream_t *)&r->tcp) < 0 || s->n_readers > READERS_MAX ||
	    uv_read_start((uv_stream_t *)&r->tcp, on_room, on_read) < 0)
		hang_up(r);
}

/* ---- life ---- */

static bool
read_loopback(const char *address, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;

	if (uv_ip4_addr(address, port, four) == 0)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	return uv_ip6_addr(address, port, six) == 0 &&
	       IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static int
listen_there(struct metrics_http *s, const struct sockaddr_storage *at)
{
	struct sockaddr_storage bound = {0};
	int len = sizeof bound;
	int error = uv_tcp_bind(&s->tcp, (const struct sockaddr *)at, 0);

	if (error == 0)
		error = uv_listen((uv_stream_t *)&s->tcp, READERS_MAX, on_reader);
	if (error == 0)
		error = uv_tcp_getsockname(&s->tcp, (struct sockaddr *)&bound, &len);
	/* The port stands at one place in both families. */
	s->port = ntohs(((struct sockaddr_in *)&bound)->sin_port);
	return error;
}

static void
on_server_closed(uv_handle_t *h)
{
	struct metrics_http *s = h->data;

	s->is_closed = true;
	free_server_if_done(s);
}

struct metrics_http *
metrics_http_new(
    struct host *h, const char *address, uint16_t port, status *st, struct trouble *t)
{
	struct sockaddr_storage at = {0};
	struct metrics_http *s;
	int error;

	if (!read_loopback(address, port, &at)) {
		*st = trouble_set(t, ST_CONFIG,
		    "metrics = %s: only 127.0.0.1 or ::1 of this machine", address);
		return NULL;
	}
	s = calloc(1, sizeof *s);
	if (s == NULL || uv_tcp_init(net_loop_uv(h->net), &s->tcp) < 0) {
		free(s);
		*st = trouble_set(t, ST_NO_MEMORY, "no memory for metrics");
		return NULL;
	}
	s->host = h;
	s->tcp.data = s;
	error = listen_there(s, &at);
	if (error == 0) {
		*st = ST_OK;
		return s;
	}
	*st = trouble_set(t, ST_IO, "metrics at %s:%u: %s", address, (unsigned)port,
	    uv_strerror(error));
	metrics_http_close(s);
	return NULL;
}

uint16_t
metrics_http_port(const struct metrics_http *s)
{
	return s->port;
}

void
metrics_http_close(struct metrics_http *s)
{
	if (s == NULL || s->is_closing)
		return;
	s->is_closing = true;
	for (struct reader *r = s->readers; r != NULL; r = r->next)
		hang_up(r);
	uv_close((uv_handle_t *)&s->tcp, on_server_closed);
}
