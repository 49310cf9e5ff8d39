/* test_document_text.c - what people do to a document in an editor: headings, blank
 * lines, line ends (core/document_text.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/document_text.h"
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

/* "title|heading=text|..." of a file, with the headings known. */
static const char *
read_with(struct span file, size_t n_known, const struct span *known)
{
	struct document_parts parts;
	const char *out;

	assert_int_equal(
	    document_text_read(arena, file, n_known, known, &parts, NULL), ST_OK);
	out = arena_text(
	    arena, "%.*s", (int)parts.title.len, (const char *)parts.title.bytes);
	for (size_t i = 0; i < parts.n; i++)
		out = arena_text(arena, "%s|%.*s=%.*s", out,
		    (int)parts.items[i].heading.len,
		    (const char *)parts.items[i].heading.bytes,
		    (int)parts.items[i].text.len,
		    (const char *)parts.items[i].text.bytes);
	assert_non_null(out);
	return out;
}

static const struct {
	const char *file, *parts;
} files[] = {
    /* headings that are marked */
    {"", ""},
    {"# One\nText.\n", "|One=Text."},
    {"Title\n\n# One\nText.\n\n# Two\n", "Title|One=Text.|Two="},
    {"# One\n\n\tText.  \n\n\n# Two\n \t\nMore.\n", "|One=Text.|Two=More."},
    {"# One\r\nText.\r\nMore.\r\n", "|One=Text.\nMore."},
    {"#\n# One\n#One\n", "#|One=#One"},
    {"# One", "|One="},
    {"# \nText.", "|=Text."},
    {" \n\t\n", ""},
    /* none marked and none known: behind a blank line stands a heading */
    {"Title\n\nOne\nText.\nMore.\n\nTwo\nText.", "Title|One=Text.\nMore.|Two=Text."},
    {"\n\nTitle\n", "Title"},
};

static void
a_file_is_read_as_people_write_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		assert_string_equal(
		    read_with(span_text(files[i].file), 0, NULL), files[i].parts);
}

static void
a_known_heading_needs_no_mark_whatever_its_case(void **state)
{
	const struct span known[] = {
	    span_text("Target group"), span_text(""), span_text("2. WHAT we_saw")};
	static const struct {
		const char *file, *parts;
	} cases[] = {
	    {"target_group\nText.\n\n2. what We Saw\nMore.",
		"|target_group=Text.|2. what We "
		"Saw=More."},
	    {"TARGET GROUP\nText.", "|TARGET GROUP=Text."},
	    {"Target groups\nText.", "Target groups\nText."},
	    {"Target grouq\nText.", "Target grouq\nText."},
	    {"Text.\ntarget group", "Text.\ntarget group"}, /* no blank line before */
	    {"@arget group\n\n[arget group", "@arget group\n\n[arget group"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
		    read_with(span_text(cases[i].file), 3, known), cases[i].parts);
}

static void
a_document_written_and_read_is_the_same(void **state)
{
	const struct document_part parts[] = {
	    {span_text("One"), span_text("Text.\n\nMore.")},
	    {span_text("Two"), span_text("")}, {span_text("3."), span_text("x")}};
	struct span file = document_text_write(arena, 3, parts);
	struct document_parts back;

	(void)state;
	assert_true(
	    span_equal(file, span_text("# One\nText.\n\nMore.\n\n# Two\n\n# 3.\nx\n")));
	assert_int_equal(document_text_read(arena, file, 0, NULL, &back, NULL), ST_OK);
	assert_int_equal(back.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(span_equal(back.items[i].heading, parts[i].heading));
		assert_true(span_equal(back.items[i].text, parts[i].text));
	}
}

static void
a_file_cut_anywhere_is_read(void **state)
{
	const struct span known[] = {span_text("One")};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		for (size_t len = 0; len <= strlen(files[i].file); len++) {
			struct span cut = span_of((const uint8_t *)files[i].file, len);

			assert_true(strlen(read_with(cut, 0, NULL)) <= 3 * len + 1);
			assert_true(strlen(read_with(cut, 1, known)) <= 3 * len + 1);
		}
}

static status
call_read_and_write(void *ctx, struct arena *a, struct trouble *t)
{
	struct document_parts parts;
	status st = document_text_read(a, *(const struct span *)ctx, 0, NULL, &parts, t);

	if (st == ST_OK && document_text_write(a, parts.n, parts.items).bytes == NULL)
		st = trouble_set(t, ST_NO_MEMORY, "a document");
	return st;
}

static void
too_little_memory_for_a_document_is_told(void **state)
{
	struct span file = span_text("# One\r\nText.\r\n\r\n# Two\r\n");

	(void)state;
	scant_try(call_read_and_write, &file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_file_is_read_as_people_write_it),
	    cmocka_unit_test(a_known_heading_needs_no_mark_whatever_its_case),
	    cmocka_unit_test(a_document_written_and_read_is_the_same),
	    cmocka_unit_test(a_file_cut_anywhere_is_read),
	    cmocka_unit_test(too_little_memory_for_a_document_is_told),
	};

	return cmocka_run_group_tests(tests, begin, end) != 0;
}
