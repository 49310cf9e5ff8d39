/* bundle.c - head, order and tail of a bundle (spec/bundle.md 1). Pure. */
#include "proto/bundle.h"

#include <assert.h>

#include "crypto/labels.h"
#include "proto/bundle_parts.h"

enum { LABEL_BYTES = sizeof LABEL_BUNDLE, SUM_BYTES = 32, SIGNATURE_BYTES = 64 };
_Static_assert(LABEL_BYTES + 16 + 2 + 2 + 8 == BUNDLE_HEAD_BYTES, "layout of the head");
_Static_assert(SIGNATURE_BYTES + SUM_BYTES == BUNDLE_TAIL_BYTES, "layout of the tail");

/* The label up to its number, which is the version of the format. */
enum { STEM_BYTES = LABEL_BYTES - 2 };

static status
check_magic(struct span file, struct trouble *t)
{
	if (file.len < LABEL_BYTES || memcmp(file.bytes, LABEL_BUNDLE, STEM_BYTES) != 0)
		return trouble_set(t, ST_MALFORMED, "this is not a bundle");
	if (memcmp(file.bytes, LABEL_BUNDLE, LABEL_BYTES) != 0)
		return trouble_set(t, ST_VERSION, "bundle of a newer version");
	if (file.len > BUNDLE_BYTES_MAX)
		return trouble_set(t, ST_LIMIT, "bundle of %zu bytes", file.len);
	return ST_OK;
}

static status
check_sum(struct span file, const struct checks *checks, struct trouble *t)
{
	struct span all;
	struct hash32 sum;

	if (file.len < BUNDLE_HEAD_BYTES + BUNDLE_TAIL_BYTES)
		return trouble_set(t, ST_HASH, "bundle damaged: it is cut short");
	all = span_of(file.bytes, file.len - SUM_BYTES);
	checks->hash(checks->ctx, LABEL_BUNDLE_SUM, &all, 1, &sum);
	if (memcmp(sum.bytes, file.bytes + all.len, SUM_BYTES) != 0)
		return trouble_set(t, ST_HASH, "bundle damaged: its sum is another");
	return ST_OK;
}

static void
read_frame(struct bundle *b, struct span file)
{
	const uint8_t *at = file.bytes + LABEL_BYTES;

	memcpy(b->head.network.bytes, at, sizeof b->head.network.bytes);
	b->head.writer = (struct author){get_u16(at + 16), get_u16(at + 18)};
	b->head.time_s = get_u64(at + 20);
	b->signed_bytes = span_of(file.bytes, file.len - BUNDLE_TAIL_BYTES);
	memcpy(b->signature.bytes, file.bytes + b->signed_bytes.len, SIGNATURE_BYTES);
	b->rest = span_of(file.bytes + BUNDLE_HEAD_BYTES,
	    file.len - BUNDLE_HEAD_BYTES - BUNDLE_TAIL_BYTES);
}

/* --- order ------------------------------------------------------------------- */

/* Sections ascend by this; only batches may be equal. */
static uint64_t
order_of(const struct bundle_section *s)
{
	uint64_t kind = (uint64_t)s->kind << 32;

	switch (s->kind) {
	case BUNDLE_LOG:
		return kind | s->log.space;
	case BUNDLE_KEYS:
		return kind | s->keys.space;
	case BUNDLE_BATCH:
		return kind;
	case BUNDLE_STATE:
		return kind | (uint64_t)s->state.space << 16 | s->state.scope;
	}
	return 0;
}

static status
check_sections(struct bundle *b, const struct checks *checks, struct arena *rows,
    struct arena *scratch, struct trouble *t)
{
	struct reader r = reader_of(b->rest);
	struct bundle_section s;
	uint64_t last = 0;
	status st = ST_OK;

	while (st == ST_OK && r.left > 0) {
		arena_reset(rows);
		st = bundle_take_section(&r, rows, &s, t);
		if (st != ST_OK)
			return st;
		if (order_of(&s) < last ||
		    (order_of(&s) == last && s.kind != BUNDLE_BATCH))
			return trouble_set(
			    t, ST_MALFORMED, "bundle: sections not ascending");
		last = order_of(&s);
		st = bundle_check_section(&b->head, &s, checks, scratch, t);
		b->n_left++;
	}
	if (st == ST_OK && b->n_left == 0)
		return trouble_set(t, ST_MALFORMED, "bundle without a section");
	return st;
}

/* --- reading ----------------------------------------------------------------- */

status
bundle_open(
    struct bundle *b, struct span file, const struct checks *checks, struct trouble *t)
{
	struct arena *rows = NULL;
	struct arena *scratch = NULL;
	status st;

	memset(b, 0, sizeof *b);
	st = check_magic(file, t);
	if (st == ST_OK)
		st = check_sum(file, checks, t);
	if (st != ST_OK)
		return st;
	read_frame(b, file);
	rows = arena_new(0);
	scratch = arena_new(0);
	if (rows == NULL || scratch == NULL)
		st = trouble_set(t, ST_NO_MEMORY, "bundle");
	else
		st = check_sections(b, checks, rows, scratch, t);
	arena_free(rows);
	arena_free(scratch);
	if (st != ST_OK)
		memset(b, 0, sizeof *b);
	return st;
}

status
bundle_next(
    struct bundle *b, struct arena *a, struct bundle_section *out, struct trouble *t)
{
	struct reader r = reader_of(b->rest);
	status st;

	assert(b->n_left > 0);
	st = bundle_take_section(&r, a, out, t);
	if (st != ST_OK)
		return st;
	b->rest = span_of(r.at, r.left);
	b->n_left--;
	return ST_OK;
}

status
bundle_verify(const struct bundle *b, const struct sign_pk *pk,
    const struct checks *checks, struct trouble *t)
{
	if (!checks->verify(checks->ctx, pk, b->signed_bytes, &b->signature))
		return trouble_set(
		    t, ST_SIGNATURE, "the bundle is not signed by the device it names");
	return ST_OK;
}
