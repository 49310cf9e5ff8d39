/* documents.c - finds the sections of a document, in order, and reads their texts. */
#include "client/actions/documents.h"

#include <stdlib.h>

#include "client/actions/find.h"
#include "core/pinned.h"

/* clang-format off */
#define SECTIONS_OF(table, owner, kind, heading, order) \
	"SELECT rid, " kind ", " heading ", " order ", record FROM " table \
	" WHERE \"" owner "\" = ?"

static const struct document_type types[] = {
    {KIND_REPORT, KIND_REPORT_SECTION, F_REPORT_SECTION_REPORT, F_REPORT_SECTION_KIND,
	F_REPORT_SECTION_HEADING, F_REPORT_SECTION_ORDER, F_REPORT_SECTION_TEXT,
	SECTIONS_OF("report_section", "report", "kind", "heading", "\"order\"")},
    {KIND_ADVOCACY, KIND_ADVOCACY_SECTION, F_ADVOCACY_SECTION_ADVOCACY, F_ADVOCACY_SECTION_KIND,
	0, F_ADVOCACY_SECTION_ORDER, F_ADVOCACY_SECTION_TEXT,
	SECTIONS_OF("advocacy_section", "advocacy", "kind", "''", "\"order\"")},
    {KIND_MINUTES, KIND_MINUTES, 0, 0, 0, 0, F_MINUTES_TEXT,
	SECTIONS_OF("minutes", "record", "'minutes'", "''", "NULL")},
    {KIND_PRACTICE, KIND_PRACTICE_SECTION, F_PRACTICE_SECTION_PRACTICE, F_PRACTICE_SECTION_KIND,
	0, F_PRACTICE_SECTION_ORDER, F_PRACTICE_SECTION_TEXT,
	SECTIONS_OF("practice_section", "practice", "kind", "''", "\"order\"")},
    {KIND_PAPER, KIND_PAPER_SECTION, F_PAPER_SECTION_PAPER, F_PAPER_SECTION_PART,
	0, 0, F_PAPER_SECTION_TEXT,
	SECTIONS_OF("paper_section", "paper", "part", "coalesce(country, '')", "NULL")},
};
/* clang-format on */

const struct document_type *
document_type_of(uint16_t kind)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (types[i].kind == kind)
			return &types[i];
	}
	return NULL;
}

const struct document_type *
document_type_of_section(uint16_t kind)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (types[i].section == kind)
			return &types[i];
	}
	return NULL;
}

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a document");
}

int64_t
document_place(
    const struct document_type *type, const char *kind, bool has_order, int64_t order)
{
	const struct field *f = schema_field(schema_kind(type->section), type->part);

	if (has_order || f == NULL)
		return order;
	return vocabulary_find((enum vocabulary)f->of, span_text(kind));
}

static int
compare_sections(const void *a, const void *b)
{
	const struct document_section *x = a;
	const struct document_section *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return memcmp(x->ref.name.bytes, y->ref.name.bytes, sizeof x->ref.name.bytes);
}

static status
take_section(struct laptop *l, struct document *d, size_t *cap, struct query *q)
{
	struct document_section *s;

	if (d->n == *cap) {
		struct document_section *more;

		*cap = *cap == 0 ? 8 : *cap * 2;
		more = arena_zeros(l->arena, *cap, sizeof *more);
		if (more == NULL)
			return no_memory(l);
		if (d->n > 0)
			memcpy(more, d->sections, d->n * sizeof *more);
		d->sections = more;
	}
	s = &d->sections[d->n++];
	s->rid = query_column_int(q, 0);
	s->kind = arena_text(l->arena, "%s", query_column_text(q, 1));
	s->heading = arena_text(l->arena, "%s", query_column_text(q, 2));
	s->has_order = !query_column_is_null(q, 3);
	s->order = query_column_int(q, 3);
	query_column_copy(q, 4, s->ref.name.bytes, sizeof s->ref.name.bytes);
	s->ref.kind = d->type->section;
	s->ref.scope = d->ref.scope;
	if (s->kind == NULL || s->heading == NULL)
		return no_memory(l);
	s->order = document_place(d->type, s->kind, s->has_order, s->order);
	return ST_OK;
}

