/* bench_store.c - how fast the SQLite store takes and tells batches, and what it keeps on
 * the disk (PERFORMANCE 3.3, F13, F16, F19). Hashes are the real ones; signatures are
 * checked elsewhere. Prints one line a run; syncs are counted from outside:
 *   strace -f -c -e trace=fsync,fdatasync bench_store FOLDER day 2000 1 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "crypto/sign.h"
#include "store/store_sqlite.h"
#include "unit/batch_fixture.h"

/* day, new: batches of 5 sheets of 15 marks; new: none of them replaces another. */
enum { SHEETS = 5, SHEET_BYTES = 243, BULK_OPS = 250, BULK_BYTES = 200 };
/* erase: people of one scope, each with details, an enrolment, and notes of five days,
 * one batch each; his sheets hold marks of five days, of which each erasure replaces as
 * many. The rest of the store are bulk batches, which also come between the erasures of
 * the second part: as many as fill the log almost to where it is checkpointed anyway. */
enum {
	QUIET = 81,
	BUSY = 45,
	PEOPLE = QUIET + BUSY,
	PERSON_OPS = 7,
	PERSON_SHEETS = 5,
	BETWEEN_STEP = 7,
	BETWEEN_MAX = 18,
	BETWEEN_ALL = BUSY * BETWEEN_MAX
};

struct run {
	struct fx fx;
	uv_loop_t loop;
	struct store *store;
	const struct fx_batch **batches;
	size_t n;
	size_t n_sent;
	size_t n_done;
	size_t window; /* pushes on their way at once */
	size_t n_ops;
	struct store_figures figures;
	/* of the pull under way */
	struct store_pull_scope scopes[8];
	struct store_pull pull;
	size_t pulled_ops;
	size_t pages;
	bool is_closed;
};

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void
die(const char *what, const struct trouble *t)
{
	fprintf(stderr, "%s: %s\n", what, t == NULL ? "" : t->text);
	exit(1);
}

/* has_replaced: every second batch supersedes the ops of the one before in its scope. */
static void
make_batches(struct run *r, size_t ops, size_t bytes, bool has_replaced)
{
	struct fx_op *specs = calloc(ops, sizeof *specs);

	for (size_t i = 0; i < r->n; i++) {
		for (size_t k = 0; k < ops; k++) {
			specs[k] = (struct fx_op){.record = (char)k,
			    .retention = RETAIN_PERSONAL,
			    .wire_bytes = bytes};
			if (has_replaced && i % 16 >= 8) {
				specs[k].n_dots = 1;
				specs[k].dots[0] = fx_dot(r->batches[i - 8], (uint8_t)k);
			}
		}
		r->batches[i] = fx_batch_by(
		    &r->fx, (uint16_t)(i % 100), (uint16_t)(1 + i % 8), ops, specs);
	}
	free(specs);
	r->n_ops = ops;
}

static void push_more(struct run *r);

static void
on_accepted(void *ctx, enum store_result result, const struct merge_verdict *v,
    const struct trouble *t)
{
	struct run *r = ctx;

	if (result != STORE_OK || v->kind != MERGE_OK)
		die("push", t);
	r->n_done++;
	push_more(r);
}

static void
push_more(struct run *r)
{
	while (r->n_sent < r->n && r->n_sent - r->n_done < r->window) {
		const struct fx_batch *b = r->batches[r->n_sent++];
		const struct store_push push = {.batch = &b->batch, .id = b->id};

		store_accept(r->store, &push, on_accepted, r);
	}
}

static void
on_page(void *ctx, enum store_result result, const struct store_page *page,
    const struct trouble *t)
{
	struct run *r = ctx;

	if (result != STORE_OK)
		die("pull", t);
	for (size_t i = 0; i < page->n_rows; i++)
		for (size_t k = 0; k < page->rows[i].batch.n_ops; k++)
			r->pulled_ops += page->rows[i].batch.ops[k].is_present;
	r->pages++;
	if (page->is_last) {
		r->n_done = 1;
		return;
	}
	if (!r->pull.has_stage)
		r->pull.stage_head = page->head;
	r->pull.has_stage = true;
	r->pull.after = page->upto;
	store_pull(r->store, &r->pull, on_page, r);
}

static void
on_figures(void *ctx, enum store_result result, const struct store_figures *f,
    const struct trouble *t)
{
	struct run *r = ctx;

	if (result != STORE_OK)
		die("figures", t);
	r->figures = *f;
	r->n_done = 1;
}

static void
on_closed(void *ctx)
{
	struct run *r = ctx;

	r->is_closed = true;
}

