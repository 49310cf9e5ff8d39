/* text_past.c - words that a text had, and who took them out: for the history. Pure. */
#include "core/record_parts.h"
#include "core/run.h"
#include "core/text_kept.h"

/* Where words go to; at NULL only counts. */
struct words {
	uint8_t *at;
	size_t len;
	size_t end; /* in the text, of the last one; SIZE_MAX: none yet */
};

static void
add_bytes(struct words *w, struct span bytes)
{
	if (w->at != NULL && bytes.len > 0)
		memcpy(w->at + w->len, bytes.bytes, bytes.len);
	w->len += bytes.len;
}

/* A part, cut like the set of names that go. */
static void
add_words(const struct text_state *s, const struct text_part *p, size_t n,
    const struct name_range *gone, struct words *w)
{
	struct names_walk walk = names_walk_of(
	    gone, n, name_range_of(0, p->first.agent, p->first.index, p->n));
	struct names_part part;
	size_t at = p->at;

	while (names_walk_next(&walk, &part)) {
		struct span text = span_of(s->text.bytes + at, p->at + p->len - at);

		text.len = run_bytes(text, part.end - part.first);
		at += text.len;
		if (!part.is_member)
			continue;
		if (w->end != SIZE_MAX && w->end != at - text.len)
			add_bytes(w, span_text(" ... "));
		add_bytes(w, text);
		w->end = at;
	}
}

static size_t
add_all_words(
    const struct text_state *s, size_t n, const struct name_range *gone, uint8_t *room)
{
	struct words w = {.at = room, .end = SIZE_MAX};

	for (size_t i = 0; i < s->n_parts; i++) {
		if (!s->parts[i].is_hollow)
			add_words(s, &s->parts[i], n, gone, &w);
	}
	return w.len;
}

status
text_words(struct arena *a, const struct text_state *now, size_t n,
    const struct seen_names *seen, struct span *out, struct trouble *t)
{
	struct name_range *gone = arena_zeros(a, n, sizeof *gone);
	uint8_t *room;

	if (gone == NULL)
		return record_no_memory(t);
	for (size_t i = 0; i < n; i++)
		gone[i] = name_range_of(0, seen[i].agent, seen[i].first, seen[i].count);
	n = names_join(gone, n);
	room = arena_alloc(a, add_all_words(now, n, gone, NULL) + 1);
	if (room == NULL)
		return record_no_memory(t);
	*out = span_of(room, add_all_words(now, n, gone, room));
	return ST_OK;
}

status
text_shown(struct arena *a, const struct text_state *now, size_t n,
    const struct seen_names *seen, struct text_pieces *out, struct trouble *t)
{
	*out = (struct text_pieces){0};
	for (size_t i = 0; i < n; i++) {
		for (uint64_t k = 0; k < seen[i].count;) {
			struct entry_name name = {
			    seen[i].agent, (uint32_t)(seen[i].first + k)};
			struct text_piece p =
			    kept_shown(now, name, seen[i].count - (uint32_t)k);

			k += p.n;
			if (p.text.len > 0 && !kept_push(a, out, &p))
				return record_no_memory(t);
		}
	}
	return ST_OK;
}

/* ---- what went with a pull ---- */

/* A list of ranges that grows. */
struct ranges {
	struct arena *a;
	size_t n, cap;
	struct seen_names *items;
};

static bool
add_range(struct ranges *r, uint64_t agent, uint64_t first, uint64_t end)
{
	struct seen_names *last = r->n == 0 ? NULL : &r->items[r->n - 1];

	if (last != NULL && last->agent == agent &&
	    (uint64_t)last->first + last->count == first) {
		last->count += (uint32_t)(end - first);
		return true;
	}
	if (r->n == r->cap) {
		size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
		struct seen_names *more = arena_zeros(r->a, cap, sizeof *more);

		if (more == NULL)
			return false;
		if (r->n > 0)
			memcpy(more, r->items, r->n * sizeof *more);
		r->items = more;
		r->cap = cap;
	}
	r->items[r->n++] = (struct seen_names){
	    .agent = agent, .first = (uint32_t)first, .count = (uint32_t)(end - first)};
	return true;
}

static bool
add_vanished(struct ranges *r, const struct text_part *p, const struct record_cell *after)
{
	uint64_t end = (uint64_t)p->first.index + p->n;

	for (uint64_t at = p->first.index; at < end;) {
		const struct entry *e;
		bool lives = kept_lives(
		    after, (struct entry_name){p->first.agent, (uint32_t)at}, &e);
		uint64_t next = at + 1;

		if (e != NULL)
			next = (uint64_t)e->name.index + record_names_of(&e->value);
		next = next < end ? next : end;
		if (!lives && !add_range(r, p->first.agent, at, next))
			return false;
		at = next;
	}
	return true;
}

status
text_vanished(struct arena *a, const struct text_state *before,
    const struct record_cell *after, size_t *n, struct seen_names **out,
    struct trouble *t)
{
	struct ranges r = {.a = a};

	for (size_t i = 0; i < before->n_parts; i++) {
		if (!before->parts[i].is_hollow &&
		    !add_vanished(&r, &before->parts[i], after))
			return record_no_memory(t);
	}
	*n = r.n;
	*out = r.items;
	return ST_OK;
}

status
text_gone_by(struct arena *a, const struct body *b, uint16_t field, size_t *n_io,
    struct seen_names **io, size_t *n, struct seen_names **out, struct trouble *t)
{
	struct ranges left = {.a = a}, moved = {.a = a};
	struct name_range *gone = arena_zeros(a, b->n_entries + b->n_gone, sizeof *gone);
	size_t n_gone = gone == NULL ? 0 : text_gone_ranges(b, field, gone);

	if (gone == NULL)
		return record_no_memory(t);
	for (size_t i = 0; i < *n_io; i++) {
		const struct seen_names *s = &(*io)[i];
		struct names_walk walk = names_walk_of(
		    gone, n_gone, name_range_of(field, s->agent, s->first, s->count));
		struct names_part part;

		while (names_walk_next(&walk, &part)) {
			if (!add_range(part.is_member ? &moved : &left, s->agent,
				part.first, part.end))
				return record_no_memory(t);
		}
	}
	*n_io = left.n;
	*io = left.items;
	*n = moved.n;
	*out = moved.items;
	return ST_OK;
}
