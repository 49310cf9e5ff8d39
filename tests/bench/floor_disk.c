/* floor_disk.c - a durable append, rows in SQLite by shape of key, and starting a
 * program. */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <spawn.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 512, APPEND_BYTES = 4096, COMMIT_ROWS = 1000 };
enum { KEY_BYTES = 16, REST_BYTES = 44, GROUP_ROWS = 75 };

extern char **environ;

static bool
failed(const char *what, const char *why)
{
	(void)fprintf(stderr, "floor: %s: %s\n", what, why);
	return false;
}

static void
path_in(const struct floor_options *o, const char *name, char out[static PATH_BYTES])
{
	(void)snprintf(out, PATH_BYTES, "%s/%s.%ld", o->dir, name, (long)getpid());
}

bool
floor_sync(const struct floor_options *o, struct floor_round *out)
{
	static uint8_t block[APPEND_BYTES];
	char path[PATH_BYTES];
	bool ok = true;
	int fd;

	path_in(o, "floor-sync", path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed(path, strerror(errno));
	FLOOR_REPEAT(o, out,
	    ok = ok && write(fd, block, sizeof block) == APPEND_BYTES &&
		 fdatasync(fd) == 0);
	if (!ok)
		(void)failed(path, strerror(errno));
	(void)close(fd);
	(void)unlink(path);
	return ok;
}

bool
floor_exec(const struct floor_options *o, struct floor_round *out)
{
	char *argv[] = {(char[]){"empty"}, NULL};
	int bad = 0, status = 0;
	pid_t child;

	FLOOR_REPEAT(
	    o, out, bad |= posix_spawn(&child, EMPTY_PROGRAM, NULL, NULL, argv, environ);
	    bad |= bad == 0 && (waitpid(child, &status, 0) != child || status != 0));
	return bad == 0 || failed(EMPTY_PROGRAM, "does not start");
}

/* ---- rows ---- */

/* Makes the key of row i. */
typedef void key_function(uint64_t i, uint8_t key[static KEY_BYTES]);

static void
put_counter(uint64_t n, uint8_t *at)
{
	for (unsigned i = 0; i < 8; i++)
		at[i] = (uint8_t)(n >> (56 - 8 * i));
}

static void
sequential_key(uint64_t i, uint8_t key[static KEY_BYTES])
{
	memset(key, 0, KEY_BYTES);
	put_counter(i, key + 8);
}

static void
random_key(uint64_t i, uint8_t key[static KEY_BYTES])
{
	uint8_t seed[randombytes_SEEDBYTES] = {0};

	put_counter(i, seed);
	randombytes_buf_deterministic(key, KEY_BYTES, seed);
}

/* 75 rows share the first 8 bytes, as the marks of one workshop share its id. */
static void
grouped_key(uint64_t i, uint8_t key[static KEY_BYTES])
{
	uint8_t group[KEY_BYTES];

	random_key(UINT64_MAX - i / GROUP_ROWS, group);
	random_key(i, key);
	memcpy(key, group, 8);
}

static bool
insert_rows(sqlite3 *db, uint64_t rows, key_function *make_key)
{
	static const uint8_t rest[REST_BYTES] = {7};
	sqlite3_stmt *s = NULL;
	uint8_t key[KEY_BYTES];
	int rc = sqlite3_prepare_v2(db, "INSERT INTO row VALUES (?, ?)", -1, &s, NULL);

	for (uint64_t i = 0; rc == SQLITE_OK && i < rows; i++) {
		if (i % COMMIT_ROWS == 0)
			rc = sqlite3_exec(db,
			    i == 0 ? "BEGIN IMMEDIATE" : "COMMIT; BEGIN IMMEDIATE", NULL,
			    NULL, NULL);
		make_key(i, key);
		(void)sqlite3_bind_blob(s, 1, key, KEY_BYTES, SQLITE_STATIC);
		(void)sqlite3_bind_blob(s, 2, rest, REST_BYTES, SQLITE_STATIC);
		(void)sqlite3_step(s);
		if (rc == SQLITE_OK)
			rc = sqlite3_reset(s);
	}
	(void)sqlite3_finalize(s);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	return rc == SQLITE_OK;
}

static bool
rows_round(const struct floor_options *o, struct floor_round *out, key_function *make_key)
{
	static const char setup[] =
	    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=EXTRA;"
	    "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON;"
	    "CREATE TABLE row (key BLOB PRIMARY KEY, rest BLOB)"
	    " STRICT, WITHOUT ROWID;";
	char path[PATH_BYTES], wal[PATH_BYTES + 4];
	sqlite3 *db = NULL;
	double start;
	bool ok;

	path_in(o, "floor-rows", path);
	(void)snprintf(wal, sizeof wal, "%s-wal", path);
	ok = sqlite3_open(path, &db) == SQLITE_OK &&
	     sqlite3_exec(db, setup, NULL, NULL, NULL) == SQLITE_OK;
	start = floor_now();
	ok = ok && insert_rows(db, o->rows, make_key);
	out->seconds = floor_now() - start;
	out->n = o->rows;
	if (!ok)
		(void)failed(path, sqlite3_errmsg(db));
	(void)sqlite3_close(db);
	(void)unlink(path);
	(void)unlink(wal);
	return ok;
}

bool
floor_sqlite_grouped(const struct floor_options *o, struct floor_round *out)
{
	return rows_round(o, out, grouped_key);
}

bool
floor_sqlite_sequential(const struct floor_options *o, struct floor_round *out)
{
	return rows_round(o, out, sequential_key);
}

bool
floor_sqlite_random(const struct floor_options *o, struct floor_round *out)
{
	return rows_round(o, out, random_key);
}
