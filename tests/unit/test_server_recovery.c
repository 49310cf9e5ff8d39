/* test_server_recovery.c - what a restored server takes back, from whom, and when not;
 * and the list of erasures that it keeps outside its stores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "server/graves_file.h"
#include "unit/server_ground.h"

enum { DAY_S = 86400 };

/* A rotation that the server never had: as it was signed, without what belonged to it. */
static struct record
lost_record(struct ground *g)
{
	struct world *w = &g->w;
	struct record lost;

	assert_int_equal(
	    world_rotate(w, w->sk, &w->coordinator, w->sk_country), REFUSAL_NONE);
	lost = (struct record){w->sk, w->last};
	lost.built.n_lists = lost.built.n_boxes = lost.built.n_wraps = 0;
	g->unix_ms += UINT64_C(1000) * DAY_S;
	return lost;
}

static enum append_result
offer(struct ground *g, const struct record *lost, const struct laptop *who)
{
	struct visit v = {.n_appends = 1, .appends = lost};

	visit_run(g, &v, who);
	assert_int_equal(v.n_appended, 1);
	return v.append_result;
}

static void
a_restored_log_is_handed_back_while_recovery_is_open(void **state)
{
	struct ground *g = ground_open();
	struct record lost = lost_record(g);
	uint32_t len = membership_log_len(g->host->m, g->w.sk);
	struct laptop stranger;

	(void)state;
	world_laptop(&g->w, &stranger);
	assert_int_equal(offer(g, &lost, &g->w.trainer), APPEND_REFUSED);
	g->config.is_recovery_open = true;
	assert_int_equal(offer(g, &lost, &stranger), APPEND_REFUSED);
	assert_int_equal(membership_log_len(g->host->m, g->w.sk), len);
	assert_int_equal(offer(g, &lost, &g->w.trainer), APPEND_OK);
	assert_int_equal(membership_log_len(g->host->m, g->w.sk), len + 1);
	assert_int_equal(offer(g, &lost, &g->w.coordinator), APPEND_OK); /* known */
	assert_int_equal(membership_log_len(g->host->m, g->w.sk), len + 1);
	ground_end(g);
}

static void
a_record_that_was_changed_is_not_handed_back(void **state)
{
	struct ground *g = ground_open();
	struct record lost = lost_record(g);
	uint8_t *bytes = arena_alloc(g->w.a, lost.built.wire.len);

	(void)state;
	g->config.is_recovery_open = true;
	memcpy(bytes, lost.built.wire.bytes, lost.built.wire.len);
	bytes[lost.built.wire.len - 1] ^= 1; /* in the signature */
	lost.built.wire.bytes = bytes;
	assert_int_equal(offer(g, &lost, &g->w.coordinator), APPEND_REFUSED);
	ground_end(g);
}

/* The log hashes them, so that it does not matter who brings them; nor when. */
static void
keys_of_a_record_that_is_there_are_taken_if_the_log_hashes_them(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct record lost = lost_record(g), whole = {w->sk, w->last}, part = whole;
	struct span boxes[16];
	uint8_t changed[KEY_BOX_BYTES];

	(void)state;
	g->config.is_recovery_open = true;
	assert_int_equal(offer(g, &lost, &w->trainer), APPEND_OK);
	assert_in_range(whole.built.n_boxes, 1, 16);
	memcpy(boxes, whole.built.boxes, whole.built.n_boxes * sizeof *boxes);
	memcpy(changed, boxes[0].bytes, sizeof changed);
	changed[40] ^= 1;
	boxes[0] = span_of(changed, sizeof changed);
	part.built.boxes = boxes;
	assert_int_equal(offer(g, &part, &w->coordinator), APPEND_REFUSED);
	part = whole;
	part.built.n_boxes--;
	assert_int_equal(offer(g, &part, &w->coordinator), APPEND_REFUSED);
	part = whole;
	part.built.wraps = boxes; /* shorter would not be a message */
	boxes[0] = span_of(changed, whole.built.wraps[0].len);
	assert_int_equal(offer(g, &part, &w->coordinator), APPEND_REFUSED);
	assert_int_equal(offer(g, &whole, &w->coordinator), APPEND_OK);
	part = whole;
	part.built.n_lists = part.built.n_boxes = 0; /* who has the wraps alone */
	assert_int_equal(offer(g, &part, &w->trainer), APPEND_OK);
	ground_end(g);
}

