/* test_text_whole.c - a section of 48 KiB that three people write in 5,000 edits, each of
 * them sealed and sent by itself: one op after compaction, and the text of an oracle that
 * keeps nothing but a list of characters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "core/text_crdt.h"
#include "crypto/seal.h"
#include "proto/body_codec.h"

enum {
	EDITS = 5000,
	AUTHORS = 3,
	APART = 192, /* edits that nobody compacts, of people who are offline */
	FIRST_BYTES = 24 * 1024,
	CHARS_MAX = 128 * 1024,
	PASSAGES = 240, /* sentences of an author's part */
	PASSAGE_BYTES = 60,
	CUT_CHARS = 11,
	WORDS = 2000,
	WORD_BYTES_MAX = 11,
	SEEN_MAX = CUT_CHARS + 1,
	KIND = 30,
	FIELD = 5
};

/* The oracle: every character that was ever written, in the order of the text. */
struct character {
	struct entry_name name;
	char byte;
	bool is_gone, has_right;
};

struct section {
	struct arena *a, *kept;
	struct body_codec *codec;
	struct rng_seeded seed;
	struct rng rng;
	size_t n;
	struct character *list;
	size_t begin[AUTHORS + 1]; /* each author writes in his part of the list */
	struct {
		size_t len;
		char bytes[WORD_BYTES_MAX];
	} words[WORDS];
	struct entry_name passages[AUTHORS][PASSAGES];
	size_t n_ops, n_sealed;
	struct record_op ops[APART + 2];
	size_t largest_plain;
	size_t n_whole;
};

/* What one save left to be sealed. */
struct saved {
	struct record_dirty dirty[2];
	struct seen_names seen[SEEN_MAX];
	char word[WORD_BYTES_MAX], passage[PASSAGE_BYTES];
};

static const struct author authors[AUTHORS] = {{1, 2}, {1, 7}, {4, 3}};

/* Whose laptop is at work: names by its device are the signer's. */
static struct section *at_work;
static struct author signer;

static size_t
size_of(const void *ctx, const struct body *b)
{
	(void)ctx;
	return body_array_bytes(at_work->codec, b, signer);
}

static size_t
packed_of(const void *ctx, const struct body *b)
{
	static uint8_t room[BODY_PLAIN_BYTES_MAX];
	struct writer w = writer_of(room, sizeof room);

	(void)ctx;
	return body_encode(at_work->codec, b, signer, &w, NULL) == ST_OK ? w.used
									 : SIZE_MAX;
}

static const struct body_measure measure = {size_of, packed_of, NULL};

static bool
is_text(uint16_t kind, uint16_t field)
{
	return kind == KIND && field == FIELD;
}

static struct entry
entry_of(struct entry_name name, struct author by, struct value value)
{
	return (struct entry){.name = name,
	    .field = FIELD,
	    .time = {1700000000 + name.agent % 100000, 0},
	    .by = by,
	    .value = value};
}

/* --- the oracle -------------------------------------------------------------- */

/* Puts the characters of a run behind position at; Fugue's place for them is *v. */
static void
put_run(struct section *s, size_t at, struct entry_name name, struct value *v)
{
	struct character *before = &s->list[at];

	assert_true(s->n + v->bytes.len <= CHARS_MAX);
	v->side = before->has_right ? RUN_LEFT : RUN_RIGHT;
	v->parent = before->has_right ? before[1].name : before->name;
	before->has_right = true;
	memmove(before + 1 + v->bytes.len, before + 1, (s->n - at - 1) * sizeof *before);
	for (size_t i = 0; i < v->bytes.len; i++, name.index++)
		before[1 + i] = (struct character){.name = name,
		    .byte = (char)v->bytes.bytes[i],
		    .has_right = i + 1 < v->bytes.len};
	s->n += v->bytes.len;
}

/* Takes out what follows; its names, in rows. */
static size_t
cut_after(struct section *s, size_t at, size_t end, struct seen_names *seen)
{
	size_t n = 0, n_cut = 0;

	for (size_t i = at; i < end && n_cut < CUT_CHARS; i++) {
		struct character *c = &s->list[i];
		struct seen_names *last = &seen[n == 0 ? 0 : n - 1];

		if (c->is_gone)
			continue;
		c->is_gone = true;
		n_cut++;
		if (n > 0 && last->agent == c->name.agent &&
		    last->first + last->count == c->name.index)
			last->count++;
		else
			seen[n++] =
			    (struct seen_names){c->name.agent, c->name.index, 1, false};
	}
	return n;
}

