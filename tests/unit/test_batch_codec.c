/* test_batch_codec.c - batches: build, read, verify, prune; every refusal of form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crypto/seal_open.h"
#include "golden/sample_batch.h"
#include "proto/op_codec.h"

struct kit {
	struct sample_world world;
	struct body_codec *codec;
	struct arena *a;
	struct batch built;
	struct batch_id id;
	struct span wire;
	uint8_t copy[BATCH_BYTES_MAX + 1]; /* of wire, to be changed */
};

static int
set_up(void **state)
{
	struct kit *k = calloc(1, sizeof *k);

	assert_non_null(k);
	sample_world_fill(&k->world);
	k->codec = body_codec_new();
	k->a = arena_new(0);
	assert_non_null(k->codec);
	assert_non_null(k->a);
	k->built = sample_batch(&k->world, k->codec, k->a);
	assert_int_equal(batch_build(&k->built, &k->world.context, &k->world.signer,
			     &k->world.checks, k->a, &k->wire, &k->id, NULL),
	    ST_OK);
	memcpy(k->copy, k->wire.bytes, k->wire.len);
	*state = k;
	return 0;
}

static int
tear_down(void **state)
{
	struct kit *k = *state;

	body_codec_free(k->codec);
	arena_free(k->a);
	free(k);
	return 0;
}

static status
decode(struct kit *k, struct span in, enum batch_form form, struct batch *out,
    struct trouble *t)
{
	return batch_decode(in, form, &k->world.checks, k->a, out, t);
}

static status
build(struct kit *k, struct batch *b, struct span *wire, struct batch_id *id)
{
	return batch_build(b, &k->world.context, &k->world.signer, &k->world.checks, k->a,
	    wire, id, NULL);
}

static status
verify(struct kit *k, const struct batch *b, struct batch_id *id)
{
	return batch_verify(b, &k->world.context, &k->world.device.pk.sign,
	    &k->world.checks, k->a, id, NULL);
}

static void
refuses_copy(struct kit *k, size_t len, const char *why)
{
	struct trouble t = {0};
	struct batch out;

	assert_int_equal(
	    decode(k, span_of(k->copy, len), BATCH_COMPLETE, &out, &t), ST_MALFORMED);
	if (strstr(t.text, why) == NULL)
		fail_msg("expected \"%s\", got \"%s\"", why, t.text);
}

/* --- build, read, verify ----------------------------------------------------- */

static void
what_was_built_is_read_back_and_verifies(void **state)
{
	struct kit *k = *state;
	struct batch b;
	struct batch_id id;

	assert_int_equal(decode(k, k->wire, BATCH_COMPLETE, &b, NULL), ST_OK);
	assert_int_equal(verify(k, &b, &id), ST_OK);
	assert_true(ID_EQUAL(&id, &k->id));
	assert_int_equal(b.space, 4);
	assert_int_equal(b.home, 3);
	assert_int_equal(b.device, 7);
	assert_int_equal(b.scope, 11);
	assert_int_equal(b.epoch, 2);
	assert_int_equal(b.head, 300);
	assert_memory_equal(b.head_check, k->built.head_check, 2);
	assert_memory_equal(b.nonce, k->built.nonce, sizeof b.nonce);
	assert_true(ID_EQUAL(&b.prev, &k->built.prev));
	assert_int_equal(b.n_ops, 4);
	for (size_t i = 0; i < b.n_ops; i++) {
		const struct op *in = &k->built.ops[i], *out = &b.ops[i];

		assert_true(out->is_present);
		assert_int_equal(out->type, in->type);
		assert_int_equal(out->retention, in->retention);
		assert_true(ID_EQUAL(&out->record, &in->record));
		assert_int_equal(out->has_subject, in->has_subject);
		assert_true(ID_EQUAL(&out->subject, &in->subject));
		assert_int_equal(out->n_dots, in->n_dots);
		for (size_t d = 0; d < in->n_dots; d++)
			assert_true(dot_equal(&out->dots[d], &in->dots[d]));
		assert_true(span_equal(out->body, in->body));
		assert_true(ID_EQUAL(&out->hash, &in->hash));
	}
}