static status
list_sections(struct laptop *l, struct document *d)
{
	struct query *q = query_of(l->queries, d->type->sql);
	size_t cap = 0;
	status st = ST_OK, end;

	query_blob(q, d->ref.name.bytes, sizeof d->ref.name.bytes);
	while (st == ST_OK && query_row(q))
		st = take_section(l, d, &cap, q);
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	if (st == ST_OK && end == ST_OK && d->n > 1)
		qsort(d->sections, d->n, sizeof *d->sections, compare_sections);
	return st != ST_OK ? st : end;
}

static status
read_section(struct laptop *l, struct document *d, struct document_section *s)
{
	const struct record_cell *cell;
	status st;

	s->loaded = arena_zeros(l->arena, 1, sizeof *s->loaded);
	if (s->loaded == NULL)
		return no_memory(l);
	st = record_load(l, s->rid, l->arena, s->loaded);
	if (st != ST_OK)
		return st;
	s->ref = s->loaded->ref;
	cell = record_field(&s->loaded->view, d->type->text);
	st = text_read(l->arena, cell, &s->text, &l->trouble);
	if (st == ST_OK)
		st = text_spots(l->arena, cell, &s->text, &s->spots, &l->trouble);
	if (st == ST_OK) {
		d->n_spots += s->spots.n;
		d->n_open_spots += s->spots.n_open;
	}
	return st;
}

struct section *
document_texts(struct laptop *l, const struct document *d)
{
	struct section *out = arena_zeros(l->arena, d->n, sizeof *out);

	for (size_t i = 0; out != NULL && i < d->n; i++) {
		const struct document_section *s = &d->sections[i];

		out[i] = (struct section){s->kind, span_text(s->heading), s->text.text};
	}
	return out;
}

status
document_pin(struct laptop *l, const struct section *sections, size_t n, const char **out)
{
	const struct kind *k = schema_kind(KIND_DECISION);
	struct span copy;
	status st = pinned_write(sections, n, l->arena, &copy, &l->trouble);

	*out = "";
	if (st == ST_OK && copy.len > schema_field(k, F_DECISION_TEXT)->max)
		st = trouble_set(
		    &l->trouble, ST_LIMIT, "its text is too long to keep a copy of it");
	if (st == ST_OK)
		*out =
		    arena_text(l->arena, "%.*s", (int)copy.len, (const char *)copy.bytes);
	return st;
}

status
document_copy(struct laptop *l, const struct document *d, const char **out)
{
	struct section *sections = document_texts(l, d);

	*out = "";
	return sections == NULL ? no_memory(l) : document_pin(l, sections, d->n, out);
}

/* The row of the document's own record. */
static status
find_record(struct laptop *l, struct document *d)
{
	struct query *q = query_of(
	    l->queries, "SELECT id, scope FROM r_record WHERE name = ? AND kind = ?");

	query_blob(q, d->ref.name.bytes, sizeof d->ref.name.bytes);
	query_int(q, d->ref.kind);
	if (query_row(q)) {
		d->rid = query_column_int(q, 0);
		d->ref.scope = query_column_int(q, 1);
	}
	return query_done(q, &l->trouble);
}

status
document_load(
    struct laptop *l, uint16_t kind, const struct record_id *name, struct document *out)
{
	struct section *texts;
	status st;

	memset(out, 0, sizeof *out);
	out->type = document_type_of(kind);
	if (out->type == NULL)
		return trouble_set(&l->trouble, ST_BUG, "kind %u is no document", kind);
	out->ref.kind = kind;
	out->ref.name = *name;
	out->code = find_code_of(l, kind, name);
	st = find_record(l, out);
	if (st == ST_OK)
		st = scope_by_id(l, out->ref.scope, &out->scope);
	if (st == ST_OK)
		st = list_sections(l, out);
	for (size_t i = 0; st == ST_OK && i < out->n; i++)
		st = read_section(l, out, &out->sections[i]);
	if (st != ST_OK)
		return st;
	texts = document_texts(l, out);
	if (texts == NULL)
		return no_memory(l);
	return version_hash(
	    texts, out->n, &l->checks, l->arena, &out->version, &l->trouble);
}

status
document_open(struct laptop *l, const char *code, struct document *out)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct record_id name;
		status st = find_code(l, types[i].kind, code, 0, &name, NULL);

		if (st == ST_OK)
			return document_load(l, types[i].kind, &name, out);
		if (st != ST_NOT_FOUND)
			return st;
	}
	(void)complain(l->complaint, PN_F01,
	    "no report, minutes, practice or paper with the code %s is here%s", code,
	    find_near(l, KIND_NONE, code));
	complain_next(l->complaint, "pnet sync    to fetch what is new");
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}
