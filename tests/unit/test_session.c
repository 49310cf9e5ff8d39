/* test_session.c - client and server session connected in memory: a day's sync, joining,
 * paging, recovery, and what a cut at any byte leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "unit/session_device.h"

/* The lines of SECURITY 9.6: two batches of 768 and 444 bytes. */
static void
sec_77_a_day_takes_two_round_trips_and_1630_bytes(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	add_push(&w, 3, w.batch[0], 137 + 243 + 388, 'a');
	add_push(&w, 0, w.batch[1], 121 + 323, 'b');
	season_sync(&w);
	printf("a day: %zu bytes up, %zu down, %zu flights\n", w.pair.bytes_up,
	    w.pair.bytes_down, w.pair.turns);
	assert_int_equal(w.device.closed, END_BYE);
	assert_int_equal(w.device.n_closed, 1);
	assert_int_equal(w.device.server_time_s, 1775000000);
	assert_int_equal(w.device.n_verdicts, 2);
	assert_int_equal(w.device.verdict[0], VERDICT_OK);
	assert_int_equal(w.device.n_pages, 2);
	assert_int_equal(w.device.n_batches, 0); /* own pushes do not travel back */
	assert_int_equal(w.device.n_own, 2);
	assert_true(w.device.is_stored[0] && w.device.is_stored[1]);
	assert_int_equal(w.device.n_pulls_done, 1);
	assert_int_equal(w.pair.turns, 4); /* up, down, up, down: two round trips */
	assert_true(w.pair.bytes_up <= 1482);
	assert_true(w.pair.bytes_down <= 148);
	season_end(&w);
}

static void
nothing_to_sync_takes_two_round_trips_and_less_than_400_bytes(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	season_sync(&w);
	printf("nothing to sync: %zu bytes up, %zu down, %zu flights\n", w.pair.bytes_up,
	    w.pair.bytes_down, w.pair.turns);
	assert_int_equal(w.device.closed, END_BYE);
	assert_int_equal(w.device.n_pages, 2);
	assert_int_equal(w.pair.turns, 4);
	assert_true(w.pair.bytes_up + w.pair.bytes_down <= 400);
	season_end(&w);
}

static void
a_session_works_byte_by_byte(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	w.pair.dribble = 1;
	add_push(&w, 3, w.batch[0], 700, 'a');
	add_push(&w, 0, w.batch[1], 300, 'b');
	season_sync(&w);
	assert_int_equal(w.device.closed, END_BYE);
	assert_true(w.device.is_stored[0] && w.device.is_stored[1]);
	season_end(&w);
}

static void
sec_08_a_cut_at_any_byte_is_made_good_by_the_next_sync(void **state)
{
	size_t total = 0;

	(void)state;
	for (size_t cut = 1; cut < 3000; cut++) {
		struct season w;
		uint8_t far[300];

		season_begin(&w);
		add_push(&w, 3, w.batch[0], 700, 'a');
		add_push(&w, 0, w.batch[1], 300, 'b');
		memset(far, 'f', sizeof far);
		w.pair.fake->page_batches = 1;
		for (size_t i = 0; i < 3; i++) {
			far[1] = (uint8_t)i;
			w.pair.fake->spaces[1].batches[i] =
			    fake_copy(span_of(far, sizeof far));
		}
		w.pair.fake->spaces[1].n = 3;
		w.pair.cut_after = cut;
		season_sync(&w);
		total = w.pair.bytes_up + w.pair.bytes_down;
		if (!w.pair.is_cut) {
			assert_int_equal(w.device.closed, END_BYE);
			season_end(&w);
			break;
		}
		assert_true(w.device.closed == END_CUT || w.device.closed == END_BYE);
		assert_int_equal(w.device.n_closed, 1);
		pair_close(&w.pair);
		w.pair.cut_after = 0;
		season_sync(&w);
		assert_int_equal(w.device.closed, END_BYE);
		assert_true(w.device.is_stored[0] && w.device.is_stored[1]);
		assert_int_equal(w.pair.fake->spaces[0].n, 1);
		assert_int_equal(w.pair.fake->spaces[1].n, 4); /* one effect */
		assert_true(w.device.n_batches >= 3 && w.device.n_batches <= 5);
		season_end(&w);
	}
	assert_true(total > 1500);
}

