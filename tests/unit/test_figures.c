/* test_figures.c - figures that differ in one number, tallies that another version wrote
 * wrong, and rolls with days that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "batch_fixture.h"
#include "core/roll.h"
#include "core/tally.h"
#include "scant.h"

/* ---- equal ---- */

static void
figures_that_differ_in_one_number_are_not_equal(void **state)
{
	size_t n;
	const struct figure_slot *slots = figures_slots(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < (slots[i].is_range ? 2U : 1U); k++) {
			struct figures a = {.days_planned = 2}, b = a;
			uint32_t *at =
			    (uint32_t *)(void *)((uint8_t *)&b + slots[i].offset);

			assert_true(figures_equal(&a, &b));
			at[k]++;
			assert_false(figures_equal(&a, &b));
		}
}

static void
figures_that_differ_on_one_day_are_not_equal(void **state)
{
	(void)state;
	for (int change = 0; change < 3; change++) {
		struct figures a = {.days_planned = 2}, b = a;

		b.days[1].held = change == 0 ? HELD_NO : HELD_OPEN;
		b.days[1].attended.min = change == 1;
		b.days[1].attended.max = change == 2;
		assert_false(figures_equal(&a, &b));
		a.days_planned = b.days_planned = 1; /* beyond what is planned */
		assert_true(figures_equal(&a, &b));
	}
}

static void
a_full_month_of_days_is_compared_to_its_end(void **state)
{
	struct figures a = {.days_planned = SCHEMA_DAY_NO_MAX}, b = a;

	(void)state;
	assert_true(figures_equal(&a, &b));
	b.days[SCHEMA_DAY_NO_MAX - 1].held = HELD_YES;
	assert_false(figures_equal(&a, &b));
}

static void
a_team_is_mixed_with_one_of_each(void **state)
{
	struct figures f = {0};

	(void)state;
	assert_false(figures_is_cofacilitated(&f));
	f.team_new = 1;
	assert_false(figures_is_cofacilitated(&f));
	f.team_experienced = 1;
	assert_true(figures_is_cofacilitated(&f));
	f.team_new = 0;
	assert_false(figures_is_cofacilitated(&f));
}

/* ---- the list of days of a tally ---- */

static status
days_read(const char *days, uint32_t planned, struct figures *out)
{
	const struct field_value values[] = {
	    {F_TALLY_DAYS_PLANNED, {.type = VALUE_INT, .number = planned}},
	    {F_TALLY_DAYS, {.type = VALUE_TEXT, .bytes = span_text(days)}}};

	return tally_figures(values, 2, out, NULL);
}

static void
a_list_of_days_is_read_whole_or_not_at_all(void **state)
{
	static const char good[] = "12 # ? 3-4 999999999";
	static const char *const bad[] = {"12 # ? 3-4", "12 # ? 3-4 5 6", "12 # ? 4-3 5",
	    "12 # ? 3- 5", "12 # ? -4 5", "12,# ? 3-4 5", "12 # ? 3-4 1000000000", " ",
	    "x", "12 # ? 3-4 ", "12 # ? 3-4 :", "12 # ? 3-4 /"};
	struct figures f;

	(void)state;
	assert_int_equal(days_read(good, 5, &f), ST_OK);
	assert_int_equal(f.days[0].attended.max, 12);
	assert_int_equal(f.days[1].held, HELD_NO);
	assert_int_equal(f.days[2].held, HELD_OPEN);
	assert_int_equal(f.days[3].attended.min, 3);
	assert_int_equal(f.days[3].attended.max, 4);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(days_read(bad[i], 5, &f), ST_MALFORMED);
	for (size_t len = 1; len + 1 < sizeof good; len++) {
		char cut[sizeof good] = "";

		memcpy(cut, good, len);
		if (len < 12) /* behind it, every cut of the last number is a number */
			assert_int_equal(days_read(cut, 5, &f), ST_MALFORMED);
	}
	assert_int_equal(days_read("", 5, &f), ST_OK); /* none was written */
}

