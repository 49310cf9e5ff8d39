/* replica.h - the SQLite database of a laptop: its file and its tables.
 *
 * Two families: r_* hold what syncs (replica_schema.h), and for each record kind of
 * the schema a typed table with the values that are shown, so that anyone can query
 * attendance with SQL (DESIGN 4.4):
 *	<kind>(rid, record, scope, <a column per field>)
 *	<kind>_<field>(rid, person, value, siblings)   for fields that are maps
 * rid is r_record.id, record the 16-byte name, scope r_scope.id, person the map key. */
#ifndef STORE_REPLICA_H
#define STORE_REPLICA_H

#include "core/schema.h"
#include "store/query.h"

/* Opens path, made with mode 0600 when may_create. Statuses as db_open().
 * vfs  registered with sealed_vfs_register(); NULL = a plain file */
status replica_open(struct db **out, const char *path, const char *vfs, bool may_create,
    struct trouble *t);

/* A newer program's schema has kinds and fields that this replica was not made with:
 * adds their tables and columns. Called by replica_open. */
status replica_match_schema(struct db *d, struct trouble *t);

#endif
