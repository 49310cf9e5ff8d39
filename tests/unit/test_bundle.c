/* test_bundle.c - bundles: read back as written, kept bytes, refused whole when a byte is
 * missing or a bit is another, and nothing inside that may not be there.
 * PNET_GOLDEN_WRITE=1 writes tests/golden/bundle.hex instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>
#include <zstd.h>

#include "crypto/labels.h"
#include "golden/sample_bundle.h"

/* As in test_golden_ops.c: another zstd may write another note. */
enum { GOLDEN_ZSTD_VERSION = 10504 };

static struct sample_bundle sample;

static int
set_up(void **state)
{
	(void)state;
	sample_bundle_fill(&sample);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	sample_bundle_free(&sample);
	return 0;
}

static status
build_of(size_t n, const struct bundle_section *sections, struct span *file)
{
	const struct bundle_parts parts = {sample.head, n, sections};

	return bundle_build(
	    &parts, &sample.signer, &sample.world.checks, sample.a, file, NULL);
}

static struct span
build(void)
{
	struct span file;

	assert_int_equal(build_of(SAMPLE_SECTIONS, sample.sections, &file), ST_OK);
	return file;
}

static status
open_bytes(struct span file)
{
	struct bundle b;

	return bundle_open(&b, file, &sample.world.checks, NULL);
}

/* A copy in memory of exactly its size, so that a read behind it is seen. */
static uint8_t *
exact_copy(struct span s)
{
	uint8_t *copy = malloc(s.len > 0 ? s.len : 1);

	assert_non_null(copy);
	memcpy(copy, s.bytes, s.len);
	return copy;
}

/* Makes the sum right again, so that what is inside has to be looked at. */
static void
mend_sum(uint8_t *file, size_t len)
{
	struct span all = span_of(file, len - 32);
	struct hash32 sum;

	hash_256(LABEL_BUNDLE_SUM, &all, 1, &sum);
	memcpy(file + all.len, sum.bytes, sizeof sum.bytes);
}

/* --- reading back ------------------------------------------------------------ */

static void
spans_equal(size_t n, const struct span *x, const struct span *y)
{
	for (size_t i = 0; i < n; i++)
		assert_true(span_equal(x[i], y[i]));
}

static void
keys_equal(const struct bundle_keys *x, const struct bundle_keys *y)
{
	assert_int_equal(x->space, y->space);
	assert_int_equal(x->rows.n_lists, y->rows.n_lists);
	assert_int_equal(x->rows.n_boxes, y->rows.n_boxes);
	assert_int_equal(x->rows.n_wraps, y->rows.n_wraps);
	for (size_t i = 0; i < x->rows.n_lists; i++) {
		assert_int_equal(x->rows.lists[i].position, y->rows.lists[i].position);
		assert_int_equal(x->rows.lists[i].scope, y->rows.lists[i].scope);
		assert_true(span_equal(x->rows.lists[i].list, y->rows.lists[i].list));
	}
	for (size_t i = 0; i < x->rows.n_boxes; i++)
		assert_int_equal(
		    sample_row_order(&x->rows.boxes[i], &y->rows.boxes[i]), 0);
	for (size_t i = 0; i < x->rows.n_wraps; i++) {
		assert_int_equal(x->rows.wraps[i].scope, y->rows.wraps[i].scope);
		assert_int_equal(x->rows.wraps[i].epoch, y->rows.wraps[i].epoch);
		assert_true(span_equal(x->rows.wraps[i].wrap, y->rows.wraps[i].wrap));
	}
}

static void
states_equal(const struct bundle_state *x, const struct bundle_state *y)
{
	assert_int_equal(x->space, y->space);
	assert_int_equal(x->scope, y->scope);
	assert_int_equal(x->n_ids, y->n_ids);
	assert_memory_equal(x->ids, y->ids, x->n_ids * sizeof *x->ids);
	assert_int_equal(x->n_batches, y->n_batches);
	for (size_t i = 0; i < x->n_batches; i++) {
		assert_int_equal(x->batches[i].id, y->batches[i].id);
		assert_true(span_equal(x->batches[i].wire, y->batches[i].wire));
	}
	assert_int_equal(x->n_graves, y->n_graves);
	assert_memory_equal(x->graves, y->graves, x->n_graves * sizeof *x->graves);
	assert_int_equal(x->n_doa, y->n_doa);
	assert_memory_equal(x->doa, y->doa, x->n_doa * sizeof *x->doa);
}