static void
values_that_are_no_figures_are_skipped(void **state)
{
	const struct field_value values[] = {
	    {F_TALLY_ENROLLED, {.type = VALUE_INT, .number = UINT32_MAX + 1ULL}},
	    {F_TALLY_DAYS_PLANNED, {.type = VALUE_TEXT, .bytes = span_text("5")}},
	    {F_TALLY_DAYS, {.type = VALUE_INT, .number = 5}}};
	struct figures f;

	(void)state;
	assert_int_equal(tally_figures(values, 3, &f, NULL), ST_OK);
	assert_int_equal(f.enrolled, 0);
	assert_int_equal(f.days_planned, 0);
}

static void
a_tally_without_days_or_marks_prints_dashes(void **state)
{
	const struct tally_head head = {
	    span_text("SK-W9"), span_text(""), span_text("SK")};
	const struct figures none = {0};
	struct field_value values[TALLY_VALUES_MAX];
	struct arena *a = arena_new(0);
	uint8_t room[1024];
	struct writer w = writer_of(room, sizeof room);
	struct span text;
	size_t n = tally_values(&none, a, values);

	(void)state;
	tally_text(&w, &head, &none);
	text = writer_done(&w);
	assert_non_null(memmem(text.bytes, text.len, "practice -", 10));
	assert_non_null(memmem(text.bytes, text.len, "rate - %", 8));
	for (size_t i = 0; i < n; i++)
		if (values[i].field == F_TALLY_DAYS)
			assert_int_equal(values[i].value.type, VALUE_EMPTY);
	arena_free(a);
}

static void
no_marks_have_a_digest_too(void **state)
{
	const struct checks checks = {.hash = fx_hash};
	struct final_mark marks[2] = {{1, {1}, MARK_NONE}, {1, {2}, MARK_NONE}};
	struct arena *a = arena_new(0);
	struct hash32 none, unset;

	(void)state;
	assert_int_equal(tally_digest(NULL, 0, &checks, a, &none, NULL), ST_OK);
	assert_int_equal(tally_digest(marks, 2, &checks, a, &unset, NULL), ST_OK);
	assert_memory_equal(&none, &unset, sizeof none);
	assert_int_equal(
	    tally_digest(marks, SIZE_MAX / 2, &checks, a, &none, NULL), ST_LIMIT);
	arena_free(a);
}

/* ---- rolls ---- */

static const struct roll_row somebody = {.person = {1}, .no = 1, .gender = GENDER_F};

static void
a_roll_with_a_day_that_is_none_is_refused(void **state)
{
	static const uint8_t days[] = {0, 1, 31, 32};
	struct arena *a = arena_new(0);
	struct roll_view v;

	(void)state;
	for (size_t i = 0; i < sizeof days; i++) {
		const struct roll_day day = {.day_no = days[i]};
		const struct roll_mark mark = {.day_no = days[i], .person = {1}};
		struct roll_row row = somebody;
		struct roll r = {.days_planned = 5, .n_days = 1, .days = &day};
		status expected = i == 1 || i == 2 ? ST_OK : ST_MALFORMED;

		assert_int_equal(roll_make(&r, a, &v, NULL), expected);
		r = (struct roll){.days_planned = 5, .n_marks = 1, .marks = &mark};
		assert_int_equal(roll_make(&r, a, &v, NULL), expected);
		row.joined_day = days[i];
		r = (struct roll){.days_planned = 5, .n_rows = 1, .rows = &row};
		assert_int_equal(
		    roll_make(&r, a, &v, NULL), i == 3 ? ST_MALFORMED : ST_OK);
		r = (struct roll){.days_planned = days[i]};
		assert_int_equal(
		    roll_make(&r, a, &v, NULL), i == 3 ? ST_MALFORMED : ST_OK);
	}
	arena_free(a);
}

