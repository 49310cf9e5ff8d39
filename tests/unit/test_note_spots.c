/* test_note_spots.c - words of a note on a person that two people changed apart: an item
 * of the review. Nobody was told of them, as only sections of documents counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/laptop_fixture.h"

static struct laptop_fixture fixture;

static int
start(void **state)
{
	struct laptop_fixture *f = &fixture;
	int64_t before;

	fixture_start(f);
	FIXTURE_OK(f, "org add SK-C1 --set kind=youth_club --set name=\"Klub mladych\"");
	FIXTURE_OK(f, "practice new GP01 --set title=\"Street art\"");
	FIXTURE_OK(
	    f, "workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12");
	FIXTURE_OK(
	    f, "young add SK-W9 --given Hana --family Bieliková --birth-year 2011");
	FIXTURE_OK(f, "attend SK-W9 2 --note \"1=She was well.\"");
	(void)fixture_seal(f);
	FIXTURE_OK(f, "attend SK-W9 2 --note \"1=She was tired.\"");
	before = fixture_seal(f);
	fixture_hide(f, before, true);
	FIXTURE_OK(f, "attend SK-W9 2 --note \"1=She was merry.\"");
	(void)fixture_seal(f);
	fixture_hide(f, before, false);
	*state = f;
	return 0;
}

static int
end(void **state)
{
	fixture_end(*state);
	return 0;
}

static void
a_note_that_two_changed_apart_is_listed_and_settled_as_it_stands(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "review --list");
	FIXTURE_SAYS(f->out, "Hana Bieliková · note 2 · hot spot 1\n");
	FIXTURE_SAYS(f->out, "She was tired.");
	FIXTURE_SAYS(f->out, "She was merry.");
	FIXTURE_OK(f, "review 1 --take now");
	FIXTURE_OK(f, "review --list");
	FIXTURE_SAYS(f->out, "nothing needs you");
}

static void
a_number_that_is_no_wording_is_refused_and_an_ordinary_edit_settles(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "review --list");
	assert_int_not_equal(fixture_run(f, "review 1 --take 3"), 0);
	FIXTURE_SAYS(f->err, "PN-V03");
	FIXTURE_OK(f, "attend SK-W9 2 --note \"1=She was both.\"");
	FIXTURE_OK(f, "review --list");
	FIXTURE_SAYS(f->out, "nothing needs you");
	assert_int_equal(fixture_run(f, "review 1 --take 1"), 66);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_note_that_two_changed_apart_is_listed_and_settled_as_it_stands, start,
		end),
	    cmocka_unit_test_setup_teardown(
		a_number_that_is_no_wording_is_refused_and_an_ordinary_edit_settles,
		start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
