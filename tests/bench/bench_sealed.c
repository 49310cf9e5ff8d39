/* bench_sealed.c - what sealing costs: the same work on a plain file and through the
 * sealed VFS, turn by turn in one run, with the settings of db_open. Prints ratios of
 * medians.
 *
 * usage: bench_sealed FOLDER [ROWS] */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypto/keys.h"
#include "net/os_rng.h"
#include "store/db.h"
#include "store/scrub_vfs.h"
#include "store/sealed_vfs.h"

enum { ROUNDS = 5, LOOKUPS = 100000, ROW_BYTES_MAX = 200, ROWS_A_COMMIT = 1000 };
enum { WRITING, LOOKING_UP, CHECKING, SPACE, N_FIGURES };

static const struct migration steps[] = {{1,
    "CREATE TABLE t(n INTEGER PRIMARY KEY, v INTEGER NOT NULL, b BLOB NOT NULL) STRICT;"
    "CREATE INDEX t_v ON t(v);"}};
static const char *const statements[] = {
    "INSERT INTO t VALUES(?1, ?2, ?3)", "SELECT b FROM t WHERE v = ?1"};

static void
die(const char *what, const struct trouble *t)
{
	(void)fprintf(stderr, "bench_sealed: %s: %s\n", what, t->text);
	exit(1);
}

static double
now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct db *
open_file(const char *path, const char *vfs)
{
	const struct db_config c = {.path = path,
	    .vfs = vfs == NULL ? scrub_vfs() : vfs,
	    .reserve_bytes = vfs == NULL ? 0 : SEALED_RESERVE_BYTES,
	    .may_create = true,
	    .cache_kib = 8192, /* as the replica */
	    .application_id = 7,
	    .migrations = steps,
	    .n_migrations = 1,
	    .sql = statements,
	    .n_sql = 2};
	struct trouble t = {0};
	struct db *d = NULL;

	if (db_open(&d, &c, &t) != ST_OK)
		die(path, &t);
	return d;
}

/* A permutation of 0..2^32-1: keys of the index in no order. */
static uint64_t
scatter(uint64_t n)
{
	return n * 2654435761u & 0xffffffff;
}

static double
write_rows(struct db *d, uint64_t rows)
{
	uint8_t blob[ROW_BYTES_MAX] = {0};
	double begin = now_s();
	struct trouble t = {0};

	for (uint64_t i = 0; i < rows; i++) {
		sqlite3_stmt *s = NULL;

		if (i % ROWS_A_COMMIT == 0 && db_begin(d, &t) != ST_OK)
			die("begin", &t);
		if (db_stmt(d, 0, &s, &t) != ST_OK)
			die("insert", &t);
		put_u64(blob, scatter(i));
		db_bind_u64(s, 1, i);
		db_bind_u64(s, 2, scatter(i));
		db_bind_blob(s, 3, span_of(blob, 20 + scatter(i) % (ROW_BYTES_MAX - 19)));
		if (db_run(d, s, &t) != ST_OK)
			die("insert", &t);
		if ((i + 1) % ROWS_A_COMMIT == 0 && db_commit(d, &t) != ST_OK)
			die("commit", &t);
	}
	if (db_checkpoint(d, &t) != ST_OK)
		die("checkpoint", &t);
	return now_s() - begin;
}

static double
look_up(struct db *d, uint64_t rows)
{
	double begin = now_s();
	struct trouble t = {0};

	for (uint64_t i = 0; i < LOOKUPS; i++) {
		sqlite3_stmt *s = NULL;
		bool has_row = false;

		if (db_stmt(d, 1, &s, &t) != ST_OK)
			die("look up", &t);
		db_bind_u64(s, 1, scatter(i * 7919 % rows));
		if (db_step(d, s, &has_row, &t) != ST_OK || !has_row)
			die("look up", &t);
	}
	return now_s() - begin;
}

static double
check(struct db *d)
{
	double begin = now_s();
	int64_t n = 0;
	struct trouble t = {0};

	if (db_number(d, "SELECT count(*) FROM pragma_integrity_check", &n, &t) != ST_OK)
		die("check", &t);
	return now_s() - begin;
}

/* One file from nothing, read through another handle, so that the cache is empty. */
static void
measure(const char *path, const char *vfs, uint64_t rows, double out[static N_FIGURES])
{
	struct db *d;
	struct stat info;

	(void)unlink(path);
	d = open_file(path, vfs);
	out[WRITING] = write_rows(d, rows);
	db_close(d);
	d = open_file(path, vfs);
	out[LOOKING_UP] = look_up(d, rows);
	out[CHECKING] = check(d);
	db_close(d);
	out[SPACE] = stat(path, &info) == 0 ? (double)info.st_size / 1e6 : 0;
	(void)unlink(path);
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double values[static ROUNDS])
{
	qsort(values, ROUNDS, sizeof values[0], compare);
	return values[ROUNDS / 2];
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name, *unit, *goal;
	} figures[N_FIGURES] = {
	    {"bulk writing", "s", "<= 1.5"},
	    {"100,000 lookups", "s", "<= 2"},
	    {"integrity_check", "s", ""},
	    {"space", "MB", "<= 1.02"},
	};
	static double plain[N_FIGURES][ROUNDS], sealed[N_FIGURES][ROUNDS];
	const struct page_key key = {{7}};
	const struct rng rng = os_rng();
	uint64_t rows = argc > 2 ? strtoull(argv[2], NULL, 10) : 100000;
	char path[4096];
	struct trouble t = {0};

	if (sodium_init() < 0) /* picks the code for this processor */
		return 70;
	if (argc < 2 || rows < ROWS_A_COMMIT || rows % ROWS_A_COMMIT != 0)
		return 64;
	(void)snprintf(path, sizeof path, "%s/bench_sealed.db", argv[1]);
	if (sealed_vfs_register("sealed", NULL, &key, &rng, &t) != ST_OK)
		die("sealed", &t);
	for (int i = 0; i < ROUNDS; i++) {
		double one[N_FIGURES];

		measure(path, NULL, rows, one);
		for (int k = 0; k < N_FIGURES; k++)
			plain[k][i] = one[k];
		measure(path, "sealed", rows, one);
		for (int k = 0; k < N_FIGURES; k++)
			sealed[k][i] = one[k];
	}
	for (int k = 0; k < N_FIGURES; k++) {
		double p = median(plain[k]), s = median(sealed[k]);
		char name[64];

		(void)snprintf(name, sizeof name, "sealed : plain, %s", figures[k].name);
		printf("%-34s %12.3f %-9s %6s  %-12s %.3f : %.3f %s\n", name, s / p,
		    "ratio", "", figures[k].goal, s, p, figures[k].unit);
	}
	return 0;
}
