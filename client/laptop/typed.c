/* typed.c - one row of a typed table per record, one row of a map table per key. */
#include "client/laptop/typed.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/laptop/due.h"
#include "client/laptop/sweep.h"
#include "core/text_spots.h"

enum { SQL_BYTES_MAX = 4096 };

struct kind_sql {
	char *put; /* the record's row */
	char *get; /* all its columns */
	char *drop;
	char *by_code, *code_of; /* NULL if the kind has no code */
	char *all;
	char *map_drop[SCHEMA_FIELDS_MAX]; /* by position of the field */
	char *map_put[SCHEMA_FIELDS_MAX];
};

struct typed_sql {
	size_t n;
	struct kind_sql kinds[];
};

static char *
put_text(const struct kind *k)
{
	char sql[SQL_BYTES_MAX];
	int at = snprintf(
	    sql, sizeof sql, "INSERT OR REPLACE INTO %s(rid, record, scope", k->name);
	size_t n = 0;

	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].type == FIELD_MARKS)
			continue;
		at += snprintf(
		    sql + at, sizeof sql - (size_t)at, ", \"%s\"", k->fields[i].name);
		n++;
	}
	at += snprintf(sql + at, sizeof sql - (size_t)at, ") VALUES(?, ?, ?");
	for (size_t i = 0; i < n; i++)
		at += snprintf(sql + at, sizeof sql - (size_t)at, ", ?");
	(void)snprintf(sql + at, sizeof sql - (size_t)at, ")");
	return strdup(sql);
}

static char *
get_text(const struct kind *k)
{
	char sql[SQL_BYTES_MAX];
	int at = snprintf(sql, sizeof sql, "SELECT rid");

	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].type != FIELD_MARKS)
			at += snprintf(sql + at, sizeof sql - (size_t)at, ", \"%s\"",
			    k->fields[i].name);
	}
	(void)snprintf(
	    sql + at, sizeof sql - (size_t)at, " FROM %s WHERE record = ?", k->name);
	return strdup(sql);
}

/* What a list of the kind is sorted by, within a space. */
static const char *
order_of(const struct kind *k)
{
	const struct field *code = schema_field_named(k, span_text("no"));

	if (code == NULL)
		code = schema_field_named(k, span_text("code"));
	for (size_t i = 0; code == NULL && i < k->n_fields; i++) {
		if (k->fields[i].type == FIELD_INT || k->fields[i].type == FIELD_DATE)
			code = &k->fields[i];
	}
	return code == NULL ? "record" : code->name;
}

static bool
make_lookups(const struct kind *k, struct kind_sql *out)
{
	bool ok = asprintf(&out->all,
		      "SELECT t.record, t.scope, s.space FROM %s t JOIN r_scope s"
		      " ON s.id = t.scope ORDER BY s.space, t.\"%s\", t.record",
		      k->name, order_of(k)) > 0;

	if (!ok || schema_field_named(k, span_text("code")) == NULL)
		return ok;
	return asprintf(&out->by_code,
		   "SELECT t.record, t.scope FROM %s t JOIN r_scope s ON s.id = t.scope"
		   " WHERE t.code = ?1 AND (?2 = 0 OR s.space = ?2) ORDER BY t.record",
		   k->name) > 0 &&
	       asprintf(&out->code_of, "SELECT code FROM %s WHERE record = ?", k->name) >
		   0;
}

static bool
make_kind(const struct kind *k, struct kind_sql *out)
{
	bool ok;

	out->put = put_text(k);
	out->get = get_text(k);
	ok = out->put != NULL && out->get != NULL && make_lookups(k, out) &&
	     asprintf(&out->drop, "DELETE FROM %s WHERE rid = ?", k->name) > 0;
	for (size_t i = 0; ok && i < k->n_fields; i++) {
		const char *field = k->fields[i].name;

		if (k->fields[i].type != FIELD_MARKS)
			continue;
		ok = asprintf(&out->map_drop[i], "DELETE FROM %s_%s WHERE rid = ?",
			 k->name, field) > 0 &&
		     asprintf(&out->map_put[i], "INSERT INTO %s_%s VALUES(?, ?, ?, ?)",
			 k->name, field) > 0;
	}
	return ok;
}

