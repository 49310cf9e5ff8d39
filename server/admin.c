/* admin.c - finds an operator's command, and walks the spaces for it. */
#include "server/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	void (*run)(struct admin_job *j);
	size_t least, most;
	const char *takes;
} commands[] = {
#define X(name, run, least, most, takes) {(name), (run), (least), (most), (takes)},
    ADMIN_COMMANDS(X)
#undef X
};

void
admin_say(struct admin_job *j, const char *format, ...)
{
	char line[ADMIN_LINE_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	j->by.say(j->by.ctx, line);
}

void
admin_end(struct admin_job *j, status st)
{
	struct admin_caller by = j->by;
	struct trouble t = j->trouble;

	arena_free(j->arena); /* j lies in it */
	if (st == ST_OK)
		t = (struct trouble){0};
	by.done(by.ctx, st, &t);
}

bool
admin_answered(struct admin_job *j, enum store_result r, const struct trouble *t)
{
	if (r == STORE_OK)
		return true;
	j->trouble = *t;
	if (t->text[0] == '\0')
		(void)trouble_set(&j->trouble, ST_IO, "%s", store_result_text(r));
	admin_end(j, j->trouble.code != ST_OK ? j->trouble.code : ST_IO);
	return false;
}

void
admin_next(struct admin_job *j)
{
	struct host *h = j->host;

	if (h->is_stopping) { /* the stores close, or are closed */
		admin_end(
		    j, trouble_set(&j->trouble, ST_CLOSED, "the server is stopping"));
		return;
	}
	while (j->next < h->n_spaces) {
		struct space *s = h->spaces[j->next++];

		if (j->only != NULL && strcmp(j->only, host_space_text(s).text) != 0)
			continue;
		j->space = s;
		j->at_space(j, s);
		return;
	}
	if (j->only != NULL && j->space == NULL)
		admin_end(j, trouble_set(&j->trouble, ST_NOT_FOUND,
				 "there is no space %s", j->only));
	else
		admin_end(j, ST_OK);
}

static struct admin_job *
job_new(struct host *h, const char *line, const struct admin_caller *by, char **text)
{
	struct arena *a = arena_new(0);
	struct admin_job *j = a == NULL ? NULL : arena_zeros(a, 1, sizeof *j);

	*text = j == NULL ? NULL : arena_zeros(a, strlen(line) + 1, 1);
	if (*text == NULL) {
		arena_free(a);
		return NULL;
	}
	memcpy(*text, line, strlen(line));
	j->host = h;
	j->by = *by;
	j->arena = a;
	return j;
}

static void
refuse(struct admin_job *j, const char *name, const char *takes)
{
	if (takes == NULL)
		(void)trouble_set(&j->trouble, ST_USAGE, "%s is no command", name);
	else
		(void)trouble_set(&j->trouble, ST_USAGE, "%s takes %s", name,
		    takes[0] != '\0' ? takes : "nothing");
	admin_end(j, ST_USAGE);
}

/* Splits line after its name; false: too many. */
static bool
read_arguments(struct admin_job *j, char **rest)
{
	const char *word;

	while ((word = strtok_r(NULL, " ", rest)) != NULL) {
		if (j->n_args == ADMIN_ARGUMENTS_MAX)
			return false;
		j->args[j->n_args++] = word;
	}
	return true;
}

void
admin_run(struct host *h, const char *line, const struct admin_caller *by)
{
	struct trouble none = {.code = ST_NO_MEMORY, .text = "no memory for the command"};
	char *text, *rest = NULL;
	struct admin_job *j = job_new(h, line, by, &text);
	const char *name = j == NULL ? NULL : strtok_r(text, " ", &rest);

	if (j == NULL) {
		by->done(by->ctx, ST_NO_MEMORY, &none);
		return;
	}
	if (name == NULL || !h->is_ready || h->is_stopping) {
		admin_end(j, trouble_set(&j->trouble, name == NULL ? ST_USAGE : ST_BUSY,
				 name == NULL ? "an empty line" : "it is not ready"));
		return;
	}
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(name, commands[i].name) != 0)
			continue;
		if (!read_arguments(j, &rest) || j->n_args < commands[i].least ||
		    j->n_args > commands[i].most) {
			refuse(j, name, commands[i].takes);
			return;
		}
		j->only = j->n_args > 0 ? j->args[0] : NULL;
		commands[i].run(j);
		return;
	}
	refuse(j, name, NULL);
}
