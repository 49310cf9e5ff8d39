/* cmd_common.c - what every command does at its beginning and end. */
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "client/commands/commands.h"
#include "client/commands/outfile.h"
#include "client/laptop/disk.h"
#include "core/csv.h"

struct laptop_place
command_place(const struct call *c)
{
	const struct call_globals *g = &c->global;

	return (struct laptop_place){.dir = g->data_dir,
	    .today = g->today,
	    .phrase = {.file = g->passphrase_file,
		.fd = g->passphrase_fd,
		.asks_nothing = g->asks_nothing}};
}

/* An option that wants a number within bounds; 0 if it was not given. */
static status
bounded(
    const struct call *c, const char *name, unsigned least, unsigned most, uint32_t *out)
{
	const char *text = call_option(c, name);
	char *end = NULL;
	unsigned long n = text == NULL ? 0 : strtoul(text, &end, 10);

	*out = (uint32_t)n;
	if (text == NULL ||
	    (text[0] >= '0' && text[0] <= '9' && *end == '\0' && n >= least && n <= most))
		return ST_OK;
	return complain(c->complaint, PN_U01,
	    "--%s wants a number from %u to %u, not '%s'", name, least, most, text);
}

status
command_cost(const struct call *c, struct vault_cost *out)
{
	status st = bounded(c, "kdf-memory", VAULT_KIB_MIN / 1024, VAULT_KIB_MAX / 1024,
	    &out->memory_kib);

	out->memory_kib *= 1024;
	return st != ST_OK ? st
			   : bounded(c, "kdf-passes", VAULT_PASSES_MIN, VAULT_PASSES_MAX,
				 &out->passes);
}

json_t *
command_clones_json(const struct clone_notice *clones, size_t n)
{
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++) {
		char at[SCREEN_TIME_BYTES];

		screen_utc_time(clones[i].at_s, at);
		(void)json_array_append_new(
		    out, json_pack("{s:s, s:s}", "member", clones[i].member, "at", at));
	}
	return out;
}

const char *
command_lost(struct laptop *l, const struct lost_batches *x)
{
	return arena_text(l->arena, "at least %llu batch%s of %s in %s (laptop %s)",
	    (unsigned long long)x->n, x->n == 1 ? "" : "es", x->member, x->place,
	    x->device);
}

json_t *
command_lost_json(const struct lost_batches *lost, size_t n)
{
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++)
		(void)json_array_append_new(
		    out, json_pack("{s:s, s:s, s:s, s:I}", "member", lost[i].member,
			     "laptop", lost[i].device, "in", lost[i].place, "batches",
			     (json_int_t)lost[i].n));
	return out;
}

const char *
command_when(int64_t ms, char out[static COMMAND_WHEN_BYTES])
{
	time_t at = (time_t)(ms / 1000);
	struct tm tm;

	if (ms == 0 || localtime_r(&at, &tm) == NULL)
		return "never";
	(void)strftime(out, COMMAND_WHEN_BYTES, "%a %d %b %H:%M", &tm);
	return out;
}

status
command_open(struct call *c, struct laptop **out)
{
	struct laptop_place place = command_place(c);
	status st = laptop_open_joined(&place, c->complaint, out);

	if (st == ST_OK)
		(*out)->command = c->command->name;
	return st;
}

status
command_close(struct laptop *l, status st)
{
	if (l != NULL && st != ST_OK)
		(void)laptop_fail(l);
	laptop_close(l);
	return st;
}

status
command_fetch(struct laptop *l, const char *schema, const char *columns, struct query *q,
    struct listing **out)
{
	int n = 1;
	status st;

	*out = listing_new(schema, columns);
	for (const char *at = columns; *at != '\0'; at++)
		n += *at == ',';
	while (query_row(q)) {
		listing_row(*out);
		for (int i = 0; i < n; i++)
			listing_cell(*out, query_column_text(q, i));
	}
	st = query_done(q, &l->trouble);
	if (st != ST_OK) {
		listing_free(*out);
		*out = NULL;
	}
	return st;
}

