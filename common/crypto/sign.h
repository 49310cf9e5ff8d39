/* sign.h - Ed25519 keys, signatures and their check (SECURITY 2). Deterministic. Pure. */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include "base/checks.h"
#include "crypto/hash.h"
#include "crypto/keys.h"

void sign_seed_keypair(
    const struct sign_seed *seed, struct sign_pk *pk, struct sign_sk *sk);

/* Signs the message as it stands; the caller has put the label in front of it. */
void sign_message(const struct sign_sk *sk, struct span message, struct signature *out);

/* True only for a signature of exactly these bytes by the owner of pk. Refuses S >= L and
 * keys of small order (proven by test_wycheproof.c). */
bool sign_verify(
    const struct sign_pk *pk, struct span message, const struct signature *signature);

/* The table that core checks hashes and signatures through (base/checks.h), with
 * BLAKE2b-256 and Ed25519. Needs no context. */
struct checks sign_checks(void);

#endif
