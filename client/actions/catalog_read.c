/* catalog_read.c - lists of records, one of them, and who wrote what in it. */
#include "client/actions/catalog.h"

#include <ctype.h>
#include <stdlib.h>

#include "client/laptop/typed.h"
#include "core/text_crdt.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list");
}

/* ---- values ---- */

/* The value of one field of a record; EMPTY if it has none, or is not here. */
static struct value
value_of(struct laptop *l, const struct kind *k, const struct record_id *name,
    const struct field *f)
{
	struct field_value values[SCHEMA_FIELDS_MAX];
	size_t n = 0;

	if (typed_read(l, k, name, values, &n) != ST_OK)
		return (struct value){.type = VALUE_EMPTY};
	for (size_t i = 0; i < n; i++) {
		if (values[i].field == f->id)
			return values[i].value;
	}
	return (struct value){.type = VALUE_EMPTY};
}

static const char *
country_of(struct laptop *l, uint16_t space)
{
	struct country c;

	return find_country(l, space, &c) == ST_OK ? arena_text(l->arena, "%s", c.code)
						   : "";
}

const char *
catalog_cell(struct laptop *l, const struct catalog_row *row, const char *column)
{
	const struct kind *k = schema_kind(row->ref.kind), *owner;
	struct span name = span_of(column, strcspn(column, "#?,"));
	const struct field *f = catalog_field(k, name, &owner);
	struct value v;

	if (f == NULL && span_equal(name, span_text("country")))
		return country_of(l, row->space);
	if (span_equal(name, span_text("no")) &&
	    schema_field_named(k, span_text("no")) == NULL)
		return arena_text(l->arena, "%zu", row->no);
	if (f == NULL || f->type == FIELD_MARKS)
		return "";
	v = value_of(l, owner, &row->ref.name, f);
	return form_text(l, f, &v);
}

/* ---- lists ---- */

static bool
refers_to(const struct value *v, const struct record_id *name)
{
	return v->type == VALUE_BYTES && v->bytes.len == sizeof name->bytes &&
	       memcmp(v->bytes.bytes, name->bytes, sizeof name->bytes) == 0;
}

/* Is the record under the one that was named first? */
static bool
is_under(struct laptop *l, const struct shelf *s, const struct record_id *name,
    const struct record_id *parent)
{
	const struct kind *k = schema_kind(s->kind);
	const struct field *f = schema_field(k, s->parent);
	struct value v = value_of(l, k, name, f);
	struct record_id between;

	if (s->via == 0 || v.type != VALUE_BYTES)
		return refers_to(&v, parent);
	memcpy(between.bytes, v.bytes.bytes, sizeof between.bytes);
	k = schema_kind(f->of);
	v = value_of(l, k, &between, schema_field(k, s->via));
	return refers_to(&v, parent);
}

/* All of a kind, before anything is asked of them: a statement is not to be used again
 * while its rows are read. */
