/* test_text_undo_random.c - three authors write one text on three laptops, undo and redo
 * what they saved, in any order and at any time, with deliveries and compactions between.
 *
 * The oracle says from the definition what a turn shall show. It knows single characters:
 * each has an identity, which a character that was put back shares with the one it stands
 * for. Of each saved edit it remembers the identities that it brought and took out. An
 * edit that is turned
 *
 *	takes out	what it has to do with, lives, and is unwanted: its writing is
 *			undone, or an edit that stands took it out
 *	puts back	what it has to do with, is wanted, and was taken out by this
 *			author and, as far as any op said, by nobody else;
 *			where the dead character stands in the walk of all characters
 *
 * TEXT_EDITS in the environment: how many edits (default 1,500). */
#include "core/text_undo.h"
#include "text_history.h"

struct own {
	int edit;
	bool is_undone;
	bool *came, *went; /* by identity */
};

struct world {
	struct history *h;
	int author[EDITS_MAX];
	bool got[AUTHORS][OPS_MAX];        /* ops by position in sent */
	size_t id[AUTHORS][CHARS_MAX];     /* of a symbol */
	size_t symbol[AUTHORS][CHARS_MAX]; /* that stands for an identity by now */
	size_t n_own[AUTHORS];
	struct own own[AUTHORS][EDITS_MAX];
	size_t n_kept[AUTHORS];
	struct text_kept kept[AUTHORS][EDITS_MAX];
	int kept_edit[AUTHORS][EDITS_MAX];
	bool is_blurred; /* equal runs count once: the oracle does not know them */
	size_t n_turned, n_barred, n_moot;
};

/* ---- the oracle ---- */

static struct own *
own_of(struct world *w, size_t i, int edit)
{
	struct own *o = w->own[i];

	while (o->edit != edit)
		assert_true(++o < w->own[i] + w->n_own[i]);
	return o;
}

static bool
is_unwanted(const struct world *w, size_t i, size_t id)
{
	for (size_t k = 0; k < w->n_own[i]; k++) {
		const struct own *o = &w->own[i][k];

		if ((o->came[id] && o->is_undone) || (o->went[id] && !o->is_undone))
			return true;
	}
	return false;
}

static bool
is_dead(const struct world *w, size_t i, size_t symbol)
{
	for (size_t e = 0; e < w->h->n_edits; e++) {
		if (w->h->known[i].has[e] && w->h->took[e][symbol])
			return true;
	}
	return false;
}

static int
own_killer(const struct world *w, size_t i, size_t symbol)
{
	for (size_t e = 0; e < w->h->n_edits; e++) {
		if (w->author[e] == (int)i && w->h->took[e][symbol])
			return (int)e;
	}
	return -1;
}

/* Did an op come that says so and does not know of our own removal? */
static bool
is_killed_by_others(const struct world *w, size_t i, size_t symbol, int killer)
{
	for (size_t s = 0; s < w->h->n_sent; s++) {
		const struct edits *known = &w->h->sent[s].known;

		if (!w->got[i][s] || known->has[killer])
			continue;
		for (size_t e = 0; e < w->h->n_edits; e++) {
			if (known->has[e] && w->h->took[e][symbol])
				return true;
		}
	}
	return false;
}

static bool
comes_back(const struct world *w, size_t i, const struct own *o, size_t id)
{
	size_t symbol = w->symbol[i][id];
	int killer = own_killer(w, i, symbol);

	return (o->came[id] || o->went[id]) && !is_unwanted(w, i, id) &&
	       is_dead(w, i, symbol) && killer >= 0 &&
	       !is_killed_by_others(w, i, symbol, killer);
}

static bool
is_shown_after(const struct world *w, size_t i, const struct own *o, size_t symbol)
{
	size_t id = w->id[i][symbol];
	bool is_concerned = o->came[id] || o->went[id];

	if (!is_dead(w, i, symbol))
		return !is_concerned || !is_unwanted(w, i, id);
	return symbol == w->symbol[i][id] && comes_back(w, i, o, id);
}

