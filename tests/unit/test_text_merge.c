/* test_text_merge.c - what two people wrote apart becomes one text: the small cases of
 * DESIGN 4.7, hot spots, settling. Whole reports are test_text_drafts.c. */
#include "text_laptop.h"

static const struct author ann = {1, 1}, ben = {1, 2};

/* Both get what the other sealed. */
static void
exchange(struct fixture *f)
{
	struct record_op of_ann = seal(f->ann), of_ben = seal(f->ben);

	deliver(f->ann, of_ben);
	deliver(f->ben, of_ann);
	assert_string_equal(shown_text(f->ann), shown_text(f->ben));
}

/* A text that both have. */
static void
begin_with(struct fixture *f, const char *text)
{
	save_text(f->ann, text, ann);
	deliver(f->ben, seal(f->ann));
}

static void
edits_of_different_words_both_stay(void **state)
{
	struct fixture *f = *state;

	begin_with(f, "The club has one room and a yard. It was loud.");
	save_text(f->ann, "The old club has one room and a yard. It was loud.", ann);
	save_text(f->ben, "The club has one room and a yard. It was never loud.", ben);
	exchange(f);
	assert_string_equal(shown_text(f->ann),
	    "The old club has one room and a yard. It was never loud.");
	assert_int_equal(spots_of(f->ann).n, 0);
}

static void
the_same_change_counts_once(void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;

	begin_with(f, "The paint cost 210 euro.");
	save_text(f->ann, "The paint cost 214 euro.", ann);
	save_text(f->ben, "The paint cost 214 euro.", ben);
	exchange(f);
	assert_string_equal(shown_text(f->ann), "The paint cost 214 euro.");
	spots = spots_of(f->ben);
	assert_int_equal(spots.n, 1);
	assert_int_equal(spots.items[0].kind, SPOT_EQUAL);
	assert_int_equal(spots.items[0].n_versions, 2);
	assert_int_equal(spots.n_open, 0);
	settle_spot(f->ben, 0, ben);
	deliver(f->ann, seal(f->ben));
	assert_int_equal(spots_of(f->ann).n, 0);
	assert_string_equal(shown_text(f->ann), "The paint cost 214 euro.");
}

static void
what_hangs_on_a_repeat_stays_with_what_stands_for_it(void **state)
{
	struct fixture *f = *state;

	begin_with(f, "It was fine.");
	save_text(f->ann, "It was very good and fine.", ann);
	save_text(f->ben, "It was very good and fine.", ben);
	save_text(f->ben, "It was very, very good and fine.", ben);
	save_text(f->ann, "It was very good and quite fine.", ann);
	exchange(f);
	assert_string_equal(shown_text(f->ann), "It was very, very good and quite fine.");
}

static void
a_word_taken_out_of_what_counts_once_does_not_come_back(void **state)
{
	struct fixture *f = *state;

	begin_with(f, "It was fine.");
	save_text(f->ann, "It was very good and fine.", ann);
	save_text(f->ben, "It was very good and fine.", ben);
	exchange(f);
	save_text(f->ben, "It was good and fine.", ben);
	deliver(f->ann, seal(f->ben));
	assert_string_equal(shown_text(f->ann), "It was good and fine.");
}

static void
two_changes_of_one_sentence_are_a_hot_spot_with_both_wordings(void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;

	begin_with(f, "First. We recommend the practice. Last.");
	save_text(
	    f->ann, "First. We recommend the practice without reservation. Last.", ann);
	save_text(f->ben, "First. We recommend the practice for towns. Last.", ben);
	exchange(f);
	spots = spots_of(f->ann);
	assert_int_equal(spots.n, 1);
	assert_int_equal(spots.n_open, 1);
	assert_int_equal(spots.items[0].kind, SPOT_UNSEEN);
	assert_int_equal(spots.items[0].n_versions, 2);
	assert_int_equal(spots.items[0].at, 7);
	assert_int_equal(spots_of(f->ben).n_open, 1);
}

static void
a_spot_is_settled_for_all_by_saying_that_it_is_right(void **state)
{
	struct fixture *f = *state;

	begin_with(f, "We recommend the practice.");
	save_text(f->ann, "We recommend the practice warmly.", ann);
	save_text(f->ben, "We recommend the practice for towns.", ben);
	exchange(f);
	assert_int_equal(spots_of(f->ann).n_open, 1);
	settle_spot(f->ann, 0, ann);
	assert_int_equal(spots_of(f->ann).n, 0);
	deliver(f->ben, seal(f->ann));
	assert_int_equal(spots_of(f->ben).n, 0);
}

