/* test_noise.c - attacks on a handshake and on the channel after it (SECURITY 14). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/derive.h"
#include "crypto/labels.h"
#include "proto/noise.h"
#include "vectors.h"

enum { XK_MESSAGES = 3, MESSAGE_MAX = 256 };

/* A client and a server in the middle of Noise_XK, and what went over the wire. */
struct pair {
	struct transport_sk client_sk, server_sk, client_e, server_e;
	struct transport_pk client_pk, server_pk;
	struct noise_handshake client, server;
	uint8_t wire[XK_MESSAGES][MESSAGE_MAX];
	size_t wire_len[XK_MESSAGES];
	struct noise_transport up, down; /* client's and server's ends */
};

static const uint8_t prologue[] = LABEL_PROLOGUE "\0net.net.net.net.PN\1";

static void
start_server(struct pair *p, uint8_t e_first)
{
	struct noise_config config = {.pattern = NOISE_XK,
	    .role = NOISE_RESPONDER,
	    .prologue = span_of(prologue, sizeof prologue),
	    .s = &p->server_sk,
	    .s_pk = &p->server_pk,
	    .e = &p->server_e};

	vectors_fill(p->server_e.bytes, e_first, 32);
	noise_start(&p->server, &config);
}

static void
start_client(struct pair *p, struct span what, const struct transport_pk *server)
{
	struct noise_config config = {.pattern = NOISE_XK,
	    .role = NOISE_INITIATOR,
	    .prologue = what,
	    .s = &p->client_sk,
	    .s_pk = &p->client_pk,
	    .rs = server,
	    .e = &p->client_e};

	noise_start(&p->client, &config);
}

static void
start_pair(struct pair *p)
{
	memset(p, 0, sizeof *p);
	vectors_fill(p->client_sk.bytes, 1, 32);
	vectors_fill(p->server_sk.bytes, 50, 32);
	vectors_fill(p->client_e.bytes, 100, 32);
	derive_transport_pk(&p->client_sk, &p->client_pk);
	derive_transport_pk(&p->server_sk, &p->server_pk);
	start_client(p, span_of(prologue, sizeof prologue), &p->server_pk);
	start_server(p, 150);
}

static struct noise_handshake *
writer_of_message(struct pair *p, size_t m)
{
	return m % 2 == 0 ? &p->client : &p->server;
}

static struct noise_handshake *
reader_of_message(struct pair *p, size_t m)
{
	return m % 2 == 0 ? &p->server : &p->client;
}

/* Lets the right side write message m (from 0) to the wire. */
static void
write_message(struct pair *p, size_t m)
{
	struct writer out = writer_of(p->wire[m], MESSAGE_MAX);

	assert_int_equal(
	    noise_write(writer_of_message(p, m), span_text("payload"), &out, NULL),
	    ST_OK);
	p->wire_len[m] = out.used;
}

static status
read_message(struct pair *p, size_t m)
{
	uint8_t payload[MESSAGE_MAX];
	struct writer out = writer_of(payload, sizeof payload);
	status st = noise_read(
	    reader_of_message(p, m), span_of(p->wire[m], p->wire_len[m]), &out, NULL);

	if (st == ST_OK)
		assert_true(span_equal(writer_done(&out), span_text("payload")));
	else
		assert_int_equal(out.used, 0);
	return st;
}

static void
shake_hands(struct pair *p)
{
	start_pair(p);
	for (size_t m = 0; m < XK_MESSAGES; m++) {
		write_message(p, m);
		assert_int_equal(read_message(p, m), ST_OK);
	}
	noise_split(&p->client, &p->up);
	noise_split(&p->server, &p->down);
}

/* Nothing can be done with it any more, and it holds no secret. */
static void
assert_broken(struct noise_handshake *h)
{
	struct noise_handshake wiped = {.is_broken = true};
	uint8_t buffer[MESSAGE_MAX];
	struct writer out = writer_of(buffer, sizeof buffer);

	assert_false(noise_is_done(h));
	assert_false(noise_writes_next(h));
	assert_int_equal(noise_write(h, span_text("x"), &out, NULL), ST_CLOSED);
	assert_int_equal(noise_read(h, span_of(buffer, 64), &out, NULL), ST_CLOSED);
	assert_int_equal(out.used, 0);
	assert_memory_equal(h, &wiped, sizeof wiped);
}

