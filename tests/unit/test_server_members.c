/* test_server_members.c - a whole server on loopback: founding, joining, appending,
 * revoking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/server_ground.h"

static void
a_network_is_founded_by_a_stranger_and_only_once(void **state)
{
	struct ground *g = ground_founded();
	struct visit v = {.n_states = 1};
	struct laptop stranger;

	(void)state;
	send_records(g, 0, &g->w.office);
	assert_int_equal(membership_log_len(g->host->m, 0), g->n_records);
	/* Now that NET has a device, a stranger appends nothing but a JOIN. */
	world_laptop(&g->w, &stranger);
	g->w.sk = world_country(&g->w, "SK");
	keep_last(g, 0);
	v.n_appends = 1;
	v.appends = &g->records[g->n_records - 1];
	visit_run(g, &v, &stranger);
	assert_int_equal(v.n_appended, 1);
	assert_int_equal(v.append_result, APPEND_REFUSED);
	assert_int_equal(v.append_detail, REFUSAL_AUTHOR);
	ground_end(g);
}

static void
a_country_opens_a_store_of_its_own(void **state)
{
	struct ground *g = ground_open();

	(void)state;
	assert_int_equal(g->host->n_spaces, 2);
	assert_non_null(host_space(g->host, g->w.sk));
	assert_int_equal(
	    membership_log_len(g->host->m, g->w.sk), membership_log_len(g->w.m, g->w.sk));
	ground_end(g);
}

static void
a_new_laptop_gets_the_logs_and_its_boxes(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};

	(void)state;
	visit_run(g, &v, &w->coordinator);
	assert_int_equal(v.n_records, g->n_records);
	assert_true(v.n_boxes >= 4); /* its four scopes */
	assert_true(v.n_lists >= 4);
	ground_end(g);
}

static void
an_invitee_sees_logs_and_his_boxes_and_joins(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	size_t at = g->n_records;
	struct visit v = {.has_invite = true};
	struct laptop fresh;
	struct invite_keys keys;
	uint16_t position = (uint16_t)membership_log_len(w->m, w->sk);
	static const uint8_t box[KEY_BOX_BYTES] = {1};
	struct box_row own = {
	    BOX_OF_ITS_OWN, w->sk, w->sk_country, 1, span_of(box, sizeof box)};

	(void)state;
	world_laptop(w, &fresh);
	assert_int_equal(
	    world_invite(w, w->sk, &w->coordinator, "SK-T9", ROLE_TRAINER,
		(struct scope_set){.kinds = ALL | OFFICE | COUNTRY}, false, &keys),
	    REFUSAL_NONE);
	keep_last(g, w->sk);
	send_records(g, at, &w->coordinator);
	v.invite = keys.sign_pk;
	v.n_states = 1;
	visit_run(g, &v, &fresh);
	assert_int_equal(v.end, END_BYE);
	assert_int_equal(v.n_boxes, 3);
	assert_int_equal(v.n_lists, 1);
	assert_int_equal(v.n_batches, 0);
	/* JOIN, boxes to itself, and it is a member in the same session. */
	assert_int_equal(world_join(w, w->sk, position, &keys, &fresh), REFUSAL_NONE);
	keep_last(g, w->sk);
	v = (struct visit){.n_appends = 1,
	    .appends = &g->records[g->n_records - 1],
	    .n_own_boxes = 1,
	    .own_boxes = &own};
	add_push(&v, w->sk, batch_of(g, &fresh, w->sk, w->sk_country, 1, 9));
	visit_run(g, &v, &fresh);
	assert_int_equal(v.n_appended, 2);
	assert_int_equal(v.append_result, APPEND_OK);
	assert_int_equal(v.verdict[0], VERDICT_OK);
	/* The invite's boxes are gone. */
	v = (struct visit){.has_invite = true, .invite = keys.sign_pk, .n_states = 1};
	world_laptop(w, &fresh);
	visit_run(g, &v, &fresh);
	assert_int_equal(v.n_boxes, 0);
	ground_end(g);
}

