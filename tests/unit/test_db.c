/* test_db.c - the settings of the one open function are really in force (DESIGN 6), on
 * plain files and through the sealed VFS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/keys.h"
#include "net/os_rng.h"
#include "store/db.h"
#include "store/migrate.h"
#include "store/sealed_vfs.h"

static char folder[64];
static char file[96];
static const char *vfs; /* NULL, or the sealed one in the second round */

static const struct migration steps[] = {
    {1, "CREATE TABLE a(n INTEGER PRIMARY KEY, b BLOB NOT NULL) STRICT;"},
    {2, "ALTER TABLE a ADD COLUMN c TEXT; INSERT INTO a VALUES(7, x'01', 'two');"},
};
enum { INSERT_A, READ_A };
static const char *const statements[] = {
    "INSERT INTO a(n, b) VALUES(?1, ?2)",
    "SELECT b FROM a WHERE n = ?1",
};

static void
seal(const char *name, const char *below)
{
	const struct page_key key = {{7}};
	const struct rng rng = os_rng();

	assert_int_equal(sealed_vfs_register(name, below, &key, &rng, NULL), ST_OK);
}

static struct db_config
config_of(size_t n_steps)
{
	return (struct db_config){.path = file,
	    .vfs = vfs,
	    .reserve_bytes = vfs == NULL ? 0 : SEALED_RESERVE_BYTES,
	    .may_create = true,
	    .application_id = 0x504e5453,
	    .migrations = steps,
	    .n_migrations = n_steps,
	    .sql = statements,
	    .n_sql = sizeof statements / sizeof *statements};
}

static struct db *
open_now(size_t n_steps)
{
	struct db_config c = config_of(n_steps);
	struct trouble t = {0};
	struct db *d = NULL;

	if (db_open(&d, &c, &t) != ST_OK)
		fail_msg("%s", t.text);
	return d;
}

static int64_t
number(struct db *d, const char *sql)
{
	int64_t n = -1;

	assert_int_equal(db_number(d, sql, &n, NULL), ST_OK);
	return n;
}

static int
set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/pnet-db-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof file, "%s/a.db", folder);
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(path, sizeof path, "%s%s", file, ends[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static bool
exists(const char *end)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof path, "%s%s", file, end);
	return stat(path, &st) == 0;
}

