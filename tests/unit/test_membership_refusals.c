/* test_membership_refusals.c - refusals of records that are well formed, one wrong value
 * at a time: places, authors, scopes, invites. Signatures are test_membership_rules.c. */
#include "refusal_ground.h"

/* ---- place and author ---- */

static void
genesis_stands_at_the_beginning_of_net_alone(void **state)
{
	struct world w;
	struct log_record good, r;

	(void)state;
	world_open(&w);
	good = (struct log_record){.kind = LOG_GENESIS, .space = space_of("NET")};
	memcpy(good.id.bytes, membership_network(w.m)->bytes, sizeof(struct network_id));
	REFUSED(&good, REFUSAL_FORK); /* another one is there */
	r = good;
	r.id.bytes[0] ^= 1;
	REFUSED(&r, REFUSAL_NETWORK);
	r = good;
	r.network.bytes[3] = 1;
	REFUSED(&r, REFUSAL_PLACE);
	r = good;
	r.space = space_of("SK");
	REFUSED(&r, REFUSAL_PLACE);
	r = good;
	r.seq = 1;
	REFUSED(&r, REFUSAL_PLACE);
	r = good;
	r.prev.bytes[0] = 1;
	REFUSED(&r, REFUSAL_PLACE);
	r = next(&w, LOG_SERVER, 0, NULL);
	r.server.address = (struct server_address){"a:1"};
	TAKEN(&r);
	r.seq = 0;
	REFUSED(&r, REFUSAL_PLACE);
	world_close(&w);
}

static void
server_and_countries_are_of_net_and_a_country_is_founded_once(void **state)
{
	struct world w;
	struct log_record r;

	(void)state;
	world_open(&w);
	r = next(&w, LOG_SPACE, w.sk, NULL);
	r.country.country = space_of("PL");
	REFUSED(&r, REFUSAL_PLACE);
	r = next(&w, LOG_SPACE, 0, NULL);
	r.country.country = space_of("SK");
	REFUSED(&r, REFUSAL_EXISTS);
	r.country.country = space_of("PL");
	TAKEN(&r);
	world_close(&w);
}

static void
an_older_net_head_than_the_countrys_own_record_is_refused(void **state)
{
	struct world w;
	struct log_record r;

	(void)state;
	world_open(&w);
	r = next(&w, LOG_ROTATE, w.sk, &w.coordinator);
	r.rotate = (struct rotation){.scope = w.sk_coord, .epoch = 2};
	TAKEN(&r);
	r.net_position = (uint16_t)(w.sk - 1); /* before SK was there */
	r.net_id = *membership_record_id(w.m, 0, r.net_position);
	REFUSED(&r, REFUSAL_NET_BACK);
	world_close(&w);
}

static void
only_the_present_incarnation_of_a_known_device_signs(void **state)
{
	struct world w;
	struct log_record r;
	struct laptop stranger = {.as = {0, 2}}, old_office;

	(void)state;
	world_open(&w);
	r = next(&w, LOG_ROTATE, w.sk, &stranger); /* a record of NET that is no device */
	r.rotate = (struct rotation){.scope = w.sk_office, .epoch = 2};
	REFUSED(&r, REFUSAL_AUTHOR);
	r.author = (struct author){w.de, w.coordinator.as.device};
	REFUSED(&r, REFUSAL_AUTHOR);
	r.author = (struct author){w.sk, w.sk_office};
	REFUSED(&r, REFUSAL_AUTHOR);
	old_office = w.office;
	r = next(
	    &w, LOG_ROTATE, w.sk, &old_office); /* cites the head before the renewal */
	r.rotate = (struct rotation){.scope = w.sk_office, .epoch = 2};
	TAKEN(&r);
	assert_int_equal(world_renew(&w, &w.office), REFUSAL_NONE);
	TAKEN(&r);
	assert_int_equal(judge_as(&w, &r, APPLY_APPEND), REFUSAL_AUTHOR);
	r = next(&w, LOG_ROTATE, w.sk, &old_office);
	r.rotate = (struct rotation){.scope = w.sk_office, .epoch = 2};
	REFUSED(&r, REFUSAL_AUTHOR);
	world_close(&w);
}

