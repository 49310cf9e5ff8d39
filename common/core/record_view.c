/* record_view.c - the join of the entries of a record: the merge itself (DESIGN 4.2).
 * Pure. */
#include "core/record.h"

#include <assert.h>
#include <stdlib.h>

#include "core/record_parts.h"
#include "core/run.h"

/* A view under construction. Lists grow by doubling; the arena keeps what was outgrown.
 */
struct join {
	struct arena *arena;
	const struct record_input *in;
	size_t n_live;
	const struct record_op **live; /* from the front; superseded ones from the back */
	size_t n_gone;
	struct name_range *gone;
	size_t n_entries, entries_cap;
	struct record_entry *entries;
	size_t n_held, held_cap;
	struct held_names *held;
};

uint32_t
record_names_of(const struct value *value)
{
	size_t n = value->type == VALUE_RUN ? run_chars(value->bytes) : 1;

	if (value->type == VALUE_RUN && value->hollow > 0)
		return value->hollow;
	if (n == 0)
		return 1;
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* --- which ops are live --------------------------------------------------------- */

/* Every dot that an op of the record names counts, also those named by ops that are
 * themselves superseded (DESIGN 4.1). *dots is ascending. */
static bool
collect_dots(struct join *j, size_t *n, struct dot **dots)
{
	size_t at = 0;

	*n = 0;
	for (size_t i = 0; i < j->in->n_ops; i++)
		*n += j->in->ops[i].n_dots;
	*dots = arena_zeros(j->arena, *n, sizeof **dots);
	if (*dots == NULL)
		return false;
	for (size_t i = 0; i < j->in->n_ops; i++) {
		const struct record_op *op = &j->in->ops[i];

		if (op->n_dots > 0)
			memcpy(*dots + at, op->dots, op->n_dots * sizeof **dots);
		at += op->n_dots;
	}
	*n = record_dots_sort(*dots, *n);
	return true;
}

static bool
find_live(struct join *j)
{
	struct dot *dots;
	size_t n_dots, n_dead = 0;

	j->live = arena_zeros(j->arena, j->in->n_ops, sizeof(const struct record_op *));
	if (j->live == NULL || !collect_dots(j, &n_dots, &dots))
		return false;
	for (size_t i = 0; i < j->in->n_ops; i++) {
		const struct record_op *op = &j->in->ops[i];

		if (j->in->is_audit || !record_dots_hold(dots, n_dots, &op->dot))
			j->live[j->n_live++] = op;
		else
			j->live[j->in->n_ops - ++n_dead] = op;
	}
	return true;
}

/* --- which names are superseded --------------------------------------------------- */

size_t
record_hollow_names(const struct body *b, struct name_range *out)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_entries; i++) {
		const struct entry *e = &b->entries[i];

		if (e->value.type == VALUE_RUN && e->value.hollow > 0)
			out[n++] = name_range_of(
			    e->field, e->name.agent, e->name.index, e->value.hollow);
	}
	return n;
}

static bool
collect_gone(struct join *j)
{
	size_t n = 0, at = 0;

	for (size_t i = 0; i < j->n_live; i++)
		n += j->live[i]->body->n_gone + j->live[i]->body->n_entries;
	for (size_t i = 0; i < j->in->n_dirty; i++)
		n += j->in->dirty[i].n_seen;
	j->gone = arena_alloc(j->arena, n * sizeof *j->gone);
	if (j->gone == NULL)
		return false;
	for (size_t i = 0; i < j->n_live; i++) {
		const struct body *b = j->live[i]->body;

		for (size_t k = 0; k < b->n_gone; k++)
			j->gone[at++] = name_range_of(b->gone[k].field, b->gone[k].agent,
			    b->gone[k].first, b->gone[k].count);
		at += record_hollow_names(b, j->gone + at);
	}
	for (size_t i = 0; i < j->in->n_dirty; i++) {
		const struct record_dirty *d = &j->in->dirty[i];

		for (size_t k = 0; k < d->n_seen; k++)
			j->gone[at++] = name_range_of(d->entry.field, d->seen[k].agent,
			    d->seen[k].first, d->seen[k].count);
	}
	j->n_gone = names_join(j->gone, at);
	return true;
}

/* --- which entries are live ----------------------------------------------------------
 */

/* Makes room for one more item; false when memory is out. */
static bool
grow(struct arena *a, void **items, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap == 0 ? 16 : *cap * 2;
	void *more;

	if (n < *cap)
		return true;
	if (want > SIZE_MAX / size)
		return false;
	more = arena_alloc(a, want * size);
	if (more == NULL)
		return false;
	if (n > 0)
		memcpy(more, *items, n * size);
	*items = more;
	*cap = want;
	return true;
}

static bool
push_entry(struct join *j, const struct entry *e, const struct record_op *op)
{
	void *items = j->entries;

	if (!grow(j->arena, &items, j->n_entries, &j->entries_cap, sizeof *j->entries))
		return false;
	j->entries = items;
	j->entries[j->n_entries++] =
	    (struct record_entry){.entry = e, .op = op, .is_dirty = op == NULL};
	return true;
}

