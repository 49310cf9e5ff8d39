/* store.h - what the server keeps of ONE space, asked asynchronously (DESIGN 4.3, 6).
 *
 * Every call is one transaction. It copies what it is given, returns at once, and answers
 * later by its callback on the loop's thread (or inside store_pump in a serial store).
 * Answers are borrowed for the callback only. Calls are answered in the order they were
 * made (but BUSY, of a full queue, and CLOSED at once); pushes that wait together share a
 * transaction and its one disk sync (group commit). Nothing is answered STORE_OK before
 * it is durable.
 *
 * A store is used from one thread. Scopes and devices are named by log positions. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "core/entry.h"
#include "core/merge.h"

/* clang-format off */
/*        result           says */
#define STORE_RESULTS(X) \
	X(STORE_OK,      "done, and durable") \
	X(STORE_BUSY,    "somebody else holds the file, or the queue is full; try later") \
	X(STORE_RETRY,   "the log has grown since the call was prepared: check again, try again") \
	X(STORE_UNKNOWN, "the disk failed in the commit: ask again whether it was done") \
	X(STORE_EPOCH,   "epoch, hash or cursor are not of this store: recovery") \
	X(STORE_GONE,    "what was asked for is not here, or not any more") \
	X(STORE_REFUSED, "against the present state: another record stands there, a cut is wrong") \
	X(STORE_FULL,    "the disk is full; nothing changed") \
	X(STORE_QUOTA,   "more than its limit would live then; nothing changed") \
	X(STORE_CORRUPT, "the file is damaged or cannot be read") \
	X(STORE_CLOSED,  "the store is closed or closing")
/* clang-format on */

enum store_result {
#define X(name, text) name,
	STORE_RESULTS(X)
#undef X
	    STORE_RESULT_COUNT
};
const char *store_result_name(enum store_result r); /* "STORE_FULL"; static */
const char *store_result_text(enum store_result r); /* static */

struct store;

/* Names this incarnation of the data; new after every restore. Peers echo the first 4. */
struct store_epoch {
	uint8_t bytes[8];
};
enum { STORE_EPOCH_ECHO_BYTES = 4, STORE_HASH_ECHO_BYTES = 8 };

/* Where the space's membership log stands. */
struct store_log_head {
	uint32_t len;     /* records */
	struct log_id id; /* of the last one; zero if none */
};

/* A callback that has nothing to tell but the result. t is never NULL. */
typedef void store_done(void *ctx, enum store_result r, const struct trouble *t);

/* ---- pushes ---- */

struct store_push {
	const struct batch *batch; /* complete, as decoded */
	struct batch_id id;
	uint16_t refusal; /* 0, or why it must be refused unless it is known */
	uint16_t detail;
	/* Length of this space's log that the checks were made with: if it has grown
	 * since, STORE_RETRY. So a push never slips in behind a REVOKE or a ROTATE. */
	uint32_t log_len;
	/* Once it is merged no more than this may live, or no more than lived before:
	 * else it is undone, STORE_QUOTA. So what replaces as much as it brings is taken
	 * by a space that is full. 0 = no limit. */
	uint64_t live_ops_max;
	uint64_t live_bytes_max;
};

/* v is NULL unless STORE_OK; a refused batch is STORE_OK with MERGE_REFUSED. A verdict
 * with has_erase comes after the checkpoint that cleans the files. */
typedef void store_accepted(void *ctx, enum store_result r, const struct merge_verdict *v,
    const struct trouble *t);
void store_accept(
    struct store *s, const struct store_push *push, store_accepted *done, void *ctx);

/* ---- pulls ---- */

/* since: lsn up to which the client's base has the scope: its cursor, or 0 for a scope
 * that is new to it. */
struct store_pull_scope {
	uint16_t scope;
	uint64_t since;
};

/* One page. Pages come in lsn order, all scopes together: the first with `after` = the
 * least since, each further one with `after` = `upto` of the page before. */
