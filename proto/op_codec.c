/* op_codec.c - one op on the wire. Pure. */
#include "proto/op_codec.h"

#include <assert.h>

#include "crypto/labels.h"

/* The first byte (spec/ops.md 4). */
enum {
	TYPE_MASK = 0x03,
	CLASS_SHIFT = 2,
	CLASS_MASK = 0x03,
	HAS_SUBJECT = 0x10,
	HAS_DOTS = 0x20,
	IS_LONG = 0x40, /* the length has three bytes, since two cannot say it */
	RESERVED_MASK = 0x80
};

static bool
is_long(const struct op *o)
{
	return o->body.len > OP_BODY_BYTES_MAX;
}

size_t
op_wire_bytes(const struct op *o)
{
	return 3 + (size_t)is_long(o) +
	       (o->type == OP_WRITE ? sizeof o->record.bytes : 0) +
	       (o->has_subject ? 1 : 0) + (o->n_dots > 0 ? 1 + 2 * o->n_dots : 0) +
	       o->body.len;
}

void
op_hash_of(struct span wire, const struct checks *checks, struct op_hash *out)
{
	struct hash32 h;

	checks->hash(checks->ctx, LABEL_OP_HASH, &wire, 1, &h);
	memcpy(out->bytes, h.bytes, sizeof out->bytes);
}

static const char *
body_fault(const struct op *o)
{
	if (o->body.len < OP_BODY_BYTES_MIN || o->body.len > OP_LONG_BODY_BYTES_MAX)
		return "length of the body";
	return NULL;
}

const char *
op_fault(const struct op *o)
{
	if (o->n_dots > OP_DOTS_MAX)
		return "too many dots";
	switch (o->type) {
	case OP_WRITE:
		if (o->retention == RETAIN_NONE)
			return "a write without a class";
		return body_fault(o);
	case OP_ERASE:
		if (o->retention != RETAIN_NONE)
			return "an erase with a class";
		if (!o->has_subject)
			return "an erase without a subject";
		if (o->n_dots > 0)
			return "an erase with dots";
		return o->body.len > 0 ? "an erase with a body" : NULL;
	}
	return "unknown type";
}

/* --- reading ----------------------------------------------------------------- */

static status
take_flags(
    struct reader *r, struct op *o, bool *has_dots, bool *has_long, struct trouble *t)
{
	uint8_t flags;

	if (reader_u8(r, &flags) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "cut short");
	if ((flags & RESERVED_MASK) != 0)
		return trouble_set(t, ST_MALFORMED, "reserved bits");
	o->type = (enum op_type)(flags & TYPE_MASK);
	o->retention = (enum retention)((flags >> CLASS_SHIFT) & CLASS_MASK);
	o->has_subject = (flags & HAS_SUBJECT) != 0;
	*has_dots = (flags & HAS_DOTS) != 0;
	*has_long = (flags & IS_LONG) != 0;
	if (o->type != OP_WRITE && o->type != OP_ERASE)
		return trouble_set(t, ST_MALFORMED, "unknown type");
	if (o->type == OP_ERASE && *has_dots)
		return trouble_set(t, ST_MALFORMED, "an erase with dots");
	return ST_OK;
}

/* Two bytes, or three for what two may not say: one length has one form. */
static status
take_length(struct reader *r, struct op *o, bool has_long, struct trouble *t)
{
	uint8_t high = 0;
	uint16_t low = 0;

	if ((has_long && reader_u8(r, &high) != ST_OK) || reader_u16(r, &low) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "cut short");
	o->body.len = (size_t)high << 16 | low;
	if (is_long(o) != has_long)
		return trouble_set(t, ST_MALFORMED, "length of the body");
	return ST_OK;
}

static status
take_subject(struct reader *r, const struct batch *b, struct op *o, struct trouble *t)
{
	uint8_t index;

	if (!o->has_subject)
		return ST_OK;
	if (reader_u8(r, &index) != ST_OK || index >= b->n_subjects)
		return trouble_set(t, ST_MALFORMED, "subject outside the dictionary");
	o->subject = b->subjects[index];
	return ST_OK;
}

static status
take_dots(struct reader *r, const struct batch *b, struct arena *a, struct op *o,
    struct trouble *t)
{
	struct span raw;
	struct dot *dots;
	uint8_t less_one;
	unsigned last = 0;

