/* test_log_codec.c - bytes of membership records: golden files, one form only, and
 * nothing cut or added. PNET_GOLDEN_WRITE=1 writes tests/golden/log-*.hex instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <sodium.h>

#include "log_world.h"
#include "proto/limits.h"
#include "proto/pack.h"

/* One record of each kind, by number of the kind. */
struct samples {
	struct world w;
	struct built_record of[LOG_RENEW + 1];
};

static void
sample_guest(struct samples *s)
{
	struct laptop n, guest;
	struct author as;

	world_open_de(&s->w, &n, &guest);
	assert_int_equal(world_guest(&s->w, s->w.sk, &s->w.coordinator, &guest,
			     (struct scope_set){OFFICE, 1, &s->w.sk_activity},
			     s->w.now_s + WORLD_DAY_S, &as),
	    REFUSAL_NONE);
	s->of[LOG_GRANT] = s->w.last;
}

static void
sample_revoke(struct samples *s)
{
	struct world *w = &s->w;
	struct invite_keys keys;
	uint16_t invite = (uint16_t)membership_log_len(w->m, w->sk);
	struct cut cut = {w->trainer.as.device, w->sk, w->sk_office, {{0}}};
	struct laptop second;
	struct leave leave;
	struct draft_revoke in = {
	    1, &w->trainer.as.device, 1, &invite, 1, &leave, 1, &cut};

	memset(&cut.last, 0xcc, sizeof cut.last);
	assert_int_equal(
	    world_invite(w, w->sk, &w->coordinator, "SK-T7", ROLE_TRAINER,
		(struct scope_set){ALL | OFFICE, 1, &w->sk_activity}, false, &keys),
	    REFUSAL_NONE);
	s->of[LOG_INVITE] = w->last;
	world_member(w, w->sk, &w->coordinator, "SK-T8", ROLE_TRAINER,
	    (struct scope_set){ALL | OFFICE, 1, &w->sk_activity}, false, &second);
	s->of[LOG_JOIN] = w->last;
	leave = (struct leave){second.as.device, w->sk_activity};
	assert_int_equal(world_revoke(w, w->sk, &w->coordinator, &in), REFUSAL_NONE);
	s->of[LOG_REVOKE] = w->last;
}

/* GENESIS and SERVER are built again: the world keeps only the last record. */
static void
sample_net(struct samples *s)
{
	struct world *w = &s->w;
	struct build_how how = {.rng = &w->rng, .arena = w->a};
	const struct sign_sk *keys[1] = {&w->root};
	struct draft_how draft = world_draft(w, 0, NULL);
	struct transport_pk server;
	struct log_record r;

	memset(&server, 0x55, sizeof server);
	draft_genesis(&w->root_pk, w->now_s, &r);
	WORLD_DO(build_record(&how, &r, keys, &s->of[LOG_GENESIS], NULL));
	WORLD_DO(draft_server(&draft, &server, "sync.example.org:7443", &r, NULL));
	assert_int_equal(world_put(w, &r, &w->root, NULL), REFUSAL_NONE);
	s->of[LOG_SERVER] = w->last;
	(void)world_country(w, "CZ");
	s->of[LOG_SPACE] = w->last;
}

static void
samples_make(struct samples *s)
{
	struct world *w = &s->w;
	uint16_t at;

	memset(s, 0, sizeof *s);
	world_open(w);
	sample_net(s);
	assert_int_equal(
	    world_scope(w, w->sk, &w->coordinator, SCOPE_ACTIVITY, 4, &at), REFUSAL_NONE);
	s->of[LOG_SCOPE] = w->last;
	sample_guest(s);
	sample_revoke(s);
	assert_int_equal(
	    world_rotate(w, w->sk, &w->coordinator, w->sk_coord), REFUSAL_NONE);
	s->of[LOG_ROTATE] = w->last;
	assert_int_equal(world_renew(w, &w->coordinator), REFUSAL_NONE);
	s->of[LOG_RENEW] = w->last;
}

/* ---- golden files ---- */

