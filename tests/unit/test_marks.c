/* test_marks.c - import of marks: files r and s of tests/data/hostile with the counts of
 * its EXPECT.md, and what they do not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/marks.h"
#include "unit/scant.h"
#include "unit/season.h"

static struct arena *arena;
static struct season season;
static struct roll rolls[2];
static struct roll_view views[2];
static struct marks_target targets[2];

static int
begin(void **state)
{
	static const char *const codes[] = {"DE-W1", "HU-W1"};

	(void)state;
	arena = arena_new(0);
	if (arena == NULL)
		return 1;
	season_load(&season, arena);
	for (size_t i = 0; i < 2; i++) {
		rolls[i] = season_roll(&season, codes[i]);
		if (roll_make(&rolls[i], arena, &views[i], NULL) != ST_OK)
			return 1;
		targets[i] =
		    (struct marks_target){span_text(codes[i]), &rolls[i], &views[i]};
	}
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* ---- list ---- */

static void
rows_of_file_r_are_judged_as_expected(void **state)
{
	static const enum marks_reason reasons[] = {MARKS_CONTRADICTED, MARKS_DAY,
	    MARKS_DAY, MARKS_FINE, MARKS_FINE, MARKS_STATUS, MARKS_ENROLMENT,
	    MARKS_NOT_HELD, MARKS_NOT_ENROLLED, MARKS_EMPTY, MARKS_CONTRADICTED};
	struct marks_report r;

	(void)state;
	assert_int_equal(marks_read_list(sample_bytes(arena, "hostile/r_marks.csv"),
			     targets, 2, arena, &r, NULL),
	    ST_OK);
	assert_int_equal(r.n_rows, 11);
	for (size_t i = 0; i < r.n_rows; i++) {
		assert_int_equal(r.rows[i].reason, reasons[i]);
		assert_int_equal(r.rows[i].file_line, i + 2);
	}
	assert_int_equal(r.n_accepted, 2);
	assert_int_equal(r.n_changes, 0);
	assert_int_equal(r.n_held, 2);
	assert_int_equal(r.n_rejected, 7);
}

static status
read_list(const char *rows, struct marks_report *r, struct trouble *t)
{
	return marks_read_list(
	    span_text(arena_text(arena, "enrolment,day,status\n%s", rows)), targets, 2,
	    arena, r, t);
}

static void
a_mark_that_differs_is_a_change_and_twice_the_same_is_no_contradiction(void **state)
{
	struct marks_report r;

	(void)state;
	assert_int_equal(read_list("DE-W1-E05,1,late\nDE-W1-E5,1,L\n", &r, NULL), ST_OK);
	assert_int_equal(r.n_accepted, 2);
	assert_int_equal(r.n_changes, 2);
	assert_int_equal(r.rows[0].mark, MARK_LATE);
	assert_int_equal(r.rows[0].line, 4);
}

static void
enrolments_that_are_no_enrolments_are_rejected(void **state)
{
	struct marks_report r;

	(void)state;
	assert_int_equal(
	    read_list("DE-W1-E99,1,late\nDE-W1-E,1,late\nE1,1,late\n-E1,1,late\n"
		      ",1,late\nDE-W1,1,late\nDE-W1-E01x,1,late\n",
		&r, NULL),
	    ST_OK);
	assert_int_equal(r.n_rejected, 7);
	for (size_t i = 0; i < r.n_rows; i++)
		assert_int_equal(r.rows[i].reason, MARKS_ENROLMENT);
}

static void
a_list_without_its_columns_is_refused(void **state)
{
	struct marks_report r;
	struct trouble t = {0};

	(void)state;
	assert_int_equal(
	    marks_read_list(span_text("enrolment,day\nx,1\n"), targets, 2, arena, &r, &t),
	    ST_MALFORMED);
	assert_non_null(strstr(t.text, "missing column status"));
}

/* ---- grid ---- */

static const struct marks_map teacher[] = {{{(const uint8_t *)"x", 1}, MARK_PRESENT},
    {{(const uint8_t *)"1", 1}, MARK_PRESENT},
    {{(const uint8_t *)"ano", 3}, MARK_PRESENT}, {{(const uint8_t *)"-", 1}, MARK_ABSENT},
    {{(const uint8_t *)"o", 1}, MARK_EXCUSED}};

static struct span
file_s(void)
{
	struct span text;
	size_t bad;

	assert_int_equal(
	    text_decode_file(sample_bytes(arena, "hostile/s_grid_from_teacher.csv"),
		arena, &text, &bad, NULL),
	    ST_OK);
	return text;
}

static void
the_grid_of_file_s_matches_four_names_and_offers_the_fifth(void **state)
{
	struct marks_report r;

	(void)state;
	assert_int_equal(
	    marks_read_grid(file_s(), &targets[0], teacher, 5, false, arena, &r, NULL),
	    ST_OK);
	assert_int_equal(r.n_names, 5);
	assert_int_equal(r.n_matched, 4);
	assert_int_equal(r.n_accepted, 20);
	assert_int_equal(r.n_changes, 0);
	assert_int_equal(r.n_held, 5);
	assert_int_equal(r.n_rejected, 0);
	for (size_t i = 0; i < r.n_rows; i++) {
		if (r.rows[i].verdict != MARKS_HELD)
			continue;
		assert_int_equal(r.rows[i].reason, MARKS_NAME_GUESSED);
		assert_int_equal(r.rows[i].line, 1); /* Hanna Hübner */
	}
}

