/* batch_codec.c - header, dictionaries, bitmap and signed string of a batch. Pure. */
#include "proto/batch_codec.h"

#include <assert.h>

#include "crypto/labels.h"
#include "proto/op_codec.h"

enum { ID_BYTES = 16, HASH_BYTES = 32 };
_Static_assert(sizeof(struct short_id) == ID_BYTES, "read as an array of bytes");
_Static_assert(sizeof(struct tag) == ID_BYTES, "read as an array of bytes");

/* --- reading ----------------------------------------------------------------- */

/* n ids of 16 bytes, strictly ascending, copied into the arena. */
static status
take_dictionary(struct reader *r, size_t n, const char *what, struct arena *a, void **out,
    struct trouble *t)
{
	struct span raw;
	uint8_t *ids;

	if (reader_span(r, n * ID_BYTES, &raw) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "batch: %s cut short", what);
	for (size_t i = 1; i < n; i++) {
		const uint8_t *id = raw.bytes + i * ID_BYTES;

		if (memcmp(id - ID_BYTES, id, ID_BYTES) >= 0)
			return trouble_set(
			    t, ST_MALFORMED, "batch: %s not ascending", what);
	}
	*out = NULL;
	if (n == 0)
		return ST_OK;
	ids = arena_alloc(a, raw.len);
	if (ids == NULL)
		return trouble_set(t, ST_NO_MEMORY, "batch: no room for %s", what);
	memcpy(ids, raw.bytes, raw.len);
	*out = ids;
	return ST_OK;
}

/* The 56 bytes before the dictionaries. */
static status
take_fixed(struct reader *r, struct batch *b, struct trouble *t)
{
	struct span raw;
	const uint8_t *at;

	if (r->left > 0 && r->at[0] != BATCH_FORMAT)
		return trouble_set(t, ST_VERSION, "batch: format %u", r->at[0]);
	if (reader_span(r, BATCH_HEADER_BYTES, &raw) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "batch: header cut short");
	at = raw.bytes;
	b->space = get_u16(at + 1);
	b->home = get_u16(at + 3);
	b->device = get_u16(at + 5);
	b->scope = get_u16(at + 7);
	b->epoch = get_u16(at + 9);
	b->head = get_u16(at + 11);
	memcpy(b->head_check, at + 13, sizeof b->head_check);
	memcpy(b->nonce, at + 15, sizeof b->nonce);
	memcpy(b->prev.bytes, at + 35, sizeof b->prev.bytes);
	b->n_ops = (size_t)at[51] + 1;
	b->n_refs = get_u16(at + 52);
	b->n_subjects = get_u16(at + 54);
	if (b->epoch == 0)
		return trouble_set(t, ST_MALFORMED, "batch: epoch 0");
	if (b->n_refs > BATCH_REFS_MAX || b->n_subjects > BATCH_SUBJECTS_MAX)
		return trouble_set(t, ST_MALFORMED, "batch: %zu references, %zu subjects",
		    b->n_refs, b->n_subjects);
	return ST_OK;
}

static status
take_header(struct reader *r, struct arena *a, struct batch *b, struct trouble *t)
{
	const uint8_t *begin = r->at;
	void *refs = NULL, *subjects = NULL;
	status st = take_fixed(r, b, t);

	if (st == ST_OK)
		st = take_dictionary(r, b->n_refs, "references", a, &refs, t);
	if (st == ST_OK)
		st = take_dictionary(r, b->n_subjects, "subjects", a, &subjects, t);
	if (st != ST_OK)
		return st;
	b->refs = refs;
	b->subjects = subjects;
	b->header = span_of(begin, (size_t)(r->at - begin));
	return ST_OK;
}

status
batch_decode_header(
    struct span header, struct arena *a, struct batch *out, struct trouble *t)
{
	struct reader r = reader_of(header);
	status st;

	*out = (struct batch){0};
	st = take_header(&r, a, out, t);
	if (st == ST_OK && reader_end(&r) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "batch: bytes after the header");
	return st;
}

static size_t
bitmap_bytes(size_t n)
{
	return (n + 7) / 8;
}

