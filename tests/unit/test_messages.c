/* test_messages.c - every message is read back as it was written, is refused when cut at
 * any byte, and keeps its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/messages.h"
#include "proto/pack.h"

enum { ROOM = 600 * 1024 };

static const uint8_t box_bytes[KEY_BOX_BYTES] = {1, 2, 3};
static const uint8_t wrap_bytes[WRAPPED_SEED_BYTES] = {4, 5, 6};

/* One message of each kind, with something in every field. */
static size_t
samples(struct message out[static 32])
{
	static const struct space_state states[2] = {
	    {.space = 0, .log_len = 300, .cursor = 4711, .mark = {{1, 2, 3, 4}, {5, 6}}},
	    {.space = 3,
		.log_len = 65536,
		.cursor = LSN_MAX,
		.is_staged = true,
		.staged = LSN_MAX,
		.staged_hash = {9},
		.staged_log_len = 17}};
	static const uint8_t codes[3] = {VERDICT_OK, VERDICT_EPOCH, VERDICT_KNOWN};
	static const uint16_t details[3] = {0, 7, 0};
	static const struct own_row own[2] = {{12, 0}, {LSN_MAX, 65535}};
	static const struct dead_row dead[2] = {{12, 0}, {LSN_MAX, 255}};
	static const struct grave_row graves[1] = {{5, {{1}}}};
	static const struct doa_row doa[1] = {{{{{2}}, 3}, 4, {{5}}}};
	static const struct batch_id ids[2] = {{{1}}, {{2}}};
	static const uint16_t devices[2] = {7, 65535};
	static const struct contact_row contacts[2] = {
	    {0, 7, 1807603200, 52000, 51999}, {65535, 65535, LSN_MAX, 0, 0}};
	static const struct cut_row cuts[1] = {{7, 3, 65535, {{8}}}};
	static const struct gap_row gaps[2] = {
	    {1, 7, 3, {{9}}, 12}, {65535, 65535, 65535, {{1}}, LSN_MAX}};
	static struct span spans[2];
	static struct page_batch batches[1];
	static struct box_row boxes[1];
	static struct list_row lists[1];
	static struct wrap_row wraps[1];
	static struct span box_spans[1];
	static struct span wrap_spans[1];
	size_t n = 0;

	spans[0] = span_text("one");
	spans[1] = span_text("two");
	batches[0] = (struct page_batch){12, span_text("a batch")};
	boxes[0] = (struct box_row){UINT16_MAX, 3, 4, 5, span_of(box_bytes, 164)};
	lists[0] = (struct list_row){9, 0, span_text("a list")};
	wraps[0] = (struct wrap_row){4, 5, span_of(wrap_bytes, 72)};
	box_spans[0] = boxes[0].box;
	wrap_spans[0] = wraps[0].wrap;
	out[n++] =
	    (struct message){.kind = MSG_HELLO, .hello = {300, 2, states, false, 0}};
	out[n++] = (struct message){.kind = MSG_HELLO, .hello = {0, 1, states, true, 1}};
	out[n++] = (struct message){.kind = MSG_PUSH, .push = {3, span_text("a batch")}};
	out[n++] =
	    (struct message){.kind = MSG_PULL, .pull = {PULL_LAST, false, 0, NULL}};
	out[n++] = (struct message){.kind = MSG_PULL, .pull = {0, true, 2, states}};
	out[n++] = (struct message){.kind = MSG_APPEND,
	    .append = {3, span_text("record"), 2, spans, 1, box_spans, 1, wrap_spans}};
	out[n++] = (struct message){.kind = MSG_BOXES, .boxes = {3, 1, boxes}};
	out[n++] = (struct message){.kind = MSG_RECOVER,
	    .recover = {3, true, 2, ids, 2, spans, 1, graves, 1, doa}};
	out[n++] = (struct message){.kind = MSG_INVITED, .invited = {{{7}}}};
	out[n++] = (struct message){.kind = MSG_WAIT};
	out[n++] = (struct message){.kind = MSG_PING};
	out[n++] = (struct message){.kind = MSG_VERDICT, .verdict = {3, codes, details}};
	out[n++] = (struct message){.kind = MSG_PAGE,
	    .page = {.space = 3,
		.kind = PAGE_LAST,
		.is_short = true,
		.head = 52000,
		.log_len = 300,
		.hash = {1},
		.log_head = {2},
		.own_run = 4}};
	out[n++] = (struct message){.kind = MSG_PAGE,
	    .page = {.space = 3,
		.kind = PAGE_TAIL,
		.from = 3,
		.head = LSN_MAX,
		.n_own = 2,
		.own = own,
		.n_batches = 1,
		.batches = batches,
		.lists_live = true,
		.n_dead = 2,
		.dead = dead,
		.n_graves = 1,
		.graves = graves,
		.n_doa = 1,
		.doa = doa}};
	out[n++] = (struct message){
	    .kind = MSG_STORE, .store = {3, STORE_CHANGED, 17, {{1}, {2}}}};
	out[n++] = (struct message){.kind = MSG_DOORBELL, .doorbell = {3}};
	out[n++] = (struct message){.kind = MSG_BYE, .bye = {BYE_DONE}};
	out[n++] = (struct message){.kind = MSG_BYE, .bye = {BYE_REVOKED}};
	out[n++] = (struct message){.kind = MSG_LOGS, .logs = {3, 65534, 2, spans}};
	out[n++] = (struct message){
	    .kind = MSG_KEYBOXES, .keyboxes = {3, {1, boxes, 1, lists, 1, wraps}}};
	out[n++] =
	    (struct message){.kind = MSG_APPENDED, .appended = {3, APPEND_HEAD, 70000}};
	out[n++] =
	    (struct message){.kind = MSG_RECOVERED, .recovered = {3, RECOVER_CLOSED}};
	out[n++] = (struct message){.kind = MSG_LOG, .log = {3, 65536}};
	out[n++] = (struct message){.kind = MSG_DEVICES, .devices = {3, 0, NULL}};
	out[n++] = (struct message){.kind = MSG_DEVICES, .devices = {3, 2, devices}};
	out[n++] = (struct message){.kind = MSG_CONTACTS,
	    .contacts = {3, true, LSN_MAX, 2, contacts, 1, cuts, false, 0, NULL}};
	out[n++] = (struct message){.kind = MSG_CONTACTS,
	    .contacts = {3, true, 1, 0, NULL, 0, NULL, true, 0, NULL}};
	out[n++] = (struct message){.kind = MSG_CONTACTS,
	    .contacts = {3, true, 12, 0, NULL, 0, NULL, true, 2, gaps}};
	return n;
}

