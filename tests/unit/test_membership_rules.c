/* test_membership_rules.c - what is refused (SECURITY 4, 5, 7; attack tests 13 to 19 as
 * far as they are rules of the log). Each refused record leaves the state as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "log_world.h"

/* Takes a record that was built for the state as it is, after a change to its bytes. */
static enum refusal
take_bytes(struct world *w, struct span wire, enum apply_mode mode)
{
	struct apply_how how = {.mode = mode, .checks = &w->checks, .now_s = w->now_s};
	struct log_record r;
	enum refusal why = REFUSAL_FORM;

	if (log_record_read(wire, w->a, &r, NULL) != ST_OK)
		return REFUSAL_FORM;
	(void)membership_apply(w->m, &r, &how, &why, NULL);
	return why;
}

/* A rotation of `coord` by whoever, built but not applied. */
static struct built_record
built_rotation(struct world *w, const struct laptop *by, const struct log_record *draft)
{
	struct seed_source seeds = {.find = world_seed};
	struct build_how how = {
	    .membership = w->m, .seeds = &seeds, .rng = &w->rng, .arena = w->a};
	const struct sign_sk *keys[1] = {&by->keys.sign_sk};
	struct built_record b;

	WORLD_DO(build_record(&how, draft, keys, &b, NULL));
	return b;
}

static struct log_record
rotation_draft(struct world *w, const struct laptop *by, uint16_t scope)
{
	struct draft_how how = world_draft(w, w->sk, &by->as);
	struct log_record r;

	WORLD_DO(draft_rotate(&how, scope, &r, NULL));
	return r;
}

/* ---- 13 to 19 ---- */

static void
sec_13_a_bad_signature_is_refused(void **state)
{
	struct world w;
	struct log_record r;
	struct built_record b;
	uint8_t *bytes;

	(void)state;
	world_open(&w);
	r = rotation_draft(&w, &w.coordinator, w.sk_coord);
	b = built_rotation(&w, &w.coordinator, &r);
	bytes = arena_alloc(w.a, b.wire.len);
	memcpy(bytes, b.wire.bytes, b.wire.len);
	bytes[b.wire.len - 1] ^= 1;
	assert_int_equal(take_bytes(&w, span_of(bytes, b.wire.len), APPLY_RECEIVED),
	    REFUSAL_SIGNATURE);
	assert_int_equal(membership_scope(w.m, w.sk, w.sk_coord)->epoch, 1);
	assert_int_equal(take_bytes(&w, b.wire, APPLY_RECEIVED), REFUSAL_NONE);
	world_close(&w);
}

static void
sec_13_no_changed_byte_of_a_record_is_taken(void **state)
{
	struct world w;
	struct log_record r;
	struct built_record b;
	uint8_t *bytes;

	(void)state;
	world_open(&w);
	r = rotation_draft(&w, &w.coordinator, w.sk_coord);
	b = built_rotation(&w, &w.coordinator, &r);
	bytes = arena_alloc(w.a, b.wire.len);
	for (size_t i = 0; i < b.wire.len; i++) {
		memcpy(bytes, b.wire.bytes, b.wire.len);
		bytes[i] ^= 0x04;
		assert_int_not_equal(
		    take_bytes(&w, span_of(bytes, b.wire.len), APPLY_RECEIVED),
		    REFUSAL_NONE);
	}
	assert_int_equal(take_bytes(&w, b.wire, APPLY_RECEIVED), REFUSAL_NONE);
	world_close(&w);
}

