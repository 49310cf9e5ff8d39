/* test_membership_grants.c - refusals of grants and revocations that are well formed, one
 * wrong value at a time. */
#include "refusal_ground.h"

/* ---- grants ---- */

static struct log_record
grant(const struct world *w, const struct laptop *by, struct author to,
    struct scope_set scopes)
{
	struct log_record r = next(w, LOG_GRANT, w->sk, by);

	r.grant.device = to;
	r.grant.scopes = scopes;
	return r;
}

static void
a_grant_gives_something_that_is_there_to_somebody_who_is_there(void **state)
{
	struct world w;
	struct log_record r;
	struct scope_set team;

	(void)state;
	world_open(&w);
	team = (struct scope_set){.n_activities = 1, .activities = &w.sk_activity};
	r = grant(&w, &w.coordinator, w.trainer.as, team);
	TAKEN(&r);
	r.grant.end_s = r.time_s;
	REFUSED(&r, REFUSAL_EXPIRY);
	r.grant.end_s = r.time_s + 1;
	TAKEN(&r);
	r = grant(&w, &w.coordinator, w.trainer.as, kinds(0));
	REFUSED(&r, REFUSAL_FORM);
	r = grant(&w, &w.coordinator, w.trainer.as, kinds(COORD));
	REFUSED(&r, REFUSAL_RIGHT);
	r = grant(&w, &w.coordinator, (struct author){w.sk, w.sk_office}, team);
	REFUSED(&r, REFUSAL_UNKNOWN);
	r = grant(&w, &w.coordinator, (struct author){w.de, w.trainer.as.device}, team);
	REFUSED(&r, REFUSAL_UNKNOWN);
	r = grant(&w, &w.trainer, w.trainer.as, team);
	REFUSED(&r, REFUSAL_ROLE);
	r = grant(&w, &w.office, w.trainer.as, team);
	REFUSED(&r, REFUSAL_READER);
	r = grant(&w, &w.office, w.office.as, kinds(OFFICE));
	TAKEN(&r);
	r = grant(&w, &w.coordinator, w.office.as, team);
	REFUSED(&r, REFUSAL_RIGHT);
	r = next(&w, LOG_GRANT, 0, &w.office);
	r.grant.scopes = kinds(OFFICE);
	REFUSED(&r, REFUSAL_PLACE);
	world_close(&w);
}

static void
nobody_is_granted_anything_under_an_old_name_or_after_he_went(void **state)
{
	struct world w;
	struct log_record r;
	struct author old_trainer, old_office;
	struct laptop second;

	(void)state;
	world_open(&w);
	old_trainer = w.trainer.as;
	old_office = w.office.as;
	world_member(&w, 0, NULL, "OF-2", ROLE_OFFICE, kinds(ALL), false, &second);
	assert_int_equal(world_renew(&w, &w.trainer), REFUSAL_NONE);
	assert_int_equal(world_renew(&w, &w.office), REFUSAL_NONE);
	r = grant(&w, &w.coordinator, old_trainer, kinds(OFFICE));
	REFUSED(&r, REFUSAL_UNKNOWN);
	r = grant(&w, &w.coordinator, old_office, kinds(OFFICE));
	REFUSED(&r, REFUSAL_UNKNOWN);
	r = grant(&w, &w.coordinator, w.office.as, kinds(OFFICE));
	TAKEN(&r);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &w.trainer), REFUSAL_NONE);
	assert_int_equal(world_revoke_device(&w, 0, NULL, &second), REFUSAL_NONE);
	r = grant(&w, &w.coordinator, w.trainer.as, kinds(OFFICE));
	REFUSED(&r, REFUSAL_REVOKED);
	r = grant(&w, &w.coordinator, second.as, kinds(OFFICE));
	REFUSED(&r, REFUSAL_REVOKED);
	world_close(&w);
}