/* Writes a packet of these messages into memory of exactly its size. */
static struct span
packet_of(const struct message *m, size_t n)
{
	uint8_t *room = malloc(ROOM);
	struct writer w = writer_of(room, ROOM);
	uint8_t *exact;

	assert_non_null(room);
	packet_begin(&w, n);
	for (size_t i = 0; i < n; i++) {
		size_t before = w.used;

		message_write(&w, &m[i]);
		assert_true(w.used - before <= message_bytes_max(&m[i]));
	}
	assert_false(w.is_full);
	exact = malloc(w.used);
	assert_non_null(exact);
	memcpy(exact, room, w.used);
	free(room);
	return span_of(exact, w.used);
}

static void
release(struct span s)
{
	free((void *)(uintptr_t)s.bytes);
}

/* Reads a whole packet; the first failure. Writes what it reads again. */
static status
read_all(struct span bytes, struct arena *a, struct writer *again)
{
	struct packet p;
	status st = packet_open(&p, bytes, NULL);
	struct message m;

	if (st == ST_OK && again != NULL)
		packet_begin(again, p.n_left);
	while (st == ST_OK && p.n_left > 0) {
		st = packet_next(&p, a, &m, NULL);
		if (st == ST_OK && again != NULL)
			message_write(again, &m);
	}
	return st;
}

static void
every_message_is_read_back_as_it_was_written(void **state)
{
	struct message all[32];
	size_t n = samples(all);
	struct span packet = packet_of(all, n);
	struct arena *a = arena_new(0);
	uint8_t *room = malloc(ROOM);
	struct writer w = writer_of(room, ROOM);

	(void)state;
	assert_int_equal(n, 28);
	assert_int_equal(read_all(packet, a, &w), ST_OK);
	assert_true(span_equal(writer_done(&w), packet));
	release(packet);
	free(room);
	arena_free(a);
}

static void
a_packet_that_is_cut_at_any_byte_is_refused(void **state)
{
	struct message all[32];
	size_t n = samples(all);
	struct span packet = packet_of(all, n);
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t len = 0; len < packet.len; len++) {
		/* A copy of exactly len bytes, so that a sanitizer sees a read past it.
		 */
		uint8_t *cut = malloc(len + 1);

		assert_non_null(cut);
		memcpy(cut, packet.bytes, len);
		assert_int_not_equal(read_all(span_of(cut, len), a, NULL), ST_OK);
		free(cut);
		arena_reset(a);
	}
	release(packet);
	arena_free(a);
}

