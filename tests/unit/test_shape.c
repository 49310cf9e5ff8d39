/* test_shape.c - the shape check and the strict reader and writer: forms that pass,
 * forms that do not, cuts at every byte, and msgpack-c as a second opinion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <msgpack.h>

#include "base/ids.h"
#include "base/rng.h"
#include "proto/pack.h"
#include "proto/shape.h"

#define BYTES(...)                                                                       \
	span_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static status
shape_of(struct span s)
{
	return shape_check(s, SHAPE_ELEMENTS_MAX, NULL);
}

static void
shape_takes_each_type_in_its_shortest_form(void **state)
{
	(void)state;
	assert_int_equal(shape_of(BYTES(0xc0)), ST_OK);
	assert_int_equal(shape_of(BYTES(0x7f)), ST_OK);
	assert_int_equal(shape_of(BYTES(0xcc, 0x80)), ST_OK);
	assert_int_equal(shape_of(BYTES(0xcd, 1, 0)), ST_OK);
	assert_int_equal(shape_of(BYTES(0xce, 0, 1, 0, 0)), ST_OK);
	assert_int_equal(shape_of(BYTES(0xcf, 0, 0, 0, 1, 0, 0, 0, 0)), ST_OK);
	assert_int_equal(shape_of(BYTES(0xc4, 0)), ST_OK);
	assert_int_equal(shape_of(BYTES(0xc4, 2, 1, 2)), ST_OK);
	assert_int_equal(shape_of(BYTES(0xa2, 'a', 'b')), ST_OK);
	assert_int_equal(shape_of(BYTES(0x93, 1, 0xc0, 0x91, 2)), ST_OK);
}

static void
shape_refuses_longer_forms(void **state)
{
	uint8_t bin[3 + 255] = {0xc5, 0, 255};
	uint8_t str[2 + 31] = {0xd9, 31};
	uint8_t array[3 + 15] = {0xdc, 0, 15};

	(void)state;
	assert_int_equal(shape_of(BYTES(0xcc, 0x7f)), ST_MALFORMED);
	assert_int_equal(shape_of(BYTES(0xcd, 0, 0xff)), ST_MALFORMED);
	assert_int_equal(shape_of(BYTES(0xce, 0, 0, 0xff, 0xff)), ST_MALFORMED);
	assert_int_equal(
	    shape_of(BYTES(0xcf, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)), ST_MALFORMED);
	assert_int_equal(shape_of(span_of(bin, sizeof bin)), ST_MALFORMED);
	assert_int_equal(shape_of(span_of(str, sizeof str)), ST_MALFORMED);
	assert_int_equal(shape_of(span_of(array, sizeof array)), ST_MALFORMED);
}

static void
shape_refuses_every_other_type(void **state)
{
	(void)state;
	for (int first = 0; first < 256; first++) {
		uint8_t in[64] = {(uint8_t)first};
		bool foreign = (first >= 0x80 && first <= 0x8f) || /* maps */
			       (first >= 0xc1 && first <= 0xc3) || /* never used, bool */
			       (first >= 0xc7 && first <= 0xcb) || /* ext, float */
			       (first >= 0xd0 && first <= 0xd8) || /* negative, fixext */
			       first >= 0xde; /* map 16, 32, negative */
		struct pack_head h = pack_head_at(in, sizeof in);

		if (foreign) {
			assert_int_equal(h.type, PACK_BAD);
			assert_string_equal(h.why, "type that is not allowed");
		} else if (h.type == PACK_BAD) {
			assert_string_not_equal(h.why, "type that is not allowed");
		}
	}
}

static void
shape_counts_depth_to_eight(void **state)
{
	const uint8_t nine[9] = {0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x90};
	uint8_t eight[8];

	(void)state;
	memcpy(eight, nine + 1, sizeof eight);
	assert_int_equal(shape_of(span_of(eight, sizeof eight)), ST_OK);
	assert_int_equal(shape_of(span_of(nine, sizeof nine)), ST_LIMIT);
}

