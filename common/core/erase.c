/* erase.c - sets of graves, and the compactions that an erasure takes. Pure. */
#include "core/erase.h"

#include <assert.h>
#include <stdlib.h>

static int
compare_places(uint16_t scope, uint64_t person, const struct grave *g)
{
	if (scope != g->scope)
		return scope < g->scope ? -1 : 1;
	return (person > g->person.n) - (person < g->person.n);
}

/* The strongest of one place first. */
static int
compare_graves(const void *a, const void *b)
{
	const struct grave *x = a;
	const struct grave *y = b;
	int order = compare_places(x->scope, x->person.n, y);

	return order != 0 ? order : (y->state > x->state) - (y->state < x->state);
}

status
graves_build(struct arena *a, size_t n, const struct grave *in, struct graves *out,
    struct trouble *t)
{
	struct grave *items = arena_zeros(a, n, sizeof *items);
	size_t kept = 0;

	if (items == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory left for graves");
	if (n > 0)
		memcpy(items, in, n * sizeof *items);
	if (n > 1)
		qsort(items, n, sizeof *items, compare_graves);
	for (size_t i = 0; i < n; i++) {
		const struct grave *g = &items[i];

		if (kept == 0 ||
		    compare_places(g->scope, g->person.n, &items[kept - 1]) != 0)
			items[kept++] = *g;
	}
	*out = (struct graves){kept, items};
	return ST_OK;
}

enum grave_state
graves_find(const struct graves *set, uint16_t scope, uint64_t person_key)
{
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = compare_places(scope, person_key, &set->items[mid]);

		if (order == 0)
			return set->items[mid].state;
		if (order > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return GRAVE_NONE;
}

static enum grave_state
find_in_scope(const void *ctx, uint64_t person_key)
{
	const struct graves_in_scope *in = ctx;

	return graves_find(in->set, in->scope, person_key);
}

struct grave_test
graves_test(const struct graves_in_scope *in)
{
	return (struct grave_test){find_in_scope, in};
}

static bool
holds_key(const struct body *body, uint64_t key)
{
	for (size_t i = 0; i < body->n_entries; i++) {
		if (body->entries[i].has_key && body->entries[i].key == key)
			return true;
	}
	return false;
}

bool
erase_concerns(const struct body *body, uint64_t person_key)
{
	return (body->has_person && body->person.n == person_key) ||
	       holds_key(body, person_key);
}

bool
erase_needs_compaction(const struct record_view *v, uint64_t person_key)
{
	for (size_t i = 0; i < v->n_live; i++) {
		if (holds_key(v->live[i]->body, person_key))
			return true;
	}
	return false;
}

/* All live ops go, not only those that hold the key: more than dots_max are rare. */
static size_t
ops_needed(const struct record_view *v, uint64_t person_key, size_t dots_max)
{
	if (!erase_needs_compaction(v, person_key))
		return 0;
	return (v->n_live + dots_max - 1) / dots_max;
}

status
erase_plan(struct arena *a, size_t n_views, const struct record_view *views,
    uint64_t person_key, size_t dots_max, struct erase_plan *out, struct trouble *t)
{
	struct erase_step *steps;
	size_t n = 0, at = 0;

	assert(dots_max > 0);
	for (size_t i = 0; i < n_views; i++)
		n += ops_needed(&views[i], person_key, dots_max);
	steps = arena_zeros(a, n, sizeof *steps);
	if (steps == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory left for an erasure");
	for (size_t i = 0; i < n_views; i++) {
		size_t ops = ops_needed(&views[i], person_key, dots_max);

		for (size_t k = 0; k < ops; k++)
			steps[at++] = (struct erase_step){i, k * dots_max};
	}
	*out = (struct erase_plan){n, steps};
	return ST_OK;
}