/* What laptop i shall show once the edit counts as turned; ids: those that come back. */
static const char *
wanted(struct world *w, size_t i, const struct own *o, size_t *ids, size_t *n_ids)
{
	struct history *h = w->h;
	struct replay r = {.h = h,
	    .known = &h->known[i],
	    .out = arena_zeros(h->a, h->n_symbols + 1, 1),
	    .order = arena_zeros(h->a, h->n_symbols + 1, sizeof(size_t))};

	assert_non_null(r.out);
	assert_non_null(r.order);
	replay_children(&r, (struct entry_name){0, 0}, RUN_LEFT);
	replay_children(&r, (struct entry_name){0, 0}, RUN_RIGHT);
	r.n = 0;
	*n_ids = 0;
	for (size_t k = 0; k < r.n_order; k++) {
		if (!is_shown_after(w, i, o, r.order[k]))
			continue;
		r.out[r.n++] = (char)h->symbols[r.order[k]].c;
		if (is_dead(w, i, r.order[k]))
			ids[(*n_ids)++] = w->id[i][r.order[k]];
	}
	r.out[r.n] = '\0';
	return r.out;
}

/* ---- what may happen ---- */

static void
note_gone(struct world *w, size_t i)
{
	struct record_view v = view_of(w->h->laptops[i]);
	bool is_news;

	assert_int_equal(
	    text_note_gone(w->h->a, &v, F_TEXT, w->n_kept[i], w->kept[i], &is_news, NULL),
	    ST_OK);
}

static void
forget(struct world *w, size_t i, size_t k)
{
	w->n_kept[i]--;
	for (; k < w->n_kept[i]; k++) {
		w->kept[i][k] = w->kept[i][k + 1];
		w->kept_edit[i][k] = w->kept_edit[i][k + 1];
	}
}

/* Remembers a change; the identities of its characters are new, unless they come back. */
static void
remember_of(struct world *w, size_t i, const struct text_change *c,
    struct entry_name name, const size_t *ids)
{
	struct history *h = w->h;
	size_t first = h->n_symbols;

	w->author[h->n_edits] = (int)i;
	remember(h, i, c, name);
	for (size_t s = first; s < h->n_symbols; s++) {
		for (size_t k = 0; k < AUTHORS; k++)
			w->id[k][s] = w->symbol[k][s] = s;
		if (ids == NULL)
			continue;
		assert_int_equal(h->symbols[s].c, h->symbols[ids[s - first]].c);
		w->id[i][s] = ids[s - first];
		w->symbol[i][ids[s - first]] = s;
	}
}

static bool
has_room(const struct world *w, size_t i)
{
	return w->h->n_edits < EDITS_MAX && w->h->n_symbols + 200 < CHARS_MAX &&
	       w->h->laptops[i]->n_dirty + 32 <= DIRTY_MAX;
}