static void
a_yes_takes_the_name_that_was_offered(void **state)
{
	struct marks_report r;

	(void)state;
	assert_int_equal(
	    marks_read_grid(file_s(), &targets[0], teacher, 5, true, arena, &r, NULL),
	    ST_OK);
	assert_int_equal(r.n_matched, 4);
	assert_int_equal(r.n_accepted, 25);
	assert_int_equal(r.n_held, 0);
}

static void
without_the_map_file_s_is_refused_with_its_five_codes(void **state)
{
	struct marks_report r;
	struct trouble t = {0};

	(void)state;
	assert_int_equal(
	    marks_read_grid(file_s(), &targets[0], NULL, 0, false, arena, &r, &t),
	    ST_MALFORMED);
	assert_non_null(strstr(t.text, "unknown codes: x - o 1 ano ("));
}

static void
columns_of_a_grid_are_dates_or_numbers(void **state)
{
	static const char *const heads[] = {"2", "13.10.", "13.10.2026", "2026-10-13"};
	static const char *const no_days[] = {"6", "0", "13.11.", "13.10.2025",
	    "2026-10-12x", "13", "remarks", "13.10.2026.1"};
	struct marks_report r;

	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		assert_int_equal(marks_read_grid(span_text(arena_text(arena,
						     "n,%s\nMIA NOTH,A\n", heads[i])),
				     &targets[0], NULL, 0, false, arena, &r, NULL),
		    ST_OK);
		assert_int_equal(r.n_accepted, 1);
		assert_int_equal(r.rows[0].day_no, 2);
		assert_true(r.rows[0].is_change);
	}
	for (size_t i = 0; i < sizeof no_days / sizeof no_days[0]; i++)
		assert_int_equal(marks_read_grid(span_text(arena_text(arena,
						     "n,%s\nMia Nöth,A\n", no_days[i])),
				     &targets[0], NULL, 0, false, arena, &r, NULL),
		    ST_MALFORMED);
}

static void
empty_cells_of_a_grid_say_nothing(void **state)
{
	struct marks_report r;

	(void)state;
	assert_int_equal(
	    marks_read_grid(span_text("n,1,2,note\nNöth Mia,,P,ill\nNobody,P,P,\n"),
		&targets[0], NULL, 0, false, arena, &r, NULL),
	    ST_OK);
	assert_int_equal(r.n_accepted, 1);
	assert_int_equal(r.n_rejected, 2);
	assert_int_equal(r.rows[1].reason, MARKS_NAME_UNKNOWN);
	assert_int_equal(r.n_ignored, 1);
}

static void
a_grid_with_one_day_twice_is_refused(void **state)
{
	struct marks_report r;
	struct trouble t = {0};

	(void)state;
	assert_int_equal(marks_read_grid(span_text("n,1,12.10.\nMia Nöth,P,A\n"),
			     &targets[0], NULL, 0, false, arena, &r, &t),
	    ST_MALFORMED);
	assert_non_null(strstr(t.text, "same day"));
}

static void
a_name_of_two_people_is_nobody(void **state)
{
	struct roll_row rows[2] = {{.person = {1},
				       .no = 1,
				       .given_name = span_text("Jan"),
				       .family_name = span_text("Žák")},
	    {.person = {2},
		.no = 2,
		.given_name = span_text("Ján"),
		.family_name = span_text("Zak")}};
	struct roll roll = {
	    .start_year = 2026, .days_planned = 1, .n_rows = 2, .rows = rows};
	struct roll_view view;
	struct marks_target target = {span_text("X"), &roll, &view};
	struct marks_report r;

	(void)state;
	assert_int_equal(roll_make(&roll, arena, &view, NULL), ST_OK);
	assert_int_equal(marks_read_grid(span_text("n,1\njan zak,P\n"), &target, NULL, 0,
			     false, arena, &r, NULL),
	    ST_OK);
	assert_int_equal(r.rows[0].reason, MARKS_NAME_UNKNOWN);
	for (int i = 0; i < MARKS_REASON_COUNT; i++)
		assert_non_null(marks_reason_text((enum marks_reason)i));
}

/* Whatever allocation fails, the file is not accepted and its rows are not blamed. */
static status
call_grid(void *ctx, struct arena *a, struct trouble *t)
{
	struct marks_report r;
	status st = marks_read_grid(
	    *(struct span *)ctx, &targets[0], teacher, 5, false, a, &r, t);

	assert_int_equal(r.n_rejected, 0);
	return st;
}

static void
running_out_of_memory_anywhere_is_told_as_such(void **state)
{
	struct span text = file_s();

	(void)state;
	scant_try(call_grid, &text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_of_file_r_are_judged_as_expected),
	    cmocka_unit_test(
		a_mark_that_differs_is_a_change_and_twice_the_same_is_no_contradiction),
	    cmocka_unit_test(enrolments_that_are_no_enrolments_are_rejected),
	    cmocka_unit_test(a_list_without_its_columns_is_refused),
	    cmocka_unit_test(the_grid_of_file_s_matches_four_names_and_offers_the_fifth),
	    cmocka_unit_test(a_yes_takes_the_name_that_was_offered),
	    cmocka_unit_test(without_the_map_file_s_is_refused_with_its_five_codes),
	    cmocka_unit_test(columns_of_a_grid_are_dates_or_numbers),
	    cmocka_unit_test(empty_cells_of_a_grid_say_nothing),
	    cmocka_unit_test(a_grid_with_one_day_twice_is_refused),
	    cmocka_unit_test(a_name_of_two_people_is_nobody),
	    cmocka_unit_test(running_out_of_memory_anywhere_is_told_as_such),
	};

	return cmocka_run_group_tests(tests, begin, end) != 0;
}