static void
a_push_that_was_known_before_leaves_pending_by_an_own_row(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	add_push(&w, 3, w.batch[0], 500, 'a');
	w.pair.fake->spaces[1].batches[w.pair.fake->spaces[1].n++] =
	    fake_copy(w.device.push[0]);
	season_sync(&w);
	assert_int_equal(w.device.verdict[0], VERDICT_KNOWN);
	assert_int_equal(w.device.n_batches, 0);
	assert_true(w.device.is_stored[0]);
	season_end(&w);
}

static void
a_refused_push_has_its_reason_and_the_others_go_on(void **state)
{
	struct season w;
	uint8_t more[100];

	(void)state;
	season_begin(&w);
	add_push(&w, 3, w.batch[0], 500, 'a');
	add_push(&w, 3, w.batch[1], 500, 'X');
	add_push(&w, 3, more, sizeof more, 'c');
	season_sync(&w);
	assert_int_equal(w.device.n_verdicts, 3);
	assert_int_equal(w.device.verdict[0], VERDICT_OK);
	assert_int_equal(w.device.verdict[1], VERDICT_EPOCH);
	assert_int_equal(w.device.verdict[2], VERDICT_OK);
	assert_true(w.device.is_stored[0] && !w.device.is_stored[1]);
	assert_true(w.device.is_stored[2]);
	season_end(&w);
}

static void
pages_come_in_order_with_batches_of_others_between_own(void **state)
{
	struct season w;
	uint8_t far[200];

	(void)state;
	season_begin(&w);
	memset(far, 'f', sizeof far);
	for (size_t i = 0; i < 7; i++) {
		far[1] = (uint8_t)i;
		w.pair.fake->spaces[1].batches[i] = fake_copy(span_of(far, sizeof far));
	}
	w.pair.fake->spaces[1].n = 7;
	w.pair.fake->page_batches = 3;
	add_push(&w, 3, w.batch[0], 500, 'a');
	season_sync(&w);
	assert_int_equal(w.device.closed, END_BYE);
	assert_int_equal(w.device.n_batches, 7);
	assert_int_equal(w.device.n_pages, 1 + 3);
	assert_int_equal(w.device.states[1].cursor, 52008);
	assert_true(w.device.is_stored[0]);
	season_end(&w);
}

static void
removals_are_split_and_none_is_lost(void **state)
{
	struct season w;
	struct dead_row *dead = calloc(30000, sizeof *dead);
	struct grave_row *graves = calloc(9000, sizeof *graves);

	(void)state;
	assert_non_null(dead);
	assert_non_null(graves);
	season_begin(&w);
	w.pair.fake->spaces[1].dead = dead;
	w.pair.fake->spaces[1].n_dead = 30000;
	w.pair.fake->spaces[1].graves = graves;
	w.pair.fake->spaces[1].n_graves = 9000;
	add_push(&w, 3, w.batch[0], 500, 'a');
	season_sync(&w);
	assert_int_equal(w.device.closed, END_BYE);
	assert_int_equal(w.device.n_dead, 30000);
	assert_int_equal(w.device.n_graves, 9000);
	assert_int_equal(w.device.n_pulls_done, 1);
	assert_int_equal(w.device.n_own, 1);
	season_end(&w);
	free(dead);
	free(graves);
}

static void
new_log_records_come_before_the_pages(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	for (size_t i = 0; i < 5; i++)
		w.pair.fake->spaces[1].records[i] = fake_copy(span_text("a record"));
	w.pair.fake->spaces[1].n_records = 5;
	season_sync(&w);
	assert_int_equal(w.device.closed, END_BYE);
	assert_int_equal(w.device.n_records, 5);
	assert_int_equal(w.device.n_logs, 3); /* two at a time */
	season_end(&w);
}

static void
a_device_that_never_saw_the_store_takes_its_epoch_over(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	for (size_t i = 0; i < 2; i++) {
		w.pair.fake->spaces[i].base = 0;
		w.device.states[i].cursor = 0;
		memset(&w.device.states[i].mark, 0, sizeof w.device.states[i].mark);
	}
	season_sync(&w);
	assert_int_equal(w.device.closed, END_BYE);
	assert_int_equal(w.device.n_store, 2);
	assert_int_equal(w.device.store, STORE_FIRST);
	assert_memory_equal(w.device.states[1].mark.epoch, "EPOC", 4);
	assert_int_equal(w.device.n_pages, 2);
	season_end(&w);
}

