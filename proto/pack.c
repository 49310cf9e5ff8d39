/* pack.c - strict msgpack. All reading of heads is in pack_head_at(), which the shape
 * check uses as well, so that both agree about what a head is. Pure. */
#include "proto/pack.h"

#include <assert.h>

enum {
	FIXARRAY = 0x90,
	FIXSTR = 0xa0,
	NIL = 0xc0,
	BIN8 = 0xc4,
	UINT8 = 0xcc,
	STR8 = 0xd9,
	ARRAY16 = 0xdc,
	FIXUINT_MAX = 0x7f,
	FIXARRAY_MAX = 15,
	FIXSTR_MAX = 31
};

static struct pack_head
bad(const char *why)
{
	return (struct pack_head){PACK_BAD, 0, 0, why};
}

static uint64_t
big_endian(const uint8_t *at, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++)
		n = n << 8 | at[i];
	return n;
}

/* The heads with a number of 1, 2, 4 or 8 bytes behind the first byte. smallest: the
 * number below which a shorter head of the same type exists. */
static struct pack_head
wide_head(enum pack_type type, size_t width, uint64_t smallest, const uint8_t *bytes,
    size_t len)
{
	struct pack_head h = {type, 1 + width, 0, NULL};

	if (len < h.bytes)
		return bad("cut short");
	h.count = big_endian(bytes + 1, width);
	return h.count < smallest ? bad("longer form than needed") : h;
}

static struct pack_head
head_of(const uint8_t *bytes, size_t len)
{
	const uint8_t b = bytes[0];

	if (b <= FIXUINT_MAX)
		return (struct pack_head){PACK_UINT, 1, b, NULL};
	if (b >= FIXARRAY && b <= FIXARRAY + FIXARRAY_MAX)
		return (struct pack_head){PACK_ARRAY, 1, b & FIXARRAY_MAX, NULL};
	if (b >= FIXSTR && b <= FIXSTR + FIXSTR_MAX)
		return (struct pack_head){PACK_STR, 1, b & FIXSTR_MAX, NULL};
	switch (b) {
	case NIL:
		return (struct pack_head){PACK_NIL, 1, 0, NULL};
	case BIN8:
		return wide_head(PACK_BIN, 1, 0, bytes, len);
	case BIN8 + 1:
		return wide_head(PACK_BIN, 2, 1 << 8, bytes, len);
	case BIN8 + 2:
		return wide_head(PACK_BIN, 4, 1 << 16, bytes, len);
	case UINT8:
		return wide_head(PACK_UINT, 1, FIXUINT_MAX + 1, bytes, len);
	case UINT8 + 1:
		return wide_head(PACK_UINT, 2, 1 << 8, bytes, len);
	case UINT8 + 2:
		return wide_head(PACK_UINT, 4, 1 << 16, bytes, len);
	case UINT8 + 3:
		return wide_head(PACK_UINT, 8, UINT64_C(1) << 32, bytes, len);
	case STR8:
		return wide_head(PACK_STR, 1, FIXSTR_MAX + 1, bytes, len);
	case STR8 + 1:
		return wide_head(PACK_STR, 2, 1 << 8, bytes, len);
	case STR8 + 2:
		return wide_head(PACK_STR, 4, 1 << 16, bytes, len);
	case ARRAY16:
		return wide_head(PACK_ARRAY, 2, FIXARRAY_MAX + 1, bytes, len);
	case ARRAY16 + 1:
		return wide_head(PACK_ARRAY, 4, 1 << 16, bytes, len);
	default:
		return bad("type that is not allowed");
	}
}

struct pack_head
pack_head_at(const uint8_t *bytes, size_t len)
{
	struct pack_head h;

	if (len == 0)
		return (struct pack_head){PACK_END, 0, 0, NULL};
	h = head_of(bytes, len);
	/* Every element of an array takes at least one byte, so one bound fits all three.
	 */
	if (h.type != PACK_UINT && h.count > len - h.bytes)
		return bad("count past the end");
	return h;
}

struct pack_reader
pack_reader_of(struct span s)
{
	return (struct pack_reader){s.bytes, s.bytes, s.len, NULL, 0};
}

void
pack_fail(struct pack_reader *r, const char *why)
{
	if (r->why != NULL)
		return;
	r->why = why;
	r->why_at = r->begin == NULL ? 0 : (size_t)(r->at - r->begin);
}

enum pack_type
pack_peek(const struct pack_reader *r)
{
	return r->why != NULL ? PACK_END : pack_head_at(r->at, r->left).type;
}

/* Why a head is not one of the type wanted with a count in min..max; NULL if it is. */
static const char *
head_fault(const struct pack_head *h, enum pack_type wanted, uint64_t min, uint64_t max)
{
	if (h->type == PACK_BAD)
		return h->why;
	if (h->type == PACK_END)
		return "cut short";
	if (h->type != wanted)
		return "another type was expected";
	return h->count < min || h->count > max ? "out of range" : NULL;
}