static void
sec_13_a_gap_another_prev_and_another_network_are_refused(void **state)
{
	struct world w;
	struct log_record r;

	(void)state;
	world_open(&w);
	r = rotation_draft(&w, &w.coordinator, w.sk_coord);
	r.seq++;
	assert_int_equal(
	    take_bytes(&w, built_rotation(&w, &w.coordinator, &r).wire, APPLY_RECEIVED),
	    REFUSAL_GAP);
	r.seq--;
	r.prev.bytes[0] ^= 1;
	assert_int_equal(
	    take_bytes(&w, built_rotation(&w, &w.coordinator, &r).wire, APPLY_RECEIVED),
	    REFUSAL_FORK);
	r.prev.bytes[0] ^= 1;
	r.network.bytes[0] ^= 1;
	assert_int_equal(
	    take_bytes(&w, built_rotation(&w, &w.coordinator, &r).wire, APPLY_RECEIVED),
	    REFUSAL_NETWORK);
	world_close(&w);
}

static void
sec_13_an_unknown_country_or_net_head_is_refused(void **state)
{
	struct world w;
	struct log_record r;
	struct built_record b;

	(void)state;
	world_open(&w);
	r = rotation_draft(&w, &w.coordinator, w.sk_coord);
	r.net_position++;
	assert_int_equal(
	    take_bytes(&w, built_rotation(&w, &w.coordinator, &r).wire, APPLY_RECEIVED),
	    REFUSAL_NET_UNKNOWN);
	r.net_position--;
	r.net_id.bytes[5] ^= 1;
	assert_int_equal(
	    take_bytes(&w, built_rotation(&w, &w.coordinator, &r).wire, APPLY_RECEIVED),
	    REFUSAL_NET_FORK);
	r.net_position--;
	r.net_id = *membership_record_id(w.m, 0, r.net_position);
	assert_int_equal(
	    take_bytes(&w, built_rotation(&w, &w.coordinator, &r).wire, APPLY_RECEIVED),
	    REFUSAL_NET_BACK);
	r = rotation_draft(&w, &w.coordinator, w.sk_coord);
	b = built_rotation(&w, &w.coordinator, &r);
	b.record.space = space_of("XX");
	{
		struct apply_how how = {.mode = APPLY_STORED};
		enum refusal why;

		(void)membership_apply(w.m, &b.record, &how, &why, NULL);
		assert_int_equal(why, REFUSAL_SPACE);
	}
	world_close(&w);
}

static void
sec_13_the_wrong_role_is_refused(void **state)
{
	struct world w;
	uint16_t at;
	struct invite_keys keys;

	(void)state;
	world_open(&w);
	assert_int_equal(
	    world_scope(&w, w.sk, &w.trainer, SCOPE_ACTIVITY, 3, &at), REFUSAL_ROLE);
	assert_int_equal(world_rotate(&w, w.sk, &w.trainer, w.sk_country), REFUSAL_ROLE);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.trainer, &w.coordinator), REFUSAL_ROLE);
	assert_int_equal(world_grant(&w, w.sk, &w.trainer, &w.trainer,
			     (struct scope_set){0, 1, &w.sk_activity}, 0),
	    REFUSAL_ROLE);
	assert_int_equal(world_invite(&w, w.sk, &w.trainer, "SK-T9", ROLE_TRAINER,
			     (struct scope_set){ALL | OFFICE, 0, NULL}, false, &keys),
	    REFUSAL_ROLE);
	assert_int_equal(
	    world_scope(&w, 0, &w.office, SCOPE_ALL, 0, &at), REFUSAL_EXISTS);
	assert_int_equal(
	    world_scope(&w, w.sk, &w.coordinator, SCOPE_ALL, 0, &at), REFUSAL_PLACE);
	assert_int_equal(world_revoke_device(&w, 0, NULL, &w.trainer), REFUSAL_UNKNOWN);
	world_close(&w);
}

