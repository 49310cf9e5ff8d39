/* test_server.c - a whole server on loopback: what is pushed, pulled, refused, told
 * again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/server_ground.h"

static void
a_push_is_stored_and_the_other_laptop_pulls_it(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit a = {0};
	struct visit b = {0};
	struct span wire = batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7);

	(void)state;
	add_push(&a, w->sk, wire);
	add_push(&a, 0, batch_of(g, &w->trainer, 0, w->all, 1, 8));
	visit_run(g, &a, &w->trainer);
	assert_int_equal(a.end, END_BYE);
	assert_int_equal(a.verdict[0], VERDICT_OK);
	assert_int_equal(a.verdict[1], VERDICT_OK);
	assert_int_equal(a.n_own, 2);
	assert_int_equal(a.n_batches, 0);
	visit_run(g, &b, &w->coordinator);
	assert_int_equal(b.n_batches, 2);
	assert_true(span_equal(b.batches[1], wire));
	/* And once more: nothing new, no record, no store message. */
	b = (struct visit){.n_states = b.n_states, .states = {b.states[0], b.states[1]}};
	visit_run(g, &b, &w->coordinator);
	assert_int_equal(b.n_batches, 0);
	assert_int_equal(b.n_records, 0);
	assert_int_equal(b.n_stores, 0);
	ground_end(g);
}

/* What thousands of edits of a section end as: a batch three times as long as others. */
static void
a_long_op_takes_the_place_of_many_and_is_one_at_the_server(void **state)
{
	enum { EDITS = 65 };
	struct ground *g = ground_open();
	struct world *w = &g->w;
	static uint8_t body[OP_LONG_BODY_BYTES_MAX];
	struct dot dots[EDITS];
	struct op whole = {.is_present = true,
	    .type = OP_WRITE,
	    .retention = RETAIN_ORDINARY,
	    .record = {{7, 1}},
	    .body = span_of(body, sizeof body),
	    .n_dots = EDITS,
	    .dots = dots};
	struct visit a = {0}, b = {0};
	struct span wire;

	(void)state;
	for (size_t i = 0; i < EDITS; i++) {
		a = (struct visit){0};
		add_push(&a, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7));
		dots[i] = (struct dot){batch_short(&g->last_batch), 0};
		visit_run(g, &a, &w->trainer);
		assert_int_equal(a.verdict[0], VERDICT_OK);
	}
	visit_run(g, &b, &w->coordinator);
	assert_int_equal(b.n_batches, EDITS);
	wire = batch_of_op(g, &w->trainer, w->sk, w->sk_country, 1, whole);
	assert_true(wire.len > 3 * BATCH_BYTES_MAX);
	a = (struct visit){0};
	add_push(&a, w->sk, wire);
	visit_run(g, &a, &w->trainer);
	assert_int_equal(a.verdict[0], VERDICT_OK);
	b = (struct visit){0};
	visit_run(g, &b, &w->coordinator);
	assert_int_equal(b.n_batches, 1);
	assert_true(span_equal(b.batches[0], wire));
	ground_end(g);
}

/* A batch of two ops has no claim to that room. */
static void
sec_42_only_a_batch_of_one_op_may_be_long(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};
	uint8_t *wire = arena_zeros(w->a, 1, BATCH_LONE_BYTES_MAX + 1);

	(void)state;
	wire[0] = 1;
	wire[51] = 1; /* n - 1 */
	add_push(&v, w->sk, span_of(wire, BATCH_BYTES_MAX + 1));
	wire = arena_zeros(w->a, 1, BATCH_LONE_BYTES_MAX + 1);
	wire[0] = 1;
	add_push(&v, w->sk, span_of(wire, BATCH_LONE_BYTES_MAX + 1));
	add_push(&v, w->sk, span_of(wire, BATCH_LONE_BYTES_MAX));
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.verdict[0], VERDICT_SIZE);
	assert_int_equal(v.verdict[1], VERDICT_SIZE);
	assert_int_equal(v.verdict[2], VERDICT_SHAPE);
	ground_end(g);
}

static void
a_lost_verdict_is_answered_as_known(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct span wire = batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7);

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct visit v = {0};

		add_push(&v, w->sk, wire);
		visit_run(g, &v, &w->trainer);
		assert_int_equal(v.verdict[0], i == 0 ? VERDICT_OK : VERDICT_KNOWN);
		assert_int_equal(v.n_own, 1);
	}
	ground_end(g);
}

