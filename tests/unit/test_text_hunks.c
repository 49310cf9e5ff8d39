/* test_text_hunks.c - sentences of any language, and differences that make the new text
 * of the old one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rng.h"
#include "core/text_hunks.h"
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

/* ---- sentences ---- */

/* The sentences of a text with | between them. */
static const char *
cut(struct span text)
{
	struct text_sentence *sentences;
	const char *out = "";
	size_t n;

	assert_int_equal(text_sentences(arena, text, &n, &sentences, NULL), ST_OK);
	for (size_t i = 0; i < n; i++) {
		assert_true(sentences[i].at < sentences[i].end);
		assert_true(sentences[i].end <= text.len);
		out = arena_text(arena, "%s%s%.*s", out, i == 0 ? "" : "|",
		    (int)(sentences[i].end - sentences[i].at),
		    (const char *)text.bytes + sentences[i].at);
		assert_non_null(out);
	}
	return out;
}

static const struct {
	const char *text, *sentences;
} cuts[] = {
    {"", ""},
    {" \t\r\n", ""},
    {"One. Two! Three? Four", "One.|Two!|Three?|Four"},
    {"One line\nand another", "One line|and another"},
    {"It cost 1.5 euro a head.", "It cost 1.5 euro a head."},
    {"He went…  And came.", "He went…|And came."},
    {"He said \"No.\" Then 'Yes.' (Or so.) [All.] Well", /* quotes and brackets close */
	"He said \"No.\"|Then 'Yes.'|(Or so.)|[All.]|Well"},
    {"„Nein.“ «Oui.» ‘No.’ Ja", "„Nein.“|«Oui.»|‘No.’|Ja"},
    {"What?! Yes... No", "What?!|Yes...|No"},
    {"See §3.§ 4 and 5.– 6", "See §3.§ 4 and 5.– 6"}, /* signs that close nothing */
    {"A.⁂ B", "A.⁂ B"},
    {"10 €.\tTab", "10 €.|Tab"},
    {"Ends with a blank. ", "Ends with a blank."},
    {"Windows\r\nlines\r\n", "Windows|lines"},
};

static void
a_sentence_ends_after_its_closing_signs_before_a_blank(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
		assert_string_equal(cut(span_text(cuts[i].text)), cuts[i].sentences);
}

static void
a_text_cut_anywhere_has_sentences_within_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
		for (size_t len = 0; len < strlen(cuts[i].text); len++)
			(void)cut(span_of((const uint8_t *)cuts[i].text, len));
}

static void
a_sentence_without_end_is_cut_at_the_first_blank_after_a_thousand_bytes(void **state)
{
	static char text[2001];
	struct text_sentence *sentences;
	size_t n;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[500] = ' ';
	assert_int_equal(
	    text_sentences(arena, span_text(text), &n, &sentences, NULL), ST_OK);
	assert_int_equal(n, 1);
	text[999] = ' ';
	text[1000] = ' ';
	assert_int_equal(
	    text_sentences(arena, span_text(text), &n, &sentences, NULL), ST_OK);
	assert_int_equal(n, 2);
	assert_int_equal(sentences[0].end, 999);
	assert_int_equal(sentences[1].at, 1001);
}

/* ---- differences ---- */

/* The new text made of the old one; the hunks are in order and on their own. */
static size_t
assert_makes_new(struct span old, struct span new)
{
	struct text_hunk *hunks;
	size_t n, from = 0, at = 0;

	assert_int_equal(text_hunks(arena, old, new, &n, &hunks, NULL), ST_OK);
	for (size_t i = 0; i <= n; i++) {
		struct text_hunk end = {old.len, old.len, new.len, new.len};
		struct text_hunk h = i < n ? hunks[i] : end;

		assert_true(i == n || h.from < h.to || h.at < h.end);
		assert_true(h.from >= from && h.at >= at && h.from - from == h.at - at);
		assert_memory_equal(old.bytes + from, new.bytes + at, h.from - from);
		from = h.to;
		at = h.end;
	}
	return n;
}

static const struct {
	const char *old, *new;
	size_t n; /* hunks, as a person would count them */
} changes[] = {
    {"", "", 0},
    {"", "New.", 1},
    {"Old.", "", 1},
    {"One two three.", "One 2 three.", 1},
    {"One two three.", "One 2 3.", 1}, /* only a blank between them */
    {"One two, three.", "One 2, 3.", 2},
    {"One\ntwo.", "1\n2.", 2}, /* a line is no blank */
    {"A. B. C.", "A. C.", 1},
    {"A. C.", "A. B. C.", 1},
    {"A. B. C.", "A b. B. C c.", 2},
    {"He said “so”.", "He said “no”.", 1},
    {"Ten €", "Ten –", 1},
    {"same words _ here", "same words _ there", 1},
};

