/* test_lost.c - what a restored server lost, as its coordinators' laptops keep and tell
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/laptop/lost.h"
#include "unit/laptop_fixture.h"

static int
start(void **state)
{
	static struct laptop_fixture f;

	fixture_start(&f);
	*state = &f;
	return 0;
}

static int
end(void **state)
{
	fixture_end(*state);
	return 0;
}

/* Two batches of the trainer in the country's scope, and one of a laptop that no log here
 * knows. */
static const struct gap_row rows[] = {
    {1, 6, 2, {{1}}, 10}, {1, 6, 2, {{2}}, 12}, {1, 99, 3, {{3}}, 13}};

static void
tell(struct laptop *l, size_t from, size_t n, bool is_first, bool is_end)
{
	const struct contacts part = {.space = 1,
	    .is_end = is_end,
	    .has_gaps = true,
	    .n_gaps = n,
	    .gaps = rows + from};

	assert_int_equal(lost_take(l, &part, is_first), ST_OK);
}

static size_t
listed(struct laptop *l, bool new_only)
{
	struct lost_batches *lost;
	size_t n = 99;

	assert_int_equal(lost_list(l, new_only, &lost, &n), ST_OK);
	return n;
}

static void
they_are_told_by_laptop_and_count_and_once(void **state)
{
	struct laptop *l = fixture_open(*state);
	struct lost_batches *lost;
	size_t n;

	tell(l, 0, 2, true, false);
	tell(l, 2, 1, false, true);
	assert_int_equal(lost_list(l, true, &lost, &n), ST_OK);
	assert_int_equal(n, 2);
	assert_string_equal(lost[0].member, "?");
	assert_string_equal(lost[1].member, "SK-T2");
	assert_string_equal(lost[1].device, "00000000");
	assert_string_equal(lost[1].place, "SK");
	assert_true(lost[1].n == 2);
	assert_int_equal(listed(l, true), 0);
	assert_int_equal(listed(l, false), 2);
	tell(l, 0, 3, true, true); /* the same again is nothing new */
	assert_int_equal(listed(l, true), 0);
	laptop_close(l);
}

static void
what_came_back_is_listed_no_more(void **state)
{
	struct laptop *l = fixture_open(*state);
	const struct contacts silent = {.space = 1, .is_end = true};

	tell(l, 0, 3, true, true);
	/* Recovery is closed by now: the server says nothing, and nothing has come. */
	assert_int_equal(lost_take(l, &silent, true), ST_OK);
	assert_int_equal(listed(l, false), 2);
	fixture_exec(l, "INSERT INTO r_batch VALUES(1, 20,"
			" x'03000000000000000000000000000000', 1, 99, 3, 1, x'00', x'00',"
			" x'00')");
	assert_int_equal(listed(l, false), 1);
	tell(l, 1, 1, true, true); /* one of the trainer's two */
	assert_int_equal(listed(l, false), 1);
	tell(l, 0, 0, true, true);
	assert_int_equal(listed(l, false), 0);
	laptop_close(l);
}

static void
what_was_accepted_stays_accepted_and_what_is_new_is_told(void **state)
{
	struct laptop *l = fixture_open(*state);
	uint64_t n;

	tell(l, 0, 1, true, true);
	assert_int_equal(lost_accept(l, &n), ST_OK);
	assert_true(n == 1);
	tell(l, 0, 1, true, true);
	assert_int_equal(listed(l, false), 0);
	assert_int_equal(lost_accept(l, &n), ST_OK);
	assert_true(n == 0);
	tell(l, 0, 3, true, true);
	assert_int_equal(listed(l, true), 2);
	laptop_close(l);
}

int
main(void)
{
#define LOST_TEST(f) cmocka_unit_test_setup_teardown(f, start, end)
	const struct CMUnitTest tests[] = {
	    LOST_TEST(they_are_told_by_laptop_and_count_and_once),
	    LOST_TEST(what_came_back_is_listed_no_more),
	    LOST_TEST(what_was_accepted_stays_accepted_and_what_is_new_is_told),
	};
#undef LOST_TEST

	return cmocka_run_group_tests_name("lost", tests, NULL, NULL) != 0;
}
