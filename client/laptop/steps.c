/* steps.c - the rows of r_step and r_step_cell. What they mean is in steps.h, who turns
 * them round is edit_back.c. */
#include "client/laptop/steps.h"

#include "base/reader.h"
#include "base/writer.h"
#include "client/laptop/steps_text.h"
#include "client/laptop/stored.h"

enum { NAME_BYTES = 12, PACKED_FIXED_BYTES = 14 };

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a step");
}

/* ---- bytes ---- */

static struct span
pack_names(const struct entry_name *names, size_t n, struct arena *a)
{
	uint8_t *room = arena_zeros(a, n, NAME_BYTES);
	struct writer w = writer_of(room, n * NAME_BYTES);

	for (size_t i = 0; room != NULL && i < n; i++) {
		writer_u64(&w, names[i].agent);
		writer_u32(&w, names[i].index);
	}
	return room == NULL ? span_of(NULL, 0) : writer_done(&w);
}

static status
unpack_names(struct laptop *l, struct span s, struct arena *a, struct step_cell *c)
{
	struct reader r = reader_of(s);
	struct entry_name *names = arena_zeros(a, s.len / NAME_BYTES, sizeof *names);

	if (names == NULL)
		return no_memory(l);
	c->n_now = s.len / NAME_BYTES;
	for (size_t i = 0; i < c->n_now; i++) {
		(void)reader_u64(&r, &names[i].agent);
		(void)reader_u32(&r, &names[i].index);
	}
	c->now = names;
	return ST_OK;
}

/* Each entry behind its length. */
static struct span
pack_entries(const struct entry *entries, size_t n, struct arena *a)
{
	struct span *parts = arena_zeros(a, n, sizeof *parts);
	struct writer w;
	size_t len = 0;

	if (parts == NULL)
		return span_of(NULL, 0);
	for (size_t i = 0; i < n; i++) {
		parts[i] = stored_entry(&entries[i], a);
		if (parts[i].bytes == NULL)
			return parts[i];
		len += 4 + parts[i].len;
	}
	w = writer_of(arena_alloc(a, len), len);
	if (w.at == NULL)
		return span_of(NULL, 0);
	for (size_t i = 0; i < n; i++) {
		writer_u32(&w, (uint32_t)parts[i].len);
		writer_span(&w, parts[i]);
	}
	return writer_done(&w);
}

static status
unpack_entries(struct laptop *l, struct span s, struct arena *a, struct step_cell *c)
{
	size_t cap = s.len / sizeof(uint32_t);
	struct entry *entries = arena_zeros(a, cap, sizeof *entries);
	struct reader r = reader_of(s);
	status st = entries == NULL ? no_memory(l) : ST_OK;

	while (st == ST_OK && r.left > 0 && c->n_past < cap) {
		struct span one;
		uint32_t len = 0;

		if (reader_u32(&r, &len) != ST_OK || reader_span(&r, len, &one) != ST_OK)
			return trouble_set(
			    &l->trouble, ST_CORRUPT, "a kept step has %zu bytes", s.len);
		st = stored_entry_read(one, &entries[c->n_past++], &l->trouble);
	}
	c->past = entries;
	return st;
}

struct span
steps_pack(const struct dirty_row *row, struct arena *a)
{
	size_t len = PACKED_FIXED_BYTES + row->entry.len + row->seen.len;
	struct writer w = writer_of(arena_alloc(a, len), len);

	if (w.at == NULL)
		return span_of(NULL, 0);
	writer_u64(&w, (uint64_t)row->saved_ms);
	writer_u8(&w, row->is_change);
	writer_u8(&w, row->is_mark);
	writer_u32(&w, (uint32_t)row->entry.len);
	writer_span(&w, row->entry);
	writer_span(&w, row->seen);
	return writer_done(&w);
}

status
steps_unpack(struct span packed, struct dirty_row *out, struct trouble *t)
{
	struct reader r = reader_of(packed);
	uint64_t saved_ms = 0;
	uint32_t len = 0;
	uint8_t is_change = 0, is_mark = 0;

	if (reader_u64(&r, &saved_ms) != ST_OK || reader_u8(&r, &is_change) != ST_OK ||
	    reader_u8(&r, &is_mark) != ST_OK || reader_u32(&r, &len) != ST_OK ||
	    reader_span(&r, len, &out->entry) != ST_OK)
		return trouble_set(
		    t, ST_CORRUPT, "a kept dirty row has %zu bytes", packed.len);
	out->saved_ms = (int64_t)saved_ms;
	out->is_change = is_change != 0;
	out->is_mark = is_mark != 0;
	out->seen = span_of(r.at, r.left);
	return ST_OK;
}

