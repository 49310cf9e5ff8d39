/* replica_check.h - is a replica whole? Reads what no query reads, too. */
#ifndef STORE_REPLICA_CHECK_H
#define STORE_REPLICA_CHECK_H

#include "store/db.h"

enum { REPLICA_BAD_MAX = 8, REPLICA_SAYS_BYTES = 160 };

struct replica_health {
	uint64_t pages, free_pages;
	uint64_t n_bad;                /* pages that do not read */
	uint64_t bad[REPLICA_BAD_MAX]; /* the first of them, page 1 being the first */
	/* What SQLite's own check says first; "" when it finds nothing. */
	char says[REPLICA_SAYS_BYTES];
};

/* Moves the log into the file, then reads every page of the file, those that are free as
 * well (integrity_check does not), then SQLite's integrity_check. A damaged page is no
 * failure: out tells. ST_IO, ST_NO_MEMORY when it cannot look. */
status replica_check(struct db *d, struct replica_health *out, struct trouble *t);

#endif
