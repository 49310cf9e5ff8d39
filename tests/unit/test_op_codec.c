/* test_op_codec.c - one op on the wire, against the table of spec/ops.md 4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/sign.h"
#include "proto/op_codec.h"

/* A dictionary of two batches and two subjects. */
static const struct short_id refs[2] = {{{0xaa}}, {{0xbb}}};
static const struct tag subjects[2] = {{{0x11}}, {{0x22}}};
static const struct batch around = {
    .n_refs = 2, .refs = refs, .n_subjects = 2, .subjects = subjects};

static uint8_t body[OP_BODY_BYTES_MAX + 1];

static status
decode(struct span in, struct arena *a, struct op *out, struct trouble *t)
{
	struct checks checks = sign_checks();
	struct reader r = reader_of(in);
	status st = op_decode(&r, &around, &checks, a, out, t);

	return st == ST_OK ? reader_end(&r) : st;
}

static void
refuses(const uint8_t *in, size_t len, const char *why)
{
	struct arena *a = arena_new(0);
	struct trouble t = {0};
	struct op out;

	assert_int_equal(decode(span_of(in, len), a, &out, &t), ST_MALFORMED);
	if (strstr(t.text, why) == NULL)
		fail_msg("expected \"%s\", got \"%s\"", why, t.text);
	arena_free(a);
}

/* A write of 80 bytes of body: flags, then what the caller changes. */
static size_t
plain_write(uint8_t *out, uint8_t flags)
{
	struct writer w = writer_of(out, 4096);

	writer_u8(&w, flags);
	writer_u16(&w, OP_BODY_BYTES_MIN);
	writer_zeros(&w, 16);
	if ((flags & 0x10) != 0)
		writer_u8(&w, 1);
	if ((flags & 0x20) != 0)
		writer_bytes(&w, "\x01\x00\x07\x01\x02", 5);
	writer_zeros(&w, OP_BODY_BYTES_MIN);
	return w.used;
}

static void
a_write_has_the_bytes_of_the_table(void **state)
{
	const struct dot dots[2] = {{refs[0], 7}, {refs[1], 2}};
	struct op o = {.type = OP_WRITE,
	    .retention = RETAIN_PERSONAL,
	    .has_subject = true,
	    .subject = subjects[1],
	    .n_dots = 2,
	    .dots = dots,
	    .body = span_of(body, OP_BODY_BYTES_MIN)};
	uint8_t expected[4096], out[4096];
	struct writer w = writer_of(out, sizeof out);
	size_t len = plain_write(expected, 0x01 | 1 << 2 | 0x10 | 0x20);

	(void)state;
	op_encode(&o, &around, &w);
	assert_int_equal(w.used, len);
	assert_int_equal(op_wire_bytes(&o), len);
	assert_memory_equal(out, expected, len);
	assert_int_equal(len, 20 + 5 + OP_BODY_BYTES_MIN);
}

static void
an_erase_has_four_bytes(void **state)
{
	struct op o = {.type = OP_ERASE, .has_subject = true, .subject = subjects[1]};
	uint8_t out[8];
	struct writer w = writer_of(out, sizeof out);

	(void)state;
	op_encode(&o, &around, &w);
	assert_int_equal(w.used, 4);
	assert_memory_equal(out, "\x12\x00\x00\x01", 4);
}

static void
decode_gives_full_values_for_references(void **state)
{
	struct arena *a = arena_new(0);
	uint8_t in[4096];
	size_t len = plain_write(in, 0x01 | 2 << 2 | 0x10 | 0x20);
	struct op o;

	(void)state;
	assert_int_equal(decode(span_of(in, len), a, &o, NULL), ST_OK);
	assert_true(o.is_present);
	assert_int_equal(o.type, OP_WRITE);
	assert_int_equal(o.retention, RETAIN_ORDINARY);
	assert_true(o.has_subject && ID_EQUAL(&o.subject, &subjects[1]));
	assert_int_equal(o.n_dots, 2);
	assert_true(ID_EQUAL(&o.dots[0].batch, &refs[0]));
	assert_int_equal(o.dots[0].index, 7);
	assert_true(ID_EQUAL(&o.dots[1].batch, &refs[1]));
	assert_int_equal(o.dots[1].index, 2);
	assert_int_equal(o.body.len, OP_BODY_BYTES_MIN);
	assert_true(span_equal(o.wire, span_of(in, len)));
	arena_free(a);
}