static void
the_server_learns_the_clients_key_in_message_3(void **state)
{
	static const size_t bare_bytes[XK_MESSAGES] = {48, 48, 64};
	struct transport_pk peer;
	struct pair p;

	(void)state;
	start_pair(&p);
	assert_false(noise_peer(&p.server, &peer));
	for (size_t m = 0; m < XK_MESSAGES; m++) {
		write_message(&p, m);
		assert_int_equal(p.wire_len[m], bare_bytes[m] + strlen("payload"));
		assert_int_equal(read_message(&p, m), ST_OK);
		assert_int_equal(noise_peer(&p.server, &peer), m == 2);
	}
	assert_memory_equal(peer.bytes, p.client_pk.bytes, 32);
	assert_true(noise_is_done(&p.client) && noise_is_done(&p.server));
}

static void
sec_02_a_flip_of_any_bit_of_a_message_breaks_off(void **state)
{
	struct pair p;

	(void)state;
	start_pair(&p);
	for (size_t m = 0; m < XK_MESSAGES; m++) {
		write_message(&p, m);
		for (size_t bit = 0; bit < p.wire_len[m] * 8; bit++) {
			struct noise_handshake before = *reader_of_message(&p, m);

			p.wire[m][bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_equal(read_message(&p, m), ST_NOT_OURS);
			assert_broken(reader_of_message(&p, m));
			p.wire[m][bit / 8] ^= (uint8_t)(1 << bit % 8);
			*reader_of_message(&p, m) = before;
		}
		assert_int_equal(read_message(&p, m), ST_OK);
	}
}

static void
sec_02_a_message_cut_at_any_byte_breaks_off(void **state)
{
	struct pair p;

	(void)state;
	start_pair(&p);
	for (size_t m = 0; m < XK_MESSAGES; m++) {
		write_message(&p, m);
		for (size_t len = 0, whole = p.wire_len[m]; len < whole; len++) {
			struct noise_handshake before = *reader_of_message(&p, m);
			status st;

			p.wire_len[m] = len;
			st = read_message(&p, m);
			assert_true(st == ST_MALFORMED || st == ST_NOT_OURS);
			assert_broken(reader_of_message(&p, m));
			p.wire_len[m] = whole;
			*reader_of_message(&p, m) = before;
		}
		assert_int_equal(read_message(&p, m), ST_OK);
	}
}

static void
sec_03_recorded_messages_make_no_second_session(void **state)
{
	struct pair p;
	uint8_t answer[MESSAGE_MAX];
	struct writer out = writer_of(answer, sizeof answer);

	(void)state;
	shake_hands(&p);
	start_server(&p, 200); /* a fresh ephemeral key */
	assert_int_equal(read_message(&p, 0), ST_OK);
	assert_int_equal(noise_write(&p.server, span_text("payload"), &out, NULL), ST_OK);
	assert_int_equal(read_message(&p, 2), ST_NOT_OURS);
	assert_broken(&p.server);
}

static void
sec_04_another_network_in_the_prologue_is_refused(void **state)
{
	uint8_t other[sizeof prologue];
	struct pair p;

	(void)state;
	for (size_t i = 0; i < sizeof prologue; i++) {
		memcpy(other, prologue, sizeof prologue);
		other[i] ^= 1;
		start_pair(&p);
		start_client(&p, span_of(other, sizeof other), &p.server_pk);
		write_message(&p, 0);
		assert_int_equal(read_message(&p, 0), ST_NOT_OURS);
	}
}

/* The points of small order and their twins above 2^255 - 19 (Wycheproof,
 * LowOrderPublic). */
static const char *const low_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
};

