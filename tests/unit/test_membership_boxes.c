/* test_membership_boxes.c - who gets a key box: live invites beside devices, the epoch of
 * `all` that a cited head knows, and lists that are not those (SECURITY 3, 7). */
#include "refusal_ground.h"

/* Epoch of the box that `to` gets in a scope; 0 if it gets none. */
static uint16_t
epoch_for(const struct world *w, const struct log_record *r, uint16_t space,
    uint16_t scope, struct author to)
{
	const struct box_recipient *boxes;
	size_t n;

	assert_int_equal(
	    membership_recipients(w->m, r, 0, w->a, &boxes, &n, NULL), ST_OK);
	for (size_t i = 0; i < n; i++) {
		const struct box_entry *e = &boxes[i].entry;

		assert_true(i == 0 || box_entry_compare(&boxes[i - 1].entry, e) < 0);
		if (e->space == space && e->scope == scope && e->to.home == to.home &&
		    e->to.device == to.device)
			return e->epoch;
	}
	return 0;
}

/* An invite of NET that nobody has used. */
static struct author
open_invite(struct world *w, unsigned kinds_given)
{
	struct author to = {0, (uint16_t)membership_log_len(w->m, 0)};
	struct invite_keys keys;

	assert_int_equal(world_invite(w, 0, &w->office, "OF-2", ROLE_OFFICE,
			     kinds(kinds_given), false, &keys),
	    REFUSAL_NONE);
	return to;
}

static void
an_invite_of_net_gets_new_keys_unless_the_same_record_revokes_it(void **state)
{
	struct rotation rotation = {.epoch = 2};
	struct world w;
	struct author first, second;
	struct log_record r;

	(void)state;
	world_open(&w);
	first = open_invite(&w, ALL);
	second = open_invite(&w, ALL);
	rotation.scope = w.all;
	r = next(&w, LOG_REVOKE, 0, &w.office);
	r.revoke.n_rotations = 1;
	r.revoke.rotations = &rotation;
	r.revoke.n_invites = 1;
	r.revoke.invites = &first.device;
	assert_int_equal(epoch_for(&w, &r, 0, w.all, first), 0);
	assert_int_equal(epoch_for(&w, &r, 0, w.all, second), 2);
	assert_int_equal(epoch_for(&w, &r, 0, w.all, w.trainer.as), 2);
	r.time_s += 20 * (uint64_t)WORLD_DAY_S; /* both have expired */
	assert_int_equal(epoch_for(&w, &r, 0, w.all, second), 0);
	world_close(&w);
}

static void
an_office_invite_reads_new_office_scopes_if_it_was_given_those_there_were(void **state)
{
	struct world w;
	struct author with, without;
	struct log_record r;

	(void)state;
	world_open(&w);
	with = open_invite(&w, ALL | OFFICE);
	without = open_invite(&w, ALL);
	r = next(&w, LOG_ROTATE, w.sk, &w.coordinator);
	r.rotate = (struct rotation){.scope = w.sk_office, .epoch = 2};
	assert_int_equal(epoch_for(&w, &r, w.sk, w.sk_office, with), 2);
	assert_int_equal(epoch_for(&w, &r, w.sk, w.sk_office, without), 0);
	r.net_position = (uint16_t)(with.device - 1); /* did not know it yet */
	assert_int_equal(epoch_for(&w, &r, w.sk, w.sk_office, with), 0);
	world_close(&w);
}

static void
who_is_invited_under_an_old_head_gets_the_epoch_of_all_that_it_knows(void **state)
{
	struct world w;
	struct log_record r;
	struct author to;
	uint16_t before;

	(void)state;
	world_open(&w);
	before = (uint16_t)(membership_log_len(w.m, 0) - 1);
	assert_int_equal(world_rotate(&w, 0, &w.office, w.all), REFUSAL_NONE);
	r = next(&w, LOG_INVITE, w.sk, &w.coordinator);
	r.invite.scopes = kinds(ALL);
	to = (struct author){w.sk, r.seq};
	assert_int_equal(epoch_for(&w, &r, 0, w.all, to), 2);
	r.net_position = before;
	assert_int_equal(epoch_for(&w, &r, 0, w.all, to), 1);
	world_close(&w);
}

static void
a_scope_set_that_names_what_is_not_there_gives_no_box_of_it(void **state)
{
	const uint16_t nowhere = 500;
	struct world w;
	struct log_record r;

	(void)state;
	world_open(&w);
	r = next(&w, LOG_INVITE, w.sk, &w.coordinator);
	r.invite.scopes = (struct scope_set){COORD, 1, &nowhere};
	assert_int_equal(
	    epoch_for(&w, &r, w.sk, nowhere, (struct author){w.sk, r.seq}), 0);
	assert_int_equal(
	    epoch_for(&w, &r, w.sk, w.sk_coord, (struct author){w.sk, r.seq}), 1);
	world_close(&w);
}