static void
op_refuses_every_cut(void **state)
{
	uint8_t in[4096];
	size_t len = plain_write(in, 0x01 | 1 << 2 | 0x10 | 0x20);

	(void)state;
	for (size_t cut = 0; cut < len; cut++)
		refuses(in, cut, "");
}

static void
op_refuses_flags_that_are_not_in_the_table(void **state)
{
	uint8_t in[4096];
	size_t len = plain_write(in, 0x05);

	(void)state;
	in[0] = 0x04;
	refuses(in, len, "unknown type");
	in[0] = 0x07;
	refuses(in, len, "unknown type");
	in[0] = 0x85;
	refuses(in, len, "reserved");
	in[0] = 0xc5;
	refuses(in, len, "reserved");
	refuses((const uint8_t *)"\x52\0\0\0\0", 5, "length of the body");
	refuses((const uint8_t *)"\x52\1\0\0\0", 5, "erase with a body");
	in[0] = 0x01;
	refuses(in, len, "without a class");
	refuses((const uint8_t *)"\x32\0\0\0\0\0\0", 7, "erase with dots");
	refuses((const uint8_t *)"\x02\0\0", 3, "without a subject");
	refuses((const uint8_t *)"\x16\0\0\0", 4, "erase with a class");
	refuses((const uint8_t *)"\x12\0\x01\0\0", 5, "erase with a body");
}

static void
op_takes_bodies_between_the_limits_only(void **state)
{
	struct arena *a = arena_new(0);
	const size_t lengths[] = {OP_BODY_BYTES_MIN - 1, OP_BODY_BYTES_MIN,
	    OP_BODY_BYTES_MAX, OP_BODY_BYTES_MAX + 1};
	uint8_t *in = calloc(1, 19 + OP_BODY_BYTES_MAX + 1);

	(void)state;
	assert_non_null(in);
	in[0] = 0x05;
	for (size_t i = 0; i < 4; i++) {
		bool is_legal = i == 1 || i == 2;
		struct op out;

		put_u16(in + 1, (uint16_t)lengths[i]);
		assert_int_equal(decode(span_of(in, 19 + lengths[i]), a, &out, NULL),
		    is_legal ? ST_OK : ST_MALFORMED);
	}
	free(in);
	arena_free(a);
}

/* Three bytes of length say what two may not, and nothing else. */
static void
op_takes_long_bodies_between_their_limits_only(void **state)
{
	struct arena *a = arena_new(0);
	static const struct {
		uint32_t len;
		status st;
	} rows[] = {{OP_BODY_BYTES_MIN, ST_MALFORMED}, {OP_BODY_BYTES_MAX, ST_MALFORMED},
	    {OP_BODY_BYTES_MAX + 1, ST_OK}, {65535, ST_OK}, {65536, ST_OK},
	    {OP_LONG_BODY_BYTES_MAX, ST_OK}, {OP_LONG_BODY_BYTES_MAX + 1, ST_MALFORMED}};
	uint8_t *in = calloc(1, 20 + OP_LONG_BODY_BYTES_MAX + 1);

	(void)state;
	assert_non_null(in);
	in[0] = 0x05 | 0x40;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct op out;

		in[1] = (uint8_t)(rows[i].len >> 16);
		put_u16(in + 2, (uint16_t)rows[i].len);
		assert_int_equal(
		    decode(span_of(in, 20 + rows[i].len), a, &out, NULL), rows[i].st);
		if (rows[i].st != ST_OK)
			continue;
		assert_int_equal(out.body.len, rows[i].len);
		assert_int_equal(op_wire_bytes(&out), 20 + rows[i].len);
	}
	free(in);
	arena_free(a);
}

static void
a_long_op_comes_back_as_it_was(void **state)
{
	struct arena *a = arena_new(0);
	static uint8_t long_body[OP_LONG_BODY_BYTES_MAX + 1];
	static uint8_t room[OP_LONG_BODY_BYTES_MAX + 64];
	struct writer w = writer_of(room, sizeof room);
	struct op out, o = {.is_present = true,
			   .type = OP_WRITE,
			   .retention = RETAIN_ORDINARY,
			   .body = span_of(long_body, OP_LONG_BODY_BYTES_MAX)};

	(void)state;
	memset(long_body, 7, sizeof long_body);
	op_encode(&o, &around, &w);
	assert_int_equal(w.used, op_wire_bytes(&o));
	assert_int_equal(room[0], 0x01 | 2 << 2 | 0x40);
	assert_int_equal(decode(writer_done(&w), a, &out, NULL), ST_OK);
	assert_true(span_equal(out.body, o.body));
	o.body.len++;
	assert_string_equal(op_fault(&o), "length of the body");
	arena_free(a);
}