static void
differences_are_counted_as_a_person_would_count_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
		assert_int_equal(assert_makes_new(span_text(changes[i].old),
				     span_text(changes[i].new)),
		    changes[i].n);
}

static struct span
random_text(struct rng *rng, size_t n_words)
{
	static const char *const words[] = {"a", "b ", "c. ", " ", "\n", "d, ", "e",
	    "„f“ ", "g… ", "h! ", "ß", "\t", "– ", "(i.) ", "€ ", "_"};
	uint8_t *room = arena_alloc(arena, 8 * n_words + 1);
	size_t len = 0;

	for (size_t i = 0; i < n_words; i++) {
		const char *word = words[rng_below(rng, 16)];

		memcpy(room + len, word, strlen(word));
		len += strlen(word);
	}
	return span_of(room, len);
}

/* Keeps some stretches of the text and puts others in between. */
static struct span
random_edit(struct rng *rng, struct span old)
{
	struct span begin = span_of(old.bytes, rng_below(rng, (uint32_t)old.len + 1));
	struct span put = random_text(rng, rng_below(rng, 8));
	size_t from = begin.len + rng_below(rng, (uint32_t)(old.len - begin.len) + 1);

	return span_text(arena_text(arena, "%.*s%.*s%.*s", (int)begin.len, begin.bytes,
	    (int)put.len, put.bytes, (int)(old.len - from), old.bytes + from));
}

static void
any_difference_makes_the_new_text_of_the_old_one(void **state)
{
	struct rng_seeded stream;
	struct rng rng = rng_seeded(&stream, 5);

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct span old = random_text(&rng, 1 + rng_below(&rng, 60)), new = old;

		for (size_t i = rng_below(&rng, 6); i > 0; i--)
			new = random_edit(&rng, new);
		assert_makes_new(old, new);
		assert_makes_new(new, random_text(&rng, 1 + rng_below(&rng, 60)));
		arena_reset(arena);
	}
}

/* Words with one sign each: the old text's all differ from the new one's. */
static struct span
long_text(size_t n_words, char first)
{
	uint8_t *room = arena_alloc(arena, 8 * n_words + 1);
	size_t len = 0;

	for (size_t i = 0; i < n_words; i++)
		len += (size_t)snprintf((char *)room + len, 9, "%c%zu, ",
		    (char)(first + (char)(i % 2)), i % 1000);
	return span_of(room, len);
}

static void
texts_that_differ_in_more_than_a_thousand_words_are_one_difference(void **state)
{
	(void)state;
	assert_int_equal(assert_makes_new(long_text(700, 'a'), long_text(700, 'x')), 1);
	assert_true(assert_makes_new(long_text(100, 'a'), long_text(100, 'b')) > 16);
}

static status
call_hunks(void *ctx, struct arena *a, struct trouble *t)
{
	const struct span *texts = ctx;
	struct text_sentence *sentences;
	struct text_hunk *hunks;
	size_t n;
	status st = text_hunks(a, texts[0], texts[1], &n, &hunks, t);

	return st != ST_OK ? st : text_sentences(a, texts[1], &n, &sentences, t);
}

static void
too_little_memory_for_a_difference_is_told(void **state)
{
	struct span texts[] = {long_text(40, 'a'), long_text(40, 'b')};

	(void)state;
	scant_try(call_hunks, texts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sentence_ends_after_its_closing_signs_before_a_blank),
	    cmocka_unit_test(a_text_cut_anywhere_has_sentences_within_it),
	    cmocka_unit_test(
		a_sentence_without_end_is_cut_at_the_first_blank_after_a_thousand_bytes),
	    cmocka_unit_test(differences_are_counted_as_a_person_would_count_them),
	    cmocka_unit_test(any_difference_makes_the_new_text_of_the_old_one),
	    cmocka_unit_test(
		texts_that_differ_in_more_than_a_thousand_words_are_one_difference),
	    cmocka_unit_test(too_little_memory_for_a_difference_is_told),
	};

	return cmocka_run_group_tests(tests, begin, end) != 0;
}
