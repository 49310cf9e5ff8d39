/* test_text_oracle.c - three authors, random edits, random delivery, clones, compaction
 * at random moments, against an oracle by naive replay.
 *
 * TEXT_EDITS in the environment: how many edits (default 4,000). */
#include "text_history.h"

static void
happen_edit(struct history *h, size_t i)
{
	struct laptop *l = h->laptops[i];
	struct opened o = open_text(l);
	struct entry_name name = fresh_name(l);
	struct text_change c;

	if (h->n_edits == EDITS_MAX || h->n_symbols + 64 > CHARS_MAX ||
	    l->n_dirty + 16 > DIRTY_MAX)
		return;
	assert_int_equal(
	    text_diff(h->a, o.cell, &o.state,
		span_text(redraft(h, (const char *)o.state.text.bytes)), name, &c, NULL),
	    ST_OK);
	if (c.n_values == 0)
		return;
	store_change(l, &c, name, (struct author){1, (uint16_t)i});
	remember(h, i, &c, name);
}

/* One laptop is from now on a copy of another. */
static void
happen_clone(struct history *h, size_t i)
{
	size_t of = below(h, AUTHORS);

	if (of == i || h->laptops[i]->n_dirty > 0)
		return;
	h->laptops[i] = laptop_clone(h->laptops[of]);
	h->known[i] = h->known[of];
	h->own[i] = h->own[of];
}

/* Where an equal edit counts once, the oracle does not know the text. */
static void
compare(struct history *h, size_t i)
{
	struct opened o = open_text(h->laptops[i]);
	const char *got = (const char *)o.state.text.bytes, *want;

	if (o.state.n_repeats > 0) {
		h->n_unknown++;
		return;
	}
	h->n_compared++;
	want = replayed(h, &h->known[i]);
	if (strcmp(want, got) != 0)
		fail_msg("seed %llu, edit %zu: laptop %zu shows\n%s\nnot\n%s",
		    (unsigned long long)h->seed, h->n_edits, i, got, want);
}

/* Everybody gets everything: one text, the same spots. */
static void
heal(struct history *h)
{
	struct text_spots first, other;

	for (size_t i = 0; i < AUTHORS; i++)
		happen_seal(h, i, false);
	for (size_t s = 0; s < h->n_sent; s++) {
		for (size_t i = 0; i < AUTHORS; i++) {
			if (h->laptops[i]->n_ops < OPS_MAX)
				deliver(h->laptops[i], h->sent[s].op);
			for (size_t e = 0; e < EDITS_MAX; e++)
				h->known[i].has[e] =
				    h->known[i].has[e] || h->sent[s].known.has[e];
		}
	}
	for (size_t i = 0; i < AUTHORS; i++) {
		compare(h, i);
		assert_string_equal(shown_text(h->laptops[i]), shown_text(h->laptops[0]));
	}
	first = spots_of(h->laptops[0]);
	pull_back(h->laptops[1]);
	other = spots_of(h->laptops[1]);
	assert_int_equal(first.n, other.n);
	for (size_t k = 0; k < first.n; k++) {
		assert_int_equal(first.items[k].at, other.items[k].at);
		assert_int_equal(first.items[k].kind, other.items[k].kind);
	}
}

static size_t
live_through(uint64_t seed, size_t *n_compared, size_t *n_unknown, size_t *n_folds)
{
	struct history *h = calloc(1, sizeof *h);
	size_t n;

	assert_non_null(h);
	h->seed = seed;
	h->a = arena_new(0);
	h->rng = rng_seeded(&h->seeded, seed);
	for (size_t i = 0; i < AUTHORS; i++)
		h->laptops[i] = laptop_new(h->a, &h->fresh);
	for (size_t step = 0; step < STEPS; step++) {
		size_t i = below(h, AUTHORS);

		switch (below(h, 12)) {
		case 0:
			happen_seal(h, i, true);
			break;
		case 1:
			happen_clone(h, i);
			break;
		case 2:
		case 3:
			happen_seal(h, i, false);
			break;
		case 4:
		case 5:
		case 6:
			happen_delivery(h, i);
			break;
		default:
			happen_edit(h, i);
		}
		if (step % 40 == 39)
			compare(h, i);
	}
	heal(h);
	n = h->n_edits;
	*n_compared += h->n_compared;
	*n_unknown += h->n_unknown;
	*n_folds += h->n_folds;
	arena_free(h->a);
	free(h);
	return n;
}

static void
every_laptop_shows_what_a_naive_replay_shows(void **state)
{
	const char *wish = getenv("TEXT_EDITS");
	size_t edits = wish == NULL ? 4000 : strtoul(wish, NULL, 10), n = 0;
	size_t n_compared = 0, n_unknown = 0, n_folds = 0;
	uint64_t seed = 0;

	(void)state;
	while (n < edits)
		n += live_through(++seed, &n_compared, &n_unknown, &n_folds);
	printf("%zu edits in %llu histories, %zu texts compared, %zu not (equal edits)\n",
	    n, (unsigned long long)seed, n_compared, n_unknown);
	assert_true(n_compared > n_unknown);
	assert_true(n_folds > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_laptop_shows_what_a_naive_replay_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
