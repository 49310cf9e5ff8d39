/* whole_keys.c - what once broke about keys between laptops and a server: rotated,
 * restored, lost, each under its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "client/actions/laptops.h"
#include "client/actions/network.h"
#include "client/sync/keys_made.h"
#include "ram_disk.h"
#include "server/host.h"
#include "whole_ground.h"

enum { OFFICE = 0, ABROAD = 2 };

static const char held_sql[] =
    "SELECT max(d.epoch) FROM r_scope s JOIN r_seed d ON d.scope = s.id JOIN r_space p ON"
    " p.pos = s.space WHERE p.code = 'SK' AND hex(substr(s.name, 1, 1)) = '05'";

/* The newest key of the first workshop that is here. */
static int64_t
key_of_workshop(struct home *h)
{
	return number(h, held_sql);
}

static void
take_out(struct home *by, const char *member)
{
	struct laptops which;

	assert_int_equal(laptops_find(home_open(by), member, &which), ST_OK);
	assert_int_equal(laptops_revoke(by->l, &which), ST_OK);
	assert_true(sync_of(by).is_complete);
}

/* ---- an image that is put back ---- */

struct image {
	char dir[FOLDER_BYTES + 8];
};

static void
take_image(struct home *h, struct image *out)
{
	home_close(h);
	(void)snprintf(out->dir, sizeof out->dir, "%s/past", h->town->dir);
	folder_copy(h->dir, out->dir);
}

static void
put_back(struct home *h, const struct image *image)
{
	home_close(h);
	folder_copy(image->dir, h->dir);
}

/* The server keeps the box that he sealed to himself. */
static void
an_older_image_gets_the_keys_that_its_laptop_made_since(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR], *trainer = &t->homes[TRAINER];
	struct image image;

	take_image(n, &image);
	take_out(n, t->homes[OTHER].member);
	act_rotate(n);
	assert_int_equal(key_of_workshop(n), 3);
	name(trainer, &ada, "Ada");
	(void)sync_of(trainer);
	put_back(n, &image);
	assert_int_equal(key_of_workshop(n), 1);
	name(n, &ben, "Ben");
	assert_true(sync_of(n).is_complete);
	assert_int_equal(key_of_workshop(n), 3);
	assert_int_equal(number(n, "SELECT count(*) FROM young_person"), 2);
	act_rotate(n);
	assert_true(sync_of(trainer).is_complete);
	assert_int_equal(key_of_workshop(trainer), 4);
}

/* ---- a server that is restored ---- */

static void
back_up(struct town *t)
{
	char dir[FOLDER_BYTES + 16], kept[FOLDER_BYTES + 16];

	(void)snprintf(dir, sizeof dir, "%s/server", t->dir);
	(void)snprintf(kept, sizeof kept, "%s/backup", t->dir);
	pipe_pump_stores(t->host);
	ram_disk_copy(dir, kept);
}

/* As `pnetd restore` leaves it, with its operator's word that laptops may give back. */
static void
restore(struct town *t)
{
	char dir[FOLDER_BYTES + 16], kept[FOLDER_BYTES + 16];

	(void)snprintf(dir, sizeof dir, "%s/server", t->dir);
	(void)snprintf(kept, sizeof kept, "%s/backup", t->dir);
	town_stop_server(t);
	ram_disk_copy(kept, dir); /* nothing, if there was no backup */
	t->is_recovery_open = true;
	t->has_new_epoch = true;
	rng_fill(&t->rng, t->epoch.bytes, sizeof t->epoch.bytes);
	town_start_server(t);
	t->has_new_epoch = false;
}

static void
keys_that_a_restored_server_lost_come_back_from_who_sealed_them(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR], *trainer = &t->homes[TRAINER];

	name(trainer, &ada, "Ada");
	(void)sync_of(trainer);
	(void)sync_of(n);
	back_up(t);
	act_rotate(n);
	name(n, &ben, "Ben");
	(void)sync_of(n);
	restore(t);
	assert_true(sync_of(n).is_complete);
	assert_true(sync_of(trainer).is_complete);
	assert_int_equal(key_of_workshop(trainer), 2);
	assert_int_equal(number(trainer, "SELECT count(*) FROM young_person"), 2);
}

