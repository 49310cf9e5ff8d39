/* log_codec.h - bytes of membership records (spec/membership.md is
 * normative).
 *
 * record = body_len u16 || body || signature count u8 || signatures. The body is strict
 * msgpack; there is exactly one sequence of bytes for the same values. Signatures and ids
 * are over the bytes as received. Pure. */
#ifndef PROTO_LOG_CODEC_H
#define PROTO_LOG_CODEC_H

#include "base/arena.h"
#include "base/writer.h"
#include "core/log_record.h"
#include "crypto/keys.h"
#include "proto/box_list.h"

/* Decodes exactly one record. wire is borrowed for the call only; arrays and message come
 * from the arena. ST_MALFORMED, ST_LIMIT, ST_VERSION (a version or kind of the future),
 * ST_NO_MEMORY. Says nothing about signatures: core/membership.h does. */
status log_record_read(
    struct span wire, struct arena *a, struct log_record *out, struct trouble *t);

/* Encodes and signs a record that was filled in (membership_next() and the fields of its
 * kind), and decodes it again, so that what is returned is what every reader will see.
 * keys: as many as log_kind_signatures() says: the author's or the root's; for JOIN the
 * invite's, then the device's. wire and the arrays of out lie in the arena. ST_MALFORMED
 * or ST_LIMIT if the values are not of the form. */
status log_record_build(const struct log_record *r, const struct sign_sk *const *keys,
    struct arena *a, struct span *wire, struct log_record *out, struct trouble *t);

/* The id that GENESIS of a record read or built gives the network. */
struct network_id log_network_id(const struct log_record *genesis);

/* The body alone, for golden files. ST_LIMIT if it does not fit. */
status log_body_write(const struct log_record *r, struct writer *w, struct trouble *t);

#endif
