/* steps_text.c - kept edits of texts as bytes and back.
 *
 * Bytes: format (1), count of what came, pieces, count of what went, pieces. A piece:
 * agent (8), index, characters, killer (8), flags (1), bytes of text, text. Counts and
 * lengths have 4 bytes. Other cells begin with the length of an entry, whose first byte
 * is 0. */
#include "client/laptop/steps_text.h"

#include "base/reader.h"
#include "base/writer.h"

enum { TEXT_FORMAT = 1, PIECE_FIXED_BYTES = 29, LIST_FIXED_BYTES = 4 };
enum { FLAG_GONE = 1, FLAG_UNWRITTEN = 2, FLAG_SHARED = 4 };

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a step");
}

/* ---- bytes ---- */

static size_t
list_bytes(const struct text_pieces *in)
{
	size_t n = LIST_FIXED_BYTES;

	for (size_t i = 0; i < in->n; i++)
		n += PIECE_FIXED_BYTES + in->items[i].text.len;
	return n;
}

static void
pack_list(struct writer *w, const struct text_pieces *in)
{
	writer_u32(w, (uint32_t)in->n);
	for (size_t i = 0; i < in->n; i++) {
		const struct text_piece *p = &in->items[i];

		writer_u64(w, p->first.agent);
		writer_u32(w, p->first.index);
		writer_u32(w, p->n);
		writer_u64(w, p->killer);
		writer_u8(w, (uint8_t)((p->is_gone ? FLAG_GONE : 0) |
				       (p->is_unwritten ? FLAG_UNWRITTEN : 0) |
				       (p->is_shared ? FLAG_SHARED : 0)));
		writer_u32(w, (uint32_t)p->text.len);
		writer_span(w, p->text);
	}
}

struct span
steps_text_pack(const struct text_kept *kept, struct arena *a)
{
	size_t len = 1 + list_bytes(&kept->came) + list_bytes(&kept->went);
	struct writer w = writer_of(arena_alloc(a, len), len);

	if (w.at == NULL)
		return span_of(NULL, 0);
	writer_u8(&w, TEXT_FORMAT);
	pack_list(&w, &kept->came);
	pack_list(&w, &kept->went);
	return writer_done(&w);
}

static bool
read_piece(struct reader *r, struct text_piece *p)
{
	uint32_t len = 0;
	uint8_t flags = 0;

	if (reader_u64(r, &p->first.agent) != ST_OK ||
	    reader_u32(r, &p->first.index) != ST_OK || reader_u32(r, &p->n) != ST_OK ||
	    reader_u64(r, &p->killer) != ST_OK || reader_u8(r, &flags) != ST_OK ||
	    reader_u32(r, &len) != ST_OK || reader_span(r, len, &p->text) != ST_OK)
		return false;
	p->is_gone = (flags & FLAG_GONE) != 0;
	p->is_unwritten = (flags & FLAG_UNWRITTEN) != 0;
	p->is_shared = (flags & FLAG_SHARED) != 0;
	return true;
}

static status
unpack_list(struct laptop *l, struct reader *r, struct arena *a, struct text_pieces *out)
{
	uint32_t n = 0;

	if (reader_u32(r, &n) != ST_OK || n > r->left / PIECE_FIXED_BYTES)
		return trouble_set(&l->trouble, ST_CORRUPT, "a kept text edit is cut");
	out->items = arena_zeros(a, n, sizeof *out->items);
	if (out->items == NULL)
		return no_memory(l);
	out->cap = n;
	for (; out->n < n; out->n++) {
		if (!read_piece(r, &out->items[out->n]))
			return trouble_set(
			    &l->trouble, ST_CORRUPT, "a kept text edit is cut");
	}
	return ST_OK;
}

bool
steps_text_is(struct span packed)
{
	return packed.len > 0 && packed.bytes[0] == TEXT_FORMAT;
}