/* Whoever fetched the record before the loss may be the first to come: he has no boxes.
 */
static void
they_come_though_another_laptop_gave_the_record_back(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR], *trainer = &t->homes[TRAINER],
		    *other = &t->homes[OTHER];

	back_up(t);
	act_rotate(n);
	(void)sync_of(trainer);
	restore(t);
	(void)sync_of(trainer);
	name(other, &ada, "Ada");
	(void)sync_of(other);
	assert_int_equal(key_of_workshop(other), 1);
	(void)sync_of(n);
	assert_true(sync_of(other).is_complete);
	assert_int_equal(key_of_workshop(other), 2);
	(void)sync_of(trainer);
	assert_int_equal(number(trainer, "SELECT count(*) FROM young_person"), 1);
}

static struct home *
join_with(struct town *t, const char *member, enum member_role role, const char *code)
{
	struct home *h = home_new(t, member, role);
	struct joined joined;

	if (network_join(home_open(h), code, &joined) != ST_OK)
		fail_msg("%s / %s", h->complaint.why, h->l->trouble.text);
	return h;
}

static void
an_invite_of_before_the_loss_admits_and_opens_all_that_was_written(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR], *trainer = &t->homes[TRAINER], *joined;
	const struct invite_wish wish = {"SK-N7", ROLE_COORDINATOR, NULL, 14};
	char code[INVITE_TEXT_MAX + 1];

	name(trainer, &ada, "Ada");
	(void)sync_of(trainer);
	back_up(t);
	act_rotate(n);
	act_rotate(n);
	assert_int_equal(network_invite(home_open(n), &wish, code), ST_OK);
	restore(t);
	assert_true(sync_of(n).is_complete);
	joined = join_with(t, wish.member, wish.role, code);
	assert_true(sync_of(joined).is_complete);
	assert_int_equal(key_of_workshop(joined), 3);
	/* Sealed under the first key: by the wrapped seeds alone. */
	assert_int_equal(number(joined, "SELECT count(*) FROM young_person"), 1);
}

/* The office gave NET back with its keys before the server knew a laptop of any country:
 * it took none of them. */
static void
a_key_for_a_country_comes_back_to_a_server_that_lost_all(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR], *office = &t->homes[OFFICE];

	take_out(n, t->homes[OTHER].member);
	assert_true(sync_of(office).is_complete); /* rotates `all` */
	restore(t);
	assert_true(sync_of(office).is_complete);
	assert_true(sync_of(n).is_complete);
	assert_int_equal(number(n, "SELECT max(d.epoch) FROM r_scope s JOIN r_seed d ON"
				   " d.scope = s.id WHERE s.space = 0"),
	    2);
	assert_non_null(town_invite(t, n, "SK-N8", ROLE_COORDINATOR, NULL));
}

/* His image was put back and the server too: a trainer has the key, and cannot give it.
 */
static void
a_key_that_nobody_has_is_replaced_without_it(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR], *trainer = &t->homes[TRAINER],
		    *other = &t->homes[OTHER];
	struct image image;

	name(trainer, &ada, "Ada");
	(void)sync_of(trainer);
	(void)sync_of(n);
	take_image(n, &image);
	back_up(t);
	act_rotate(n);
	(void)sync_of(trainer);
	assert_int_equal(key_of_workshop(trainer), 2);
	put_back(n, &image);
	restore(t);
	(void)sync_of(trainer);
	(void)sync_of(n);
	(void)sync_of(n);
	assert_int_equal(key_of_workshop(n), 3);
	assert_true(sync_of(n).is_complete);
	assert_true(sync_of(other).is_complete);
	assert_int_equal(key_of_workshop(other), 3);
	name(other, &ben, "Ben");
	assert_true(sync_of(other).is_complete);
	assert_true(sync_of(trainer).is_complete);
	assert_int_equal(number(trainer, "SELECT count(*) FROM young_person"), 2);
	/* Of the first key, over the gap. */
	t->now_ms += 1000;
	n = town_invite(t, n, "SK-N8", ROLE_COORDINATOR, NULL);
	assert_true(sync_of(n).is_complete);
	assert_int_equal(number(n, "SELECT count(*) FROM young_person"), 2);
}

