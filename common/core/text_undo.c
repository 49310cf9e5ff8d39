/* text_undo.c - turns a kept edit of a text round. Pure.
 *
 * All lists are first cut into atoms: pieces that are alone in their place of the text,
 * live or not as a whole, and are in another list whole or not at all. Then each atom of
 * the edit is asked what becomes of it; only after that is anything changed. */
#include "core/text_undo.h"

#include <stdlib.h>

#include "core/record_parts.h"
#include "core/run.h"
#include "core/text_kept.h"
#include "core/text_leave.h"

/* An atom that comes back, behind character k of a part of the text. */
struct back {
	const struct text_piece *piece;
	const struct text_part *part;
	uint32_t k;
	struct entry_name renamed;
};

struct turning {
	struct arena *a;
	const struct record_cell *cell;
	const struct text_state *now;
	size_t n;
	struct text_kept *all;
	struct text_kept *kept; /* the one that is turned */
	struct entry_name name; /* of the next value */
	size_t n_taken;
	struct name_range *taken;
	size_t n_back;
	struct back *back;
	size_t n_values;
	struct value *values;
	struct entry_name *names; /* of values */
	struct text_turned out;
};

/* ---- atoms ---- */

static bool
cut_at_ends(struct turning *t, struct text_pieces *in, const struct text_piece *like)
{
	return kept_cut(t->a, in, like->first.agent, like->first.index) &&
	       kept_cut(
		   t->a, in, like->first.agent, (uint64_t)like->first.index + like->n);
}

static bool
cut_like(struct turning *t, struct text_pieces *in, const struct text_pieces *other)
{
	for (size_t i = 0; i < other->n; i++) {
		if (!cut_at_ends(t, in, &other->items[i]))
			return false;
	}
	return true;
}

/* Where runs end in the cell, and parts in the text. */
static bool
cut_like_text(struct turning *t, struct text_pieces *in)
{
	for (size_t i = 0; i < in->n; i++) {
		struct text_piece *p = &in->items[i];
		const struct text_part *part = text_find(t->now, p->first);
		const struct entry *e;
		uint64_t end = (uint64_t)p->first.index + p->n, run_end = end;

		(void)kept_lives(t->cell, p->first, &e);
		if (e != NULL)
			run_end = (uint64_t)e->name.index + record_names_of(&e->value);
		if (part != NULL && (uint64_t)part->first.index + part->n < run_end)
			run_end = (uint64_t)part->first.index + part->n;
		if (e == NULL && part == NULL)
			run_end = (uint64_t)p->first.index + 1;
		if (run_end < end && !kept_cut(t->a, in, p->first.agent, run_end))
			return false;
	}
	return true;
}

static bool
cut_all(struct turning *t)
{
	struct text_pieces *own[2] = {&t->kept->came, &t->kept->went};

	for (size_t o = 0; o < 2; o++) {
		if (!cut_like_text(t, own[o]))
			return false;
		for (size_t i = 0; i < 2 * t->n; i++) {
			if (!cut_like(t, own[o], kept_list(t->all, i)))
				return false;
		}
	}
	for (size_t o = 0; o < 2; o++) {
		for (size_t i = 0; i < 2 * t->n; i++) {
			if (!cut_like(t, kept_list(t->all, i), own[o]))
				return false;
		}
	}
	return true;
}

/* ---- what becomes of an atom ---- */

static bool
lives(const struct turning *t, const struct text_piece *p)
{
	const struct entry *e;

	return kept_lives(t->cell, p->first, &e);
}

static void
take_out(struct turning *t, const struct text_piece *p)
{
	if (!lives(t, p))
		return;
	/* Every edit knows it: the others outlive this one. */
	for (size_t i = 0; i < 2 * t->n; i++) {
		struct text_piece *q = kept_find(kept_list(t->all, i), p->first);

		if (q != NULL)
			q->killer = t->name.agent;
	}
	t->taken[t->n_taken++] = name_range_of(0, p->first.agent, p->first.index, p->n);
	t->out.n_taken += p->n;
}

