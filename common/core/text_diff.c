/* text_diff.c - hunks become runs, superseded names and passages. Pure. */
#include "core/text_diff.h"

#include <assert.h>

#include "core/record_parts.h"
#include "core/run.h"
#include "core/text_leave.h"

struct diff {
	struct arena *a;
	const struct record_cell *cell;
	const struct text_state *old;
	struct span new;
	struct entry_name name;
	size_t n;
	struct text_hunk *hunks;
	struct entry_name *names; /* of the first character that a hunk brings */
	size_t n_olds, n_news;
	struct text_sentence *olds, *news;
	bool *is_touched;               /* of each old sentence */
	const struct text_state *after; /* the new text, if it is read already; or NULL */
	size_t n_values, n_seen, cap_seen;
	struct value *values;
	struct seen_names *seen;
};

/* --- what goes
 * ---------------------------------------------------------------------------
 */

static bool
push_seen(struct diff *d, uint64_t agent, uint32_t first, uint32_t count)
{
	struct seen_names *last = d->n_seen == 0 ? NULL : &d->seen[d->n_seen - 1];

	if (last != NULL && last->agent == agent && last->first + last->count == first) {
		last->count += count;
		return true;
	}
	if (d->n_seen == d->cap_seen) {
		size_t cap = d->cap_seen == 0 ? 16 : 2 * d->cap_seen;
		struct seen_names *more = arena_zeros(d->a, cap, sizeof *more);

		if (more == NULL)
			return false;
		if (d->n_seen > 0)
			memcpy(more, d->seen, d->n_seen * sizeof *more);
		d->seen = more;
		d->cap_seen = cap;
	}
	d->seen[d->n_seen++] =
	    (struct seen_names){.agent = agent, .first = first, .count = count};
	return true;
}

static bool
see_entry(struct diff *d, const struct entry *e)
{
	return push_seen(d, e->name.agent, e->name.index, record_names_of(&e->value));
}

static uint32_t
chars_before(const struct text_state *s, const struct text_part *p, size_t at)
{
	return (uint32_t)run_chars(span_of(s->text.bytes + p->at, at - p->at));
}

/* An equal run that is not shown goes with the one that stands for it. */
static bool
see_repeats(struct diff *d, const struct text_part *p, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i < d->old->n_repeats; i++) {
		const struct text_repeat *r = &d->old->repeats[i];
		uint32_t first = r->shown->name.index;
		uint32_t end = first + record_names_of(&r->shown->value);

		if (r->shown->name.agent == p->first.agent &&
		    p->first.index + from < end && p->first.index + to > first &&
		    !see_entry(d, r->entry))
			return false;
	}
	return true;
}

static bool
take_out(struct diff *d, const struct text_hunk *h)
{
	const struct text_state *s = d->old;

	for (size_t i = text_part_at(s, h->from);
	     i < s->n_parts && s->parts[i].at < h->to; i++) {
		const struct text_part *p = &s->parts[i];
		size_t at = h->from > p->at ? h->from : p->at;
		size_t end = h->to < p->at + p->len ? h->to : p->at + p->len;
		uint32_t from, to;

		if (p->is_hollow || at >= end)
			continue;
		from = chars_before(s, p, at);
		to = from + (uint32_t)run_chars(span_of(s->text.bytes + at, end - at));
		if (!push_seen(d, p->first.agent, p->first.index + from, to - from) ||
		    !see_repeats(d, p, from, to))
			return false;
	}
	return true;
}

/* --- what comes
 * --------------------------------------------------------------------------
 */

static struct entry_name
push_value(struct diff *d, const struct value *v)
{
	struct entry_name name = d->name;

	d->values[d->n_values++] = *v;
	d->name.index += record_names_of(v);
	return name;
}

static void
hang_before(struct value *v, const struct text_part *p, uint32_t k)
{
	v->parent = (struct entry_name){p->first.agent, p->first.index + k};
	v->side = RUN_LEFT;
}

void
text_hang_behind(
    const struct text_state *s, const struct text_part *p, uint32_t k, struct value *v)
{
	v->side = RUN_RIGHT;
	if (k + 1 < p->n)
		hang_before(v, p, k + 1);
	else if (p->has_right && p + 1 < s->parts + s->n_parts)
		hang_before(v, p + 1, 0);
	else
		v->parent = (struct entry_name){p->first.agent, p->first.index + k};
}

/* Fugue: right of the character before it, if nothing hangs there; else left of the next
 * character, be it hollow. */
static void
hang_run(const struct text_state *s, size_t at, struct value *v)
{
	size_t i = at == 0 ? 0 : text_part_at(s, at - 1);
	const struct text_part *p = &s->parts[i];

	v->side = RUN_RIGHT;
	if (at == 0 && s->n_parts > 0)
		hang_before(v, p, 0);
	if (at == 0)
		return;
	assert(i < s->n_parts);
	text_hang_behind(s, p, chars_before(s, p, at) - 1, v);
}

