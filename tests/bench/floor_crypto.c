/* floor_crypto.c - the primitives of libsodium that every op, batch and session pays. */
#include "floor.h"

#include <sodium.h>
#include <stdio.h>

enum { VALUE_BYTES = 200, AD_BYTES = 88, SIGNED_BYTES = 256 };

static const uint8_t key[32] = {1}, ad[AD_BYTES] = {2};
static uint8_t nonce[24], plain[VALUE_BYTES], sealed[VALUE_BYTES + 16];

static bool
failed(const char *what)
{
	(void)fprintf(stderr, "floor: %s\n", what);
	return false;
}

bool
floor_seal(const struct floor_options *o, struct floor_round *out)
{
	FLOOR_REPEAT(o, out, sodium_increment(nonce, sizeof nonce);
		     (void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, plain,
			 VALUE_BYTES, ad, AD_BYTES, NULL, nonce, key));
	return true;
}

bool
floor_open(const struct floor_options *o, struct floor_round *out)
{
	int bad = 0;

	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
	    sealed, NULL, plain, VALUE_BYTES, ad, AD_BYTES, NULL, nonce, key);
	FLOOR_REPEAT(o, out,
	    bad |= crypto_aead_xchacha20poly1305_ietf_decrypt(
		plain, NULL, NULL, sealed, sizeof sealed, ad, AD_BYTES, nonce, key));
	return bad == 0 || failed("a sealed value did not open");
}

bool
floor_sign(const struct floor_options *o, struct floor_round *out)
{
	uint8_t pk[32], sk[64], message[SIGNED_BYTES] = {0}, signature[64];

	(void)crypto_sign_seed_keypair(pk, sk, key);
	FLOOR_REPEAT(o, out, message[floor_i]++; (void)crypto_sign_detached(
	    signature, NULL, message, sizeof message, sk));
	return true;
}

bool
floor_verify(const struct floor_options *o, struct floor_round *out)
{
	uint8_t pk[32], sk[64], message[SIGNED_BYTES] = {0}, signature[64];
	int bad = 0;

	(void)crypto_sign_seed_keypair(pk, sk, key);
	(void)crypto_sign_detached(signature, NULL, message, sizeof message, sk);
	FLOOR_REPEAT(o, out,
	    bad |= crypto_sign_verify_detached(signature, message, sizeof message, pk));
	return bad == 0 || failed("a signature did not verify");
}

bool
floor_dh(const struct floor_options *o, struct floor_round *out)
{
	uint8_t pk[32], shared[32];
	int bad = crypto_scalarmult_base(pk, key);

	FLOOR_REPEAT(o, out, bad |= crypto_scalarmult(shared, key, pk));
	return bad == 0 || failed("X25519 gave zero");
}
