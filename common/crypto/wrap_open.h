/* wrap_open.h - opening the previous epoch seed. Not in the server program. Pure. */
#ifndef CRYPTO_WRAP_OPEN_H
#define CRYPTO_WRAP_OPEN_H

#include "base/status.h"
#include "crypto/wrap.h"

/* ST_HASH: not wrapped under this key for this place; previous is then zero. */
status wrap_open(const struct wrap_key *key, const struct wrap_place *place,
    const struct wrapped_seed *wrapped, struct epoch_seed *previous, struct trouble *t);

#endif
