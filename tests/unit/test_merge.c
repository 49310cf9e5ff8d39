/* test_merge.c - accept and join against the definition (DESIGN 4.1, RELIABILITY 2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "batch_fixture.h"
#include "store/store_memory.h"
#include "store/store_queue.h"

struct world {
	struct fx fx;
	struct store *store;
	struct store_engine *engine;
};

static struct store_engine *
open_engine(const struct checks *checks, struct store **store)
{
	struct store_memory_config config = {.checks = checks};

	assert_int_equal(store_memory_open(store, &config, NULL), ST_OK);
	return store_engine_of(*store);
}

static int
set_up(void **state)
{
	static struct world w;

	w.fx = fx_new();
	w.engine = open_engine(&w.fx.checks, &w.store);
	*state = &w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	store_close(w->store, NULL, NULL);
	arena_free(w->fx.arena);
	return 0;
}

static struct merge_verdict
push_with(struct store_engine *e, const struct fx_batch *b, uint16_t refusal)
{
	const struct merge_push push = {&b->batch, &b->id, refusal, 3};
	struct merge_verdict v;

	assert_int_equal(merge_accept(&e->merge, e->checks, &push, &v, NULL), ST_OK);
	return v;
}

static enum merge_kind
push(struct store_engine *e, const struct fx_batch *b)
{
	return push_with(e, b, 0).kind;
}

static uint64_t
lsn_of(struct store_engine *e, const struct fx_batch *b)
{
	struct short_id id = batch_short(&b->id);
	struct batch_id full;
	uint64_t lsn = 0;

	assert_int_equal(
	    e->merge.find_batch(e->merge.ctx, &id, &lsn, &full, NULL), ST_OK);
	return lsn;
}

static bool
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

static status
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

static struct counted
dead_of(struct store_engine *e)
{
	struct counted c = {0};

	assert_int_equal(e->each_dead(e->ctx, 0, count_dead, &c, NULL), ST_OK);
	return c;
}

static size_t
count_doa(struct store_engine *e)
{
	struct store_figures f = {0};

	assert_int_equal(e->figures(e->ctx, &f, NULL), ST_OK);
	return f.doa;
}

/* ---- accept ---- */

static void
superseded_op_dies_and_is_logged(void **state)
{
	struct world *w = *state;
	const struct fx_batch *a = fx_write(&w->fx, 1, 'x', NULL);
	const struct fx_batch *b = fx_write(&w->fx, 1, 'x', a);
	struct counted dead;

	assert_int_equal(push(w->engine, a), MERGE_OK);
	assert_true(is_live(w->engine, a, 0));
	assert_int_equal(push(w->engine, b), MERGE_OK);
	assert_false(is_live(w->engine, a, 0));
	assert_true(is_live(w->engine, b, 0));
	dead = dead_of(w->engine);
	assert_int_equal(dead.n, 1);
	assert_int_equal(dead.kill_lsn, 2);
	assert_int_equal(dead.at.lsn, 1);
	assert_int_equal(dead.at.index, 0);
}

static void
superseder_before_its_victim_gives_the_same(void **state)
{
	struct world *w = *state;
	const struct fx_batch *a = fx_write(&w->fx, 1, 'x', NULL);
	const struct fx_batch *b = fx_write(&w->fx, 1, 'x', a);

	push(w->engine, b);
	assert_int_equal(count_doa(w->engine), 1);
	assert_int_equal(push(w->engine, a), MERGE_OK);
	assert_false(is_live(w->engine, a, 0));
	assert_true(is_live(w->engine, b, 0));
	assert_int_equal(count_doa(w->engine), 0);
	assert_int_equal(dead_of(w->engine).n, 0);
}

/* A dot of scope 1, record x aimed at the victim; in both orders. */
static void
check_no_effect(
    struct world *w, const struct fx_batch *victim, const struct fx_batch *killer)
{
	struct store *other;
	struct store_engine *e = open_engine(&w->fx.checks, &other);

	push(w->engine, victim);
	push(w->engine, killer);
	assert_true(is_live(w->engine, victim, 0));
	push(e, killer);
	push(e, victim);
	assert_true(is_live(e, victim, 0));
	assert_int_equal(count_doa(e), 0);
	store_close(other, NULL, NULL);
}

static void
sec_40_dot_on_another_record_has_no_effect_in_both_orders(void **state)
{
	struct world *w = *state;
	const struct fx_batch *victim = fx_write(&w->fx, 1, 'y', NULL);

	check_no_effect(w, victim, fx_write(&w->fx, 1, 'x', victim));
}

