/* test_roll.c - rolls and figures: conflicts, days, joins and other edges that the sample
 * does not have. What comes out of the sample is test_outputs.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/scant.h"
#include "unit/season.h"

static struct arena *arena;

static int
begin_group(void **state)
{
	(void)state;
	arena = arena_new(0);
	return arena == NULL;
}

static int
end_group(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct roll_view
view_of(const struct roll *r)
{
	struct roll_view v;

	assert_int_equal(roll_make(r, arena, &v, NULL), ST_OK);
	return v;
}

static void
attended_of_each_line_is_that_of_the_final_grid(void **state)
{
	struct season_file *grid = season_read(arena, "scenarios/final_marks_SK-W9.csv");
	struct roll r = season_sk_w9(arena);
	struct roll_view v = view_of(&r);

	(void)state;
	for (size_t i = 0; i < v.n_lines; i++)
		assert_int_equal(
		    v.lines[i].attended.min, season_number(grid, i, "attended"));
}

/* ---- conflicts ---- */

static void
a_conflict_gives_a_minimum_and_a_maximum(void **state)
{
	struct roll_mark marks[100], *m;
	struct roll r = season_sk_w9(arena);
	struct roll_view v;
	struct roll_place *places;
	size_t n;

	(void)state;
	m = season_mark_of(&r, marks, 3, 2); /* S3: late by one, excused by the other */
	m->cell.values = 1 << MARK_LATE | 1 << MARK_EXCUSED;
	r.marks = marks;
	v = view_of(&r);
	assert_int_equal(v.figures.days[1].attended.min, 12);
	assert_int_equal(v.figures.days[1].attended.max, 13);
	assert_int_equal(v.figures.late.min, 1);
	assert_int_equal(v.figures.late.max, 2);
	assert_int_equal(v.figures.excused.max, 2);
	assert_int_equal(v.figures.missing.max, 0);
	assert_int_equal(v.figures.rules[FIG_V19], 1);
	assert_int_equal(roll_conflicts(&v, arena, &places, &n, NULL), ST_OK);
	assert_int_equal(n, 1);
	assert_int_equal(places[0].line, 3);
	assert_int_equal(places[0].day_no, 2);
}

static void
a_conflict_of_two_ways_to_attend_leaves_the_sum_certain(void **state)
{
	struct roll_mark marks[100];
	struct roll r = season_sk_w9(arena);
	struct roll_view v;

	(void)state;
	season_mark_of(&r, marks, 0, 1)->cell.values = 1 << MARK_PRESENT | 1 << MARK_LATE;
	r.marks = marks;
	v = view_of(&r);
	assert_int_equal(v.figures.attended.min, 61);
	assert_int_equal(v.figures.attended.max, 61);
	assert_int_equal(v.figures.present.min, 58);
	assert_int_equal(v.figures.present.max, 59);
}

static void
a_mark_against_a_cleared_one_may_be_missing(void **state)
{
	struct roll_mark marks[100];
	struct roll r = season_sk_w9(arena);
	struct roll_view v;

	(void)state;
	season_mark_of(&r, marks, 0, 1)->cell.values = 1 << MARK_PRESENT | 1 << MARK_NONE;
	r.marks = marks;
	v = view_of(&r);
	assert_int_equal(v.figures.missing.min, 0);
	assert_int_equal(v.figures.missing.max, 1);
	assert_int_equal(v.figures.rules[FIG_V18], 0);
	assert_int_equal(v.figures.rules[FIG_V19], 1);
}

/* ---- days ---- */

static void
a_cleared_or_absent_mark_is_missing_and_found(void **state)
{
	struct roll_mark marks[100];
	struct roll r = season_sk_w9(arena);
	struct roll_place *places;
	struct roll_view v;
	size_t n;

	(void)state;
	season_mark_of(&r, marks, 12, 5)->cell = cell_of(MARK_NONE);
	r.marks = marks;
	v = view_of(&r);
	assert_int_equal(v.figures.missing.min, 1);
	assert_int_equal(v.figures.missing.max, 1);
	r.n_marks--; /* now the key is not there at all */
	v = view_of(&r);
	assert_int_equal(v.figures.missing.min, 1);
	assert_int_equal(roll_missing(&v, arena, &places, &n, NULL), ST_OK);
	assert_int_equal(n, 1);
	assert_int_equal(places[0].line, 12);
	assert_int_equal(places[0].day_no, 5);
}