static void
shape_takes_as_many_elements_as_the_limit_says(void **state)
{
	uint8_t in[3 + 20] = {0xdc, 0, 20};

	(void)state;
	assert_int_equal(shape_check(span_of(in, sizeof in), 21, NULL), ST_OK);
	assert_int_equal(shape_check(span_of(in, sizeof in), 20, NULL), ST_OK);
	assert_int_equal(shape_check(span_of(in, sizeof in), 19, NULL), ST_LIMIT);
}

/* msgpack/msgpack-c#1013: five bytes that make msgpack-c reserve 8 GiB. */
static void
sec_60_shape_refuses_bombs_of_a_few_bytes(void **state)
{
	(void)state;
	assert_int_equal(shape_of(BYTES(0xdd, 0x10, 0, 0, 0)), ST_MALFORMED);
	assert_int_equal(shape_of(BYTES(0xdd, 0xff, 0xff, 0xff, 0xff)), ST_MALFORMED);
	assert_int_equal(shape_of(BYTES(0xc6, 0xff, 0xff, 0xff, 0xff, 1)), ST_MALFORMED);
	assert_int_equal(shape_of(BYTES(0xdb, 0xff, 0xff, 0xff, 0xff, 1)), ST_MALFORMED);
	assert_int_equal(shape_of(BYTES(0xdf, 0xff, 0xff, 0xff, 0xff)), ST_MALFORMED);
	assert_int_equal(shape_of(BYTES(0xdc, 0xff, 0xff, 0, 0)), ST_MALFORMED);
}

static void
shape_refuses_nothing_and_what_follows(void **state)
{
	(void)state;
	assert_int_equal(shape_of(span_of(NULL, 0)), ST_MALFORMED);
	assert_int_equal(shape_of(BYTES(0xc0, 0xc0)), ST_MALFORMED);
	assert_int_equal(shape_of(BYTES(0x91, 1, 2)), ST_MALFORMED);
	assert_int_equal(shape_of(BYTES(0x90, 0x90)), ST_MALFORMED);
}

static void
shape_names_the_first_byte_that_breaks_it(void **state)
{
	struct trouble t = {0};

	(void)state;
	assert_int_equal(shape_check(BYTES(0x93, 1, 2, 0xcc, 5), 8, &t), ST_MALFORMED);
	assert_string_equal(t.text, "byte 3: longer form than needed");
}

/* A random element in shortest forms; msgpack_packer writes the same beside it. */
static void
put_random(const struct rng *r, int depth, struct writer *w, msgpack_packer *p)
{
	static const uint8_t noise[70000];
	const uint64_t edges[] = {0, 1, 31, 32, 127, 128, 255, 256, 65535, 65536,
	    UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX};
	uint64_t n = edges[rng_below(r, sizeof edges / sizeof edges[0])];
	size_t len = (size_t)(n > sizeof noise ? rng_below(r, 40) : n);

	switch (rng_below(r, depth < SHAPE_DEPTH_MAX ? 6 : 4)) {
	case 0:
		pack_put_nil(w);
		msgpack_pack_nil(p);
		return;
	case 1:
		pack_put_uint(w, n);
		msgpack_pack_uint64(p, n);
		return;
	case 2:
		pack_put_bin(w, span_of(noise, len));
		msgpack_pack_bin_with_body(p, noise, len);
		return;
	case 3:
		pack_put_str(w, span_of(noise, len));
		msgpack_pack_str_with_body(p, noise, len);
		return;
	default:
		break;
	}
	len = (size_t)rng_below(r, rng_below(r, 30) == 0 ? 20 : 4);
	pack_put_array(w, len);
	msgpack_pack_array(p, len);
	for (size_t i = 0; i < len; i++)
		put_random(r, depth + 1, w, p);
}

static uint8_t ours[1 << 22];

