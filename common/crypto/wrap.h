/* wrap.h - the previous epoch seed, sealed under the wrap key of the present one, so that
 * who holds the newest seed reads all (SECURITY 3). Opening: wrap_open.h. Pure. */
#ifndef CRYPTO_WRAP_H
#define CRYPTO_WRAP_H

#include "base/rng.h"
#include "crypto/keys.h"

enum { WRAP_BYTES = 72, WRAP_AD_BYTES = 41 };

struct wrapped_seed {
	uint8_t bytes[WRAP_BYTES]; /* nonce 24 || seed 32 || tag 16 */
};

/* Which seed is wrapped: that of epoch `epoch` (the previous one) of the scope. */
struct wrap_place {
	struct network_id network;
	struct space_name space;
	struct scope_name scope;
	uint32_t epoch;
};

/* key: wrap key of epoch place->epoch + 1. Draws 24 bytes from rng. */
void wrap_seed(const struct wrap_key *key, const struct wrap_place *place,
    const struct epoch_seed *previous, const struct rng *rng, struct wrapped_seed *out);

/* network || space || scope || epoch. */
void wrap_ad_bytes(const struct wrap_place *place, uint8_t out[static WRAP_AD_BYTES]);

#endif
