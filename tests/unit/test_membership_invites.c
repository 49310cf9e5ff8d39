/* test_membership_invites.c - invites, joins and grants that are refused, and what they
 * bring (SECURITY 4, 5; attack tests 20 to 26 as far as they are rules of the log). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_world.h"

static void
sec_20_a_join_needs_nothing_of_the_inviter(void **state)
{
	struct world w;
	struct invite_keys keys;
	struct laptop late;
	uint16_t invite;
	struct box_list list;
	struct keybox box;
	const struct member_scope *s;
	struct keybox_place place;
	struct sealed_box sealed;

	(void)state;
	world_open(&w);
	world_laptop(&w, &late);
	invite = (uint16_t)membership_log_len(w.m, w.sk);
	assert_int_equal(
	    world_invite(&w, w.sk, &w.coordinator, "SK-T7", ROLE_TRAINER,
		(struct scope_set){ALL | OFFICE | COUNTRY, 1, &w.sk_activity}, false,
		&keys),
	    REFUSAL_NONE);
	/* Every scope of the invite opens with its box key, and the seed is that of the
	 * log: so the joiner reads history before he says "ready". */
	WORLD_DO(box_list_read(w.last.lists[0], w.a, &list, NULL));
	assert_int_equal(list.n, 4);
	for (size_t i = 0; i < list.n; i++) {
		s = membership_scope(w.m, list.entries[i].space, list.entries[i].scope);
		place = (struct keybox_place){.network = *membership_network(w.m),
		    .space = *membership_space_name(w.m, s->space),
		    .scope = s->name,
		    .epoch = s->epoch};
		memcpy(sealed.bytes, w.last.boxes[i].bytes, sizeof sealed.bytes);
		WORLD_DO(keybox_open(&sealed, &keys.box_pk, &keys.box_sk, &place,
		    &s->fingerprint, &box, NULL));
	}
	assert_int_equal(world_join(&w, w.sk, invite, &keys, &late), REFUSAL_NONE);
	assert_true(world_may(&w, late.as, w.sk, w.sk_activity));
	assert_true(membership_invite(w.m, w.sk, invite)->is_used);
	world_close(&w);
}

static void
sec_21_a_used_expired_or_revoked_invite_is_refused(void **state)
{
	struct world w;
	struct invite_keys keys[3];
	struct laptop a, b;
	uint16_t at;
	uint16_t third;
	struct draft_revoke in = {.n_invites = 1, .invites = &third};
	struct scope_set set = {.kinds = ALL | OFFICE};

	(void)state;
	world_open(&w);
	world_laptop(&w, &a);
	world_laptop(&w, &b);
	at = (uint16_t)membership_log_len(w.m, w.sk);
	third = (uint16_t)(at + 2);
	for (int i = 0; i < 3; i++)
		assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T7",
				     ROLE_TRAINER, set, false, &keys[i]),
		    REFUSAL_NONE);
	assert_int_equal(world_join(&w, w.sk, at, &keys[0], &a), REFUSAL_NONE);
	assert_int_equal(world_join(&w, w.sk, at, &keys[0], &b), REFUSAL_INVITE_USED);
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_NONE);
	assert_int_equal(
	    world_join(&w, w.sk, third, &keys[2], &b), REFUSAL_INVITE_REVOKED);
	w.now_s += 14 * WORLD_DAY_S + 1;
	assert_int_equal(world_join(&w, w.sk, (uint16_t)(at + 1), &keys[1], &b),
	    REFUSAL_INVITE_EXPIRED);
	w.now_s -= 1;
	assert_int_equal(
	    world_join(&w, w.sk, (uint16_t)(at + 1), &keys[1], &b), REFUSAL_NONE);
	world_close(&w);
}

static void
sec_21_a_higher_role_than_the_authors_is_refused(void **state)
{
	struct world w;
	struct invite_keys keys;

	(void)state;
	world_open(&w);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "OF-9", ROLE_OFFICE,
			     (struct scope_set){.kinds = ALL}, false, &keys),
	    REFUSAL_ROLE);
	assert_int_equal(world_invite(&w, w.sk, &w.trainer, "SK-T2", ROLE_COORDINATOR,
			     (struct scope_set){.kinds = ALL}, false, &keys),
	    REFUSAL_ROLE);
	assert_int_equal(world_invite(&w, w.sk, &w.trainer, "SK-T2", ROLE_TRAINER,
			     (struct scope_set){.kinds = ALL | COUNTRY}, false, &keys),
	    REFUSAL_READER);
	assert_int_equal(world_invite(&w, w.sk, &w.trainer, "SK-T2", ROLE_TRAINER,
			     (struct scope_set){.kinds = ALL | OFFICE}, false, &keys),
	    REFUSAL_NONE);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T8", ROLE_TRAINER,
			     (struct scope_set){.kinds = ALL | COORD}, false, &keys),
	    REFUSAL_RIGHT);
	world_close(&w);
}

