/* base32.c - bytes as Crockford's base32. Pure. */
#include "base/base32.h"

static const char alphabet[33] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
base32_write(struct span in, char *out)
{
	uint32_t bits = 0;
	unsigned n_bits = 0;

	for (size_t i = 0; i < in.len; i++) {
		bits = (bits << 8 | in.bytes[i]) & 0xFFF; /* 4 old bits at most */
		n_bits += 8;
		for (; n_bits >= 5; n_bits -= 5)
			*out++ = alphabet[(bits >> (n_bits - 5)) & 31];
	}
	if (n_bits > 0)
		*out++ = alphabet[(bits << (5 - n_bits)) & 31];
	*out = '\0';
}

/* 0..31, or -1. */
static int
symbol_of(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	for (int n = 0; n < 32; n++)
		if (alphabet[n] == c)
			return n;
	return -1;
}

status
base32_read(const char *text, void *out, size_t len, struct trouble *t)
{
	uint8_t *at = out;
	size_t n = 0;
	uint32_t bits = 0;
	unsigned n_bits = 0;

	for (; *text != '\0'; text++) {
		int symbol = symbol_of(*text);

		if (*text == ' ' || *text == '-')
			continue;
		if (symbol < 0)
			return trouble_set(
			    t, ST_MALFORMED, "%c is no symbol of a key", *text);
		bits = (bits << 5 | (uint32_t)symbol) & 0xFFF;
		n_bits += 5;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		if (n < len)
			at[n] = (uint8_t)(bits >> n_bits);
		n++;
	}
	if (n != len || n_bits >= 5)
		return trouble_set(
		    t, ST_MALFORMED, "%zu symbols are needed", BASE32_SYMBOLS(len));
	if ((bits & ((1U << n_bits) - 1)) != 0)
		return trouble_set(t, ST_MALFORMED, "the last symbol is mistyped");
	return ST_OK;
}