/* ---- lists that came with a record ---- */

enum { LIST_ROOM = 8 };

static enum refusal
judge_list(const struct world *w, const struct log_record *r, struct box_entry *entries,
    size_t n)
{
	const struct box_list lists[2] = {{.n = n, .entries = entries}, {.n = 0}};
	struct apply_how how = {.mode = APPLY_STORED, .n_lists = 1, .lists = lists};
	enum refusal why, twice;

	(void)membership_check(w->m, r, &how, &why, NULL);
	how.n_lists = 2;
	(void)membership_check(w->m, r, &how, &twice, NULL);
	assert_int_equal(twice, REFUSAL_BOXES); /* a kind has so many lists, no more */
	return why;
}

static struct log_record
office_invite(
    const struct world *w, struct box_entry entries[static LIST_ROOM], size_t *n)
{
	struct log_record r = next(w, LOG_INVITE, 0, &w->office);
	const struct box_recipient *boxes;

	r.invite.member = (struct member_code){"OF-2"};
	r.invite.role = ROLE_OFFICE;
	r.invite.scopes = kinds(ALL | OFFICE);
	r.invite.expiry_s = w->now_s + WORLD_DAY_S;
	memset(&r.invite.sign, 0x3c, sizeof r.invite.sign);
	assert_int_equal(
	    membership_recipients(w->m, &r, 0, w->a, &boxes, n, NULL), ST_OK);
	assert_true(*n >= 2 && *n < LIST_ROOM);
	for (size_t i = 0; i < *n; i++)
		entries[i] = boxes[i].entry;
	return r;
}

static void
an_office_invite_brings_all_and_of_the_countries_what_its_author_holds(void **state)
{
	struct box_entry entries[LIST_ROOM], changed[LIST_ROOM];
	struct world w;
	struct log_record r;
	size_t n;

	(void)state;
	world_open(&w);
	r = office_invite(&w, entries, &n);
	assert_int_equal(judge_list(&w, &r, entries, n), REFUSAL_NONE);
	assert_int_equal(judge_list(&w, &r, entries, 1), REFUSAL_NONE);
	assert_int_equal(judge_list(&w, &r, entries + 1, n - 1), REFUSAL_BOXES);
	assert_int_equal(judge_list(&w, &r, entries, 0), REFUSAL_BOXES);
	memcpy(changed, entries, sizeof changed);
	changed[1].to.device++;
	assert_int_equal(judge_list(&w, &r, changed, n), REFUSAL_BOXES);
	memcpy(changed, entries, sizeof changed);
	changed[1].to.home = w.sk;
	assert_int_equal(judge_list(&w, &r, changed, n), REFUSAL_BOXES);
	memcpy(changed, entries, sizeof changed);
	changed[0].epoch++;
	assert_int_equal(judge_list(&w, &r, changed, n), REFUSAL_BOXES);
	memcpy(changed + 1, entries, sizeof *changed);
	changed[0] = entries[0];
	assert_int_equal(judge_list(&w, &r, changed, 2), REFUSAL_BOXES);
	r.invite.boxes.bytes[0] = 1; /* of other bytes */
	assert_int_equal(judge_list(&w, &r, entries, n), REFUSAL_BOXES);
	world_close(&w);
}

/* Its readers lie in other logs, which need not be as far here. */
static void
the_readers_of_all_are_checked_by_the_server_alone(void **state)
{
	struct box_entry nobody[LIST_ROOM] = {{.space = 0}};
	struct world w;
	struct log_record r;

	(void)state;
	world_open(&w);
	r = next(&w, LOG_ROTATE, 0, &w.office);
	r.rotate = (struct rotation){.scope = w.all, .epoch = 2};
	assert_int_equal(judge_list(&w, &r, nobody, 1), REFUSAL_NONE);
	r = next(&w, LOG_ROTATE, w.sk, &w.coordinator);
	r.rotate = (struct rotation){.scope = w.sk_coord, .epoch = 2};
	assert_int_equal(judge_list(&w, &r, nobody, 1), REFUSAL_BOXES);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
		an_invite_of_net_gets_new_keys_unless_the_same_record_revokes_it),
	    cmocka_unit_test(
		an_office_invite_reads_new_office_scopes_if_it_was_given_those_there_were),
	    cmocka_unit_test(
		who_is_invited_under_an_old_head_gets_the_epoch_of_all_that_it_knows),
	    cmocka_unit_test(a_scope_set_that_names_what_is_not_there_gives_no_box_of_it),
	    cmocka_unit_test(
		an_office_invite_brings_all_and_of_the_countries_what_its_author_holds),
	    cmocka_unit_test(the_readers_of_all_are_checked_by_the_server_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