/* Takes a head and gives its count; zero after a failure. */
static uint64_t
take_head(struct pack_reader *r, enum pack_type wanted, uint64_t min, uint64_t max)
{
	struct pack_head h;
	const char *fault;

	if (r->why != NULL)
		return 0;
	h = pack_head_at(r->at, r->left);
	fault = head_fault(&h, wanted, min, max);
	if (fault != NULL) {
		pack_fail(r, fault);
		return 0;
	}
	r->at += h.bytes;
	r->left -= h.bytes;
	return h.count;
}

uint64_t
pack_take_uint(struct pack_reader *r, uint64_t max)
{
	return take_head(r, PACK_UINT, 0, max);
}

bool
pack_take_nil(struct pack_reader *r)
{
	if (pack_peek(r) != PACK_NIL)
		return false;
	(void)take_head(r, PACK_NIL, 0, 0);
	return true;
}

static struct span
take_run(struct pack_reader *r, enum pack_type wanted, size_t min, size_t max)
{
	size_t len = (size_t)take_head(r, wanted, min, max);
	struct span s = span_of(len == 0 ? NULL : r->at, len);

	if (len > 0)
		r->at += len;
	r->left -= len;
	return s;
}

struct span
pack_take_bin(struct pack_reader *r, size_t min, size_t max)
{
	return take_run(r, PACK_BIN, min, max);
}

void
pack_take_id(struct pack_reader *r, void *out, size_t len)
{
	struct span s = take_run(r, PACK_BIN, len, len);

	if (s.len == len && len > 0)
		memcpy(out, s.bytes, len);
	else
		memset(out, 0, len);
}

struct span
pack_take_str(struct pack_reader *r, size_t min, size_t max)
{
	return take_run(r, PACK_STR, min, max);
}

size_t
pack_take_array(struct pack_reader *r, size_t min, size_t max)
{
	return (size_t)take_head(r, PACK_ARRAY, min, max);
}

struct span
pack_take_any(struct pack_reader *r)
{
	const uint8_t *from = r->at;
	uint64_t open = 1; /* elements still to come; each takes a byte, so no overflow */

	while (open > 0 && r->why == NULL) {
		enum pack_type type = pack_peek(r);
		uint64_t count = take_head(r, type, 0, UINT64_MAX);

		open = open - 1 + (type == PACK_ARRAY ? count : 0);
		if (type == PACK_BIN || type == PACK_STR) {
			r->at += count;
			r->left -= (size_t)count;
		}
	}
	return r->why != NULL ? span_of(NULL, 0) : span_of(from, (size_t)(r->at - from));
}

status
pack_status(const struct pack_reader *r, const char *what, struct trouble *t)
{
	if (r->why == NULL)
		return ST_OK;
	return trouble_set(t, ST_MALFORMED, "%s: byte %zu: %s", what, r->why_at, r->why);
}

status
pack_end(const struct pack_reader *r, const char *what, struct trouble *t)
{
	if (r->why == NULL && r->left > 0)
		return trouble_set(t, ST_MALFORMED,
		    "%s: byte %zu: nothing may follow here", what,
		    (size_t)(r->at - r->begin));
	return pack_status(r, what, t);
}

/* first: the head with 1 byte of count; the next two are those with 2 and 4. */
static void
put_wide(struct writer *w, uint8_t first, uint64_t n)
{
	if (n <= UINT8_MAX) {
		writer_u8(w, first);
		writer_u8(w, (uint8_t)n);
	} else if (n <= UINT16_MAX) {
		writer_u8(w, (uint8_t)(first + 1));
		writer_u16(w, (uint16_t)n);
	} else {
		assert(n <= UINT32_MAX);
		writer_u8(w, (uint8_t)(first + 2));
		writer_u32(w, (uint32_t)n);
	}
}

void
pack_put_nil(struct writer *w)
{
	writer_u8(w, NIL);
}

void
pack_put_uint(struct writer *w, uint64_t n)
{
	if (n <= FIXUINT_MAX) {
		writer_u8(w, (uint8_t)n);
	} else if (n <= UINT32_MAX) {
		put_wide(w, UINT8, n);
	} else {
		writer_u8(w, UINT8 + 3);
		writer_u64(w, n);
	}
}

void
pack_put_bin_head(struct writer *w, size_t len)
{
	put_wide(w, BIN8, len);
}

void
pack_put_bin(struct writer *w, struct span s)
{
	pack_put_bin_head(w, s.len);
	writer_span(w, s);
}

void
pack_put_str(struct writer *w, struct span s)
{
	if (s.len <= FIXSTR_MAX)
		writer_u8(w, (uint8_t)(FIXSTR + s.len));
	else
		put_wide(w, STR8, s.len);
	writer_span(w, s);
}

void
pack_put_array(struct writer *w, size_t n)
{
	if (n <= FIXARRAY_MAX) {
		writer_u8(w, (uint8_t)(FIXARRAY + n));
		return;
	}
	assert(n <= UINT32_MAX);
	/* There is no array head with one byte of count. */
	if (n <= UINT16_MAX) {
		writer_u8(w, ARRAY16);
		writer_u16(w, (uint16_t)n);
	} else {
		writer_u8(w, ARRAY16 + 1);
		writer_u32(w, (uint32_t)n);
	}
}
