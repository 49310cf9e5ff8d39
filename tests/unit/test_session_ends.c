/* test_session_ends.c - waiting and its memory, deadlines, full queues, and peers that
 * are not ours or not what they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "proto/session_core.h"
#include "unit/session_device.h"

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
sec_10_an_idle_session_holds_less_than_four_kib(void **state)
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
sec_10_a_dribbling_peer_is_dropped(void **state)
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

static enum session_end
end_at(struct season *w, uint64_t now_ms)
{
	session_tick(w->pair.server, now_ms);
	return session_end(w->pair.server);
}

static void
stay_open(struct pair *p, struct device *d)
{
	(void)d;
	assert_int_equal(session_pull(p->client, false, NULL, 0), ST_OK);
	assert_int_equal(session_flush(p->client, p->now_ms), ST_OK);
}

/* To the millisecond: silent for a minute, or here for an hour. */
static void
a_session_that_asks_nothing_ends_after_a_minute_and_any_after_an_hour(void **state)
{
	struct season w;
	uint64_t now;

	(void)state;
	season_begin(&w);
	w.device.on_ready = stay_open;
	season_sync(&w);
	now = w.pair.now_ms;
	assert_int_equal(end_at(&w, now + IDLE_MS_MAX - 1), END_NONE);
	assert_int_equal(end_at(&w, now + IDLE_MS_MAX), END_DEADLINE);
	season_end(&w);
	season_begin(&w);
	w.device.on_ready = wait_ready;
	season_sync(&w);
	for (now = 1000; now < 1000 + SESSION_MS_MAX; now += WAIT_MS_MAX / 2) {
		w.pair.server->active_ms = now; /* as a ping does */
		assert_int_equal(end_at(&w, now), END_NONE);
	}
	w.pair.server->active_ms = 1000 + SESSION_MS_MAX;
	assert_int_equal(end_at(&w, 1000 + SESSION_MS_MAX - 1), END_NONE);
	assert_int_equal(end_at(&w, 1000 + SESSION_MS_MAX), END_DEADLINE);
	season_end(&w);
}

/* Window by window: PROGRESS_BYTES are enough, and one byte less is not. */
static void
sec_10_four_kib_in_thirty_seconds_are_enough_and_a_byte_less_is_not(void **state)
{
	(void)state;
	for (size_t missing = 0; missing < 2; missing++) {
		static const uint8_t bytes[PROGRESS_BYTES];
		const uint8_t head[2] = {0x40, 0x10};
		struct season w;
		uint64_t now;
		size_t used;

		season_begin(&w);
		w.device.on_ready = wait_ready;
		season_sync(&w);
		now = w.pair.now_ms;
		(void)session_receive(w.pair.server, now, span_of(head, 2), &used, NULL);
		(void)session_receive(w.pair.server, now + PROGRESS_MS - 1,
		    span_of(bytes, PROGRESS_BYTES - 2 - missing), &used, NULL);
		assert_int_equal(end_at(&w, now + PROGRESS_MS),
		    missing == 0 ? END_NONE : END_DEADLINE);
		season_end(&w);
	}
}

/* The window of a slow reader begins when there is something to read. */
static void
what_is_said_after_a_long_silence_has_its_full_time(void **state)
{
	struct season w;
	uint64_t now;

	(void)state;
	season_begin(&w);
	w.device.on_ready = wait_ready;
	season_sync(&w);
	now = w.pair.now_ms + 5 * 60 * 1000;
	session_ring(w.pair.server, now, 3);
	assert_true(session_output(w.pair.server).len > 0);
	session_tick(w.pair.server, now + 1);
	assert_int_equal(session_end(w.pair.server), END_NONE);
	session_tick(w.pair.server, now + PROGRESS_MS);
	assert_int_equal(session_end(w.pair.server), END_DEADLINE);
	season_end(&w);
}

static void
sec_62_a_server_with_a_full_queue_stops_reading(void **state)
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
	assert_int_equal(client_hears(span_of("PN\2\0", 4), false), END_VERSION);
	assert_int_equal(client_hears(span_of("PN\1\0", 4), false), END_VERSION);
	assert_int_equal(client_hears(span_text("PN\2"), true), END_CUT);
	assert_int_equal(client_hears(span_text("PO"), false), END_NOT_OURS);
}

static void
a_server_without_room_says_so_before_any_cryptography(void **state)
{
	struct season w;
	size_t used;

	(void)state;
	assert_int_equal(client_hears(span_text("PN\1\2"), false), END_BUSY);
	season_begin(&w);
	pair_open(&w.pair, w.device.states, 2);
	session_turn_away(w.pair.server);
	pair_run(&w.pair);
	assert_int_equal(w.pair.bytes_down, 4);
	assert_int_equal(w.device.closed, END_BUSY);
	season_end(&w);
	/* Strangers to the protocol are told nothing by a full server either. */
	season_begin(&w);
	pair_open(&w.pair, w.device.states, 2);
	session_turn_away(w.pair.server);
	(void)session_receive(w.pair.server, 1000, span_text("GET / HTTP"), &used, NULL);
	assert_int_equal(session_output(w.pair.server).len, 0);
	assert_true(session_is_over(w.pair.server));
	season_end(&w);
}

static void
sec_23_a_message_2_that_does_not_open_is_a_wrong_key(void **state)
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
sec_23_a_server_with_another_key_stays_silent(void **state)
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
sec_02_the_server_answers_no_byte_to_strangers(void **state)
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
sec_02_any_flipped_bit_of_the_handshake_ends_it_without_an_effect(void **state)
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
sec_07_frames_that_are_repeated_dropped_or_changed_end_the_session(void **state)
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
	    cmocka_unit_test(a_waiting_device_is_rung_and_pulls_in_the_same_session),
	    cmocka_unit_test(sec_10_an_idle_session_holds_less_than_four_kib),
	    cmocka_unit_test(
		a_peer_that_never_finishes_the_handshake_is_dropped_after_ten_seconds),
	    cmocka_unit_test(
		an_idle_session_is_dropped_and_a_waiting_one_lives_by_its_pings),
	    cmocka_unit_test(sec_10_a_dribbling_peer_is_dropped),
	    cmocka_unit_test(
		a_session_that_asks_nothing_ends_after_a_minute_and_any_after_an_hour),
	    cmocka_unit_test(
		sec_10_four_kib_in_thirty_seconds_are_enough_and_a_byte_less_is_not),
	    cmocka_unit_test(what_is_said_after_a_long_silence_has_its_full_time),
	    cmocka_unit_test(sec_62_a_server_with_a_full_queue_stops_reading),
	    cmocka_unit_test(a_login_page_is_not_our_server),
	    cmocka_unit_test(a_server_of_another_version_says_so),
	    cmocka_unit_test(a_server_without_room_says_so_before_any_cryptography),
	    cmocka_unit_test(sec_23_a_message_2_that_does_not_open_is_a_wrong_key),
	    cmocka_unit_test(a_close_without_an_answer_has_a_name_of_its_own),
	    cmocka_unit_test(sec_23_a_server_with_another_key_stays_silent),
	    cmocka_unit_test(sec_02_the_server_answers_no_byte_to_strangers),
	    cmocka_unit_test(
		sec_02_any_flipped_bit_of_the_handshake_ends_it_without_an_effect),
	    cmocka_unit_test(
		sec_07_frames_that_are_repeated_dropped_or_changed_end_the_session),
	    cmocka_unit_test(many_spaces_that_do_not_fit_message_3_come_with_the_pull),
	};

	return cmocka_run_group_tests_name("session_ends", tests, NULL, NULL) != 0;
}
