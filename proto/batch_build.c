/* batch_build.c - from sealed ops to a signed batch: collects the dictionaries, writes,
 * hashes, signs. Pure. */
#include <assert.h>
#include <stdlib.h>

#include "proto/batch_codec.h"
#include "proto/op_codec.h"

enum { ID_BYTES = 16 };

/* An ascending set of ids of 16 bytes. */
struct id_set {
	uint8_t *ids;
	size_t n;
	size_t max;
};

/* False when the set is full. */
static bool
id_set_add(struct id_set *set, const uint8_t id[static ID_BYTES])
{
	size_t low = 0, high = set->n;
	uint8_t *place;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(set->ids + middle * ID_BYTES, id, ID_BYTES);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (set->n == set->max)
		return false;
	place = set->ids + low * ID_BYTES;
	memmove(place + ID_BYTES, place, (set->n - low) * ID_BYTES);
	memcpy(place, id, ID_BYTES);
	set->n++;
	return true;
}

static int
compare_dots(const void *a, const void *b)
{
	const struct dot *x = a, *y = b;
	int order = memcmp(x->batch.bytes, y->batch.bytes, sizeof x->batch.bytes);

	return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* Gives the op a copy of its dots in wire order: references ascend like short ids. */
static status
sort_dots(struct op *o, struct arena *a, struct trouble *t)
{
	struct dot *dots;

	if (o->n_dots == 0)
		return ST_OK;
	dots = arena_alloc(a, o->n_dots * sizeof *dots);
	if (dots == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no room for its dots");
	memcpy(dots, o->dots, o->n_dots * sizeof *dots);
	qsort(dots, o->n_dots, sizeof *dots, compare_dots);
	for (size_t i = 1; i < o->n_dots; i++) {
		if (dot_equal(&dots[i - 1], &dots[i]))
			return trouble_set(t, ST_MALFORMED, "the same dot twice");
	}
	o->dots = dots;
	return ST_OK;
}

static status
prepare_op(struct op *o, struct id_set *refs, struct id_set *subjects, struct arena *a,
    struct trouble *t)
{
	const char *fault = op_fault(o);
	status st;

	if (o->n_dots > OP_DOTS_MAX)
		return trouble_set(t, ST_LIMIT, "%zu dots", o->n_dots);
	if (fault != NULL)
		return trouble_set(t, ST_MALFORMED, "%s", fault);
	st = sort_dots(o, a, t);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < o->n_dots; i++) {
		if (!id_set_add(refs, o->dots[i].batch.bytes))
			return trouble_set(t, ST_LIMIT, "too many batches referenced");
	}
	if (o->has_subject && !id_set_add(subjects, o->subject.bytes))
		return trouble_set(t, ST_LIMIT, "too many subjects");
	return ST_OK;
}

/* Checks and sorts all ops and sets the dictionaries; *len: bytes of the whole batch. */
static status
prepare(struct batch *b, struct arena *a, size_t *len, struct trouble *t)
{
	struct id_set refs = {
	    arena_alloc(a, (size_t)BATCH_REFS_MAX * ID_BYTES), 0, BATCH_REFS_MAX};
	struct id_set subjects = {
	    arena_alloc(a, (size_t)BATCH_SUBJECTS_MAX * ID_BYTES), 0, BATCH_SUBJECTS_MAX};

	if (refs.ids == NULL || subjects.ids == NULL)
		return trouble_set(t, ST_NO_MEMORY, "batch: no room for dictionaries");
	*len = BATCH_HEADER_BYTES + sizeof b->signature.bytes + (b->n_ops + 7) / 8;
	for (size_t i = 0; i < b->n_ops; i++) {
		status st = prepare_op(&b->ops[i], &refs, &subjects, a, t);

		if (st != ST_OK) {
			(void)trouble_wrap(t, "op %zu", i);
			return st;
		}
		*len += op_wire_bytes(&b->ops[i]);
	}
	*len += ID_BYTES * (refs.n + subjects.n);
	if (*len > batch_bytes_max(b->n_ops))
		return trouble_set(t, ST_LIMIT, "batch: %zu bytes", *len);
	b->n_refs = refs.n;
	b->refs = (const struct short_id *)(const void *)refs.ids;
	b->n_subjects = subjects.n;
	b->subjects = (const struct tag *)(const void *)subjects.ids;
	return ST_OK;
}

static void
put_header(struct batch *b, struct writer *w)
{
	writer_u8(w, BATCH_FORMAT);
	writer_u16(w, b->space);
	writer_u16(w, b->home);
	writer_u16(w, b->device);
	writer_u16(w, b->scope);
	writer_u16(w, b->epoch);
	writer_u16(w, b->head);
	writer_bytes(w, b->head_check, sizeof b->head_check);
	writer_bytes(w, b->nonce, sizeof b->nonce);
	writer_bytes(w, b->prev.bytes, sizeof b->prev.bytes);
	writer_u8(w, (uint8_t)(b->n_ops - 1));
	writer_u16(w, (uint16_t)b->n_refs);
	writer_u16(w, (uint16_t)b->n_subjects);
	assert(w->is_full || w->used == BATCH_HEADER_BYTES);
	writer_bytes(w, b->refs, b->n_refs * ID_BYTES);
	writer_bytes(w, b->subjects, b->n_subjects * ID_BYTES);
	b->header = writer_done(w);
}

/* Bits of all ops set, those of none zero. */
static void
put_full_bitmap(size_t n, struct writer *w)
{
	for (; n >= 8; n -= 8)
		writer_u8(w, 0xff);
	if (n > 0)
		writer_u8(w, (uint8_t)((1u << n) - 1));
}

static void
put_ops(struct batch *b, const struct checks *checks, struct writer *w)
{
	for (size_t i = 0; i < b->n_ops; i++) {
		struct op *o = &b->ops[i];
		size_t from = w->used;

		op_encode(o, b, w);
		o->is_present = true;
		o->wire = span_of(w->at + from, w->used - from);
		op_hash_of(o->wire, checks, &o->hash);
	}
}

status
batch_build(struct batch *b, const struct batch_context *context,
    const struct batch_signer *signer, const struct checks *checks, struct arena *a,
    struct span *wire, struct batch_id *id, struct trouble *t)
{
	struct writer w;
	struct span m;
	uint8_t *room;
	size_t len = 0, signature_at;
	status st;

	if (b->n_ops == 0 || b->n_ops > BATCH_OPS_MAX)
		return trouble_set(t, ST_LIMIT, "batch: %zu ops", b->n_ops);
	assert(b->epoch > 0);
	st = prepare(b, a, &len, t);
	if (st != ST_OK)
		return st;
	room = arena_alloc(a, len);
	if (room == NULL)
		return trouble_set(t, ST_NO_MEMORY, "batch: no room for %zu bytes", len);
	w = writer_of(room, len);
	put_header(b, &w);
	signature_at = w.used;
	writer_zeros(&w, sizeof b->signature.bytes);
	put_full_bitmap(b->n_ops, &w);
	put_ops(b, checks, &w);
	assert(!w.is_full && w.used == len);

	st = batch_signed_string(b, context, a, &m, t);
	if (st != ST_OK)
		return st;
	signer->sign(signer->ctx, m, &b->signature);
	memcpy(room + signature_at, b->signature.bytes, sizeof b->signature.bytes);
	batch_id_of(m, &b->signature, checks, id);
	*wire = writer_done(&w);
	return ST_OK;
}
