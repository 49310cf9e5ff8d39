/* keys_made.c - two tables, and the appends that they become again. */
#include "client/sync/keys_made.h"

#include "base/writer.h"
#include "crypto/keybox.h"
#include "crypto/wrap.h"
#include "proto/log_codec.h"

static const uint64_t day_ms = 86400000;

/* r_meta: when this laptop handed over what it sealed, by the server's clock. */
#define GIVEN "keys_given_s"

/* ---- keeping ---- */

static status
forget_old(struct laptop *l)
{
	struct query *q = query_of(l->queries, "DELETE FROM r_made WHERE at_s < ?");

	query_int(q, (int64_t)((l->now_ms - KEYS_MADE_DAYS * day_ms) / 1000));
	return query_run(q, &l->trouble);
}

static size_t
total(size_t n, const struct span *items, size_t extra)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += items[i].len + extra;
	return sum;
}

/* End to end, each with its length before it if has_lengths. */
static status
joined(struct laptop *l, size_t n, const struct span *items, bool has_lengths,
    struct span *out)
{
	size_t len = total(n, items, has_lengths ? 4 : 0);
	uint8_t *bytes = arena_alloc(l->arena, len + 1);
	struct writer w = writer_of(bytes, len);

	if (bytes == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for key boxes");
	for (size_t i = 0; i < n; i++) {
		if (has_lengths)
			writer_u32(&w, (uint32_t)items[i].len);
		writer_bytes(&w, items[i].bytes, items[i].len);
	}
	*out = writer_done(&w);
	return ST_OK;
}

static status
keep_wrap(
    struct laptop *l, uint16_t space, uint16_t scope, uint16_t epoch, struct span wrap)
{
	struct query *q =
	    query_of(l->queries, "INSERT OR IGNORE INTO r_wrap VALUES(?, ?, ?, ?)");

	query_int(q, space);
	query_int(q, scope);
	query_int(q, epoch);
	query_span(q, wrap);
	return query_run(q, &l->trouble);
}

static size_t
rotations_of(const struct log_record *r, const struct rotation **out)
{
	*out = r->kind == LOG_REVOKE ? r->revoke.rotations : &r->rotate;
	return r->kind == LOG_REVOKE ? r->revoke.n_rotations : r->kind == LOG_ROTATE;
}

static status
keep_boxes(struct laptop *l, uint32_t seq, const struct append *a)
{
	struct query *q;
	struct span lists, boxes;
	status st = joined(l, a->n_lists, a->lists, true, &lists);

	if (st == ST_OK)
		st = joined(l, a->n_boxes, a->boxes, false, &boxes);
	if (st == ST_OK)
		st = forget_old(l);
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "INSERT OR REPLACE INTO r_made VALUES(?, ?, ?, ?, ?)");
	query_int(q, a->space);
	query_int(q, seq);
	query_int(q, (int64_t)(l->now_ms / 1000));
	query_span(q, lists);
	query_span(q, boxes);
	return query_run(q, &l->trouble);
}

status
keys_made_keep(struct laptop *l, const struct append *a)
{
	const struct rotation *rotations;
	struct log_record r;
	status st = log_record_read(a->record, l->arena, &r, &l->trouble);

	if (st == ST_OK && a->n_boxes > 0)
		st = keep_boxes(l, r.seq, a);
	if (st != ST_OK || rotations_of(&r, &rotations) != a->n_wraps)
		return st;
	for (size_t i = 0; st == ST_OK && i < a->n_wraps; i++)
		st = keep_wrap(
		    l, a->space, rotations[i].scope, rotations[i].epoch, a->wraps[i]);
	return st;
}

status
keys_made_keep_wraps(struct laptop *l, uint16_t space, const struct key_rows *rows)
{
	status st = ST_OK;

	if (l->self.role != ROLE_COORDINATOR && l->self.role != ROLE_OFFICE)
		return ST_OK;
	for (size_t i = 0; st == ST_OK && i < rows->n_wraps; i++)
		st = keep_wrap(l, space, rows->wraps[i].scope, rows->wraps[i].epoch,
		    rows->wraps[i].wrap);
	return st;
}

/* ---- offering ---- */

/* All wraps of the record, in its order; none if one is not here. */
static status
find_wraps(struct laptop *l, struct append *a, const struct log_record *r)
{
	const struct rotation *rotations;
	size_t n = rotations_of(r, &rotations), found = 0;
	struct span *wraps = arena_zeros(l->arena, n + 1, sizeof *wraps);
	status st = ST_OK;

	if (wraps == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for keys");
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct query *q = query_of(l->queries,
		    "SELECT wrap FROM r_wrap WHERE space = ? AND scope = ? AND epoch = "
		    "?");

		query_int(q, a->space);
		query_int(q, rotations[i].scope);
		query_int(q, rotations[i].epoch);
		if (query_row(q)) {
			wraps[i] = arena_copy(l->arena, query_column_span(q, 0));
			found += wraps[i].len == WRAP_BYTES;
		}
		st = query_done(q, &l->trouble);
	}
	a->wraps = wraps;
	a->n_wraps = found == n ? n : 0;
	return st;
}

