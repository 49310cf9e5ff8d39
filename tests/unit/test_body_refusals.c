/* test_body_refusals.c - every rule of spec/ops.md 2, broken once. */
#include "unit/body_kit.h"

#include <zstd.h>

#include "proto/pack.h"

/* --- refusals ---------------------------------------------------------------- */

/* The elements of a body of two marks as msgpack; a test replaces one of them. */
enum {
	KIND,
	RECORD,
	PERSON,
	AGENTS,
	ORIGIN,
	COUNT,
	FIELD,
	KEY,
	TIME,
	VALUE,
	GONE,
	PARTS
};

struct raw {
	struct span parts[PARTS];
};

#define MP(...)                                                                          \
	span_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))
#define EIGHT(n) 0, 0, 0, 0, 0, 0, 0, n

static const uint8_t raw_kind[] = {21};
static const uint8_t raw_record[18] = {0xc4, 16, 1};
static const uint8_t raw_nil[] = {0xc0};
static const uint8_t raw_agents[] = {0xc4, 8, EIGHT(9)};
static const uint8_t raw_count[] = {2};
static const uint8_t raw_field[] = {3};
static const uint8_t raw_keys[] = {0xc4, 16, EIGHT(1), EIGHT(2)};
static const uint8_t raw_times[] = {0x93, 5, 0, 0};
static const uint8_t raw_values[] = {0x92, 1, 2};

static struct raw
two_marks(void)
{
	return (struct raw){{
	    [KIND] = span_of(raw_kind, sizeof raw_kind),
	    [RECORD] = span_of(raw_record, sizeof raw_record),
	    [PERSON] = span_of(raw_nil, sizeof raw_nil),
	    [AGENTS] = span_of(raw_agents, sizeof raw_agents),
	    [ORIGIN] = span_of(raw_nil, sizeof raw_nil),
	    [COUNT] = span_of(raw_count, sizeof raw_count),
	    [FIELD] = span_of(raw_field, sizeof raw_field),
	    [KEY] = span_of(raw_keys, sizeof raw_keys),
	    [TIME] = span_of(raw_times, sizeof raw_times),
	    [VALUE] = span_of(raw_values, sizeof raw_values),
	    [GONE] = span_of(raw_nil, sizeof raw_nil),
	}};
}

static struct span
plain_of(struct kit *k, const struct raw *raw)
{
	enum { ROOM = 512 };
	struct writer w = writer_of(arena_alloc(k->a, ROOM), ROOM);

	writer_u8(&w, BODY_RAW);
	pack_put_array(&w, PARTS);
	for (size_t i = 0; i < PARTS; i++)
		writer_span(&w, raw->parts[i]);
	assert_false(w.is_full);
	return writer_done(&w);
}

static status
decode_raw(struct kit *k, const struct raw *raw, const char *why)
{
	struct trouble t = {0};
	struct body out;
	status st = decode(k, plain_of(k, raw), &out, &t);

	if (why != NULL && strstr(t.text, why) == NULL)
		fail_msg("expected \"%s\", got \"%s\"", why, t.text);
	return st;
}

static void
refuses_part(struct kit *k, size_t part, struct span with, const char *why)
{
	struct raw raw = two_marks();

	raw.parts[part] = with;
	assert_int_equal(decode_raw(k, &raw, why), ST_MALFORMED);
}

static void
takes_part(struct kit *k, size_t part, struct span with)
{
	struct raw raw = two_marks();
	status st;

	raw.parts[part] = with;
	st = decode_raw(k, &raw, NULL);
	assert_int_equal(st, ST_OK);
}

static void
the_body_that_the_refusals_change_is_taken(void **state)
{
	struct raw raw = two_marks();

	assert_int_equal(decode_raw(*state, &raw, NULL), ST_OK);
}

static void
body_refuses_heads_of_another_size(void **state)
{
	struct kit *k = *state;

	refuses_part(k, KIND, MP(0xce, 0, 1, 0, 0), "out of range");
	refuses_part(k, KIND, MP(0xcc, 21), "longer form");
	refuses_part(k, RECORD, MP(0xc4, 2, 1, 1), "out of range");
	refuses_part(k, PERSON, MP(0xc4, 1, 1), "out of range");
	refuses_part(k, PERSON, MP(0), "another type");
	refuses_part(k, COUNT, MP(0xcd, 0x10, 0x01), "out of range"); /* 4,097 */
	refuses_part(k, GONE, MP(0xc0, 0xc0), "nothing may follow");
	takes_part(k, PERSON, MP(0xc4, 8, EIGHT(1)));
}

