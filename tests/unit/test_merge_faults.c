/* test_merge_faults.c - a store, or the other side of a join, that fails at the n-th
 * call, for every n: the failure comes out as it is, and nothing is called after it
 * (merge.h: the caller rolls its transaction back). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "merge_other.h"

/* The n-th call from now fails; with 0 left, none is expected any more. */
struct faults {
	const struct merge_state *rows;
	struct other_side *side;
	size_t left;
	bool has_failed;
};

static status
next_call(struct faults *f, struct trouble *t)
{
	assert_false(f->has_failed);
	if (--f->left > 0)
		return ST_OK;
	f->has_failed = true;
	return trouble_set(t, ST_IO, "the disk refused");
}

/* One call of the store, counted; then the engine's own. */
#define FAULTY(name, params, ...)                                                        \
	static status faulty_##name params                                               \
	{                                                                                \
		struct faults *f = ctx;                                                  \
		status st = next_call(f, t);                                             \
                                                                                         \
		return st != ST_OK ? st : f->rows->name(f->rows->ctx, __VA_ARGS__, t);   \
	}

/* clang-format off */
FAULTY(head, (void *ctx, uint64_t *lsn, struct hash32 *chain, struct trouble *t), lsn, chain)
FAULTY(find_batch, (void *ctx, const struct short_id *id, uint64_t *lsn,
    struct batch_id *full, struct trouble *t), id, lsn, full)
FAULTY(add_batch, (void *ctx, uint64_t lsn, const struct hash32 *chain,
    const struct batch_id *id, const struct batch *b, struct trouble *t), lsn, chain, id, b)
FAULTY(add_op, (void *ctx, struct op_place at, uint16_t scope, const struct op *op,
    enum keep keep, struct trouble *t), at, scope, op, keep)
FAULTY(find_live, (void *ctx, struct op_place at, bool *is_live, struct live_op *out,
    struct trouble *t), at, is_live, out)
FAULTY(next_live, (void *ctx, struct op_place *at, bool *is_there, struct live_op *out,
    struct trouble *t), at, is_there, out)
FAULTY(find_subject, (void *ctx, const struct merge_grave *g, bool *is_there,
    struct op_place *out, struct trouble *t), g, is_there, out)
FAULTY(drop_live, (void *ctx, struct op_place at, struct trouble *t), at)
FAULTY(prune_batch, (void *ctx, uint64_t lsn, struct trouble *t), lsn)
FAULTY(add_dead, (void *ctx, uint64_t kill_lsn, struct op_place at, struct trouble *t),
    kill_lsn, at)
FAULTY(has_doa_of, (void *ctx, const struct short_id *batch, bool *has, struct trouble *t),
    batch, has)
FAULTY(has_doa, (void *ctx, const struct merge_doa *d, bool *has, struct trouble *t), d, has)
FAULTY(add_doa, (void *ctx, const struct merge_doa *d, struct trouble *t), d)
FAULTY(drop_doa_of, (void *ctx, const struct short_id *batch, struct trouble *t), batch)
FAULTY(has_grave, (void *ctx, const struct merge_grave *g, bool *has, struct trouble *t),
    g, has)
FAULTY(add_grave, (void *ctx, const struct merge_grave *g, uint64_t lsn, struct trouble *t),
    g, lsn)
/* clang-format on */

static struct merge_state
faulty_rows(struct faults *f)
{
	return (struct merge_state){.ctx = f,
	    .head = faulty_head,
	    .find_batch = faulty_find_batch,
	    .add_batch = faulty_add_batch,
	    .add_op = faulty_add_op,
	    .find_live = faulty_find_live,
	    .next_live = faulty_next_live,
	    .find_subject = faulty_find_subject,
	    .drop_live = faulty_drop_live,
	    .prune_batch = faulty_prune_batch,
	    .add_dead = faulty_add_dead,
	    .has_doa_of = faulty_has_doa_of,
	    .has_doa = faulty_has_doa,
	    .add_doa = faulty_add_doa,
	    .drop_doa_of = faulty_drop_doa_of,
	    .has_grave = faulty_has_grave,
	    .add_grave = faulty_add_grave};
}

static status
faulty_next_batch(void *ctx, bool *is_end, struct merge_theirs *out, struct trouble *t)
{
	struct faults *f = ctx;
	status st = next_call(f, t);

	return st != ST_OK ? st : other_next_batch(f->side, is_end, out, t);
}

static status
faulty_next_grave(void *ctx, bool *is_end, struct merge_grave *out, struct trouble *t)
{
	struct faults *f = ctx;
	status st = next_call(f, t);

	return st != ST_OK ? st : other_next_grave(f->side, is_end, out, t);
}

static status
faulty_next_doa(void *ctx, bool *is_end, struct merge_doa *out, struct trouble *t)
{
	struct faults *f = ctx;
	status st = next_call(f, t);

	return st != ST_OK ? st : other_next_doa(f->side, is_end, out, t);
}

static status
faulty_knows(void *ctx, const struct short_id *batch, bool *knows, struct trouble *t)
{
	struct faults *f = ctx;
	status st = next_call(f, t);

	return st != ST_OK ? st : other_knows(f->side, batch, knows, t);
}

