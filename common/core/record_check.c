/* record_check.c - did an op carry on what it replaced? The server cannot check it, so
 * readers do (SECURITY 9.5.8). Pure. */
#include "core/record.h"

#include <assert.h>
#include <stdlib.h>

#include "core/record_parts.h"
#include "core/run.h"

struct check {
	struct arena *arena;
	const struct record_op *op;
	const struct grave_test *graves;
	size_t n_dots;
	struct dot *dots;
	/* Entries of the op by (field, agent, index, place, content). */
	size_t n_carried;
	const struct entry **carried;
	/* Names superseded by the op, or already by one of the ops that it replaces. */
	size_t n_gone;
	struct name_range *gone;
	size_t n_findings;
	struct carried_finding *findings;
};

static bool
is_replaced(const struct check *c, const struct record_op *held)
{
	return record_dots_hold(c->dots, c->n_dots, &held->dot);
}

static bool
collect_dots(struct check *c)
{
	c->dots = arena_zeros(c->arena, c->op->n_dots, sizeof *c->dots);
	if (c->dots == NULL)
		return false;
	if (c->op->n_dots > 0)
		memcpy(c->dots, c->op->dots, c->op->n_dots * sizeof *c->dots);
	c->n_dots = record_dots_sort(c->dots, c->op->n_dots);
	return true;
}

static void
append_gone(struct check *c, const struct body *b)
{
	for (size_t i = 0; i < b->n_gone; i++)
		c->gone[c->n_gone++] = name_range_of(b->gone[i].field, b->gone[i].agent,
		    b->gone[i].first, b->gone[i].count);
	c->n_gone += record_hollow_names(b, c->gone + c->n_gone);
}

static bool
collect_gone(struct check *c, size_t n_held, const struct record_op *held)
{
	size_t n = c->op->body->n_gone + c->op->body->n_entries;

	for (size_t i = 0; i < n_held; i++)
		n += held[i].body->n_gone + held[i].body->n_entries;
	c->gone = arena_alloc(c->arena, n * sizeof *c->gone);
	if (c->gone == NULL)
		return false;
	append_gone(c, c->op->body);
	for (size_t i = 0; i < n_held; i++) {
		if (is_replaced(c, &held[i]))
			append_gone(c, held[i].body);
	}
	c->n_gone = names_join(c->gone, c->n_gone);
	return true;
}

static int
compare_names(const struct entry *x, const struct entry *y)
{
	if (x->field != y->field)
		return x->field < y->field ? -1 : 1;
	return entry_name_compare(x->name, y->name);
}

static int
compare_carried(const void *a, const void *b)
{
	const struct entry *const *x = a;
	const struct entry *const *y = b;
	int order = compare_names(*x, *y);

	return order != 0 ? order : record_entry_compare(*x, *y);
}

static bool
collect_carried(struct check *c)
{
	const struct body *b = c->op->body;

	c->n_carried = b->n_entries;
	c->carried = arena_zeros(c->arena, b->n_entries, sizeof(const struct entry *));
	if (c->carried == NULL)
		return false;
	for (size_t i = 0; i < b->n_entries; i++)
		c->carried[i] = &b->entries[i];
	if (c->n_carried > 1)
		qsort(c->carried, c->n_carried, sizeof(const struct entry *),
		    compare_carried);
	return true;
}

