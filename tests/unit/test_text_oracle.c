/* test_text_oracle.c - three authors, random edits, random delivery, clones, compaction
 * at random moments, against an oracle by naive replay.
 *
 * The oracle knows no runs, ops or entries. Of each saved edit it remembers which single
 * characters it put in (each with the character that it hangs on, and on which side) and
 * which it took out. What a laptop knows is a set of edits; its text is the walk of the
 * tree of all their characters without those that one of them took out. An op brings all
 * that its author knew, if it is whole, else his own edits and those of the ops that it
 * takes the place of.
 *
 * TEXT_EDITS in the environment: how many edits (default 4,000). */
#include "base/rng.h"
#include "text_laptop.h"

#include <stdio.h>

enum {
	AUTHORS = 3,
	EDITS_MAX = 160,  /* of one history */
	CHARS_MAX = 6000, /* ever typed in one history */
	DRAFT_MAX = 4096,
	STEPS = 240
};

struct symbol {
	struct entry_name name, parent;
	enum run_side side;
	uint8_t c;
	int edit; /* that put it in */
};

struct edits {
	bool has[EDITS_MAX];
};

struct sent {
	struct record_op op;
	struct edits known; /* what it brings */
	struct edits seen;  /* what its author knew: a server gives that out before */
};

struct history {
	uint64_t seed;
	struct arena *a;
	struct rng_seeded seeded;
	struct rng rng;
	uint64_t fresh;
	struct laptop *laptops[AUTHORS];
	struct edits known[AUTHORS], own[AUTHORS];
	size_t n_edits;
	size_t n_symbols;
	struct symbol symbols[CHARS_MAX];
	bool *took[EDITS_MAX]; /* by position in symbols */
	size_t n_compared, n_unknown, n_folds;
	size_t n_sent;
	struct sent sent[OPS_MAX];
};

static uint64_t
below(struct history *h, uint64_t n)
{
	return rng_below(&h->rng, n);
}

/* ---- the oracle ---- */

struct replay {
	const struct history *h;
	const struct edits *known;
	bool *is_walked;
	char *out;
	size_t n;
};

static void replay_children(struct replay *r, struct entry_name of, enum run_side side);

static bool
was_taken(const struct replay *r, size_t i)
{
	for (size_t e = 0; e < r->h->n_edits; e++) {
		if (r->known->has[e] && r->h->took[e][i])
			return true;
	}
	return false;
}

/* Children by name: each time the least that is greater than the last one. */
static void
replay_children(struct replay *r, struct entry_name of, enum run_side side)
{
	const struct history *h = r->h;
	struct entry_name last = {0, 0};

	for (;;) {
		size_t next = h->n_symbols;

		for (size_t i = 0; i < h->n_symbols; i++) {
			const struct symbol *s = &h->symbols[i];

			if (r->known->has[s->edit] && s->side == side &&
			    entry_name_equal(s->parent, of) &&
			    entry_name_compare(s->name, last) > 0 &&
			    (next == h->n_symbols ||
				entry_name_compare(s->name, h->symbols[next].name) < 0))
				next = i;
		}
		if (next == h->n_symbols)
			return;
		last = h->symbols[next].name;
		replay_children(r, last, RUN_LEFT);
		if (!was_taken(r, next))
			r->out[r->n++] = (char)h->symbols[next].c;
		replay_children(r, last, RUN_RIGHT);
	}
}

static const char *
replayed(struct history *h, const struct edits *known)
{
	struct replay r = {
	    .h = h, .known = known, .out = arena_zeros(h->a, h->n_symbols + 1, 1)};

	assert_non_null(r.out);
	replay_children(&r, (struct entry_name){0, 0}, RUN_LEFT);
	replay_children(&r, (struct entry_name){0, 0}, RUN_RIGHT);
	return r.out;
}

/* ---- what may happen ---- */

/* A draft with words put in, taken out or replaced. The words differ from edit to edit:
 * equal ones count once, which is another test's. */
