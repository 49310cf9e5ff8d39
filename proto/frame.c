/* frame.c - the byte stream cut into Noise messages, and content cut into pieces.
 * Pure but for malloc of the reader's buffer. */
#include "proto/frame.h"

#include <assert.h>
#include <stdlib.h>

enum { BUFFER_BYTES_MIN = 256 };

_Static_assert(FRAME_PLAIN_BYTES_MAX % FRAME_BLOCK_BYTES == 0, "whole blocks");
_Static_assert(FRAME_PLAIN_BYTES_MAX + NOISE_TAG_BYTES <= NOISE_MESSAGE_BYTES_MAX &&
		   FRAME_PLAIN_BYTES_MAX + FRAME_BLOCK_BYTES + NOISE_TAG_BYTES >
		       NOISE_MESSAGE_BYTES_MAX,
    "as many blocks as a Noise message can hold");
_Static_assert(FRAME_MORE > FRAME_PIECE_BYTES_MAX, "never a length");
_Static_assert(FRAME_LENGTH_MIN == NOISE_TAG_BYTES + 1, "a byte and its tag");

/* ---- padding ---- */

size_t
frame_padded_bytes(size_t content_len, size_t block)
{
	size_t len = FRAME_HEAD_BYTES + content_len;

	assert(block > 0 && content_len <= FRAME_PIECE_BYTES_MAX);
	return (len + block - 1) / block * block;
}

void
frame_pad(struct writer *out, struct span content, size_t block)
{
	size_t len = frame_padded_bytes(content.len, block);

	writer_u16(out, (uint16_t)content.len);
	writer_span(out, content);
	writer_zeros(out, len - FRAME_HEAD_BYTES - content.len);
}

status
frame_unpad(struct span padded, size_t block, struct span *content, struct trouble *t)
{
	size_t len;

	*content = span_of(NULL, 0);
	if (padded.len < FRAME_HEAD_BYTES)
		return trouble_set(t, ST_MALFORMED, "a frame without a length");
	len = get_u16(padded.bytes);
	if (len == 0 || len > FRAME_PIECE_BYTES_MAX ||
	    frame_padded_bytes(len, block) != padded.len)
		return trouble_set(
		    t, ST_MALFORMED, "%zu bytes in a frame of %zu", len, padded.len);
	if (!bytes_are_zero(padded.bytes + FRAME_HEAD_BYTES + len,
		padded.len - FRAME_HEAD_BYTES - len))
		return trouble_set(t, ST_MALFORMED, "the padding of a frame is not zero");
	*content = span_of(padded.bytes + FRAME_HEAD_BYTES, len);
	return ST_OK;
}

/* ---- writing ---- */

static size_t
wire_bytes(size_t plain_len)
{
	return FRAME_HEAD_BYTES + plain_len + NOISE_TAG_BYTES;
}

size_t
frame_bytes(size_t content_len)
{
	/* The last piece is never empty: content of exactly one full piece is one frame.
	 */
	size_t full = content_len == 0 ? 0 : (content_len - 1) / FRAME_PIECE_BYTES_MAX;
	size_t last = content_len - full * FRAME_PIECE_BYTES_MAX;

	return full * wire_bytes(FRAME_PLAIN_BYTES_MAX) +
	       wire_bytes(frame_padded_bytes(last, FRAME_BLOCK_BYTES));
}

void
frame_put_head(struct writer *out, size_t message_len)
{
	assert(message_len >= FRAME_LENGTH_MIN && message_len <= NOISE_MESSAGE_BYTES_MAX);
	writer_u16(out, (uint16_t)message_len);
}

/* One frame; out has room for it. The plaintext is encrypted where it is written. */
static status
write_piece(struct noise_transport *tr, struct span piece, bool is_last,
    struct writer *out, struct trouble *t)
{
	size_t plain_len = frame_padded_bytes(piece.len, FRAME_BLOCK_BYTES);
	uint8_t *plain;