static FILE *
golden_file(enum log_kind kind, const char *mode)
{
	const char *source = getenv("PNET_SOURCE");
	char path[512];
	int used = snprintf(
	    path, sizeof path, "%s/tests/golden/log-", source == NULL ? "." : source);
	FILE *f;

	for (const char *c = log_kind_text(kind); *c != '\0'; c++)
		path[used++] = (char)(*c - 'A' + 'a');
	memcpy(path + used, ".hex", sizeof ".hex");
	f = fopen(path, mode);
	if (f == NULL)
		fail_msg("cannot open %s", path);
	return f;
}

static void
golden_write(enum log_kind kind, struct span bytes)
{
	FILE *f = golden_file(kind, "w");

	for (size_t i = 0; i < bytes.len; i++)
		(void)fprintf(f, "%02x%s", bytes.bytes[i],
		    i % 32 == 31 || i + 1 == bytes.len ? "\n" : "");
	assert_int_equal(fclose(f), 0);
}

static void
every_kind_is_golden(void **state)
{
	struct samples s;
	static char text[1 << 17];
	static uint8_t kept[1 << 16];
	size_t len;

	(void)state;
	samples_make(&s);
	for (int k = LOG_GENESIS; k <= LOG_RENEW; k++) {
		enum log_kind kind = (enum log_kind)k;
		FILE *f;

		if (getenv("PNET_GOLDEN_WRITE") != NULL)
			golden_write(kind, s.of[k].wire);
		f = golden_file(kind, "r");
		len = fread(text, 1, sizeof text, f);
		assert_int_equal(fclose(f), 0);
		assert_int_equal(
		    sodium_hex2bin(kept, sizeof kept, text, len, "\n", &len, NULL), 0);
		if (!span_equal(span_of(kept, len), s.of[k].wire))
			fail_msg(
			    "log-%s.hex differs from what is built", log_kind_text(kind));
	}
	world_close(&s.w);
}

/* ---- one form ---- */

static struct span
body_of(struct span wire)
{
	return span_of(wire.bytes + 2, get_u16(wire.bytes));
}

static void
what_is_read_is_written_as_the_same_bytes(void **state)
{
	struct samples s;
	static uint8_t room[LOG_RECORD_BYTES_MAX];
	struct log_record r;
	struct writer w;

	(void)state;
	samples_make(&s);
	for (int k = LOG_GENESIS; k <= LOG_RENEW; k++) {
		WORLD_DO(log_record_read(s.of[k].wire, s.w.a, &r, NULL));
		assert_int_equal(r.kind, k);
		w = writer_of(room, sizeof room);
		WORLD_DO(log_body_write(&r, &w, NULL));
		assert_true(span_equal(writer_done(&w), body_of(s.of[k].wire)));
	}
	world_close(&s.w);
}

static void
a_record_cut_at_any_byte_is_refused(void **state)
{
	struct samples s;
	struct log_record r;

	(void)state;
	samples_make(&s);
	for (int k = LOG_GENESIS; k <= LOG_RENEW; k++) {
		for (size_t len = 0; len < s.of[k].wire.len; len++) {
			/* A copy of its own, so that reading past its end shows. */
			uint8_t *bytes = malloc(len + 1);

			assert_non_null(bytes);
			memcpy(bytes, s.of[k].wire.bytes, len);
			assert_int_not_equal(
			    log_record_read(span_of(bytes, len), s.w.a, &r, NULL), ST_OK);
			free(bytes);
		}
	}
	world_close(&s.w);
}

