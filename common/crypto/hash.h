/* hash.h - BLAKE2b over a list of spans, so that nothing is copied together only to be
 * hashed (SECURITY 2). Pure.
 *
 * label   its characters and its NUL are hashed first (labels.h); NULL = no label, for
 *         the few hashes that the design defines without one (device id, key boxes)
 * parts   n spans, hashed in order with nothing between them: the caller makes sure that
 *         lengths are fixed or part of the bytes */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include "base/ids.h"

enum { HASH_KEY_BYTES_MIN = 16, HASH_KEY_BYTES_MAX = 64 };

/* BLAKE2b with an output of 32 bytes. */
void hash_256(const char *label, const struct span *parts, size_t n, struct hash32 *out);
/* BLAKE2b with an output of 16 bytes: not the first half of the other. */
void hash_128(
    const char *label, const struct span *parts, size_t n, uint8_t out[static 16]);
/* The same under a key of 16 to 64 bytes; other lengths are an error of the program. */
void hash_256_keyed(struct span key, const char *label, const struct span *parts,
    size_t n, struct hash32 *out);
void hash_128_keyed(struct span key, const char *label, const struct span *parts,
    size_t n, uint8_t out[static 16]);

#endif
