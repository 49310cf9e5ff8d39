/* verify.h - is what a set of space files holds whole and true? Every page; the
 * membership logs link by link with their signatures; box lists and boxes against the
 * hashes in the records; every batch's id, signature and running hash; and what lives
 * against what the batches say. Stops at the first damage. */
#ifndef SERVER_VERIFY_H
#define SERVER_VERIFY_H

#include "base/ids.h"
#include "base/status.h"
#include "core/log_record.h"

/* A gap is no damage: batches that a laptop's later ones follow, and that are not here.
 * After a restore nobody brought them back; else that laptop's were refused. */
struct verify_gap {
	struct verify_gap *next;
	struct member_code member;
	struct device_id device;
	uint16_t scope;
	uint64_t n_missing; /* at least */
	uint64_t lsn;       /* first batch that follows one of them */
};

struct verify_figures {
	uint64_t records;
	uint64_t boxes;
	uint64_t batches;
	uint64_t live_ops;
	/* Batches that cite a record which is younger than the copy of that log: nothing
	 * can be said of them. 0 unless the files were copied while the server ran. */
	uint64_t younger;
	struct verify_gap *gaps; /* for the call */
};

/* folder: with NET.db and all countries' files. only: content of this space alone ("SK"),
 * NULL = of all; the logs are always read. told: called for each space that is whole.
 * ST_CORRUPT and the like name space, place and fault. */
status verify_folder(const char *folder, const struct network_id *network,
    const char *only,
    void (*told)(void *ctx, const char *space, const struct verify_figures *f), void *ctx,
    struct trouble *t);

#endif
