/* record_cap.c - which superseded names an op keeps, and which it may forget. Pure. */
#include "core/record_cap.h"

#include <stdlib.h>

#include "core/record_parts.h"

/* --- all names -----------------------------------------------------------------------
 */

static size_t
count_rows(const struct record_cap *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_ops; i++)
		n += c->view->live[i]->body->n_gone;
	for (size_t i = 0; i < c->n_own; i++)
		n += c->own[i]->n_seen;
	return n;
}

/* In order of age: ops as they stand in the view, then what own entries saw. */
static void
collect_rows(const struct record_cap *c, struct name_range *rows)
{
	uint32_t n = 0;

	for (size_t i = 0; i < c->n_ops; i++) {
		const struct body *b = c->view->live[i]->body;

		for (size_t k = 0; k < b->n_gone; k++, n++) {
			rows[n] = name_range_of(b->gone[k].field, b->gone[k].agent,
			    b->gone[k].first, b->gone[k].count);
			rows[n].order = n;
		}
	}
	for (size_t i = 0; i < c->n_own; i++) {
		const struct record_dirty *d = c->own[i];

		for (size_t k = 0; k < d->n_seen; k++, n++) {
			rows[n] = name_range_of(d->entry.field, d->seen[k].agent,
			    d->seen[k].first, d->seen[k].count);
			rows[n].order = n;
			rows[n].is_unsealed = d->seen[k].is_unsealed;
		}
	}
}

/* --- names of the erased
 * ----------------------------------------------------------------- */

/* The held names whose map key has a grave that cannot be refused, joined. */
static bool
erased_names(
    struct arena *a, const struct record_view *v, size_t *n, struct name_range **erased)
{
	*erased = arena_alloc(a, v->n_held * sizeof **erased);
	*n = 0;
	if (*erased == NULL)
		return false;
	for (size_t i = 0; i < v->n_held; i++) {
		if (grave_drops(v->held[i].grave))
			(*erased)[(*n)++] = v->held[i].names;
	}
	*n = names_join(*erased, *n);
	return true;
}

/* The names that hollow runs of the op say by themselves, joined. */
static bool
hollow_names(
    struct arena *a, const struct record_cap *c, size_t *n, struct name_range **hollow)
{
	const struct record_view *v = c->view;

	*hollow = arena_alloc(a, v->n_entries * sizeof **hollow);
	*n = 0;
	if (*hollow == NULL)
		return false;
	for (size_t i = 0; i < v->n_entries; i++) {
		const struct entry *e = v->entries[i].entry;

		if (e->value.hollow > 0 && (c->n_ops > 0 || v->entries[i].is_dirty))
			(*hollow)[(*n)++] = name_range_of(
			    e->field, e->name.agent, e->name.index, e->value.hollow);
	}
	*n = names_join(*hollow, *n);
	return true;
}

/* Takes a set out of rows; both are joined. Each range of the set splits at most one row,
 * so n + n_set rows are enough. */
static bool
subtract(struct arena *a, struct name_range **rows, size_t *n,
    const struct name_range *set, size_t n_set)
{
	struct name_range *left = arena_alloc(a, (*n + n_set) * sizeof *left);
	size_t n_left = 0;

	if (left == NULL)
		return false;
	for (size_t i = 0; i < *n; i++) {
		struct names_walk walk = names_walk_of(set, n_set, (*rows)[i]);
		struct names_part part;

		while (names_walk_next(&walk, &part)) {
			if (part.is_member)
				continue;
			left[n_left] = (*rows)[i];
			left[n_left].first = part.first;
			left[n_left++].end = part.end;
		}
	}
	*rows = left;
	*n = n_left;
	return true;
}

/* --- the cap
 * ----------------------------------------------------------------------------- */

struct field_facts {
	size_t n_places; /* map keys with a live entry, or 1 */
	bool is_text;
};

static struct field_facts
facts_of(const struct record_view *v, uint16_t field)
{
	const struct record_input *in = v->input;
	struct field_facts f = {0, in->is_text != NULL && in->is_text(in->kind, field)};

	for (size_t i = 0; i < v->n_entries; i++) {
		const struct entry *e = v->entries[i].entry;

		if (e->field != field || grave_drops(v->entries[i].grave))
			continue;
		f.is_text = f.is_text || e->value.type == VALUE_RUN;
		f.n_places +=
		    i == 0 || record_place_compare(v->entries[i - 1].entry, e) != 0;
	}
	for (size_t i = 0; i < v->n_held; i++)
		f.is_text =
		    f.is_text || (v->held[i].is_run && v->held[i].names.field == field);
	if (f.n_places == 0)
		f.n_places = 1;
	return f;
}

