/* test_body_codec.c - the plaintext of an op: sizes, round trips, one form per content,
 * and what cannot be written. Refusals on reading: test_body_refusals.c. */
#include "unit/body_kit.h"

#include <msgpack.h>

#include "core/op.h"

/* --- sizes ------------------------------------------------------------------- */

static void
sec_77_a_sheet_of_15_marks_has_the_size_of_the_design(void **state)
{
	struct kit *k = *state;

	assert_int_equal(body_array_bytes(k->codec,
			     sample_sheet(k->a, 15, SAMPLE_IN_A_ROW), sample_signer),
	    195);
	assert_int_equal(body_array_bytes(k->codec,
			     sample_sheet(k->a, 16, SAMPLE_IN_A_ROW), sample_signer),
	    207); /* 10 a mark, and two arrays that need a longer head */
	assert_int_equal(body_array_bytes(k->codec,
			     sample_sheet(k->a, 15, SAMPLE_AT_ONCE), sample_signer),
	    181);
}

static void
an_array_of_200_is_never_compressed_and_one_of_201_is(void **state)
{
	struct kit *k = *state;
	struct body *b = sample_note(k->a);
	uint8_t text[400];

	memset(text, 'a', sizeof text);
	b->n_entries = 1;
	for (size_t len = 100; len < 300; len++) {
		size_t array;

		b->entries[0].value.bytes = span_of(text, len);
		array = body_array_bytes(k->codec, b, sample_signer);
		assert_int_equal(encode(k, b).bytes[0],
		    array < BODY_ZSTD_BYTES_MIN ? BODY_RAW : BODY_ZSTD);
	}
}

static void
what_zstd_makes_longer_stays_raw(void **state)
{
	struct kit *k = *state;
	struct rng_seeded seed;
	struct rng r = rng_seeded(&seed, 5);
	struct body *b = sample_note(k->a);
	uint8_t noise[500];

	rng_fill(&r, noise, sizeof noise);
	b->n_entries = 1;
	b->entries[0].value =
	    (struct value){.type = VALUE_BYTES, .bytes = span_of(noise, sizeof noise)};
	assert_int_equal(encode(k, b).bytes[0], BODY_RAW);
}

/* --- round trips ------------------------------------------------------------- */

static void
what_was_written_is_read_back(void **state)
{
	struct kit *k = *state;
	struct rng_seeded seed;
	struct rng r = rng_seeded(&seed, 11);

	for (int i = 0; i < 4000; i++) {
		struct body *in = sample_random_body(&r, k->a);
		struct body out;
		struct trouble t = {0};

		if (decode(k, encode(k, in), &out, &t) != ST_OK)
			fail_msg("round %d: %s", i, t.text);
		assert_true(sample_body_equal(in, &out));
		arena_reset(k->a);
	}
}

static void
samples_are_read_back(void **state)
{
	struct kit *k = *state;
	const struct body *samples[] = {sample_note(k->a), sample_section(k->a),
	    sample_sheet(k->a, 15, SAMPLE_AT_ONCE), sample_sheet(k->a, 1, SAMPLE_AT_ONCE),
	    sample_sheet(k->a, 0, SAMPLE_AT_ONCE),
	    sample_sheet(k->a, 15, SAMPLE_ONE_BY_ONE),
	    sample_sheet(k->a, 4096, SAMPLE_IN_A_ROW)};

	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		struct body out;
		struct trouble t = {0};

		if (decode(k, encode(k, samples[i]), &out, &t) != ST_OK)
			fail_msg("sample %zu: %s", i, t.text);
		assert_true(sample_body_equal(samples[i], &out));
	}
}

static void
entries_with_a_map_key_come_first(void **state)
{
	struct kit *k = *state;
	struct body *in = sample_sheet(k->a, 3, SAMPLE_AT_ONCE);
	struct body out;

	in->entries[0].has_key = false;
	in->entries[0].key = 0;
	in->entries[0].field = 1;
	assert_int_equal(decode(k, encode(k, in), &out, NULL), ST_OK);
	assert_int_equal(out.entries[2].field, 1);
	assert_int_equal(out.entries[2].name.index, 0);
	assert_int_equal(out.entries[0].name.index, 1);
}

/* SECURITY 9.5.7: a forger signs under a name or an agent of somebody else; a later
 * compaction must be able to carry both claims. */