static void
sec_40_dot_on_another_scope_has_no_effect_in_both_orders(void **state)
{
	struct world *w = *state;
	const struct fx_batch *victim = fx_write(&w->fx, 2, 'x', NULL);

	check_no_effect(w, victim, fx_write(&w->fx, 1, 'x', victim));
}

static void
sec_41_dot_on_an_audit_op_has_no_effect_in_both_orders(void **state)
{
	struct world *w = *state;
	const struct fx_op audit = {.record = 'x', .retention = RETAIN_AUDIT};
	const struct fx_batch *victim = fx_batch(&w->fx, 1, 1, &audit);

	check_no_effect(w, victim, fx_write(&w->fx, 1, 'x', victim));
}

static void
op_dead_on_arrival_still_applies_its_own_list(void **state)
{
	struct world *w = *state;
	const struct fx_batch *a = fx_write(&w->fx, 1, 'x', NULL);
	const struct fx_batch *b = fx_write(&w->fx, 1, 'x', a);
	const struct fx_batch *c = fx_write(&w->fx, 1, 'x', b);

	push(w->engine, a);
	push(w->engine, c);
	assert_true(is_live(w->engine, a, 0));
	push(w->engine, b);
	assert_false(is_live(w->engine, a, 0));
	assert_false(is_live(w->engine, b, 0));
	assert_true(is_live(w->engine, c, 0));
}

static const struct fx_batch *
write_about(struct fx *f, uint16_t scope, char record, char subject)
{
	const struct fx_op op = {
	    .record = record, .subject = subject, .retention = RETAIN_PERSONAL};

	return fx_batch(f, scope, 1, &op);
}

static const struct fx_batch *
erase(struct fx *f, uint16_t scope, char subject)
{
	const struct fx_op op = {.subject = subject, .is_erase = true};

	return fx_batch(f, scope, 1, &op);
}

static void
erase_wins_in_both_orders_and_for_ever(void **state)
{
	struct world *w = *state;
	const struct fx_batch *before = write_about(&w->fx, 1, 'x', 'p');
	const struct fx_batch *after = write_about(&w->fx, 1, 'y', 'p');
	const struct fx_batch *other = write_about(&w->fx, 1, 'z', 'q');
	const struct fx_batch *there = write_about(&w->fx, 2, 'x', 'p');
	struct merge_verdict v;

	push(w->engine, before);
	push(w->engine, other);
	push(w->engine, there);
	v = push_with(w->engine, erase(&w->fx, 1, 'p'), 0);
	assert_int_equal(v.kind, MERGE_OK);
	assert_true(v.has_erase);
	assert_false(is_live(w->engine, before, 0));
	assert_int_equal(dead_of(w->engine).n, 1);
	assert_int_equal(push(w->engine, after), MERGE_ERASED);
	assert_false(is_live(w->engine, after, 0));
	assert_true(is_live(w->engine, other, 0));
	assert_true(is_live(w->engine, there, 0));
}

static void
audit_op_about_an_erased_person_goes_too(void **state)
{
	struct world *w = *state;
	const struct fx_op op = {
	    .record = 'x', .subject = 'p', .retention = RETAIN_AUDIT};
	const struct fx_batch *a = fx_batch(&w->fx, 1, 1, &op);

	push(w->engine, a);
	push(w->engine, erase(&w->fx, 1, 'p'));
	assert_false(is_live(w->engine, a, 0));
}

static void
erase_and_an_op_of_its_subject_in_one_batch_leave_nothing(void **state)
{
	struct world *w = *state;
	const struct fx_op ops[] = {
	    {.record = 'x', .subject = 'p', .retention = RETAIN_PERSONAL},
	    {.subject = 'p', .is_erase = true},
	    {.record = 'y', .subject = 'p', .retention = RETAIN_PERSONAL},
	    {.record = 'z', .retention = RETAIN_PERSONAL},
	};
	const struct fx_batch *b = fx_batch(&w->fx, 1, 4, ops);

	assert_int_equal(push(w->engine, b), MERGE_ERASED);
	assert_false(is_live(w->engine, b, 0));
	assert_false(is_live(w->engine, b, 1));
	assert_false(is_live(w->engine, b, 2));
	assert_true(is_live(w->engine, b, 3));
	assert_int_equal(dead_of(w->engine).n, 0);
}