/* Any single changed byte is refused or read as another message, and never crashes. */
static void
a_packet_with_any_changed_byte_is_read_or_refused(void **state)
{
	struct message all[32];
	size_t n = samples(all);
	struct span packet = packet_of(all, n);
	uint8_t *changed = malloc(packet.len);
	struct arena *a = arena_new(0);
	size_t refused = 0;

	(void)state;
	assert_non_null(changed);
	for (size_t i = 0; i < packet.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(changed, packet.bytes, packet.len);
			changed[i] ^= (uint8_t)(1U << bit);
			if (read_all(span_of(changed, packet.len), a, NULL) != ST_OK)
				refused++;
			arena_reset(a);
		}
	assert_true(refused > packet.len);
	free(changed);
	release(packet);
	arena_free(a);
}

static status
read_text(const char *bytes, size_t len)
{
	struct arena *a = arena_new(0);
	status st = read_all(span_of(bytes, len), a, NULL);

	arena_free(a);
	return st;
}

#define READ(bytes) read_text(bytes, sizeof(bytes) - 1)

static void
wrong_forms_are_refused(void **state)
{
	(void)state;
	assert_int_equal(READ("\x91\x91\x09"), ST_OK);              /* PING */
	assert_int_not_equal(READ("\x90"), ST_OK);                  /* an empty packet */
	assert_int_not_equal(READ("\x91\x91\xcc\x09"), ST_OK);      /* not shortest */
	assert_int_not_equal(READ("\x91\x92\x09\x01"), ST_OK);      /* too long */
	assert_int_not_equal(READ("\x91\x91\x00"), ST_OK);          /* unknown */
	assert_int_not_equal(READ("\x91\x91\x0e"), ST_OK);          /* 14 is not used */
	assert_int_not_equal(READ("\x91\x91\x09\x00"), ST_OK);      /* a byte behind */
	assert_int_not_equal(READ("\x91\x93\x02\x03\xa1x"), ST_OK); /* str for bin */
	assert_int_not_equal(READ("\x91\x93\x02\x03\xc4\x00"), ST_OK); /* no batch */
	assert_int_not_equal(READ("\x91\x92\x0f\x00"), ST_OK); /* reason 0 is left out */
	assert_int_not_equal(READ("\x91\x92\x0f\x06"), ST_OK);
	assert_int_not_equal(READ("\x91\x92\x0a\x03"), ST_OK); /* no such verdict */
	assert_int_not_equal(READ("\x91\x92\x0a\x92\x0e\x00"), ST_OK); /* detail 0 */
	assert_int_not_equal(READ("\x91\x92\x03\x02"), ST_OK);         /* unknown flag */
}

static void
a_space_that_comes_twice_is_refused(void **state)
{
	static const struct space_state twice[2] = {{.space = 3}, {.space = 3}};
	struct message m = {.kind = MSG_HELLO, .hello = {1, 2, twice, false, 0}};
	struct span packet = packet_of(&m, 1);
	struct arena *a = arena_new(0);

	(void)state;
	assert_int_not_equal(read_all(packet, a, NULL), ST_OK);
	release(packet);
	arena_free(a);
}

/* n empty arrays in a row inside one message. */
static status
read_records(size_t n, size_t each)
{
	uint8_t *room = malloc(PACKET_BYTES_MAX * 2);
	struct writer w = writer_of(room, PACKET_BYTES_MAX * 2);
	struct arena *a = arena_new(0);
	status st;

	assert_non_null(room);
	pack_put_array(&w, 1);
	pack_put_array(&w, 4);
	pack_put_uint(&w, MSG_LOGS);
	pack_put_uint(&w, 3);
	pack_put_uint(&w, 0);
	pack_put_array(&w, n);
	for (size_t i = 0; i < n; i++) {
		pack_put_bin_head(&w, each);
		writer_zeros(&w, each);
	}
	assert_false(w.is_full);
	st = read_all(writer_done(&w), a, NULL);
	arena_free(a);
	free(room);
	return st;
}

