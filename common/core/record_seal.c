/* record_seal.c - what goes into the next op of a record: whole or small, what it carries
 * on, which ops it supersedes (DESIGN 4.2). Pure. */
#include "core/record.h"

#include <assert.h>
#include <stdlib.h>

#include "core/record_cap.h"
#include "core/record_parts.h"

const struct record_limits record_limits_default = {
    .whole_bytes = 1024,
    .live_ops = 64,
    .size_factor = 4,
    .names_kept = 64,
    .dots_max = OP_DOTS_MAX,
    .entries_max = 4096,
    .gone_max = 4096,
    .body_bytes_max = 61439,
    .long_entries_max = 16384,
    .long_bytes_max = 192 * 1024 - 1,
};

/* An op under construction. */
struct draft {
	struct arena *arena;
	const struct record_view *view;
	const struct record_limits *limits;
	const struct body_measure *measure;
	size_t n_own; /* dirty entries that may still be sealed, by name */
	const struct record_dirty **own;
	size_t n_erased;
};

/* --- own entries ---------------------------------------------------------------------
 */

static int
compare_own(const void *a, const void *b)
{
	const struct record_dirty *const *x = a;
	const struct record_dirty *const *y = b;

	return entry_name_compare((*x)->entry.name, (*y)->entry.name);
}

/* The dirty entries but those whose grave can no longer be refused. */
static bool
choose_own(struct draft *d)
{
	const struct record_input *in = d->view->input;

	d->own = arena_zeros(d->arena, in->n_dirty, sizeof(const struct record_dirty *));
	if (d->own == NULL)
		return false;
	for (size_t i = 0; i < in->n_dirty; i++) {
		const struct entry *e = &in->dirty[i].entry;

		if (e->has_key && grave_drops(record_grave_of(&in->graves, e->key)))
			d->n_erased++;
		else
			d->own[d->n_own++] = &in->dirty[i];
	}
	if (d->n_own > 1)
		qsort(d->own, d->n_own, sizeof(const struct record_dirty *), compare_own);
	return true;
}

static struct body
empty_body(const struct draft *d, uint64_t agent)
{
	const struct record_input *in = d->view->input;

	return (struct body){.kind = in->kind,
	    .record = in->record,
	    .has_person = in->has_person,
	    .person = in->person,
	    .agent = d->n_own > 0 ? d->own[0]->entry.name.agent : agent};
}

/* --- the two kinds of op ---------------------------------------------------------------
 */

/* A text is saved as several entries, and a later save may have superseded what an
 * earlier one wrote: only what is left of them leaves the laptop. */
static bool
is_of_text(const struct draft *d, const struct entry *e)
{
	const struct record_input *in = d->view->input;

	return e->value.type == VALUE_RUN || e->value.type == VALUE_SEEN ||
	       (in->is_text != NULL && in->is_text(in->kind, e->field));
}

static size_t
fill_own(const struct draft *d, struct entry *to)
{
	const struct record_view *v = d->view;
	size_t n = 0;

	for (size_t i = 0; i < d->n_own; i++) {
		if (!is_of_text(d, &d->own[i]->entry))
			to[n++] = d->own[i]->entry;
	}
	for (size_t i = 0; i < v->n_entries; i++) {
		if (v->entries[i].is_dirty && is_of_text(d, v->entries[i].entry))
			to[n++] = *v->entries[i].entry;
	}
	return n;
}

/* Own entries first, so that their names count up from the op's own agent. */
static bool
fill_entries(const struct draft *d, bool is_whole, struct record_sealing *s)
{
	const struct record_view *v = d->view;
	size_t n_carried = is_whole ? v->n_entries : 0;
	struct entry *to = arena_alloc(d->arena, (d->n_own + v->n_entries) * sizeof *to);
	size_t n;

	if (to == NULL)
		return false;
	n = fill_own(d, to);
	s->n_erased = d->n_erased;
	for (size_t i = 0; i < n_carried; i++) {
		if (v->entries[i].is_dirty)
			continue; /* an own one, or one that choose_own() left out */
		if (grave_drops(v->entries[i].grave))
			s->n_erased++;
		else
			to[n++] = *v->entries[i].entry;
	}
	s->body.entries = to;
	s->body.n_entries = n;
	return true;
}

static bool
fill_gone(const struct draft *d, bool is_whole, struct record_sealing *s)
{
	struct record_cap cap = {.view = d->view,
	    .names_kept = d->limits->names_kept,
	    .n_ops = is_whole ? d->view->n_live : 0,
	    .n_own = d->n_own,
	    .own = d->own};

	return record_cap_names(
	    d->arena, &cap, &s->body.n_gone, &s->body.gone, &s->n_cut);
}

