/* test_erase.c - sets of graves, and what an eraser must seal (SECURITY 10). */
#include "record_laptop.h"

static void
the_strongest_state_of_a_grave_counts(void **state)
{
	struct fixture *f = *state;
	const struct grave in[] = {{2, {9}, GRAVE_PENDING}, {1, {9}, GRAVE_PENDING},
	    {1, {9}, GRAVE_BASE}, {1, {3}, GRAVE_SEALING}};
	struct graves set;

	assert_int_equal(graves_build(f->a, 4, in, &set, NULL), ST_OK);
	assert_int_equal(set.n, 3);
	assert_int_equal(graves_find(&set, 1, 9), GRAVE_BASE);
	assert_int_equal(graves_find(&set, 2, 9), GRAVE_PENDING);
	assert_int_equal(graves_find(&set, 1, 3), GRAVE_SEALING);
}

static void
a_grave_counts_in_its_own_scope_only(void **state)
{
	struct fixture *f = *state;
	const struct grave in[] = {{1, {9}, GRAVE_BASE}};
	struct graves set;
	struct graves_in_scope other = {&set, 2};
	struct grave_test test = graves_test(&other);

	assert_int_equal(graves_build(f->a, 1, in, &set, NULL), ST_OK);
	assert_int_equal(test.of(test.ctx, 9), GRAVE_NONE);
	assert_int_equal(graves_find(&set, 1, 8), GRAVE_NONE);
	assert_int_equal(graves_build(f->a, 0, NULL, &set, NULL), ST_OK);
	assert_int_equal(graves_find(&set, 1, 9), GRAVE_NONE);
}

static void
a_sheet_concerns_whom_it_marks_and_a_record_its_person(void **state)
{
	struct fixture *f = *state;
	struct record_op op;
	struct body about = {.has_person = true, .person = {9}};

	mark(f->ann, 5, 1);
	op = seal(f->ann);
	assert_true(erase_concerns(op.body, 5));
	assert_false(erase_concerns(op.body, 9));
	assert_true(erase_concerns(&about, 9));
}

static void
a_superseded_mark_still_needs_compaction(void **state)
{
	struct fixture *f = *state;
	struct record_view v;

	f->ann->limits.whole_bytes = 0;
	f->ann->limits.size_factor = 1000;
	mark(f->ann, 5, 1);
	(void)seal(f->ann);
	mark(f->ann, 6, 1);
	(void)seal(f->ann);
	v = view_of(f->ann);
	assert_true(erase_needs_compaction(&v, 5));
	assert_false(erase_needs_compaction(&v, 7));
	set_grave(f->ann, 5, GRAVE_BASE);
	(void)compact(f->ann);
	v = view_of(f->ann);
	assert_false(erase_needs_compaction(&v, 5));
	assert_true(erase_needs_compaction(&v, 6));
}

/* Returns the ops that are still live for somebody who pulls what the plan sealed. */
static size_t
carry_out(struct fixture *f, const struct record_view *v, const struct erase_plan *plan)
{
	struct record_sealing s[8];

	assert_true(plan->n <= 8);
	for (size_t i = 0; i < plan->n; i++) {
		const struct compaction how = {++f->fresh, plan->steps[i].dots_skip};

		assert_int_equal(record_compact(f->a, v, &f->ann->limits, &plain_measure,
				     &how, &s[i], NULL),
		    ST_OK);
	}
	for (size_t i = 0; i < plan->n; i++)
		(void)store_sealing(f->ann, &s[i]);
	return view_of(f->ann).n_live;
}

static void
the_plan_removes_every_op_even_if_one_cannot_list_them_all(void **state)
{
	struct fixture *f = *state;
	struct record_view views[2];
	struct erase_plan plan;

	f->ann->limits.whole_bytes = 0;
	f->ann->limits.size_factor = 1000;
	f->ann->limits.dots_max = 3;
	for (uint64_t key = 1; key <= 8; key++) {
		mark(f->ann, key, 1);
		(void)seal(f->ann);
	}
	put(f->ben, F_NAME, 1);
	(void)seal(f->ben);
	set_grave(f->ann, 5, GRAVE_SEALING);
	views[0] = view_of(f->ben);
	views[1] = view_of(f->ann);
	assert_int_equal(erase_plan(f->a, 2, views, 5, 3, &plan, NULL), ST_OK);
	assert_int_equal(plan.n, 3);
	assert_int_equal(plan.steps[0].record, 1);
	assert_int_equal(plan.steps[2].dots_skip, 6);
	assert_int_equal(carry_out(f, &views[1], &plan), 3);
	views[1] = view_of(f->ann);
	assert_false(erase_needs_compaction(&views[1], 5));
	for (uint64_t key = 1; key <= 8; key++)
		assert_int_equal(count_shown(f->ann, F_MARKS, key), key != 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(the_strongest_state_of_a_grave_counts),
	    T(a_grave_counts_in_its_own_scope_only),
	    T(a_sheet_concerns_whom_it_marks_and_a_record_its_person),
	    T(a_superseded_mark_still_needs_compaction),
	    T(the_plan_removes_every_op_even_if_one_cannot_list_them_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