static void
a_device_renews_itself_in_its_own_log(void **state)
{
	struct world w;
	struct log_record r;

	(void)state;
	world_open(&w);
	r = next(&w, LOG_RENEW, w.sk, &w.office);
	REFUSED(&r, REFUSAL_PLACE);
	r = next(&w, LOG_RENEW, w.sk, &w.trainer);
	REFUSED(&r, REFUSAL_UNKNOWN);
	r.renew.device = membership_by_author(w.m, w.trainer.as)->id;
	TAKEN(&r);
	world_close(&w);
}

/* ---- scopes and rotations ---- */

static void
scopes_are_founded_by_those_who_read_them(void **state)
{
	struct world w;
	struct log_record r;
	struct record_id id = {{8}};

	(void)state;
	world_open(&w);
	r = next(&w, LOG_SCOPE, w.sk, &w.coordinator);
	r.scope.name = scope_of(SCOPE_ALL, NULL);
	REFUSED(&r, REFUSAL_PLACE);
	r.scope.name = scope_of(SCOPE_OFFICE, NULL);
	REFUSED(&r, REFUSAL_EXISTS);
	r.scope.name = scope_of(SCOPE_ACTIVITY, &id);
	TAKEN(&r);
	r.author = w.trainer.as;
	REFUSED(&r, REFUSAL_ROLE);
	r = next(&w, LOG_SCOPE, w.de, &w.office);
	r.scope.name = scope_of(SCOPE_OFFICE, NULL);
	TAKEN(&r);
	r.scope.name = scope_of(SCOPE_COORD, NULL);
	REFUSED(&r, REFUSAL_READER);
	r = next(&w, LOG_SCOPE, w.de, NULL);
	r.scope.name = scope_of(SCOPE_OFFICE, NULL);
	REFUSED(&r, REFUSAL_READER);
	world_close(&w);
}

static void
a_rotation_is_of_a_scope_and_by_who_may(void **state)
{
	struct world w;
	struct log_record r;

	(void)state;
	world_open(&w);
	r = next(&w, LOG_ROTATE, w.sk, &w.coordinator);
	r.rotate = (struct rotation){.scope = w.coordinator.as.device, .epoch = 2};
	REFUSED(&r, REFUSAL_UNKNOWN);
	r.rotate.scope = w.sk_coord;
	r.rotate.epoch = 3;
	REFUSED(&r, REFUSAL_EPOCH);
	r.rotate.epoch = 2;
	TAKEN(&r);
	r.author = w.trainer.as;
	REFUSED(&r, REFUSAL_ROLE);
	r.author = w.office.as;
	REFUSED(&r, REFUSAL_READER);
	r.rotate.scope = w.sk_office;
	TAKEN(&r);
	world_close(&w);
}

/* ---- invites ---- */

static struct log_record
invite(const struct world *w, uint16_t space, const struct laptop *by, const char *member,
    enum member_role role, struct scope_set scopes)
{
	struct log_record r = next(w, LOG_INVITE, space, by);

	memcpy(r.invite.member.text, member, strlen(member));
	r.invite.role = role;
	r.invite.scopes = scopes;
	r.invite.expiry_s = w->now_s + WORLD_DAY_S;
	memset(&r.invite.sign, 0x3c, sizeof r.invite.sign);
	return r;
}