/* Why an atom that does not live stays out. */
static bool
is_barred(const struct turning *t, const struct text_piece *p)
{
	bool is_ours = false, is_gone = false;

	for (size_t i = 0; i < 2 * t->n; i++) {
		const struct text_piece *q = kept_find(kept_list(t->all, i), p->first);

		is_ours = is_ours || (q != NULL && q->killer != 0);
		is_gone = is_gone || (q != NULL && q->is_gone);
	}
	return is_gone || !is_ours || text_find(t->now, p->first) == NULL;
}

static void
put_back(struct turning *t, const struct text_piece *p)
{
	const struct text_part *part;

	if (lives(t, p))
		return;
	if (is_barred(t, p)) {
		t->out.n_barred += p->n;
		return;
	}
	part = text_find(t->now, p->first);
	t->back[t->n_back++] = (struct back){
	    .piece = p, .part = part, .k = p->first.index - part->first.index};
	t->out.n_back += p->n;
}

/* Is it out because another of our edits, which stands, took it out? */
static bool
is_out_by_another(const struct turning *t, const struct text_piece *p)
{
	for (size_t i = 0; i < t->n; i++) {
		if (&t->all[i] != t->kept && !t->all[i].is_undone &&
		    kept_find(&t->all[i].went, p->first) != NULL)
			return true;
	}
	return false;
}

/* Edits that took out what this one had brought do not put it back while it is undone. */
static void
mark_unwritten(struct turning *t, const struct text_piece *p, bool is_unwritten)
{
	for (size_t i = 0; i < t->n; i++) {
		struct text_piece *q = kept_find(&t->all[i].went, p->first);

		if (q != NULL && &t->all[i] != t->kept)
			q->is_unwritten = is_unwritten;
	}
}

static void
undo(struct turning *t)
{
	for (size_t i = 0; i < t->kept->came.n; i++) {
		take_out(t, &t->kept->came.items[i]);
		mark_unwritten(t, &t->kept->came.items[i], true);
	}
	for (size_t i = 0; i < t->kept->went.n; i++) {
		if (!t->kept->went.items[i].is_unwritten)
			put_back(t, &t->kept->went.items[i]);
	}
}

static void
redo(struct turning *t)
{
	for (size_t i = 0; i < t->kept->came.n; i++) {
		mark_unwritten(t, &t->kept->came.items[i], false);
		if (!is_out_by_another(t, &t->kept->came.items[i]))
			put_back(t, &t->kept->came.items[i]);
	}
	for (size_t i = 0; i < t->kept->went.n; i++)
		take_out(t, &t->kept->went.items[i]);
}

/* ---- runs ---- */

static int
compare_backs(const void *a, const void *b)
{
	const struct back *x = a, *y = b;

	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return (x->k > y->k) - (x->k < y->k);
}

/* Nothing is shown between them: they make one run. */
static bool
goes_on(const struct back *from, const struct back *to)
{
	for (const struct text_part *p = from->part + 1; p < to->part; p++) {
		if (!p->is_hollow)
			return false;
	}
	return true;
}

static bool
add_run(struct turning *t, size_t first, size_t end)
{
	const struct back *last = &t->back[end - 1];
	struct value *v = &t->values[t->n_values];
	uint8_t *text;
	size_t len = 0;

	for (size_t i = first; i < end; i++)
		len += t->back[i].piece->text.len;
	text = arena_alloc(t->a, len);
	if (text == NULL)
		return false;
	*v = (struct value){.type = VALUE_RUN, .bytes = span_of(text, len)};
	text_hang_behind(t->now, last->part, last->k + last->piece->n - 1, v);
	t->names[t->n_values++] = t->name;
	for (size_t i = first; i < end; i++) {
		const struct text_piece *p = t->back[i].piece;

		memcpy(text, p->text.bytes, p->text.len);
		text += p->text.len;
		t->back[i].renamed = t->name;
		t->name.index += p->n;
	}
	return true;
}