static void
known_batch_changes_nothing_whatever_is_said_against_it(void **state)
{
	struct world *w = *state;
	const struct fx_batch *a = fx_write(&w->fx, 1, 'x', NULL);
	struct merge_verdict first = push_with(w->engine, a, 0);
	struct merge_verdict again;
	struct hash32 before, after;
	uint64_t head = 0;

	w->engine->merge.head(w->engine->ctx, &head, &before, NULL);
	again =
	    push_with(w->engine, a, 13); /* sec_34: known goes before the epoch check */
	w->engine->merge.head(w->engine->ctx, &head, &after, NULL);
	assert_int_equal(again.kind, MERGE_KNOWN);
	assert_int_equal(again.lsn, first.lsn);
	assert_int_equal(head, 1);
	assert_memory_equal(&before, &after, sizeof before);
}

static void
refused_batch_keeps_its_reason_and_changes_nothing(void **state)
{
	struct world *w = *state;
	const struct fx_batch *a = fx_write(&w->fx, 1, 'x', NULL);
	struct merge_verdict v = push_with(w->engine, a, 14);

	assert_int_equal(v.kind, MERGE_REFUSED);
	assert_int_equal(v.refusal, 14);
	assert_int_equal(v.detail, 3);
	assert_int_equal(lsn_of(w->engine, a), 0);
	assert_int_equal(push(w->engine, a), MERGE_OK);
}

static void
sec_76_short_id_of_another_batch_is_refused(void **state)
{
	struct world *w = *state;
	const struct fx_batch *a = fx_write(&w->fx, 1, 'x', NULL);
	struct fx_batch twin = *fx_write(&w->fx, 1, 'y', NULL);

	push(w->engine, a);
	memcpy(twin.id.bytes, a->id.bytes, 16);
	assert_int_equal(push(w->engine, &twin), MERGE_CLASH);
}

static void
running_hash_is_over_all_ids_in_order(void **state)
{
	struct world *w = *state;
	const struct fx_batch *a = fx_write(&w->fx, 1, 'x', NULL);
	const struct fx_batch *b = fx_write(&w->fx, 1, 'y', NULL);
	struct hash32 want = {{0}}, got;
	uint64_t head = 0;

	push(w->engine, a);
	push(w->engine, b);
	merge_chain(&w->fx.checks, &want, &a->id, &want);
	merge_chain(&w->fx.checks, &want, &b->id, &want);
	w->engine->merge.head(w->engine->ctx, &head, &got, NULL);
	assert_int_equal(head, 2);
	assert_memory_equal(&got, &want, sizeof got);
}

/* ---- random sets against the definition ---- */

enum { SET_BATCHES = 14 };

struct set {
	const struct fx_batch *batches[SET_BATCHES];
	bool has[SET_BATCHES];
};

static void
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

static void
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

static bool
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
static bool
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

static void
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
static status
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
static void
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

static void
live_is_a_function_of_the_set_in_every_order(void **state)
{
	struct world *w = *state;

	for (uint64_t seed = 1; seed <= 1500; seed++) {
		struct rng_seeded stream;
		struct rng rng = rng_seeded(&stream, seed);
		struct set set = {0};
		bool all[SET_BATCHES];
		struct store *store;
		struct store_engine *e = open_engine(&w->fx.checks, &store);

		for (size_t i = 0; i < SET_BATCHES; i++)
			all[i] = rng_below(&rng, 6) != 0;
		arena_reset(w->fx.arena);
		random_set(&w->fx, &rng, &set);
		push_shuffled(e, &rng, &set, all);
		check_live(e, &set, seed);
		assert_int_equal(e->each_doa(e->ctx, check_unknown, e, NULL), ST_OK);
		store_close(store, NULL, NULL);
	}
}

/* ---- join ---- */

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

static status
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

static status
other_next_grave(void *ctx, bool *is_end, struct merge_grave *out, struct trouble *t)
{
	struct other_side *o = ctx;

	(void)t;
	*is_end = o->next_grave == o->n_graves;
	if (!*is_end)
		*out = o->graves[o->next_grave++];
	return ST_OK;
}

static status
other_next_doa(void *ctx, bool *is_end, struct merge_doa *out, struct trouble *t)
{
	struct other_side *o = ctx;

	(void)t;
	*is_end = o->next_doa == o->n_doa;
	if (!*is_end)
		*out = o->doa[o->next_doa++];
	return ST_OK;
}