static void
net_invites_the_office_and_hands_on_what_it_holds(void **state)
{
	struct world w;
	struct log_record r;

	(void)state;
	world_open(&w);
	r = invite(&w, 0, NULL, "OF-2", ROLE_OFFICE, kinds(ALL));
	TAKEN(&r);
	r.invite.role = ROLE_TRAINER;
	REFUSED(&r, REFUSAL_ROLE);
	r = invite(&w, 0, NULL, "OF-2", ROLE_OFFICE, kinds(ALL | OFFICE));
	REFUSED(&r, REFUSAL_RIGHT); /* the root key opens no scope */
	r = invite(&w, 0, &w.office, "OF-2", ROLE_OFFICE, kinds(ALL | OFFICE));
	TAKEN(&r);
	r.invite.scopes.kinds |= COORD;
	REFUSED(&r, REFUSAL_RIGHT);
	world_close(&w);
}

static void
root_and_office_invite_a_first_coordinator_to_all_and_nothing_else(void **state)
{
	struct world w;
	struct log_record r;
	struct invite_keys keys;

	(void)state;
	world_open(&w);
	r = invite(&w, w.de, &w.office, "DE-N1", ROLE_COORDINATOR, kinds(ALL));
	TAKEN(&r);
	r.invite.needs_confirm = true;
	REFUSED(&r, REFUSAL_RIGHT);
	r.invite.needs_confirm = false;
	r.invite.scopes.kinds |= COORD;
	REFUSED(&r, REFUSAL_READER);
	r = invite(&w, w.de, &w.office, "DE-N1", ROLE_TRAINER, kinds(ALL));
	REFUSED(&r, REFUSAL_READER);
	r.invite.role = ROLE_OFFICE;
	REFUSED(&r, REFUSAL_ROLE);
	r = invite(&w, w.sk, NULL, "SK-N2", ROLE_COORDINATOR, kinds(ALL));
	REFUSED(&r, REFUSAL_READER); /* somebody has joined there */
	assert_int_equal(world_invite(&w, w.de, &w.office, "DE-N1", ROLE_COORDINATOR,
			     kinds(ALL), false, &keys),
	    REFUSAL_NONE);
	for (int i = 1; i < MEMBERSHIP_LIVE_INVITES_MAX; i++)
		assert_int_equal(world_invite(&w, w.de, &w.office, "DE-N1",
				     ROLE_COORDINATOR, kinds(ALL), false, &keys),
		    REFUSAL_NONE);
	r = invite(&w, w.de, &w.office, "DE-N1", ROLE_COORDINATOR, kinds(ALL));
	REFUSED(&r, REFUSAL_INVITES_MANY);
	r = invite(&w, w.de, NULL, "DE-N1", ROLE_COORDINATOR, kinds(ALL));
	TAKEN(&r); /* the root's are counted for themselves */
	world_close(&w);
}

static void
a_trainer_invites_a_second_laptop_of_his_own(void **state)
{
	struct world w;
	struct log_record r;

	(void)state;
	world_open(&w);
	r = invite(&w, w.sk, &w.trainer, "SK-T2", ROLE_TRAINER, kinds(ALL | OFFICE));
	TAKEN(&r);
	r.invite.scopes.kinds |= COUNTRY;
	REFUSED(&r, REFUSAL_READER);
	r = invite(&w, w.sk, &w.trainer, "SK-T3", ROLE_TRAINER, kinds(ALL));
	REFUSED(&r, REFUSAL_ROLE);
	r = invite(&w, w.sk, &w.trainer, "SK-T2", ROLE_COORDINATOR, kinds(ALL));
	REFUSED(&r, REFUSAL_ROLE);
	world_close(&w);
}

