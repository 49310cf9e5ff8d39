/* seal.h - sealing the body of an op: pad, then XChaCha20-Poly1305 under the op key of
 * the scope's epoch (SECURITY 9.1). The other direction is seal_open.h, in a file of its
 * own so that the server program never contains it. Pure. */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include "base/status.h"
#include "base/writer.h"
#include "crypto/keys.h"

enum {
	SEAL_NONCE_PREFIX_BYTES = 20, /* random per batch; then the op's index, u32 */
	SEAL_TAG_BYTES = 16,
	SEAL_AD_BYTES = 88,
	SEAL_PLAIN_BYTES_MAX = 192 * 1024 - 1, /* pads to 196,608, seals to 196,624 */
	SEAL_BYTES_MIN = 80,
	SEAL_BYTES_MAX = 192 * 1024 + 16
};

/* What an op is bound to. Full values, never the short references of the wire. A caller
 * fills the upper half once per batch and the lower half per op. */
struct seal_ad {
	struct network_id network;
	struct space_name space;
	struct scope_name scope;
	uint32_t epoch;
	uint8_t nonce[SEAL_NONCE_PREFIX_BYTES]; /* the batch's; not in the AD itself */

	struct tag record;
	struct tag subject; /* zero = none */
	uint8_t retention;  /* enum retention of core/op.h */
	uint32_t index;     /* of the op in its batch; ends the nonce */
};

/* Bytes of a sealed body for a plaintext of plain_len (flag and content). */
size_t seal_bytes(size_t plain_len);

/* Appends seal_bytes(plain.len) bytes to out. The plaintext is padded and encrypted in
 * place in out, so no other copy of it exists. (key, nonce, index) must never repeat:
 * draw ad->nonce afresh for every batch.
 * ST_LIMIT: plain is empty or longer than SEAL_PLAIN_BYTES_MAX, or out is too small;
 * out is then unchanged but for is_full. */
status seal_body(const struct op_key *key, const struct seal_ad *ad, struct span plain,
    struct writer *out, struct trouble *t);

/* The 88 bytes of associated data and the nonce, for seal_open.c and golden files. */
void seal_ad_bytes(const struct seal_ad *ad, uint8_t out[static SEAL_AD_BYTES]);
void seal_nonce(const struct seal_ad *ad, uint8_t out[static 24]);

#endif