static bool
add_runs(struct turning *t)
{
	size_t end;

	t->values = arena_zeros(t->a, t->n_back, sizeof *t->values);
	t->names = arena_zeros(t->a, t->n_back, sizeof *t->names);
	if (t->values == NULL || t->names == NULL)
		return false;
	if (t->n_back > 1)
		qsort(t->back, t->n_back, sizeof *t->back, compare_backs);
	for (size_t i = 0; i < t->n_back; i = end) {
		for (end = i + 1; end < t->n_back; end++) {
			if (!goes_on(&t->back[end - 1], &t->back[end]))
				break;
		}
		if (!add_run(t, i, end))
			return false;
	}
	return true;
}

/* ---- the text after it ---- */

struct cell_room {
	struct entry *items;
	struct record_entry *entries;
	size_t n;
};

static void
add_entry(struct cell_room *room, const struct entry *e)
{
	room->items[room->n] = *e;
	room->entries[room->n].entry = &room->items[room->n];
	room->n++;
}

/* A run of the cell, its characters that are taken out without their text. */
static void
add_cut(struct turning *t, struct cell_room *room, const struct entry *e)
{
	struct names_walk walk = names_walk_of(t->taken, t->n_taken,
	    name_range_of(0, e->name.agent, e->name.index, record_names_of(&e->value)));
	struct names_part part;

	while (names_walk_next(&walk, &part)) {
		uint32_t from = (uint32_t)(part.first - e->name.index);
		uint32_t to = (uint32_t)(part.end - e->name.index);
		struct entry piece =
		    part.is_member ? run_hollow(e, from, to) : run_piece(e, from, to);

		add_entry(room, &piece);
	}
}

static int
compare_entries(const void *a, const void *b)
{
	const struct record_entry *x = a, *y = b;

	return record_entry_compare(x->entry, y->entry);
}

static status
read_after(struct turning *t, struct text_state *after, struct trouble *why)
{
	size_t n = t->cell == NULL ? 0 : t->cell->n;
	size_t most = n + 2 * t->n_taken + t->n_values;
	struct cell_room room = {.items = arena_zeros(t->a, most, sizeof *room.items),
	    .entries = arena_zeros(t->a, most, sizeof *room.entries)};
	struct record_cell cell;

	if (room.items == NULL || room.entries == NULL)
		return record_no_memory(why);
	t->n_taken = names_join(t->taken, t->n_taken);
	for (size_t i = 0; i < n; i++) {
		const struct entry *e = t->cell->entries[i].entry;

		if (e->value.type == VALUE_RUN)
			add_cut(t, &room, e);
	}
	for (size_t i = 0; i < t->n_values; i++)
		add_entry(
		    &room, &(struct entry){.name = t->names[i], .value = t->values[i]});
	for (size_t i = 0; i < room.n; i++)
		room.items[i].field = 0;
	if (room.n > 1)
		qsort(room.entries, room.n, sizeof *room.entries, compare_entries);
	cell = (struct record_cell){.n = room.n, .entries = room.entries};
	return text_read(t->a, &cell, after, why);
}

/* One shown character after the other. */
struct cursor {
	const struct text_state *s;
	size_t part;
	uint32_t k;
	size_t at;
};

static bool
has_more(struct cursor *c)
{
	while (c->part < c->s->n_parts &&
	       (c->s->parts[c->part].is_hollow || c->k == c->s->parts[c->part].n)) {
		c->part++;
		c->k = 0;
	}
	return c->part < c->s->n_parts;
}

/* Is there a character that the other text does not show? */
static bool
is_alone(struct cursor *c, const struct text_state *other)
{
	struct entry_name name;
	const struct text_part *p;

	if (!has_more(c))
		return false;
	name = c->s->parts[c->part].first;
	name.index += c->k;
	p = text_find(other, name);
	return p == NULL || p->is_hollow;
}

static void
step(struct cursor *c)
{
	c->k++;
	c->at += run_bytes(span_of(c->s->text.bytes + c->at, c->s->text.len - c->at), 1);
}

