/* status.c - codes, their texts and exit codes, and the context of a failure. Pure. */
#include "base/status.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int exit_code;
	const char *text;
} table[] = {
#define X(name, exit_code, text) {#name, exit_code, text},
    STATUS_TABLE(X)
#undef X
};

_Static_assert(sizeof table / sizeof table[0] == ST_COUNT, "one row a status");

status
trouble_set(struct trouble *t, status code, const char *format, ...)
{
	va_list args;

	assert(code < ST_COUNT);
	if (t == NULL)
		return code;
	t->code = code;
	va_start(args, format);
	(void)vsnprintf(t->text, sizeof t->text, format, args);
	va_end(args);
	return code;
}

status
trouble_wrap(struct trouble *t, const char *format, ...)
{
	char before[TROUBLE_BYTES];
	size_t used;
	va_list args;

	if (t == NULL)
		return ST_BUG;
	memcpy(before, t->text, sizeof before);
	va_start(args, format);
	(void)vsnprintf(t->text, sizeof t->text, format, args);
	va_end(args);
	used = strlen(t->text);
	for (const char *more = ": "; *more != '\0' && used + 1 < sizeof t->text; more++)
		t->text[used++] = *more;
	for (const char *more = before; *more != '\0' && used + 1 < sizeof t->text;
	     more++)
		t->text[used++] = *more;
	t->text[used] = '\0';
	return t->code;
}

int
status_exit(status code)
{
	assert(code < ST_COUNT);
	return table[code].exit_code;
}

const char *
status_text(status code)
{
	assert(code < ST_COUNT);
	return table[code].text;
}

const char *
status_name(status code)
{
	assert(code < ST_COUNT);
	return table[code].name;
}