static bool
push_held(struct join *j, const struct entry *e, const struct names_part *part)
{
	void *items = j->held;
	struct held_names *h;

	if (!grow(j->arena, &items, j->n_held, &j->held_cap, sizeof *j->held))
		return false;
	j->held = items;
	h = &j->held[j->n_held++];
	*h = (struct held_names){.is_run = e->value.type == VALUE_RUN};
	h->names = (struct name_range){.field = e->field,
	    .agent = e->name.agent,
	    .first = part->first,
	    .end = part->end};
	if (e->has_key)
		h->grave = record_grave_of(&j->in->graves, e->key);
	return true;
}

static bool
push_piece(struct join *j, const struct entry *e, const struct record_op *op,
    const struct names_part *part)
{
	struct entry *piece = arena_alloc(j->arena, sizeof *piece);
	uint32_t from = (uint32_t)(part->first - e->name.index);
	uint32_t to = (uint32_t)(part->end - e->name.index);

	if (piece == NULL)
		return false;
	*piece = part->is_member ? run_hollow(e, from, to) : run_piece(e, from, to);
	return push_entry(j, piece, op);
}

/* Takes in one entry: the names of it that were superseded as held, the rest as live,
 * unless the op itself is superseded. Superseded characters stay as hollow runs: others
 * hang on them. */
static bool
take_entry(
    struct join *j, const struct entry *e, const struct record_op *op, bool is_live)
{
	struct name_range all = name_range_of(
	    e->field, e->name.agent, e->name.index, record_names_of(&e->value));
	struct names_walk walk = names_walk_of(j->gone, j->n_gone, all);
	struct names_part part;

	while (names_walk_next(&walk, &part)) {
		bool ok = true;

		bool is_whole = part.first == all.first && part.end == all.end;

		if (part.is_member && e->value.hollow == 0)
			ok = push_held(j, e, &part);
		if (!ok)
			return false;
		if (!is_live || (part.is_member && e->value.type != VALUE_RUN))
			continue;
		if (is_whole && (!part.is_member || e->value.hollow > 0))
			ok = push_entry(j, e, op);
		else
			ok = push_piece(j, e, op, &part);
		if (!ok)
			return false;
	}
	return true;
}

static bool
collect_entries(struct join *j)
{
	for (size_t i = 0; i < j->in->n_ops; i++) {
		const struct body *b = j->live[i]->body;

		for (size_t k = 0; k < b->n_entries; k++) {
			if (!take_entry(j, &b->entries[k], j->live[i], i < j->n_live))
				return false;
		}
	}
	for (size_t i = 0; i < j->in->n_dirty; i++) {
		if (!take_entry(j, &j->in->dirty[i].entry, NULL, true))
			return false;
	}
	return true;
}

/* --- one entry for each name, cells ----------------------------------------------------
 */

/* By place, name and content; of equal ones the first op comes first, dirty last. */
static int
compare_entries(const void *a, const void *b)
{
	const struct record_entry *x = a;
	const struct record_entry *y = b;
	int order = record_entry_compare(x->entry, y->entry);

	if (order != 0)
		return order;
	if (x->is_dirty != y->is_dirty)
		return x->is_dirty ? 1 : -1;
	return (x->op > y->op) - (x->op < y->op);
}

static int
compare_held(const void *a, const void *b)
{
	const struct held_names *x = a;
	const struct held_names *y = b;

	return names_compare(&x->names, &y->names);
}

/* Equal names with equal content are one entry; with another content they are twins that
 * both stay: the order of a join never decides (SECURITY 9.5.7). */
/* The rest of a hollow run is told by each op as far as it knew: one run of all of it. */
static bool
joins_hollow(
    struct join *j, struct record_entry *last, const struct entry *e, bool *joins)
{
	uint64_t end = (uint64_t)e->name.index + e->value.hollow, last_end;
	struct entry *longer;

	*joins = last != NULL && last->entry->value.hollow > 0 && e->value.hollow > 0 &&
		 record_place_compare(last->entry, e) == 0 &&
		 last->entry->name.agent == e->name.agent;
	if (!*joins)
		return true;
	last_end = (uint64_t)last->entry->name.index + last->entry->value.hollow;
	if (last->entry->name.index == e->name.index)
		*joins = entry_name_equal(last->entry->value.parent, e->value.parent) &&
			 last->entry->value.side == e->value.side;
	else
		*joins = e->name.index <= last_end && run_goes_on(e);
	if (!*joins || end <= last_end)
		return true;
	longer = arena_alloc(j->arena, sizeof *longer);
	if (longer == NULL)
		return false;
	*longer = *last->entry;
	longer->value.hollow = (uint32_t)(end - longer->name.index);
	last->entry = longer;
	return true;
}