static size_t
oracle_text(const struct section *s, size_t from, size_t cap, char *out)
{
	size_t n = 0;

	for (size_t i = from; i < s->n && n < cap; i++) {
		if (!s->list[i].is_gone)
			out[n++] = s->list[i].byte;
	}
	return n;
}

/* --- saving ------------------------------------------------------------------ */

/* Of 4 to 10 letters each with a blank in front. */
static void
draw_words(struct section *s)
{
	for (size_t i = 0; i < WORDS; i++) {
		s->words[i].len = 5 + rng_below(&s->rng, 7);
		s->words[i].bytes[0] = ' ';
		for (size_t k = 1; k < s->words[i].len; k++)
			s->words[i].bytes[k] = (char)('a' + rng_below(&s->rng, 26));
	}
}

/* As in a language, some more often than others. */
static size_t
random_word(struct section *s, char *out)
{
	size_t i = rng_below(&s->rng, WORDS) * rng_below(&s->rng, WORDS) / WORDS;

	memcpy(out, s->words[i].bytes, s->words[i].len);
	return s->words[i].len;
}

/* A word in somewhere in the author's part, sometimes instead of others, and the sentence
 * as he left it in the place of the passage that was there. */
static void
save(struct section *s, unsigned k, struct saved *out)
{
	size_t part = s->begin[k + 1] - s->begin[k];
	size_t at = s->begin[k] + rng_below(&s->rng, part - 1), slot, n_seen = 0;
	struct entry_name name = {0, 0}, *last;
	struct value run = {.type = VALUE_RUN}, passage = {.type = VALUE_SEEN};

	slot = (at - s->begin[k]) * PASSAGES / part;
	rng_fill(&s->rng, &name.agent, sizeof name.agent);
	run.bytes = span_of(out->word, random_word(s, out->word));
	put_run(s, at, name, &run);
	for (unsigned i = k + 1; i <= AUTHORS; i++)
		s->begin[i] += run.bytes.len;
	if (rng_below(&s->rng, 4) == 0)
		n_seen = cut_after(s, at + 1 + run.bytes.len, s->begin[k + 1], out->seen);
	passage.parent = name;
	passage.bytes =
	    span_of(out->passage, oracle_text(s, at + 1, PASSAGE_BYTES, out->passage));
	last = &s->passages[k][slot];
	if (last->agent != 0)
		out->seen[n_seen++] =
		    (struct seen_names){last->agent, last->index, 1, false};
	out->dirty[0] =
	    (struct record_dirty){entry_of(name, authors[k], run), n_seen, out->seen};
	name.index = (uint32_t)run.bytes.len;
	*last = name;
	out->dirty[1] =
	    (struct record_dirty){entry_of(name, authors[k], passage), 0, NULL};
}

/* --- sealing ----------------------------------------------------------------- */

static struct record_view
view_of(struct section *s, size_t n_ops, size_t n_dirty, const struct record_dirty *dirty)
{
	struct record_input *in = arena_zeros(s->a, 1, sizeof *in);
	struct record_view v;

	*in = (struct record_input){.kind = KIND,
	    .n_ops = n_ops,
	    .ops = s->ops,
	    .n_dirty = n_dirty,
	    .dirty = dirty,
	    .is_text = is_text};
	assert_int_equal(record_view(s->a, in, &v, NULL), ST_OK);
	return v;
}

/* The op goes out, and comes in from the bytes of its body. */
static void
send(struct section *s, const struct record_sealing *sealing)
{
	uint8_t *room = arena_alloc(s->a, BODY_PLAIN_BYTES_MAX);
	struct writer w = writer_of(room, BODY_PLAIN_BYTES_MAX);
	struct arena *kept = sealing->n_dots == 0 ? s->kept : arena_new(0);
	struct body *body;
	struct span plain;

	assert_int_equal(body_encode(s->codec, &sealing->body, signer, &w, NULL), ST_OK);
	assert_true(seal_bytes(w.used) <= OP_LONG_BODY_BYTES_MAX);
	if (w.used > s->largest_plain)
		s->largest_plain = w.used;
	if (sealing->n_dots > 0) { /* all that was */
		arena_free(s->kept);
		s->kept = kept;
		s->n_ops = 0;
		s->n_whole++;
	}
	body = arena_zeros(kept, 1, sizeof *body);
	plain = arena_copy(kept, writer_done(&w));
	assert_int_equal(body_decode(s->codec, plain, signer, kept, body, NULL), ST_OK);
	s->ops[s->n_ops] =
	    (struct record_op){.sealed_bytes = 20 + seal_bytes(w.used), .body = body};
	put_u64(s->ops[s->n_ops++].dot.batch.bytes, ++s->n_sealed);
}

