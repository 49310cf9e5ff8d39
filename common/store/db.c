/* db.c - opens SQLite files with the settings of DESIGN 6, and maps its errors. */
#include "store/db.h"

#include "store/migrate.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
	CACHE_KIB = 2048,
	PAGE_BYTES = 4096,
	LOG_PAGES = 1000,      /* SQLite's own choice */
	LOG_GROWN_PAGES = 250, /* of a kept log: writing over it costs less than growth */
	LOG_KEPT_PAGES = 100   /* each opening has to read them */
};

struct db {
	sqlite3 *handle;
	const char *const *sql;
	size_t n_sql;
	sqlite3_stmt **cache; /* n_sql; NULL until first asked for */
	bool is_broken;
	bool keeps_log;
	int cache_kib;
	int log_pages;      /* checkpoint when the log is that long */
	bool is_committing; /* a failed write of a commit breaks the handle */
};

status
db_status_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ST_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ST_BUSY;
	case SQLITE_FULL:
	case SQLITE_TOOBIG:
		return ST_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ST_CORRUPT;
	case SQLITE_NOMEM:
		return ST_NO_MEMORY;
	case SQLITE_IOERR:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		if (rc == SQLITE_IOERR_DATA) /* a sealed page that does not open */
			return ST_CORRUPT;
		return rc == SQLITE_IOERR_NOMEM ? ST_NO_MEMORY : ST_IO;
	case SQLITE_CONSTRAINT:
		return ST_EXISTS;
	default:
		return ST_BUG;
	}
}

/* A failed sync says that Linux has thrown the pages away: a second one would succeed
 * falsely. The same holds for every I/O error while a commit is under way. */
static bool
breaks(const struct db *d, int rc)
{
	int extended = sqlite3_extended_errcode(d->handle);

	if ((rc & 0xff) != SQLITE_IOERR || rc == SQLITE_IOERR_NOMEM)
		return false;
	return d->is_committing || extended == SQLITE_IOERR_FSYNC ||
	       extended == SQLITE_IOERR_DIR_FSYNC;
}

status
db_fail(struct db *d, int rc, const char *what, struct trouble *t)
{
	status st = db_status_of(rc);

	assert(st != ST_OK);
	if (breaks(d, rc))
		d->is_broken = true;
	return trouble_set(t, st, "%s: %s (SQLite %d)", what, sqlite3_errmsg(d->handle),
	    sqlite3_extended_errcode(d->handle));
}

static status
refuse_broken(struct trouble *t)
{
	return trouble_set(t, ST_IO, "the file was given up after a failed write");
}

