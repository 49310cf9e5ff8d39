/* fuzz_seal.c - the body of an op. First byte odd: bytes from anywhere never open. Even:
 * a holder of the key sealed them unpadded; what opens all the same is sealed again to
 * the same bytes, so no two bodies say the same. */
#include "fuzz/fuzz.h"

#include "crypto/seal_open.h"
#include "crypto/vault.h"

#include <sodium.h>

static const struct op_key key = {{1}};
static const struct seal_ad ad = {.epoch = 1, .retention = 2, .index = 3};

static struct span
seal_raw(const uint8_t *padded, size_t len, uint8_t *out)
{
	uint8_t bound[SEAL_AD_BYTES], nonce[24];

	seal_ad_bytes(&ad, bound);
	seal_nonce(&ad, nonce);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
	    out, NULL, padded, len, bound, sizeof bound, NULL, nonce, key.bytes);
	return span_of(out, len + SEAL_TAG_BYTES);
}

static void
open_and_seal_again(struct span sealed, bool may_open)
{
	static uint8_t again[SEAL_BYTES_MAX];
	struct writer w = writer_of(again, sizeof again);
	struct arena *a = arena_new(1 << 17);
	struct span plain;

	assert(a != NULL);
	if (seal_open(&key, &ad, sealed, a, &plain, NULL) == ST_OK) {
		assert(may_open && plain.len > 0);
		assert(seal_body(&key, &ad, plain, &w, NULL) == ST_OK);
		assert(span_equal(writer_done(&w), sealed));
	} else {
		assert(plain.bytes == NULL && plain.len == 0);
	}
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static uint8_t room[SEAL_BYTES_MAX + 1024];
	struct vault_cost cost;

	if (len == 0 || len > SEAL_BYTES_MAX)
		return 0;
	if (bytes[0] % 2 == 1)
		open_and_seal_again(span_of(bytes + 1, len - 1), false);
	else
		open_and_seal_again(seal_raw(bytes + 1, len - 1, room), true);
	if (vault_cost_of(span_of(bytes + 1, len - 1), &cost, NULL) == ST_OK)
		assert(
		    cost.memory_kib <= VAULT_KIB_MAX && cost.passes <= VAULT_PASSES_MAX);
	return 0;
}
