/* frame.h - cuts the byte stream into Noise messages and back, and what stands inside
 * them (SECURITY 8, spec/frames.md). Sans-IO. Pure but for malloc of the reader's buffer.
 *
 * On the wire: length u16 || Noise message. Inside a transport message: length u16 ||
 * piece || zeros to a multiple of 64. Content longer than one piece is split: every piece
 * but the last is FRAME_PIECE_BYTES_MAX long and says FRAME_MORE instead of its length.
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include "base/writer.h"
#include "proto/noise.h"

enum {
	FRAME_HEAD_BYTES = 2,
	FRAME_LENGTH_MIN = 17, /* 0..16 is refused: no room for a byte of plaintext */
	FRAME_HANDSHAKE_BYTES_MAX = 512, /* Noise message before authentication */
	FRAME_BLOCK_BYTES = 64,
	FRAME_PLAIN_BYTES_MAX =
	    65472, /* 1,023 blocks: the most a Noise message can hold */
	FRAME_PIECE_BYTES_MAX = FRAME_PLAIN_BYTES_MAX - FRAME_HEAD_BYTES,
	FRAME_MORE = 0xFFFF /* "a full piece, and the next frame goes on" */
};

/* ---- writing ---- */

/* Bytes on the wire of a content of that length, all frames with heads, tags and padding.
 */
size_t frame_bytes(size_t content_len);

/* Appends the content as one or more sealed frames to out. content.len >= 1.
 * ST_LIMIT: less than frame_bytes(content.len) left in out; nothing is written then and
 * the transport has not moved. ST_CLOSED as noise_encrypt. */
status frame_write(struct noise_transport *tr, struct span content, struct writer *out,
    struct trouble *t);

/* Appends the length prefix of a handshake message of that length. */
void frame_put_head(struct writer *out, size_t message_len);

/* Payloads of handshake messages: length u16 || content || zeros to a multiple of block
 * (16 in message 2, 64 in message 3). */
size_t frame_padded_bytes(size_t content_len, size_t block);
void frame_pad(struct writer *out, struct span content, size_t block);
/* Finds the content, borrowed. ST_MALFORMED: wrong length, not the shortest padding, a
 * padding byte that is not zero, or no content. */
status frame_unpad(
    struct span padded, size_t block, struct span *content, struct trouble *t);

/* ---- reading ---- */

/* Collects one Noise message, and for transport messages one whole content. Holds no
 * buffer while nothing has arrived, and never more than has arrived, doubled. The
 * fields belong to frame.c. */
struct frame_reader {
	uint8_t *buffer; /* content opened so far, then the frame being collected */
	size_t cap;
	size_t content_bytes; /* opened pieces at the begin of buffer */
	size_t got;           /* bytes of the present Noise message */
	size_t content_bytes_max;
	uint16_t length; /* of the present Noise message; 0 = head not complete */
	uint16_t message_bytes_max;
	uint8_t head_first; /* the head's first byte, if got_head is 1 */
	uint8_t got_head;
	bool is_ready;
};

/* message_bytes_max: FRAME_HANDSHAKE_BYTES_MAX until the peer is known, then
 * NOISE_MESSAGE_BYTES_MAX; content_bytes_max bounds the joined pieces. */
void frame_reader_start(
    struct frame_reader *r, size_t message_bytes_max, size_t content_bytes_max);
/* Raises or lowers the limits; only between two messages. */
void frame_reader_limit(
    struct frame_reader *r, size_t message_bytes_max, size_t content_bytes_max);

/* Takes bytes from the front of in until something is ready or in is empty. Asks for no
 * more than one message, so the rest of in stays for the next keys.
 * tr     NULL: ready = one Noise message of the handshake as it came;
 *        else: ready = one content, opened and joined
 * ready  out: borrowed until frame_reader_next(); bytes is NULL if more must come
 * ST_MALFORMED: a length of 0..16, a bad inside; ST_LIMIT: a length above a limit, seen
 * at its first byte that can break it; ST_NOT_OURS as noise_decrypt; ST_NO_MEMORY. After
 * a failure only frame_reader_free() may follow. */
status frame_reader_take(struct frame_reader *r, struct noise_transport *tr,
    struct span *in, struct span *ready, struct trouble *t);

/* Forgets what was ready, wipes it and gives the buffer back to the system. */
void frame_reader_next(struct frame_reader *r);

/* True between two messages: an end of stream here is not inside a frame. */
bool frame_reader_is_idle(const struct frame_reader *r);

void frame_reader_free(struct frame_reader *r); /* wipes; legal twice */

#endif