static const char *
redraft(struct history *h, const char *text)
{
	size_t len = strlen(text), at = below(h, len + 1), end = at;
	char word[24] = "";

	if (below(h, 3) > 0)
		(void)snprintf(word, sizeof word, "%sw%zu%c%c%s",
		    below(h, 2) == 0 ? " " : "", h->n_edits, (int)('a' + below(h, 26)),
		    (int)('a' + below(h, 26)), below(h, 5) == 0 ? ". " : " ");
	if (*word == '\0' || below(h, 3) == 0)
		end = at + below(h, len - at + 1 < 30 ? len - at + 1 : 30);
	return arena_text(h->a, "%.*s%s%s", (int)at, text, word, text + end);
}

static void
remember(struct history *h, size_t i, const struct text_change *c, struct entry_name name)
{
	int edit = (int)h->n_edits++;

	for (size_t v = 0; v < c->n_values; v++) {
		const struct value *value = &c->values[v];

		for (uint32_t k = 0; value->type == VALUE_RUN && k < value->bytes.len;
		     k++) {
			assert_true(h->n_symbols < CHARS_MAX);
			h->symbols[h->n_symbols++] = (struct symbol){
			    {name.agent, name.index + k},
			    k == 0 ? value->parent
				   : (struct entry_name){name.agent, name.index + k - 1},
			    k == 0 ? value->side : RUN_RIGHT, value->bytes.bytes[k],
			    edit};
		}
		name.index += record_names_of(value);
	}
	h->took[edit] = arena_zeros(h->a, CHARS_MAX, sizeof(bool));
	assert_non_null(h->took[edit]);
	for (size_t s = 0; s < h->n_symbols; s++) {
		const struct symbol *x = &h->symbols[s];

		for (size_t n = 0; n < c->n_seen; n++)
			if (c->seen[n].agent == x->name.agent &&
			    x->name.index - c->seen[n].first < c->seen[n].count &&
			    x->name.index >= c->seen[n].first)
				h->took[edit][s] = true;
	}
	h->known[i].has[edit] = true;
	h->own[i].has[edit] = true;
}

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

/* What an op brings that carries on some ops, but not the whole record. */
static struct edits
folded(const struct history *h, size_t i, const struct record_sealing *sealing)
{
	struct edits known = h->own[i];

	for (size_t s = 0; s < h->n_sent; s++) {
		for (size_t d = 0; d < sealing->n_dots; d++) {
			if (!dot_equal(&sealing->dots[d], &h->sent[s].op.dot))
				continue;
			for (size_t e = 0; e < EDITS_MAX; e++)
				known.has[e] = known.has[e] || h->sent[s].known.has[e];
		}
	}
	return known;
}

static void
happen_seal(struct history *h, size_t i, bool compacts)
{
	struct laptop *l = h->laptops[i];
	struct sent *s = &h->sent[h->n_sent];

	if (l->n_ops + 8 > OPS_MAX || (compacts ? l->n_ops == 0 : l->n_dirty == 0))
		return;
	l->limits.whole_bytes = below(h, 2) == 0 ? 0 : 1024;
	l->limits.live_ops = 1 + below(h, 12);
	s->seen = h->known[i];
	s->known = h->known[i];
	if (compacts) {
		s->op = compact(l);
	} else {
		struct record_sealing sealing;

		if (l->n_dirty < 8 && below(h, 4) > 0)
			l->limits.body_bytes_max = 1000;
		sealing = seal_only(l);
		l->limits.body_bytes_max = record_limits_default.body_bytes_max;
		if (!sealing.is_whole)
			s->known = folded(h, i, &sealing);
		h->n_folds += !sealing.is_whole && sealing.n_dots > 0;
		s->op = store_sealing(l, &sealing);
	}
	memset(&h->own[i], 0, sizeof h->own[i]);
	h->n_sent++;
}

static void
happen_delivery(struct history *h, size_t i)
{
	struct sent *s;

	if (h->n_sent == 0 || h->laptops[i]->n_ops + 8 > OPS_MAX)
		return;
	s = &h->sent[below(h, h->n_sent)];
	for (size_t e = 0; e < EDITS_MAX; e++) {
		if (s->seen.has[e] && !s->known.has[e] && !h->known[i].has[e])
			return;
	}
	deliver(h->laptops[i], s->op);
	for (size_t e = 0; e < EDITS_MAX; e++)
		h->known[i].has[e] = h->known[i].has[e] || s->known.has[e];
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