static void
one_agent_claimed_by_two_devices_is_carried_for_both(void **state)
{
	struct kit *k = *state;
	struct body *in = sample_sheet(k->a, 4, SAMPLE_AT_ONCE);
	struct body out;

	in->entries[1].by.device = 99; /* the signer's own agent */
	in->entries[2].name.agent = in->entries[3].name.agent = 77;
	in->entries[3].by.device = 98;
	in->entries[3].name.index = in->entries[2].name.index;
	assert_int_equal(decode(k, encode(k, in), &out, NULL), ST_OK);
	assert_true(sample_body_equal(in, &out));
}

static void
indexes_go_on_by_the_characters_of_a_run(void **state)
{
	struct kit *k = *state;
	struct body *in = sample_section(k->a);
	struct span plain;
	struct body out;

	in->n_entries = 2;
	in->n_gone = 0;
	in->agent = 0xc1;
	in->entries[0].by = in->entries[1].by = sample_signer;
	in->entries[1].name = (struct entry_name){0xc1, 19}; /* "Fünf Tage in Košice" */
	plain = encode(k, in);
	assert_int_equal(plain.bytes[1 + 1 + 1 + 17 + 1 + 10 + 1], 0xc0); /* origin nil */
	assert_int_equal(decode(k, plain, &out, NULL), ST_OK);
	assert_int_equal(out.entries[1].name.index, 19);
}

static void
a_body_takes_the_same_bytes_in_an_arena_and_no_more(void **state)
{
	struct kit *k = *state;
	const struct body *samples[] = {sample_note(k->a), sample_section(k->a),
	    sample_sheet(k->a, 15, SAMPLE_ONE_BY_ONE)};

	for (size_t i = 0; i < 3; i++) {
		struct span plain = encode(k, samples[i]);
		struct arena *tight = arena_new((plain.len + 15) / 16 * 16);
		struct span out;

		assert_int_equal(body_encode_in(k->codec, samples[i], sample_signer,
				     tight, &out, NULL),
		    ST_OK);
		assert_true(span_equal(out, plain));
		assert_int_equal(body_encode_in(k->codec, samples[i], sample_signer,
				     tight, &out, NULL),
		    ST_NO_MEMORY);
		arena_free(tight);
	}
}

/* --- one form per content ---------------------------------------------------- */

static void
body_refuses_every_cut(void **state)
{
	struct kit *k = *state;
	const struct body *samples[] = {sample_note(k->a), sample_section(k->a),
	    sample_sheet(k->a, 15, SAMPLE_ONE_BY_ONE)};

	for (size_t i = 0; i < 3; i++) {
		struct span plain = encode(k, samples[i]);

		for (size_t len = 0; len < plain.len; len++) {
			struct body out;

			assert_int_equal(decode(k, span_of(plain.bytes, len), &out, NULL),
			    ST_MALFORMED);
		}
	}
}

/* Whatever bytes are taken are the bytes that would be written: so nothing can be said in
 * two ways, and hashes and signatures mean what they seem to. */
static void
changed_bodies_are_refused_or_are_what_would_be_written(void **state)
{
	struct kit *k = *state;
	struct rng_seeded seed;
	struct rng r = rng_seeded(&seed, 12);
	size_t n_taken = 0;

	for (int i = 0; i < 30000; i++) {
		struct body *in = sample_random_body(&r, k->a);
		struct span plain = encode(k, in);
		uint8_t changed[BODY_PLAIN_BYTES_MAX];
		struct body out;

		memcpy(changed, plain.bytes, plain.len);
		for (uint64_t n = 1 + rng_below(&r, 2); n > 0; n--)
			changed[rng_below(&r, plain.len)] = (uint8_t)rng_u64(&r);
		if (changed[0] == BODY_RAW &&
		    decode(k, span_of(changed, plain.len), &out, NULL) == ST_OK) {
			size_t len = body_array_bytes(k->codec, &out, sample_signer);
			struct span again = encode(k, &out);

			n_taken++;
			assert_int_equal(len, plain.len - 1);
			if (again.bytes[0] == BODY_RAW)
				assert_memory_equal(again.bytes, changed, plain.len);
		}
		arena_reset(k->a);
	}
	assert_true(n_taken > 100);
}