static void
writer_writes_the_bytes_of_msgpack_c(void **state)
{
	struct rng_seeded seed;
	struct rng r = rng_seeded(&seed, 1);
	msgpack_sbuffer theirs;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct writer w = writer_of(ours, sizeof ours);
		msgpack_packer p;

		msgpack_sbuffer_init(&theirs);
		msgpack_packer_init(&p, &theirs, msgpack_sbuffer_write);
		put_random(&r, 1, &w, &p);
		assert_false(w.is_full);
		assert_int_equal(w.used, theirs.size);
		assert_memory_equal(ours, theirs.data, theirs.size);
		assert_int_equal(shape_of(writer_done(&w)), ST_OK);
		msgpack_sbuffer_destroy(&theirs);
	}
}

/* Compares what the reader says with what msgpack-c made of the same bytes. */
static void
same_as_object(struct pack_reader *r, const msgpack_object *o)
{
	struct span s;

	switch ((int)o->type) {
	case MSGPACK_OBJECT_NIL:
		assert_true(pack_take_nil(r));
		return;
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		assert_true(pack_take_uint(r, UINT64_MAX) == o->via.u64);
		return;
	case MSGPACK_OBJECT_BIN:
		s = pack_take_bin(r, 0, SIZE_MAX);
		assert_true(span_equal(s, span_of(o->via.bin.ptr, o->via.bin.size)));
		return;
	case MSGPACK_OBJECT_STR:
		s = pack_take_str(r, 0, SIZE_MAX);
		assert_true(span_equal(s, span_of(o->via.str.ptr, o->via.str.size)));
		return;
	case MSGPACK_OBJECT_ARRAY:
		assert_int_equal(pack_take_array(r, 0, SIZE_MAX), o->via.array.size);
		for (uint32_t i = 0; i < o->via.array.size; i++)
			same_as_object(r, &o->via.array.ptr[i]);
		return;
	default:
		fail_msg("msgpack-c saw a type that the shape check let through");
	}
}

/* Whatever passes the check is one whole message for msgpack-c, with equal values. */
static void
agree_with_msgpack_c(struct span in)
{
	msgpack_unpacked u;
	struct pack_reader r = pack_reader_of(in);
	size_t used = 0;

	if (shape_check(in, SHAPE_ELEMENTS_MAX, NULL) != ST_OK)
		return;
	msgpack_unpacked_init(&u);
	assert_int_equal(msgpack_unpack_next(&u, (const char *)in.bytes, in.len, &used),
	    MSGPACK_UNPACK_SUCCESS);
	assert_int_equal(used, in.len);
	same_as_object(&r, &u.data);
	assert_int_equal(pack_end(&r, "test", NULL), ST_OK);
	msgpack_unpacked_destroy(&u);
}

static void
reader_and_msgpack_c_agree_on_all_that_passes(void **state)
{
	struct rng_seeded seed;
	struct rng r = rng_seeded(&seed, 2);
	msgpack_sbuffer theirs;
	msgpack_packer p;

	(void)state;
	msgpack_sbuffer_init(&theirs);
	msgpack_packer_init(&p, &theirs, msgpack_sbuffer_write);
	for (int i = 0; i < 20000; i++) {
		struct writer w = writer_of(ours, sizeof ours);

		theirs.size = 0;
		put_random(&r, 5, &w, &p);
		for (int k = (int)rng_below(&r, 3); k > 0; k--)
			ours[rng_below(&r, w.used)] = (uint8_t)rng_u64(&r);
		agree_with_msgpack_c(writer_done(&w));
	}
	msgpack_sbuffer_destroy(&theirs);
}

static void
shape_and_reader_refuse_every_cut(void **state)
{
	static const uint8_t in[] = {0x95, 0xcd, 2, 1, 0xc4, 3, 1, 2, 3, 0xa2, 'a', 'b',
	    0x92, 0xc0, 5, 0xce, 1, 2, 3, 4};

	(void)state;
	assert_int_equal(shape_of(span_of(in, sizeof in)), ST_OK);
	for (size_t len = 0; len < sizeof in; len++) {
		struct pack_reader r = pack_reader_of(span_of(in, len));

		assert_int_equal(shape_of(span_of(in, len)), ST_MALFORMED);
		(void)pack_take_any(&r);
		assert_int_equal(pack_end(&r, "cut", NULL), ST_MALFORMED);
	}
}