static void
a_spot_is_settled_by_an_edit_of_somebody_who_saw_it(void **state)
{
	struct fixture *f = *state;

	begin_with(f, "We recommend the practice.");
	save_text(f->ann, "We recommend the practice warmly.", ann);
	save_text(f->ben, "We recommend the practice for towns.", ben);
	exchange(f);
	save_text(f->ben, "We warmly recommend the practice for towns.", ben);
	assert_int_equal(spots_of(f->ben).n, 0);
	deliver(f->ann, seal(f->ben));
	assert_int_equal(spots_of(f->ann).n, 0);
}

static void
an_edit_elsewhere_settles_nothing(void **state)
{
	struct fixture *f = *state;

	begin_with(f, "We recommend the practice. It works.");
	save_text(f->ann, "We recommend the practice warmly. It works.", ann);
	save_text(f->ben, "We recommend the practice for towns. It works.", ben);
	exchange(f);
	save_text(f->ben, arena_text(f->a, "%s Every time.", shown_text(f->ben)), ben);
	assert_int_equal(spots_of(f->ben).n_open, 1);
}

static void
a_sentence_taken_out_that_another_changed_is_a_hot_spot(void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;

	begin_with(f, "One left. The last day was very quiet. We ate.");
	save_text(f->ann, "One left. We ate.", ann);
	save_text(f->ben, "One left. The last day was quiet. We ate.", ben);
	exchange(f);
	assert_string_equal(shown_text(f->ann), "One left. We ate.");
	spots = spots_of(f->ann);
	assert_int_equal(spots.n, 1);
	assert_int_equal(spots.n_open, 1);
	assert_int_equal(spots.items[0].n_versions, 2);
	settle_spot(f->ann, 0, ann);
	assert_int_equal(spots_of(f->ann).n, 0);
}

static void
two_insertions_in_one_place_are_listed_and_complete(void **state)
{
	struct fixture *f = *state;
	struct text_spots spots;

	begin_with(f, "The end.");
	save_text(f->ann, "Verdict of Ann.\nThe end.", ann);
	save_text(f->ben, "Opinion of Ben.\nThe end.", ben);
	exchange(f);
	assert_non_null(strstr(shown_text(f->ann), "Verdict of Ann.\n"));
	assert_non_null(strstr(shown_text(f->ann), "Opinion of Ben.\n"));
	spots = spots_of(f->ann);
	assert_int_equal(spots.n, 1);
	assert_int_equal(spots.items[0].kind, SPOT_BESIDE);
	assert_int_equal(spots.n_open, 0);
	settle_spot(f->ann, 0, ann);
	assert_int_equal(spots_of(f->ann).n, 0);
}

static void
words_put_into_a_sentence_that_went_stay_in_their_place(void **state)
{
	struct fixture *f = *state;

	begin_with(f, "Beginning.");
	save_text(f->ben, "Beginning. Middle part here.", ben);
	save_text(f->ben, "Beginning. Middle part here. End.", ben);
	deliver(f->ann, seal(f->ben));
	save_text(f->ann, "Beginning. End.", ann);
	save_text(f->ben, "Beginning. Middle grand part here. End.", ben);
	exchange(f);
	/* Compacted: no op holds the characters on which it hangs. */
	deliver(f->ann, compact(f->ann));
	pull_back(f->ann);
	assert_string_equal(shown_text(f->ann), shown_text(f->ben));
	assert_non_null(strstr(shown_text(f->ann), "grand"));
	assert_true(
	    strstr(shown_text(f->ann), "grand") < strstr(shown_text(f->ann), "End."));
	assert_int_equal(spots_of(f->ann).n_open, 1);
}

/* Decided (decisions/0009): it stands as its author wrote it, whole, and nobody lost a
 * word that he had not been asked about. */