static void
free_kind(struct kind_sql *sql)
{
	free(sql->put);
	free(sql->get);
	free(sql->drop);
	free(sql->by_code);
	free(sql->code_of);
	free(sql->all);
	for (size_t i = 0; i < SCHEMA_FIELDS_MAX; i++) {
		free(sql->map_drop[i]);
		free(sql->map_put[i]);
	}
	memset(sql, 0, sizeof *sql);
}

struct typed_sql *
typed_sql_new(void)
{
	size_t n = schema_kind_count();
	struct typed_sql *s = calloc(1, sizeof *s + n * sizeof s->kinds[0]);

	if (s != NULL)
		s->n = n;
	return s;
}

void
typed_sql_free(struct typed_sql *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		free_kind(&s->kinds[i]);
	free(s);
}

/* The texts of a kind are made when the first is asked for: a command writes and reads a
 * few of the many kinds. NULL when out of memory. */
static const struct kind_sql *
sql_of(const struct laptop *l, const struct kind *k)
{
	struct kind_sql *sql = NULL;

	for (size_t i = 0; sql == NULL && i < l->typed->n; i++) {
		if (schema_kind_at(i) == k)
			sql = &l->typed->kinds[i];
	}
	if (sql == NULL || sql->put != NULL)
		return sql;
	if (make_kind(k, sql))
		return sql;
	free_kind(sql);
	return NULL;
}

static status
no_texts(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for statements");
}

static void
bind_value(struct laptop *l, struct query *q, const struct field *f,
    const struct value *v, struct arena *a)
{
	if (v == NULL || v->type == VALUE_EMPTY) {
		query_null(q);
	} else if (v->type == VALUE_INT && f->type == FIELD_INT) {
		query_int(q, (int64_t)v->number);
	} else if (v->type == VALUE_BYTES) {
		query_span(q, v->bytes);
	} else {
		struct span text = schema_value_text(f, v, a);

		query_text(q, text.bytes == NULL ? "" : (const char *)text.bytes);
	}
	(void)l;
}

static status
add_conflict(struct laptop *l, int64_t rid, const struct record_cell *cell)
{
	struct query *q =
	    query_of(l->queries, "INSERT OR REPLACE INTO r_conflict VALUES(?, ?, ?)");
	uint8_t key[8];

	put_u64(key, cell->key);
	query_int(q, rid);
	query_int(q, cell->field);
	query_blob(q, key, cell->has_key ? sizeof key : 0);
	return query_run(q, &l->trouble);
}

/* A text is shown whole: its runs in the order of the sequence. */
static status
bind_text(
    struct laptop *l, struct query *q, const struct record_cell *cell, struct arena *a)
{
	struct text_state text;
	status st;

	if (cell == NULL) {
		query_null(q);
		return ST_OK;
	}
	st = text_read(a, cell, &text, &l->trouble);
	if (st == ST_OK)
		query_text(q, (const char *)text.text.bytes);
	return st;
}

/* Of a field that names the record there is one value; an empty one beside it says that
 * its making was undone (edit_back.c). */
static struct default_pick
name_of(const struct record_cell *cell)
{
	struct default_pick pick = {0};

	for (size_t i = 0; cell != NULL && i < cell->n; i++) {
		if (cell->entries[i].entry->value.type != VALUE_EMPTY)
			pick.shown = &cell->entries[i];
	}
	return pick;
}

static status
put_row(struct laptop *l, const struct kind *k, const struct kind_sql *sql,
    const struct loaded *x, struct arena *a)
{
	struct query *q = query_of(l->queries, sql->put);
	status st = ST_OK;

	query_int(q, x->rid);
	query_blob(q, x->ref.name.bytes, sizeof x->ref.name.bytes);
	query_int(q, x->ref.scope);
	for (size_t i = 0; st == ST_OK && i < k->n_fields; i++) {
		const struct field *f = &k->fields[i];
		const struct record_cell *cell = record_field(&x->view, f->id);
		struct default_rule rule = schema_default(f);
		struct default_pick pick;

		if (f->type == FIELD_MARKS)
			continue;
		if (f->type == FIELD_LONGTEXT) {
			st = bind_text(l, q, cell, a);
			continue;
		}
		if (cell == NULL && field_is_of_scope(k, f)) {
			query_span(q, scope_activity(&x->scope));
			continue;
		}
		pick = field_names_record(k, f->id) ? name_of(cell)
						    : default_of(cell, &rule);
		bind_value(
		    l, q, f, pick.shown == NULL ? NULL : &pick.shown->entry->value, a);
		if (pick.is_conflict && !k->is_automatic)
			st = add_conflict(l, x->rid, cell);
	}
	return st != ST_OK ? st : query_run(q, &l->trouble);
}