/* The body cut by whole elements, with a length that fits. */
static void
a_body_without_its_end_or_with_more_is_refused(void **state)
{
	struct samples s;
	uint8_t bytes[4096];
	struct log_record r;

	(void)state;
	samples_make(&s);
	for (int k = LOG_GENESIS; k <= LOG_RENEW; k++) {
		struct span wire = s.of[k].wire;
		uint16_t body = get_u16(wire.bytes);

		assert_true(wire.len + 1 < sizeof bytes);
		for (uint16_t cut = 1; cut <= body; cut++) {
			memcpy(bytes, wire.bytes, 2u + body - cut);
			memcpy(bytes + 2 + body - cut, wire.bytes + 2 + body,
			    wire.len - 2 - body);
			put_u16(bytes, (uint16_t)(body - cut));
			assert_int_not_equal(
			    log_record_read(
				span_of(bytes, wire.len - cut), s.w.a, &r, NULL),
			    ST_OK);
		}
		memcpy(bytes, wire.bytes, 2u + body);
		bytes[2 + body] = 0xc0; /* a nil more */
		memcpy(bytes + 3 + body, wire.bytes + 2 + body, wire.len - 2 - body);
		put_u16(bytes, (uint16_t)(body + 1));
		assert_int_equal(
		    log_record_read(span_of(bytes, wire.len + 1), s.w.a, &r, NULL),
		    ST_MALFORMED);
	}
	world_close(&s.w);
}

static void
sec_13_a_longer_encoding_is_refused(void **state)
{
	struct samples s;
	uint8_t bytes[512];
	struct span wire;
	struct log_record r;
	uint16_t body;

	(void)state;
	samples_make(&s);
	wire = s.of[LOG_RENEW].wire;
	body = get_u16(wire.bytes);
	/* array head, version 1 as one byte: write it as uint 8. */
	memcpy(bytes, wire.bytes, 3);
	bytes[3] = 0xcc;
	memcpy(bytes + 4, wire.bytes + 3, wire.len - 3);
	put_u16(bytes, (uint16_t)(body + 1));
	assert_int_equal(wire.bytes[3], LOG_RECORD_VERSION);
	assert_int_equal(
	    log_record_read(span_of(bytes, wire.len + 1), s.w.a, &r, NULL), ST_MALFORMED);
	world_close(&s.w);
}

static void
sec_13_an_unknown_kind_or_version_is_refused_as_newer(void **state)
{
	struct samples s;
	uint8_t bytes[512];
	struct span wire;
	struct log_record r;

	(void)state;
	samples_make(&s);
	wire = s.of[LOG_RENEW].wire;
	memcpy(bytes, wire.bytes, wire.len);
	bytes[3] = 2;
	assert_int_equal(
	    log_record_read(span_of(bytes, wire.len), s.w.a, &r, NULL), ST_VERSION);
	bytes[3] = 1;
	bytes[4] = LOG_RENEW + 1;
	assert_int_equal(
	    log_record_read(span_of(bytes, wire.len), s.w.a, &r, NULL), ST_VERSION);
	bytes[4] = LOG_ROTATE; /* another number of elements */
	assert_int_equal(
	    log_record_read(span_of(bytes, wire.len), s.w.a, &r, NULL), ST_MALFORMED);
	world_close(&s.w);
}

static void
the_number_of_signatures_is_that_of_the_kind(void **state)
{
	struct samples s;
	uint8_t bytes[1024];
	struct span wire;
	struct log_record r;

	(void)state;
	samples_make(&s);
	wire = s.of[LOG_JOIN].wire;
	memcpy(bytes, wire.bytes, wire.len);
	bytes[2 + get_u16(wire.bytes)] = 1;
	assert_int_equal(log_record_read(span_of(bytes, wire.len - 64), s.w.a, &r, NULL),
	    ST_MALFORMED);
	bytes[2 + get_u16(wire.bytes)] = 3;
	assert_int_equal(log_record_read(span_of(bytes, wire.len + 64), s.w.a, &r, NULL),
	    ST_MALFORMED);
	world_close(&s.w);
}

static void
the_id_covers_body_and_signatures_and_is_not_the_message(void **state)
{
	struct samples s;
	uint8_t bytes[512];
	struct log_record a, b;
	struct span wire;

	(void)state;
	samples_make(&s);
	wire = s.of[LOG_RENEW].wire;
	memcpy(bytes, wire.bytes, wire.len);
	bytes[wire.len - 1] ^= 1;
	WORLD_DO(log_record_read(wire, s.w.a, &a, NULL));
	WORLD_DO(log_record_read(span_of(bytes, wire.len), s.w.a, &b, NULL));
	assert_memory_not_equal(a.id.bytes, b.id.bytes, sizeof a.id.bytes);
	assert_true(span_equal(a.message, b.message));
	assert_memory_equal(a.message.bytes, "pnet/log/1", 11);
	world_close(&s.w);
}

