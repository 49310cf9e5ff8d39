/* bench_codec.c - bodies into columns and back, batches built and read: sizes and times
 * of one core. Compare with `floor seal verify` of the same minute. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "golden/sample_batch.h"
#include "proto/shape.h"

enum { ROUNDS = 5 };

struct bench {
	struct sample_world world;
	struct body_codec *codec;
	struct arena *kept;    /* samples */
	struct arena *scratch; /* reset after each round */
	const struct body *body;
	uint8_t plain[BODY_PLAIN_BYTES_MAX];
	size_t plain_len;
	struct batch batch;
	struct span wire;
};

static void
must(status st)
{
	if (st != ST_OK)
		abort();
}

static void
encode_one(struct bench *b)
{
	struct writer w = writer_of(b->plain, sizeof b->plain);

	must(body_encode(b->codec, b->body, sample_signer, &w, NULL));
	b->plain_len = w.used;
}

static void
decode_one(struct bench *b)
{
	struct body out;

	must(body_decode(b->codec, span_of(b->plain, b->plain_len), sample_signer,
	    b->scratch, &out, NULL));
	arena_reset(b->scratch);
}

static void
shape_one(struct bench *b)
{
	must(shape_check(
	    span_of(b->plain + 1, b->plain_len - 1), SHAPE_BODY_ELEMENTS_MAX, NULL));
}

static void
build_one(struct bench *b)
{
	struct batch copy = b->batch;
	struct batch_id id;

	must(batch_build(&copy, &b->world.context, &b->world.signer, &b->world.checks,
	    b->scratch, &b->wire, &id, NULL));
	arena_reset(b->scratch);
}

static void
read_one(struct bench *b)
{
	struct batch out;

	must(batch_decode(
	    b->wire, BATCH_COMPLETE, &b->world.checks, b->scratch, &out, NULL));
	arena_reset(b->scratch);
}

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Median of the rounds, in ns a call. */
static double
measure(struct bench *b, unsigned times, void (*one)(struct bench *))
{
	double ns[ROUNDS];

	for (unsigned r = 0; r < ROUNDS; r++) {
		double start = now();

		for (unsigned i = 0; i < times; i++)
			one(b);
		ns[r] = (now() - start) * 1e9 / times;
	}
	qsort(ns, ROUNDS, sizeof ns[0], compare);
	return ns[ROUNDS / 2];
}

static void
measure_body(struct bench *b, const char *name, const struct body *body, unsigned times)
{
	double encode, decode, shape = 0;

	b->body = body;
	encode = measure(b, times, encode_one);
	decode = measure(b, times, decode_one);
	if (b->plain[0] == BODY_RAW)
		shape = measure(b, times, shape_one);
	printf("%-24s array %5zu  plain %5zu  op %5zu  encode %7.0f ns  decode %6.0f ns  "
	       "shape %4.0f ns\n",
	    name, body_array_bytes(b->codec, body, sample_signer), b->plain_len,
	    19 + seal_bytes(b->plain_len), encode, decode, shape);
}

int
main(void)
{
	struct bench *b = calloc(1, sizeof *b);
	struct batch_id id;

	if (b == NULL)
		return 70;
	sample_world_fill(&b->world);
	b->codec = body_codec_new();
	b->kept = arena_new(0);
	b->scratch = arena_new(0);
	measure_body(
	    b, "15 marks at once", sample_sheet(b->kept, 15, SAMPLE_AT_ONCE), 50000);
	measure_body(
	    b, "15 marks in a row", sample_sheet(b->kept, 15, SAMPLE_IN_A_ROW), 50000);
	measure_body(
	    b, "15 marks one by one", sample_sheet(b->kept, 15, SAMPLE_ONE_BY_ONE), 5000);
	measure_body(
	    b, "75 marks in a row", sample_sheet(b->kept, 75, SAMPLE_IN_A_ROW), 1000);
	measure_body(
	    b, "1,000 marks in a row", sample_sheet(b->kept, 1000, SAMPLE_IN_A_ROW), 100);
	measure_body(b, "note", sample_note(b->kept), 2000);
	measure_body(b, "section of a report", sample_section(b->kept), 50000);

	b->batch = sample_batch(&b->world, b->codec, b->kept);
	printf("batch of 4 ops: build and sign %.0f ns", measure(b, 2000, build_one));
	must(batch_build(&b->batch, &b->world.context, &b->world.signer, &b->world.checks,
	    b->kept, &b->wire, &id, NULL));
	printf(", read %.0f ns, %zu bytes\n", measure(b, 20000, read_one), b->wire.len);
	body_codec_free(b->codec);
	arena_free(b->kept);
	arena_free(b->scratch);
	free(b);
	return 0;
}
