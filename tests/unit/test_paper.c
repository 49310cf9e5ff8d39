/* test_paper.c - the working paper (core/paper.h): parts, countries in order, pinned
 * hashes, the synthesis and its sources. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/paper.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const struct section of_de[] = {
    {"strategies", {NULL, 0}, {(const uint8_t *)"We ask.", 7}},
    {"potentials", {NULL, 0}, {(const uint8_t *)"# Memory.", 9}}};
static const struct section of_hu[] = {
    {"potentials", {NULL, 0}, {(const uint8_t *)"Trust.\n", 7}},
    {"potentials", {NULL, 0}, {(const uint8_t *)"More trust.", 11}},
    {"annex", {NULL, 0}, {(const uint8_t *)"Of a newer program.", 19}}};

static struct paper
some_paper(struct paper_source sources[static 2])
{
	sources[0] = (struct paper_source){.country = span_text("DE"),
	    .document = span_text("DE-AR"),
	    .on = span_text("2027-01-20"),
	    .n_sections = 2,
	    .sections = of_de};
	sources[1] = (struct paper_source){.country = span_text("HU"),
	    .document = span_text("HU-AR"),
	    .n_sections = 3,
	    .sections = of_hu};
	memset(sources[0].version.bytes, 0xaa, 32);
	memset(sources[1].version.bytes, 0xbb, 32);
	return (struct paper){.code = span_text("WP-1"),
	    .title = span_text("Winning authorities"),
	    .language = span_text("en"),
	    .edition = 1,
	    .n_sources = 2,
	    .sources = sources};
}

static const char *
page_of(struct arena *a, const struct paper *p)
{
	struct span out;

	assert_int_equal(paper_write(p, a, &out, NULL), ST_OK);
	return (const char *)arena_copy(a, out).bytes;
}

static void
countries_are_merged_part_by_part_with_their_hashes(void **state)
{
	struct paper_source sources[2];
	struct paper p = some_paper(sources);
	struct arena *a = arena_new(0);

	(void)state;
	p.synthesis = span_text("Begin below.");
	assert_string_equal(page_of(a, &p),
	    "# Working paper WP-1: Winning authorities\n\n"
	    "- edition: 1\n- language: en\n"
	    "\n## Potentials\n"
	    "\n### DE\n\n- source: DE-AR of 2027-01-20, text " HASH_A "\n\n\\# Memory.\n"
	    "\n### HU\n\n- source: HU-AR, text " HASH_B "\n\nTrust.\n"
	    "\n### HU\n\n- source: HU-AR, text " HASH_B "\n\nMore trust.\n"
	    "\n## Challenges\n"
	    "\n## Strategies\n"
	    "\n### DE\n\n- source: DE-AR of 2027-01-20, text " HASH_A "\n\nWe ask.\n"
	    "\n## Synthesis\n\nBegin below.\n\nSources:\n\n"
	    "- DE: DE-AR of 2027-01-20, text " HASH_A "\n"
	    "- HU: HU-AR, text " HASH_B "\n");
	arena_free(a);
}

static void
a_draft_says_so_and_what_it_waits_for(void **state)
{
	struct paper_source sources[2];
	struct paper p = some_paper(sources);
	struct arena *a = arena_new(0);
	const char *page;

	(void)state;
	p.is_draft = true;
	p.title = span_text("");
	p.edition = 0;
	p.unaccepted = span_text("HU, PL");
	p.absent = span_text("PL");
	page = page_of(a, &p);
	assert_non_null(
	    strstr(page, "# Working paper WP-1\n\n**Draft, not for publication.**\n\n"));
	assert_non_null(strstr(page, "- not accepted yet: HU, PL\n"));
	assert_non_null(strstr(page, "- not handed in yet: PL\n"));
	assert_non_null(strstr(page, "\n## Synthesis\n\nNot written yet.\n"));
	assert_null(strstr(page, "edition"));
	arena_free(a);
}

static void
sections_come_in_the_order_of_parts_and_countries(void **state)
{
	static const char *const wanted[][2] = {{"potentials", "DE (DE-AR)"},
	    {"potentials", "HU (HU-AR)"}, {"potentials", "HU (HU-AR)"},
	    {"strategies", "DE (DE-AR)"}, {"synthesis", ""}};
	struct paper_source sources[2];
	struct paper p = some_paper(sources);
	struct arena *a = arena_new(0);
	struct section *out;
	size_t n;

	(void)state;
	assert_int_equal(paper_sections(&p, a, &out, &n, NULL), ST_OK);
	assert_int_equal(n, 4); /* an empty synthesis is no section */
	p.synthesis = span_text("Begin below.");
	assert_int_equal(paper_sections(&p, a, &out, &n, NULL), ST_OK);
	assert_int_equal(n, 5);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(out[i].kind, wanted[i][0]);
		assert_true(span_equal(out[i].heading, span_text(wanted[i][1])));
	}
	arena_free(a);
}

static void
a_paper_needs_memory_and_says_so(void **state)
{
	struct paper_source sources[2];
	struct paper p = some_paper(sources);
	struct arena *a = arena_new(64);
	struct trouble t = {0};
	struct section *sections;
	struct span out;
	size_t n;

	(void)state;
	assert_int_equal(paper_write(&p, a, &out, &t), ST_NO_MEMORY);
	assert_string_equal(t.text, "no memory for a paper");
	assert_int_equal(paper_sections(&p, a, &sections, &n, &t), ST_NO_MEMORY);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(countries_are_merged_part_by_part_with_their_hashes),
	    cmocka_unit_test(a_draft_says_so_and_what_it_waits_for),
	    cmocka_unit_test(sections_come_in_the_order_of_parts_and_countries),
	    cmocka_unit_test(a_paper_needs_memory_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
