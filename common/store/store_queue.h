/* store_queue.h - calls that wait, the thread that does them, and their group commit; for
 * the files of common/store only (DESIGN 6).
 *
 * Invariants
 * 1. A request is in exactly one place: waiting, in the group at work, or answered.
 * 2. Requests are worked on, and answered, in the order they were submitted.
 * 3. A request is answered only after the transaction that holds it has ended. */
#ifndef STORE_STORE_QUEUE_H
#define STORE_STORE_QUEUE_H

#include "store/store_engine.h"

struct uv_loop_s;
struct request;

/* A kind of call. copy may be NULL when there is nothing behind pointers. */
struct request_kind {
	bool (*copy)(struct request *r); /* what it names, into its arena */
	status (*work)(struct store_engine *e, struct request *r, struct trouble *t);
	void (*answer)(const struct request *r);
	bool needs_contacts; /* write the contacts noted so far before */
	bool is_outside;     /* of any transaction, alone */
};

/* All of a request lies in its arena: what was asked, copied; what is answered. */
struct request {
	struct request *next;
	struct arena *arena;
	const struct request_kind *kind;
	union {
		struct store_push push;
		struct store_pull pull;
		uint64_t lsn; /* of look, and the horizon of trim */
		struct store_append append;
		struct {
			uint32_t from;
			size_t bytes_max;
		} log;
		struct {
			struct box_pk owner;
			uint32_t from;
		} keys;
		struct {
			size_t n;
			const struct store_box *boxes;
			bool has_drop;
			struct box_pk drop;
		} put;
		struct author device; /* of cuts */
		struct {
			const char *path;
			int n_pages;
		} copy;
		struct {
			struct store_epoch epoch;
			size_t n;
			const struct merge_grave *graves;
		} restore;
		struct store_part part;
		struct {
			struct author device;
			size_t n;
			const uint16_t *scopes;
		} join;
	} in;
	union {
		struct merge_verdict verdict;
		struct store_page page;
		struct store_figures figures;
		struct store_appended_now appended;
		struct store_records records;
		struct store_keys keys;
		struct store_contacts contacts;
		struct store_cuts cuts;
		struct store_gaps gaps;
		struct store_graves graves;
		struct merge_joined joined;
		struct store_copied copied;
	} out;
	union {
		store_done *done;
		store_accepted *accepted;
		store_pulled *pulled;
		store_seen *seen;
		store_appended *appended;
		store_log_told *log_told;
		store_keys_told *keys_told;
		store_contacts_told *contacts_told;
		store_cuts_told *cuts_told;
		store_gaps_told *gaps_told;
		store_graves_told *graves_told;
		store_joined *joined;
		store_copied_told *copied_told;
	} call;
	void *call_ctx;
	enum store_result result;
	struct trouble trouble;
	size_t bytes;        /* of memory that was asked for */
	size_t answer_bytes; /* that its answer may take, beyond that */
	bool has_written;    /* the transaction is worth a commit */
	bool has_erased;     /* checkpoint before the answer */
};

/* Takes the engine over. loop NULL: serial. NULL on lack of memory or threads; the
 * engine is then closed. */
struct store *store_new(
    const struct store_engine *e, struct uv_loop_s *loop, struct trouble *t);
struct store_engine *store_engine_of(struct store *s);

/* Queues a copy of the request; it is answered later. At once, from within the call, only
 * when memory is out (STORE_BUSY). */
void store_submit(struct store *s, struct request *asked);

#endif
