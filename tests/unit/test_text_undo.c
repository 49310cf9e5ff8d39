/* test_text_undo.c - one edit of a text taken back and made again, case by case. At
 * random: test_text_undo_random.c. */
#include "core/text_undo.h"
#include "scant.h"
#include "text_laptop.h"

enum { KEPT_MAX = 8 };

/* An author, his laptop, and what is kept of his edits there. */
struct writer_of_text {
	struct laptop *l;
	struct author by;
	size_t n;
	struct text_kept kept[KEPT_MAX];
};

struct desk {
	struct arena *a;
	uint64_t fresh;
	struct writer_of_text ann, ben;
};

static int
start(void **state)
{
	struct desk *d = calloc(1, sizeof *d);

	assert_non_null(d);
	d->a = arena_new(0);
	d->ann.l = laptop_new(d->a, &d->fresh);
	d->ann.by = (struct author){1, 1};
	d->ben.l = laptop_new(d->a, &d->fresh);
	d->ben.by = (struct author){1, 2};
	*state = d;
	return 0;
}

static int
end(void **state)
{
	struct desk *d = *state;

	arena_free(d->a);
	free(d);
	return 0;
}

static void
note_gone(struct writer_of_text *w, bool *is_news)
{
	struct record_view v = view_of(w->l);

	assert_int_equal(
	    text_note_gone(w->l->a, &v, F_TEXT, w->n, w->kept, is_news, NULL), ST_OK);
}

/* Returns the number of the edit. */
static size_t
write_down(struct writer_of_text *w, const char *text)
{
	struct opened o = open_text(w->l);
	struct entry_name name = fresh_name(w->l);
	struct text_change c;

	assert_true(w->n < KEPT_MAX);
	assert_int_equal(
	    text_diff(w->l->a, o.cell, &o.state, span_text(text), name, &c, NULL), ST_OK);
	assert_int_equal(
	    text_keep(w->l->a, &o.state, &c, name, &w->kept[w->n], NULL), ST_OK);
	store_change(w->l, &c, name, w->by);
	return w->n++;
}

static struct text_turned
turn(struct writer_of_text *w, size_t which)
{
	struct opened o = open_text(w->l);
	struct entry_name name = fresh_name(w->l);
	struct text_turned out;
	bool is_news;

	note_gone(w, &is_news);
	assert_int_equal(
	    text_turn(w->l->a, o.cell, &o.state, w->n, w->kept, which, name, &out, NULL),
	    ST_OK);
	store_change(w->l, &out.change, name, w->by);
	return out;
}

/* Both seal what they have, then both get it: as laptops do that sync one after the
 * other.
 */
static void
exchange(struct desk *d)
{
	struct record_sealing hers = seal_only(d->ann.l), his = seal_only(d->ben.l);
	bool is_news;

	if (hers.is_needed)
		deliver(d->ben.l, store_sealing(d->ann.l, &hers));
	if (his.is_needed)
		deliver(d->ann.l, store_sealing(d->ben.l, &his));
	note_gone(&d->ann, &is_news);
	note_gone(&d->ben, &is_news);
	assert_string_equal(shown_text(d->ann.l), shown_text(d->ben.l));
}

/* Both have it; Ann wrote it. */
static void
begin_with(struct desk *d, const char *text)
{
	(void)write_down(&d->ann, text);
	exchange(d);
}

/* ---- cases ---- */

static void
only_the_own_difference_goes_and_comes_again(void **state)
{
	struct desk *d = *state;
	size_t hers;

	begin_with(d, "The paint is cheap. We met on Monday.");
	hers = write_down(&d->ann, "The paint costs 214 euro. We met on Monday.");
	(void)write_down(&d->ben, "The paint is cheap. We met on Monday at noon.");
	exchange(d);
	(void)turn(&d->ann, hers);
	exchange(d);
	assert_string_equal(
	    shown_text(d->ben.l), "The paint is cheap. We met on Monday at noon.");
	(void)turn(&d->ann, hers);
	exchange(d);
	assert_string_equal(
	    shown_text(d->ben.l), "The paint costs 214 euro. We met on Monday at noon.");
}