/* False: not as keep_boxes() wrote it. */
static bool
split(struct arena *arena, struct span lists, struct span boxes, struct append *a)
{
	struct span *at = arena_zeros(arena, lists.len / 4 + 1, sizeof *at);
	struct span *box = arena_zeros(arena, boxes.len / KEYBOX_BYTES + 1, sizeof *box);

	if (at == NULL || box == NULL || boxes.len % KEYBOX_BYTES != 0)
		return false;
	for (size_t used = 0; used + 4 <= lists.len; a->n_lists++) {
		size_t len = get_u32(lists.bytes + used);

		if (len > lists.len - used - 4)
			return false;
		at[a->n_lists] = span_of(lists.bytes + used + 4, len);
		used += 4 + len;
	}
	for (size_t i = 0; i < boxes.len; i += KEYBOX_BYTES)
		box[a->n_boxes++] = span_of(boxes.bytes + i, KEYBOX_BYTES);
	a->lists = at;
	a->boxes = box;
	return true;
}

static status
find_boxes(struct laptop *l, struct append *a, uint32_t seq)
{
	struct query *q = query_of(
	    l->queries, "SELECT lists, boxes FROM r_made WHERE space = ? AND seq = ?");
	bool is_whole = true;
	status st;

	query_int(q, a->space);
	query_int(q, seq);
	if (query_row(q))
		is_whole = split(l->arena, arena_copy(l->arena, query_column_span(q, 0)),
		    arena_copy(l->arena, query_column_span(q, 1)), a);
	st = query_done(q, &l->trouble);
	return st != ST_OK || is_whole ? st
				       : trouble_set(&l->trouble, ST_CORRUPT,
					     "key boxes that were kept do not read");
}

static status
offer(struct laptop *l, uint16_t space, struct span record, struct session *s, size_t *n)
{
	struct append a = {.space = space, .record = record};
	struct log_record r;
	status st = log_record_read(record, l->arena, &r, &l->trouble);

	if (st == ST_OK)
		st = find_boxes(l, &a, r.seq);
	if (st == ST_OK)
		st = find_wraps(l, &a, &r);
	if (st != ST_OK || (a.n_lists == 0 && a.n_wraps == 0))
		return st;
	++*n;
	return session_append(s, &a);
}

status
keys_made_offer(
    struct laptop *l, uint16_t space, uint32_t from, struct session *s, size_t *n)
{
	struct query *q = query_of(l->queries,
	    "SELECT record FROM r_log WHERE space = ? AND seq >= ? ORDER BY seq");
	status st = ST_OK, end;

	query_int(q, space);
	query_int(q, from);
	while (st == ST_OK && query_row(q))
		st = offer(l, space, arena_copy(l->arena, query_column_span(q, 0)), s, n);
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* ---- giving unasked ---- */

enum { AT_ONCE = -1 }; /* in place of when they were given last */

/* What was sealed in the last days was just sent. */
bool
keys_made_is_due(struct laptop *l, uint64_t server_time_s)
{
	const int64_t before = (int64_t)server_time_s - KEYS_GIVE_DAYS * 86400;
	const int64_t given = laptop_meta_int(l, GIVEN, 0);
	struct query *q;
	bool found;

	if ((l->self.role != ROLE_COORDINATOR && l->self.role != ROLE_OFFICE) ||
	    given > before)
		return false;
	q = query_of(l->queries, "SELECT 1 FROM r_made WHERE at_s <= ? LIMIT 1");
	query_int(q, given == AT_ONCE ? INT64_MAX : before);
	found = query_row(q);
	return query_done(q, NULL) == ST_OK && found;
}

status
keys_made_give(struct laptop *l, struct session *s, size_t *n)
{
	struct query *q = query_of(l->queries, "SELECT space, record FROM r_made JOIN "
					       "r_log USING(space, seq) WHERE at_s >= ?"
					       " ORDER BY space, seq");
	status st = ST_OK, end;

	*n = 0;
	query_int(q, (int64_t)((l->now_ms - KEYS_MADE_DAYS * day_ms) / 1000));
	while (st == ST_OK && query_row(q))
		st = offer(l, (uint16_t)query_column_int(q, 0),
		    arena_copy(l->arena, query_column_span(q, 1)), s, n);
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
keys_made_give_at_once(struct laptop *l)
{
	return laptop_set_meta_int(l, GIVEN, AT_ONCE);
}

status
keys_made_note_given(struct laptop *l, uint64_t server_time_s)
{
	return laptop_set_meta_int(l, GIVEN, (int64_t)server_time_s);
}
