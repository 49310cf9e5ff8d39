/* keybox.h - a key box: the epoch seed and the tag key of a scope, sealed to the box key
 * of one device or invite (SECURITY 3, spec/membership.md 6). Opening: keybox_open.h, in
 * a file of its own so that the server program never contains it. Pure. */
#ifndef CRYPTO_KEYBOX_H
#define CRYPTO_KEYBOX_H

#include "base/rng.h"
#include "base/status.h"
#include "crypto/keys.h"

enum {
	KEYBOX_PLAIN_BYTES = 116,
	KEYBOX_BYTES = 164 /* one-time public key 32 || tag 16 || ciphertext 116 */
};

/* Which keys: those of one epoch of one scope. */
struct keybox_place {
	struct network_id network;
	struct space_name space;
	struct scope_name scope;
	uint32_t epoch;
};

/* Secret: wipe it with keys_wipe(). */
struct keybox {
	struct keybox_place place;
	struct epoch_seed seed;
	struct tag_key tag_key;
};

struct sealed_box {
	uint8_t bytes[KEYBOX_BYTES];
};

/* Seals with a one-time pair from 32 bytes of rng; crypto_box_seal_open opens it.
 * ST_MALFORMED: `to` is a point of small order, no key of a device. */
status keybox_seal(const struct keybox *box, const struct box_pk *to,
    const struct rng *rng, struct sealed_box *out, struct trouble *t);

/* BLAKE2b-256 of the sealed bytes, without a label: its name in a box list. */
struct hash32 keybox_hash(const struct sealed_box *box);

/* The plaintext, for keybox_open.c and golden files: label || network || space || scope
 * || epoch || seed || tag key. */
void keybox_plain_bytes(const struct keybox *box, uint8_t out[static KEYBOX_PLAIN_BYTES]);

#endif
