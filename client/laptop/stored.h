/* stored.h - entries as they lie in the replica's own rows (dirty entries, history). Not
 * a wire format: only this laptop reads it. Pure. */
#ifndef CLIENT_LAPTOP_STORED_H
#define CLIENT_LAPTOP_STORED_H

#include "base/arena.h"
#include "core/record.h"

/* Bytes of an entry; NULL bytes when memory is out. */
struct span stored_entry(const struct entry *e, struct arena *a);
/* out borrows from the blob. ST_CORRUPT. */
status stored_entry_read(struct span blob, struct entry *out, struct trouble *t);

struct span stored_seen(const struct seen_names *seen, size_t n, struct arena *a);
status stored_seen_read(struct span blob, struct arena *a, const struct seen_names **seen,
    size_t *n, struct trouble *t);

#endif