static void
a_new_guest_is_of_another_country_and_new_and_gets_little(void **state)
{
	struct world w;
	struct laptop coordinator, trainer;
	struct log_record good, r;

	(void)state;
	world_open(&w);
	world_open_de(&w, &coordinator, &trainer);
	good = grant(&w, &w.coordinator, (struct author){0, 0},
	    (struct scope_set){OFFICE, 1, &w.sk_activity});
	good.grant.is_new_guest = true;
	good.grant.member = (struct member_code){"DE-T3"};
	good.grant.country = w.de;
	good.grant.keys = membership_by_author(w.m, trainer.as)->keys;
	good.grant.end_s = w.now_s + WORLD_DAY_S;
	TAKEN(&good);
	r = good;
	r.grant.country = w.sk;
	REFUSED(&r, REFUSAL_RIGHT);
	r.grant.country = 0;
	REFUSED(&r, REFUSAL_RIGHT);
	r.grant.country = 500;
	REFUSED(&r, REFUSAL_UNKNOWN);
	r.grant.country = w.all; /* no SPACE record */
	REFUSED(&r, REFUSAL_UNKNOWN);
	r = good;
	r.grant.keys.box = w.trainer.keys.pk.box;
	REFUSED(&r, REFUSAL_EXISTS);
	r = good;
	r.grant.scopes.kinds |= COUNTRY;
	REFUSED(&r, REFUSAL_RIGHT);
	r = good;
	r.author = w.trainer.as;
	REFUSED(&r, REFUSAL_ROLE);
	r.author = w.office.as;
	r.grant.scopes = kinds(OFFICE);
	REFUSED(&r, REFUSAL_READER);
	world_close(&w);
}

static void
a_guest_is_granted_more_only_until_an_end(void **state)
{
	struct world w;
	struct laptop coordinator, trainer;
	struct author as;
	struct log_record r;

	(void)state;
	world_open(&w);
	world_open_de(&w, &coordinator, &trainer);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &trainer, kinds(OFFICE),
			     w.now_s + WORLD_DAY_S, &as),
	    REFUSAL_NONE);
	r = grant(&w, &w.coordinator, as,
	    (struct scope_set){.n_activities = 1, .activities = &w.sk_activity});
	REFUSED(&r, REFUSAL_EXPIRY);
	r.grant.end_s = w.now_s + WORLD_DAY_S;
	TAKEN(&r);
	world_close(&w);
}

/* Of two grants the longer one counts, whichever comes first. */
static void
an_office_device_is_let_into_one_country_again_and_no_shorter(void **state)
{
	struct world w;
	struct laptop late;
	struct author as;

	(void)state;
	world_open(&w);
	world_member(&w, 0, NULL, "OF-2", ROLE_OFFICE, kinds(ALL), false, &late);
	as = late.as;
	assert_false(world_may(&w, as, w.sk, w.sk_office));
	assert_int_equal(world_grant(&w, w.sk, &w.coordinator, &late, kinds(OFFICE),
			     w.now_s + WORLD_DAY_S),
	    REFUSAL_NONE);
	assert_true(world_may(&w, as, w.sk, w.sk_office));
	assert_int_equal(world_grant(&w, w.sk, &w.coordinator, &late, kinds(OFFICE),
			     w.now_s + 3 * (uint64_t)WORLD_DAY_S),
	    REFUSAL_NONE);
	assert_int_equal(world_grant(&w, w.sk, &w.coordinator, &late, kinds(OFFICE),
			     w.now_s + WORLD_DAY_S),
	    REFUSAL_NONE);
	w.now_s += 2 * (uint64_t)WORLD_DAY_S;
	assert_true(world_may(&w, as, w.sk, w.sk_office));
	w.now_s += 2 * (uint64_t)WORLD_DAY_S;
	assert_false(world_may(&w, as, w.sk, w.sk_office));
	world_close(&w);
}

/* ---- revocations ---- */