/* ---- writing ---- */

status
steps_next(struct laptop *l, int64_t *id)
{
	*id = laptop_meta_int(l, "step_last", 0) + 1;
	return laptop_set_meta_int(l, "step_last", *id);
}

static struct span
key_span(const struct step_cell *c, uint8_t key[static 8])
{
	put_u64(key, c->key);
	return span_of(key, c->has_key ? 8 : 0);
}

static status
store(struct laptop *l, struct arena *a, const char *sql, int64_t step,
    const struct step_cell *c)
{
	struct span now = pack_names(c->now, c->n_now, a);
	struct span past = pack_entries(c->past, c->n_past, a);
	struct query *q = query_of(l->queries, sql);
	uint8_t key[8];

	if (now.bytes == NULL || past.bytes == NULL)
		return no_memory(l);
	query_int(q, step);
	query_int(q, c->rid);
	query_int(q, c->field);
	query_span(q, key_span(c, key));
	query_int(q, c->is_undone);
	query_span(q, now);
	query_span(q, past);
	query_span(q, c->dirty);
	return query_run(q, &l->trouble);
}

status
steps_keep(struct laptop *l, struct arena *a, int64_t step, const struct step_cell *c)
{
	return store(l, a,
	    "INSERT INTO r_step_cell VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT DO UPDATE SET now = excluded.now",
	    step, c);
}

status
steps_put(struct laptop *l, struct arena *a, int64_t step, const struct step_cell *c)
{
	return store(l, a,
	    "INSERT OR REPLACE INTO r_step_cell VALUES(?, ?, ?, ?, ?, ?, ?, ?)", step, c);
}

status
steps_drop(struct laptop *l, int64_t step)
{
	return laptop_run_on(l, "DELETE FROM r_step_cell WHERE step = ?", step);
}

/* Steps that can never be turned round again; each goes with its cells. */
static status
forget_steps(struct laptop *l, int64_t step)
{
#define FORGOTTEN                                                                        \
	"(SELECT id FROM r_step WHERE id < ?1 AND (is_undone OR id <= (SELECT id FROM"   \
	" r_step ORDER BY id DESC LIMIT 1 OFFSET 200)))"
	status st =
	    laptop_run_on(l, "DELETE FROM r_step_cell WHERE step IN " FORGOTTEN, step);

	return st != ST_OK
		   ? st
		   : laptop_run_on(l, "DELETE FROM r_step WHERE id IN " FORGOTTEN, step);
#undef FORGOTTEN
}

_Static_assert(STEPS_MAX == 200, "the OFFSET above");

status
steps_close(struct laptop *l, int64_t step, uint16_t final_kind)
{
	struct query *q =
	    query_of(l->queries, "INSERT INTO r_step VALUES(?, ?, ?, 0, ?)");
	status st;

	query_int(q, step);
	query_int(q, (int64_t)l->now_ms);
	query_text(q, l->command == NULL ? "" : l->command);
	query_int(q, final_kind);
	st = query_run(q, &l->trouble);
	return st != ST_OK ? st : forget_steps(l, step);
}

status
steps_mark(struct laptop *l, int64_t step, bool is_undone)
{
	struct query *q =
	    query_of(l->queries, "UPDATE r_step SET is_undone = ? WHERE id = ?");

	query_int(q, is_undone);
	query_int(q, step);
	return query_run(q, &l->trouble);
}

status
steps_rename(struct laptop *l, struct arena *a, const struct step_cell *place,
    struct entry_name to)
{
	struct query *q = query_of(l->queries,
	    "UPDATE r_step_cell SET now = ? WHERE step IN (SELECT id FROM r_step) AND"
	    " record = ? AND field = ? AND key = ? AND now = ?");
	struct entry_name *from = arena_zeros(a, place->n_past, sizeof *from);
	uint8_t key[8];

	if (from == NULL)
		return no_memory(l);
	for (size_t i = 0; i < place->n_past; i++)
		from[i] = place->past[i].name;
	query_span(q, pack_names(&to, 1, a));
	query_int(q, place->rid);
	query_int(q, place->field);
	query_span(q, key_span(place, key));
	query_span(q, pack_names(from, place->n_past, a));
	return query_run(q, &l->trouble);
}

status
steps_dirty(struct laptop *l, const struct step_cell *place, struct arena *a,
    struct dirty_row *out, bool *found)
{
	struct query *q = query_of(l->queries,
	    "SELECT entry, seen, saved_ms, is_change, is_mark FROM r_dirty"
	    " WHERE record = ? AND field = ? AND key = ?");
	uint8_t key[8];