/* ---- values that no record may have ---- */

static void
values_out_of_form_are_neither_built_nor_taken(void **state)
{
	struct samples s;
	struct log_record r;
	static const uint16_t twice[2] = {7, 7};

	(void)state;
	samples_make(&s);
	r = s.of[LOG_INVITE].record;
	memcpy(r.invite.member.text, "sk-t7", 6);
	assert_int_equal(log_record_check(&r, NULL), ST_MALFORMED);
	r.invite.member.text[0] = '\0';
	assert_int_equal(log_record_check(&r, NULL), ST_MALFORMED);
	r = s.of[LOG_INVITE].record;
	r.invite.role = ROLE_GUEST;
	assert_int_equal(log_record_check(&r, NULL), ST_MALFORMED);
	r = s.of[LOG_INVITE].record;
	r.invite.scopes.kinds |= 1u << SCOPE_ACTIVITY;
	assert_int_equal(log_record_check(&r, NULL), ST_MALFORMED);
	r.invite.scopes = (struct scope_set){ALL, 2, twice};
	assert_int_equal(log_record_check(&r, NULL), ST_MALFORMED);
	r = s.of[LOG_SPACE].record;
	r.country.country = space_of("NET");
	assert_int_equal(log_record_check(&r, NULL), ST_MALFORMED);
	r.country.country = (struct space_name){{'D', 0, 'E', 0}};
	assert_int_equal(log_record_check(&r, NULL), ST_MALFORMED);
	r = s.of[LOG_SCOPE].record;
	r.scope.name.bytes[0] = SCOPE_COORD; /* with an id */
	assert_int_equal(log_record_check(&r, NULL), ST_MALFORMED);
	r = s.of[LOG_REVOKE].record;
	r.revoke.n_devices = r.revoke.n_invites = r.revoke.n_leaves = 0;
	assert_int_equal(log_record_check(&r, NULL), ST_MALFORMED);
	r = s.of[LOG_ROTATE].record;
	r.has_author = false;
	assert_int_equal(log_record_check(&r, NULL), ST_MALFORMED);
	r = s.of[LOG_REVOKE].record;
	r.revoke.n_rotations = LOG_ROTATIONS_MAX + 1;
	assert_int_equal(log_record_check(&r, NULL), ST_LIMIT);
	world_close(&s.w);
}

