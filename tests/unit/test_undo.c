/* test_undo.c - undo and redo on one laptop: what the tables show afterwards is what they
 * showed before, byte for byte; what somebody else wrote since stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/undo_fixture.h"

static char before[STATE_BYTES], after[STATE_BYTES], now[STATE_BYTES];

/* ---- one step ---- */

static void
an_undone_mark_was_never_there(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t n = unsent(f);

	look(f, before);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent --rest present");
	FIXTURE_SAYS(f->out, "    undo: pnet undo\n");
	look(f, after);
	FIXTURE_OK(f, "undo");
	FIXTURE_SAYS(f->out, "undone: 5 marks of SK-W9 day 2 (Tue 13 Apr)");
	FIXTURE_SAYS(f->out, "    redo: pnet redo\n");
	look(f, now);
	same(before, now, "undo");
	assert_int_equal(unsent(f), n);
	FIXTURE_OK(f, "undo --list --plain");
	FIXTURE_SAYS(f->out, "\tundone\t5 marks of SK-W9 day 2 (Tue 13 Apr)\n");
	FIXTURE_OK(f, "redo");
	look(f, now);
	same(after, now, "redo");
	FIXTURE_OK(f, "undo");
	/* The sheet is named anew, though its record is known by now. */
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent --rest present");
	look(f, now);
	same(after, now, "the same again");
}

static void
a_correction_before_sealing_is_undone_to_what_it_corrected(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent --rest present");
	look(f, before);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=late");
	FIXTURE_OK(f, "undo");
	look(f, now);
	same(before, now, "undo of the correction");
	FIXTURE_OK(f, "undo");
	assert_int_equal(number(f, "SELECT count(*) FROM sheet_marks"), 0);
	FIXTURE_OK(f, "redo");
	look(f, now);
	same(before, now, "redo of the first marks");
}

static void
what_was_sealed_is_undone_by_an_ordinary_edit(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "attend SK-W9 1 --rest present");
	look(f, before);
	FIXTURE_OK(f, "activity edit SK-W9 --set title=\"Another title\"");
	look(f, after);
	(void)fixture_seal(f);
	FIXTURE_OK(f, "undo");
	look(f, now);
	same(before, now, "undo");
	assert_int_equal(unsent(f), 1);
	(void)fixture_seal(f);
	FIXTURE_OK(f, "redo");
	look(f, now);
	same(after, now, "redo");
}

static void
a_new_change_ends_what_can_be_done_again(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent");
	FIXTURE_OK(f, "undo");
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=late");
	assert_int_equal(fixture_run(f, "redo"), 66);
	FIXTURE_SAYS(f->err, "nothing was undone since the last change");
	look(f, before);
	assert_int_equal(fixture_run(f, "undo 4711"), 66);
	assert_int_equal(fixture_run(f, "undo x"), 64);
	FIXTURE_OK(f, "undo --list --plain");
	FIXTURE_SAYS(f->out, "\tattend\tdone\t1 mark of SK-W9 day 2 (Tue 13 Apr)\n");
	look(f, now);
	same(before, now, "listing");
}

static void
a_made_person_goes_and_comes_back(void **state)
{
	struct laptop_fixture *f = *state;

	for (int is_sealed = 0; is_sealed < 2; is_sealed++) {
		look(f, before);
		FIXTURE_OK(f, "young add SK-W9 --given Hana --family Bielikova"
			      " --birth-year 2011 --gender f --day 1 --mark present");
		look(f, after);
		if (is_sealed != 0)
			(void)fixture_seal(f);
		FIXTURE_OK(f, "undo");
		look(f, now);
		same(before, now, "undo");
		FIXTURE_OK(f, "young list SK-W9 --plain");
		assert_null(strstr(f->out, "Hana"));
		FIXTURE_OK(f, "redo");
		look(f, now);
		same(after, now, "redo");
		FIXTURE_OK(f, "undo");
	}
}