static void
open_store(struct run *r, const char *path)
{
	static struct checks checks;
	struct store_sqlite_config config = {
	    .path = path, .may_create = true, .checks = &checks, .loop = &r->loop};
	struct trouble t = {0};

	checks = sign_checks();
	if (store_sqlite_open(&r->store, &config, &t) != ST_OK)
		die("open", &t);
}

static void
close_store(struct run *r)
{
	r->is_closed = false;
	store_close(r->store, on_closed, r);
	while (!r->is_closed)
		uv_run(&r->loop, UV_RUN_ONCE);
}

static long
file_bytes(const char *path)
{
	FILE *f = fopen(path, "rb");
	long len = 0;

	if (f != NULL && fseek(f, 0, SEEK_END) == 0)
		len = ftell(f);
	if (f != NULL)
		fclose(f);
	return len;
}

static void
measure_pushes(struct run *r, const char *path)
{
	double start = now_s(), cpu = cpu_s(), wall;
	double ops = (double)(r->n * r->n_ops);
	double wires;

	push_more(r);
	while (r->n_done < r->n)
		uv_run(&r->loop, UV_RUN_ONCE);
	wall = now_s() - start;
	cpu = cpu_s() - cpu;
	r->n_done = 0;
	store_look(r->store, 0, on_figures, r);
	while (r->n_done == 0)
		uv_run(&r->loop, UV_RUN_ONCE);
	wires = (double)r->figures.live_bytes;
	printf("push: %.0f batches/s, %.0f ops/s, cpu %.2f s of %.2f s, %" PRIu64
	       " commits for %zu pushes, live %.1f MB\n",
	    (double)r->n / wall, ops / wall, cpu, wall, r->figures.commits, r->n,
	    wires / 1e6);
	close_store(r);
	printf("file: %.1f MB, %.2f x live bytes, %.1f B a batch\n",
	    (double)file_bytes(path) / 1e6, (double)file_bytes(path) / wires,
	    (double)file_bytes(path) / (double)r->n);
}

static void
measure_pulls(struct run *r)
{
	double start = now_s(), wall;
	struct rusage u;

	r->n_done = 0;
	for (uint16_t i = 0; i < 8; i++)
		r->scopes[i] = (struct store_pull_scope){(uint16_t)(i + 1), 0};
	r->pull = (struct store_pull){
	    .n_scopes = 8, .scopes = r->scopes, .bytes_max = 256 * 1024};
	store_pull(r->store, &r->pull, on_page, r);
	while (r->n_done == 0)
		uv_run(&r->loop, UV_RUN_ONCE);
	wall = now_s() - start;
	getrusage(RUSAGE_SELF, &u);
	printf("pull from 0: %.0f ops/s, %zu ops in %zu pages, %.3f s; top RSS %ld MB\n",
	    (double)r->pulled_ops / wall, r->pulled_ops, r->pages, wall,
	    u.ru_maxrss / 1024);
}

/* ---- erasing ---- */

static struct fx_op
person_op(size_t person)
{
	return (struct fx_op){
	    .record = 'p', .subject = (char)(person + 1), .retention = RETAIN_PERSONAL};
}

/* The batches of all people, then one erasure of each: an erase op, and a new op of each
 * sheet over the one that the erasure before wrote. */
static void
make_people(
    struct run *r, const struct fx_batch **people, const struct fx_batch **erasures)
{
	const struct fx_batch *sheets = NULL;

	for (size_t i = 0; i < PEOPLE; i++) {
		struct fx_op ops[PERSON_OPS + PERSON_SHEETS];

		for (size_t k = 0; k < PERSON_OPS; k++)
			ops[k] = person_op(i);
		people[i] = fx_batch_by(&r->fx, 7, 9, PERSON_OPS, ops);
	}
	for (size_t i = 0; i < PEOPLE; i++) {
		struct fx_op ops[1 + PERSON_SHEETS] = {
		    {.is_erase = true, .subject = (char)(i + 1)}};

		for (size_t k = 1; k <= PERSON_SHEETS; k++) {
			ops[k] = (struct fx_op){.record = (char)k,
			    .retention = RETAIN_PERSONAL,
			    .wire_bytes = SHEET_BYTES};
			ops[k].n_dots = sheets != NULL;
			if (sheets != NULL)
				ops[k].dots[0] = fx_dot(sheets, (uint8_t)k);
		}
		sheets = erasures[i] = fx_batch_by(&r->fx, 7, 9, 1 + PERSON_SHEETS, ops);
	}
}

static void
on_any(void *ctx, enum store_result result, const struct merge_verdict *v,
    const struct trouble *t)
{
	struct run *r = ctx;

	(void)v;
	if (result != STORE_OK)
		die("push", t);
	r->n_done++;
}