static void
sec_77_the_sizes_are_those_of_the_design(void **state)
{
	struct kit *k = *state;
	struct batch b = sample_header(&k->world, 1);
	struct span wire;
	struct batch_id id;

	/* SECURITY 9.6: header 56, signature 64, bitmap 1; a sheet of 15 marks 243. */
	b.n_ops = 1;
	b.ops = arena_zeros(k->a, 1, sizeof *b.ops);
	b.ops[0] = sample_seal(&k->world, k->codec, &b, 0,
	    sample_sheet(k->a, 15, SAMPLE_IN_A_ROW), RETAIN_PERSONAL, k->a);
	assert_int_equal(build(k, &b, &wire, &id), ST_OK);
	assert_int_equal(op_wire_bytes(&b.ops[0]), 243);
	assert_int_equal(wire.len, 121 + 243);
	b.ops[0] = sample_seal(&k->world, k->codec, &b, 0,
	    sample_sheet(k->a, 15, SAMPLE_AT_ONCE), RETAIN_PERSONAL, k->a);
	assert_int_equal(op_wire_bytes(&b.ops[0]), 227);
}

static void
ops_of_a_batch_open_under_full_values(void **state)
{
	struct kit *k = *state;
	struct seal_ad ad = {.network = k->world.context.network,
	    .space = k->world.context.space,
	    .scope = k->world.context.scope,
	    .epoch = 2,
	    .retention = RETAIN_ORDINARY,
	    .index = 2};
	struct batch b;
	struct span plain;
	struct body body;

	assert_int_equal(decode(k, k->wire, BATCH_COMPLETE, &b, NULL), ST_OK);
	memcpy(ad.nonce, b.nonce, sizeof ad.nonce);
	ad.record = b.ops[2].record;
	assert_int_equal(
	    seal_open(&k->world.key, &ad, b.ops[2].body, k->a, &plain, NULL), ST_OK);
	assert_int_equal(
	    body_decode(k->codec, plain, sample_signer, k->a, &body, NULL), ST_OK);
	assert_true(sample_body_equal(sample_section(k->a), &body));
}

static void
the_builder_sorts_dots_and_dictionaries(void **state)
{
	struct kit *k = *state;
	const struct op *o = &k->built.ops[0];

	assert_int_equal(k->built.n_refs, 2);
	assert_int_equal(k->built.refs[0].bytes[0], 0xaa);
	assert_int_equal(k->built.refs[1].bytes[0], 0xbb);
	assert_int_equal(k->built.n_subjects, 2);
	assert_true(
	    memcmp(k->built.subjects[0].bytes, k->built.subjects[1].bytes, 16) < 0);
	assert_int_equal(o->dots[0].index, 255);
	assert_int_equal(o->dots[1].index, 0);
	assert_int_equal(o->dots[2].index, 2);
}

/* Whatever bit is changed, the batch is refused by form, or its signature does not
 * verify. So no reading of the bytes is left open. */
static void
sec_28_no_bit_of_a_batch_can_be_changed(void **state)
{
	struct kit *k = *state;

	for (size_t bit = 0; bit < 8 * k->wire.len; bit++) {
		struct batch out;
		struct batch_id id;

		/* Each byte once, at another bit: keeps the test short. */
		if (bit % 8 != bit / 8 % 8)
			continue;
		k->copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (decode(k, span_of(k->copy, k->wire.len), BATCH_COMPLETE, &out,
			NULL) == ST_OK) {
			assert_int_equal(verify(k, &out, &id), ST_SIGNATURE);
			assert_false(ID_EQUAL(&id, &k->id));
		}
		k->copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		arena_reset(k->a);
	}
}

/* A short reference that stands for another full value does not verify. */
static void
sec_28_the_signature_covers_the_full_values(void **state)
{
	struct kit *k = *state;
	struct batch_context right = k->world.context;
	struct batch_context *c = &k->world.context;
	uint8_t *const parts[] = {c->network.bytes, (uint8_t *)c->space.text,
	    c->scope.bytes, c->device.bytes, c->home_head.bytes + 31};
	struct batch b;
	struct batch_id id;

	assert_int_equal(decode(k, k->wire, BATCH_COMPLETE, &b, NULL), ST_OK);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		*parts[i] ^= 1;
		assert_int_equal(verify(k, &b, &id), ST_SIGNATURE);
		assert_false(ID_EQUAL(&id, &k->id));
		*c = right;
	}
	assert_int_equal(verify(k, &b, &id), ST_OK);
}

