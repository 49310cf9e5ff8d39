/* test_store_faults.c - what disks and files can do to a store: every failure has its
 * result class, what was acked survives, what was erased is in no file (RELIABILITY 1,
 * SECURITY 10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/store_queue.h"
#include "store/store_sqlite_rows.h"
#include "store_fixture.h"

#include <fcntl.h>
#include <sys/wait.h>

/* ---- failures asked for, in memory ---- */

static void
every_failure_has_its_result_class(void **state)
{
	static const struct {
		status failure;
		enum store_result result;
	} rows[] = {
	    {ST_BUSY, STORE_BUSY},
	    {ST_FULL, STORE_FULL},
	    {ST_CORRUPT, STORE_CORRUPT},
	    {ST_NO_MEMORY, STORE_BUSY},
	    {ST_IO, STORE_UNKNOWN},
	};
	struct ground *g = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct fx_batch *b = fx_write(&g->fx, 1, 'x', NULL);

		store_memory_fail(g->store, 0, rows[i].failure);
		push_now(g, b);
		assert_int_equal(g->result, rows[i].result);
		assert_int_not_equal(g->trouble.text[0], 0);
		assert_int_equal(push_now(g, b).kind, MERGE_OK);
	}
	assert_int_equal(look_now(g, 0).reopened, 1);
}

static void
results_have_names_and_sentences(void **state)
{
	(void)state;
	assert_string_equal(store_result_name(STORE_FULL), "STORE_FULL");
	for (int r = 0; r < STORE_RESULT_COUNT; r++)
		assert_true(strlen(store_result_text((enum store_result)r)) > 3);
}

/* ---- the disk fills up ---- */

enum { MIXED = 5 };

struct mixed {
	struct ground *g;
	size_t n;
	enum store_result results[MIXED];
};

static void
on_mixed(void *ctx, enum store_result r, const struct merge_verdict *v,
    const struct trouble *t)
{
	struct mixed *m = ctx;

	(void)v;
	(void)t;
	m->results[m->n++] = r;
}

static void
limit_pages(struct ground *g, int more)
{
	struct sqlite_store *s = store_engine_of(g->store)->ctx;
	int64_t pages = 0;
	char sql[64];

	assert_int_equal(db_number(s->db, "PRAGMA page_count", &pages, NULL), ST_OK);
	snprintf(sql, sizeof sql, "PRAGMA max_page_count=%lld", (long long)pages + more);
	assert_int_equal(db_exec(s->db, sql, NULL), ST_OK);
}

static void
sec_63_push_that_finds_the_disk_full_fails_alone(void **state)
{
	struct ground *g = *state;
	const struct fx_op big = {.record = 'x', .wire_bytes = 60000};
	struct mixed mixed = {.g = g};

	push_now(g, fx_write(&g->fx, 1, 'x', NULL));
	limit_pages(g, 6);
	for (size_t i = 0; i < MIXED; i++) {
		struct store_push push =
		    push_of(g, i == 2 ? fx_batch(&g->fx, 1, 1, &big)
				      : fx_write(&g->fx, 1, 'y', NULL));

		store_accept(g->store, &push, on_mixed, &mixed);
	}
	store_pump(g->store);
	for (size_t i = 0; i < MIXED; i++)
		assert_int_equal(mixed.results[i], i == 2 ? STORE_FULL : STORE_OK);
	assert_int_equal(look_now(g, 0).head, MIXED);
	assert_int_equal(pull_all(g, 0).n_rows, MIXED);
	limit_pages(g, 1000);
	assert_int_equal(push_now(g, fx_batch(&g->fx, 1, 1, &big)).kind, MERGE_OK);
}

/* ---- a space is full ---- */

