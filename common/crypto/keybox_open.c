/* keybox_open.c - opens a key box; alone in its file so that a static link leaves it out
 * of the server program (tests/lint/symbols.py). Pure. */
#include "crypto/keybox_open.h"

#include <sodium.h>

#include "crypto/derive.h"
#include "crypto/labels.h"

enum {
	CLEAR_BYTES = sizeof LABEL_BOX + 16 + 4 + 17 + 4, /* all before the seed */
	SEED_AT = CLEAR_BYTES,
	TAG_KEY_AT = SEED_AT + 32
};

_Static_assert(TAG_KEY_AT + 32 == KEYBOX_PLAIN_BYTES, "layout of keybox_plain_bytes");

status
keybox_open(const struct sealed_box *sealed, const struct box_pk *pk,
    const struct box_sk *sk, const struct keybox_place *expected,
    const struct fingerprint *fingerprint, struct keybox *out, struct trouble *t)
{
	uint8_t plain[KEYBOX_PLAIN_BYTES] = {0};
	uint8_t wanted[KEYBOX_PLAIN_BYTES];
	struct fingerprint found;
	status st = ST_OK;

	memset(out, 0, sizeof *out);
	if (crypto_box_seal_open(
		plain, sealed->bytes, sizeof sealed->bytes, pk->bytes, sk->bytes) != 0) {
		st = trouble_set(t, ST_HASH, "a key box does not open with this key");
		goto out;
	}
	out->place = *expected;
	keybox_plain_bytes(out, wanted);
	if (sodium_memcmp(plain, wanted, CLEAR_BYTES) != 0) {
		st = trouble_set(t, ST_HASH, "a key box is of another scope or epoch");
		goto out;
	}
	memcpy(out->seed.bytes, plain + SEED_AT, sizeof out->seed.bytes);
	memcpy(out->tag_key.bytes, plain + TAG_KEY_AT, sizeof out->tag_key.bytes);
	found = derive_fingerprint(&out->seed);
	if (!ID_EQUAL(&found, fingerprint))
		st = trouble_set(
		    t, ST_HASH, "a key box holds another seed than the log names");
out:
	if (st != ST_OK)
		keys_wipe(out, sizeof *out);
	keys_wipe(plain, sizeof plain);
	return st;
}
