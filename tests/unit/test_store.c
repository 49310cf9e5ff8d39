/* test_store.c - one suite for every store engine: pushes, group commit, recovery,
 * closing (DESIGN 4.3, 4.5, 6). Pulls, keys and faults: test_store_pull.c, _keys.c,
 * _faults.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store_fixture.h"

/* ---- pushes ---- */

static void
accepted_batch_comes_back_byte_for_byte(void **state)
{
	struct ground *g = *state;
	const struct fx_op ops[] = {{.record = 'x'},
	    {.record = 'y', .subject = 'p', .retention = RETAIN_PERSONAL},
	    {.record = 'z', .wire_bytes = 9000}};
	const struct fx_batch *b = fx_batch(&g->fx, 1, 3, ops);
	struct merge_verdict v = push_now(g, b);
	struct store_page page = pull_all(g, 0);
	const struct batch *got;

	assert_int_equal(v.kind, MERGE_OK);
	assert_int_equal(v.lsn, 1);
	assert_true(page.is_last);
	assert_int_equal(page.n_rows, 1);
	assert_int_equal(page.upto, 1);
	assert_int_equal(page.rows[0].lsn, 1);
	assert_true(ID_EQUAL(&page.rows[0].id, &b->id));
	got = &page.rows[0].batch;
	assert_int_equal(got->scope, 1);
	assert_true(span_equal(got->header, b->batch.header));
	assert_true(ID_EQUAL(&got->signature, &b->batch.signature));
	assert_int_equal(got->n_ops, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(got->ops[i].is_present);
		assert_true(span_equal(got->ops[i].wire, b->batch.ops[i].wire));
	}
}

static void
replaced_op_is_told_as_its_hash_and_an_emptied_batch_not_at_all(void **state)
{
	struct ground *g = *state;
	const struct fx_op two[] = {{.record = 'x'}, {.record = 'y'}};
	const struct fx_batch *a = fx_batch(&g->fx, 1, 2, two);
	const struct fx_batch *b = fx_write(&g->fx, 1, 'x', a);
	struct fx_op last = {
	    .record = 'y', .n_dots = 1, .dots = {{batch_short(&a->id), 1}}};
	struct store_page page;

	push_now(g, a);
	push_now(g, b);
	page = pull_all(g, 0);
	assert_int_equal(page.n_rows, 2);
	assert_int_equal(page.rows[0].batch.n_ops, 2);
	assert_false(page.rows[0].batch.ops[0].is_present);
	assert_memory_equal(&page.rows[0].batch.ops[0].hash, &a->batch.ops[0].hash,
	    sizeof(struct op_hash));
	assert_true(page.rows[0].batch.ops[1].is_present);
	push_now(g, fx_batch(&g->fx, 1, 1, &last));
	page = pull_all(g, 0);
	assert_int_equal(page.n_rows, 2);
	assert_int_equal(page.rows[0].lsn, 2);
	assert_int_equal(push_now(g, a).kind, MERGE_KNOWN);
}

static void
erase_op_stays_readable_as_proof_of_its_grave(void **state)
{
	struct ground *g = *state;
	const struct fx_op op = {.subject = 'p', .is_erase = true};
	const struct fx_batch *b = fx_batch(&g->fx, 1, 1, &op);
	struct store_page page;

	assert_true(push_now(g, b).has_erase);
	page = pull_all(g, 0);
	assert_int_equal(page.n_rows, 1);
	assert_true(page.rows[0].batch.ops[0].is_present);
	assert_true(span_equal(page.rows[0].batch.ops[0].wire, b->batch.ops[0].wire));
	assert_int_equal(page.n_graves, 1);
	assert_int_equal(look_now(g, 0).live_ops, 0);
}

static void
figures_follow_what_lives(void **state)
{
	struct ground *g = *state;
	const struct fx_batch *a = fx_write(&g->fx, 1, 'x', NULL);
	struct store_figures f;

	push_now(g, a);
	push_now(g, fx_write(&g->fx, 2, 'y', NULL));
	push_now(g, fx_write(&g->fx, 1, 'x', a));
	f = look_now(g, 2);
	assert_int_equal(f.head, 3);
	assert_int_equal(f.live_ops, 2);
	assert_int_equal(f.live_bytes, 2 * FX_WIRE_BYTES);
	assert_memory_not_equal(&f.asked, &f.chain, sizeof f.chain);
	assert_int_equal(f.epoch.bytes[0], 1);
	look_now(g, 4);
	assert_int_equal(g->result, STORE_EPOCH);
}

