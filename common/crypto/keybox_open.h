/* keybox_open.h - opening a key box. Not in the server program. Pure. */
#ifndef CRYPTO_KEYBOX_OPEN_H
#define CRYPTO_KEYBOX_OPEN_H

#include "crypto/keybox.h"

/* Opens a box sealed to (pk, sk) and checks that it holds what the log says: all clear
 * fields are those of expected, and the seed has the fingerprint of the record. A wrong
 * key is thus found before anything is sealed with it. That the box is in the record's
 * box list is the caller's to check (proto/log_codec.h).
 * ST_HASH: it does not open, or is of another place, or has another seed; out is then
 * zero. */
status keybox_open(const struct sealed_box *sealed, const struct box_pk *pk,
    const struct box_sk *sk, const struct keybox_place *expected,
    const struct fingerprint *fingerprint, struct keybox *out, struct trouble *t);

#endif