static void
reader_keeps_the_first_failure_and_gives_zeros_after_it(void **state)
{
	struct pack_reader r = pack_reader_of(BYTES(0x94, 7, 0xa1, 'x', 9, 0xc0));
	struct trouble t = {0};
	uint8_t id[4] = {1, 1, 1, 1};

	(void)state;
	assert_int_equal(pack_take_array(&r, 4, 4), 4);
	assert_int_equal(pack_take_uint(&r, 7), 7);
	assert_int_equal(pack_take_uint(&r, 7), 0); /* a text stands here */
	assert_int_equal(pack_take_uint(&r, 9), 0);
	assert_int_equal(pack_take_array(&r, 0, 9), 0);
	pack_take_id(&r, id, sizeof id);
	assert_true(bytes_are_zero(id, sizeof id));
	assert_false(pack_take_nil(&r));
	assert_int_equal(pack_peek(&r), PACK_END);
	pack_fail(&r, "a later reason");
	assert_int_equal(pack_end(&r, "record", &t), ST_MALFORMED);
	assert_string_equal(t.text, "record: byte 2: another type was expected");
}

static void
reader_refuses_values_outside_the_range(void **state)
{
	struct pack_reader r = pack_reader_of(BYTES(0x08));
	struct pack_reader s = pack_reader_of(BYTES(0xc4, 2, 1, 2));
	struct pack_reader u = pack_reader_of(BYTES(0x92, 1, 2));

	(void)state;
	assert_int_equal(pack_take_uint(&r, 7), 0);
	assert_false(pack_is_ok(&r));
	assert_int_equal(pack_take_bin(&s, 3, 9).len, 0);
	assert_false(pack_is_ok(&s));
	assert_int_equal(pack_take_array(&u, 0, 1), 0);
	assert_false(pack_is_ok(&u));
}

static void
reader_takes_one_whole_element_of_any_type(void **state)
{
	static const uint8_t in[] = {0x92, 0x93, 1, 0xa1, 'x', 0x91, 0xc4, 1, 9, 5};
	struct pack_reader r = pack_reader_of(span_of(in, sizeof in));

	(void)state;
	assert_int_equal(pack_take_array(&r, 2, 2), 2);
	assert_true(span_equal(pack_take_any(&r), span_of(in + 1, 8)));
	assert_int_equal(pack_take_uint(&r, 9), 5);
	assert_int_equal(pack_end(&r, "any", NULL), ST_OK);
}

static void
reader_refuses_what_is_left_over(void **state)
{
	struct pack_reader r = pack_reader_of(BYTES(1, 2));

	(void)state;
	assert_int_equal(pack_take_uint(&r, 9), 1);
	assert_int_equal(pack_status(&r, "x", NULL), ST_OK);
	assert_int_equal(pack_end(&r, "x", NULL), ST_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shape_takes_each_type_in_its_shortest_form),
	    cmocka_unit_test(shape_refuses_longer_forms),
	    cmocka_unit_test(shape_refuses_every_other_type),
	    cmocka_unit_test(shape_counts_depth_to_eight),
	    cmocka_unit_test(shape_takes_as_many_elements_as_the_limit_says),
	    cmocka_unit_test(sec_60_shape_refuses_bombs_of_a_few_bytes),
	    cmocka_unit_test(shape_refuses_nothing_and_what_follows),
	    cmocka_unit_test(shape_names_the_first_byte_that_breaks_it),
	    cmocka_unit_test(writer_writes_the_bytes_of_msgpack_c),
	    cmocka_unit_test(reader_and_msgpack_c_agree_on_all_that_passes),
	    cmocka_unit_test(shape_and_reader_refuse_every_cut),
	    cmocka_unit_test(reader_keeps_the_first_failure_and_gives_zeros_after_it),
	    cmocka_unit_test(reader_refuses_values_outside_the_range),
	    cmocka_unit_test(reader_takes_one_whole_element_of_any_type),
	    cmocka_unit_test(reader_refuses_what_is_left_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
