/* test_session.c - client and server session connected in memory: a day's sync, joining,
 * paging, waiting, recovery, and what a cut at any byte leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "unit/session_pair.h"

/* What the device of a test has seen and holds. */
struct device {
	struct space_state states[2];
	size_t n_states;
	size_t n_push; /* of these it pushes: */
	uint16_t push_space[40];
	struct span push[40];
	bool is_stored[40]; /* an own row or a page has shown it */
	enum verdict verdict[40];
	size_t n_verdicts;
	uint64_t server_time_s;
	size_t n_pages;
	size_t n_batches;
	size_t n_own;
	size_t n_dead;
	size_t n_graves;
	size_t n_logs;
	size_t n_records;
	size_t n_doorbells;
	size_t n_pulls_done;
	size_t n_store;
	enum store_state store;
	enum append_result append;
	size_t n_appended;
	enum recover_result recovered;
	size_t n_keyboxes;
	enum session_end closed;
	size_t n_closed;
	bool is_last; /* the pull asks for BYE */
	bool no_pull;
	void (*on_ready)(struct pair *p, struct device *d);
	void (*on_pull_done)(struct pair *p, struct device *d);
	/* staged pages of a pull that has not ended */
	size_t staged_own;
};

static struct space_state *
device_state(struct device *d, uint16_t space)
{
	for (size_t i = 0; i < d->n_states; i++)
		if (d->states[i].space == space)
			return &d->states[i];
	abort(); /* no test hears of others */
}

static void
day_ready(struct pair *p, struct device *d)
{
	for (size_t i = 0; i < d->n_push; i++)
		assert_int_equal(
		    session_push(p->client, d->push_space[i], d->push[i]), ST_OK);
	if (!d->no_pull)
		assert_int_equal(session_pull(p->client, d->is_last, NULL, 0), ST_OK);
	assert_int_equal(session_flush(p->client, p->now_ms), ST_OK);
}

static void
take_page(struct device *d, const struct page *page)
{
	struct space_state *s = device_state(d, page->space);

	d->n_pages++;
	d->n_batches += page->n_batches;
	d->n_own += page->n_own;
	d->n_dead += page->n_dead;
	d->n_graves += page->n_graves;
	for (size_t i = 0; i < page->n_own; i++)
		if (page->own[i].push < d->n_push)
			d->is_stored[page->own[i].push] = true;
	for (size_t i = 0; i < page->n_batches; i++)
		for (size_t k = 0; k < d->n_push; k++)
			if (span_equal(page->batches[i].wire, d->push[k]))
				d->is_stored[k] = true;
	if (page->kind == PAGE_LAST) {
		s->cursor = page->head;
		s->is_staged = false;
		memcpy(s->mark.hash, page->hash, 8);
	} else {
		s->is_staged = true;
		s->staged = page->head;
		memcpy(s->staged_hash, page->hash, 8);
	}
}

static void
note_event(struct pair *p, const struct client_event *e)
{
	struct device *d = p->ctx;

	switch (e->kind) {
	case CLIENT_READY:
		d->server_time_s = e->server_time_s;
		d->on_ready(p, d);
		break;
	case CLIENT_VERDICT:
		assert_int_equal(e->verdict.push, d->n_verdicts);
		if (e->verdict.push < 40)
			d->verdict[e->verdict.push] = e->verdict.code;
		d->n_verdicts++;
		break;
	case CLIENT_APPENDED:
		d->append = e->appended.result;
		d->n_appended++;
		break;
	case CLIENT_LOGS:
		d->n_logs++;
		d->n_records += e->logs.n_records;
		break;
	case CLIENT_KEYBOXES:
		d->n_keyboxes++;
		break;
	case CLIENT_STORE:
		d->n_store++;
		d->store = e->store.state;
		device_state(d, e->space)->mark = e->store.mark;
		break;
	case CLIENT_PAGE:
		take_page(d, &e->page);
		break;
	case CLIENT_PULL_DONE:
		d->n_pulls_done++;
		if (d->on_pull_done != NULL)
			d->on_pull_done(p, d);
		break;
	case CLIENT_RECOVERED:
		d->recovered = e->recovered;
		break;
	case CLIENT_DOORBELL:
		d->n_doorbells++;
		break;
	case CLIENT_CLOSED:
		d->closed = e->closed;
		d->n_closed++;
		break;
	case CLIENT_NOTHING:
	case CLIENT_EVENT_COUNT:
		break;
	}
}

