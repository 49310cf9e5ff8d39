/* test_record_ideal.c - random histories of a few laptops, compared with an ideal that
 * knows nothing of ops: all edits ever made, and which of them each author had seen.
 *
 * What a laptop knows is a set of edits: those of the ops it holds and its own. An op
 * brings what it was made of: a whole op all that its author knew, a small one only his
 * own. An edit is live for a laptop unless one that it knows had seen it. Whatever is
 * carried on, superseded, refused, cloned or erased, the view must show exactly that. */
#include "record_laptop.h"

#include "base/rng.h"
#include "proto/body_codec.h"

enum { LAPTOPS = 4, EDITS_MAX = 256, KEYS = 5, STEPS = 120, HISTORIES = 400 };

/* A set of edits. */
struct edits {
	uint64_t bits[EDITS_MAX / 64];
};

struct edit {
	uint64_t agent;
	uint16_t field;
	uint64_t key;
	uint64_t value;
	struct edits seen;
};

/* An op that was sealed, and what its author knew. */
struct sent {
	struct record_op op;
	struct edits known;
	uint64_t graves; /* bit per key: in base of the author, so before the op in lsn
			    order */
	bool is_refused;
};

struct history {
	unsigned long long seed; /* to be printed */
	struct arena *a;
	struct rng_seeded seeded;
	struct rng rng;
	uint64_t fresh;
	struct laptop *laptops[LAPTOPS];
	struct edits
	    own[LAPTOPS]; /* saved, not sealed; with those replaced before sealing */
	uint64_t pending_grave[LAPTOPS];
	uint64_t base_grave[LAPTOPS];
	uint64_t server_graves; /* all that is in base of anybody, for ever */
	size_t n_edits;
	struct edit edits[EDITS_MAX];
	size_t n_sent;
	struct sent sent[OPS_MAX];
};

static bool
has(const struct edits *e, size_t i)
{
	return (e->bits[i / 64] >> (i % 64) & 1) != 0;
}

static void
add(struct edits *e, size_t i)
{
	e->bits[i / 64] |= (uint64_t)1 << (i % 64);
}

static void
unite(struct edits *e, const struct edits *other)
{
	for (size_t i = 0; i < EDITS_MAX / 64; i++)
		e->bits[i] |= other->bits[i];
}

static uint64_t
below(struct history *h, uint64_t n)
{
	return rng_below(&h->rng, n);
}

/* --- the ideal ------------------------------------------------------------------------
 */

static struct edits
known_by(struct history *h, size_t i)
{
	struct edits known = h->own[i];

	for (size_t s = 0; s < h->n_sent; s++) {
		if (find_op(h->laptops[i], &h->sent[s].op.dot) != NULL)
			unite(&known, &h->sent[s].known);
	}
	return known;
}

/* Live edits of one place in a set of known ones. */
static struct edits
ideal_of(const struct history *h, const struct edits *known, uint16_t field, uint64_t key)
{
	struct edits live = {{0}};

	for (size_t i = 0; i < h->n_edits; i++) {
		bool was_seen = false;

		if (!has(known, i) || h->edits[i].field != field ||
		    h->edits[i].key != key)
			continue;
		for (size_t k = 0; k < h->n_edits; k++)
			was_seen =
			    was_seen || (has(known, k) && has(&h->edits[k].seen, i));
		if (!was_seen)
			add(&live, i);
	}
	return live;
}

static bool
is_hidden(const struct history *h, size_t laptop, uint16_t field, uint64_t key)
{
	uint64_t graves = h->pending_grave[laptop] | h->base_grave[laptop];

	return field == F_MARKS && (graves >> key & 1) != 0;
}

/* --- the view --------------------------------------------------------------------- */

static size_t
edit_of(const struct history *h, uint64_t agent)
{
	size_t i = 0;

	while (i < h->n_edits && h->edits[i].agent != agent)
		i++;
	assert_true(i < h->n_edits);
	return i;
}