struct store_pull {
	bool has_claim; /* check first that this is the store that the client knows: */
	uint64_t cursor;
	uint8_t epoch[STORE_EPOCH_ECHO_BYTES];
	uint8_t hash[STORE_HASH_ECHO_BYTES]; /* running hash at cursor */
	uint64_t after;
	/* Pages of this pull were told before this one. stage_head: `head` of the oldest
	 * of them; where that is not known the cursor is right too, only longer. */
	bool has_stage;
	uint64_t stage_head;
	size_t n_scopes;
	const struct store_pull_scope *scopes; /* readable ones, ascending */
	size_t bytes_max; /* mark at which the page ends; one batch may pass it */
};

/* batch: scope, header, signature, n_ops, and of each op is_present with wire, or hash
 * (what batch_write needs); all else is zero. */
struct store_row {
	uint64_t lsn;
	struct batch_id id;
	struct batch batch;
};

struct store_page {
	struct store_epoch epoch;
	struct store_log_head log;
	uint64_t head;
	uint64_t upto;       /* this and the pages before tell all up to here */
	struct hash32 chain; /* running hash at upto */
	size_t n_rows;
	const struct store_row *rows;
	/* The last page is one transaction with all that follows; upto = head. Batches
	 * whose ops are all dead are in no page. */
	bool is_last;
	bool lists_live; /* the dead log does not reach back: `refs` are the live ops */
	size_t n_refs;   /* else those that died (DESIGN 4.5), by kill lsn */
	const struct op_place *refs;
	size_t n_graves; /* those newer than `since` of their scope */
	const struct merge_grave *graves;
	size_t n_doa; /* all of the scopes asked for */
	const struct merge_doa *doa;
};

/* page is NULL unless STORE_OK. STORE_EPOCH: the claim does not hold. */
typedef void store_pulled(void *ctx, enum store_result r, const struct store_page *page,
    const struct trouble *t);
void store_pull(
    struct store *s, const struct store_pull *pull, store_pulled *done, void *ctx);

/* ---- looking ---- */

enum { STORE_TOOK_STEPS = 12 };

struct store_figures {
	struct store_epoch epoch;
	struct store_log_head log;
	uint64_t head;
	struct hash32 chain; /* at head */
	struct hash32 asked; /* at the lsn asked for; zero for lsn 0 */
	uint64_t live_ops;
	uint64_t live_bytes; /* of their wire bytes */
	uint64_t horizon;    /* dead refs reach back to kills after this lsn */
	uint64_t graves;
	uint64_t doa;
	uint64_t file_bytes; /* 0 in memory */
	uint64_t pushes;     /* since the store was opened: batches answered */
	uint64_t commits;    /* and transactions that made them durable */
	uint64_t reopened;   /* after a failed sync */
	/* How long those transactions took to become durable, together and by time:
	 * commit_took[i] took less than 2^(i+1) ms, and the last one any time. */
	uint64_t commit_us;
	uint64_t commit_took[STORE_TOOK_STEPS];
	bool owes_checkpoint; /* erased bytes may still be in the log (SECURITY 10) */
};
typedef void store_seen(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t);
/* lsn: whose running hash is wanted, 0 = none. STORE_EPOCH if lsn is above the head. */
void store_look(struct store *s, uint64_t lsn, store_seen *done, void *ctx);

/* ---- the membership log and its keys ---- */

/* A key box, found by the box key of whom it is for (device or invite). position: of the
 * record that it belongs to, or STORE_BOX_OWN for one that a device made for itself.
 * space: that of the scope, as in the box list: an INVITE of a country also gives `all`
 * of NET, so (position, scope, epoch) alone would not be unique. */
enum { STORE_BOX_OWN = UINT16_MAX };
struct store_box {
	struct box_pk owner;
	uint16_t position;
	uint16_t space;
	uint16_t scope;
	uint16_t epoch;
	struct span box;
};

/* A box list that the record at `position` hashes: of one scope in SCOPE, ROTATE and each
 * rotation of a REVOKE; INVITE and GRANT have one list over all their scopes (scope 0).
 */
struct store_box_list {
	uint16_t position;
	uint16_t scope;
	struct span list;
};

struct store_wrap {
	uint16_t scope;
	uint16_t epoch; /* under which epoch-1 is wrapped */
	struct span wrap;
};

/* What the author of a REVOKE took for the last batch of a device in a scope. */
struct store_cut {
	struct author device;
	uint16_t scope;
	struct batch_id id; /* zero = none */
};