static void
addresses_are_a_host_and_a_port(void **state)
{
	static const char *const good[] = {
	    "a:1", "10.0.0.1:65535", "[::1]:7443", "sync-1.example.org:443"};
	static const char *const bad[] = {"", "a", "a:", ":1", "a:0", "a:65536", "A:1",
	    "a b:1", "[::g]:1", "a:1/", "a:+1", "-:01"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(server_address_is_valid(span_text(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(server_address_is_valid(span_text(bad[i])));
}

/* ---- box lists ---- */

static void
a_box_list_is_in_order_and_whole(void **state)
{
	struct samples s;
	struct box_list list;
	struct span bytes;
	uint8_t swapped[2 * BOX_ENTRY_BYTES];

	(void)state;
	samples_make(&s);
	bytes = s.of[LOG_REVOKE].lists[0];
	WORLD_DO(box_list_read(bytes, s.w.a, &list, NULL));
	assert_true(list.n >= 2);
	assert_true(box_list_holds(&list, &list.entries[1]));
	assert_true(
	    ID_EQUAL(&list.hash, &s.of[LOG_REVOKE].record.revoke.rotations[0].boxes));
	memcpy(swapped, bytes.bytes + BOX_ENTRY_BYTES, BOX_ENTRY_BYTES);
	memcpy(swapped + BOX_ENTRY_BYTES, bytes.bytes, BOX_ENTRY_BYTES);
	assert_int_equal(
	    box_list_read(span_of(swapped, sizeof swapped), s.w.a, &list, NULL),
	    ST_MALFORMED);
	memcpy(swapped + BOX_ENTRY_BYTES, swapped, BOX_ENTRY_BYTES);
	assert_int_equal(
	    box_list_read(span_of(swapped, sizeof swapped), s.w.a, &list, NULL),
	    ST_MALFORMED);
	assert_int_equal(
	    box_list_read(span_of(bytes.bytes, bytes.len - 1), s.w.a, &list, NULL),
	    ST_MALFORMED);
	world_close(&s.w);
}

/* ---- speed ---- */

enum { MANY = 10000 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const double load_s_max = 10;
#else
static const double load_s_max = 0.2; /* measured: 0.02 s on an idle machine */
#endif

/* The next record of a log that grows by activities and grants. */
static struct span
grow(struct world *w, size_t n)
{
	const struct apply_how how = {.mode = APPLY_STORED};
	struct draft_how draft = world_draft(w, w->sk, &w->coordinator.as);
	const struct sign_sk *keys[1] = {&w->coordinator.keys.sign_sk};
	const struct scope_set set = {OFFICE, 1, &w->sk_activity};
	struct record_id id = {{0}};
	struct scope_name name;
	struct log_record r;
	struct span wire;

	put_u32(id.bytes, (uint32_t)n + 1);
	name = scope_of(SCOPE_ACTIVITY, &id);
	if (n % 8 == 0)
		WORLD_DO(draft_scope(&draft, &name, &r, NULL));
	else
		WORLD_DO(draft_grant(&draft, w->trainer.as, &set, 0, &r, NULL));
	WORLD_DO(log_record_build(&r, keys, w->a, &wire, &r, NULL));
	WORLD_DO(membership_apply(w->m, &r, &how, NULL, NULL));
	return wire;
}

static void
ten_thousand_stored_records_load_at_once(void **state)
{
	static struct span wires[MANY];
	const struct apply_how how = {.mode = APPLY_STORED};
	struct world w, again;
	struct log_record r;
	clock_t begin;
	double took_s;

	(void)state;
	world_open(&w);
	world_open(&again); /* the same bytes: all keys come from numbers */
	for (size_t i = 0; i < MANY; i++)
		wires[i] = grow(&w, i);
	begin = clock();
	for (size_t i = 0; i < MANY; i++) {
		WORLD_DO(log_record_read(wires[i], again.a, &r, NULL));
		WORLD_DO(membership_apply(again.m, &r, &how, NULL, NULL));
	}
	took_s = (double)(clock() - begin) / CLOCKS_PER_SEC;
	print_message("loading %d records: %.1f ms\n", MANY, took_s * 1000);
	assert_true(took_s < load_s_max);
	assert_true(ID_EQUAL(
	    membership_record_id(w.m, w.sk, membership_log_len(w.m, w.sk) - 1),
	    membership_record_id(again.m, w.sk, membership_log_len(again.m, w.sk) - 1)));
	world_close(&again);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_is_golden),
	    cmocka_unit_test(what_is_read_is_written_as_the_same_bytes),
	    cmocka_unit_test(a_record_cut_at_any_byte_is_refused),
	    cmocka_unit_test(a_body_without_its_end_or_with_more_is_refused),
	    cmocka_unit_test(sec_13_a_longer_encoding_is_refused),
	    cmocka_unit_test(sec_13_an_unknown_kind_or_version_is_refused_as_newer),
	    cmocka_unit_test(the_number_of_signatures_is_that_of_the_kind),
	    cmocka_unit_test(the_id_covers_body_and_signatures_and_is_not_the_message),
	    cmocka_unit_test(values_out_of_form_are_neither_built_nor_taken),
	    cmocka_unit_test(addresses_are_a_host_and_a_port),
	    cmocka_unit_test(a_box_list_is_in_order_and_whole),
	    cmocka_unit_test(ten_thousand_stored_records_load_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