/* A server with NET and the country at position 3, as after a season; a device that has
 * pulled everything. */
struct season {
	struct pair pair;
	struct device device;
	uint8_t batch[2][1000];
};

static void
season_begin(struct season *w)
{
	static const uint64_t heads[2] = {4711, 52000};
	struct fake_server *f = calloc(1, sizeof *f);

	assert_non_null(f);
	*w = (struct season){.pair = {.fake = f, .on_event = note_event, .now_ms = 1000}};
	w->pair.ctx = &w->device;
	f->standing = PEER_ACTIVE;
	f->page_batches = 100;
	f->n_spaces = 2;
	w->device.n_states = 2;
	w->device.is_last = true;
	w->device.on_ready = day_ready;
	for (size_t i = 0; i < 2; i++) {
		struct fake_space *s = &f->spaces[i];
		struct space_state *state = &w->device.states[i];

		s->space = i == 0 ? 0 : 3;
		memcpy(s->mark.epoch, "EPOC", 4);
		s->base = heads[i];
		s->log_base = 300;
		state->space = s->space;
		state->log_len = 300;
		state->cursor = heads[i];
		memcpy(state->mark.epoch, "EPOC", 4);
		fake_hash(heads[i], state->mark.hash);
	}
}

static void
season_end(struct season *w)
{
	pair_close(&w->pair);
	fake_free(w->pair.fake);
}

static void
season_sync(struct season *w)
{
	w->device.n_verdicts = 0;
	pair_open(&w->pair, w->device.states, w->device.n_states);
	pair_run(&w->pair);
}

static void
add_push(struct season *w, uint16_t space, uint8_t *bytes, size_t len, char first)
{
	struct device *d = &w->device;

	memset(bytes, first, len);
	bytes[1] = (uint8_t)d->n_push;
	d->push_space[d->n_push] = space;
	d->push[d->n_push++] = span_of(bytes, len);
}

/* The lines of SECURITY 9.6: two batches of 768 and 444 bytes. */
static void
a_day_takes_two_round_trips_and_1630_bytes(void **state)
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
a_cut_at_any_byte_is_made_good_by_the_next_sync(void **state)
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
	assert_true(w.device.n_keyboxes >= 1);
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

/* ---- waiting ---- */

static void
wait_ready(struct pair *p, struct device *d)
{
	(void)d;
	assert_int_equal(session_pull(p->client, false, NULL, 0), ST_OK);
	assert_int_equal(session_wait(p->client), ST_OK);
	assert_int_equal(session_flush(p->client, p->now_ms), ST_OK);
}

static void
a_waiting_device_is_rung_and_pulls_in_the_same_session(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	w.device.on_ready = wait_ready;
	season_sync(&w);
	assert_true(session_is_waiting(w.pair.server));
	session_ring(w.pair.server, w.pair.now_ms, 3);
	pair_run(&w.pair);
	assert_int_equal(w.device.n_doorbells, 1);
	assert_int_equal(session_pull(w.pair.client, true, NULL, 0), ST_OK);
	assert_int_equal(session_flush(w.pair.client, w.pair.now_ms), ST_OK);
	pair_run(&w.pair);
	assert_int_equal(w.device.n_pulls_done, 2);
	assert_int_equal(w.device.closed, END_BYE);
	season_end(&w);
}