static void
sec_75_body_refuses_bad_agents(void **state)
{
	struct kit *k = *state;
	struct span named = MP(0x98, 3, 1, 0, 1, 3, 2, 0, 1); /* gone: lines 1 and 2 */
	struct raw raw = two_marks();

	refuses_part(k, AGENTS, MP(0xc4, 0), "out of range");
	refuses_part(k, AGENTS, MP(0xc4, 9, EIGHT(9), 1), "not a multiple of 8");
	refuses_part(k, AGENTS, MP(0xc4, 8, EIGHT(0)), "agent 0");
	refuses_part(k, AGENTS, MP(0xc4, 16, EIGHT(9), EIGHT(4)), "nothing names");
	raw.parts[GONE] = named;
	raw.parts[AGENTS] = MP(0xc4, 24, EIGHT(9), EIGHT(4), EIGHT(5));
	assert_int_equal(decode_raw(k, &raw, NULL), ST_OK);
	raw.parts[AGENTS] = MP(0xc4, 24, EIGHT(9), EIGHT(5), EIGHT(4));
	assert_int_equal(decode_raw(k, &raw, "not ascending"), ST_MALFORMED);
	raw.parts[AGENTS] = MP(0xc4, 24, EIGHT(9), EIGHT(5), EIGHT(5));
	assert_int_equal(decode_raw(k, &raw, "first line"), ST_MALFORMED);
	raw.parts[AGENTS] = MP(0xc4, 24, EIGHT(9), EIGHT(5), EIGHT(9));
	assert_int_equal(decode_raw(k, &raw, "first line"), ST_MALFORMED);
	raw.parts[AGENTS] = MP(0xc4, 16, EIGHT(9), EIGHT(5));
	assert_int_equal(decode_raw(k, &raw, "no such agent"), ST_MALFORMED);
}

static void
body_refuses_runs_that_could_be_said_shorter(void **state)
{
	struct kit *k = *state;

	takes_part(k, ORIGIN, MP(0x92, 0x93, 0, 1, 2, 0x90));
	refuses_part(k, ORIGIN, MP(0x92, 0x93, 0, 0, 2, 0x90), "said without need");
	refuses_part(k, ORIGIN, MP(0x92, 0x96, 0, 1, 1, 0, 2, 1, 0x90), "two rows");
	refuses_part(k, ORIGIN, MP(0x92, 0x96, 0, 1, 2, 0, 9, 0, 0x90), "empty row");
	refuses_part(k, ORIGIN, MP(0x92, 0x94, 0, 1, 2, 0, 0x90), "rows of three");
	refuses_part(k, ORIGIN, MP(0x92, 0x93, 0, 1, 3, 0x90), "more entries");
	refuses_part(k, ORIGIN, MP(0x92, 0x93, 0, 1, 1, 0x90), "fewer entries");
	refuses_part(k, ORIGIN, MP(0x92, 0x93, 1, 1, 2, 0x90), "no such agent");
	refuses_part(
	    k, ORIGIN, MP(0x92, 0x93, 0, 0xce, 0xff, 0xff, 0xff, 0xff, 2, 0x90), "2^32");
	takes_part(
	    k, ORIGIN, MP(0x92, 0x96, 0, 0xce, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 1, 0x90));
}

