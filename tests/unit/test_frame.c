/* test_frame.c - cutting the byte stream: limits, pieces, padding, memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/frame.h"
#include "proto/limits.h"
#include "vectors.h"

enum { CONTENT_MAX = 300000, WIRE_MAX = 310000 };

static uint8_t content[CONTENT_MAX], wire[WIRE_MAX];

/* Two ends of one channel. */
static void
make_channel(struct noise_transport *send, struct noise_transport *receive)
{
	memset(send, 0, sizeof *send);
	vectors_fill(send->send.key, 1, 32);
	vectors_fill(send->receive.key, 99, 32);
	*receive = *send;
	receive->send = send->receive;
	receive->receive = send->send;
}

static size_t
write_content(struct noise_transport *tr, size_t len)
{
	struct writer out = writer_of(wire, sizeof wire);

	assert_int_equal(frame_write(tr, span_of(content, len), &out, NULL), ST_OK);
	assert_int_equal(out.used, frame_bytes(len));
	return out.used;
}

/* Feeds bytes in steps; returns the first status that is not ok. */
static status
feed(struct frame_reader *r, struct noise_transport *tr, size_t len, size_t step,
    struct span *ready)
{
	status st = ST_OK;

	*ready = span_of(NULL, 0);
	for (size_t at = 0; at < len && st == ST_OK; at += step) {
		struct span in = span_of(wire + at, len - at < step ? len - at : step);

		assert_null(ready->bytes); /* not before the last byte */
		st = frame_reader_take(r, tr, &in, ready, NULL);
		if (st == ST_OK)
			assert_int_equal(in.len, 0);
	}
	return st;
}

static void
content_of_every_length_comes_back(void **state)
{
	static const size_t lengths[] = {1, 2, 61, 62, 63, 64, 126, 127, 1000,
	    FRAME_PIECE_BYTES_MAX - 1, FRAME_PIECE_BYTES_MAX, FRAME_PIECE_BYTES_MAX + 1,
	    2 * FRAME_PIECE_BYTES_MAX, 2 * FRAME_PIECE_BYTES_MAX + 1, 262144,
	    CONTENT_MAX};
	struct noise_transport a, b;
	struct frame_reader r;
	struct span ready;

	(void)state;
	make_channel(&a, &b);
	frame_reader_start(&r, NOISE_MESSAGE_BYTES_MAX, CONTENT_MAX);
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		size_t len = write_content(&a, lengths[i]);

		assert_int_equal(
		    feed(&r, &b, len, i % 2 == 0 ? len : 997, &ready), ST_OK);
		assert_true(span_equal(ready, span_of(content, lengths[i])));
		frame_reader_next(&r);
		assert_true(frame_reader_is_idle(&r));
	}
	frame_reader_free(&r);
}

static void
sizes_on_the_wire_are_those_of_the_specification(void **state)
{
	(void)state;
	assert_int_equal(frame_bytes(1), 2 + 64 + 16);
	assert_int_equal(frame_bytes(62), 2 + 64 + 16);
	assert_int_equal(frame_bytes(63), 2 + 128 + 16);
	assert_int_equal(frame_bytes(FRAME_PIECE_BYTES_MAX), 2 + 65472 + 16);
	assert_int_equal(frame_bytes(FRAME_PIECE_BYTES_MAX + 1), 2 + 65472 + 16 + 82);
}

static void
bytes_after_a_message_are_left_for_the_next_keys(void **state)
{
	struct noise_transport a, b;
	struct frame_reader r;
	struct span in, ready;
	size_t first, second;

	(void)state;
	make_channel(&a, &b);
	first = write_content(&a, 10);
	memmove(wire + 1000, wire, first);
	second = write_content(&a, 20);
	memmove(wire + 1000 + first, wire, second);
	frame_reader_start(&r, NOISE_MESSAGE_BYTES_MAX, CONTENT_MAX);
	in = span_of(wire + 1000, first + second);
	assert_int_equal(frame_reader_take(&r, &b, &in, &ready, NULL), ST_OK);
	assert_int_equal(ready.len, 10);
	assert_int_equal(in.len, second);
	frame_reader_next(&r);
	assert_int_equal(frame_reader_take(&r, &b, &in, &ready, NULL), ST_OK);
	assert_int_equal(ready.len, 20);
	assert_int_equal(in.len, 0);
	frame_reader_free(&r);
}

