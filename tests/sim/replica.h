/* replica.h - what one laptop holds, as plain values: base, pending, dirty, stage
 * (DESIGN 4.4, 4.5). A copy of the struct is a copy of the disk: clones and images are
 * assignments. Contents of ops lie in the world's vault; a replica reads only those
 * that were given to it. */
#ifndef SIM_REPLICA_H
#define SIM_REPLICA_H

#include "core/record.h"
#include "oracle.h"

enum {
	REPLICA_BASE_MAX = 1024,
	REPLICA_STAGE_MAX = 1024,
	REPLICA_PENDING_MAX = 128,
	REPLICA_DIRTY_MAX = 96,
	REPLICA_GRAVES_MAX = 64,
	REPLICA_DOA_MAX = 512
};

/* An op at its place on the server; batch is a number of the vault. */
struct base_op {
	uint64_t lsn;
	uint16_t batch;
	uint8_t index;
};

struct doa_row {
	struct dot dot;
	uint16_t scope;
	struct tag record;
};

struct grave_row {
	uint16_t scope;
	struct tag subject;
};

struct dirty_row {
	uint8_t record; /* number in the world's table */
	int entry;      /* the oracle's number of it */
	struct record_dirty dirty;
};

struct replica {
	uint64_t epoch; /* of the store; 0 = never met */
	uint64_t cursor;
	uint64_t token; /* running hash at the cursor */
	size_t n_base;
	struct base_op base[REPLICA_BASE_MAX]; /* by (lsn, index) */
	bool shown[ORACLE_BATCHES_MAX];        /* ids that pulls showed */
	size_t n_graves;
	struct grave_row graves[REPLICA_GRAVES_MAX];
	size_t n_doa;
	struct doa_row doa[REPLICA_DOA_MAX];
	size_t n_pending;
	struct pending_row {
		uint16_t batch;
		uint64_t lsn; /* as the server of this epoch answered; 0 = not yet */
	} pending[REPLICA_PENDING_MAX]; /* in order of sealing or taking along */
	size_t n_dirty;
	struct dirty_row dirty[REPLICA_DIRTY_MAX];
	/* The stage of a pull that has not reached the head yet. */
	uint64_t stage_lsn;  /* pages up to here; 0 = no stage */
	uint64_t stage_head; /* head that the first page told */
	size_t n_stage;
	struct base_op stage[REPLICA_STAGE_MAX];
	bool stage_shown[ORACLE_BATCHES_MAX];
	bool must_rebase; /* recovered: the next stage replaces the base */
	/* Not known to the laptop, for the oracle only: the set behind the base, and the
	 * batches sealed or taken along that no server refused. */
	struct batch_set base_known;
	bool own[ORACLE_BATCHES_MAX];
};

bool replica_is_pending(const struct replica *r, int batch);
void replica_drop_pending(struct replica *r, int batch);
bool replica_has_grave(
    const struct replica *r, uint16_t scope, const struct tag *subject);
/* The set behind the laptop's view: base and pending. */
void replica_known(const struct replica *r, struct batch_set *out);

#endif