static void
body_refuses_authors_that_need_no_line(void **state)
{
	struct kit *k = *state;
	struct raw raw = two_marks();

	raw.parts[AGENTS] = MP(0xc4, 16, EIGHT(9), EIGHT(4));
	raw.parts[ORIGIN] = MP(0x92, 0x96, 0, 0, 1, 1, 0, 1, 0x93, 1, 3, 8);
	assert_int_equal(decode_raw(k, &raw, NULL), ST_OK);
	raw.parts[ORIGIN] = MP(0x92, 0x96, 0, 0, 1, 1, 0, 1, 0x93, 1, 3, 7);
	assert_int_equal(decode_raw(k, &raw, "the signer himself"), ST_MALFORMED);
	raw.parts[ORIGIN] = MP(0x92, 0x96, 0, 0, 1, 1, 0, 1, 0x93, 0, 3, 8);
	assert_int_equal(decode_raw(k, &raw, "authors: not ascending"), ST_MALFORMED);
	raw.parts[ORIGIN] = MP(0x92, 0x96, 0, 0, 1, 1, 0, 1, 0x96, 1, 3, 8, 1, 3, 9);
	assert_int_equal(decode_raw(k, &raw, "authors: not ascending"), ST_MALFORMED);
	raw.parts[ORIGIN] = MP(0x92, 0x93, 0, 5, 2, 0x93, 1, 3, 8);
	assert_int_equal(decode_raw(k, &raw, "without entries"), ST_MALFORMED);
	/* Two lines of one agent stand in the order of their authors. */
	raw.parts[AGENTS] = MP(0xc4, 24, EIGHT(9), EIGHT(4), EIGHT(4));
	raw.parts[ORIGIN] = MP(0x92, 0x96, 1, 0, 1, 2, 0, 1, 0x93, 2, 3, 8);
	assert_int_equal(decode_raw(k, &raw, NULL), ST_OK);
	raw.parts[ORIGIN] = MP(0x92, 0x96, 1, 0, 1, 2, 0, 1, 0x93, 1, 3, 8);
	assert_int_equal(decode_raw(k, &raw, "agents: not ascending"), ST_MALFORMED);
	/* Agent 0 is the signer's; another line of it needs another author. */
	raw.parts[AGENTS] = MP(0xc4, 16, EIGHT(9), EIGHT(9));
	raw.parts[ORIGIN] = MP(0x92, 0x96, 0, 0, 1, 1, 0, 1, 0x93, 1, 3, 8);
	assert_int_equal(decode_raw(k, &raw, NULL), ST_OK);
	raw.parts[ORIGIN] = MP(0x92, 0x96, 0, 0, 1, 1, 5, 1, 0x90);
	assert_int_equal(decode_raw(k, &raw, "agent 0 twice"), ST_MALFORMED);
}

static void
sec_75_body_refuses_columns_of_another_length(void **state)
{
	struct kit *k = *state;

	refuses_part(k, FIELD, MP(0x90), "out of range");
	refuses_part(k, FIELD, MP(0x91, 3), "out of range");
	refuses_part(k, FIELD, MP(0x93, 3, 4, 5), "out of range");
	refuses_part(k, FIELD, MP(0x92, 3, 3), "equal elements");
	refuses_part(k, VALUE, MP(0x91, 3), "out of range");
	refuses_part(k, VALUE, MP(0x92, 1, 1), "equal elements");
	refuses_part(k, VALUE, MP(0x92, 0xc0, 0xc0), "equal elements");
	refuses_part(k, TIME, MP(0x93, 5, 0x90, 0), "out of range");
	refuses_part(k, TIME, MP(0x93, 5, 0x91, 0, 0), "out of range");
	refuses_part(k, TIME, MP(0x93, 5, 0, 0x92, 1, 1), "equal elements");
	refuses_part(k, TIME, MP(0xc0), "another type");
	takes_part(k, FIELD, MP(0x92, 3, 4));
	takes_part(k, VALUE, MP(0xc0));
	takes_part(k, TIME, MP(0x93, 5, 0, 0x92, 1, 2));
}