static void
op_refuses_references_outside_the_dictionaries(void **state)
{
	uint8_t in[4096];
	size_t len = plain_write(in, 0x05 | 0x10 | 0x20);

	(void)state;
	in[19] = 2;
	refuses(in, len, "subject outside");
	in[19] = 1;
	in[23] = 2;
	refuses(in, len, "dot outside");
}

static void
op_refuses_dots_that_do_not_ascend(void **state)
{
	uint8_t in[4096];
	size_t len = plain_write(in, 0x05 | 0x20);

	(void)state;
	memcpy(in + 20, "\x00\x07\x00\x07", 4);
	refuses(in, len, "not ascending");
	memcpy(in + 20, "\x00\x07\x00\x06", 4);
	refuses(in, len, "not ascending");
	memcpy(in + 20, "\x01\x00\x00\xff", 4);
	refuses(in, len, "not ascending");
}

static void
op_carries_up_to_256_dots(void **state)
{
	struct arena *a = arena_new(0);
	struct dot dots[OP_DOTS_MAX];
	struct op o = {.type = OP_WRITE,
	    .retention = RETAIN_AUDIT,
	    .n_dots = OP_DOTS_MAX,
	    .dots = dots,
	    .body = span_of(body, OP_BODY_BYTES_MIN)};
	uint8_t out[4096];
	struct writer w = writer_of(out, sizeof out);
	struct op back;

	(void)state;
	for (size_t i = 0; i < OP_DOTS_MAX; i++)
		dots[i] = (struct dot){refs[0], (uint8_t)i};
	op_encode(&o, &around, &w);
	assert_int_equal(decode(writer_done(&w), a, &back, NULL), ST_OK);
	assert_int_equal(back.n_dots, OP_DOTS_MAX);
	assert_int_equal(back.dots[255].index, 255);
	o.n_dots = OP_DOTS_MAX + 1;
	assert_string_equal(op_fault(&o), "too many dots");
	arena_free(a);
}

static void
the_hash_covers_every_byte_of_the_op(void **state)
{
	struct checks checks = sign_checks();
	struct op_hash whole, changed;
	uint8_t in[4096];
	size_t len = plain_write(in, 0x05 | 0x10 | 0x20);

	(void)state;
	op_hash_of(span_of(in, len), &checks, &whole);
	for (size_t i = 0; i < len; i++) {
		in[i] ^= 1;
		op_hash_of(span_of(in, len), &checks, &changed);
		assert_false(ID_EQUAL(&whole, &changed));
		in[i] ^= 1;
	}
	op_hash_of(span_of(in, len - 1), &checks, &changed);
	assert_false(ID_EQUAL(&whole, &changed));
}

static void
op_says_when_the_arena_is_used_up(void **state)
{
	struct arena *small = arena_new(16);
	uint8_t in[4096];
	size_t len = plain_write(in, 0x05 | 0x20);
	struct op out;

	(void)state;
	assert_int_equal(decode(span_of(in, len), small, &out, NULL), ST_NO_MEMORY);
	arena_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_write_has_the_bytes_of_the_table),
	    cmocka_unit_test(an_erase_has_four_bytes),
	    cmocka_unit_test(decode_gives_full_values_for_references),
	    cmocka_unit_test(op_refuses_every_cut),
	    cmocka_unit_test(op_refuses_flags_that_are_not_in_the_table),
	    cmocka_unit_test(op_takes_bodies_between_the_limits_only),
	    cmocka_unit_test(op_takes_long_bodies_between_their_limits_only),
	    cmocka_unit_test(a_long_op_comes_back_as_it_was),
	    cmocka_unit_test(op_refuses_references_outside_the_dictionaries),
	    cmocka_unit_test(op_refuses_dots_that_do_not_ascend),
	    cmocka_unit_test(op_carries_up_to_256_dots),
	    cmocka_unit_test(the_hash_covers_every_byte_of_the_op),
	    cmocka_unit_test(op_says_when_the_arena_is_used_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