static void
sections_equal(const struct bundle_section *x, const struct bundle_section *y)
{
	assert_int_equal(x->kind, y->kind);
	switch (x->kind) {
	case BUNDLE_LOG:
		assert_int_equal(x->log.space, y->log.space);
		assert_int_equal(x->log.from, y->log.from);
		assert_int_equal(x->log.n, y->log.n);
		spans_equal(x->log.n, x->log.records, y->log.records);
		break;
	case BUNDLE_KEYS:
		keys_equal(&x->keys, &y->keys);
		break;
	case BUNDLE_BATCH:
		assert_true(span_equal(x->batch, y->batch));
		break;
	case BUNDLE_STATE:
		states_equal(&x->state, &y->state);
		break;
	}
}

static void
a_bundle_is_read_back_as_it_was_written(void **state)
{
	struct bundle_section out;
	struct span file = build();
	struct bundle b;

	(void)state;
	assert_int_equal(bundle_open(&b, file, &sample.world.checks, NULL), ST_OK);
	assert_true(ID_EQUAL(&b.head.network, &sample.head.network));
	assert_int_equal(b.head.writer.home, sample.head.writer.home);
	assert_int_equal(b.head.writer.device, sample.head.writer.device);
	assert_int_equal(b.head.time_s, sample.head.time_s);
	assert_int_equal(b.n_left, SAMPLE_SECTIONS);
	for (size_t i = 0; i < SAMPLE_SECTIONS; i++) {
		assert_int_equal(bundle_next(&b, sample.a, &out, NULL), ST_OK);
		sections_equal(&out, &sample.sections[i]);
	}
	assert_int_equal(b.n_left, 0);
	assert_int_equal(b.rest.len, 0);
}

static FILE *
golden_file(const char *mode)
{
	const char *source = getenv("PNET_SOURCE");
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/tests/golden/bundle.hex",
	    source == NULL ? "." : source);
	f = fopen(path, mode);
	if (f == NULL)
		fail_msg("cannot open %s", path);
	return f;
}

