/* tag.h - the deterministic names under which the blind server sees records and persons
 * (SECURITY 9.2). Equal in one scope, unrelated in another. Pure. */
#ifndef CRYPTO_TAG_H
#define CRYPTO_TAG_H

#include "crypto/keys.h"

/* BLAKE2b-128(tag key, label || kind u16 || record 16). kind: id from the schema. */
struct tag tag_record(
    const struct tag_key *key, uint16_t kind, const struct record_id *record);

/* BLAKE2b-128(tag key, label || first 8 bytes of the person's id). */
struct tag tag_subject(const struct tag_key *key, struct person_key person);

#endif
