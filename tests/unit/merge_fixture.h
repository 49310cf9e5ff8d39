/* merge_fixture.h - a store in memory whose merge is called directly, random sets of
 * batches, and the definition to compare with (DESIGN 4.1). */
#ifndef TESTS_MERGE_FIXTURE_H
#define TESTS_MERGE_FIXTURE_H

#include "batch_fixture.h"
#include "store/store_memory.h"
#include "store/store_queue.h"

struct world {
	struct fx fx;
	struct store *store;
	struct store_engine *engine;
};

static inline struct store_engine *
open_engine(const struct checks *checks, struct store **store)
{
	struct store_memory_config config = {.checks = checks};

	assert_int_equal(store_memory_open(store, &config, NULL), ST_OK);
	return store_engine_of(*store);
}

static inline int
set_up(void **state)
{
	static struct world w;

	w.fx = fx_new();
	w.engine = open_engine(&w.fx.checks, &w.store);
	*state = &w;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct world *w = *state;

	store_close(w->store, NULL, NULL);
	arena_free(w->fx.arena);
	return 0;
}

static inline struct merge_verdict
push_with(struct store_engine *e, const struct fx_batch *b, uint16_t refusal)
{
	const struct merge_push push = {&b->batch, &b->id, refusal, 3};
	struct merge_verdict v;

	assert_int_equal(merge_accept(&e->merge, e->checks, &push, &v, NULL), ST_OK);
	return v;
}

static inline enum merge_kind
push(struct store_engine *e, const struct fx_batch *b)
{
	return push_with(e, b, 0).kind;
}

static inline uint64_t
lsn_of(struct store_engine *e, const struct fx_batch *b)
{
	struct short_id id = batch_short(&b->id);
	struct batch_id full;
	uint64_t lsn = 0;

	assert_int_equal(
	    e->merge.find_batch(e->merge.ctx, &id, &lsn, &full, NULL), ST_OK);
	return lsn;
}

static inline bool
is_live(struct store_engine *e, const struct fx_batch *b, uint8_t index)
{
	struct op_place at = {lsn_of(e, b), index};
	struct live_op op;
	bool live = false;

	if (at.lsn != 0)
		assert_int_equal(
		    e->merge.find_live(e->merge.ctx, at, &live, &op, NULL), ST_OK);
	return live;
}

struct counted {
	size_t n;
	uint64_t kill_lsn;
	struct op_place at;
};

static inline status
count_dead(
    void *ctx, uint64_t kill_lsn, struct op_place at, uint16_t scope, struct trouble *t)
{
	struct counted *c = ctx;

	(void)scope;
	(void)t;
	c->n++;
	c->kill_lsn = kill_lsn;
	c->at = at;
	return ST_OK;
}

static inline struct counted
dead_of(struct store_engine *e)
{
	struct counted c = {0};

	assert_int_equal(e->each_dead(e->ctx, 0, count_dead, &c, NULL), ST_OK);
	return c;
}

static inline size_t
count_doa(struct store_engine *e)
{
	struct store_figures f = {0};

	assert_int_equal(e->figures(e->ctx, &f, NULL), ST_OK);
	return f.doa;
}

static inline const struct fx_batch *
write_about(struct fx *f, uint16_t scope, char record, char subject)
{
	const struct fx_op op = {
	    .record = record, .subject = subject, .retention = RETAIN_PERSONAL};

	return fx_batch(f, scope, 1, &op);
}

static inline const struct fx_batch *
erase(struct fx *f, uint16_t scope, char subject)
{
	const struct fx_op op = {.subject = subject, .is_erase = true};

	return fx_batch(f, scope, 1, &op);
}

/* ---- random sets against the definition ---- */

enum { SET_BATCHES = 14 };

struct set {
	const struct fx_batch *batches[SET_BATCHES];
	bool has[SET_BATCHES];
};