static void
an_undecided_day_is_held_once_it_has_a_mark(void **state)
{
	struct roll_day day = {.day_no = 5, .held = HELD_OPEN};
	struct roll r = season_sk_w9(arena);
	struct roll_view v;

	(void)state;
	r.days = &day;
	r.n_days = 1;
	v = view_of(&r);
	assert_int_equal(v.figures.days_held, 5);
	day.held = HELD_NO; /* but not against somebody's word */
	v = view_of(&r);
	assert_int_equal(v.figures.days_held, 4);
	assert_int_equal(v.figures.expected, 4 * 13);
	assert_int_equal(v.figures.days[4].attended.max, 0);
	day.held = HELD_OPEN;
	r.n_marks = 0;
	v = view_of(&r);
	assert_int_equal(v.figures.days_held, 0);
	assert_int_equal(v.figures.completers.max, 0);
}

static void
marks_outside_of_the_enrolment_count_not(void **state)
{
	struct roll_row rows[20];
	struct roll r = season_sk_w9(arena);
	struct roll_view v;

	(void)state;
	memcpy(rows, r.rows, r.n_rows * sizeof *rows);
	rows[0].joined_day = 2;
	rows[1].left_day = 4;
	r.rows = rows;
	v = view_of(&r);
	assert_int_equal(v.figures.expected, 63);
	assert_int_equal(
	    v.figures.attended.min, 60); /* row 1 was absent on day 5 anyway */
	assert_false(roll_is_enrolled(&v.lines[0], 1));
	assert_true(roll_is_enrolled(&v.lines[0], 2));
	assert_false(roll_is_enrolled(&v.lines[1], 5));
}

static void
four_of_five_days_make_a_completer_and_three_do_not(void **state)
{
	struct roll_mark marks[5] = {{1, {1}, {2}}, {2, {1}, {2}}, {3, {1}, {2}},
	    {4, {1}, {2}}, {5, {1}, {1 << MARK_ABSENT}}};
	struct roll_row row = {.person = {1}};
	struct roll r = {.start_year = 2026,
	    .days_planned = 5,
	    .n_rows = 1,
	    .rows = &row,
	    .n_marks = 5,
	    .marks = marks};
	struct roll_view v = view_of(&r);

	(void)state;
	assert_int_equal(v.figures.completers.min, 1);
	marks[3].cell = cell_of(MARK_EXCUSED);
	v = view_of(&r);
	assert_int_equal(v.figures.completers.min, 0);
	assert_int_equal(v.figures.gender[GENDER_N], 1); /* unset is not stated */
	assert_int_equal(v.figures.ages[AGE_NOT_STATED], 1);
}

static void
day_numbers_out_of_range_are_refused(void **state)
{
	struct roll_mark mark = {0, {1}, {2}};
	struct roll r = {.days_planned = 5, .n_marks = 1, .marks = &mark};
	struct roll_view v;

	(void)state;
	assert_int_equal(roll_make(&r, arena, &v, NULL), ST_MALFORMED);
	mark.day_no = SCHEMA_DAY_NO_MAX + 1;
	assert_int_equal(roll_make(&r, arena, &v, NULL), ST_MALFORMED);
	mark.day_no = SCHEMA_DAY_NO_MAX; /* past the plan, but a day: it counts not */
	assert_int_equal(roll_make(&r, arena, &v, NULL), ST_OK);
	assert_int_equal(v.figures.days_held, 0);
}

/* ---- joins ---- */

/* Three entries: 1 alone, 3 joined to 2. */
static void
make_trio(struct roll_row rows[3], struct roll *r)
{
	for (unsigned i = 0; i < 3; i++)
		rows[i] = (struct roll_row){.person = {i + 1}, .no = i + 1};
	rows[2].has_same_as = true;
	rows[2].same_as.n = 2;
	*r = (struct roll){
	    .start_year = 2026, .days_planned = 2, .n_rows = 3, .rows = rows};
}

