/* young_code.c - Crockford base32 with its check symbol, for codes of young people. Pure.
 */
#include "base/young_code.h"

#include <assert.h>

enum { SYMBOL_BITS = 5, SYMBOL_COUNT = 32, CHECK_MODULUS = 37, NO_SYMBOL = 255 };

static const char symbols32[SYMBOL_COUNT + 1] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static uint64_t
first_bits(const struct person_key *key, size_t symbols)
{
	return key->n >> (64 - SYMBOL_BITS * symbols);
}

struct person_id
young_draw(const struct rng *r)
{
	struct person_id pid;
	struct person_key key;

	do {
		rng_fill(r, pid.bytes, sizeof pid.bytes);
		key = person_key_of(&pid);
	} while (key.n == 0 ||
		 first_bits(&key, YOUNG_SYMBOLS) % CHECK_MODULUS >= SYMBOL_COUNT);
	return pid;
}

bool
young_code(
    const struct person_key *key, size_t symbols, char out[static YOUNG_CODE_BYTES])
{
	uint64_t bits;

	assert(symbols >= YOUNG_SYMBOLS && symbols <= YOUNG_SYMBOLS_MAX);
	bits = first_bits(key, symbols);
	out[0] = '\0';
	if (bits % CHECK_MODULUS >= SYMBOL_COUNT)
		return false;
	out[0] = 'Y';
	out[1] = '-';
	for (size_t i = 0; i < symbols; i++)
		out[2 + i] = symbols32[(bits >> (SYMBOL_BITS * (symbols - 1 - i))) & 31];
	out[2 + symbols] = symbols32[bits % CHECK_MODULUS];
	out[3 + symbols] = '\0';
	return true;
}

/* Value of one typed character; NO_SYMBOL if it is none. */
static unsigned
symbol_value(uint8_t c)
{
	if (c >= 'a' && c <= 'z')
		c = (uint8_t)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	for (unsigned i = 0; i < SYMBOL_COUNT; i++) {
		if (symbols32[i] == (char)c)
			return i;
	}
	return NO_SYMBOL;
}

bool
young_code_parse(struct span text, struct young_prefix *out)
{
	size_t at = 0, symbols;
	uint64_t bits = 0;

	if (text.len >= 2 && (text.bytes[0] == 'Y' || text.bytes[0] == 'y') &&
	    text.bytes[1] == '-')
		at = 2;
	if (text.len - at < YOUNG_SYMBOLS + 1 || text.len - at > YOUNG_SYMBOLS_MAX + 1)
		return false;
	symbols = text.len - at - 1;
	for (size_t i = 0; i < symbols; i++) {
		unsigned value = symbol_value(text.bytes[at + i]);

		if (value == NO_SYMBOL)
			return false;
		bits = bits << SYMBOL_BITS | value;
	}
	if (symbol_value(text.bytes[text.len - 1]) != bits % CHECK_MODULUS)
		return false;
	*out = (struct young_prefix){bits, symbols};
	return true;
}

bool
young_code_matches(const struct young_prefix *p, const struct person_key *key)
{
	return first_bits(key, p->symbols) == p->bits;
}