static void
put_in(struct diff *d, size_t i)
{
	const struct text_hunk *h = &d->hunks[i];
	struct value v = {
	    .type = VALUE_RUN, .bytes = span_of(d->new.bytes + h->at, h->end - h->at)};

	if (h->at == h->end)
		return;
	hang_run(d->old, h->from, &v);
	d->names[i] = push_value(d, &v);
}

/* --- passages
 * ----------------------------------------------------------------------------
 */

/* Does a hunk change the bytes at..end of the old text? */
static bool
changes_old(const struct text_hunk *h, const struct text_sentence *s)
{
	if (h->from < h->to)
		return h->from < s->end && h->to > s->at;
	return s->at < h->from && h->from < s->end;
}

static bool
changes_new(const struct text_hunk *h, const struct text_sentence *s)
{
	if (h->at < h->end)
		return h->at < s->end && h->end > s->at;
	return s->at < h->at && h->at < s->end;
}

/* Where a byte of the new text was in the old one; of a new byte where it came in. */
static size_t
old_offset(const struct diff *d, size_t at, bool is_end)
{
	size_t from = 0, new_at = 0;

	for (size_t i = 0; i < d->n; i++) {
		const struct text_hunk *h = &d->hunks[i];

		if (at < h->at || (is_end && at == h->at))
			break;
		if (at < h->end || (is_end && at == h->end))
			return is_end ? h->to : h->from;
		from = h->to;
		new_at = h->end;
	}
	return from + (at - new_at);
}

static bool
is_all_new(const struct diff *d, const struct text_sentence *s)
{
	for (size_t i = 0; i < d->n; i++) {
		if (d->hunks[i].at <= s->at && d->hunks[i].end >= s->end)
			return true;
	}
	return false;
}

/* Unchanged, and a sentence of its own before too? */
static bool
is_as_before(
    const struct diff *d, const struct text_sentence *s, const struct text_sentence *was)
{
	for (size_t i = 0; i < d->n; i++) {
		if (changes_new(&d->hunks[i], s))
			return false;
	}
	for (size_t k = 0; k < d->n_olds; k++) {
		if (d->olds[k].at == was->at)
			return d->olds[k].end == was->end;
	}
	return false;
}

/* The name of a byte of the new text that begins a character. */
static struct entry_name
name_of(const struct diff *d, size_t at)
{
	const struct text_state *s = d->old;
	struct entry_name name;
	const struct text_part *p;
	size_t from;

	if (d->after != NULL)
		return text_name_at(d->after, at);
	for (size_t i = 0; i < d->n; i++) {
		const struct text_hunk *h = &d->hunks[i];

		if (at >= h->at && at < h->end) {
			name = d->names[i];
			name.index += (uint32_t)run_chars(
			    span_of(d->new.bytes + h->at, at - h->at));
			return name;
		}
	}
	from = old_offset(d, at, false);
	p = &s->parts[text_part_at(s, from)];
	name = p->first;
	name.index += chars_before(s, p, from);
	return name;
}

/* Marks the old sentences that are changed, and leaves a passage for each new one that
 * this author did not write alone. */
static void
leave_passages(struct diff *d)
{
	for (size_t i = 0; i < d->n_news; i++) {
		const struct text_sentence *s = &d->news[i];
		struct text_sentence was = {
		    old_offset(d, s->at, false), old_offset(d, s->end, true)};
		struct value v = {.type = VALUE_SEEN,
		    .bytes = span_of(d->new.bytes + s->at, s->end - s->at)};

		if (is_all_new(d, s) || is_as_before(d, s, &was))
			continue;
		for (size_t k = 0; k < d->n_olds; k++) {
			if (d->olds[k].at < was.end && d->olds[k].end > was.at)
				d->is_touched[k] = true;
		}
		v.parent = name_of(d, s->at);
		(void)push_value(d, &v);
	}
}

/* A whole sentence went: an empty passage says who took it out. */
static void
mark_taken(struct diff *d)
{
	for (size_t k = 0; k < d->n_olds; k++) {
		const struct text_sentence *s = &d->olds[k];

		for (size_t i = 0; i < d->n; i++) {
			const struct text_hunk *h = &d->hunks[i];
			struct value v = {.type = VALUE_SEEN};
			const struct text_part *p;

			d->is_touched[k] = d->is_touched[k] || changes_old(h, s);
			if (h->from > s->at || h->to < s->end || h->at < h->end)
				continue;
			p = &d->old->parts[text_part_at(d->old, s->at)];
			v.parent = p->first;
			v.parent.index += chars_before(d->old, p, s->at);
			(void)push_value(d, &v);
		}
	}
}

