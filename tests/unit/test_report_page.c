/* test_report_page.c - reports as Markdown (core/report_page.h) and how far documents
 * have come (core/document_stage.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/document_stage.h"
#include "core/report_page.h"

static struct page_rating
rating_of(const char *by, const char *experience, unsigned points, const char *verdict)
{
	struct page_rating r = {
	    .by = span_text(by), .experience = span_text(experience), .verdict = verdict};

	for (size_t i = 0; i < RATING_CRITERIA; i++) {
		r.has[i] = true;
		r.points[i] = points;
	}
	return r;
}

static void
assert_page(const struct report_page *p, const char *wanted)
{
	struct arena *a = arena_new(0);
	struct span out;

	assert_int_equal(report_page_write(p, a, &out, NULL), ST_OK);
	out = arena_copy(a, out);
	assert_string_equal((const char *)out.bytes, wanted);
	arena_free(a);
}

#define HASH "abababababababababababababababababababababababababababababababab"

static void
a_rated_and_signed_report_is_a_page(void **state)
{
	const struct section sections[] = {
	    {"context", span_text("1. Context"), span_text("One.\n\nTwo.")},
	    {"risks", span_text(""), span_text("# of risks\n#no\na # b\n")},
	    {"seen", span_text(""), span_text("")}};
	const struct page_rating ratings[] = {
	    rating_of("SK-T2", "new", 2, "transferable_with_adaptation"),
	    rating_of("DE-T3", "experienced", 3, "transferable")};
	const struct page_signoff signoffs[] = {
	    {span_text("DE-T3"), span_text("experienced"), span_text("2027-04-20"), true},
	    {span_text("SK-T2"), span_text("new"), span_text("2027-04-19"), false}};
	const struct page_fact facts[] = {
	    {"practice", span_text("GP01")}, {"language", span_text("")}};
	struct report_page p = {.title = "Transferability report",
	    .code = span_text("SK-W9-TR"),
	    .n_facts = 2,
	    .facts = facts,
	    .n_sections = 3,
	    .sections = sections,
	    .is_rated = true,
	    .n_ratings = 2,
	    .ratings = ratings,
	    .n_signoffs = 2,
	    .signoffs = signoffs};

	(void)state;
	memset(p.version.bytes, 0xab, sizeof p.version.bytes);
	assert_page(&p,
	    "# Transferability report SK-W9-TR\n\n- practice: GP01\n- text: " HASH "\n"
	    "\n## 1. Context\n\nOne.\n\nTwo.\n"
	    "\n## Risks\n\n\\# of risks\n\\#no\na # b\n"
	    "\n## Seen\n"
	    "\n## Ratings\n\n| criterion | new (SK-T2) | experienced (DE-T3) | mean |\n"
	    "|---|---|---|---|\n"
	    "| need | 2 | 3 | 2.5 |\n| target group fit | 2 | 3 | 2.5 |\n"
	    "| acceptance | 2 | 3 | 2.5 |\n| institutional fit | 2 | 3 | 2.5 |\n"
	    "| resources | 2 | 3 | 2.5 |\n| competences | 2 | 3 | 2.5 |\n"
	    "| core kept | 2 | 3 | 2.5 |\n| effect seen | 2 | 3 | 2.5 |\n"
	    "| verdict | transferable with adaptation | transferable | they differ |\n"
	    "\n## Sign-offs\n\n| by | experience | on | text |\n|---|---|---|---|\n"
	    "| DE-T3 | experienced | 2027-04-20 | " HASH " |\n");
}

static void
a_page_says_that_nobody_has_rated_or_signed(void **state)
{
	const struct report_page p = {
	    .title = "Report", .code = span_text("X"), .is_rated = true};

	(void)state;
	assert_page(&p,
	    "# Report X\n\n- text: "
	    "0000000000000000000000000000000000000000000000000000000000000000\n"
	    "\n## Ratings\n\nNot rated yet.\n"
	    "\n## Sign-offs\n\nNobody has signed this text.\n");
}

static void
minutes_have_no_ratings(void **state)
{
	const struct report_page p = {.title = "Minutes", .code = span_text("X")};

	(void)state;
	assert_page(&p,
	    "# Minutes X\n\n- text: "
	    "0000000000000000000000000000000000000000000000000000000000000000\n");
}

/* Worst case of the room: every byte of a text is escaped. */
static void
a_text_of_headings_alone_fits(void **state)
{
	static char text[2 * 48 * 1024 + 1];
	struct section s = {"other", span_text("x"), {0}};
	const struct report_page p = {
	    .title = "Report", .code = span_text("X"), .n_sections = 1, .sections = &s};
	struct arena *a = arena_new(0);
	struct span out;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof text; i += 2) {
		text[i] = '#';
		text[i + 1] = '\n';
	}
	s.text = span_of(text, sizeof text - 1);
	assert_int_equal(report_page_write(&p, a, &out, NULL), ST_OK);
	assert_true(out.len > sizeof text * 3 / 2);
	arena_free(a);
}

