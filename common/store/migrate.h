/* migrate.h - brings the schema of an open file up to date: PRAGMA user_version names the
 * last step that ran (DESIGN 6). */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/db.h"

/* Runs the steps above the file's version, all in one transaction: the file is at the old
 * version or at the newest, never between. Steps are numbered 1, 2, 3... (asserted).
 * ST_VERSION when the file is newer than the last step: it is left untouched. */
status migrate_up(
    struct db *d, const struct migration *steps, size_t n, struct trouble *t);

#endif