static void
another_epoch_is_told_before_any_page_of_the_space(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	memcpy(w.pair.fake->spaces[1].mark.epoch, "OTHR", 4);
	season_sync(&w);
	assert_int_equal(w.device.n_store, 1);
	assert_int_equal(w.device.store, STORE_CHANGED);
	assert_int_equal(w.device.n_pages, 1); /* NET only */
	assert_int_equal(w.device.n_pulls_done, 1);
	assert_int_equal(w.device.closed, END_BYE);
	season_end(&w);
}

static void
a_head_below_the_cursor_is_told_as_a_changed_store(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	w.pair.fake->spaces[1].base -= 10;
	season_sync(&w);
	assert_int_equal(w.device.store, STORE_CHANGED);
	season_end(&w);
}

static void
recover_ready(struct pair *p, struct device *d)
{
	static const struct batch_id ids[3] = {{{1}}, {{2}}, {{3}}};
	const struct span batch = span_text("a pruned batch");
	struct recover part = {.space = 3, .n_ids = 3, .ids = ids};

	(void)d;
	assert_int_equal(session_recover(p->client, &part), ST_OK);
	part = (struct recover){
	    .space = 3, .is_end = true, .n_batches = 1, .batches = &batch};
	assert_int_equal(session_recover(p->client, &part), ST_OK);
	assert_int_equal(session_pull(p->client, true, NULL, 0), ST_OK);
	assert_int_equal(session_flush(p->client, p->now_ms), ST_OK);
}

static void
a_recovery_is_staged_in_parts_and_answered_once(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	w.device.recovered = RECOVER_FAILED;
	w.device.on_ready = recover_ready;
	season_sync(&w);
	assert_int_equal(w.pair.fake->n_recovers, 2);
	assert_int_equal(w.device.recovered, RECOVER_DONE);
	assert_int_equal(w.device.closed, END_BYE);
	season_end(&w);
}

static void
devices_ready(struct pair *p, struct device *d)
{
	static const uint16_t devices[2] = {7, 9};

	(void)d;
	assert_int_equal(session_devices(p->client, 3, devices, 2), ST_OK);
	assert_int_equal(session_pull(p->client, true, NULL, 0), ST_OK);
	assert_int_equal(session_flush(p->client, p->now_ms), ST_OK);
}

static void
contacts_that_need_several_messages_come_as_one_answer(void **state)
{
	enum { ROWS = ROWS_BYTES_MAX / CONTACT_ROW_BYTES + 1 };
	static const struct contact_row rows[ROWS];
	static const struct cut_row cuts[3];
	struct season w;

	(void)state;
	season_begin(&w);
	w.pair.fake->contacts = (struct contacts){
	    .head = 5, .n_rows = ROWS, .rows = rows, .n_cuts = 3, .cuts = cuts};
	w.device.on_ready = devices_ready;
	season_sync(&w);
	assert_int_equal(w.device.n_contacts, ROWS);
	assert_int_equal(w.device.n_cuts, 3);
	assert_int_equal(w.device.n_contact_ends, 1);
	assert_int_equal(w.device.n_pulls_done, 1);
	assert_int_equal(w.device.closed, END_BYE);
	season_end(&w);
}

static void
append_ready(struct pair *p, struct device *d)
{
	struct append a = {.space = 3, .record = span_text("a new record")};

	(void)d;
	assert_int_equal(session_append(p->client, &a), ST_OK);
	assert_int_equal(session_pull(p->client, true, NULL, 0), ST_OK);
	assert_int_equal(session_flush(p->client, p->now_ms), ST_OK);
}

static void
an_append_that_loses_the_race_brings_the_missing_records_first(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	w.device.on_ready = append_ready;
	w.pair.fake->append_result = APPEND_HEAD;
	w.pair.fake->spaces[1].records[0] = fake_copy(span_text("of another"));
	w.pair.fake->spaces[1].n_records = 1;
	season_sync(&w);
	assert_int_equal(w.device.n_appended, 1);
	assert_int_equal(w.device.append, APPEND_HEAD);
	assert_int_equal(w.device.n_records, 1); /* and not once more with the pull */
	assert_int_equal(w.device.closed, END_BYE);
	season_end(&w);
}