static void
another_key_does_not_verify(void **state)
{
	struct kit *k = *state;
	struct sign_pk other = k->world.device.pk.sign;
	struct batch_id id;

	other.bytes[0] ^= 1;
	assert_int_equal(batch_verify(&k->built, &k->world.context, &other,
			     &k->world.checks, k->a, &id, NULL),
	    ST_SIGNATURE);
}

/* --- refusals ---------------------------------------------------------------- */

static void
batch_refuses_every_cut_and_every_byte_more(void **state)
{
	struct kit *k = *state;

	for (size_t len = 0; len < k->wire.len; len++)
		refuses_copy(k, len, "");
	k->copy[k->wire.len] = 0;
	refuses_copy(k, k->wire.len + 1, "after the last op");
}

static void
sec_42_batch_refuses_dictionaries_out_of_order(void **state)
{
	struct kit *k = *state;
	uint8_t swap[16];

	memcpy(swap, k->copy + 56, 16);
	memcpy(k->copy + 56, k->copy + 72, 16);
	memcpy(k->copy + 72, swap, 16);
	refuses_copy(k, k->wire.len, "references not ascending");
	memcpy(k->copy + 56, swap, 16); /* now twice the same */
	refuses_copy(k, k->wire.len, "references not ascending");
	memcpy(k->copy, k->wire.bytes, k->wire.len);
	memcpy(k->copy + 88, k->copy + 104, 16);
	refuses_copy(k, k->wire.len, "subjects not ascending");
}

/* Puts id into the header at offset, and one more into the count at count_at. */
static size_t
insert_id(struct kit *k, size_t offset, size_t count_at, uint8_t fill)
{
	size_t rest = k->wire.len - offset;

	memcpy(k->copy, k->wire.bytes, k->wire.len);
	memmove(k->copy + offset + 16, k->copy + offset, rest);
	memset(k->copy + offset, fill, 16);
	k->copy[count_at]++;
	return k->wire.len + 16;
}

static void
sec_42_batch_refuses_dictionary_entries_without_use(void **state)
{
	struct kit *k = *state;

	refuses_copy(k, insert_id(k, 88, 53, 0xff), "without use");
	refuses_copy(k, insert_id(k, 88 + 32, 55, 0xff), "without use");
}

static void
sec_42_a_push_with_a_missing_op_is_refused(void **state)
{
	struct kit *k = *state;
	struct batch pruned = k->built;
	struct writer w;
	struct batch out;
	struct trouble t = {0};

	pruned.ops[1].is_present = false;
	w = writer_of(k->copy, sizeof k->copy);
	batch_write(&pruned, &w);
	assert_int_equal(decode(k, writer_done(&w), BATCH_PRUNED, &out, NULL), ST_OK);
	assert_int_equal(
	    decode(k, writer_done(&w), BATCH_COMPLETE, &out, &t), ST_MALFORMED);
	assert_string_equal(t.text, "batch: 1 of 4 ops missing");
}

static void
batch_refuses_bits_of_no_op(void **state)
{
	struct kit *k = *state;

	assert_int_equal(k->copy[k->built.header.len + 64], 0x0f);
	k->copy[k->built.header.len + 64] = 0x1f;
	refuses_copy(k, k->wire.len, "bit of no op");
}

static void
batch_refuses_counts_above_the_limits(void **state)
{
	struct kit *k = *state;

	put_u16(k->copy + 52, BATCH_REFS_MAX + 1);
	refuses_copy(k, k->wire.len, "257 references");
	put_u16(k->copy + 52, 2);
	put_u16(k->copy + 54, BATCH_SUBJECTS_MAX + 1);
	refuses_copy(k, k->wire.len, "257 subjects");
	put_u16(k->copy + 54, 2);
	put_u16(k->copy + 9, 0);
	refuses_copy(k, k->wire.len, "epoch 0");
}

static void
another_format_is_a_newer_version(void **state)
{
	struct kit *k = *state;
	struct batch out;

	k->copy[0] = 2;
	assert_int_equal(
	    decode(k, span_of(k->copy, k->wire.len), BATCH_COMPLETE, &out, NULL),
	    ST_VERSION);
}