/* n_seen_ops: how many ops this laptop has got when it seals. */
static void
seal(struct section *s, size_t n_seen_ops, const struct saved *saved)
{
	struct record_view v = view_of(s, n_seen_ops, 2, saved->dirty);
	struct record_sealing sealing;

	assert_int_equal(
	    record_seal(s->a, &v, &record_limits_default, &measure, &sealing, NULL),
	    ST_OK);
	assert_true(sealing.is_whole);
	assert_int_equal(sealing.n_dots, n_seen_ops);
	assert_int_equal(sealing.n_unlisted, 0);
	send(s, &sealing);
}

static void
first_draft(struct section *s)
{
	char *text = arena_alloc(s->kept, FIRST_BYTES + WORD_BYTES_MAX);
	const struct entry_name name = {77, 0};
	struct record_sealing sealing = {.body = {.kind = KIND, .agent = name.agent}};
	struct entry first;
	size_t n = 0;

	while (n < FIRST_BYTES)
		n += random_word(s, text + n);
	for (uint32_t i = 0; i < n; i++)
		s->list[i] = (struct character){
		    {name.agent, i}, text[i], false, (size_t)i + 1 < n};
	s->n = n;
	for (unsigned k = 0; k <= AUTHORS; k++)
		s->begin[k] = k * n / AUTHORS;
	first = entry_of(name, authors[0],
	    (struct value){
		.type = VALUE_RUN, .side = RUN_RIGHT, .bytes = span_of(text, n)});
	sealing.body.n_entries = 1;
	sealing.body.entries = &first;
	signer = authors[0];
	send(s, &sealing);
}

static void
text_is_that_of_the_oracle(struct section *s)
{
	struct record_view v = view_of(s, s->n_ops, 0, NULL);
	char *want = arena_alloc(s->a, CHARS_MAX);
	size_t n = oracle_text(s, 0, CHARS_MAX, want);
	struct text_state state;

	assert_int_equal(text_read(s->a, record_field(&v, FIELD), &state, NULL), ST_OK);
	assert_int_equal(state.text.len, n);
	assert_memory_equal(state.text.bytes, want, n);
}

static struct section *
section_new(void)
{
	struct section *s = calloc(1, sizeof *s);

	assert_non_null(s);
	s->a = arena_new(0);
	s->kept = arena_new(0);
	s->codec = body_codec_new();
	s->list = calloc(CHARS_MAX, sizeof *s->list);
	s->rng = rng_seeded(&s->seed, 11);
	assert_true(
	    s->a != NULL && s->kept != NULL && s->codec != NULL && s->list != NULL);
	at_work = s;
	return s;
}

static void
section_free(struct section *s)
{
	arena_free(s->a);
	arena_free(s->kept);
	body_codec_free(s->codec);
	free(s->list);
	free(s);
}

static void
sections_of_48_kib_and_5000_sent_edits_become_one_op(void **state)
{
	struct section *s = section_new();
	struct saved saved;
	char *text;

	(void)state;
	draw_words(s);
	first_draft(s);
	for (size_t i = 0; i < EDITS; i++) {
		bool has_all = s->n_ops > APART || i + 1 == EDITS;
		unsigned k = (unsigned)(i % AUTHORS);

		arena_reset(s->a);
		save(s, k, &saved);
		signer = authors[k];
		seal(s, has_all ? s->n_ops : 0, &saved);
	}
	assert_int_equal(s->n_ops, 1);
	assert_int_equal(s->n_whole, EDITS / (APART + 1) + 1);
	text_is_that_of_the_oracle(s);
	text = arena_alloc(s->a, CHARS_MAX);
	assert_true(oracle_text(s, 0, CHARS_MAX, text) > TEXT_BYTES_MAX * 9 / 10);
	/* A short op cannot hold it, and a long one has room left. */
	assert_true(s->largest_plain > BODY_SHORT_BYTES_MAX);
	assert_true(s->largest_plain < BODY_PLAIN_BYTES_MAX / 20 * 19);
	section_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sections_of_48_kib_and_5000_sent_edits_become_one_op),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
