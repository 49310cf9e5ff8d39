/* pad.h - how long a padded plaintext becomes, so that lengths tell little
 * (SECURITY 9.1). Pure. */
#ifndef CRYPTO_PAD_H
#define CRYPTO_PAD_H

#include "base/bytes.h"

enum { PAD_BYTES_MIN = 64 };

/* Padmé (Nikitin et al. 2019): the next length that leaks only the leading bits of len;
 * at most 12 % more. len >= 2 (below, it is len itself). */
size_t pad_padme(size_t len);

/* Length of a plaintext of len bytes after padding: max(64, Padmé(len + 1)). */
size_t pad_target(size_t len);

/* Fills buffer[len..target) with 0x80 and zeros; target is pad_target(len). */
void pad_fill(uint8_t *buffer, size_t len, size_t target);

/* Finds the length before padding. False unless the padded bytes are exactly what
 * pad_fill would have made of them (80 00*, and target fits the length found). */
bool pad_strip(struct span padded, size_t *len);

#endif
