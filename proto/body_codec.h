/* body_codec.h - the plaintext of an op: entries of one record in columns, compressed
 * where that pays (spec/ops.md 2, SECURITY 9.1). Padding and sealing are crypto/seal.h.
 * Pure. */
#ifndef PROTO_BODY_CODEC_H
#define PROTO_BODY_CODEC_H

#include "base/arena.h"
#include "base/writer.h"
#include "core/entry.h"

enum {
	BODY_ENTRIES_MAX = 16384,
	BODY_ENTRIES_FREE = 4096, /* more need 2 bytes of plaintext each: what an op makes
				   * a reader hold is bounded by what it costs to send */
	BODY_AGENTS_MAX = 16384,
	BODY_GONE_MAX = 16384, /* rows: SHAPE_BODY_ELEMENTS_MAX / 4 */
	/* The msgpack array, also when decompressed: a text of 48 KiB after some 7,500
	 * edits that were sent one by one, at 50 bytes an edit. */
	BODY_ARRAY_BYTES_MAX = 384 * 1024,
	/* Flag and content: one byte less than the largest padded length that fits
	 * OP_LONG_BODY_BYTES_MAX. Above BODY_SHORT_BYTES_MAX it is a long op's. */
	BODY_PLAIN_BYTES_MAX = 192 * 1024 - 1,
	BODY_SHORT_BYTES_MAX = 61439,
	BODY_ZSTD_BYTES_MIN = 201, /* shorter arrays are never compressed */
	BODY_TEXT_BYTES_MIN = 64,  /* nor is one up to 300 without that much text */
	BODY_ZSTD_LEVEL = 19,
	BODY_ZSTD_LONG_LEVEL =
	    13 /* above BODY_SHORT_BYTES_MAX: as good in half the time */
};

enum body_flag { BODY_RAW = 1, BODY_ZSTD = 2 };

/* Work memory and zstd contexts, kept between calls because making them costs more than
 * using them. Holds plaintext of the last call; one thread at a time. */
struct body_codec;

struct body_codec *body_codec_new(void);    /* NULL when memory is out */
void body_codec_free(struct body_codec *c); /* NULL is legal; wipes */

/* Appends flag and content to out.
 * signer  the device that will sign the batch: entries by it need no name in the body
 *
 * Entries with a map key are written before those without, else in the order given: the
 * order of entries has no meaning. Cheapest when names count up from {b->agent, 0}.
 *
 * ST_MALFORMED: a value that the format cannot hold (agent 0, a number above 2^53, an
 * empty run, text that is not UTF-8, a name past 2^32). ST_LIMIT: more entries, agents,
 * rows or bytes than above, or out is full. ST_NO_MEMORY: zstd could not get its own. */
status body_encode(struct body_codec *c, const struct body *b, struct author signer,
    struct writer *out, struct trouble *t);
/* The same into as many bytes of the arena as it takes, where most bodies are a
 * thousandth of the largest. ST_NO_MEMORY also when the arena is used up. */
status body_encode_in(struct body_codec *c, const struct body *b, struct author signer,
    struct arena *a, struct span *out, struct trouble *t);

/* Reads what body_encode wrote; refuses every other form of the same content.
 * plain   flag and content, without padding; borrowed by out unless it was compressed
 * signer  device of the batch header
 *
 * ST_MALFORMED: not the form of the spec, the op goes to quarantine. ST_VERSION: another
 * flag, from a newer version, to be kept and shown as such. ST_NO_MEMORY: the arena is
 * used up.
 *
 * An op of 60 bytes may say 4,096 entries (450 KiB) and hold 384 KiB of one character,
 * the largest of 192 KiB 16,384 entries (1.8 MiB): reset the arena after each op. */
status body_decode(struct body_codec *c, struct span plain, struct author signer,
    struct arena *a, struct body *out, struct trouble *t);

/* Bytes of the array before compression: what core/record.h measures a record by.
 * SIZE_MAX when the body cannot be written at all. */
size_t body_array_bytes(struct body_codec *c, const struct body *b, struct author signer);

#endif