/* Which live ops go: from skip on, at most dots_max. */
static bool
fill_dots(const struct draft *d, size_t skip, struct record_sealing *s)
{
	size_t n = d->view->n_live - skip;
	struct dot *dots;

	if (n > d->limits->dots_max) {
		s->n_unlisted = n - d->limits->dots_max;
		n = d->limits->dots_max;
	}
	dots = arena_zeros(d->arena, n, sizeof *dots);
	if (dots == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		dots[i] = d->view->live[skip + i]->dot;
	s->n_dots = record_dots_sort(dots, n);
	s->dots = dots;
	return true;
}

static bool
draft_small(const struct draft *d, struct record_sealing *out)
{
	*out = (struct record_sealing){.is_needed = true, .body = empty_body(d, 0)};
	return fill_entries(d, false, out) && fill_gone(d, false, out);
}

static bool
draft_whole(
    const struct draft *d, uint64_t agent, size_t skip, struct record_sealing *out)
{
	*out = (struct record_sealing){
	    .is_needed = true, .is_whole = true, .body = empty_body(d, agent)};
	return fill_entries(d, true, out) && fill_gone(d, true, out) &&
	       fill_dots(d, skip, out);
}

/* --- which of them
 * ------------------------------------------------------------------------ */

enum {
	/* In a batch each superseded op may cost a reference of its own and the dot. */
	DOT_BYTES = 18,
	/* Above this times whole_bytes size_of() counts no compression. */
	PLAIN_FACTOR = 8
};

/* Beside others in a batch, or else alone in one, as a long op may be. */
static bool
fits(const struct draft *d, const struct record_sealing *s, size_t bytes)
{
	size_t room = d->limits->body_bytes_max;

	if (s->body.n_entries <= d->limits->entries_max &&
	    s->body.n_gone <= d->limits->gone_max && bytes <= room &&
	    s->n_dots <= (room - bytes) / DOT_BYTES)
		return true;
	return d->measure->packed_of != NULL &&
	       s->body.n_entries <= d->limits->long_entries_max &&
	       d->measure->packed_of(d->measure->ctx, &s->body) <=
		   d->limits->long_bytes_max;
}

static size_t
size_of(const struct draft *d, const struct body *b)
{
	return d->measure->size_of(d->measure->ctx, b);
}

/* Small records stay one live op; larger ones are compacted when they have become many
 * ops, or much larger than what they say. Superseded names do not make a record large. */
static bool
asks_for_whole(const struct draft *d, const struct record_sealing *whole, size_t bytes)
{
	struct body values = whole->body;

	if (d->view->n_live > d->limits->live_ops ||
	    d->view->live_bytes / d->limits->size_factor > bytes)
		return true;
	values.n_gone = 0;
	return bytes <= d->limits->whole_bytes ||
	       (whole->body.n_gone > 0 && size_of(d, &values) <= d->limits->whole_bytes);
}

static bool
is_whole_better(const struct draft *d, const struct record_sealing *whole)
{
	size_t bytes = size_of(d, &whole->body);

	return asks_for_whole(d, whole, bytes) && fits(d, whole, bytes);
}

/* The same question answered without drafting the whole op, for most edits of a long
 * text: so long, no op is taken for shorter than its runs and passages. */
static bool
is_surely_small(const struct draft *d)
{
	const struct record_view *v = d->view;
	size_t least = 0;

	if (v->n_live > d->limits->live_ops)
		return false;
	for (size_t i = 0; i < v->n_entries; i++) {
		const struct value *value = &v->entries[i].entry->value;

		if ((value->type == VALUE_RUN || value->type == VALUE_SEEN) &&
		    !grave_drops(v->entries[i].grave))
			least += value->bytes.len;
	}
	return least > PLAIN_FACTOR * d->limits->whole_bytes &&
	       v->live_bytes / d->limits->size_factor <= least;
}

/* --- when one op cannot hold all of it
 * ------------------------------------------------------ */

static int
compare_sizes(const void *a, const void *b)
{
	const struct record_op *const *x = a;
	const struct record_op *const *y = b;

	if ((*x)->sealed_bytes != (*y)->sealed_bytes)
		return (*x)->sealed_bytes < (*y)->sealed_bytes ? -1 : 1;
	return (*x > *y) - (*x < *y);
}

/* The op that carries on what some live ops and the own entries say, as if there were no
 * others: the join of entries does not mind what is folded with what. No name is cut,
 * since an op that stays may hold its entry. */
static status
draft_part(const struct draft *d, const struct record_op *const *folded, size_t n,
    struct record_sealing *out, struct trouble *t)
{
	struct record_limits limits = *d->limits;
	struct record_input in = *d->view->input;
	struct record_op *ops = arena_zeros(d->arena, n, sizeof *ops);
	struct record_view view;
	struct draft part = *d;
	status st;

	if (ops == NULL)
		return record_no_memory(t);
	for (size_t i = 0; i < n; i++)
		ops[i] = *folded[i];
	in.n_ops = n;
	in.ops = ops;
	st = record_view(d->arena, &in, &view, t);
	if (st != ST_OK)
		return st;
	limits.names_kept = SIZE_MAX;
	part.limits = &limits;
	part.view = &view;
	if (!draft_whole(&part, 0, 0, out))
		return record_no_memory(t);
	out->is_whole = false;
	return ST_OK;
}

/* Folds as many of the smallest live ops as one op takes. So a text of thousands of edits
 * is a few full ops and some small ones. *folds false: nothing fits, *out is untouched.
 */
static status
fold_smallest(
    const struct draft *d, struct record_sealing *out, bool *folds, struct trouble *t)
{
	/* How many of the largest stay as they are. */
	static const uint8_t stays[] = {1, 2, 3, 4, 8, 16, 32};
	const struct record_view *v = d->view;
	const struct record_op **by_size =
	    arena_zeros(d->arena, v->n_live, sizeof(const struct record_op *));
	struct record_sealing s;

	*folds = false;
	if (by_size == NULL)
		return record_no_memory(t);
	memcpy(by_size, v->live, v->n_live * sizeof(const struct record_op *));
	qsort(by_size, v->n_live, sizeof(const struct record_op *), compare_sizes);
	for (size_t i = 0; !*folds && i < sizeof stays && v->n_live > stays[i] + 1U;
	     i++) {
		status st = draft_part(d, by_size, v->n_live - stays[i], &s, t);

		if (st != ST_OK)
			return st;
		*folds = s.n_unlisted == 0 && fits(d, &s, size_of(d, &s.body));
	}
	if (*folds)
		*out = s;
	return ST_OK;
}

static status
too_large(struct trouble *t)
{
	return trouble_set(t, ST_LIMIT, "a record is larger than one op may be");
}

/* Beside the ops that are there, or instead of the smallest of them. */
static status
seal_in_part(const struct draft *d, struct record_sealing *out, struct trouble *t)
{
	bool folds = false;
	status st = ST_OK;

	if (!d->view->input->is_audit && d->view->n_live > d->limits->live_ops)
		st = fold_smallest(d, out, &folds, t);
	if (st != ST_OK || folds)
		return st;
	if (!draft_small(d, out))
		return record_no_memory(t);
	return fits(d, out, size_of(d, &out->body)) ? ST_OK : too_large(t);
}

status
record_seal(struct arena *a, const struct record_view *v, const struct record_limits *l,
    const struct body_measure *m, struct record_sealing *out, struct trouble *t)
{
	struct draft d = {.arena = a, .view = v, .limits = l, .measure = m};
	struct record_sealing s = {0};
	bool is_small;
	status st = ST_OK;

	if (grave_drops(v->grave) || v->input->n_dirty == 0) {
		*out = s;
		return ST_OK;
	}
	if (!choose_own(&d))
		return record_no_memory(t);
	s.n_erased = d.n_erased;
	is_small = v->input->is_audit || is_surely_small(&d);
	if (d.n_own > 0 && !is_small && !draft_whole(&d, 0, 0, &s))
		return record_no_memory(t);
	if (d.n_own > 0 && (is_small || !is_whole_better(&d, &s)))
		st = seal_in_part(&d, &s, t);
	if (st == ST_OK)
		*out = s;
	return st;
}

status
record_compact(struct arena *a, const struct record_view *v,
    const struct record_limits *l, const struct body_measure *m,
    const struct compaction *how, struct record_sealing *out, struct trouble *t)
{
	struct draft d = {.arena = a, .view = v, .limits = l, .measure = m};
	struct record_sealing s = {0};

	assert(how->agent != 0);
	if (v->input->is_audit)
		return trouble_set(
		    t, ST_NOT_ALLOWED, "what is to be proven is never carried on");
	if (how->dots_skip < v->n_live) {
		if (!choose_own(&d) || !draft_whole(&d, how->agent, how->dots_skip, &s))
			return record_no_memory(t);
		if (!fits(&d, &s, size_of(&d, &s.body)))
			return too_large(t);
	}
	*out = s;
	return ST_OK;
}