static void
a_wire_longer_than_64_kib_is_refused_unread(void **state)
{
	struct kit *k = *state;
	struct batch out;

	assert_int_equal(
	    decode(k, span_of(k->copy, BATCH_BYTES_MAX + 1), BATCH_COMPLETE, &out, NULL),
	    ST_LIMIT);
}

/* --- limits of the builder --------------------------------------------------- */

/* n ops of body_len bytes of ciphertext each, no dots. */
static struct batch
many_ops(struct kit *k, size_t n, size_t body_len)
{
	struct batch b = sample_header(&k->world, 7);
	uint8_t *body = arena_zeros(k->a, 1, body_len);

	b.n_ops = n;
	b.ops = arena_zeros(k->a, n, sizeof *b.ops);
	assert_non_null(body);
	assert_non_null(b.ops);
	for (size_t i = 0; i < n; i++)
		b.ops[i] = (struct op){.type = OP_WRITE,
		    .retention = RETAIN_PERSONAL,
		    .body = span_of(body, body_len)};
	return b;
}

static void
the_builder_takes_256_ops_and_not_one_more(void **state)
{
	struct kit *k = *state;
	struct batch b = many_ops(k, BATCH_OPS_MAX, 80);
	struct batch out;
	struct span wire;
	struct batch_id id;

	assert_int_equal(build(k, &b, &wire, &id), ST_OK);
	assert_int_equal(decode(k, wire, BATCH_COMPLETE, &out, NULL), ST_OK);
	assert_int_equal(out.n_ops, 256);
	assert_int_equal(verify(k, &out, &id), ST_OK);
	b = many_ops(k, BATCH_OPS_MAX + 1, 80);
	assert_int_equal(build(k, &b, &wire, &id), ST_LIMIT);
	b = many_ops(k, 1, 80);
	b.n_ops = 0;
	assert_int_equal(build(k, &b, &wire, &id), ST_LIMIT);
}

static void
the_builder_fills_64_kib_to_the_byte(void **state)
{
	struct kit *k = *state;
	size_t room = BATCH_BYTES_MAX - BATCH_HEADER_BYTES - 64 - 1 - 19 - 60000;
	struct batch b = many_ops(k, 2, 60000);
	struct batch out;
	struct span wire;
	struct batch_id id;

	b.ops[1].body.len = room - 19;
	assert_int_equal(build(k, &b, &wire, &id), ST_OK);
	assert_int_equal(wire.len, BATCH_BYTES_MAX);
	assert_int_equal(decode(k, wire, BATCH_COMPLETE, &out, NULL), ST_OK);
	b = many_ops(k, 2, 60000);
	b.ops[1].body.len = room - 18;
	assert_int_equal(build(k, &b, &wire, &id), ST_LIMIT);
}

static void
the_builder_takes_256_references_and_not_one_more(void **state)
{
	struct kit *k = *state;
	struct batch b = many_ops(k, 2, 80);
	struct dot *dots = arena_zeros(k->a, 258, sizeof *dots);
	struct batch out;
	struct span wire;
	struct batch_id id;

	for (size_t i = 0; i < 258; i++)
		put_u16(dots[i].batch.bytes, (uint16_t)(257 - i));
	b.ops[0].dots = dots;
	b.ops[0].n_dots = 256;
	b.ops[1].dots = dots + 255; /* one that is known, one that is not */
	b.ops[1].n_dots = 1;
	assert_int_equal(build(k, &b, &wire, &id), ST_OK);
	assert_int_equal(b.n_refs, 256);
	assert_int_equal(decode(k, wire, BATCH_COMPLETE, &out, NULL), ST_OK);
	b.ops[0].dots = dots;
	b.ops[1].dots = dots + 256;
	assert_int_equal(build(k, &b, &wire, &id), ST_LIMIT);
	b.ops[0].dots = dots;
	b.ops[0].n_dots = 257;
	assert_int_equal(build(k, &b, &wire, &id), ST_LIMIT);
}

