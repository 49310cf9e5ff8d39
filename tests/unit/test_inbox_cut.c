/* test_inbox_cut.c - batches of a revoked laptop that a lying server shows: what its
 * REVOKE counts stays, what it sealed later is dropped (SECURITY 14, 19). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/sync/inbox_parts.h"
#include "unit/laptop_fixture.h"

/* In the world of the membership logs a laptop is a pair of keys. */
#define laptop member_laptop
#include "unit/log_world.h"
#undef laptop

static const struct batch_id before = {{1}}, cut_id = {{2}}, after = {{3}};

/* A laptop of SK whose trainer was revoked at the batch cut_id of the country's scope. */
struct scene {
	struct laptop_fixture fixture;
	struct world w;
	struct laptop *l;
	struct logs logs;
	struct applying applying;
	struct batch batch; /* of the trainer */
};

static void
add_batch(struct scene *s, int64_t lsn, const struct batch_id *id)
{
	struct query *q = query_of(s->l->queries,
	    "INSERT INTO r_batch VALUES(?, ?, ?, 0, 0, 0, 1, x'', x'', x'')");

	query_int(q, s->w.sk);
	query_int(q, lsn);
	query_blob(q, id->bytes, sizeof(struct short_id));
	assert_int_equal(query_run(q, NULL), ST_OK);
}

static void
revoke_at(struct scene *s, const struct batch_id *last)
{
	struct cut cut = {.device = s->w.trainer.as.device,
	    .space = s->w.sk,
	    .scope = s->w.sk_country,
	    .last = *last};
	struct draft_revoke in = {.n_devices = 1,
	    .devices = &cut.device,
	    .n_cuts = ID_IS_ZERO(last) ? 0 : 1,
	    .cuts = &cut};
	char sql[160];

	assert_int_equal(
	    world_revoke(&s->w, s->w.sk, &s->w.coordinator, &in), REFUSAL_NONE);
	(void)snprintf(sql, sizeof sql,
	    "INSERT OR REPLACE INTO r_device VALUES(%u, %u, 'SK-T9', 3, zeroblob(16), 0)",
	    s->w.trainer.as.home, s->w.trainer.as.device);
	fixture_exec(s->l, sql);
}

static int
start(void **state)
{
	struct scene *s = calloc(1, sizeof *s);

	assert_non_null(s);
	fixture_start(&s->fixture);
	world_open(&s->w);
	s->l = fixture_open(&s->fixture);
	s->logs = (struct logs){s->l, s->w.m};
	s->applying = (struct applying){.l = s->l, .logs = &s->logs, .space = s->w.sk};
	s->batch = (struct batch){.space = s->w.sk,
	    .scope = s->w.sk_country,
	    .home = s->w.trainer.as.home,
	    .device = s->w.trainer.as.device};
	*state = s;
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;

	laptop_close(s->l);
	world_close(&s->w);
	fixture_end(&s->fixture);
	free(s);
	return 0;
}

static bool
is_dropped(struct scene *s, const struct batch_id *id, uint64_t lsn)
{
	bool past = true;

	assert_int_equal(
	    inbox_is_past_cut(&s->applying, &s->batch, id, lsn, &past), ST_OK);
	return past;
}

static void
sec_19_what_a_revoked_laptop_sealed_up_to_its_cut_stays(void **state)
{
	struct scene *s = *state;

	add_batch(s, 11, &cut_id);
	assert_false(is_dropped(s, &after, 12)); /* it is a member still */
	revoke_at(s, &cut_id);
	assert_false(is_dropped(s, &before, 10));
	assert_false(is_dropped(s, &cut_id, 11));
}

static void
sec_19_what_a_lying_server_takes_after_the_cut_is_dropped(void **state)
{
	struct scene *s = *state;

	add_batch(s, 11, &cut_id);
	revoke_at(s, &cut_id);
	assert_true(is_dropped(s, &after, 12));
}

/* The server may say that it came earlier; the batch itself names what it stands on. */
static void
sec_19_a_batch_on_top_of_the_cut_is_dropped_wherever_the_server_puts_it(void **state)
{
	struct scene *s = *state;

	memcpy(s->batch.prev.bytes, cut_id.bytes, sizeof s->batch.prev.bytes);
	add_batch(s, 11, &cut_id);
	revoke_at(s, &cut_id);
	assert_true(is_dropped(s, &after, 5));
}

static void
sec_19_a_laptop_that_never_wrote_there_has_nothing_that_counts(void **state)
{
	struct scene *s = *state;
	const struct batch_id none = {{0}};

	revoke_at(s, &none);
	assert_true(is_dropped(s, &before, 10));
}

/* A restored server numbers what it gets back anew. */
static void
what_comes_back_after_a_restore_is_not_dropped_for_its_number(void **state)
{
	struct scene *s = *state;

	add_batch(s, 11, &cut_id);
	revoke_at(s, &cut_id);
	s->applying.is_rebase = true;
	assert_false(is_dropped(s, &before, 12));
}

#define CUT_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    CUT_TEST(sec_19_what_a_revoked_laptop_sealed_up_to_its_cut_stays),
	    CUT_TEST(sec_19_what_a_lying_server_takes_after_the_cut_is_dropped),
	    CUT_TEST(
		sec_19_a_batch_on_top_of_the_cut_is_dropped_wherever_the_server_puts_it),
	    CUT_TEST(sec_19_a_laptop_that_never_wrote_there_has_nothing_that_counts),
	    CUT_TEST(what_comes_back_after_a_restore_is_not_dropped_for_its_number),
	};

	return cmocka_run_group_tests_name("inbox_cut", tests, NULL, NULL) != 0;
}