static void
sec_14_root_and_office_add_no_reader_to_activity_coord_or_country(void **state)
{
	struct world w;
	struct invite_keys keys;
	uint16_t at;

	(void)state;
	world_open(&w);
	assert_int_equal(
	    world_scope(&w, w.sk, &w.office, SCOPE_ACTIVITY, 3, &at), REFUSAL_READER);
	assert_int_equal(
	    world_scope(&w, w.sk, NULL, SCOPE_ACTIVITY, 3, &at), REFUSAL_READER);
	assert_int_equal(
	    world_rotate(&w, w.sk, &w.office, w.sk_activity), REFUSAL_READER);
	assert_int_equal(world_rotate(&w, w.sk, &w.office, w.sk_coord), REFUSAL_READER);
	assert_int_equal(world_rotate(&w, w.sk, &w.office, w.sk_country), REFUSAL_READER);
	assert_int_equal(world_grant(&w, w.sk, &w.office, &w.trainer,
			     (struct scope_set){0, 1, &w.sk_activity}, 0),
	    REFUSAL_READER);
	assert_int_equal(world_grant(&w, w.sk, &w.office, &w.trainer,
			     (struct scope_set){.kinds = OFFICE | COUNTRY}, 0),
	    REFUSAL_READER);
	for (int i = 0; i < 2; i++) {
		const struct laptop *by = i == 0 ? NULL : &w.office;

		/* A second "first coordinator", and one with scopes of the country. */
		assert_int_equal(world_invite(&w, w.sk, by, "SK-N9", ROLE_COORDINATOR,
				     (struct scope_set){.kinds = ALL}, false, &keys),
		    REFUSAL_READER);
		assert_int_equal(world_invite(&w, w.de, by, "DE-T9", ROLE_TRAINER,
				     (struct scope_set){.kinds = ALL}, false, &keys),
		    REFUSAL_READER);
	}
	world_close(&w);
}

static void
sec_14_a_spare_first_invite_dies_when_somebody_has_joined(void **state)
{
	struct world w;
	struct invite_keys first, spare;
	struct laptop a, b;

	(void)state;
	world_found(&w);
	world_laptop(&w, &a);
	world_laptop(&w, &b);
	assert_int_equal(world_invite(&w, w.sk, NULL, "SK-N1", ROLE_COORDINATOR,
			     (struct scope_set){.kinds = ALL}, false, &first),
	    REFUSAL_NONE);
	assert_int_equal(world_invite(&w, w.sk, &w.office, "SK-N2", ROLE_COORDINATOR,
			     (struct scope_set){.kinds = ALL}, false, &spare),
	    REFUSAL_NONE);
	assert_int_equal(world_join(&w, w.sk, 0, &first, &a), REFUSAL_NONE);
	assert_int_equal(world_join(&w, w.sk, 1, &spare, &b), REFUSAL_INVITE_REVOKED);
	world_close(&w);
}

static void
sec_15_of_two_appends_one_wins_and_the_other_rebuilds(void **state)
{
	struct world w;
	struct log_record first, second;
	struct built_record a, b;

	(void)state;
	world_open(&w);
	first = rotation_draft(&w, &w.coordinator, w.sk_coord);
	second = rotation_draft(&w, &w.coordinator, w.sk_country);
	a = built_rotation(&w, &w.coordinator, &first);
	b = built_rotation(&w, &w.coordinator, &second);
	assert_int_equal(world_take(&w, w.m, &a, APPLY_APPEND), REFUSAL_NONE);
	assert_int_equal(world_take(&w, w.m, &b, APPLY_APPEND), REFUSAL_HEAD);
	assert_int_equal(world_take(&w, w.m, &a, APPLY_APPEND), REFUSAL_KNOWN);
	second = rotation_draft(&w, &w.coordinator, w.sk_country);
	b = built_rotation(&w, &w.coordinator, &second);
	assert_int_equal(world_take(&w, w.m, &b, APPLY_APPEND), REFUSAL_NONE);
	world_close(&w);
}