/* The records came with the refusal, their key boxes did not: the pull brings them. */
static void
a_lost_race_does_not_cost_the_keys_of_the_records_that_won(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	w.device.on_ready = append_ready;
	w.pair.fake->append_result = APPEND_HEAD;
	w.pair.fake->spaces[1].records[0] = fake_copy(span_text("of another"));
	w.pair.fake->spaces[1].n_records = 1;
	season_sync(&w);
	assert_int_equal(w.pair.fake->n_keyboxes, 1);
	season_end(&w);
}

static void
join_ready(struct pair *p, struct device *d)
{
	struct sign_pk invite = {{5}};

	(void)d;
	assert_int_equal(session_invited(p->client, &invite), ST_OK);
	assert_int_equal(session_flush(p->client, p->now_ms), ST_OK);
}

static void
join_go_on(struct pair *p, struct device *d)
{
	static const uint8_t box[KEY_BOX_BYTES];
	struct append a = {.space = 3, .record = span_text("JOIN")};
	struct box_row row = {.position = BOX_OF_ITS_OWN,
	    .space = 3,
	    .scope = 4,
	    .epoch = 1,
	    .box = span_of(box, sizeof box)};

	if (d->n_pulls_done > 1)
		return;
	p->fake->standing = PEER_ACTIVE; /* the JOIN will make it one */
	assert_int_equal(session_append(p->client, &a), ST_OK);
	assert_int_equal(session_boxes(p->client, 3, &row, 1), ST_OK);
	assert_int_equal(session_pull(p->client, true, d->states, d->n_states), ST_OK);
	assert_int_equal(session_flush(p->client, p->now_ms), ST_OK);
}

static void
a_stranger_joins_and_pulls_in_one_session(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	w.pair.fake->standing = PEER_STRANGER;
	w.pair.fake->spaces[0].log_base = 0;
	w.pair.fake->spaces[1].log_base = 0;
	w.device.states[0].log_len = 0;
	w.device.states[1].log_len = 0;
	for (size_t i = 0; i < 2; i++) {
		w.pair.fake->spaces[i].records[0] = fake_copy(span_text("a record"));
		w.pair.fake->spaces[i].n_records = 1;
	}
	w.device.on_ready = join_ready;
	w.device.on_pull_done = join_go_on;
	season_sync(&w);
	assert_int_equal(w.device.closed, END_BYE);
	assert_int_equal(w.device.n_appended, 2);
	assert_int_equal(w.pair.fake->n_boxes, 1);
	assert_int_equal(w.pair.fake->n_appends, 1);
	assert_int_equal(w.pair.turns, 6); /* one round trip more than a day */
	assert_int_equal(w.device.n_pages, 2);
	season_end(&w);
}

static void
a_stranger_pushes_nothing(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	w.pair.fake->standing = PEER_STRANGER;
	add_push(&w, 3, w.batch[0], 500, 'a');
	season_sync(&w);
	assert_int_equal(w.device.verdict[0], VERDICT_DEVICE);
	assert_int_equal(w.pair.fake->n_accepts, 0);
	assert_int_equal(w.device.closed, END_BYE);
	season_end(&w);
}

static void
a_revoked_device_is_told_so_and_nothing_else(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	w.pair.fake->standing = PEER_REVOKED;
	add_push(&w, 3, w.batch[0], 500, 'a');
	season_sync(&w);
	assert_int_equal(w.device.closed, END_REVOKED);
	assert_int_equal(w.device.n_verdicts, 0);
	assert_int_equal(w.pair.fake->n_accepts, 0);
	season_end(&w);
}

static void
second_round(struct pair *p, struct device *d)
{
	static uint8_t tally[200] = {'t'};

	if (d->n_pulls_done > 1)
		return;
	d->push[d->n_push] = span_of(tally, sizeof tally);
	d->push_space[d->n_push++] = 3;
	assert_int_equal(session_push_next(p->client), 1);
	assert_int_equal(session_push(p->client, 3, span_of(tally, sizeof tally)), ST_OK);
	assert_int_equal(session_pull(p->client, true, NULL, 0), ST_OK);
	assert_int_equal(session_flush(p->client, p->now_ms), ST_OK);
}