/* Characters that both texts show stand in one order. */
static bool
hunks_of(struct arena *a, const struct text_state *before, const struct text_state *after,
    size_t most, size_t *n, struct text_hunk **out)
{
	struct cursor from = {.s = before}, to = {.s = after};

	*n = 0;
	*out = arena_zeros(a, most, sizeof **out);
	if (*out == NULL)
		return false;
	while (has_more(&from) || has_more(&to)) {
		struct text_hunk h = {.from = from.at, .at = to.at};

		for (; is_alone(&from, after); step(&from))
			;
		for (; is_alone(&to, before); step(&to))
			;
		h.to = from.at;
		h.end = to.at;
		if ((h.from < h.to || h.at < h.end) && *n < most)
			(*out)[(*n)++] = h;
		if (has_more(&from))
			step(&from);
		if (has_more(&to))
			step(&to);
	}
	return true;
}

static status
make_change(struct turning *t, struct trouble *why)
{
	struct text_change *change = &t->out.change;
	struct seen_names *seen;
	struct text_state after;
	struct text_hunk *hunks;
	size_t n;
	status st = read_after(t, &after, why);

	if (st != ST_OK)
		return st;
	if (after.text.len > TEXT_BYTES_MAX)
		return trouble_set(why, ST_LIMIT,
		    "a text would have %zu bytes, more than %d", after.text.len,
		    TEXT_BYTES_MAX);
	seen = arena_zeros(t->a, t->n_taken, sizeof *seen);
	if (seen == NULL || !hunks_of(t->a, t->now, &after,
				after.n_parts + t->now->n_parts + 1, &n, &hunks))
		return record_no_memory(why);
	for (size_t i = 0; i < t->n_taken; i++)
		seen[i] = (struct seen_names){.agent = t->taken[i].agent,
		    .first = (uint32_t)t->taken[i].first,
		    .count = (uint32_t)(t->taken[i].end - t->taken[i].first)};
	*change = (struct text_change){t->n_values, t->values, t->n_taken, seen};
	return text_leave(t->a, t->cell, t->now, &after, n, hunks, t->name, change, why);
}

/* ---- what is kept of it ---- */

/* What came back has new names from now on; what was shared is nobody's alone. */
static void
rename_back(struct turning *t, const struct back *b)
{
	struct text_piece was = *b->piece;
	const struct text_piece *by = kept_find(&t->kept->went, was.first);
	bool is_shared = by != NULL && by->is_shared;

	for (size_t i = 0; i < 2 * t->n; i++) {
		struct text_pieces *in = kept_list(t->all, i);
		struct text_piece *p = kept_find(in, was.first);

		if (p == NULL)
			continue;
		if (is_shared && in != &t->kept->went) {
			p->is_gone = true;
			continue;
		}
		p->first = b->renamed;
		p->killer = 0;
	}
}

static bool
prepare(struct turning *t)
{
	size_t most;

	if (!cut_all(t))
		return false;
	most = t->kept->came.n + t->kept->went.n;
	t->taken = arena_zeros(t->a, most, sizeof *t->taken);
	t->back = arena_zeros(t->a, most, sizeof *t->back);
	return t->taken != NULL && t->back != NULL;
}

status
text_turn(struct arena *a, const struct record_cell *cell, const struct text_state *now,
    size_t n, struct text_kept *all, size_t which, struct entry_name name,
    struct text_turned *out, struct trouble *why)
{
	struct turning t = {.a = a,
	    .cell = cell,
	    .now = now,
	    .n = n,
	    .all = all,
	    .kept = &all[which],
	    .name = name};
	status st = ST_OK;

	if (!prepare(&t))
		return record_no_memory(why);
	if (t.kept->is_undone)
		redo(&t);
	else
		undo(&t);
	if (!add_runs(&t))
		return record_no_memory(why);
	if (t.n_taken > 0 || t.n_back > 0)
		st = make_change(&t, why);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < t.n_back; i++)
		rename_back(&t, &t.back[i]);
	t.kept->is_undone = !t.kept->is_undone;
	*out = t.out;
	return ST_OK;
}