static void
sec_16_two_records_at_one_position_are_a_fork(void **state)
{
	struct world w;
	struct log_record first, second;
	struct built_record a, b;
	uint32_t len;

	(void)state;
	world_open(&w);
	first = rotation_draft(&w, &w.coordinator, w.sk_coord);
	second = rotation_draft(&w, &w.coordinator, w.sk_country);
	a = built_rotation(&w, &w.coordinator, &first);
	b = built_rotation(&w, &w.coordinator, &second);
	assert_int_equal(world_take(&w, w.m, &a, APPLY_RECEIVED), REFUSAL_NONE);
	assert_int_equal(world_take(&w, w.m, &b, APPLY_RECEIVED), REFUSAL_FORK);
	len = membership_log_len(w.m, w.sk);
	assert_int_equal(
	    membership_compare(w.m, w.sk, len, b.record.id.bytes, 4), HEADS_FORK);
	assert_int_equal(
	    membership_compare(w.m, w.sk, len, a.record.id.bytes, 4), HEADS_EQUAL);
	assert_int_equal(
	    membership_compare(w.m, w.sk, len + 1, b.record.id.bytes, 4), HEADS_LONGER);
	world_close(&w);
}

static void
sec_17_a_shorter_log_that_agrees_is_a_rollback(void **state)
{
	struct world w;
	uint32_t len;

	(void)state;
	world_open(&w);
	len = membership_log_len(w.m, w.sk);
	assert_int_equal(membership_compare(w.m, w.sk, len - 2,
			     membership_record_id(w.m, w.sk, len - 3)->bytes, 32),
	    HEADS_SHORTER);
	assert_int_equal(membership_compare(w.m, w.sk, 0, NULL, 0), HEADS_SHORTER);
	world_close(&w);
}

static void
sec_18_the_last_coordinator_stays(void **state)
{
	struct world w;
	struct laptop second;

	(void)state;
	world_open(&w);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &w.coordinator), REFUSAL_LAST);
	/* One who still needs a GRANT does not count as another. */
	world_member(&w, w.sk, &w.coordinator, "SK-N2", ROLE_COORDINATOR,
	    (struct scope_set){.kinds = ALL | OFFICE | COUNTRY}, true, &second);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &w.coordinator), REFUSAL_LAST);
	assert_int_equal(world_grant(&w, w.sk, &w.coordinator, &second,
			     (struct scope_set){COORD, 1, &w.sk_activity}, 0),
	    REFUSAL_NONE);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &second, &w.coordinator), REFUSAL_NONE);
	world_close(&w);
}

static void
sec_19_a_revoked_device_signs_reads_and_receives_nothing_more(void **state)
{
	struct world w;
	struct laptop second;

	(void)state;
	world_open(&w);
	world_member(&w, w.sk, &w.coordinator, "SK-N2", ROLE_COORDINATOR,
	    (struct scope_set){ALL | OFFICE | COUNTRY | COORD, 1, &w.sk_activity}, false,
	    &second);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &second), REFUSAL_NONE);
	assert_int_equal(w.last.record.revoke.n_rotations, 4);
	assert_int_equal(
	    w.last.n_boxes, 3 + 2 + 1 + 1); /* office country coord activity */
	assert_int_equal(world_rotate(&w, w.sk, &second, w.sk_coord), REFUSAL_AUTHOR);
	assert_int_equal(world_renew(&w, &second), REFUSAL_AUTHOR);
	assert_int_equal(
	    world_revoke_device(&w, w.sk, &w.coordinator, &second), REFUSAL_REVOKED);
	assert_int_equal(world_grant(&w, w.sk, &w.coordinator, &second,
			     (struct scope_set){.kinds = COORD}, 0),
	    REFUSAL_REVOKED);
	assert_false(world_may(&w, second.as, w.sk, w.sk_office));
	assert_false(world_may(&w, second.as, 0, w.all));
	world_close(&w);
}

static void
sec_19_a_revoked_office_device_cannot_sign_under_an_old_net_head(void **state)
{
	struct world w;
	struct laptop second;
	struct log_record r;
	struct built_record b;

	(void)state;
	world_open(&w);
	world_member(&w, 0, &w.office, "OF-2", ROLE_OFFICE,
	    (struct scope_set){.kinds = ALL | OFFICE}, false, &second);
	r = rotation_draft(&w, &second, w.sk_office);
	b = built_rotation(&w, &second, &r);
	assert_int_equal(world_revoke_device(&w, 0, &w.office, &second), REFUSAL_NONE);
	/* The record itself is right as of the head that it cites: everybody but the
	 * server, who knows the present, would take it. */
	assert_int_equal(world_take(&w, w.m, &b, APPLY_APPEND), REFUSAL_AUTHOR);
	world_close(&w);
}

