/* admin_socket.c - the operator's commands over a Unix socket. */
#include "server/admin_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/admin.h"

enum { CALLERS_MAX = 8, ANSWER_CAP = 4096 };

struct admin_socket {
	struct host *host;
	uv_pipe_t pipe;
	struct caller *callers; /* a list */
	size_t n_callers;
	bool is_closing;
	bool is_closed;
	char path[sizeof((struct sockaddr_un *)0)->sun_path];
};

/* One who asks. Freed when his pipe is closed and his command has ended. */
struct caller {
	struct admin_socket *socket;
	struct caller *next;
	uv_pipe_t pipe;
	size_t n_in;
	char in[ADMIN_LINE_BYTES];
	char *out; /* the answer so far */
	size_t n_out;
	size_t cap;
	bool is_busy;   /* a command is at work */
	bool is_closed; /* the pipe is */
};

struct answer {
	uv_write_t request;
	char *text;
};

static void take_line(struct caller *c);

static void
free_socket_if_done(struct admin_socket *s)
{
	if (s->is_closed && s->n_callers == 0)
		free(s);
}

static void
free_if_done(struct caller *c)
{
	struct admin_socket *s = c->socket;
	struct caller **at = &s->callers;

	if (c->is_busy || !c->is_closed)
		return;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	free(c->out);
	free(c);
	s->n_callers--;
	free_socket_if_done(s);
}

static void
on_caller_closed(uv_handle_t *h)
{
	struct caller *c = h->data;

	c->is_closed = true;
	free_if_done(c);
}

static void
hang_up(struct caller *c)
{
	if (!uv_is_closing((uv_handle_t *)&c->pipe))
		uv_close((uv_handle_t *)&c->pipe, on_caller_closed);
}

/* ---- answers ---- */

static void
add(struct caller *c, char mark, const char *text)
{
	size_t len = strlen(text) + 2;

	if (c->n_out + len > c->cap) {
		size_t cap = (c->cap == 0 ? ANSWER_CAP : c->cap * 2) + len;
		char *more = realloc(c->out, cap);

		if (more == NULL)
			return; /* the line is missing; the end will be there or cut */
		c->out = more;
		c->cap = cap;
	}
	c->out[c->n_out] = mark;
	memcpy(c->out + c->n_out + 1, text, len - 2);
	c->out[c->n_out + len - 1] = '\n';
	c->n_out += len;
}

static void
say(void *ctx, const char *line)
{
	add(ctx, ' ', line);
}

static void
on_written(uv_write_t *w, int error)
{
	struct answer *a = (struct answer *)w;
	struct caller *c = w->handle->data;

	free(a->text);
	free(a);
	if (error != 0)
		hang_up(c);
}

static void
send_answer(struct caller *c)
{
	struct answer *a = calloc(1, sizeof *a);
	uv_buf_t bytes = uv_buf_init(c->out, (unsigned)c->n_out);

	if (a == NULL || c->out == NULL) {
		free(a);
		hang_up(c);
		return;
	}
	a->text = c->out;
	c->out = NULL;
	c->n_out = c->cap = 0;
	if (uv_write(&a->request, (uv_stream_t *)&c->pipe, &bytes, 1, on_written) == 0)
		return;
	free(a->text);
	free(a);
	hang_up(c);
}

static void
done(void *ctx, status st, const struct trouble *t)
{
	struct caller *c = ctx;
	char end[TROUBLE_BYTES + 16];

	c->is_busy = false;
	if (uv_is_closing((uv_handle_t *)&c->pipe)) {
		free_if_done(c);
		return;
	}
	(void)snprintf(end, sizeof end, "%d %s", (int)st, t->text);
	add(c, '=', end);
	send_answer(c);
	take_line(c);
}

/* ---- questions ---- */

/* One command at a time; what was sent beyond waits in the buffer. */
static void
take_line(struct caller *c)
{
	const struct admin_caller by = {c, say, done};
	char line[ADMIN_LINE_BYTES];
	char *end = memchr(c->in, '\n', c->n_in);
	size_t len;

	if (c->is_busy || uv_is_closing((uv_handle_t *)&c->pipe))
		return;
	if (end == NULL) {
		if (c->n_in == sizeof c->in)
			hang_up(c);
		return;
	}
	len = (size_t)(end - c->in);
	memcpy(line, c->in, len);
	line[len] = '\0';
	c->n_in -= len + 1;
	memmove(c->in, end + 1, c->n_in);
	c->is_busy = true;
	admin_run(c->socket->host, line, &by);
}

static void
on_room(uv_handle_t *h, size_t wanted, uv_buf_t *out)
{
	struct caller *c = h->data;

	(void)wanted;
	*out = uv_buf_init(c->in + c->n_in, (unsigned)(sizeof c->in - c->n_in));
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
	struct caller *c = stream->data;

	(void)bytes;
	if (n < 0) {
		hang_up(c);
		return;
	}
	c->n_in += (size_t)n;
	take_line(c);
}

static void
on_caller(uv_stream_t *at, int error)
{
	struct admin_socket *s = at->data;
	struct caller *c = error == 0 ? calloc(1, sizeof *c) : NULL;

	if (c == NULL)
		return;
	if (uv_pipe_init(at->loop, &c->pipe, 0) < 0) {
		free(c);
		return;
	}
	c->socket = s;
	c->pipe.data = c;
	c->next = s->callers;
	s->callers = c;
	s->n_callers++;
	if (uv_accept(at, (uv_stream_t *)&c->pipe) < 0 || s->n_callers > CALLERS_MAX ||
	    uv_read_start((uv_stream_t *)&c->pipe, on_room, on_read) < 0)
		hang_up(c);
}

/* ---- life ---- */

static void
on_socket_closed(uv_handle_t *h)
{
	struct admin_socket *s = h->data;

	s->is_closed = true;
	free_socket_if_done(s);
}

/* Nobody else may connect, from the first moment on. */
static int
listen_there(struct admin_socket *s)
{
	mode_t before = umask(0177);
	int error;

	(void)unlink(s->path);
	error = uv_pipe_bind(&s->pipe, s->path);
	(void)umask(before);
	if (error == 0)
		error = uv_listen((uv_stream_t *)&s->pipe, CALLERS_MAX, on_caller);
	return error;
}

struct admin_socket *
admin_socket_new(struct host *h, status *st, struct trouble *t)
{
	struct admin_socket *s = calloc(1, sizeof *s);
	int error;

	if (s == NULL || uv_pipe_init(net_loop_uv(h->net), &s->pipe, 0) < 0) {
		free(s);
		*st = trouble_set(t, ST_NO_MEMORY, "no memory for the operator's socket");
		return NULL;
	}
	s->host = h;
	s->pipe.data = s;
	error = host_path(h, "admin", sizeof s->path, s->path) ? listen_there(s)
							       : UV_ENAMETOOLONG;
	if (error == 0) {
		*st = ST_OK;
		return s;
	}
	*st = trouble_set(t, error == UV_ENAMETOOLONG ? ST_CONFIG : ST_IO, "%s/admin: %s",
	    h->how.config->data, uv_strerror(error));
	s->is_closing = true;
	uv_close((uv_handle_t *)&s->pipe, on_socket_closed);
	return NULL;
}

void
admin_socket_close(struct admin_socket *s)
{
	if (s == NULL || s->is_closing)
		return;
	s->is_closing = true;
	/* Commands at work end by themselves: stores answer all before they close. */
	for (struct caller *c = s->callers; c != NULL; c = c->next)
		hang_up(c);
	uv_close((uv_handle_t *)&s->pipe, on_socket_closed);
}