static void
the_builder_takes_256_subjects(void **state)
{
	struct kit *k = *state;
	struct batch b = many_ops(k, BATCH_OPS_MAX, 80);
	struct batch out;
	struct span wire;
	struct batch_id id;

	for (size_t i = 0; i < b.n_ops; i++) {
		b.ops[i].has_subject = true;
		put_u16(b.ops[i].subject.bytes, (uint16_t)(i * 7 + 1));
	}
	assert_int_equal(build(k, &b, &wire, &id), ST_OK);
	assert_int_equal(b.n_subjects, 256);
	assert_int_equal(decode(k, wire, BATCH_COMPLETE, &out, NULL), ST_OK);
}

static void
the_builder_refuses_ops_that_break_the_form(void **state)
{
	struct kit *k = *state;
	struct batch b = many_ops(k, 1, 79);
	struct dot twice[2] = {sample_dot(1, 1), sample_dot(1, 1)};
	struct span wire;
	struct batch_id id;

	assert_int_equal(build(k, &b, &wire, &id), ST_MALFORMED);
	b = many_ops(k, 1, 80);
	b.ops[0].dots = twice;
	b.ops[0].n_dots = 2;
	assert_int_equal(build(k, &b, &wire, &id), ST_MALFORMED);
	b = many_ops(k, 1, 80);
	b.ops[0].type = OP_ERASE;
	assert_int_equal(build(k, &b, &wire, &id), ST_MALFORMED);
	b = many_ops(k, 1, 80);
	b.ops[0].retention = RETAIN_NONE;
	assert_int_equal(build(k, &b, &wire, &id), ST_MALFORMED);
}

static void
build_and_decode_say_when_the_arena_is_used_up(void **state)
{
	struct kit *k = *state;
	status st = ST_NO_MEMORY;
	size_t bytes;

	for (bytes = 16; st == ST_NO_MEMORY && bytes < 64 * 1024; bytes += 16) {
		struct arena *small = arena_new(bytes);
		struct batch out;

		st = batch_decode(
		    k->wire, BATCH_COMPLETE, &k->world.checks, small, &out, NULL);
		arena_free(small);
	}
	assert_int_equal(st, ST_OK);
	st = ST_NO_MEMORY;
	for (bytes = 16; st == ST_NO_MEMORY && bytes < 64 * 1024; bytes += 16) {
		struct arena *small = arena_new(bytes);
		struct batch b = sample_batch(&k->world, k->codec, k->a);
		struct span wire;
		struct batch_id id;

		st = batch_build(&b, &k->world.context, &k->world.signer,
		    &k->world.checks, small, &wire, &id, NULL);
		arena_free(small);
		arena_reset(k->a);
	}
	assert_int_equal(st, ST_OK);
}

/* --- pruned batches ---------------------------------------------------------- */

/* Every subset of the ops: written, read and verified under the same id. */
static void
a_pruned_batch_keeps_its_id_and_its_signature(void **state)
{
	struct kit *k = *state;

	for (unsigned set = 0; set < 16; set++) {
		struct batch pruned = k->built, out;
		struct batch_id id;
		struct writer w = writer_of(k->copy, sizeof k->copy);

		for (size_t i = 0; i < 4; i++)
			pruned.ops[i].is_present = (set >> i & 1) != 0;
		batch_write(&pruned, &w);
		assert_int_equal(w.used, batch_wire_bytes(&pruned));
		assert_int_equal(
		    decode(k, writer_done(&w), BATCH_PRUNED, &out, NULL), ST_OK);
		assert_int_equal(verify(k, &out, &id), ST_OK);
		assert_true(ID_EQUAL(&id, &k->id));
		for (size_t i = 0; i < 4; i++) {
			assert_int_equal(out.ops[i].is_present, (set >> i & 1) != 0);
			assert_true(ID_EQUAL(&out.ops[i].hash, &k->built.ops[i].hash));
		}
	}
	assert_true(span_equal(span_of(k->copy, k->wire.len), k->wire));
}

static void
sec_36_an_op_of_another_batch_does_not_verify(void **state)
{
	struct kit *k = *state;
	struct batch b;
	struct batch_id id;

	assert_int_equal(decode(k, k->wire, BATCH_COMPLETE, &b, NULL), ST_OK);
	b.ops[2].hash = b.ops[1].hash;
	assert_int_equal(verify(k, &b, &id), ST_SIGNATURE);
}

