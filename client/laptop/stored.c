/* stored.c - rows of dirty entries and history to structs and back. Pure. */
#include "client/laptop/stored.h"

#include "base/reader.h"
#include "base/writer.h"

enum { ENTRY_FIXED_BYTES = 76, SEEN_BYTES = 17 };

struct span
stored_entry(const struct entry *e, struct arena *a)
{
	size_t cap = ENTRY_FIXED_BYTES + e->value.bytes.len;
	uint8_t *room = arena_alloc(a, cap);
	struct writer w = writer_of(room, cap);

	if (room == NULL)
		return span_of(NULL, 0);
	writer_u64(&w, e->name.agent);
	writer_u32(&w, e->name.index);
	writer_u16(&w, e->field);
	writer_u8(&w, e->has_key);
	writer_u64(&w, e->key);
	writer_u64(&w, e->time.seconds);
	writer_u32(&w, e->time.counter);
	writer_u16(&w, e->by.home);
	writer_u16(&w, e->by.device);
	writer_u8(&w, (uint8_t)e->value.type);
	writer_u64(&w, e->value.number);
	writer_u64(&w, e->value.parent.agent);
	writer_u32(&w, e->value.parent.index);
	writer_u8(&w, (uint8_t)e->value.side);
	writer_u32(&w, e->value.hollow);
	writer_span(&w, e->value.bytes);
	return writer_done(&w);
}

status
stored_entry_read(struct span blob, struct entry *out, struct trouble *t)
{
	struct reader r = reader_of(blob);
	uint8_t has_key = 0, type = 0, side = 0;

	memset(out, 0, sizeof *out);
	if (reader_u64(&r, &out->name.agent) != ST_OK ||
	    reader_u32(&r, &out->name.index) != ST_OK ||
	    reader_u16(&r, &out->field) != ST_OK || reader_u8(&r, &has_key) != ST_OK ||
	    reader_u64(&r, &out->key) != ST_OK ||
	    reader_u64(&r, &out->time.seconds) != ST_OK ||
	    reader_u32(&r, &out->time.counter) != ST_OK ||
	    reader_u16(&r, &out->by.home) != ST_OK ||
	    reader_u16(&r, &out->by.device) != ST_OK || reader_u8(&r, &type) != ST_OK ||
	    reader_u64(&r, &out->value.number) != ST_OK ||
	    reader_u64(&r, &out->value.parent.agent) != ST_OK ||
	    reader_u32(&r, &out->value.parent.index) != ST_OK ||
	    reader_u8(&r, &side) != ST_OK ||
	    reader_u32(&r, &out->value.hollow) != ST_OK || type > VALUE_SEEN ||
	    side > RUN_RIGHT)
		return trouble_set(
		    t, ST_CORRUPT, "a stored entry has %zu bytes", blob.len);
	out->has_key = has_key != 0;
	out->value.type = (enum value_type)type;
	out->value.side = (enum run_side)side;
	out->value.bytes = span_of(r.at, r.left);
	return ST_OK;
}

struct span
stored_seen(const struct seen_names *seen, size_t n, struct arena *a)
{
	uint8_t *room = arena_zeros(a, n, SEEN_BYTES);
	struct writer w = writer_of(room, n * SEEN_BYTES);

	for (size_t i = 0; room != NULL && i < n; i++) {
		writer_u64(&w, seen[i].agent);
		writer_u32(&w, seen[i].first);
		writer_u32(&w, seen[i].count);
		writer_u8(&w, seen[i].is_unsealed);
	}
	return room == NULL ? span_of(NULL, 0) : writer_done(&w);
}

status
stored_seen_read(struct span blob, struct arena *a, const struct seen_names **seen,
    size_t *n, struct trouble *t)
{
	struct reader r = reader_of(blob);
	struct seen_names *out;

	*n = blob.len / SEEN_BYTES;
	if (blob.len % SEEN_BYTES != 0)
		return trouble_set(
		    t, ST_CORRUPT, "stored names have %zu bytes", blob.len);
	out = arena_zeros(a, *n, sizeof *out);
	if (out == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for %zu names", *n);
	for (size_t i = 0; i < *n; i++) {
		uint8_t unsealed = 0;

		(void)reader_u64(&r, &out[i].agent);
		(void)reader_u32(&r, &out[i].first);
		(void)reader_u32(&r, &out[i].count);
		(void)reader_u8(&r, &unsealed);
		out[i].is_unsealed = unsealed != 0;
	}
	*seen = out;
	return ST_OK;
}