static bool
faulty_has_scope(void *ctx, uint16_t scope)
{
	return other_has_scope(((struct faults *)ctx)->side, scope);
}

static void
assert_failure_came_out(const struct faults *f, status st, const struct trouble *t)
{
	assert_int_equal(st, f->has_failed ? ST_IO : ST_OK);
	if (f->has_failed)
		assert_non_null(strstr(t->text, "the disk refused"));
}

/* Pushes the wanted batches of the set to an empty engine whose n-th call fails.
 * Returns true if one did fail. */
static bool
push_all_failing(struct world *w, const struct set *set, const size_t *order, size_t n)
{
	struct store *store;
	struct store_engine *e = open_engine(&w->fx.checks, &store);
	struct faults f = {.rows = &e->merge, .left = n};
	const struct merge_state rows = faulty_rows(&f);

	for (size_t i = 0; i < SET_BATCHES && !f.has_failed; i++) {
		const struct fx_batch *b = set->batches[order[i]];
		const struct merge_push push = {&b->batch, &b->id, 0, 0};
		struct merge_verdict v;
		struct trouble t = {0};
		status st = merge_accept(&rows, e->checks, &push, &v, &t);

		assert_failure_came_out(&f, st, &t);
	}
	store_close(store, NULL, NULL);
	return f.has_failed;
}

static void
an_accept_ends_with_the_first_call_of_the_store_that_fails(void **state)
{
	struct world *w = *state;
	struct rng_seeded stream;
	struct rng rng = rng_seeded(&stream, 7);

	for (int round = 0; round < 20; round++) {
		struct set set = {0};
		size_t order[SET_BATCHES], n = 1;

		random_set(&w->fx, &rng, &set);
		for (size_t i = 0; i < SET_BATCHES; i++) {
			size_t k = rng_below(&rng, i + 1);

			order[i] = order[k];
			order[k] = i;
		}
		while (push_all_failing(w, &set, order, n))
			n++;
		assert_true(n > SET_BATCHES);
	}
}

/* Joins what `from` holds into an engine of the batches of `mine`, whose n-th call fails.
 */
static bool
join_failing(struct world *w, struct set *mine, const bool *in_mine,
    struct store_engine *from, const struct set *theirs, size_t n)
{
	static struct other_side side;
	struct rng_seeded stream;
	struct rng rng = rng_seeded(&stream, 3);
	struct store *store;
	struct store_engine *e = open_engine(&w->fx.checks, &store);
	struct faults f = {.rows = &e->merge, .side = &side, .left = n};
	const struct merge_state rows = faulty_rows(&f);
	const struct merge_other other = {&f, faulty_next_batch, faulty_next_grave,
	    faulty_next_doa, faulty_knows, faulty_has_scope};
	struct merge_joined joined;
	struct trouble t = {0};
	status st;

	push_shuffled(e, &rng, mine, in_mine);
	other_side_read(&side, from, theirs);
	st = merge_join(&rows, e->checks, &other, &joined, &t);
	assert_failure_came_out(&f, st, &t);
	store_close(store, NULL, NULL);
	return f.has_failed;
}

static void
a_join_ends_with_the_first_call_of_either_side_that_fails(void **state)
{
	struct world *w = *state;
	struct rng_seeded stream;
	struct rng rng = rng_seeded(&stream, 11);

	for (int round = 0; round < 20; round++) {
		struct set mine = {0}, theirs;
		bool in_mine[SET_BATCHES], in_theirs[SET_BATCHES];
		struct store *store;
		struct store_engine *e = open_engine(&w->fx.checks, &store);
		size_t n = 1;

		for (size_t i = 0; i < SET_BATCHES; i++) {
			in_mine[i] = rng_below(&rng, 2) == 0;
			in_theirs[i] = rng_below(&rng, 2) == 0;
		}
		random_set(&w->fx, &rng, &mine);
		theirs = mine;
		push_shuffled(e, &rng, &theirs, in_theirs);
		while (join_failing(w, &mine, in_mine, e, &theirs, n))
			n++;
		assert_true(n > SET_BATCHES);
		store_close(store, NULL, NULL);
	}
}

static void
a_replayed_grave_ends_with_the_first_call_of_the_store_that_fails(void **state)
{
	struct world *w = *state;
	const struct merge_grave grave = {1, fx_tag('s', 'p')};
	bool has_failed = true;

	for (size_t n = 1; has_failed; n++) {
		struct store *store;
		struct store_engine *e = open_engine(&w->fx.checks, &store);
		struct faults f = {.rows = &e->merge, .left = n};
		const struct merge_state rows = faulty_rows(&f);
		struct trouble t = {0};
		status st;

		push(e, write_about(&w->fx, 1, 'x', 'p'));
		push(e, write_about(&w->fx, 1, 'y', 'p'));
		st = merge_replay_grave(&rows, &grave, 3, &t);
		assert_failure_came_out(&f, st, &t);
		has_failed = f.has_failed;
		assert_true(has_failed || n > 4);
		store_close(store, NULL, NULL);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(an_accept_ends_with_the_first_call_of_the_store_that_fails),
	    T(a_join_ends_with_the_first_call_of_either_side_that_fails),
	    T(a_replayed_grave_ends_with_the_first_call_of_the_store_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
