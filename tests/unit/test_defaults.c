/* test_defaults.c - what is shown among siblings (DOMAIN 5). */
#include "record_laptop.h"

#include "core/defaults.h"

enum { PENDING, GIVEN, REFUSED, WITHDRAWN };

/* Three laptops write without seeing each other; 0 writes the empty value. */
static struct default_pick
pick(struct fixture *f, const struct default_rule *rule, const int values[static 3])
{
	struct record_view *v = arena_zeros(f->a, 1, sizeof *v);

	assert_non_null(v);
	for (size_t i = 0; i < 3; i++) {
		struct laptop *l = laptop_new(f->a, &f->fresh);
		struct value value = {.type = VALUE_EMPTY};

		if (values[i] >= 0)
			value = number((uint64_t)values[i]);
		(void)put_value(l, F_NAME, 0, value);
		deliver(f->ann, seal(l));
	}
	*v = view_of(f->ann);
	return default_of(record_field(v, F_NAME), rule);
}

static void
the_latest_time_is_shown_and_marked_as_a_conflict(void **state)
{
	const struct default_rule latest = {.how = DEFAULT_LATEST};
	struct default_pick p = pick(*state, &latest, (const int[]){5, 9, 7});

	assert_int_equal(p.shown->entry->value.number, 7);
	assert_true(p.is_conflict);
}

static void
equal_values_collapse(void **state)
{
	const struct default_rule latest = {.how = DEFAULT_LATEST};
	const struct default_rule open = {.how = DEFAULT_OPEN};
	struct fixture *f = *state;
	struct default_pick p = pick(f, &latest, (const int[]){5, 5, 5});
	struct record_view v = view_of(f->ann);

	assert_int_equal(p.shown->entry->value.number, 5);
	assert_false(p.is_conflict);
	p = default_of(record_field(&v, F_NAME), &open);
	assert_int_equal(p.shown->entry->value.number, 5);
}

static void
the_stricter_consent_is_shown(void **state)
{
	const int32_t ranks[] = {REFUSED, WITHDRAWN, PENDING, GIVEN};
	const struct default_rule consent = {DEFAULT_STRICTEST, 4, ranks};
	struct default_pick p =
	    pick(*state, &consent, (const int[]){GIVEN, REFUSED, PENDING});

	assert_int_equal(p.shown->entry->value.number, REFUSED);
	assert_true(p.is_conflict);
}

static void
a_code_of_a_newer_version_counts_as_strictest(void **state)
{
	const int32_t ranks[] = {REFUSED, WITHDRAWN, PENDING, GIVEN};
	const struct default_rule consent = {DEFAULT_STRICTEST, 4, ranks};
	struct default_pick p = pick(*state, &consent, (const int[]){REFUSED, 17, GIVEN});

	assert_int_equal(p.shown->entry->value.number, 17);
}

static void
an_empty_photo_consent_stands_between_no_and_yes(void **state)
{
	enum { YES, NO };
	const int32_t ranks[] = {NO, RANK_EMPTY, YES};
	const struct default_rule photo = {DEFAULT_STRICTEST, 3, ranks};
	struct default_pick p = pick(*state, &photo, (const int[]){YES, -1, YES});

	assert_int_equal(p.shown->entry->value.type, VALUE_EMPTY);
}

static void
the_earlier_day_is_shown_and_an_empty_one_counts_as_last(void **state)
{
	const struct default_rule earlier = {.how = DEFAULT_EARLIER};
	struct default_pick p = pick(*state, &earlier, (const int[]){4, -1, 3});

	assert_int_equal(p.shown->entry->value.number, 3);
}

/* Cells by hand: values that no laptop writes into such a field. */
static void
equal_times_fall_to_the_greater_name_and_words_come_after_numbers(void **state)
{
	const struct default_rule earlier = {.how = DEFAULT_EARLIER};
	const struct default_rule latest = {.how = DEFAULT_LATEST};
	const struct entry entries[] = {
	    {.name = {5, 0}, .time = {9, 0}, .value = {.type = VALUE_EMPTY}},
	    {.name = {6, 0}, .time = {9, 0}, .value = {.type = VALUE_TEXT}},
	    {.name = {4, 0}, .time = {9, 0}, .value = {.type = VALUE_INT, .number = 7}},
	    {.name = {3, 0}, .time = {9, 0}, .value = {.type = VALUE_INT, .number = 7}},
	    {.name = {3, 0}, .time = {9, 0}, .value = {.type = VALUE_INT, .number = 8}}};
	struct record_entry rows[5];
	struct record_cell cell = {.n = 2, .n_values = 2, .entries = rows};

	(void)state;
	memset(rows, 0, sizeof rows);
	for (size_t i = 0; i < 5; i++)
		rows[i].entry = &entries[i];
	assert_ptr_equal(default_of(&cell, &latest).shown, &rows[1]);
	assert_ptr_equal(default_of(&cell, &earlier).shown, &rows[1]);
	cell.n = 4;
	assert_ptr_equal(default_of(&cell, &earlier).shown, &rows[2]);
	cell = (struct record_cell){.n = 2, .n_values = 2, .entries = &rows[3]};
	assert_ptr_equal(default_of(&cell, &latest).shown, &rows[4]); /* twins */
	assert_ptr_equal(default_of(&cell, &earlier).shown, &rows[3]);
}

static void
no_mark_is_shown_while_marks_differ(void **state)
{
	const struct default_rule open = {.how = DEFAULT_OPEN};
	struct default_pick p = pick(*state, &open, (const int[]){1, 2, 1});

	assert_null(p.shown);
	assert_true(p.is_conflict);
}

static void
nothing_is_shown_where_nothing_was_written(void **state)
{
	const struct default_rule latest = {.how = DEFAULT_LATEST};

	(void)state;
	assert_null(default_of(NULL, &latest).shown);
	assert_false(default_of(NULL, &latest).is_conflict);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(the_latest_time_is_shown_and_marked_as_a_conflict),
	    T(equal_values_collapse),
	    T(the_stricter_consent_is_shown),
	    T(a_code_of_a_newer_version_counts_as_strictest),
	    T(an_empty_photo_consent_stands_between_no_and_yes),
	    T(the_earlier_day_is_shown_and_an_empty_one_counts_as_last),
	    T(equal_times_fall_to_the_greater_name_and_words_come_after_numbers),
	    T(no_mark_is_shown_while_marks_differ),
	    T(nothing_is_shown_where_nothing_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
