/* history.c - collects entries record by record and puts them in order. How a sentence is
 * made of them is in history_words.c. */
#include "client/actions/history.h"

#include <stdlib.h>

#include "client/laptop/stored.h"
#include "core/hlc.h"

struct collecting {
	struct story *s;
	const struct history_filter *filter;
	bool has_person; /* only what is about one person: keys of maps */
	uint64_t person;
	size_t n, cap;
	struct happening *at;
};

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a history");
}

/* ---- one record ---- */

static status
add(struct collecting *c, const struct story_record *r, const struct entry *e,
    enum happening_state state)
{
	struct arena *a = c->s->l->arena;

	if (c->n == c->cap) {
		size_t cap = c->cap == 0 ? 64 : c->cap * 2;
		struct happening *more = arena_zeros(a, cap, sizeof *more);

		if (more == NULL)
			return no_memory(c->s->l);
		if (c->n > 0)
			memcpy(more, c->at, c->n * sizeof *more);
		c->at = more;
		c->cap = cap;
	}
	c->at[c->n++] = (struct happening){.record = r, .entry = *e, .state = state};
	return ST_OK;
}

static bool
is_wanted(const struct collecting *c, const struct story_record *r, const struct entry *e)
{
	const struct field *f = r->kind == NULL ? NULL : schema_field(r->kind, e->field);

	return f != NULL && f->type != FIELD_LONGTEXT &&
	       !field_names_record(r->kind, e->field) &&
	       (!c->has_person || !e->has_key || e->key == c->person);
}

static status
add_live(struct collecting *c, const struct story_record *r)
{
	const struct record_view *v = &r->loaded->view;
	status st = ST_OK;

	for (size_t i = 0; i < v->n_cells; i++) {
		for (size_t k = 0; st == ST_OK && k < v->cells[i].n; k++) {
			const struct entry *e = v->cells[i].entries[k].entry;

			if (is_wanted(c, r, e))
				st = add(c, r, e, HAPPENING_STANDS);
		}
	}
	return st;
}

static status
add_replaced(struct collecting *c, const struct story_record *r, int64_t rid)
{
	struct laptop *l = c->s->l;
	struct query *q =
	    query_of(l->queries, "SELECT entry FROM r_history WHERE record = ?");
	status st = ST_OK, end;

	query_int(q, rid);
	while (st == ST_OK && query_row(q)) {
		struct span blob = arena_copy(l->arena, query_column_span(q, 0));
		struct entry e;

		st = stored_entry_read(blob, &e, &l->trouble);
		if (st == ST_OK && is_wanted(c, r, &e))
			st = add(c, r, &e, HAPPENING_REPLACED);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static int
compare_places(const struct happening *x, const struct happening *y)
{
	if (x->entry.field != y->entry.field)
		return x->entry.field < y->entry.field ? -1 : 1;
	return (x->entry.key > y->entry.key) - (x->entry.key < y->entry.key);
}

/* By place, then time; what stands before what was replaced under the same name. */
static int
compare_in_record(const void *a, const void *b)
{
	const struct happening *x = a, *y = b;
	int order = compare_places(x, y);

	if (order == 0)
		order = hlc_compare(x->entry.time, y->entry.time);
	if (order == 0)
		order = entry_name_compare(x->entry.name, y->entry.name);
	return order != 0 ? order : (int)x->state - (int)y->state;
}

static bool
is_same(const struct happening *x, const struct happening *y)
{
	if (compare_places(x, y) != 0)
		return false;
	return entry_name_equal(x->entry.name, y->entry.name);
}

/* A value that was replaced but has none after it was withdrawn: an older one stands. */
static void
mark_undone(struct happening *from, size_t n)
{
	bool is_last = true;

	for (size_t i = n; i > 0; i--) {
		struct happening *h = &from[i - 1];

		if (i < n && compare_places(h, &from[i]) != 0)
			is_last = true;
		if (h->state == HAPPENING_STANDS)
			is_last = false;
		else if (is_last)
			h->state = HAPPENING_UNDONE;
	}
}

/* Sorts the happenings of one record, drops repeats, links each to the one before. */
static void
order_record(struct collecting *c, size_t from)
{
	struct happening *at = c->at + from;
	size_t n = c->n - from, kept = 0;
	bool is_making = true;

	if (n > 1)
		qsort(at, n, sizeof *at, compare_in_record);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || !is_same(&at[kept - 1], &at[i]))
			at[kept++] = at[i];
	}
	c->n = from + kept;
	mark_undone(at, kept);
	for (size_t i = 0; i < kept; i++) {
		if (at[i].entry.has_key ||
		    at[i].entry.name.agent != at[0].entry.name.agent)
			is_making = false;
	}
	for (size_t i = 0; i < kept; i++)
		at[i].is_making = is_making;
}

/* The entry before it in its place; the arrays move, so they are copied. */
static status
link_record(struct collecting *c, size_t from)
{
	for (size_t i = from + 1; i < c->n; i++) {
		struct entry *before;

		if (compare_places(&c->at[i - 1], &c->at[i]) != 0)
			continue;
		before = arena_zeros(c->s->l->arena, 1, sizeof *before);
		if (before == NULL)
			return no_memory(c->s->l);
		*before = c->at[i - 1].entry;
		c->at[i].before = before;
	}
	return ST_OK;
}

