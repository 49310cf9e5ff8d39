/* space_file.h - the file of a space that nobody writes (a copy, a backup), row by row,
 * for checking it: what its rows must say of each other, and all that it holds for those
 * who can check hashes and signatures (server/verify.h). Nothing is written beside it. */
#ifndef STORE_SPACE_FILE_H
#define STORE_SPACE_FILE_H

#include "store/store.h"

struct space_file;

/* A whole file without a log beside it, as store_copy makes it. ST_NOT_FOUND, ST_CORRUPT,
 * ST_VERSION: another program's. */
status space_file_open(struct space_file **out, const char *path, struct trouble *t);
void space_file_close(struct space_file *f); /* NULL is legal */

/* Reads every page, free ones too. ST_CORRUPT tells the first fault. */
status space_file_check_pages(struct space_file *f, struct trouble *t);
/* What the rows say of each other: counts, graves, deaths, gaps. ST_CORRUPT names the
 * first that does not hold, and where. */
status space_file_check_rows(struct space_file *f, struct trouble *t);

/* Visitors; a status other than ST_OK ends the walk and is returned from it. What they
 * get lives for the visit. */
typedef status visit_file_record(
    void *ctx, const struct store_log_record *r, struct trouble *t);
status space_file_each_record(
    struct space_file *f, visit_file_record *visit, void *ctx, struct trouble *t);

typedef status visit_file_list(
    void *ctx, const struct store_box_list *l, struct trouble *t);
/* position: of one record. */
status space_file_each_list(struct space_file *f, uint16_t position,
    visit_file_list *visit, void *ctx, struct trouble *t);

typedef status visit_file_box(void *ctx, const struct store_box *b, struct trouble *t);
/* By position; without those that devices made for themselves. */
status space_file_each_box(
    struct space_file *f, visit_file_box *visit, void *ctx, struct trouble *t);

/* A batch with what its columns say of its ops beside what its bytes will say. */
struct file_op {
	bool is_live;
	uint16_t scope;
	enum retention retention; /* of a live op */
	struct tag record;        /* zero if it is not live */
	bool has_subject;
	struct tag subject;
};
struct file_batch {
	struct store_row
	    row;             /* as store_pull tells it; header empty if nothing is kept */
	struct hash32 chain; /* running hash, as stored */
	const struct file_op *ops; /* row.batch.n_ops of them */
};
typedef status visit_file_batch(void *ctx, const struct file_batch *b, struct trouble *t);
/* By lsn. */
status space_file_each_batch(
    struct space_file *f, visit_file_batch *visit, void *ctx, struct trouble *t);

/* Batches of one incarnation in one scope that follow batches which are not here, not
 * even by name. A store that only ever grew has such a gap where a laptop's batch was
 * refused; one that was restored, also where nobody brought a batch back. What came after
 * the last batch that is here leaves no gap. */
struct file_gap {
	struct author author;
	uint16_t scope;
	uint64_t n_missing; /* different batches that are followed: at least so many */
	uint64_t lsn;       /* first batch here that follows one of them */
};
typedef status visit_file_gap(void *ctx, const struct file_gap *g, struct trouble *t);
/* By author and scope. A batch of which nothing lives tells no longer what it follows. */
status space_file_each_gap(
    struct space_file *f, visit_file_gap *visit, void *ctx, struct trouble *t);

/* Is the op that the dot names live here, with that scope and record? An audit op is
 * never superseded and so is never told. */
status space_file_dot_lives(struct space_file *f, const struct dot *dot, uint16_t scope,
    const struct tag *record, bool *lives, struct trouble *t);

#endif
