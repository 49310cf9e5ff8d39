/* batch_codec.h - a signed batch of sealed ops: bytes to values and back, its signed
 * string and its id (spec/ops.md 5, SECURITY 9.4). Whether the author may write there is
 * not its business: server/intake and the client ask core/membership. Pure. */
#ifndef PROTO_BATCH_CODEC_H
#define PROTO_BATCH_CODEC_H

#include "base/arena.h"
#include "base/checks.h"
#include "base/writer.h"
#include "core/op.h"

enum {
	BATCH_FORMAT = 1,
	/* label 13 || network 16 || space 4 || scope 17 || device 16 || head 32 || header
	 * with full dictionaries || 256 op hashes */
	BATCH_SIGNED_BYTES_MAX = 13 + 16 + 4 + 17 + 16 + 32 + BATCH_HEADER_BYTES +
				 16 * (BATCH_REFS_MAX + BATCH_SUBJECTS_MAX) +
				 32 * BATCH_OPS_MAX,
	/* Header without dictionaries, signature, bitmap of n ops: what a batch costs
	 * beside op_wire_bytes() and 16 for each reference and each subject. */
	BATCH_FIXED_BYTES_MAX = BATCH_HEADER_BYTES + 64 + BATCH_OPS_MAX / 8,
	/* A pruned batch: each missing op of 4 bytes or more became a hash of 32. */
	BATCH_PRUNED_BYTES_MAX = BATCH_BYTES_MAX + 28 * BATCH_OPS_MAX,
	BATCH_WIRE_BYTES_MAX = BATCH_LONE_BYTES_MAX /* of any: nothing is longer */
};
_Static_assert((int)BATCH_PRUNED_BYTES_MAX < (int)BATCH_WIRE_BYTES_MAX, "of any batch");

enum batch_form {
	BATCH_COMPLETE, /* a push: every op is there */
	BATCH_PRUNED    /* pull, recovery, bundle: hashes may stand for ops */
};

/* Reads a batch. Everything in out borrows wire or lies in the arena.
 * ST_MALFORMED at the first byte that breaks a rule of the spec (the server's SHAPE),
 * ST_LIMIT when wire is too long (SIZE), ST_VERSION for another format, ST_NO_MEMORY. */
status batch_decode(struct span wire, enum batch_form form, const struct checks *checks,
    struct arena *a, struct batch *out, struct trouble *t);

/* Reads a header alone with its dictionaries, exact length: as stores keep it. Leaves
 * signature zero and ops NULL; n_ops is set. */
status batch_decode_header(
    struct span header, struct arena *a, struct batch *out, struct trouble *t);

/* Number of ops that the header of a batch on the wire names; 0 if it is too short. */
size_t batch_n_ops(struct span wire);

/* Bytes of the batch on the wire, and the batch itself: header, signature, bitmap, and
 * per op its bytes or its hash. Needs header, signature, n_ops and of each op is_present
 * with wire, or hash: so a server puts a pruned batch together again from its rows. */
size_t batch_wire_bytes(const struct batch *b);
void batch_write(const struct batch *b, struct writer *w);

/* M: what the signature covers, made of full values (context), the header as received
 * and all op hashes. Lies in the arena; contents are bytes of BLAKE2b input too:
 * batch_id_of() takes the same string. */
status batch_signed_string(const struct batch *b, const struct batch_context *context,
    struct arena *a, struct span *m, struct trouble *t);

/* Batch id: hash of M without its label and the signature. */
void batch_id_of(struct span m, const struct signature *signature,
    const struct checks *checks, struct batch_id *out);

/* Checks the signature over M and gives the id. pk: sign key of context->device.
 * ST_SIGNATURE when it does not verify (id is set all the same), ST_NO_MEMORY. */
status batch_verify(const struct batch *b, const struct batch_context *context,
    const struct sign_pk *pk, const struct checks *checks, struct arena *a,
    struct batch_id *id, struct trouble *t);

/* Signs a message with a key that the codec never sees. */
struct batch_signer {
	void *ctx;
	void (*sign)(void *ctx, struct span message, struct signature *out);
};

/* Completes and signs a batch.
 * b       in: all fixed fields (nonce too), n_ops, and of each op type, retention,
 *         record, subject, dots and the body as sealed for its index.
 *         out: refs, subjects, header, signature, and of each op is_present, dots (sorted
 *         copy), wire and hash
 * wire    out: the bytes to push; b->header and the ops' wire lie inside it
 * id      out: the batch id
 * All memory is the arena's. ST_LIMIT when ops, dots, references, subjects or bytes
 * exceed the limits of core/op.h; ST_MALFORMED when an op breaks a rule of form (two
 * equal dots, an erase with a body): what was built always decodes. */
status batch_build(struct batch *b, const struct batch_context *context,
    const struct batch_signer *signer, const struct checks *checks, struct arena *a,
    struct span *wire, struct batch_id *id, struct trouble *t);

#endif
