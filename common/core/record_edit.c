/* record_edit.c - a person's edit becomes a dirty entry that lists what he saw (DESIGN
 * 4.2). Pure. */
#include "core/record.h"

#include <assert.h>
#include <stdlib.h>

#include "core/record_parts.h"

static bool
is_same_place(const struct entry *e, const struct record_write *w)
{
	return e->field == w->field && e->has_key == w->has_key &&
	       (!w->has_key || e->key == w->key);
}

static bool
is_erased(const struct record_view *v, const struct record_write *w)
{
	if (grave_hides(v->grave))
		return true;
	return w->has_key && grave_hides(record_grave_of(&v->input->graves, w->key));
}

static struct seen_names
seen_of(const struct entry *e, bool is_unsealed)
{
	return (struct seen_names){.agent = e->name.agent,
	    .first = e->name.index,
	    .count = record_names_of(&e->value),
	    .is_unsealed = is_unsealed};
}

/* Did an op bring the same entry, sealed by a clone of this laptop? */
static bool
is_sealed_too(const struct record_cell *cell, const struct entry *dirty)
{
	for (size_t i = 0; cell != NULL && i < cell->n; i++) {
		const struct record_entry *e = &cell->entries[i];

		if (e->op != NULL && entry_name_equal(e->entry->name, dirty->name))
			return true;
	}
	return false;
}

/* What the replaced dirty entry listed, that entry itself, and what is there now: oldest
 * first. out has room for all of it. */
static size_t
list_seen(const struct record_view *v, const struct record_cell *cell,
    const struct record_write *w, struct seen_names *out)
{
	const struct record_input *in = v->input;
	size_t n = 0;

	for (size_t i = 0; i < in->n_dirty; i++) {
		const struct record_dirty *d = &in->dirty[i];

		if (!is_same_place(&d->entry, w))
			continue;
		if (d->n_seen > 0)
			memcpy(out + n, d->seen, d->n_seen * sizeof *out);
		n += d->n_seen;
		out[n++] = seen_of(&d->entry, !is_sealed_too(cell, &d->entry));
	}
	for (size_t i = 0; cell != NULL && i < cell->n; i++) {
		const struct record_entry *e = &cell->entries[i];

		/* A dirty entry stands in the list already, a twin needs its name once.
		 */
		if (!e->is_dirty && e->entry->value.hollow == 0 &&
		    (i == 0 || !entry_name_equal(e->entry->name, e[-1].entry->name)))
			out[n++] = seen_of(e->entry, false);
	}
	return n;
}

static size_t
room_for_seen(const struct record_view *v, const struct record_cell *cell,
    const struct record_write *w)
{
	size_t n = cell == NULL ? 0 : cell->n;

	for (size_t i = 0; i < v->input->n_dirty; i++) {
		if (is_same_place(&v->input->dirty[i].entry, w))
			n += v->input->dirty[i].n_seen + 1;
	}
	return n;
}

status
record_edit(struct arena *a, const struct record_view *v, const struct record_write *w,
    struct record_edit_result *out, struct trouble *t)
{
	const struct record_cell *cell;
	struct seen_names *seen;

	assert(w->name.agent != 0);
	if (is_erased(v, w))
		return trouble_set(t, ST_NOT_FOUND, "the person was erased");
	cell = record_cell_find(v, w->field, w->has_key, w->key);
	if (!w->writes_equal && cell != NULL && cell->n_values == 1 &&
	    value_equal(&cell->entries[0].entry->value, &w->value)) {
		*out = (struct record_edit_result){.is_needed = false};
		return ST_OK;
	}
	seen = arena_zeros(a, room_for_seen(v, cell, w), sizeof *seen);
	if (seen == NULL)
		return record_no_memory(t);
	*out = (struct record_edit_result){.is_needed = true};
	out->dirty.entry = (struct entry){.name = w->name,
	    .field = w->field,
	    .has_key = w->has_key,
	    .key = w->has_key ? w->key : 0,
	    .time = w->time,
	    .by = w->by,
	    .value = w->value};
	out->dirty.n_seen = list_seen(v, cell, w, seen);
	out->dirty.seen = seen;
	return ST_OK;
}

/* --- resolving ------------------------------------------------------------------- */

static int
compare_names(const void *a, const void *b)
{
	const struct entry_name *x = a;
	const struct entry_name *y = b;

	return entry_name_compare(*x, *y);
}

/* Sorts, drops repeats, returns how many are left. */
static size_t
sort_names(struct entry_name *names, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(names, n, sizeof *names, compare_names);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || !entry_name_equal(names[kept - 1], names[i]))
			names[kept++] = names[i];
	}
	return kept;
}

static bool
names_are_those(
    const struct entry_name *a, size_t n_a, const struct entry_name *b, size_t n_b)
{
	if (n_a != n_b)
		return false;
	for (size_t i = 0; i < n_a; i++) {
		if (!entry_name_equal(a[i], b[i]))
			return false;
	}
	return true;
}

status
record_resolve(struct arena *a, const struct record_view *v, const struct record_write *w,
    size_t n_shown, const struct entry_name *shown, struct record_edit_result *out,
    struct trouble *t)
{
	const struct record_cell *cell =
	    record_cell_find(v, w->field, w->has_key, w->key);
	size_t n_now = 0, most = cell == NULL ? 0 : cell->n;
	struct entry_name *now = arena_zeros(a, most, sizeof *now);
	struct entry_name *then = arena_zeros(a, n_shown, sizeof *then);
	struct record_write write = *w;

	if (now == NULL || then == NULL)
		return record_no_memory(t);
	for (size_t i = 0; i < most; i++) {
		if (cell->entries[i].entry->value.hollow == 0)
			now[n_now++] = cell->entries[i].entry->name;
	}
	if (n_shown > 0)
		memcpy(then, shown, n_shown * sizeof *then);
	n_now = sort_names(now, n_now);
	n_shown = sort_names(then, n_shown);
	if (!is_erased(v, w) && !names_are_those(now, n_now, then, n_shown))
		return trouble_set(
		    t, ST_CHANGED, "the values changed since they were shown");
	write.writes_equal = true;
	return record_edit(a, v, &write, out, t);
}
