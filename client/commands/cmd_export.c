/* cmd_export.c - pnet export KIND: its records by the headers of the schema, as `import`
 * reads them. References are codes; what has none here is its name in hex. */
#include <unistd.h>

#include "base/date.h"
#include "client/actions/catalog.h"
#include "client/commands/commands.h"
#include "client/laptop/disk.h"
#include "client/laptop/typed.h"
#include "core/period.h"

/* As `import` calls it. */
static const struct kind *
kind_called(const char *word)
{
	return schema_kind_named(
	    span_text(strcmp(word, "young") == 0 ? "young_person" : word));
}

static bool
has_map(const struct kind *k)
{
	return k->fields[k->n_fields - 1].type == FIELD_MARKS;
}

static bool
has_field(const struct kind *k, const char *name)
{
	return schema_field_named(k, span_text(name)) != NULL;
}

/* Whose space: not said by a field of its own, nor by its activity. */
static bool
needs_country(const struct kind *k)
{
	return !has_field(k, "country") && k->where != WHERE_ALL &&
	       k->where != WHERE_HOME && k->where != WHERE_ACTIVITY;
}

/* record, the country, the code of the record that it is named as, then the fields. */
static const char *
columns_of(struct laptop *l, const struct kind *k)
{
	const char *out = "record";

	if (needs_country(k))
		out = arena_text(l->arena, "%s,country", out);
	if (k->naming == NAMED_AS_OTHER)
		out = arena_text(l->arena, "%s,code", out);
	for (size_t i = 0; i < k->n_fields; i++)
		out = arena_text(l->arena,
		    k->fields[i].type == FIELD_MARKS ? "%s,person,%s" : "%s,%s", out,
		    k->fields[i].name);
	return out;
}

static const char *
hex_of(struct laptop *l, const struct record_id *name)
{
	static const struct field any = {.name = "record", .type = FIELD_REF};
	struct value v = value_bytes(name->bytes, sizeof name->bytes);

	return (const char *)schema_value_text(&any, &v, l->arena).bytes;
}

static const char *
text_of(struct laptop *l, const struct field *f, const struct value *v)
{
	const char *text = form_text(l, f, v);

	return *text == '\0' && f->type == FIELD_REF
		   ? (const char *)schema_value_text(f, v, l->arena).bytes
		   : text;
}

static status
add_row(struct laptop *l, const struct kind *k, const struct catalog_row *row,
    struct listing *out)
{
	struct field_value values[SCHEMA_FIELDS_MAX];
	size_t n = 0;
	status st = typed_read(l, k, &row->ref.name, values, &n);

	if (st != ST_OK)
		return st;
	listing_row(out);
	listing_cell(out, hex_of(l, &row->ref.name));
	if (needs_country(k))
		listing_cell(out, catalog_cell(l, row, "country"));
	if (k->naming == NAMED_AS_OTHER)
		listing_cell(out, find_code_of(l, k->named_by[0], &row->ref.name));
	for (size_t i = 0; i < k->n_fields; i++) {
		const char *text = "";

		for (size_t v = 0; v < n; v++) {
			if (values[v].field == k->fields[i].id)
				text = text_of(l, &k->fields[i], &values[v].value);
		}
		listing_cell(out, text);
	}
	return ST_OK;
}

/* ---- the period ---- */

/* The date that says when a record was: its activity's start, else its own first date.
 * NULL if its kind has neither. */
static const char *
date_of_kind(struct laptop *l, const struct kind *k)
{
	if (k->id != KIND_ACTIVITY && has_field(k, "activity"))
		return "a.start";
	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].type == FIELD_DATE)
			return arena_text(l->arena, "t.\"%s\"", k->fields[i].name);
	}
	return NULL;
}

/* " AND a.start BETWEEN '2026-01-01' AND '2026-12-31'"; "" for no period. Dates are
 * printed by us: nothing of what was typed gets into the text. */
static status
within_period(struct laptop *l, const struct kind *k, const char *asked, const char **out)
{
	char first[DATE_TEXT_BYTES], last[DATE_TEXT_BYTES];
	const char *date = date_of_kind(l, k);
	struct period p;
	status st;

	*out = "";
	if (asked == NULL)
		return ST_OK;
	if (!period_parse(span_text(asked), &p)) {
		st = complain(l->complaint, PN_U01,
		    "'%.40s' is no period: a year or a month", asked);
		complain_next(l->complaint, "pnet export %s --period 2026-10", k->name);
		return st;
	}
	if (date == NULL) {
		st = complain(l->complaint, PN_U01,
		    "records of kind %s have no date and no activity", k->name);
		complain_next(l->complaint, "pnet export %s", k->name);
		return st;
	}
	date_format(p.first, first);
	date_format(p.last, last);
	*out = arena_text(l->arena, " AND %s BETWEEN '%s' AND '%s'", date, first, last);
	return ST_OK;
}

