/* test_text_spots.c - hot spots of texts where several things happened at once, at random
 * and with too little memory. The small cases are test_text_merge.c. */
#include "base/rng.h"
#include "scant.h"
#include "text_laptop.h"

static const struct author ann = {1, 1}, ben = {1, 2};

/* What one of them has to send, to the other. */
static void
send(struct laptop *from, struct laptop *to)
{
	struct record_sealing s = seal_only(from);

	if (s.is_needed)
		deliver(to, store_sealing(from, &s));
}

static void
exchange(struct fixture *f)
{
	send(f->ann, f->ben);
	send(f->ben, f->ann);
	assert_string_equal(shown_text(f->ann), shown_text(f->ben));
}

/* Both have the text, and each writes his own over it, apart. */
static void
both_write(struct fixture *f, const char *text, const char *of_ann, const char *of_ben)
{
	save_text(f->ann, text, ann);
	deliver(f->ben, seal(f->ann));
	save_text(f->ann, of_ann, ann);
	save_text(f->ben, of_ben, ben);
	exchange(f);
}

static const struct text_spot *
spot_of_kind(const struct text_spots *spots, enum spot_kind kind)
{
	for (size_t i = 0; i < spots->n; i++)
		if (spots->items[i].kind == kind)
			return &spots->items[i];
	return NULL;
}

/* One text with a spot of each kind. */
static void
write_one_of_each(struct fixture *f)
{
	both_write(f, "The paint cost 210 euro. We met twice. The end. Last.",
	    "Really, the paint cost 214 euro. We met twice a week. The end. "
	    "Ann was glad. Last.",
	    "Really, the paint cost 214 euro. We met twice in May. The end. "
	    "Ben went home. Last.");
}

static void
a_text_has_spots_of_every_kind_at_once(void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;

	write_one_of_each(f);
	spots = spots_of(f->ann);
	assert_int_equal(spots.n, 3);
	assert_int_equal(spots.n_open, 1);
	assert_non_null(spot_of_kind(&spots, SPOT_UNSEEN));
	assert_non_null(spot_of_kind(&spots, SPOT_BESIDE));
	assert_non_null(spot_of_kind(&spots, SPOT_EQUAL));
}

static void
a_sentence_that_both_began_alike_keeps_the_passages_that_hang_on_the_beginning(
    void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;

	both_write(f, "A. The paint cost 210 euro.",
	    "A. Really, the paint cost 214 euro.", "A. Really, the paint cost 214 euro.");
	spots = spots_of(f->ben);
	assert_int_equal(spots.n, 1);
	assert_int_equal(spots.items[0].kind, SPOT_EQUAL);
	assert_int_equal(spots.items[0].n_versions, 2);
}

/* Whole sentences, written alone: there are no passages to tell the versions by. */
static void
equal_sentences_in_two_places_are_two_spots_with_two_versions_each(void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;

	both_write(f, "A. B. C.", "A. New one.\nB. New two.\nC.",
	    "A. New one.\nB. New two.\nC.");
	spots = spots_of(f->ann);
	assert_int_equal(spots.n, 2);
	for (size_t i = 0; i < spots.n; i++) {
		assert_int_equal(spots.items[i].kind, SPOT_EQUAL);
		assert_int_equal(spots.items[i].n_versions, 2);
	}
}

/* Was shown at the sentence before, whose settling did not name it: it never went. */
static void
a_sentence_that_both_added_after_a_blank_is_settled_like_any_other(void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;

	both_write(f, "One.", "One. New here.", "One. New here.");
	spots = spots_of(f->ann);
	assert_int_equal(spots.n, 1);
	assert_int_equal(spots.items[0].kind, SPOT_EQUAL);
	assert_int_equal(spots.items[0].at, 5);
	assert_int_equal(spots.items[0].n_versions, 2);
	settle_spot(f->ann, 0, ann);
	assert_int_equal(spots_of(f->ann).n, 0);
}

