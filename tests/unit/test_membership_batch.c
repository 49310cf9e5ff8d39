/* test_membership_batch.c - which batches the membership log lets in (SECURITY 6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/membership_batch.h"
#include "log_world.h"

/* A batch of the trainer in the `office` scope, as good as one can be. */
static struct batch
good(const struct world *w)
{
	struct batch b = {.space = w->sk,
	    .home = w->sk,
	    .device = w->trainer.as.device,
	    .scope = w->sk_office,
	    .epoch = 1};

	b.head = (uint16_t)(membership_log_len(w->m, w->sk) - 1);
	memcpy(b.head_check, membership_record_id(w->m, w->sk, b.head)->bytes, 2);
	return b;
}

static enum batch_standing
ask(const struct world *w, const struct batch *b, struct batch_answer *out)
{
	const struct batch_question q = {.batch = b, .now_s = w->now_s};

	membership_judge(w->m, &q, out);
	return out->standing;
}

static void
a_good_batch_stands_and_gets_its_full_names(void **state)
{
	struct world w;
	struct batch b;
	struct batch_answer out;
	struct space_name sk = space_of("SK");
	struct scope_name office = scope_of(SCOPE_OFFICE, NULL);

	(void)state;
	world_open(&w);
	b = good(&w);
	assert_int_equal(ask(&w, &b, &out), STANDING_OK);
	assert_true(out.has_context);
	assert_true(space_equal(&out.context.space, &sk));
	assert_true(ID_EQUAL(&out.context.scope, &office));
	assert_true(ID_EQUAL(&out.context.network, membership_network(w.m)));
	assert_true(ID_EQUAL(&out.context.device, &out.device->id));
	assert_true(
	    ID_EQUAL(&out.context.home_head, membership_record_id(w.m, w.sk, b.head)));
	world_close(&w);
}

static void
each_wrong_reference_has_its_reason(void **state)
{
	struct world w;
	struct batch b;
	struct batch_answer out;

	(void)state;
	world_open(&w);
	b = good(&w);
	b.device = w.sk_office; /* a SCOPE record */
	assert_int_equal(ask(&w, &b, &out), STANDING_DEVICE);
	assert_null(out.device);
	b = good(&w);
	b.device = 60000;
	assert_int_equal(ask(&w, &b, &out), STANDING_LOG);
	b = good(&w);
	b.home = 60000;
	assert_int_equal(ask(&w, &b, &out), STANDING_LOG);
	b = good(&w);
	b.space = 60000;
	assert_int_equal(ask(&w, &b, &out), STANDING_LOG);
	b = good(&w);
	b.scope = w.trainer.as.device;
	assert_int_equal(ask(&w, &b, &out), STANDING_ROLE);
	b = good(&w);
	b.scope = w.sk_activity;
	assert_int_equal(ask(&w, &b, &out), STANDING_ROLE);
	b = good(&w);
	b.head = 60000;
	assert_int_equal(ask(&w, &b, &out), STANDING_LOG);
	assert_false(out.has_context);
	b = good(&w);
	b.head_check[1] ^= 1;
	assert_int_equal(ask(&w, &b, &out), STANDING_FORK);
	b = good(&w);
	b.epoch = 2;
	assert_int_equal(ask(&w, &b, &out), STANDING_LOG);
	b.epoch = 0;
	assert_int_equal(ask(&w, &b, &out), STANDING_LOG);
	world_close(&w);
}

static void
an_old_epoch_is_refused_unless_the_batch_was_carried(void **state)
{
	struct world w;
	struct batch b;
	struct batch_answer out;
	struct batch_question q = {.batch = &b, .is_carried = true};

	(void)state;
	world_open(&w);
	assert_int_equal(
	    world_rotate(&w, w.sk, &w.coordinator, w.sk_office), REFUSAL_NONE);
	b = good(&w);
	assert_int_equal(ask(&w, &b, &out), STANDING_EPOCH);
	assert_int_equal(out.present_epoch, 2);
	q.now_s = w.now_s;
	membership_judge(w.m, &q, &out);
	assert_int_equal(out.standing, STANDING_OK);
	world_close(&w);
}

static void
sec_19_a_revoked_or_renewed_author_is_refused_but_history_stays(void **state)
{
	struct world w;
	struct batch b;
	struct batch_answer out;
	struct batch_question q = {.batch = &b, .is_history = true};

	(void)state;
	world_open(&w);
	b = good(&w);
	assert_int_equal(world_renew(&w, &w.trainer), REFUSAL_NONE);
	assert_int_equal(ask(&w, &b, &out), STANDING_RENEWED);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &w.trainer), REFUSAL_NONE);
	assert_int_equal(ask(&w, &b, &out), STANDING_REVOKED);
	assert_true(out.has_context);
	q.now_s = w.now_s;
	membership_judge(w.m, &q, &out);
	assert_int_equal(out.standing, STANDING_OK);
	b.scope = w.sk_coord; /* where it never might write */
	membership_judge(w.m, &q, &out);
	assert_int_equal(out.standing, STANDING_ROLE);
	world_close(&w);
}

static void
sec_45_only_a_coordinator_may_erase(void **state)
{
	struct world w;
	struct op erase = {.is_present = true, .type = OP_ERASE};
	struct batch b;
	struct batch_answer out;

	(void)state;
	world_open(&w);
	b = good(&w);
	b.n_ops = 1;
	b.ops = &erase;
	assert_int_equal(ask(&w, &b, &out), STANDING_ROLE);
	b.device = w.coordinator.as.device;
	assert_int_equal(ask(&w, &b, &out), STANDING_OK);
	world_close(&w);
}

static void
a_guest_writes_under_the_hosts_log_until_the_end(void **state)
{
	struct world w;
	struct laptop n, guest;
	struct author as;
	struct batch b;
	struct batch_answer out;

	(void)state;
	world_open(&w);
	world_open_de(&w, &n, &guest);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &guest,
			     (struct scope_set){OFFICE, 1, &w.sk_activity},
			     w.now_s + WORLD_DAY_S, &as),
	    REFUSAL_NONE);
	b = good(&w);
	b.device = as.device;
	b.scope = w.sk_activity;
	assert_int_equal(ask(&w, &b, &out), STANDING_OK);
	b.home = w.de;
	b.device = guest.as.device;
	b.head = 0;
	memcpy(b.head_check, membership_record_id(w.m, w.de, 0)->bytes, 2);
	assert_int_equal(ask(&w, &b, &out), STANDING_ROLE);
	b = good(&w);
	b.device = as.device;
	b.scope = w.sk_activity;
	w.now_s += WORLD_DAY_S;
	assert_int_equal(ask(&w, &b, &out), STANDING_ROLE);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_batch_stands_and_gets_its_full_names),
	    cmocka_unit_test(each_wrong_reference_has_its_reason),
	    cmocka_unit_test(an_old_epoch_is_refused_unless_the_batch_was_carried),
	    cmocka_unit_test(
		sec_19_a_revoked_or_renewed_author_is_refused_but_history_stays),
	    cmocka_unit_test(sec_45_only_a_coordinator_may_erase),
	    cmocka_unit_test(a_guest_writes_under_the_hosts_log_until_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
