/* burial.h - seals the erasure of people in one scope: their erase ops, and whole ops of
 * all sheets in which their marks lie, without these, in one batch, so that one verdict
 * counts for both (DESIGN 4.2, SECURITY 10). The same for sheets that came late: then the
 * erase op is repeated, which is harmless and lets the server wipe its log. */
#ifndef CLIENT_SYNC_BURIAL_H
#define CLIENT_SYNC_BURIAL_H

#include "client/laptop/records.h"

/* People of one burial: one batch takes that many. */
enum { BURIAL_PEOPLE_MAX = 64 };

struct burial {
	int64_t scope;
	size_t n_people; /* 0: only sheets that came late */
	const struct person_key *people;
};

/* Seals it, in a transaction of its own; nothing may be dirty in the scope that another
 * command wrote (outbox_seal first). From then on nobody is shown anything of them here;
 * their history, and what undo would need, is gone. The base goes once the server says
 * that the grave stands (inbox.h).
 *
 * A scope without a place in the log is left alone. *left: sheets that did not fit into
 * the batch; they are noted (sweep.h) as soon as the grave stands. May be NULL. */
status burial_seal(struct laptop *l, const struct burial *b, size_t *left);

/* A batch was refused for good: graves that only it dug are none. Inside a transaction.
 */
status burial_refused(struct laptop *l, int64_t pending);

/* Is anything of the person known in the scope: a record, or marks in a sheet? */
status burial_finds(struct laptop *l, int64_t scope, struct person_key person, bool *out);
/* Is there a grave of him, and since when does it stand at the server? */
struct burial_state {
	bool is_known;
	bool stands;
	uint64_t head, at_s; /* of the pull that said so; 0: before this was noted */
};
status burial_state(
    struct laptop *l, int64_t scope, struct person_key person, struct burial_state *out);

#endif
