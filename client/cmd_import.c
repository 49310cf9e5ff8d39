/* cmd_import.c - pnet import KIND FILE, pnet export KIND. */
#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

#include "client/actions/import.h"
#include "client/commands.h"

static void
print_lines(const struct import_wish *wish, const struct import_report *r)
{
	static const char *const words[] = {[IMPORT_WARNING] = "warning",
	    [IMPORT_HELD] = "held",
	    [IMPORT_REJECTED] = "rejected"};

	for (size_t i = 0; i < r->n_lines; i++) {
		screen_text(stderr, wish->path);
		fprintf(
		    stderr, ":%zu: %s: ", r->lines[i].line, words[r->lines[i].verdict]);
		screen_text(stderr, r->lines[i].reason);
		fputc('\n', stderr);
	}
}

static void
print_counts(const struct call *c, const struct import_report *r)
{
	if (c->global.style == STYLE_JSON) {
		json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:b}",
		    "schema", "pnet.import/1", "accepted", (json_int_t)r->n_accepted,
		    "warnings", (json_int_t)r->n_warned, "held", (json_int_t)r->n_held,
		    "rejected", (json_int_t)r->n_rejected, "passed_over",
		    (json_int_t)r->n_passed, "changes", (json_int_t)r->n_changes,
		    "dry_run", c->global.is_dry_run);

		if (o != NULL)
			(void)json_dumpf(o, stdout, JSON_COMPACT);
		printf("\n");
		json_decref(o);
		return;
	}
	if (c->global.is_quiet)
		return;
	printf("accepted %zu, warnings %zu, held %zu, rejected %zu", r->n_accepted,
	    r->n_warned, r->n_held, r->n_rejected);
	if (r->n_passed > 0)
		printf(
		    "    passed over %zu of other countries or activities", r->n_passed);
	printf("\n");
}

static size_t
first_rejected(const struct import_report *r)
{
	for (size_t i = 0; i < r->n_lines; i++) {
		if (r->lines[i].verdict == IMPORT_REJECTED)
			return r->lines[i].line;
	}
	return 0;
}

static status
complain_rejected(
    struct call *c, const struct import_wish *wish, const struct import_report *r)
{
	status st = complain(c->complaint, PN_V01,
	    "%zu row%s rejected in %s, the first in line %zu", r->n_rejected,
	    r->n_rejected == 1 ? " is" : "s are", wish->path, first_rejected(r));

	complain_data(c->complaint, wish->is_partial && !wish->is_dry_run
					? "the accepted rows were imported"
					: "nothing was imported");
	complain_next(c->complaint, "pnet import %s %s%s%s -n    after mending them",
	    wish->kind, wish->path, wish->activity != NULL ? " --activity " : "",
	    wish->activity != NULL ? wish->activity : "");
	return st;
}

/* UX 3: 0 all accepted; 3 rows held, or left out by --partial; 65 a row rejected. */
static status
outcome(struct call *c, const struct import_wish *wish, const struct import_report *r)
{
	if (r->n_rejected > 0 && !wish->is_partial)
		return complain_rejected(c, wish, r);
	if (r->n_held + r->n_rejected > 0)
		c->exit_code = 3;
	return ST_OK;
}

status
cmd_import(struct call *c)
{
	const struct import_wish wish = {.kind = c->args[0],
	    .path = c->args[1],
	    .activity = call_option(c, "activity"),
	    .people = call_option(c, "people"),
	    .map = call_option(c, "map"),
	    .encoding = call_option(c, "encoding"),
	    .is_partial = call_has(c, "partial"),
	    .is_dry_run = c->global.is_dry_run,
	    .takes_guesses = c->global.says_yes};
	struct import_report report;
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = import_file(l, &wish, &report);
	if (st == ST_OK) {
		print_lines(&wish, &report);
		print_counts(c, &report);
		st = outcome(c, &wish, &report);
	}
	return command_close(l, st);
}

/* ---- export ---- */

static status
load_kind(struct call *c, struct laptop *l, const struct kind *k, struct listing *out)
{
	char sql[4096];
	sqlite3_stmt *s = NULL;
	int at = snprintf(sql, sizeof sql, "SELECT lower(hex(record))");
	int code, n = 1;

	for (size_t i = 0; i < k->n_fields; i++) {
		enum field_type type = k->fields[i].type;
		bool is_bytes =
		    type == FIELD_REF || type == FIELD_PERSON || type == FIELD_HASH;

		if (k->fields[i].type == FIELD_MARKS)
			continue;
		at += snprintf(sql + at, sizeof sql - (size_t)at,
		    is_bytes ? ", lower(hex(\"%s\"))" : ", \"%s\"", k->fields[i].name);
		n++;
	}
	(void)snprintf(sql + at, sizeof sql - (size_t)at, " FROM %s ORDER BY 1", k->name);
	code = sqlite3_prepare_v2(db_handle(l->db), sql, -1, &s, NULL);
	while (code == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
		listing_row(out);
		for (int i = 0; i < n; i++)
			listing_cell(out, (const char *)sqlite3_column_text(s, i));
	}
	(void)sqlite3_finalize(s);
	(void)c;
	return code == SQLITE_OK ? ST_OK : db_fail(l->db, code, "export", &l->trouble);
}

static status
write_out(struct call *c, const struct listing *rows)
{
	const char *path = call_option(c, "out");
	enum style style = c->global.style == STYLE_HUMAN ? STYLE_CSV : c->global.style;
	FILE *to = stdout;
	int fd;

	if (path != NULL) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		to = fd < 0 ? NULL : fdopen(fd, "w");
	}
	if (to == NULL)
		return complain(c->complaint, PN_O01, "cannot write %s", path);
	listing_print(rows, style, true, to);
	if (to != stdout && fclose(to) != 0)
		return complain(c->complaint, PN_O01, "cannot write %s", path);
	return ST_OK;
}

status
cmd_export(struct call *c)
{
	/* As `import` calls it. */
	const char *name = strcmp(c->args[0], "young") == 0 ? "young_person" : c->args[0];
	const struct kind *k = schema_kind_named(span_text(name));
	char columns[2048] = "record";
	size_t used = strlen(columns);
	struct laptop *l = NULL;
	struct listing *rows;
	status st;

	if (k == NULL) {
		st = complain(
		    c->complaint, PN_U01, "there is no kind '%.40s'", c->args[0]);
		complain_next(c->complaint, "pnet help export");
		return st;
	}
	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].type != FIELD_MARKS)
			used += (size_t)snprintf(columns + used, sizeof columns - used,
			    ",%s", k->fields[i].name);
	}
	st = command_open(c, &l);
	if (st != ST_OK)
		return st;
	rows = listing_new("pnet.export/1", columns);
	st = load_kind(c, l, k, rows);
	if (st == ST_OK)
		st = write_out(c, rows);
	if (st == ST_OK && k->where == WHERE_ACTIVITY)
		fprintf(stderr,
		    "[!!] this copy holds names; it is outside of what pnet can "
		    "erase\n");
	listing_free(rows);
	return command_close(l, st);
}
