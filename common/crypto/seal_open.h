/* seal_open.h - opening the body of an op. The only way to a value: the server program
 * must not contain it (tests/lint). Pure. */
#ifndef CRYPTO_SEAL_OPEN_H
#define CRYPTO_SEAL_OPEN_H

#include "base/arena.h"
#include "crypto/seal.h"

/* Opens what seal_body() made under the same key and ad.
 * a      gives sealed.len - 16 bytes for the plaintext; the caller ends with arena_wipe
 *        or arena_free, arena_reset would leave plaintext behind
 * plain  out: flag and content without padding, borrowed from a
 * ST_MALFORMED: no possible length of a sealed body, or bad padding; ST_HASH: not sealed
 * under this key, nonce and ad; ST_NO_MEMORY. After a failure no plaintext is in a. */
status seal_open(const struct op_key *key, const struct seal_ad *ad, struct span sealed,
    struct arena *a, struct span *plain, struct trouble *t);

#endif