static void
msgpack_c_writes_the_same_array(void **state)
{
	struct kit *k = *state;
	struct rng_seeded seed;
	struct rng r = rng_seeded(&seed, 13);

	for (int i = 0; i < 1000; i++) {
		struct span plain = encode(k, sample_random_body(&r, k->a));
		const char *array = (const char *)plain.bytes + 1;
		msgpack_unpacked u;
		msgpack_sbuffer again;
		msgpack_packer p;

		arena_reset(k->a);
		if (plain.bytes[0] != BODY_RAW)
			continue;
		msgpack_unpacked_init(&u);
		msgpack_sbuffer_init(&again);
		msgpack_packer_init(&p, &again, msgpack_sbuffer_write);
		assert_int_equal(msgpack_unpack_next(&u, array, plain.len - 1, NULL),
		    MSGPACK_UNPACK_SUCCESS);
		assert_int_equal(u.data.type, MSGPACK_OBJECT_ARRAY);
		assert_int_equal(u.data.via.array.size, 11);
		assert_int_equal(msgpack_pack_object(&p, u.data), 0);
		assert_int_equal(again.size, plain.len - 1);
		assert_memory_equal(again.data, array, again.size);
		msgpack_sbuffer_destroy(&again);
		msgpack_unpacked_destroy(&u);
	}
}

/* --- what cannot be written -------------------------------------------------- */

static void
encode_refuses_what_no_reader_takes(void **state)
{
	struct kit *k = *state;
	struct body *b = sample_section(k->a);
	struct entry good = b->entries[0];

	b->entries[0].name.agent = 0;
	assert_int_equal(encode_status(k, b), ST_MALFORMED);
	b->entries[0] = good;
	b->entries[0].value.bytes = span_text("\xff");
	assert_int_equal(encode_status(k, b), ST_MALFORMED);
	b->entries[0].value.bytes = span_text("");
	assert_int_equal(encode_status(k, b), ST_MALFORMED);
	b->entries[0].value =
	    (struct value){.type = VALUE_INT, .number = (1ull << 53) + 1};
	assert_int_equal(encode_status(k, b), ST_MALFORMED);
	b->entries[0] = good;
	b->entries[0].name.index = UINT32_MAX;
	assert_int_equal(encode_status(k, b), ST_MALFORMED);
	b->entries[0] = good;
	b->entries[0].value.parent.index = 1;
	assert_int_equal(encode_status(k, b), ST_MALFORMED);
	b->entries[0] = good;
	b->gone[0].count = 0;
	assert_int_equal(encode_status(k, b), ST_MALFORMED);
	b->gone[0].count = 1;
	b->agent = 0;
	assert_int_equal(encode_status(k, b), ST_MALFORMED);
}

/* Keys that do not compress. */
static void
many_keys(struct body *b)
{
	struct rng_seeded seed;
	struct rng r = rng_seeded(&seed, 5);

	for (size_t i = 0; i < b->n_entries; i++)
		rng_fill(&r, &b->entries[i].key, sizeof b->entries[i].key);
}

/* What few bytes may make a reader hold. */
static void
above_4096_entries_each_needs_two_bytes_of_plaintext(void **state)
{
	struct kit *k = *state;
	struct body *b = sample_sheet(k->a, 4097, SAMPLE_AT_ONCE);
	struct span plain;
	struct body out;
	size_t at = 0;

	for (size_t i = 0; i < b->n_entries; i++) {
		b->entries[i].has_key = false;
		b->entries[i].time = b->entries[0].time;
		b->entries[i].value = (struct value){.type = VALUE_INT, .number = 1};
		b->entries[i].field = 3;
	}
	b->n_gone = 0;
	assert_int_equal(encode_status(k, b), ST_LIMIT);
	b->n_entries = 4096;
	plain = encode(k, b);
	assert_true(plain.len < 100);
	assert_int_equal(
	    body_decode(k->codec, plain, sample_signer, k->a, &out, NULL), ST_OK);
	assert_int_equal(out.n_entries, 4096);
	while (at + 3 < plain.len && memcmp(plain.bytes + at, "\xcd\x10\x00\x03", 4) != 0)
		at++;
	assert_true(at + 3 < plain.len);
	k->plain[at + 2] = 1;
	assert_int_equal(
	    body_decode(k->codec, plain, sample_signer, k->a, &out, NULL), ST_MALFORMED);
}

static void
encode_refuses_more_than_the_limits(void **state)
{
	struct kit *k = *state;
	struct body *b = sample_sheet(k->a, BODY_ENTRIES_MAX + 1, SAMPLE_AT_ONCE);
	uint8_t small[40];
	struct writer w = writer_of(small, sizeof small);

	assert_int_equal(encode_status(k, b), ST_LIMIT);
	b->n_entries = BODY_ENTRIES_MAX;
	many_keys(b);
	assert_int_equal(encode_status(k, b), ST_OK);
	b->n_entries = 3;
	assert_int_equal(body_encode(k->codec, b, sample_signer, &w, NULL), ST_LIMIT);
	b->n_gone = BODY_GONE_MAX + 1;
	assert_int_equal(encode_status(k, b), ST_LIMIT);
}