static void
happen_save(struct world *w, size_t i)
{
	struct history *h = w->h;
	struct laptop *l = h->laptops[i];
	struct opened o = open_text(l);
	struct entry_name name = fresh_name(l);
	struct own *own = &w->own[i][w->n_own[i]];
	struct text_kept *kept;
	struct text_change c;
	size_t first = h->n_symbols;

	if (!has_room(w, i))
		return;
	assert_int_equal(
	    text_diff(h->a, o.cell, &o.state,
		span_text(redraft(h, (const char *)o.state.text.bytes)), name, &c, NULL),
	    ST_OK);
	if (c.n_values == 0)
		return;
	w->is_blurred = w->is_blurred || o.state.n_repeats > 0;
	for (size_t k = w->n_kept[i]; k > 0; k--) {
		if (w->kept[i][k - 1].is_undone)
			forget(w, i, k - 1);
	}
	if (w->n_kept[i] > 0 && below(h, 20) == 0)
		forget(w, i, 0);
	kept = &w->kept[i][w->n_kept[i]];
	*kept = (struct text_kept){0};
	assert_int_equal(text_keep(h->a, &o.state, &c, name, kept, NULL), ST_OK);
	w->kept_edit[i][w->n_kept[i]++] = (int)h->n_edits;
	*own = (struct own){.edit = (int)h->n_edits,
	    .came = arena_zeros(h->a, CHARS_MAX, sizeof(bool)),
	    .went = arena_zeros(h->a, CHARS_MAX, sizeof(bool))};
	w->n_own[i]++;
	store_change(l, &c, name, (struct author){1, (uint16_t)i});
	remember_of(w, i, &c, name, NULL);
	for (size_t s = 0; s < h->n_symbols; s++) {
		own->came[w->id[i][s]] = own->came[w->id[i][s]] || s >= first;
		own->went[w->id[i][s]] = own->went[w->id[i][s]] || h->took[own->edit][s];
	}
}

static void
happen_turn(struct world *w, size_t i)
{
	struct history *h = w->h;
	struct laptop *l = h->laptops[i];
	struct opened o = open_text(l);
	struct entry_name name = fresh_name(l);
	size_t *ids = arena_zeros(h->a, CHARS_MAX, sizeof *ids), n_ids, which;
	struct text_turned turned;
	const char *want;
	struct own *own;

	if (w->n_kept[i] == 0 || !has_room(w, i))
		return;
	w->is_blurred = w->is_blurred || o.state.n_repeats > 0;
	which = below(h, 2) == 0 ? w->n_kept[i] - 1 : below(h, w->n_kept[i]);
	own = own_of(w, i, w->kept_edit[i][which]);
	own->is_undone = !own->is_undone;
	want = wanted(w, i, own, ids, &n_ids);
	if (h->n_symbols + n_ids >= CHARS_MAX) {
		own->is_undone = !own->is_undone;
		return;
	}
	note_gone(w, i);
	assert_int_equal(text_turn(h->a, o.cell, &o.state, w->n_kept[i], w->kept[i],
			     which, name, &turned, NULL),
	    ST_OK);
	w->n_turned++;
	w->n_barred += turned.n_barred > 0;
	w->n_moot += turned.n_taken + turned.n_back == 0;
	if (!w->is_blurred && turned.n_back != n_ids)
		fail_msg("seed %llu: laptop %zu, edit %d %s: %zu come back, not %zu",
		    (unsigned long long)h->seed, i, own->edit,
		    own->is_undone ? "undone" : "done again", turned.n_back, n_ids);
	if (turned.change.n_values > 0) {
		store_change(l, &turned.change, name, (struct author){1, (uint16_t)i});
		remember_of(w, i, &turned.change, name, w->is_blurred ? NULL : ids);
	}
	if (w->is_blurred)
		return;
	if (strcmp(shown_text(l), want) != 0)
		fail_msg(
		    "seed %llu: laptop %zu, edit %d %s:\nwas   %s\nshows %s\nnot   %s",
		    (unsigned long long)h->seed, i, own->edit,
		    own->is_undone ? "undone" : "done again",
		    (const char *)o.state.text.bytes, shown_text(l), want);
}

/* Something comes, and perhaps the server drops what was taken the place of. */
static void
happen_pull(struct world *w, size_t i)
{
	struct history *h = w->h;
	size_t n = h->laptops[i]->n_ops;

	happen_delivery(h, i);
	for (size_t s = 0; s < h->n_sent; s++) {
		if (h->laptops[i]->n_ops > n &&
		    dot_equal(&h->sent[s].op.dot, &h->laptops[i]->ops[n].dot))
			w->got[i][s] = true;
	}
	note_gone(w, i);
	if (below(h, 3) == 0)
		pull_back(h->laptops[i]);
}