static void
means_are_rounded_half_up_to_one_decimal(void **state)
{
	struct page_rating r[3] = {rating_of("A", "new", 1, ""),
	    rating_of("B", "new", 2, ""), rating_of("C", "new", 2, "")};
	char out[8];

	(void)state;
	assert_string_equal(report_mean(r, 3, 0, out), "1.7");
	r[2].points[0] = 1;
	assert_string_equal(report_mean(r, 3, 0, out), "1.3");
	assert_string_equal(report_mean(r, 2, 0, out), "1.5");
	assert_string_equal(report_mean(r, 1, 0, out), "1.0");
	assert_string_equal(report_mean(r, 0, 0, out), "");
	r[1].has[0] = false;
	assert_string_equal(report_mean(r, 3, 0, out), "");
	assert_string_equal(report_mean(r, 3, 1, out), "1.7");
}

static void
criteria_are_those_of_the_schema(void **state)
{
	(void)state;
	assert_int_equal(RATING_CRITERIA, 8);
	assert_string_equal(report_criterion(0), "need");
	assert_string_equal(report_criterion(7), "effect_seen");
}

static void
an_edit_makes_a_draft_of_whatever_was_decided(void **state)
{
	static const struct {
		struct document_facts facts;
		const char *stage;
	} cases[] = {
	    {{.is_submitted = false}, "draft"},
	    {{.is_submitted = true}, "draft"},
	    {{.is_submitted = true, .is_accepted = true, .is_published = true}, "draft"},
	    {{.is_same = true}, "draft"},
	    {{.is_submitted = true, .is_same = true}, "submitted"},
	    {{.is_submitted = true, .is_same = true, .is_returned = true}, "returned"},
	    {{.is_submitted = true, .is_same = true, .is_accepted = true}, "accepted"},
	    {{.is_submitted = true, .is_same = true, .is_published = true}, "submitted"},
	    {{.is_submitted = true,
		 .is_same = true,
		 .is_accepted = true,
		 .is_published = true},
		"published"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(
		    document_stage_name(document_stage(&cases[i].facts)), cases[i].stage);
}

static void
memory_that_is_out_is_said(void **state)
{
	const struct report_page p = {.title = "Minutes", .code = span_text("X")};
	struct arena *small = arena_new(1);
	struct span out;

	(void)state;
	assert_int_equal(report_page_write(&p, small, &out, NULL), ST_NO_MEMORY);
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_rated_and_signed_report_is_a_page),
	    cmocka_unit_test(a_page_says_that_nobody_has_rated_or_signed),
	    cmocka_unit_test(minutes_have_no_ratings),
	    cmocka_unit_test(a_text_of_headings_alone_fits),
	    cmocka_unit_test(means_are_rounded_half_up_to_one_decimal),
	    cmocka_unit_test(criteria_are_those_of_the_schema),
	    cmocka_unit_test(an_edit_makes_a_draft_of_whatever_was_decided),
	    cmocka_unit_test(memory_that_is_out_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
