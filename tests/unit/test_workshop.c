/* test_workshop.c - SK-W9 on one laptop, command by command: the roster, marks, a
 * conflict between two members, closing and reopening (DOMAIN 9, S1 to S3 and S6, as far
 * as they need no server). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/laptop_fixture.h"
#include "unit/sample.h"

static struct laptop_fixture fixture;

static char *
sample_path(const char *name)
{
	static char path[512];
	const char *root = getenv("PNET_SOURCE");

	(void)snprintf(
	    path, sizeof path, "%s/tests/data/%s", root == NULL ? "." : root, name);
	return path;
}

/* S1: N plans the workshop and imports the roster. */
static int
start(void **state)
{
	struct laptop_fixture *f = &fixture;
	char line[700];

	fixture_start(f);
	FIXTURE_OK(f, "org add SK-C1 --set kind=youth_club --set name=\"Klub mladych\"");
	FIXTURE_OK(f, "practice new GP01 --set title=\"Street art\"");
	FIXTURE_OK(f, "workshop new SK-W9 --practice GP01 --org SK-C1 --start 2027-04-12"
		      " --title \"Street-art dialogue lab\"");
	(void)snprintf(line, sizeof line, "import young %s --activity SK-W9",
	    sample_path("scenarios/roster_SK-W9.csv"));
	FIXTURE_OK(f, line);
	FIXTURE_OK(f, "activity team SK-W9 add SK-T2 --new --name \"Tadeas Varga\"");
	FIXTURE_OK(
	    f, "activity team SK-W9 add DE-T3 --experienced --name \"Jule Muller\"");
	*state = f;
	return 0;
}

static int
end(void **state)
{
	fixture_end(*state);
	return 0;
}

/* Hana comes twice, entered by both trainers, and the coordinator joins the entries. */
static void
enter_hana(struct laptop_fixture *f)
{
	FIXTURE_OK(f, "young add SK-W9 --given Hana --family Bieliková --birth-year 2011"
		      " --gender f --day 1 --mark present");
	FIXTURE_OK(f, "young add SK-W9 --given Hana --family Bielikova --birth-year 2011"
		      " --gender f --day 1 --mark P");
	FIXTURE_SAYS(f->err, "may be one person (V13): pnet review");
	FIXTURE_OK(f, "young merge \"Hana Bielikova\" --into \"Hana Bieliková\"");
}

/* The marks of final_marks_SK-W9.csv. */
static void
mark_all_days(struct laptop_fixture *f)
{
	FIXTURE_OK(f, "attend SK-W9 1 --set 12=absent --rest present");
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=late --rest present");
	FIXTURE_OK(f, "attend SK-W9 3 --set 9=late --rest present");
	FIXTURE_OK(f, "attend SK-W9 4 --set 8=absent --set 9=excused --rest present");
	FIXTURE_OK(f, "attend SK-W9 5 --set 2=absent --rest present");
}

/* ---- young people ---- */

static void
a_roster_is_listed_and_searched_without_accents(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "young list SK-W9 --plain");
	FIXTURE_SAYS(f->out, "4\tTadeáš Mráz\tY-");
	FIXTURE_OK(f, "young find mraz --plain");
	FIXTURE_SAYS(f->out, "Tadeáš Mráz\tY-");
	FIXTURE_OK(f, "young show mraz --csv");
	FIXTURE_SAYS(f->out, "SK-W9,consent,given");
	assert_int_equal(fixture_run(f, "young find nobody"), 66);
}

static void
a_new_person_gets_the_next_number_and_a_code(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(
	    f, "young add SK-W9 --given Hana --family Bieliková --birth-year 2011");
	FIXTURE_SAYS(f->out, "[ok] 13 Hana Bieliková (Y-");
	FIXTURE_SAYS(f->out, ") is on the roster of SK-W9    saved on this laptop, ");
	assert_int_equal(fixture_run(f, "young add SK-W9 --given A --family B"
					" --birth-year 1980"),
	    65);
	FIXTURE_SAYS(f->err, "V10");
	assert_int_equal(fixture_run(f, "young add SK-W9 --given A"), 64);
}

