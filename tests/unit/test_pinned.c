/* test_pinned.c - copies of documents: to one text and back (core/pinned.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/pinned.h"
#include "crypto/sign.h"

static struct section
section_of(const char *kind, const char *heading, const char *text)
{
	return (struct section){kind, span_text(heading), span_text(text)};
}

static void
a_copy_is_a_text_that_people_can_read(void **state)
{
	const struct section s[] = {section_of("context", "1. Context", "One.\n\nTwo."),
	    section_of("risks", "", "")};
	struct arena *a = arena_new(0);
	struct span copy;

	(void)state;
	assert_int_equal(pinned_write(s, 2, a, &copy, NULL), ST_OK);
	assert_true(span_equal(
	    copy, span_text("[context] 1. Context\n  One.\n  \n  Two.\n[risks] \n")));
	arena_free(a);
}

/* Texts that look like the form itself, and all places of empty lines. */
static void
the_sections_come_back_byte_for_byte(void **state)
{
	static const char *const texts[] = {"", "x", "\n", "\n\n", "x\n", "\nx",
	    "x\n\ny\n", "[risks] no heading\n  no text", "  [", "]", "ž\n[x] "};
	const size_t n = sizeof texts / sizeof texts[0];
	struct checks checks = sign_checks();
	struct section s[sizeof texts / sizeof texts[0]], *back;
	struct arena *a = arena_new(0);
	struct hash32 before, after;
	struct span copy;
	size_t n_back = 0;

	(void)state;
	for (size_t i = 0; i < n; i++)
		s[i] = section_of("seen", i % 2 == 0 ? "" : "4. [What] we saw", texts[i]);
	assert_int_equal(pinned_write(s, n, a, &copy, NULL), ST_OK);
	assert_int_equal(pinned_read(copy, a, &back, &n_back, NULL), ST_OK);
	assert_int_equal(n_back, n);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(back[i].kind, s[i].kind);
		assert_true(span_equal(back[i].heading, s[i].heading));
		assert_true(span_equal(back[i].text, s[i].text));
	}
	assert_int_equal(version_hash(s, n, &checks, a, &before, NULL), ST_OK);
	assert_int_equal(version_hash(back, n, &checks, a, &after, NULL), ST_OK);
	assert_memory_equal(before.bytes, after.bytes, sizeof before.bytes);
	arena_free(a);
}

static void
what_is_no_copy_is_refused(void **state)
{
	static const char *const texts[] = {
	    "some text", "[risks\n", "[risks]\n", "]", "[a] b\nc\n", "\n", "[a] b\n \n"};
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct section *back;
		size_t n;

		assert_int_equal(
		    pinned_read(span_text(texts[i]), a, &back, &n, NULL), ST_MALFORMED);
	}
	arena_free(a);
}

static void
nothing_is_a_copy_of_no_sections(void **state)
{
	struct arena *a = arena_new(0);
	struct section *back;
	struct span copy;
	size_t n = 1;

	(void)state;
	assert_int_equal(pinned_write(NULL, 0, a, &copy, NULL), ST_OK);
	assert_int_equal(copy.len, 0);
	assert_int_equal(pinned_read(copy, a, &back, &n, NULL), ST_OK);
	assert_int_equal(n, 0);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_copy_is_a_text_that_people_can_read),
	    cmocka_unit_test(the_sections_come_back_byte_for_byte),
	    cmocka_unit_test(what_is_no_copy_is_refused),
	    cmocka_unit_test(nothing_is_a_copy_of_no_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