/* Its batch is under an epoch whose record the server lacks: it may well be the past. */
static void
a_claim_with_a_part_that_failed_is_not_joined(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct record lost = lost_record(g);
	struct span ahead = batch_of(g, &w->coordinator, w->sk, w->sk_country, 2, 7);
	struct span known = batch_of(g, &w->coordinator, w->sk, w->sk_coord, 1, 8);
	struct recover part = {.space = w->sk, .n_batches = 1, .batches = &ahead};
	struct visit v = {.recovers = true,
	    .part_before = &part,
	    .recover = {.space = w->sk, .is_end = true}};

	(void)state;
	g->config.is_recovery_open = true;
	visit_run(g, &v, &w->coordinator);
	assert_int_equal(v.recovered, RECOVER_FAILED);
	v = (struct visit){.recovers = true, .recover = part};
	v.recover.is_end = true;
	visit_run(g, &v, &w->coordinator);
	assert_int_equal(v.recovered, RECOVER_FAILED);
	assert_int_equal(v.n_batches, 0);
	/* With the record there it is taken, and so is what follows. */
	assert_int_equal(offer(g, &lost, &w->coordinator), APPEND_OK);
	v = (struct visit){.recovers = true,
	    .part_before = &part,
	    .recover = {
		.space = w->sk, .is_end = true, .n_batches = 1, .batches = &known}};
	visit_run(g, &v, &w->coordinator);
	assert_int_equal(v.recovered, RECOVER_DONE);
	assert_int_equal(v.n_batches, 2);
	ground_end(g);
}

/* ---- copied laptops ---- */

static void
sec_31_an_older_incarnation_is_refused_and_both_of_one_prev_are_kept(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};
	struct record renewal;
	struct span late;

	(void)state;
	/* Two laptops of one incarnation, both with their first batch there. */
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_office, 1, 1));
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_office, 1, 2));
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.n_verdicts, 2);
	assert_int_equal(v.verdict[0], VERDICT_OK);
	assert_int_equal(v.verdict[1], VERDICT_OK);
	late = batch_of(g, &w->trainer, w->sk, w->sk_office, 1, 3);
	assert_int_equal(world_renew(w, &w->trainer), REFUSAL_NONE);
	renewal = (struct record){w->sk, w->last};
	assert_int_equal(offer(g, &renewal, &w->trainer), APPEND_OK);
	v = (struct visit){0};
	add_push(&v, w->sk, late);
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_office, 1, 4));
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.verdict[0], VERDICT_RENEWED);
	assert_int_equal(v.verdict[1], VERDICT_OK);
	ground_end(g);
}

/* Signed by two copies in the same second they are the same bytes. */
static void
two_copies_do_not_become_what_one_renewal_says(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct record renewal;

	(void)state;
	assert_int_equal(world_renew(w, &w->trainer), REFUSAL_NONE);
	renewal = (struct record){w->sk, w->last};
	assert_int_equal(offer(g, &renewal, &w->trainer), APPEND_OK);
	assert_int_equal(offer(g, &renewal, &w->trainer), APPEND_HEAD);
	/* Later it can only be one that is handed back. */
	g->config.is_recovery_open = true;
	g->unix_ms += UINT64_C(1000) * DAY_S;
	assert_int_equal(offer(g, &renewal, &w->trainer), APPEND_OK);
	ground_end(g);
}

/* ---- what does not come back ---- */

static struct visit
asked_about(struct ground *g, struct laptop *who)
{
	struct visit v = {.asks = true, .asks_space = g->w.sk};

	visit_run(g, &v, who);
	return v;
}