static void
a_trial_is_no_step(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t n = number(f, "SELECT count(*) FROM r_step");

	FIXTURE_OK(f, "-n attend SK-W9 2 --set 4=absent");
	assert_null(strstr(f->out, "undo"));
	assert_int_equal(number(f, "SELECT count(*) FROM r_step"), n);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent");
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent"); /* was so already */
	assert_int_equal(number(f, "SELECT count(*) FROM r_step"), n + 1);
	look(f, before);
	FIXTURE_OK(f, "-n undo");
	look(f, now);
	same(before, now, "a trial of undo");
}

/* ---- others ---- */

static void
what_others_changed_since_stays(void **state)
{
	struct laptop_fixture *f = *state;

	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent --rest present");
	(void)fixture_seal(f);
	fixture_become(f, &fixture_t3);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=excused");
	{
		/* His laptop is another one: its steps are not here. */
		struct laptop *l = fixture_open(f);

		fixture_exec(
		    l, "DELETE FROM r_step WHERE id = (SELECT max(id) FROM r_step)");
		laptop_close(l);
	}
	(void)fixture_seal(f);
	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "undo");
	FIXTURE_SAYS(
	    f->err, "[!!] stays: SK-W9, 4 NameD FamilyD, day 2 is excused since");
	FIXTURE_SAYS(f->err, "DE-T3");
	FIXTURE_SAYS(f->out, "but for what was changed since");
	assert_int_equal(number(f, "SELECT count(*) FROM sheet_marks"), 1);
	assert_int_equal(
	    number(f, "SELECT count(*) FROM sheet_marks WHERE value = 'excused'"), 1);
	FIXTURE_OK(f, "redo");
	assert_int_equal(number(f, "SELECT count(*) FROM sheet_marks"), 5);
	assert_int_equal(
	    number(f, "SELECT count(*) FROM sheet_marks WHERE value = 'excused'"), 1);
}

static void
an_undo_of_which_nothing_stands_is_refused(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "activity edit SK-W9 --set title=One");
	(void)fixture_seal(f);
	FIXTURE_OK(f, "activity edit SK-W9 --set title=Two");
	{
		struct laptop *l = fixture_open(f);

		fixture_exec(
		    l, "DELETE FROM r_step WHERE id = (SELECT max(id) FROM r_step)");
		laptop_close(l);
	}
	look(f, before);
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "(PN-C02)");
	FIXTURE_SAYS(f->err, "title of activity SK-W9 is Two since");
	look(f, now);
	same(before, now, "refused");
}

static void
somebody_with_marks_of_others_stays_on_the_roster(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "young add SK-W9 --given Hana --family Bielikova --birth-year 2011"
		      " --gender f");
	(void)fixture_seal(f);
	FIXTURE_OK(f, "attend SK-W9 1 --set hana=present");
	look(f, before);
	{
		struct laptop *l = fixture_open(f);

		fixture_exec(
		    l, "DELETE FROM r_step WHERE id = (SELECT max(id) FROM r_step)");
		laptop_close(l);
	}
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "marks were written for this person since");
	look(f, now);
	same(before, now, "refused");
}

static void
a_choice_is_undone_to_both_values_until_it_is_sent(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t at;

	(void)fixture_seal(f);
	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=late");
	at = fixture_seal(f);
	fixture_hide(f, at, true);
	fixture_become(f, &fixture_t3);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=excused");
	(void)fixture_seal(f);
	fixture_hide(f, at, false);
	look(f, before);
	FIXTURE_OK(f, "review --list");
	FIXTURE_OK(f, "review 1 --take 1");
	FIXTURE_SAYS(f->out, "undo: pnet undo");
	FIXTURE_OK(f, "undo");
	look(f, now);
	same(before, now, "undo of a choice");
	FIXTURE_OK(f, "redo");
	(void)fixture_seal(f);
	look(f, before);
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "two values stood there side by side");
	look(f, now);
	same(before, now, "refused");
}

/* Somebody wrote into a record that he saw, while its making was undone. */
static void
a_record_that_somebody_wrote_into_is_shown_with_its_name(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t at;

	FIXTURE_OK(f, "attend SK-W9 2 --set 1=present");
	at = fixture_seal(f);
	FIXTURE_OK(f, "undo");
	at = fixture_seal(f);
	fixture_hide(f, at, true);
	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "attend SK-W9 2 --set 2=late");
	(void)fixture_seal(f);
	fixture_hide(f, at, false);
	assert_int_equal(number(f, "SELECT count(*) FROM sheet_marks m JOIN sheet USING"
				   " (rid) WHERE day_no = 2 AND value = 'late'"),
	    1);
	assert_int_equal(number(f, "SELECT count(*) FROM sheet_marks"), 1);
	assert_int_equal(number(f, "SELECT count(*) FROM r_conflict"), 0);
}

