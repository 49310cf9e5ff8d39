/* pad.c - Padmé and ISO 7816-4 padding. Pure. */
#include "crypto/pad.h"

#include <assert.h>

enum { PAD_MARK = 0x80 };

/* floor(log2 n), n > 0. */
static unsigned
log2_floor(uint64_t n)
{
	return 63U - (unsigned)__builtin_clzll(n);
}

size_t
pad_padme(size_t len)
{
	unsigned e, s;
	size_t mask;

	if (len < 2)
		return len; /* log2 of log2 of 1 is not defined */
	e = log2_floor(len);
	s = log2_floor(e) + 1; /* bits of the mantissa that stay visible */
	mask = ((size_t)1 << (e - s)) - 1;
	assert(len <= SIZE_MAX - mask);
	return (len + mask) & ~mask;
}

size_t
pad_target(size_t len)
{
	size_t target;

	assert(len < SIZE_MAX);
	target = pad_padme(len + 1); /* one byte more for the mark */
	return target < PAD_BYTES_MIN ? PAD_BYTES_MIN : target;
}

void
pad_fill(uint8_t *buffer, size_t len, size_t target)
{
	assert(target > len);
	buffer[len] = PAD_MARK;
	memset(buffer + len + 1, 0, target - len - 1);
}

bool
pad_strip(struct span padded, size_t *len)
{
	size_t at = padded.len;

	while (at > 0 && padded.bytes[at - 1] == 0)
		at--;
	if (at == 0 || padded.bytes[at - 1] != PAD_MARK ||
	    pad_target(at - 1) != padded.len)
		return false;
	*len = at - 1;
	return true;
}
