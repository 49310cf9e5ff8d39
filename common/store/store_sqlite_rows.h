/* store_sqlite_rows.h - what the files of the SQLite engine share. */
#ifndef STORE_STORE_SQLITE_ROWS_H
#define STORE_STORE_SQLITE_ROWS_H

#include "store/db.h"
#include "store/store_engine.h"

/* The end of the space as of the open transaction, read once and kept up. */
struct tail {
	uint64_t head;
	struct hash32 chain;
	struct store_log_head log;
	struct store_epoch epoch;
	uint64_t horizon;
	uint64_t live_ops;
	uint64_t live_bytes;
};

struct sqlite_store {
	struct db *db;
	const struct checks *checks;
	struct db_config config; /* to open again; path and vfs owned */
	struct store_epoch first_epoch;
	struct tail now;            /* in the open transaction */
	struct tail stored;         /* as of the last commit */
	struct sqlite_stage *stage; /* of the join under way */
	struct sqlite_copy *copy;   /* not finished; NULL = none */
};

static inline uint64_t
key_of(struct op_place at)
{
	return at.lsn << 8 | at.index;
}

static inline struct op_place
place_of(uint64_t key)
{
	return (struct op_place){key >> 8, (uint8_t)(key & 0xff)};
}

/* Steps a statement whose only question is whether there is a row; resets it. */
status sqlite_has_row(
    struct sqlite_store *s, sqlite3_stmt *stmt, bool *has, struct trouble *t);

/* Fill in the engine's functions of their file. */
void sqlite_merge_calls(struct merge_state *m, struct sqlite_store *s);
void sqlite_key_calls(struct store_engine *e);
void sqlite_stage_calls(struct store_engine *e);
void sqlite_copy_calls(struct store_engine *e);
/* Gives an unfinished copy up; before the file is closed. */
void sqlite_copy_end(struct sqlite_store *s);

#endif
