/* test_mentions.c - names of young people in free text (V6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mentions.h"

static size_t
count(const char *text, const char *a_name)
{
	struct arena *a = arena_new(0);
	const struct span given[] = {span_text(a_name), span_text("Ľubica")};
	struct mention_names names;
	size_t n = 99;

	assert_int_equal(
	    mention_names_make(given, *a_name == '\0' ? 0 : 2, a, &names, NULL), ST_OK);
	assert_int_equal(
	    mentions_count(span_text(text), &names, a, &n, NULL, NULL), ST_OK);
	arena_free(a);
	return n;
}

static void
a_token_that_is_a_given_name_is_a_mention(void **state)
{
	(void)state;
	assert_int_equal(count("We saw Šimon and Ľubica.", "Šimon"), 2);
	assert_int_equal(count("We saw Simon.", "Šimon"), 1);
	assert_int_equal(count("SIMON said", "Šimon"), 1);
	assert_int_equal(count("We saw Simona.", "Šimon"), 0);
	assert_int_equal(count("a simon, no name", "Šimon"), 0);
	assert_int_equal(count("", "Šimon"), 0);
}

static void
a_name_with_an_age_in_brackets_is_a_mention_without_any_roster(void **state)
{
	(void)state;
	assert_int_equal(count("`Ľubica (13) and Šimon (14)`", ""), 2);
	assert_int_equal(count("Šimon(14)", ""), 1);
	assert_int_equal(count("Šimon (5)", ""), 0);
	assert_int_equal(count("Šimon (6) Eva (30)", ""), 2);
	assert_int_equal(count("Šimon (31)", ""), 0);
	assert_int_equal(count("Šimon (14", ""), 0);
	assert_int_equal(count("in groups (14)", ""), 0);
	assert_int_equal(count("Section (a), 14", ""), 0);
	assert_int_equal(count("Eva  (14)", ""), 1);
	assert_int_equal(count("Eva (0014)", ""), 0);
	assert_int_equal(count("Eva (1:)", ""), 0);
	assert_int_equal(count("Eva (1/)", ""), 0);
	assert_int_equal(count("Eva (", ""), 0);
	assert_int_equal(count("Eva  ", ""), 0);
	assert_int_equal(count("Eva 14)", ""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_token_that_is_a_given_name_is_a_mention),
	    cmocka_unit_test(
		a_name_with_an_age_in_brackets_is_a_mention_without_any_roster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