static void
an_idle_session_holds_less_than_four_kib(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	w.device.on_ready = wait_ready;
	season_sync(&w);
	printf("idle: %zu bytes beyond the struct\n", session_held_bytes(w.pair.server));
	assert_true(session_held_bytes(w.pair.server) < 3000);
	season_end(&w);
}

/* ---- deadlines ---- */

static void
a_peer_that_never_finishes_the_handshake_is_dropped_after_ten_seconds(void **state)
{
	struct season w;

	(void)state;
	season_begin(&w);
	pair_open(&w.pair, w.device.states, 2);
	assert_int_equal(session_deadline_ms(w.pair.server), 1000 + HANDSHAKE_MS_MAX);
	session_tick(w.pair.server, 1000 + HANDSHAKE_MS_MAX - 1);
	assert_int_equal(session_end(w.pair.server), END_NONE);
	session_tick(w.pair.server, 1000 + HANDSHAKE_MS_MAX);
	assert_int_equal(session_end(w.pair.server), END_DEADLINE);
	session_tick(w.pair.client, 1000 + HANDSHAKE_MS_MAX);
	assert_int_equal(session_end(w.pair.client), END_DEADLINE);
	season_end(&w);
}

static void
an_idle_session_is_dropped_and_a_waiting_one_lives_by_its_pings(void **state)
{
	struct season w;
	uint64_t now;

	(void)state;
	season_begin(&w);
	w.device.on_ready = wait_ready;
	season_sync(&w);
	now = w.pair.now_ms;
	session_tick(w.pair.server, now + WAIT_MS_MAX - 1);
	assert_int_equal(session_end(w.pair.server), END_NONE);
	session_tick(w.pair.server, now + WAIT_MS_MAX);
	assert_int_equal(session_end(w.pair.server), END_DEADLINE);
	season_end(&w);
}

/* One byte a second of a frame that never ends. */
static void
a_dribbling_peer_is_dropped(void **state)
{
	struct season w;
	const uint8_t head[2] = {0x40, 0x10};
	const uint8_t byte = 0;
	uint64_t now;
	size_t used;

	(void)state;
	season_begin(&w);
	w.device.on_ready = wait_ready;
	season_sync(&w);
	now = w.pair.now_ms;
	(void)session_receive(w.pair.server, now, span_of(head, 2), &used, NULL);
	for (uint64_t s = 1; s < 60 && session_end(w.pair.server) == END_NONE; s++) {
		now = w.pair.now_ms + s * 1000;
		session_tick(w.pair.server, now);
		(void)session_receive(w.pair.server, now, span_of(&byte, 1), &used, NULL);
	}
	assert_int_equal(session_end(w.pair.server), END_DEADLINE);
	assert_true(now - w.pair.now_ms <= PROGRESS_MS + 1000);
	season_end(&w);
}

static void
a_server_with_a_full_queue_stops_reading(void **state)
{
	struct season w;
	static uint8_t far[60000];

	(void)state;
	season_begin(&w);
	memset(far, 'f', sizeof far);
	for (size_t i = 0; i < 100; i++) {
		far[1] = (uint8_t)i;
		w.pair.fake->spaces[1].batches[i] = fake_copy(span_of(far, sizeof far));
	}
	w.pair.fake->spaces[1].n = 100;
	w.pair.fake->page_batches = 4;
	pair_open(&w.pair, w.device.states, 2);
	while (session_output(w.pair.client).len > 0 ||
	       session_end(w.pair.client) == END_NONE) {
		struct span out = session_output(w.pair.client);
		size_t used = 0;

		(void)pair_events(&w.pair);
		(void)session_receive(w.pair.server, 1000, out, &used, NULL);
		session_sent(w.pair.client, 1000, used);
		(void)pair_serve(&w.pair);
		if (session_output(w.pair.server).len > PACKET_BYTES_MAX &&
		    !session_wants_input(w.pair.server))
			break; /* nobody reads */
		if (w.device.n_pages == 0 && session_output(w.pair.server).len < 1000)
			(void)pair_move(&w.pair, w.pair.server, w.pair.client, 2);
	}
	assert_false(session_wants_input(w.pair.server));
	assert_true(
	    session_output(w.pair.server).len < OUT_QUEUE_BYTES_MAX + PACKET_BYTES_MAX);
	pair_run(&w.pair);
	assert_int_equal(w.device.closed, END_BYE);
	assert_int_equal(w.device.n_batches, 100);
	season_end(&w);
}