	if (reader_u8(r, &less_one) != ST_OK ||
	    reader_span(r, 2 * ((uint64_t)less_one + 1), &raw) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "cut short");
	dots = arena_zeros(a, raw.len / 2, sizeof *dots);
	if (dots == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no room for its dots");
	for (size_t i = 0; i < raw.len / 2; i++) {
		unsigned both = get_u16(raw.bytes + 2 * i);
		unsigned reference = both >> 8;

		if (reference >= b->n_refs)
			return trouble_set(t, ST_MALFORMED, "dot outside the dictionary");
		if (i > 0 && both <= last)
			return trouble_set(t, ST_MALFORMED, "dots not ascending");
		dots[i] = (struct dot){b->refs[reference], (uint8_t)both};
		last = both;
	}
	o->n_dots = raw.len / 2;
	o->dots = dots;
	return ST_OK;
}

static status
take_op(struct reader *r, const struct batch *b, struct arena *a, struct op *o,
    struct trouble *t)
{
	bool has_dots = false, has_long = false;
	const char *fault;
	status st = take_flags(r, o, &has_dots, &has_long, t);

	if (st == ST_OK)
		st = take_length(r, o, has_long, t);
	if (st != ST_OK)
		return st;
	fault = op_fault(o);
	if (fault != NULL)
		return trouble_set(t, ST_MALFORMED, "%s", fault);
	if (o->type == OP_WRITE &&
	    reader_copy(r, o->record.bytes, sizeof o->record.bytes) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "cut short");
	st = take_subject(r, b, o, t);
	if (st == ST_OK && has_dots)
		st = take_dots(r, b, a, o, t);
	if (st == ST_OK && reader_span(r, o->body.len, &o->body) != ST_OK)
		return trouble_set(t, ST_MALFORMED, "body cut short");
	return st;
}

status
op_decode(struct reader *r, const struct batch *b, const struct checks *checks,
    struct arena *a, struct op *out, struct trouble *t)
{
	const uint8_t *begin = r->at;
	status st;

	*out = (struct op){.is_present = true};
	st = take_op(r, b, a, out, t);
	if (st != ST_OK)
		return st;
	out->wire = span_of(begin, (size_t)(r->at - begin));
	op_hash_of(out->wire, checks, &out->hash);
	return ST_OK;
}

/* --- writing ----------------------------------------------------------------- */

static uint8_t
reference_of(const struct batch *b, const struct short_id *id)
{
	size_t i = 0;

	while (i < b->n_refs && !ID_EQUAL(&b->refs[i], id))
		i++;
	assert(i < b->n_refs);
	return (uint8_t)i;
}

static uint8_t
subject_of(const struct batch *b, const struct tag *subject)
{
	size_t i = 0;

	while (i < b->n_subjects && !ID_EQUAL(&b->subjects[i], subject))
		i++;
	assert(i < b->n_subjects);
	return (uint8_t)i;
}

static void
put_dots(const struct op *o, const struct batch *b, struct writer *w)
{
	writer_u8(w, (uint8_t)(o->n_dots - 1));
	for (size_t i = 0; i < o->n_dots; i++) {
		writer_u8(w, reference_of(b, &o->dots[i].batch));
		writer_u8(w, o->dots[i].index);
	}
}

void
op_encode(const struct op *o, const struct batch *b, struct writer *w)
{
	unsigned flags = (unsigned)o->type | (unsigned)o->retention << CLASS_SHIFT |
			 (o->has_subject ? HAS_SUBJECT : 0) |
			 (o->n_dots > 0 ? HAS_DOTS : 0) | (is_long(o) ? IS_LONG : 0);

	assert(op_fault(o) == NULL);
	writer_u8(w, (uint8_t)flags);
	if (is_long(o))
		writer_u8(w, (uint8_t)(o->body.len >> 16));
	writer_u16(w, (uint16_t)o->body.len);
	if (o->type == OP_WRITE)
		writer_bytes(w, o->record.bytes, sizeof o->record.bytes);
	if (o->has_subject)
		writer_u8(w, subject_of(b, &o->subject));
	if (o->n_dots > 0)
		put_dots(o, b, w);
	writer_span(w, o->body);
}
