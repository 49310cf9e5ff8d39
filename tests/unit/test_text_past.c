/* test_text_past.c - words that a text had, which of them went, and which body took them
 * out: what the history of a text is made of. */
#include "core/text_undo.h"
#include "scant.h"
#include "text_laptop.h"

static const struct author ann_writes = {1, 1};

/* The agent of Ann's first edit: characters 0..21, a sentence every few. */
static uint64_t
begin_text(struct fixture *f)
{
	uint64_t agent;

	save_text(f->ann, "One. Twö. Three. Four.", ann_writes);
	agent = f->ann->dirty[0].entry.name.agent;
	(void)seal(f->ann);
	return agent;
}

static const char *
words_of(struct fixture *f, size_t n, const struct seen_names *seen)
{
	struct opened o = open_text(f->ann);
	struct span words;

	assert_int_equal(text_words(f->a, &o.state, n, seen, &words, NULL), ST_OK);
	return arena_text(f->a, "%.*s", (int)words.len,
	    words.len == 0 ? "" : (const char *)words.bytes);
}

static void
words_come_in_the_order_of_the_text_with_dots_between_places(void **state)
{
	struct fixture *f = *state;
	uint64_t agent = begin_text(f);
	const struct seen_names apart[] = {{agent, 10, 6, false}, {agent, 0, 4, false}};
	const struct seen_names in_a_row[] = {{agent, 4, 5, false}, {agent, 0, 4, false}};

	assert_string_equal(words_of(f, 2, apart), "One. ... Three.");
	assert_string_equal(words_of(f, 2, in_a_row), "One. Twö.");
	assert_string_equal(words_of(f, 0, NULL), "");
}

static void
words_that_another_edit_parted_are_two_places(void **state)
{
	struct fixture *f = *state;
	uint64_t agent = begin_text(f);
	const struct seen_names seen = {agent, 5, 11, false};
	struct text_pieces pieces;
	struct opened o;

	save_text(f->ann, "One. Twö. And a half. Three. Four.", ann_writes);
	assert_string_equal(words_of(f, 1, &seen), "Twö.  ... Three.");
	o = open_text(f->ann);
	assert_int_equal(text_shown(f->a, &o.state, 1, &seen, &pieces, NULL), ST_OK);
	assert_int_equal(pieces.n, 2);
	assert_true(span_equal(pieces.items[0].text, span_text("Twö. ")));
	assert_true(span_equal(pieces.items[1].text, span_text("Three.")));
	assert_int_equal(pieces.items[1].first.index, 10);
}

static void
pieces_come_in_the_order_of_the_names(void **state)
{
	struct fixture *f = *state;
	uint64_t agent = begin_text(f);
	const struct seen_names seen[] = {{agent, 10, 6, false}, {agent, 0, 4, false}};
	struct opened o = open_text(f->ann);
	struct text_pieces pieces;

	assert_int_equal(text_shown(f->a, &o.state, 2, seen, &pieces, NULL), ST_OK);
	assert_int_equal(pieces.n, 2);
	assert_true(span_equal(pieces.items[0].text, span_text("Three.")));
	assert_true(span_equal(pieces.items[1].text, span_text("One.")));
}

static void
what_is_not_shown_has_no_words(void **state)
{
	struct fixture *f = *state;
	uint64_t agent = begin_text(f);
	const struct seen_names seen[] = {
	    {agent, 5, 5, false}, {agent + 1, 0, 3, false}, {agent, 22, 9, false}};
	struct text_pieces pieces;
	struct opened o;

	save_text(f->ann, "One. Three. Four.", ann_writes);
	assert_string_equal(words_of(f, 3, seen), "");
	o = open_text(f->ann);
	assert_int_equal(text_shown(f->a, &o.state, 3, seen, &pieces, NULL), ST_OK);
	assert_int_equal(pieces.n, 0);
}

static void
a_text_that_is_not_there_any_more_has_vanished_whole(void **state)
{
	struct fixture *f = *state;
	uint64_t agent = begin_text(f);
	struct opened o = open_text(f->ann);
	struct seen_names *gone;
	size_t n;

	assert_int_equal(text_vanished(f->a, &o.state, NULL, &n, &gone, NULL), ST_OK);
	assert_int_equal(n, 1);
	assert_true(gone->agent == agent && gone->first == 0 && gone->count == 22);
	assert_int_equal(text_vanished(f->a, &o.state, o.cell, &n, &gone, NULL), ST_OK);
	assert_int_equal(n, 0);
}