status
steps_text_unpack(
    struct laptop *l, struct span packed, struct arena *a, struct text_kept *out)
{
	struct reader r;
	status st;

	out->came = out->went = (struct text_pieces){0};
	if (!steps_text_is(packed))
		return ST_OK;
	r = reader_of(span_of(packed.bytes + 1, packed.len - 1));
	st = unpack_list(l, &r, a, &out->came);
	return st != ST_OK ? st : unpack_list(l, &r, a, &out->went);
}

/* ---- rows ---- */

#define OF_PLACE                                                                         \
	" FROM r_step_cell WHERE step IN (SELECT id FROM r_step UNION ALL SELECT ?1) "   \
	"AND"                                                                            \
	" record = ?2 AND field = ?3 AND key = x''"

static void
bind_place(struct query *q, int64_t open_step, int64_t rid, uint16_t field)
{
	query_int(q, open_step);
	query_int(q, rid);
	query_int(q, field);
}

status
steps_text_load(struct laptop *l, struct arena *a, int64_t rid, uint16_t field,
    int64_t open_step, struct text_steps *out)
{
	struct query *q = query_of(l->queries, "SELECT count(*)" OF_PLACE);
	size_t cap;
	status st, end;

	*out = (struct text_steps){0};
	bind_place(q, open_step, rid, field);
	cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	out->steps = arena_zeros(a, cap, sizeof *out->steps);
	out->kept = arena_zeros(a, cap, sizeof *out->kept);
	if (st != ST_OK || out->steps == NULL || out->kept == NULL)
		return st != ST_OK ? st : no_memory(l);
	q = query_of(
	    l->queries, "SELECT step, is_undone, past" OF_PLACE " ORDER BY step");
	bind_place(q, open_step, rid, field);
	while (st == ST_OK && out->n < cap && query_row(q)) {
		out->steps[out->n] = query_column_int(q, 0);
		out->kept[out->n].is_undone = query_column_int(q, 1) != 0;
		st = steps_text_unpack(
		    l, arena_copy(a, query_column_span(q, 2)), a, &out->kept[out->n]);
		out->n++;
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
steps_text_store(struct laptop *l, struct arena *a, int64_t step, int64_t rid,
    uint16_t field, const struct text_kept *kept)
{
	struct span packed = steps_text_pack(kept, a);
	struct query *q = query_of(l->queries,
	    "INSERT OR REPLACE INTO r_step_cell VALUES(?, ?, ?, x'', ?, x'', ?, x'')");

	if (packed.bytes == NULL)
		return no_memory(l);
	query_int(q, step);
	query_int(q, rid);
	query_int(q, field);
	query_int(q, kept->is_undone);
	query_span(q, packed);
	return query_run(q, &l->trouble);
}

status
steps_text_store_all(struct laptop *l, struct arena *a, int64_t rid, uint16_t field,
    const struct text_steps *all)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < all->n; i++)
		st = steps_text_store(l, a, all->steps[i], rid, field, &all->kept[i]);
	return st;
}

/* ---- after a pull ---- */

static status
note_field(struct laptop *l, struct arena *a, const struct loaded *loaded, uint16_t field)
{
	struct text_steps all;
	bool is_news = false;
	status st = steps_text_load(l, a, loaded->rid, field, 0, &all);

	if (st == ST_OK && all.n > 0)
		st = text_note_gone(
		    a, &loaded->view, field, all.n, all.kept, &is_news, &l->trouble);
	return st != ST_OK || !is_news
		   ? st
		   : steps_text_store_all(l, a, loaded->rid, field, &all);
}

status
steps_text_note(struct laptop *l, struct arena *a, const struct loaded *loaded)
{
	const struct kind *k = schema_kind(loaded->ref.kind);
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && k != NULL && i < k->n_fields; i++) {
		if (k->fields[i].type == FIELD_LONGTEXT)
			st = note_field(l, a, loaded, k->fields[i].id);
	}
	return st;
}