status
command_rows(struct call *c, struct laptop *l, const char *schema, const char *columns,
    struct query *q)
{
	struct listing *out;
	status st = command_fetch(l, schema, columns, q, &out);

	if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return st;
}

static const char *
text_of(struct laptop *l, struct span s)
{
	return arena_text(l->arena, "%.*s", (int)s.len, (const char *)s.bytes);
}

static const char *
first_line(struct laptop *l, struct span s)
{
	const uint8_t *end = memchr(s.bytes, '\n', s.len);

	return text_of(l, end == NULL ? s : span_of(s.bytes, (size_t)(end - s.bytes)));
}

static void
add_cells(struct laptop *l, struct listing *out, const struct csv_row *row)
{
	listing_row(out);
	for (size_t i = 0; i < row->n_cells; i++)
		listing_cell(out, text_of(l, row->cells[i]));
}

status
command_table(struct laptop *l, const char *schema, const char *columns, struct span text,
    const char *only, struct listing **out)
{
	struct csv_row header, row;
	bool has_row = true;
	struct csv csv;
	status st = csv_open(&csv, text, l->arena, &header, &l->trouble);

	*out = NULL;
	if (st != ST_OK)
		return st;
	if (columns == NULL)
		columns = first_line(l, text);
	*out = listing_new(schema, columns);
	while (st == ST_OK && has_row) {
		st = csv_next(&csv, l->arena, &row, &has_row, &l->trouble);
		if (st == ST_OK && has_row &&
		    (only == NULL || span_equal(row.cells[0], span_text(only))))
			add_cells(l, *out, &row);
	}
	if (st == ST_OK)
		return ST_OK;
	listing_free(*out);
	*out = NULL;
	return st;
}

static void
print_saved_json(const char *what, const struct waiting *waiting, const char *formula)
{
	json_t *o = json_pack("{s:s, s:s, s:I, s:I, s:s*}", "schema", "pnet.saved/1",
	    "what", what, "unsent", (json_int_t)waiting->changes, "unsent_marks",
	    (json_int_t)waiting->marks, "formula", formula);

	if (o != NULL)
		(void)json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
}

static status
print_saved(struct call *c, struct laptop *l, const char *hint, const char *what)
{
	struct waiting waiting;
	status st = records_waiting(l, &waiting);

	if (st != ST_OK || c->global.is_quiet)
		return st;
	if (l->formula != NULL)
		fprintf(stderr, "[!!] %s begins like a formula (V5): here it is text\n",
		    l->formula);
	if (c->global.style == STYLE_JSON && !c->global.is_dry_run) {
		print_saved_json(what, &waiting, l->formula);
		return ST_OK;
	}
	printf(c->global.is_dry_run ? "[..] " : "[ok] ");
	screen_text(stdout, what);
	if (c->global.is_dry_run)
		printf("    not saved: this was a trial (-n)\n");
	else
		printf("    saved on this laptop, %llu change%s wait%s%s%s\n",
		    (unsigned long long)waiting.changes, waiting.changes == 1 ? "" : "s",
		    waiting.changes == 1 ? "s" : "", *hint == '\0' ? "" : "    ", hint);
	return ST_OK;
}

status
command_saved(struct call *c, struct laptop *l, const char *what, ...)
{
	char text[512];
	va_list args;

	va_start(args, what);
	(void)vsnprintf(text, sizeof text, what, args);
	va_end(args);
	return print_saved(c, l, l->has_step ? "undo: pnet undo" : "", text);
}

status
command_saved_with(
    struct call *c, struct laptop *l, const char *hint, const char *what, ...)
{
	char text[512];
	va_list args;

	va_start(args, what);
	(void)vsnprintf(text, sizeof text, what, args);
	va_end(args);
	return print_saved(c, l, hint, text);
}