/* Another coordinator may have it, so nothing is given up for a week; and the complaint
 * was empty. */
static void
who_lacks_a_key_is_told_so_and_waits_a_week_for_a_colleague(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR], *trainer = &t->homes[TRAINER];
	const struct invite_wish wish = {"SK-N8", ROLE_COORDINATOR, NULL, 14};
	char code[INVITE_TEXT_MAX + 1];
	struct image image;

	assert_non_null(town_invite(t, n, "SK-N7", ROLE_COORDINATOR, NULL));
	(void)sync_of(n);
	take_image(n, &image);
	back_up(t);
	act_rotate(n);
	(void)sync_of(trainer);
	put_back(n, &image);
	restore(t);
	(void)sync_of(trainer);
	assert_int_not_equal(network_invite(home_open(n), &wish, code), ST_OK);
	assert_int_equal(n->complaint.id, PN_K06);
	assert_string_not_equal(n->complaint.why, "");
	(void)sync_of(n);
	t->now_ms += UINT64_C(6) * 86400000;
	(void)sync_of(n);
	assert_int_equal(key_of_workshop(n), 1);
	t->now_ms += UINT64_C(2) * 86400000;
	(void)sync_of(n);
	assert_int_equal(key_of_workshop(n), 3);
	assert_int_equal(network_invite(home_open(n), &wish, code), ST_OK);
}

/* ---- a guest ---- */

/* He was served nothing more, but the host's keys stayed what he knew. */
static void
a_guests_laptop_that_its_country_revoked_loses_the_hosts_keys(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR], *guest = &t->homes[GUEST];

	name(guest, &ada, "Ada");
	(void)sync_of(guest);
	(void)sync_of(n);
	take_out(&t->homes[ABROAD], guest->member);
	t->now_ms += UINT64_C(25) * 3600 * 1000;
	assert_true(sync_of(n).is_complete);
	assert_int_equal(key_of_workshop(n), 2);
	assert_int_equal(number(n, "SELECT count(*) FROM r_device d JOIN r_space s ON"
				   " s.pos = d.home WHERE s.code = 'SK' AND d.role = 4"
				   " AND d.is_active = 1"),
	    0);
	/* What he had sent stays. */
	(void)sync_of(&t->homes[TRAINER]);
	assert_int_equal(
	    number(&t->homes[TRAINER], "SELECT count(*) FROM young_person"), 1);
	assert_int_equal(key_of_workshop(&t->homes[TRAINER]), 2);
}

static void
a_guests_second_laptop_gets_what_his_first_one_reads(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR], *guest = &t->homes[GUEST], *second;

	name(guest, &ada, "Ada");
	(void)sync_of(guest);
	second = town_invite(t, guest, guest->member, ROLE_TRAINER, NULL);
	assert_non_null(second);
	t->now_ms += UINT64_C(25) * 3600 * 1000;
	assert_true(sync_of(n).is_complete);
	(void)sync_of(second);
	assert_true(sync_of(second).is_complete);
	assert_int_equal(key_of_workshop(second), 1);
	assert_int_equal(number(second, "SELECT count(*) FROM young_person"), 1);
	/* He knows: a later sync has nothing to do. */
	assert_int_equal(sync_of(n).n_waiting_log, 0);
}

/* ---- a server that lost boxes and nothing else ---- */

static void
ignore(void *ctx, enum store_result r, const struct trouble *trouble)
{
	(void)ctx;
	(void)trouble;
	assert_int_equal(r, STORE_OK);
}

/* Those of one laptop in the country. */
static void
lose_boxes(struct town *t, struct home *of)
{
	const struct box_pk *owner = &keyring_device(home_open(of)->keys)->pk.box;
	struct space_name name = space_of("SK");
	uint16_t space = 0;

	assert_true(membership_space_find(t->host->m, &name, &space));
	store_put_boxes(host_space(t->host, space)->store, 0, NULL, owner, ignore, NULL);
	pipe_pump_stores(t->host);
}

/* No laptop could notice it, so the box's author was never asked: who lacked the key was
 * sent to syncs that changed nothing. */