static void
consent_is_edited_by_field(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "young edit SK-W9 4 --set consent=withdrawn");
	FIXTURE_OK(f, "young show SK-W9 4 --plain");
	FIXTURE_SAYS(f->out, "consent\twithdrawn");
	assert_int_equal(fixture_run(f, "young edit SK-W9 4 --set pid=1"), 64);
	assert_int_equal(fixture_run(f, "young edit SK-W9 4 --set gender=x"), 65);
	assert_int_equal(fixture_run(f, "young edit SK-W9 4"), 64);
}

static void
joined_entries_are_one_line_until_they_are_split(void **state)
{
	struct laptop_fixture *f = *state;

	enter_hana(f);
	FIXTURE_OK(f, "attend SK-W9 1 --set 12=absent --rest present");
	FIXTURE_SAYS(f->out, "day 1, Mon 12 Apr: 12 present, 1 absent");
	FIXTURE_OK(f, "attend SK-W9 1 --set 13=late");
	FIXTURE_SAYS(
	    f->out, "11 present, 1 late, 1 absent"); /* no conflict of our making */
	assert_int_equal(
	    fixture_run(f, "young merge SK-W9 \"Hana Bielikova\" --into 13"), 65);
	FIXTURE_OK(f, "young split SK-W9 \"Hana Bielikova\"");
	FIXTURE_SAYS(f->out, "1 entry is on its own again");
	FIXTURE_OK(f, "attend SK-W9 1 --plain");
	FIXTURE_SAYS(f->out, "14\tHana Bielik");
	assert_int_equal(fixture_run(f, "young split SK-W9 14"), 66);
}

static void
only_a_coordinator_joins_entries(void **state)
{
	struct laptop_fixture *f = *state;

	enter_hana(f);
	fixture_become(f, &fixture_t2);
	assert_int_equal(fixture_run(f, "young split SK-W9 13"), 77);
	FIXTURE_SAYS(f->err, "PN-P01");
}

static void
somebody_known_comes_again_with_the_same_code(void **state)
{
	struct laptop_fixture *f = *state;
	char code[32];

	FIXTURE_OK(
	    f, "workshop new SK-W10 --practice GP01 --org SK-C1 --start 2027-06-07");
	FIXTURE_OK(f, "enrol SK-W10 mraz gajdosova --day 2");
	FIXTURE_OK(f, "young list SK-W10 --plain");
	FIXTURE_SAYS(f->out, "1\tTadeáš Mráz\tY-");
	FIXTURE_SAYS(f->out, "2\tĽubica Gajdošová\tY-");
	FIXTURE_SAYS(f->out, "\tpending\t2\t");
	FIXTURE_OK(f, "young find mraz --plain");
	(void)snprintf(code, sizeof code, "%.8s", strstr(f->out, "Y-"));
	FIXTURE_SAYS(strstr(f->out, code) + 1, code); /* both lines have it */
	assert_int_equal(fixture_run(f, "enrol SK-W10 mraz"), 65);
	assert_int_equal(fixture_run(f, "young edit mraz --set needs=tea"), 64);
}

static void
the_last_day_ends_an_enrolment_and_it_can_be_taken_back(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "attend SK-W9 4 --set mraz=P");
	FIXTURE_OK(f, "unenrol SK-W9 mraz --day wed");
	FIXTURE_SAYS(f->err, "a mark stands on day 4, after the last one (V17)");
	assert_int_equal(fixture_run(f, "attend SK-W9 5 --set mraz=P"), 3);
	FIXTURE_SAYS(f->err, "not enrolled that day (V17)");
	FIXTURE_OK(f, "enrol SK-W9 mraz");
	FIXTURE_OK(f, "attend SK-W9 5 --set mraz=P");
	assert_int_equal(fixture_run(f, "unenrol SK-W9 mraz"), 64);
}

/* ---- attendance ---- */

static void
a_day_is_marked_and_corrected_in_the_words_of_the_manual(void **state)
{
	struct laptop_fixture *f = *state;

	(void)fixture_seal(f);
	FIXTURE_OK(f, "young add SK-W9 --given Hana --family Bieliková");
	(void)fixture_seal(f);
	{
		struct laptop *l = fixture_open(f);

		fixture_exec(l, "UPDATE r_pending SET state = 1");
		laptop_close(l);
	}
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent --rest present");
	assert_string_equal(f->out,
	    "[ok] SK-W9 day 2, Tue 13 Apr: 12 present, 1 absent"
	    "    saved on this laptop, 13 changes wait    undo: pnet undo\n");
	FIXTURE_OK(f, "attend SK-W9 2 --set mraz=late");
	assert_string_equal(f->out,
	    "[ok] SK-W9 day 2, Tue 13 Apr: 12 present, 1 late"
	    "    saved on this laptop, 13 changes wait    undo: pnet undo\n");
	FIXTURE_OK(f, "attend SK-W9 --plain"); /* today */
	FIXTURE_SAYS(f->out, "4\tTadeáš Mráz\tY-");
	FIXTURE_SAYS(f->out, "\tlate\t");
}