/* Pushes one after the other that would have to leave room as it is. */
static void
sec_61_push_that_would_grow_a_full_space_is_undone_alone(void **state)
{
	struct ground *g = *state;
	const struct fx_batch *old = fx_write(&g->fx, 1, 'x', NULL);
	struct mixed mixed = {.g = g};
	struct fx_op wider = {
	    .record = 'x', .wire_bytes = FX_WIRE_BYTES + 1, .n_dots = 1};
	const struct fx_batch *made[MIXED];
	struct store_figures f;

	push_now(g, old);
	made[0] = fx_write(&g->fx, 1, 'x', old);     /* one for one */
	made[1] = fx_write(&g->fx, 1, 'x', old);     /* its dot is dead by now */
	made[2] = fx_write(&g->fx, 1, 'y', NULL);    /* nothing for nothing */
	made[3] = fx_write(&g->fx, 1, 'x', made[0]); /* one for one again */
	wider.dots[0] = fx_dot(made[3], 0);
	made[4] = fx_batch(&g->fx, 1, 1, &wider); /* a byte more */
	for (size_t i = 0; i < MIXED; i++) {
		struct store_push push = push_of(g, made[i]);

		push.live_ops_max = i < 4 ? 1 : 0;
		push.live_bytes_max = i < 4 ? 0 : FX_WIRE_BYTES;
		store_accept(g->store, &push, on_mixed, &mixed);
	}
	store_pump(g->store);
	assert_int_equal(mixed.results[0], STORE_OK);
	assert_int_equal(mixed.results[1], STORE_QUOTA);
	assert_int_equal(mixed.results[2], STORE_QUOTA);
	assert_int_equal(mixed.results[3], STORE_OK);
	assert_int_equal(mixed.results[4], STORE_QUOTA);
	f = look_now(g, 0);
	assert_int_equal(f.head, 3);
	assert_int_equal(f.live_ops, 1);
	assert_int_equal(f.live_bytes, FX_WIRE_BYTES);
}

/* ---- a sync fails ---- */

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
sec_63_failed_sync_is_unknown_and_the_file_is_opened_anew(void **state)
{
	struct ground *g = *state;
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);
	static sqlite3_vfs failing; /* SQLite knows it still after a failure */
	const struct fx_batch *acked = fx_write(&g->fx, 1, 'x', NULL);
	const struct fx_batch *lost = fx_write(&g->fx, 1, 'y', NULL);
	struct store_sqlite_config config = {
	    .path = g->file, .vfs = "failing", .checks = &g->fx.checks};
	enum merge_kind again;

	ground_close(g);
	failing = *real;
	failing.zName = "failing";
	failing.pAppData = real;
	failing.xOpen = failing_open;
	sqlite3_vfs_register(&failing, 0);
	syncs_left = 100;
	assert_int_equal(store_sqlite_open(&g->store, &config, NULL), ST_OK);
	push_now(g, acked);
	syncs_left = 0;
	push_now(g, lost);
	assert_int_equal(g->result, STORE_UNKNOWN);
	push_now(
	    g, lost); /* cannot be opened anew while syncs fail: no ack, known or not */
	assert_int_equal(g->result, STORE_CORRUPT);
	syncs_left = 100;
	again = push_now(g, lost).kind;
	assert_true(again == MERGE_OK || again == MERGE_KNOWN);
	assert_int_equal(push_now(g, acked).kind, MERGE_KNOWN);
	assert_true(look_now(g, 0).reopened >= 2);
	ground_close(g);
	sqlite3_vfs_unregister(&failing);
}

/* ---- files ---- */

