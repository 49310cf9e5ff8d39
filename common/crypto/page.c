/* page.c - sealing database pages and headers. Pure. */
#include "crypto/page.h"

#include "base/writer.h"
#include "crypto/hash.h"
#include "crypto/labels.h"

#include <assert.h>
#include <sodium.h>

_Static_assert(PAGE_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(PAGE_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(PAGE_RESERVED_BYTES == PAGE_NONCE_BYTES + PAGE_TAG_BYTES, "they fit");

void
page_ad_bytes(const struct page_place *place, uint8_t out[static PAGE_AD_BYTES])
{
	struct writer w = writer_of(out, PAGE_AD_BYTES);

	assert(place->kind >= PAGE_DB && place->kind < PAGE_KIND_COUNT);
	writer_u8(&w, (uint8_t)place->kind);
	writer_bytes(&w, place->file, sizeof place->file);
	writer_bytes(&w, place->salts, sizeof place->salts);
	writer_u64(&w, place->number);
	assert(!w.is_full && w.used == PAGE_AD_BYTES);
}

static void
seal(const struct page_key *key, const struct page_place *place, const uint8_t *nonce,
    struct span plain, uint8_t *out, uint8_t *tag)
{
	uint8_t bound[PAGE_AD_BYTES];
	int bad;

	page_ad_bytes(place, bound);
	bad = crypto_aead_xchacha20poly1305_ietf_encrypt_detached(out, tag, NULL,
	    plain.bytes, plain.len, bound, sizeof bound, NULL, nonce, key->bytes);
	assert(bad == 0);
	(void)bad;
}

void
page_seal(const struct page_key *key, const struct page_place *place,
    const uint8_t nonce[static PAGE_NONCE_BYTES], const uint8_t *plain, uint8_t *sealed)
{
	assert(bytes_are_zero(plain + PAGE_CONTENT_BYTES, PAGE_RESERVED_BYTES));
	seal(key, place, nonce, span_of(plain, PAGE_CONTENT_BYTES), sealed,
	    sealed + PAGE_CONTENT_BYTES + PAGE_NONCE_BYTES);
	memcpy(sealed + PAGE_CONTENT_BYTES, nonce, PAGE_NONCE_BYTES);
}

void
page_seal_slot(const struct page_key *key, const struct page_place *place,
    const uint8_t nonce[static PAGE_NONCE_BYTES], const uint8_t *plain, size_t len,
    uint8_t *slot)
{
	assert(len > 0 && len <= PAGE_SLOT_PLAIN_MAX);
	memcpy(slot, nonce, PAGE_NONCE_BYTES);
	seal(key, place, nonce, span_of(plain, len), slot + PAGE_NONCE_BYTES,
	    slot + PAGE_NONCE_BYTES + len);
}

uint32_t
page_mask(const struct page_key *key, const uint8_t nonce[static PAGE_NONCE_BYTES])
{
	const struct span part = span_of(nonce, PAGE_NONCE_BYTES);
	uint8_t hash[16];

	hash_128_keyed(
	    span_of(key->bytes, sizeof key->bytes), LABEL_MASK, &part, 1, hash);
	return get_u32(hash);
}