status
db_exec(struct db *d, const char *sql, struct trouble *t)
{
	int rc;

	if (d->is_broken)
		return refuse_broken(t);
	rc = sqlite3_exec(d->handle, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? ST_OK : db_fail(d, rc, "database", t);
}

status
db_number(struct db *d, const char *sql, int64_t *out, struct trouble *t)
{
	sqlite3_stmt *s = NULL;
	status st = ST_OK;
	int rc;

	if (d->is_broken)
		return refuse_broken(t);
	rc = sqlite3_prepare_v2(d->handle, sql, -1, &s, NULL);
	if (rc != SQLITE_OK)
		return db_fail(d, rc, "database", t);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(s, 0);
	else if (rc == SQLITE_DONE)
		st = trouble_set(t, ST_NOT_FOUND, "no row");
	else
		st = db_fail(d, rc, "database", t);
	sqlite3_finalize(s);
	return st;
}

/* The process that holds a POSIX lock on the file, or 0. /proc/locks is read because
 * asking with fcntl needs an open file, and closing it would drop this process's own
 * locks on it. */
static long
owner_of(const char *path)
{
	struct stat file;
	FILE *locks = NULL;
	char line[256];
	long owner = 0;

	if (stat(path, &file) != 0 || (locks = fopen("/proc/locks", "re")) == NULL)
		return 0;
	while (owner == 0 && fgets(line, sizeof line, locks) != NULL) {
		unsigned major_no, minor_no;
		unsigned long long inode;
		long pid;

		if (sscanf(line, "%*d: POSIX %*s %*s %ld %x:%x:%llu", &pid, &major_no,
			&minor_no, &inode) == 4 &&
		    inode == file.st_ino && major_no == major(file.st_dev) &&
		    minor_no == minor(file.st_dev))
			owner = pid;
	}
	fclose(locks);
	return owner;
}

static status
explain_busy(const char *path, struct trouble *t)
{
	long pid = owner_of(path);

	if (pid == (long)getpid())
		return trouble_set(
		    t, ST_BUSY, "%s is open in this process already", path);
	if (pid > 0)
		return trouble_set(t, ST_BUSY, "%s is in use by process %ld", path, pid);
	return trouble_set(t, ST_BUSY, "%s is in use by another process", path);
}

static status
sync_folder_of(const char *path, struct trouble *t)
{
	const char *slash = strrchr(path, '/');
	char folder[4096];
	int fd;
	int failed;

	if (slash == NULL)
		snprintf(folder, sizeof folder, ".");
	else
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return trouble_set(t, ST_IO, "folder %s: %s", folder, strerror(errno));
	failed = fsync(fd) == 0 ? 0 : errno;
	close(fd);
	if (failed != 0)
		return trouble_set(
		    t, ST_IO, "sync of folder %s: %s", folder, strerror(failed));
	return ST_OK;
}

/* Switches that are no pragma. */
static void
harden(sqlite3 *h)
{
	static const struct {
		int verb;
		int on;
	} switches[] = {
	    {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
	    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
	    {SQLITE_DBCONFIG_DQS_DML, 0},
	    {SQLITE_DBCONFIG_DQS_DDL, 0},
	    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
	    {SQLITE_DBCONFIG_DEFENSIVE, 1},
	};

	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
		sqlite3_db_config(h, switches[i].verb, switches[i].on, NULL);
	sqlite3_extended_result_codes(h, 1);
}

/* SQLite answers with the mode that it is in; an unfit VFS leaves it as it was. */
static status
enter_wal(struct db *d, struct trouble *t)
{
	sqlite3_stmt *s = NULL;
	status st = ST_OK;
	int rc = sqlite3_prepare_v2(d->handle, "PRAGMA journal_mode=WAL", -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc != SQLITE_ROW)
		st = db_fail(d, rc, "write-ahead log", t);
	else if (strcmp((const char *)sqlite3_column_text(s, 0), "wal") != 0)
		st = trouble_set(t, ST_IO, "no write-ahead log on this file system");
	sqlite3_finalize(s);
	return st;
}

/* Of the file, as the VFS tells it: what is behind the last commit counts too, since only
 * an empty log begins anew in the process that opens next. */
static bool
is_log_long(struct db *d)
{
	sqlite3_file *log = NULL;
	sqlite3_int64 bytes = 0;

	return sqlite3_file_control(
		   d->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
	       log != NULL && log->pMethods != NULL &&
	       log->pMethods->xFileSize(log, &bytes) == SQLITE_OK &&
	       bytes > (sqlite3_int64)LOG_KEPT_PAGES * PAGE_BYTES;
}

/* Opening reads the log that the last one left. It is emptied when it is long, and not
 * merely checkpointed: a process that commits once would read it whole, add to it and
 * checkpoint all of it, each time. */
static status
shorten_log(struct db *d, struct trouble *t)
{
	return is_log_long(d) ? db_checkpoint(d, t) : ST_OK;
}

static status
keep_log(struct db *d, struct trouble *t)
{
	status st;

	(void)sqlite3_db_config(
	    d->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	st = db_widen(d, 0, 0, t);
	return st == ST_OK ? shorten_log(d, t) : st;
}

/* Everything up to the WAL. The order is the point: see RELIABILITY 1. */
static status
settle(struct db *d, const struct db_config *c, struct trouble *t)
{
	char sql[400];
	status st;

	snprintf(sql, sizeof sql,
	    "PRAGMA locking_mode=EXCLUSIVE;"
	    "PRAGMA synchronous=EXTRA;"
	    "PRAGMA page_size=%d;"
	    "PRAGMA secure_delete=ON;"
	    "PRAGMA temp_store=MEMORY;"
	    "PRAGMA cache_size=-%d;"
	    "PRAGMA mmap_size=0;",
	    PAGE_BYTES, d->cache_kib);
	if (c->reserve_bytes > 0) {
		int reserve = c->reserve_bytes;

		sqlite3_file_control(
		    d->handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
	}
	st = db_exec(d, sql, t);
	return st == ST_OK ? enter_wal(d, t) : st;
}

/* The first commit of a new file: whose it is, and a row that proves that it is whole. */
static status
stamp(struct db *d, const struct db_config *c, struct trouble *t)
{
	char sql[256];
	status st = db_begin(d, t);

	if (st != ST_OK)
		return st;
	snprintf(sql, sizeof sql,
	    "CREATE TABLE stamp(id INTEGER PRIMARY KEY CHECK(id = 1), program TEXT NOT "
	    "NULL)"
	    " STRICT; INSERT INTO stamp VALUES(1, 'pnet');"
	    "PRAGMA application_id=%u",
	    (unsigned)(c->application_id & 0x7fffffff));
	st = db_exec(d, sql, t);
	if (st == ST_OK)
		st = db_commit(d, t);
	if (st != ST_OK)
		db_rollback(d);
	if (st == ST_OK)
		st = c->sync_folder != NULL ? c->sync_folder(c->path, t)
					    : sync_folder_of(c->path, t);
	return st;
}

/* Reads the stamp, which also takes the exclusive lock for as long as d is open. */
static status
check_stamp(struct db *d, const struct db_config *c, struct trouble *t)
{
	int64_t tables = 0;
	int64_t id = 0;
	status st = db_begin(d, t);

	if (st == ST_OK)
		st = db_number(d, "SELECT count(*) FROM sqlite_schema", &tables, t);
	if (st == ST_OK)
		st = db_number(d, "PRAGMA application_id", &id, t);
	db_rollback(d);
	if (st != ST_OK)
		return st;
	if (tables == 0 && id == 0)
		return stamp(d, c, t);
	if (id != (int64_t)(c->application_id & 0x7fffffff))
		return trouble_set(
		    t, ST_VERSION, "%s is a file of another program", c->path);
	return ST_OK;
}

static status
open_handle(struct db *d, const struct db_config *c, struct trouble *t)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		    (c->may_create ? SQLITE_OPEN_CREATE : 0);
	int rc = sqlite3_open_v2(c->path, &d->handle, flags, c->vfs);

	if (d->handle == NULL)
		return trouble_set(t, ST_NO_MEMORY, "open %s", c->path);
	if (rc == SQLITE_CANTOPEN && !c->may_create)
		return trouble_set(t, ST_NOT_FOUND, "there is no file %s", c->path);
	if (rc != SQLITE_OK) {
		db_fail(d, rc, "open", t);
		return trouble_wrap(t, "%s", c->path);
	}
	return ST_OK;
}

/* Before it is moved into the file, as long as nobody asks for more. */
static int
log_pages_of(const struct db *d)
{
	return d->keeps_log ? LOG_GROWN_PAGES : LOG_PAGES;
}

status
db_open(struct db **out, const struct db_config *c, struct trouble *t)
{
	struct db *d = calloc(1, sizeof *d);
	status st = ST_NO_MEMORY;

	*out = NULL;
	if (d == NULL ||
	    (d->cache = calloc(c->n_sql + 1, sizeof(sqlite3_stmt *))) == NULL) {
		trouble_set(t, ST_NO_MEMORY, "open %s", c->path);
		goto out;
	}
	d->sql = c->sql;
	d->n_sql = c->n_sql;
	d->keeps_log = c->keeps_log;
	d->cache_kib = c->cache_kib == 0 ? CACHE_KIB : c->cache_kib;
	d->log_pages = log_pages_of(d);
	st = open_handle(d, c, t);
	if (st != ST_OK)
		goto out;
	harden(d->handle);
	st = settle(d, c, t);
	if (st == ST_OK)
		st = check_stamp(d, c, t);
	if (st == ST_OK) /* what a crash left in the log */
		st = d->keeps_log ? keep_log(d, t) : db_checkpoint(d, t);
	if (st == ST_OK)
		st = migrate_up(d, c->migrations, c->n_migrations, t);
	if (st != ST_OK)
		goto out;
	*out = d;
	d = NULL;
out:
	db_close(d);
	return st == ST_BUSY ? explain_busy(c->path, t) : st;
}

void
db_close(struct db *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; d->cache != NULL && i < d->n_sql; i++)
		sqlite3_finalize(d->cache[i]);
	free(d->cache);
	if (d->handle != NULL) {
		int rc;

		if (d->keeps_log) /* all of it is durable, whatever this says */
			(void)shorten_log(d, NULL);
		rc = sqlite3_close(d->handle);

		assert(rc == SQLITE_OK); /* else a statement outlived its database */
		(void)rc;
	}
	free(d);
}

status
db_begin(struct db *d, struct trouble *t)
{
	return db_exec(d, "BEGIN IMMEDIATE", t);
}

status
db_commit(struct db *d, struct trouble *t)
{
	status st;

	d->is_committing = true;
	st = db_exec(d, "COMMIT", t);
	d->is_committing = false;
	if (st != ST_OK)
		db_rollback(d);
	return st;
}

status
db_relax(struct db *d, struct trouble *t)
{
	assert(!db_in_transaction(d));
	/* A checkpoint without syncs could lose what was durable: none until the end. */
	return db_exec(d, "PRAGMA wal_autocheckpoint=0; PRAGMA synchronous=OFF", t);
}

status
db_unrelax(struct db *d, struct trouble *t)
{
	char sql[96];

	assert(!db_in_transaction(d));
	(void)snprintf(sql, sizeof sql,
	    "PRAGMA synchronous=EXTRA; PRAGMA wal_autocheckpoint=%d", d->log_pages);
	return db_exec(d, sql, t);
}

status
db_widen(struct db *d, int cache_kib, int log_pages, struct trouble *t)
{
	char sql[96];

	d->log_pages = log_pages == 0 ? log_pages_of(d) : log_pages;
	(void)snprintf(sql, sizeof sql,
	    "PRAGMA cache_size=-%d; PRAGMA wal_autocheckpoint=%d",
	    cache_kib == 0 ? d->cache_kib : cache_kib, d->log_pages);
	return db_exec(d, sql, t);
}

void
db_rollback(struct db *d)
{
	if (db_in_transaction(d))
		sqlite3_exec(d->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool
db_in_transaction(const struct db *d)
{
	return sqlite3_get_autocommit(d->handle) == 0;
}

bool
db_is_broken(const struct db *d)
{
	return d->is_broken;
}

status
db_stmt(struct db *d, size_t which, sqlite3_stmt **out, struct trouble *t)
{
	sqlite3_stmt *s;
	int rc;

	assert(which < d->n_sql);
	*out = NULL;
	if (d->is_broken)
		return refuse_broken(t);
	s = d->cache[which];
	if (s == NULL) {
		rc = sqlite3_prepare_v3(
		    d->handle, d->sql[which], -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);
		if (rc != SQLITE_OK)
			return db_fail(d, rc, d->sql[which], t);
		d->cache[which] = s;
	}
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	*out = s;
	return ST_OK;
}

status
db_step(struct db *d, sqlite3_stmt *s, bool *has_row, struct trouble *t)
{
	int rc = sqlite3_step(s);
	status st = ST_OK;

	*has_row = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW)
		return ST_OK;
	if (rc != SQLITE_DONE)
		st = db_fail(d, rc, sqlite3_sql(s), t);
	sqlite3_reset(s);
	return st;
}

status
db_run(struct db *d, sqlite3_stmt *s, struct trouble *t)
{
	bool has_row = true;
	status st = ST_OK;

	while (st == ST_OK && has_row)
		st = db_step(d, s, &has_row, t);
	return st;
}

status
db_checkpoint(struct db *d, struct trouble *t)
{
	int rc;

	if (d->is_broken)
		return refuse_broken(t);
	d->is_committing = true; /* a sync that fails here is as final as in a commit */
	rc = sqlite3_wal_checkpoint_v2(
	    d->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (rc == SQLITE_OK) {
		d->is_committing = false;
		return ST_OK;
	}
	db_fail(d, rc, "checkpoint", t);
	d->is_committing = false;
	return db_status_of(rc);
}

sqlite3 *
db_handle(struct db *d)
{
	return d->handle;
}

void
db_bind_u64(sqlite3_stmt *s, int at, uint64_t n)
{
	assert(n <= INT64_MAX);
	sqlite3_bind_int64(s, at, (sqlite3_int64)n);
}

void
db_bind_blob(sqlite3_stmt *s, int at, struct span blob)
{
	if (blob.len == 0) /* a NULL pointer would be bound as SQL NULL */
		sqlite3_bind_zeroblob(s, at, 0);
	else
		sqlite3_bind_blob64(s, at, blob.bytes, blob.len, SQLITE_STATIC);
}

void
db_bind_text(sqlite3_stmt *s, int at, const char *text)
{
	sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

uint64_t
db_column_u64(sqlite3_stmt *s, int column)
{
	sqlite3_int64 n = sqlite3_column_int64(s, column);

	return n < 0 ? 0 : (uint64_t)n;
}

struct span
db_column_blob(sqlite3_stmt *s, int column)
{
	const void *bytes = sqlite3_column_blob(s, column);

	return span_of(bytes, (size_t)sqlite3_column_bytes(s, column));
}

status
db_column_copy(sqlite3_stmt *s, int column, void *out, size_t len, struct trouble *t)
{
	struct span blob = db_column_blob(s, column);

	if (blob.len != len)
		return trouble_set(t, ST_CORRUPT,
		    "a stored value has %zu bytes instead of %zu", blob.len, len);
	memcpy(out, blob.bytes, len);
	return ST_OK;
}