static void
marks_are_cleared_and_notes_kept(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "attend SK-W9 2 --rest present --note \"4=left early = tired\"");
	FIXTURE_OK(f, "attend SK-W9 2 --clear 4");
	FIXTURE_SAYS(f->out, "11 present, 1 unmarked");
	FIXTURE_OK(f, "attend SK-W9 2 --plain");
	FIXTURE_SAYS(f->out, "\tleft early = tired");
}

static void
a_mark_is_refused_on_a_day_that_was_not_held(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "activity day SK-W9 3 --held no --reason \"burst pipe\"");
	assert_int_equal(fixture_run(f, "attend SK-W9 3 --rest present"), 3);
	FIXTURE_SAYS(f->err, "was not held (V17)");
	FIXTURE_SAYS(f->err, "pnet activity day SK-W9 3 --held yes");
}

static void
one_wrong_word_writes_nothing_of_the_command(void **state)
{
	struct laptop_fixture *f = *state;

	assert_int_equal(fixture_run(f, "attend SK-W9 2 --set 1=P --set 2=maybe"), 65);
	assert_int_equal(fixture_run(f, "attend SK-W9 2 --set 1=P --set 99=P"), 66);
	assert_int_equal(fixture_run(f, "attend SK-W9 2 --set 1"), 64);
	assert_int_equal(fixture_run(f, "attend SK-W9 2 --set Hub=P"), 66);
	FIXTURE_OK(f, "attend SK-W9 2 --rest present -n");
	FIXTURE_SAYS(f->out, "not saved");
	FIXTURE_OK(f, "attend SK-W9 2");
	FIXTURE_SAYS(f->out, "12 unmarked");
}

static void
questions_write_what_options_write(void **state)
{
	struct laptop_fixture *f = *state;

	/* 1 present; 2 skipped; 3 absent, then back and late; the rest at the end. */
	f->input = "p\n\na\nu\nl\nx\n";
	FIXTURE_OK(f, "attend SK-W9 2 --ask");
	f->input = NULL;
	FIXTURE_SAYS(f->out, "1 Ľubica Gajdošová, Tue? [p]resent [l]ate [e]xcused");
	FIXTURE_SAYS(f->out, "3 Kristína Šoltésová, Tue (absent)? ");
	FIXTURE_SAYS(f->out, "not understood: p, l, e, a, u or Enter");
	FIXTURE_SAYS(f->out, "1 present, 1 late, 10 unmarked");
}

/* ---- review ---- */

/* S3: SK-T2 says late, DE-T3 says excused, neither having seen the other. */
static void
make_conflict(struct laptop_fixture *f)
{
	int64_t before;

	FIXTURE_OK(f, "attend SK-W9 2 --set 1=P");
	before = fixture_seal(f);
	(void)before;
	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=late --rest present");
	before = fixture_seal(f);
	fixture_hide(f, before, true);
	fixture_become(f, &fixture_t3);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=excused");
	(void)fixture_seal(f);
	fixture_hide(f, before, false);
}