static void
a_whole_sentence_put_between_two_that_another_took_out_stands_and_is_no_spot(void **state)
{
	struct fixture *f = *state;

	begin_with(f, "The club is small. It was loud. We liked it. We go on.");
	save_text(f->ann, "The club is small. We go on.", ann);
	save_text(f->ben,
	    "The club is small. It was loud. The yard helped. We liked it. We go on.",
	    ben);
	exchange(f);
	assert_non_null(strstr(shown_text(f->ann), "The yard helped."));
	assert_null(strstr(shown_text(f->ann), "loud"));
	assert_null(strstr(shown_text(f->ann), "liked"));
	assert_int_equal(spots_of(f->ann).n_open, 0);
	assert_int_equal(spots_of(f->ben).n_open, 0);
}

static void
what_came_while_the_editor_was_open_is_merged(void **state)
{
	struct fixture *f = *state;
	struct opened o;

	begin_with(f, "One two three.");
	o = open_text(f->ann);
	save_text(f->ben, "One two three. Four.", ben);
	deliver(f->ann, seal(f->ben));
	save_opened(f->ann, &o, "One big two three.", ann);
	assert_string_equal(shown_text(f->ann), "One big two three. Four.");
}

static void
what_was_saved_and_taken_back_before_sealing_never_leaves(void **state)
{
	struct fixture *f = *state;
	struct record_op op;

	begin_with(f, "Public.");
	save_text(f->ann, "Public. Private thing.", ann);
	save_text(f->ann, "Public. Other thing.", ann);
	op = seal(f->ann);
	for (size_t i = 0; i < op.body->n_entries; i++) {
		struct span s = op.body->entries[i].value.bytes;

		assert_null(s.len == 0 ? NULL : memmem(s.bytes, s.len, "Private", 7));
	}
	deliver(f->ben, op);
	assert_string_equal(shown_text(f->ben), "Public. Other thing.");
}

static void
an_unchanged_text_is_no_edit(void **state)
{
	struct fixture *f = *state;

	begin_with(f, "Same.");
	save_text(f->ann, "Same.", ann);
	assert_int_equal(f->ann->n_dirty, 0);
}

static void
a_cleared_text_can_be_written_again(void **state)
{
	struct fixture *f = *state;

	begin_with(f, "Something. And more.");
	save_text(f->ann, "", ann);
	deliver(f->ben, seal(f->ann));
	assert_string_equal(shown_text(f->ben), "");
	save_text(f->ben, "Anew.", ben);
	deliver(f->ann, seal(f->ben));
	assert_string_equal(shown_text(f->ann), "Anew.");
	assert_int_equal(spots_of(f->ann).n, 0);
}

static void
one_author_alone_never_makes_a_hot_spot(void **state)
{
	static const char *const drafts[] = {"A. B. C.", "A. B one. C.",
	    "A. B one two. C.", "A. C.", "A. D. C.", "A and more. D. C.",
	    "A and more D. C.", "A. D! C?", "x", "x. A. D! C?", "A. D! C?\nNew line.",
	    "D! A. C?\nNew line."};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof drafts / sizeof *drafts; i++) {
		save_text(f->ann, drafts[i], ann);
		assert_string_equal(shown_text(f->ann), drafts[i]);
		assert_int_equal(spots_of(f->ann).n, 0);
		if (i % 3 == 0)
			(void)seal(f->ann);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(edits_of_different_words_both_stay),
	    T(the_same_change_counts_once),
	    T(what_hangs_on_a_repeat_stays_with_what_stands_for_it),
	    T(a_word_taken_out_of_what_counts_once_does_not_come_back),
	    T(two_changes_of_one_sentence_are_a_hot_spot_with_both_wordings),
	    T(a_spot_is_settled_for_all_by_saying_that_it_is_right),
	    T(a_spot_is_settled_by_an_edit_of_somebody_who_saw_it),
	    T(an_edit_elsewhere_settles_nothing),
	    T(a_sentence_taken_out_that_another_changed_is_a_hot_spot),
	    T(two_insertions_in_one_place_are_listed_and_complete),
	    T(words_put_into_a_sentence_that_went_stay_in_their_place),
	    T(a_whole_sentence_put_between_two_that_another_took_out_stands_and_is_no_spot),
	    T(what_came_while_the_editor_was_open_is_merged),
	    T(what_was_saved_and_taken_back_before_sealing_never_leaves),
	    T(an_unchanged_text_is_no_edit),
	    T(a_cleared_text_can_be_written_again),
	    T(one_author_alone_never_makes_a_hot_spot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