/* Siblings that differ stand side by side, "excused|late". */
static char *
words_of(const struct field *f, const struct record_cell *cell, struct arena *a)
{
	const struct record_entry **distinct = arena_zeros(a, cell->n, sizeof *distinct);
	size_t n = distinct == NULL ? 0 : record_distinct(cell, distinct);
	char *out = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *word =
		    (const char *)schema_value_text(f, &distinct[i]->entry->value, a)
			.bytes;

		out = arena_text(a, "%s%s%s", out == NULL ? "" : out,
		    out == NULL ? "" : "|", word == NULL || *word == '\0' ? "-" : word);
	}
	return out == NULL ? arena_text(a, "%s", "") : out;
}

static status
put_key(struct laptop *l, const char *sql, const struct field *f, int64_t rid,
    const struct record_cell *cell, struct arena *a)
{
	struct query *q = query_of(l->queries, sql);

	query_int(q, rid);
	query_int(q, (int64_t)cell->key);
	query_text(q, words_of(f, cell, a));
	query_int(q, (int64_t)record_distinct(cell, NULL));
	return query_run(q, &l->trouble);
}

static status
put_map(struct laptop *l, const struct kind *k, const struct kind_sql *sql, size_t field,
    const struct loaded *x, struct arena *a)
{
	const struct field *f = &k->fields[field];
	struct default_rule rule = schema_default(f);
	struct query *q = query_of(l->queries, sql->map_drop[field]);
	status st;

	query_int(q, x->rid);
	st = query_run(q, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < x->view.n_cells; i++) {
		const struct record_cell *cell = &x->view.cells[i];
		struct default_pick pick;

		if (cell->field != f->id || !cell->has_key)
			continue;
		pick = default_of(cell, &rule);
		if (pick.is_conflict && !k->is_automatic)
			st = add_conflict(l, x->rid, cell);
		if (st != ST_OK)
			break;
		if (!pick.is_conflict && pick.shown != NULL &&
		    pick.shown->entry->value.type == VALUE_EMPTY)
			continue;
		st = put_key(l, sql->map_put[field], f, x->rid, cell, a);
	}
	return st;
}

/* An erased person, or a record of which nothing is left. */
static status
drop_row(struct laptop *l, const struct kind *k, const struct kind_sql *sql, int64_t rid)
{
	struct query *q = query_of(l->queries, sql->drop);
	status st;

	query_int(q, rid);
	st = query_run(q, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < k->n_fields; i++) {
		if (sql->map_drop[i] == NULL)
			continue;
		q = query_of(l->queries, sql->map_drop[i]);
		query_int(q, rid);
		st = query_run(q, &l->trouble);
	}
	return st;
}

static status
clear_conflicts(struct laptop *l, int64_t rid)
{
	struct query *q = query_of(l->queries, "DELETE FROM r_conflict WHERE record = ?");

	query_int(q, rid);
	return query_run(q, &l->trouble);
}

static bool
has_empty(const struct record_cell *cell)
{
	for (size_t i = 0; i < cell->n; i++) {
		if (cell->entries[i].entry->value.type == VALUE_EMPTY)
			return true;
	}
	return false;
}

/* Nothing is left in it: every field was cleared, or its making was undone and nobody has
 * written into it since. */
static bool
is_void(const struct kind *k, const struct record_view *v)
{
	bool is_hidden = k->naming != NAMED_BY_HASH;

	for (size_t i = 0; i < v->n_cells; i++) {
		const struct record_cell *cell = &v->cells[i];

		if (field_hides_record(k, cell->field))
			is_hidden = is_hidden || has_empty(cell);
		else if (!field_names_record(k, cell->field) &&
			 (cell->n_values > 1 || !has_empty(cell)))
			return false;
	}
	return is_hidden;
}

/* Hot spots that need a person make a text one open conflict, whatever it is a text of.
 */
