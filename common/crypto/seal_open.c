/* seal_open.c - from the sealed body of an op to its plaintext. Alone in its file, so
 * that a program that never calls it does not contain it. Pure. */
#include "crypto/seal_open.h"

#include "crypto/pad.h"

#include <sodium.h>

status
seal_open(const struct op_key *key, const struct seal_ad *ad, struct span sealed,
    struct arena *a, struct span *plain, struct trouble *t)
{
	uint8_t bound[SEAL_AD_BYTES], nonce[24];
	size_t padded_len, plain_len = 0;
	uint8_t *at;

	*plain = span_of(NULL, 0);
	if (sealed.len < SEAL_BYTES_MIN || sealed.len > SEAL_BYTES_MAX)
		return trouble_set(
		    t, ST_MALFORMED, "a sealed value of %zu bytes", sealed.len);
	padded_len = sealed.len - SEAL_TAG_BYTES;
	at = arena_alloc(a, padded_len);
	if (at == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory to open a value");
	seal_ad_bytes(ad, bound);
	seal_nonce(ad, nonce);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(at, NULL, NULL, sealed.bytes,
		sealed.len, bound, sizeof bound, nonce, key->bytes) != 0) {
		sodium_memzero(at, padded_len);
		return trouble_set(t, ST_HASH, "a value does not open");
	}
	if (!pad_strip(span_of(at, padded_len), &plain_len) || plain_len == 0) {
		sodium_memzero(at, padded_len);
		return trouble_set(t, ST_MALFORMED, "a value is padded in a wrong way");
	}
	*plain = span_of(at, plain_len);
	return ST_OK;
}