static void
a_removal_that_another_made_too_is_not_undone(void **state)
{
	struct desk *d = *state;
	struct text_turned turned;
	size_t hers;

	begin_with(d, "One stays. Two goes. Three stays.");
	hers = write_down(&d->ann, "One stays. Three stays.");
	(void)write_down(&d->ben, "One stays. Three stays.");
	exchange(d);
	turned = turn(&d->ann, hers);
	assert_int_equal(turned.n_back, 0);
	assert_int_equal(turned.n_barred, strlen("Two goes. "));
	assert_int_equal(turned.change.n_values, 0);
	exchange(d);
	assert_string_equal(shown_text(d->ben.l), "One stays. Three stays.");
}

static void
what_another_took_out_too_is_remembered_when_later_ops_do_not_say_it(void **state)
{
	struct desk *d = *state;
	size_t hers;

	begin_with(d, "One stays. Two goes. Three stays.");
	hers = write_down(&d->ann, "One stays. Three stays.");
	(void)write_down(&d->ben, "One stays. Three stays.");
	exchange(d);
	deliver(d->ann.l, compact(d->ben.l));
	pull_back(d->ann.l);
	assert_int_equal(d->ann.l->n_ops, 1);
	assert_int_equal(turn(&d->ann, hers).n_back, 0);
}

static void
part_of_what_went_comes_back_where_another_took_out_the_rest(void **state)
{
	struct desk *d = *state;
	struct text_turned turned;
	size_t hers;

	begin_with(d, "One stays. Two goes. Three goes. Four stays.");
	hers = write_down(&d->ann, "One stays. Four stays.");
	(void)write_down(&d->ben, "One stays. Three goes. Four stays.");
	exchange(d);
	turned = turn(&d->ann, hers);
	assert_true(turned.n_barred > 0);
	assert_string_equal(shown_text(d->ann.l), "One stays. Three goes. Four stays.");
}

static void
equal_words_of_two_stay_until_both_took_theirs_back(void **state)
{
	struct desk *d = *state;
	size_t hers, his;

	begin_with(d, "We met.");
	hers = write_down(&d->ann, "We met. It rained.");
	his = write_down(&d->ben, "We met. It rained.");
	exchange(d);
	assert_string_equal(shown_text(d->ann.l), "We met. It rained.");
	(void)turn(&d->ann, hers);
	exchange(d);
	assert_string_equal(shown_text(d->ann.l), "We met. It rained.");
	(void)turn(&d->ben, his);
	exchange(d);
	assert_string_equal(shown_text(d->ann.l), "We met.");
}

/* Whose of the two runs is shown is a matter of names, so each of them takes a turn. */
static void
equal_words_that_went_and_came_again_are_not_one_authors_to_take(void **state)
{
	struct desk *d = *state;
	struct writer_of_text *both[2] = {&d->ann, &d->ben};
	size_t wrote[2], removal;

	begin_with(d, "We met.");
	wrote[0] = write_down(&d->ann, "We met. It rained.");
	wrote[1] = write_down(&d->ben, "We met. It rained.");
	exchange(d);
	for (int i = 0; i < 2; i++) {
		struct laptop *kept = both[i]->l;

		both[i]->l = laptop_clone(kept);
		removal = write_down(both[i], "We met.");
		(void)turn(both[i], removal);
		assert_string_equal(shown_text(both[i]->l), "We met. It rained.");
		(void)turn(both[i], wrote[i]);
		assert_string_equal(shown_text(both[i]->l), "We met. It rained.");
		both[i]->l = kept;
	}
}

