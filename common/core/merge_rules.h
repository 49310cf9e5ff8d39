/* merge_rules.h - the rules that accept and join share; for merge.c and merge_join.c
 * only. Pure. */
#ifndef CORE_MERGE_RULES_H
#define CORE_MERGE_RULES_H

#include "core/merge.h"

/* One transaction under way: where the space stands, and what it did so far. */
struct merge_run {
	const struct merge_state *s;
	const struct checks *checks;
	uint64_t lsn;
	struct hash32 chain;
	uint64_t n_dead;
};

/* Reads head and running hash into r. */
status merge_begin(struct merge_run *r, struct trouble *t);
/* Makes id known at the next lsn; b NULL as in add_batch. */
status merge_next_lsn(struct merge_run *r, const struct batch_id *id,
    const struct batch *b, struct trouble *t);
/* Drops a live op, logs it in dead, prunes its batch if that leaves nothing; ops of the
 * batch at kill_lsn itself are dropped only. */
status merge_kill(
    struct merge_run *r, uint64_t kill_lsn, struct op_place at, struct trouble *t);
/* Adds the grave and kills the live ops of its subject. n_of_batch (may be NULL) is
 * raised by those that came at kill_lsn itself. */
status merge_bury(struct merge_run *r, uint64_t kill_lsn, const struct merge_grave *g,
    uint64_t *n_of_batch, struct trouble *t);
/* Same scope, same record tag, never audit (SECURITY 9.5, 1). */
bool merge_may_supersede(
    const struct live_op *victim, uint16_t scope, const struct tag *record);

/* A write op that arrives. */
struct arrival {
	struct short_id batch;
	uint8_t index;
	uint16_t scope;
	const struct op *op;
	bool has_doa;     /* its batch is named in doa */
	bool *has_erased; /* set when a grave is why it is not kept */
};
/* KEEP_LIVE, or KEEP_HASH if it is dead on arrival. */
status merge_fate(const struct merge_run *r, const struct arrival *a, enum keep *keep,
    struct trouble *t);

#endif
