/* test_hlc.c - hybrid logical clock (DESIGN 4.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/hlc.h"

enum { NOW = 1700000000, DAY = 24 * 60 * 60 };

static void
stamps_follow_the_clock(void **state)
{
	struct hlc stamp = hlc_next((struct hlc){NOW, 7}, NOW + 1);

	(void)state;
	assert_int_equal(stamp.seconds, NOW + 1);
	assert_int_equal(stamp.counter, 0);
}

static void
edits_of_one_second_count_up(void **state)
{
	struct hlc stamp = hlc_next((struct hlc){NOW, 7}, NOW);

	(void)state;
	assert_int_equal(stamp.seconds, NOW);
	assert_int_equal(stamp.counter, 8);
}

static void
a_clock_that_jumps_back_does_not_take_stamps_back(void **state)
{
	struct hlc last = {NOW, 0};

	(void)state;
	for (uint64_t now = NOW; now > NOW - 100; now--) {
		struct hlc next = hlc_next(last, now);

		assert_true(hlc_compare(next, last) > 0);
		last = next;
	}
}

static void
a_full_counter_moves_to_the_next_second(void **state)
{
	struct hlc stamp = hlc_next((struct hlc){NOW, UINT32_MAX}, NOW);

	(void)state;
	assert_int_equal(stamp.seconds, NOW + 1);
	assert_int_equal(stamp.counter, 0);
}

static void
an_edit_sorts_after_what_was_received(void **state)
{
	struct hlc last = {NOW, 0};
	const struct hlc theirs = {NOW + 3600, 4};

	(void)state;
	assert_true(hlc_receive(&last, theirs, NOW));
	assert_true(hlc_compare(hlc_next(last, NOW), theirs) > 0);
	assert_true(hlc_receive(&last, (struct hlc){NOW, 9}, NOW));
	assert_int_equal(hlc_compare(last, theirs), 0);
}

static void
sec_32_a_stamp_more_than_a_day_ahead_is_not_followed(void **state)
{
	struct hlc last = {NOW, 0};

	(void)state;
	assert_true(hlc_receive(&last, (struct hlc){NOW + DAY, 0}, NOW));
	last = (struct hlc){NOW, 0};
	assert_false(hlc_receive(&last, (struct hlc){NOW + DAY + 1, 0}, NOW));
	assert_int_equal(last.seconds, NOW);
	assert_false(hlc_receive(&last, (struct hlc){UINT64_MAX, 0}, NOW));
	assert_false(hlc_is_ahead((struct hlc){NOW + 5, 0}, UINT64_MAX));
}

static void
our_own_clock_is_settled_when_it_was_wrong(void **state)
{
	struct hlc last = {NOW + 400 * (uint64_t)DAY, 3};

	(void)state;
	assert_true(hlc_settle(&last, NOW));
	assert_int_equal(last.seconds, NOW);
	assert_false(hlc_settle(&last, NOW));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stamps_follow_the_clock),
	    cmocka_unit_test(edits_of_one_second_count_up),
	    cmocka_unit_test(a_clock_that_jumps_back_does_not_take_stamps_back),
	    cmocka_unit_test(a_full_counter_moves_to_the_next_second),
	    cmocka_unit_test(an_edit_sorts_after_what_was_received),
	    cmocka_unit_test(sec_32_a_stamp_more_than_a_day_ahead_is_not_followed),
	    cmocka_unit_test(our_own_clock_is_settled_when_it_was_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