static void
a_revoke_must_rotate_every_scope_that_they_could_read(void **state)
{
	struct world w;
	struct draft_revoke in = {.n_devices = 1, .devices = &w.trainer.as.device};
	struct draft_how how;
	struct log_record r;

	(void)state;
	world_open(&w);
	how = world_draft(&w, w.sk, &w.coordinator.as);
	WORLD_DO(draft_revoke(&how, &in, w.a, &r, NULL));
	assert_int_equal(r.revoke.n_rotations, 2); /* office, country */
	r.revoke.n_rotations = 1;
	assert_int_equal(
	    world_put(&w, &r, &w.coordinator.keys.sign_sk, NULL), REFUSAL_ROTATION);
	r.revoke.rotations++;
	assert_int_equal(
	    world_put(&w, &r, &w.coordinator.keys.sign_sk, NULL), REFUSAL_ROTATION);
	assert_false(membership_by_author(w.m, w.trainer.as)->is_revoked);
	world_close(&w);
}

static void
a_cut_names_a_device_that_goes_and_a_scope_that_is_there(void **state)
{
	struct world w;
	struct cut cut = {0};
	struct draft_revoke in = {
	    .n_devices = 1, .devices = &w.trainer.as.device, .n_cuts = 1, .cuts = &cut};

	(void)state;
	world_open(&w);
	cut = (struct cut){
	    .device = w.coordinator.as.device, .space = w.sk, .scope = w.sk_office};
	memset(&cut.last, 1, sizeof cut.last);
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_UNKNOWN);
	cut.device = w.trainer.as.device;
	cut.scope = w.trainer.as.device; /* no SCOPE record */
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_UNKNOWN);
	cut.scope = w.sk_office;
	cut.space = w.de;
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_UNKNOWN);
	cut.space = w.sk;
	memset(&cut.last, 0, sizeof cut.last); /* none is said by saying nothing */
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_FORM);
	memset(&cut.last, 1, sizeof cut.last);
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_NONE);
	world_close(&w);
}

static void
an_epoch_is_the_present_one_plus_one(void **state)
{
	struct world w;
	struct log_record r;

	(void)state;
	world_open(&w);
	r = rotation_draft(&w, &w.coordinator, w.sk_coord);
	r.rotate.epoch = 3;
	assert_int_equal(
	    world_put(&w, &r, &w.coordinator.keys.sign_sk, NULL), REFUSAL_EPOCH);
	r.rotate.epoch = 1;
	assert_int_equal(
	    world_put(&w, &r, &w.coordinator.keys.sign_sk, NULL), REFUSAL_FORM);
	world_close(&w);
}

/* ---- key boxes ---- */

static void
a_box_list_must_be_exactly_the_readers(void **state)
{
	struct world w;
	struct log_record r;
	struct built_record b;
	struct box_list list, changed;
	struct box_entry entries[3];
	struct span bytes;
	struct apply_how how = {.mode = APPLY_APPEND, .n_lists = 1, .lists = &changed};
	const struct sign_sk *keys[1];
	enum refusal why;

	(void)state;
	world_open(&w);
	how.checks = &w.checks;
	how.now_s = w.now_s;
	keys[0] = &w.coordinator.keys.sign_sk;
	r = rotation_draft(&w, &w.coordinator, w.sk_country);
	b = built_rotation(&w, &w.coordinator, &r);
	WORLD_DO(box_list_read(b.lists[0], w.a, &list, NULL));
	assert_int_equal(list.n, 2);
	memcpy(entries, list.entries, 2 * sizeof entries[0]);
	entries[2] = entries[1];
	entries[2].to.device++; /* somebody who is not there */
	for (size_t n = 1; n <= 3; n++) {
		WORLD_DO(box_list_build(n, entries, w.a, &bytes, &changed, NULL));
		r.rotate = b.record.rotate;
		r.rotate.boxes = changed.hash;
		WORLD_DO(log_record_build(&r, keys, w.a, &bytes, &b.record, NULL));
		(void)membership_check(w.m, &b.record, &how, &why, NULL);
		assert_int_equal(why, n == 2 ? REFUSAL_NONE : REFUSAL_BOXES);
	}
	changed.hash.bytes[0] ^= 1;
	(void)membership_check(w.m, &b.record, &how, &why, NULL);
	assert_int_equal(why, REFUSAL_BOXES);
	how.n_lists = 0;
	(void)membership_check(w.m, &b.record, &how, &why, NULL);
	assert_int_equal(why, REFUSAL_BOXES);
	world_close(&w);
}

