/* writer.h - appends big-endian fields to a buffer of fixed size. What does not fit sets
 * is_full and is dropped whole, so a caller checks once at the end. Pure. */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include "base/bytes.h"

struct writer {
	uint8_t *at; /* begin of the buffer, owned by the caller */
	size_t used;
	size_t cap;
	bool is_full; /* something did not fit */
};

static inline struct writer
writer_of(void *buffer, size_t cap)
{
	return (struct writer){(uint8_t *)buffer, 0, cap, false};
}

void writer_u8(struct writer *w, uint8_t n);
void writer_u16(struct writer *w, uint16_t n);
void writer_u32(struct writer *w, uint32_t n);
void writer_u64(struct writer *w, uint64_t n);
void writer_bytes(struct writer *w, const void *bytes, size_t len);
void writer_zeros(struct writer *w, size_t len);

static inline void
writer_span(struct writer *w, struct span s)
{
	writer_bytes(w, s.bytes, s.len);
}

static inline struct span
writer_done(const struct writer *w)
{
	return span_of(w->at, w->used);
}

#endif
