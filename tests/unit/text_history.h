/* text_history.h - three authors who write one text on three laptops, and an oracle by
 * naive replay. Included by one test each.
 *
 * The oracle knows no runs, ops or entries. Of each saved edit it remembers which single
 * characters it put in (each with the character that it hangs on, and on which side) and
 * which it took out. What a laptop knows is a set of edits; its text is the walk of the
 * tree of all their characters without those that one of them took out. An op brings all
 * that its author knew, if it is whole, else his own edits and those of the ops that it
 * takes the place of. */
#ifndef TESTS_TEXT_HISTORY_H
#define TESTS_TEXT_HISTORY_H

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
	size_t *order; /* if set: of all characters, dead ones too */
	size_t n_order;
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

			if (s->side == side && entry_name_equal(s->parent, of) &&
			    r->known->has[s->edit] &&
			    entry_name_compare(s->name, last) > 0 &&
			    (next == h->n_symbols ||
				entry_name_compare(s->name, h->symbols[next].name) < 0))
				next = i;
		}
		if (next == h->n_symbols)
			return;
		last = h->symbols[next].name;
		replay_children(r, last, RUN_LEFT);
		if (r->order != NULL)
			r->order[r->n_order++] = next;
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

#endif
