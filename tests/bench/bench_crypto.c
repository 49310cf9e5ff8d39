/* bench_crypto.c - our own layer above the primitives: sealing and opening ops, a whole
 * handshake, frames. Compare with `floor seal open dh` of the same minute. */
#include "crypto/derive.h"
#include "crypto/seal_open.h"
#include "proto/frame.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 5, OP_BYTES = 200, FRAME_CONTENT_BYTES = 65000 };

static struct op_key key = {{1}};
static struct seal_ad ad = {.epoch = 1, .retention = 2};
static uint8_t plain[OP_BYTES], sealed[512];
static struct arena *arena;

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
must(status st)
{
	if (st != ST_OK)
		abort();
}

static void
seal_one(void)
{
	struct writer w = writer_of(sealed, sizeof sealed);

	ad.index++;
	must(seal_body(&key, &ad, span_of(plain, sizeof plain), &w, NULL));
}

static void
open_one(void)
{
	struct span opened;

	must(seal_open(
	    &key, &ad, span_of(sealed, seal_bytes(sizeof plain)), arena, &opened, NULL));
	arena_reset(arena);
}

static struct transport_sk client_sk = {{1}}, server_sk = {{2}}, client_e = {{3}},
			   server_e = {{4}};
static struct transport_pk client_pk, server_pk;
static struct noise_transport up, down;

static void
step(struct noise_handshake *from, struct noise_handshake *to)
{
	uint8_t message[512], payload[512];
	struct writer out = writer_of(message, sizeof message);
	struct writer in = writer_of(payload, sizeof payload);

	must(noise_write(from, span_of(plain, 64), &out, NULL));
	must(noise_read(to, writer_done(&out), &in, NULL));
}

/* Both sides; a server alone does half of it. */
static void
handshake_one(void)
{
	const struct noise_config client = {.pattern = NOISE_XK,
	    .role = NOISE_INITIATOR,
	    .s = &client_sk,
	    .s_pk = &client_pk,
	    .rs = &server_pk,
	    .e = &client_e};
	const struct noise_config server = {.pattern = NOISE_XK,
	    .role = NOISE_RESPONDER,
	    .s = &server_sk,
	    .s_pk = &server_pk,
	    .e = &server_e};
	struct noise_handshake a, b;

	noise_start(&a, &client);
	noise_start(&b, &server);
	step(&a, &b);
	step(&b, &a);
	step(&a, &b);
	noise_split(&a, &up);
	noise_split(&b, &down);
}

static void
frame_one(void)
{
	static uint8_t content[FRAME_CONTENT_BYTES], wire[FRAME_CONTENT_BYTES + 256];
	struct writer out = writer_of(wire, sizeof wire);
	struct frame_reader reader;
	struct span in, ready;

	frame_reader_start(&reader, NOISE_MESSAGE_BYTES_MAX, sizeof content);
	must(frame_write(&up, span_of(content, sizeof content), &out, NULL));
	in = writer_done(&out);
	must(frame_reader_take(&reader, &down, &in, &ready, NULL));
	frame_reader_free(&reader);
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
measure(const char *name, unsigned times, void (*one)(void))
{
	double us[ROUNDS];

	for (unsigned r = 0; r < ROUNDS; r++) {
		double start = now();

		for (unsigned i = 0; i < times; i++)
			one();
		us[r] = (now() - start) * 1e6 / times;
	}
	qsort(us, ROUNDS, sizeof us[0], compare);
	printf("%-28s %10.0f /s %9.2f us  spread %4.1f %%\n", name, 1e6 / us[ROUNDS / 2],
	    us[ROUNDS / 2], (us[ROUNDS - 1] - us[0]) / us[ROUNDS / 2] * 100);
}

int
main(void)
{
	if (sodium_init() < 0)
		return 70;
	arena = arena_new(0);
	derive_transport_pk(&client_sk, &client_pk);
	derive_transport_pk(&server_sk, &server_pk);
	measure("seal an op of 200 bytes", 200000, seal_one);
	measure("open an op of 200 bytes", 200000, open_one);
	measure("handshake XK, both sides", 500, handshake_one);
	measure("frame of 65,000, both sides", 500, frame_one);
	arena_free(arena);
	return 0;
}