static void
joined_entries_are_one_line_with_the_marks_of_both(void **state)
{
	struct roll_row rows[3];
	struct roll_mark marks[] = {{1, {2}, {1 << MARK_PRESENT}},
	    {1, {3}, {1 << MARK_PRESENT}}, {2, {3}, {1 << MARK_LATE}}};
	struct roll_view v;
	struct roll r;

	(void)state;
	make_trio(rows, &r);
	r.n_marks = 3;
	r.marks = marks;
	v = view_of(&r);
	assert_int_equal(v.n_lines, 2);
	assert_int_equal(v.figures.enrolled, 2);
	assert_ptr_equal(v.lines[1].row, &rows[1]);
	assert_int_equal(v.lines[1].n_entries, 2);
	assert_int_equal(v.lines[1].attended.min, 2);
	assert_int_equal(v.figures.rules[FIG_V19], 0); /* equal marks are no conflict */
	marks[1].cell = cell_of(MARK_ABSENT);
	v = view_of(&r);
	assert_true(cell_is_conflict(v.lines[1].cells[0]));
	rows[2].has_same_as = false; /* undone: both entries are as they were */
	v = view_of(&r);
	assert_int_equal(v.n_lines, 3);
	assert_int_equal(cell_mark(v.lines[2].cells[0]), MARK_ABSENT);
	assert_int_equal(cell_mark(v.lines[1].cells[0]), MARK_PRESENT);
}

static void
an_entry_without_a_mark_says_nothing_in_a_join(void **state)
{
	struct cell cleared = cell_of(MARK_NONE), late = cell_of(MARK_LATE), none = {0};

	(void)state;
	assert_int_equal(cell_join(cleared, late).values, late.values);
	assert_int_equal(cell_join(late, cleared).values, late.values);
	assert_int_equal(cell_join(none, cleared).values, cleared.values);
	assert_int_equal(cell_join(none, none).values, 0);
}

static void
of_a_ring_the_smallest_is_kept(void **state)
{
	struct roll_row rows[3];
	struct roll_view v;
	struct roll r;

	(void)state;
	make_trio(rows, &r);
	for (unsigned i = 0; i < 3; i++) { /* 1 -> 2 -> 3 -> 1 */
		rows[i].has_same_as = true;
		rows[i].same_as.n = (i + 1) % 3 + 1;
	}
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(roll_root(&r, (struct person_key){i}).n, 1);
	v = view_of(&r);
	assert_int_equal(v.n_lines, 1);
	assert_ptr_equal(v.lines[0].row, &rows[0]);
	rows[0].has_same_as = false; /* 2 -> 3 -> 1: a chain */
	assert_int_equal(roll_root(&r, (struct person_key){2}).n, 1);
	rows[0].has_same_as = true; /* 1 -> 1, and into it 2 -> 3 -> 1 */
	rows[0].same_as.n = 1;
	assert_int_equal(roll_root(&r, (struct person_key){2}).n, 1);
}

static void
two_entries_joined_to_somebody_elsewhere_are_one_person(void **state)
{
	struct roll_row rows[3];
	struct roll_view v;
	struct roll r;

	(void)state;
	make_trio(rows, &r);
	rows[1].has_same_as = true;
	rows[1].same_as.n = 99; /* on another roster */
	rows[2].same_as.n = 99;
	v = view_of(&r);
	assert_int_equal(v.n_lines, 2);
	assert_ptr_equal(v.lines[1].row, &rows[1]); /* the lower number */
}

static void
lines_go_by_number_then_record_name(void **state)
{
	struct roll_row rows[4] = {{.person = {1}, .no = 0}, {.person = {2}, .no = 2},
	    {.person = {3}, .no = 2}, {.person = {4}, .no = 1}};
	struct roll r = {.days_planned = 1, .n_rows = 4, .rows = rows};
	struct roll_view v;

	(void)state;
	rows[1].record.bytes[0] = 9;
	rows[2].record.bytes[0] = 1;
	v = view_of(&r);
	assert_int_equal(v.lines[0].row->person.n, 4);
	assert_int_equal(v.lines[1].row->person.n, 3);
	assert_int_equal(v.lines[2].row->person.n, 2);
	assert_int_equal(v.lines[3].row->person.n, 1); /* no number: last */
}

/* ---- small things ---- */

