/* merge.h - which ops of a space live: the server's accept of one batch and its join with
 * another store's state after a restore (DESIGN 4.1, 4.3, 4.5; RELIABILITY 2). Pure.
 *
 *     Live(B) = all dots of B, minus those that an op of B of the same scope and record
 *               tag supersedes (never audit), minus those whose subject has a grave in B
 *
 * The rules stand here once. Where the rows lie is a table of calls (struct merge_state)
 * that a store engine answers inside one transaction of its own, so that SQLite, memory
 * and the simulator run the same code. Nothing is written before it is certain that the
 * batch will be taken; so only a failing call can make a transaction worth undoing.
 *
 * Invariants, after every accept and join
 * 1. live == Live(known), for the part of the space that was not pruned at another store.
 * 2. No live op has a subject with a grave in its scope.
 * 3. doa names no op of a known batch.
 * 4. Every op that stops to be live after its batch was accepted is in dead once. */
#ifndef CORE_MERGE_H
#define CORE_MERGE_H

#include "base/checks.h"
#include "base/status.h"
#include "core/op.h"

/* Where an op stands at this server. lsn from 1, without gaps, below 2^55. */
struct op_place {
	uint64_t lsn;
	uint8_t index;
};

/* The mark that a subject was erased from a scope. Permanent. */
struct merge_grave {
	uint16_t scope;
	struct tag subject;
};

/* An op superseded before it arrived. Scope and record are the superseder's: the claim
 * takes effect only on a victim that has both (SECURITY 9.5, 1). */
struct merge_doa {
	struct dot dot;
	uint16_t scope;
	struct tag record;
};

/* What the rules ask of a live op. */
struct live_op {
	uint16_t scope;
	struct tag record;
	enum retention retention;
};

/* What is kept of an op when its batch is taken. */
enum keep {
	KEEP_LIVE,  /* its bytes; it is live */
	KEEP_ERASE, /* its 4 bytes, shorter than their hash and proof of the grave; not
		       live */
	KEEP_HASH   /* its hash alone: dead on arrival */
};

struct merge_state {
	void *ctx;
	/* Last lsn (0 = none) and the running hash there (zero = none). */
	status (*head)(void *ctx, uint64_t *lsn, struct hash32 *chain, struct trouble *t);
	/* lsn and full id of a known batch; *lsn = 0 if it is not known. */
	status (*find_batch)(void *ctx, const struct short_id *short_id, uint64_t *lsn,
	    struct batch_id *id, struct trouble *t);
	/* Makes id known at lsn, with the running hash there. b NULL: only its name is
	 * known, there is nothing to serve of it. */
	status (*add_batch)(void *ctx, uint64_t lsn, const struct hash32 *chain,
	    const struct batch_id *id, const struct batch *b, struct trouble *t);
	/* Adds an op of a batch just added. */
	status (*add_op)(void *ctx, struct op_place at, uint16_t scope,
	    const struct op *op, enum keep keep, struct trouble *t);
	/* *is_live = false if there is no live op at that place (out is untouched then).
	 */
	status (*find_live)(void *ctx, struct op_place at, bool *is_live,
	    struct live_op *out, struct trouble *t);
	/* The first live op of the batch at->lsn whose index is at->index or more; at is
	 * moved there. */
	status (*next_live)(void *ctx, struct op_place *at, bool *is_there,
	    struct live_op *out, struct trouble *t);
	/* Some live op of the scope that has the subject, if there is one. */
	status (*find_subject)(void *ctx, const struct merge_grave *g, bool *is_there,
	    struct op_place *out, struct trouble *t);
	/* Takes the bytes of a live op away and keeps its hash. */
	status (*drop_live)(void *ctx, struct op_place at, struct trouble *t);
	/* If the batch has nothing but hashes left, keeps of it only what makes its id
	 * known; else does nothing. */
	status (*prune_batch)(void *ctx, uint64_t lsn, struct trouble *t);
	/* Remembers that the op at `at` died when the space stood at kill_lsn. */
	status (*add_dead)(
	    void *ctx, uint64_t kill_lsn, struct op_place at, struct trouble *t);

	/* Does any doa name an op of this batch? */
	status (*has_doa_of)(
	    void *ctx, const struct short_id *batch, bool *has, struct trouble *t);
	status (*has_doa)(
	    void *ctx, const struct merge_doa *d, bool *has, struct trouble *t);
	status (*add_doa)(
	    void *ctx, const struct merge_doa *d, struct trouble *t); /* idempotent */
	/* Forgets every doa that names an op of this batch. */
	status (*drop_doa_of)(void *ctx, const struct short_id *batch, struct trouble *t);