/* Oldest first; names that were never sealed before all others. */
static int
compare_age(const void *a, const void *b)
{
	const struct name_range *x = a;
	const struct name_range *y = b;

	if (x->is_unsealed != y->is_unsealed)
		return x->is_unsealed ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return names_compare(x, y);
}

static bool
is_held(const struct record_view *v, struct name_range range)
{
	size_t low = 0, high = v->n_held;

	/* Held ranges of one place do not overlap, but those of twins may: all that begin
	 * before the end of the range are looked at from the agent's first one on. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct name_range *h = &v->held[mid].names;

		if (h->field < range.field ||
		    (h->field == range.field && h->agent < range.agent))
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < v->n_held; low++) {
		const struct name_range *h = &v->held[low].names;

		if (h->field != range.field || h->agent != range.agent ||
		    h->first >= range.end)
			return false;
		if (h->end > range.first)
			return true;
	}
	return false;
}

static uint64_t
count_names(const struct name_range *rows, size_t n)
{
	uint64_t names = 0;

	for (size_t i = 0; i < n; i++)
		names += rows[i].end - rows[i].first;
	return names;
}

/* Sorts the rows of one field by age and drops what the cap forgets; returns how many
 * rows are left. */
static size_t
cap_field(const struct record_cap *c, struct name_range *rows, size_t n, size_t *n_cut)
{
	uint64_t names = count_names(rows, n), budget;
	struct field_facts facts;
	size_t kept = n;

	qsort(rows, n, sizeof *rows, compare_age);
	if (names <= c->names_kept)
		return n;
	facts = facts_of(c->view, rows[0].field);
	budget = (uint64_t)c->names_kept * facts.n_places;
	if (facts.is_text || names <= budget)
		return n;
	/* From the newest; what stays moves to the end of the array. */
	for (size_t i = n; i-- > 0;) {
		uint64_t count = rows[i].end - rows[i].first;

		if (count <= budget)
			budget -= count;
		else if (is_held(c->view, rows[i]))
			budget = 0;
		else {
			/* A form's names are one row; its last ones are the newest. */
			*n_cut += (size_t)(count - budget);
			if (budget == 0)
				continue;
			rows[i].first = rows[i].end - budget;
			budget = 0;
		}
		rows[--kept] = rows[i];
	}
	memmove(rows, rows + kept, (n - kept) * sizeof *rows);
	return n - kept;
}

static size_t
cap_all(const struct record_cap *c, struct name_range *rows, size_t n, size_t *n_cut)
{
	size_t kept = 0, end;

	*n_cut = 0;
	for (size_t i = 0; i < n; i = end) {
		size_t stay;

		for (end = i; end < n && rows[end].field == rows[i].field;)
			end++;
		stay = cap_field(c, rows + i, end - i, n_cut);
		memmove(rows + kept, rows + i, stay * sizeof *rows);
		kept += stay;
	}
	return kept;
}

/* --- as the body has it
 * --------------------------------------------------------------------- */

/* A range of 2^32 names does not fit a count of 32 bits: two rows each at most. */
static bool
to_gone(struct arena *a, const struct name_range *rows, size_t n, size_t *n_gone,
    struct gone **gone)
{
	struct gone *out = arena_alloc(a, 2 * n * sizeof *out);
	size_t at = 0;

	if (out == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint64_t first = rows[i].first;

		while (first < rows[i].end) {
			uint64_t count = rows[i].end - first;

			if (count > UINT32_MAX)
				count = UINT32_MAX;
			out[at++] = (struct gone){.field = rows[i].field,
			    .agent = rows[i].agent,
			    .first = (uint32_t)first,
			    .count = (uint32_t)count};
			first += count;
		}
	}
	*gone = out;
	*n_gone = at;
	return true;
}

bool
record_cap_names(struct arena *a, const struct record_cap *c, size_t *n_gone,
    struct gone **gone, size_t *n_cut)
{
	size_t n = count_rows(c), n_erased, n_hollow;
	struct name_range *rows = arena_alloc(a, n * sizeof *rows);
	struct name_range *erased, *hollow;

	if (rows == NULL)
		return false;
	collect_rows(c, rows);
	n = names_join(rows, n);
	if (!erased_names(a, c->view, &n_erased, &erased))
		return false;
	if (n_erased > 0 && !subtract(a, &rows, &n, erased, n_erased))
		return false;
	if (!hollow_names(a, c, &n_hollow, &hollow))
		return false;
	if (n_hollow > 0 && !subtract(a, &rows, &n, hollow, n_hollow))
		return false;
	n = cap_all(c, rows, n, n_cut);
	return to_gone(a, rows, n, n_gone, gone);
}