static bool
join_equal(struct join *j)
{
	size_t kept = 0;

	for (size_t i = 0; i < j->n_entries; i++) {
		struct record_entry *last = kept == 0 ? NULL : &j->entries[kept - 1];
		struct record_entry *e = &j->entries[i];
		bool joins;

		if (!joins_hollow(j, last, e->entry, &joins))
			return false;
		if (joins ||
		    (last != NULL && record_entry_compare(last->entry, e->entry) == 0)) {
			last->is_dirty = last->is_dirty || e->is_dirty;
			continue;
		}
		if (last != NULL && record_place_compare(last->entry, e->entry) == 0 &&
		    entry_name_equal(last->entry->name, e->entry->name)) {
			last->is_twin = true;
			e->is_twin = true;
		}
		j->entries[kept++] = *e;
	}
	j->n_entries = kept;
	return true;
}

static bool
sort_all(struct join *j)
{
	if (j->n_entries > 1)
		qsort(j->entries, j->n_entries, sizeof *j->entries, compare_entries);
	if (j->n_held > 1)
		qsort(j->held, j->n_held, sizeof *j->held, compare_held);
	return join_equal(j);
}

static int
compare_values(const void *a, const void *b)
{
	struct record_entry *const *x = a;
	struct record_entry *const *y = b;
	int order = record_value_compare(&(*x)->entry->value, &(*y)->entry->value);

	return order != 0 ? order : (*x > *y) - (*x < *y);
}

/* Marks entries that say the same as an earlier one of the cell; counts the others. */
static bool
count_values(struct arena *a, struct record_cell *cell, struct record_entry *entries)
{
	struct record_entry **sorted;

	cell->n_values = 1;
	if (cell->n == 1)
		return true;
	sorted = arena_alloc(a, cell->n * sizeof(struct record_entry *));
	if (sorted == NULL)
		return false;
	for (size_t i = 0; i < cell->n; i++)
		sorted[i] = &entries[i];
	qsort(sorted, cell->n, sizeof(struct record_entry *), compare_values);
	for (size_t i = 1; i < cell->n; i++) {
		sorted[i]->is_repeat =
		    value_equal(&sorted[i]->entry->value, &sorted[i - 1]->entry->value);
		cell->n_values += !sorted[i]->is_repeat;
	}
	return true;
}

/* Groups the entries, asks for the graves of map keys, leaves out erased ones. */
static bool
build_cells(struct join *j, struct record_view *v)
{
	struct record_cell *cells = arena_zeros(j->arena, j->n_entries, sizeof *cells);
	size_t end;

	if (cells == NULL)
		return false;
	v->cells = cells;
	for (size_t i = 0; i < j->n_entries; i = end) {
		const struct entry *e = j->entries[i].entry;
		enum grave_state grave = GRAVE_NONE;
		struct record_cell *cell = &cells[v->n_cells];

		if (e->has_key)
			grave = record_grave_of(&j->in->graves, e->key);
		for (end = i; end < j->n_entries; end++) {
			if (record_place_compare(e, j->entries[end].entry) != 0)
				break;
			j->entries[end].grave = grave;
		}
		if (grave_hides(grave) || grave_hides(v->grave))
			continue;
		*cell = (struct record_cell){.field = e->field,
		    .has_key = e->has_key,
		    .key = e->key,
		    .n = end - i,
		    .entries = &j->entries[i]};
		if (!count_values(j->arena, cell, &j->entries[i]))
			return false;
		v->n_cells++;
	}
	return true;
}

status
record_view(struct arena *a, const struct record_input *in, struct record_view *out,
    struct trouble *t)
{
	struct join j = {.arena = a, .in = in};
	struct record_view v = {.input = in};

	if (in->has_person)
		v.grave = record_grave_of(&in->graves, in->person.n);
	if (grave_drops(v.grave)) {
		*out = v;
		return ST_OK;
	}
	if (!find_live(&j) || !collect_gone(&j) || !collect_entries(&j))
		return record_no_memory(t);
	if (!sort_all(&j) || !build_cells(&j, &v))
		return record_no_memory(t);
	v.n_live = j.n_live;
	v.live = j.live;
	for (size_t i = 0; i < j.n_live; i++)
		v.live_bytes += j.live[i]->sealed_bytes;
	v.n_entries = j.n_entries;
	v.entries = j.entries;
	v.n_held = j.n_held;
	v.held = j.held;
	*out = v;
	return ST_OK;
}

/* --- reading a view
 * --------------------------------------------------------------------- */

const struct record_cell *
record_cell_find(const struct record_view *v, uint16_t field, bool has_key, uint64_t key)
{
	struct entry place = {.field = field, .has_key = has_key, .key = key};
	size_t low = 0, high = v->n_cells;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = record_place_compare(v->cells[mid].entries[0].entry, &place);

		if (order == 0)
			return &v->cells[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

size_t
record_distinct(const struct record_cell *cell, const struct record_entry **distinct)
{
	size_t n = 0;

	for (size_t i = 0; i < cell->n; i++) {
		if (cell->entries[i].is_repeat)
			continue;
		if (distinct != NULL)
			distinct[n] = &cell->entries[i];
		n++;
	}
	assert(n == cell->n_values);
	return n;
}
