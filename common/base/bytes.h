/* bytes.h - a borrowed run of bytes, and big-endian integers. Pure. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* len bytes that somebody else owns; bytes may be NULL when len is 0. */
struct span {
	const uint8_t *bytes;
	size_t len;
};

static inline struct span
span_of(const void *bytes, size_t len)
{
	return (struct span){(const uint8_t *)bytes, len};
}

static inline struct span
span_text(const char *text)
{
	return span_of(text, strlen(text));
}

static inline bool
span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

/* As memcmp, the shorter first when one is the beginning of the other. */
static inline int
span_compare(struct span a, struct span b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common == 0 ? 0 : memcmp(a.bytes, b.bytes, common);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static inline void
put_u16(uint8_t *at, uint16_t n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

static inline void
put_u32(uint8_t *at, uint32_t n)
{
	put_u16(at, (uint16_t)(n >> 16));
	put_u16(at + 2, (uint16_t)n);
}

static inline void
put_u64(uint8_t *at, uint64_t n)
{
	put_u32(at, (uint32_t)(n >> 32));
	put_u32(at + 4, (uint32_t)n);
}

static inline uint16_t
get_u16(const uint8_t *at)
{
	return (uint16_t)((at[0] << 8) | at[1]);
}

static inline uint32_t
get_u32(const uint8_t *at)
{
	return ((uint32_t)get_u16(at) << 16) | get_u16(at + 2);
}

static inline uint64_t
get_u64(const uint8_t *at)
{
	return ((uint64_t)get_u32(at) << 32) | get_u32(at + 4);
}

#endif
