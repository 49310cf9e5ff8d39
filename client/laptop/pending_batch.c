/* pending_batch.c - the one that was read last, by its name: a hash, so never stale. */
#include "client/laptop/pending_batch.h"

#include <stdlib.h>

#include "proto/batch_codec.h"

struct pending_batch {
	struct arena *a; /* of wire and batch */
	bool is_there;
	struct batch_id id;
	struct batch batch;
};

static struct pending_batch *
keeper_of(struct laptop *l)
{
	struct pending_batch *p = l->pending;

	if (p != NULL)
		return p;
	p = calloc(1, sizeof *p);
	if (p != NULL && (p->a = arena_new(0)) == NULL) {
		free(p);
		p = NULL;
	}
	l->pending = p;
	return p;
}

static status
read_wire(struct laptop *l, int64_t pending, struct arena *a, struct span *wire)
{
	struct query *q = query_of(l->queries, "SELECT wire FROM r_pending WHERE id = ?");
	bool found;
	status st;

	query_int(q, pending);
	found = query_row(q);
	if (found)
		*wire = arena_copy(a, query_column_span(q, 0));
	st = query_done(q, &l->trouble);
	if (st == ST_OK && !found)
		st = trouble_set(
		    &l->trouble, ST_NOT_FOUND, "a batch that waited is not here");
	else if (st == ST_OK && wire->bytes == NULL)
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a batch");
	return st;
}

status
pending_batch_read(struct laptop *l, int64_t pending, const struct batch_id *id,
    const struct batch **out)
{
	struct pending_batch *p = keeper_of(l);
	struct span wire;
	status st;

	if (p == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a batch");
	*out = &p->batch;
	if (p->is_there && ID_EQUAL(&p->id, id))
		return ST_OK;
	p->is_there = false;
	arena_reset(p->a);
	st = read_wire(l, pending, p->a, &wire);
	if (st == ST_OK)
		st = batch_decode(
		    wire, BATCH_PRUNED, &l->checks, p->a, &p->batch, &l->trouble);
	p->id = *id;
	p->is_there = st == ST_OK;
	return st;
}

void
pending_batch_free(struct pending_batch *p)
{
	if (p != NULL)
		arena_free(p->a);
	free(p);
}