/* ---- group commit ---- */

enum { GROUP = 40 };

struct many {
	struct ground *g;
	size_t n;
	uint64_t lsns[GROUP];
	enum store_result results[GROUP];
};

static void
on_one_of_many(void *ctx, enum store_result r, const struct merge_verdict *v,
    const struct trouble *t)
{
	struct many *m = ctx;

	m->results[m->n] = r;
	m->lsns[m->n++] = v != NULL ? v->lsn : 0;
	if (m->n == GROUP)
		take_result(m->g, r, t);
}

static void
pushes_that_wait_together_share_commits_and_are_answered_in_order(void **state)
{
	struct ground *g = *state;
	struct many many = {.g = g};
	struct store_figures f;
	uint64_t lsn = 0;

	g->is_answered = false;
	for (size_t i = 0; i < GROUP; i++) {
		struct store_push push = push_of(g, fx_write(&g->fx, 1, 'x', NULL));

		push.log_len = i == 10 ? 5 : 0;
		store_accept(g->store, &push, on_one_of_many, &many);
	}
	assert_int_equal(store_waiting(g->store), GROUP);
	(void)wait_for(g);
	assert_int_equal(store_waiting(g->store), 0);
	for (size_t i = 0; i < GROUP; i++) {
		assert_int_equal(many.results[i], i == 10 ? STORE_RETRY : STORE_OK);
		if (i != 10)
			assert_int_equal(many.lsns[i], ++lsn);
	}
	f = look_now(g, 0);
	assert_int_equal(f.pushes, GROUP - 1);
	if (is_threaded(g))
		assert_in_range(f.commits, 1, GROUP - 1);
	else
		assert_int_equal(f.commits, 1);
}

static void
push_checked_against_an_older_log_has_to_be_checked_again(void **state)
{
	struct ground *g = *state;
	const struct fx_batch *b = fx_write(&g->fx, 1, 'x', NULL);

	append_now(g, (struct store_append){0}, 'a');
	g->log_len = 0;
	push_now(g, b);
	assert_int_equal(g->result, STORE_RETRY);
	g->log_len = 1;
	assert_int_equal(push_now(g, b).kind, MERGE_OK);
}

struct busy {
	size_t n_ok;
	size_t n_busy;
};

static void
on_busy(void *ctx, enum store_result r, const struct merge_verdict *v,
    const struct trouble *t)
{
	struct busy *b = ctx;

	(void)v;
	(void)t;
	b->n_ok += r == STORE_OK;
	b->n_busy += r == STORE_BUSY;
}

static void
queue_that_is_full_answers_busy_and_takes_more_later(void **state)
{
	struct ground *g = *state;
	const struct fx_op big = {.record = 'x', .wire_bytes = 60000};
	struct busy busy = {0};

	if (is_threaded(g))
		skip(); /* the thread may be quicker than the queue is filled */
	for (size_t i = 0; i < 200; i++) { /* 12 MB, where 8 MiB may wait */
		struct store_push push = push_of(g, fx_batch(&g->fx, 1, 1, &big));

		store_accept(g->store, &push, on_busy, &busy);
	}
	store_pump(g->store);
	assert_in_range(busy.n_busy, 20, 100);
	assert_int_equal(busy.n_ok + busy.n_busy, 200);
	assert_int_equal(push_now(g, fx_write(&g->fx, 1, 'y', NULL)).kind, MERGE_OK);
}

/* ---- restores and recovery ---- */