static void
an_invite_gives_scopes_that_are_there_for_a_time_that_is_short(void **state)
{
	const uint16_t none = 1; /* the JOIN of the coordinator */
	struct world w;
	struct log_record r;
	uint16_t office;

	(void)state;
	world_open(&w);
	office = w.sk_office;
	r = invite(&w, w.sk, &w.coordinator, "SK-T5", ROLE_TRAINER, kinds(ALL | COUNTRY));
	TAKEN(&r);
	r.invite.scopes.kinds |= COORD;
	REFUSED(&r, REFUSAL_RIGHT);
	r.invite.scopes = kinds(OFFICE);
	REFUSED(&r, REFUSAL_FORM);
	r.invite.scopes = (struct scope_set){ALL, 1, &none};
	REFUSED(&r, REFUSAL_UNKNOWN);
	r.invite.scopes.activities = &office;
	REFUSED(&r, REFUSAL_UNKNOWN);
	r.invite.scopes.activities = &w.sk_activity;
	TAKEN(&r);
	r.invite.needs_confirm = true;
	REFUSED(&r, REFUSAL_RIGHT);
	r.invite.role = ROLE_COORDINATOR;
	r.invite.scopes = kinds(ALL | COORD);
	REFUSED(&r, REFUSAL_RIGHT);
	r.invite.scopes = kinds(ALL);
	TAKEN(&r);
	r.invite.expiry_s = r.time_s;
	REFUSED(&r, REFUSAL_EXPIRY);
	r.invite.expiry_s = r.time_s + LOG_INVITE_DAYS_MAX * (uint64_t)WORLD_DAY_S;
	TAKEN(&r);
	r.invite.expiry_s++;
	REFUSED(&r, REFUSAL_EXPIRY);
	world_close(&w);
}

static void
an_invite_to_scopes_that_are_not_founded_is_refused(void **state)
{
	struct world w;
	struct laptop coordinator, trainer;
	struct log_record r;

	(void)state;
	world_open(&w);
	world_open_de(&w, &coordinator, &trainer);
	r = invite(&w, w.de, &coordinator, "DE-T5", ROLE_TRAINER, kinds(ALL | COUNTRY));
	REFUSED(&r, REFUSAL_UNKNOWN);
	r.invite.scopes = kinds(ALL);
	TAKEN(&r);
	r.invite.sign = membership_invite_at(w.m, w.de, 0)->sign;
	REFUSED(&r, REFUSAL_EXISTS);
	world_close(&w);
}

static void
who_joins_comes_with_an_invite_and_with_keys_of_his_own(void **state)
{
	struct world w;
	struct log_record r;
	struct invite_keys keys;

	(void)state;
	world_open(&w);
	assert_int_equal(world_invite(&w, w.sk, &w.coordinator, "SK-T5", ROLE_TRAINER,
			     kinds(ALL), false, &keys),
	    REFUSAL_NONE);
	r = next(&w, LOG_JOIN, w.sk, NULL);
	memset(&r.join.keys, 0x42, sizeof r.join.keys);
	r.join.invite = w.sk_office;
	REFUSED(&r, REFUSAL_UNKNOWN);
	r.join.invite = 0;
	REFUSED(&r, REFUSAL_INVITE_USED);
	r.join.invite = (uint16_t)(r.seq - 1);
	TAKEN(&r);
	r.join.keys.sign = membership_invite(w.m, w.sk, r.join.invite)->sign;
	REFUSED(&r, REFUSAL_EXISTS);
	memset(&r.join.keys.sign, 0x42, sizeof r.join.keys.sign);
	r.join.keys.box = w.trainer.keys.pk.box;
	REFUSED(&r, REFUSAL_EXISTS);
	memset(&r.join.keys.box, 0x42, sizeof r.join.keys.box);
	r.join.keys.transport = w.trainer.keys.pk.transport;
	REFUSED(&r, REFUSAL_EXISTS);
	world_close(&w);
}

/* As a reader takes a record that the server gave him: its signatures were checked. */
static void
take(struct world *w, struct log_record *r)
{
	const struct apply_how how = {.mode = APPLY_STORED, .now_s = w->now_s};
	enum refusal why = REFUSAL_COUNT;

	memset(r->id.bytes, 0x77, sizeof r->id.bytes);
	put_u16(r->id.bytes, r->seq);
	assert_int_equal(membership_apply(w->m, r, &how, &why, NULL), ST_OK);
}