	frame_put_head(out, plain_len + NOISE_TAG_BYTES);
	plain = out->at + out->used;
	frame_pad(out, piece, FRAME_BLOCK_BYTES);
	if (!is_last)
		put_u16(plain, FRAME_MORE);
	writer_zeros(out, NOISE_TAG_BYTES); /* becomes the tag */
	assert(!out->is_full);
	return noise_encrypt(tr, plain, plain_len, t);
}

status
frame_write(struct noise_transport *tr, struct span content, struct writer *out,
    struct trouble *t)
{
	struct span left = content;
	status st;

	assert(content.len > 0);
	if (tr->is_broken)
		return trouble_set(t, ST_CLOSED, "the channel is broken off");
	if (out->is_full || content.len > out->cap ||
	    frame_bytes(content.len) > out->cap - out->used) {
		out->is_full = true;
		return trouble_set(
		    t, ST_LIMIT, "no room for %zu bytes in frames", content.len);
	}
	while (left.len > FRAME_PIECE_BYTES_MAX) {
		st = write_piece(
		    tr, span_of(left.bytes, FRAME_PIECE_BYTES_MAX), false, out, t);
		if (st != ST_OK)
			return st;
		left = span_of(
		    left.bytes + FRAME_PIECE_BYTES_MAX, left.len - FRAME_PIECE_BYTES_MAX);
	}
	return write_piece(tr, left, true, out, t);
}

/* ---- reading ---- */

void
frame_reader_start(
    struct frame_reader *r, size_t message_bytes_max, size_t content_bytes_max)
{
	*r = (struct frame_reader){0};
	frame_reader_limit(r, message_bytes_max, content_bytes_max);
}

void
frame_reader_limit(
    struct frame_reader *r, size_t message_bytes_max, size_t content_bytes_max)
{
	assert(message_bytes_max >= FRAME_LENGTH_MIN &&
	       message_bytes_max <= NOISE_MESSAGE_BYTES_MAX);
	assert(r->length == 0 && r->content_bytes == 0);
	r->message_bytes_max = (uint16_t)message_bytes_max;
	r->content_bytes_max = content_bytes_max;
}

bool
frame_reader_is_idle(const struct frame_reader *r)
{
	return r->got_head == 0 && r->length == 0 && r->content_bytes == 0 &&
	       !r->is_ready;
}

void
frame_reader_next(struct frame_reader *r)
{
	if (r->buffer != NULL)
		keys_wipe(r->buffer, r->cap);
	free(r->buffer);
	r->buffer = NULL;
	r->cap = 0;
	r->content_bytes = 0;
	r->got = 0;
	r->length = 0;
	r->is_ready = false;
}

void
frame_reader_free(struct frame_reader *r)
{
	frame_reader_next(r);
	r->got_head = 0;
}

/* Takes the two bytes of the length; it is known when r->length is not 0. A length is
 * refused as soon as its first byte says that it is too large. */
static status
take_head(struct frame_reader *r, struct span *in, struct trouble *t)
{
	uint16_t length;
	uint8_t byte;

	while (r->length == 0 && in->len > 0) {
		byte = in->bytes[0];
		*in = span_of(in->bytes + 1, in->len - 1);
		if (r->got_head == 0) {
			r->head_first = byte;
			r->got_head = 1;
			if (byte > r->message_bytes_max >> 8)
				return trouble_set(t, ST_LIMIT, "a frame above %u bytes",
				    r->message_bytes_max);
			continue;
		}
		length = (uint16_t)(r->head_first << 8 | byte);
		r->got_head = 0;
		if (length < FRAME_LENGTH_MIN)
			return trouble_set(
			    t, ST_MALFORMED, "a frame of %u bytes", length);
		if (length > r->message_bytes_max)
			return trouble_set(t, ST_LIMIT, "a frame of %u bytes, at most %u",
			    length, r->message_bytes_max);
		r->length = length;
	}
	return ST_OK;
}