/* Each saved edit of its texts. */
static status
add_texts(struct collecting *c, const struct story_record *r)
{
	struct text_edits edits;
	status st = history_texts(c->s->l, r, &edits);

	for (size_t i = 0; st == ST_OK && i < edits.n; i++) {
		const struct text_edit *e = &edits.items[i];

		st = add(
		    c, r, &e->entry, e->is_out ? HAPPENING_REPLACED : HAPPENING_STANDS);
		if (st == ST_OK)
			c->at[c->n - 1].text = e;
	}
	return st;
}

static bool
is_filtered(const struct collecting *c, const struct happening *h)
{
	const struct history_filter *f = c->filter;

	return h->entry.time.seconds < f->since_s ||
	       (f->member != NULL &&
		   strcmp(author_member(c->s->l, h->entry.by), f->member) != 0);
}

static void
filter_record(struct collecting *c, size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < c->n; i++) {
		if (!is_filtered(c, &c->at[i]))
			c->at[kept++] = c->at[i];
	}
	c->n = kept;
}

static status
add_record(struct collecting *c, int64_t rid)
{
	struct story_record *r = arena_zeros(c->s->l->arena, 1, sizeof *r);
	size_t from = c->n;
	status st = r == NULL ? no_memory(c->s->l) : story_record(c->s, rid, r);

	if (st != ST_OK || r->kind == NULL || r->kind->is_automatic)
		return st;
	st = add_live(c, r);
	if (st == ST_OK)
		st = add_replaced(c, r, rid);
	if (st != ST_OK)
		return st;
	order_record(c, from);
	st = link_record(c, from);
	if (st == ST_OK)
		st = add_texts(c, r);
	filter_record(c, from);
	return st;
}

/* ---- which records ---- */

/* Runs over the rows first: the query is over before records are loaded. */
static status
add_rows(struct collecting *c, struct query *q)
{
	struct laptop *l = c->s->l;
	int64_t *rids = NULL;
	size_t n = 0, cap = 0;
	status st;

	while (query_row(q)) {
		if (n == cap) {
			int64_t *more;

			cap = cap == 0 ? 32 : cap * 2;
			more = arena_zeros(l->arena, cap, sizeof *more);
			if (more == NULL)
				break;
			if (n > 0)
				memcpy(more, rids, n * sizeof *more);
			rids = more;
		}
		rids[n++] = query_column_int(q, 0);
	}
	st = query_done(q, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = add_record(c, rids[i]);
	return st;
}

/* Records of a kind whose first field names this one: days, sections, sheets. */
static status
add_parts(struct collecting *c, const struct kind *part, uint16_t of,
    const struct record_id *id)
{
	struct laptop *l = c->s->l;
	const struct field *f = &part->fields[0];
	struct query *q;

	if (f->type != FIELD_REF || (f->of != of && f->of != KIND_NONE))
		return ST_OK;
	q = query_of(l->queries,
	    arena_text(l->arena, "SELECT rid FROM %s WHERE \"%s\" = ? ORDER BY rid",
		part->name, f->name));
	query_blob(q, id->bytes, sizeof id->bytes);
	return add_rows(c, q);
}

static status
add_all_of(struct collecting *c, uint16_t kind, const struct record_id *id)
{
	struct laptop *l = c->s->l;
	struct query *q =
	    query_of(l->queries, "SELECT id FROM r_record WHERE name = ? ORDER BY id");
	status st;

	query_blob(q, id->bytes, sizeof id->bytes);
	st = add_rows(c, q);
	for (size_t i = 0; st == ST_OK && i < schema_kind_count(); i++)
		st = add_parts(c, schema_kind_at(i), kind, id);
	return st;
}

/* His records, and the sheets of the activities where he is on the roster. */
static status
add_person(struct collecting *c, const char *word)
{
	struct laptop *l = c->s->l;
	struct somebody who;
	struct query *q;
	status st = people_one(l, NULL, word, &who);

	if (st != ST_OK)
		return st;
	c->has_person = true;
	c->person = person_key_of(&who.pid).n;
	q = query_of(l->queries,
	    "SELECT id FROM r_record WHERE person = ?1 OR (kind = ?2 AND scope IN (SELECT"
	    " scope FROM r_record WHERE person = ?1)) ORDER BY id");
	query_blob(q, who.pid.bytes, 8);
	query_int(q, KIND_SHEET);
	return add_rows(c, q);
}

/* ---- the whole ---- */

static int
compare_times(const void *a, const void *b)
{
	const struct happening *x = a, *y = b;
	int order = hlc_compare(x->entry.time, y->entry.time);

	if (order == 0)
		order = (x->record->loaded->rid > y->record->loaded->rid) -
			(x->record->loaded->rid < y->record->loaded->rid);
	/* In the order of writing; but what its making says of a record is one sentence.
	 */
	if (order == 0)
		order = (x->text != NULL) - (y->text != NULL);
	return order != 0 ? order : entry_name_compare(x->entry.name, y->entry.name);
}

status
history_of(struct story *s, const char *word, const struct history_filter *filter,
    struct happening **out, size_t *n)
{
	struct collecting c = {.s = s, .filter = filter};
	struct record_id id;
	uint16_t kind = KIND_NONE;
	status st = find_any_code(s->l, word, &id, &kind);

	if (st == ST_OK)
		st = add_all_of(&c, kind, &id);
	else if (st == ST_NOT_FOUND)
		st = add_person(&c, word);
	if (st == ST_OK && c.n > 1)
		qsort(c.at, c.n, sizeof *c.at, compare_times);
	*out = c.at;
	*n = c.n;
	return st;
}