/* An append is compare-and-swap: it is done only if the log still ends with `head`.
 * Boxes, lists and wraps are stored in the same transaction, boxes of `drop` deleted. */
struct store_append {
	struct store_log_head head; /* as the author knew it */
	struct log_id id;           /* of the new record */
	struct span record;
	size_t n_boxes;
	const struct store_box *boxes;
	size_t n_lists;
	const struct store_box_list *lists;
	size_t n_wraps;
	const struct store_wrap *wraps;
	size_t n_drop;
	const struct box_pk *drop;
	size_t n_cuts;
	const struct store_cut *cuts; /* all must hold, else STORE_REFUSED */
};

/* now: head of the log afterwards, also when STORE_REFUSED; is_cut_wrong tells why. */
struct store_appended_now {
	struct store_log_head head;
	bool is_cut_wrong;
};
typedef void store_appended(void *ctx, enum store_result r,
    const struct store_appended_now *now, const struct trouble *t);
void store_append(
    struct store *s, const struct store_append *append, store_appended *done, void *ctx);

struct store_log_record {
	uint32_t seq;
	struct log_id id;
	struct span record;
};
struct store_records {
	struct store_log_head head;
	size_t n_records;
	const struct store_log_record *records;
	bool is_more; /* bytes_max was reached; at least one record was told */
};
typedef void store_log_told(void *ctx, enum store_result r,
    const struct store_records *records, const struct trouble *t);
/* Records from position `from` on; none if the log ends before it. */
void store_log(
    struct store *s, uint32_t from, size_t bytes_max, store_log_told *done, void *ctx);

struct store_keys {
	size_t n_boxes;
	const struct store_box *boxes; /* by (position, space, scope, epoch) */
	size_t n_lists;
	const struct store_box_list *lists; /* of the boxes' positions: all of the record
					     * with scope 0 or the scope of a box */
	size_t n_wraps;
	const struct store_wrap *wraps; /* all of the scopes of the boxes */
};
typedef void store_keys_told(void *ctx, enum store_result r,
    const struct store_keys *keys, const struct trouble *t);
/* Boxes for the holder of `owner`, of records from position `from` on. Those that a
 * device made for itself are told if from is 0. */
void store_keys(struct store *s, const struct box_pk *owner, uint32_t from,
    store_keys_told *done, void *ctx);
/* Adds boxes, replacing those of the same owner, position, space, scope and epoch, and
 * deletes all boxes of `drop` (NULL = of nobody): a JOIN's own boxes against the
 * invite's. */
void store_put_boxes(struct store *s, size_t n, const struct store_box *boxes,
    const struct box_pk *drop, store_done *done, void *ctx);
/* Boxes, lists and wraps of a record that the log holds already: of a restored server
 * that has lost them. The other fields do not count. */
void store_put_keys(
    struct store *s, const struct store_append *keys, store_done *done, void *ctx);

/* ---- devices ---- */

/* Notes a contact and how far the device has pulled. Never costs a disk sync: it is kept
 * in memory until the next commit or store_close, and may be lost in a crash. */
void store_note_contact(
    struct store *s, struct author device, uint64_t time_ms, uint64_t cursor);

/* last_lsn: of its last batch accepted here, 0 = none. */
struct store_contact {
	struct author device;
	uint64_t time_ms; /* 0 = never seen since the store was made */
	uint64_t cursor;
	uint64_t last_lsn;
};
struct store_contacts {
	size_t n;
	const struct store_contact *at; /* by (home, device) */
};
typedef void store_contacts_told(void *ctx, enum store_result r,
    const struct store_contacts *c, const struct trouble *t);
void store_contacts(struct store *s, store_contacts_told *done, void *ctx);

struct store_cuts {
	size_t n;
	const struct store_cut *at; /* scopes that the device never wrote are missing */
};
typedef void store_cuts_told(
    void *ctx, enum store_result r, const struct store_cuts *c, const struct trouble *t);
/* Last batch accepted of the device, per scope. */
void store_cuts(struct store *s, struct author device, store_cuts_told *done, void *ctx);

/* A batch that is not here, though one of the same author and scope follows it: after a
 * restore nobody brought it back (space_file.h says what else it may be). */