/* ---- the rest of the table ---- */

static void
the_server_takes_only_what_is_within_ten_minutes(void **state)
{
	struct world w;
	struct log_record r;
	struct built_record b;

	(void)state;
	world_open(&w);
	r = rotation_draft(&w, &w.coordinator, w.sk_coord);
	b = built_rotation(&w, &w.coordinator, &r);
	w.now_s += MEMBERSHIP_CLOCK_SLACK_S + 1;
	assert_int_equal(world_take(&w, w.m, &b, APPLY_APPEND), REFUSAL_TIME);
	w.now_s -= 2 * MEMBERSHIP_CLOCK_SLACK_S + 2;
	assert_int_equal(world_take(&w, w.m, &b, APPLY_APPEND), REFUSAL_TIME);
	assert_int_equal(world_take(&w, w.m, &b, APPLY_RECEIVED), REFUSAL_NONE);
	world_close(&w);
}

static void
what_a_role_gives_cannot_be_left(void **state)
{
	struct world w;
	struct leave leave = {0};
	struct draft_revoke in = {.n_leaves = 1, .leaves = &leave};

	(void)state;
	world_open(&w);
	leave = (struct leave){w.trainer.as.device, w.sk_country};
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_RIGHT);
	leave = (struct leave){w.coordinator.as.device, w.sk_activity};
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_RIGHT);
	leave = (struct leave){w.trainer.as.device, w.sk_activity}; /* never had it */
	assert_int_equal(world_revoke(&w, w.sk, &w.coordinator, &in), REFUSAL_UNKNOWN);
	world_close(&w);
}

static void
each_country_and_each_scope_is_founded_once(void **state)
{
	struct world w;
	struct draft_how how;
	struct space_name de = space_of("DE");
	struct log_record r;
	uint16_t at;

	(void)state;
	world_open(&w);
	how = world_draft(&w, 0, NULL);
	WORLD_DO(draft_space(&how, &de, &r, NULL));
	assert_int_equal(world_put(&w, &r, &w.root, NULL), REFUSAL_EXISTS);
	assert_int_equal(world_put(&w, &r, &w.office.keys.sign_sk, NULL), REFUSAL_EXISTS);
	assert_int_equal(world_scope(&w, w.sk, &w.coordinator, SCOPE_ACTIVITY, 9, &at),
	    REFUSAL_EXISTS);
	assert_int_equal(
	    world_scope(&w, w.sk, &w.coordinator, SCOPE_OFFICE, 0, &at), REFUSAL_EXISTS);
	world_close(&w);
}

static void
a_renewal_is_the_devices_own(void **state)
{
	struct world w;
	struct draft_how how;
	struct log_record r;

	(void)state;
	world_open(&w);
	how = world_draft(&w, w.sk, &w.trainer.as);
	WORLD_DO(
	    draft_renew(&how, &membership_by_author(w.m, w.office.as)->id, &r, NULL));
	assert_int_equal(
	    world_put(&w, &r, &w.trainer.keys.sign_sk, NULL), REFUSAL_UNKNOWN);
	how = world_draft(&w, w.sk, &w.office.as);
	WORLD_DO(
	    draft_renew(&how, &membership_by_author(w.m, w.office.as)->id, &r, NULL));
	assert_int_equal(world_put(&w, &r, &w.office.keys.sign_sk, NULL), REFUSAL_PLACE);
	world_close(&w);
}

