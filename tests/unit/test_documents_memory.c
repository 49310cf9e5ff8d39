/* test_documents_memory.c - pages, copies, hashes and marks of documents with too little
 * memory: told as such, and right as soon as there is enough. */
#include "batch_fixture.h"
#include "core/compendium.h"
#include "core/mentions.h"
#include "core/paper.h"
#include "core/pinned.h"
#include "core/report_page.h"
#include "core/snapshot.h"
#include "core/stays.h"
#include "core/version.h"
#include "scant.h"

#define TEXT(words)                                                                      \
	{                                                                                \
		(const uint8_t *)(words), sizeof(words) - 1                              \
	}

static const struct section sections[] = {
    {"summary", TEXT("1. Summary"), TEXT("A\xcc\x8a line.\n# another\n\nJan (14).")},
    {"risks", TEXT(""), TEXT("")},
};
enum { N_SECTIONS = sizeof sections / sizeof *sections };

static const struct checks checks = {.hash = fx_hash};

static status
call_version(void *ctx, struct arena *a, struct trouble *t)
{
	struct hash32 hash;

	(void)ctx;
	return version_hash(sections, N_SECTIONS, &checks, a, &hash, t);
}

static status
call_pinned(void *ctx, struct arena *a, struct trouble *t)
{
	struct section *back;
	struct span copy;
	size_t n;
	status st = pinned_write(sections, N_SECTIONS, a, &copy, t);

	(void)ctx;
	return st != ST_OK ? st : pinned_read(copy, a, &back, &n, t);
}

static status
call_snapshot(void *ctx, struct arena *a, struct trouble *t)
{
	struct snapshot_row rows[2] = {
	    {.figures.country = TEXT("SK")}, {.figures.country = TEXT("DE")}};
	struct snapshot s = {.period = TEXT("2026"), .n = 2, .rows = rows};
	struct hash32 hash;
	status st;

	(void)ctx;
	snapshot_sort(&s);
	st = snapshot_hash(&s, &checks, a, &hash, t);
	if (st == ST_OK && snapshot_figures(&s, a) == NULL)
		st = trouble_set(t, ST_NO_MEMORY, "figures");
	return st;
}

static status
call_mentions(void *ctx, struct arena *a, struct trouble *t)
{
	static const struct span names[] = {TEXT("Jan"), TEXT("Šimon")};
	struct mention_names keys;
	size_t n;
	status st = mention_names_make(names, 2, a, &keys, t);

	(void)ctx;
	return st != ST_OK ? st
			   : mentions_count(span_text("We saw Simon and Eva."), &keys, a,
				 &n, NULL, t);
}

static status
call_stays(void *ctx, struct arena *a, struct trouble *t)
{
	struct span text = span_text("a b a b a b a b a b a b a b a b a b a b c");
	struct stays marks;
	struct span out;
	size_t lost;
	status st = stays_read(span_text("- a b\n+ x\n- b c\n+ y\n"), a, &marks, t);

	(void)ctx;
	if (st == ST_OK && stays_write(&marks, a).bytes == NULL)
		st = trouble_set(t, ST_NO_MEMORY, "marks");
	return st != ST_OK ? st : stays_apply(text, &marks, a, &out, &lost, t);
}

static status
call_report(void *ctx, struct arena *a, struct trouble *t)
{
	const struct page_rating ratings[] = {
	    {.by = TEXT("SK-T1"), .verdict = "transferable"}};
	const struct report_page page = {.title = "Transferability report",
	    .code = TEXT("SK-W9-TR"),
	    .n_sections = N_SECTIONS,
	    .sections = sections,
	    .is_rated = true,
	    .n_ratings = 1,
	    .ratings = ratings};
	struct span out;

	(void)ctx;
	return report_page_write(&page, a, &out, t);
}

static status
call_compendium(void *ctx, struct arena *a, struct trouble *t)
{
	const struct compendium_entry entry = {.part = PART_A,
	    .code = TEXT("P-1"),
	    .head = {.title = TEXT("A title"),
		.origin_country = TEXT("SK"),
		.themes = TEXT("media;school"),
		.has_ages = true,
		.age_min = 14,
		.age_max = 18},
	    .n_sections = N_SECTIONS,
	    .sections = sections};
	const struct compendium c = {.code = TEXT("C-1"),
	    .language = TEXT("en"),
	    .edition = 1,
	    .k = 5,
	    .n_entries = 1,
	    .entries = &entry};
	struct entry_head head;
	struct section pin = compendium_pin_head(&entry.head, a);
	struct span out;

	(void)ctx;
	if (pin.text.bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "the head of an entry");
	assert_true(compendium_read_head(&pin, &head));
	return compendium_write(&c, a, &out, t);
}

