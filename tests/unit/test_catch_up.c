/* test_catch_up.c - a replica that an older program wrote: what it kept without knowing
 * the kind is shown by the newer one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/laptop_fixture.h"

static struct laptop_fixture fixture;

static void
records_of_a_kind_that_was_unknown_are_shown_after_an_update(void **state)
{
	struct laptop *l;

	(void)state;
	fixture_start(&fixture);
	assert_int_equal(
	    fixture_run(&fixture, "roundtable new SK-R1 --set name=Rada"), 0);
	assert_int_equal(
	    fixture_run(&fixture, "roundtable new SK-R2 --set name=Stol"), 0);
	/* As the older program left it: the records, but no row of such a table. */
	l = fixture_open(&fixture);
	fixture_exec(l, "DELETE FROM roundtable");
	fixture_exec(l, "DELETE FROM r_meta WHERE key = 'shown_version'");
	laptop_close(l);
	assert_int_equal(fixture_run(&fixture, "roundtable list"), 0);
	assert_non_null(strstr(fixture.out, "SK-R1"));
	assert_non_null(strstr(fixture.out, "SK-R2"));
	/* It is done once: what is gone later stays gone. */
	l = fixture_open(&fixture);
	fixture_exec(l, "DELETE FROM roundtable");
	laptop_close(l);
	assert_int_equal(fixture_run(&fixture, "roundtable list"), 0);
	assert_null(strstr(fixture.out, "SK-R1"));
	fixture_end(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		records_of_a_kind_that_was_unknown_are_shown_after_an_update),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
