/* kit.h - the code on a recovery kit's sheet (SECURITY 12): 56 symbols of Crockford's
 * base32, 35 bytes: version and sheet 1 | secret 32 | checksum 2. The secret is the
 * device seed of the kit, or one of two halves that give it by XOR. Pure. */
#ifndef PROTO_KIT_H
#define PROTO_KIT_H

#include "base/status.h"
#include "crypto/keys.h"

enum { KIT_BYTES = 35, KIT_SYMBOLS = 56, KIT_GROUP = 4, KIT_TEXT_BYTES = 70 };

/* First byte; other numbers are of newer versions. */
enum kit_sheet { KIT_WHOLE = 1, KIT_FIRST_HALF = 2, KIT_SECOND_HALF = 3 };

/* In groups of four with spaces between, and a NUL. */
void kit_write(enum kit_sheet sheet, const struct device_seed *secret,
    char out[static KIT_TEXT_BYTES]);
/* Reads it as people type it (base/base32.h). ST_MALFORMED: another length, a character
 * that no code has, a wrong checksum; ST_VERSION. */
status kit_read(const char *text, enum kit_sheet *sheet, struct device_seed *secret,
    struct trouble *t);
/* out = a XOR b: cuts a secret in halves, and joins them. */
void kit_combine(
    const struct device_seed *a, const struct device_seed *b, struct device_seed *out);

#endif
