/* orphans.h - batches that a laptop sealed before it was revoked and never sent itself:
 * somebody else brought them, by stick as a rule. The server takes them from nobody,
 * since nothing tells them from what a thief seals with the stolen keys (SECURITY 7).
 * They are kept where they were brought, sealed and in no view, and go on in bundles,
 * until a coordinator of the country adopts or drops them. At most ORPHANS_MAX a laptop.
 */
#ifndef CLIENT_SYNC_ORPHANS_H
#define CLIENT_SYNC_ORPHANS_H

#include "client/sync/inbox.h"

enum {
	ORPHANS_MAX = 256,  /* of at most 64 KiB: 16 MiB for a thief to fill */
	ORPHAN_REFUSED = 2, /* r_pending.state: the server refuses it for good */
	ORPHAN_PRUNED = 3   /* the same, and ops of an erased person are cut out */
};

struct orphan {
	int64_t pending; /* its row */
	uint16_t space;
	int64_t scope; /* local id; 0 = no key of it is here */
	struct author by;
	uint64_t brought_ms;
	size_t n_ops;
};

/* In the order in which they came; memory of a. */
status orphans_list(struct laptop *l, struct arena *a, struct orphan **out, size_t *n);
uint64_t orphans_count(struct laptop *l);

/* What became of those that were adopted. */
struct adopted {
	size_t n_batches;
	uint64_t changes, marks; /* new to this laptop; they wait to be sent */
	uint64_t n_left; /* ops that only their author may write, or that do not open */
};
/* Puts what these hold under this laptop's name and seals it, in the place that it has
 * among what others wrote since: entries keep their author and their names, so they count
 * once, and what somebody replaced meanwhile stays replaced. Sign-offs, decisions and
 * erasures stay their author's. is_try: only counts. One transaction. */
status orphans_adopt(struct laptop *l, const struct orphan *items, size_t n, bool is_try,
    struct adopted *out);
/* They go for good; a bundle does not bring them again. One transaction. */
status orphans_drop(struct laptop *l, const struct orphan *items, size_t n);

/* Inside a transaction, once a grave stands: ops of that subject are cut out of orphans
 * of the scope, which then travel no more (a bundle holds whole batches). */
status orphans_bury(struct laptop *l, int64_t scope, const struct tag *subject);

#endif