static void
sec_05_an_ephemeral_key_of_low_order_breaks_off(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof low_order / sizeof low_order[0]; i++)
		for (size_t m = 0; m < 2; m++) {
			struct pair p;

			start_pair(&p);
			write_message(&p, 0);
			if (m == 1) {
				assert_int_equal(read_message(&p, 0), ST_OK);
				write_message(&p, 1);
			}
			(void)sodium_hex2bin(
			    p.wire[m], 32, low_order[i], 64, NULL, NULL, NULL);
			assert_int_equal(read_message(&p, m), ST_NOT_ALLOWED);
			assert_broken(reader_of_message(&p, m));
		}
}

static void
sec_06_a_server_with_another_key_is_refused(void **state)
{
	struct transport_sk other_sk = {{9}};
	struct transport_pk other;
	struct pair p;

	(void)state;
	derive_transport_pk(&other_sk, &other);
	start_pair(&p);
	start_client(&p, span_of(prologue, sizeof prologue), &other);
	write_message(&p, 0);
	assert_int_equal(read_message(&p, 0), ST_NOT_OURS);
	/* A server that answers all the same does not get further. */
	start_server(&p, 150);
	start_client(&p, span_of(prologue, sizeof prologue), &p.server_pk);
	write_message(&p, 0);
	assert_int_equal(read_message(&p, 0), ST_OK);
	write_message(&p, 1);
	start_client(&p, span_of(prologue, sizeof prologue), &other);
	write_message(&p, 0);
	assert_int_equal(read_message(&p, 1), ST_NOT_OURS);
	assert_broken(&p.client);
}

static void
sec_12_a_reflected_message_is_refused(void **state)
{
	uint8_t payload[MESSAGE_MAX], message[64 + NOISE_TAG_BYTES] = {1};
	struct writer out = writer_of(payload, sizeof payload);
	struct pair p;
	size_t len;

	(void)state;
	start_pair(&p);
	write_message(&p, 0);
	assert_int_not_equal(
	    noise_read(&p.client, span_of(p.wire[0], p.wire_len[0]), &out, NULL), ST_OK);
	shake_hands(&p);
	assert_int_equal(noise_encrypt(&p.up, message, 64, NULL), ST_OK);
	assert_int_equal(
	    noise_decrypt(&p.up, message, sizeof message, &len, NULL), ST_NOT_OURS);
}

static void
writing_past_the_limits_breaks_off_and_writes_nothing(void **state)
{
	static uint8_t payload[NOISE_MESSAGE_BYTES_MAX], buffer[NOISE_MESSAGE_BYTES_MAX];
	struct writer out = writer_of(buffer, 47);
	struct pair p;

	(void)state;
	start_pair(&p);
	assert_int_equal(noise_write(&p.client, span_of(NULL, 0), &out, NULL), ST_LIMIT);
	assert_int_equal(out.used, 0);
	assert_broken(&p.client);
	start_pair(&p);
	out = writer_of(buffer, sizeof buffer);
	assert_int_equal(
	    noise_write(&p.client, span_of(payload, sizeof payload - 47), &out, NULL),
	    ST_LIMIT);
	start_pair(&p);
	out = writer_of(buffer, sizeof buffer);
	assert_int_equal(
	    noise_write(&p.client, span_of(payload, sizeof payload - 48), &out, NULL),
	    ST_OK);
	assert_int_equal(out.used, NOISE_MESSAGE_BYTES_MAX);
}

static void
reading_past_the_limit_breaks_off(void **state)
{
	static uint8_t message[NOISE_MESSAGE_BYTES_MAX + 1],
	    payload[NOISE_MESSAGE_BYTES_MAX];
	struct writer out = writer_of(payload, sizeof payload);
	struct pair p;

	(void)state;
	start_pair(&p);
	assert_int_equal(
	    noise_read(&p.server, span_of(message, sizeof message), &out, NULL),
	    ST_LIMIT);
	assert_broken(&p.server);
	start_pair(&p);
	write_message(&p, 0);
	out = writer_of(payload, strlen("payload") - 1);
	assert_int_equal(
	    noise_read(&p.server, span_of(p.wire[0], p.wire_len[0]), &out, NULL),
	    ST_LIMIT);
	assert_int_equal(out.used, 0);
	assert_broken(&p.server);
}