	memset(out, 0, sizeof *out);
	query_int(q, place->rid);
	query_int(q, place->field);
	query_span(q, key_span(place, key));
	*found = query_row(q);
	if (*found) {
		out->entry = arena_copy(a, query_column_span(q, 0));
		out->seen = arena_copy(a, query_column_span(q, 1));
		out->saved_ms = query_column_int(q, 2);
		out->is_change = query_column_int(q, 3) != 0;
		out->is_mark = query_column_int(q, 4) != 0;
	}
	return query_done(q, &l->trouble);
}

/* ---- reading ---- */

#define STEP_COLUMNS                                                                     \
	"SELECT id, at_ms, command, is_undone, final_kind, (SELECT count(*) FROM"        \
	" r_step_cell WHERE step = id) FROM r_step "

static void
read_step(struct query *q, struct arena *a, struct step *out)
{
	out->id = query_column_int(q, 0);
	out->at_ms = (uint64_t)query_column_int(q, 1);
	out->command = arena_text(a, "%s", query_column_text(q, 2));
	out->is_undone = query_column_int(q, 3) != 0;
	out->final_kind = (uint16_t)query_column_int(q, 4);
	out->n_cells = (size_t)query_column_int(q, 5);
}

status
steps_last(struct laptop *l, bool is_undone, struct step *out)
{
	/* What was undone last is the oldest of what is undone. */
	struct query *q = is_undone ? query_of(l->queries, STEP_COLUMNS
					  "WHERE is_undone ORDER BY id LIMIT 1")
				    : query_of(l->queries, STEP_COLUMNS
					  "WHERE NOT is_undone ORDER BY id DESC LIMIT 1");

	memset(out, 0, sizeof *out);
	if (query_row(q))
		read_step(q, l->arena, out);
	return query_done(q, &l->trouble);
}

status
steps_one(struct laptop *l, int64_t id, struct step *out)
{
	struct query *q = query_of(l->queries, STEP_COLUMNS "WHERE id = ?");
	bool found;
	status st;

	memset(out, 0, sizeof *out);
	query_int(q, id);
	found = query_row(q);
	if (found)
		read_step(q, l->arena, out);
	st = query_done(q, &l->trouble);
	return st != ST_OK || found
		   ? st
		   : trouble_set(&l->trouble, ST_NOT_FOUND, "no such step is kept");
}

status
steps_all(struct laptop *l, struct arena *a, struct step **out, size_t *n)
{
	struct query *q = query_of(l->queries, STEP_COLUMNS "ORDER BY id DESC");

	*n = 0;
	*out = arena_zeros(a, STEPS_MAX, sizeof **out);
	if (*out == NULL)
		return no_memory(l);
	while (*n < STEPS_MAX && query_row(q))
		read_step(q, a, &(*out)[(*n)++]);
	return query_done(q, &l->trouble);
}

static status
read_cell(struct laptop *l, struct query *q, struct arena *a, struct step_cell *c)
{
	struct span key = query_column_span(q, 2);
	struct span now = query_column_span(q, 3);
	struct span past = arena_copy(a, query_column_span(q, 4));
	status st;

	c->rid = query_column_int(q, 0);
	c->field = (uint16_t)query_column_int(q, 1);
	c->has_key = key.len == 8;
	c->key = c->has_key ? get_u64(key.bytes) : 0;
	c->dirty = arena_copy(a, query_column_span(q, 5));
	c->is_undone = query_column_int(q, 6) != 0;
	if (steps_text_is(past)) {
		c->text = past;
		return ST_OK;
	}
	st = unpack_names(l, now, a, c);
	return st != ST_OK ? st : unpack_entries(l, past, a, c);
}

status
steps_cells(
    struct laptop *l, int64_t step, struct arena *a, struct step_cell **out, size_t *n)
{
	struct query *q =
	    query_of(l->queries, "SELECT count(*) FROM r_step_cell WHERE step = ?");
	size_t cap;
	status st, end;

	*n = 0;
	query_int(q, step);
	cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	*out = arena_zeros(a, cap, sizeof **out);
	if (*out == NULL)
		return no_memory(l);
	q = query_of(l->queries,
	    "SELECT record, field, key, now, past, dirty, is_undone FROM r_step_cell"
	    " WHERE step = ? ORDER BY record, field, key");
	query_int(q, step);
	while (st == ST_OK && *n < cap && query_row(q))
		st = read_cell(l, q, a, &(*out)[(*n)++]);
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}