/* Sentences 0..n-1, without every second one if so. */
static const char *
sentences(struct fixture *f, int n, bool is_thin)
{
	char *text = arena_text(f->a, "%s", "");

	for (int i = 0; i < n; i++) {
		if (!is_thin || i % 2 == 0)
			text = arena_text(f->a, "%sSentence number %d. ", text, i);
	}
	assert_non_null(text);
	return text;
}

/* More places than the first room of the list holds. */
static void
each_place_of_forty_that_vanished_is_told(void **state)
{
	struct fixture *f = *state;
	struct opened before, after;
	struct seen_names *gone;
	size_t n;

	save_text(f->ann, sentences(f, 80, false), ann_writes);
	(void)seal(f->ann);
	before = open_text(f->ann);
	save_text(f->ann, sentences(f, 80, true), ann_writes);
	after = open_text(f->ann);
	assert_int_equal(
	    text_vanished(f->a, &before.state, after.cell, &n, &gone, NULL), ST_OK);
	assert_int_equal(n, 40);
	for (size_t i = 1; i < n; i++)
		assert_true(gone[i].first > gone[i - 1].first + gone[i - 1].count);
}

/* What vanished is laid to the body that says so; the rest stays for the next body. */
static void
words_are_laid_to_the_body_that_took_them(void **state)
{
	struct fixture *f = *state;
	uint64_t agent = begin_text(f);
	struct seen_names all = {agent, 0, 22, false}, *left = &all, *moved;
	size_t n_left = 1, n_moved;
	struct record_sealing thin;

	save_text(f->ann, "One. Three. Four.", ann_writes);
	thin = seal_only(f->ann);
	assert_int_equal(text_gone_by(f->a, &thin.body, F_NAME, &n_left, &left, &n_moved,
			     &moved, NULL),
	    ST_OK);
	assert_int_equal(n_moved, 0);
	assert_int_equal(text_gone_by(f->a, &thin.body, F_TEXT, &n_left, &left, &n_moved,
			     &moved, NULL),
	    ST_OK);
	assert_int_equal(n_moved, 1);
	assert_true(moved->agent == agent && moved->first == 5 && moved->count == 5);
	assert_int_equal(n_left, 2);
	assert_true(left[0].first == 0 && left[0].count == 5);
	assert_true(left[1].first == 10 && left[1].count == 12);
}

/* ---- too little memory ---- */

struct attempt {
	struct opened before, after;
	struct body body;
	size_t n;
	struct seen_names *seen;
};

static status
call_words(void *ctx, struct arena *a, struct trouble *t)
{
	const struct attempt *x = ctx;
	struct span words;

	return text_words(a, &x->before.state, x->n, x->seen, &words, t);
}

static status
call_shown(void *ctx, struct arena *a, struct trouble *t)
{
	const struct attempt *x = ctx;
	struct text_pieces pieces;

	return text_shown(a, &x->before.state, x->n, x->seen, &pieces, t);
}

static status
call_vanished(void *ctx, struct arena *a, struct trouble *t)
{
	const struct attempt *x = ctx;
	struct seen_names *gone;
	size_t n;

	return text_vanished(a, &x->before.state, x->after.cell, &n, &gone, t);
}

static status
call_gone_by(void *ctx, struct arena *a, struct trouble *t)
{
	const struct attempt *x = ctx;
	struct seen_names *left = x->seen, *moved;
	size_t n_left = x->n, n;

	return text_gone_by(a, &x->body, F_TEXT, &n_left, &left, &n, &moved, t);
}

static void
too_little_memory_for_the_history_is_told(void **state)
{
	struct fixture *f = *state;
	struct attempt x;

	save_text(f->ann, sentences(f, 80, false), ann_writes);
	(void)seal(f->ann);
	x.before = open_text(f->ann);
	save_text(f->ann, sentences(f, 80, true), ann_writes);
	x.after = open_text(f->ann);
	x.body = seal_only(f->ann).body;
	assert_int_equal(
	    text_vanished(f->a, &x.before.state, x.after.cell, &x.n, &x.seen, NULL),
	    ST_OK);
	scant_try(call_words, &x);
	scant_try(call_shown, &x);
	scant_try(call_vanished, &x);
	scant_try(call_gone_by, &x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(words_come_in_the_order_of_the_text_with_dots_between_places),
	    T(words_that_another_edit_parted_are_two_places),
	    T(pieces_come_in_the_order_of_the_names),
	    T(what_is_not_shown_has_no_words),
	    T(a_text_that_is_not_there_any_more_has_vanished_whole),
	    T(each_place_of_forty_that_vanished_is_told),
	    T(words_are_laid_to_the_body_that_took_them),
	    T(too_little_memory_for_the_history_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