static void
sec_21_a_join_with_one_right_signature_of_two_is_refused(void **state)
{
	struct world w;
	struct invite_keys keys, other;
	struct laptop a, b;
	struct draft_how how;
	struct log_record r;
	uint16_t at;

	(void)state;
	world_open(&w);
	world_laptop(&w, &a);
	world_laptop(&w, &b);
	at = (uint16_t)membership_log_len(w.m, w.sk);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T7", ROLE_TRAINER,
			     (struct scope_set){.kinds = ALL}, false, &keys),
	    REFUSAL_NONE);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T8", ROLE_TRAINER,
			     (struct scope_set){.kinds = ALL}, false, &other),
	    REFUSAL_NONE);
	how = world_draft(&w, w.sk, NULL);
	WORLD_DO(draft_join(&how, &a.keys.pk, at, &r, NULL));
	assert_int_equal(
	    world_put(&w, &r, &other.sign_sk, &a.keys.sign_sk), REFUSAL_SIGNATURE);
	assert_int_equal(
	    world_put(&w, &r, &keys.sign_sk, &b.keys.sign_sk), REFUSAL_SIGNATURE);
	assert_int_equal(world_put(&w, &r, &keys.sign_sk, &a.keys.sign_sk), REFUSAL_NONE);
	world_close(&w);
}

static void
keys_join_once(void **state)
{
	struct world w;
	struct invite_keys keys;
	struct laptop thief;
	uint16_t at;

	(void)state;
	world_open(&w);
	at = (uint16_t)membership_log_len(w.m, w.sk);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T7", ROLE_TRAINER,
			     (struct scope_set){.kinds = ALL}, false, &keys),
	    REFUSAL_NONE);
	assert_int_equal(world_join(&w, w.sk, at, &keys, &w.trainer), REFUSAL_EXISTS);
	world_laptop(&w, &thief);
	thief.keys.pk.transport = w.office.keys.pk.transport;
	assert_int_equal(world_join(&w, w.sk, at, &keys, &thief), REFUSAL_EXISTS);
	world_close(&w);
}

static void
sec_24_an_invite_that_the_rotating_record_revokes_gets_no_new_box(void **state)
{
	struct world w;
	struct invite_keys keys;
	uint16_t invite;
	struct draft_revoke in = {.n_devices = 1,
	    .devices = &w.trainer.as.device,
	    .n_invites = 1,
	    .invites = &invite};
	struct box_list list;

	(void)state;
	world_open(&w);
	invite = (uint16_t)membership_log_len(w.m, w.sk);
	assert_int_equal(
	    world_invite(&w, w.sk, &w.coordinator, "SK-T7", ROLE_TRAINER,
		(struct scope_set){.kinds = ALL | OFFICE | COUNTRY}, false, &keys),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_rotate(&w, w.sk, &w.coordinator, w.sk_country), REFUSAL_NONE);
	assert_int_equal(w.last.n_boxes, 3); /* while it is live it gets one */
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_NONE);
	for (size_t i = 0; i < w.last.n_lists; i++) {
		WORLD_DO(box_list_read(w.last.lists[i], w.a, &list, NULL));
		for (size_t k = 0; k < list.n; k++) {
			assert_int_not_equal(list.entries[k].to.device, invite);
			assert_int_not_equal(
			    list.entries[k].to.device, w.trainer.as.device);
		}
	}
	world_close(&w);
}

static void
sec_26_with_the_confirm_flag_activities_wait_for_a_grant(void **state)
{
	struct world w;
	struct laptop second;
	struct invite_keys keys;
	uint16_t activity;

	(void)state;
	world_open(&w);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-N2", ROLE_COORDINATOR,
			     (struct scope_set){ALL, 1, &w.sk_activity}, true, &keys),
	    REFUSAL_RIGHT);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-N2", ROLE_COORDINATOR,
			     (struct scope_set){.kinds = ALL | COORD}, true, &keys),
	    REFUSAL_RIGHT);
	world_member(&w, w.sk, &w.coordinator, "SK-N2", ROLE_COORDINATOR,
	    (struct scope_set){.kinds = ALL | OFFICE | COUNTRY}, true, &second);
	assert_int_equal(
	    world_scope(&w, w.sk, &w.coordinator, SCOPE_ACTIVITY, 3, &activity),
	    REFUSAL_NONE);
	assert_int_equal(w.last.n_boxes, 1);
	assert_false(world_may(&w, second.as, w.sk, activity));
	/* Nor can he let himself in. */
	assert_int_equal(world_grant(&w, w.sk, &second, &second,
			     (struct scope_set){0, 1, &activity}, 0),
	    REFUSAL_ROLE);
	assert_int_equal(world_invite(&w, w.sk, &second, "SK-N2", ROLE_COORDINATOR,
			     (struct scope_set){.kinds = ALL}, false, &keys),
	    REFUSAL_ROLE);
	assert_int_equal(world_grant(&w, w.sk, &w.coordinator, &second,
			     (struct scope_set){COORD, 1, &activity}, 0),
	    REFUSAL_NONE);
	assert_true(world_may(&w, second.as, w.sk, activity));
	world_close(&w);
}

