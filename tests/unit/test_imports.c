/* test_imports.c - rosters and sheets of marks with one wrong cell: each is rejected for
 * its own reason; headers as people write them; memory. The sample's files are
 * test_roster.c and test_marks.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"
#include "core/marks.h"
#include "core/roster.h"
#include "scant.h"

static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(0);
	return arena == NULL;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* ---- rosters ---- */

#define ROSTER_HEAD                                                                      \
	"given_name,family_name,birth_year,gender,consent,consent_by,consent_on,"        \
	"photo_consent,form_no\n"

static const struct roster_rules rules = {.start_year = 2026, .today = 20000};

static const struct {
	const char *row;
	enum roster_reason reason;
} roster_rows[] = {
    {"Mia,Noth,2012,f,given,self,2024-01-02,yes,A-1", ROSTER_FINE},
    {"\t Mia ,Noth \t,2012,F,GIVEN,Self,2024-01-02,YES,A-1", ROSTER_FINE},
    {"Mia,Noth,,,,,,,", ROSTER_FINE},
    {",Noth,2012,f,,,,,", ROSTER_GIVEN_NAME},
    {"Mia,,2012,f,,,,,", ROSTER_FAMILY_NAME},
    {"Mia,Noth,12,f,,,,,", ROSTER_YEAR_FORM},
    {"Mia,Noth,201:,f,,,,,", ROSTER_YEAR_FORM},
    {"Mia,Noth,201/,f,,,,,", ROSTER_YEAR_FORM},
    {"Mia,Noth,2012-01x02,f,,,,,", ROSTER_YEAR_FORM},
    {"Mia,Noth,2012x01-02,f,,,,,", ROSTER_YEAR_FORM},
    {"Mia,Noth,201x-01-02,f,,,,,", ROSTER_YEAR_FORM},
    {"Mia,Noth,2012-0x-02,f,,,,,", ROSTER_YEAR_FORM},
    {"Mia,Noth,2012-01-0x,f,,,,,", ROSTER_YEAR_FORM},
    {"Mia,Noth,2012-02-30,f,,,,,", ROSTER_YEAR_NO_DATE},
    {"Mia,Noth,2012-02-03,f,,,,,", ROSTER_FINE},
    {"Mia,Noth,1990,f,,,,,", ROSTER_AGE},
    {"Mia,Noth,2012,x,,,,,", ROSTER_GENDER},
    {"Mia,Noth,2012,[,,,,,", ROSTER_GENDER},
    {"Mia,Noth,2012,@,,,,,", ROSTER_GENDER},
    {"Mia,Noth,2012,a-word-that-is-longer-than-any-of-a-vocabulary,,,,,", ROSTER_GENDER},
    {"Mia,Noth,2012,f,perhaps,,,,", ROSTER_CONSENT},
    {"Mia,Noth,2012,f,given,uncle,2024-01-02,,", ROSTER_CONSENT_BY},
    {"Mia,Noth,2012,f,given,self,,,", ROSTER_CONSENT_NO_DATE},
    {"Mia,Noth,2012,f,given,self,yesterday,,", ROSTER_CONSENT_DATE},
    {"Mia,Noth,2012,f,given,self,2224-01-02,,", ROSTER_CONSENT_FUTURE},
    {"Mia,Noth,2012,f,given,self,2024-01-02,maybe,", ROSTER_PHOTO_CONSENT},
    {"Mia,Noth,2012,f,,,,,\x80", ROSTER_TEXT},
    {"Mia,Noth,2012,f,,,,", ROSTER_STRUCTURE},
};

static void
each_wrong_cell_of_a_roster_has_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof roster_rows / sizeof *roster_rows; i++) {
		struct roster_report r;
		const char *text =
		    arena_text(arena, "%s%s\n", ROSTER_HEAD, roster_rows[i].row);

		assert_int_equal(roster_read(span_text(text), &rules, NULL, 0, NULL, 0,
				     arena, &r, NULL),
		    ST_OK);
		assert_int_equal(r.n_rows, 1);
		if (r.rows[0].reason != roster_rows[i].reason)
			fail_msg("%s: reason %d", roster_rows[i].row, r.rows[0].reason);
	}
}