struct store_gap {
	struct author device;
	uint16_t scope;
	struct short_id missing;
	uint64_t lsn; /* first batch that follows it */
};
struct store_gaps {
	size_t n;
	const struct store_gap *at; /* by lsn */
};
typedef void store_gaps_told(
    void *ctx, enum store_result r, const struct store_gaps *g, const struct trouble *t);
/* At most STORE_GAPS_MAX. Reads every header that is kept: of a store that was never set
 * back nobody has to ask. */
enum { STORE_GAPS_MAX = 512 };
void store_gaps(struct store *s, store_gaps_told *done, void *ctx);

/* ---- graves, restores, recovery ---- */

struct store_graves {
	size_t n;
	const struct merge_grave *at;
};
typedef void store_graves_told(void *ctx, enum store_result r,
    const struct store_graves *g, const struct trouble *t);
/* All graves, for the list that is kept outside the backups (DESIGN 4.3). */
void store_graves(struct store *s, store_graves_told *done, void *ctx);
/* Replays graves into a restored store, takes the ops of their subjects away, and gives
 * the store a new epoch; checkpoint before the answer. n may be 0. */
void store_restore(struct store *s, const struct store_epoch *epoch, size_t n,
    const struct merge_grave *graves, store_done *done, void *ctx);

/* A part of what a device knows of this space's past. Parts of one device add up; its
 * ids must not come twice with different content. */
struct store_part {
	struct author device;
	bool is_first; /* drops what the device staged before */
	size_t n_ids;
	const struct batch_id *ids; /* known by name, nothing live of them there */
	size_t n_batches;
	const struct merge_theirs *batches; /* verified; ops present = live there */
	size_t n_graves;
	const struct merge_grave *graves;
	size_t n_doa;
	const struct merge_doa *doa;
};
void store_stage(
    struct store *s, const struct store_part *part, store_done *done, void *ctx);

typedef void store_joined(void *ctx, enum store_result r, const struct merge_joined *j,
    const struct trouble *t);
/* Joins what the device staged, in one transaction, as far as it concerns these scopes;
 * then the stage is gone. STORE_GONE if the device staged nothing. */
void store_join(struct store *s, struct author device, size_t n_scopes,
    const uint16_t *scopes, store_joined *done, void *ctx);

/* Forgets dead refs with a kill lsn up to `horizon`: a client whose cursor is older gets
 * the list of live ops instead. */
void store_trim(struct store *s, uint64_t horizon, store_done *done, void *ctx);

/* ---- upkeep ---- */

struct store_copied {
	bool is_complete;
	uint64_t pages;      /* of the file, of 4096 bytes */
	uint64_t pages_left; /* not copied yet */
	/* What a complete copy holds: */
	struct store_epoch epoch;
	struct store_log_head log;
	uint64_t head;
	struct hash32 chain;
	uint64_t live_ops;
	uint64_t graves;
};
typedef void store_copied_told(void *ctx, enum store_result r,
    const struct store_copied *c, const struct trouble *t);
/* Copies the next piece of the space, of n_pages pages, to the file at path: the first
 * call makes it (it must not be there), the caller goes on until is_complete. Between two
 * pieces other calls are answered; what they change is in the copy too, which holds one
 * moment: that of its last piece. Complete, it is durable but for the entry in its
 * folder. Another path, NULL, a failure and store_close() give an unfinished copy up; the
 * caller removes the file. STORE_GONE: a store that has no file, or path is NULL. */
void store_copy(
    struct store *s, const char *path, int n_pages, store_copied_told *done, void *ctx);
/* Gives room that nothing lives in back to the file system, if that is an eighth of the
 * file or more. Pushes wait meanwhile, and it takes memory as large as the file. */
void store_compact(struct store *s, store_done *done, void *ctx);

/* ---- life ---- */

/* Serial stores (opened without a loop): does all that was asked for so far, callbacks
 * included. Returns how many calls were answered. */
size_t store_pump(struct store *s);
/* Calls made and not yet answered. */
size_t store_waiting(const struct store *s);
/* Answers what waits, writes contacts, closes the file, then calls done (may be NULL) and
 * frees s. Calls made meanwhile are answered STORE_CLOSED. NULL is legal (done is then
 * called at once). A serial store is closed when this returns. */
void store_close(struct store *s, void (*done)(void *ctx), void *ctx);

#endif
