/* aside.h - a guest's own changes that were not sent when his access ended. The keys of
 * the scope and all names and marks of others go (logs_leave.c); what he wrote himself is
 * set aside, entry by entry under the names it was given, so that it counts once however
 * it gets there. When the scope's keys come back, by a new GRANT, it waits to be sent as
 * if it had just been saved. Of an erased person it goes with the grave (wipe.c).
 *
 * Texts are not set aside: their characters hang on those of others. */
#ifndef CLIENT_ASIDE_H
#define CLIENT_ASIDE_H

#include "client/records.h"

/* Copies what is unsent of a scope whose keys are still here; n_kept: changes set aside,
 * n_lost: changed texts, which are not; both are added to. Needs a transaction, which
 * forgets the scope next. */
status aside_keep(struct laptop *l, int64_t scope, uint64_t *n_kept, uint64_t *n_lost);
/* Writes again what is set aside of scopes that are here once more. A transaction of its
 * own, if there is any. */
status aside_return(struct laptop *l);

/* Changes set aside of one activity; in the laptop's arena. */
struct aside_place {
	const char *place; /* "SK-W9" */
	uint64_t changes;
};
status aside_list(struct laptop *l, struct aside_place **out, size_t *n);
/* Deletes all that is set aside. A transaction of its own. */
status aside_drop(struct laptop *l, uint64_t *n_changes);

#endif
