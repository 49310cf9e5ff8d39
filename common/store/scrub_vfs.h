/* scrub_vfs.h - an SQLite VFS over the system's, which wipes what SQLite leaves behind.
 *
 * secure_delete zeroes what a row leaves when it is deleted, but not what it leaves when
 * it moves: pages that are rebalanced keep the bytes of moved rows in their unused
 * middle, and a row erased later would survive there. This VFS zeroes the unused middle
 * of every b-tree page on its way into the main file. Journals pass as they are; a
 * TRUNCATE checkpoint empties them (SECURITY 10). A log is synced, with its folder, when
 * it is made, and not at the first sync of each opening. */
#ifndef STORE_SCRUB_VFS_H
#define STORE_SCRUB_VFS_H

#include "base/bytes.h"

#include <sqlite3.h>

/* Zeroes the bytes between the cell pointers and the cells of a b-tree page; leaves any
 * other page alone. header_at: 100 on the first page of a file, else 0. usable: bytes
 * without the reserved end. */
void scrub_page(uint8_t *page, size_t usable, size_t header_at);

/* Opens a WAL through VFS real, for a VFS that stands over it: the system's syncs the
 * folder at the first sync of every log that it may create, one more for each command of
 * a laptop. Here a log that has content was synced with its folder when it was made, and
 * is opened as what it is: a file that exists. */
int vfs_open_log(
    sqlite3_vfs *real, const char *name, sqlite3_file *f, int flags, int *out);

/* Registers the VFS once and returns its name. NULL when there is no VFS to stand on. */
const char *scrub_vfs(void);

#endif
