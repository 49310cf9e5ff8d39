/* bundle.h - a bundle: what a file carries between laptops in place of a session
 * (DESIGN 4.8, spec/bundle.md). Log records, key boxes, sealed batches complete, or the
 * whole joined state of a scope; never a pruned batch alone, since its replacers might
 * stay behind and values would vanish (RELIABILITY 2).
 *
 * A bundle is taken whole or not at all: bundle_open() checks the sum over every byte and
 * the form of everything inside before it gives anything out. Records, boxes and batches
 * prove themselves by their own signatures and hashes, so any device may carry them. What
 * a joined state claims to know can delete, so it needs bundle_verify() and the rights of
 * its writer (core/membership.h). Pure. */
#ifndef PROTO_BUNDLE_H
#define PROTO_BUNDLE_H

#include "base/arena.h"
#include "base/checks.h"
#include "core/entry.h"
#include "proto/batch_codec.h"
#include "proto/messages.h"

enum {
	BUNDLE_HEAD_BYTES = 42, /* label 14, network 16, writer 4, time 8 */
	BUNDLE_TAIL_BYTES = 96, /* signature 64, sum 32 */
	BUNDLE_SECTION_HEAD_BYTES = 5
};

/* Numbers on the disk, and the order of sections in the file. */
enum bundle_kind { BUNDLE_LOG = 1, BUNDLE_KEYS = 2, BUNDLE_BATCH = 3, BUNDLE_STATE = 4 };

struct bundle_head {
	struct network_id network;
	struct author writer; /* who made the file; not always who made what is in it */
	uint64_t time_s;      /* his laptop's clock: to be shown, never to be relied on */
};

/* Records from .. from + n - 1 of a space's log. */
struct bundle_log {
	uint16_t space; /* position of its SPACE record in NET; 0 = NET */
	uint32_t from;
	size_t n; /* at least 1 */
	const struct span *records;
};

/* Boxes, lists and wrapped seeds that belong to records of a space's log. A reader finds
 * its own boxes by their hashes in the lists. */
struct bundle_keys {
	uint16_t space;
	struct key_rows rows; /* each array in the order of the spec, none twice */
};

/* A batch of a joined state, with its live ops, the others as hashes. */
struct bundle_state_batch {
	size_t id; /* which of the state's ids it has */
	struct span wire;
};

struct bundle_doa { /* superseded before it arrived */
	struct dot dot;
	struct tag record;
};

/* All that its writer knows of one scope (DESIGN 4.5, recovery). */
struct bundle_state {
	uint16_t space;
	uint16_t scope;
	size_t n_ids;               /* at least 1 */
	const struct batch_id *ids; /* of every batch known, ascending */
	size_t n_batches;
	const struct bundle_state_batch *batches; /* those with live ops, by id */
	size_t n_graves;
	const struct tag *graves; /* subject tags, ascending */
	size_t n_doa;
	const struct bundle_doa *doa; /* ascending */
};

struct bundle_section {
	enum bundle_kind kind;
	union {
		struct bundle_log log;
		struct bundle_keys keys;
		struct span batch; /* wire of one complete batch */
		struct bundle_state state;
	};
};

/* An open bundle; borrows the file's bytes. */
struct bundle {
	struct bundle_head head;
	size_t n_left;    /* sections not yet taken */
	struct span rest; /* their bytes */
	struct span signed_bytes;
	struct signature signature;
};

/* Checks everything that can be checked without a log: sum, limits, order and form of all
 * sections, of every record, list and batch in them. Nothing of a file that fails may be
 * used. ST_MALFORMED: no bundle. ST_HASH: a bundle, but damaged or cut. ST_VERSION: a
 * newer one, or with a record or batch of a newer version. ST_LIMIT, ST_NO_MEMORY.
 * Whether it is of our network, the caller asks head.network. */
status bundle_open(
    struct bundle *b, struct span file, const struct checks *checks, struct trouble *t);

/* Takes the next section; n_left must not be 0. Arrays lie in the arena, bytes are
 * borrowed from the file, which must stay as it was when it was opened. Fails only for
 * lack of memory: ST_NO_MEMORY. */
status bundle_next(
    struct bundle *b, struct arena *a, struct bundle_section *out, struct trouble *t);

/* Did the owner of pk make the file? pk: sign key of the device head.writer, found in the
 * logs, those of this bundle included. ST_SIGNATURE. */
status bundle_verify(const struct bundle *b, const struct sign_pk *pk,
    const struct checks *checks, struct trouble *t);

/* What a file is made of. */
struct bundle_parts {
	struct bundle_head head;
	size_t n;
	const struct bundle_section *sections;
};

/* Makes the file of the sections in their order (LOG and KEYS by space, STATE by space
 * and scope; batches as the author wishes) and opens it again, so that what was made can
 * be read. The bytes lie in the arena. Asserts what only we can get wrong: the length of
 * boxes and wraps. ST_MALFORMED and ST_VERSION as bundle_open, ST_LIMIT,
 * ST_NO_MEMORY. */
status bundle_build(const struct bundle_parts *parts, const struct batch_signer *signer,
    const struct checks *checks, struct arena *a, struct span *file, struct trouble *t);

#endif
