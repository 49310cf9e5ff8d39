/* review_texts.c - from the list of conflicts to documents and their hot spots. */
#include "client/actions/review_texts.h"

struct found {
	struct laptop *l;
	size_t n, cap;
	struct review_text *at;
};

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a review");
}

static status
add_spot(struct found *f, const struct review_text *spot)
{
	if (f->n == f->cap) {
		size_t cap = f->cap == 0 ? 16 : 2 * f->cap;
		struct review_text *more = arena_zeros(f->l->arena, cap, sizeof *more);

		if (more == NULL)
			return no_memory(f->l);
		if (f->n > 0)
			memcpy(more, f->at, f->n * sizeof *more);
		f->at = more;
		f->cap = cap;
	}
	f->at[f->n++] = *spot;
	return ST_OK;
}

static status
add_document(struct found *f, const struct document *d)
{
	size_t no = 0;
	status st = ST_OK;

	for (size_t i = 0; i < d->n; i++) {
		const struct document_section *s = &d->sections[i];

		for (size_t k = 0; st == ST_OK && k < s->spots.n; k++) {
			struct review_text spot = {d, s, &s->spots.items[k], ++no};

			if (spot.spot->kind == SPOT_UNSEEN)
				st = add_spot(f, &spot);
		}
	}
	return st;
}

/* The document whose section a record is. False: it is no section, or names none yet. */
static bool
document_of(const struct loaded *x, uint16_t *kind, struct record_id *name)
{
	const struct document_type *type = document_type_of_section(x->ref.kind);
	const struct record_cell *cell =
	    type == NULL || type->of == 0 ? NULL : record_field(&x->view, type->of);

	if (type == NULL)
		return false;
	*kind = type->kind;
	*name = x->ref.name;
	if (type->of == 0)
		return true;
	if (cell == NULL || cell->entries[0].entry->value.bytes.len != sizeof name->bytes)
		return false;
	memcpy(
	    name->bytes, cell->entries[0].entry->value.bytes.bytes, sizeof name->bytes);
	return true;
}

static bool
is_listed(const struct found *f, const struct record_id *name)
{
	for (size_t i = 0; i < f->n; i++) {
		if (ID_EQUAL(&f->at[i].document->ref.name, name))
			return true;
	}
	return false;
}

static status
take_record(struct found *f, int64_t rid)
{
	struct laptop *l = f->l;
	struct loaded *x = arena_zeros(l->arena, 1, sizeof *x);
	struct document *d = arena_zeros(l->arena, 1, sizeof *d);
	struct record_id name;
	uint16_t kind;
	status st;

	if (x == NULL || d == NULL)
		return no_memory(l);
	st = record_load(l, rid, l->arena, x);
	if (st != ST_OK || !document_of(x, &kind, &name) || is_listed(f, &name))
		return st;
	st = document_load(l, kind, &name, d);
	return st != ST_OK ? st : add_document(f, d);
}

status
review_texts(struct laptop *l, struct review_text **out, size_t *n)
{
	struct query *q = query_of(l->queries,
	    "SELECT c.record, r.kind, c.field FROM r_conflict c JOIN r_record r ON"
	    " r.id = c.record ORDER BY c.record");
	struct found f = {.l = l};
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q)) {
		const struct field *field =
		    schema_field(schema_kind((uint16_t)query_column_int(q, 1)),
			(uint16_t)query_column_int(q, 2));

		if (field != NULL && field->type == FIELD_LONGTEXT)
			st = take_record(&f, query_column_int(q, 0));
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	*out = f.at;
	*n = f.n;
	return st != ST_OK ? st : end;
}
