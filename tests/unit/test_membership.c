/* test_membership.c - who may read and write what (DESIGN 3.2), and what the logs tell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_world.h"

/* ---- scopes and roles ---- */

static void
every_member_reads_and_writes_all(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	assert_true(world_may(&w, w.office.as, 0, w.all));
	assert_true(world_may(&w, w.coordinator.as, 0, w.all));
	assert_true(world_may(&w, w.trainer.as, 0, w.all));
	world_close(&w);
}

static void
a_trainer_reads_office_and_country_but_neither_coord_nor_activities(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	assert_true(world_may(&w, w.trainer.as, w.sk, w.sk_office));
	assert_true(world_may(&w, w.trainer.as, w.sk, w.sk_country));
	assert_false(world_may(&w, w.trainer.as, w.sk, w.sk_coord));
	assert_false(world_may(&w, w.trainer.as, w.sk, w.sk_activity));
	world_close(&w);
}

static void
the_office_reads_office_scopes_and_nothing_else_of_a_country(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	assert_true(world_may(&w, w.office.as, w.sk, w.sk_office));
	assert_false(world_may(&w, w.office.as, w.sk, w.sk_country));
	assert_false(world_may(&w, w.office.as, w.sk, w.sk_coord));
	assert_false(world_may(&w, w.office.as, w.sk, w.sk_activity));
	world_close(&w);
}

static void
a_trainer_reads_an_activity_after_a_grant(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	assert_int_equal(world_grant(&w, w.sk, &w.coordinator, &w.trainer,
			     (struct scope_set){0, 1, &w.sk_activity}, 0),
	    REFUSAL_NONE);
	assert_true(world_may(&w, w.trainer.as, w.sk, w.sk_activity));
	world_close(&w);
}

static void
all_coordinators_read_a_new_activity(void **state)
{
	struct world w;
	struct laptop second;
	uint16_t activity;

	(void)state;
	world_open(&w);
	world_member(&w, w.sk, &w.coordinator, "SK-N2", ROLE_COORDINATOR,
	    (struct scope_set){ALL | OFFICE | COUNTRY | COORD, 1, &w.sk_activity}, false,
	    &second);
	assert_true(world_may(&w, second.as, w.sk, w.sk_activity));
	assert_int_equal(
	    world_scope(&w, w.sk, &second, SCOPE_ACTIVITY, 10, &activity), REFUSAL_NONE);
	assert_true(world_may(&w, w.coordinator.as, w.sk, activity));
	assert_true(world_may(&w, second.as, w.sk, activity));
	world_close(&w);
}

static void
a_coordinator_who_joins_later_reads_what_was_founded_after_his_invite(void **state)
{
	struct world w;
	struct laptop late;
	struct invite_keys keys;
	uint16_t invite;
	uint16_t activity;

	(void)state;
	world_open(&w);
	world_laptop(&w, &late);
	invite = (uint16_t)membership_log_len(w.m, w.sk);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-N2", ROLE_COORDINATOR,
			     (struct scope_set){ALL | OFFICE | COUNTRY | COORD, 0, NULL},
			     false, &keys),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_scope(&w, w.sk, &w.coordinator, SCOPE_ACTIVITY, 10, &activity),
	    REFUSAL_NONE);
	assert_int_equal(w.last.n_boxes, 2); /* the coordinator and the live invite */
	assert_int_equal(world_join(&w, w.sk, invite, &keys, &late), REFUSAL_NONE);
	assert_true(world_may(&w, late.as, w.sk, activity));
	assert_false(world_may(&w, late.as, w.sk, w.sk_activity)); /* was not listed */
	world_close(&w);
}

static void
a_guest_reads_the_hosts_office_scope_and_one_activity_until_the_end(void **state)
{
	struct world w;
	struct laptop n, guest;
	struct author as;

	(void)state;
	world_open(&w);
	world_open_de(&w, &n, &guest);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &guest,
			     (struct scope_set){OFFICE, 1, &w.sk_activity},
			     w.now_s + WORLD_DAY_S, &as),
	    REFUSAL_NONE);
	assert_true(world_may(&w, as, w.sk, w.sk_office));
	assert_true(world_may(&w, as, w.sk, w.sk_activity));
	assert_false(world_may(&w, as, w.sk, w.sk_country));
	assert_false(
	    world_may(&w, as, 0, w.all)); /* `all` he writes for his own country */
	assert_true(world_may(&w, guest.as, 0, w.all));
	assert_false(world_may(&w, guest.as, w.sk, w.sk_office));
	assert_false(membership_rotation_due(w.m, w.sk, w.sk_activity, w.now_s));
	w.now_s += WORLD_DAY_S;
	assert_false(world_may(&w, as, w.sk, w.sk_office));
	assert_false(world_may(&w, as, w.sk, w.sk_activity));
	assert_true(membership_rotation_due(w.m, w.sk, w.sk_activity, w.now_s));
	assert_int_equal(
	    world_rotate(&w, w.sk, &w.coordinator, w.sk_activity), REFUSAL_NONE);
	assert_int_equal(w.last.n_boxes, 1);
	assert_false(membership_rotation_due(w.m, w.sk, w.sk_activity, w.now_s));
	world_close(&w);
}