static double
push_one(struct run *r, const struct fx_batch *b)
{
	const struct store_push push = {.batch = &b->batch, .id = b->id};
	double start = now_s();

	r->n_done = 0;
	store_accept(r->store, &push, on_any, r);
	while (r->n_done == 0)
		uv_run(&r->loop, UV_RUN_ONCE);
	return now_s() - start;
}

static int
compare_times(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* A line of run.sh's table: the longest; the median behind it. Sorts them. */
static void
tell_times(const char *what, const char *goal, double *seconds, size_t n, const char *how)
{
	qsort(seconds, n, sizeof *seconds, compare_times);
	printf("%-34s %12.2f %-9s %6s  %-12s median %.2f%s\n", what, seconds[n - 1] * 1e3,
	    "ms", "", goal, seconds[n / 2] * 1e3, how);
}

/* As many syncs as an erasure cannot do without: of the commit, of the log and of the
 * file at the checkpoint. */
static double
sync_thrice(int fd)
{
	static const uint8_t page[4096];
	double start = now_s();

	for (int i = 0; i < 3; i++)
		if (write(fd, page, sizeof page) != sizeof page || fdatasync(fd) != 0)
			die("probe", NULL);
	return now_s() - start;
}

/* From the push to the verdict, which waits for the commit and for the checkpoint that
 * wipes the log. CPU time is of the whole process, and what others do on the machine is
 * not in it. */
static void
erase_some(struct run *r, const char *when, const struct fx_batch **erasures, size_t n,
    int probe)
{
	double took[PEOPLE], worked[PEOPLE], synced[PEOPLE];

	for (size_t i = 0; i < n; i++) {
		size_t between = n == QUIET ? 0 : i * BETWEEN_STEP % BETWEEN_MAX;

		while (between-- > 0)
			(void)push_one(r, r->batches[r->n_sent++]);
		worked[i] = cpu_s();
		took[i] = push_one(r, erasures[i]);
		worked[i] = cpu_s() - worked[i];
		synced[i] = sync_thrice(probe);
	}
	tell_times(when, "<= 50", took, n, "; with commit and checkpoint");
	tell_times("  CPU of it", "", worked, n, "");
	tell_times("  three syncs of a page beside it", "", synced, n, "");
}

static void
measure_erasures(struct run *r, const char *path)
{
	const struct fx_batch *people[PEOPLE], *erasures[PEOPLE];
	char aside[520];
	int probe;

	snprintf(aside, sizeof aside, "%s-probe", path);
	probe = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	r->n -= BETWEEN_ALL;
	push_more(r);
	while (r->n_done < r->n)
		uv_run(&r->loop, UV_RUN_ONCE);
	make_people(r, people, erasures);
	for (size_t i = 0; i < PEOPLE; i++)
		(void)push_one(r, people[i]);
	r->n_done = 0;
	store_look(r->store, 0, on_figures, r);
	while (r->n_done == 0)
		uv_run(&r->loop, UV_RUN_ONCE);
	printf("%-34s %12" PRIu64 " %-9s %6s  %-12s of %d; he is in %d sheets too\n",
	    "live ops before a person's erasure", r->figures.live_ops, "", "", "",
	    PERSON_OPS, PERSON_SHEETS);
	erase_some(r, "erasure alone, longest of 81", erasures, QUIET, probe);
	erase_some(r, "between pushes, longest of 45", erasures + QUIET, BUSY, probe);
	close(probe);
	unlink(aside);
	close_store(r);
}

int
main(int argc, char **argv)
{
	struct run r = {.fx = fx_new()};
	char path[512];

	if (argc != 5) {
		fprintf(stderr,
		    "usage: bench_store FOLDER day|new|bulk|pull|erase BATCHES WINDOW\n");
		return 64;
	}
	r.n = (size_t)strtoul(argv[3], NULL, 10);
	r.n += argv[2][0] == 'e' ? BETWEEN_ALL : 0;
	r.window = (size_t)strtoul(argv[4], NULL, 10);
	r.batches = calloc(r.n + 1, sizeof *r.batches);
	snprintf(path, sizeof path, "%s/bench.db", argv[1]);
	uv_loop_init(&r.loop);
	if (argv[2][0] != 'p') {
		bool is_erase = argv[2][0] == 'e';
		bool is_bulk = argv[2][0] == 'b' || is_erase;

		make_batches(&r, is_bulk ? BULK_OPS : SHEETS,
		    is_bulk ? BULK_BYTES : SHEET_BYTES, argv[2][0] != 'n' && !is_erase);
		open_store(&r, path);
		if (is_erase)
			measure_erasures(&r, path);
		else
			measure_pushes(&r, path);
	} else {
		open_store(&r, path);
		measure_pulls(&r);
		close_store(&r);
	}
	return 0;
}