/* Which ops are there: bit i % 8, from the lowest, of byte i / 8. */
static status
take_bitmap(struct reader *r, struct batch *b, size_t *n_present, struct trouble *t)
{
	struct span map;

	if (reader_span(r, bitmap_bytes(b->n_ops), &map) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "batch: bitmap cut short");
	*n_present = 0;
	for (size_t i = 0; i < 8 * map.len; i++) {
		bool is_set = (map.bytes[i / 8] >> i % 8 & 1) != 0;

		if (i < b->n_ops)
			b->ops[i].is_present = is_set;
		else if (is_set)
			return trouble_set(t, ST_MALFORMED, "batch: bit of no op");
		*n_present += is_set;
	}
	return ST_OK;
}

static status
take_ops(struct reader *r, const struct checks *checks, struct arena *a, struct batch *b,
    struct trouble *t)
{
	for (size_t i = 0; i < b->n_ops; i++) {
		struct op *o = &b->ops[i];
		status st = ST_OK;

		if (o->is_present)
			st = op_decode(r, b, checks, a, o, t);
		else if (reader_copy(r, o->hash.bytes, sizeof o->hash.bytes) != ST_OK)
			st = trouble_set(t, ST_MALFORMED, "hash cut short");
		if (st != ST_OK) {
			(void)trouble_wrap(t, "op %zu", i);
			return st;
		}
	}
	return ST_OK;
}