/* Nothing is left to point at: the spot has no text and is settled all the same. */
static void
a_wording_that_was_changed_in_a_text_that_another_cleared_is_a_hot_spot(void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;

	both_write(f, "The only sentence is here.", "",
	    "The only long sentence is here, they said.");
	spots = spots_of(f->ann);
	assert_true(spots.n_open > 0);
	while (spots.n > 0) {
		settle_spot(f->ann, 0, ann);
		assert_true(spots_of(f->ann).n < spots.n);
		spots = spots_of(f->ann);
	}
	deliver(f->ben, seal(f->ann));
	assert_int_equal(spots_of(f->ben).n, 0);
}

static void
a_text_that_both_cleared_has_no_spot_that_blocks(void **state)
{
	struct fixture *f = *state;

	both_write(f, "One. Two.", "", "");
	assert_string_equal(shown_text(f->ann), "");
	assert_int_equal(spots_of(f->ann).n_open, 0);
}

static void
a_part_beside_another_that_was_taken_out_again_is_no_spot(void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;

	both_write(
	    f, "The end.", "Verdict of Ann.\nThe end.", "Opinion of Ben.\nThe end.");
	assert_int_equal(spots_of(f->ann).n, 1);
	save_text(f->ann, "Opinion of Ben.\nThe end.", ann);
	spots = spots_of(f->ann);
	assert_null(spot_of_kind(&spots, SPOT_BESIDE));
	deliver(f->ben, seal(f->ann));
	assert_null(spot_of_kind(&spots, SPOT_BESIDE));
	assert_int_equal(spots_of(f->ben).n, spots.n);
}

/* ---- at random ---- */

static const char *
random_draft(struct rng *rng, struct arena *a, const char *text)
{
	static const char *const words[] = {"We", "met", "often", "in", "May", "", "214"};
	struct text_sentence *sentences;
	const char *out = "";
	size_t n, at = 0;

	assert_int_equal(text_sentences(a, span_text(text), &n, &sentences, NULL), ST_OK);
	if (rng_below(rng, 12) == 0)
		return "";
	at = n == 0 ? 0 : rng_below(rng, (uint32_t)n);
	for (size_t i = 0; i <= n; i++) {
		struct text_sentence s =
		    i < n ? sentences[i] : (struct text_sentence){0, 0};
		const char *word = words[rng_below(rng, 7)];

		if (i != at)
			out = arena_text(
			    a, "%s%.*s ", out, (int)(s.end - s.at), text + s.at);
		else if (rng_below(rng, 3) == 0)
			out = arena_text(
			    a, "%s%s %s. ", out, word, words[rng_below(rng, 7)]);
		else if (rng_below(rng, 3) > 0)
			out = arena_text(
			    a, "%s%s %.*s ", out, word, (int)(s.end - s.at), text + s.at);
	}
	return out;
}

static void
assert_same_spots(const struct text_spots *x, const struct text_spots *y)
{
	assert_int_equal(x->n, y->n);
	assert_int_equal(x->n_open, y->n_open);
	for (size_t i = 0; i < x->n; i++) {
		assert_int_equal(x->items[i].kind, y->items[i].kind);
		assert_int_equal(x->items[i].at, y->items[i].at);
		assert_int_equal(x->items[i].end, y->items[i].end);
		assert_int_equal(x->items[i].n_versions, y->items[i].n_versions);
	}
}

/* Settles all of ann's spots. One of a sentence is shown at a time, so another may come
 * up behind it; but they come to an end. */
static void
settle_all(struct fixture *f)
{
	size_t left = 0;

	for (struct text_spots spots = spots_of(f->ann); spots.n > 0;
	     spots = spots_of(f->ann)) {
		left = left == 0 ? 3 * spots.n + 1 : left;
		assert_true(--left > 0);
		settle_spot(f->ann, 0, ann);
	}
}

static void
edit_apart_and_settle(struct fixture *f, struct rng *rng)
{
	struct text_spots of_ann, of_ben;

	save_text(f->ann, "We met in May. We met often. It cost 214.", ann);
	deliver(f->ben, seal(f->ann));
	for (int round = 0; round < 4; round++) {
		for (size_t i = rng_below(rng, 3); i > 0; i--)
			save_text(
			    f->ann, random_draft(rng, f->a, shown_text(f->ann)), ann);
		for (size_t i = rng_below(rng, 3); i > 0; i--)
			save_text(
			    f->ben, random_draft(rng, f->a, shown_text(f->ben)), ben);
		exchange(f);
		of_ann = spots_of(f->ann);
		of_ben = spots_of(f->ben);
		assert_same_spots(&of_ann, &of_ben);
	}
	settle_all(f);
	exchange(f);
	assert_int_equal(spots_of(f->ben).n, 0);
}

