/* kit.c - the code on a recovery kit's sheet. Pure. */
#include "proto/kit.h"

#include "base/base32.h"
#include "crypto/hash.h"
#include "crypto/labels.h"

_Static_assert(BASE32_SYMBOLS(KIT_BYTES) == KIT_SYMBOLS, "a sheet has 56 symbols");

enum { CHECK_AT = 1 + 32, CHECK_BYTES = 2 };

static void
checksum(const uint8_t bytes[static CHECK_AT], uint8_t out[static CHECK_BYTES])
{
	struct span part = span_of(bytes, CHECK_AT);
	struct hash32 hash;

	hash_256(LABEL_KIT, &part, 1, &hash);
	memcpy(out, hash.bytes, CHECK_BYTES);
}

void
kit_write(enum kit_sheet sheet, const struct device_seed *secret,
    char out[static KIT_TEXT_BYTES])
{
	uint8_t bytes[KIT_BYTES];
	char symbols[KIT_SYMBOLS + 1];
	size_t used = 0;

	bytes[0] = (uint8_t)sheet;
	memcpy(bytes + 1, secret->bytes, sizeof secret->bytes);
	checksum(bytes, bytes + CHECK_AT);
	base32_write(span_of(bytes, sizeof bytes), symbols);
	for (size_t i = 0; i < KIT_SYMBOLS; i++) {
		if (i > 0 && i % KIT_GROUP == 0)
			out[used++] = ' ';
		out[used++] = symbols[i];
	}
	out[used] = '\0';
	keys_wipe(bytes, sizeof bytes);
	keys_wipe(symbols, sizeof symbols);
}

status
kit_read(const char *text, enum kit_sheet *sheet, struct device_seed *secret,
    struct trouble *t)
{
	uint8_t bytes[KIT_BYTES];
	uint8_t check[CHECK_BYTES];
	status st = base32_read(text, bytes, sizeof bytes, t);

	if (st != ST_OK)
		return st;
	checksum(bytes, check);
	if (memcmp(check, bytes + CHECK_AT, sizeof check) != 0)
		st = trouble_set(t, ST_MALFORMED, "the checksum of a kit's sheet fails");
	else if (bytes[0] < KIT_WHOLE || bytes[0] > KIT_SECOND_HALF)
		st = trouble_set(t, ST_VERSION, "a kit's sheet of a newer version");
	if (st == ST_OK) {
		*sheet = (enum kit_sheet)bytes[0];
		memcpy(secret->bytes, bytes + 1, sizeof secret->bytes);
	}
	keys_wipe(bytes, sizeof bytes);
	return st;
}

void
kit_combine(
    const struct device_seed *a, const struct device_seed *b, struct device_seed *out)
{
	for (size_t i = 0; i < sizeof out->bytes; i++)
		out->bytes[i] = a->bytes[i] ^ b->bytes[i];
}