static void
a_conflict_is_listed_with_who_and_settled_by_number(void **state)
{
	struct laptop_fixture *f = *state;

	make_conflict(f);
	FIXTURE_OK(f, "review --list");
	FIXTURE_SAYS(f->out, "1 of 1  SK-W9 · 4 Tadeáš Mráz · day 2, Tue 13 Apr\n");
	FIXTURE_SAYS(f->out, "late      Tadeas Varga (SK-T2)   ");
	FIXTURE_SAYS(f->out, "excused   Jule Muller (DE-T3)    ");
	FIXTURE_SAYS(f->out, "   your change\n");
	FIXTURE_OK(f, "review --list --json");
	FIXTURE_SAYS(f->out, "{\"schema\":\"pnet.conflict/1\",\"id\":1,\"activity\":"
			     "\"SK-W9\",\"kind\":\"sheet\",\"field\":\"marks\",\"young\":"
			     "\"Y-");
	FIXTURE_SAYS(f->out, "\"day\":2,\"siblings\":[{\"n\":1,\"value\":\"");
	assert_int_equal(fixture_run(f, "attend SK-W9 2 --set 4=late"), 3);
	FIXTURE_OK(f, "review 1 --take late");
	FIXTURE_SAYS(f->out, "[ok] late. The other value stays in the history.");
	FIXTURE_OK(f, "review --list");
	assert_string_equal(f->out, "nothing needs you\n");
	FIXTURE_OK(f, "attend SK-W9 2");
	FIXTURE_SAYS(f->out, "11 present, 1 late");
}

static void
a_choice_is_refused_when_the_values_changed(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t before;

	assert_int_equal(fixture_run(f, "review 1 --take 1"), 66); /* never shown */
	make_conflict(f);
	FIXTURE_OK(f, "review --list");
	fixture_hide(f, 0, false);
	before = fixture_seal(f);
	fixture_hide(f, before - 1, true); /* what DE-T3 wrote is out of view */
	fixture_become(f, &fixture_n1);
	FIXTURE_OK(f, "attend SK-W9 2 --set 4=absent");
	(void)fixture_seal(f);
	fixture_hide(f, 0, false);
	assert_int_equal(fixture_run(f, "review 1 --take 1"), 3);
	FIXTURE_SAYS(f->err, "PN-C02");
	FIXTURE_SAYS(f->err, "absent by SK-N1");
	FIXTURE_SAYS(f->err, "pnet review 1 --take 1");
	FIXTURE_OK(f, "review 1 --take P"); /* shown now */
	assert_int_equal(fixture_run(f, "review 1 --take 1"), 3);
	FIXTURE_SAYS(f->err, "settled meanwhile");
}

static void
marks_of_joined_entries_that_differ_are_settled_in_both(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "young add SK-W9 --given Hana --family Bieliková --day 1 --mark P");
	FIXTURE_OK(f, "young add SK-W9 --given Hana --family Bielikova --day 1 --mark A");
	FIXTURE_OK(f, "review --list");
	FIXTURE_SAYS(f->out, "1 of 1  SK-W9 · may be one person (V13)");
	assert_int_equal(fixture_run(f, "review 1 --take 3"), 65);
	FIXTURE_OK(f, "review 1 --take 1");
	FIXTURE_OK(f, "review --list");
	FIXTURE_SAYS(f->out, "1 of 1  SK-W9 · 13 Hana Bielik");
	FIXTURE_OK(f, "review 1 --take present");
	FIXTURE_OK(f, "young split SK-W9 13");
	FIXTURE_OK(f, "attend SK-W9 1 --set 12=absent --rest late --plain");
	FIXTURE_SAYS(f->out, "2 present, 11 late, 1 absent");
}

static void
other_fields_are_reviewed_too(void **state)
{
	struct laptop_fixture *f = *state;
	int64_t before = fixture_seal(f);

	FIXTURE_OK(f, "young edit SK-W9 4 --set needs=bread");
	before = fixture_seal(f);
	fixture_hide(f, before, true);
	fixture_become(f, &fixture_t2);
	FIXTURE_OK(f, "young edit SK-W9 4 --set needs=butter");
	(void)fixture_seal(f);
	fixture_hide(f, before, false);
	FIXTURE_OK(f, "review --list");
	FIXTURE_SAYS(f->out, "1 of 1  SK-W9 · Tadeáš Mráz · needs\n");
	FIXTURE_OK(f, "review 1 --take \"bread and butter\"");
	FIXTURE_OK(f, "young show SK-W9 4");
	FIXTURE_SAYS(f->out, "bread and butter");
}

/* ---- closing ---- */