static void
a_message_longer_than_noise_allows_is_not_sent(void **state)
{
	static uint8_t message[NOISE_MESSAGE_BYTES_MAX + 1];
	const size_t longest = NOISE_MESSAGE_BYTES_MAX - NOISE_TAG_BYTES;
	struct pair p;
	size_t len;

	(void)state;
	shake_hands(&p);
	assert_int_equal(noise_encrypt(&p.up, message, longest + 1, NULL), ST_LIMIT);
	assert_int_equal(p.up.send.n, 0); /* nothing happened, the channel goes on */
	assert_int_equal(noise_encrypt(&p.up, message, longest, NULL), ST_OK);
	assert_int_equal(
	    noise_decrypt(&p.down, message, NOISE_MESSAGE_BYTES_MAX, &len, NULL), ST_OK);
	assert_int_equal(len, longest);
	assert_int_equal(
	    noise_decrypt(&p.down, message, sizeof message, &len, NULL), ST_MALFORMED);
}

/* One message of 64 bytes from a to b. */
static status
send_one(struct noise_transport *a, struct noise_transport *b)
{
	uint8_t message[64 + NOISE_TAG_BYTES];
	size_t len;
	status st;

	vectors_fill(message, 7, 64);
	assert_int_equal(noise_encrypt(a, message, 64, NULL), ST_OK);
	st = noise_decrypt(b, message, sizeof message, &len, NULL);
	if (st == ST_OK) {
		assert_int_equal(len, 64);
		assert_int_equal(message[63], 7 + 63);
	}
	return st;
}

static void
sec_07_repeated_swapped_and_dropped_messages_close_the_channel(void **state)
{
	uint8_t first[64 + NOISE_TAG_BYTES] = {1}, second[64 + NOISE_TAG_BYTES] = {2};
	uint8_t copy[64 + NOISE_TAG_BYTES];
	struct noise_transport fresh;
	struct pair p;
	size_t len;

	(void)state;
	shake_hands(&p);
	fresh = p.down;
	assert_int_equal(noise_encrypt(&p.up, first, 64, NULL), ST_OK);
	assert_int_equal(noise_encrypt(&p.up, second, 64, NULL), ST_OK);
	memcpy(copy, first, sizeof copy);
	assert_int_equal(noise_decrypt(&p.down, copy, sizeof copy, &len, NULL), ST_OK);
	memcpy(copy, first, sizeof copy); /* repeated */
	assert_int_equal(
	    noise_decrypt(&p.down, copy, sizeof copy, &len, NULL), ST_NOT_OURS);
	memcpy(copy, second, sizeof copy); /* the right one comes too late */
	assert_int_equal(
	    noise_decrypt(&p.down, copy, sizeof copy, &len, NULL), ST_CLOSED);
	assert_int_equal(noise_encrypt(&p.down, copy, 64, NULL), ST_CLOSED);
	p.down = fresh; /* swapped, or the first one dropped */
	assert_int_equal(
	    noise_decrypt(&p.down, second, sizeof second, &len, NULL), ST_NOT_OURS);
	assert_int_equal(
	    noise_decrypt(&p.down, first, sizeof first, &len, NULL), ST_CLOSED);
}

static void
sec_07_a_flip_of_any_bit_closes_the_channel(void **state)
{
	uint8_t message[64 + NOISE_TAG_BYTES] = {1}, copy[64 + NOISE_TAG_BYTES];
	struct pair p;
	size_t len;

	(void)state;
	shake_hands(&p);
	assert_int_equal(noise_encrypt(&p.up, message, 64, NULL), ST_OK);
	for (size_t bit = 0; bit < sizeof message * 8; bit++) {
		struct noise_transport end = p.down;

		memcpy(copy, message, sizeof copy);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(
		    noise_decrypt(&end, copy, sizeof copy, &len, NULL), ST_NOT_OURS);
		assert_true(end.is_broken);
	}
	for (size_t n = 0; n < sizeof message; n++) {
		struct noise_transport end = p.down;

		memcpy(copy, message, sizeof copy);
		assert_int_equal(noise_decrypt(&end, copy, n, &len, NULL),
		    n < NOISE_TAG_BYTES ? ST_MALFORMED : ST_NOT_OURS);
	}
}