	status (*has_grave)(
	    void *ctx, const struct merge_grave *g, bool *has, struct trouble *t);
	/* lsn: when it came; kept from the first time. Idempotent. */
	status (*add_grave)(
	    void *ctx, const struct merge_grave *g, uint64_t lsn, struct trouble *t);
};

/* clang-format off */
enum merge_kind {
	MERGE_OK,      /* taken at lsn */
	MERGE_KNOWN,   /* was taken before, at lsn */
	MERGE_ERASED,  /* taken at lsn, but ops of an erased subject were dropped */
	MERGE_REFUSED, /* for the reason that came with the push; nothing changed */
	MERGE_CLASH,   /* refused: its short id belongs to another batch */
	MERGE_KIND_COUNT
};
/* clang-format on */

/* A batch that server/intake has looked at. refusal: 0, or the reason (its own numbers)
 * why the batch must not be taken; what is known already is answered `known` all the
 * same, so that a lost verdict is no failure (SECURITY 6). */
struct merge_push {
	const struct batch *batch; /* complete: every op present */
	const struct batch_id *id;
	uint16_t refusal;
	uint16_t detail;
};

struct merge_verdict {
	enum merge_kind kind;
	uint16_t refusal; /* MERGE_REFUSED: as pushed */
	uint16_t detail;
	uint64_t lsn;   /* OK, KNOWN, ERASED */
	bool has_erase; /* it brought a grave: checkpoint before the verdict goes out */
};

/* Takes one batch, inside a transaction of the caller. On any status but ST_OK the
 * transaction must be rolled back. The author's role (also for an erase), epoch,
 * signature and hashes were checked before. */
status merge_accept(const struct merge_state *s, const struct checks *checks,
    const struct merge_push *push, struct merge_verdict *out, struct trouble *t);

/* Replays a grave into a restored space, inside a transaction of the caller: adds it as
 * of lsn and takes the ops of its subject away. Not logged in dead: a restored space has
 * a new epoch, under which nobody has pulled yet. */
status merge_replay_grave(const struct merge_state *s, const struct merge_grave *g,
    uint64_t lsn, struct trouble *t);

/* Running hash after a batch: H("pnet/chain/1", hash before, id). */
void merge_chain(const struct checks *checks, const struct hash32 *before,
    const struct batch_id *id, struct hash32 *out);

/* ---- recovery ---- */

/* A batch that the other side knows. Ops that are present in it, with their dots, are
 * live there (erase ops are always present); batch NULL: it knows the name, and holds
 * nothing live of it.
 */
struct merge_theirs {
	struct batch_id id;
	const struct batch *batch;
};

/* The other side's state, staged whole before the join. The iterators start at the
 * beginning, and answer is_end once. What they hand out lives until the next call. */
struct merge_other {
	void *ctx;
	status (*next_batch)(
	    void *ctx, bool *is_end, struct merge_theirs *out, struct trouble *t);
	status (*next_grave)(
	    void *ctx, bool *is_end, struct merge_grave *out, struct trouble *t);
	status (*next_doa)(
	    void *ctx, bool *is_end, struct merge_doa *out, struct trouble *t);
	status (*knows)(
	    void *ctx, const struct short_id *batch, bool *knows, struct trouble *t);
	/* May the other side speak for this scope? What it says of others is ignored,
	 * since a claim of knowing can delete. */
	bool (*has_scope)(void *ctx, uint16_t scope);
};

struct merge_joined {
	uint64_t lsn;     /* head afterwards */
	uint64_t n_added; /* batches that were new here */
	uint64_t n_live;  /* ops that live again */
	uint64_t n_dead;  /* ops that the other side knew to be dead */
};

/* Joins the other side's state into this one, inside a transaction of the caller:
 *
 *     L := (L1 and L2) or {d in L1: batch unknown to 2, d not doa at 2} or the reverse
 *
 * ids and graves united, doa minus known; and what the ops that come supersede dies or
 * waits as in accept, since a laptop built from zero cannot tell it by ids or doa. Every
 * removal is logged in dead under a new lsn, so that clients that have pulled already
 * learn of it. Audit ops go only with a grave. Never batch by batch: a pruned batch
 * without its replacers would lose values. */
status merge_join(const struct merge_state *s, const struct checks *checks,
    const struct merge_other *other, struct merge_joined *out, struct trouble *t);

#endif