static void
a_second_grant_never_shortens_the_first(void **state)
{
	struct world w;
	struct laptop n, guest, as = {0};

	(void)state;
	world_open(&w);
	world_open_de(&w, &n, &guest);
	assert_int_equal(
	    world_guest(&w, w.sk, &w.coordinator, &guest,
		(struct scope_set){OFFICE, 0, NULL}, w.now_s + 10 * WORLD_DAY_S, &as.as),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_grant(&w, w.sk, &w.coordinator, &as,
		(struct scope_set){OFFICE, 1, &w.sk_activity}, w.now_s + 5 * WORLD_DAY_S),
	    REFUSAL_NONE);
	w.now_s += 6 * WORLD_DAY_S;
	assert_true(world_may(&w, as.as, w.sk, w.sk_office));
	assert_false(world_may(&w, as.as, w.sk, w.sk_activity));
	world_close(&w);
}

static void
who_leaves_a_team_keeps_what_his_role_gives(void **state)
{
	struct world w;
	struct leave leave;
	struct draft_revoke in = {.n_leaves = 1, .leaves = &leave};

	(void)state;
	world_open(&w);
	assert_int_equal(world_grant(&w, w.sk, &w.coordinator, &w.trainer,
			     (struct scope_set){0, 1, &w.sk_activity}, 0),
	    REFUSAL_NONE);
	leave = (struct leave){w.trainer.as.device, w.sk_activity};
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_NONE);
	assert_int_equal(w.last.record.revoke.n_rotations, 1);
	assert_int_equal(w.last.n_boxes, 1);
	assert_false(world_may(&w, w.trainer.as, w.sk, w.sk_activity));
	assert_true(membership_could_write(w.m, w.trainer.as, w.sk, w.sk_activity));
	assert_true(world_may(&w, w.trainer.as, w.sk, w.sk_country));
	assert_int_equal(membership_scope(w.m, w.sk, w.sk_activity)->epoch, 2);
	world_close(&w);
}

/* ---- access lists ---- */

static void
access_tells_since_when_and_under_which_name(void **state)
{
	struct world w;
	struct laptop n, guest;
	struct author as;
	const struct member_access *list;
	size_t count;

	(void)state;
	world_open(&w);
	world_open_de(&w, &n, &guest);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &guest,
			     (struct scope_set){OFFICE, 1, &w.sk_activity},
			     w.now_s + WORLD_DAY_S, &as),
	    REFUSAL_NONE);
	assert_int_equal(membership_access(w.m, &membership_by_author(w.m, as)->id,
			     w.now_s, w.a, &list, &count, NULL),
	    ST_OK);
	assert_int_equal(count, 3);
	assert_int_equal(list[0].space, 0);
	assert_int_equal(list[0].scope, w.all);
	assert_int_equal(list[0].since, w.all);
	assert_int_equal(list[0].as.home, w.de);
	assert_int_equal(list[1].scope, w.sk_office);
	assert_int_equal(list[1].since, as.device); /* the GRANT, not the SCOPE */
	assert_int_equal(list[2].scope, w.sk_activity);
	assert_int_equal(list[2].as.home, w.sk);
	assert_int_equal(list[2].as.device, as.device);
	assert_int_equal(list[2].end_s, w.now_s + WORLD_DAY_S);
	world_close(&w);
}

