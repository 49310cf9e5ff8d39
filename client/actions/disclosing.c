/* disclosing.c - collects what the replica holds on a person: his own records, his keys
 * in sheets, and the local history of both. */
#include "client/actions/disclosing.h"

#include "client/actions/form.h"
#include "client/actions/story.h"
#include "client/laptop/stored.h"

struct collecting {
	struct laptop *l;
	struct story story;
	struct person_id pid; /* of the records at hand */
	size_t n, cap;
	struct disclosed *rows;
	bool no_memory;
};

static void
add(struct collecting *x, const struct disclosed *row)
{
	if (x->n == x->cap) {
		size_t cap = x->cap == 0 ? 64 : x->cap * 2;
		struct disclosed *more = arena_zeros(x->l->arena, cap, sizeof *more);

		x->no_memory |= more == NULL;
		if (more == NULL)
			return;
		if (x->n > 0)
			memcpy(more, x->rows, x->n * sizeof *more);
		x->rows = more;
		x->cap = cap;
	}
	x->rows[x->n++] = *row;
}

/* ---- one value ---- */

static const char *
value_words(struct collecting *x, const struct field *f, const struct value *v)
{
	if (v->type == VALUE_EMPTY || v->type == VALUE_SEEN)
		return "";
	if (f->type == FIELD_MARKS)
		return vocabulary_word(VOC_MARK, v->number);
	if (v->type == VALUE_RUN)
		return arena_text(
		    x->l->arena, "%.*s", (int)v->bytes.len, (const char *)v->bytes.bytes);
	return form_text(x->l, f, v);
}

static void
add_entry(struct collecting *x, const struct story_record *r, const struct field *f,
    const struct entry *e, bool stands)
{
	const char *value = value_words(x, f, &e->value);
	struct disclosed row = {.activity = r->activity,
	    .kind = r->kind->singular,
	    .field = f->type == FIELD_MARKS ? "mark" : f->name,
	    .day_no = r->day_no,
	    .value = value,
	    .stands = stands,
	    .by = story_who(&x->story, e->by),
	    .at_s = e->time.seconds};

	if (value != NULL && *value != '\0')
		add(x, &row);
}

/* Pieces of a text are no sentence: the text as it reads, by each who has a part in it.
 */
static void
add_text(struct collecting *x, const struct story_record *r, const struct field *f,
    const struct record_cell *cell)
{
	struct disclosed row = {.activity = r->activity,
	    .kind = r->kind->singular,
	    .field = f->name,
	    .day_no = r->day_no,
	    .value = "",
	    .stands = true,
	    .by = ""};
	struct text_state text;

	if (text_read(x->l->arena, cell, &text, &x->l->trouble) != ST_OK) {
		x->no_memory = true;
		return;
	}
	row.value = arena_text(
	    x->l->arena, "%.*s", (int)text.text.len, (const char *)text.text.bytes);
	for (size_t i = 0; i < cell->n; i++) {
		const struct entry *e = cell->entries[i].entry;
		const char *who = story_who(&x->story, e->by);

		if (strstr(row.by, who) == NULL)
			row.by = arena_text(x->l->arena, "%s%s%s", row.by,
			    *row.by == '\0' ? "" : ", ", who);
		if (e->time.seconds > row.at_s)
			row.at_s = e->time.seconds;
	}
	add(x, &row);
}

/* ---- one record ---- */

static void
add_cells(struct collecting *x, const struct story_record *r)
{
	uint64_t key = person_key_of(&x->pid).n;

	for (size_t i = 0; i < r->loaded->view.n_cells; i++) {
		const struct record_cell *cell = &r->loaded->view.cells[i];
		const struct field *f = schema_field(r->kind, cell->field);

		if (f == NULL || field_names_record(r->kind, cell->field) ||
		    (f->type == FIELD_MARKS) != cell->has_key ||
		    (cell->has_key && cell->key != key) ||
		    (f->type != FIELD_MARKS && !r->loaded->ref.has_person))
			continue;
		if (f->type == FIELD_LONGTEXT) {
			add_text(x, r, f, cell);
			continue;
		}
		for (size_t k = 0; k < cell->n; k++)
			add_entry(x, r, f, cell->entries[k].entry, true);
	}
}

static status
add_past(struct collecting *x, const struct story_record *r)
{
	struct laptop *l = x->l;
	uint64_t key = person_key_of(&x->pid).n;
	struct query *q = query_of(
	    l->queries, "SELECT entry FROM r_history WHERE record = ? ORDER BY id");
	status st = ST_OK, end;

	query_int(q, r->loaded->rid);
	while (st == ST_OK && query_row(q)) {
		struct span blob = arena_copy(l->arena, query_column_span(q, 0));
		const struct field *f = NULL;
		struct entry e;

		st = blob.bytes == NULL ? ST_NO_MEMORY
					: stored_entry_read(blob, &e, &l->trouble);
		if (st == ST_OK)
			f = schema_field(r->kind, e.field);
		if (f != NULL && !field_names_record(r->kind, e.field) &&
		    (e.has_key ? e.key == key : r->loaded->ref.has_person))
			add_entry(x, r, f, &e, false);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
add_record(struct collecting *x, int64_t rid)
{
	struct story_record r = {.label = ""};
	status st = story_record(&x->story, rid, &r);

	if (st != ST_OK || r.kind == NULL)
		return st;
	add_cells(x, &r);
	return add_past(x, &r);
}

/* ---- the person ---- */

static status
add_person(struct collecting *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries,
	    "SELECT id FROM r_record WHERE person = ?1 UNION SELECT s.id FROM r_record s"
	    " WHERE s.kind IN (?2, ?3) AND s.scope IN (SELECT scope FROM r_record WHERE"
	    " person = ?1) ORDER BY 1");
	uint8_t key[8];
	status st = ST_OK, end;

	put_u64(key, person_key_of(&x->pid).n);
	query_blob(q, key, sizeof key);
	query_int(q, KIND_SHEET);
	query_int(q, KIND_FINAL_SHEET);
	while (st == ST_OK && query_row(q))
		st = add_record(x, query_column_int(q, 0));
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
disclosing_rows(
    struct laptop *l, const struct erasing *who, struct disclosed **out, size_t *n)
{
	struct collecting x = {.l = l, .story = {.l = l}};
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < who->n_pids; i++) {
		x.pid = who->pids[i];
		st = add_person(&x);
	}
	*out = x.rows;
	*n = x.n;
	if (st == ST_OK && x.no_memory)
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for what is held");
	return st;
}