static void
what_was_acked_is_there_after_the_store_was_opened_again(void **state)
{
	struct ground *g = *state;
	const struct fx_batch *a = fx_write(&g->fx, 1, 'x', NULL);
	struct store_append append = {0};
	struct store_figures before, after;

	push_now(g, a);
	push_now(g, fx_write(&g->fx, 1, 'x', a));
	push_now(g, fx_write(&g->fx, 2, 'x', fx_write(&g->fx, 2, 'y', NULL)));
	append_now(g, append, 'a');
	store_note_contact(g->store, (struct author){1, 2}, 5, 1);
	before = look_now(g, 2);
	ground_reopen(g);
	after = look_now(g, 2);
	assert_int_equal(after.head, 3);
	assert_int_equal(after.log.len, 1);
	assert_int_equal(after.live_ops, before.live_ops);
	assert_int_equal(after.live_bytes, before.live_bytes);
	assert_memory_equal(&after.chain, &before.chain, sizeof after.chain);
	assert_memory_equal(&after.asked, &before.asked, sizeof after.asked);
	assert_memory_equal(&after.epoch, &before.epoch, sizeof after.epoch);
	assert_int_equal(pull_all(g, 1).n_refs, 1);
	assert_int_equal(push_now(g, a).kind, MERGE_KNOWN);
}

