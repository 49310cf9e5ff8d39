/* batch_fixture.h - batches for tests of the merge and the stores: values without
 * signatures, and a hash that is quick and not secret. */
#ifndef TESTS_BATCH_FIXTURE_H
#define TESTS_BATCH_FIXTURE_H

#include "base/arena.h"
#include "base/rng.h"
#include "core/merge.h"

#include <assert.h>

enum { FX_OPS_MAX = 16, FX_DOTS_MAX = 8, FX_WIRE_BYTES = 120 };

/* An op in short: record and subject by a letter, 0 = no subject. */
struct fx_op {
	char record;
	char subject;
	enum retention retention; /* 0 = ordinary */
	bool is_erase;
	size_t n_dots;
	struct dot dots[FX_DOTS_MAX];
	size_t wire_bytes; /* 0 = FX_WIRE_BYTES */
};

struct fx_batch {
	struct batch_id id;
	struct batch batch;
};

struct fx {
	struct arena *arena;
	struct checks checks;
	uint64_t n; /* batches made; makes each of them another */
};

static inline void
fx_hash(
    void *ctx, const char *label, const struct span *parts, size_t n, struct hash32 *out)
{
	uint64_t lane[4] = {1, 2, 3, 4};

	(void)ctx;
	for (const char *c = label; *c != '\0'; c++)
		lane[0] = (lane[0] ^ (uint8_t)*c) * 0x100000001b3ULL;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < parts[i].len; k++) {
			uint64_t *at = &lane[k & 3];

			*at = (*at ^ parts[i].bytes[k]) * 0x9e3779b97f4a7c15ULL;
			*at ^= *at >> 29;
		}
	for (size_t round = 0; round < 8; round++) {
		uint64_t *at = &lane[round & 3];

		*at = (*at + lane[(round + 1) & 3]) * 0xbf58476d1ce4e5b9ULL;
		*at ^= *at >> 31;
	}
	for (size_t i = 0; i < 4; i++)
		put_u64(out->bytes + 8 * i, lane[i]);
}

static inline struct fx
fx_new(void)
{
	struct fx f = {.arena = arena_new(0), .checks = {.hash = fx_hash}};

	assert(f.arena != NULL);
	return f;
}

static inline struct tag
fx_tag(char kind, char letter)
{
	struct tag t = {{(uint8_t)kind, (uint8_t)letter, 0xa5}};

	return t;
}

static inline void
fx_fill_op(struct fx *f, const struct fx_op *spec, size_t index, struct op *op)
{
	size_t len = spec->is_erase ? 4 : spec->wire_bytes;
	struct rng_seeded seed;
	struct rng rng = rng_seeded(&seed, f->n * 1000 + index);
	struct hash32 hash;
	uint8_t *wire;
	struct dot *dots = NULL;

	if (len == 0)
		len = FX_WIRE_BYTES;
	wire = arena_alloc(f->arena, len);
	rng_fill(&rng, wire, len);
	op->is_present = true;
	op->type = spec->is_erase ? OP_ERASE : OP_WRITE;
	op->retention = spec->retention == 0 ? RETAIN_ORDINARY : spec->retention;
	if (spec->is_erase)
		op->retention = RETAIN_NONE;
	else
		op->record = fx_tag('r', spec->record);
	op->has_subject = spec->subject != 0;
	if (op->has_subject)
		op->subject = fx_tag('s', spec->subject);
	op->n_dots = spec->n_dots;
	if (spec->n_dots > 0) {
		dots = arena_alloc(f->arena, spec->n_dots * sizeof *dots);
		memcpy(dots, spec->dots, spec->n_dots * sizeof *dots);
	}
	op->dots = dots;
	op->wire = span_of(wire, len);
	fx_hash(NULL, "pnet/oph/1", &op->wire, 1, &hash);
	memcpy(op->hash.bytes, hash.bytes, sizeof op->hash.bytes);
}

/* The short ids of all dots, ascending and once each, as a header lists them. */
static inline void
fx_refs(struct fx *f, struct batch *b)
{
	struct short_id *refs = arena_alloc(f->arena, BATCH_REFS_MAX * sizeof *refs);
	size_t n = 0;

	for (size_t i = 0; i < b->n_ops; i++)
		for (size_t k = 0; k < b->ops[i].n_dots; k++) {
			const struct short_id *id = &b->ops[i].dots[k].batch;
			size_t at = 0;

			while (at < n && memcmp(&refs[at], id, sizeof *id) < 0)
				at++;
			if (at < n && ID_EQUAL(&refs[at], id))
				continue;
			memmove(&refs[at + 1], &refs[at], (n - at) * sizeof *refs);
			refs[at] = *id;
			n++;
		}
	b->refs = refs;
	b->n_refs = n;
}

/* A batch of author (1, device) in the scope; lives as long as the fixture. */
static inline const struct fx_batch *
fx_batch_by(
    struct fx *f, uint16_t device, uint16_t scope, size_t n, const struct fx_op *specs)
{
	struct fx_batch *made = arena_zeros(f->arena, 1, sizeof *made);
	struct batch *b = &made->batch;
	uint8_t *header = arena_zeros(f->arena, 1, BATCH_HEADER_BYTES);
	struct hash32 hash;
	struct span span;

	f->n++;
	put_u64(header, f->n);
	b->home = 1;
	b->device = device;
	b->scope = scope;
	b->header = span_of(header, BATCH_HEADER_BYTES);
	memset(b->signature.bytes, (int)(f->n & 0xff), sizeof b->signature.bytes);
	b->n_ops = n;
	b->ops = arena_zeros(f->arena, n, sizeof *b->ops);
	for (size_t i = 0; i < n; i++)
		fx_fill_op(f, &specs[i], i, &b->ops[i]);
	fx_refs(f, b);
	span = b->header;
	fx_hash(NULL, "pnet/bid/1", &span, 1, &hash);
	memcpy(made->id.bytes, hash.bytes, sizeof made->id.bytes);
	return made;
}

static inline const struct fx_batch *
fx_batch(struct fx *f, uint16_t scope, size_t n, const struct fx_op *specs)
{
	return fx_batch_by(f, 7, scope, n, specs);
}

static inline struct dot
fx_dot(const struct fx_batch *b, uint8_t index)
{
	return (struct dot){batch_short(&b->id), index};
}

/* One op that writes a record and supersedes `dot` of the batch `over`, NULL = nothing.
 */
static inline const struct fx_batch *
fx_write(struct fx *f, uint16_t scope, char record, const struct fx_batch *over)
{
	struct fx_op op = {.record = record};

	if (over != NULL) {
		op.n_dots = 1;
		op.dots[0] = fx_dot(over, 0);
	}
	return fx_batch(f, scope, 1, &op);
}

#endif
