/* test_text_drafts.c - two reports that two people wrote apart (tests/data/texts/
 * transferability): the merge is what EXPECT.md beside them says, whatever the order of
 * syncing over three laptops, saved at once or in many steps. */
#include "core/document_text.h"
#include "text_laptop.h"

#include "sample.h"

enum { REPLICAS = 3, SECTIONS_MAX = 8, ORDERS = 6 };

static const struct author one = {1, 1}, two = {1, 2};

/* A report: each section is a record of its own, on three laptops. */
struct report {
	struct arena *a;
	uint64_t fresh;
	size_t n;
	struct document_parts base;
	struct laptop *laptops[REPLICAS][SECTIONS_MAX];
};

static struct document_parts
parts_of(struct arena *a, const char *folder, const char *name)
{
	const char *path = arena_text(a, "texts/transferability/%s/%s", folder, name);
	struct document_parts out;

	assert_int_equal(
	    document_text_read(a, sample_bytes(a, path), 0, NULL, &out, NULL), ST_OK);
	return out;
}

static const char *
text_of(struct arena *a, struct span s)
{
	return arena_text(a, "%.*s", (int)s.len, (const char *)s.bytes);
}

static struct report *
report_new(struct arena *a, const char *folder)
{
	struct report *r = arena_zeros(a, 1, sizeof *r);

	assert_non_null(r);
	r->a = a;
	r->base = parts_of(a, folder, "base.txt");
	r->n = r->base.n;
	assert_true(r->n <= SECTIONS_MAX);
	for (size_t i = 0; i < r->n; i++) {
		struct record_op op;

		for (size_t k = 0; k < REPLICAS; k++)
			r->laptops[k][i] = laptop_new(a, &r->fresh);
		save_text(r->laptops[0][i], text_of(a, r->base.items[i].text), one);
		op = seal(r->laptops[0][i]);
		for (size_t k = 0; k < REPLICAS; k++)
			deliver(r->laptops[k][i], op);
	}
	return r;
}

/* The words of a draft typed one change after another, each saved and sealed. */
static void
type_draft(struct laptop *l, const char *draft, struct author by, bool in_steps)
{
	struct opened o = open_text(l);
	struct text_hunk *hunks;
	size_t n;

	assert_int_equal(
	    text_hunks(l->a, o.state.text, span_text(draft), &n, &hunks, NULL), ST_OK);
	/* From the end, so that the places before it stay. */
	for (size_t i = n; in_steps && i-- > 0;) {
		const struct text_hunk *h = &hunks[i];
		const char *now = shown_text(l);

		save_text(l,
		    arena_text(l->a, "%.*s%.*s%s", (int)h->from, now,
			(int)(h->end - h->at), draft + h->at, now + h->to),
		    by);
		if (i % 2 == 0)
			(void)seal(l);
	}
	save_text(l, draft, by);
	assert_string_equal(shown_text(l), draft);
}

static void
write_draft(struct report *r, size_t laptop, const char *folder, const char *name,
    struct author by, bool in_steps)
{
	struct document_parts draft = parts_of(r->a, folder, name);

	for (size_t i = 0; i < draft.n; i++) {
		size_t k = 0;

		while (k < r->n &&
		       !span_equal(r->base.items[k].heading, draft.items[i].heading))
			k++;
		assert_true(k < r->n);
		type_draft(r->laptops[laptop][k], text_of(r->a, draft.items[i].text), by,
		    in_steps);
	}
}

/* All that one laptop holds reaches another. */
static void
sync_from(struct laptop *from, struct laptop *to)
{
	if (from->n_dirty > 0)
		(void)seal(from);
	for (size_t i = 0; i < from->n_ops; i++)
		deliver(to, from->ops[i]);
}

static void
sync_all(struct report *r, const size_t order[REPLICAS])
{
	for (size_t s = 0; s < r->n; s++) {
		for (size_t round = 0; round < 2; round++) {
			for (size_t i = 0; i < REPLICAS; i++)
				sync_from(r->laptops[order[i]][s],
				    r->laptops[order[(i + 1) % REPLICAS]][s]);
		}
	}
}

static const char *
merged(struct report *r, size_t laptop)
{
	const char *out = "";

	for (size_t i = 0; i < r->n; i++)
		out = arena_text(r->a, "%s%s\n%s\n\n", out,
		    text_of(r->a, r->base.items[i].heading),
		    shown_text(r->laptops[laptop][i]));
	return out;
}

static unsigned
count_of(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL) {
		n++;
		text++;
	}
	return n;
}

struct expected {
	const char *folder, *experienced, *new;
	const char *once[16], *never[4];
	struct {
		size_t section;
		enum spot_kind kind;
	} spots[5];
	size_t n_spots;
};

static const struct expected sk = {"SK-W1", "draft_experienced_DE-T3.txt",
    "draft_new_SK-T2.txt",
    {"In Germany we had always started with a tour of legal walls; here we started with "
     "photographs.",
	"a kitchen and a yard", "except that day 3 and day 4 were swapped",
	"Slovak and Hungarian", "“Preč s nimi”", "annex 2 of the description",
	"The yard is visible from the street.", "with a floor that may become dirty",
	"Verdict of the experienced practitioner: transferable.\n",
	"Verdict of the new practitioner: transferable with adaptation.\n", "214 euro"},
    {"210"}, {{2, SPOT_UNSEEN}, {3, SPOT_UNSEEN}, {4, SPOT_EQUAL}, {6, SPOT_BESIDE}}, 4};

