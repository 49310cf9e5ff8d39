/* sample_bundle.h - a bundle with everything in it: the logs of the network of
 * unit/log_world.h with their lists and boxes, a complete batch, the joined state of a
 * scope. Batches and state are those of sample_batch.h, whose positions nobody looks up.
 * Included by one test each. */
#ifndef GOLDEN_SAMPLE_BUNDLE_H
#define GOLDEN_SAMPLE_BUNDLE_H

#include "golden/sample_batch.h"
#include "proto/bundle.h"
#include "proto/log_build.h"

enum { SAMPLE_RECORDS_MAX = 32, SAMPLE_ROWS_MAX = 64, SAMPLE_SPACES = 2 };

/* What the network's logs are made of, by space: 0 NET, 1 SK. */
struct sample_logs {
	struct span records[SAMPLE_SPACES][SAMPLE_RECORDS_MAX];
	size_t n_records[SAMPLE_SPACES];
	struct list_row lists[SAMPLE_SPACES][SAMPLE_ROWS_MAX];
	size_t n_lists[SAMPLE_SPACES];
	struct box_row boxes[SAMPLE_SPACES][SAMPLE_ROWS_MAX];
	size_t n_boxes[SAMPLE_SPACES];
};

static struct sample_logs sample_logs;

static inline void
sample_keep_list(size_t k, const struct built_record *b, struct span list)
{
	struct sample_logs *s = &sample_logs;

	assert(s->n_lists[k] < SAMPLE_ROWS_MAX);
	s->lists[k][s->n_lists[k]++] = (struct list_row){b->record.seq, 0, list};
	for (size_t i = 0; i < list.len / BOX_ENTRY_BYTES; i++) {
		const uint8_t *entry = list.bytes + i * BOX_ENTRY_BYTES;

		assert(s->n_boxes[k] < SAMPLE_ROWS_MAX);
		s->boxes[k][s->n_boxes[k]++] = (struct box_row){.position = b->record.seq,
		    .space = get_u16(entry),
		    .scope = get_u16(entry + 2),
		    .epoch = get_u16(entry + 4),
		    .box = span_of(b->boxes[i].bytes, KEY_BOX_BYTES)};
	}
}

/* Every record that log_world.h makes passes through here. */
static inline status
sample_build_record(const struct build_how *how, const struct log_record *draft,
    const struct sign_sk *const *keys, struct built_record *out, struct trouble *t)
{
	status st = build_record(how, draft, keys, out, t);
	size_t k = space_equal(&draft->space, &(struct space_name){"NET"}) ? 0 : 1;

	if (st != ST_OK)
		return st;
	assert(sample_logs.n_records[k] < SAMPLE_RECORDS_MAX && out->n_lists <= 1);
	sample_logs.records[k][sample_logs.n_records[k]++] = out->wire;
	for (size_t i = 0; i < out->n_lists; i++)
		sample_keep_list(k, out, out->lists[i]);
	return st;
}

#define build_record sample_build_record
#include "unit/log_world.h"
#undef build_record

enum {
	SAMPLE_LOG_NET,
	SAMPLE_LOG_SK,
	SAMPLE_KEYS_NET,
	SAMPLE_KEYS_SK,
	SAMPLE_BATCH,
	SAMPLE_STATE,
	SAMPLE_SECTIONS
};

struct sample_bundle {
	struct world logs;
	struct sample_world world;
	struct body_codec *codec;
	struct arena *a;
	struct bundle_head head;
	struct batch_signer signer; /* SK's coordinator */
	struct bundle_section sections[SAMPLE_SECTIONS];
	/* of the state */
	struct batch_id ids[3];
	struct bundle_state_batch batch;
	struct tag graves[2];
	struct bundle_doa doa;
	struct wrap_row wrap;
	uint8_t wrap_bytes[WRAPPED_SEED_BYTES];
};

static inline void
sample_sign_bundle(void *ctx, struct span message, struct signature *out)
{
	const struct sample_bundle *s = ctx;

	sign_message(&s->logs.coordinator.keys.sign_sk, message, out);
}

static inline int
sample_row_order(const void *x, const void *y)
{
	const struct box_row *a = x, *b = y;
	const uint16_t left[] = {a->position, a->space, a->scope, a->epoch};
	const uint16_t right[] = {b->position, b->space, b->scope, b->epoch};

	for (size_t i = 0; i < 4; i++)
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	return span_compare(a->box, b->box);
}