/* Makes room for len bytes in all. Grows with what has arrived, not with what a length
 * promises; what was there may be plaintext, so it is wiped. */
static status
reserve(struct frame_reader *r, size_t len, struct trouble *t)
{
	size_t cap = r->cap == 0 ? BUFFER_BYTES_MIN : r->cap;
	uint8_t *bigger;

	if (len <= r->cap)
		return ST_OK;
	while (cap < len)
		cap *= 2;
	bigger = malloc(cap);
	if (bigger == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a frame");
	if (r->buffer != NULL) {
		memcpy(bigger, r->buffer, r->content_bytes + r->got);
		keys_wipe(r->buffer, r->cap);
		free(r->buffer);
	}
	r->buffer = bigger;
	r->cap = cap;
	return ST_OK;
}

/* Moves bytes of the present message from in to the buffer. */
static status
take_message(struct frame_reader *r, struct span *in, struct trouble *t)
{
	size_t take = (size_t)r->length - r->got;
	status st;

	if (take > in->len)
		take = in->len;
	if (take == 0)
		return ST_OK;
	st = reserve(r, r->content_bytes + r->got + take, t);
	if (st != ST_OK)
		return st;
	assert(r->buffer != NULL);
	memcpy(r->buffer + r->content_bytes + r->got, in->bytes, take);
	r->got += take;
	*in = span_of(in->bytes + take, in->len - take);
	return ST_OK;
}

/* Looks inside an opened frame: the piece, and whether the next frame goes on. */
static status
piece_of(struct span plain, struct span *piece, bool *is_last, struct trouble *t)
{
	*is_last = true;
	if (plain.len == FRAME_PLAIN_BYTES_MAX && get_u16(plain.bytes) == FRAME_MORE) {
		*is_last = false;
		*piece = span_of(plain.bytes + FRAME_HEAD_BYTES, FRAME_PIECE_BYTES_MAX);
		return ST_OK;
	}
	return frame_unpad(plain, FRAME_BLOCK_BYTES, piece, t);
}

/* Opens the frame behind the content and joins its piece to it. */
static status
open_frame(struct frame_reader *r, struct noise_transport *tr, struct trouble *t)
{
	uint8_t *end = r->buffer + r->content_bytes;
	struct span piece;
	size_t plain_len;
	bool is_last;
	status st;

	st = noise_decrypt(tr, end, r->length, &plain_len, t);
	if (st != ST_OK)
		return st;
	st = piece_of(span_of(end, plain_len), &piece, &is_last, t);
	if (st != ST_OK)
		return st;
	if (piece.len > r->content_bytes_max - r->content_bytes)
		return trouble_set(
		    t, ST_LIMIT, "content above %zu bytes", r->content_bytes_max);
	assert(piece.bytes != NULL);
	memmove(end, piece.bytes, piece.len);
	r->content_bytes += piece.len;
	r->got = 0;
	r->length = 0;
	r->is_ready = is_last;
	return ST_OK;
}

status
frame_reader_take(struct frame_reader *r, struct noise_transport *tr, struct span *in,
    struct span *ready, struct trouble *t)
{
	status st = ST_OK;

	assert(!r->is_ready);
	*ready = span_of(NULL, 0);
	while (!r->is_ready && in->len > 0) {
		st = take_head(r, in, t);
		if (st == ST_OK)
			st = take_message(r, in, t);
		if (st != ST_OK)
			return st;
		if (r->length == 0 || r->got < r->length)
			continue; /* in is empty now */
		if (tr == NULL) {
			*ready = span_of(r->buffer, r->length);
			r->is_ready = true;
			return ST_OK;
		}
		st = open_frame(r, tr, t);
		if (st != ST_OK)
			return st;
	}
	if (r->is_ready)
		*ready = span_of(r->buffer, r->content_bytes);
	return ST_OK;
}
