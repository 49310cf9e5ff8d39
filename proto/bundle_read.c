/* bundle_read.c - the layout of a bundle's sections (spec/bundle.md 2). Pure. */
#include <assert.h>

#include "proto/bundle_parts.h"

_Static_assert(sizeof(struct batch_id) == 32, "read as an array of bytes");
_Static_assert(sizeof(struct tag) == 16, "read as an array of bytes");
_Static_assert(sizeof(struct bundle_doa) == 33, "read as an array of bytes");

static status
cut_short(const char *what, struct trouble *t)
{
	return trouble_set(t, ST_MALFORMED, "bundle: %s cut short", what);
}

/* --- rows and items ---------------------------------------------------------- */

/* A number u32 of things that take at least `least` bytes each. */
static status
take_count(
    struct reader *r, size_t least, const char *what, size_t *out, struct trouble *t)
{
	uint32_t n = 0;

	if (reader_u32(r, &n) != ST_OK || n > r->left / least)
		return cut_short(what, t);
	*out = n;
	return ST_OK;
}

/* A number u32 of rows of one width, strictly ascending by their first `key` bytes. */
static status
take_rows(struct reader *r, size_t width, size_t key, const char *what, size_t *n,
    const uint8_t **rows, struct trouble *t)
{
	struct span all = {0};
	status st = take_count(r, width, what, n, t);

	if (st != ST_OK)
		return st;
	if (reader_span(r, *n * width, &all) != ST_OK)
		return cut_short(what, t);
	for (size_t i = 1; i < *n; i++) {
		const uint8_t *row = all.bytes + i * width;

		if (memcmp(row - width, row, key) >= 0)
			return trouble_set(
			    t, ST_MALFORMED, "bundle: %s not ascending", what);
	}
	*rows = all.bytes;
	return ST_OK;
}

/* A length u32 and so many bytes. */
static status
take_item(struct reader *r, const char *what, struct span *out, struct trouble *t)
{
	uint32_t len = 0;

	if (reader_u32(r, &len) != ST_OK || reader_span(r, len, out) != ST_OK)
		return cut_short(what, t);
	return ST_OK;
}

static status
no_room(const char *what, struct trouble *t)
{
	return trouble_set(t, ST_NO_MEMORY, "bundle: no room for %s", what);
}

/* --- sections ---------------------------------------------------------------- */

static status
take_log(struct reader *r, struct arena *a, struct bundle_log *out, struct trouble *t)
{
	struct span *records;
	status st;

	if (reader_u16(r, &out->space) != ST_OK || reader_u32(r, &out->from) != ST_OK)
		return cut_short("log", t);
	st = take_count(r, 4, "log", &out->n, t);
	if (st == ST_OK && (out->n == 0 || out->n > LOG_RECORDS_MAX ||
			       out->from > LOG_RECORDS_MAX - out->n))
		st = trouble_set(t, ST_MALFORMED, "bundle: log of %zu records from %u",
		    out->n, (unsigned)out->from);
	if (st != ST_OK)
		return st;
	records = arena_zeros(a, out->n, sizeof *records);
	if (records == NULL)
		return no_room("log", t);
	for (size_t i = 0; st == ST_OK && i < out->n; i++)
		st = take_item(r, "log record", &records[i], t);
	out->records = records;
	return st;
}

static status
take_lists(struct reader *r, struct arena *a, struct key_rows *out, struct trouble *t)
{
	struct list_row *lists;
	status st = take_count(r, 8, "box lists", &out->n_lists, t);

	if (st != ST_OK)
		return st;
	lists = arena_zeros(a, out->n_lists, sizeof *lists);
	if (lists == NULL)
		return no_room("box lists", t);
	for (size_t i = 0; st == ST_OK && i < out->n_lists; i++) {
		struct list_row *row = &lists[i];

		if (reader_u16(r, &row->position) != ST_OK ||
		    reader_u16(r, &row->scope) != ST_OK)
			return cut_short("box lists", t);
		st = take_item(r, "box list", &row->list, t);
		if (st == ST_OK && i > 0 &&
		    (row[-1].position > row->position ||
			(row[-1].position == row->position &&
			    row[-1].scope >= row->scope)))
			return trouble_set(
			    t, ST_MALFORMED, "bundle: box lists not ascending");
	}
	out->lists = lists;
	return st;
}

static status
take_boxes(struct reader *r, struct arena *a, struct key_rows *out, struct trouble *t)
{
	struct box_row *boxes;
	const uint8_t *rows = NULL;
	status st = take_rows(r, BUNDLE_BOX_ROW_BYTES, BUNDLE_BOX_ROW_BYTES, "key boxes",
	    &out->n_boxes, &rows, t);

	if (st != ST_OK)
		return st;
	boxes = arena_zeros(a, out->n_boxes, sizeof *boxes);
	if (boxes == NULL)
		return no_room("key boxes", t);
	for (size_t i = 0; st == ST_OK && i < out->n_boxes; i++) {
		const uint8_t *row = rows + i * BUNDLE_BOX_ROW_BYTES;

		boxes[i] = (struct box_row){.position = get_u16(row),
		    .space = get_u16(row + 2),
		    .scope = get_u16(row + 4),
		    .epoch = get_u16(row + 6),
		    .box = span_of(row + 8, KEY_BOX_BYTES)};
	}
	out->boxes = boxes;
	return st;
}

