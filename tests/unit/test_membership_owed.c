/* test_membership_owed.c - what a device should read and cannot (DESIGN 3.2): found from
 * the log alone, and mended by a GRANT. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_world.h"

enum { MANY = 1500 };

static struct scope_set
owed_to(struct world *w, const struct laptop *who)
{
	const struct member_device *d = membership_by_author(w->m, who->as);
	struct scope_set set;

	assert_non_null(d);
	WORLD_DO(membership_owed(w->m, d, w->a, &set, NULL));
	return set;
}

static void
assert_nothing_owed(struct world *w, const struct laptop *who)
{
	struct scope_set set = owed_to(w, who);

	assert_int_equal(set.kinds, 0);
	assert_int_equal(set.n_activities, 0);
}

/* The second laptop of a trainer, by an invite to himself. */
static void
second_laptop(struct world *w, struct laptop *out)
{
	world_member(w, w->sk, &w->trainer, "SK-T2", ROLE_TRAINER,
	    (struct scope_set){.kinds = ALL | OFFICE}, false, out);
}

static struct scope_set
team_of(const struct world *w)
{
	return (struct scope_set){.n_activities = 1, .activities = &w->sk_activity};
}

static void
a_coordinator_is_owed_the_workshops_that_his_invite_had_no_room_for(void **state)
{
	static uint16_t positions[MANY];
	struct world w;
	struct laptop late;
	struct scope_set set, invited;
	struct draft_how how;

	(void)state;
	world_open(&w);
	for (size_t i = 0; i < MANY; i++) {
		struct record_id id = {{(uint8_t)i, (uint8_t)(i >> 8), 0xaa}};
		struct scope_name name = scope_of(SCOPE_ACTIVITY, &id);
		struct log_record r;

		how = world_draft(&w, w.sk, &w.coordinator.as);
		WORLD_DO(draft_scope(&how, &name, &r, NULL));
		positions[i] = r.seq;
		assert_int_equal(
		    world_put(&w, &r, &w.coordinator.keys.sign_sk, NULL), REFUSAL_NONE);
	}
	how = world_draft(&w, w.sk, &w.coordinator.as);
	WORLD_DO(draft_invite_scopes(&how, ROLE_COORDINATOR, false, w.a, &invited, NULL));
	assert_int_equal(invited.n_activities, LOG_LIST_MAX - 1);
	/* The newest: they are the ones that somebody works on. */
	assert_int_equal(invited.activities[LOG_LIST_MAX - 2], positions[MANY - 1]);
	world_member(
	    &w, w.sk, &w.coordinator, "SK-N2", ROLE_COORDINATOR, invited, false, &late);
	set = owed_to(&w, &late);
	assert_int_equal(set.kinds, 0);
	assert_int_equal(set.n_activities, MANY + 1 - (LOG_LIST_MAX - 1));
	assert_int_equal(set.activities[0], w.sk_activity);
	assert_int_equal(
	    world_grant(&w, w.sk, &w.coordinator, &late, set, 0), REFUSAL_NONE);
	assert_nothing_owed(&w, &late);
	for (size_t i = 0; i < MANY; i++)
		assert_true(world_may(&w, late.as, w.sk, positions[i]));
	world_close(&w);
}

static void
a_second_laptop_is_owed_what_the_first_one_reads(void **state)
{
	struct world w;
	struct laptop second;
	struct scope_set set;

	(void)state;
	world_open(&w);
	assert_int_equal(
	    world_grant(&w, w.sk, &w.coordinator, &w.trainer, team_of(&w), 0),
	    REFUSAL_NONE);
	second_laptop(&w, &second);
	set = owed_to(&w, &second);
	assert_int_equal(set.kinds, COUNTRY);
	assert_int_equal(set.n_activities, 1);
	assert_int_equal(set.activities[0], w.sk_activity);
	assert_int_equal(
	    world_grant(&w, w.sk, &w.coordinator, &second, set, 0), REFUSAL_NONE);
	assert_nothing_owed(&w, &second);
	assert_nothing_owed(&w, &w.trainer);
	world_close(&w);
}

static void
a_laptop_that_was_lost_still_tells_what_its_member_reads(void **state)
{
	struct world w;
	struct laptop second;

	(void)state;
	world_open(&w);
	assert_int_equal(
	    world_grant(&w, w.sk, &w.coordinator, &w.trainer, team_of(&w), 0),
	    REFUSAL_NONE);
	second_laptop(&w, &second);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &w.trainer), REFUSAL_NONE);
	assert_int_equal(owed_to(&w, &second).n_activities, 1);
	assert_nothing_owed(&w, &w.trainer);
	world_close(&w);
}

static void
who_was_made_to_leave_a_team_is_not_let_in_by_another_laptop(void **state)
{
	struct world w;
	struct laptop second;
	struct leave leave;
	struct draft_revoke in = {.n_leaves = 1, .leaves = &leave};

	(void)state;
	world_open(&w);
	assert_int_equal(
	    world_grant(&w, w.sk, &w.coordinator, &w.trainer, team_of(&w), 0),
	    REFUSAL_NONE);
	leave = (struct leave){w.trainer.as.device, w.sk_activity};
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_NONE);
	assert_nothing_owed(&w, &w.trainer);
	second_laptop(&w, &second);
	assert_int_equal(owed_to(&w, &second).n_activities, 0);
	world_close(&w);
}

static void
a_guest_and_whoever_waits_to_be_confirmed_are_owed_nothing(void **state)
{
	struct world w;
	struct laptop de_n1, de_t3, unsure;
	struct laptop guest = {0};

	(void)state;
	world_open(&w);
	world_open_de(&w, &de_n1, &de_t3);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &de_t3,
			     (struct scope_set){OFFICE, 1, &w.sk_activity},
			     w.now_s + WORLD_DAY_S, &guest.as),
	    REFUSAL_NONE);
	w.now_s += 2 * WORLD_DAY_S;
	assert_nothing_owed(&w, &guest);
	world_member(&w, w.sk, &w.coordinator, "SK-N2", ROLE_COORDINATOR,
	    (struct scope_set){.kinds = ALL | OFFICE | COUNTRY}, true, &unsure);
	assert_nothing_owed(&w, &unsure);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_coordinator_is_owed_the_workshops_that_his_invite_had_no_room_for),
	    cmocka_unit_test(a_second_laptop_is_owed_what_the_first_one_reads),
	    cmocka_unit_test(a_laptop_that_was_lost_still_tells_what_its_member_reads),
	    cmocka_unit_test(
		who_was_made_to_leave_a_team_is_not_let_in_by_another_laptop),
	    cmocka_unit_test(a_guest_and_whoever_waits_to_be_confirmed_are_owed_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