static bool
is_within(struct laptop *l, const struct kind *k, const struct record_id *name,
    const char *within)
{
	struct query *q;
	bool found;

	if (*within == '\0')
		return true;
	q = query_of(l->queries,
	    arena_text(l->arena, "SELECT 1 FROM %s t%s WHERE t.record = ?%s", k->name,
		strncmp(within, " AND a.", 7) == 0
		    ? " JOIN activity a ON a.record = t.activity"
		    : "",
		within));
	query_blob(q, name->bytes, sizeof name->bytes);
	found = query_row(q);
	(void)query_done(q, NULL);
	return found;
}

static status
load_records(
    struct laptop *l, const struct kind *k, const char *within, struct listing *out)
{
	const struct shelf all = {.words = "", .kind = k->id};
	struct arena *kept = l->arena, *scratch = arena_new(0);
	struct catalog_row *rows;
	size_t n = 0;
	status st = scratch == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
				    : catalog_list(l, &all, NULL, &rows, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		l->arena = scratch;
		if (is_within(l, k, &rows[i].ref.name, within))
			st = add_row(l, k, &rows[i], out);
		l->arena = kept;
		arena_wipe(scratch);
	}
	arena_free(scratch);
	return st;
}

/* One line for each key of the map: whose it is by the key, never by name. */
static status
load_marks(
    struct laptop *l, const struct kind *k, const char *within, struct listing *out)
{
	const char *sql = arena_text(l->arena,
	    "SELECT lower(hex(t.record)), a.code, t.day_no, printf('%%016x', m.person),"
	    " m.value FROM %s t JOIN %s_marks m ON m.rid = t.rid LEFT JOIN activity a"
	    " ON a.record = t.activity WHERE 1%s ORDER BY a.code, t.day_no, m.person",
	    k->name, k->name, within);
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db_handle(l->db), sql, -1, &s, NULL);

	while (code == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
		listing_row(out);
		for (int i = 0; i < 5; i++)
			listing_cell(out, (const char *)sqlite3_column_text(s, i));
	}
	(void)sqlite3_finalize(s);
	return code == SQLITE_OK ? ST_OK : db_fail(l->db, code, "export", &l->trouble);
}

/* It may hold names: readable by its owner alone. */
static status
write_out(struct call *c, const struct listing *rows)
{
	const char *path = call_option(c, "out");
	enum style style = c->global.style == STYLE_HUMAN ? STYLE_CSV : c->global.style;
	FILE *to = stdout;
	int fd;

	if (path != NULL) {
		fd = file_private(path);
		to = fd < 0 ? NULL : fdopen(fd, "w");
	}
	if (to == NULL)
		return complain(c->complaint, PN_O01, "cannot write %s", path);
	listing_print(rows, style, true, to);
	if (to != stdout && fclose(to) != 0)
		return complain(c->complaint, PN_O01, "cannot write %s", path);
	return ST_OK;
}

static status
export_kind(struct call *c, struct laptop *l, const struct kind *k)
{
	struct listing *rows = listing_new("pnet.export/1", columns_of(l, k));
	const char *within;
	status st = within_period(l, k, call_option(c, "period"), &within);

	if (st == ST_OK)
		st = has_map(k) ? load_marks(l, k, within, rows)
				: load_records(l, k, within, rows);
	if (st == ST_OK)
		st = write_out(c, rows);
	if (st == ST_OK && k->where == WHERE_ACTIVITY)
		fprintf(stderr, "[!!] this copy holds names; it is outside of what pnet "
				"can erase\n");
	listing_free(rows);
	return st;
}

status
cmd_export(struct call *c)
{
	const struct kind *k = kind_called(c->args[0]);
	struct laptop *l = NULL;
	status st;

	if (k == NULL) {
		st = complain(
		    c->complaint, PN_U01, "there is no kind '%.40s'", c->args[0]);
		complain_next(c->complaint, "pnet help export");
		return st;
	}
	st = command_open(c, &l);
	if (st == ST_OK)
		st = export_kind(c, l, k);
	return command_close(l, st);
}
