/* test_renewal.c - copied and restored laptops on the client's side: what shows that
 * there are two of one device, what readers learn of it, and that nonces come twice in no
 * case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "client/laptop/vanished.h"
#include "client/sync/renewal.h"
#include "net/os_rng.h"
#include "store/db.h"
#include "unit/laptop_fixture.h"

static int
start(void **state)
{
	static struct laptop_fixture f;

	fixture_start(&f);
	*state = &f;
	return 0;
}

static int
end(void **state)
{
	fixture_end(*state);
	return 0;
}

static int64_t
number(struct laptop *l, const char *sql)
{
	int64_t n = -1;

	assert_int_equal(db_number(l->db, sql, &n, NULL), ST_OK);
	return n;
}

/* ---- the laptop itself ---- */

static void
sec_31_a_batch_in_our_name_that_we_did_not_seal_asks_for_a_renewal(void **state)
{
	struct laptop *l = fixture_open(*state);
	struct logs logs = {.l = l};
	const struct author as = {1, 5};
	const struct short_id ours = {{1}}, theirs = {{2}};
	struct batch b = {.home = 1, .device = 6};

	assert_int_equal(renewal_note_sealed(l, as.home, &ours), ST_OK);
	assert_int_equal(renewal_see_batch(l, as, &b, &theirs), ST_OK); /* of another */
	b.device = 5;
	assert_int_equal(renewal_see_batch(l, as, &b, &ours), ST_OK);
	assert_false(renewal_is_due(l, &logs));
	assert_int_equal(renewal_see_batch(l, as, &b, &theirs), ST_OK);
	assert_true(renewal_is_due(l, &logs));
	laptop_close(l);
}

static void
what_this_laptop_seals_is_never_taken_for_a_copys(void **state)
{
	struct laptop_fixture *f = *state;
	struct laptop *l;

	FIXTURE_OK(f, "org add SK-C1 --set kind=youth_club --set name=Klub");
	(void)fixture_seal(f);
	l = fixture_open(f);
	assert_int_equal(number(l, "SELECT count(*) FROM r_pending"), 1);
	assert_int_equal(number(l, "SELECT count(*) FROM r_mine JOIN r_pending ON short ="
				   " substr(batch, 1, 16)"),
	    1);
	laptop_close(l);
}

static void
sec_57_an_incarnation_that_another_copy_made_is_never_taken_over(void **state)
{
	struct laptop *l = fixture_open(*state);
	struct logs logs = {.l = l};
	struct author as = {1, 9};

	/* This replica is 5; the log says that the device is 9 by now. */
	fixture_exec(l, "INSERT INTO r_self VALUES(1, 5, 9)");
	assert_int_equal(renewal_incarnation(l, as).device, 5);
	assert_true(renewal_is_outdated(l));
	assert_false(renewal_is_due(l, &logs)); /* it only reads */
	assert_int_equal(renewal_want(l), ST_OK);
	assert_true(renewal_is_due(l, &logs));
	as.home = 2;
	assert_int_equal(renewal_incarnation(l, as).device, 9); /* nothing known there */
	laptop_close(l);
}

/* ---- its readers ---- */

static void
put_batch(struct laptop *l, unsigned lsn, uint8_t prev, uint8_t name)
{
	char sql[512];

	(void)snprintf(sql, sizeof sql,
	    "INSERT INTO r_batch VALUES(1, %u, x'%02x%030d', 1, 6, 1, 1,"
	    " x'%070d%02x%040d', x'00', x'00')",
	    lsn, name, 0, 0, prev, 0);
	fixture_exec(l, sql);
}