static status
other_knows(void *ctx, const struct short_id *batch, bool *knows, struct trouble *t)
{
	struct other_side *o = ctx;
	struct batch_id id;
	uint64_t lsn = 0;
	status st = o->e->merge.find_batch(o->e->merge.ctx, batch, &lsn, &id, t);

	*knows = lsn != 0;
	return st;
}

static bool
other_has_scope(void *ctx, uint16_t scope)
{
	const struct other_side *o = ctx;

	return o->only_scope == 0 || o->only_scope == scope;
}

static status
keep_grave(void *ctx, const struct merge_grave *g, uint64_t lsn, struct trouble *t)
{
	struct other_side *o = ctx;

	(void)lsn;
	(void)t;
	o->graves[o->n_graves++] = *g;
	return ST_OK;
}

static status
keep_doa(void *ctx, const struct merge_doa *d, struct trouble *t)
{
	struct other_side *o = ctx;

	(void)t;
	assert_true(o->n_doa < 256);
	o->doa[o->n_doa++] = *d;
	return ST_OK;
}

static struct merge_joined
join(struct store_engine *into, struct store_engine *from, const struct set *set,
    uint16_t only_scope)
{
	static struct other_side o;
	struct merge_joined joined;

	o = (struct other_side){.e = from, .set = set, .only_scope = only_scope};
	from->each_grave(from->ctx, keep_grave, &o, NULL);
	from->each_doa(from->ctx, keep_doa, &o, NULL);
	const struct merge_other other = {&o, other_next_batch, other_next_grave,
	    other_next_doa, other_knows, other_has_scope};

	assert_int_equal(
	    merge_join(&into->merge, into->checks, &other, &joined, NULL), ST_OK);
	return joined;
}

/* Each op live before and dead after is in the dead log above the old head. */
struct seen_dead {
	struct op_place at;
	bool is_found;
	uint64_t above;
};

static status
find_dead(
    void *ctx, uint64_t kill_lsn, struct op_place at, uint16_t scope, struct trouble *t)
{
	struct seen_dead *s = ctx;

	(void)scope;
	(void)t;
	if (kill_lsn > s->above && at.lsn == s->at.lsn && at.index == s->at.index)
		s->is_found = true;
	return ST_OK;
}

static void
check_join(struct world *w, uint64_t seed)
{
	struct rng_seeded stream;
	struct rng rng = rng_seeded(&stream, seed);
	struct set all = {0}, mine, theirs;
	bool in_mine[SET_BATCHES], in_theirs[SET_BATCHES], rest[SET_BATCHES];
	bool was_live[SET_BATCHES][3] = {{false}};
	struct store *store1, *store2;
	struct store_engine *e1 = open_engine(&w->fx.checks, &store1);
	struct store_engine *e2 = open_engine(&w->fx.checks, &store2);
	struct merge_joined joined;
	uint64_t head = 0;
	struct hash32 chain;

	for (size_t i = 0; i < SET_BATCHES; i++) {
		in_mine[i] = rng_below(&rng, 2) == 0;
		in_theirs[i] = rng_below(&rng, 2) == 0;
		rest[i] = !in_mine[i] && !in_theirs[i];
	}
	arena_reset(w->fx.arena);
	random_set(&w->fx, &rng, &all);
	mine = theirs = all;
	push_shuffled(e1, &rng, &mine, in_mine);
	push_shuffled(e2, &rng, &theirs, in_theirs);
	for (size_t i = 0; i < SET_BATCHES; i++)
		for (size_t k = 0; k < all.batches[i]->batch.n_ops; k++)
			was_live[i][k] = is_live(e1, all.batches[i], (uint8_t)k);
	e1->merge.head(e1->ctx, &head, &chain, NULL);

	joined = join(e1, e2, &theirs, 0);
	for (size_t i = 0; i < SET_BATCHES; i++)
		all.has[i] = in_mine[i] || in_theirs[i];
	check_live(e1, &all, seed);
	assert_int_equal(e1->each_doa(e1->ctx, check_unknown, e1, NULL), ST_OK);
	assert_true(joined.lsn > head);
	for (size_t i = 0; i < SET_BATCHES; i++)
		for (size_t k = 0; k < all.batches[i]->batch.n_ops; k++) {
			struct seen_dead s = {
			    {lsn_of(e1, all.batches[i]), (uint8_t)k}, false, head};

			if (!was_live[i][k] || is_live(e1, all.batches[i], (uint8_t)k))
				continue;
			e1->each_dead(e1->ctx, 0, find_dead, &s, NULL);
			assert_true(s.is_found);
		}
	/* What comes later meets the joined state as if it had always been one. */
	push_shuffled(e1, &rng, &all, rest);
	check_live(e1, &all, seed);
	store_close(store1, NULL, NULL);
	store_close(store2, NULL, NULL);
}