static status
take_wraps(struct reader *r, struct arena *a, struct key_rows *out, struct trouble *t)
{
	struct wrap_row *wraps;
	const uint8_t *rows = NULL;
	status st = take_rows(r, BUNDLE_WRAP_ROW_BYTES, BUNDLE_WRAP_ROW_BYTES,
	    "wrapped seeds", &out->n_wraps, &rows, t);

	if (st != ST_OK)
		return st;
	wraps = arena_zeros(a, out->n_wraps, sizeof *wraps);
	if (wraps == NULL)
		return no_room("wrapped seeds", t);
	for (size_t i = 0; st == ST_OK && i < out->n_wraps; i++) {
		const uint8_t *row = rows + i * BUNDLE_WRAP_ROW_BYTES;

		wraps[i] = (struct wrap_row){.scope = get_u16(row),
		    .epoch = get_u16(row + 2),
		    .wrap = span_of(row + 4, WRAPPED_SEED_BYTES)};
	}
	out->wraps = wraps;
	return st;
}

static status
take_keys(struct reader *r, struct arena *a, struct bundle_keys *out, struct trouble *t)
{
	status st;

	if (reader_u16(r, &out->space) != ST_OK)
		return cut_short("keys", t);
	st = take_lists(r, a, &out->rows, t);
	if (st == ST_OK)
		st = take_boxes(r, a, &out->rows, t);
	if (st == ST_OK)
		st = take_wraps(r, a, &out->rows, t);
	if (st == ST_OK && out->rows.n_lists + out->rows.n_boxes + out->rows.n_wraps == 0)
		return trouble_set(t, ST_MALFORMED, "bundle: keys without a row");
	return st;
}

static status
take_state_batches(
    struct reader *r, struct arena *a, struct bundle_state *out, struct trouble *t)
{
	struct bundle_state_batch *batches;
	status st = take_count(r, 8, "batches", &out->n_batches, t);

	if (st != ST_OK)
		return st;
	batches = arena_zeros(a, out->n_batches, sizeof *batches);
	if (batches == NULL)
		return no_room("batches", t);
	for (size_t i = 0; st == ST_OK && i < out->n_batches; i++) {
		uint32_t id = 0;

		if (reader_u32(r, &id) != ST_OK)
			return cut_short("batches", t);
		if (id >= out->n_ids || (i > 0 && id <= batches[i - 1].id))
			return trouble_set(t, ST_MALFORMED,
			    "bundle: batch of a state under id %u", (unsigned)id);
		batches[i].id = id;
		st = take_item(r, "batch of a state", &batches[i].wire, t);
	}
	out->batches = batches;
	return st;
}

/* Ids ascend by their short form, so that no two batches share one. */
static status
take_state(struct reader *r, struct arena *a, struct bundle_state *out, struct trouble *t)
{
	const uint8_t *ids = NULL, *graves = NULL, *doa = NULL;
	status st;

	if (reader_u16(r, &out->space) != ST_OK || reader_u16(r, &out->scope) != ST_OK)
		return cut_short("state", t);
	st = take_rows(r, sizeof *out->ids, sizeof(struct short_id), "ids of a state",
	    &out->n_ids, &ids, t);
	if (st == ST_OK && out->n_ids == 0)
		return trouble_set(t, ST_MALFORMED, "bundle: state without a batch");
	if (st == ST_OK)
		st = take_state_batches(r, a, out, t);
	if (st == ST_OK)
		st = take_rows(r, sizeof *out->graves, sizeof *out->graves,
		    "graves of a state", &out->n_graves, &graves, t);
	if (st == ST_OK)
		st = take_rows(r, sizeof *out->doa, sizeof *out->doa, "doa of a state",
		    &out->n_doa, &doa, t);
	out->ids = (const struct batch_id *)ids;
	out->graves = (const struct tag *)graves;
	out->doa = (const struct bundle_doa *)doa;
	return st;
}

status
bundle_take_section(
    struct reader *r, struct arena *a, struct bundle_section *out, struct trouble *t)
{
	uint8_t kind = 0;
	struct span payload = {0};
	struct reader in;
	status st = ST_OK;

	memset(out, 0, sizeof *out);
	if (reader_u8(r, &kind) != ST_OK)
		return cut_short("section", t);
	st = take_item(r, "section", &payload, t);
	if (st != ST_OK)
		return st;
	in = reader_of(payload);
	out->kind = (enum bundle_kind)kind;
	switch (out->kind) {
	case BUNDLE_LOG:
		st = take_log(&in, a, &out->log, t);
		break;
	case BUNDLE_KEYS:
		st = take_keys(&in, a, &out->keys, t);
		break;
	case BUNDLE_BATCH:
		out->batch = payload;
		return ST_OK;
	case BUNDLE_STATE:
		st = take_state(&in, a, &out->state, t);
		break;
	default:
		return trouble_set(t, ST_MALFORMED, "bundle: section of kind %u", kind);
	}
	if (st == ST_OK && reader_end(&in) != ST_OK)
		return trouble_set(
		    t, ST_MALFORMED, "bundle: bytes behind the rows of a section");
	return st;
}