static void
sec_31_two_batches_with_one_prev_show_whose_laptop_was_copied(void **state)
{
	struct laptop *l = fixture_open(*state);
	struct batch b = {.space = 1, .home = 1, .device = 6, .scope = 1, .epoch = 1};
	struct short_id name = {{7}};
	struct clone_notice *clones;
	size_t n = 9;

	b.prev.bytes[0] = 3;
	put_batch(l, 10, 3, 7);
	assert_int_equal(renewal_see_pair(l, &b, &name, 1807606800), ST_OK);
	assert_int_equal(renewal_clones(l, 0, true, &clones, &n), ST_OK);
	assert_int_equal(n, 0);
	name.bytes[0] = 8;
	put_batch(l, 11, 3, 8);
	assert_int_equal(renewal_see_pair(l, &b, &name, 1807606800), ST_OK);
	assert_int_equal(renewal_clones(l, 0, true, &clones, &n), ST_OK);
	assert_int_equal(n, 1);
	assert_string_equal(clones[0].member, "SK-T2");
	assert_true(clones[0].at_s == 1807606800);
	assert_int_equal(renewal_clones(l, 0, true, &clones, &n), ST_OK);
	assert_int_equal(n, 0); /* told once */
	assert_int_equal(renewal_clones(l, 0, false, &clones, &n), ST_OK);
	assert_int_equal(n, 1);
	laptop_close(l);
}

/* One of them came by a stick, and its author sealed it again after a rotation. */
static void
a_batch_that_was_sealed_again_under_the_next_key_is_no_copys(void **state)
{
	struct laptop *l = fixture_open(*state);
	struct batch b = {.space = 1, .home = 1, .device = 6, .scope = 1, .epoch = 2};
	struct short_id name = {{8}};
	struct clone_notice *clones;
	size_t n = 9;

	b.prev.bytes[0] = 3;
	put_batch(l, 10, 3, 7);
	assert_int_equal(renewal_see_pair(l, &b, &name, 1807606800), ST_OK);
	assert_int_equal(renewal_clones(l, 0, false, &clones, &n), ST_OK);
	assert_int_equal(n, 0);
	laptop_close(l);
}

/* A device's first batch of each scope says no prev: with thousands of scopes, thousands
 * were read for each batch that came. */
static void
first_batches_of_other_scopes_are_not_read(void **state)
{
	struct laptop *l = fixture_open(*state);
	sqlite3_stmt *s = NULL;

	assert_int_equal(sqlite3_prepare_v2(db_handle(l->db),
			     "EXPLAIN QUERY PLAN SELECT 1 FROM r_batch INDEXED BY"
			     " r_batch_prev WHERE substr(header, 36, 16) = ? AND"
			     " device = ? AND scope = ?",
			     -1, &s, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_non_null(strstr((const char *)sqlite3_column_text(s, 3),
	    "r_batch_prev (scope=? AND device=? AND <expr>=?"));
	sqlite3_finalize(s);
	laptop_close(l);
}

/* ---- values without a cause ---- */

static void
sec_35_a_value_that_went_without_a_cause_is_told_after_seven_days(void **state)
{
	struct laptop *l = fixture_open(*state);
	struct loaded now = {.rid = 4};
	struct entry e = {.name = {77, 2}, .field = 3, .by = {1, 6}};
	struct vanished *list;
	size_t n = 9;

	assert_int_equal(vanished_note(l, &now, &e), ST_OK);
	l->now_ms += UINT64_C(86400000) * VANISHED_DAYS - 1;
	assert_int_equal(vanished_list(l, &list, &n), ST_OK);
	assert_int_equal(n, 0);
	l->now_ms += 1;
	assert_int_equal(vanished_list(l, &list, &n), ST_OK);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].member, "SK-T2");
	assert_true(list[0].n == 1);
	/* Its cause came after all. */
	{
		struct gone gone = {.field = 3, .agent = 77, .first = 1, .count = 2};
		struct body body = {.n_gone = 1, .gone = &gone};
		struct record_op op = {.body = &body};

		now.input.n_ops = 1;
		now.input.ops = &op;
		assert_int_equal(vanished_settle(l, &now), ST_OK);
	}
	assert_int_equal(vanished_list(l, &list, &n), ST_OK);
	assert_int_equal(n, 0);
	laptop_close(l);
}

