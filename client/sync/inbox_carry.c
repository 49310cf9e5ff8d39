/* inbox_carry.c - complete batches that came by file: checked as the server would check
 * them, then shown as pending ones that wait for it (DESIGN 4.8). */
#include <stdlib.h>

#include "client/laptop/claim.h"
#include "client/laptop/opening.h"
#include "client/sync/inbox_parts.h"
#include "client/sync/orphans.h"
#include "client/sync/outbox.h"
#include "core/membership_batch.h"
#include "proto/batch_codec.h"
#include "proto/messages.h"

static bool
any_row(struct query *q)
{
	bool found = query_row(q);

	(void)query_done(q, NULL);
	return found;
}

/* In pending, in the base, or known by name: an op that is gone must not come back by a
 * copy that somebody kept. */
static bool
is_known(struct applying *x, const struct batch_id *id)
{
	struct short_id name = batch_short(id);
	struct query *q =
	    query_of(x->l->queries, "SELECT 1 FROM r_pending WHERE batch = ?");

	query_blob(q, id->bytes, sizeof id->bytes);
	if (any_row(q) || claim_remembers(x->l, x->space, id))
		return true;
	q = query_of(
	    x->l->queries, "SELECT 1 FROM r_batch WHERE short = ? AND space = ?");
	query_blob(q, name.bytes, sizeof name.bytes);
	query_int(q, x->space);
	return any_row(q);
}

/* What the server would say of it, by the logs here. */
static enum batch_standing
judge(struct applying *x, const struct batch *b)
{
	const struct batch_question question = {
	    .batch = b, .now_s = x->server_time_s, .is_carried = true};
	struct batch_answer answer;

	membership_judge(x->logs->m, &question, &answer);
	return answer.standing;
}

static status
store_carried(struct applying *x, const struct batch_id *id, int64_t scope,
    struct span wire, int64_t *pending)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_pending(space, scope, batch, wire, is_carried, changes, marks,"
	    " state, reason, sealed_ms) VALUES(?, ?, ?, ?, 1, 0, 0, 0, NULL, ?)"
	    " RETURNING id");

	query_int(q, x->space);
	query_int(q, scope);
	query_blob(q, id->bytes, sizeof id->bytes);
	query_span(q, wire);
	query_int(q, (int64_t)l->now_ms);
	*pending = query_row(q) ? query_column_int(q, 0) : 0;
	return query_done(q, &l->trouble);
}

static status
count_carried(struct applying *x, int64_t pending, uint64_t changes, uint64_t marks)
{
	struct query *q = query_of(
	    x->l->queries, "UPDATE r_pending SET changes = ?, marks = ? WHERE id = ?");

	query_int(q, (int64_t)changes);
	query_int(q, (int64_t)marks);
	query_int(q, pending);
	return query_run(q, &x->l->trouble);
}

/* An erase hides from now on; it counts for good once the server has taken it. */
static status
hide_subject(struct applying *x, const struct batch_place *place, const struct op *o)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries, "SELECT id FROM r_record WHERE scope = ?");
	status st = ST_OK, end;

	query_int(q, place->scope.id);
	while (st == ST_OK && query_row(q))
		st = inbox_touch(x, query_column_int(q, 0));
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	if (st != ST_OK || end != ST_OK)
		return st != ST_OK ? st : end;
	q = query_of(l->queries, "INSERT OR IGNORE INTO r_grave(scope, subject, in_base)"
				 " VALUES(?, ?, 0)");
	query_int(q, place->scope.id);
	query_blob(q, o->subject.bytes, sizeof o->subject.bytes);
	return query_run(q, &l->trouble);
}

/* Files one op under its record. What does not open, or its signer may not write, stays
 * ciphertext: it is carried on, and the pull that brings it back lists it. */
static status
take_op(struct applying *x, const struct batch_place *place, const struct batch *b,
    size_t index, int64_t pending, size_t *n_opened)
{
	int64_t rid = 0;
	status st;

	if (b->ops[index].type == OP_ERASE)
		return hide_subject(x, place, &b->ops[index]);
	st = inbox_open_op(x, place, b, index, &rid);
	if (st != ST_OK || rid == 0)
		return st;
	++*n_opened;
	return outbox_name_record(x->l, pending, index, rid);
}

