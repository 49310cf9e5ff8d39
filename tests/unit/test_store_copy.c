/* test_store_copy.c - copies of a space while it is written, and room given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_fixture.h"

struct copied {
	struct ground *g;
	struct store_copied last;
};

static void
on_copied(
    void *ctx, enum store_result r, const struct store_copied *c, const struct trouble *t)
{
	struct copied *copied = ctx;

	if (c != NULL)
		copied->last = *c;
	take_result(copied->g, r, t);
}

static struct store_copied
copy_piece(struct ground *g, const char *path, int n_pages)
{
	struct copied c = {.g = g};

	g->is_answered = false;
	store_copy(g->store, path, n_pages, on_copied, &c);
	(void)wait_for(g);
	return c.last;
}

static void
push_some(struct ground *g, int n, char from)
{
	for (int i = 0; i < n; i++) {
		const struct fx_op op = {.record = (char)(from + i), .wire_bytes = 3000};

		assert_int_equal(push_now(g, fx_batch(&g->fx, 1, 1, &op)).kind, MERGE_OK);
	}
}

static void
a_copy_made_between_pushes_holds_its_last_moment(void **state)
{
	struct ground *g = *state;
	struct ground other = *g;
	struct store_copied c = {0};
	struct store_figures here, there;
	char path[sizeof g->file];
	int pieces = 0;

	snprintf(path, sizeof path, "%s/copy.db", g->folder);
	push_some(g, 20, 'a');
	while (!c.is_complete) {
		c = copy_piece(g, path, 5);
		assert_int_equal(g->result, STORE_OK);
		if (++pieces < 4)
			push_some(g, 2, (char)('A' + 2 * pieces));
	}
	assert_true(pieces > 4);
	here = look_now(g, 0);
	assert_int_equal(c.head, 26);
	assert_memory_equal(&c.chain, &here.chain, sizeof c.chain);
	memcpy(other.file, path, sizeof other.file);
	other.store = NULL;
	other.variant = SQLITE_SERIAL;
	assert_int_equal(ground_open(&other, NULL), ST_OK);
	there = look_now(&other, 0);
	assert_int_equal(there.head, here.head);
	assert_int_equal(there.live_ops, here.live_ops);
	assert_memory_equal(&there.chain, &here.chain, sizeof there.chain);
	assert_int_equal(pull_all(&other, 0).n_rows, 26);
	ground_close(&other);
	unlink(path);
}

static void
a_copy_that_is_given_up_leaves_the_store_as_it_was(void **state)
{
	struct ground *g = *state;
	char path[128];

	snprintf(path, sizeof path, "%s/copy.db", g->folder);
	push_some(g, 20, 'a');
	assert_false(copy_piece(g, path, 2).is_complete);
	(void)copy_piece(g, NULL, 2);
	assert_int_equal(g->result, STORE_GONE);
	(void)copy_piece(g, path, 2);
	assert_int_not_equal(
	    g->result, STORE_OK); /* the file is there: not overwritten */
	unlink(path);
	assert_false(copy_piece(g, path, 2).is_complete);
	push_some(g, 1, 'Z');
	ground_reopen(g); /* in the middle of it */
	assert_int_equal(look_now(g, 0).head, 21);
	unlink(path);
}

static void
copy_into_a_folder_that_is_not_there_fails_and_pushes_go_on(void **state)
{
	struct ground *g = *state;

	push_some(g, 1, 'a');
	(void)copy_piece(g, "/nowhere/at/all/copy.db", 2);
	assert_int_not_equal(g->result, STORE_OK);
	push_some(g, 1, 'b');
}

static void
compacting_gives_room_back_and_keeps_what_lives(void **state)
{
	struct ground *g = *state;
	const struct fx_batch *last = NULL;
	struct store_figures before, after;

	for (int i = 0; i < 40; i++) {
		struct fx_op op = {.record = 'x', .wire_bytes = 30000};

		if (last != NULL) {
			op.n_dots = 1;
			op.dots[0] = (struct dot){batch_short(&last->id), 0};
		}
		if (i % 2 == 1) /* a small one follows a large one */
			op.wire_bytes = 200;
		last = fx_batch(&g->fx, 1, 1, &op);
		push_now(g, last);
	}
	push_some(g, 10, 'a');
	push_now(g, fx_write(&g->fx, 2, 'q', NULL));
	before = look_now(g, 0);
	g->is_answered = false;
	store_compact(g->store, on_done, g);
	assert_int_equal(wait_for(g), STORE_OK);
	after = look_now(g, 0);
	assert_true(after.file_bytes <= before.file_bytes);
	assert_int_equal(after.live_ops, before.live_ops);
	assert_memory_equal(&after.chain, &before.chain, sizeof after.chain);
	push_some(g, 1, 'Z');
}

#define FILES(f)                                                                         \
	{"sqlite, serial: " #f, f, set_up_sqlite_serial, ground_tear_down, NULL},        \
	{                                                                                \
		"sqlite, thread: " #f, f, set_up_sqlite_thread, ground_tear_down, NULL   \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FILES(a_copy_made_between_pushes_holds_its_last_moment),
	    FILES(a_copy_that_is_given_up_leaves_the_store_as_it_was),
	    FILES(copy_into_a_folder_that_is_not_there_fails_and_pushes_go_on),
	    FILES(compacting_gives_room_back_and_keeps_what_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
