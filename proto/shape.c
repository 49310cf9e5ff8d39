/* shape.c - walks the elements with a counter per open array. Pure. */
#include "proto/shape.h"

#include "proto/pack.h"

/* How many elements each open array still waits for, the innermost last. */
struct open_arrays {
	uint64_t missing[SHAPE_DEPTH_MAX];
	unsigned depth;
};

/* One element is complete: so may be the arrays that it was the last of. */
static void
close_element(struct open_arrays *o)
{
	while (o->depth > 0 && --o->missing[o->depth - 1] == 0)
		o->depth--;
}

static status
open_array(struct open_arrays *o, uint64_t count, size_t elements_max, size_t offset,
    struct trouble *t)
{
	if (o->depth == SHAPE_DEPTH_MAX)
		return trouble_set(t, ST_LIMIT, "byte %zu: arrays too deep", offset);
	if (count > elements_max)
		return trouble_set(t, ST_LIMIT,
		    "byte %zu: array of more than %zu elements", offset, elements_max);
	if (count == 0)
		close_element(o);
	else
		o->missing[o->depth++] = count;
	return ST_OK;
}

status
shape_check(struct span in, size_t elements_max, struct trouble *t)
{
	struct open_arrays open = {.depth = 0};
	size_t at = 0;

	do {
		struct pack_head h;
		size_t begin = at;

		if (at == in.len)
			return trouble_set(t, ST_MALFORMED, "byte %zu: cut short", at);
		h = pack_head_at(in.bytes + at, in.len - at);
		if (h.type == PACK_BAD)
			return trouble_set(t, ST_MALFORMED, "byte %zu: %s", at, h.why);
		at += h.bytes;
		if (h.type == PACK_BIN || h.type == PACK_STR)
			at += (size_t)h.count;
		if (h.type == PACK_ARRAY) {
			status st = open_array(&open, h.count, elements_max, begin, t);

			if (st != ST_OK)
				return st;
		} else {
			close_element(&open);
		}
	} while (open.depth > 0);
	if (at != in.len)
		return trouble_set(
		    t, ST_MALFORMED, "byte %zu: nothing may follow here", at);
	return ST_OK;
}