static void
only_the_names_of_its_own_field_say_that_an_entry_was_replaced(void **state)
{
	struct gone gone = {.field = 3, .agent = 77, .first = 1, .count = 2};
	struct body body = {.n_gone = 1, .gone = &gone};
	struct record_op op = {.body = &body};
	struct seen_names seen = {.agent = 78, .first = 0, .count = 1};
	struct record_dirty dirty = {.entry = {.field = 4}, .n_seen = 1, .seen = &seen};
	struct record_input in = {.n_ops = 1, .ops = &op, .n_dirty = 1, .dirty = &dirty};

	(void)state;
	assert_true(record_is_replaced(&in, 3, (struct entry_name){77, 1}));
	assert_true(record_is_replaced(&in, 3, (struct entry_name){77, 2}));
	assert_false(record_is_replaced(&in, 3, (struct entry_name){77, 3}));
	assert_false(record_is_replaced(&in, 3, (struct entry_name){77, 0}));
	assert_false(record_is_replaced(&in, 4, (struct entry_name){77, 1}));
	assert_true(record_is_replaced(&in, 4, (struct entry_name){78, 0}));
	assert_false(record_is_replaced(&in, 3, (struct entry_name){78, 0}));
}

/* ---- nonces ---- */

/* Each draw is what a batch takes for all its ops. */
enum { NONCE_BYTES = 20, DRAWS = 1000000, QUARTER = DRAWS / 4 };

static void
draw(uint8_t *to, size_t n)
{
	struct rng rng = os_rng();

	for (size_t i = 0; i < n; i++)
		rng_fill(&rng, to + i * NONCE_BYTES, NONCE_BYTES);
}

static void
read_whole(int fd, uint8_t *to, size_t len)
{
	while (len > 0) {
		ssize_t n = read(fd, to, len);

		assert_true(n > 0);
		to += n;
		len -= (size_t)n;
	}
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, NONCE_BYTES);
}

static void
sec_39_nonces_are_distinct_over_a_million_draws_across_fork_and_restore(void **state)
{
	uint8_t *all = malloc((size_t)DRAWS * NONCE_BYTES);
	int pipes[2], code = -1;
	pid_t child;

	(void)state;
	assert_non_null(all);
	assert_int_equal(pipe(pipes), 0);
	draw(all, QUARTER);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) { /* the same memory goes on drawing: a copy of the laptop */
		size_t len = (size_t)QUARTER * NONCE_BYTES;
		bool ok = true;

		draw(all, QUARTER);
		for (size_t at = 0; ok && at < len;) {
			ssize_t n = write(pipes[1], all + at, len - at);

			ok = n > 0;
			at += ok ? (size_t)n : 0;
		}
		_exit(ok ? 0 : 1);
	}
	(void)close(pipes[1]);
	read_whole(
	    pipes[0], all + (size_t)QUARTER * NONCE_BYTES, (size_t)QUARTER * NONCE_BYTES);
	(void)close(pipes[0]);
	assert_int_equal(waitpid(child, &code, 0), child);
	assert_int_equal(code, 0);
	draw(all + (size_t)2 * QUARTER * NONCE_BYTES, (size_t)2 * QUARTER);
	qsort(all, DRAWS, NONCE_BYTES, compare);
	for (size_t i = 1; i < DRAWS; i++)
		assert_memory_not_equal(
		    all + (i - 1) * NONCE_BYTES, all + i * NONCE_BYTES, NONCE_BYTES);
	free(all);
}

int
main(void)
{
#define WITH_LAPTOP(f) cmocka_unit_test_setup_teardown(f, start, end)
	const struct CMUnitTest tests[] = {
	    WITH_LAPTOP(
		sec_31_a_batch_in_our_name_that_we_did_not_seal_asks_for_a_renewal),
	    WITH_LAPTOP(what_this_laptop_seals_is_never_taken_for_a_copys),
	    WITH_LAPTOP(sec_57_an_incarnation_that_another_copy_made_is_never_taken_over),
	    WITH_LAPTOP(sec_31_two_batches_with_one_prev_show_whose_laptop_was_copied),
	    WITH_LAPTOP(a_batch_that_was_sealed_again_under_the_next_key_is_no_copys),
	    WITH_LAPTOP(first_batches_of_other_scopes_are_not_read),
	    WITH_LAPTOP(
		sec_35_a_value_that_went_without_a_cause_is_told_after_seven_days),
	    cmocka_unit_test(
		only_the_names_of_its_own_field_say_that_an_entry_was_replaced),
	    cmocka_unit_test(
		sec_39_nonces_are_distinct_over_a_million_draws_across_fork_and_restore),
	};
#undef WITH_LAPTOP

	return cmocka_run_group_tests_name("renewal", tests, NULL, NULL) != 0;
}