static void
an_author_has_at_most_twenty_live_invites(void **state)
{
	struct world w;
	struct invite_keys keys;
	struct scope_set set = {.kinds = ALL};

	(void)state;
	world_open(&w);
	for (int i = 0; i < MEMBERSHIP_LIVE_INVITES_MAX; i++)
		assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T7",
				     ROLE_TRAINER, set, false, &keys),
		    REFUSAL_NONE);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T7", ROLE_TRAINER,
			     set, false, &keys),
	    REFUSAL_INVITES_MANY);
	assert_int_equal(world_renew(&w, &w.coordinator), REFUSAL_NONE);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T7", ROLE_TRAINER,
			     set, false, &keys),
	    REFUSAL_INVITES_MANY);
	w.now_s += 15 * WORLD_DAY_S;
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T7", ROLE_TRAINER,
			     set, false, &keys),
	    REFUSAL_NONE);
	world_close(&w);
}

static void
an_invite_expires_within_sixty_days(void **state)
{
	struct world w;
	struct invite_keys keys = {0};
	struct draft_how how;
	struct draft_invite in = {.member = "SK-T7",
	    .role = ROLE_TRAINER,
	    .scopes = {.kinds = ALL},
	    .keys = &keys};
	struct log_record r;

	(void)state;
	world_open(&w);
	how = world_draft(&w, w.sk, &w.coordinator.as);
	keys.box_pk = w.trainer.keys.pk.box;
	WORLD_DO(draft_invite(&how, &in, &r, NULL));
	assert_int_equal(
	    world_put(&w, &r, &w.coordinator.keys.sign_sk, NULL), REFUSAL_EXPIRY);
	r.invite.expiry_s = w.now_s + 60 * WORLD_DAY_S + 1;
	assert_int_equal(
	    world_put(&w, &r, &w.coordinator.keys.sign_sk, NULL), REFUSAL_EXPIRY);
	r.invite.expiry_s--;
	assert_int_equal(
	    world_put(&w, &r, &w.coordinator.keys.sign_sk, NULL), REFUSAL_NONE);
	world_close(&w);
}

static void
a_guest_gets_an_end_and_neither_country_nor_coord(void **state)
{
	struct world w;
	struct laptop n, guest;
	struct author as;
	uint64_t end;

	(void)state;
	world_open(&w);
	world_open_de(&w, &n, &guest);
	end = w.now_s + WORLD_DAY_S;
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &guest,
			     (struct scope_set){.kinds = OFFICE}, 0, &as),
	    REFUSAL_FORM);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &guest,
			     (struct scope_set){.kinds = OFFICE}, w.now_s, &as),
	    REFUSAL_EXPIRY);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &guest,
			     (struct scope_set){.kinds = OFFICE | COUNTRY}, end, &as),
	    REFUSAL_RIGHT);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &guest,
			     (struct scope_set){.kinds = OFFICE | ALL}, end, &as),
	    REFUSAL_RIGHT);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &guest,
			     (struct scope_set){.kinds = 0}, end, &as),
	    REFUSAL_FORM);
	assert_int_equal(world_guest(&w, w.sk, &w.office, &guest,
			     (struct scope_set){.kinds = OFFICE}, end, &as),
	    REFUSAL_READER);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &w.trainer,
			     (struct scope_set){.kinds = OFFICE}, end, &as),
	    REFUSAL_RIGHT);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &guest,
			     (struct scope_set){.kinds = OFFICE}, end, &as),
	    REFUSAL_NONE);
	assert_int_equal(world_guest(&w, w.sk, &w.coordinator, &guest,
			     (struct scope_set){.kinds = OFFICE}, end, &as),
	    REFUSAL_EXISTS);
	world_close(&w);
}

#define TEST(name) cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sec_20_a_join_needs_nothing_of_the_inviter),
	    TEST(sec_21_a_used_expired_or_revoked_invite_is_refused),
	    TEST(sec_21_a_higher_role_than_the_authors_is_refused),
	    TEST(sec_21_a_join_with_one_right_signature_of_two_is_refused),
	    TEST(keys_join_once),
	    TEST(sec_24_an_invite_that_the_rotating_record_revokes_gets_no_new_box),
	    TEST(sec_26_with_the_confirm_flag_activities_wait_for_a_grant),
	    TEST(an_author_has_at_most_twenty_live_invites),
	    TEST(an_invite_expires_within_sixty_days),
	    TEST(a_guest_gets_an_end_and_neither_country_nor_coord),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