static void
boxes_that_a_server_lost_alone_come_again_from_who_sealed_them(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR], *trainer = &t->homes[TRAINER];

	act_rotate(n);
	assert_true(sync_of(n).is_complete);
	lose_boxes(t, trainer);
	(void)sync_of(trainer);
	assert_int_equal(key_of_workshop(trainer), 1);
	t->now_ms += UINT64_C(2) * 86400000;
	assert_true(sync_of(n).is_complete);
	(void)sync_of(trainer);
	assert_int_equal(key_of_workshop(trainer), 1);
	t->now_ms += UINT64_C(1) * 86400000;
	assert_true(sync_of(n).is_complete);
	assert_true(sync_of(trainer).is_complete);
	assert_int_equal(key_of_workshop(trainer), 2);
	/* Once in three days. */
	lose_boxes(t, trainer);
	t->now_ms += UINT64_C(1) * 86400000;
	assert_true(sync_of(n).is_complete);
	assert_false(keys_made_is_due(home_open(n), t->now_ms / 1000));
	assert_true(
	    keys_made_is_due(home_open(n), t->now_ms / 1000 + UINT64_C(2) * 86400));
	assert_false(
	    keys_made_is_due(home_open(trainer), t->now_ms / 1000 + UINT64_C(9) * 86400));
}

/* ---- an invite ---- */

/* It failed without a word: the key of `all` was not here yet. */
static void
line_goes_down(void *ctx)
{
	struct pipe_plan down = pipe_plain;

	(void)ctx;
	down.is_down = true;
	pipe_next(&down);
}

/* The key may well lie at the server: that it did not come is not what has to be told. */
static void
an_invite_whose_sync_failed_says_why(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR];
	const struct invite_wish wish = {"SK-T7", ROLE_TRAINER, NULL, 14};
	struct pipe_plan first = pipe_plain;
	char code[INVITE_TEXT_MAX + 1];

	take_out(n, t->homes[OTHER].member);
	assert_true(sync_of(&t->homes[OFFICE]).is_complete); /* rotates `all` */
	first.interlude_after = 1;
	first.interlude = line_goes_down;
	(void)home_open(n);
	pipe_next(&first);
	assert_int_not_equal(network_invite(n->l, &wish, code), ST_OK);
	assert_int_equal(n->complaint.id, PN_N01);
	assert_int_equal(network_invite(home_open(n), &wish, code), ST_OK);
}

static void
an_invite_is_made_though_another_has_rotated_since(void **state)
{
	struct town *t = town_of(state);
	struct home *n = &t->homes[COORDINATOR];

	take_out(n, t->homes[OTHER].member);
	assert_true(sync_of(&t->homes[OFFICE]).is_complete); /* rotates `all` */
	const struct invite_wish wish = {"SK-T7", ROLE_TRAINER, NULL, 14};
	char code[INVITE_TEXT_MAX + 1];

	if (network_invite(home_open(n), &wish, code) != ST_OK)
		fail_msg("%s / %s", n->complaint.why, n->l->trouble.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    SENTENCE(an_older_image_gets_the_keys_that_its_laptop_made_since),
	    SENTENCE(keys_that_a_restored_server_lost_come_back_from_who_sealed_them),
	    SENTENCE(they_come_though_another_laptop_gave_the_record_back),
	    SENTENCE(an_invite_of_before_the_loss_admits_and_opens_all_that_was_written),
	    SENTENCE(a_key_for_a_country_comes_back_to_a_server_that_lost_all),
	    SENTENCE(a_key_that_nobody_has_is_replaced_without_it),
	    SENTENCE(who_lacks_a_key_is_told_so_and_waits_a_week_for_a_colleague),
	    SENTENCE(a_guests_laptop_that_its_country_revoked_loses_the_hosts_keys),
	    SENTENCE(a_guests_second_laptop_gets_what_his_first_one_reads),
	    SENTENCE(boxes_that_a_server_lost_alone_come_again_from_who_sealed_them),
	    SENTENCE(an_invite_whose_sync_failed_says_why),
	    SENTENCE(an_invite_is_made_though_another_has_rotated_since),
	};

	if (!ground_ready())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