/* Keys that no other record brings. */
static struct log_record
fresh_invite(const struct world *w)
{
	struct log_record r =
	    invite(w, w->sk, &w->coordinator, "SK-T5", ROLE_TRAINER, kinds(ALL));

	memset(&r.invite.sign, 0x51, sizeof r.invite.sign);
	memset(&r.invite.box, 0x52, sizeof r.invite.box);
	put_u16(r.invite.sign.bytes, r.seq);
	put_u16(r.invite.box.bytes, r.seq);
	return r;
}

static struct log_record
fresh_join(const struct world *w)
{
	struct log_record r = next(w, LOG_JOIN, w->sk, NULL);

	memset(&r.join.keys, 0x42, sizeof r.join.keys);
	put_u16(r.join.keys.sign.bytes, r.seq);
	put_u16(r.join.keys.box.bytes, r.seq);
	put_u16(r.join.keys.transport.bytes, r.seq);
	put_u16(r.join.device.bytes, r.seq);
	r.join.invite = (uint16_t)(r.seq - 1);
	return r;
}

static struct log_record
guest_of(const struct world *w, const struct laptop *guest)
{
	struct draft_how how = world_draft(w, w->sk, &w->coordinator.as);
	struct scope_set set = {.n_activities = 1, .activities = &w->sk_activity};
	struct log_record r;

	assert_int_equal(draft_grant_guest(&how, membership_by_author(w->m, guest->as),
			     &set, w->now_s + WORLD_DAY_S, &r, NULL),
	    ST_OK);
	return r;
}

static void
a_country_has_4096_devices_and_not_one_more(void **state)
{
	struct world w;
	struct laptop coordinator, trainer;
	struct log_record r;

	(void)state;
	world_open(&w);
	world_open_de(&w, &coordinator, &trainer);
	while (membership_n_devices(w.m, w.sk) < MEMBERSHIP_DEVICES_MAX - 1) {
		r = fresh_invite(&w);
		take(&w, &r);
		r = fresh_join(&w);
		take(&w, &r);
	}
	r = guest_of(&w, &trainer);
	TAKEN(&r); /* the last place may be a guest's */
	r = fresh_invite(&w);
	take(&w, &r);
	r = fresh_join(&w);
	take(&w, &r);
	assert_int_equal(membership_n_devices(w.m, w.sk), 4096);
	r = guest_of(&w, &trainer);
	REFUSED(&r, REFUSAL_FULL);
	r = fresh_invite(&w);
	take(&w, &r);
	r = fresh_join(&w);
	REFUSED(&r, REFUSAL_FULL);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(genesis_stands_at_the_beginning_of_net_alone),
	    cmocka_unit_test(
		server_and_countries_are_of_net_and_a_country_is_founded_once),
	    cmocka_unit_test(an_older_net_head_than_the_countrys_own_record_is_refused),
	    cmocka_unit_test(only_the_present_incarnation_of_a_known_device_signs),
	    cmocka_unit_test(a_device_renews_itself_in_its_own_log),
	    cmocka_unit_test(scopes_are_founded_by_those_who_read_them),
	    cmocka_unit_test(a_rotation_is_of_a_scope_and_by_who_may),
	    cmocka_unit_test(net_invites_the_office_and_hands_on_what_it_holds),
	    cmocka_unit_test(
		root_and_office_invite_a_first_coordinator_to_all_and_nothing_else),
	    cmocka_unit_test(a_trainer_invites_a_second_laptop_of_his_own),
	    cmocka_unit_test(
		an_invite_gives_scopes_that_are_there_for_a_time_that_is_short),
	    cmocka_unit_test(an_invite_to_scopes_that_are_not_founded_is_refused),
	    cmocka_unit_test(who_joins_comes_with_an_invite_and_with_keys_of_his_own),
	    cmocka_unit_test(a_country_has_4096_devices_and_not_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