static void
each_reason_of_a_refusal_is_told(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};
	struct span forged = batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 3);
	struct span cut = forged;
	uint8_t *bytes = arena_alloc(w->a, forged.len);

	(void)state;
	memcpy(bytes, forged.bytes, forged.len);
	bytes[BATCH_HEADER_BYTES + 5] ^= 1; /* in the signature */
	cut.len--;
	add_push(&v, w->sk, span_of(bytes, forged.len));
	add_push(&v, w->sk, cut);
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_activity, 1, 4));
	add_push(&v, w->sk, batch_of(g, &w->trainer, 0, w->all, 1, 5));
	add_push(&v, 999, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 6));
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7));
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.n_verdicts, 6);
	assert_int_equal(v.verdict[0], VERDICT_SIGNATURE);
	assert_int_equal(v.verdict[1], VERDICT_SHAPE);
	assert_int_equal(v.verdict[2], VERDICT_ROLE);  /* not in the team */
	assert_int_equal(v.verdict[3], VERDICT_SHAPE); /* another space than it says */
	assert_int_equal(v.verdict[4], VERDICT_SHAPE);
	assert_int_equal(v.verdict[5], VERDICT_OK); /* none of them blocks the next */
	ground_end(g);
}

static void
a_batch_that_somebody_else_carries_is_judged_by_its_author(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};

	(void)state;
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7));
	add_push(&v, w->sk, batch_of(g, &w->coordinator, w->sk, w->sk_coord, 1, 8));
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.verdict[0], VERDICT_OK);
	assert_int_equal(v.verdict[1], VERDICT_OK);
	/* But he does not read coord. */
	assert_int_equal(v.n_batches, 0);
	assert_int_equal(v.n_own, 2);
	ground_end(g);
}

static void
an_old_epoch_is_refused_and_the_new_one_named(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	size_t at = g->n_records;
	struct visit v = {0};
	struct span old = batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7);

	(void)state;
	assert_int_equal(
	    world_rotate(w, w->sk, &w->coordinator, w->sk_country), REFUSAL_NONE);
	keep_last(g, w->sk);
	send_records(g, at, &w->coordinator);
	add_push(&v, w->sk, old);
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 2, 7));
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.verdict[0], VERDICT_EPOCH);
	assert_int_equal(v.detail[0], 2);
	assert_int_equal(v.verdict[1], VERDICT_OK);
	ground_end(g);
}

static void
a_laptop_that_waits_is_rung_by_the_push_of_another(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit waits = {.waits = true};
	struct visit v = {0};
	struct uv_conn *c;

	(void)state;
	c = visit_begin(g, &waits, &w->coordinator);
	while (waits.n_pages < 2)
		(void)uv_run(&g->loop, UV_RUN_ONCE);
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7));
	visit_run(g, &v, &w->trainer);
	while (waits.n_rings == 0)
		(void)uv_run(&g->loop, UV_RUN_ONCE);
	session_bye(waits.session, os_mono_ms());
	uv_conn_pump(c);
	while (!waits.is_done)
		(void)uv_run(&g->loop, UV_RUN_ONCE);
	assert_int_equal(waits.end, END_BYE);
	ground_end(g);
}

static void
a_scope_granted_later_is_told_from_the_beginning(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	size_t at = g->n_records;
	struct visit v = {0};
	struct visit c = {0};
	uint16_t activity = w->sk_activity;

	(void)state;
	/* The coordinator writes in the activity, the trainer pulls without reading it.
	 */
	add_push(&c, w->sk, batch_of(g, &w->coordinator, w->sk, activity, 1, 7));
	visit_run(g, &c, &w->coordinator);
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.n_batches, 0);
	assert_int_equal(v.states[1].cursor, 1);
	assert_int_equal(
	    world_grant(w, w->sk, &w->coordinator, &w->trainer,
		(struct scope_set){.n_activities = 1, .activities = &activity}, 0),
	    REFUSAL_NONE);
	keep_last(g, w->sk);
	send_records(g, at, &w->coordinator);
	v = (struct visit){.n_states = v.n_states, .states = {v.states[0], v.states[1]}};
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.n_batches, 1);
	assert_int_equal(v.n_boxes, 1);
	v = (struct visit){.n_states = v.n_states, .states = {v.states[0], v.states[1]}};
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.n_batches, 0);
	ground_end(g);
}

static void
a_store_of_another_past_is_told_and_recovery_is_the_operators_choice(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};

	(void)state;
	v.n_states = 2;
	v.states[1].space = w->sk;
	v.states[1].cursor = 5;
	memcpy(v.states[1].mark.epoch, "OLD1", 4);
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.store, STORE_CHANGED);
	v = (struct visit){.recovers = true, .recover = {.space = w->sk, .is_end = true}};
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.recovered, RECOVER_CLOSED);
	g->config.is_recovery_open = true;
	v = (struct visit){.recovers = true, .recover = {.space = w->sk, .is_end = true}};
	v.recovered = RECOVER_FAILED;
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.recovered, RECOVER_DONE);
	ground_end(g);
}

static void
no_matter(void *ctx)
{
	(void)ctx;
}

static void
sec_61_a_full_country_refuses_what_is_one_too_many_and_the_others_go_on(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};
	struct span known = batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 6);

	(void)state;
	g->config.limits.quota_ops = 2;
	add_push(&v, w->sk, known);
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7));
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 8));
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.verdict[0], VERDICT_OK);
	assert_int_equal(v.verdict[1], VERDICT_OK); /* at the limit */
	assert_int_equal(v.verdict[2], VERDICT_QUOTA);
	v = (struct visit){0};
	add_push(&v, 0, batch_of(g, &w->trainer, 0, w->all, 1, 9));
	add_push(&v, w->sk, known);
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.verdict[0], VERDICT_OK);
	assert_int_equal(v.verdict[1], VERDICT_KNOWN);
	assert_int_equal(v.end, END_BYE);
	assert_true(v.n_pages >= 2); /* pulls go on */
	ground_end(g);
}