static void
a_guest_may_leave_the_office_scope_and_his_team(void **state)
{
	struct world w;
	struct laptop coordinator, trainer;
	struct author as;
	struct leave leave;
	struct draft_revoke in = {.n_leaves = 1, .leaves = &leave};
	struct scope_set given;

	(void)state;
	world_open(&w);
	world_open_de(&w, &coordinator, &trainer);
	given = (struct scope_set){OFFICE, 1, &w.sk_activity};
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &trainer, given,
			     w.now_s + WORLD_DAY_S, &as),
	    REFUSAL_NONE);
	leave = (struct leave){as.device, w.sk_office};
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_NONE);
	assert_false(world_may(&w, as, w.sk, w.sk_office));
	assert_true(world_may(&w, as, w.sk, w.sk_activity));
	leave.scope = w.sk_activity;
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_NONE);
	assert_false(world_may(&w, as, w.sk, w.sk_activity));
	world_close(&w);
}

static struct log_record
revoke(const struct world *w, uint16_t space, const struct laptop *by)
{
	return next(w, LOG_REVOKE, space, by);
}

static void
only_devices_and_invites_that_stand_are_revoked(void **state)
{
	static const uint16_t first_invite = 0;
	struct world w;
	struct log_record r;
	struct invite_keys keys;
	struct draft_revoke in = {.n_invites = 1};
	uint16_t open, old;

	(void)state;
	world_open(&w);
	open = (uint16_t)membership_log_len(w.m, w.sk);
	old = w.trainer.as.device;
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T5", ROLE_TRAINER,
			     kinds(ALL), false, &keys),
	    REFUSAL_NONE);
	assert_int_equal(world_renew(&w, &w.trainer), REFUSAL_NONE);
	r = revoke(&w, w.sk, &w.coordinator);
	r.revoke.n_devices = 1;
	r.revoke.devices = &w.sk_office;
	REFUSED(&r, REFUSAL_UNKNOWN);
	r.revoke.devices = &old;
	REFUSED(&r, REFUSAL_UNKNOWN);
	r.revoke.devices = &w.coordinator.as.device;
	REFUSED(&r, REFUSAL_LAST);
	r = revoke(&w, w.sk, &w.coordinator);
	r.revoke.n_invites = 1;
	r.revoke.invites = &w.sk_office;
	REFUSED(&r, REFUSAL_UNKNOWN);
	r.revoke.invites = &first_invite;
	REFUSED(&r, REFUSAL_INVITE_USED);
	r.revoke.invites = in.invites = &open;
	TAKEN(&r);
	r.author = w.trainer.as;
	REFUSED(&r, REFUSAL_ROLE);
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_NONE);
	r = revoke(&w, w.sk, &w.coordinator);
	r.revoke.n_invites = 1;
	r.revoke.invites = &open;
	REFUSED(&r, REFUSAL_INVITE_REVOKED);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &w.trainer), REFUSAL_NONE);
	r = revoke(&w, w.sk, &w.coordinator);
	r.revoke.n_devices = 1;
	r.revoke.devices = &w.trainer.as.device;
	REFUSED(&r, REFUSAL_REVOKED);
	world_close(&w);
}

static void
who_leaves_a_scope_is_there_and_has_it_and_may(void **state)
{
	struct world w;
	struct log_record r;
	struct rotation rotation;
	struct leave leave;
	struct scope_set team;

	(void)state;
	world_open(&w);
	team = (struct scope_set){.n_activities = 1, .activities = &w.sk_activity};
	assert_int_equal(
	    world_grant(&w, w.sk, &w.coordinator, &w.trainer, team, 0), REFUSAL_NONE);
	leave = (struct leave){w.trainer.as.device, w.sk_activity};
	rotation = (struct rotation){.scope = w.sk_activity, .epoch = 2};
	r = revoke(&w, w.sk, &w.coordinator);
	r.revoke.n_leaves = 1;
	r.revoke.leaves = &leave;
	REFUSED(&r, REFUSAL_ROTATION);
	r.revoke.n_rotations = 1;
	r.revoke.rotations = &rotation;
	TAKEN(&r);
	rotation.epoch = 3;
	REFUSED(&r, REFUSAL_EPOCH);
	rotation = (struct rotation){.scope = w.trainer.as.device, .epoch = 2};
	REFUSED(&r, REFUSAL_UNKNOWN);
	leave.scope = w.sk_office;
	REFUSED(&r, REFUSAL_RIGHT); /* his role gives it */
	leave.scope = w.sk_coord;
	REFUSED(&r, REFUSAL_UNKNOWN); /* he never had it */
	leave = (struct leave){w.sk_office, w.sk_activity};
	REFUSED(&r, REFUSAL_UNKNOWN); /* no device */
	leave = (struct leave){w.trainer.as.device, w.sk_activity};
	r.revoke.n_devices = 1;
	r.revoke.devices = &w.trainer.as.device;
	REFUSED(&r, REFUSAL_UNKNOWN); /* he goes altogether */
	leave = (struct leave){w.coordinator.as.device, w.sk_activity};
	r.revoke.n_devices = 0;
	REFUSED(&r, REFUSAL_RIGHT);
	r = revoke(&w, 0, &w.office);
	r.revoke.n_leaves = 1;
	r.revoke.leaves = &leave;
	REFUSED(&r, REFUSAL_PLACE);
	world_close(&w);
}