static void
two_appends_race_and_the_loser_gets_the_winner(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct world other = *w;
	struct record mine;
	struct visit v = {.n_appends = 1, .appends = &mine};
	size_t at = g->n_records;
	uint16_t position;

	(void)state;
	/* Both built on the same head: the second is kept back. */
	{
		struct draft_how how = world_draft(w, w->sk, &w->coordinator.as);
		struct seed_source seeds = {.find = world_seed};
		struct build_how build = {.membership = w->m,
		    .seeds = &seeds,
		    .rng = &other.rng,
		    .arena = w->a};
		const struct sign_sk *keys[1] = {&w->coordinator.keys.sign_sk};
		struct record_id id = {{77}};
		struct scope_name name = scope_of(SCOPE_ACTIVITY, &id);
		struct log_record r;

		WORLD_DO(draft_scope(&how, &name, &r, NULL));
		mine.space = w->sk;
		WORLD_DO(build_record(&build, &r, keys, &mine.built, NULL));
	}
	scope(g, w->sk, &w->coordinator, SCOPE_ACTIVITY, 33, &position);
	send_records(g, at, &w->coordinator);
	v.n_states = 2;
	v.states[1].space = w->sk;
	v.states[1].log_len = membership_log_len(w->m, w->sk) - 1;
	visit_run(g, &v, &w->coordinator);
	assert_int_equal(v.append_result, APPEND_HEAD);
	assert_int_equal(v.append_detail, membership_log_len(w->m, w->sk));
	assert_int_equal(v.n_records, membership_log_len(w->m, 0) + 1);
	ground_end(g);
}

static void
an_append_that_comes_twice_is_taken_once(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	size_t at = g->n_records;
	uint16_t position;
	uint32_t len;

	(void)state;
	scope(g, w->sk, &w->coordinator, SCOPE_ACTIVITY, 33, &position);
	send_records(g, at, &w->coordinator);
	len = membership_log_len(g->host->m, w->sk);
	send_records(g, at, &w->coordinator);
	assert_int_equal(membership_log_len(g->host->m, w->sk), len);
	ground_end(g);
}

static void
a_record_with_another_box_than_its_list_is_refused(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {.n_appends = 1};
	struct span boxes[8];
	uint8_t changed[KEY_BOX_BYTES];
	struct record r;
	uint16_t position;

	(void)state;
	scope(g, w->sk, &w->coordinator, SCOPE_ACTIVITY, 33, &position);
	r = g->records[g->n_records - 1];
	assert_true(r.built.n_boxes >= 1 && r.built.n_boxes <= 8);
	memcpy(boxes, r.built.boxes, r.built.n_boxes * sizeof *boxes);
	memcpy(changed, boxes[0].bytes, sizeof changed);
	changed[40] ^= 1;
	boxes[0] = span_of(changed, sizeof changed);
	r.built.boxes = boxes;
	v.appends = &r;
	visit_run(g, &v, &w->coordinator);
	assert_int_equal(v.append_result, APPEND_REFUSED);
	assert_int_equal(v.append_detail, REFUSAL_BOXES);
	ground_end(g);
}

static void
a_revoked_laptop_is_sent_away_while_it_waits_and_when_it_returns(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	size_t at = g->n_records;
	struct visit waits = {.waits = true};
	struct visit v = {0};

	(void)state;
	(void)visit_begin(g, &waits, &w->trainer);
	while (waits.n_pages < 2)
		(void)uv_run(&g->loop, UV_RUN_ONCE);
	assert_int_equal(
	    world_revoke_device(w, w->sk, &w->coordinator, &w->trainer), REFUSAL_NONE);
	keep_last(g, w->sk);
	send_records(g, at, &w->coordinator);
	while (!waits.is_done)
		(void)uv_run(&g->loop, UV_RUN_ONCE);
	assert_int_equal(waits.end, END_REVOKED);
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7));
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.end, END_REVOKED);
	assert_int_equal(v.n_verdicts, 0);
	/* And nobody can carry it in for him. */
	v = (struct visit){0};
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7));
	visit_run(g, &v, &w->coordinator);
	assert_int_equal(v.verdict[0], VERDICT_REVOKED);
	ground_end(g);
}

static void
a_stranger_reads_logs_and_nothing_else(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};
	struct laptop stranger;

	(void)state;
	world_laptop(w, &stranger);
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7));
	visit_run(g, &v, &stranger);
	assert_int_equal(v.end, END_BYE);
	assert_int_equal(v.verdict[0], VERDICT_DEVICE);
	assert_int_equal(v.n_records, g->n_records);
	assert_int_equal(v.n_boxes, 0);
	assert_int_equal(v.n_batches, 0);
	assert_int_equal(v.n_stores, 0);
	ground_end(g);
}

static void
a_device_has_so_many_sessions_and_no_more(void **state)
{
	struct ground *g = ground_open();
	struct visit waits[5] = {0};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		waits[i].waits = true;
		(void)visit_begin(g, &waits[i], &g->w.trainer);
		while (waits[i].n_pages < 2 && !waits[i].is_done)
			(void)uv_run(&g->loop, UV_RUN_ONCE);
		n += waits[i].is_done ? 0 : 1;
	}
	assert_int_equal(n, CONNECTIONS_PER_DEVICE_MAX);
	assert_int_equal(waits[4].end, END_BUSY);
	ground_end(g); /* sends the others away */
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(waits[i].end, END_BUSY);
}

/* Fifty guesses at codes from one place: after twenty nobody there is answered for an
 * hour, not even he who has a right one. */