static void
a_guest_who_is_revoked_at_home_reads_nothing_anywhere(void **state)
{
	struct world w;
	struct laptop n, guest;
	struct author as;
	const struct member_access *list;
	size_t count;

	(void)state;
	world_open(&w);
	world_open_de(&w, &n, &guest);
	assert_int_equal(
	    world_guest(&w, w.sk, &w.coordinator, &guest,
		(struct scope_set){OFFICE, 0, NULL}, w.now_s + WORLD_DAY_S, &as),
	    REFUSAL_NONE);
	assert_int_equal(world_revoke_device(&w, w.de, &n, &guest), REFUSAL_NONE);
	assert_false(world_may(&w, as, w.sk, w.sk_office));
	assert_int_equal(membership_access(w.m, &membership_by_author(w.m, as)->id,
			     w.now_s, w.a, &list, &count, NULL),
	    ST_OK);
	assert_int_equal(count, 0);
	assert_true(membership_by_transport(w.m, &guest.keys.pk.transport)->is_revoked);
	world_close(&w);
}

/* ---- looking up ---- */

static void
a_transport_key_finds_the_member_before_the_guest(void **state)
{
	struct world w;
	struct laptop n, guest, unknown;
	struct author as;
	const struct member_device *d;

	(void)state;
	world_open(&w);
	world_open_de(&w, &n, &guest);
	assert_int_equal(
	    world_guest(&w, w.sk, &w.coordinator, &guest,
		(struct scope_set){OFFICE, 0, NULL}, w.now_s + WORLD_DAY_S, &as),
	    REFUSAL_NONE);
	d = membership_by_transport(w.m, &guest.keys.pk.transport);
	assert_non_null(d);
	assert_int_equal(d->home, w.de);
	assert_string_equal(d->member.text, "DE-T3");
	assert_int_equal(membership_device_in(w.m, w.sk, &d->id)->role, ROLE_GUEST);
	world_laptop(&w, &unknown);
	assert_null(membership_by_transport(w.m, &unknown.keys.pk.transport));
	world_close(&w);
}

static void
a_renewed_device_is_found_by_each_incarnation_and_signs_only_as_the_last(void **state)
{
	struct world w;
	struct author old;

	(void)state;
	world_open(&w);
	old = w.coordinator.as;
	assert_int_equal(world_renew(&w, &w.coordinator), REFUSAL_NONE);
	assert_int_not_equal(old.device, w.coordinator.as.device);
	assert_ptr_equal(
	    membership_by_author(w.m, old), membership_by_author(w.m, w.coordinator.as));
	assert_int_equal(membership_by_author(w.m, old)->first, old.device);
	assert_false(world_may(&w, old, w.sk, w.sk_coord));
	assert_true(world_may(&w, w.coordinator.as, w.sk, w.sk_coord));
	assert_int_equal(
	    world_rotate(&w, w.sk, &w.coordinator, w.sk_coord), REFUSAL_NONE);
	w.coordinator.as = old;
	assert_int_equal(
	    world_rotate(&w, w.sk, &w.coordinator, w.sk_coord), REFUSAL_AUTHOR);
	world_close(&w);
}

static void
names_and_positions_find_each_other(void **state)
{
	struct world w;
	struct space_name sk = space_of("SK");
	struct space_name hu = space_of("HU");
	struct record_id id;
	struct scope_name name;
	struct server_address address;
	uint16_t space = 0;

	(void)state;
	world_open(&w);
	memset(&id, 9, sizeof id);
	name = scope_of(SCOPE_ACTIVITY, &id);
	assert_true(membership_space_find(w.m, &sk, &space));
	assert_int_equal(space, w.sk);
	assert_false(membership_space_find(w.m, &hu, &space));
	assert_true(space_equal(membership_space_name(w.m, w.sk), &sk));
	assert_null(membership_space_name(w.m, 1));
	assert_int_equal(
	    membership_scope_find(w.m, w.sk, &name)->position, w.sk_activity);
	assert_null(membership_scope_find(w.m, w.de, &name));
	assert_null(membership_scope(w.m, w.sk, w.trainer.as.device));
	assert_int_equal(membership_n_spaces(w.m), 3);
	assert_int_equal(membership_n_scopes(w.m, w.sk), 4);
	assert_true(membership_server(w.m, NULL, &address));
	assert_string_equal(address.text, "sync.example.org:7443");
	world_close(&w);
}

static void
every_epoch_keeps_its_fingerprint_and_its_record(void **state)
{
	struct world w;
	struct epoch_seed seed;
	struct tag_key tag;
	struct fingerprint expected;
	uint16_t record;

	(void)state;
	world_open(&w);
	assert_int_equal(
	    world_rotate(&w, w.sk, &w.coordinator, w.sk_coord), REFUSAL_NONE);
	for (uint16_t e = 1; e <= 2; e++) {
		(void)world_seed(NULL, w.sk, w.sk_coord, e, &seed, &tag);
		expected = derive_fingerprint(&seed);
		assert_true(
		    ID_EQUAL(membership_fingerprint(w.m, w.sk, w.sk_coord, e, &record),
			&expected));
		assert_int_equal(record, e == 1 ? w.sk_coord : w.last.record.seq);
	}
	assert_null(membership_fingerprint(w.m, w.sk, w.sk_coord, 0, NULL));
	assert_null(membership_fingerprint(w.m, w.sk, w.sk_coord, 3, NULL));
	world_close(&w);
}

