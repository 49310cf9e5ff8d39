/* wrap_open.c - opening the previous epoch seed. Alone in its file, so that a program
 * that never calls it does not contain it. Pure. */
#include "crypto/wrap_open.h"

#include <sodium.h>

status
wrap_open(const struct wrap_key *key, const struct wrap_place *place,
    const struct wrapped_seed *wrapped, struct epoch_seed *previous, struct trouble *t)
{
	const size_t nonce_len = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
	uint8_t bound[WRAP_AD_BYTES];

	wrap_ad_bytes(place, bound);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(previous->bytes, NULL, NULL,
		wrapped->bytes + nonce_len, sizeof wrapped->bytes - nonce_len, bound,
		sizeof bound, wrapped->bytes, key->bytes) != 0) {
		sodium_memzero(previous, sizeof *previous);
		return trouble_set(
		    t, ST_HASH, "the seed of epoch %u does not open", place->epoch);
	}
	return ST_OK;
}
