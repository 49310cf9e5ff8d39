/* base32.h - bytes as text that people read out and type: Crockford's alphabet, most
 * significant bit first, the last symbol filled with zero bits. Reading takes lower case,
 * O for 0, I and L for 1, and leaves out spaces and hyphens. Pure. */
#ifndef BASE_BASE32_H
#define BASE_BASE32_H

#include "base/bytes.h"
#include "base/status.h"

/* Symbols for len bytes, without the NUL. */
#define BASE32_SYMBOLS(len) (((len)*8 + 4) / 5)

/* Writes BASE32_SYMBOLS(in.len) symbols and a NUL. */
void base32_write(struct span in, char *out);
/* Reads exactly len bytes. ST_MALFORMED: another length, a character that is no symbol,
 * or spare bits that are not zero. */
status base32_read(const char *text, void *out, size_t len, struct trouble *t);

#endif