static void
roles_count_in_the_own_space_and_in_net_and_those_of_the_office_everywhere(void **state)
{
	struct world w;
	struct laptop n, guest;
	struct author as;

	(void)state;
	world_open(&w);
	world_open_de(&w, &n, &guest);
	assert_int_equal(
	    world_guest(&w, w.sk, &w.coordinator, &guest,
		(struct scope_set){OFFICE, 0, NULL}, w.now_s + WORLD_DAY_S, &as),
	    REFUSAL_NONE);
	assert_int_equal(membership_roles(w.m, as, w.sk), 1 << (ROLE_GUEST - 1));
	assert_int_equal(membership_roles(w.m, as, 0), 0);
	assert_int_equal(membership_roles(w.m, guest.as, 0), 1 << (ROLE_TRAINER - 1));
	assert_int_equal(membership_roles(w.m, guest.as, w.sk), 0);
	assert_int_equal(
	    membership_roles(w.m, w.office.as, w.sk), 1 << (ROLE_OFFICE - 1));
	assert_int_equal(
	    membership_roles(w.m, w.coordinator.as, w.sk), 1 << (ROLE_COORDINATOR - 1));
	world_close(&w);
}

/* ---- rotation ---- */

static void
all_is_due_after_any_revocation_until_the_office_rotates_it(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	assert_false(membership_rotation_due(w.m, 0, w.all, w.now_s));
	w.now_s += 100;
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &w.trainer), REFUSAL_NONE);
	assert_true(membership_rotation_due(w.m, 0, w.all, w.now_s));
	assert_false(membership_rotation_due(w.m, w.sk, w.sk_country, w.now_s));
	w.now_s += 100;
	assert_int_equal(world_rotate(&w, 0, &w.office, w.all), REFUSAL_NONE);
	assert_int_equal(w.last.n_boxes, 2); /* office and coordinator */
	assert_false(membership_rotation_due(w.m, 0, w.all, w.now_s));
	world_close(&w);
}

static void
all_that_is_rotated_in_the_second_of_the_revocation_is_not_due_again(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &w.trainer), REFUSAL_NONE);
	assert_true(membership_rotation_due(w.m, 0, w.all, w.now_s));
	assert_int_equal(world_rotate(&w, 0, &w.office, w.all), REFUSAL_NONE);
	assert_false(membership_rotation_due(w.m, 0, w.all, w.now_s));
	world_close(&w);
}

static void
a_revocation_that_knows_the_last_rotation_of_all_makes_it_due(void **state)
{
	struct world w;

	(void)state;
	world_open(&w);
	assert_int_equal(world_rotate(&w, 0, &w.office, w.all), REFUSAL_NONE);
	assert_int_equal(/* in the same second */
	    world_revoke_device(&w, w.sk, &w.coordinator, &w.trainer), REFUSAL_NONE);
	assert_true(membership_rotation_due(w.m, 0, w.all, w.now_s));
	world_close(&w);
}

static void
a_revoked_office_device_makes_office_scopes_due(void **state)
{
	struct world w;
	struct laptop second;

	(void)state;
	world_open(&w);
	world_member(&w, 0, &w.office, "OF-2", ROLE_OFFICE,
	    (struct scope_set){.kinds = ALL | OFFICE}, false, &second);
	assert_true(world_may(&w, second.as, w.sk, w.sk_office));
	w.now_s += 100;
	assert_int_equal(world_revoke_device(&w, 0, &w.office, &second), REFUSAL_NONE);
	assert_int_equal(w.last.record.revoke.n_rotations, 1); /* `all`, at once */
	assert_false(membership_rotation_due(w.m, 0, w.all, w.now_s));
	assert_true(membership_rotation_due(w.m, w.sk, w.sk_office, w.now_s));
	w.now_s += 100;
	assert_int_equal(world_rotate(&w, w.sk, &w.office, w.sk_office), REFUSAL_NONE);
	assert_int_equal(w.last.n_boxes, 3); /* office, coordinator, trainer */
	assert_false(membership_rotation_due(w.m, w.sk, w.sk_office, w.now_s));
	world_close(&w);
}