static void
leading_equal_numbers_of_a_column_are_said_once(void **state)
{
	struct kit *k = *state;
	struct raw raw = two_marks();
	struct body out;

	raw.parts[COUNT] = MP(5);
	raw.parts[FIELD] = MP(0x92, 3, 2);
	raw.parts[TIME] = MP(0x93, 5, 0x93, 2, 4, 2, 0x93, 0, 1, 0);
	raw.parts[VALUE] = MP(1);
	assert_int_equal(decode_raw(k, &raw, NULL), ST_OK);
	raw.parts[FIELD] = MP(0x95, 3, 3, 3, 3, 2);
	assert_int_equal(decode_raw(k, &raw, "equal elements"), ST_MALFORMED);
	raw.parts[FIELD] = MP(0x93, 3, 3, 2);
	assert_int_equal(decode_raw(k, &raw, "equal elements"), ST_MALFORMED);
	raw.parts[FIELD] = MP(0x96, 3, 2, 3, 2, 3, 2);
	assert_int_equal(decode_raw(k, &raw, "out of range"), ST_MALFORMED);

	/* Equal ones further on are each said. */
	raw.parts[FIELD] = MP(0x94, 3, 2, 2, 2);
	assert_int_equal(decode_raw(k, &raw, NULL), ST_OK);
	assert_int_equal(decode(k, plain_of(k, &raw), &out, NULL), ST_OK);
	assert_int_equal(out.n_entries, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(out.entries[i].field, i < 2 ? 3 : 2);
	for (size_t i = 0; i < 5; i++) {
		static const uint64_t seconds[] = {5, 6, 7, 9, 10};

		assert_int_equal(out.entries[i].time.seconds, seconds[i]);
		assert_int_equal(out.entries[i].time.counter, i == 3);
	}
}

static void
sec_75_body_refuses_a_key_column_that_is_not_of_eights(void **state)
{
	struct kit *k = *state;

	refuses_part(k, KEY, MP(0xc4, 9, EIGHT(1), 1), "not a multiple of 8");
	refuses_part(k, KEY, MP(0xc4, 0), "out of range");
	refuses_part(k, KEY, MP(0xc4, 24, EIGHT(1), EIGHT(2), EIGHT(3)), "out of range");
	takes_part(k, KEY, MP(0xc4, 8, EIGHT(1)));
	takes_part(k, KEY, MP(0xc0));
}

static void
body_refuses_times_out_of_range(void **state)
{
	struct kit *k = *state;

	takes_part(k, TIME, MP(0x93, 5, 9, 0));                         /* back to 0 */
	refuses_part(k, TIME, MP(0x93, 5, 11, 0), "time out of range"); /* back to -1 */
	refuses_part(k, TIME, MP(0x93, 0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0, 2, 0),
	    "time out of range");
	refuses_part(
	    k, TIME, MP(0x93, 5, 0, 0xcf, 0, 0, 0, 1, 0, 0, 0, 0), "out of range");
}

static void
body_refuses_bad_values(void **state)
{
	struct kit *k = *state;

	refuses_part(
	    k, VALUE, MP(0x92, 1, 0xcf, 0, 0x20, 0, 0, 0, 0, 0, 1), "out of range");
	takes_part(k, VALUE, MP(0x92, 1, 0xcf, 0, 0x20, 0, 0, 0, 0, 0, 0));
	refuses_part(k, VALUE, MP(0x92, 1, 0xa1, 0xff), "UTF-8");
	refuses_part(k, VALUE, MP(0x92, 1, 0xa2, 0xc0, 0x80), "UTF-8");
	refuses_part(k, VALUE, MP(0x92, 1, 0xff), "not allowed");
	refuses_part(k, VALUE, MP(0x92, 1, 0xca, 0, 0, 0, 0), "not allowed");
	refuses_part(k, VALUE, MP(0x92, 1, 0x94, 0xc0, 0, 1, 0xa0), "out of range");
	refuses_part(k, VALUE, MP(0x92, 1, 0x94, 0xc0, 1, 1, 0xa1, 'x'), "out of range");
	refuses_part(k, VALUE, MP(0x92, 1, 0x94, 0xc0, 0, 3, 0xa1, 'x'), "out of range");
	refuses_part(k, VALUE, MP(0x92, 1, 0x94, 0xc0, 0, 1, 0xa0), "out of range");
	refuses_part(k, VALUE, MP(0x92, 1, 0x94, 0xc0, 0, 2, 5), "another type");
	refuses_part(k, VALUE, MP(0x92, 1, 0x94, 0xc0, 0, 1, 0), "no characters");
	takes_part(k, VALUE, MP(0x92, 1, 0x94, 0xc0, 0, 2, 0xa1, 'x'));
	takes_part(k, VALUE, MP(0x92, 1, 0x94, 0xc0, 0, 2, 0xa0));
	takes_part(k, VALUE, MP(0x92, 1, 0x94, 0xc0, 0, 1, 5));
	refuses_part(k, VALUE, MP(0x92, 1, 0x94, 1, 0, 1, 0xa1, 'x'), "no such agent");
	refuses_part(k, VALUE, MP(0x92, 1, 0x93, 0xc0, 0, 1), "out of range");
	takes_part(k, VALUE, MP(0x92, 1, 0x94, 0xc0, 0, 1, 0xa1, 'x'));
	takes_part(k, VALUE, MP(0x92, 1, 0x94, 0, 7, 0, 0xa1, 'x'));
}

static void
body_refuses_bad_superseded_names(void **state)
{
	struct kit *k = *state;

	refuses_part(k, GONE, MP(0x90), "out of range");
	refuses_part(k, GONE, MP(0x93, 3, 0, 1), "out of range");
	refuses_part(k, GONE, MP(0x95, 3, 0, 1, 1, 0), "rows of four");
	refuses_part(k, GONE, MP(0x94, 3, 0, 1, 0), "count");
	refuses_part(k, GONE, MP(0x94, 3, 0, 0xce, 0xff, 0xff, 0xff, 0xff, 2), "count");
	takes_part(k, GONE, MP(0x94, 3, 0, 0xce, 0xff, 0xff, 0xff, 0xff, 1));
}

static void
a_body_without_entries_has_empty_columns(void **state)
{
	struct kit *k = *state;
	struct raw raw = two_marks();

	raw.parts[COUNT] = MP(0);
	raw.parts[FIELD] = MP(0x90);
	raw.parts[KEY] = MP(0xc0);
	raw.parts[TIME] = MP(0xc0);
	raw.parts[VALUE] = MP(0x90);
	assert_int_equal(decode_raw(k, &raw, NULL), ST_OK);
	raw.parts[TIME] = MP(0x93, 0, 0x90, 0x90);
	assert_int_equal(decode_raw(k, &raw, "times of no entry"), ST_MALFORMED);
	raw.parts[TIME] = MP(0xc0);
	raw.parts[VALUE] = MP(1);
	assert_int_equal(decode_raw(k, &raw, "another type"), ST_MALFORMED);
	raw.parts[VALUE] = MP(0x90);
	raw.parts[KEY] = MP(0xc4, 8, EIGHT(1));
	assert_int_equal(decode_raw(k, &raw, "out of range"), ST_MALFORMED);
}

/* --- flags and zstd ---------------------------------------------------------- */

static void
another_flag_is_a_newer_version(void **state)
{
	struct kit *k = *state;
	const uint8_t flags[] = {0, 3, 4, 255};

	for (size_t i = 0; i < sizeof flags; i++) {
		struct body out;

		assert_int_equal(decode(k, MP(flags[i], 0x90), &out, NULL), ST_VERSION);
	}
}

/* What a frame begins with, and a body leaves out. */
static const uint8_t magic[4] = {0x28, 0xb5, 0x2f, 0xfd};

/* The sample note as an array, to be compressed in forbidden ways. */
static struct span
note_array(struct kit *k)
{
	struct body *b = sample_note(k->a);
	struct body out;
	struct span plain = encode(k, b);
	uint8_t *array = arena_alloc(k->a, BODY_ARRAY_BYTES_MAX);
	uint8_t *frame = arena_alloc(k->a, plain.len + sizeof magic - 1);
	size_t len;

	assert_int_equal(plain.bytes[0], BODY_ZSTD);
	assert_int_equal(decode(k, plain, &out, NULL), ST_OK);
	memcpy(frame, magic, sizeof magic);
	memcpy(frame + sizeof magic, plain.bytes + 1, plain.len - 1);
	len = ZSTD_decompress(
	    array, BODY_ARRAY_BYTES_MAX, frame, plain.len - 1 + sizeof magic);
	assert_false(ZSTD_isError(len));
	return span_of(array, len);
}

/* flag 2, then array compressed with one parameter set to another value, as a body has
 * it. */
static struct span
frame_with(struct kit *k, struct span array, ZSTD_cParameter parameter, int value)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	uint8_t *plain = arena_alloc(k->a, array.len + 64);
	size_t len;

	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(c, parameter, value)));
	len = ZSTD_compress2(c, plain + 1, array.len + 63, array.bytes, array.len);
	assert_false(ZSTD_isError(len));
	ZSTD_freeCCtx(c);
	assert_memory_equal(plain + 1, magic, sizeof magic);
	plain[sizeof magic] = BODY_ZSTD;
	return span_of(plain + sizeof magic, len + 1 - sizeof magic);
}

