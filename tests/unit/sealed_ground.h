/* sealed_ground.h - a folder with a sealed database in it, whose raw bytes tests read and
 * change. */
#ifndef TESTS_SEALED_GROUND_H
#define TESTS_SEALED_GROUND_H

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/page_open.h"
#include "net/os_rng.h"
#include "store/db.h"
#include "store/sealed_vfs.h"

enum { PAGE = 4096, RAW_BYTES_MAX = 1 << 20 };

static const struct page_key ground_key = {{'k', 'e', 'y', 'C', 'A', 'N', 'A', 'R', 'Y'}};
static char folder[64], file[96];

static const struct migration ground_steps[] = {
    {1, "CREATE TABLE t(n INTEGER PRIMARY KEY, s TEXT NOT NULL) STRICT;"}};

static int
set_up(void **state)
{
	const struct rng rng = os_rng();

	(void)state;
	if (sodium_init() < 0) /* picks the code for this processor */
		return -1;
	(void)snprintf(folder, sizeof folder, "/tmp/pnet-sealed-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(file, sizeof file, "%s/a.db", folder);
	return sealed_vfs_register("sealed", NULL, &ground_key, &rng, NULL) == ST_OK ? 0
										     : -1;
}

/* Each file of the folder. */
static void
each_file(void (*visit)(const char *path, void *ctx), void *ctx)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;
	char path[400];

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		if (e->d_name[0] != '.')
			visit(path, ctx);
	}
	(void)closedir(dir);
}

static void
remove_file(const char *path, void *ctx)
{
	(void)ctx;
	(void)unlink(path);
}

static int
tear_down(void **state)
{
	(void)state;
	sealed_vfs_unregister("sealed");
	each_file(remove_file, NULL);
	return rmdir(folder);
}

static status
try_open(struct db **out, bool keeps_log)
{
	const struct db_config c = {.path = file,
	    .vfs = "sealed",
	    .may_create = true,
	    .cache_kib = 20, /* 5 pages */
	    .keeps_log = keeps_log,
	    .reserve_bytes = SEALED_RESERVE_BYTES,
	    .application_id = 7,
	    .migrations = ground_steps,
	    .n_migrations = 1};

	return db_open(out, &c, NULL);
}

static struct db *
open_now(void)
{
	struct db *d = NULL;

	assert_int_equal(try_open(&d, true), ST_OK);
	return d;
}

/* Stock SQLite with a rollback journal, its cache 5 pages. */
static sqlite3 *
open_raw(const char *path)
{
	sqlite3 *h = NULL;
	int reserve = SEALED_RESERVE_BYTES;

	assert_int_equal(sqlite3_open_v2(path, &h,
			     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "sealed"),
	    SQLITE_OK);
	(void)sqlite3_extended_result_codes(h, 1);
	(void)sqlite3_file_control(h, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
	(void)sqlite3_exec(
	    h, "PRAGMA temp_store=MEMORY; PRAGMA cache_size=5", NULL, NULL, NULL);
	return h;
}

static void
sql(sqlite3 *h, const char *text)
{
	if (sqlite3_exec(h, text, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(h));
}

/* The first value, "" without a row or with an error; lives until the next call. */
static const char *
ask(sqlite3 *h, const char *text)
{
	static char answer[200];
	sqlite3_stmt *s = NULL;

	answer[0] = '\0';
	if (sqlite3_prepare_v2(h, text, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		(void)snprintf(answer, sizeof answer, "%s", sqlite3_column_text(s, 0));
	(void)sqlite3_finalize(s);
	return answer;
}

/* n rows from `from`, each with the canary. */
static void
add_rows(sqlite3 *h, int from, int n)
{
	char text[300];

	(void)snprintf(text, sizeof text,
	    "WITH RECURSIVE c(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM c WHERE i < "
	    "%d) "
	    "INSERT INTO t SELECT i, 'CANARY ' || i || hex(zeroblob(150)) FROM c",
	    from, from + n - 1);
	sql(h, text);
}

static size_t
read_raw(const char *end, uint8_t *out)
{
	char path[160];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof path, "%s%s", file, end);
	f = fopen(path, "rb");
	if (f == NULL)
		return 0;
	n = fread(out, 1, RAW_BYTES_MAX, f);
	(void)fclose(f);
	return n;
}

static void
write_raw(const char *end, const uint8_t *bytes, size_t len)
{
	char path[160];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s%s", file, end);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	(void)fclose(f);
}

/* Runs work in a process that is killed, so that nothing is closed. */
static void
killed(void (*work)(void))
{
	pid_t child = fork();
	int how = 0;

	if (child == 0) {
		work();
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
}

#endif