/* What the cell shows, as edits; with the value and the place that were written. */
static struct edits
shown_edits(const struct history *h, const struct record_cell *cell)
{
	struct edits shown = {{0}};

	for (size_t k = 0; cell != NULL && k < cell->n; k++) {
		const struct entry *e = cell->entries[k].entry;
		size_t i = edit_of(h, e->name.agent);

		if (e->value.hollow > 0)
			continue; /* the place of what was replaced */
		assert_int_equal(e->field, h->edits[i].field);
		assert_int_equal(e->key, h->edits[i].key);
		if (e->value.type == VALUE_INT)
			assert_int_equal(e->value.number, h->edits[i].value);
		assert_false(has(&shown, i));
		assert_false(cell->entries[k].is_twin);
		add(&shown, i);
	}
	return shown;
}

/* --- what may happen
 * --------------------------------------------------------------------- */

static struct value
value_of(uint16_t field, uint64_t n, struct arena *a)
{
	struct value v = number(n);

	if (field == F_TEXT)
		assert_int_equal(
		    text_edit(span_text(arena_text(a, "%llu", (unsigned long long)n)), &v,
			NULL),
		    ST_OK);
	return v;
}

/* Beside what is live, whoever edits a place has seen an old sibling that a forgotten
 * name brought back to his screen, and what he himself wrote there, also if a clone of
 * his laptop has sealed it and somebody replaced it since. */
static void
see_more(
    const struct history *h, size_t laptop, const struct record_view *v, struct edit *e)
{
	struct edits shown =
	    shown_edits(h, record_cell_find(v, e->field, e->field == F_MARKS, e->key));

	unite(&e->seen, &shown);
	for (size_t i = 0; i < h->n_edits; i++) {
		if (has(&h->own[laptop], i) && h->edits[i].field == e->field &&
		    h->edits[i].key == e->key)
			add(&e->seen, i);
	}
}

static void
happen_edit(struct history *h, size_t i)
{
	struct laptop *l = h->laptops[i];
	uint16_t field = (uint16_t)(1 + below(h, 4));
	uint64_t key = field == F_MARKS ? 1 + below(h, KEYS) : 0;
	struct edits known = known_by(h, i);
	struct edit *e = &h->edits[h->n_edits];
	uint64_t n = h->fresh;
	struct record_view v;
	struct record_write w;
	struct record_edit_result r;

	if (h->n_edits == EDITS_MAX || is_hidden(h, i, field, key))
		return;
	v = view_of(l);
	w = write_of(l, field, key, value_of(field, n, h->a));
	assert_int_equal(record_edit(h->a, &v, &w, &r, NULL), ST_OK);
	assert_true(r.is_needed);
	*e = (struct edit){w.name.agent, field, key, n, ideal_of(h, &known, field, key)};
	see_more(h, i, &v, e);
	store_dirty(l, &r);
	add(&h->own[i], h->n_edits++);
}

static void
happen_seal(struct history *h, size_t i)
{
	struct sent *s = &h->sent[h->n_sent];
	struct edits known = known_by(h, i);
	struct record_sealing sealing = seal_only(h->laptops[i]);

	if (!sealing.is_needed || h->n_sent == OPS_MAX) {
		if (h->laptops[i]->n_dirty > 0 && h->n_sent < OPS_MAX) {
			h->laptops[i]->n_dirty = 0; /* all of erased people */
			h->own[i] = (struct edits){{0}};
		}
		return;
	}
	*s = (struct sent){.op = store_sealing(h->laptops[i], &sealing)};
	s->known = sealing.is_whole ? known : h->own[i];
	s->graves = h->base_grave[i];
	h->own[i] = (struct edits){{0}};
	h->n_sent++;
}

static void
happen_compaction(struct history *h, size_t i)
{
	struct sent *s = &h->sent[h->n_sent];
	struct edits known = known_by(h, i);

	if (view_of(h->laptops[i]).n_live == 0 || h->n_sent == OPS_MAX)
		return;
	*s = (struct sent){.op = compact(h->laptops[i]), .known = known};
	s->graves = h->base_grave[i];
	h->own[i] = (struct edits){{0}};
	h->n_sent++;
}

