/* test_compendium.c - the page of an edition (core/compendium.h): parts, what is printed
 * of small numbers, the pinned head of an entry, the indexes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/compendium.h"

#define HASH "abababababababababababababababababababababababababababababababab"

static struct hash32
some_hash(void)
{
	struct hash32 h;

	memset(h.bytes, 0xab, sizeof h.bytes);
	return h;
}

static const char *
page_of(struct arena *a, const struct compendium *c)
{
	struct span out;

	assert_int_equal(compendium_write(c, a, &out, NULL), ST_OK);
	return (const char *)arena_copy(a, out).bytes;
}

static const struct section sections[] = {
    {"summary", {NULL, 0}, {(const uint8_t *)"One.\n# two", 10}},
    {"transfer_hints", {NULL, 0}, {NULL, 0}},
};
static const struct span countries[] = {
    {(const uint8_t *)"CZ", 2}, {(const uint8_t *)"PL", 2}};

static struct compendium_entry
entry(enum publication_part part, const char *code, const char *themes, uint32_t from,
    uint32_t to)
{
	return (struct compendium_entry){.part = part,
	    .code = span_text(code),
	    .head = {.title = span_text("A title"),
		.origin_country = span_text("HU"),
		.origin = span_text("Közös Tér"),
		.themes = span_text(themes),
		.has_ages = to > 0,
		.age_min = from,
		.age_max = to},
	    .version = some_hash(),
	    .n_sections = 2,
	    .sections = sections};
}

static void
an_edition_is_a_page_of_parts_chapter_and_indexes(void **state)
{
	struct compendium_entry entries[] = {
	    entry(PART_A, "GP07", "biography;small_towns", 13, 15),
	    entry(PART_B, "GP04", "biography", 21, 30)};
	const struct chapter chapter = {span_text("Strategies: DE"), span_text("DE-AR"),
	    some_hash(), span_text("We ask first.")};
	struct compendium c = {.code = span_text("CO-2"),
	    .language = span_text("en"),
	    .edition = 2,
	    .released_on = span_text(""),
	    .foreword = span_text("Dear reader."),
	    .k = 5,
	    .n_entries = 2,
	    .entries = entries,
	    .n_chapters = 1,
	    .chapters = &chapter,
	    .awaited = span_text("PL")};
	struct arena *a = arena_new(0);

	(void)state;
	entries[0].tested = (struct tested_in){2, countries, 2, 21};
	assert_string_equal(page_of(a, &c),
	    "# Compendium of Good Practices, edition 2 (CO-2)\n\n"
	    "- language: en\n- draft: not released\n"
	    "- no practitioner is named: names are printed only with a person's "
	    "agreement, and none is recorded\n"
	    "- numbers of young people below 5 are not printed\n"
	    "\n## Foreword\n\nDear reader.\n\n"
	    "Part A holds 1 practice whose transfer to another country was tested in "
	    "youth workshops, reported on by a new and an experienced practitioner, and "
	    "proven. Part B holds 1 practice described and trained, not yet tested.\n"
	    "\n## Part A: proven\n"
	    "\n### GP07 A title\n\n- origin: HU, Közös Tér\n"
	    "- themes: biography, small towns\n- ages: 13-15\n"
	    "- tested in: 2 countries (CZ, PL), 2 workshops, 21 young people\n"
	    "- text: " HASH "\n"
	    "\n#### Summary\n\nOne.\n\\# two\n\n#### Transfer hints\n\n"
	    "\n## Part B: not yet tested\n"
	    "\n### GP04 A title\n\n- origin: HU, Közös Tér\n- themes: biography\n"
	    "- ages: 21-30\n- **not yet tested**\n- text: " HASH "\n"
	    "\n#### Summary\n\nOne.\n\\# two\n\n#### Transfer hints\n\n"
	    "\n## Advocacy: how to win authorities and policymakers\n"
	    "\n### Strategies: DE\n\n- source: DE-AR, text " HASH "\n\nWe ask first.\n"
	    "\nNot accepted yet: PL\n"
	    "\n## Index\n\n### By theme\n\n"
	    "- biography: GP07, GP04\n- small towns: GP07\n"
	    "\n### By age\n\n- under 14: GP07\n- 14-15: GP07\n- 21 and older: GP04\n");
	arena_free(a);
}

static void
an_empty_edition_says_so_in_each_part(void **state)
{
	const struct compendium c = {.code = span_text("CO-3"),
	    .edition = 3,
	    .released_on = span_text("2027-02-10"),
	    .k = 5};
	struct arena *a = arena_new(0);
	const char *page = page_of(a, &c);

	(void)state;
	assert_non_null(strstr(page, "- released: 2027-02-10\n"));
	assert_non_null(strstr(page, "Part A: proven\n\nNo practice in this edition.\n"));
	assert_non_null(strstr(page, "not yet tested\n\nNo practice in this edition.\n"));
	assert_non_null(strstr(page, "\nNo advocacy report is accepted yet.\n"));
	assert_null(strstr(page, "Not accepted yet"));
	arena_free(a);
}

static void
a_paper_by_itself_has_neither_parts_nor_index(void **state)
{
	const struct chapter chapter = {
	    span_text("Synthesis"), span_text("WP-1"), some_hash(), span_text("Ask.")};
	struct compendium c = {.code = span_text("WE-1"),
	    .edition = 1,
	    .is_paper = true,
	    .released_on = span_text("2027-02-10"),
	    .k = 5,
	    .n_chapters = 1,
	    .chapters = &chapter};
	struct arena *a = arena_new(0);

	(void)state;
	assert_string_equal(page_of(a, &c),
	    "# Working paper, edition 1 (WE-1)\n\n- language: \n"
	    "- released: 2027-02-10\n"
	    "\n## Advocacy: how to win authorities and policymakers\n"
	    "\n### Synthesis\n\n- source: WP-1, text " HASH "\n\nAsk.\n");
	c.foreword = span_text("Dear reader.");
	assert_non_null(
	    strstr(page_of(a, &c), "\n## Foreword\n\nDear reader.\n\n## Advocacy"));
	arena_free(a);
}

static void
numbers_below_k_are_not_printed(void **state)
{
	static const struct {
		uint32_t n;
		const char *count, *words;
	} cases[] = {{0, "0", ", 0 young people\n"},
	    {1, "x", ", fewer than 5 young people\n"},
	    {4, "x", ", fewer than 5 young people\n"}, {5, "5", ", 5 young people\n"},
	    {6, "6", ", 6 young people\n"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct compendium_entry e = entry(PART_A, "GP07", "", 0, 0);
		const struct compendium c = {.k = 5, .n_entries = 1, .entries = &e};
		struct arena *a = arena_new(0);
		char count[COMPENDIUM_COUNT_BYTES];
		const char *page;

		e.tested = (struct tested_in){1, countries, 1, cases[i].n};
		page = page_of(a, &c);
		assert_string_equal(
		    compendium_count(cases[i].n, 5, count), cases[i].count);
		assert_non_null(strstr(page, "1 country (CZ), 1 workshop"));
		assert_non_null(strstr(page, cases[i].words));
		assert_null(strstr(page, "- ages"));
		assert_null(strstr(page, "- themes"));
		arena_free(a);
	}
}

static void
part_b_prints_no_figures_even_where_there_are_some(void **state)
{
	struct compendium_entry e = entry(PART_B, "GP04", "", 0, 0);
	const struct compendium c = {.k = 5, .n_entries = 1, .entries = &e};
	struct arena *a = arena_new(0);
	const char *page;

	(void)state;
	e.tested = (struct tested_in){2, countries, 2, 21};
	page = page_of(a, &c);
	assert_non_null(strstr(page, "- **not yet tested**\n"));
	assert_null(strstr(page, "tested in:"));
	assert_null(strstr(page, "21"));
	arena_free(a);
}

static void
assert_span(struct span s, const char *wanted)
{
	assert_true(span_equal(s, span_text(wanted)));
}

static void
the_head_of_an_entry_comes_back_from_its_copy(void **state)
{
	const struct compendium_entry e = entry(PART_A, "GP07", "a;b", 13, 18);
	struct arena *a = arena_new(0);
	struct section s = compendium_pin_head(&e.head, a);
	struct entry_head back;

	(void)state;
	assert_true(compendium_read_head(&s, &back));
	assert_span(back.title, "A title");
	assert_span(back.origin_country, "HU");
	assert_span(back.origin, "Közös Tér");
	assert_span(back.themes, "a;b");
	assert_true(back.has_ages);
	assert_int_equal(back.age_min, 13);
	assert_int_equal(back.age_max, 18);
	arena_free(a);
}

static void
a_head_without_ages_or_of_a_newer_form_is_read_as_far_as_it_goes(void **state)
{
	const struct entry_head bare = {.title = span_text("Bare")};
	const struct section odd[] = {
	    {"entry", span_text("T"), span_text("ages: 13\nnew thing: 7\nthemes: x")},
	    {"entry", span_text("T"), span_text("ages: 1x-2\nthemes: x")},
	    {"entry", span_text("T"), span_text("ages: 99999-2\nthemes: x\n")}};
	struct arena *a = arena_new(0);
	struct section s = compendium_pin_head(&bare, a);
	struct entry_head back;

	(void)state;
	assert_true(compendium_read_head(&s, &back));
	assert_false(back.has_ages);
	assert_span(back.origin, "");
	for (size_t i = 0; i < 3; i++) {
		assert_true(compendium_read_head(&odd[i], &back));
		assert_false(back.has_ages);
		assert_span(back.themes, "x");
	}
	assert_false(compendium_read_head(&sections[0], &back));
	arena_free(a);
}

static void
a_page_needs_memory_and_says_so(void **state)
{
	const struct compendium c = {.code = span_text("CO-3")};
	struct arena *a = arena_new(64);
	struct trouble t = {0};
	struct span out;

	(void)state;
	assert_int_equal(compendium_write(&c, a, &out, &t), ST_NO_MEMORY);
	assert_string_equal(t.text, "no memory for a compendium");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_edition_is_a_page_of_parts_chapter_and_indexes),
	    cmocka_unit_test(an_empty_edition_says_so_in_each_part),
	    cmocka_unit_test(a_paper_by_itself_has_neither_parts_nor_index),
	    cmocka_unit_test(numbers_below_k_are_not_printed),
	    cmocka_unit_test(part_b_prints_no_figures_even_where_there_are_some),
	    cmocka_unit_test(the_head_of_an_entry_comes_back_from_its_copy),
	    cmocka_unit_test(
		a_head_without_ages_or_of_a_newer_form_is_read_as_far_as_it_goes),
	    cmocka_unit_test(a_page_needs_memory_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