static void
restore_changes_the_epoch_and_takes_erased_ops_away(void **state)
{
	struct ground *g = *state;
	const struct fx_op op = {
	    .record = 'x', .subject = 'p', .retention = RETAIN_PERSONAL};
	const struct store_epoch epoch = {{9, 9}};
	const struct merge_grave grave = {1, fx_tag('s', 'p')};
	struct store_page page;

	push_now(g, fx_batch(&g->fx, 1, 1, &op));
	push_now(g, fx_write(&g->fx, 1, 'y', NULL));
	g->is_answered = false;
	store_restore(g->store, &epoch, 1, &grave, on_done, g);
	assert_int_equal(wait_for(g), STORE_OK);
	page = pull_all(g, 0);
	assert_int_equal(page.epoch.bytes[0], 9);
	assert_int_equal(page.n_rows, 1);
	assert_int_equal(page.n_graves, 1);
	assert_int_equal(push_now(g, fx_batch(&g->fx, 1, 1, &op)).kind, MERGE_ERASED);
}

struct join_answer {
	struct ground *g;
	struct merge_joined joined;
};

static void
on_joined(
    void *ctx, enum store_result r, const struct merge_joined *j, const struct trouble *t)
{
	struct join_answer *a = ctx;

	if (j != NULL)
		a->joined = *j;
	take_result(a->g, r, t);
}

static struct merge_joined
join_now(struct ground *g, struct author device)
{
	const uint16_t scopes[] = {1, 2};
	struct join_answer a = {.g = g};

	g->is_answered = false;
	store_join(g->store, device, 2, scopes, on_joined, &a);
	(void)wait_for(g);
	return a.joined;
}

static void
device_brings_back_what_a_restored_store_lost(void **state)
{
	struct ground *g = *state;
	const struct author device = {1, 7};
	const struct fx_op two[] = {{.record = 'x'}, {.record = 'y'}};
	const struct fx_batch *kept = fx_write(&g->fx, 1, 'k', NULL);
	const struct fx_batch *pruned = fx_batch(&g->fx, 1, 2, two);
	const struct fx_batch *dead = fx_write(&g->fx, 1, 'd', NULL);
	const struct fx_batch *name = fx_write(&g->fx, 1, 'n', NULL);
	const struct merge_grave grave = {2, fx_tag('s', 'p')};
	const struct merge_doa doa = {{{{7}}, 0}, 1, fx_tag('r', 'x')};
	struct op ops[2] = {pruned->batch.ops[0], pruned->batch.ops[1]};
	struct batch half = pruned->batch;
	struct merge_theirs theirs = {pruned->id, &half};
	struct batch_id names[] = {name->id, dead->id};
	struct store_part part = {.device = device,
	    .is_first = true,
	    .n_ids = 2,
	    .ids = names,
	    .n_batches = 1,
	    .batches = &theirs,
	    .n_graves = 1,
	    .graves = &grave,
	    .n_doa = 1,
	    .doa = &doa};
	struct merge_joined joined;
	struct store_page page;

	ops[0].is_present = false;
	half.ops = ops;
	push_now(g, kept);
	push_now(g, dead);
	g->is_answered = false;
	store_stage(g->store, &part, on_done, g);
	assert_int_equal(wait_for(g), STORE_OK);
	assert_int_equal(pull_all(g, 0).n_rows, 2); /* staged is not joined */
	joined = join_now(g, device);
	assert_int_equal(g->result, STORE_OK);
	assert_int_equal(joined.n_added, 2);
	assert_int_equal(joined.n_live, 1);
	assert_int_equal(joined.n_dead, 1);

	page = pull_all(g, 2);
	assert_int_equal(page.n_rows, 1);
	assert_false(page.rows[0].batch.ops[0].is_present);
	assert_memory_equal(&page.rows[0].batch.ops[0].hash, &ops[0].hash, 32);
	assert_true(span_equal(page.rows[0].batch.ops[1].wire, ops[1].wire));
	assert_int_equal(page.n_refs, 1);
	assert_int_equal(page.refs[0].lsn, 2);
	assert_int_equal(page.n_graves, 1);
	assert_int_equal(page.n_doa, 1);
	assert_int_equal(push_now(g, name).kind, MERGE_KNOWN);
	join_now(g, device);
	assert_int_equal(g->result, STORE_GONE);
}