static status
take_ops(struct applying *x, const struct batch *b, const struct batch_id *id,
    struct span wire, size_t *n_opened)
{
	const uint64_t changes = x->out->changes, marks = x->out->marks;
	struct batch_place place;
	bool opens = batch_place(x->l, b, &place) == ST_OK;
	int64_t pending;
	status st = store_carried(x, id, opens ? place.scope.id : 0, wire, &pending);

	for (size_t i = 0; st == ST_OK && opens && i < b->n_ops; i++)
		st = take_op(x, &place, b, i, pending, n_opened);
	if (st == ST_OK)
		st = inbox_refresh(x);
	if (st != ST_OK)
		return st;
	/* Of what does not open here nobody can say how much it is. */
	return opens ? count_carried(
			   x, pending, x->out->changes - changes, x->out->marks - marks)
		     : count_carried(x, pending, b->n_ops, 0);
}

/* Not shown, and not sent: a coordinator decides. */
static status
keep_orphan(struct applying *x, const struct batch *b, const struct batch_id *id,
    struct span wire, struct carried *sum)
{
	struct laptop *l = x->l;
	struct batch_place place;
	bool opens = batch_place(l, b, &place) == ST_OK;
	int64_t pending;
	status st;

	if (orphans_count(l) >= ORPHANS_MAX) {
		sum->n_refused++;
		return ST_OK;
	}
	st = store_carried(x, id, opens ? place.scope.id : 0, wire, &pending);
	if (st == ST_OK)
		st = outbox_set_refused(l, pending, verdict_name(VERDICT_REVOKED));
	sum->n_orphaned += st == ST_OK;
	return st;
}

/* Tables of one batch: what came with one is counted with it. */
void
inbox_begin_batch(struct applying *x)
{
	free(x->past);
	x->past = NULL;
	x->n_past = x->cap_past = 0;
	arena_wipe(x->a);
	arena_wipe(x->memory);
}

static status
take_wire(struct applying *x, struct span wire, struct carried *sum)
{
	struct laptop *l = x->l;
	struct batch b;
	struct batch_id id;
	struct log_signer signer;
	enum batch_standing standing;
	size_t n_opened = 0;
	status st;

	inbox_begin_batch(x);
	st = batch_decode(wire, BATCH_COMPLETE, &l->checks, x->a, &b, &l->trouble);
	if (st != ST_OK)
		return st;
	x->space = b.space;
	standing = judge(x, &b);
	if (standing != STANDING_OK && standing != STANDING_REVOKED) {
		*(standing == STANDING_LOG ? &sum->n_waiting : &sum->n_refused) += 1;
		return ST_OK;
	}
	st = logs_signer(x->logs, &b, &signer);
	if (st == ST_OK)
		st = batch_verify(&b, &signer.context, &signer.sign, &l->checks, x->a,
		    &id, &l->trouble);
	if (st == ST_SIGNATURE || st == ST_NOT_FOUND) {
		sum->n_refused++;
		return ST_OK;
	}
	if (st != ST_OK)
		return st;
	if (is_known(x, &id)) {
		sum->n_known++;
		return ST_OK;
	}
	if (standing == STANDING_REVOKED)
		return keep_orphan(x, &b, &id, wire, sum);
	st = inbox_find_roles(x, &b);
	if (st == ST_OK)
		st = take_ops(x, &b, &id, wire, &n_opened);
	sum->n_new++;
	sum->n_unopened += n_opened == 0;
	return st;
}

status
inbox_carry(struct laptop *l, struct logs *logs, const struct span *wires, size_t n,
    struct received *out, struct carried *sum)
{
	static const struct page nothing;
	struct applying x = {.l = l,
	    .logs = logs,
	    .a = arena_new(0),
	    .scratch = arena_new(0),
	    .memory = arena_new(0),
	    .server_time_s = l->now_ms / 1000,
	    .out = out,
	    .last = &nothing,
	    .wanted_log = -1};
	status st = ST_OK;

	if (x.a == NULL || x.scratch == NULL || x.memory == NULL)
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a bundle");
	else if (logs_whole(logs) == NULL)
		st = l->trouble.code;
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = take_wire(&x, wires[i], sum);
	arena_free(x.a);
	arena_free(x.scratch);
	arena_free(x.memory);
	free(x.past);
	return st;
}