static void
join_gives_live_of_both_sets_and_logs_every_removal(void **state)
{
	for (uint64_t seed = 1; seed <= 1500; seed++)
		check_join(*state, seed);
}

static void
join_twice_adds_nothing(void **state)
{
	struct world *w = *state;
	struct set set = {0};
	struct rng_seeded stream;
	struct rng rng = rng_seeded(&stream, 99);
	bool all[SET_BATCHES];
	struct store *store;
	struct store_engine *e = open_engine(&w->fx.checks, &store);
	struct merge_joined again;

	memset(all, 1, sizeof all);
	random_set(&w->fx, &rng, &set);
	push_shuffled(e, &rng, &set, all);
	join(w->engine, e, &set, 0);
	again = join(w->engine, e, &set, 0);
	assert_int_equal(again.n_added, 0);
	assert_int_equal(again.n_live, 0);
	assert_int_equal(again.n_dead, 0);
	check_live(w->engine, &set, 99);
	store_close(store, NULL, NULL);
}

static void
join_ignores_scopes_that_the_other_side_may_not_speak_for(void **state)
{
	struct world *w = *state;
	const struct fx_batch *victim = fx_write(&w->fx, 2, 'x', NULL);
	const struct fx_batch *killer = fx_write(&w->fx, 2, 'x', victim);
	const struct fx_batch *mine = fx_write(&w->fx, 1, 'x', NULL);
	struct set set = {.batches = {victim, killer, mine}, .has = {true, true, true}};
	struct store *store;
	struct store_engine *e = open_engine(&w->fx.checks, &store);

	push(w->engine, victim);
	push(e, victim);
	push(e, killer);
	push(e, mine);
	push(e, erase(&w->fx, 2, 'p'));
	join(w->engine, e, &set, 1);
	assert_true(is_live(w->engine, victim, 0));
	assert_int_equal(lsn_of(w->engine, killer), 0);
	assert_true(is_live(w->engine, mine, 0));
	join(w->engine, e, &set, 2);
	assert_false(is_live(w->engine, victim, 0));
	assert_true(is_live(w->engine, killer, 0));
	store_close(store, NULL, NULL);
}

static void
replayed_grave_takes_its_ops_and_later_ones(void **state)
{
	struct world *w = *state;
	const struct fx_batch *before = write_about(&w->fx, 1, 'x', 'p');
	const struct fx_batch *after = write_about(&w->fx, 1, 'y', 'p');
	const struct merge_grave grave = {1, fx_tag('s', 'p')};

	push(w->engine, before);
	assert_int_equal(merge_replay_grave(&w->engine->merge, &grave, 1, NULL), ST_OK);
	assert_false(is_live(w->engine, before, 0));
	assert_int_equal(push(w->engine, after), MERGE_ERASED);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(superseded_op_dies_and_is_logged),
	    T(superseder_before_its_victim_gives_the_same),
	    T(sec_40_dot_on_another_record_has_no_effect_in_both_orders),
	    T(sec_40_dot_on_another_scope_has_no_effect_in_both_orders),
	    T(sec_41_dot_on_an_audit_op_has_no_effect_in_both_orders),
	    T(op_dead_on_arrival_still_applies_its_own_list),
	    T(erase_wins_in_both_orders_and_for_ever),
	    T(audit_op_about_an_erased_person_goes_too),
	    T(erase_and_an_op_of_its_subject_in_one_batch_leave_nothing),
	    T(known_batch_changes_nothing_whatever_is_said_against_it),
	    T(refused_batch_keeps_its_reason_and_changes_nothing),
	    T(sec_76_short_id_of_another_batch_is_refused),
	    T(running_hash_is_over_all_ids_in_order),
	    T(live_is_a_function_of_the_set_in_every_order),
	    T(join_gives_live_of_both_sets_and_logs_every_removal),
	    T(join_twice_adds_nothing),
	    T(join_ignores_scopes_that_the_other_side_may_not_speak_for),
	    T(replayed_grave_takes_its_ops_and_later_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