static void
op_that_a_device_brings_back_supersedes_what_the_device_forgot(void **state)
{
	struct ground *g = *state;
	const struct author device = {1, 7};
	const struct fx_batch *old = fx_write(&g->fx, 1, 'x', NULL);
	const struct fx_batch *later = fx_write(&g->fx, 1, 'z', NULL);
	struct fx_op both = {.record = 'x',
	    .n_dots = 2,
	    .dots = {{batch_short(&old->id), 0}, {batch_short(&later->id), 0}}};
	const struct fx_batch *whole = fx_batch(&g->fx, 1, 1, &both);
	const struct merge_theirs theirs = {whole->id, &whole->batch};
	const struct store_part part = {
	    .device = device, .is_first = true, .n_batches = 1, .batches = &theirs};

	push_now(g, old);
	g->is_answered = false;
	store_stage(g->store, &part, on_done, g);
	assert_int_equal(wait_for(g), STORE_OK);
	assert_int_equal(join_now(g, device).n_dead, 1);
	assert_int_equal(look_now(g, 0).live_ops, 1);
	assert_int_equal(look_now(g, 0).doa, 1);
}

static void
first_part_of_a_recovery_drops_what_an_earlier_one_staged(void **state)
{
	struct ground *g = *state;
	const struct author device = {1, 7};
	const struct fx_batch *a = fx_write(&g->fx, 1, 'x', NULL);
	const struct fx_batch *b = fx_write(&g->fx, 1, 'y', NULL);
	struct merge_theirs theirs = {a->id, &a->batch};
	struct store_part part = {
	    .device = device, .is_first = true, .n_batches = 1, .batches = &theirs};

	for (size_t i = 0; i < 2; i++) {
		g->is_answered = false;
		store_stage(g->store, &part, on_done, g);
		assert_int_equal(wait_for(g), STORE_OK);
		theirs = (struct merge_theirs){b->id, &b->batch};
	}
	assert_int_equal(join_now(g, device).n_added, 1);
	assert_int_equal(push_now(g, a).kind, MERGE_OK);
	assert_int_equal(push_now(g, b).kind, MERGE_KNOWN);
}

/* ---- life ---- */

static void
calls_on_a_closing_store_are_answered_closed(void **state)
{
	struct ground *g = *state;
	struct pushed p = {.g = g};
	struct store_push push = push_of(g, fx_write(&g->fx, 1, 'x', NULL));

	if (!is_threaded(g))
		skip(); /* a serial store is gone when store_close returns */
	g->is_answered = false;
	store_close(g->store, on_store_closed, g);
	store_accept(g->store, &push, on_pushed, &p);
	assert_int_equal(wait_for(g), STORE_CLOSED);
	while (g->store != NULL)
		uv_run(&g->loop, UV_RUN_ONCE);
}

static void
work_that_waits_is_done_before_the_store_closes(void **state)
{
	struct ground *g = *state;
	struct many many = {.g = g};

	for (size_t i = 0; i < GROUP; i++) {
		struct store_push push = push_of(g, fx_write(&g->fx, 1, 'x', NULL));

		store_accept(g->store, &push, on_one_of_many, &many);
	}
	ground_close(g);
	assert_int_equal(many.n, GROUP);
	for (size_t i = 0; i < GROUP; i++)
		assert_int_equal(many.results[i], STORE_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH(accepted_batch_comes_back_byte_for_byte),
	    EACH(replaced_op_is_told_as_its_hash_and_an_emptied_batch_not_at_all),
	    EACH(erase_op_stays_readable_as_proof_of_its_grave),
	    EACH(figures_follow_what_lives),
	    EACH(pushes_that_wait_together_share_commits_and_are_answered_in_order),
	    EACH(push_checked_against_an_older_log_has_to_be_checked_again),
	    EACH(queue_that_is_full_answers_busy_and_takes_more_later),
	    EACH(restore_changes_the_epoch_and_takes_erased_ops_away),
	    EACH(device_brings_back_what_a_restored_store_lost),
	    EACH(op_that_a_device_brings_back_supersedes_what_the_device_forgot),
	    EACH(first_part_of_a_recovery_drops_what_an_earlier_one_staged),
	    EACH(calls_on_a_closing_store_are_answered_closed),
	    EACH(work_that_waits_is_done_before_the_store_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
