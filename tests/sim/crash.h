/* crash.h - the deeds whose every write is a crash point. */
#ifndef TESTS_SIM_CRASH_H
#define TESTS_SIM_CRASH_H

#include <setjmp.h>

#include "crash_disk.h"
#include "store/db.h"

enum { DEEDS_MAX = 64, DIGEST_BYTES = 64 };

/* What a run promised: after `step` steps of the trace, transaction `number` was
 * acknowledged. */
struct ack {
	size_t step;
	int number;
};

struct run {
	struct disk *disk;
	const char *vfs; /* the sealed one over the disk */
	struct ack acks[DEEDS_MAX];
	int n_acks;
	/* What the tables say after transaction i; 0 = the empty file. */
	char digest[DEEDS_MAX][DIGEST_BYTES];
	int n_done;
	/* Under injected faults: where a failed call goes, and what it left open. The
	 * digests are then those of a run without faults. */
	jmp_buf *on_fault;
	struct db *db;
	sqlite3 *h;
};

/* Prepares the disk, then does the deed under trace. */
struct deed {
	const char *name;
	void (*prepare)(struct run *r);
	void (*act)(struct run *r);
	int version; /* of the schema after it */
};

extern const struct deed deeds[];
extern const size_t n_deeds;
/* Deeds with a known fault, which the checker must find. */
extern const struct deed canaries[];
extern const size_t n_canaries;

status crash_open(struct run *r, const char *vfs, int version, int cache_kib,
    struct db **out, struct trouble *t);
/* Closes what a deed has open. */
void crash_let_go(struct run *r);
/* What the tables hold, in one line; false when they cannot be read. */
bool crash_digest(sqlite3 *h, char out[static DIGEST_BYTES]);
/* The last transaction that the file holds; 0 without a table. */
int crash_last(sqlite3 *h);

#endif
