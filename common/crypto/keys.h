/* keys.h - typed secrets, so that one kind of key cannot be used for another
 * (SECURITY 3). Values only. Whoever holds one outside the keyring overwrites it with
 * keys_wipe() when done. Pure. */
#ifndef CRYPTO_KEYS_H
#define CRYPTO_KEYS_H

#include "base/ids.h"

/* clang-format off */
struct sign_seed    { uint8_t bytes[32]; }; /* Ed25519 */
struct sign_sk      { uint8_t bytes[64]; }; /* Ed25519 as libsodium keeps it: seed || pk */
struct box_sk       { uint8_t bytes[32]; }; /* X25519, opens key boxes */
struct transport_sk { uint8_t bytes[32]; }; /* X25519, for Noise only */
struct device_seed  { uint8_t bytes[32]; }; /* all keys of a laptop come from it */
struct epoch_seed   { uint8_t bytes[32]; }; /* of one (scope, epoch) */
struct op_key       { uint8_t bytes[32]; }; /* seals op bodies; from an epoch seed */
struct wrap_key     { uint8_t bytes[32]; }; /* wraps the previous seed; from an epoch seed */
struct tag_key      { uint8_t bytes[32]; }; /* of one scope, never rotated */
struct psk          { uint8_t bytes[32]; }; /* Noise pre-shared key */
struct page_key     { uint8_t bytes[32]; }; /* seals the pages of the replica's files */
struct invite_secret { uint8_t bytes[16]; }; /* inside an invite code */
/* clang-format on */

/* Overwrites len bytes in a way that the compiler cannot leave out. */
void keys_wipe(void *secret, size_t len);

#endif