static void
words_that_two_put_back_count_once(void **state)
{
	struct desk *d = *state;
	size_t hers;

	begin_with(d, "One. Two. Three.");
	hers = write_down(&d->ann, "One. Three.");
	exchange(d);
	/* A copy of Ann's laptop does the same. */
	d->ben = d->ann;
	d->ben.l = laptop_clone(d->ann.l);
	d->ben.kept[hers].went.items = arena_zeros(d->a, 8, sizeof(struct text_piece));
	assert_true(d->ann.kept[hers].went.n <= 8);
	memcpy(d->ben.kept[hers].went.items, d->ann.kept[hers].went.items,
	    d->ann.kept[hers].went.n * sizeof(struct text_piece));
	d->ben.kept[hers].went.cap = 8;
	(void)turn(&d->ben, hers);
	(void)turn(&d->ann, hers);
	exchange(d);
	assert_string_equal(shown_text(d->ann.l), "One. Two. Three.");
}

static void
what_went_half_and_came_again_is_taken_back_whole(void **state)
{
	struct desk *d = *state;
	size_t wrote, cut;

	begin_with(d, "One.");
	wrote = write_down(&d->ann, "One. Two and three and four.");
	cut = write_down(&d->ann, "One. Two and four.");
	(void)turn(&d->ann, cut);
	assert_string_equal(shown_text(d->ann.l), "One. Two and three and four.");
	(void)turn(&d->ann, wrote);
	assert_string_equal(shown_text(d->ann.l), "One.");
	(void)turn(&d->ann, wrote);
	(void)turn(&d->ann, cut);
	exchange(d);
	assert_string_equal(shown_text(d->ben.l), "One. Two and four.");
}

static void
undoing_a_cut_does_not_bring_back_words_of_an_edit_that_is_undone(void **state)
{
	struct desk *d = *state;
	size_t wrote, cut;

	begin_with(d, "One.");
	wrote = write_down(&d->ann, "One. Two and three and four.");
	cut = write_down(&d->ann, "One. Two and four.");
	(void)turn(&d->ann, wrote);
	(void)turn(&d->ann, cut);
	assert_string_equal(shown_text(d->ann.l), "One.");
	(void)turn(&d->ann, wrote);
	assert_string_equal(shown_text(d->ann.l), "One. Two and three and four.");
}

static void
words_of_others_inside_what_comes_back_stay_in_their_place(void **state)
{
	struct desk *d = *state;
	size_t hers;

	begin_with(d, "One two three four.");
	hers = write_down(&d->ann, "One four.");
	(void)write_down(&d->ben, "One two and a half three four.");
	exchange(d);
	(void)turn(&d->ann, hers);
	exchange(d);
	assert_string_equal(shown_text(d->ann.l), "One two and a half three four.");
}

static void
an_edit_of_which_nothing_is_left_changes_nothing(void **state)
{
	struct desk *d = *state;
	struct text_turned turned;
	size_t hers;

	begin_with(d, "One.");
	hers = write_down(&d->ann, "One. Two.");
	exchange(d);
	(void)write_down(&d->ben, "One.");
	exchange(d);
	turned = turn(&d->ann, hers);
	assert_int_equal(turned.n_taken + turned.n_back + turned.n_barred, 0);
	assert_int_equal(turned.change.n_values, 0);
}

static void
what_one_edit_saves_twice_is_one_edit(void **state)
{
	struct desk *d = *state;
	struct opened o;
	struct entry_name name;
	struct text_change c;

	begin_with(d, "One.");
	(void)write_down(&d->ann, "One. Two. Three.");
	o = open_text(d->ann.l);
	name = d->ann.kept[1].came.items[0].first;
	name.index += 100;
	assert_int_equal(text_diff(d->a, o.cell, &o.state, span_text("One. Three. Four."),
			     name, &c, NULL),
	    ST_OK);
	assert_int_equal(
	    text_keep(d->a, &o.state, &c, name, &d->ann.kept[1], NULL), ST_OK);
	store_change(d->ann.l, &c, name, d->ann.by);
	(void)turn(&d->ann, 1);
	assert_string_equal(shown_text(d->ann.l), "One.");
	(void)turn(&d->ann, 1);
	assert_string_equal(shown_text(d->ann.l), "One. Three. Four.");
}

