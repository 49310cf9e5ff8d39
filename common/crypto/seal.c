/* seal.c - from plaintext to the sealed body of an op. Pure. */
#include "crypto/seal.h"

#include "crypto/labels.h"
#include "crypto/pad.h"

#include <assert.h>
#include <sodium.h>

_Static_assert(SEAL_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(SEAL_BYTES_MIN == PAD_BYTES_MIN + SEAL_TAG_BYTES, "smallest body");
_Static_assert(sizeof LABEL_OP == 10, "the label's NUL belongs to the AD");

size_t
seal_bytes(size_t plain_len)
{
	return pad_target(plain_len) + SEAL_TAG_BYTES;
}

void
seal_ad_bytes(const struct seal_ad *ad, uint8_t out[static SEAL_AD_BYTES])
{
	struct writer w = writer_of(out, SEAL_AD_BYTES);

	writer_bytes(&w, LABEL_OP, sizeof LABEL_OP);
	writer_bytes(&w, ad->network.bytes, sizeof ad->network.bytes);
	writer_bytes(&w, ad->space.text, sizeof ad->space.text);
	writer_bytes(&w, ad->scope.bytes, sizeof ad->scope.bytes);
	writer_u32(&w, ad->epoch);
	writer_bytes(&w, ad->record.bytes, sizeof ad->record.bytes);
	writer_bytes(&w, ad->subject.bytes, sizeof ad->subject.bytes);
	writer_u8(&w, ad->retention);
	writer_u32(&w, ad->index);
	assert(!w.is_full && w.used == SEAL_AD_BYTES);
}

void
seal_nonce(const struct seal_ad *ad, uint8_t out[static 24])
{
	memcpy(out, ad->nonce, SEAL_NONCE_PREFIX_BYTES);
	put_u32(out + SEAL_NONCE_PREFIX_BYTES, ad->index);
}

status
seal_body(const struct op_key *key, const struct seal_ad *ad, struct span plain,
    struct writer *out, struct trouble *t)
{
	uint8_t bound[SEAL_AD_BYTES], nonce[24];
	size_t target;
	uint8_t *at;
	int bad;

	if (plain.len == 0 || plain.len > SEAL_PLAIN_BYTES_MAX)
		return trouble_set(
		    t, ST_LIMIT, "a value of %zu bytes cannot be sealed", plain.len);
	target = pad_target(plain.len);
	if (out->is_full || target + SEAL_TAG_BYTES > out->cap - out->used) {
		out->is_full = true;
		return trouble_set(t, ST_LIMIT, "no room for a sealed value of %zu bytes",
		    target + SEAL_TAG_BYTES);
	}
	at = out->at + out->used;
	memcpy(at, plain.bytes, plain.len);
	pad_fill(at, plain.len, target);
	seal_ad_bytes(ad, bound);
	seal_nonce(ad, nonce);
	bad = crypto_aead_xchacha20poly1305_ietf_encrypt(
	    at, NULL, at, target, bound, sizeof bound, NULL, nonce, key->bytes);
	assert(bad == 0);
	(void)bad;
	out->used += target + SEAL_TAG_BYTES;
	return ST_OK;
}