static void
open_puts_every_setting_in_force(void **state)
{
	struct db *d = open_now(2);
	static const struct {
		const char *sql;
		int64_t value;
	} pragmas[] = {
	    {"PRAGMA synchronous", 3},
	    {"PRAGMA secure_delete", 1},
	    {"PRAGMA foreign_keys", 1},
	    {"PRAGMA trusted_schema", 0},
	    {"PRAGMA temp_store", 2},
	    {"PRAGMA page_size", 4096},
	    {"PRAGMA cache_size", -2048},
	    {"PRAGMA mmap_size", 0},
	    {"PRAGMA user_version", 2},
	    {"SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1},
	    {"SELECT locking_mode = 'exclusive' FROM pragma_locking_mode", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pragmas / sizeof *pragmas; i++)
		if (number(d, pragmas[i].sql) != pragmas[i].value)
			fail_msg("%s", pragmas[i].sql);
	db_close(d);
}

static void
settings_hold_when_an_existing_file_is_opened_again(void **state)
{
	db_close(open_now(2));
	open_puts_every_setting_in_force(state);
}

static void
cache_and_log_are_wide_for_a_while(void **state)
{
	struct db *d = open_now(1);

	(void)state;
	assert_int_equal(number(d, "PRAGMA cache_size"), -2048);
	assert_int_equal(number(d, "PRAGMA wal_autocheckpoint"), 1000);
	assert_int_equal(db_widen(d, 9000, 8000, NULL), ST_OK);
	assert_int_equal(number(d, "PRAGMA cache_size"), -9000);
	assert_int_equal(db_relax(d, NULL), ST_OK);
	assert_int_equal(db_unrelax(d, NULL), ST_OK);
	assert_int_equal(number(d, "PRAGMA wal_autocheckpoint"), 8000);
	assert_int_equal(db_widen(d, 0, 0, NULL), ST_OK);
	assert_int_equal(number(d, "PRAGMA cache_size"), -2048);
	assert_int_equal(number(d, "PRAGMA wal_autocheckpoint"), 1000);
	db_close(d);
}

static void
double_quotes_are_no_strings_and_extensions_do_not_load(void **state)
{
	struct db *d = open_now(2);

	(void)state;
	assert_int_equal(db_exec(d, "SELECT \"text\"", NULL), ST_BUG);
	assert_int_equal(db_exec(d, "SELECT load_extension('libm.so')", NULL), ST_BUG);
	db_close(d);
}

static void
no_shared_memory_file_exists_while_a_file_is_written(void **state)
{
	struct db *d = open_now(2);

	(void)state;
	assert_int_equal(db_exec(d, "INSERT INTO a VALUES(1, x'00', '')", NULL), ST_OK);
	assert_true(exists("-wal"));
	assert_false(exists("-shm"));
	db_close(d);
	assert_false(exists("-wal"));
}

static void
second_opener_in_this_process_is_told_so(void **state)
{
	struct db *d = open_now(2);
	struct db_config c = config_of(2);
	struct trouble t = {0};
	struct db *other = NULL;

	(void)state;
	assert_int_equal(db_open(&other, &c, &t), ST_BUSY);
	assert_null(other);
	assert_non_null(strstr(t.text, "in this process"));
	assert_int_equal(db_exec(d, "INSERT INTO a VALUES(1, x'00', '')", NULL), ST_OK);
	db_close(d);
}

static int
try_as_another_process(long owner)
{
	struct db_config c = config_of(2);
	struct trouble t = {0};
	struct db *d = NULL;
	char want[64];

	snprintf(want, sizeof want, "in use by process %ld", owner);
	if (db_open(&d, &c, &t) != ST_BUSY)
		return 1;
	return strstr(t.text, want) == NULL ? 2 : 0;
}

static void
second_process_is_told_who_has_the_file(void **state)
{
	struct db *d = open_now(2);
	long owner = (long)getpid();
	int result = -1;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(try_as_another_process(owner));
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(WEXITSTATUS(result), 0);
	db_close(d);
}

static void
migrations_run_once_and_in_order(void **state)
{
	struct db *d = open_now(1);

	(void)state;
	assert_int_equal(db_exec(d, "INSERT INTO a VALUES(1, x'00')", NULL), ST_OK);
	db_close(d);
	d = open_now(2);
	assert_int_equal(number(d, "SELECT count(*) FROM a WHERE c IS NULL"), 1);
	assert_int_equal(number(d, "SELECT n FROM a WHERE c = 'two'"), 7);
	db_close(d);
	d = open_now(2);
	assert_int_equal(number(d, "SELECT count(*) FROM a"), 2);
	db_close(d);
}

static void
failed_migration_leaves_the_old_version_whole(void **state)
{
	static const struct migration broken[] = {
	    {1, "CREATE TABLE a(n INTEGER PRIMARY KEY, b BLOB NOT NULL) STRICT;"},
	    {2, "CREATE TABLE other(n); INSERT INTO nowhere VALUES(1);"},
	};
	struct db_config c = config_of(1);
	struct trouble t = {0};
	struct db *d = NULL;

	(void)state;
	db_close(open_now(1));
	c.migrations = broken;
	c.n_migrations = 2;
	assert_int_equal(db_open(&d, &c, &t), ST_BUG);
	assert_null(d);
	assert_non_null(strstr(t.text, "schema version 2"));
	d = open_now(1);
	assert_int_equal(
	    number(d, "SELECT count(*) FROM sqlite_schema WHERE name = 'other'"), 0);
	db_close(d);
}

static void
file_of_a_newer_version_or_another_program_is_refused(void **state)
{
	struct db_config c = config_of(1);
	struct db *d = NULL;

	(void)state;
	db_close(open_now(2));
	assert_int_equal(db_open(&d, &c, NULL), ST_VERSION);
	c = config_of(2);
	c.application_id = 1;
	assert_int_equal(db_open(&d, &c, NULL), ST_VERSION);
	assert_null(d);
}

static void
missing_and_damaged_files_have_their_own_status(void **state)
{
	struct db_config c = config_of(2);
	struct db *d = NULL;
	FILE *f;

	(void)state;
	c.may_create = false;
	assert_int_equal(db_open(&d, &c, NULL), ST_NOT_FOUND);
	assert_false(exists(""));
	f = fopen(file, "w");
	for (int i = 0; i < 1000; i++)
		fputs("no database at all", f);
	fclose(f);
	assert_int_equal(db_open(&d, &c, NULL), ST_CORRUPT);
	assert_null(d);
}

static void
rollback_leaves_nothing_and_commit_outlives_the_handle(void **state)
{
	struct db *d = open_now(1);
	sqlite3_stmt *s = NULL;
	bool has_row = false;

	(void)state;
	assert_int_equal(db_begin(d, NULL), ST_OK);
	assert_int_equal(db_exec(d, "INSERT INTO a VALUES(1, x'00')", NULL), ST_OK);
	db_rollback(d);
	assert_false(db_in_transaction(d));
	assert_int_equal(db_begin(d, NULL), ST_OK);
	assert_int_equal(db_stmt(d, INSERT_A, &s, NULL), ST_OK);
	db_bind_u64(s, 1, 2);
	db_bind_blob(s, 2, span_of(NULL, 0));
	assert_int_equal(db_run(d, s, NULL), ST_OK);
	assert_int_equal(db_commit(d, NULL), ST_OK);
	db_close(d);

	d = open_now(1);
	assert_int_equal(number(d, "SELECT count(*) FROM a"), 1);
	assert_int_equal(db_stmt(d, READ_A, &s, NULL), ST_OK);
	db_bind_u64(s, 1, 2);
	assert_int_equal(db_step(d, s, &has_row, NULL), ST_OK);
	assert_true(has_row);
	assert_int_equal(sqlite3_column_type(s, 0), SQLITE_BLOB);
	assert_int_equal(db_column_blob(s, 0).len, 0);
	db_close(d);
}

static void
checkpoint_cuts_the_log_to_nothing(void **state)
{
	struct db *d = open_now(1);
	struct stat st;
	char wal[128];

	(void)state;
	assert_int_equal(
	    db_exec(d, "INSERT INTO a VALUES(1, zeroblob(9000))", NULL), ST_OK);
	assert_int_equal(db_checkpoint(d, NULL), ST_OK);
	snprintf(wal, sizeof wal, "%s-wal", file);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(st.st_size, 0);
	db_close(d);
}

static off_t
log_bytes(void)
{
	char wal[128];
	struct stat st;

	snprintf(wal, sizeof wal, "%s-wal", file);
	return stat(wal, &st) == 0 ? st.st_size : 0;
}

/* It did: the log was checkpointed by every commit and never begun anew, so each command
 * read the whole of it, two megabytes, and moved all of it into the file once more. */
static void
kept_log_is_as_long_after_many_openings_as_after_few(void **state)
{
	enum { OPENINGS = 300, LONG = 110 * 4096 };
	unsigned n_emptied = 0;
	off_t before = 0;

	(void)state;
	for (int i = 0; i < OPENINGS; i++) {
		struct db_config c = config_of(1);
		struct db *d = NULL;
		char sql[80];

		c.keeps_log = true;
		assert_int_equal(db_open(&d, &c, NULL), ST_OK);
		assert_int_equal(number(d, "SELECT count(*) FROM a"), i);
		(void)snprintf(sql, sizeof sql,
		    "INSERT INTO a VALUES(%d, zeroblob(9000))", 1000 + i);
		assert_int_equal(db_exec(d, sql, NULL), ST_OK);
		db_close(d);
		n_emptied += log_bytes() < before;
		before = log_bytes();
		assert_true(before < LONG);
	}
	assert_in_range(n_emptied, 5, OPENINGS / 10); /* and not by each of them */
}

/* A VFS whose files refuse to sync after `syncs_left` syncs, over the system's. */
static int syncs_left;
static sqlite3_io_methods failing_methods;
static const sqlite3_io_methods *real_methods;

static int
failing_sync(sqlite3_file *f, int flags)
{
	if (syncs_left-- <= 0)
		return SQLITE_IOERR_FSYNC;
	return real_methods->xSync(f, flags);
}

static int
failing_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	sqlite3_vfs *real = v->pAppData;
	int rc = real->xOpen(real, name, f, flags, out);

	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
		real_methods = f->pMethods;
		failing_methods = *real_methods;
		failing_methods.xSync = failing_sync;
		f->pMethods = &failing_methods;
	}
	return rc;
}