static bool
was_touched(const struct diff *d, const struct text_passage *p)
{
	if (d->n_olds == 0 || d->is_touched[p->sentence])
		return true;
	for (size_t k = p->sentence;
	     p->is_found && k < d->n_olds && d->olds[k].at < p->end; k++) {
		if (d->is_touched[k])
			return true;
	}
	return false;
}

/* Passages about what was changed, and marks of a cleared text, are replaced. */
static bool
replace_passages(struct diff *d, struct trouble *t)
{
	struct text_passage *passages;
	size_t n, n_cell = d->cell == NULL ? 0 : d->cell->n;

	if (text_passages(d->a, d->cell, d->old, d->n_olds, d->olds, &n, &passages, t) !=
	    ST_OK)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (was_touched(d, &passages[i]) && !see_entry(d, passages[i].entry))
			return false;
	}
	for (size_t i = 0; i < n_cell; i++) {
		const struct entry *e = d->cell->entries[i].entry;

		if (e->value.type != VALUE_RUN && e->value.type != VALUE_SEEN &&
		    !see_entry(d, e))
			return false;
	}
	return true;
}

/* --- together
 * ------------------------------------------------------------------------------
 */

static bool
prepare(struct diff *d, size_t n_values, struct trouble *t)
{
	if (text_sentences(d->a, d->old->text, &d->n_olds, &d->olds, t) != ST_OK ||
	    text_sentences(d->a, d->new, &d->n_news, &d->news, t) != ST_OK)
		return false;
	d->names = arena_zeros(d->a, d->n, sizeof *d->names);
	d->is_touched = arena_zeros(d->a, d->n_olds, sizeof *d->is_touched);
	d->values =
	    arena_zeros(d->a, n_values + d->n_olds + d->n_news + 1, sizeof *d->values);
	return d->names != NULL && d->is_touched != NULL && d->values != NULL;
}

/* What readers need besides the characters: who saw which sentence. */
static status
leave(struct diff *d, struct text_change *out, struct trouble *t)
{
	leave_passages(d);
	mark_taken(d);
	if (!replace_passages(d, t))
		return record_no_memory(t);
	if (d->n_values == 0)
		(void)push_value(d, &(struct value){.type = VALUE_EMPTY});
	*out = (struct text_change){d->n_values, d->values, d->n_seen, d->seen};
	return ST_OK;
}

status
text_diff(struct arena *a, const struct record_cell *cell,
    const struct text_state *opened, struct span saved, struct entry_name name,
    struct text_change *out, struct trouble *t)
{
	struct diff d = {.a = a, .cell = cell, .old = opened, .new = saved, .name = name};

	*out = (struct text_change){0};
	if (saved.len > TEXT_BYTES_MAX)
		return trouble_set(t, ST_LIMIT, "a text has %zu bytes, more than %d",
		    saved.len, TEXT_BYTES_MAX);
	if (text_hunks(a, opened->text, saved, &d.n, &d.hunks, t) != ST_OK ||
	    !prepare(&d, d.n, t))
		return record_no_memory(t);
	if (d.n == 0)
		return ST_OK;
	for (size_t i = 0; i < d.n; i++) {
		if (!take_out(&d, &d.hunks[i]))
			return record_no_memory(t);
		put_in(&d, i);
	}
	return leave(&d, out, t);
}

status
text_leave(struct arena *a, const struct record_cell *cell,
    const struct text_state *before, const struct text_state *after, size_t n,
    struct text_hunk *hunks, struct entry_name name, struct text_change *io,
    struct trouble *t)
{
	struct diff d = {.a = a,
	    .cell = cell,
	    .old = before,
	    .new = after->text,
	    .after = after,
	    .name = name,
	    .n = n,
	    .hunks = hunks};

	if (!prepare(&d, io->n_values, t))
		return record_no_memory(t);
	for (size_t i = 0; i < io->n_values; i++)
		(void)push_value(&d, &io->values[i]);
	for (size_t i = 0; i < io->n_seen; i++) {
		if (!push_seen(
			&d, io->seen[i].agent, io->seen[i].first, io->seen[i].count))
			return record_no_memory(t);
	}
	return leave(&d, io, t);
}

status
text_settle(struct arena *a, const struct text_state *opened,
    const struct text_spot *spot, struct text_change *out, struct trouble *t)
{
	struct value *v = arena_zeros(a, 1, sizeof *v);

	if (v == NULL)
		return record_no_memory(t);
	v->type = spot->first.agent == 0 ? VALUE_EMPTY : VALUE_SEEN;
	if (v->type == VALUE_SEEN) {
		v->bytes = span_of(opened->text.bytes + spot->at, spot->end - spot->at);
		v->parent = spot->first;
	}
	*out = (struct text_change){1, v, spot->n_seen, spot->seen};
	return ST_OK;
}