/* The position of the first carried entry that is not before e by (field, name). */
static size_t
find_carried(const struct check *c, const struct entry *e)
{
	size_t low = 0, high = c->n_carried;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_names(c->carried[mid], e) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Is one of the entries of this name the same in all? *has_name: is there one at all? */
static bool
stands_unchanged(const struct check *c, const struct entry *e, bool *has_name)
{
	size_t i = find_carried(c, e);

	*has_name = false;
	for (; i < c->n_carried && compare_names(c->carried[i], e) == 0; i++) {
		*has_name = true;
		if (record_entry_compare(c->carried[i], e) == 0)
			return true;
	}
	return false;
}

/* Characters of a run may be carried in pieces cut elsewhere: looks for a carried run
 * that holds the first character of the piece, and compares what both have. Returns how
 * many characters of the piece stand unchanged at its beginning, at least 1; else 0. */
static uint32_t
match_run(const struct check *c, const struct entry *piece, bool *has_name)
{
	size_t i = find_carried(c, piece);
	uint32_t len = record_names_of(&piece->value), theirs, shift, common;
	const struct entry *r;
	struct entry mine, other;

	*has_name = i < c->n_carried && compare_names(c->carried[i], piece) == 0;
	if (!*has_name) {
		if (i == 0)
			return 0;
		i--; /* the run that begins before */
	}
	r = c->carried[i];
	if (r->value.type != VALUE_RUN || r->field != piece->field ||
	    r->name.agent != piece->name.agent)
		return 0;
	theirs = record_names_of(&r->value);
	shift = piece->name.index - r->name.index;
	if (shift >= theirs)
		return 0;
	*has_name = true;
	common = len < theirs - shift ? len : theirs - shift;
	mine = run_piece(piece, 0, common);
	other = run_piece(r, shift, shift + common);
	return record_entry_compare(&mine, &other) == 0 ? common : 0;
}

static void
report(
    struct check *c, const struct record_op *held, const struct entry *e, bool has_name)
{
	c->findings[c->n_findings++] = (struct carried_finding){
	    .fault = has_name ? CARRIED_CHANGED : CARRIED_DROPPED,
	    .held = held,
	    .entry = e};
}

/* One live part of an entry that was held. False: it was dropped or changed. */
static bool
part_is_carried(
    const struct check *c, const struct entry *e, struct names_part part, bool *has_name)
{
	if (stands_unchanged(c, e, has_name))
		return true;
	if (e->value.type != VALUE_RUN)
		return false;
	while (part.first < part.end) {
		struct entry piece = run_piece(e, (uint32_t)(part.first - e->name.index),
		    (uint32_t)(part.end - e->name.index));
		uint32_t n = match_run(c, &piece, has_name);

		if (n == 0)
			return false;
		part.first += n;
	}
	return true;
}

static void
check_entry(struct check *c, const struct record_op *held, const struct entry *e)
{
	struct names_walk walk = names_walk_of(c->gone, c->n_gone,
	    name_range_of(
		e->field, e->name.agent, e->name.index, record_names_of(&e->value)));
	struct names_part part;
	bool has_name = false;

	if (e->has_key && grave_hides(record_grave_of(c->graves, e->key)))
		return;
	while (names_walk_next(&walk, &part)) {
		if (!part.is_member && !part_is_carried(c, e, part, &has_name)) {
			report(c, held, e, has_name);
			return;
		}
	}
}

static bool
check_all(struct check *c, size_t n_held, const struct record_op *held)
{
	size_t n = 0;

	for (size_t i = 0; i < n_held; i++)
		n += is_replaced(c, &held[i]) ? held[i].body->n_entries : 0;
	c->findings = arena_zeros(c->arena, n, sizeof *c->findings);
	if (c->findings == NULL)
		return false;
	for (size_t i = 0; i < n_held; i++) {
		const struct body *b = held[i].body;

		for (size_t k = 0; k < b->n_entries && is_replaced(c, &held[i]); k++)
			check_entry(c, &held[i], &b->entries[k]);
	}
	return true;
}

status
record_check_carried(struct arena *a, const struct record_op *op, size_t n_held,
    const struct record_op *held, const struct grave_test *graves,
    struct carried_findings *out, struct trouble *t)
{
	struct check c = {.arena = a, .op = op, .graves = graves};
	const struct body *b = op->body;

	if (b->has_person && grave_hides(record_grave_of(graves, b->person.n)))
		n_held = 0;
	if (!collect_dots(&c) || !collect_gone(&c, n_held, held) ||
	    !collect_carried(&c) || !check_all(&c, n_held, held))
		return record_no_memory(t);
	*out = (struct carried_findings){c.n_findings, c.findings};
	return ST_OK;
}

static bool
is_among(uint64_t agent, uint32_t first, uint32_t count, struct entry_name name)
{
	return agent == name.agent && name.index >= first && name.index - first < count;
}

bool
record_is_replaced(const struct record_input *in, uint16_t field, struct entry_name name)
{
	for (size_t i = 0; i < in->n_ops; i++) {
		const struct body *b = in->ops[i].body;

		for (size_t k = 0; k < b->n_gone; k++) {
			const struct gone *g = &b->gone[k];

			if (g->field == field &&
			    is_among(g->agent, g->first, g->count, name))
				return true;
		}
	}
	for (size_t i = 0; i < in->n_dirty; i++) {
		const struct record_dirty *d = &in->dirty[i];

		for (size_t k = 0; d->entry.field == field && k < d->n_seen; k++) {
			if (is_among(d->seen[k].agent, d->seen[k].first, d->seen[k].count,
				name))
				return true;
		}
	}
	return false;
}