static void
sec_64_acked_push_survives_a_kill_before_the_file_was_closed(void **state)
{
	struct ground *g = *state;
	pid_t child;
	int how = 0;

	ground_close(g);
	child = fork();
	if (child == 0) {
		if (ground_open(g, NULL) != ST_OK)
			_exit(1);
		for (size_t i = 0; i < 20; i++)
			if (push_now(g, fx_write(&g->fx, 1, 'x', NULL)).kind != MERGE_OK)
				_exit(2);
		_exit(0); /* nothing is closed */
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(how, 0);
	ground_reopen(g);
	assert_int_equal(look_now(g, 0).head, 20);
}

static void
second_store_on_one_file_is_busy(void **state)
{
	struct ground *g = *state;
	struct store *other = NULL;
	struct store_sqlite_config config = {.path = g->file, .checks = &g->fx.checks};
	struct trouble t = {0};

	assert_int_equal(store_sqlite_open(&other, &config, &t), ST_BUSY);
	assert_null(other);
	assert_non_null(strstr(t.text, "is open in this process"));
}

static void
damaged_file_is_corrupt_and_never_wrong(void **state)
{
	struct ground *g = *state;
	char junk[4096];
	int fd;

	for (size_t i = 0; i < 40; i++)
		push_now(g, fx_write(&g->fx, 1, 'x', NULL));
	ground_close(g);
	memset(junk, 0x5a, sizeof junk);
	fd = open(g->file, O_WRONLY);
	assert_true(fd >= 0);
	for (long page = 3; page < 30; page++)
		(void)!pwrite(fd, junk, sizeof junk, page * 4096);
	close(fd);
	if (ground_open(g, NULL) != ST_OK)
		return;
	pull_all(g, 0);
	assert_int_equal(g->result, STORE_CORRUPT);
}

/* ---- erasure ---- */

static bool
file_has(const char *path, struct span needle)
{
	FILE *f = fopen(path, "rb");
	static uint8_t content[8 << 20];
	size_t len;

	if (f == NULL)
		return false;
	len = fread(content, 1, sizeof content, f);
	fclose(f);
	return memmem(content, len, needle.bytes, needle.len) != NULL;
}

static bool
is_on_disk(const struct ground *g, struct span needle)
{
	char wal[128];

	snprintf(wal, sizeof wal, "%s-wal", g->file);
	return file_has(g->file, needle) || file_has(wal, needle);
}

/* Any 24 bytes in a row of the op's ciphertext count. */
static bool
op_is_on_disk(const struct ground *g, const struct op *op)
{
	for (size_t at = 8; at + 24 <= op->wire.len; at += 500)
		if (is_on_disk(g, span_of(op->wire.bytes + at, 24)))
			return true;
	return false;
}

static void
sec_43_erased_bytes_are_in_no_file_when_the_verdict_comes(void **state)
{
	struct ground *g = *state;
	struct fx_op ops[4] = {{.record = 'a'}};
	const struct fx_op gone = {.subject = 'p', .is_erase = true};
	const struct fx_batch *about[60];
	struct merge_verdict v;

	for (size_t i = 0; i < 60; i++) {
		ops[1] = (struct fx_op){.record = 'x',
		    .subject = 'p',
		    .retention = RETAIN_PERSONAL,
		    .wire_bytes = i % 7 == 0 ? 9000 : 150 + i};
		ops[2] = (struct fx_op){.record = 'b', .subject = 'q', .wire_bytes = 300};
		ops[3] = (struct fx_op){.record = (char)i};
		about[i] = fx_batch(&g->fx, 1, 4, ops);
		push_now(g, about[i]);
	}
	assert_true(op_is_on_disk(g, &about[0]->batch.ops[1]));
	v = push_now(g, fx_batch(&g->fx, 1, 1, &gone));
	assert_int_equal(v.kind, MERGE_OK);
	for (size_t i = 0; i < 60; i++) {
		assert_false(op_is_on_disk(g, &about[i]->batch.ops[1]));
		assert_true(op_is_on_disk(g, &about[i]->batch.ops[2]));
	}
}

/* Rows move between pages as others grow, die and are pruned; no copy may stay behind. */
static void
erased_bytes_are_gone_after_much_moving_of_rows(void **state)
{
	struct ground *g = *state;
	enum { N = 250 };
	static const struct fx_batch *made[N];
	struct rng_seeded stream;
	struct rng rng = rng_seeded(&stream, 11);

	for (size_t i = 0; i < N; i++) {
		struct fx_op ops[3];

		for (size_t k = 0; k < 3; k++) {
			ops[k] =
			    (struct fx_op){.record = (char)('a' + rng_below(&rng, 9)),
				.subject = (char)('p' + rng_below(&rng, 4)),
				.retention = RETAIN_PERSONAL,
				.wire_bytes = 60 + rng_below(&rng, 700)};
			for (size_t d = 0; i > 0 && d < 3; d++) {
				struct dot dot = fx_dot(made[rng_below(&rng, i)],
				    (uint8_t)rng_below(&rng, 3));

				ops[k].dots[ops[k].n_dots++] = dot;
			}
		}
		made[i] = fx_batch(&g->fx, 1, 3, ops);
		push_now(g, made[i]);
	}
	for (char subject = 'p'; subject < 't'; subject++) {
		const struct fx_op gone = {.subject = subject, .is_erase = true};
		const struct tag tag = fx_tag('s', subject);

		push_now(g, fx_batch(&g->fx, 1, 1, &gone));
		for (size_t i = 0; i < N; i++)
			for (size_t k = 0; k < 3; k++) {
				const struct op *op = &made[i]->batch.ops[k];

				if (ID_EQUAL(&op->subject, &tag))
					assert_false(op_is_on_disk(g, op));
			}
	}
}

int
main(void)
{
#define SQLITE(f)                                                                        \
	{                                                                                \
#f, f, set_up_sqlite_serial, ground_tear_down, NULL                      \
	}
#define MEMORY(f)                                                                        \
	{                                                                                \
#f, f, set_up_memory_serial, ground_tear_down, NULL                      \
	}
	const struct CMUnitTest tests[] = {
	    MEMORY(every_failure_has_its_result_class),
	    MEMORY(results_have_names_and_sentences),
	    SQLITE(sec_63_push_that_finds_the_disk_full_fails_alone),
	    SQLITE(sec_61_push_that_would_grow_a_full_space_is_undone_alone),
	    SQLITE(sec_63_failed_sync_is_unknown_and_the_file_is_opened_anew),
	    SQLITE(what_was_acked_is_there_after_the_store_was_opened_again),
	    SQLITE(sec_64_acked_push_survives_a_kill_before_the_file_was_closed),
	    SQLITE(second_store_on_one_file_is_busy),
	    SQLITE(damaged_file_is_corrupt_and_never_wrong),
	    SQLITE(sec_43_erased_bytes_are_in_no_file_when_the_verdict_comes),
	    SQLITE(erased_bytes_are_gone_after_much_moving_of_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