status
command_commit(struct call *c, struct edit *e, status st)
{
	if (e != NULL && st == ST_OK && !c->global.is_dry_run)
		return edit_commit(e, NULL);
	edit_abandon(e);
	return st;
}

status
command_pair(struct laptop *l, const char *option, const char *pair, bool may_be_empty,
    const char **left, const char **right)
{
	size_t len = strcspn(pair, "=");

	if (len > 0 && pair[len] == '=' && (may_be_empty || pair[len + 1] != '\0')) {
		*left = arena_text(l->arena, "%.*s", (int)len, pair);
		*right = pair + len + 1;
		return ST_OK;
	}
	(void)complain(l->complaint, PN_U01,
	    "--%s wants two things with = between them,"
	    " not '%.80s'",
	    option, pair);
	complain_next(l->complaint, "pnet help");
	return trouble_set(&l->trouble, ST_USAGE, "%s", l->complaint->why);
}

status
command_write(struct call *c, const char *path, struct span text)
{
	int fd = file_private(path);
	status st = fd < 0 ? ST_NO_OUTPUT : ST_OK;

	if (st == ST_OK && !file_put(fd, text))
		st = ST_NO_OUTPUT;
	if (fd >= 0 && close(fd) != 0)
		st = ST_NO_OUTPUT;
	if (st == ST_OK)
		return ST_OK;
	st = complain(c->complaint, PN_O01, "%s cannot be written", path);
	complain_next(c->complaint, "pnet %s %s -o FILE", c->command->name, c->args[0]);
	return st;
}

/* ---- members and laptops ---- */

static const struct {
	const char *word;
	enum member_role role;
} roles[] = {{"office", ROLE_OFFICE}, {"coordinator", ROLE_COORDINATOR},
    {"trainer", ROLE_TRAINER}, {"guest", ROLE_GUEST}};

const char *
role_word(enum member_role role)
{
	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
		if (roles[i].role == role)
			return roles[i].word;
	}
	return "?";
}

enum member_role
role_named(const char *word)
{
	for (size_t i = 0; word != NULL && i < sizeof roles / sizeof roles[0]; i++) {
		if (roles[i].role != ROLE_GUEST && strcmp(roles[i].word, word) == 0)
			return roles[i].role;
	}
	return (enum member_role)0;
}

status
command_code(struct call *c, const char *code)
{
	const char *path = call_option(c, "out");
	int fd;
	bool ok;

	if (path == NULL) {
		printf("%s\n", code);
		return ST_OK;
	}
	fd = file_private(path);
	ok = fd >= 0 && file_put(fd, span_text(code)) && file_put(fd, span_text("\n"));
	if (fd >= 0)
		(void)close(fd);
	return ok ? ST_OK : complain(c->complaint, PN_O01, "cannot write %s", path);
}

static bool
was_typed(const char *word)
{
	char line[128];
	size_t len;

	fprintf(stderr, "Type %s to go on: ", word);
	(void)fflush(stderr);
	if (fgets(line, sizeof line, stdin) == NULL)
		return false;
	len = strcspn(line, "\r\n");
	return len == strlen(word) && memcmp(line, word, len) == 0;
}

status
command_confirm(struct call *c, const char *word, bool *yes)
{
	bool asks = !c->global.asks_nothing && isatty(STDIN_FILENO) != 0 &&
		    isatty(STDERR_FILENO) != 0;
	status st;

	*yes = false;
	if (c->global.is_dry_run)
		return ST_OK;
	*yes = c->global.says_yes || (asks && was_typed(word));
	if (*yes)
		return ST_OK;
	st = complain(c->complaint, PN_U01,
	    asks ? "that was another word"
		 : "this cannot be taken back: --yes is missing");
	complain_data(c->complaint, "nothing was changed");
	complain_next(c->complaint, "pnet %s %s --yes", c->command->name,
	    c->n_args > 0 ? c->args[0] : "");
	return st;
}