/* Position of an id that is known to be in an ascending dictionary. */
static size_t
place_in(const void *dictionary, size_t n, const uint8_t id[static ID_BYTES])
{
	const uint8_t *ids = dictionary;
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(ids + middle * ID_BYTES, id, ID_BYTES) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* With all ops there, every line of a dictionary must be named by one. */
static status
check_used(const struct batch *b, struct trouble *t)
{
	bool has_ref[BATCH_REFS_MAX] = {false};
	bool has_subject[BATCH_SUBJECTS_MAX] = {false};
	size_t refs = 0, subjects = 0;

	for (size_t i = 0; i < b->n_ops; i++) {
		const struct op *o = &b->ops[i];

		for (size_t k = 0; k < o->n_dots; k++)
			has_ref[place_in(b->refs, b->n_refs, o->dots[k].batch.bytes)] =
			    true;
		if (o->has_subject)
			has_subject[place_in(
			    b->subjects, b->n_subjects, o->subject.bytes)] = true;
	}
	for (size_t i = 0; i < b->n_refs; i++)
		refs += has_ref[i];
	for (size_t i = 0; i < b->n_subjects; i++)
		subjects += has_subject[i];
	if (refs < b->n_refs || subjects < b->n_subjects)
		return trouble_set(
		    t, ST_MALFORMED, "batch: dictionary entry without use");
	return ST_OK;
}

static status
take_batch(struct reader *r, enum batch_form form, const struct checks *checks,
    struct arena *a, struct batch *b, struct trouble *t)
{
	size_t wire_len = r->left;
	size_t n_present = 0;
	bool is_complete;
	status st = take_header(r, a, b, t);

	if (st != ST_OK)
		return st;
	if (reader_copy(r, b->signature.bytes, sizeof b->signature.bytes) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "batch: signature cut short");
	b->ops = arena_zeros(a, b->n_ops, sizeof *b->ops);
	if (b->ops == NULL)
		return trouble_set(
		    t, ST_NO_MEMORY, "batch: no room for %zu ops", b->n_ops);
	st = take_bitmap(r, b, &n_present, t);
	if (st != ST_OK)
		return st;
	is_complete = n_present == b->n_ops;
	if (form == BATCH_COMPLETE && !is_complete)
		return trouble_set(t, ST_MALFORMED, "batch: %zu of %zu ops missing",
		    b->n_ops - n_present, b->n_ops);
	if (is_complete && wire_len > batch_bytes_max(b->n_ops))
		return trouble_set(t, ST_LIMIT, "batch: %zu bytes", wire_len);
	st = take_ops(r, checks, a, b, t);
	if (st == ST_OK && is_complete)
		st = check_used(b, t);
	return st;
}

status
batch_decode(struct span wire, enum batch_form form, const struct checks *checks,
    struct arena *a, struct batch *out, struct trouble *t)
{
	struct reader r = reader_of(wire);
	size_t bytes_max = batch_bytes_max(batch_n_ops(wire));
	status st;

	if (form == BATCH_PRUNED && bytes_max < BATCH_PRUNED_BYTES_MAX)
		bytes_max = BATCH_PRUNED_BYTES_MAX;
	*out = (struct batch){0};
	if (wire.len > bytes_max)
		return trouble_set(t, ST_LIMIT, "batch: %zu bytes", wire.len);
	st = take_batch(&r, form, checks, a, out, t);
	if (st == ST_OK && reader_end(&r) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "batch: bytes after the last op");
	return st;
}

/* --- signed string and id ---------------------------------------------------- */

status
batch_signed_string(const struct batch *b, const struct batch_context *context,
    struct arena *a, struct span *m, struct trouble *t)
{
	const size_t len =
	    sizeof LABEL_BATCH + sizeof *context + b->header.len + b->n_ops * HASH_BYTES;
	uint8_t *room = arena_alloc(a, len);
	struct writer w = writer_of(room, room == NULL ? 0 : len);

	if (room == NULL)
		return trouble_set(
		    t, ST_NO_MEMORY, "batch: no room for its signed string");
	writer_bytes(&w, LABEL_BATCH, sizeof LABEL_BATCH);
	writer_bytes(&w, context->network.bytes, sizeof context->network.bytes);
	writer_bytes(&w, context->space.text, sizeof context->space.text);
	writer_bytes(&w, context->scope.bytes, sizeof context->scope.bytes);
	writer_bytes(&w, context->device.bytes, sizeof context->device.bytes);
	writer_bytes(&w, context->home_head.bytes, sizeof context->home_head.bytes);
	writer_span(&w, b->header);
	for (size_t i = 0; i < b->n_ops; i++)
		writer_bytes(&w, b->ops[i].hash.bytes, HASH_BYTES);
	assert(!w.is_full && w.used == len);
	*m = writer_done(&w);
	return ST_OK;
}

void
batch_id_of(struct span m, const struct signature *signature, const struct checks *checks,
    struct batch_id *out)
{
	const struct span parts[2] = {
	    span_of(m.bytes + sizeof LABEL_BATCH, m.len - sizeof LABEL_BATCH),
	    span_of(signature->bytes, sizeof signature->bytes),
	};
	struct hash32 h;

	assert(m.len > sizeof LABEL_BATCH);
	checks->hash(checks->ctx, LABEL_BATCH_ID, parts, 2, &h);
	memcpy(out->bytes, h.bytes, sizeof out->bytes);
}

status
batch_verify(const struct batch *b, const struct batch_context *context,
    const struct sign_pk *pk, const struct checks *checks, struct arena *a,
    struct batch_id *id, struct trouble *t)
{
	struct span m;
	status st = batch_signed_string(b, context, a, &m, t);

	if (st != ST_OK)
		return st;
	batch_id_of(m, &b->signature, checks, id);
	if (!checks->verify(checks->ctx, pk, m, &b->signature))
		return trouble_set(t, ST_SIGNATURE, "batch: signature does not verify");
	return ST_OK;
}

/* --- writing ----------------------------------------------------------------- */

size_t
batch_n_ops(struct span wire)
{
	return wire.len < BATCH_HEADER_BYTES ? 0 : (size_t)wire.bytes[51] + 1;
}

size_t
batch_wire_bytes(const struct batch *b)
{
	size_t len = b->header.len + sizeof b->signature.bytes + bitmap_bytes(b->n_ops);

	for (size_t i = 0; i < b->n_ops; i++)
		len += b->ops[i].is_present ? b->ops[i].wire.len : HASH_BYTES;
	return len;
}

static void
put_bitmap(const struct batch *b, struct writer *w)
{
	for (size_t i = 0; i < b->n_ops; i += 8) {
		unsigned bits = 0;

		for (size_t k = 0; k < 8 && i + k < b->n_ops; k++)
			bits |= (b->ops[i + k].is_present ? 1u : 0u) << k;
		writer_u8(w, (uint8_t)bits);
	}
}

void
batch_write(const struct batch *b, struct writer *w)
{
	writer_span(w, b->header);
	writer_bytes(w, b->signature.bytes, sizeof b->signature.bytes);
	put_bitmap(b, w);
	for (size_t i = 0; i < b->n_ops; i++) {
		const struct op *o = &b->ops[i];

		if (o->is_present)
			writer_span(w, o->wire);
		else
			writer_bytes(w, o->hash.bytes, HASH_BYTES);
	}
}