static void
learn_graves(struct history *h, size_t i, uint64_t graves)
{
	h->base_grave[i] |= graves;
	h->server_graves |= graves;
	for (uint64_t key = 1; key <= KEYS; key++) {
		if ((graves >> key & 1) != 0)
			set_grave(h->laptops[i], key, GRAVE_BASE);
	}
}

static void
happen_delivery(struct history *h, size_t i)
{
	struct sent *s;

	if (h->n_sent == 0)
		return;
	s = &h->sent[below(h, h->n_sent)];
	if (s->is_refused)
		return;
	learn_graves(h, i, s->graves);
	deliver(h->laptops[i], s->op);
}

/* The server refuses an op that nobody has but its author (and clones of his laptop). */
static void
happen_refusal(struct history *h, size_t i)
{
	struct laptop *l = h->laptops[i];
	size_t s = h->n_sent == 0 ? 0 : below(h, h->n_sent);
	struct record_op *op = h->n_sent == 0 ? NULL : find_op(l, &h->sent[s].op.dot);

	if (op == NULL || !op->is_pending)
		return;
	for (size_t k = 0; k < LAPTOPS; k++) {
		const struct record_op *there = find_op(h->laptops[k], &op->dot);

		if (there != NULL && !there->is_pending)
			return;
	}
	h->sent[s].is_refused = true;
	for (size_t k = 0; k < LAPTOPS; k++) {
		if (find_op(h->laptops[k], &h->sent[s].op.dot) != NULL)
			refuse(h->laptops[k], h->sent[s].op);
	}
}

/* One laptop becomes an image of another, with its unsent work. */
static void
happen_clone(struct history *h, size_t i)
{
	size_t from = below(h, LAPTOPS);

	if (from == i || below(h, 4) != 0)
		return;
	h->laptops[i] = laptop_clone(h->laptops[from]);
	h->own[i] = h->own[from];
	h->pending_grave[i] = h->pending_grave[from];
	h->base_grave[i] = h->base_grave[from];
}

/* A pending grave comes, is refused, or reaches base. */
static void
happen_grave(struct history *h, size_t i)
{
	uint64_t key = 1 + below(h, KEYS), bit = (uint64_t)1 << key;

	if ((h->base_grave[i] & bit) != 0 || below(h, 3) != 0)
		return;
	h->pending_grave[i] ^= bit;
	set_grave(h->laptops[i], key,
	    (h->pending_grave[i] & bit) != 0 ? GRAVE_PENDING : GRAVE_NONE);
	if (below(h, 6) == 0)
		learn_graves(h, i, bit);
}

static void
happen(struct history *h)
{
	static void (*const events[])(struct history *, size_t) = {happen_edit,
	    happen_edit, happen_edit, happen_edit, happen_seal, happen_seal,
	    happen_delivery, happen_delivery, happen_delivery, happen_compaction,
	    happen_refusal, happen_clone, happen_grave};

	events[below(h, sizeof events / sizeof *events)](h, below(h, LAPTOPS));
}

/* --- comparing
 * ------------------------------------------------------------------------------ */

/* exact: no sibling more than the ideal has; else such may stand that a forgotten name
 * brought back. A live edit is never missing. */
static void
compare_place(struct history *h, size_t i, uint16_t field, uint64_t key, bool exact)
{
	struct edits known = known_by(h, i);
	struct edits ideal = ideal_of(h, &known, field, key);
	struct record_view v = view_of(h->laptops[i]);
	struct edits there =
	    shown_edits(h, record_cell_find(&v, field, field == F_MARKS, key));

	if (is_hidden(h, i, field, key))
		ideal = (struct edits){{0}};
	for (size_t k = 0; k < h->n_edits; k++) {
		if (has(&ideal, k) && !has(&there, k))
			fail_msg("seed %llu: edit %zu is lost", h->seed, k);
		if (exact && has(&there, k) && !has(&ideal, k))
			fail_msg("seed %llu: edit %zu came back", h->seed, k);
		if (has(&there, k))
			assert_true(has(&known, k));
	}
}

static void
compare_all(struct history *h, size_t i, bool exact)
{
	compare_place(h, i, F_NAME, 0, exact);
	compare_place(h, i, F_HELD, 0, exact);
	compare_place(h, i, F_TEXT, 0, exact);
	for (uint64_t key = 1; key <= KEYS; key++)
		compare_place(h, i, F_MARKS, key, exact);
}