static void
sec_25_fifty_guesses_are_cut_short(void **state)
{
	struct ground *g = ground_open();
	struct laptop stranger;
	size_t n_told = 0;

	(void)state;
	world_laptop(&g->w, &stranger);
	for (uint8_t i = 0; i < 50; i++) {
		struct visit v = {.has_invite = true, .n_states = 1};

		memset(v.invite.bytes, i + 1, sizeof v.invite.bytes);
		visit_run(g, &v, &stranger);
		n_told += v.end == END_BYE;
		assert_true(v.end == END_BYE || v.end == END_BUSY);
	}
	assert_int_equal(n_told, FAILED_JOINS_PER_PREFIX_MAX);
	ground_end(g);
}

static void
sec_25_the_sixth_failed_join_of_an_hour_at_one_invite_is_not_looked_at(void **state)
{
	struct config_limits limits = {
	    .failed_joins_per_prefix = 20, .failed_joins_per_invite = 5};
	struct guesses *g = guesses_new(&limits);

	(void)state;
	for (uint64_t i = 0; i < 5; i++) {
		assert_true(guesses_may(g, GUESS_INVITE, 7, i));
		guesses_failed(g, GUESS_INVITE, 7, i);
		guesses_failed(g, GUESS_PREFIX, 7, i);
	}
	assert_false(guesses_may(g, GUESS_INVITE, 7, 60 * 60 * 1000 - 1));
	assert_true(guesses_may(g, GUESS_INVITE, 8, 10));
	assert_true(guesses_may(g, GUESS_PREFIX, 7, 10));
	assert_true(guesses_may(g, GUESS_INVITE, 7, 60 * 60 * 1000));
	for (uint64_t i = 5; i < 20; i++)
		guesses_failed(g, GUESS_PREFIX, 7, i);
	assert_false(guesses_may(g, GUESS_PREFIX, 7, 20));
	guesses_free(g);
}

static void
a_full_server_says_that_it_is_full(void **state)
{
	struct ground *g = ground_open();
	struct config_limits one = g->config.limits;
	struct visit waits = {.waits = true}, late = {0};

	(void)state;
	one.connections_max = 1;
	gate_free(g->host->gate); /* nobody is there */
	g->host->gate = gate_new(&one);
	(void)visit_begin(g, &waits, &g->w.trainer);
	while (waits.n_pages < 2)
		(void)uv_run(&g->loop, UV_RUN_ONCE);
	visit_run(g, &late, &g->w.coordinator);
	assert_int_equal(late.end, END_BUSY);
	assert_int_equal(g->host->n_turned_away, 0); /* and forgotten again */
	ground_end(g);
}

static void
a_revoke_whose_cut_is_not_the_stores_is_sent_back(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};
	struct cut cuts[2] = {{.space = 0}, {.space = w->sk}};
	struct draft_revoke in = {
	    .n_devices = 1, .devices = &w->trainer.as.device, .n_cuts = 2, .cuts = cuts};
	struct record wrong;

	(void)state;
	cuts[0].device = cuts[1].device = w->trainer.as.device;
	cuts[0].scope = w->all;
	cuts[1].scope = w->sk_country;
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7));
	cuts[1].last = g->last_batch;
	visit_run(g, &v, &w->trainer);
	/* Another batch in NET that the coordinator has not seen. */
	v = (struct visit){0};
	add_push(&v, 0, batch_of(g, &w->trainer, 0, w->all, 1, 8));
	visit_run(g, &v, &w->trainer);
	in.n_cuts = 1;
	in.cuts = &cuts[1];
	{
		struct draft_how how = world_draft(w, w->sk, &w->coordinator.as);
		struct seed_source seeds = {.find = world_seed};
		struct build_how build = {
		    .membership = w->m, .seeds = &seeds, .rng = &w->rng, .arena = w->a};
		const struct sign_sk *keys[1] = {&w->coordinator.keys.sign_sk};
		struct log_record r;

		WORLD_DO(draft_revoke(&how, &in, w->a, &r, NULL));
		wrong.space = w->sk;
		WORLD_DO(build_record(&build, &r, keys, &wrong.built, NULL));
	}
	v = (struct visit){.n_appends = 1, .appends = &wrong};
	visit_run(g, &v, &w->coordinator);
	assert_int_equal(v.append_result, APPEND_HEAD);
	/* With what the store holds it is taken. */
	cuts[0].last = g->last_batch;
	in.n_cuts = 2;
	in.cuts = cuts;
	assert_int_equal(world_revoke(w, w->sk, &w->coordinator, &in), REFUSAL_NONE);
	keep_last(g, w->sk);
	send_records(g, g->n_records - 1, &w->coordinator);
	v = (struct visit){0};
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.end, END_REVOKED);
	ground_end(g);
}

