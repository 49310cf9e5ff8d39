/* fuzz_frame.c - the byte stream before and after authentication. First byte: how the
 * rest arrives. Before: what is read does not depend on how the bytes were cut. After
 * (the input is a peer's plaintexts, each with its length): what is accepted is written
 * back as the same frames. */
#include "fuzz/fuzz.h"

#include "proto/frame.h"

#include <string.h>

enum { CONTENT_MAX = 200000, WIRE_MAX = 300000, MESSAGES_MAX = 64 };

/* What came out of a stream: lengths and last status. */
struct outcome {
	size_t n;
	size_t len[MESSAGES_MAX];
	uint8_t last[MESSAGES_MAX]; /* last byte of each */
	status st;
};

static void
read_stream(struct noise_transport *tr, size_t message_max, struct span all, size_t step,
    struct outcome *out)
{
	struct frame_reader r;
	struct span ready;

	memset(out, 0, sizeof *out);
	frame_reader_start(&r, message_max, CONTENT_MAX);
	while (all.len > 0 && out->st == ST_OK && out->n < MESSAGES_MAX) {
		size_t len = step == 0 || step > all.len ? all.len : step;
		struct span in = span_of(all.bytes, len);

		out->st = frame_reader_take(&r, tr, &in, &ready, NULL);
		all = span_of(all.bytes + (len - in.len), all.len - (len - in.len));
		if (out->st != ST_OK || ready.bytes == NULL)
			continue;
		assert(ready.len > 0);
		out->last[out->n] = ready.bytes[ready.len - 1];
		out->len[out->n++] = ready.len;
		frame_reader_next(&r);
		assert(frame_reader_is_idle(&r) && r.buffer == NULL);
	}
	frame_reader_free(&r);
}

static void
before_authentication(struct span stream, size_t step)
{
	struct outcome whole, cut;

	read_stream(NULL, FRAME_HANDSHAKE_BYTES_MAX, stream, 0, &whole);
	read_stream(NULL, FRAME_HANDSHAKE_BYTES_MAX, stream, step, &cut);
	assert(memcmp(&whole, &cut, sizeof whole) == 0);
	for (size_t i = 0; i < whole.n; i++)
		assert(whole.len[i] >= FRAME_LENGTH_MIN &&
		       whole.len[i] <= FRAME_HANDSHAKE_BYTES_MAX);
}

/* Takes u16 len || plaintext ... and seals each into a frame, as an honest key but a
 * hostile hand would. */
static size_t
seal_plaintexts(struct noise_transport *tr, struct span in, uint8_t *wire)
{
	struct writer w = writer_of(wire, WIRE_MAX);

	while (in.len >= 2) {
		size_t len = get_u16(in.bytes);
		uint8_t *at;

		in = span_of(in.bytes + 2, in.len - 2);
		if (len > in.len)
			len = in.len;
		if (len == 0 || len > NOISE_MESSAGE_BYTES_MAX - NOISE_TAG_BYTES ||
		    w.cap - w.used < len + FRAME_HEAD_BYTES + NOISE_TAG_BYTES)
			break;
		frame_put_head(&w, len + NOISE_TAG_BYTES);
		at = wire + w.used;
		writer_bytes(&w, in.bytes, len);
		writer_zeros(&w, NOISE_TAG_BYTES);
		assert(noise_encrypt(tr, at, len, NULL) == ST_OK);
		in = span_of(in.bytes + len, in.len - len);
	}
	return w.used;
}

static void
after_authentication(struct span plaintexts, size_t step)
{
	static uint8_t wire[WIRE_MAX], again[WIRE_MAX];
	struct noise_transport hostile = {.send.key = {1}};
	struct noise_transport reader = {.receive.key = {1}};
	struct noise_transport honest = {.send.key = {1}};
	struct span in = span_of(wire, seal_plaintexts(&hostile, plaintexts, wire));
	struct frame_reader r;
	struct span ready, piece;
	status st = ST_OK;
	size_t from = 0;

	frame_reader_start(&r, NOISE_MESSAGE_BYTES_MAX, CONTENT_MAX);
	while (in.len > 0 && st == ST_OK) {
		struct writer w = writer_of(again, sizeof again);
		size_t len = step == 0 || step > in.len ? in.len : step, upto;

		piece = span_of(in.bytes, len);
		st = frame_reader_take(&r, &reader, &piece, &ready, NULL);
		in = span_of(in.bytes + (len - piece.len), in.len - (len - piece.len));
		if (st != ST_OK || ready.bytes == NULL)
			continue;
		upto = (size_t)(in.bytes - wire);
		assert(frame_write(&honest, ready, &w, NULL) == ST_OK);
		assert(span_equal(writer_done(&w), span_of(wire + from, upto - from)));
		from = upto;
		frame_reader_next(&r);
	}
	frame_reader_free(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	size_t step;

	if (len == 0)
		return 0;
	step = bytes[0] >> 1;
	if ((bytes[0] & 1) == 0)
		before_authentication(span_of(bytes + 1, len - 1), step);
	else
		after_authentication(span_of(bytes + 1, len - 1), step);
	return 0;
}
