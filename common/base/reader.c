/* reader.c - bounds-checked reading. Lengths stay 64 bit until compared with what is
 * left, and are compared before they are subtracted. Pure. */
#include "base/reader.h"

status
reader_span(struct reader *r, uint64_t len, struct span *out)
{
	if (len > r->left)
		return ST_MALFORMED;
	*out = span_of(r->at, (size_t)len);
	if (len > 0)
		r->at += len;
	r->left -= (size_t)len;
	return ST_OK;
}

status
reader_copy(struct reader *r, void *out, size_t len)
{
	struct span s;
	status st = reader_span(r, len, &s);

	if (st == ST_OK && len > 0)
		memcpy(out, s.bytes, len);
	return st;
}

status
reader_u8(struct reader *r, uint8_t *out)
{
	return reader_copy(r, out, 1);
}

status
reader_u16(struct reader *r, uint16_t *out)
{
	uint8_t b[2];
	status st = reader_copy(r, b, sizeof b);

	if (st == ST_OK)
		*out = get_u16(b);
	return st;
}

status
reader_u32(struct reader *r, uint32_t *out)
{
	uint8_t b[4];
	status st = reader_copy(r, b, sizeof b);

	if (st == ST_OK)
		*out = get_u32(b);
	return st;
}

status
reader_u64(struct reader *r, uint64_t *out)
{
	uint8_t b[8];
	status st = reader_copy(r, b, sizeof b);

	if (st == ST_OK)
		*out = get_u64(b);
	return st;
}

status
reader_end(const struct reader *r)
{
	return r->left == 0 ? ST_OK : ST_MALFORMED;
}
