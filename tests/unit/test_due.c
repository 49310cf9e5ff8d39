/* test_due.c - a coordinator's sync looks at the workshops that changed, and at no others
 * (P9): with 3,000 of them one that had nothing to do took a second and 100 MB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/actions/provisional.h"
#include "unit/laptop_fixture.h"

static struct laptop_fixture fixture;

static int64_t
number(struct laptop_fixture *f, const char *sql)
{
	struct laptop *l = fixture_open(f);
	int64_t n = -1;

	assert_int_equal(db_number(l->db, sql, &n, NULL), ST_OK);
	laptop_close(l);
	return n;
}

static int64_t
n_due(struct laptop_fixture *f)
{
	return number(f, "SELECT count(*) FROM r_due WHERE is_due = 1");
}

/* What a sync of a coordinator does after its pull. */
static void
update(struct laptop_fixture *f)
{
	struct laptop *l = fixture_open(f);

	assert_int_equal(provisional_update(l), ST_OK);
	laptop_close(l);
}

/* Two workshops, each with one young person. */
static int
start(void **state)
{
	struct laptop_fixture *f = &fixture;

	fixture_start(f);
	FIXTURE_OK(f, "org add SK-C1 --set kind=youth_club --set name=\"Klub mladych\"");
	FIXTURE_OK(f, "practice new GP01 --set title=\"Street art\"");
	FIXTURE_OK(
	    f, "workshop new SK-W1 --practice GP01 --org SK-C1 --start 2027-04-12");
	FIXTURE_OK(
	    f, "workshop new SK-W2 --practice GP01 --org SK-C1 --start 2027-04-12");
	FIXTURE_OK(
	    f, "young add SK-W1 --given Hana --family Bieliková --birth-year 2011");
	FIXTURE_OK(f, "young add SK-W2 --given Ivan --family Kmeť --birth-year 2011");
	update(f);
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
figures_once_written_are_not_looked_at_again(void **state)
{
	struct laptop_fixture *f = *state;

	assert_int_equal(number(f, "SELECT count(*) FROM provisional"), 2);
	assert_int_equal(number(f, "SELECT unique_young_people FROM country_tally"), 0);
	assert_int_equal(n_due(f), 0);
}

static void
a_mark_makes_its_workshop_due_and_no_other(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "attend SK-W1 1 --rest present");
	assert_int_equal(n_due(f), 1);
	update(f);
	assert_int_equal(n_due(f), 0);
	assert_int_equal(number(f, "SELECT p.present FROM provisional p JOIN activity a"
				   " ON a.record = p.activity WHERE a.code = 'SK-W1'"),
	    1);
}

static void
the_findings_of_workshops_that_did_not_change_still_count(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t before = number(f, "SELECT open_findings FROM country_tally");

	FIXTURE_OK(
	    f, "young add SK-W1 --given Hana --family Bieliková --birth-year 2011");
	update(f);
	assert_true(number(f, "SELECT open_findings FROM country_tally") > before);
	FIXTURE_OK(f, "young add SK-W2 --given Ivan --family Kmeť --birth-year 2011");
	update(f);
	assert_true(number(f, "SELECT open_findings FROM country_tally") > before + 1);
}

static void
what_a_rule_is_made_of_makes_all_due(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "practice edit GP01 --set age_min=14 --set age_max=18");
	assert_true(n_due(f) >= 2);
	update(f);
	assert_int_equal(n_due(f), 0);
}

static void
a_replica_from_before_the_list_is_looked_at_whole_once(void **state)
{
	struct laptop_fixture *f = *state;
	struct laptop *l = fixture_open(f);

	fixture_exec(l, "DELETE FROM r_due; DELETE FROM r_meta WHERE key = 'due_known'");
	laptop_close(l);
	update(f);
	assert_int_equal(n_due(f), 0);
	assert_int_equal(number(f, "SELECT count(*) FROM r_due WHERE activity IN"
				   " (SELECT record FROM activity)"),
	    2);
}

int
main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, end)
	const struct CMUnitTest tests[] = {
	    STORY(figures_once_written_are_not_looked_at_again),
	    STORY(a_mark_makes_its_workshop_due_and_no_other),
	    STORY(the_findings_of_workshops_that_did_not_change_still_count),
	    STORY(what_a_rule_is_made_of_makes_all_due),
	    STORY(a_replica_from_before_the_list_is_looked_at_whole_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