static void
a_roll_with_a_gender_that_is_none_is_refused(void **state)
{
	struct roll_row row = somebody;
	const struct roll r = {.days_planned = 5, .n_rows = 1, .rows = &row};
	struct arena *a = arena_new(0);
	struct roll_view v;

	(void)state;
	assert_int_equal(roll_make(&r, a, &v, NULL), ST_OK);
	assert_true(roll_is_enrolled(&v.lines[0], 5));
	assert_false(roll_is_enrolled(&v.lines[0], 6));
	assert_false(roll_is_enrolled(&v.lines[0], 0));
	assert_false(roll_is_enrolled(&v.lines[0], 32));
	row.gender = GENDER_COUNT;
	assert_int_equal(roll_make(&r, a, &v, NULL), ST_MALFORMED);
	arena_free(a);
}

/* Days and marks that were entered before the plan became shorter, and a last day after
 * it. */
static void
what_lies_behind_the_last_day_counts_not(void **state)
{
	const struct roll_day days[] = {
	    {.day_no = 1, .held = HELD_YES}, {.day_no = 3, .held = HELD_YES}};
	const struct roll_mark marks[] = {
	    {1, {1}, cell_of(MARK_PRESENT)}, {3, {1}, cell_of(MARK_PRESENT)}};
	struct roll_row row = somebody;
	const struct roll r = {.days_planned = 2,
	    .n_days = 2,
	    .days = days,
	    .n_rows = 1,
	    .rows = &row,
	    .n_marks = 2,
	    .marks = marks};
	struct arena *a = arena_new(0);
	struct roll_view v;

	(void)state;
	row.left_day = 4;
	assert_int_equal(roll_make(&r, a, &v, NULL), ST_OK);
	assert_int_equal(v.figures.days_held, 1);
	assert_int_equal(v.figures.attended.min, 1);
	assert_false(roll_is_enrolled(&v.lines[0], 3));
	row.left_day = 1;
	assert_int_equal(roll_make(&r, a, &v, NULL), ST_OK);
	assert_false(roll_is_enrolled(&v.lines[0], 2));
	arena_free(a);
}

/* ---- memory ---- */

static status
call_values_and_digest(void *ctx, struct arena *a, struct trouble *t)
{
	const struct checks checks = {.hash = fx_hash};
	struct final_mark marks[40] = {{.day_no = 1, .mark = MARK_LATE}};
	struct field_value values[TALLY_VALUES_MAX];
	struct hash32 digest;

	if (tally_values(ctx, a, values) == 0)
		return trouble_set(t, ST_NO_MEMORY, "values");
	return tally_digest(marks, 40, &checks, a, &digest, t);
}

static status
call_roll(void *ctx, struct arena *a, struct trouble *t)
{
	struct roll_view v;
	struct roll_place *places;
	size_t n;
	status st = roll_make(ctx, a, &v, t);

	if (st == ST_OK)
		st = roll_missing(&v, a, &places, &n, t);
	return st != ST_OK ? st : roll_conflicts(&v, a, &places, &n, t);
}

static void
too_little_memory_for_figures_is_told(void **state)
{
	struct figures f = {.days_planned = 2};
	const struct roll_day days[] = {
	    {.day_no = 1, .held = HELD_YES}, {.day_no = 2, .held = HELD_YES}};
	struct roll r = {
	    .days_planned = 5, .n_days = 2, .days = days, .n_rows = 1, .rows = &somebody};

	(void)state;
	scant_try(call_values_and_digest, &f);
	scant_try(call_roll, &r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(figures_that_differ_in_one_number_are_not_equal),
	    cmocka_unit_test(figures_that_differ_on_one_day_are_not_equal),
	    cmocka_unit_test(a_full_month_of_days_is_compared_to_its_end),
	    cmocka_unit_test(a_team_is_mixed_with_one_of_each),
	    cmocka_unit_test(a_list_of_days_is_read_whole_or_not_at_all),
	    cmocka_unit_test(values_that_are_no_figures_are_skipped),
	    cmocka_unit_test(a_tally_without_days_or_marks_prints_dashes),
	    cmocka_unit_test(no_marks_have_a_digest_too),
	    cmocka_unit_test(a_roll_with_a_day_that_is_none_is_refused),
	    cmocka_unit_test(a_roll_with_a_gender_that_is_none_is_refused),
	    cmocka_unit_test(what_lies_behind_the_last_day_counts_not),
	    cmocka_unit_test(too_little_memory_for_figures_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
