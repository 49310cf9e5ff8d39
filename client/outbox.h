/* outbox.h - dirty entries become ops, one per record, in sealed and signed batches
 * (DESIGN 4.2 "Seal"). Done just before a push, in one transaction: a crash leaves either
 * the dirty entries or the batches. */
#ifndef CLIENT_OUTBOX_H
#define CLIENT_OUTBOX_H

#include "client/records.h"

struct outbox_result {
	size_t n_batches;
	size_t n_left; /* records whose scope has no place in the log yet */
};

/* Seals every dirty record whose scope is in the log. */
status outbox_seal(struct laptop *l, struct outbox_result *out);

/* Seals the ops of a refused batch again under the present epoch and place: same bodies,
 * new nonce and id. The old batch is forgotten. */
status outbox_reseal(struct laptop *l, int64_t pending);

/* A batch that waits to be pushed. */
struct outgoing {
	int64_t pending; /* its row */
	uint16_t space;
	uint64_t changes, marks;
	bool is_carried;
	struct span wire; /* memory of the arena given */
};
/* Those not yet stored by the server, oldest first, at most cap. */
status outbox_list(
    struct laptop *l, struct arena *a, struct outgoing *out, size_t cap, size_t *n);

/* Does anything wait to be sealed (in a scope that has its place) or pushed? */
bool outbox_any(struct laptop *l);

/* What the server said of a batch: stored (state 1) or refused with a reason (state 2).
 */
status outbox_mark(
    struct laptop *l, int64_t pending, bool is_refused, const char *reason);

#endif