static void
a_text_does_not_come_back_longer_than_a_text_may_be(void **state)
{
	struct desk *d = *state;
	struct opened o;
	struct text_turned out;
	char *text = arena_zeros(d->a, TEXT_BYTES_MAX + 1, 1);
	size_t hers;

	memset(text, 'x', TEXT_BYTES_MAX / 2);
	begin_with(d, text);
	hers = write_down(&d->ann, "short");
	memset(text, 'y', TEXT_BYTES_MAX);
	(void)write_down(&d->ann, text);
	o = open_text(d->ann.l);
	assert_int_equal(text_turn(d->a, o.cell, &o.state, d->ann.n, d->ann.kept, hers,
			     fresh_name(d->ann.l), &out, NULL),
	    ST_LIMIT);
}

static void
what_comes_back_is_no_hot_spot(void **state)
{
	struct desk *d = *state;
	size_t hers;

	begin_with(d, "The paint is cheap. We met on Monday. Nobody was cold.");
	hers = write_down(&d->ann, "The paint costs 214 euro. Nobody was cold.");
	exchange(d);
	(void)turn(&d->ann, hers);
	exchange(d);
	assert_int_equal(spots_of(d->ben.l).n, 0);
	(void)turn(&d->ann, hers);
	exchange(d);
	assert_int_equal(spots_of(d->ben.l).n, 0);
}

static bool
is_all_hers(struct desk *d, size_t which)
{
	return text_is_all_of(open_text(d->ann.l).cell, &d->ann.kept[which]);
}

/* Then an undo of it would leave nothing, which is said before. */
static void
whether_a_text_is_all_of_one_edit_is_told_by_what_lives(void **state)
{
	struct desk *d = *state;
	size_t more;

	begin_with(d, "One. Two. Three.");
	assert_true(is_all_hers(d, 0));
	(void)write_down(&d->ann, "One. Three.");
	assert_true(is_all_hers(d, 0));
	more = write_down(&d->ann, "One. And a half. Three.");
	assert_false(is_all_hers(d, 0));
	assert_false(is_all_hers(d, more));
	(void)turn(&d->ann, more);
	assert_true(is_all_hers(d, 0));
}

/* ---- too little memory ---- */

struct attempt {
	const struct writer_of_text *w;
	struct opened o;
	size_t which;
	struct text_change change;
	struct entry_name name;
};

/* Lists are copied on growth only, so each try has its own. */
static bool
copy_kept(const struct writer_of_text *w, struct arena *a, struct text_kept *kept)
{
	for (size_t i = 0; i < 2 * w->n; i++) {
		struct text_pieces *in =
		    i % 2 == 0 ? &kept[i / 2].came : &kept[i / 2].went;
		struct text_piece *own;

		if (i % 2 == 0)
			kept[i / 2] = w->kept[i / 2];
		own = arena_zeros(a, in->n, sizeof *own);
		if (own == NULL)
			return false;
		if (in->n > 0)
			memcpy(own, in->items, in->n * sizeof *own);
		in->items = own;
		in->cap = in->n;
	}
	return true;
}

static status
call_turn(void *ctx, struct arena *a, struct trouble *t)
{
	const struct attempt *x = ctx;
	struct text_kept kept[KEPT_MAX];
	struct text_turned out;

	if (!copy_kept(x->w, a, kept))
		return trouble_set(t, ST_NO_MEMORY, "no memory");
	return text_turn(a, x->o.cell, &x->o.state, x->w->n, kept, x->which,
	    (struct entry_name){99, 0}, &out, t);
}

static status
call_keep(void *ctx, struct arena *a, struct trouble *t)
{
	const struct attempt *x = ctx;
	struct text_kept kept[KEPT_MAX];

	if (!copy_kept(x->w, a, kept))
		return trouble_set(t, ST_NO_MEMORY, "no memory");
	return text_keep(a, &x->o.state, &x->change, x->name, &kept[x->w->n - 1], t);
}