static void
a_pruned_batch_may_be_longer_than_a_whole_one(void **state)
{
	struct kit *k = *state;
	struct batch b = sample_header(&k->world, 9);
	uint8_t *room = arena_alloc(k->a, BATCH_PRUNED_BYTES_MAX);
	struct writer w = writer_of(room, BATCH_PRUNED_BYTES_MAX);
	uint8_t *body = arena_zeros(k->a, 1, 60000);
	struct batch out;
	struct span wire;
	struct batch_id id;

	b.n_ops = 256;
	b.ops = arena_zeros(k->a, 256, sizeof *b.ops);
	for (size_t i = 0; i < 255; i++)
		b.ops[i] = (struct op){.type = OP_ERASE, .has_subject = true};
	b.ops[255] = (struct op){
	    .type = OP_WRITE, .retention = RETAIN_AUDIT, .body = span_of(body, 60000)};
	assert_int_equal(build(k, &b, &wire, &id), ST_OK);
	for (size_t i = 0; i < 255; i++)
		b.ops[i].is_present = false;
	batch_write(&b, &w);
	assert_true(w.used > BATCH_BYTES_MAX && !w.is_full);
	assert_int_equal(decode(k, writer_done(&w), BATCH_PRUNED, &out, NULL), ST_OK);
}

static void
a_header_alone_gives_its_dictionaries(void **state)
{
	struct kit *k = *state;
	struct span header = k->built.header;
	struct batch out;

	assert_int_equal(batch_decode_header(header, k->a, &out, NULL), ST_OK);
	assert_int_equal(out.n_ops, 4);
	assert_int_equal(out.n_refs, 2);
	assert_int_equal(out.n_subjects, 2);
	assert_true(span_equal(out.header, header));
	for (size_t len = 0; len < header.len; len++)
		assert_int_equal(
		    batch_decode_header(span_of(header.bytes, len), k->a, &out, NULL),
		    ST_MALFORMED);
	assert_int_equal(
	    batch_decode_header(span_of(header.bytes, header.len + 1), k->a, &out, NULL),
	    ST_MALFORMED);
}

/* Stores keep header and ops apart: one op is read with the header beside it. */
static void
one_op_is_read_with_the_header_of_its_batch(void **state)
{
	struct kit *k = *state;
	struct reader r = reader_of(k->built.ops[0].wire);
	struct batch header;
	struct op o;

	assert_int_equal(
	    batch_decode_header(k->built.header, k->a, &header, NULL), ST_OK);
	assert_int_equal(op_decode(&r, &header, &k->world.checks, k->a, &o, NULL), ST_OK);
	assert_int_equal(o.n_dots, 3);
	assert_true(dot_equal(&o.dots[0], &k->built.ops[0].dots[0]));
	assert_true(ID_EQUAL(&o.hash, &k->built.ops[0].hash));
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(what_was_built_is_read_back_and_verifies),
	    T(sec_77_the_sizes_are_those_of_the_design),
	    T(ops_of_a_batch_open_under_full_values),
	    T(the_builder_sorts_dots_and_dictionaries),
	    T(sec_28_no_bit_of_a_batch_can_be_changed),
	    T(sec_28_the_signature_covers_the_full_values),
	    T(another_key_does_not_verify),
	    T(batch_refuses_every_cut_and_every_byte_more),
	    T(sec_42_batch_refuses_dictionaries_out_of_order),
	    T(sec_42_batch_refuses_dictionary_entries_without_use),
	    T(sec_42_a_push_with_a_missing_op_is_refused),
	    T(batch_refuses_bits_of_no_op),
	    T(batch_refuses_counts_above_the_limits),
	    T(another_format_is_a_newer_version),
	    T(a_wire_longer_than_64_kib_is_refused_unread),
	    T(the_builder_takes_256_ops_and_not_one_more),
	    T(the_builder_fills_64_kib_to_the_byte),
	    T(the_builder_takes_256_references_and_not_one_more),
	    T(the_builder_takes_256_subjects),
	    T(the_builder_refuses_ops_that_break_the_form),
	    T(build_and_decode_say_when_the_arena_is_used_up),
	    T(a_pruned_batch_keeps_its_id_and_its_signature),
	    T(sec_36_an_op_of_another_batch_does_not_verify),
	    T(a_pruned_batch_may_be_longer_than_a_whole_one),
	    T(a_header_alone_gives_its_dictionaries),
	    T(one_op_is_read_with_the_header_of_its_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