static status
list_all(struct laptop *l, uint16_t kind, struct catalog_row **out, size_t *n)
{
	struct query *q = query_of(l->queries, typed_all(l, kind));
	size_t cap = 0;
	status st = ST_OK, end;

	*out = NULL;
	*n = 0;
	while (st == ST_OK && query_row(q)) {
		struct catalog_row *row;

		if (*n == cap) {
			struct catalog_row *more;

			cap = cap == 0 ? 32 : cap * 2;
			more = arena_zeros(l->arena, cap, sizeof *more);
			if (more == NULL) {
				st = no_memory(l);
				break;
			}
			if (*n > 0)
				memcpy(more, *out, *n * sizeof *more);
			*out = more;
		}
		row = &(*out)[(*n)++];
		row->ref.kind = kind;
		query_column_copy(q, 0, row->ref.name.bytes, sizeof row->ref.name.bytes);
		row->ref.scope = query_column_int(q, 1);
		row->space = (uint16_t)query_column_int(q, 2);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
catalog_list(struct laptop *l, const struct shelf *s, const struct record_id *parent,
    struct catalog_row **out, size_t *n)
{
	size_t all = 0;
	status st = list_all(l, s->kind, out, &all);

	*n = 0;
	for (size_t i = 0; st == ST_OK && i < all; i++) {
		if (parent != NULL && !is_under(l, s, &(*out)[i].ref.name, parent))
			continue;
		(*out)[*n] = (*out)[i];
		(*out)[*n].no = *n + 1;
		(*n)++;
	}
	return st;
}

static status
nothing_called(struct laptop *l, const struct shelf *s, const char *word)
{
	(void)complain(l->complaint, PN_F01, "no %s %s is on this laptop%s",
	    schema_kind(s->kind)->singular, word, find_near(l, s->kind, word));
	complain_next(l->complaint, "pnet %s%s", s->words,
	    s->parent == 0 ? " list" : " CODE    lists them");
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

status
catalog_find(struct laptop *l, const struct shelf *s, const struct record_id *parent,
    const char *word, struct catalog_row *out)
{
	const struct kind *k = schema_kind(s->kind);
	bool has_code = schema_field_named(k, span_text("code")) != NULL;
	struct catalog_row *rows;
	size_t n = 0;
	char *end = NULL;
	unsigned long no = isdigit((unsigned char)word[0]) ? strtoul(word, &end, 10) : 0;
	status st = catalog_list(l, s, parent, &rows, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		bool is_it =
		    has_code ? strcasecmp(catalog_cell(l, &rows[i], "code"), word) == 0
			     : no == rows[i].no && *end == '\0';

		if (is_it) {
			*out = rows[i];
			return ST_OK;
		}
	}
	return st != ST_OK ? st : nothing_called(l, s, word);
}

/* ---- who and when ---- */

static bool
is_later(struct hlc a, struct hlc b)
{
	return a.seconds != b.seconds ? a.seconds > b.seconds : a.counter > b.counter;
}

static const struct record_entry *
latest(const struct record_cell *cell)
{
	const struct record_entry *out = &cell->entries[0];

	for (size_t i = 1; i < cell->n; i++) {
		if (is_later(cell->entries[i].entry->time, out->entry->time))
			out = &cell->entries[i];
	}
	return out;
}

static void
add_fact(struct laptop *l, const struct field *f, const struct record_entry *from,
    const char *value, size_t n_values, struct catalog_fact *out)
{
	*out = (struct catalog_fact){.field = f->name,
	    .value = value,
	    .by = author_member(l, from->entry->by),
	    .seconds = from->entry->time.seconds,
	    .n_values = n_values};
}

static status
text_fact(struct laptop *l, const struct field *f, const struct record_cell *cell,
    struct catalog_fact *out)
{
	struct text_state text;
	status st = text_read(l->arena, cell, &text, &l->trouble);

	if (st == ST_OK)
		add_fact(l, f, latest(cell), (const char *)text.text.bytes, 1, out);
	return st;
}

/* One fact for each different value of a field. */
static status
field_facts(struct laptop *l, const struct field *f, const struct record_cell *cell,
    struct catalog_fact *out, size_t *n)
{
	const struct record_entry **distinct =
	    arena_zeros(l->arena, cell->n, sizeof *distinct);
	size_t many = distinct == NULL ? 0 : record_distinct(cell, distinct);

	if (distinct == NULL)
		return no_memory(l);
	if (f->type == FIELD_LONGTEXT)
		return text_fact(l, f, cell, &out[(*n)++]);
	for (size_t i = 0; i < many; i++)
		add_fact(l, f, distinct[i], form_text(l, f, &distinct[i]->entry->value),
		    many, &out[(*n)++]);
	return ST_OK;
}

static size_t
count_facts(const struct kind *k, const struct record_view *v)
{
	size_t n = 0;

	for (size_t i = 0; i < k->n_fields; i++) {
		const struct record_cell *cell = record_field(v, k->fields[i].id);

		n += cell == NULL ? 0 : cell->n;
	}
	return n;
}

static status
record_facts(
    struct laptop *l, const struct record_ref *ref, struct catalog_fact **out, size_t *n)
{
	const struct kind *k = schema_kind(ref->kind);
	struct loaded *x = arena_zeros(l->arena, 1, sizeof *x);
	struct catalog_fact *more;
	int64_t rid = 0;
	status st = x == NULL ? no_memory(l) : record_find(l, ref, &rid);

	if (st != ST_OK || rid == 0)
		return st;
	st = record_load(l, rid, l->arena, x);
	if (st != ST_OK)
		return st;
	more = arena_zeros(l->arena, *n + count_facts(k, &x->view) + 1, sizeof *more);
	if (more == NULL)
		return no_memory(l);
	if (*n > 0)
		memcpy(more, *out, *n * sizeof *more);
	*out = more;
	for (size_t i = 0; st == ST_OK && i < k->n_fields; i++) {
		const struct record_cell *cell = record_field(&x->view, k->fields[i].id);

		if (cell != NULL && k->fields[i].type != FIELD_MARKS)
			st = field_facts(l, &k->fields[i], cell, *out, n);
	}
	return st;
}

/* The scope in which a companion of a record would lie; false if no key is here. */
static bool
companion_of(struct laptop *l, const struct kind *k, const struct record_ref *of,
    struct record_ref *out)
{
	struct scope_info home, scope;

	if (k->naming != NAMED_AS_OTHER || k->named_by[0] != of->kind ||
	    scope_by_id(l, of->scope, &home) != ST_OK ||
	    scope_for(l, k->where, home.space, NULL, &scope) != ST_OK)
		return false;
	*out = (struct record_ref){.kind = k->id, .name = of->name, .scope = scope.id};
	return true;
}

status
catalog_facts(
    struct laptop *l, const struct record_ref *ref, struct catalog_fact **out, size_t *n)
{
	status st;

	*n = 0;
	*out = NULL;
	st = record_facts(l, ref, out, n);
	for (size_t i = 0; st == ST_OK && i < schema_kind_count(); i++) {
		struct record_ref companion;

		if (companion_of(l, schema_kind_at(i), ref, &companion))
			st = record_facts(l, &companion, out, n);
	}
	return st;
}