static void
a_handshake_message_is_given_as_it_came(void **state)
{
	struct writer out = writer_of(wire, sizeof wire);
	struct frame_reader r;
	struct span ready;

	(void)state;
	frame_put_head(&out, 48);
	writer_bytes(&out, content, 48);
	for (size_t step = 1; step <= 50; step += 7) {
		frame_reader_start(&r, FRAME_HANDSHAKE_BYTES_MAX, 0);
		assert_int_equal(feed(&r, NULL, 50, step, &ready), ST_OK);
		assert_true(span_equal(ready, span_of(content, 48)));
		frame_reader_free(&r);
	}
}

/* Status after a head, and after its first byte alone. */
static status
head_says(uint16_t length, size_t message_bytes_max, status *after_first)
{
	struct frame_reader r;
	struct span ready, in;
	status st;

	put_u16(wire, length);
	frame_reader_start(&r, message_bytes_max, CONTENT_MAX);
	in = span_of(wire, 1);
	*after_first = frame_reader_take(&r, NULL, &in, &ready, NULL);
	st = *after_first;
	if (st == ST_OK) {
		in = span_of(wire + 1, 1);
		st = frame_reader_take(&r, NULL, &in, &ready, NULL);
	}
	assert_null(r.buffer); /* a promise alone costs no memory */
	frame_reader_free(&r);
	return st;
}

static void
sec_10_lengths_out_of_bounds_are_refused_at_once(void **state)
{
	status first;

	(void)state;
	for (uint16_t length = 0; length <= 16; length++)
		assert_int_equal(head_says(length, 512, &first), ST_MALFORMED);
	assert_int_equal(head_says(17, 512, &first), ST_OK);
	assert_int_equal(head_says(511, 512, &first), ST_OK);
	assert_int_equal(head_says(512, 512, &first), ST_OK);
	assert_int_equal(head_says(513, 512, &first), ST_LIMIT);
	assert_int_equal(first, ST_OK); /* 0x02.. may still be 512 */
	assert_int_equal(head_says(65535, 512, &first), ST_LIMIT);
	assert_int_equal(first, ST_LIMIT); /* the first byte is enough */
	assert_int_equal(head_says(65535, NOISE_MESSAGE_BYTES_MAX, &first), ST_OK);
}

static void
sec_10_memory_follows_what_arrived_not_what_was_promised(void **state)
{
	struct noise_transport a, b;
	struct frame_reader r;
	struct span ready;
	size_t len;

	(void)state;
	make_channel(&a, &b);
	len = write_content(&a, 60000);
	frame_reader_start(&r, NOISE_MESSAGE_BYTES_MAX, CONTENT_MAX);
	assert_null(r.buffer);
	for (size_t at = 0; at < len; at++) { /* a dribble of single bytes */
		struct span in = span_of(wire + at, 1);

		assert_int_equal(frame_reader_take(&r, &b, &in, &ready, NULL), ST_OK);
		assert_true(r.cap <= 256 || r.cap <= 2 * at);
		assert_false(frame_reader_is_idle(&r));
	}
	assert_true(span_equal(ready, span_of(content, 60000)));
	frame_reader_next(&r);
	assert_null(r.buffer); /* an idle reader holds nothing */
	assert_true(frame_reader_is_idle(&r));
}