static void
refuses_plain(struct kit *k, struct span plain, const char *why)
{
	struct trouble t = {0};
	struct body out;

	assert_int_equal(decode(k, plain, &out, &t), ST_MALFORMED);
	if (strstr(t.text, why) == NULL)
		fail_msg("expected \"%s\", got \"%s\"", why, t.text);
}

static void
sec_75_body_refuses_frames_that_are_not_plain(void **state)
{
	struct kit *k = *state;
	struct span array = note_array(k);
	struct span good = frame_with(k, array, ZSTD_c_compressionLevel, 3);
	struct span bad;
	uint8_t *copy;
	struct body out;

	assert_int_equal(decode(k, good, &out, NULL), ST_OK);
	bad = frame_with(k, array, ZSTD_c_checksumFlag, 1);
	refuses_plain(k, bad, "not a plain zstd frame");
	bad = frame_with(k, array, ZSTD_c_contentSizeFlag, 0);
	refuses_plain(k, bad, "content size missing");

	copy = arena_alloc(k->a, good.len + 13);
	memcpy(copy, good.bytes, good.len);
	copy[good.len] = 0;
	refuses_plain(k, span_of(copy, good.len + 1), "not one whole frame");
	/* A second, skippable frame. */
	memcpy(copy + good.len, "\x50\x2a\x4d\x18\x04\0\0\0abcd", 12);
	refuses_plain(k, span_of(copy, good.len + 12), "not one whole frame");
	copy[1] |= 0x03; /* a dictionary id */
	refuses_plain(k, span_of(copy, good.len), "not a plain zstd frame");
	/* With the magic number that is left out. */
	memcpy(copy + 1, magic, sizeof magic);
	memcpy(copy + 1 + sizeof magic, good.bytes + 1, good.len - 1);
	refuses_plain(
	    k, span_of(copy, good.len + sizeof magic), "not a plain zstd frame");
	refuses_plain(
	    k, MP(BODY_ZSTD, 0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0), "not a plain");
}

