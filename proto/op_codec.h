/* op_codec.h - one sealed op on the wire (spec/ops.md 4, SECURITY 9.3). Its dots and its
 * subject are references into the dictionaries of the batch that carries it. Pure. */
#ifndef PROTO_OP_CODEC_H
#define PROTO_OP_CODEC_H

#include "base/arena.h"
#include "base/checks.h"
#include "base/reader.h"
#include "base/writer.h"
#include "core/op.h"

/* Bytes of the op on the wire, from type, has_subject, n_dots and the body's length. */
size_t op_wire_bytes(const struct op *o);

/* Takes one op off the front of r. refs and subjects of b must be set.
 * out: is_present, wire, hash and all the rest; dots lie in the arena, body and wire
 * borrow the input.
 * ST_MALFORMED at the first byte that breaks a rule, ST_NO_MEMORY. */
status op_decode(struct reader *r, const struct batch *b, const struct checks *checks,
    struct arena *a, struct op *out, struct trouble *t);

/* Why the op cannot go on the wire (static text), or NULL. Dots are not compared. */
const char *op_fault(const struct op *o);

/* Appends an op without fault. b: refs and subjects, sorted, holding every batch and
 * subject that the op names. The dots of o must be strictly ascending. */
void op_encode(const struct op *o, const struct batch *b, struct writer *w);

/* BLAKE2b-256 over label and the op's bytes as received. */
void op_hash_of(struct span wire, const struct checks *checks, struct op_hash *out);

#endif