/* Laptops that hold the same batches and graves show the same, whatever the order. */
static void
converge(struct history *h, bool exact)
{
	uint64_t graves = h->server_graves;
	struct record_view first, other;

	for (size_t i = 0; i < LAPTOPS; i++)
		happen_seal(h, i);
	for (size_t i = 0; i < LAPTOPS; i++) {
		learn_graves(h, i, graves);
		for (uint64_t key = 1; key <= KEYS; key++) {
			if ((h->pending_grave[i] & ~graves) >> key & 1)
				set_grave(h->laptops[i], key, GRAVE_NONE);
		}
		h->pending_grave[i] = 0;
		for (size_t s = 0; s < h->n_sent; s++) {
			if (!h->sent[s].is_refused)
				deliver(h->laptops[i], h->sent[s].op);
		}
		compare_all(h, i, exact);
	}
	first = view_of(h->laptops[0]);
	for (size_t i = 1; i < LAPTOPS; i++) {
		other = view_of(h->laptops[i]);
		assert_int_equal(first.n_entries, other.n_entries);
		assert_int_equal(first.n_live, other.n_live);
		for (size_t k = 0; k < first.n_entries; k++)
			assert_true(entry_name_equal(
			    first.entries[k].entry->name, other.entries[k].entry->name));
	}
}

/* Writes the body as it goes into an op, by a signer who is not the entries' author, and
 * reads it back. */
static void
recode(struct arena *a, struct body *body)
{
	struct body_codec *codec = body_codec_new();
	uint8_t *buffer = arena_alloc(a, BODY_PLAIN_BYTES_MAX);
	struct writer w = writer_of(buffer, BODY_PLAIN_BYTES_MAX);
	const struct author signer = {1, 3};

	assert_non_null(buffer);
	assert_non_null(codec);
	assert_int_equal(body_encode(codec, body, signer, &w, NULL), ST_OK);
	assert_int_equal(
	    body_decode(codec, writer_done(&w), signer, a, body, NULL), ST_OK);
	body_codec_free(codec);
}

static void
run_history(uint64_t seed, size_t names_kept, bool is_recoded)
{
	struct history *h = calloc(1, sizeof *h);

	if (h == NULL)
		fail_msg("no memory");
	h->seed = seed;
	h->a = arena_new(0);
	h->rng = rng_seeded(&h->seeded, seed);
	for (size_t i = 0; i < LAPTOPS; i++) {
		h->laptops[i] = laptop_new(h->a, &h->fresh);
		h->laptops[i]->limits.whole_bytes = below(h, 3) * 120;
		h->laptops[i]->limits.live_ops = 2 + below(h, 12);
		h->laptops[i]->limits.size_factor = 2 + below(h, 30);
		h->laptops[i]->limits.dots_max = 1 + below(h, 5);
		h->laptops[i]->limits.names_kept = names_kept;
		h->laptops[i]->recode = is_recoded ? recode : NULL;
	}
	for (size_t step = 0; step < STEPS; step++) {
		happen(h);
		if (step % 10 == 0)
			compare_all(h, below(h, LAPTOPS), names_kept == SIZE_MAX);
	}
	converge(h, names_kept == SIZE_MAX);
	arena_free(h->a);
	free(h);
}

static void
every_view_shows_exactly_the_edits_that_nobody_replaced(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= HISTORIES; seed++)
		run_history(seed, SIZE_MAX, false);
}

static void
with_a_tight_cap_old_siblings_may_return_but_nothing_is_lost(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= HISTORIES; seed++)
		run_history(seed * 7919, 2, false);
}

static void
an_op_that_was_written_and_read_says_the_same(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= HISTORIES / 20; seed++)
		run_history(seed, SIZE_MAX, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_view_shows_exactly_the_edits_that_nobody_replaced),
	    cmocka_unit_test(
		with_a_tight_cap_old_siblings_may_return_but_nothing_is_lost),
	    cmocka_unit_test(an_op_that_was_written_and_read_says_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