static void
who_has_left_a_team_or_renewed_since_cannot_leave_it(void **state)
{
	struct world w;
	struct log_record r;
	struct leave leave;
	struct draft_revoke in = {.n_leaves = 1, .leaves = &leave};
	struct scope_set team;

	(void)state;
	world_open(&w);
	team = (struct scope_set){.n_activities = 1, .activities = &w.sk_activity};
	assert_int_equal(
	    world_grant(&w, w.sk, &w.coordinator, &w.trainer, team, 0), REFUSAL_NONE);
	leave = (struct leave){w.trainer.as.device, w.sk_activity};
	assert_int_equal(world_renew(&w, &w.trainer), REFUSAL_NONE);
	r = revoke(&w, w.sk, &w.coordinator);
	r.revoke.n_leaves = 1;
	r.revoke.leaves = &leave;
	REFUSED(&r, REFUSAL_UNKNOWN);
	leave.device = w.trainer.as.device;
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_NONE);
	r = revoke(&w, w.sk, &w.coordinator);
	r.revoke.n_leaves = 1;
	r.revoke.leaves = &leave;
	REFUSED(&r, REFUSAL_UNKNOWN);
	world_close(&w);
}

static void
the_last_batch_that_counts_is_of_a_scope_that_the_log_can_know(void **state)
{
	struct world w;
	struct laptop second;
	struct log_record r;
	struct cut cut = {.last = {{1}}};

	(void)state;
	world_open(&w);
	world_member(&w, 0, NULL, "OF-2", ROLE_OFFICE, kinds(ALL), false, &second);
	r = revoke(&w, 0, &w.office);
	r.revoke.n_devices = r.revoke.n_cuts = 1;
	r.revoke.devices = &second.as.device;
	r.revoke.cuts = &cut;
	cut.device = second.as.device;
	cut.scope = w.all;
	TAKEN(&r);
	cut.scope = second.as.device; /* no SCOPE record of NET */
	REFUSED(&r, REFUSAL_UNKNOWN);
	cut.space = w.sk; /* NET does not know what stands there */
	TAKEN(&r);
	cut.device = 0;
	REFUSED(&r, REFUSAL_UNKNOWN);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		a_grant_gives_something_that_is_there_to_somebody_who_is_there),
	    cmocka_unit_test(
		nobody_is_granted_anything_under_an_old_name_or_after_he_went),
	    cmocka_unit_test(a_new_guest_is_of_another_country_and_new_and_gets_little),
	    cmocka_unit_test(a_guest_is_granted_more_only_until_an_end),
	    cmocka_unit_test(
		an_office_device_is_let_into_one_country_again_and_no_shorter),
	    cmocka_unit_test(a_guest_may_leave_the_office_scope_and_his_team),
	    cmocka_unit_test(only_devices_and_invites_that_stand_are_revoked),
	    cmocka_unit_test(who_leaves_a_scope_is_there_and_has_it_and_may),
	    cmocka_unit_test(who_has_left_a_team_or_renewed_since_cannot_leave_it),
	    cmocka_unit_test(
		the_last_batch_that_counts_is_of_a_scope_that_the_log_can_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