static void
limits_hold_one_below_at_and_one_above(void **state)
{
	(void)state;
	assert_int_equal(read_records(MESSAGE_ELEMENTS_MAX - 1, 1), ST_OK);
	assert_int_equal(read_records(MESSAGE_ELEMENTS_MAX, 1), ST_OK);
	assert_int_not_equal(read_records(MESSAGE_ELEMENTS_MAX + 1, 1), ST_OK);
	assert_int_equal(read_records(1, LOG_RECORD_BYTES_MAX - 1), ST_OK);
	assert_int_equal(read_records(1, LOG_RECORD_BYTES_MAX), ST_OK);
	assert_int_not_equal(read_records(1, LOG_RECORD_BYTES_MAX + 1), ST_OK);
	assert_int_equal(read_records(6, LOG_RECORD_BYTES_MAX), ST_OK);
	assert_int_not_equal(read_records(7, LOG_RECORD_BYTES_MAX), ST_OK);
}

static void
records_past_the_end_of_a_log_are_refused(void **state)
{
	static struct span records[3];
	struct message m = {
	    .kind = MSG_LOGS, .logs = {3, LOG_RECORDS_MAX - 2, 2, records}};
	struct arena *a = arena_new(0);
	struct span packet;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		records[i] = span_text("r");
	packet = packet_of(&m, 1);
	assert_int_equal(read_all(packet, a, NULL), ST_OK);
	release(packet);
	m.logs.n_records = 3;
	packet = packet_of(&m, 1);
	assert_int_not_equal(read_all(packet, a, NULL), ST_OK);
	release(packet);
	arena_free(a);
}

static void
pages_with_batches_out_of_order_are_refused(void **state)
{
	struct page_batch batches[2];
	struct message m = {.kind = MSG_PAGE,
	    .page = {.space = 3,
		.kind = PAGE_MORE,
		.head = 9,
		.n_batches = 2,
		.batches = batches}};
	const uint64_t lsns[4][2] = {{5, 6}, {6, 6}, {6, 5}, {5, 10}};
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct span packet;

		batches[0] = (struct page_batch){lsns[i][0], span_text("b")};
		batches[1] = (struct page_batch){lsns[i][1], span_text("c")};
		packet = packet_of(&m, 1);
		assert_int_equal(read_all(packet, a, NULL) == ST_OK, i == 0);
		release(packet);
	}
	arena_free(a);
}

static void
handshake_message_2_is_sixteen_bytes_and_comes_back(void **state)
{
	const struct welcome in = {1, 1790000000, LIMITS_NUMBER};
	uint8_t bytes[WELCOME_BYTES];
	struct welcome out = {0};

	(void)state;
	welcome_write(bytes, &in);
	assert_int_equal(welcome_read(span_of(bytes, sizeof bytes), &out, NULL), ST_OK);
	assert_int_equal(out.version, in.version);
	assert_true(out.server_time_s == in.server_time_s);
	assert_int_equal(out.limits, in.limits);
	bytes[15] ^= 1; /* padding */
	assert_int_not_equal(
	    welcome_read(span_of(bytes, sizeof bytes), &out, NULL), ST_OK);
	assert_int_not_equal(welcome_read(span_of(bytes, 15), &out, NULL), ST_OK);
}

static void
every_message_and_verdict_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(message_name(MSG_HELLO), "MSG_HELLO");
	assert_null(message_name((enum message_kind)14));
	assert_string_equal(verdict_name(VERDICT_EPOCH), "VERDICT_EPOCH");
	assert_non_null(verdict_text(VERDICT_QUOTA));
	assert_null(verdict_text((enum verdict)3));
	assert_int_equal(message_from(MSG_PAGE), FROM_SERVER);
	assert_int_equal(message_from((enum message_kind)14), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_message_is_read_back_as_it_was_written),
	    cmocka_unit_test(a_packet_that_is_cut_at_any_byte_is_refused),
	    cmocka_unit_test(a_packet_with_any_changed_byte_is_read_or_refused),
	    cmocka_unit_test(wrong_forms_are_refused),
	    cmocka_unit_test(a_space_that_comes_twice_is_refused),
	    cmocka_unit_test(limits_hold_one_below_at_and_one_above),
	    cmocka_unit_test(records_past_the_end_of_a_log_are_refused),
	    cmocka_unit_test(pages_with_batches_out_of_order_are_refused),
	    cmocka_unit_test(handshake_message_2_is_sixteen_bytes_and_comes_back),
	    cmocka_unit_test(every_message_and_verdict_has_a_name),
	};

	return cmocka_run_group_tests_name("messages", tests, NULL, NULL) != 0;
}
