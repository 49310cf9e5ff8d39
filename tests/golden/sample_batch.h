/* sample_batch.h - a small world with fixed keys, and batches that its device sealed and
 * signed. Used by unit tests, golden files, the interop test and the fuzzers' corpora. */
#ifndef GOLDEN_SAMPLE_BATCH_H
#define GOLDEN_SAMPLE_BATCH_H

#include "crypto/derive.h"
#include "crypto/seal.h"
#include "crypto/sign.h"
#include "crypto/tag.h"
#include "golden/samples.h"
#include "proto/batch_codec.h"
#include "proto/body_codec.h"

struct sample_world {
	struct batch_context context;
	struct epoch_seed seed;
	struct op_key key;
	struct tag_key tag_key;
	struct device_keys device;
	struct checks checks;
	struct batch_signer signer;
};

static inline void
sample_fill(void *out, size_t len, uint8_t first)
{
	uint8_t *at = out;

	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)(first + i);
}

static inline void
sample_sign(void *ctx, struct span message, struct signature *out)
{
	const struct sample_world *w = ctx;

	sign_message(&w->device.sign_sk, message, out);
}

/* w must stay where it is: the signer points to it. */
static inline void
sample_world_fill(struct sample_world *w)
{
	const struct record_id activity = sample_record(0x90);
	struct device_seed seed;

	memset(w, 0, sizeof *w);
	sample_fill(seed.bytes, sizeof seed.bytes, 0x20);
	sample_fill(w->seed.bytes, sizeof w->seed.bytes, 0x60);
	sample_fill(w->tag_key.bytes, sizeof w->tag_key.bytes, 0xa0);
	derive_device(&seed, &w->device);
	derive_op_key(&w->seed, &w->key);
	sample_fill(w->context.network.bytes, sizeof w->context.network.bytes, 1);
	w->context.space = space_of("SK");
	w->context.scope = scope_of(SCOPE_ACTIVITY, &activity);
	w->context.device = derive_device_id(&w->device.pk);
	sample_fill(w->context.home_head.bytes, sizeof w->context.home_head.bytes, 0xe0);
	w->checks = sign_checks();
	w->signer = (struct batch_signer){w, sample_sign};
}

/* A header without ops; signed by sample_signer. */
static inline struct batch
sample_header(const struct sample_world *w, uint8_t nonce)
{
	struct batch b = {.space = 4,
	    .home = sample_signer.home,
	    .device = sample_signer.device,
	    .scope = 11,
	    .epoch = 2,
	    .head = 300};

	memcpy(b.head_check, w->context.home_head.bytes, sizeof b.head_check);
	sample_fill(b.nonce, sizeof b.nonce, nonce);
	sample_fill(b.prev.bytes, sizeof b.prev.bytes, 0x33);
	return b;
}

/* The op that the body makes at this place of the batch, sealed; without dots. */
static inline struct op
sample_seal(const struct sample_world *w, struct body_codec *c, const struct batch *b,
    size_t index, const struct body *body, enum retention retention, struct arena *a)
{
	struct op o = {.type = OP_WRITE, .retention = retention};
	struct seal_ad ad = {.network = w->context.network,
	    .space = w->context.space,
	    .scope = w->context.scope,
	    .epoch = b->epoch,
	    .retention = (uint8_t)retention,
	    .index = (uint32_t)index};
	struct writer plain =
	    writer_of(arena_alloc(a, BODY_PLAIN_BYTES_MAX), BODY_PLAIN_BYTES_MAX);
	struct author signer = {b->home, b->device};
	struct writer sealed;
	status st = body_encode(c, body, signer, &plain, NULL);

	assert(st == ST_OK);
	o.record = tag_record(&w->tag_key, body->kind, &body->record);
	o.has_subject = body->has_person;
	if (o.has_subject)
		o.subject = tag_subject(&w->tag_key, body->person);
	memcpy(ad.nonce, b->nonce, sizeof ad.nonce);
	ad.record = o.record;
	ad.subject = o.subject;
	sealed =
	    writer_of(arena_alloc(a, seal_bytes(plain.used)), seal_bytes(plain.used));
	st = seal_body(&w->key, &ad, writer_done(&plain), &sealed, NULL);
	assert(st == ST_OK);
	o.body = writer_done(&sealed);
	return o;
}

static inline struct dot
sample_dot(uint8_t batch, uint8_t index)
{
	struct dot d = {.index = index};

	memset(d.batch.bytes, batch, sizeof d.batch.bytes);
	return d;
}

/* Sheet over three older ops of two batches, note about a person, section, erasure. */
static inline struct batch
sample_batch(const struct sample_world *w, struct body_codec *c, struct arena *a)
{
	struct batch b = sample_header(w, 0x55);
	struct dot *dots = arena_zeros(a, 3, sizeof *dots);

	b.n_ops = 4;
	b.ops = arena_zeros(a, b.n_ops, sizeof *b.ops);
	assert(b.ops != NULL && dots != NULL);
	dots[0] = sample_dot(0xbb, 2);
	dots[1] = sample_dot(0xaa, 255);
	dots[2] = sample_dot(0xbb, 0);
	b.ops[0] = sample_seal(
	    w, c, &b, 0, sample_sheet(a, 15, SAMPLE_IN_A_ROW), RETAIN_PERSONAL, a);
	b.ops[0].n_dots = 3;
	b.ops[0].dots = dots;
	b.ops[1] = sample_seal(w, c, &b, 1, sample_note(a), RETAIN_PERSONAL, a);
	b.ops[2] = sample_seal(w, c, &b, 2, sample_section(a), RETAIN_ORDINARY, a);
	b.ops[3] = (struct op){.type = OP_ERASE, .has_subject = true};
	b.ops[3].subject = tag_subject(&w->tag_key, (struct person_key){0x99});
	return b;
}

#endif