static status
call_note(void *ctx, struct arena *a, struct trouble *t)
{
	const struct attempt *x = ctx;
	struct text_kept kept[KEPT_MAX];
	bool is_news;

	if (!copy_kept(x->w, a, kept))
		return trouble_set(t, ST_NO_MEMORY, "no memory");
	return text_note_gone(a, &x->o.view, F_TEXT, x->w->n, kept, &is_news, t);
}

static void
too_little_memory_for_an_undo_is_told(void **state)
{
	struct desk *d = *state;
	struct attempt x = {.w = &d->ann, .which = 1};

	begin_with(d, "One two three. Four.");
	(void)write_down(&d->ann, "One three and. Five six.");
	(void)write_down(&d->ben, "One two and a half three. Four.");
	exchange(d);
	x.o = open_text(d->ann.l);
	scant_try(call_turn, &x);
}

/* What an edit that is done again takes out, and what it puts back. */
static void
too_little_memory_for_a_redo_is_told(void **state)
{
	struct desk *d = *state;
	struct attempt x = {.w = &d->ann, .which = 1};

	begin_with(d, "One two three. Four.");
	(void)write_down(&d->ann, "One three and. Five six.");
	(void)turn(&d->ann, 1);
	x.o = open_text(d->ann.l);
	scant_try(call_turn, &x);
}

static void
too_little_memory_for_what_is_kept_is_told(void **state)
{
	struct desk *d = *state;
	struct attempt x = {.w = &d->ann};

	begin_with(d, "One. Two. Three.");
	(void)write_down(&d->ann, "One. And a half. Two. And more. Three.");
	x.o = open_text(d->ann.l);
	x.name = d->ann.kept[1].came.items[0].first;
	x.name.index += 100;
	/* It takes out some of what its first save brought, and some of what was there.
	 */
	assert_int_equal(
	    text_diff(d->a, x.o.cell, &x.o.state, span_text("And a. And more. Three."),
		x.name, &x.change, NULL),
	    ST_OK);
	scant_try(call_keep, &x);
}

/* Ben took out the middle of what Ann took out: it is cut into three. */
static void
too_little_memory_for_what_another_took_out_too_is_told(void **state)
{
	struct desk *d = *state;
	struct attempt x = {.w = &d->ann};
	bool is_news;

	begin_with(d, "One. Two goes. Three goes. Four goes. Five.");
	(void)write_down(&d->ann, "One. Five.");
	(void)write_down(&d->ben, "One. Two goes. Four goes. Five.");
	deliver(d->ann.l, seal(d->ben.l));
	x.o = open_text(d->ann.l);
	scant_try(call_note, &x);
	note_gone(&d->ann, &is_news);
	assert_true(is_news);
	note_gone(&d->ann, &is_news);
	assert_false(is_news);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	    TEST(only_the_own_difference_goes_and_comes_again),
	    TEST(a_removal_that_another_made_too_is_not_undone),
	    TEST(what_another_took_out_too_is_remembered_when_later_ops_do_not_say_it),
	    TEST(part_of_what_went_comes_back_where_another_took_out_the_rest),
	    TEST(equal_words_of_two_stay_until_both_took_theirs_back),
	    TEST(equal_words_that_went_and_came_again_are_not_one_authors_to_take),
	    TEST(words_that_two_put_back_count_once),
	    TEST(what_went_half_and_came_again_is_taken_back_whole),
	    TEST(undoing_a_cut_does_not_bring_back_words_of_an_edit_that_is_undone),
	    TEST(words_of_others_inside_what_comes_back_stay_in_their_place),
	    TEST(an_edit_of_which_nothing_is_left_changes_nothing),
	    TEST(what_one_edit_saves_twice_is_one_edit),
	    TEST(a_text_does_not_come_back_longer_than_a_text_may_be),
	    TEST(what_comes_back_is_no_hot_spot),
	    TEST(whether_a_text_is_all_of_one_edit_is_told_by_what_lives),
	    TEST(too_little_memory_for_an_undo_is_told),
	    TEST(too_little_memory_for_a_redo_is_told),
	    TEST(too_little_memory_for_what_is_kept_is_told),
	    TEST(too_little_memory_for_what_another_took_out_too_is_told),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