static const struct expected pl = {"PL-W1", "draft_experienced_SK-T1.txt",
    "draft_new_PL-T2.txt",
    {"in all forty-one persons", "The catalogue was printed.", "nine of them came"},
    {"written by hand"}, {{2, SPOT_UNSEEN}, {4, SPOT_UNSEEN}}, 2};

static void
check_text(const struct expected *e, struct report *r)
{
	const char *text = merged(r, 0);

	for (size_t k = 1; k < REPLICAS; k++)
		assert_string_equal(merged(r, k), text);
	for (size_t i = 0; e->once[i] != NULL; i++) {
		if (count_of(text, e->once[i]) != 1)
			fail_msg("%u times '%s' in:\n%s", count_of(text, e->once[i]),
			    e->once[i], text);
	}
	for (size_t i = 0; e->never[i] != NULL; i++)
		assert_int_equal(count_of(text, e->never[i]), 0);
	for (size_t i = 0; i < r->n; i++)
		assert_int_equal(
		    count_of(text, text_of(r->a, r->base.items[i].heading)), 1);
}

static void
check_spots(const struct expected *e, struct report *r, size_t laptop)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct text_spots spots = spots_of(r->laptops[laptop][i]);

		for (size_t k = 0; k < spots.n; k++, n++) {
			if (n >= e->n_spots || e->spots[n].section != i ||
			    e->spots[n].kind != spots.items[k].kind)
				fail_msg("spot %zu of kind %d in section %zu: %s", n,
				    (int)spots.items[k].kind, i,
				    shown_text(r->laptops[laptop][i]));
			assert_true(spots.items[k].n_versions >= 2);
		}
	}
	assert_int_equal(n, e->n_spots);
}

static void
merge_both(const struct expected *e, bool in_steps)
{
	static const size_t orders[ORDERS][REPLICAS] = {
	    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	const char *first = NULL;
	struct arena *keep = arena_new(0);

	for (size_t o = 0; o < ORDERS; o++) {
		struct arena *a = arena_new(0);
		struct report *r = report_new(a, e->folder);

		write_draft(r, 0, e->folder, e->experienced, one, in_steps);
		write_draft(r, 1, e->folder, e->new, two, in_steps);
		sync_all(r, orders[o]);
		check_text(e, r);
		for (size_t k = 0; k < REPLICAS; k++)
			check_spots(e, r, k);
		if (first != NULL)
			assert_string_equal(merged(r, 0), first);
		else
			first = arena_text(keep, "%s", merged(r, 0));
		arena_free(a);
	}
	arena_free(keep);
}

static void
the_drafts_of_SK_W1_merge_as_expected(void **state)
{
	(void)state;
	merge_both(&sk, false);
}

static void
the_drafts_of_SK_W1_merge_the_same_when_typed_in_steps(void **state)
{
	(void)state;
	merge_both(&sk, true);
}

static void
the_drafts_of_PL_W1_merge_as_expected(void **state)
{
	(void)state;
	merge_both(&pl, false);
}

static void
the_drafts_of_PL_W1_merge_the_same_when_typed_in_steps(void **state)
{
	(void)state;
	merge_both(&pl, true);
}

static void
a_document_goes_to_the_editor_and_back(void **state)
{
	struct arena *a = arena_new(0);
	struct document_parts parts = parts_of(a, "SK-W1", "base.txt"), again;
	struct span file = document_text_write(a, parts.n, parts.items);

	(void)state;
	assert_int_equal(parts.n, 7);
	assert_int_equal(count_of(text_of(a, parts.title), "Transferability report"), 1);
	assert_int_equal(document_text_read(a, file, 0, NULL, &again, NULL), ST_OK);
	assert_int_equal(again.n, parts.n);
	for (size_t i = 0; i < parts.n; i++) {
		assert_true(span_equal(again.items[i].heading, parts.items[i].heading));
		assert_true(span_equal(again.items[i].text, parts.items[i].text));
	}
	arena_free(a);
}

static void
a_paragraph_that_is_no_known_heading_stays_in_its_section(void **state)
{
	struct arena *a = arena_new(0);
	struct span known[] = {span_text("Context"), span_text("Risks")};
	struct document_parts parts;

	(void)state;
	assert_int_equal(
	    document_text_read(a,
		span_text("Context\r\nOne.\r\n\r\nTwo.\nRisks\n\nRisks\n\nThree.\n"), 2,
		known, &parts, NULL),
	    ST_OK);
	assert_int_equal(parts.n, 2);
	assert_string_equal(text_of(a, parts.items[0].text), "One.\n\nTwo.\nRisks");
	assert_string_equal(text_of(a, parts.items[1].text), "Three.");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_drafts_of_SK_W1_merge_as_expected),
	    cmocka_unit_test(the_drafts_of_SK_W1_merge_the_same_when_typed_in_steps),
	    cmocka_unit_test(the_drafts_of_PL_W1_merge_as_expected),
	    cmocka_unit_test(the_drafts_of_PL_W1_merge_the_same_when_typed_in_steps),
	    cmocka_unit_test(a_document_goes_to_the_editor_and_back),
	    cmocka_unit_test(a_paragraph_that_is_no_known_heading_stays_in_its_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
