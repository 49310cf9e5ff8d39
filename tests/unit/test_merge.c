/* test_merge.c - accept against the definition (DESIGN 4.1, 4.3, RELIABILITY 2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "merge_fixture.h"

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
	    T(replayed_grave_takes_its_ops_and_later_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
