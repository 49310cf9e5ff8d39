/* page_open.c - opening database pages and headers. Alone in its file, so that a program
 * that never calls it does not contain it. Pure. */
#include "crypto/page_open.h"

#include <assert.h>
#include <sodium.h>

static bool
open_sealed(const struct page_key *key, const struct page_place *place,
    const uint8_t *nonce, struct span sealed, const uint8_t *tag, uint8_t *plain)
{
	uint8_t bound[PAGE_AD_BYTES];

	page_ad_bytes(place, bound);
	return crypto_aead_xchacha20poly1305_ietf_decrypt_detached(plain, NULL,
		   sealed.bytes, sealed.len, tag, bound, sizeof bound, nonce,
		   key->bytes) == 0;
}

bool
page_open(const struct page_key *key, const struct page_place *place,
    const uint8_t *sealed, uint8_t *plain)
{
	const uint8_t *nonce = sealed + PAGE_CONTENT_BYTES;
	bool is_good = open_sealed(key, place, nonce, span_of(sealed, PAGE_CONTENT_BYTES),
	    nonce + PAGE_NONCE_BYTES, plain);

	if (!is_good)
		memset(plain, 0, PAGE_CONTENT_BYTES);
	memset(plain + PAGE_CONTENT_BYTES, 0, PAGE_RESERVED_BYTES);
	return is_good;
}

bool
page_open_slot(const struct page_key *key, const struct page_place *place,
    const uint8_t *slot, uint8_t *plain, size_t len)
{
	assert(len > 0 && len <= PAGE_SLOT_PLAIN_MAX);
	if (open_sealed(key, place, slot, span_of(slot + PAGE_NONCE_BYTES, len),
		slot + PAGE_NONCE_BYTES + len, plain))
		return true;
	memset(plain, 0, len);
	return false;
}