static void
what_nobody_brought_back_is_told_to_coordinators(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct span lost = batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7);
	struct short_id missing = batch_short(&g->last_batch);
	struct visit v = {0};

	(void)state;
	g->follows = missing;
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 8));
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.verdict[0], VERDICT_OK);
	/* A server that was never set back has no need to look. */
	assert_false(asked_about(g, &w->coordinator).has_gaps);
	g->config.is_recovery_open = true;
	v = asked_about(g, &w->coordinator);
	assert_true(v.has_gaps);
	assert_int_equal(v.n_gaps, 1);
	assert_int_equal(v.gap.home, w->trainer.as.home);
	assert_int_equal(v.gap.device, w->trainer.as.device);
	assert_int_equal(v.gap.scope, w->sk_country);
	assert_memory_equal(&v.gap.missing, &missing, sizeof missing);
	assert_false(asked_about(g, &w->trainer).has_gaps);
	v = (struct visit){0};
	add_push(&v, w->sk, lost);
	visit_run(g, &v, &w->trainer);
	v = asked_about(g, &w->coordinator);
	assert_true(v.has_gaps);
	assert_int_equal(v.n_gaps, 0);
	ground_end(g);
}

/* ---- the list of erasures ---- */

static void
the_list_of_graves_grows_and_holds_each_once(void **state)
{
	char path[] = "/tmp/pnet-graves-XXXXXX";
	struct merge_grave two[2] = {{3, {{1, 2, 0xff}}}, {4, {{5}}}};
	struct arena *a = arena_new(0);
	struct merge_grave *read = NULL;
	size_t n = 9;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	(void)unlink(path);
	assert_int_equal(graves_file_read(path, "SK", a, &read, &n, NULL), ST_OK);
	assert_int_equal(n, 0); /* there is none yet */
	assert_int_equal(graves_file_add(path, "SK", two, 1, NULL), ST_OK);
	assert_int_equal(graves_file_add(path, "DE", two, 1, NULL), ST_OK);
	assert_int_equal(graves_file_add(path, "SK", two, 2, NULL), ST_OK);
	assert_int_equal(graves_file_add(path, "SK", NULL, 0, NULL), ST_OK);
	assert_int_equal(graves_file_read(path, "SK", a, &read, &n, NULL), ST_OK);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(read[i].scope, two[i].scope);
		assert_true(ID_EQUAL(&read[i].subject, &two[i].subject));
	}
	(void)unlink(path);
	arena_free(a);
}

static void
a_line_that_is_no_grave_is_not_passed_over(void **state)
{
	static const char *const lines[] = {"SK 3 12\n", "SK 70000 %s\n", "SK %s\n",
	    "SK 3 0102030405060708090a0b0c0d0e0fzz\n"};
	struct arena *a = arena_new(0);
	struct merge_grave *read;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		char path[] = "/tmp/pnet-graves-XXXXXX";
		int fd = mkstemp(path);
		char text[96];
		size_t len;

		(void)snprintf(text, sizeof text, "%s", lines[i]);
		len = strlen(text);
		assert_int_equal(write(fd, text, len), (ssize_t)len);
		(void)close(fd);
		assert_int_equal(
		    graves_file_read(path, "SK", a, &read, &n, NULL), ST_CORRUPT);
		(void)unlink(path);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_restored_log_is_handed_back_while_recovery_is_open),
	    cmocka_unit_test(a_record_that_was_changed_is_not_handed_back),
	    cmocka_unit_test(
		keys_of_a_record_that_is_there_are_taken_if_the_log_hashes_them),
	    cmocka_unit_test(a_claim_with_a_part_that_failed_is_not_joined),
	    cmocka_unit_test(
		sec_31_an_older_incarnation_is_refused_and_both_of_one_prev_are_kept),
	    cmocka_unit_test(two_copies_do_not_become_what_one_renewal_says),
	    cmocka_unit_test(the_list_of_graves_grows_and_holds_each_once),
	    cmocka_unit_test(what_nobody_brought_back_is_told_to_coordinators),
	    cmocka_unit_test(a_line_that_is_no_grave_is_not_passed_over),
	};

	return cmocka_run_group_tests_name("server_recovery", tests, NULL, NULL) != 0;
}
