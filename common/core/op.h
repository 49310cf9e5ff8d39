/* op.h - sealed ops and the batch that carries them, as values (DESIGN 4.2, SECURITY 9.3
 * and 9.4). Core never opens a body. Bytes: proto/batch_codec.h. Pure. */
#ifndef CORE_OP_H
#define CORE_OP_H

#include "base/ids.h"

enum op_type { OP_WRITE = 1, OP_ERASE = 2 };

/* Retention class, one per kind of the schema. */
enum retention {
	RETAIN_NONE = 0,     /* erase ops */
	RETAIN_PERSONAL = 1, /* a replaced ciphertext is deleted at once */
	RETAIN_ORDINARY = 2, /* kept N days as history */
	RETAIN_AUDIT = 3     /* never superseded */
};

enum {
	BATCH_OPS_MAX = 256,
	BATCH_REFS_MAX = 256,
	BATCH_SUBJECTS_MAX = 256,
	BATCH_BYTES_MAX = 64 * 1024,
	BATCH_LONE_BYTES_MAX = 200 * 1024, /* of a batch of one op: it may be long */
	BATCH_HEADER_BYTES = 56,           /* before the dictionaries */
	OP_DOTS_MAX = 256,
	OP_BODY_BYTES_MIN = 80,
	OP_BODY_BYTES_MAX = 61456,
	/* A long op: a text of thousands of edits, written whole. 192 KiB and the tag. */
	OP_LONG_BODY_BYTES_MAX = 192 * 1024 + 16,
	NONCE_PREFIX_BYTES = 20
};

struct op {
	bool is_present; /* false: only hash is known (superseded or erased) */
	enum op_type type;
	enum retention retention;
	struct tag record; /* zero for an erase */
	bool has_subject;
	struct tag subject; /* full value, from the batch's dictionary */
	size_t n_dots;
	const struct dot *dots; /* superseded, full short ids, in wire order */
	struct span body;       /* ciphertext || tag; empty for an erase */
	struct span wire;       /* the op's bytes as received; hash is over them */
	struct op_hash hash;
};

static inline size_t
batch_bytes_max(size_t n_ops)
{
	return n_ops == 1 ? BATCH_LONE_BYTES_MAX : BATCH_BYTES_MAX;
}

/* A batch as received or as built. All spans and arrays are borrowed: they live as long
 * as the input bytes and the arena that it was decoded into. */
struct batch {
	uint16_t space;        /* position of the SPACE record in the NET log; 0 = NET */
	uint16_t home;         /* the same for the log that vouches for the device */
	uint16_t device;       /* incarnation: position in the home log */
	uint16_t scope;        /* position of the SCOPE record in the space's log */
	uint16_t epoch;        /* of the scope's seeds, from 1 */
	uint16_t head;         /* position of the home log's head known to the author */
	uint8_t head_check[2]; /* first bytes of that record's id */
	uint8_t nonce[NONCE_PREFIX_BYTES];
	struct short_id prev; /* previous batch of this incarnation in this scope */
	size_t n_refs;
	const struct short_id *refs; /* ascending */
	size_t n_subjects;
	const struct tag *subjects; /* ascending */
	struct span header;         /* bytes with the dictionaries */
	struct signature signature;
	size_t n_ops; /* 1..256 */
	struct op *ops;
};

/* Full values that the short references of a header stand for, looked up in the
 * verifier's own logs; the signature covers them (SECURITY 9.4). */
struct batch_context {
	struct network_id network;
	struct space_name space;
	struct scope_name scope;
	struct device_id device;
	struct log_id home_head; /* id of the record at position head of the home log */
};

#endif
