/* db.h - the one way to open an SQLite file, for server and client alike (DESIGN 6).
 *
 * db_open settles, in this order, what durability and privacy rest on (RELIABILITY 1):
 * exclusive locking and synchronous=EXTRA before journal_mode=WAL, so that the WAL index
 * lives on the heap and no -shm file exists; secure_delete, foreign keys, no trusted
 * schema, temp in memory, no "double quoted" strings, no extensions; then a stamp row and
 * an fsync of the directory when the file is new, a checkpoint of what a crash left in
 * the WAL, and the migrations. (The checkpoint: frames whose sync failed once may be
 * readable and yet not on the disk. Copied into the file they are synced as new writes.)
 *
 * Invariants
 * 1. A handle has one owner, who uses it from one thread.
 * 2. After the first failed write or sync of a commit the handle is broken: every further
 *    call returns ST_IO. Nothing is retried; close, and open again (SQLite then
 * recovers).
 * 3. A statement of the cache is reset before it is handed out and after db_run. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/bytes.h"
#include "base/status.h"

#include <sqlite3.h>

struct db;

/* One step of a schema (migrate.h). Steps are append-only: version 1, 2, 3... */
struct migration {
	int version;
	const char *sql;
};

struct db_config {
	const char *path;        /* file; its folder must exist */
	const char *vfs;         /* registered name; NULL = the system's */
	bool may_create;         /* else ST_NOT_FOUND when there is no file */
	int cache_kib;           /* page cache; 0 = 2048 */
	int reserve_bytes;       /* of each page, for a sealing VFS; 0 for plain files */
	uint32_t application_id; /* says whose file this is; another one is ST_VERSION */
	const struct migration *migrations;
	size_t n_migrations;
	const char *const *sql; /* statements of db_stmt, by number; static storage */
	size_t n_sql;
	/* The write-ahead log stays from one opening to the next, so that opening and
	 * closing cost no disk sync: for a file that short commands open. A closing or
	 * an opening that finds more than a hundred pages of it moves them into the file
	 * and leaves it empty. */
	bool keeps_log;
	/* Makes the entry of a new file durable; NULL = fsync of the folder. For a VFS
	 * that is no file system (crash tests). */
	status (*sync_folder)(const char *path, struct trouble *t);
};

/* Opens or creates the file.
 * ST_BUSY       another process or handle has it open; the text names the process
 * ST_NOT_FOUND  no such file, and may_create is false
 * ST_VERSION    another program's file, or written by a newer version
 * ST_CORRUPT, ST_IO, ST_FULL, ST_NO_MEMORY  as they say */
status db_open(struct db **out, const struct db_config *config, struct trouble *t);
/* Closes; a last transaction that is still open is rolled back. NULL is legal. */
void db_close(struct db *d);

/* Writers always begin IMMEDIATE: a deferred transaction that reads first and writes
 * later gets BUSY at once. Transactions do not nest. */
status db_begin(struct db *d, struct trouble *t);
/* Durable when it returns ST_OK. On any failure nothing of the transaction remains, or,
 * when the disk failed, it is unknown whether it does (db_is_broken). */
status db_commit(struct db *d, struct trouble *t);
/* The commits between these two are not forced to the disk: a power cut may lose them,
 * and nothing else; the next durable commit makes them durable too. For notes that are
 * not worth a disk sync. Outside of transactions. */
status db_relax(struct db *d, struct trouble *t);
status db_unrelax(struct db *d, struct trouble *t);
/* For work that goes over most of the file, from now on: a page cache of so many KiB, and
 * a log of so many pages before it is moved into the file; 0 = as the file was opened.
 * Behind a sealing VFS a page that is read again is opened again, and one that is moved
 * again sealed again. ST_IO. */
status db_widen(struct db *d, int cache_kib, int log_pages, struct trouble *t);
void db_rollback(struct db *d); /* legal without a transaction */
bool db_in_transaction(const struct db *d);
bool db_is_broken(const struct db *d); /* invariant 2 */

/* Statement number `which` of the config's table, ready to bind; owned by d. */
status db_stmt(struct db *d, size_t which, sqlite3_stmt **out, struct trouble *t);
/* Steps once; *has_row says whether a row is there to be read. */
status db_step(struct db *d, sqlite3_stmt *s, bool *has_row, struct trouble *t);
/* Steps to the end, ignoring rows, and resets. */
status db_run(struct db *d, sqlite3_stmt *s, struct trouble *t);
/* One or more statements of text without parameters. */
status db_exec(struct db *d, const char *sql, struct trouble *t);
/* First column of the first row as a number; ST_NOT_FOUND without a row. */
status db_number(struct db *d, const char *sql, int64_t *out, struct trouble *t);

/* Copies the WAL into the file and cuts it to nothing, so that bytes replaced or erased
 * are in no file any more (DESIGN 4.3, SECURITY 10). ST_BUSY when a reader blocks it. */
status db_checkpoint(struct db *d, struct trouble *t);

/* The failed call's status and text from SQLite's result code; marks d broken where
 * invariant 2 asks for it. what: the deed that failed ("append to the log"). */
status db_fail(struct db *d, int rc, const char *what, struct trouble *t);
/* ST_OK, ST_BUSY, ST_FULL, ST_CORRUPT, ST_IO, ST_NO_MEMORY, ... of an SQLite code. */
status db_status_of(int rc);

/* For queries that are made at run time (tables from the schema), and for tests. */
sqlite3 *db_handle(struct db *d);

/* Binding. Positions count from 1. Blobs and texts are borrowed until the statement is
 * reset or stepped to its end; an empty span is an empty blob, never NULL. Integers are
 * below 2^63: SQLite has no unsigned 64 bits. A failed bind shows at the next step. */
void db_bind_u64(sqlite3_stmt *s, int at, uint64_t n);
void db_bind_blob(sqlite3_stmt *s, int at, struct span blob);
void db_bind_text(sqlite3_stmt *s, int at, const char *text); /* NULL = SQL NULL */
#define DB_BIND_ID(s, at, id)                                                            \
	db_bind_blob((s), (at), span_of((id)->bytes, sizeof(id)->bytes))

/* Reading the present row; columns count from 0. Spans live until the next step or reset.
 */
uint64_t db_column_u64(sqlite3_stmt *s, int column);
struct span db_column_blob(sqlite3_stmt *s, int column);
/* Copies a blob of exactly len bytes; ST_CORRUPT if it has another length. */
status db_column_copy(
    sqlite3_stmt *s, int column, void *out, size_t len, struct trouble *t);
#define DB_COLUMN_ID(s, column, id, t)                                                   \
	db_column_copy((s), (column), (id)->bytes, sizeof(id)->bytes, (t))

#endif