static void
rates_are_rounded_half_up_in_integers(void **state)
{
	uint32_t tenths;

	(void)state;
	assert_false(figures_rate(0, 0, &tenths));
	assert_true(figures_rate(61, 65, &tenths));
	assert_int_equal(tenths, 938);
	assert_true(figures_rate(1, 2000, &tenths)); /* 0.05 % */
	assert_int_equal(tenths, 1);
	assert_true(figures_rate(1, 2001, &tenths));
	assert_int_equal(tenths, 0);
	assert_true(figures_rate(4000000, 4000000, &tenths));
	assert_int_equal(tenths, 1000);
}

static void
marks_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		enum mark mark;
	} cases[] = {{"present", MARK_PRESENT}, {"PRESENT", MARK_PRESENT},
	    {"P", MARK_PRESENT}, {"l", MARK_LATE}, {"3", MARK_EXCUSED},
	    {"Absent", MARK_ABSENT}, {"maybe", MARK_NONE}, {"", MARK_NONE},
	    {"5", MARK_NONE}, {"presently", MARK_NONE}, {"pp", MARK_NONE}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum mark m = MARK_NONE;

		assert_int_equal(
		    cell_parse(span_text(cases[i].text), &m), cases[i].mark != MARK_NONE);
		assert_int_equal(m, cases[i].mark);
	}
}

static void
the_state_of_an_activity_follows_from_its_days(void **state)
{
	struct figures f = {.days_planned = 2};

	(void)state;
	assert_int_equal(figures_state(&f, false, false), STATE_PLANNED);
	assert_int_equal(figures_state(&f, true, false), STATE_CANCELLED);
	f.days[0].held = HELD_YES;
	f.days_held = 1;
	assert_int_equal(figures_state(&f, false, false), STATE_RUNNING);
	f.days[1].held = HELD_NO;
	assert_int_equal(figures_state(&f, false, false), STATE_HELD);
	assert_int_equal(figures_state(&f, false, true), STATE_CLOSED);
}

/* ---- memory ---- */

static status
call_roll(void *ctx, struct arena *a, struct trouble *t)
{
	const struct roll_rules rules = {.state = STATE_RUNNING};
	struct person_finding *findings;
	struct roll_view v;
	size_t n;
	status st = roll_make(ctx, a, &v, t);

	return st != ST_OK ? st : findings_roll(ctx, &v, &rules, a, &findings, &n, t);
}

static void
running_out_of_memory_anywhere_is_told_as_such(void **state)
{
	struct roll r = season_sk_w9(arena);

	(void)state;
	scant_try(call_roll, &r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(attended_of_each_line_is_that_of_the_final_grid),
	    cmocka_unit_test(a_conflict_gives_a_minimum_and_a_maximum),
	    cmocka_unit_test(a_conflict_of_two_ways_to_attend_leaves_the_sum_certain),
	    cmocka_unit_test(a_mark_against_a_cleared_one_may_be_missing),
	    cmocka_unit_test(a_cleared_or_absent_mark_is_missing_and_found),
	    cmocka_unit_test(an_undecided_day_is_held_once_it_has_a_mark),
	    cmocka_unit_test(marks_outside_of_the_enrolment_count_not),
	    cmocka_unit_test(four_of_five_days_make_a_completer_and_three_do_not),
	    cmocka_unit_test(day_numbers_out_of_range_are_refused),
	    cmocka_unit_test(joined_entries_are_one_line_with_the_marks_of_both),
	    cmocka_unit_test(an_entry_without_a_mark_says_nothing_in_a_join),
	    cmocka_unit_test(of_a_ring_the_smallest_is_kept),
	    cmocka_unit_test(two_entries_joined_to_somebody_elsewhere_are_one_person),
	    cmocka_unit_test(lines_go_by_number_then_record_name),
	    cmocka_unit_test(rates_are_rounded_half_up_in_integers),
	    cmocka_unit_test(marks_are_read_as_people_write_them),
	    cmocka_unit_test(the_state_of_an_activity_follows_from_its_days),
	    cmocka_unit_test(running_out_of_memory_anywhere_is_told_as_such),
	};

	return cmocka_run_group_tests(tests, begin_group, end_group) != 0;
}