/* The longest handshake message, a byte at a time, and one that says it is longer. */
static void
sec_10_a_stranger_makes_us_hold_one_kib_at_most(void **state)
{
	struct writer out = writer_of(wire, sizeof wire);
	struct frame_reader r;
	struct span ready = {NULL, 0};
	status first;

	(void)state;
	frame_put_head(&out, HANDSHAKE_MESSAGE_BYTES_MAX);
	writer_bytes(&out, content, HANDSHAKE_MESSAGE_BYTES_MAX);
	frame_reader_start(&r, FRAME_HANDSHAKE_BYTES_MAX, 0);
	for (size_t at = 0; at < out.used; at++) {
		struct span in = span_of(wire + at, 1);

		assert_int_equal(frame_reader_take(&r, NULL, &in, &ready, NULL), ST_OK);
		assert_true(r.cap <= UNKNOWN_PEER_BYTES_MAX);
	}
	assert_int_equal(ready.len, HANDSHAKE_MESSAGE_BYTES_MAX);
	frame_reader_free(&r);
	assert_int_equal(
	    head_says(HANDSHAKE_MESSAGE_BYTES_MAX + 1, FRAME_HANDSHAKE_BYTES_MAX, &first),
	    ST_LIMIT);
}

static void
content_above_its_limit_is_refused(void **state)
{
	struct noise_transport a, b;
	struct frame_reader r;
	struct span ready;
	size_t limit = 2 * FRAME_PIECE_BYTES_MAX;

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		make_channel(&a, &b);
		frame_reader_start(&r, NOISE_MESSAGE_BYTES_MAX, limit);
		assert_int_equal(
		    feed(&r, &b, write_content(&a, limit + more), 60000, &ready),
		    more == 0 ? ST_OK : ST_LIMIT);
		frame_reader_free(&r);
	}
}

