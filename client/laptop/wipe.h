/* wipe.h - takes what is stored of an erased person in one scope off this laptop (DESIGN
 * 4.2, SECURITY 10). His records are known by their person, his marks by their map key:
 * both give the subject tag of the grave. All inside a transaction. */
#ifndef CLIENT_LAPTOP_WIPE_H
#define CLIENT_LAPTOP_WIPE_H

#include "client/laptop/records.h"

enum wipe_depth {
	WIPE_PAST, /* local history and what undo would need: nothing brings it back */
	WIPE_ALL   /* base ops and unsealed entries too: the grave stands at the server */
};

/* Pending batches are outbox_drop_erased()'s; the typed tables follow when the records
 * are shown anew. */
status wipe_person(
    struct laptop *l, int64_t scope, const struct tag *subject, enum wipe_depth depth);
/* The rows that name his records, once nothing hangs on them: also the pid goes. */
status wipe_names(struct laptop *l, int64_t scope, const struct tag *subject);

/* Reads the tag key of a scope; wipe it after use. */
status wipe_tag_key(struct laptop *l, int64_t scope, struct tag_key *out);

#endif
