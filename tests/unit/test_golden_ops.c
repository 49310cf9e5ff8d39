/* test_golden_ops.c - bodies, ops and batches against the bytes kept in tests/golden.
 * PNET_GOLDEN_WRITE=1 writes the files instead (tests/golden/README.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>
#include <zstd.h>

#include "golden/sample_batch.h"
#include "proto/op_codec.h"

/* Another zstd may find another shorter frame; then the kept one must still be read. */
enum { GOLDEN_ZSTD_VERSION = 10504 };

static struct sample_world world;
static struct body_codec *codec;
static struct arena *a;

static int
set_up(void **state)
{
	(void)state;
	sample_world_fill(&world);
	codec = body_codec_new();
	a = arena_new(0);
	return codec == NULL || a == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	body_codec_free(codec);
	arena_free(a);
	return 0;
}

static FILE *
golden_file(const char *name, const char *mode)
{
	const char *source = getenv("PNET_SOURCE");
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/tests/golden/%s.hex",
	    source == NULL ? "." : source, name);
	f = fopen(path, mode);
	if (f == NULL)
		fail_msg("cannot open %s", path);
	return f;
}

static void
golden_write(const char *name, struct span bytes)
{
	FILE *f = golden_file(name, "w");

	for (size_t i = 0; i < bytes.len; i++)
		(void)fprintf(f, "%02x%s", bytes.bytes[i],
		    i % 32 == 31 || i + 1 == bytes.len ? "\n" : "");
	assert_int_equal(fclose(f), 0);
}

static struct span
golden_read(const char *name)
{
	static char text[1 << 18];
	uint8_t *bytes = arena_alloc(a, sizeof text / 2);
	FILE *f = golden_file(name, "r");
	size_t len = fread(text, 1, sizeof text, f), out;

	(void)fclose(f);
	assert_true(len < sizeof text);
	assert_int_equal(
	    sodium_hex2bin(bytes, sizeof text / 2, text, len, "\n", &out, NULL), 0);
	return span_of(bytes, out);
}

/* Writes the file, or compares it with what was built now. Gives the kept bytes. */
static struct span
golden(const char *name, struct span built, bool is_exact)
{
	struct span kept;

	if (getenv("PNET_GOLDEN_WRITE") != NULL)
		golden_write(name, built);
	kept = golden_read(name);
	if (is_exact && !span_equal(kept, built))
		fail_msg("%s.hex differs from what is built now", name);
	return kept;
}

static void
body_is_golden(const char *name, const struct body *b, enum body_flag flag)
{
	struct writer w =
	    writer_of(arena_alloc(a, BODY_PLAIN_BYTES_MAX), BODY_PLAIN_BYTES_MAX);
	bool is_exact = flag == BODY_RAW || ZSTD_versionNumber() == GOLDEN_ZSTD_VERSION;
	struct span kept;
	struct body out;

	assert_int_equal(body_encode(codec, b, sample_signer, &w, NULL), ST_OK);
	kept = golden(name, writer_done(&w), is_exact);
	assert_int_equal(kept.bytes[0], flag);
	assert_int_equal(body_decode(codec, kept, sample_signer, a, &out, NULL), ST_OK);
	assert_true(sample_body_equal(b, &out));
}

static void
bodies_are_the_kept_bytes(void **state)
{
	(void)state;
	body_is_golden(
	    "body-sheet-at-once", sample_sheet(a, 15, SAMPLE_AT_ONCE), BODY_RAW);
	body_is_golden(
	    "body-sheet-in-a-row", sample_sheet(a, 15, SAMPLE_IN_A_ROW), BODY_RAW);
	body_is_golden(
	    "body-sheet-one-by-one", sample_sheet(a, 15, SAMPLE_ONE_BY_ONE), BODY_RAW);
	body_is_golden("body-sheet-empty", sample_sheet(a, 0, SAMPLE_AT_ONCE), BODY_RAW);
	body_is_golden("body-note", sample_note(a), BODY_ZSTD);
	body_is_golden("body-section", sample_section(a), BODY_RAW);
	body_is_golden("body-text", sample_text(a), BODY_RAW);
}

static void
ops_and_batches_are_the_kept_bytes(void **state)
{
	bool is_exact = ZSTD_versionNumber() == GOLDEN_ZSTD_VERSION;
	struct batch b = sample_batch(&world, codec, a);
	struct span wire, kept;
	struct batch_id id;
	struct batch out;
	struct writer w;

	(void)state;
	assert_int_equal(batch_build(&b, &world.context, &world.signer, &world.checks, a,
			     &wire, &id, NULL),
	    ST_OK);
	(void)golden("op-write", b.ops[0].wire, true);
	(void)golden("op-erase", b.ops[3].wire, true);
	(void)golden("batch-id", span_of(id.bytes, sizeof id.bytes), is_exact);
	kept = golden("batch-complete", wire, is_exact);
	assert_int_equal(
	    batch_decode(kept, BATCH_COMPLETE, &world.checks, a, &out, NULL), ST_OK);
	assert_int_equal(batch_verify(&out, &world.context, &world.device.pk.sign,
			     &world.checks, a, &id, NULL),
	    ST_OK);
	assert_true(
	    span_equal(span_of(id.bytes, sizeof id.bytes), golden_read("batch-id")));

	b.ops[1].is_present = false;
	b.ops[3].is_present = false;
	w = writer_of(arena_alloc(a, BATCH_BYTES_MAX), BATCH_BYTES_MAX);
	batch_write(&b, &w);
	kept = golden("batch-pruned", writer_done(&w), is_exact);
	assert_int_equal(
	    batch_decode(kept, BATCH_PRUNED, &world.checks, a, &out, NULL), ST_OK);
	assert_int_equal(batch_verify(&out, &world.context, &world.device.pk.sign,
			     &world.checks, a, &id, NULL),
	    ST_OK);
	assert_true(
	    span_equal(span_of(id.bytes, sizeof id.bytes), golden_read("batch-id")));
}

/* Its head, and its hash in the place of 61,457 bytes of body. */
static void
a_long_op_is_the_kept_bytes(void **state)
{
	const struct batch around = {0};
	static uint8_t body[OP_BODY_BYTES_MAX + 1], room[OP_BODY_BYTES_MAX + 64];
	struct writer w = writer_of(room, sizeof room);
	struct op op = {.is_present = true,
	    .type = OP_WRITE,
	    .retention = RETAIN_ORDINARY,
	    .record = {{1, 2, 3}},
	    .body = span_of(body, sizeof body)};
	struct op_hash hash;
	size_t head;

	(void)state;
	for (size_t i = 0; i < sizeof body; i++)
		body[i] = (uint8_t)(i * 7);
	op_encode(&op, &around, &w);
	op_hash_of(writer_done(&w), &world.checks, &hash);
	head = w.used - sizeof body;
	memcpy(room + head, hash.bytes, sizeof hash.bytes);
	(void)golden("op-long", span_of(room, head + sizeof hash.bytes), true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bodies_are_the_kept_bytes),
	    cmocka_unit_test(ops_and_batches_are_the_kept_bytes),
	    cmocka_unit_test(a_long_op_is_the_kept_bytes),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down) != 0;
}