static void
both_see_the_same_spots_and_settling_them_leaves_none(void **state)
{
	struct rng_seeded stream;
	struct rng rng = rng_seeded(&stream, 21);

	(void)state;
	for (int round = 0; round < 400; round++) {
		void *fresh = NULL;

		if (set_up(&fresh) != 0 || fresh == NULL) {
			fail_msg("no memory for two laptops");
			return;
		}
		edit_apart_and_settle(fresh, &rng);
		tear_down(&fresh);
	}
}

/* ---- memory ---- */

static status
call_spots(void *ctx, struct arena *a, struct trouble *t)
{
	const struct opened *o = ctx;
	struct text_spots spots;

	return text_spots(a, o->cell, &o->state, &spots, t);
}

static status
call_diff(void *ctx, struct arena *a, struct trouble *t)
{
	const struct opened *o = ctx;
	struct text_change change;

	return text_diff(a, o->cell, &o->state,
	    span_text("The paint cost money. We met twice. Ben went. Last, not least."),
	    (struct entry_name){77, 0}, &change, t);
}

static status
call_read(void *ctx, struct arena *a, struct trouble *t)
{
	const struct opened *o = ctx;
	struct text_state read;

	return text_read(a, o->cell, &read, t);
}

static void
too_little_memory_for_spots_or_a_saved_edit_is_told(void **state)
{
	struct fixture *f = *state;
	struct opened o;

	write_one_of_each(f);
	o = open_text(f->ann);
	scant_try(call_spots, &o);
	scant_try(call_diff, &o);
	scant_try(call_read, &o);
}

struct settled {
	const struct opened *opened;
	const struct text_spot *spot;
};

static status
call_settle(void *ctx, struct arena *a, struct trouble *t)
{
	const struct settled *s = ctx;
	struct text_change change;

	return text_settle(a, &s->opened->state, s->spot, &change, t);
}

static void
too_little_memory_for_settling_is_told(void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;
	struct opened o;

	write_one_of_each(f);
	o = open_text(f->ann);
	spots = spots_of(f->ann);
	for (size_t i = 0; i < spots.n; i++)
		scant_try(call_settle, &(struct settled){&o, &spots.items[i]});
}

static void
an_edit_longer_than_48_kib_is_refused(void **state)
{
	static uint8_t text[TEXT_BYTES_MAX + 1];
	struct fixture *f = *state;
	struct opened o = open_text(f->ann);
	struct text_change change;

	memset(text, 'x', sizeof text);
	assert_int_equal(text_diff(f->a, o.cell, &o.state, span_of(text, sizeof text),
			     (struct entry_name){7, 0}, &change, NULL),
	    ST_LIMIT);
	assert_int_equal(text_diff(f->a, o.cell, &o.state, span_of(text, sizeof text - 1),
			     (struct entry_name){7, 0}, &change, NULL),
	    ST_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_text_has_spots_of_every_kind_at_once),
	    T(a_sentence_that_both_began_alike_keeps_the_passages_that_hang_on_the_beginning),
	    T(equal_sentences_in_two_places_are_two_spots_with_two_versions_each),
	    T(a_sentence_that_both_added_after_a_blank_is_settled_like_any_other),
	    T(a_wording_that_was_changed_in_a_text_that_another_cleared_is_a_hot_spot),
	    T(a_text_that_both_cleared_has_no_spot_that_blocks),
	    T(a_part_beside_another_that_was_taken_out_again_is_no_spot),
	    T(both_see_the_same_spots_and_settling_them_leaves_none),
	    T(too_little_memory_for_spots_or_a_saved_edit_is_told),
	    T(too_little_memory_for_settling_is_told),
	    T(an_edit_longer_than_48_kib_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