static void
heal(struct world *w)
{
	struct history *h = w->h;
	const char *first;

	for (size_t i = 0; i < AUTHORS; i++)
		happen_seal(h, i, false);
	for (size_t s = 0; s < h->n_sent; s++) {
		for (size_t i = 0; i < AUTHORS; i++) {
			assert_true(h->laptops[i]->n_ops < OPS_MAX);
			deliver(h->laptops[i], h->sent[s].op);
			for (size_t e = 0; e < EDITS_MAX; e++)
				h->known[i].has[e] =
				    h->known[i].has[e] || h->sent[s].known.has[e];
		}
	}
	first = shown_text(h->laptops[0]);
	for (size_t i = 0; i < AUTHORS; i++) {
		assert_string_equal(shown_text(h->laptops[i]), first);
		pull_back(h->laptops[i]);
		assert_string_equal(shown_text(h->laptops[i]), first);
		(void)compact(h->laptops[i]);
		assert_string_equal(shown_text(h->laptops[i]), first);
		if (open_text(h->laptops[i]).state.n_repeats == 0)
			assert_string_equal(first, replayed(h, &h->known[i]));
	}
}

/* Nothing that an undone edit brought is shown, by whatever name it goes now. */
static void
undone_is_gone(struct world *w)
{
	for (size_t i = 0; i < AUTHORS && !w->is_blurred; i++) {
		for (size_t k = 0; k < w->n_own[i]; k++) {
			const struct own *o = &w->own[i][k];

			for (size_t id = 0; o->is_undone && id < w->h->n_symbols; id++)
				assert_false(
				    o->came[id] && !is_dead(w, i, w->symbol[i][id]));
		}
	}
}

static struct world *
live_through(uint64_t seed)
{
	struct world *w = calloc(1, sizeof *w);
	struct history *h = calloc(1, sizeof *h);

	assert_non_null(w);
	assert_non_null(h);
	w->h = h;
	h->seed = seed;
	h->a = arena_new(0);
	h->rng = rng_seeded(&h->seeded, seed);
	for (size_t i = 0; i < AUTHORS; i++)
		h->laptops[i] = laptop_new(h->a, &h->fresh);
	for (size_t step = 0; step < STEPS; step++) {
		size_t i = below(h, AUTHORS), n = h->n_sent;

		switch (below(h, 12)) {
		case 0:
		case 1:
		case 2:
			happen_seal(h, i, below(h, 3) == 0);
			w->got[i][n] = h->n_sent > n;
			break;
		case 3:
		case 4:
		case 5:
			happen_pull(w, i);
			break;
		case 6:
		case 7:
		case 8:
			happen_turn(w, i);
			break;
		default:
			happen_save(w, i);
		}
	}
	heal(w);
	undone_is_gone(w);
	return w;
}

static void
every_turn_shows_what_the_definition_says(void **state)
{
	const char *wish = getenv("TEXT_EDITS"), *from = getenv("PNET_SEED");
	size_t edits = wish == NULL ? 1500 : strtoul(wish, NULL, 10), n = 0;
	size_t n_turned = 0, n_barred = 0, n_moot = 0, n_blurred = 0, n_histories = 0;
	uint64_t seed = from == NULL ? 0 : strtoull(from, NULL, 10) - 1;

	(void)state;
	for (; n < edits; n_histories++) {
		struct world *w = live_through(++seed);

		n += w->h->n_edits;
		n_turned += w->n_turned;
		n_barred += w->n_barred;
		n_moot += w->n_moot;
		n_blurred += w->is_blurred;
		arena_free(w->h->a);
		free(w->h);
		free(w);
	}
	printf("%zu edits, %zu of them turns, in %zu histories; %zu turns barred, %zu "
	       "moot; %zu histories with equal words\n",
	    n, n_turned, n_histories, n_barred, n_moot, n_blurred);
	assert_true(n_turned > n / 5);
	assert_true(n_barred > 0);
	assert_true(n_blurred < n_histories / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_turn_shows_what_the_definition_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
