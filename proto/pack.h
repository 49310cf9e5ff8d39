/* pack.h - strict msgpack: one pull reader and a writer of shortest forms.
 *
 * Strict means: arrays, unsigned integers, nil, bin and str only; every head in its
 * shortest form; nothing after the end (spec/ops.md 1). The reader trusts nothing: each
 * take checks type, form, bounds and the range that the caller names. It keeps the first
 * failure and gives zeros and empty spans after it, so that a decoder reads straight
 * down and asks once, by pack_end() or pack_status(). Nothing is allocated; spans borrow
 * the input. Why not msgpack-c: common/doc/decisions/0001-strict-msgpack-reader.md. Pure.
 */
#ifndef PROTO_PACK_H
#define PROTO_PACK_H

#include "base/bytes.h"
#include "base/status.h"
#include "base/writer.h"

enum pack_type {
	PACK_END, /* no byte is left, or the reader has failed */
	PACK_NIL,
	PACK_UINT,
	PACK_BIN,
	PACK_STR,
	PACK_ARRAY,
	PACK_BAD /* a type or form that is not ours, or cut short */
};

/* The first bytes of an element. */
struct pack_head {
	enum pack_type type;
	size_t bytes;    /* of the head itself */
	uint64_t count;  /* PACK_UINT: the number; bin, str: bytes that follow, all there;
			  * array: elements that follow, not more than bytes left */
	const char *why; /* of PACK_BAD: static text */
};

/* Looks at the element that begins at bytes; reads no byte past len. */
struct pack_head pack_head_at(const uint8_t *bytes, size_t len);

struct pack_reader {
	const uint8_t *begin;
	const uint8_t *at;
	size_t left;
	const char *why; /* the first failure, static text; NULL while all is well */
	size_t why_at;   /* its offset from begin */
};

struct pack_reader pack_reader_of(struct span s);

/* The type of the next element; moves nothing and fails nothing. */
enum pack_type pack_peek(const struct pack_reader *r);

uint64_t pack_take_uint(struct pack_reader *r, uint64_t max);
/* Takes nil if it comes next and says so; anything else stays, without failure. */
bool pack_take_nil(struct pack_reader *r);
struct span pack_take_bin(struct pack_reader *r, size_t min, size_t max);
/* A bin of exactly len bytes, copied to out (zeros on failure): ids, hashes, keys. */
void pack_take_id(struct pack_reader *r, void *out, size_t len);
/* Bytes as they stand: whoever shows or stores text checks its UTF-8. */
struct span pack_take_str(struct pack_reader *r, size_t min, size_t max);
/* The number of elements that follow. */
size_t pack_take_array(struct pack_reader *r, size_t min, size_t max);
/* One whole element of any type with all that is in it, as its bytes. */
struct span pack_take_any(struct pack_reader *r);

/* Makes the reader fail where it stands, for a rule of the caller; why is static. */
void pack_fail(struct pack_reader *r, const char *why);
static inline bool
pack_is_ok(const struct pack_reader *r)
{
	return r->why == NULL;
}
/* ST_MALFORMED with place and reason if something failed. what: "log record". */
status pack_status(const struct pack_reader *r, const char *what, struct trouble *t);
/* As pack_status, and nothing may be left. */
status pack_end(const struct pack_reader *r, const char *what, struct trouble *t);

/* Appends one element in its shortest form. */
void pack_put_nil(struct writer *w);
void pack_put_uint(struct writer *w, uint64_t n);
void pack_put_bin(struct writer *w, struct span s);
void pack_put_str(struct writer *w, struct span s);
/* The head only: n elements have to follow. */
void pack_put_array(struct writer *w, size_t n);
/* The heads alone of a bin of len bytes: the caller appends them. */
void pack_put_bin_head(struct writer *w, size_t len);

#endif