/* ---- strangers to the protocol ---- */

static enum session_end
client_hears(struct span bytes, bool and_eof)
{
	struct season w;
	struct client_event e;
	enum session_end end;
	size_t used;

	season_begin(&w);
	pair_open(&w.pair, w.device.states, 2);
	(void)session_receive(w.pair.client, 1000, bytes, &used, NULL);
	if (and_eof)
		session_eof(w.pair.client, 1000, false);
	e = session_next_event(w.pair.client, 1000);
	assert_int_equal(e.kind, CLIENT_CLOSED);
	end = session_end(w.pair.client);
	season_end(&w);
	return end;
}

static void
a_login_page_is_not_our_server(void **state)
{
	(void)state;
	assert_int_equal(
	    client_hears(span_text("HTTP/1.1 302 Found\r\n\r\n"), false), END_NOT_OURS);
	assert_int_equal(
	    client_hears(span_text("<html><body>Log in</body>"), false), END_NOT_OURS);
	assert_int_equal(client_hears(span_text("SSH-2.0-x\r\n"), false), END_NOT_OURS);
	assert_int_equal(client_hears(span_text("P"), true), END_CUT);
}

static void
a_server_of_another_version_says_so(void **state)
{
	(void)state;
	assert_int_equal(client_hears(span_text("PN\2"), false), END_VERSION);
}

static void
a_message_2_that_does_not_open_is_a_wrong_key(void **state)
{
	uint8_t answer[66] = {0, 64, 1, 2, 3};

	(void)state;
	assert_int_equal(
	    client_hears(span_of(answer, sizeof answer), false), END_WRONG_KEY);
}

static void
a_close_without_an_answer_has_a_name_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(client_hears(span_of(NULL, 0), true), END_NO_ANSWER);
}

static void
a_server_with_another_key_stays_silent(void **state)
{
	static const struct transport_sk other = {{8, 1}};
	struct season w;
	struct server_config v = {.network = pair_network, .secret = &other};
	uint64_t seed = 5;

	(void)state;
	season_begin(&w);
	pair_open(&w.pair, w.device.states, 2);
	session_free(w.pair.server);
	derive_transport_pk(&other, &v.transport);
	v.rng = (struct rng){pair_rng_fill, &seed};
	w.pair.server = session_server_new(&v, 1000);
	pair_run(&w.pair);
	assert_int_equal(w.pair.bytes_down, 0);
	assert_int_equal(w.device.closed, END_NO_ANSWER);
	season_end(&w);
}

/* Feeds the server session with bytes; false if it is over. */
static bool
server_lives(struct span bytes, size_t *out_len)
{
	struct season w;
	bool lives;
	size_t used;

	season_begin(&w);
	pair_open(&w.pair, w.device.states, 2);
	(void)session_receive(w.pair.server, 1000, bytes, &used, NULL);
	lives = session_end(w.pair.server) == END_NONE;
	*out_len = session_output(w.pair.server).len;
	assert_true(session_held_bytes(w.pair.server) < 2048 + 600);
	season_end(&w);
	return lives;
}

static void
the_server_answers_no_byte_to_strangers(void **state)
{
	size_t out = 0;

	(void)state;
	assert_false(server_lives(span_text("GET / HTTP/1.1\r\n"), &out));
	assert_int_equal(out, 0);
	assert_false(server_lives(span_of("PN\1\1", 4), &out)); /* ticket: not yet */
	assert_int_equal(out, 0);
	assert_false(server_lives(span_of("PN\1\0\0\20", 6), &out)); /* length 16 */
	assert_int_equal(out, 0);
	assert_false(server_lives(span_of("PN\1\0\0\61", 6), &out)); /* length 49 */
	assert_int_equal(out, 0);
	assert_true(server_lives(span_of("PN\1\0\0\60", 6), &out));
	assert_int_equal(out, 0);
	assert_false(server_lives(span_of("PN\2\0", 4), &out));
	assert_int_equal(out, 4); /* its own preamble */
}

