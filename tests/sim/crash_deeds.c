/* crash_deeds.c - what laptops do to their file: first creation, commits, checkpoints,
 * spill, VACUUM, migration, a new page key, and a rollback journal. */
#include "crash.h"

#include "store/sealed_vfs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define TABLES                                                                           \
	"CREATE TABLE t(n INTEGER PRIMARY KEY, v INTEGER NOT NULL, b BLOB NOT NULL);"    \
	"CREATE INDEX t_v ON t(v);"                                                      \
	"CREATE TABLE last(id INTEGER PRIMARY KEY, n INTEGER NOT NULL);"                 \
	"INSERT INTO last VALUES(1, 0);"

static const struct migration steps[] = {
    {1, TABLES},
    {2, "ALTER TABLE t ADD COLUMN w INTEGER; UPDATE t SET w = v * 2;"},
    {3, "CREATE TABLE other(n INTEGER PRIMARY KEY, b BLOB);"
	"INSERT INTO other SELECT n, b FROM t; CREATE INDEX t_w ON t(w);"},
};

static status
sync_folder(const char *path, struct trouble *t)
{
	sqlite3_vfs *v = sqlite3_vfs_find("disk");

	(void)path;
	(void)t;
	disk_sync_folder(v->pAppData);
	return ST_OK;
}

/* `disk` may be any of several: the one that is registered by that name. */
status
crash_open(struct run *r, const char *vfs, int version, int cache_kib, struct db **out,
    struct trouble *t)
{
	const struct db_config c = {.path = "a.db",
	    .vfs = vfs,
	    .may_create = true,
	    .cache_kib = cache_kib,
	    .reserve_bytes = SEALED_RESERVE_BYTES,
	    .application_id = 7,
	    .migrations = steps,
	    .n_migrations = (size_t)version,
	    .sync_folder = sync_folder};

	(void)r;
	return db_open(out, &c, t);
}

