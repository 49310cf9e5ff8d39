/* wrap.c - sealing the previous epoch seed. Pure. */
#include "crypto/wrap.h"

#include "base/writer.h"

#include <assert.h>
#include <sodium.h>

enum { NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };

_Static_assert(WRAP_BYTES == NONCE_BYTES + sizeof(struct epoch_seed) +
				 crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "nonce, seed, tag");

void
wrap_ad_bytes(const struct wrap_place *place, uint8_t out[static WRAP_AD_BYTES])
{
	struct writer w = writer_of(out, WRAP_AD_BYTES);

	writer_bytes(&w, place->network.bytes, sizeof place->network.bytes);
	writer_bytes(&w, place->space.text, sizeof place->space.text);
	writer_bytes(&w, place->scope.bytes, sizeof place->scope.bytes);
	writer_u32(&w, place->epoch);
	assert(!w.is_full && w.used == WRAP_AD_BYTES);
}

void
wrap_seed(const struct wrap_key *key, const struct wrap_place *place,
    const struct epoch_seed *previous, const struct rng *rng, struct wrapped_seed *out)
{
	uint8_t bound[WRAP_AD_BYTES];
	int bad;

	rng_fill(rng, out->bytes, NONCE_BYTES);
	wrap_ad_bytes(place, bound);
	bad = crypto_aead_xchacha20poly1305_ietf_encrypt(out->bytes + NONCE_BYTES, NULL,
	    previous->bytes, sizeof previous->bytes, bound, sizeof bound, NULL,
	    out->bytes, key->bytes);
	assert(bad == 0);
	(void)bad;
}