static void
sec_09_messages_cross_the_rekey_in_both_directions(void **state)
{
	struct noise_transport stale;
	struct pair p;

	(void)state;
	shake_hands(&p);
	for (unsigned i = 1; i < NOISE_REKEY_MESSAGES; i++) {
		assert_int_equal(send_one(&p.up, &p.down), ST_OK);
		assert_int_equal(send_one(&p.down, &p.up), ST_OK);
	}
	stale = p.down;
	assert_int_equal(send_one(&p.up, &p.down), ST_OK); /* 16,384 */
	assert_memory_not_equal(stale.receive.key, p.down.receive.key, 32);
	assert_memory_equal(p.up.send.key, p.down.receive.key, 32);
	assert_memory_equal(stale.send.key, p.down.send.key, 32); /* not yet */
	assert_int_equal(p.up.send.n, NOISE_REKEY_MESSAGES);      /* goes on */
	assert_int_equal(send_one(&p.up, &p.down), ST_OK);        /* 16,385 */
	assert_int_equal(send_one(&p.down, &p.up), ST_OK);
	assert_int_equal(send_one(&p.down, &p.up), ST_OK);
	/* A side that forgot to rekey hears nothing. */
	stale.receive.n = NOISE_REKEY_MESSAGES + 1;
	assert_int_equal(send_one(&p.up, &stale), ST_NOT_OURS);
}

static void
rekey_agrees_with_the_specification(void **state)
{
	json_t *all = vectors_load("golden/crypto.json");
	const json_t *g = json_object_get(all, "rekey");
	struct noise_transport tr = {.send.in_key = NOISE_REKEY_MESSAGES - 1};
	uint8_t message[NOISE_TAG_BYTES], fresh[32];

	(void)state;
	vectors_exact(g, "key", tr.send.key, 32);
	vectors_exact(g, "fresh", fresh, 32);
	assert_int_equal(noise_encrypt(&tr, message, 0, NULL), ST_OK);
	assert_memory_equal(tr.send.key, fresh, 32);
	assert_int_equal(tr.send.in_key, 0);
	json_decref(all);
}

static void
a_split_handshake_holds_no_secret(void **state)
{
	struct pair p;

	(void)state;
	shake_hands(&p);
	assert_broken(&p.client);
	assert_broken(&p.server);
	assert_memory_equal(p.up.send.key, p.down.receive.key, 32);
	assert_memory_equal(p.up.receive.key, p.down.send.key, 32);
	assert_memory_not_equal(p.up.send.key, p.up.receive.key, 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_server_learns_the_clients_key_in_message_3),
	    cmocka_unit_test(sec_02_a_flip_of_any_bit_of_a_message_breaks_off),
	    cmocka_unit_test(sec_02_a_message_cut_at_any_byte_breaks_off),
	    cmocka_unit_test(sec_03_recorded_messages_make_no_second_session),
	    cmocka_unit_test(sec_04_another_network_in_the_prologue_is_refused),
	    cmocka_unit_test(sec_05_an_ephemeral_key_of_low_order_breaks_off),
	    cmocka_unit_test(sec_06_a_server_with_another_key_is_refused),
	    cmocka_unit_test(
		sec_07_repeated_swapped_and_dropped_messages_close_the_channel),
	    cmocka_unit_test(sec_07_a_flip_of_any_bit_closes_the_channel),
	    cmocka_unit_test(sec_09_messages_cross_the_rekey_in_both_directions),
	    cmocka_unit_test(sec_12_a_reflected_message_is_refused),
	    cmocka_unit_test(writing_past_the_limits_breaks_off_and_writes_nothing),
	    cmocka_unit_test(reading_past_the_limit_breaks_off),
	    cmocka_unit_test(a_message_longer_than_noise_allows_is_not_sent),
	    cmocka_unit_test(rekey_agrees_with_the_specification),
	    cmocka_unit_test(a_split_handshake_holds_no_secret),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
