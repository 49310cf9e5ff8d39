/* complaint.c - the one place where a failure gets its words for a person. */
#include "client/terminal/complaint.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "client/terminal/screen.h"

static const struct complaint_kind table[] = {{"", 0, "", ""},
#define X(id, code, exit_code, what, advice) {code, exit_code, what, advice},
    COMPLAINTS(X)
#undef X
};

_Static_assert(sizeof table / sizeof table[0] == PN_COUNT, "one row a complaint");

bool
complaint_kind(const char *code, struct complaint_kind *out)
{
	for (size_t i = 1; i < PN_COUNT; i++) {
		if (strcasecmp(code, table[i].code) == 0) {
			*out = table[i];
			return true;
		}
	}
	return false;
}

/* Which complaint an unexplained status becomes. */
static enum complaint_id
id_of(status code)
{
	static const struct {
		status code;
		enum complaint_id id;
	} map[] = {
	    {ST_GATE, PN_C01},
	    {ST_CHANGED, PN_C02},
	    {ST_NOT_JOINED, PN_K04},
	    {ST_USAGE, PN_U01},
	    {ST_MALFORMED, PN_V03},
	    {ST_LIMIT, PN_V03},
	    {ST_EXISTS, PN_V03},
	    {ST_HASH, PN_D02},
	    {ST_CORRUPT, PN_D02},
	    {ST_NOT_FOUND, PN_F01},
	    {ST_UNREACHABLE, PN_N01},
	    {ST_NO_OUTPUT, PN_O01},
	    {ST_IO, PN_D04},
	    {ST_FULL, PN_D01},
	    {ST_CUT, PN_N03},
	    {ST_BUSY, PN_D03},
	    {ST_VERSION, PN_N05},
	    {ST_NOT_ALLOWED, PN_P01},
	    {ST_NOT_OURS, PN_N02},
	    {ST_REVOKED, PN_K02},
	    {ST_FORK, PN_S02},
	    {ST_ROLLBACK, PN_S03},
	};

	for (size_t i = 0; i < sizeof map / sizeof map[0]; i++) {
		if (map[i].code == code)
			return map[i].id;
	}
	return PN_X01;
}

static status
status_of(int exit_code)
{
	for (int s = ST_OK + 1; s < ST_COUNT; s++) {
		if (status_exit((status)s) == exit_code)
			return (status)s;
	}
	return ST_BUG;
}

status
complain(struct complaint *c, enum complaint_id id, const char *why, ...)
{
	va_list args;

	memset(c, 0, sizeof *c);
	c->id = id;
	va_start(args, why);
	(void)vsnprintf(c->why, sizeof c->why, why, args);
	va_end(args);
	return status_of(table[id].exit_code);
}

void
complain_why(struct complaint *c, const char *why, ...)
{
	va_list args;

	va_start(args, why);
	(void)vsnprintf(c->why, sizeof c->why, why, args);
	va_end(args);
}

void
complain_what(struct complaint *c, const char *what, ...)
{
	va_list args;

	va_start(args, what);
	(void)vsnprintf(c->what, sizeof c->what, what, args);
	va_end(args);
}

void
complain_data(struct complaint *c, const char *data, ...)
{
	va_list args;

	va_start(args, data);
	(void)vsnprintf(c->data, sizeof c->data, data, args);
	va_end(args);
}

void
complain_next(struct complaint *c, const char *next, ...)
{
	va_list args;

	for (size_t i = 0; i < COMPLAINT_NEXT_MAX; i++) {
		if (c->next[i][0] != '\0')
			continue;
		va_start(args, next);
		(void)vsnprintf(c->next[i], sizeof c->next[i], next, args);
		va_end(args);
		return;
	}
}

status
complain_trouble(struct complaint *c, const struct trouble *t)
{
	if (c->id != PN_NONE)
		return t->code;
	(void)complain(
	    c, id_of(t->code), "%s", t->text[0] != '\0' ? t->text : status_text(t->code));
	if (t->code == ST_NO_MEMORY) {
		complain_what(c, "there is not enough free memory");
		complain_data(
		    c, "the last change is NOT saved; what was saved before is");
		complain_next(c, "pnet status    once other programs are closed");
	}
	return t->code;
}

int
complaint_exit(const struct complaint *c)
{
	return table[c->id].exit_code;
}

const char *
complaint_code(const struct complaint *c)
{
	return table[c->id].code;
}

static const char *
what_of(const struct complaint *c)
{
	return c->what[0] != '\0' ? c->what : table[c->id].what;
}

static const char *
data_of(const struct complaint *c)
{
	if (c->data[0] != '\0')
		return c->data;
	return c->id == PN_D01 || c->id == PN_D04
		   ? "this last change is NOT saved; what was saved before is"
		   : "nothing was changed";
}

void
complaint_print(const struct complaint *c, FILE *to)
{
	fputs("pnet: ", to);
	screen_text(to, what_of(c));
	fprintf(to, " (%s)\n  why   ", table[c->id].code);
	screen_text(to, c->why);
	fputs("\n  data  ", to);
	screen_text(to, data_of(c));
	fputc('\n', to);
	for (size_t i = 0; i < COMPLAINT_NEXT_MAX && c->next[i][0] != '\0'; i++) {
		fputs(i == 0 ? "  next  " : "        ", to);
		screen_text(to, c->next[i]);
		fputc('\n', to);
	}
}

void
complaint_print_json(const struct complaint *c, FILE *to)
{
	json_t *next = json_array();
	json_t *o;

	for (size_t i = 0; i < COMPLAINT_NEXT_MAX && c->next[i][0] != '\0'; i++)
		(void)json_array_append_new(next, json_string(c->next[i]));
	o = json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:o}", "schema", "pnet.error/1",
	    "code", table[c->id].code, "exit", table[c->id].exit_code, "what", what_of(c),
	    "why", c->why, "data", data_of(c), "next", next);
	if (o != NULL)
		(void)json_dumpf(o, to, JSON_COMPACT);
	fputc('\n', to);
	json_decref(o);
}