static enum verdict
push_one(struct ground *g, struct span wire)
{
	struct visit v = {0};

	add_push(&v, g->w.sk, wire);
	visit_run(g, &v, &g->w.trainer);
	assert_int_equal(v.n_verdicts, 1);
	return v.verdict[0];
}

/* A full country can still shrink, by compacting as well as by erasing, and has room
 * again then. */
static void
sec_61_a_full_country_takes_what_replaces_as_much_as_it_brings(void **state)
{
	enum { FULL = 3 };
	struct ground *g = ground_open();
	struct world *w = &g->w;
	static uint8_t body[OP_BODY_BYTES_MIN];
	struct dot dots[FULL];
	struct span same;
	struct op whole = {.is_present = true,
	    .type = OP_WRITE,
	    .retention = RETAIN_ORDINARY,
	    .record = {{7, 1}},
	    .body = span_of(body, sizeof body),
	    .n_dots = 1,
	    .dots = dots};

	(void)state;
	g->config.limits.quota_ops = FULL;
	for (size_t i = 0; i < FULL; i++) {
		assert_int_equal(
		    push_one(g, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7)),
		    VERDICT_OK);
		dots[i] = (struct dot){batch_short(&g->last_batch), 0};
	}
	assert_int_equal(
	    push_one(g, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7)),
	    VERDICT_QUOTA);
	same = batch_of_op(g, &w->trainer, w->sk, w->sk_country, 1, whole);
	assert_int_equal(push_one(g, same), VERDICT_OK); /* one for one */
	assert_int_equal(push_one(g, same), VERDICT_KNOWN);
	whole.n_dots = FULL - 1; /* two at once, and no room was left before */
	whole.dots = dots + 1;
	assert_int_equal(
	    push_one(g, batch_of_op(g, &w->trainer, w->sk, w->sk_country, 1, whole)),
	    VERDICT_OK);
	assert_int_equal(
	    push_one(g, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7)),
	    VERDICT_OK);
	assert_int_equal(
	    push_one(g, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7)),
	    VERDICT_QUOTA);
	ground_end(g);
}

/* Bytes as well, to the last one; and what was known is not counted again. */
static void
sec_61_a_quota_counts_what_lives_to_the_byte(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};
	struct space *s = host_space(g->host, w->sk);
	struct span one = batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 6);
	uint64_t bytes;

	(void)state;
	add_push(&v, w->sk, one);
	visit_run(g, &v, &w->trainer);
	bytes = s->live_bytes;
	assert_true(bytes > 0);
	for (size_t i = 0; i < 3; i++) {
		v = (struct visit){0};
		add_push(&v, w->sk, one);
		visit_run(g, &v, &w->trainer);
	}
	g->config.limits.quota_mib = 1;
	assert_true(host_has_room(s, 1, 1)); /* the estimate may be too high */
	assert_false(host_has_room(s, 1, UINT64_C(1) << 20));
	host_look_at(s, no_matter, NULL);
	while (!host_is_exact(s))
		(void)uv_run(&g->loop, UV_RUN_ONCE);
	assert_int_equal(s->live_bytes, bytes);
	assert_int_equal(s->live_ops, 1);
	assert_false(host_has_room(s, 1, (UINT64_C(1) << 20) - bytes + 1));
	assert_true(host_has_room(s, 1, (UINT64_C(1) << 20) - bytes));
	ground_end(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_push_is_stored_and_the_other_laptop_pulls_it),
	    cmocka_unit_test(a_long_op_takes_the_place_of_many_and_is_one_at_the_server),
	    cmocka_unit_test(sec_42_only_a_batch_of_one_op_may_be_long),
	    cmocka_unit_test(a_lost_verdict_is_answered_as_known),
	    cmocka_unit_test(each_reason_of_a_refusal_is_told),
	    cmocka_unit_test(a_batch_that_somebody_else_carries_is_judged_by_its_author),
	    cmocka_unit_test(an_old_epoch_is_refused_and_the_new_one_named),
	    cmocka_unit_test(a_laptop_that_waits_is_rung_by_the_push_of_another),
	    cmocka_unit_test(a_scope_granted_later_is_told_from_the_beginning),
	    cmocka_unit_test(
		a_store_of_another_past_is_told_and_recovery_is_the_operators_choice),
	    cmocka_unit_test(
		sec_61_a_full_country_refuses_what_is_one_too_many_and_the_others_go_on),
	    cmocka_unit_test(
		sec_61_a_full_country_takes_what_replaces_as_much_as_it_brings),
	    cmocka_unit_test(sec_61_a_quota_counts_what_lives_to_the_byte),
	};

	return cmocka_run_group_tests_name("server", tests, NULL, NULL) != 0;
}
