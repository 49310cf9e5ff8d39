/* store_sqlite.h - the store on SQLite: one file per space, one writer thread per file,
 * group commit (DESIGN 6, PERFORMANCE 3.3). */
#ifndef STORE_STORE_SQLITE_H
#define STORE_STORE_SQLITE_H

#include "store/store.h"

struct uv_loop_s;

struct store_sqlite_config {
	const char *path; /* the space's file; its folder must exist */
	const char *vfs;  /* NULL = scrub_vfs() */
	bool may_create;
	struct store_epoch epoch; /* random, for a new file; an old one keeps its own */
	const struct checks *checks; /* hashes; borrowed for the store's life */
	int cache_kib;               /* page cache; 0 = 2048 */
	struct uv_loop_s *loop;      /* NULL: serial, no thread; see store_pump */
};

/* Opens on the calling thread. Errors as db_open (db.h). */
status store_sqlite_open(
    struct store **out, const struct store_sqlite_config *config, struct trouble *t);

#endif
