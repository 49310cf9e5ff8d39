/* admin_link.c - the operator's side of admin.h. */
#include "server/admin_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/admin.h"
#include "server/service.h"

struct admin_link {
	FILE *in; /* of a running server; NULL: a service of our own */
	FILE *out;
	struct service service;
	/* of the command at work: */
	bool is_done;
	status st;
	struct trouble trouble;
};

/* ---- a running server ---- */

/* False: nobody listens there. */
static bool
dial(struct admin_link *l, const char *data)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd;

	if ((size_t)snprintf(at.sun_path, sizeof at.sun_path, "%s/admin", data) >=
	    sizeof at.sun_path)
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	if (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0)
		l->in = fdopen(fd, "r");
	if (l->in == NULL) {
		(void)close(fd);
		return false;
	}
	fd = dup(fd);
	l->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (l->out != NULL)
		return true;
	if (fd >= 0)
		(void)close(fd);
	(void)fclose(l->in);
	l->in = NULL;
	return false;
}

static status
read_end(const char *line, struct trouble *t)
{
	char *text;
	unsigned long code = strtoul(line + 1, &text, 10);

	if (code == ST_OK)
		return ST_OK;
	return trouble_set(t, code < ST_COUNT ? (status)code : ST_BUG, "%s",
	    *text == ' ' ? text + 1 : text);
}

static status
ask_served(struct admin_link *l, const char *line,
    void (*say)(void *ctx, const char *line), void *ctx, struct trouble *t)
{
	char answer[ADMIN_LINE_BYTES + TROUBLE_BYTES];

	if (fprintf(l->out, "%s\n", line) < 0 || fflush(l->out) != 0)
		return trouble_set(t, ST_CUT, "the server does not answer");
	while (fgets(answer, sizeof answer, l->in) != NULL) {
		answer[strcspn(answer, "\n")] = '\0';
		if (answer[0] == '=')
			return read_end(answer, t);
		say(ctx, answer + 1);
	}
	return trouble_set(t, ST_CUT, "the server ended before its answer");
}

/* ---- our own ---- */

static status
open_own(struct admin_link *l, const char *data, struct trouble *t)
{
	struct service *s = &l->service;
	status st;

	config_init(&s->config);
	(void)snprintf(s->config.data, sizeof s->config.data, "%s", data);
	st = service_configure(s, NULL);
	if (st == ST_OK)
		st = service_open(s);
	while (st == ST_OK && !s->is_ready)
		(void)uv_run(&s->loop, UV_RUN_ONCE);
	if (st == ST_OK)
		st = s->st;
	if (st != ST_OK)
		*t = s->trouble;
	return st;
}

/* Who asks, as admin.h wants him. */
struct own_caller {
	struct admin_link *link;
	void (*say)(void *ctx, const char *line);
	void *ctx;
};

static void
own_say(void *ctx, const char *line)
{
	struct own_caller *c = ctx;

	c->say(c->ctx, line);
}

static void
own_done(void *ctx, status st, const struct trouble *t)
{
	struct own_caller *c = ctx;

	c->link->is_done = true;
	c->link->st = st;
	c->link->trouble = *t;
}

/* ---- the link ---- */

status
admin_link_open(struct admin_link **out, const char *data, struct trouble *t)
{
	struct admin_link *l = calloc(1, sizeof *l);
	status st = ST_OK;

	*out = NULL;
	if (l == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for the command");
	if (!dial(l, data))
		st = open_own(l, data, t);
	if (st == ST_OK)
		*out = l;
	else
		admin_link_close(l);
	return st;
}

bool
admin_link_is_served(const struct admin_link *l)
{
	return l->in != NULL;
}

status
admin_link_ask(struct admin_link *l, const char *line,
    void (*say)(void *ctx, const char *line), void *ctx, struct trouble *t)
{
	struct own_caller own = {l, say, ctx};
	const struct admin_caller by = {&own, own_say, own_done};

	if (l->in != NULL)
		return ask_served(l, line, say, ctx, t);
	l->is_done = false;
	admin_run(l->service.host, line, &by);
	while (!l->is_done)
		(void)uv_run(&l->service.loop, UV_RUN_ONCE);
	if (l->st != ST_OK && t != NULL)
		*t = l->trouble;
	return l->st;
}

void
admin_link_close(struct admin_link *l)
{
	if (l == NULL)
		return;
	if (l->in != NULL) {
		(void)fclose(l->in);
		(void)fclose(l->out);
	} else {
		service_stop(&l->service);
		(void)service_close(&l->service);
	}
	free(l);
}