static void
encode_refuses_more_agents_than_a_dictionary_holds(void **state)
{
	struct kit *k = *state;
	struct body *b = sample_sheet(k->a, BODY_ENTRIES_MAX, SAMPLE_AT_ONCE);

	for (size_t i = 0; i < b->n_entries; i++)
		b->entries[i].name = (struct entry_name){1 + i, 0};
	for (size_t i = 0; i < b->n_entries; i++)
		b->entries[i].has_key = false;
	b->agent = 1;
	b->entries[0].name.agent = 2; /* 16,384 agents with line 0 */
	assert_int_equal(encode_status(k, b), ST_OK);
	b->entries[0].name.agent = 20000; /* 16,385 */
	assert_int_equal(encode_status(k, b), ST_LIMIT);
}

static void
encode_refuses_an_array_that_does_not_fit_even_if_zstd_could(void **state)
{
	struct kit *k = *state;
	struct body *b = sample_note(k->a);
	uint8_t *text = arena_alloc(k->a, BODY_ARRAY_BYTES_MAX);

	memset(text, 'a', BODY_ARRAY_BYTES_MAX);
	b->n_entries = 1;
	b->entries[0].value.bytes = span_of(text, BODY_ARRAY_BYTES_MAX - 100);
	assert_int_equal(encode_status(k, b), ST_OK);
	b->entries[0].value.bytes = span_of(text, BODY_ARRAY_BYTES_MAX);
	assert_int_equal(encode_status(k, b), ST_LIMIT);
}

static void
encode_fills_the_largest_body_to_the_byte(void **state)
{
	struct kit *k = *state;
	struct body *b = sample_note(k->a);
	struct rng_seeded seed;
	struct rng r = rng_seeded(&seed, 9);
	uint8_t *noise = arena_alloc(k->a, BODY_PLAIN_BYTES_MAX);
	size_t rest;

	rng_fill(&r, noise, BODY_PLAIN_BYTES_MAX);
	b->n_entries = 1;
	b->entries[0].value =
	    (struct value){.type = VALUE_BYTES, .bytes = span_of(noise, 180000)};
	rest = BODY_PLAIN_BYTES_MAX - encode(k, b).len;
	b->entries[0].value.bytes.len += rest;
	assert_int_equal(encode(k, b).len, BODY_PLAIN_BYTES_MAX);
	b->entries[0].value.bytes.len++;
	assert_int_equal(encode_status(k, b), ST_LIMIT);
}

static void
decode_says_when_the_arena_is_used_up(void **state)
{
	struct kit *k = *state;
	const struct body *samples[] = {sample_section(k->a), sample_note(k->a)};

	for (size_t i = 0; i < 2; i++) {
		struct span plain = encode(k, samples[i]);
		status st = ST_NO_MEMORY;

		for (size_t bytes = 16; st == ST_NO_MEMORY; bytes += 16) {
			struct arena *small = arena_new(bytes);
			struct body out;

			st = body_decode(
			    k->codec, plain, sample_signer, small, &out, NULL);
			arena_free(small);
			assert_true(bytes < 4096);
		}
		assert_int_equal(st, ST_OK);
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(sec_77_a_sheet_of_15_marks_has_the_size_of_the_design),
	    T(an_array_of_200_is_never_compressed_and_one_of_201_is),
	    T(what_zstd_makes_longer_stays_raw),
	    T(what_was_written_is_read_back),
	    T(samples_are_read_back),
	    T(entries_with_a_map_key_come_first),
	    T(one_agent_claimed_by_two_devices_is_carried_for_both),
	    T(indexes_go_on_by_the_characters_of_a_run),
	    T(a_body_takes_the_same_bytes_in_an_arena_and_no_more),
	    T(body_refuses_every_cut),
	    T(changed_bodies_are_refused_or_are_what_would_be_written),
	    T(msgpack_c_writes_the_same_array),
	    T(encode_refuses_what_no_reader_takes),
	    T(encode_refuses_more_than_the_limits),
	    T(above_4096_entries_each_needs_two_bytes_of_plaintext),
	    T(encode_refuses_more_agents_than_a_dictionary_holds),
	    T(encode_refuses_an_array_that_does_not_fit_even_if_zstd_could),
	    T(encode_fills_the_largest_body_to_the_byte),
	    T(decode_says_when_the_arena_is_used_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