static void
a_cut_is_kept_for_each_incarnation_and_scope(void **state)
{
	struct world w;
	struct cut cuts[2] = {0};
	struct draft_revoke in = {.n_devices = 1, .n_cuts = 2, .cuts = cuts};
	struct batch_id last;
	struct author old;

	(void)state;
	world_open(&w);
	old = w.trainer.as;
	assert_int_equal(world_renew(&w, &w.trainer), REFUSAL_NONE);
	assert_false(membership_cut(w.m, old, w.sk, w.sk_office, &last));
	cuts[0] = (struct cut){.device = old.device, .space = w.sk, .scope = w.sk_office};
	cuts[1] = (struct cut){.device = w.trainer.as.device, .space = 0, .scope = w.all};
	memset(&cuts[0].last, 0xaa, sizeof cuts[0].last);
	memset(&cuts[1].last, 0xbb, sizeof cuts[1].last);
	in.devices = &w.trainer.as.device;
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_NONE);
	assert_true(membership_cut(w.m, old, w.sk, w.sk_office, &last));
	assert_true(ID_EQUAL(&last, &cuts[0].last));
	assert_true(membership_cut(w.m, w.trainer.as, 0, w.all, &last));
	assert_true(ID_EQUAL(&last, &cuts[1].last));
	assert_true(membership_cut(w.m, w.trainer.as, w.sk, w.sk_office, &last));
	assert_true(ID_IS_ZERO(&last));
	world_close(&w);
}

static void
the_office_lets_an_office_device_into_one_country(void **state)
{
	struct world w;
	struct laptop second;

	(void)state;
	world_open(&w);
	/* By the root key: without the right to the office scopes that are there. */
	world_member(&w, 0, NULL, "OF-2", ROLE_OFFICE, (struct scope_set){.kinds = ALL},
	    false, &second);
	assert_false(world_may(&w, second.as, w.sk, w.sk_office));
	assert_int_equal(world_grant(&w, w.sk, &w.office, &second,
			     (struct scope_set){.kinds = OFFICE}, 0),
	    REFUSAL_NONE);
	assert_true(world_may(&w, second.as, w.sk, w.sk_office));
	assert_int_equal(
	    world_rotate(&w, w.sk, &w.coordinator, w.sk_office), REFUSAL_NONE);
	assert_int_equal(w.last.n_boxes, 4);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_member_reads_and_writes_all),
	    cmocka_unit_test(
		a_trainer_reads_office_and_country_but_neither_coord_nor_activities),
	    cmocka_unit_test(
		the_office_reads_office_scopes_and_nothing_else_of_a_country),
	    cmocka_unit_test(a_trainer_reads_an_activity_after_a_grant),
	    cmocka_unit_test(all_coordinators_read_a_new_activity),
	    cmocka_unit_test(
		a_coordinator_who_joins_later_reads_what_was_founded_after_his_invite),
	    cmocka_unit_test(
		a_guest_reads_the_hosts_office_scope_and_one_activity_until_the_end),
	    cmocka_unit_test(a_second_grant_never_shortens_the_first),
	    cmocka_unit_test(who_leaves_a_team_keeps_what_his_role_gives),
	    cmocka_unit_test(access_tells_since_when_and_under_which_name),
	    cmocka_unit_test(a_guest_who_is_revoked_at_home_reads_nothing_anywhere),
	    cmocka_unit_test(a_transport_key_finds_the_member_before_the_guest),
	    cmocka_unit_test(
		a_renewed_device_is_found_by_each_incarnation_and_signs_only_as_the_last),
	    cmocka_unit_test(names_and_positions_find_each_other),
	    cmocka_unit_test(every_epoch_keeps_its_fingerprint_and_its_record),
	    cmocka_unit_test(
		roles_count_in_the_own_space_and_in_net_and_those_of_the_office_everywhere),
	    cmocka_unit_test(all_is_due_after_any_revocation_until_the_office_rotates_it),
	    cmocka_unit_test(
		all_that_is_rotated_in_the_second_of_the_revocation_is_not_due_again),
	    cmocka_unit_test(
		a_revocation_that_knows_the_last_rotation_of_all_makes_it_due),
	    cmocka_unit_test(a_revoked_office_device_makes_office_scopes_due),
	    cmocka_unit_test(a_cut_is_kept_for_each_incarnation_and_scope),
	    cmocka_unit_test(the_office_lets_an_office_device_into_one_country),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
