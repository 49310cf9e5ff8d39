/* test_complaint.c - what becomes of a failure that nobody explained, and that every
 * complaint can be printed with its parts (UX 6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/terminal/complaint.h"

static const char *
printed(const struct complaint *c)
{
	static char text[4096];
	FILE *f = tmpfile();
	size_t n;

	assert_non_null(f);
	complaint_print(c, f);
	rewind(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	return text;
}

static void
what_nobody_explains_is_a_defect_and_says_so(void **state)
{
	struct complaint c = {0};
	struct trouble t = {0};

	(void)state;
	(void)trouble_set(&t, ST_BUG, "a sheet without a day");
	assert_int_equal(complain_trouble(&c, &t), ST_BUG);
	assert_int_equal(complaint_exit(&c), 70);
	complain_next(&c, "pnet help status");
	assert_string_equal(printed(&c),
	    "pnet: this is a defect of the program (PN-X01)\n"
	    "  why   a sheet without a day\n"
	    "  data  nothing was changed\n"
	    "  next  pnet help status\n");
}

static void
a_better_explanation_is_not_replaced(void **state)
{
	struct complaint c = {0};
	struct trouble t = {0};

	(void)state;
	(void)complain(&c, PN_N06, "the server has no room now");
	(void)trouble_set(&t, ST_BUG, "something else");
	(void)complain_trouble(&c, &t);
	assert_string_equal(complaint_code(&c), "PN-N06");
	assert_int_equal(complaint_exit(&c), 75);
}

/* A code that the table knows has words, and an exit code that is a failure. */
static void
every_row_has_a_code_an_exit_and_words(void **state)
{
	(void)state;
	for (int id = PN_NONE + 1; id < PN_COUNT; id++) {
		struct complaint c = {0};
		const char *text;

		(void)complain(&c, (enum complaint_id)id, "reason");
		text = printed(&c);
		assert_int_equal(strncmp(text, "pnet: ", 6), 0);
		assert_non_null(strstr(text, complaint_code(&c)));
		assert_non_null(strstr(text, "\n  why   reason\n  data  "));
		assert_int_not_equal(complaint_exit(&c), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_nobody_explains_is_a_defect_and_says_so),
	    cmocka_unit_test(a_better_explanation_is_not_replaced),
	    cmocka_unit_test(every_row_has_a_code_an_exit_and_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