static void
genesis_founds_the_network_that_was_named_and_nothing_else(void **state)
{
	struct apply_how how = {.mode = APPLY_APPEND};
	struct build_how build = {0};
	struct network_id network;
	struct membership *m;
	struct built_record b;
	struct log_record r;
	struct world w;
	const struct sign_sk *keys[1] = {&w.root};
	enum refusal why;

	(void)state;
	world_open(&w);
	build = (struct build_how){.rng = &w.rng, .arena = w.a};
	how.checks = &w.checks;
	how.now_s = w.now_s;
	draft_genesis(&w.root_pk, w.now_s + 1, &r);
	WORLD_DO(build_record(&build, &r, keys, &b, NULL));
	/* a second one, and one of a country */
	assert_int_not_equal(world_take(&w, w.m, &b, APPLY_APPEND), REFUSAL_NONE);
	b.record.space = space_of("SK");
	(void)membership_apply(w.m, &b.record, &how, &why, NULL);
	assert_int_not_equal(why, REFUSAL_NONE);
	/* in place of the one that was named */
	m = membership_new(membership_network(w.m));
	assert_int_equal(world_take(&w, m, &b, APPLY_APPEND), REFUSAL_NETWORK);
	/* what is no GENESIS at its place */
	r = rotation_draft(&w, &w.coordinator, w.sk_coord);
	b = built_rotation(&w, &w.coordinator, &r);
	assert_int_not_equal(world_take(&w, m, &b, APPLY_APPEND), REFUSAL_NONE);
	assert_int_equal(membership_log_len(m, 0), 0);
	membership_free(m);
	draft_genesis(&w.root_pk, w.now_s + 1, &r);
	WORLD_DO(build_record(&build, &r, keys, &b, NULL));
	network = log_network_id(&b.record);
	m = membership_new(&network);
	assert_int_equal(world_take(&w, m, &b, APPLY_APPEND), REFUSAL_NONE);
	membership_free(m);
	world_close(&w);
}

#define TEST(name) cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sec_13_a_bad_signature_is_refused),
	    TEST(sec_13_no_changed_byte_of_a_record_is_taken),
	    TEST(sec_13_a_gap_another_prev_and_another_network_are_refused),
	    TEST(genesis_founds_the_network_that_was_named_and_nothing_else),
	    TEST(sec_13_an_unknown_country_or_net_head_is_refused),
	    TEST(sec_13_the_wrong_role_is_refused),
	    TEST(sec_14_root_and_office_add_no_reader_to_activity_coord_or_country),
	    TEST(sec_14_a_spare_first_invite_dies_when_somebody_has_joined),
	    TEST(sec_15_of_two_appends_one_wins_and_the_other_rebuilds),
	    TEST(sec_16_two_records_at_one_position_are_a_fork),
	    TEST(sec_17_a_shorter_log_that_agrees_is_a_rollback),
	    TEST(sec_18_the_last_coordinator_stays),
	    TEST(sec_19_a_revoked_device_signs_reads_and_receives_nothing_more),
	    TEST(sec_19_a_revoked_office_device_cannot_sign_under_an_old_net_head),
	    TEST(a_revoke_must_rotate_every_scope_that_they_could_read),
	    TEST(a_cut_names_a_device_that_goes_and_a_scope_that_is_there),
	    TEST(an_epoch_is_the_present_one_plus_one),
	    TEST(a_box_list_must_be_exactly_the_readers),
	    TEST(the_server_takes_only_what_is_within_ten_minutes),
	    TEST(what_a_role_gives_cannot_be_left),
	    TEST(each_country_and_each_scope_is_founded_once),
	    TEST(a_renewal_is_the_devices_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