/* Signatures and keys. */
static void
what_stands_for_good_is_not_undone(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "activity team SK-W9 add SK-T2 --new --name \"Tadeas Varga\"");
	assert_null(strstr(f->out, "undo"));
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "gave a member the keys of an activity");
	for (int day = 1; day <= 5; day++) {
		char line[80];

		(void)snprintf(line, sizeof line, "attend SK-W9 %d --rest present", day);
		FIXTURE_OK(f, line);
	}
	FIXTURE_OK(f, "close SK-W9");
	look(f, before);
	assert_int_equal(fixture_run(f, "undo"), 3);
	FIXTURE_SAYS(f->err, "pnet: this is not undone (PN-C01)");
	FIXTURE_SAYS(f->err, "(close) wrote a tally, which stands under its author's");
	FIXTURE_SAYS(f->err, "pnet reopen ACTIVITY --reason TEXT");
	look(f, now);
	same(before, now, "refused");
}

/* ---- history ---- */

static void
history_tells_who_wrote_what_over_what(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t at;

	(void)fixture_seal(f);
	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent");
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=late");
	at = fixture_seal(f);
	FIXTURE_OK(f, "history SK-W9 --by SK-T2");
	FIXTURE_SAYS(
	    f->out, "SK-T2 marked 4 NameD FamilyD absent on day 2 (Tue 13 Apr), ");
	FIXTURE_SAYS(f->out, "SK-T2 marked 4 NameD FamilyD late on day 2 (Tue 13 Apr), ");
	FIXTURE_SAYS(f->out, "; before: absent\n");
	assert_null(strstr(f->out, "SK-N1"));
	FIXTURE_OK(f, "attend SK-W9 2 --clear 4");
	FIXTURE_OK(f, "undo");
	FIXTURE_OK(f, "history SK-W9");
	FIXTURE_SAYS(f->out, "SK-N1 added young person 4 NameD FamilyD in SK-W9: ");
	FIXTURE_SAYS(f->out, "SK-N1 added activity SK-W9: ");
	FIXTURE_SAYS(
	    f->out, "cleared the mark of 4 NameD FamilyD on day 2 (Tue 13 Apr), ");
	FIXTURE_SAYS(f->out, "; before: late; undone since\n");
	FIXTURE_OK(f, "history named --plain");
	FIXTURE_SAYS(f->out, "\tmarks\tlate\tabsent\tstands\n");
	FIXTURE_SAYS(f->out, "\tmarks\tnothing\tlate\tundone\n");
	assert_null(strstr(f->out, "FamilyA"));
	FIXTURE_OK(f, "history SK-W9 --since 2999-01-01");
	assert_string_equal(f->out, "nothing was written there\n");
	assert_int_equal(fixture_run(f, "history nobody-of-that-name"), 66);
	assert_int_equal(fixture_run(f, "history SK-W9 --since never"), 65);
	(void)at;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	    TEST(an_undone_mark_was_never_there),
	    TEST(a_correction_before_sealing_is_undone_to_what_it_corrected),
	    TEST(what_was_sealed_is_undone_by_an_ordinary_edit),
	    TEST(a_new_change_ends_what_can_be_done_again),
	    TEST(a_made_person_goes_and_comes_back),
	    TEST(a_trial_is_no_step),
	    TEST(what_others_changed_since_stays),
	    TEST(an_undo_of_which_nothing_stands_is_refused),
	    TEST(somebody_with_marks_of_others_stays_on_the_roster),
	    TEST(a_choice_is_undone_to_both_values_until_it_is_sent),
	    TEST(a_record_that_somebody_wrote_into_is_shown_with_its_name),
	    TEST(what_stands_for_good_is_not_undone),
	    TEST(history_tells_who_wrote_what_over_what),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