static void
closing_names_what_is_missing_and_then_prints_the_tally(void **state)
{
	struct laptop_fixture *f = *state;
	struct arena *a = arena_new(0);
	struct span tally = sample_bytes(a, "scenarios/tally_SK-W9.txt");

	enter_hana(f);
	mark_all_days(f);
	FIXTURE_OK(f, "attend SK-W9 5 --clear 13");
	assert_int_equal(fixture_run(f, "close SK-W9"), 3);
	assert_string_equal(f->err,
	    "pnet: SK-W9 cannot be closed yet (PN-C01)\n"
	    "  why   1 mark is missing on a held day: 13 Hana Bieliková, day 5 (V18)\n"
	    "  data  nothing was changed\n"
	    "  next  pnet attend SK-W9 5 --set 13=present    or the mark that is "
	    "right\n");
	assert_int_equal(fixture_run(f, "tally SK-W9"), 66);
	FIXTURE_OK(f, "attend SK-W9 5 --set 13=present");
	FIXTURE_OK(f, "close SK-W9");
	assert_int_equal(strlen(f->out), tally.len);
	assert_memory_equal(f->out, tally.bytes, tally.len);
	FIXTURE_OK(f, "tally SK-W9");
	assert_memory_equal(f->out, tally.bytes, tally.len);
	FIXTURE_OK(f, "tally SK-W9 --csv");
	FIXTURE_SAYS(f->out, "SK-W9,attended,61\n");
	FIXTURE_OK(f, "tally SK-W9 --json");
	FIXTURE_SAYS(f->out, "{\"schema\":\"pnet.tally/1\",\"activity\":\"SK-W9\",");
	FIXTURE_SAYS(f->out, "\"attended\":61,");
	assert_int_equal(fixture_run(f, "close SK-W9"), 3);
	arena_free(a);
}

static void
changes_after_closing_are_listed_and_rejected(void **state)
{
	struct laptop_fixture *f = *state;

	enter_hana(f);
	mark_all_days(f);
	FIXTURE_OK(f, "close SK-W9");
	FIXTURE_OK(f, "attend SK-W9 5 --set 12=excused");
	FIXTURE_SAYS(f->err, "SK-W9 is closed");
	FIXTURE_SAYS(f->err, "V28");
	FIXTURE_OK(f, "--csv findings SK-W9");
	FIXTURE_SAYS(f->out, "V28,warning,SK-W9,1,changes after closing\n");
	FIXTURE_OK(f, "review --list");
	FIXTURE_SAYS(f->out, "1 of 1  SK-W9 · 12 Alex Urban · day 5, Fri 16 Apr\n");
	FIXTURE_SAYS(f->out, "  1  present   as closed\n");
	FIXTURE_SAYS(f->out, "  settle: pnet review 1 --reject    as closed: present\n");
	FIXTURE_OK(f, "review 1 --reject");
	FIXTURE_OK(f, "review --list");
	assert_string_equal(f->out, "nothing needs you\n");
	FIXTURE_OK(f, "--csv findings SK-W9");
	assert_null(strstr(f->out, "V28"));
	/* A row that the tally does not know counts once, whatever stands in it. */
	FIXTURE_OK(f,
	    "young add SK-W9 --given Eva --family Nova --birth-year 2011 --day 1"
	    " --mark present");
	FIXTURE_OK(f, "attend SK-W9 2 --set 14=late");
	FIXTURE_OK(f, "--csv findings SK-W9");
	FIXTURE_SAYS(f->out, "V28,warning,SK-W9,1,changes after closing\n");
}

static uint64_t
waiting(struct laptop_fixture *f)
{
	struct laptop *l = fixture_open(f);
	struct waiting out;

	assert_int_equal(records_waiting(l, &out), ST_OK);
	laptop_close(l);
	return out.changes;
}

static void
a_workshop_is_reopened_and_closed_with_another_tally(void **state)
{
	struct laptop_fixture *f = *state;
	uint64_t n_before;

	enter_hana(f);
	mark_all_days(f);
	n_before = waiting(f);
	FIXTURE_OK(f, "close SK-W9");
	assert_int_equal(waiting(f), n_before + 1); /* one deed is one change */
	assert_int_equal(fixture_run(f, "reopen SK-W9"), 64);
	FIXTURE_OK(f, "reopen SK-W9 --reason \"one mark was wrong\"");
	assert_int_equal(waiting(f), n_before + 2);
	assert_int_equal(fixture_run(f, "tally SK-W9"), 66);
	FIXTURE_OK(f, "attend SK-W9 5 --set 12=excused");
	FIXTURE_OK(f, "activity day SK-W9 4 --held no");
	FIXTURE_OK(f, "close SK-W9");
	FIXTURE_SAYS(f->out, "days held 4");
	FIXTURE_SAYS(f->err, "tally 2");
	FIXTURE_OK(f, "review --list"); /* marks on a day not held are no late change */
	assert_string_equal(f->out, "nothing needs you\n");
}

