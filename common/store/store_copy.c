/* store_copy.c - what a caller passes in may go away before the store gets to it. */
#include "store/store_copy.h"

bool
copy_span(struct arena *a, struct span *s)
{
	if (s->len == 0)
		return true;
	*s = arena_copy(a, *s);
	return s->bytes != NULL;
}

bool
copy_items(struct arena *a, const void *from, size_t n, size_t size, void **out)
{
	*out = NULL;
	if (n == 0)
		return true;
	*out = arena_alloc(a, n * size);
	if (*out != NULL)
		memcpy(*out, from, n * size);
	return *out != NULL;
}

static bool
copy_op(struct arena *a, struct op *op)
{
	op->body = span_of(NULL, 0);
	return COPY_ITEMS(a, op->dots, op->n_dots) &&
	       (!op->is_present || copy_span(a, &op->wire));
}

bool
copy_batch(struct arena *a, const struct batch *from, const struct batch **out)
{
	struct batch *b = arena_alloc(a, sizeof *b);

	if (b == NULL)
		return false;
	*b = *from;
	if (!COPY_ITEMS(a, b->refs, b->n_refs) ||
	    !COPY_ITEMS(a, b->subjects, b->n_subjects) ||
	    !COPY_ITEMS(a, b->ops, b->n_ops) || !copy_span(a, &b->header))
		return false;
	for (size_t i = 0; i < b->n_ops; i++)
		if (!copy_op(a, &b->ops[i]))
			return false;
	*out = b;
	return true;
}

bool
copy_boxes(struct arena *a, size_t n, const struct store_box **boxes)
{
	void *items = NULL;
	struct store_box *copy;

	if (!copy_items(a, *boxes, n, sizeof **boxes, &items))
		return false;
	copy = items;
	for (size_t i = 0; i < n; i++)
		if (!copy_span(a, &copy[i].box))
			return false;
	*boxes = copy;
	return true;
}

static bool
copy_lists(struct arena *a, size_t n, const struct store_box_list **lists)
{
	void *items = NULL;
	struct store_box_list *copy;

	if (!copy_items(a, *lists, n, sizeof **lists, &items))
		return false;
	copy = items;
	for (size_t i = 0; i < n; i++)
		if (!copy_span(a, &copy[i].list))
			return false;
	*lists = copy;
	return true;
}

static bool
copy_wraps(struct arena *a, size_t n, const struct store_wrap **wraps)
{
	void *items = NULL;
	struct store_wrap *copy;

	if (!copy_items(a, *wraps, n, sizeof **wraps, &items))
		return false;
	copy = items;
	for (size_t i = 0; i < n; i++)
		if (!copy_span(a, &copy[i].wrap))
			return false;
	*wraps = copy;
	return true;
}

bool
copy_append(struct arena *a, struct store_append *append)
{
	return copy_span(a, &append->record) &&
	       copy_boxes(a, append->n_boxes, &append->boxes) &&
	       copy_lists(a, append->n_lists, &append->lists) &&
	       copy_wraps(a, append->n_wraps, &append->wraps) &&
	       COPY_ITEMS(a, append->drop, append->n_drop) &&
	       COPY_ITEMS(a, append->cuts, append->n_cuts);
}

bool
copy_part(struct arena *a, struct store_part *part)
{
	void *items = NULL;
	struct merge_theirs *batches;

	if (!COPY_ITEMS(a, part->ids, part->n_ids) ||
	    !COPY_ITEMS(a, part->graves, part->n_graves) ||
	    !COPY_ITEMS(a, part->doa, part->n_doa) ||
	    !copy_items(a, part->batches, part->n_batches, sizeof *part->batches, &items))
		return false;
	batches = items;
	for (size_t i = 0; i < part->n_batches; i++)
		if (batches[i].batch != NULL &&
		    !copy_batch(a, batches[i].batch, &batches[i].batch))
			return false;
	part->batches = batches;
	return true;
}