bool
crash_digest(sqlite3 *h, char out[static DIGEST_BYTES])
{
	sqlite3_stmt *s = NULL;
	bool is_good = false;

	out[0] = '\0';
	if (sqlite3_prepare_v2(h,
		"SELECT (SELECT n FROM last) || ' ' || count(*) || ' ' || "
		"ifnull(sum(n * v), 0) || ' ' || ifnull(sum(length(b) * (n % 97)), 0) "
		"FROM t",
		-1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW) {
		(void)snprintf(out, DIGEST_BYTES, "%s", sqlite3_column_text(s, 0));
		is_good = true;
	}
	sqlite3_finalize(s);
	return is_good;
}

int
crash_last(sqlite3 *h)
{
	sqlite3_stmt *s = NULL;
	int n = 0;

	if (sqlite3_prepare_v2(h, "SELECT n FROM last", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return n;
}

/* Without injected faults nothing may fail. */
static void
failed(struct run *r, const char *what, const char *why)
{
	if (r->on_fault != NULL)
		longjmp(*r->on_fault, 1);
	(void)fprintf(stderr, "%s: %s\n", what, why);
	abort();
}

static void
must(struct run *r, sqlite3 *h, const char *sql)
{
	if (sqlite3_exec(h, sql, NULL, NULL, NULL) != SQLITE_OK)
		failed(r, sql, sqlite3_errmsg(h));
}

void
crash_let_go(struct run *r)
{
	db_close(r->db);
	(void)sqlite3_close(r->h);
	r->db = NULL;
	r->h = NULL;
}

/* Transaction number n: rows come, change and go; `rows` of them are written. */
static void
write_rows(struct run *r, sqlite3 *h, int n, int rows)
{
	char sql[512];

	(void)snprintf(sql, sizeof sql,
	    "BEGIN IMMEDIATE; WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
	    "FROM c WHERE i < %d) INSERT INTO t(n, v, b) SELECT %d + i, (i * 7919) %% "
	    "1000, zeroblob(300 + i %% 50) FROM c;"
	    "UPDATE t SET v = v + %d WHERE n %% 5 = %d;"
	    "DELETE FROM t WHERE n %% 11 = %d; UPDATE last SET n = %d; COMMIT",
	    rows, n * 1000, n, n % 5, n % 11, n);
	must(r, h, sql);
}

static void
acknowledge(struct run *r, int n)
{
	assert(r->n_acks < DEEDS_MAX);
	r->acks[r->n_acks++] = (struct ack){r->disk->n_steps, n};
}

static void
transact(struct run *r, sqlite3 *h, int rows)
{
	int n = ++r->n_done;

	assert(n < DEEDS_MAX);
	write_rows(r, h, n, rows);
	if (r->on_fault == NULL)
		(void)crash_digest(h, r->digest[n]);
	acknowledge(r, n);
}

static sqlite3 *
open_db(struct run *r, int version, int cache_kib)
{
	struct trouble t = {0};

	if (crash_open(r, r->vfs, version, cache_kib, &r->db, &t) != ST_OK)
		failed(r, "open", t.text);
	if (r->n_done == 0 && r->on_fault == NULL)
		(void)crash_digest(db_handle(r->db), r->digest[0]);
	return db_handle(r->db);
}

/* Without the settings of db_open. */
static sqlite3 *
open_raw(struct run *r, const char *path, const char *vfs)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
	int reserve = SEALED_RESERVE_BYTES;

	if (sqlite3_open_v2(path, &r->h, flags, vfs) != SQLITE_OK)
		failed(r, "open", sqlite3_errmsg(r->h));
	(void)sqlite3_file_control(r->h, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
	return r->h;
}

static void
prepare_nothing(struct run *r)
{
	(void)r;
}

static void
prepare_rows(struct run *r)
{
	sqlite3 *h = open_db(r, 1, 0);

	for (int i = 0; i < 3; i++)
		transact(r, h, 20);
	crash_let_go(r);
}

static void
act_first(struct run *r)
{
	sqlite3 *h = open_db(r, 1, 0);

	acknowledge(r, 0);
	for (int i = 0; i < 4; i++)
		transact(r, h, 2);
	crash_let_go(r);
}

static void
act_commits(struct run *r)
{
	sqlite3 *h = open_db(r, 1, 0);

	for (int i = 0; i < 8; i++)
		transact(r, h, 1 + i * 3);
	crash_let_go(r);
}

/* Several generations of the WAL, cut to nothing and overwritten. */
static void
act_checkpoints(struct run *r)
{
	sqlite3 *h = open_db(r, 1, 0);

	for (int i = 0; i < 6; i++) {
		transact(r, h, 4);
		if (i % 3 == 1)
			(void)db_checkpoint(r->db, NULL);
		if (i % 3 == 2)
			must(r, h, "PRAGMA wal_checkpoint(RESTART)");
	}
	crash_let_go(r);
}

static void
act_spill(struct run *r)
{
	sqlite3 *h = open_db(r, 1, 20); /* 5 pages */

	for (int i = 0; i < 2; i++)
		transact(r, h, 150);
	crash_let_go(r);
}

static void
act_vacuum(struct run *r)
{
	sqlite3 *h = open_db(r, 1, 0);

	transact(r, h, 30);
	must(r, h, "VACUUM");
	transact(r, h, 3);
	crash_let_go(r);
}

static void
act_migrate(struct run *r)
{
	sqlite3 *h = open_db(r, 3, 0);

	transact(r, h, 3);
	crash_let_go(r);
}

/* The old file is closed, so that it has no log; the copy is whole before it takes the
 * name. */
static void
act_new_key(struct run *r)
{
	sqlite3 *h = open_db(r, 1, 0);
	sqlite3_file *f = NULL;

	transact(r, h, 5);
	crash_let_go(r);
	h = open_raw(r, "a.db", r->vfs);
	must(r, h,
	    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=EXTRA;"
	    "PRAGMA temp_store=MEMORY; BEGIN IMMEDIATE; COMMIT;"
	    "VACUUM INTO 'file:b.db?vfs=new key'");
	crash_let_go(r);
	h = open_raw(r, "b.db", "new key");
	(void)sqlite3_file_control(h, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&f);
	if (f->pMethods->xSync(f, SQLITE_SYNC_NORMAL) != SQLITE_OK) /* as fsync would */
		failed(r, "sync", "");
	crash_let_go(r);
	disk_sync_folder(r->disk);
	disk_rename(r->disk, "b.db", "a.db");
	disk_sync_folder(r->disk);
	r->vfs = "new key";
	h = open_db(r, 1, 0);
	transact(r, h, 2);
	crash_let_go(r);
}

/* A rollback journal, kept between transactions or removed, with a cache that spills. */
static void
act_journal(struct run *r)
{
	static const char *const modes[] = {"DELETE", "TRUNCATE", "PERSIST"};
	char sql[200];
	for (size_t i = 0; i < 3; i++) {
		sqlite3 *h = open_raw(r, "a.db", r->vfs);

		(void)snprintf(sql, sizeof sql,
		    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=EXTRA;"
		    "PRAGMA temp_store=MEMORY; PRAGMA journal_mode=%s; PRAGMA "
		    "cache_size=5",
		    modes[i]);
		must(r, h, sql);
		transact(r, h, 3);
		transact(r, h, 40);
		crash_let_go(r);
	}
}

/* The checker's own check: nothing is forced to the disk. */
static void
act_never_synced(struct run *r)
{
	sqlite3 *h = open_db(r, 1, 20);

	must(r, h, "PRAGMA synchronous=OFF");
	for (int i = 0; i < 3; i++) {
		transact(r, h, 60);
		(void)db_checkpoint(r->db, NULL);
	}
	crash_let_go(r);
}

/* The same for the order of the settings: FULL when the WAL is entered, EXTRA after it,
 * and nobody syncs the folder. The journal of the switch is removed for good only in the
 * model where removing needs no sync. */
static void
act_late_extra(struct run *r)
{
	sqlite3 *h = open_raw(r, "a.db", r->vfs);

	must(r, h,
	    "PRAGMA page_size=4096; PRAGMA synchronous=FULL;"
	    "PRAGMA journal_mode=DELETE;"
	    "PRAGMA application_id=7; PRAGMA temp_store=MEMORY; BEGIN IMMEDIATE;" TABLES
	    "CREATE TABLE stamp(id INTEGER PRIMARY KEY CHECK(id = 1), program TEXT NOT "
	    "NULL); PRAGMA user_version=1; COMMIT;"
	    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
	    "PRAGMA synchronous=EXTRA");
	(void)crash_digest(h, r->digest[0]);
	for (int i = 0; i < 4; i++)
		transact(r, h, 2);
	crash_let_go(r);
}

const struct deed deeds[] = {
    {"first", prepare_nothing, act_first, 1},
    {"commits", prepare_rows, act_commits, 1},
    {"checkpoints", prepare_rows, act_checkpoints, 1},
    {"spill", prepare_rows, act_spill, 1},
    {"vacuum", prepare_rows, act_vacuum, 1},
    {"migrate", prepare_rows, act_migrate, 3},
    {"new key", prepare_rows, act_new_key, 1},
    {"journal", prepare_rows, act_journal, 1},
};
const size_t n_deeds = sizeof deeds / sizeof deeds[0];

const struct deed canaries[] = {
    {"never synced", prepare_rows, act_never_synced, 1},
    {"late EXTRA", prepare_nothing, act_late_extra, 1},
};
const size_t n_canaries = sizeof canaries / sizeof canaries[0];