static void
any_flipped_bit_of_the_handshake_ends_it_without_an_effect(void **state)
{
	struct season w;
	uint8_t first[54];
	size_t out = 0;

	(void)state;
	season_begin(&w);
	pair_open(&w.pair, w.device.states, 2);
	assert_int_equal(session_output(w.pair.client).len, sizeof first);
	memcpy(first, session_output(w.pair.client).bytes, sizeof first);
	season_end(&w);
	assert_true(server_lives(span_of(first, sizeof first), &out));
	assert_int_equal(out, 66);
	for (size_t bit = 0; bit < 8 * sizeof first; bit++) {
		uint8_t changed[sizeof first];
		size_t used;

		memcpy(changed, first, sizeof first);
		changed[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		season_begin(&w);
		pair_open(&w.pair, w.device.states, 2);
		(void)session_receive(
		    w.pair.server, 1000, span_of(changed, sizeof changed), &used, NULL);
		/* A shorter length lets the rest wait; nothing goes on either way. */
		assert_true(session_output(w.pair.server).len <= 4);
		season_end(&w);
	}
}

static void
frames_that_are_repeated_dropped_or_changed_end_the_session(void **state)
{
	(void)state;
	for (int what = 0; what < 3; what++) {
		struct season w;
		uint8_t flight[4096];
		struct span out;
		size_t used;
		size_t m3;

		season_begin(&w);
		add_push(&w, 3, w.batch[0], 500, 'a');
		pair_open(&w.pair, w.device.states, 2);
		(void)pair_move(&w.pair, w.pair.client, w.pair.server, 1);
		(void)pair_move(&w.pair, w.pair.server, w.pair.client, 2);
		(void)pair_events(&w.pair);
		out = session_output(w.pair.client);
		assert_true(out.len < sizeof flight);
		memcpy(flight, out.bytes, out.len);
		m3 = 2 + (size_t)get_u16(flight);
		(void)session_receive(
		    w.pair.server, 1000, span_of(flight, m3), &used, NULL);
		assert_int_equal(session_end(w.pair.server), END_NONE);
		if (what == 0) /* message 3 again */
			(void)session_receive(
			    w.pair.server, 1000, span_of(flight, m3), &used, NULL);
		flight[m3 + 20] ^= (uint8_t)(what == 1 ? 1 : 0);
		if (what == 1)
			(void)session_receive(w.pair.server, 1000,
			    span_of(flight + m3, out.len - m3), &used, NULL);
		if (what == 2) { /* the server's own bytes come back */
			(void)pair_serve(&w.pair);
			(void)session_receive(w.pair.server, 1000,
			    span_of(flight + m3, out.len - m3), &used, NULL);
			(void)pair_serve(&w.pair);
			out = session_output(w.pair.server);
			assert_true(out.len > 0);
			memcpy(flight, out.bytes, out.len);
			session_sent(w.pair.server, 1000, out.len);
			(void)session_receive(
			    w.pair.client, 1000, span_of(flight, out.len), &used, NULL);
			(void)session_receive(
			    w.pair.client, 1000, span_of(flight, out.len), &used, NULL);
			(void)pair_events(&w.pair);
			assert_true(session_end(w.pair.client) != END_NONE);
		} else {
			assert_int_equal(session_end(w.pair.server), END_PROTOCOL);
			assert_int_equal(w.pair.fake->n_accepts, 0);
		}
		season_end(&w);
	}
}

static void
many_spaces_that_do_not_fit_message_3_come_with_the_pull(void **state)
{
	struct fake_server *f = calloc(1, sizeof *f);
	struct device d = {.is_last = true, .on_ready = day_ready};
	struct pair p = {.fake = f, .on_event = note_event, .now_ms = 1, .ctx = &d};
	struct space_state states[40] = {0};
	struct sign_pk none = {{0}};

	(void)state;
	(void)none;
	assert_non_null(f);
	f->standing = PEER_REVOKED; /* enough to see that message 3 was understood */
	for (size_t i = 0; i < 40; i++) {
		states[i].space = (uint16_t)(i * 1000);
		states[i].cursor = 100000 + i;
		states[i].is_staged = i % 2 == 0;
		states[i].staged = 200000 + i;
	}
	pair_open(&p, states, 40);
	pair_run(&p);
	assert_int_equal(d.closed, END_REVOKED);
	pair_close(&p);
	fake_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_day_takes_two_round_trips_and_1630_bytes),
	    cmocka_unit_test(
		nothing_to_sync_takes_two_round_trips_and_less_than_400_bytes),
	    cmocka_unit_test(a_session_works_byte_by_byte),
	    cmocka_unit_test(a_cut_at_any_byte_is_made_good_by_the_next_sync),
	    cmocka_unit_test(a_push_that_was_known_before_leaves_pending_by_an_own_row),
	    cmocka_unit_test(a_refused_push_has_its_reason_and_the_others_go_on),
	    cmocka_unit_test(pages_come_in_order_with_batches_of_others_between_own),
	    cmocka_unit_test(removals_are_split_and_none_is_lost),
	    cmocka_unit_test(new_log_records_come_before_the_pages),
	    cmocka_unit_test(a_device_that_never_saw_the_store_takes_its_epoch_over),
	    cmocka_unit_test(another_epoch_is_told_before_any_page_of_the_space),
	    cmocka_unit_test(a_head_below_the_cursor_is_told_as_a_changed_store),
	    cmocka_unit_test(a_recovery_is_staged_in_parts_and_answered_once),
	    cmocka_unit_test(
		an_append_that_loses_the_race_brings_the_missing_records_first),
	    cmocka_unit_test(a_stranger_joins_and_pulls_in_one_session),
	    cmocka_unit_test(a_stranger_pushes_nothing),
	    cmocka_unit_test(a_revoked_device_is_told_so_and_nothing_else),
	    cmocka_unit_test(a_second_push_goes_on_where_the_first_pull_ended),
	    cmocka_unit_test(pushes_are_given_out_together_and_a_pull_waits_for_them),
	    cmocka_unit_test(answers_to_a_session_that_was_cut_are_dropped),
	    cmocka_unit_test(a_waiting_device_is_rung_and_pulls_in_the_same_session),
	    cmocka_unit_test(an_idle_session_holds_less_than_four_kib),
	    cmocka_unit_test(
		a_peer_that_never_finishes_the_handshake_is_dropped_after_ten_seconds),
	    cmocka_unit_test(
		an_idle_session_is_dropped_and_a_waiting_one_lives_by_its_pings),
	    cmocka_unit_test(a_dribbling_peer_is_dropped),
	    cmocka_unit_test(a_server_with_a_full_queue_stops_reading),
	    cmocka_unit_test(a_login_page_is_not_our_server),
	    cmocka_unit_test(a_server_of_another_version_says_so),
	    cmocka_unit_test(a_message_2_that_does_not_open_is_a_wrong_key),
	    cmocka_unit_test(a_close_without_an_answer_has_a_name_of_its_own),
	    cmocka_unit_test(a_server_with_another_key_stays_silent),
	    cmocka_unit_test(the_server_answers_no_byte_to_strangers),
	    cmocka_unit_test(any_flipped_bit_of_the_handshake_ends_it_without_an_effect),
	    cmocka_unit_test(frames_that_are_repeated_dropped_or_changed_end_the_session),
	    cmocka_unit_test(many_spaces_that_do_not_fit_message_3_come_with_the_pull),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL) != 0;
}