static void
sec_07_a_flip_of_any_bit_of_a_frame_is_refused(void **state)
{
	struct noise_transport a, b;
	struct frame_reader r;
	struct span ready;
	size_t len;

	(void)state;
	make_channel(&a, &b);
	len = write_content(&a, 10);
	for (size_t bit = 0; bit < len * 8; bit++) {
		struct noise_transport end = b;
		status st;

		wire[bit / 8] ^= (uint8_t)(1 << bit % 8);
		frame_reader_start(&r, NOISE_MESSAGE_BYTES_MAX, CONTENT_MAX);
		memset(wire + len, 0, 100);
		/* A changed length makes the reader wait for more or take less. */
		st = feed(&r, &end, len, len, &ready);
		assert_true(st != ST_OK || ready.bytes == NULL);
		if (bit >= 16)
			assert_int_equal(st, ST_NOT_OURS);
		frame_reader_free(&r);
		wire[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* What an authenticated but careless peer might put inside. */
static status
read_inside(const uint8_t *plain, size_t plain_len)
{
	struct noise_transport a, b;
	struct writer out = writer_of(wire, sizeof wire);
	struct frame_reader r;
	struct span ready;
	status st;

	make_channel(&a, &b);
	frame_put_head(&out, plain_len + NOISE_TAG_BYTES);
	writer_bytes(&out, plain, plain_len);
	assert_int_equal(noise_encrypt(&a, wire + 2, plain_len, NULL), ST_OK);
	frame_reader_start(&r, NOISE_MESSAGE_BYTES_MAX, CONTENT_MAX);
	st = feed(&r, &b, 2 + plain_len + NOISE_TAG_BYTES, 1000, &ready);
	frame_reader_free(&r);
	return st;
}

static void
a_bad_inside_is_refused(void **state)
{
	static uint8_t plain[FRAME_PLAIN_BYTES_MAX];

	(void)state;
	put_u16(plain, 5);
	assert_int_equal(read_inside(plain, 64), ST_OK);
	assert_int_equal(read_inside(plain, 128), ST_MALFORMED); /* too much padding */
	assert_int_equal(read_inside(plain, 63), ST_MALFORMED);
	assert_int_equal(read_inside(plain, 1), ST_MALFORMED); /* no length */
	plain[63] = 1;
	assert_int_equal(read_inside(plain, 64), ST_MALFORMED); /* not zero */
	plain[63] = 0;
	put_u16(plain, 63);
	assert_int_equal(read_inside(plain, 64), ST_MALFORMED); /* past the end */
	put_u16(plain, 0);
	assert_int_equal(read_inside(plain, 64), ST_MALFORMED); /* no content */
	put_u16(plain, FRAME_MORE);
	assert_int_equal(read_inside(plain, 64), ST_MALFORMED); /* a short full piece */
	assert_int_equal(
	    read_inside(plain, FRAME_PLAIN_BYTES_MAX), ST_OK); /* more comes */
	put_u16(plain, FRAME_PIECE_BYTES_MAX + 1);
	assert_int_equal(read_inside(plain, FRAME_PLAIN_BYTES_MAX), ST_MALFORMED);
}

static void
padding_of_payloads_is_undone_and_checked(void **state)
{
	uint8_t buffer[128];
	struct span got;

	(void)state;
	assert_int_equal(frame_padded_bytes(14, 16), 16);
	assert_int_equal(frame_padded_bytes(15, 16), 32);
	for (size_t len = 1; len <= 62; len++)
		for (size_t block = 16; block <= 64; block += 48) {
			struct writer w = writer_of(buffer, sizeof buffer);

			frame_pad(&w, span_of(content, len), block);
			assert_false(w.is_full);
			assert_int_equal(w.used, frame_padded_bytes(len, block));
			assert_int_equal(
			    frame_unpad(writer_done(&w), block, &got, NULL), ST_OK);
			assert_true(span_equal(got, span_of(content, len)));
			for (size_t cut = 0; cut < w.used; cut++)
				assert_int_equal(
				    frame_unpad(span_of(buffer, cut), block, &got, NULL),
				    ST_MALFORMED);
		}
}

static void
writing_without_room_leaves_the_channel_as_it_was(void **state)
{
	struct noise_transport a, b;
	struct writer out = writer_of(wire, frame_bytes(70000) - 1);

	(void)state;
	make_channel(&a, &b);
	assert_int_equal(frame_write(&a, span_of(content, 70000), &out, NULL), ST_LIMIT);
	assert_int_equal(out.used, 0);
	assert_int_equal(a.send.n, 0);
	noise_transport_wipe(&a);
	out = writer_of(wire, sizeof wire);
	assert_int_equal(frame_write(&a, span_of(content, 10), &out, NULL), ST_CLOSED);
	assert_int_equal(out.used, 0);
}

static void
an_end_inside_a_frame_can_be_told(void **state)
{
	struct noise_transport a, b;
	struct frame_reader r;
	struct span ready;
	size_t len;

	(void)state;
	make_channel(&a, &b);
	frame_reader_start(&r, NOISE_MESSAGE_BYTES_MAX, CONTENT_MAX);
	assert_true(frame_reader_is_idle(&r));
	len = write_content(&a, FRAME_PIECE_BYTES_MAX + 1);
	assert_int_equal(feed(&r, &b, 1, 1, &ready), ST_OK);
	assert_false(frame_reader_is_idle(&r));
	frame_reader_free(&r);
	assert_true(frame_reader_is_idle(&r));
	/* Between two pieces of one content is inside, too. */
	assert_int_equal(feed(&r, &b, len - frame_bytes(1), len, &ready), ST_OK);
	assert_null(ready.bytes);
	assert_false(frame_reader_is_idle(&r));
	frame_reader_free(&r);
	frame_reader_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(content_of_every_length_comes_back),
	    cmocka_unit_test(sizes_on_the_wire_are_those_of_the_specification),
	    cmocka_unit_test(bytes_after_a_message_are_left_for_the_next_keys),
	    cmocka_unit_test(a_handshake_message_is_given_as_it_came),
	    cmocka_unit_test(sec_10_lengths_out_of_bounds_are_refused_at_once),
	    cmocka_unit_test(sec_10_memory_follows_what_arrived_not_what_was_promised),
	    cmocka_unit_test(sec_10_a_stranger_makes_us_hold_one_kib_at_most),
	    cmocka_unit_test(content_above_its_limit_is_refused),
	    cmocka_unit_test(sec_07_a_flip_of_any_bit_of_a_frame_is_refused),
	    cmocka_unit_test(a_bad_inside_is_refused),
	    cmocka_unit_test(padding_of_payloads_is_undone_and_checked),
	    cmocka_unit_test(writing_without_room_leaves_the_channel_as_it_was),
	    cmocka_unit_test(an_end_inside_a_frame_can_be_told),
	};

	if (sodium_init() < 0)
		return 1;
	vectors_fill(content, 1, sizeof content);
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
