/* outbox.h - dirty entries become ops, one per record, in sealed and signed batches
 * (DESIGN 4.2 "Seal"). Done just before a push, a portion in one transaction: a crash
 * leaves either the dirty entries or the batches. */
#ifndef CLIENT_SYNC_OUTBOX_H
#define CLIENT_SYNC_OUTBOX_H

#include "client/laptop/records.h"

/* Of one portion: what is sealed while the server hears nothing, a second or so. */
enum { OUTBOX_RECORDS_MAX = 8192, OUTBOX_BYTES_MAX = 4 << 20 };

struct outbox_result {
	size_t n_batches;
	bool has_more; /* dirty records wait for the next portion */
};

/* Seals the dirty records whose scope is in the log, oldest first, up to a portion. */
status outbox_seal(struct laptop *l, struct outbox_result *out);

/* Seals the ops of refused batches again under the present epoch and place, and without
 * what is erased: same bodies, new nonces and names; an op that lists another of them
 * lists its new name. pending: in the order of sealing. The old batches are forgotten;
 * one of which nothing would be different is left as it is. A carried one is put under
 * one's own name where it can be read and holds nothing to be proven. One transaction. */
status outbox_reseal(
    struct laptop *l, const int64_t *pending, size_t n, size_t *n_sealed);
/* The same for carried batches whose author was revoked, at a person's word: what may not
 * be put under one's own name goes with them (client/sync/orphans.h). Inside a
 * transaction. */
status outbox_adopt(struct laptop *l, const int64_t *pending, size_t n, size_t *n_sealed);
/* After a grave: seals anew whatever waits in the scope and holds something of an erased
 * person, refused batches too. Inside a transaction. */
status outbox_drop_erased(struct laptop *l, int64_t scope);

/* An op of a waiting batch is of that record. Inside a transaction. */
status outbox_name_record(struct laptop *l, int64_t pending, size_t index, int64_t rid);

/* A batch that waits to be pushed. */
struct outgoing {
	int64_t pending; /* its row */
	uint16_t space;
	uint64_t changes, marks;
	bool is_carried;
	struct span wire; /* memory of the arena given */
};
/* Those not yet stored by the server, oldest first, at most cap and of bytes_max together
 * (but one, if there is any). *has_more: not all are there. */
status outbox_list(struct laptop *l, struct arena *a, struct outgoing *out, size_t cap,
    size_t bytes_max, size_t *n, bool *has_more);

/* Does anything wait to be sealed (in a scope that has its place) or pushed? */
bool outbox_any(struct laptop *l);

/* The server has the batch, and a pull was complete since: it leaves pending if it is
 * still there and was carried without a key of its scope, or is_known, stored before the
 * cursor. A transaction of its own where there is something to do. */
status outbox_forget(struct laptop *l, int64_t pending, bool is_known);

/* Does the batch still wait here for somebody else? */
bool outbox_is_carried(struct laptop *l, int64_t pending);

/* The server refuses the batch for good: it is kept, but not shown (state 2). */
status outbox_refuse(struct laptop *l, int64_t pending, const char *reason);
/* The mark alone, inside a transaction: for one that was never shown. */
status outbox_set_refused(struct laptop *l, int64_t pending, const char *reason);

#endif
