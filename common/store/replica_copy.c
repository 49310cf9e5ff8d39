/* replica_copy.c - VACUUM INTO through two VFS, and the proof of the copy. */
#include "store/replica_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/db.h"

enum { URI_BYTES = 3 * 4200, SQL_BYTES = 400 };

static status
fail(sqlite3 *h, int rc, const char *deed, struct trouble *t)
{
	return trouble_set(t, db_status_of(rc), "%s: %s (SQLite %d)", deed,
	    h == NULL ? "no memory" : sqlite3_errmsg(h),
	    h == NULL ? rc : sqlite3_extended_errcode(h));
}

static status
run(sqlite3 *h, const char *sql, struct trouble *t)
{
	int rc = sqlite3_exec(h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? ST_OK : fail(h, rc, sql, t);
}

/* Alone: locked from the first statement on, so that no log index lies on the disk. */
static status
open_alone(const char *path, const char *vfs, sqlite3 **out, struct trouble *t)
{
	int rc = sqlite3_open_v2(path, out,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, vfs);

	if (rc != SQLITE_OK)
		return fail(*out, rc, "open", t);
	(void)sqlite3_extended_result_codes(*out, 1);
	(void)sqlite3_db_config(*out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	return run(*out,
	    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=EXTRA;"
	    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;"
	    "BEGIN IMMEDIATE; COMMIT",
	    t);
}

/* "file:PATH?vfs=NAME", with the characters that end a path escaped. */
static void
uri_of(const char *path, const char *vfs, char out[static URI_BYTES])
{
	size_t n = (size_t)snprintf(out, URI_BYTES, "file:");

	for (; *path != '\0' && n + 4 < URI_BYTES; path++)
		n += (size_t)snprintf(out + n, URI_BYTES - n,
		    strchr("%?#", *path) != NULL ? "%%%02X" : "%c",
		    (unsigned)(unsigned char)*path);
	if (vfs != NULL)
		(void)snprintf(out + n, URI_BYTES - n, "?vfs=%s", vfs);
}

static status
vacuum_into(sqlite3 *from, const char *to, const char *vfs, struct trouble *t)
{
	char uri[URI_BYTES];
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(from, "VACUUM INTO ?1", -1, &s, NULL);

	uri_of(to, vfs, uri);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(s, 1, uri, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	(void)sqlite3_finalize(s);
	return rc == SQLITE_DONE ? ST_OK : fail(from, rc, "copy", t);
}

/* SQLite would make the file with the umask's mode; an empty one it takes. */
static status
make_private(const char *path, struct trouble *t)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return trouble_set(t, ST_IO, "cannot make %s: %s", path, strerror(errno));
	(void)close(fd);
	return ST_OK;
}

/* SQLite writes the copy without waiting for the disk. */
static status
sync_file(const char *path, struct trouble *t)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		(void)trouble_set(t, ST_IO, "sync of %s: %s", path, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return ok ? ST_OK : ST_IO;
}

/* ---- the proof ---- */

static status
count(sqlite3 *h, const char *sql, sqlite3_int64 *out, struct trouble *t)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(h, sql, -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return rc == SQLITE_ROW ? ST_OK : fail(h, rc, "count", t);
}

static status
same(sqlite3 *from, sqlite3 *to, const char *sql, struct trouble *t)
{
	sqlite3_int64 a = 0, b = 0;
	status st = count(from, sql, &a, t);

	if (st == ST_OK)
		st = count(to, sql, &b, t);
	if (st != ST_OK || a == b)
		return st;
	return trouble_set(t, ST_CORRUPT, "the copy differs (%s: %lld, not %lld)", sql,
	    (long long)b, (long long)a);
}

static status
is_sound(sqlite3 *h, struct trouble *t)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(h, "PRAGMA integrity_check(1)", -1, &s, NULL);
	status st = ST_OK;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc != SQLITE_ROW)
		st = fail(h, rc, "check of the copy", t);
	else if (strcmp((const char *)sqlite3_column_text(s, 0), "ok") != 0)
		st = trouble_set(t, ST_CORRUPT, "the copy is not sound: %s",
		    (const char *)sqlite3_column_text(s, 0));
	(void)sqlite3_finalize(s);
	return st;
}

static status
same_tables(sqlite3 *from, sqlite3 *to, struct trouble *t)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(from,
	    "SELECT 'SELECT count(*) FROM \"' || name || '\"' FROM sqlite_schema"
	    " WHERE type = 'table'",
	    -1, &s, NULL);
	status st = ST_OK;

	if (rc != SQLITE_OK)
		return fail(from, rc, "tables", t);
	while (st == ST_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
		st = same(from, to, (const char *)sqlite3_column_text(s, 0), t);
	(void)sqlite3_finalize(s);
	return st != ST_OK || rc == SQLITE_DONE ? st : fail(from, rc, "tables", t);
}

static status
prove(sqlite3 *from, const char *path, const char *vfs, struct trouble *t)
{
	static const char *const figures[] = {"SELECT count(*) FROM sqlite_schema",
	    "PRAGMA application_id", "PRAGMA user_version"};
	sqlite3 *to = NULL;
	status st = open_alone(path, vfs, &to, t);

	if (st == ST_OK)
		st = is_sound(to, t);
	for (size_t i = 0; st == ST_OK && i < sizeof figures / sizeof figures[0]; i++)
		st = same(from, to, figures[i], t);
	if (st == ST_OK)
		st = same_tables(from, to, t);
	(void)sqlite3_close(to);
	return st;
}

status
replica_copy(const char *from, const char *from_vfs, const char *to, const char *to_vfs,
    int reserve_bytes, struct trouble *t)
{
	sqlite3 *h = NULL;
	status st = open_alone(from, from_vfs, &h, t);

	if (st == ST_OK)
		st = make_private(to, t);
	if (st == ST_OK)
		(void)sqlite3_file_control(
		    h, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve_bytes);
	if (st == ST_OK)
		st = vacuum_into(h, to, to_vfs, t);
	if (st == ST_OK)
		st = sync_file(to, t);
	if (st == ST_OK)
		st = prove(h, to, to_vfs, t);
	if (st == ST_OK)
		st = run(h, "PRAGMA wal_checkpoint(FULL)", t);
	(void)sqlite3_close(h);
	return st;
}