static void
a_second_push_goes_on_where_the_first_pull_ended(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	add_push(&w, 3, w.batch[0], 500, 'a');
	w.device.is_last = false;
	w.device.on_pull_done = second_round;
	season_sync(&w);
	assert_int_equal(w.device.closed, END_BYE);
	assert_int_equal(w.device.n_verdicts, 2);
	assert_int_equal(w.device.n_pulls_done, 2);
	assert_int_equal(w.device.n_pages, 4);
	assert_int_equal(w.device.n_own, 2);
	assert_true(w.device.is_stored[0] && w.device.is_stored[1]);
	season_end(&w);
}

static void
pushes_are_given_out_together_and_a_pull_waits_for_them(void **state)
{
	struct season w;
	uint8_t bytes[20][64];

	(void)state;
	season_begin(&w);
	for (size_t i = 0; i < 20; i++)
		add_push(&w, 3, bytes[i], sizeof bytes[i], 'a');
	w.pair.fake->holds = true;
	pair_open(&w.pair, w.device.states, 2);
	pair_run(&w.pair);
	assert_int_equal(w.pair.fake->n_held, 1); /* who is it? */
	fake_answer(&w.pair, &w.pair.fake->held[0]);
	w.pair.fake->n_held = 0;
	pair_run(&w.pair);
	assert_int_equal(w.pair.fake->n_held, 20);
	assert_int_equal(session_n_open(w.pair.server), 20);
	/* Answered backwards, told in order. */
	for (size_t i = 20; i > 0; i--)
		fake_answer(&w.pair, &w.pair.fake->held[i - 1]);
	w.pair.fake->n_held = 0;
	w.pair.fake->holds = false;
	pair_run(&w.pair);
	assert_int_equal(w.device.n_verdicts, 20);
	assert_int_equal(w.device.n_own, 20);
	assert_int_equal(w.device.closed, END_BYE);
	season_end(&w);
}

static void
answers_to_a_session_that_was_cut_are_dropped(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	add_push(&w, 3, w.batch[0], 500, 'a');
	w.pair.fake->holds = true;
	pair_open(&w.pair, w.device.states, 2);
	pair_run(&w.pair);
	fake_answer(&w.pair, &w.pair.fake->held[0]);
	w.pair.fake->n_held = 0;
	pair_run(&w.pair);
	assert_int_equal(session_n_open(w.pair.server), 1);
	pair_cut(&w.pair);
	fake_answer(&w.pair, &w.pair.fake->held[0]);
	assert_int_equal(session_n_open(w.pair.server), 0);
	assert_int_equal(session_next_request(w.pair.server, 2000).kind, SERVE_NOTHING);
	season_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sec_77_a_day_takes_two_round_trips_and_1630_bytes),
	    cmocka_unit_test(
		nothing_to_sync_takes_two_round_trips_and_less_than_400_bytes),
	    cmocka_unit_test(a_session_works_byte_by_byte),
	    cmocka_unit_test(sec_08_a_cut_at_any_byte_is_made_good_by_the_next_sync),
	    cmocka_unit_test(a_push_that_was_known_before_leaves_pending_by_an_own_row),
	    cmocka_unit_test(a_refused_push_has_its_reason_and_the_others_go_on),
	    cmocka_unit_test(pages_come_in_order_with_batches_of_others_between_own),
	    cmocka_unit_test(removals_are_split_and_none_is_lost),
	    cmocka_unit_test(new_log_records_come_before_the_pages),
	    cmocka_unit_test(a_device_that_never_saw_the_store_takes_its_epoch_over),
	    cmocka_unit_test(another_epoch_is_told_before_any_page_of_the_space),
	    cmocka_unit_test(a_head_below_the_cursor_is_told_as_a_changed_store),
	    cmocka_unit_test(a_recovery_is_staged_in_parts_and_answered_once),
	    cmocka_unit_test(contacts_that_need_several_messages_come_as_one_answer),
	    cmocka_unit_test(
		an_append_that_loses_the_race_brings_the_missing_records_first),
	    cmocka_unit_test(a_lost_race_does_not_cost_the_keys_of_the_records_that_won),
	    cmocka_unit_test(a_stranger_joins_and_pulls_in_one_session),
	    cmocka_unit_test(a_stranger_pushes_nothing),
	    cmocka_unit_test(a_revoked_device_is_told_so_and_nothing_else),
	    cmocka_unit_test(a_second_push_goes_on_where_the_first_pull_ended),
	    cmocka_unit_test(pushes_are_given_out_together_and_a_pull_waits_for_them),
	    cmocka_unit_test(answers_to_a_session_that_was_cut_are_dropped),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL) != 0;
}