static void
a_short_workshop_and_a_trainer_cannot_close(void **state)
{
	struct laptop_fixture *f = *state;

	mark_all_days(f);
	FIXTURE_OK(f, "activity day SK-W9 3 --held no");
	FIXTURE_OK(f, "activity day SK-W9 4 --held no");
	assert_int_equal(fixture_run(f, "close SK-W9"), 3);
	FIXTURE_SAYS(f->err, "only 3 of 5 days held, 4 are needed (V20)");
	fixture_become(f, &fixture_t2);
	assert_int_equal(fixture_run(f, "close SK-W9"), 77);
}

static void
a_conflict_blocks_closing(void **state)
{
	struct laptop_fixture *f = *state;

	make_conflict(f);
	fixture_become(f, &fixture_n1);
	assert_int_equal(fixture_run(f, "close SK-W9"), 3);
	FIXTURE_SAYS(f->err, "1 mark has two values: 4 Tadeáš Mráz, day 2 (V19)");
	FIXTURE_SAYS(f->err, "pnet review");
}

/* ---- paper ---- */

static void
a_sheet_has_boxes_before_and_marks_after(void **state)
{
	struct laptop_fixture *f = *state;
	char path[128], line[200];
	struct stat info;

	FIXTURE_OK(f, "print sheet SK-W9 --blank 2");
	FIXTURE_SAYS(f->out, "Attendance SK-W9  Street-art dialogue lab (GP01)");
	FIXTURE_SAYS(f->out, "14  ");
	FIXTURE_OK(f, "attend SK-W9 1 --rest present");
	(void)snprintf(path, sizeof path, "%s/sheet.txt", f->dir);
	(void)snprintf(line, sizeof line, "print sheet SK-W9 -o %s", path);
	FIXTURE_OK(f, line);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(fixture_run(f, "print sheet SK-W9 -o /nowhere/x"), 73);
	assert_int_equal(fixture_run(f, "print sheet SK-W9 --blank x"), 64);
}

static void
consent_withdrawn_is_a_gate_for_paper(void **state)
{
	struct laptop_fixture *f = *state;

	FIXTURE_OK(f, "young edit SK-W9 4 --set consent=withdrawn");
	assert_int_equal(fixture_run(f, "print sheet SK-W9"), 3);
	FIXTURE_SAYS(f->err, "(V15): 4 (Y-");
	assert_null(strstr(f->err, "Mráz"));
	FIXTURE_OK(f, "print sheet SK-W9 --yes");
}

int
main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, start, end)
	const struct CMUnitTest tests[] = {
	    STORY(a_roster_is_listed_and_searched_without_accents),
	    STORY(a_new_person_gets_the_next_number_and_a_code),
	    STORY(consent_is_edited_by_field),
	    STORY(joined_entries_are_one_line_until_they_are_split),
	    STORY(only_a_coordinator_joins_entries),
	    STORY(somebody_known_comes_again_with_the_same_code),
	    STORY(the_last_day_ends_an_enrolment_and_it_can_be_taken_back),
	    STORY(a_day_is_marked_and_corrected_in_the_words_of_the_manual),
	    STORY(marks_are_cleared_and_notes_kept),
	    STORY(a_mark_is_refused_on_a_day_that_was_not_held),
	    STORY(one_wrong_word_writes_nothing_of_the_command),
	    STORY(questions_write_what_options_write),
	    STORY(a_conflict_is_listed_with_who_and_settled_by_number),
	    STORY(a_choice_is_refused_when_the_values_changed),
	    STORY(marks_of_joined_entries_that_differ_are_settled_in_both),
	    STORY(other_fields_are_reviewed_too),
	    STORY(closing_names_what_is_missing_and_then_prints_the_tally),
	    STORY(changes_after_closing_are_listed_and_rejected),
	    STORY(a_workshop_is_reopened_and_closed_with_another_tally),
	    STORY(a_short_workshop_and_a_trainer_cannot_close),
	    STORY(a_conflict_blocks_closing),
	    STORY(a_sheet_has_boxes_before_and_marks_after),
	    STORY(consent_withdrawn_is_a_gate_for_paper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
