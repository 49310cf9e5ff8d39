/* reader.h - takes big-endian fields off the front of borrowed bytes, never past the end.
 * A read that does not fit returns ST_MALFORMED and moves nothing. Pure. */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/bytes.h"
#include "base/status.h"

struct reader {
	const uint8_t *at;
	size_t left;
};

static inline struct reader
reader_of(struct span s)
{
	return (struct reader){s.bytes, s.len};
}

status reader_u8(struct reader *r, uint8_t *out);
status reader_u16(struct reader *r, uint16_t *out);
status reader_u32(struct reader *r, uint32_t *out);
status reader_u64(struct reader *r, uint64_t *out);
/* Copies len bytes to out. */
status reader_copy(struct reader *r, void *out, size_t len);
/* Borrows len bytes; they live as long as the input. */
status reader_span(struct reader *r, uint64_t len, struct span *out);
/* ST_MALFORMED unless everything was taken. */
status reader_end(const struct reader *r);

#endif
