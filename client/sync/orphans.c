/* orphans.c - rows of r_pending that are carried and refused for good. */
#include "client/sync/orphans.h"

#include <stdlib.h>

#include "client/laptop/claim.h"
#include "client/laptop/opening.h"
#include "client/sync/inbox_parts.h"
#include "client/sync/outbox.h"
#include "proto/batch_codec.h"
#include "proto/messages.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a batch");
}

/* Only those of revoked laptops: a batch that is refused for its form helps nobody. */
#define ORPHANS                                                                          \
	" FROM r_pending WHERE is_carried = 1 AND state >= 2 AND (?1 = 0 OR scope = ?1)" \
	" AND reason = ?2 "

static struct query *
query_orphans(struct laptop *l, const char *sql, int64_t scope)
{
	struct query *q = query_of(l->queries, sql);

	query_int(q, scope);
	query_text(q, verdict_name(VERDICT_REVOKED));
	return q;
}

uint64_t
orphans_count(struct laptop *l)
{
	struct query *q = query_orphans(l, "SELECT count(*)" ORPHANS, 0);
	uint64_t n = query_row(q) ? (uint64_t)query_column_int(q, 0) : 0;

	(void)query_done(q, NULL);
	return n;
}

/* Rows of all scopes (0) or of one. */
static status
list_rows(
    struct laptop *l, int64_t scope, struct arena *a, struct orphan **out, size_t *n)
{
	struct query *q = query_orphans(l,
	    "SELECT id, space, scope, sealed_ms, wire" ORPHANS "ORDER BY id LIMIT 256",
	    scope);
	status st = ST_OK, end;

	*n = 0;
	*out = arena_zeros(a, ORPHANS_MAX, sizeof **out);
	if (*out == NULL)
		st = no_memory(l);
	while (st == ST_OK && query_row(q)) {
		struct orphan *o = &(*out)[*n];
		struct batch b;

		o->pending = query_column_int(q, 0);
		o->space = (uint16_t)query_column_int(q, 1);
		o->scope = query_column_int(q, 2);
		o->brought_ms = (uint64_t)query_column_int(q, 3);
		st = batch_decode(arena_copy(a, query_column_span(q, 4)), BATCH_PRUNED,
		    &l->checks, a, &b, &l->trouble);
		o->by = (struct author){b.home, b.device};
		o->n_ops = b.n_ops;
		*n += st == ST_OK;
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}
_Static_assert(ORPHANS_MAX == 256, "the LIMIT above");

status
orphans_list(struct laptop *l, struct arena *a, struct orphan **out, size_t *n)
{
	return list_rows(l, 0, a, out, n);
}

/* ---- one batch ---- */

struct held {
	struct span wire;
	struct batch batch;
	struct batch_id id;
	bool is_here;
};

static status
read_held(struct laptop *l, int64_t pending, struct arena *a, struct held *out)
{
	struct query *q =
	    query_of(l->queries, "SELECT wire, batch FROM r_pending WHERE id = ?");
	status st;

	memset(out, 0, sizeof *out);
	query_int(q, pending);
	if (query_row(q)) {
		out->wire = arena_copy(a, query_column_span(q, 0));
		query_column_copy(q, 1, out->id.bytes, sizeof out->id.bytes);
		out->is_here = true;
	}
	st = query_done(q, &l->trouble);
	if (st != ST_OK || !out->is_here)
		return st;
	return out->wire.bytes == NULL ? no_memory(l)
				       : batch_decode(out->wire, BATCH_PRUNED, &l->checks,
					     a, &out->batch, &l->trouble);
}

static status
forget(struct laptop *l, uint16_t space, int64_t pending, const struct batch_id *id)
{
	status st = claim_remember(l, space, id);

	if (st == ST_OK)
		st = laptop_run_on(
		    l, "DELETE FROM r_pending_op WHERE pending = ?", pending);
	return st != ST_OK
		   ? st
		   : laptop_run_on(l, "DELETE FROM r_pending WHERE id = ?", pending);
}

status
orphans_drop(struct laptop *l, const struct orphan *items, size_t n)
{
	struct arena *a = arena_new(0);
	status st = a == NULL ? no_memory(l) : db_begin(l->db, &l->trouble);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct held held;

		arena_reset(a);
		st = read_held(l, items[i].pending, a, &held);
		if (st == ST_OK)
			st = forget(l, items[i].space, items[i].pending, &held.id);
	}
	if (st == ST_OK)
		st = db_commit(l->db, &l->trouble);
	else
		db_rollback(l->db);
	arena_free(a);
	return st;
}

/* ---- adopting ---- */

static status
file_op(struct applying *x, const struct batch_place *place, const struct batch *b,
    size_t index, int64_t pending, struct adopted *out)
{
	const struct op *o = &b->ops[index];
	int64_t rid = 0;
	status st = ST_OK;

	if (!o->is_present)
		return ST_OK;
	if (o->type != OP_ERASE && o->retention != RETAIN_AUDIT)
		st = inbox_open_op(x, place, b, index, &rid);
	if (st != ST_OK)
		return st;
	out->n_left += rid == 0;
	return rid == 0 ? ST_OK : outbox_name_record(x->l, pending, index, rid);
}

