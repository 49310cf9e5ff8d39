/* hash.c - BLAKE2b over label and spans. Pure. */
#include "crypto/hash.h"

#include <assert.h>
#include <sodium.h>

static void
digest(struct span key, const char *label, const struct span *parts, size_t n,
    uint8_t *out, size_t out_len)
{
	crypto_generichash_state state;
	int bad;

	assert(key.len == 0 ||
	       (key.len >= HASH_KEY_BYTES_MIN && key.len <= HASH_KEY_BYTES_MAX));
	bad = crypto_generichash_init(&state, key.bytes, key.len, out_len);
	if (label != NULL)
		bad |= crypto_generichash_update(
		    &state, (const uint8_t *)label, strlen(label) + 1);
	for (size_t i = 0; i < n; i++)
		bad |= crypto_generichash_update(&state, parts[i].bytes, parts[i].len);
	bad |= crypto_generichash_final(&state, out, out_len);
	assert(bad == 0); /* lengths are ours, nothing else can fail */
	if (key.len != 0)
		sodium_memzero(&state, sizeof state);
}

void
hash_256(const char *label, const struct span *parts, size_t n, struct hash32 *out)
{
	digest(span_of(NULL, 0), label, parts, n, out->bytes, sizeof out->bytes);
}

void
hash_128(const char *label, const struct span *parts, size_t n, uint8_t out[static 16])
{
	digest(span_of(NULL, 0), label, parts, n, out, 16);
}

void
hash_256_keyed(struct span key, const char *label, const struct span *parts, size_t n,
    struct hash32 *out)
{
	assert(key.len != 0);
	digest(key, label, parts, n, out->bytes, sizeof out->bytes);
}

void
hash_128_keyed(struct span key, const char *label, const struct span *parts, size_t n,
    uint8_t out[static 16])
{
	assert(key.len != 0);
	digest(key, label, parts, n, out, 16);
}