static status
note_spots(
    struct laptop *l, const struct loaded *x, const struct kind *k, struct arena *a)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < k->n_fields; i++) {
		const struct field *f = &k->fields[i];
		const struct record_cell *cell = record_field(&x->view, f->id);
		struct text_state text;
		struct text_spots spots;

		if (f->type != FIELD_LONGTEXT || cell == NULL || cell->n < 2)
			continue;
		st = text_read(a, cell, &text, &l->trouble);
		if (st == ST_OK)
			st = text_spots(a, cell, &text, &spots, &l->trouble);
		if (st == ST_OK && spots.n_open > 0)
			st = add_conflict(l, x->rid, cell);
	}
	return st;
}

status
record_project(struct laptop *l, const struct loaded *x, struct arena *a)
{
	const struct kind *k = schema_kind(x->ref.kind);
	const struct kind_sql *sql;
	status st = clear_conflicts(l, x->rid);

	if (st == ST_OK)
		st = due_note(l, x);
	if (st == ST_OK)
		st = sweep_note(l, x);
	if (st != ST_OK || k == NULL)
		return st; /* a kind of a newer version: kept, not shown */
	sql = sql_of(l, k);
	if (sql == NULL)
		return no_texts(l);
	if (x->view.n_cells == 0 || is_void(k, &x->view))
		return drop_row(l, k, sql, x->rid);
	st = put_row(l, k, sql, x, a);
	for (size_t i = 0; st == ST_OK && i < k->n_fields; i++) {
		if (k->fields[i].type == FIELD_MARKS)
			st = put_map(l, k, sql, i, x, a);
	}
	return st != ST_OK ? st : note_spots(l, x, k, a);
}

status
typed_drop(struct laptop *l, uint16_t kind, int64_t rid)
{
	const struct kind *k = schema_kind(kind);
	const struct kind_sql *sql = k == NULL ? NULL : sql_of(l, k);

	if (k == NULL)
		return ST_OK;
	return sql == NULL ? no_texts(l) : drop_row(l, k, sql, rid);
}

static status
read_column(struct laptop *l, struct query *q, int column, const struct field *f,
    struct value *out)
{
	struct span s;

	if (f->type == FIELD_INT) {
		*out = value_int((uint64_t)query_column_int(q, column));
		return ST_OK;
	}
	s = arena_copy(l->arena, query_column_span(q, column));
	if (f->type == FIELD_REF || f->type == FIELD_PERSON || f->type == FIELD_HASH) {
		*out = value_bytes(s.bytes, s.len);
		return ST_OK;
	}
	if (f->type == FIELD_VOCAB || f->type == FIELD_DATE)
		return schema_value_parse(f, s, l->arena, out, &l->trouble);
	*out = (struct value){.type = VALUE_TEXT, .bytes = s};
	return ST_OK;
}

status
typed_read(struct laptop *l, const struct kind *k, const struct record_id *name,
    struct field_value *out, size_t *n)
{
	const struct kind_sql *sql = sql_of(l, k);
	struct query *q;
	int column = 1;
	bool found;
	status st = ST_OK, end;

	*n = 0;
	if (sql == NULL)
		return no_texts(l);
	q = query_of(l->queries, sql->get);
	query_blob(q, name->bytes, sizeof name->bytes);
	found = query_row(q);
	for (size_t i = 0; found && st == ST_OK && i < k->n_fields; i++) {
		const struct field *f = &k->fields[i];

		if (f->type == FIELD_MARKS)
			continue;
		if (!query_column_is_null(q, column)) {
			out[*n].field = f->id;
			st = read_column(l, q, column, f, &out[(*n)++].value);
		}
		column++;
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	if (st == ST_OK && end == ST_OK && !found)
		st = trouble_set(
		    &l->trouble, ST_NOT_FOUND, "no such %s here", k->singular);
	return st != ST_OK ? st : end;
}

static const struct kind_sql *
lookup(const struct laptop *l, uint16_t kind)
{
	const struct kind *k = schema_kind(kind);

	return k == NULL ? NULL : sql_of(l, k);
}

const char *
typed_by_code(const struct laptop *l, uint16_t kind)
{
	const struct kind_sql *sql = lookup(l, kind);

	return sql == NULL ? NULL : sql->by_code;
}

const char *
typed_code_of(const struct laptop *l, uint16_t kind)
{
	const struct kind_sql *sql = lookup(l, kind);

	return sql == NULL ? NULL : sql->code_of;
}

const char *
typed_all(const struct laptop *l, uint16_t kind)
{
	const struct kind_sql *sql = lookup(l, kind);

	return sql == NULL ? NULL : sql->all;
}
