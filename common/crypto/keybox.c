/* keybox.c - seals a key box in the layout of crypto_box_seal, but with a one-time pair
 * from the rng that is passed in, so that the layer stays pure and tests repeat. Pure. */
#include "crypto/keybox.h"

#include <assert.h>

#include <sodium.h>

#include "base/writer.h"
#include "crypto/derive.h"
#include "crypto/hash.h"
#include "crypto/labels.h"

_Static_assert(KEYBOX_BYTES == KEYBOX_PLAIN_BYTES + crypto_box_SEALBYTES, "layout");

void
keybox_plain_bytes(const struct keybox *box, uint8_t out[static KEYBOX_PLAIN_BYTES])
{
	struct writer w = writer_of(out, KEYBOX_PLAIN_BYTES);

	writer_bytes(&w, LABEL_BOX, sizeof LABEL_BOX);
	writer_bytes(&w, box->place.network.bytes, sizeof box->place.network.bytes);
	writer_bytes(&w, box->place.space.text, sizeof box->place.space.text);
	writer_bytes(&w, box->place.scope.bytes, sizeof box->place.scope.bytes);
	writer_u32(&w, box->place.epoch);
	writer_bytes(&w, box->seed.bytes, sizeof box->seed.bytes);
	writer_bytes(&w, box->tag_key.bytes, sizeof box->tag_key.bytes);
	assert(!w.is_full && w.used == KEYBOX_PLAIN_BYTES);
}

/* As in libsodium's sealed boxes: BLAKE2b of 24 bytes over both public keys. */
static void
seal_nonce_of(const struct box_pk *one_time, const struct box_pk *to,
    uint8_t nonce[static crypto_box_NONCEBYTES])
{
	crypto_generichash_state state;

	(void)crypto_generichash_init(&state, NULL, 0, crypto_box_NONCEBYTES);
	(void)crypto_generichash_update(&state, one_time->bytes, sizeof one_time->bytes);
	(void)crypto_generichash_update(&state, to->bytes, sizeof to->bytes);
	(void)crypto_generichash_final(&state, nonce, crypto_box_NONCEBYTES);
}

status
keybox_seal(const struct keybox *box, const struct box_pk *to, const struct rng *rng,
    struct sealed_box *out, struct trouble *t)
{
	uint8_t seed[32];
	uint8_t plain[KEYBOX_PLAIN_BYTES];
	uint8_t nonce[crypto_box_NONCEBYTES];
	struct box_pk one_time_pk;
	struct box_sk one_time_sk;
	status st = ST_OK;

	rng_fill(rng, seed, sizeof seed);
	derive_box_pair(seed, &one_time_pk, &one_time_sk);
	seal_nonce_of(&one_time_pk, to, nonce);
	keybox_plain_bytes(box, plain);
	memcpy(out->bytes, one_time_pk.bytes, sizeof one_time_pk.bytes);
	if (crypto_box_easy(out->bytes + sizeof one_time_pk.bytes, plain, sizeof plain,
		nonce, to->bytes, one_time_sk.bytes) != 0) {
		memset(out, 0, sizeof *out);
		st = trouble_set(t, ST_MALFORMED, "a box key is not a key of a device");
	}
	keys_wipe(seed, sizeof seed);
	keys_wipe(plain, sizeof plain);
	keys_wipe(&one_time_sk, sizeof one_time_sk);
	return st;
}

struct hash32
keybox_hash(const struct sealed_box *box)
{
	struct span bytes = span_of(box->bytes, sizeof box->bytes);
	struct hash32 hash;

	hash_256(NULL, &bytes, 1, &hash);
	return hash;
}
