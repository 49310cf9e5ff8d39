/* text_past.c - keeps the words that go from texts. */
#include "client/laptop/text_past.h"

#include "client/laptop/stored.h"
#include "core/hlc.h"
#include "core/text_undo.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a history");
}

static status
insert(struct laptop *l, struct arena *a, int64_t rid, const struct entry *e)
{
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_history(record, field, key, entry, replaced_ms)"
	    " VALUES(?, ?, x'', ?, ?)");

	query_int(q, rid);
	query_int(q, e->field);
	query_span(q, stored_entry(e, a));
	query_int(q, (int64_t)l->now_ms);
	return query_run(q, &l->trouble);
}

static status
keep_pieces(struct laptop *l, struct arena *a, int64_t rid, uint16_t field,
    const struct text_state *before, const struct text_pieces *pieces)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < pieces->n; i++) {
		const struct text_piece *p = &pieces->items[i];
		const struct text_part *part = text_find(before, p->first);
		struct entry e = {.name = p->first,
		    .field = field,
		    .value = {.type = VALUE_RUN, .bytes = p->text, .side = RUN_RIGHT}};

		if (part == NULL)
			continue;
		e.value.parent = (struct entry_name){p->first.agent, p->first.index - 1};
		if (entry_name_equal(part->entry->name, p->first)) {
			e.value.parent = part->entry->value.parent;
			e.value.side = part->entry->value.side;
		}
		e.time = part->entry->time;
		e.by = part->entry->by;
		st = insert(l, a, rid, &e);
	}
	return st;
}

status
text_past_keep(struct laptop *l, struct arena *a, int64_t rid, uint16_t field,
    const struct text_state *before, size_t n, const struct seen_names *seen,
    const struct entry *by)
{
	struct entry words = {.field = field, .value = {.type = VALUE_TEXT}};
	struct text_pieces pieces;
	status st = text_shown(a, before, n, seen, &pieces, &l->trouble);

	if (st == ST_OK)
		st = keep_pieces(l, a, rid, field, before, &pieces);
	if (st != ST_OK || by == NULL || pieces.n == 0)
		return st;
	words.name = by->name;
	words.time = by->time;
	words.by = by->by;
	st = text_words(a, before, n, seen, &words.value.bytes, &l->trouble);
	return st != ST_OK ? st : insert(l, a, rid, &words);
}

/* ---- a pull ---- */

struct pulled {
	struct laptop *l;
	struct arena *a;
	const struct loaded *now;
	uint16_t field;
	size_t n_shown;
	const struct entry *shown; /* of the field */
	struct text_state before;
};

static bool
was_here(const struct pulled *p, uint64_t agent)
{
	for (size_t i = 0; i < p->n_shown; i++) {
		if (p->shown[i].name.agent == agent)
			return true;
	}
	return false;
}

/* The edit that an op brings; of several of one author the last, of several authors none.
 */
static const struct entry *
edit_of(const struct pulled *p, const struct body *b)
{
	const struct entry *out = NULL;

	for (size_t i = 0; i < b->n_entries; i++) {
		const struct entry *e = &b->entries[i];

		if (e->field != p->field || was_here(p, e->name.agent))
			continue;
		if (out != NULL &&
		    (out->by.home != e->by.home || out->by.device != e->by.device))
			return NULL;
		if (out == NULL || hlc_compare(out->time, e->time) < 0)
			out = e;
	}
	return out;
}

static status
keep_field(struct pulled *p)
{
	const struct record_input *in = &p->now->input;
	struct seen_names *left, *moved;
	size_t n_left, n;
	status st = text_vanished(p->a, &p->before, record_field(&p->now->view, p->field),
	    &n_left, &left, &p->l->trouble);

	for (size_t i = 0; st == ST_OK && n_left > 0 && i < in->n_ops; i++) {
		const struct entry *by = edit_of(p, in->ops[i].body);

		if (by == NULL)
			continue;
		st = text_gone_by(p->a, in->ops[i].body, p->field, &n_left, &left, &n,
		    &moved, &p->l->trouble);
		if (st == ST_OK && n > 0)
			st = text_past_keep(
			    p->l, p->a, p->now->rid, p->field, &p->before, n, moved, by);
	}
	return st != ST_OK || n_left == 0 ? st
					  : text_past_keep(p->l, p->a, p->now->rid,
						p->field, &p->before, n_left, left, NULL);
}

static status
read_before(struct pulled *p)
{
	struct record_entry *entries = arena_zeros(p->a, p->n_shown, sizeof *entries);
	struct record_cell cell = {
	    .field = p->field, .n = p->n_shown, .entries = entries};

	if (entries == NULL)
		return no_memory(p->l);
	for (size_t i = 0; i < p->n_shown; i++)
		entries[i].entry = &p->shown[i];
	return text_read(p->a, &cell, &p->before, &p->l->trouble);
}

status
text_past_pull(struct laptop *l, struct arena *a, const struct loaded *now, size_t n,
    const struct entry *shown)
{
	const struct kind *k = schema_kind(now->ref.kind);
	size_t end;
	status st = ST_OK;

	if (k == NULL || k->is_automatic || grave_hides(now->view.grave))
		return ST_OK;
	for (size_t i = 0; st == ST_OK && i < n; i = end) {
		const struct field *f = schema_field(k, shown[i].field);
		struct pulled p = {.l = l,
		    .a = a,
		    .now = now,
		    .field = shown[i].field,
		    .shown = &shown[i]};

		for (end = i + 1; end < n && shown[end].field == p.field; end++)
			;
		p.n_shown = end - i;
		if (f == NULL || f->type != FIELD_LONGTEXT)
			continue;
		st = read_before(&p);
		if (st == ST_OK)
			st = keep_field(&p);
	}
	return st;
}
