/* test_stays.c - passages that stay in the country (core/stays.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/stays.h"

static int
setup(void **state)
{
	*state = arena_new(0);
	return *state == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static struct stays
marks_of(struct arena *a, const char *text)
{
	struct stays s;

	assert_int_equal(stays_read(span_text(text), a, &s, NULL), ST_OK);
	return s;
}

static void
assert_applies(struct arena *a, const char *text, const char *marks, const char *wanted)
{
	struct stays s = marks_of(a, marks);
	struct span out;
	size_t lost;

	assert_int_equal(stays_apply(span_text(text), &s, a, &out, &lost, NULL), ST_OK);
	assert_int_equal(out.len, strlen(wanted));
	assert_memory_equal(out.bytes, wanted, out.len);
}

static void
marks_are_read_as_they_are_written(void **state)
{
	const char *text = "- one two\n+ three\n- four\n+ five - six\n";
	struct stays s = marks_of(*state, text);
	struct span back = stays_write(&s, *state);

	assert_int_equal(s.n, 2);
	assert_true(span_equal(s.items[1].replacement, span_text("five - six")));
	assert_true(span_equal(back, span_text(text)));
}

static void
no_marks_leave_a_text_as_it_is(void **state)
{
	assert_applies(*state, "Nothing stays.\n", "", "Nothing stays.\n");
	assert_applies(*state, "", "\n\n", "");
}

static void
of_two_marks_on_one_passage_the_first_counts(void **state)
{
	struct stays s = marks_of(*state, "- a b\n+ x\n\n- a  b\n+ y\n");

	assert_int_equal(s.n, 1);
	assert_true(span_equal(s.items[0].replacement, span_text("x")));
}

static void
a_text_of_another_form_is_no_list_of_marks(void **state)
{
	static const char *const texts[] = {"a passage", "- a passage", "- a\n- b\n",
	    "+ a\n+ b\n", "- \n+ b\n", "-  \n+ b\n", "- a\n+ \n", "- a\n\n+ b\n"};
	struct stays s;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(
		    stays_read(span_text(texts[i]), *state, &s, NULL), ST_MALFORMED);
}

static void
a_passage_is_replaced_wherever_it_stands(void **state)
{
	assert_applies(*state, "A b. C. A b.", "- A b.\n+ No.\n", "No. C. No.");
	assert_applies(
	    *state, "x the school y", "- the school\n+ a place\n", "x a place y");
}

static void
wrapping_lines_anew_does_not_lose_a_passage(void **state)
{
	assert_applies(*state, "In town the\nschools  have\r\nno freedom.",
	    "- the schools have no freedom.\n+ it differs.\n", "In town it differs.");
}

static void
edits_around_a_passage_do_not_lose_it(void **state)
{
	const char *marks = "- they refuse us\n+ it differs\n";

	assert_applies(*state, "At first they refuse us, then not.", marks,
	    "At first it differs, then not.");
	assert_applies(*state, "They say they refuse us?", marks, "They say it differs?");
}

static void
an_edited_passage_is_lost_and_nothing_leaves(void **state)
{
	struct stays s = marks_of(*state, "- b\n+ x\n- they refuse us\n+ it differs\n");
	struct span out;
	size_t lost = 9;

	assert_int_equal(
	    stays_apply(span_text("b, they refused us"), &s, *state, &out, &lost, NULL),
	    ST_NOT_FOUND);
	assert_int_equal(lost, 1);
}

static void
passages_that_overlap_go_together(void **state)
{
	assert_applies(*state, "a b c d e", "- b c\n+ X\n- c d\n+ Y\n", "a X Y e");
	assert_applies(*state, "a b c d e", "- c\n+ X\n- b c d\n+ Y\n", "a Y e");
	assert_applies(*state, "a b c d e", "- b c\n+ X\n- b c d\n+ Y\n", "a Y e");
	assert_applies(*state, "aaa", "- aa\n+ X\n", "X X");
	assert_applies(*state, "ab", "- a\n+ X\n- b\n+ Y\n", "XY");
}

static void
a_replacement_may_not_bring_a_passage_back(void **state)
{
	struct stays s = marks_of(*state, "- b\n+ c\n- a\n+ a b\n");
	struct span out;
	size_t lost = 9;

	assert_int_equal(
	    stays_apply(span_text("a b"), &s, *state, &out, &lost, NULL), ST_CHANGED);
	assert_int_equal(lost, 0);
}

static void
words_stand_on_one_line(void **state)
{
	assert_true(span_equal(
	    stays_words(span_text(" \n a\t\nb  c \n"), *state), span_text("a b c")));
	assert_int_equal(stays_words(span_text(" \n"), *state).len, 0);
}

/* Reads, applies and writes with so much memory; true if it was enough. */
static bool
lives_with(size_t bytes)
{
	/* Nine matches: the list of them grows. */
	const struct span text = span_text("a b a b a b a b a b");
	struct arena *small = arena_new(bytes);
	struct stays s;
	struct span out = {0};
	size_t lost;
	status st = stays_read(span_text("- a\n+ x\n- b a\n+ longer\n"), small, &s, NULL);

	if (st == ST_OK)
		st = stays_apply(text, &s, small, &out, &lost, NULL);
	if (st == ST_OK)
		st = stays_write(&s, small).bytes == NULL ? ST_NO_MEMORY : ST_OK;
	arena_free(small);
	assert_true(st == ST_OK || st == ST_NO_MEMORY);
	return st == ST_OK;
}

static void
memory_that_is_out_is_said_wherever_it_ends(void **state)
{
	size_t bytes = 1;

	(void)state;
	while (!lives_with(bytes))
		bytes += 8;
	assert_in_range(bytes, 300, 4000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		marks_are_read_as_they_are_written, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		no_marks_leave_a_text_as_it_is, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		of_two_marks_on_one_passage_the_first_counts, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_text_of_another_form_is_no_list_of_marks, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_passage_is_replaced_wherever_it_stands, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		wrapping_lines_anew_does_not_lose_a_passage, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		edits_around_a_passage_do_not_lose_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		an_edited_passage_is_lost_and_nothing_leaves, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		passages_that_overlap_go_together, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_replacement_may_not_bring_a_passage_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(words_stand_on_one_line, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		memory_that_is_out_is_said_wherever_it_ends, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