static status
call_paper(void *ctx, struct arena *a, struct trouble *t)
{
	const struct paper_source source = {.country = TEXT("SK"),
	    .document = TEXT("SK-AR"),
	    .n_sections = N_SECTIONS,
	    .sections = sections};
	const struct paper p = {.code = TEXT("WP-1"),
	    .title = TEXT("A paper"),
	    .n_sources = 1,
	    .sources = &source,
	    .synthesis = TEXT("All of it.")};
	struct section *made;
	struct span out;
	size_t n;
	status st = paper_sections(&p, a, &made, &n, t);

	(void)ctx;
	return st != ST_OK ? st : paper_write(&p, a, &out, t);
}

static void
too_little_memory_for_a_document_is_told(void **state)
{
	static const scant_call calls[] = {call_version, call_pinned, call_snapshot,
	    call_mentions, call_stays, call_report, call_compendium, call_paper};

	(void)state;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		scant_try(calls[i], NULL);
}

static void
a_snapshot_of_no_country_has_a_hash_and_one_too_large_has_none(void **state)
{
	static uint8_t many[1 << 16];
	struct snapshot_row row = {.figures.country = TEXT("SK")};
	struct snapshot s = {.period = TEXT("2026"), .rows = &row};
	struct arena *a = arena_new(0);
	struct hash32 hash;

	(void)state;
	snapshot_sort(&s);
	assert_int_equal(snapshot_hash(&s, &checks, a, &hash, NULL), ST_OK);
	s.n = 1;
	row.missing = span_of(many, sizeof many);
	assert_int_equal(snapshot_hash(&s, &checks, a, &hash, NULL), ST_LIMIT);
	row = (struct snapshot_row){.figures.country = span_of(many, 2000)};
	assert_int_equal(snapshot_hash(&s, &checks, a, &hash, NULL), ST_LIMIT);
	arena_free(a);
}

static const char *
leaves(struct arena *a, const char *text, const char *marks)
{
	struct stays s;
	struct span out;
	size_t lost;
	status st = stays_read(span_text(marks), a, &s, NULL);

	if (st == ST_OK)
		st = stays_apply(span_text(text), &s, a, &out, &lost, NULL);
	return st != ST_OK ? status_name(st) : (const char *)arena_copy(a, out).bytes;
}

static void
passages_that_stay_are_replaced_by_the_longest_that_begins_there(void **state)
{
	struct arena *a = arena_new(0);

	(void)state;
	assert_string_equal(leaves(a, "a b c d", "- a b\n+ x\n- a b c\n+ y\n"), "y d");
	assert_string_equal(leaves(a, "a b c d", "- a b c\n+ y\n- a b\n+ x\n"), "y d");
	assert_string_equal(leaves(a, "a b c d", "- a b\n+ x\n- b c\n+ y\n"), "x y d");
	assert_string_equal(leaves(a, "a\n\tb \r\n", "- a b\n+ x\n"), "x \r\n");
	assert_string_equal(leaves(a, "a b", "- a b \n+  x\n"), "x");
	assert_string_equal(leaves(a, "ab", "- a b\n+ x\n"), "ST_NOT_FOUND");
	assert_string_equal(leaves(a, "a ", "- a b\n+ x\n"), "ST_NOT_FOUND");
	assert_string_equal(leaves(a, "a", "- a b\n+ x\n"), "ST_NOT_FOUND");
	assert_string_equal(leaves(a, "a b", "-  \n+ x\n"), "ST_MALFORMED");
	assert_string_equal(leaves(a, "a b", "- a b\n+  \n"), "ST_MALFORMED");
	assert_string_equal(leaves(a, "a b", "-xa b\n+ x\n"), "ST_MALFORMED");
	assert_string_equal(leaves(a, "a b", "- a b\n+xx\n"), "ST_MALFORMED");
	assert_string_equal(leaves(a, "a b", "- a b\n"), "ST_MALFORMED");
	assert_string_equal(leaves(a, "a b", "- a b\n+ a b c\n"), "ST_CHANGED");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(too_little_memory_for_a_document_is_told),
	    cmocka_unit_test(
		a_snapshot_of_no_country_has_a_hash_and_one_too_large_has_none),
	    cmocka_unit_test(
		passages_that_stay_are_replaced_by_the_longest_that_begins_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