static void
body_refuses_a_damaged_frame(void **state)
{
	struct kit *k = *state;
	struct span good = frame_with(k, note_array(k), ZSTD_c_compressionLevel, 3);
	uint8_t *copy = arena_alloc(k->a, good.len);
	size_t n_refused = 0;

	for (size_t i = 2; i < good.len; i++) {
		struct body out;

		memcpy(copy, good.bytes, good.len);
		copy[i] ^= 0x55;
		/* There is no checksum: the seal around it is one. */
		n_refused +=
		    decode(k, span_of(copy, good.len), &out, NULL) == ST_MALFORMED;
	}
	assert_true(n_refused > 10);
}

static void
sec_75_body_refuses_compression_without_need(void **state)
{
	struct kit *k = *state;
	uint8_t zeros[BODY_ZSTD_BYTES_MIN - 1] = {0};
	struct span short_array = span_of(zeros, sizeof zeros);

	refuses_plain(
	    k, frame_with(k, short_array, ZSTD_c_compressionLevel, 19), "without need");
}

static void
sec_75_body_refuses_a_bomb_before_it_allocates(void **state)
{
	struct kit *k = *state;
	size_t len = 1 << 24;
	uint8_t *zeros = calloc(1, len);
	struct span bomb;
	struct arena *small = arena_new(1024);
	struct trouble t = {0};
	struct body out;

	assert_non_null(zeros);
	bomb = frame_with(k, span_of(zeros, len), ZSTD_c_compressionLevel, 19);
	assert_true(bomb.len < BODY_PLAIN_BYTES_MAX);
	assert_int_equal(
	    body_decode(k->codec, bomb, sample_signer, small, &out, &t), ST_MALFORMED);
	assert_non_null(strstr(t.text, "too large"));
	assert_int_equal(arena_used(small), 0);
	arena_free(small);
	free(zeros);
}

static void
sec_75_content_of_384_kib_is_taken_and_a_byte_more_refused(void **state)
{
	struct kit *k = *state;
	uint8_t *zeros = calloc(1, BODY_ARRAY_BYTES_MAX + 1);

	assert_non_null(zeros);
	/* Taken by zstd, refused by the reader behind it: no array of eleven. */
	refuses_plain(k,
	    frame_with(
		k, span_of(zeros, BODY_ARRAY_BYTES_MAX), ZSTD_c_compressionLevel, 3),
	    "byte 0");
	refuses_plain(k,
	    frame_with(
		k, span_of(zeros, BODY_ARRAY_BYTES_MAX + 1), ZSTD_c_compressionLevel, 3),
	    "too large");
	free(zeros);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(the_body_that_the_refusals_change_is_taken),
	    T(body_refuses_heads_of_another_size),
	    T(sec_75_body_refuses_bad_agents),
	    T(body_refuses_runs_that_could_be_said_shorter),
	    T(body_refuses_authors_that_need_no_line),
	    T(sec_75_body_refuses_columns_of_another_length),
	    T(leading_equal_numbers_of_a_column_are_said_once),
	    T(sec_75_body_refuses_a_key_column_that_is_not_of_eights),
	    T(body_refuses_times_out_of_range),
	    T(body_refuses_bad_values),
	    T(body_refuses_bad_superseded_names),
	    T(a_body_without_entries_has_empty_columns),
	    T(another_flag_is_a_newer_version),
	    T(sec_75_body_refuses_frames_that_are_not_plain),
	    T(body_refuses_a_damaged_frame),
	    T(sec_75_body_refuses_compression_without_need),
	    T(sec_75_body_refuses_a_bomb_before_it_allocates),
	    T(sec_75_content_of_384_kib_is_taken_and_a_byte_more_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
