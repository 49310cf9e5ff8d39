/* store_memory_rows.h - the rows of the store in memory; for store_memory*.c only. */
#ifndef STORE_STORE_MEMORY_ROWS_H
#define STORE_STORE_MEMORY_ROWS_H

#include "store/store_engine.h"

struct mem_op {
	enum keep keep; /* KEEP_HASH: wire is gone */
	struct live_op live;
	bool has_subject;
	struct tag subject;
	struct span wire; /* owned */
	struct op_hash hash;
};

struct mem_batch {
	struct batch_id id;
	struct hash32 chain;
	uint16_t scope;
	bool is_served;     /* false: only its name is left */
	struct span header; /* owned */
	struct signature signature;
	size_t n_ops;
	struct mem_op *ops; /* owned */
};

/* A growing array of rows; n rows of its type at `at`. */
struct rows {
	size_t n;
	size_t cap;
};

struct mem_dead {
	uint64_t kill_lsn;
	struct op_place at;
};

struct mem_grave {
	struct merge_grave grave;
	uint64_t lsn;
};

struct mem_author {
	struct author device;
	uint16_t scope;
	uint64_t lsn;
};

struct mem_stage {
	struct author device;
	struct arena *arena; /* of all that follows */
	struct rows batches_n, graves_n, doa_n;
	struct merge_theirs *batches;
	struct merge_grave *graves;
	struct merge_doa *doa;
	size_t next_batch, next_grave, next_doa; /* of the join */
};

struct memory {
	const struct checks *checks;
	struct store_epoch epoch;
	uint64_t horizon;
	/* The fault that was asked for. */
	bool has_fault;
	unsigned fault_after;
	status fault;
	bool is_broken;
	bool is_working; /* in a transaction */
	bool is_dirty;   /* a transaction died half-way: no undo here */

	struct rows batches_n, dead_n, graves_n, doa_n, log_n, boxes_n, lists_n, wraps_n;
	struct rows authors_n, contacts_n, stages_n;
	struct mem_batch *batches; /* lsn - 1 */
	struct mem_dead *dead;
	struct mem_grave *graves;
	struct merge_doa *doa;
	struct store_log_record *log; /* records owned */
	struct store_box *boxes;      /* by (position, scope, epoch); boxes owned */
	struct store_box_list *lists;
	struct store_wrap *wraps;
	struct mem_author *authors; /* by (home, device, scope) */
	struct store_contact *contacts;
	struct mem_stage *stages;
	/* short id -> lsn; open addressing, a power of two of slots, 0 = free */
	size_t n_slots;
	uint64_t *slots;
};

/* Room for one more row at the end of *items; ST_NO_MEMORY. */
status memory_grow(void **items, struct rows *rows, size_t row_bytes, struct trouble *t);
#define MEMORY_GROW(items, rows, t)                                                      \
	memory_grow((void **)(void *)&(items), &(rows), sizeof *(items), (t))
status memory_copy(struct span from, struct span *out, struct trouble *t);

/* lsn of the batch; 0 = it is not here. */
uint64_t memory_look_up(const struct memory *m, const struct short_id *id);

/* Fills in the functions that the merge calls, and those of recovery. */
void memory_merge_calls(struct merge_state *s, struct memory *m);
void memory_stage_calls(struct store_engine *e);

#endif