static inline void
sample_log_sections(struct sample_bundle *s)
{
	for (size_t k = 0; k < SAMPLE_SPACES; k++) {
		uint16_t space = k == 0 ? 0 : s->logs.sk;

		qsort(sample_logs.boxes[k], sample_logs.n_boxes[k],
		    sizeof(struct box_row), sample_row_order);
		s->sections[SAMPLE_LOG_NET + k] = (struct bundle_section){
		    .kind = BUNDLE_LOG,
		    .log = {space, 0, sample_logs.n_records[k], sample_logs.records[k]}};
		s->sections[SAMPLE_KEYS_NET + k] =
		    (struct bundle_section){.kind = BUNDLE_KEYS,
			.keys = {space,
			    {sample_logs.n_boxes[k], sample_logs.boxes[k],
				sample_logs.n_lists[k], sample_logs.lists[k], 0, NULL}}};
	}
	sample_fill(s->wrap_bytes, sizeof s->wrap_bytes, 0x11);
	s->wrap = (struct wrap_row){
	    s->logs.sk_activity, 2, span_of(s->wrap_bytes, sizeof s->wrap_bytes)};
	s->sections[SAMPLE_KEYS_SK].keys.rows.n_wraps = 1;
	s->sections[SAMPLE_KEYS_SK].keys.rows.wraps = &s->wrap;
}

static inline struct span
sample_wire(struct sample_bundle *s, const struct batch *b)
{
	size_t len = batch_wire_bytes(b);
	struct writer w = writer_of(arena_alloc(s->a, len), len);

	assert(w.at != NULL);
	batch_write(b, &w);
	assert(!w.is_full);
	return writer_done(&w);
}

/* The note is gone with its person, whom the erase names; of the other two batches only
 * the names are known. */
static inline void
sample_state_section(struct sample_bundle *s, struct batch *b, const struct batch_id *id)
{
	struct bundle_section *out = &s->sections[SAMPLE_STATE];

	memset(s->ids[0].bytes, 0x00, sizeof s->ids[0].bytes);
	s->ids[1] = *id;
	memset(s->ids[2].bytes, 0xff, sizeof s->ids[2].bytes);
	b->ops[1].is_present = false;
	s->batch = (struct bundle_state_batch){1, sample_wire(s, b)};
	s->graves[0] = b->subjects[0];
	s->graves[1] = b->subjects[1];
	s->doa.dot = sample_dot(0xaa, 7);
	sample_fill(s->doa.record.bytes, sizeof s->doa.record.bytes, 0x42);
	*out = (struct bundle_section){.kind = BUNDLE_STATE,
	    .state = {.space = b->space,
		.scope = b->scope,
		.n_ids = 3,
		.ids = s->ids,
		.n_batches = 1,
		.batches = &s->batch,
		.n_graves = 2,
		.graves = s->graves,
		.n_doa = 1,
		.doa = &s->doa}};
}

/* s must stay where it is. */
static inline void
sample_bundle_fill(struct sample_bundle *s)
{
	struct batch b;
	struct batch_id id;
	status st;

	memset(s, 0, sizeof *s);
	memset(&sample_logs, 0, sizeof sample_logs);
	world_open(&s->logs);
	sample_world_fill(&s->world);
	s->codec = body_codec_new();
	s->a = arena_new(0);
	assert(s->codec != NULL && s->a != NULL);
	sample_log_sections(s);
	b = sample_batch(&s->world, s->codec, s->a);
	st = batch_build(&b, &s->world.context, &s->world.signer, &s->world.checks, s->a,
	    &s->sections[SAMPLE_BATCH].batch, &id, NULL);
	assert(st == ST_OK);
	s->sections[SAMPLE_BATCH].kind = BUNDLE_BATCH;
	sample_state_section(s, &b, &id);
	s->head.network = *membership_network(s->logs.m);
	s->head.writer = s->logs.coordinator.as;
	s->head.time_s = WORLD_START_S + 5;
	s->signer = (struct batch_signer){s, sample_sign_bundle};
}

static inline void
sample_bundle_free(struct sample_bundle *s)
{
	body_codec_free(s->codec);
	arena_free(s->a);
	world_close(&s->logs);
}

#endif
