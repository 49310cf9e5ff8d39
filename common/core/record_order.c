/* record_order.c - total orders of entries, values and dots, so that every result is a
 * function of the set and not of the order of arrival. Pure. */
#include "core/record_parts.h"

#include <stdlib.h>

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

int
record_place_compare(const struct entry *a, const struct entry *b)
{
	if (a->field != b->field)
		return ORDER(a->field, b->field);
	if (a->has_key != b->has_key)
		return ORDER(a->has_key, b->has_key);
	return a->has_key ? ORDER(a->key, b->key) : 0;
}

int
record_value_compare(const struct value *a, const struct value *b)
{
	int order;

	if (a->type != b->type)
		return ORDER(a->type, b->type);
	if (a->type == VALUE_EMPTY)
		return 0;
	if (a->type == VALUE_INT)
		return ORDER(a->number, b->number);
	order = span_compare(a->bytes, b->bytes);
	if (order != 0 || (a->type != VALUE_RUN && a->type != VALUE_SEEN))
		return order;
	order = entry_name_compare(a->parent, b->parent);
	if (order == 0)
		order = ORDER(a->side, b->side);
	return order != 0 ? order : ORDER(a->hollow, b->hollow);
}

int
record_entry_compare(const struct entry *a, const struct entry *b)
{
	int order = record_place_compare(a, b);

	if (order == 0)
		order = entry_name_compare(a->name, b->name);
	if (order == 0)
		order = record_value_compare(&a->value, &b->value);
	if (order == 0)
		order = hlc_compare(a->time, b->time);
	if (order == 0)
		order = ORDER(a->by.home, b->by.home);
	if (order == 0)
		order = ORDER(a->by.device, b->by.device);
	return order;
}

static int
compare_dots(const void *a, const void *b)
{
	const struct dot *x = a;
	const struct dot *y = b;
	int order = memcmp(x->batch.bytes, y->batch.bytes, sizeof x->batch.bytes);

	return order != 0 ? order : ORDER(x->index, y->index);
}

size_t
record_dots_sort(struct dot *dots, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(dots, n, sizeof *dots, compare_dots);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || !dot_equal(&dots[kept - 1], &dots[i]))
			dots[kept++] = dots[i];
	}
	return kept;
}

bool
record_dots_hold(const struct dot *dots, size_t n, const struct dot *dot)
{
	return n > 0 && bsearch(dot, dots, n, sizeof *dots, compare_dots) != NULL;
}
