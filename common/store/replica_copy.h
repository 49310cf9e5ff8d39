/* replica_copy.h - writes a replica anew, through another VFS: from plain to sealed, or
 * under another page key. */
#ifndef STORE_REPLICA_COPY_H
#define STORE_REPLICA_COPY_H

#include "base/status.h"

/* Copies what `from` holds into the new file `to`, which must not exist, and proves the
 * copy: it is sound, and each table has as many rows. Both names of VFS as for db_open,
 * NULL = the system's; reserve_bytes: of each page of the copy.
 * When it returns ST_OK the copy is on the disk (not yet its name: the folder is the
 * caller's to sync), nothing of `from` is in its log only, and both are closed. Nobody
 * may open `from` until the caller is done. ST_BUSY: somebody has it open; ST_CORRUPT,
 * ST_IO, ST_FULL, ST_NO_MEMORY. */
status replica_copy(const char *from, const char *from_vfs, const char *to,
    const char *to_vfs, int reserve_bytes, struct trouble *t);

#endif