static inline void
random_op(struct rng *rng, const struct set *set, size_t n_before, struct fx_op *op)
{
	*op = (struct fx_op){.record = (char)('a' + rng_below(rng, 3))};
	if (rng_below(rng, 8) == 0) {
		*op = (struct fx_op){
		    .subject = (char)('p' + rng_below(rng, 2)), .is_erase = true};
		return;
	}
	if (rng_below(rng, 3) == 0)
		op->subject = (char)('p' + rng_below(rng, 2));
	op->retention = (enum retention)(1 + rng_below(rng, 3));
	if (n_before == 0)
		return;
	for (size_t i = rng_below(rng, 5); i > 0; i--) {
		const struct fx_batch *over = set->batches[rng_below(rng, n_before)];
		struct dot dot = fx_dot(over, (uint8_t)rng_below(rng, over->batch.n_ops));
		bool is_there = false;

		for (size_t k = 0; k < op->n_dots; k++)
			is_there = is_there || dot_equal(&op->dots[k], &dot);
		if (!is_there)
			op->dots[op->n_dots++] = dot;
	}
}

static inline void
random_set(struct fx *f, struct rng *rng, struct set *set)
{
	for (size_t i = 0; i < SET_BATCHES; i++) {
		struct fx_op ops[3];
		size_t n = 1 + rng_below(rng, 3);

		for (size_t k = 0; k < n; k++)
			random_op(rng, set, i, &ops[k]);
		set->batches[i] = fx_batch(f, (uint16_t)(1 + rng_below(rng, 2)), n, ops);
	}
}

static inline bool
kills(const struct batch *by, const struct op *op, const struct fx_batch *b, size_t index)
{
	const struct op *victim = &b->batch.ops[index];
	struct dot dot = fx_dot(b, (uint8_t)index);

	if (by->scope != b->batch.scope)
		return false;
	if (op->type == OP_ERASE)
		return victim->has_subject && ID_EQUAL(&victim->subject, &op->subject);
	if (!ID_EQUAL(&op->record, &victim->record) || victim->retention == RETAIN_AUDIT)
		return false;
	for (size_t i = 0; i < op->n_dots; i++)
		if (dot_equal(&op->dots[i], &dot))
			return true;
	return false;
}

/* Straight from DESIGN 4.1. */
static inline bool
is_live_by_definition(const struct set *set, size_t batch, size_t index)
{
	const struct fx_batch *b = set->batches[batch];

	if (!set->has[batch] || b->batch.ops[index].type == OP_ERASE)
		return false;
	for (size_t i = 0; i < SET_BATCHES; i++)
		for (size_t k = 0; set->has[i] && k < set->batches[i]->batch.n_ops; k++) {
			const struct batch *by = &set->batches[i]->batch;

			if (kills(by, &by->ops[k], b, index))
				return false;
		}
	return true;
}

static inline void
check_live(struct store_engine *e, const struct set *set, uint64_t seed)
{
	for (size_t i = 0; i < SET_BATCHES; i++)
		for (size_t k = 0; k < set->batches[i]->batch.n_ops; k++)
			if (is_live(e, set->batches[i], (uint8_t)k) !=
			    is_live_by_definition(set, i, k))
				fail_msg("seed %llu: batch %zu op %zu",
				    (unsigned long long)seed, i, k);
}

/* Every doa names a batch that is not known (merge.h, invariant 3). */
static inline status
check_unknown(void *ctx, const struct merge_doa *d, struct trouble *t)
{
	struct store_engine *e = ctx;
	struct batch_id id;
	uint64_t lsn = 1;

	(void)t;
	e->merge.find_batch(e->merge.ctx, &d->dot.batch, &lsn, &id, NULL);
	assert_int_equal(lsn, 0);
	return ST_OK;
}

/* Pushes those of the set that are wanted, in a random order, some of them twice. */
static inline void
push_shuffled(
    struct store_engine *e, struct rng *rng, struct set *set, const bool *wanted)
{
	size_t order[SET_BATCHES];

	for (size_t i = 0; i < SET_BATCHES; i++) {
		size_t k = rng_below(rng, i + 1);

		order[i] = order[k];
		order[k] = i;
	}
	for (size_t i = 0; i < SET_BATCHES; i++) {
		if (!wanted[order[i]])
			continue;
		push(e, set->batches[order[i]]);
		set->has[order[i]] = true;
		if (rng_below(rng, 4) == 0)
			assert_int_equal(push(e, set->batches[order[i]]), MERGE_KNOWN);
	}
}

#endif
