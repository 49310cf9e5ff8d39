/* store_engine.h - what a blocking store engine offers to the queue in front of it; for
 * the files of common/store only.
 *
 * The queue (store_queue.c) owns threads, grouping and copies; the work (store_work*.c)
 * owns the rules of each call; an engine only keeps rows. All functions but begin run
 * inside a transaction, from one thread at a time. What an engine hands out lies in the
 * arena that it is given, or lives for the visit.
 *
 * ST_NOT_FOUND, ST_EPOCH, ST_RETRY and ST_CHANGED are answers and leave the transaction
 * clean; every other failure undoes it. */
#ifndef STORE_STORE_ENGINE_H
#define STORE_STORE_ENGINE_H

#include "base/arena.h"
#include "store/store.h"

/* Visitors; a status other than ST_OK ends the walk and is returned from it. */
typedef status visit_dead(
    void *ctx, uint64_t kill_lsn, struct op_place at, uint16_t scope, struct trouble *t);
typedef status visit_grave(
    void *ctx, const struct merge_grave *g, uint64_t lsn, struct trouble *t);
typedef status visit_doa(void *ctx, const struct merge_doa *d, struct trouble *t);
typedef status visit_box(void *ctx, const struct store_box *b, struct trouble *t);
typedef status visit_wrap(void *ctx, const struct store_wrap *w, struct trouble *t);
typedef status visit_author(void *ctx, struct author device, uint16_t scope, uint64_t lsn,
    const struct batch_id *id, struct trouble *t);
typedef status visit_gap(void *ctx, const struct store_gap *g, struct trouble *t);
typedef status visit_contact(void *ctx, const struct store_contact *c, struct trouble *t);

struct store_engine {
	void *ctx;
	const struct checks *checks;
	struct merge_state merge; /* its ctx is the engine's */
	/* Counted by the queue and the work, told in store_figures. */
	uint64_t pushes, commits, reopened, commit_us;
	uint64_t commit_took[STORE_TOOK_STEPS];
	bool owes_checkpoint;

	status (*begin)(void *ctx, struct trouble *t);
	status (*commit)(void *ctx, struct trouble *t);
	void (*rollback)(void *ctx);
	/* Replaced and erased bytes are in no file when it returns ST_OK. */
	status (*checkpoint)(void *ctx, struct trouble *t);
	/* The disk failed; nothing works until reopen, which may lose what was not acked.
	 */
	bool (*is_broken)(void *ctx);
	status (*reopen)(void *ctx, struct trouble *t);
	void (*close)(void *ctx); /* frees ctx */

	/* All but chain `asked`, pushes, commits, reopened. */
	status (*figures)(void *ctx, struct store_figures *out, struct trouble *t);
	status (*log_head)(void *ctx, struct store_log_head *out, struct trouble *t);
	status (*epoch)(void *ctx, struct store_epoch *out, struct trouble *t);
	status (*set_epoch)(void *ctx, const struct store_epoch *e, struct trouble *t);
	/* ST_NOT_FOUND above the head. */
	status (*chain_at)(
	    void *ctx, uint64_t lsn, struct hash32 *out, struct trouble *t);

	/* First batch of the scope after an lsn that has something to serve; 0 = none. */
	status (*next_in_scope)(
	    void *ctx, uint16_t scope, uint64_t after, uint64_t *lsn, struct trouble *t);
	status (*read_batch)(void *ctx, uint64_t lsn, struct arena *a,
	    struct store_row *out, struct trouble *t);
	/* By kill lsn, from the first above after_kill on. */
	status (*each_dead)(void *ctx, uint64_t after_kill, visit_dead *visit,
	    void *visit_ctx, struct trouble *t);
	status (*each_grave)(
	    void *ctx, visit_grave *visit, void *visit_ctx, struct trouble *t);
	status (*each_doa)(
	    void *ctx, visit_doa *visit, void *visit_ctx, struct trouble *t);
	/* Dead refs reach back to kills after this lsn. */
	status (*horizon)(void *ctx, uint64_t *out, struct trouble *t);
	status (*trim)(void *ctx, uint64_t horizon, struct trouble *t);

	/* Outside of transactions; NULL where there is no file (store_copy,
	 * store_compact). path NULL gives an unfinished copy up. */
	status (*copy)(void *ctx, const char *path, int n_pages, struct store_copied *out,
	    struct trouble *t);
	status (*compact)(void *ctx, struct trouble *t);

	status (*add_record)(void *ctx, uint32_t seq, const struct log_id *id,
	    struct span record, struct trouble *t);
	/* ST_NOT_FOUND behind the end. */
	status (*read_record)(void *ctx, uint32_t seq, struct arena *a,
	    struct store_log_record *out, struct trouble *t);

	status (*put_box)(void *ctx, const struct store_box *b, struct trouble *t);
	status (*drop_boxes)(void *ctx, const struct box_pk *owner, struct trouble *t);
	/* By (position, scope, epoch); those of one owner from a position on. */
	status (*each_box)(void *ctx, const struct box_pk *owner, uint32_t from,
	    visit_box *visit, void *visit_ctx, struct trouble *t);
	status (*put_list)(void *ctx, const struct store_box_list *l, struct trouble *t);
	/* bytes NULL if there is none. */
	status (*read_list)(void *ctx, uint16_t position, uint16_t scope, struct arena *a,
	    struct span *out, struct trouble *t);
	status (*put_wrap)(void *ctx, const struct store_wrap *w, struct trouble *t);
	status (*each_wrap)(void *ctx, uint16_t scope, visit_wrap *visit, void *visit_ctx,
	    struct trouble *t);

	/* By (home, device, scope); device NULL = all. lsn and id: of the last batch. */
	status (*each_author)(void *ctx, const struct author *device, visit_author *visit,
	    void *visit_ctx, struct trouble *t);
	status (*put_contact)(
	    void *ctx, const struct store_contact *c, struct trouble *t);
	/* By (home, device). */
	status (*each_contact)(
	    void *ctx, visit_contact *visit, void *visit_ctx, struct trouble *t);

	/* By lsn, at most max. */
	status (*each_gap)(
	    void *ctx, size_t max, visit_gap *visit, void *visit_ctx, struct trouble *t);

	status (*drop_stage)(void *ctx, struct author device, struct trouble *t);
	status (*stage_batch)(void *ctx, struct author device,
	    const struct merge_theirs *b, struct trouble *t);
	status (*stage_grave)(void *ctx, struct author device,
	    const struct merge_grave *g, struct trouble *t);
	status (*stage_doa)(void *ctx, struct author device, const struct merge_doa *d,
	    struct trouble *t);
	/* What the device staged, for one join; ST_NOT_FOUND if nothing. Fills all but
	 * has_scope's answer, which comes from `scopes`. Lies in the arena. */
	status (*open_stage)(void *ctx, struct author device, struct arena *a,
	    struct merge_other *out, struct trouble *t);
	void (*close_stage)(void *ctx);
};

/* Growing array in an arena: room for one more item, or NULL. */
void *list_grow(struct arena *a, void *items, size_t n, size_t *cap, size_t item_bytes);

#endif
