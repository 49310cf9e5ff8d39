/* drafts.h - what an editor was given to write in, edit-CODE.txt in the laptop's folder,
 * and the copies that editors leave beside it: edit-CODE.txt~, .edit-CODE.txt.swp,
 * #edit-CODE.txt#. They are the only words of a laptop that lie on its disk in clear. */
#ifndef CLIENT_LAPTOP_DRAFTS_H
#define CLIENT_LAPTOP_DRAFTS_H

#include <stddef.h>

#include "base/rng.h"
#include "base/status.h"

/* How many lie in the folder; 0 if it cannot be read. */
size_t drafts_count(const char *dir);
/* Overwrites and removes the draft of that name ("edit-SK-W9-TR.txt") with what an editor
 * left of it; name NULL: all. Goes on after a failure and tells of the first: ST_IO,
 * ST_FULL. */
status drafts_shred(
    const char *dir, const char *name, const struct rng *rng, struct trouble *t);

#endif