/* Shown from now on, as a batch that waits. */
static status
show(struct applying *x, const struct orphan *o, struct adopted *out)
{
	struct laptop *l = x->l;
	const uint64_t changes = x->out->changes, marks = x->out->marks;
	struct held held;
	struct batch_place place;
	struct query *q;
	status st;

	inbox_begin_batch(x);
	st = read_held(l, o->pending, x->a, &held);
	if (st == ST_OK)
		st = batch_place(l, &held.batch, &place);
	if (st == ST_OK)
		st = inbox_adopts(x, o->space, &held.batch);
	if (st == ST_OK)
		st = laptop_run_on(
		    l, "DELETE FROM r_pending_op WHERE pending = ?", o->pending);
	for (size_t i = 0; st == ST_OK && i < held.batch.n_ops; i++)
		st = file_op(x, &place, &held.batch, i, o->pending, out);
	if (st == ST_OK)
		st = laptop_run_on(l,
		    "UPDATE r_pending SET state = 0, reason = NULL WHERE id = ?",
		    o->pending);
	if (st == ST_OK)
		st = inbox_refresh(x);
	if (st != ST_OK)
		return st;
	q = query_of(
	    l->queries, "UPDATE r_pending SET changes = ?, marks = ? WHERE id = ?");
	query_int(q, (int64_t)(x->out->changes - changes));
	query_int(q, (int64_t)(x->out->marks - marks));
	query_int(q, o->pending);
	st = query_run(q, &l->trouble);
	out->n_batches += st == ST_OK;
	return st == ST_OK ? claim_remember(l, o->space, &held.id) : st;
}

static status
show_all(struct laptop *l, struct logs *logs, const struct orphan *items, size_t n,
    struct adopted *out)
{
	static const struct page nothing;
	struct received received = {0};
	struct applying x = {.l = l,
	    .logs = logs,
	    .a = arena_new(0),
	    .scratch = arena_new(0),
	    .memory = arena_new(0),
	    .server_time_s = l->now_ms / 1000,
	    .out = &received,
	    .last = &nothing,
	    .wanted_log = -1};
	status st = ST_OK;

	if (x.a == NULL || x.scratch == NULL || x.memory == NULL)
		st = no_memory(l);
	else if (logs_whole(logs) == NULL)
		st = l->trouble.code;
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = show(&x, &items[i], out);
	out->changes = received.changes;
	out->marks = received.marks;
	arena_free(x.a);
	arena_free(x.scratch);
	arena_free(x.memory);
	free(x.past);
	return st;
}

status
orphans_adopt(struct laptop *l, const struct orphan *items, size_t n, bool is_try,
    struct adopted *out)
{
	struct logs logs = {.l = l};
	int64_t *ids = arena_zeros(l->arena, n, sizeof *ids);
	size_t n_sealed = 0;
	status st = ids == NULL ? no_memory(l) : db_begin(l->db, &l->trouble);

	memset(out, 0, sizeof *out);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		ids[i] = items[i].pending;
	if (st == ST_OK)
		st = show_all(l, &logs, items, n, out);
	if (st == ST_OK && !is_try)
		st = outbox_adopt(l, ids, n, &n_sealed);
	if (st == ST_OK && !is_try)
		st = db_commit(l->db, &l->trouble);
	else
		db_rollback(l->db);
	logs_forget(&logs);
	return st;
}

/* ---- an erased person ---- */

static status
store_wire(struct laptop *l, int64_t pending, const struct batch *b, struct arena *a)
{
	size_t len = batch_wire_bytes(b);
	struct writer w = writer_of(arena_alloc(a, len), len);
	struct query *q;

	if (w.at == NULL)
		return no_memory(l);
	batch_write(b, &w);
	q = query_of(l->queries, "UPDATE r_pending SET wire = ?, state = ? WHERE id = ?");
	query_span(q, writer_done(&w));
	query_int(q, ORPHAN_PRUNED);
	query_int(q, pending);
	return query_run(q, &l->trouble);
}

static status
bury_in(struct laptop *l, int64_t pending, const struct tag *subject, struct arena *a)
{
	struct held held;
	size_t n_cut = 0, n_left = 0;
	status st = read_held(l, pending, a, &held);

	for (size_t i = 0; st == ST_OK && i < held.batch.n_ops; i++) {
		struct op *o = &held.batch.ops[i];

		if (o->is_present && o->has_subject && o->type != OP_ERASE &&
		    ID_EQUAL(&o->subject, subject)) {
			o->is_present = false;
			n_cut++;
		}
		n_left += o->is_present;
	}
	if (st != ST_OK || n_cut == 0)
		return st;
	return n_left == 0 ? forget(l, held.batch.space, pending, &held.id)
			   : store_wire(l, pending, &held.batch, a);
}

status
orphans_bury(struct laptop *l, int64_t scope, const struct tag *subject)
{
	struct arena *a = arena_new(0);
	struct orphan *items = NULL;
	size_t n = 0;
	status st = a == NULL ? no_memory(l) : list_rows(l, scope, a, &items, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = bury_in(l, items[i].pending, subject, a);
	arena_free(a);
	return st;
}
