/* test_merge_join.c - recovery: two states joined are the state of both sets
 * (DESIGN 4.5, RELIABILITY 2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "merge_other.h"

/* ---- join ---- */

static struct merge_joined
join_side(struct store_engine *into, struct other_side *o)
{
	const struct merge_other other = {o, other_next_batch, other_next_grave,
	    other_next_doa, other_knows, other_has_scope};
	struct merge_joined joined;

	assert_int_equal(
	    merge_join(&into->merge, into->checks, &other, &joined, NULL), ST_OK);
	return joined;
}

static struct merge_joined
join(struct store_engine *into, struct store_engine *from, const struct set *set,
    uint16_t only_scope)
{
	static struct other_side o;

	other_side_read(&o, from, set);
	o.only_scope = only_scope;
	return join_side(into, &o);
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

/* ---- sides that do not tell everything ---- */

static void
grave_without_its_batch_takes_ops_here_and_among_those_that_come(void **state)
{
	struct world *w = *state;
	const struct merge_grave grave = {1, fx_tag('s', 'p')};
	const struct fx_batch *here = write_about(&w->fx, 1, 'x', 'p');
	const struct fx_batch *there = write_about(&w->fx, 1, 'y', 'p');
	struct set set = {.batches = {there}, .has = {true}};
	struct store *store;
	struct store_engine *e = open_engine(&w->fx.checks, &store);
	struct other_side o = {.e = e, .set = &set, .n_graves = 1, .graves = {grave}};

	push(w->engine, here);
	push(e, there);
	join_side(w->engine, &o);
	assert_false(is_live(w->engine, here, 0));
	assert_false(is_live(w->engine, there, 0));
	assert_int_equal(dead_of(w->engine).n, 1);
	store_close(store, NULL, NULL);
}

static void
erase_op_without_its_grave_takes_ops_here(void **state)
{
	struct world *w = *state;
	const struct fx_batch *here = write_about(&w->fx, 1, 'x', 'p');
	struct set set = {.batches = {erase(&w->fx, 1, 'p')}, .has = {true}};
	struct store *store;
	struct store_engine *e = open_engine(&w->fx.checks, &store);
	struct other_side o = {.e = e, .set = &set};

	push(w->engine, here);
	push(e, set.batches[0]);
	join_side(w->engine, &o);
	assert_false(is_live(w->engine, here, 0));
	store_close(store, NULL, NULL);
}

/* The other side knows the batch and shows none of its ops: superseded, it says. */
static void
audit_op_outlives_the_claim_that_it_was_superseded(void **state)
{
	struct world *w = *state;
	const struct fx_op ops[] = {
	    {.record = 'x', .retention = RETAIN_AUDIT}, {.record = 'x'}};
	const struct fx_batch *b = fx_batch(&w->fx, 1, 2, ops);
	struct set set = {.batches = {b}, .has = {true}};
	struct store *store;
	struct store_engine *e = open_engine(&w->fx.checks, &store);
	struct other_side o = {.e = e, .set = &set};

	push(w->engine, b);
	join_side(w->engine, &o);
	assert_true(is_live(w->engine, b, 0));
	assert_false(is_live(w->engine, b, 1));
	store_close(store, NULL, NULL);
}

/* A doa about a batch that the other side itself knows is no claim at all. */
static void
doa_that_names_a_known_batch_is_ignored(void **state)
{
	struct world *w = *state;
	const struct fx_batch *b = fx_write(&w->fx, 1, 'x', NULL);
	struct set set = {.batches = {b}, .has = {true}};
	struct store *store;
	struct store_engine *e = open_engine(&w->fx.checks, &store);
	struct other_side o = {.e = e,
	    .set = &set,
	    .n_doa = 1,
	    .doa = {{fx_dot(b, 0), 1, fx_tag('r', 'x')}}};

	push(w->engine, b);
	push(e, b);
	join_side(w->engine, &o);
	assert_true(is_live(w->engine, b, 0));
	store_close(store, NULL, NULL);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(join_gives_live_of_both_sets_and_logs_every_removal),
	    T(join_twice_adds_nothing),
	    T(join_ignores_scopes_that_the_other_side_may_not_speak_for),
	    T(grave_without_its_batch_takes_ops_here_and_among_those_that_come),
	    T(erase_op_without_its_grave_takes_ops_here),
	    T(audit_op_outlives_the_claim_that_it_was_superseded),
	    T(doa_that_names_a_known_batch_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
