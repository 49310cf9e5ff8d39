/* sign.c - Ed25519 over libsodium, and the table of checks for core. Pure. */
#include "crypto/sign.h"

#include <assert.h>
#include <sodium.h>

_Static_assert(sizeof(struct sign_sk) == crypto_sign_SECRETKEYBYTES, "libsodium's form");
_Static_assert(sizeof(struct signature) == crypto_sign_BYTES, "libsodium's form");

void
sign_seed_keypair(const struct sign_seed *seed, struct sign_pk *pk, struct sign_sk *sk)
{
	int bad = crypto_sign_seed_keypair(pk->bytes, sk->bytes, seed->bytes);

	assert(bad == 0);
	(void)bad;
}

void
sign_message(const struct sign_sk *sk, struct span message, struct signature *out)
{
	int bad =
	    crypto_sign_detached(out->bytes, NULL, message.bytes, message.len, sk->bytes);

	assert(bad == 0);
	(void)bad;
}

bool
sign_verify(
    const struct sign_pk *pk, struct span message, const struct signature *signature)
{
	return crypto_sign_verify_detached(
		   signature->bytes, message.bytes, message.len, pk->bytes) == 0;
}

static void
check_hash(
    void *ctx, const char *label, const struct span *parts, size_t n, struct hash32 *out)
{
	(void)ctx;
	hash_256(label, parts, n, out);
}

static bool
check_verify(void *ctx, const struct sign_pk *pk, struct span message,
    const struct signature *signature)
{
	(void)ctx;
	return sign_verify(pk, message, signature);
}

struct checks
sign_checks(void)
{
	return (struct checks){NULL, check_hash, check_verify};
}
