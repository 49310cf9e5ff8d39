/* names.c - sets of entry names as sorted ranges. Pure. */
#include "core/names.h"

#include <stdlib.h>

struct name_range
name_range_of(uint16_t field, uint64_t agent, uint32_t first, uint32_t count)
{
	struct name_range r = {.field = field, .agent = agent, .first = first};
	uint64_t room = (uint64_t)UINT32_MAX + 1 - first;

	r.end = first + (count < room ? count : room);
	return r;
}

static int
compare_agents(const struct name_range *a, const struct name_range *b)
{
	if (a->field != b->field)
		return a->field < b->field ? -1 : 1;
	return (a->agent > b->agent) - (a->agent < b->agent);
}

int
names_compare(const void *a, const void *b)
{
	const struct name_range *x = a;
	const struct name_range *y = b;
	int order = compare_agents(x, y);

	if (order != 0)
		return order;
	return (x->first > y->first) - (x->first < y->first);
}

static bool
joins(const struct name_range *a, const struct name_range *b)
{
	if (compare_agents(a, b) != 0 || b->first > a->end)
		return false;
	return b->first < a->end || a->is_unsealed == b->is_unsealed;
}

size_t
names_join(struct name_range *ranges, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(ranges, n, sizeof *ranges, names_compare);
	for (size_t i = 0; i < n; i++) {
		struct name_range *last = kept == 0 ? NULL : &ranges[kept - 1];

		if (ranges[i].first >= ranges[i].end)
			continue;
		if (last == NULL || !joins(last, &ranges[i])) {
			ranges[kept++] = ranges[i];
			continue;
		}
		if (ranges[i].end > last->end)
			last->end = ranges[i].end;
		if (ranges[i].order > last->order)
			last->order = ranges[i].order;
		last->is_unsealed = last->is_unsealed && ranges[i].is_unsealed;
	}
	return kept;
}

/* The first range of the set that is not wholly before the one given. */
static const struct name_range *
find_from(const struct name_range *ranges, size_t n, const struct name_range *over)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = compare_agents(&ranges[mid], over);

		if (order < 0 || (order == 0 && ranges[mid].end <= over->first))
			low = mid + 1;
		else
			high = mid;
	}
	return ranges + low;
}

struct names_walk
names_walk_of(const struct name_range *ranges, size_t n, struct name_range over)
{
	if (n == 0)
		return (struct names_walk){ranges, ranges, over};
	return (struct names_walk){find_from(ranges, n, &over), ranges + n, over};
}

bool
names_walk_next(struct names_walk *w, struct names_part *out)
{
	struct name_range *left = &w->left;

	if (left->first >= left->end)
		return false;
	*out = (struct names_part){left->first, left->end, false};
	if (w->at < w->stop && compare_agents(w->at, left) == 0 &&
	    w->at->first < left->end) {
		out->is_member = w->at->first <= left->first;
		if (!out->is_member)
			out->end = w->at->first;
		else if (w->at->end < left->end)
			out->end = w->at->end;
		if (out->is_member)
			w->at++;
	}
	left->first = out->end;
	return true;
}