static void
failed_sync_is_never_tried_again(void **state)
{
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);
	static sqlite3_vfs failing; /* SQLite knows it still after a failure */
	struct db_config c = config_of(1);
	struct db *d = NULL;

	(void)state;
	sqlite3_vfs_unregister(&failing);
	failing = *real;
	failing.zName = "failing";
	failing.pAppData = real;
	failing.xOpen = failing_open;
	sqlite3_vfs_register(&failing, 0);
	c.vfs = "failing";
	if (vfs != NULL) {
		seal("sealed failing", "failing");
		c.vfs = "sealed failing";
	}
	syncs_left = 100;
	assert_int_equal(db_open(&d, &c, NULL), ST_OK);
	assert_int_equal(db_exec(d, "INSERT INTO a VALUES(1, x'00')", NULL), ST_OK);

	syncs_left = 0;
	assert_int_equal(db_begin(d, NULL), ST_OK);
	assert_int_equal(db_exec(d, "INSERT INTO a VALUES(2, x'00')", NULL), ST_OK);
	assert_int_equal(db_commit(d, NULL), ST_IO);
	assert_true(db_is_broken(d));
	syncs_left = 100;
	assert_int_equal(db_begin(d, NULL), ST_IO);
	assert_int_equal(db_exec(d, "INSERT INTO a VALUES(3, x'00')", NULL), ST_IO);
	db_close(d);
	sealed_vfs_unregister("sealed failing");
	sqlite3_vfs_unregister(&failing);

	d = open_now(1);
	assert_int_equal(number(d, "SELECT count(*) FROM a WHERE n = 1"), 1);
	db_close(d);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(open_puts_every_setting_in_force),
	    T(settings_hold_when_an_existing_file_is_opened_again),
	    T(cache_and_log_are_wide_for_a_while),
	    T(double_quotes_are_no_strings_and_extensions_do_not_load),
	    T(no_shared_memory_file_exists_while_a_file_is_written),
	    T(second_opener_in_this_process_is_told_so),
	    T(second_process_is_told_who_has_the_file),
	    T(migrations_run_once_and_in_order),
	    T(failed_migration_leaves_the_old_version_whole),
	    T(file_of_a_newer_version_or_another_program_is_refused),
	    T(missing_and_damaged_files_have_their_own_status),
	    T(rollback_leaves_nothing_and_commit_outlives_the_handle),
	    T(checkpoint_cuts_the_log_to_nothing),
	    T(kept_log_is_as_long_after_many_openings_as_after_few),
	    T(failed_sync_is_never_tried_again),
	};

	int failed = cmocka_run_group_tests_name("plain", tests, NULL, NULL);

	seal("sealed", NULL);
	vfs = "sealed";
	failed += cmocka_run_group_tests_name("sealed", tests, NULL, NULL);
	sealed_vfs_unregister("sealed");
	return failed != 0;
}
