/* merge_other.h - a store engine as the other side of a join, and a set of batches that
 * it holds (core/merge.h). */
#ifndef TESTS_MERGE_OTHER_H
#define TESTS_MERGE_OTHER_H

#include "merge_fixture.h"

/* What engine e holds of the set, as the other side of a join. */
struct other_side {
	struct store_engine *e;
	const struct set *set;
	size_t next_batch;
	struct batch batch;
	struct op ops[FX_OPS_MAX];
	size_t n_graves, next_grave;
	struct merge_grave graves[64];
	size_t n_doa, next_doa;
	struct merge_doa doa[256];
	uint16_t only_scope; /* 0 = all */
};

static inline status
other_next_batch(void *ctx, bool *is_end, struct merge_theirs *out, struct trouble *t)
{
	struct other_side *o = ctx;
	const struct fx_batch *b;
	bool has_any = false;

	(void)t;
	while (o->next_batch < SET_BATCHES && !o->set->has[o->next_batch])
		o->next_batch++;
	*is_end = o->next_batch == SET_BATCHES;
	if (*is_end)
		return ST_OK;
	b = o->set->batches[o->next_batch++];
	o->batch = b->batch;
	o->batch.ops = o->ops;
	for (size_t i = 0; i < b->batch.n_ops; i++) {
		o->ops[i] = b->batch.ops[i];
		o->ops[i].is_present =
		    o->ops[i].type == OP_ERASE || is_live(o->e, b, (uint8_t)i);
		has_any = has_any || o->ops[i].is_present;
	}
	*out = (struct merge_theirs){b->id, has_any ? &o->batch : NULL};
	return ST_OK;
}

static inline status
other_next_grave(void *ctx, bool *is_end, struct merge_grave *out, struct trouble *t)
{
	struct other_side *o = ctx;

	(void)t;
	*is_end = o->next_grave == o->n_graves;
	if (!*is_end)
		*out = o->graves[o->next_grave++];
	return ST_OK;
}

static inline status
other_next_doa(void *ctx, bool *is_end, struct merge_doa *out, struct trouble *t)
{
	struct other_side *o = ctx;

	(void)t;
	*is_end = o->next_doa == o->n_doa;
	if (!*is_end)
		*out = o->doa[o->next_doa++];
	return ST_OK;
}

static inline status
other_knows(void *ctx, const struct short_id *batch, bool *knows, struct trouble *t)
{
	struct other_side *o = ctx;
	struct batch_id id;
	uint64_t lsn = 0;
	status st = o->e->merge.find_batch(o->e->merge.ctx, batch, &lsn, &id, t);

	*knows = lsn != 0;
	return st;
}

static inline bool
other_has_scope(void *ctx, uint16_t scope)
{
	const struct other_side *o = ctx;

	return o->only_scope == 0 || o->only_scope == scope;
}

static inline status
keep_grave(void *ctx, const struct merge_grave *g, uint64_t lsn, struct trouble *t)
{
	struct other_side *o = ctx;

	(void)lsn;
	(void)t;
	o->graves[o->n_graves++] = *g;
	return ST_OK;
}

static inline status
keep_doa(void *ctx, const struct merge_doa *d, struct trouble *t)
{
	struct other_side *o = ctx;

	(void)t;
	assert_true(o->n_doa < 256);
	o->doa[o->n_doa++] = *d;
	return ST_OK;
}

/* The other side of the engine, with its graves and doa read out. */
static inline void
other_side_read(struct other_side *o, struct store_engine *from, const struct set *set)
{
	*o = (struct other_side){.e = from, .set = set};
	assert_int_equal(from->each_grave(from->ctx, keep_grave, o, NULL), ST_OK);
	assert_int_equal(from->each_doa(from->ctx, keep_doa, o, NULL), ST_OK);
}

#endif