static void
sec_34_a_lost_ack_then_a_rotation_then_the_same_push_is_known(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};
	struct span sent;

	(void)state;
	sent = batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7);
	add_push(&v, w->sk, sent);
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.verdict[0], VERDICT_OK);
	assert_int_equal(
	    world_rotate(w, w->sk, &w->coordinator, w->sk_country), REFUSAL_NONE);
	keep_last(g, w->sk);
	send_records(g, g->n_records - 1, &w->coordinator);
	v = (struct visit){0};
	add_push(&v, w->sk, sent);
	/* sec_33: another one under the old epoch is sent back. */
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 8));
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.verdict[0], VERDICT_KNOWN);
	assert_int_equal(v.verdict[1], VERDICT_EPOCH);
	ground_end(g);
}

static struct contact_row
contact_of(const struct visit *v, struct author a)
{
	struct contact_row none = {0};

	for (size_t i = 0; i < v->n_contacts; i++) {
		if (v->contacts[i].home == a.home && v->contacts[i].device == a.device)
			return v->contacts[i];
	}
	return none;
}

static void
a_coordinator_asks_how_far_the_laptops_have_come(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {0};
	struct contact_row row;
	struct batch_id country, all;

	(void)state;
	add_push(&v, w->sk, batch_of(g, &w->trainer, w->sk, w->sk_country, 1, 7));
	country = g->last_batch;
	add_push(&v, 0, batch_of(g, &w->trainer, 0, w->all, 1, 8));
	all = g->last_batch;
	visit_run(g, &v, &w->trainer);
	v = (struct visit){
	    .asks = true, .asks_space = w->sk, .asks_device = w->trainer.as.device};
	visit_run(g, &v, &w->coordinator);
	row = contact_of(&v, w->trainer.as);
	assert_int_equal(v.contacts_head, 1);
	assert_int_equal(row.last, 1);
	assert_int_equal(row.cursor, 1);
	assert_true(row.time_s > 0);
	assert_int_equal(v.n_cuts, 2);
	assert_int_equal(v.cuts[0].space, 0);
	assert_int_equal(v.cuts[0].scope, w->all);
	assert_memory_equal(&v.cuts[0].last, &all, sizeof all);
	assert_int_equal(v.cuts[1].space, w->sk);
	assert_int_equal(v.cuts[1].scope, w->sk_country);
	assert_memory_equal(&v.cuts[1].last, &country, sizeof country);
	ground_end(g);
}

static void
a_trainer_who_asks_about_the_laptops_of_others_gets_no_row(void **state)
{
	struct ground *g = ground_open();
	struct world *w = &g->w;
	struct visit v = {.asks = true, .asks_space = w->sk};

	(void)state;
	visit_run(g, &v, &w->trainer);
	v = (struct visit){.asks = true, .asks_space = w->sk};
	visit_run(g, &v, &w->trainer);
	assert_int_equal(v.n_contacts, 0);
	v = (struct visit){.asks = true, .asks_space = 0};
	visit_run(g, &v, &w->coordinator);
	assert_int_equal(v.n_contacts, 0);
	assert_int_equal(v.end, END_BYE);
	ground_end(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_network_is_founded_by_a_stranger_and_only_once),
	    cmocka_unit_test(a_country_opens_a_store_of_its_own),
	    cmocka_unit_test(a_new_laptop_gets_the_logs_and_its_boxes),
	    cmocka_unit_test(an_invitee_sees_logs_and_his_boxes_and_joins),
	    cmocka_unit_test(two_appends_race_and_the_loser_gets_the_winner),
	    cmocka_unit_test(an_append_that_comes_twice_is_taken_once),
	    cmocka_unit_test(a_record_with_another_box_than_its_list_is_refused),
	    cmocka_unit_test(
		a_revoked_laptop_is_sent_away_while_it_waits_and_when_it_returns),
	    cmocka_unit_test(a_stranger_reads_logs_and_nothing_else),
	    cmocka_unit_test(a_device_has_so_many_sessions_and_no_more),
	    cmocka_unit_test(a_full_server_says_that_it_is_full),
	    cmocka_unit_test(sec_25_fifty_guesses_are_cut_short),
	    cmocka_unit_test(
		sec_25_the_sixth_failed_join_of_an_hour_at_one_invite_is_not_looked_at),
	    cmocka_unit_test(a_coordinator_asks_how_far_the_laptops_have_come),
	    cmocka_unit_test(a_trainer_who_asks_about_the_laptops_of_others_gets_no_row),
	    cmocka_unit_test(a_revoke_whose_cut_is_not_the_stores_is_sent_back),
	    cmocka_unit_test(
		sec_34_a_lost_ack_then_a_rotation_then_the_same_push_is_known),
	};

	return cmocka_run_group_tests_name("server_members", tests, NULL, NULL) != 0;
}