static void
bundles_are_the_kept_bytes(void **state)
{
	static char text[1 << 17];
	static uint8_t kept[1 << 16];
	struct span file = build();
	size_t len;
	FILE *f;

	(void)state;
	if (getenv("PNET_GOLDEN_WRITE") != NULL) {
		f = golden_file("w");
		for (size_t i = 0; i < file.len; i++)
			(void)fprintf(f, "%02x%s", file.bytes[i],
			    i % 32 == 31 || i + 1 == file.len ? "\n" : "");
		assert_int_equal(fclose(f), 0);
	}
	f = golden_file("r");
	len = fread(text, 1, sizeof text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(
	    sodium_hex2bin(kept, sizeof kept, text, len, "\n", &len, NULL), 0);
	assert_int_equal(open_bytes(span_of(kept, len)), ST_OK);
	if (ZSTD_versionNumber() == GOLDEN_ZSTD_VERSION)
		assert_true(span_equal(span_of(kept, len), file));
}

/* --- damage ------------------------------------------------------------------ */

static void
a_bundle_that_is_cut_at_any_byte_is_refused(void **state)
{
	struct span file = build();

	(void)state;
	for (size_t len = 0; len < file.len; len++) {
		uint8_t *copy = exact_copy(span_of(file.bytes, len));

		assert_int_not_equal(open_bytes(span_of(copy, len)), ST_OK);
		free(copy);
	}
}

static void
a_byte_more_is_refused(void **state)
{
	struct span file = build();
	uint8_t *longer = malloc(file.len + 1);

	(void)state;
	assert_non_null(longer);
	memcpy(longer, file.bytes, file.len);
	longer[file.len] = 0;
	assert_int_equal(open_bytes(span_of(longer, file.len + 1)), ST_HASH);
	free(longer);
}

static void
one_flipped_bit_refuses_the_whole_bundle(void **state)
{
	struct span file = build();
	uint8_t *copy = exact_copy(file);

	(void)state;
	for (size_t bit = 0; bit < 8 * file.len; bit++) {
		struct bundle b;
		status st;

		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		st = bundle_open(&b, span_of(copy, file.len), &sample.world.checks, NULL);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(st, ST_OK);
		assert_true(bit < 8 * sizeof LABEL_BUNDLE || st == ST_HASH);
		assert_int_equal(b.n_left, 0);
	}
	free(copy);
}

static void
a_cut_is_refused_also_when_the_sum_is_right(void **state)
{
	struct span file = build();
	uint8_t *copy;

	(void)state;
	for (size_t len = BUNDLE_HEAD_BYTES + BUNDLE_TAIL_BYTES; len < file.len; len++) {
		struct span part = span_of(file.bytes, len);
		struct bundle b;
		status st;

		copy = exact_copy(part);
		mend_sum(copy, len);
		st = bundle_open(&b, span_of(copy, len), &sample.world.checks, NULL);
		/* A cut between two sections leaves a bundle, but not its signature. */
		if (st == ST_OK)
			st = bundle_verify(&b, &sample.logs.coordinator.keys.pk.sign,
			    &sample.world.checks, NULL);
		assert_int_not_equal(st, ST_OK);
		free(copy);
	}
}

/* --- head and tail ----------------------------------------------------------- */

static void
the_signature_is_that_of_the_writer_over_every_byte(void **state)
{
	const struct checks *checks = &sample.world.checks;
	const struct sign_pk *writer = &sample.logs.coordinator.keys.pk.sign;
	struct span file = build();
	uint8_t *copy = exact_copy(file);
	struct bundle b;

	(void)state;
	assert_int_equal(bundle_open(&b, file, checks, NULL), ST_OK);
	assert_int_equal(bundle_verify(&b, writer, checks, NULL), ST_OK);
	assert_int_equal(
	    bundle_verify(&b, &sample.logs.trainer.keys.pk.sign, checks, NULL),
	    ST_SIGNATURE);
	for (size_t at = sizeof LABEL_BUNDLE; at < file.len - 32; at++) {
		copy[at] ^= 1;
		mend_sum(copy, file.len);
		if (bundle_open(&b, span_of(copy, file.len), checks, NULL) == ST_OK)
			assert_int_equal(
			    bundle_verify(&b, writer, checks, NULL), ST_SIGNATURE);
		copy[at] ^= 1;
	}
	free(copy);
}

static void
what_is_no_bundle_is_told_from_a_newer_one(void **state)
{
	struct span file = build();
	uint8_t *copy = exact_copy(file);

	(void)state;
	assert_int_equal(open_bytes(span_text("")), ST_MALFORMED);
	assert_int_equal(open_bytes(span_text("SQLite format 3")), ST_MALFORMED);
	copy[sizeof LABEL_BUNDLE - 2] = '2';
	mend_sum(copy, file.len);
	assert_int_equal(open_bytes(span_of(copy, file.len)), ST_VERSION);
	free(copy);
}

static void
a_bundle_has_at_most_256_mib(void **state)
{
	enum { PIECE = 1 << 20 };
	static uint8_t piece[PIECE];
	struct bundle_section many[257];
	struct span file = {NULL, 0};

	(void)state;
	for (size_t i = 0; i < 257; i++)
		many[i] = (struct bundle_section){
		    .kind = BUNDLE_BATCH, .batch = span_of(piece, PIECE)};
	assert_int_equal(build_of(257, many, &file), ST_LIMIT);
	assert_null(file.bytes);
	/* A reader refuses by the length alone, before it looks at a byte behind the
	 * label: nothing is there. */
	assert_int_equal(
	    open_bytes(span_of(LABEL_BUNDLE, BUNDLE_BYTES_MAX + 1)), ST_LIMIT);
}

/* --- sections ---------------------------------------------------------------- */

static void
sections_come_in_order_and_at_least_one(void **state)
{
	struct bundle_section s[SAMPLE_SECTIONS];
	struct span file;

	(void)state;
	assert_int_equal(build_of(0, sample.sections, &file), ST_MALFORMED);
	for (size_t i = 0; i + 1 < SAMPLE_SECTIONS; i++) {
		memcpy(s, sample.sections, sizeof s);
		s[i] = sample.sections[i + 1];
		s[i + 1] = sample.sections[i];
		assert_int_equal(build_of(SAMPLE_SECTIONS, s, &file), ST_MALFORMED);
	}
	for (size_t i = 0; i < SAMPLE_SECTIONS; i++) {
		s[0] = s[1] = sample.sections[i];
		assert_int_equal(
		    build_of(2, s, &file), i == SAMPLE_BATCH ? ST_OK : ST_MALFORMED);
	}
}

static void
another_kind_of_section_is_refused(void **state)
{
	struct bundle_section s = sample.sections[SAMPLE_BATCH];
	struct span file;
	uint8_t *copy;

	(void)state;
	assert_int_equal(build_of(1, &s, &file), ST_OK);
	copy = exact_copy(file);
	for (unsigned kind = 0; kind < 256; kind++) {
		copy[BUNDLE_HEAD_BYTES] = (uint8_t)kind;
		mend_sum(copy, file.len);
		assert_int_equal(open_bytes(span_of(copy, file.len)),
		    kind == BUNDLE_BATCH ? ST_OK : ST_MALFORMED);
	}
	free(copy);
}

static void
a_pruned_batch_never_comes_alone(void **state)
{
	struct bundle_section s = {.kind = BUNDLE_BATCH, .batch = sample.batch.wire};
	struct span file;

	(void)state;
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
}

static void
records_of_a_log_follow_each_other(void **state)
{
	struct bundle_section s = sample.sections[SAMPLE_LOG_SK];
	const struct bundle_log whole = s.log;
	struct span two[2] = {whole.records[0], whole.records[2]};
	struct network_id network = sample.head.network;
	struct span file;

	(void)state;
	s.log.from = 1;
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	s.log = (struct bundle_log){whole.space, 0, 2, two};
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	s.log = (struct bundle_log){whole.space, 3, whole.n - 3, whole.records + 3};
	assert_int_equal(build_of(1, &s, &file), ST_OK);
	s.log.space = 0; /* NET by number, SK by name */
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	s.log = sample.sections[SAMPLE_LOG_NET].log;
	s.log.space = 1;
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	s.log = (struct bundle_log){whole.space, 0, 0, NULL};
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	sample.head.network.bytes[0] ^= 1;
	s.log = whole;
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	s.log = sample.sections[SAMPLE_LOG_NET].log;
	s.log.n = 1; /* GENESIS, which has no network in it */
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	sample.head.network = network;
}

static void
rows_of_keys_are_in_order_and_whole(void **state)
{
	struct bundle_section s = sample.sections[SAMPLE_KEYS_SK];
	struct key_rows *rows = &s.keys.rows;
	struct list_row lists[2];
	struct box_row boxes[2];
	struct span file;

	(void)state;
	assert_true(rows->n_lists >= 2 && rows->n_boxes >= 2);
	lists[0] = rows->lists[1];
	lists[1] = rows->lists[0];
	boxes[0] = rows->boxes[1];
	boxes[1] = rows->boxes[0];
	*rows = (struct key_rows){.n_lists = 2, .lists = lists};
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	lists[1] = lists[0];
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	rows->n_lists = 1;
	assert_int_equal(build_of(1, &s, &file), ST_OK);
	lists[0].list.len--;
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	*rows = (struct key_rows){.n_boxes = 2, .boxes = boxes};
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	boxes[1] = boxes[0];
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
	rows->n_boxes = 1;
	assert_int_equal(build_of(1, &s, &file), ST_OK);
	*rows = (struct key_rows){0};
	assert_int_equal(build_of(1, &s, &file), ST_MALFORMED);
}

static status
build_state(const struct bundle_state *state)
{
	struct bundle_section s = {.kind = BUNDLE_STATE, .state = *state};
	struct span file;

	return build_of(1, &s, &file);
}

static void
a_state_agrees_with_itself(void **state)
{
	const struct bundle_state whole = sample.sections[SAMPLE_STATE].state;
	struct bundle_state s = whole;
	struct bundle_doa known = {
	    .dot = {.batch = batch_short(&whole.ids[1]), .index = 1}};

	(void)state;
	assert_int_equal(build_state(&s), ST_OK);
	s.scope++;
	assert_int_equal(build_state(&s), ST_MALFORMED); /* batch of another scope */
	s = whole;
	s.space++;
	assert_int_equal(build_state(&s), ST_MALFORMED); /* and of another space */
	s = whole;
	s.n_graves = 0;
	assert_int_equal(build_state(&s), ST_MALFORMED); /* an erase without a grave */
	s = whole;
	s.doa = &known;
	assert_int_equal(build_state(&s), ST_MALFORMED); /* arrived and not arrived */
}

static void
a_state_holds_no_op_of_a_grave(void **state)
{
	struct bundle_section complete = sample.sections[SAMPLE_BATCH];
	struct bundle_state_batch batch = {1, complete.batch};
	struct bundle_state s = sample.sections[SAMPLE_STATE].state;

	(void)state;
	s.batches = &batch;
	assert_int_equal(build_state(&s), ST_MALFORMED);
}

static void
a_batch_of_a_state_has_a_live_op_and_a_known_id(void **state)
{
	struct bundle_state s = sample.sections[SAMPLE_STATE].state;
	struct bundle_state_batch batches[2] = {s.batches[0], s.batches[0]};
	struct batch b;

	(void)state;
	s.batches = batches;
	s.n_batches = 2;
	assert_int_equal(build_state(&s), ST_MALFORMED); /* one id twice */
	s.n_batches = 1;
	batches[0].id = s.n_ids;
	assert_int_equal(build_state(&s), ST_MALFORMED);
	batches[0].id = 2;
	assert_int_equal(build_state(&s), ST_OK);
	assert_int_equal(batch_decode(s.batches[0].wire, BATCH_PRUNED,
			     &sample.world.checks, sample.a, &b, NULL),
	    ST_OK);
	for (size_t i = 0; i < b.n_ops; i++)
		b.ops[i].is_present = false;
	batches[0].wire = sample_wire(&sample, &b);
	assert_int_equal(build_state(&s), ST_MALFORMED);
}

static void
rows_of_a_state_ascend(void **state)
{
	const struct bundle_state whole = sample.sections[SAMPLE_STATE].state;
	struct batch_id ids[3] = {whole.ids[0], whole.ids[1], whole.ids[1]};
	struct tag graves[2] = {whole.graves[1], whole.graves[0]};
	struct bundle_doa doa[2] = {whole.doa[0], whole.doa[0]};
	struct bundle_state s = whole;

	(void)state;
	s.n_ids = 0;
	assert_int_equal(build_state(&s), ST_MALFORMED);
	s = whole;
	s.ids = ids;
	ids[2].bytes[31] ^= 1; /* another batch of the same short id */
	assert_int_equal(build_state(&s), ST_MALFORMED);
	s = whole;
	s.graves = graves;
	assert_int_equal(build_state(&s), ST_MALFORMED);
	s = whole;
	s.doa = doa;
	s.n_doa = 2;
	assert_int_equal(build_state(&s), ST_MALFORMED);
	doa[1].record.bytes[15]++;
	assert_int_equal(build_state(&s), ST_OK);
}

static void
counts_above_the_bytes_that_are_left_take_no_memory(void **state)
{
	struct bundle_section s = sample.sections[SAMPLE_STATE];
	struct span file;
	uint8_t *copy;

	(void)state;
	s.state.n_batches = s.state.n_graves = s.state.n_doa = 0;
	assert_int_equal(build_of(1, &s, &file), ST_OK);
	copy = exact_copy(file);
	/* ids, batches, graves, doa: each count stands where the rows before it end */
	for (size_t i = 0; i < 4; i++) {
		size_t at = BUNDLE_HEAD_BYTES + BUNDLE_SECTION_HEAD_BYTES + 4 +
			    (i == 0 ? 0 : 4 * i + 3 * sizeof(struct batch_id));
		uint32_t kept = get_u32(copy + at);

		assert_int_equal(kept, i == 0 ? 3 : 0);
		put_u32(copy + at, UINT32_MAX);
		mend_sum(copy, file.len);
		assert_int_equal(open_bytes(span_of(copy, file.len)), ST_MALFORMED);
		put_u32(copy + at, kept);
	}
	free(copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bundle_is_read_back_as_it_was_written),
	    cmocka_unit_test(bundles_are_the_kept_bytes),
	    cmocka_unit_test(a_bundle_that_is_cut_at_any_byte_is_refused),
	    cmocka_unit_test(a_byte_more_is_refused),
	    cmocka_unit_test(one_flipped_bit_refuses_the_whole_bundle),
	    cmocka_unit_test(a_cut_is_refused_also_when_the_sum_is_right),
	    cmocka_unit_test(the_signature_is_that_of_the_writer_over_every_byte),
	    cmocka_unit_test(what_is_no_bundle_is_told_from_a_newer_one),
	    cmocka_unit_test(a_bundle_has_at_most_256_mib),
	    cmocka_unit_test(sections_come_in_order_and_at_least_one),
	    cmocka_unit_test(another_kind_of_section_is_refused),
	    cmocka_unit_test(a_pruned_batch_never_comes_alone),
	    cmocka_unit_test(records_of_a_log_follow_each_other),
	    cmocka_unit_test(rows_of_keys_are_in_order_and_whole),
	    cmocka_unit_test(a_state_agrees_with_itself),
	    cmocka_unit_test(a_state_holds_no_op_of_a_grave),
	    cmocka_unit_test(a_batch_of_a_state_has_a_live_op_and_a_known_id),
	    cmocka_unit_test(rows_of_a_state_ascend),
	    cmocka_unit_test(counts_above_the_bytes_that_are_left_take_no_memory),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down) != 0;
}