static void
a_column_that_means_nothing_stands_in_the_example_if_it_is_short(void **state)
{
	static const struct {
		const char *head, *says;
	} cases[] = {
	    {"vorname,family_name\n", "--map vorname=given_name"},
	    {"a-column-whose-name-is-too-long-for-an-example,x\n", "--map"},
	    {"family_name\n", "--map COLUMN=given_name"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct roster_report r;
		struct trouble t = {0};

		assert_int_equal(roster_read(span_text(cases[i].head), &rules, NULL, 0,
				     NULL, 0, arena, &r, &t),
		    ST_MALFORMED);
		assert_non_null(strstr(t.text, "missing columns given_name"));
		assert_non_null(strstr(t.text, cases[i].says));
	}
}

static void
a_separator_line_counts_only_if_it_is_one(void **state)
{
	static const struct {
		const char *text;
		bool is_read;
	} cases[] = {
	    {"sep=;\ngiven_name;family_name;birth_year;gender\nMia;Noth;;\n", true},
	    {"sep=;x\ngiven_name;family_name;birth_year;gender\nMia;Noth;;\n", false},
	    {"sep=", false},
	    {"sep=;", false},
	    {"sup=;\ngiven_name;family_name;birth_year;gender\n", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct roster_report r;
		status st = roster_read(
		    span_text(cases[i].text), &rules, NULL, 0, NULL, 0, arena, &r, NULL);

		assert_int_equal(st == ST_OK, cases[i].is_read);
	}
}

static void
a_doubled_column_is_named_and_cut_to_64_bytes(void **state)
{
	char column[100];
	const char *text;
	struct roster_report r;
	struct trouble t = {0};

	(void)state;
	memset(column, 'c', sizeof column);
	column[99] = '\0';
	text = arena_text(arena, "%s,%s\n", column, column);
	assert_int_equal(
	    roster_read(span_text(text), &rules, NULL, 0, NULL, 0, arena, &r, &t),
	    ST_MALFORMED);
	assert_non_null(strstr(t.text, "duplicate column cccc"));
	assert_true(strlen(t.text) < 100);
}

/* ---- marks ---- */

static struct roll_row people[] = {{.person = {1},
				       .no = 1,
				       .given_name = {(const uint8_t *)"Mia", 3},
				       .family_name = {(const uint8_t *)"Noth", 4}},
    {.person = {2},
	.no = 2,
	.given_name = {(const uint8_t *)"Jan", 3},
	.family_name = {(const uint8_t *)"Zak", 3}}};
static const struct roll_day days[] = {
    {.day_no = 1, .has_date = true, .date = 20000},
    {.day_no = 2, .has_date = true, .date = DATE_DAYS_MAX + 1U},
    {.day_no = 3},
};
static const struct roll roll = {
    .days_planned = 5, .n_days = 3, .days = days, .n_rows = 2, .rows = people};

static struct marks_target
target_of(struct roll_view *view, const char *code)
{
	assert_int_equal(roll_make(&roll, arena, view, NULL), ST_OK);
	return (struct marks_target){span_text(code), &roll, view};
}

static const struct {
	const char *row;
	enum marks_reason reason;
} list_rows[] = {
    {"SK-W9-E01,1,late", MARKS_FINE},
    {"SK-W9-E1,5,P", MARKS_FINE},
    {"SK-W9-E000001,1,late", MARKS_ENROLMENT},
    {"SK-W9-E3,1,late", MARKS_ENROLMENT},
    {"SK-W9-E1,0,late", MARKS_DAY},
    {"SK-W9-E1,6,late", MARKS_DAY},
    {"SK-W9-E1,32,late", MARKS_DAY},
    {"SK-W9-E1,1/,late", MARKS_DAY},
    {"SK-W9-E1,,late", MARKS_DAY},
    {"SK-W9-E1,one,late", MARKS_DAY},
    {"SK-W9-E1,1,", MARKS_EMPTY},
    {"SK-W9-E1,1,here", MARKS_STATUS},
    {"SK-W9-E1,1,2", MARKS_STATUS},
    {"SK-W9-E1,1", MARKS_STRUCTURE},
};

static void
each_wrong_cell_of_a_list_of_marks_has_its_reason(void **state)
{
	struct roll_view view;
	struct marks_target target = target_of(&view, "SK-W9");

	(void)state;
	for (size_t i = 0; i < sizeof list_rows / sizeof *list_rows; i++) {
		const char *text =
		    arena_text(arena, "enrolment,day,status\n%s\n", list_rows[i].row);
		struct marks_report r;

		assert_int_equal(
		    marks_read_list(span_text(text), &target, 1, arena, &r, NULL), ST_OK);
		assert_int_equal(r.n_rows, 1);
		if (r.rows[0].reason != list_rows[i].reason)
			fail_msg("%s: reason %d", list_rows[i].row, r.rows[0].reason);
	}
}

/* The same line and day of two activities are two marks. */
static void
marks_of_two_activities_do_not_contradict_each_other(void **state)
{
	struct roll_view views[2];
	struct marks_target targets[] = {
	    target_of(&views[0], "SK-W9"), target_of(&views[1], "DE-W1")};
	struct marks_report r;

	(void)state;
	assert_int_equal(
	    marks_read_list(span_text("enrolment,day,status\nDE-W1-E1,1,late\n"
				      "SK-W9-E1,1,absent\nDE-W1-E2,1,absent\n"
				      "SK-W9-E2,1,late\nSK-W9-E2,1,late\n"
				      "SK-W9-E1,2,late\nSK-W9-E1,2,absent\n"
				      "SK-W9-E1,2,late\n"),
		targets, 2, arena, &r, NULL),
	    ST_OK);
	assert_int_equal(r.n_accepted, 5);
	assert_int_equal(r.n_held, 3);
}

static void
more_marks_than_fit_at_first_are_all_kept(void **state)
{
	struct roll_view view;
	struct marks_target target = target_of(&view, "SK-W9");
	const char *text = "enrolment,day,status\n";
	struct marks_report r;

	(void)state;
	for (int i = 0; i < 150; i++)
		text = arena_text(arena, "%sSK-W9-E1,%d,late\n", text, 1 + i % 5);
	assert_int_equal(
	    marks_read_list(span_text(text), &target, 1, arena, &r, NULL), ST_OK);
	assert_int_equal(r.n_accepted, 150);
	assert_int_equal(r.rows[0].day_no, 1);
	assert_int_equal(r.rows[149].day_no, 5);
}

static void
days_without_a_real_date_are_found_by_number_alone(void **state)
{
	static const struct {
		const char *head;
		bool is_day;
	} cases[] = {{"2", true}, {"3", true}, {"4.10.", true}, {"4.10", true},
	    {"..", false}, {"4.10.2024", true}, {"4.10.2024.", true},
	    {"4.10.123456", false}, {"5.10.", false}, {"10", false}};
	struct roll_view view;
	struct marks_target target = target_of(&view, "SK-W9");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *text =
		    arena_text(arena, "name,%s,note\nMia Noth,P,\n\n", cases[i].head);
		struct marks_report r;
		status st = marks_read_grid(
		    span_text(text), &target, NULL, 0, false, arena, &r, NULL);

		if ((st == ST_OK) != cases[i].is_day)
			fail_msg("%s: %s", cases[i].head, status_name(st));
	}
}

static void
a_row_of_a_grid_without_its_cells_is_rejected(void **state)
{
	struct roll_view view;
	struct marks_target target = target_of(&view, "SK-W9");
	struct marks_report r;

	(void)state;
	assert_int_equal(
	    marks_read_grid(span_text("name,1,2\nMia Noth,P\n\t,P,P\nJan Zak,P,P\n"),
		&target, NULL, 0, false, arena, &r, NULL),
	    ST_OK);
	assert_int_equal(r.rows[0].reason, MARKS_STRUCTURE);
	assert_int_equal(r.rows[1].reason, MARKS_NAME_UNKNOWN); /* a blank is no name */
	assert_int_equal(r.n_accepted, 2);
}

/* Whatever a file says, no more of it is shown than fits, and nothing that moves a
 * cursor. */
static void
unknown_codes_are_listed_without_what_could_disturb_a_terminal(void **state)
{
	struct roll_view view;
	struct marks_target target = target_of(&view, "SK-W9");
	const char *text = "name,1\n";
	struct marks_report r;
	struct trouble t = {0};

	(void)state;
	assert_int_equal(
	    marks_read_grid(span_text("name,1,2\nMia Noth,ž€,a-long-code-of-mine\n"),
		&target, NULL, 0, false, arena, &r, &t),
	    ST_MALFORMED);
	for (const char *c = t.text; *c != '\0'; c++)
		assert_in_range(*c, 0x20, 0x7e);
	for (int i = 0; i < 60; i++)
		text = arena_text(arena, "%sMia Noth,code%d-x\n", text, i);
	assert_int_equal(
	    marks_read_grid(span_text(text), &target, NULL, 0, false, arena, &r, &t),
	    ST_MALFORMED);
	assert_non_null(strstr(t.text, "code0-x code1-x"));
	assert_null(strstr(t.text, "code50-x"));
}

/* ---- cut files, memory ---- */

static void
files_cut_anywhere_are_read_or_refused(void **state)
{
	struct roll_view view;
	struct marks_target target = target_of(&view, "SK-W9");
	const char *files[] = {ROSTER_HEAD
	    "\"Mi\"\"a\",Noth,2012,f,given,self,2024-01-02,yes,\"A\n1\"\r\n",
	    "sep=;\r\nenrolment;day;status\r\n\"SK-W9-E01\";1;\"la\"\"te\"\r\n",
	    "name,12.10.,2\nMia Noth,P,\"A\"\n"};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		for (size_t len = 0; len <= strlen(files[i]); len++) {
			struct span cut = span_of((const uint8_t *)files[i], len);
			struct roster_report people_read;
			struct marks_report r;

			(void)roster_read(
			    cut, &rules, NULL, 0, NULL, 0, arena, &people_read, NULL);
			(void)marks_read_list(cut, &target, 1, arena, &r, NULL);
			(void)marks_read_grid(
			    cut, &target, NULL, 0, true, arena, &r, NULL);
			assert_true(r.n_accepted <= r.n_rows);
			assert_true(people_read.n_rows <= 1);
		}
}

struct file {
	const char *text;
	const struct marks_target *target;
};

static status
call_roster(void *ctx, struct arena *a, struct trouble *t)
{
	const struct roster_known known = {
	    .given_name = span_text("Jan"), .family_name = span_text("Zak")};
	const struct file *f = ctx;
	struct roster_report r;

	return roster_read(span_text(f->text), &rules, &known, 1, NULL, 0, a, &r, t);
}

static status
call_list(void *ctx, struct arena *a, struct trouble *t)
{
	const struct file *f = ctx;
	struct marks_report r;

	return marks_read_list(span_text(f->text), f->target, 1, a, &r, t);
}

static void
too_little_memory_for_a_file_is_told(void **state)
{
	struct roll_view view;
	struct marks_target target = target_of(&view, "SK-W9");
	struct file people_file = {ROSTER_HEAD
	    "\"Mi\"\"a\",Noth,2012,f,given,self,2024-01-02,yes,\"A\n1\"\r\n",
	    &target};
	struct file list = {"enrolment,day,status\nSK-W9-E1,1,late\n", &target};

	(void)state;
	scant_try(call_roster, &people_file);
	scant_try(call_list, &list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_wrong_cell_of_a_roster_has_its_reason),
	    cmocka_unit_test(
		a_column_that_means_nothing_stands_in_the_example_if_it_is_short),
	    cmocka_unit_test(a_separator_line_counts_only_if_it_is_one),
	    cmocka_unit_test(a_doubled_column_is_named_and_cut_to_64_bytes),
	    cmocka_unit_test(each_wrong_cell_of_a_list_of_marks_has_its_reason),
	    cmocka_unit_test(marks_of_two_activities_do_not_contradict_each_other),
	    cmocka_unit_test(more_marks_than_fit_at_first_are_all_kept),
	    cmocka_unit_test(days_without_a_real_date_are_found_by_number_alone),
	    cmocka_unit_test(a_row_of_a_grid_without_its_cells_is_rejected),
	    cmocka_unit_test(
		unknown_codes_are_listed_without_what_could_disturb_a_terminal),
	    cmocka_unit_test(files_cut_anywhere_are_read_or_refused),
	    cmocka_unit_test(too_little_memory_for_a_file_is_told),
	};

	return cmocka_run_group_tests(tests, begin, end) != 0;
}
