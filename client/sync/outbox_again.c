/* outbox_again.c - seals pending batches anew: under new keys, or without what is erased.
 * Bodies stay what they are, but for erased persons; names change, and ops of later
 * batches that list an op by its old name list it by the new one. */
#include "client/sync/outbox_parts.h"

#include <stdlib.h>

#include "client/laptop/wipe.h"
#include "crypto/tag.h"
#include "proto/batch_codec.h"

struct pending {
	int64_t id, scope;
	uint64_t changes, marks;
	int state;
	const char *reason; /* NULL if there is none */
	bool is_carried;
	struct span wire;
	struct batch batch;
	struct short_id name;
	int64_t rids[BATCH_OPS_MAX];
};

static status
read_ops(struct laptop *l, struct pending *out)
{
	struct query *q = query_of(
	    l->queries, "SELECT idx, record FROM r_pending_op WHERE pending = ?");

	query_int(q, out->id);
	while (query_row(q)) {
		size_t index = (size_t)query_column_int(q, 0);

		if (index < BATCH_OPS_MAX)
			out->rids[index] = query_column_int(q, 1);
	}
	return query_done(q, &l->trouble);
}

/* NULL batch.ops: it is not there any more. */
static status
read_pending(struct laptop *l, int64_t pending, struct arena *a, struct pending *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT scope, changes, marks, wire, batch, state, reason, is_carried FROM"
	    " r_pending WHERE id = ?");
	struct batch_id id = {{0}};
	status st;

	memset(out, 0, sizeof *out);
	out->id = pending;
	query_int(q, pending);
	if (query_row(q)) {
		out->scope = query_column_int(q, 0);
		out->changes = (uint64_t)query_column_int(q, 1);
		out->marks = (uint64_t)query_column_int(q, 2);
		out->wire = arena_copy(a, query_column_span(q, 3));
		query_column_copy(q, 4, id.bytes, sizeof id.bytes);
		out->state = (int)query_column_int(q, 5);
		if (!query_column_is_null(q, 6))
			out->reason = arena_text(a, "%s", query_column_text(q, 6));
		out->is_carried = query_column_int(q, 7) != 0;
	}
	out->name = batch_short(&id);
	st = query_done(q, &l->trouble);
	if (st != ST_OK || out->wire.len == 0)
		return st;
	st = read_ops(l, out);
	return st != ST_OK ? st
			   : batch_decode(out->wire,
				 out->is_carried ? BATCH_PRUNED : BATCH_COMPLETE,
				 &l->checks, a, &out->batch, &l->trouble);
}

static status
forget_pending(struct laptop *l, int64_t pending)
{
	struct query *q =
	    query_of(l->queries, "DELETE FROM r_pending_op WHERE pending = ?");
	status st;

	query_int(q, pending);
	st = query_run(q, &l->trouble);
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "DELETE FROM r_pending WHERE id = ?");
	query_int(q, pending);
	return query_run(q, &l->trouble);
}

/* ---- what is erased ---- */

static bool
is_erased(struct laptop *l, int64_t scope, const struct tag_key *key, uint64_t person)
{
	struct tag subject = tag_subject(key, (struct person_key){person});
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM r_grave WHERE scope = ? AND subject = ? AND in_base = 1");
	bool found;

	query_int(q, scope);
	query_blob(q, subject.bytes, sizeof subject.bytes);
	found = query_row(q);
	(void)query_done(q, NULL);
	return found;
}

/* Takes entries of erased persons out of a body. *any: there were some, or all of it is
 * of one; then nothing is left. */
static status
strip(struct laptop *l, int64_t scope, struct body *body, bool *any, bool *is_empty)
{
	struct tag_key key;
	size_t n = 0;
	status st = wipe_tag_key(l, scope, &key);

	*is_empty =
	    st == ST_OK && body->has_person && is_erased(l, scope, &key, body->person.n);
	*any = *is_empty;
	for (size_t i = 0; st == ST_OK && i < body->n_entries; i++) {
		const struct entry *e = &body->entries[i];

		if (e->has_key && is_erased(l, scope, &key, e->key))
			*any = true;
		else
			body->entries[n++] = *e;
	}
	body->n_entries = n;
	if (n == 0 && body->n_gone == 0)
		*is_empty = true;
	explicit_bzero(&key, sizeof key);
	return st;
}

/* ---- sealing ---- */

static int
compare_dots(const void *a, const void *b)
{
	const struct dot *x = a, *y = b;
	int order = memcmp(x->batch.bytes, y->batch.bytes, sizeof x->batch.bytes);

	return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* The dots of an op, by their present names. */
static struct dot *
present_dots(const struct filling *x, const struct op *op)
{
	struct dot *out = arena_zeros(x->scratch, op->n_dots + 1, sizeof *out);

	for (size_t i = 0; out != NULL && i < op->n_dots; i++) {
		out[i] = op->dots[i];
		for (size_t k = 0; k < x->n_renamed; k++) {
			if (compare_dots(&x->renamed[k].was, &op->dots[i]) == 0)
				out[i] = x->renamed[k].is;
		}
	}
	if (out != NULL && op->n_dots > 1)
		qsort(out, op->n_dots, sizeof *out, compare_dots);
	return out;
}

/* An op that somebody else signed. */
static bool
may_be_ours(const struct pending *p, size_t index)
{
	const struct op *op = &p->batch.ops[index];

	return op->is_present && op->type != OP_ERASE && op->retention != RETAIN_AUDIT &&
	       p->rids[index] != 0;
}

static status
seal_op(struct filling *x, const struct batch_place *before, const struct pending *p,
    size_t index)
{
	struct laptop *l = x->l;
	const struct op *op = &p->batch.ops[index];
	bool any, is_empty = false;
	struct body body;
	struct dot *dots;
	struct span plain;
	status st;

	if (p->is_carried && !may_be_ours(p, index))
		return ST_OK;
	if (op->type == OP_ERASE)
		return outbox_add_erase(x, &op->subject);
	arena_wipe(x->scratch);
	dots = present_dots(x, op);
	if (dots == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an op");
	st = opening_op(l, before, &p->batch, index, x->scratch, &body);
	if (st == ST_OK)
		st = strip(l, p->scope, &body, &any, &is_empty);
	if (st != ST_OK || is_empty)
		return st;
	st = body_encode_in(
	    l->codec, &body, x->place.scope.as, x->scratch, &plain, &l->trouble);
	if (st == ST_OK)
		st = outbox_add(x, &body, dots, op->n_dots, plain, p->rids[index]);
	if (st == ST_OK)
		x->was[x->batch.n_ops - 1] = (struct dot){p->name, (uint8_t)index};
	return st;
}

static status
seal_again(struct filling *x, const struct pending *p, const struct scope_info *scope)
{
	struct batch_place before;
	status st;

	x->state = p->state;
	x->reason = p->reason;
	st = outbox_enter(x, scope);
	before = x->place;
	before.scope.pos = p->batch.scope;
	for (size_t i = 0; st == ST_OK && i < p->batch.n_ops; i++)
		st = seal_op(x, &before, p, i);
	x->changes = p->changes;
	x->marks = p->marks;
	if (st == ST_OK)
		st = outbox_finish(x);
	return st != ST_OK ? st : forget_pending(x->l, p->id);
}

/* Would the same be refused again? */
static status
is_same(
    struct laptop *l, const struct pending *p, const struct scope_info *scope, bool *out)
{
	const struct batch *b = &p->batch;
	struct query *q =
	    query_of(l->queries, "SELECT max(seq) FROM r_log WHERE space = ?");
	int64_t head = -1;
	status st;

	query_int(q, b->home);
	if (query_row(q))
		head = query_column_int(q, 0);
	st = query_done(q, &l->trouble);
	*out = b->epoch == scope->epoch && b->scope == scope->pos &&
	       b->home == scope->as.home && b->device == scope->as.device &&
	       b->head == head;
	return st;
}

/* A batch that is carried for a laptop which has another identity by now may never be
 * sealed by it again: who can read it puts it under his own name, and its entries keep
 * theirs, so that they count once. What must be proven stays its author's; only who
 * adopts takes the rest without it. */
static bool
may_seal(const struct filling *x, const struct pending *p)
{
	if (p->wire.len == 0 || (p->is_carried && p->scope == 0))
		return false;
	for (size_t i = 0; p->is_carried && !x->adopts && i < p->batch.n_ops; i++) {
		if (!may_be_ours(p, i))
			return false;
	}
	return true;
}

static status
reseal_all(struct filling *x, const int64_t *pending, size_t n, size_t *n_sealed)
{
	struct laptop *l = x->l;
	struct pending *p = malloc(sizeof *p);
	struct arena *a = arena_new(0);
	status st = p == NULL || a == NULL
			? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for sealing")
			: ST_OK;

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct scope_info scope;
		bool same = false;

		arena_wipe(a);
		st = read_pending(l, pending[i], a, p);
		if (st != ST_OK || !may_seal(x, p))
			continue;
		st = scope_by_id(l, p->scope, &scope);
		if (st == ST_OK)
			st = is_same(l, p, &scope, &same);
		if (st != ST_OK || same)
			continue;
		st = seal_again(x, p, &scope);
		++*n_sealed;
	}
	free(p);
	arena_free(a);
	return st;
}

/* The next batch of the scope follows what this one did, if it would follow this one. */
static status
follow_before(struct laptop *l, const struct pending *p)
{
	struct query *q =
	    query_of(l->queries, "UPDATE r_scope SET prev = ? WHERE id = ? AND prev = ?");

	query_blob(q, p->batch.prev.bytes, sizeof p->batch.prev.bytes);
	query_int(q, p->scope);
	query_blob(q, p->name.bytes, sizeof p->name.bytes);
	return query_run(q, &l->trouble);
}

/* Batches that the server refused and that are sealed again leave no trace there: the
 * first new one follows what the first of them followed, or a gap would be told
 * (server/verify.h). pending: backwards, since each of them follows the one before. */
static status
step_back(struct laptop *l, const int64_t *pending, size_t n)
{
	struct pending *p = malloc(sizeof *p);
	struct arena *a = arena_new(0);
	status st = p == NULL || a == NULL
			? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for sealing")
			: ST_OK;

	for (size_t i = n; st == ST_OK && i-- > 0;) {
		struct scope_info scope;
		bool same = false;

		arena_wipe(a);
		st = read_pending(l, pending[i], a, p);
		if (st != ST_OK || p->wire.len == 0 || p->is_carried)
			continue;
		st = scope_by_id(l, p->scope, &scope);
		if (st == ST_OK)
			st = is_same(l, p, &scope, &same);
		if (st == ST_OK && !same)
			st = follow_before(l, p);
	}
	free(p);
	arena_free(a);
	return st;
}

/* Inside a transaction. */
static status
reseal(struct laptop *l, const int64_t *pending, size_t n, bool adopts, size_t *n_sealed)
{
	struct filling *x = filling_new(l);
	status st;

	*n_sealed = 0;
	if (x == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for sealing");
	x->is_again = true;
	x->adopts = adopts;
	st = step_back(l, pending, n);
	if (st == ST_OK)
		st = reseal_all(x, pending, n, n_sealed);
	filling_free(x);
	return st;
}

status
outbox_reseal(struct laptop *l, const int64_t *pending, size_t n, size_t *n_sealed)
{
	status st = db_begin(l->db, &l->trouble);

	*n_sealed = 0;
	if (st != ST_OK)
		return st;
	st = reseal(l, pending, n, false, n_sealed);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

status
outbox_adopt(struct laptop *l, const int64_t *pending, size_t n, size_t *n_sealed)
{
	return reseal(l, pending, n, true, n_sealed);
}

/* ---- a grave ---- */

/* Does the batch hold anything of an erased person? */
static status
holds_erased(struct filling *x, const struct pending *p, bool *out)
{
	struct batch_place place;
	status st = batch_place(x->l, &p->batch, &place);

	*out = false;
	for (size_t i = 0; st == ST_OK && !*out && i < p->batch.n_ops; i++) {
		bool is_empty;
		struct body body;

		if (p->batch.ops[i].type == OP_ERASE)
			continue;
		arena_wipe(x->scratch);
		st = opening_op(x->l, &place, &p->batch, i, x->scratch, &body);
		if (st == ST_OK)
			st = strip(x->l, p->scope, &body, out, &is_empty);
	}
	return st;
}

static status
drop_erased(struct filling *x, int64_t pending, const struct scope_info *scope)
{
	struct pending *p = malloc(sizeof *p);
	struct arena *a = arena_new(0);
	bool holds = false;
	status st = p == NULL || a == NULL ? trouble_set(&x->l->trouble, ST_NO_MEMORY,
						 "no memory for sealing")
					   : ST_OK;

	if (st == ST_OK)
		st = read_pending(x->l, pending, a, p);
	if (st == ST_OK && p->wire.len > 0 && !p->is_carried)
		st = holds_erased(x, p, &holds);
	if (st == ST_OK && holds)
		st = seal_again(x, p, scope);
	free(p);
	arena_free(a);
	return st;
}

status
outbox_drop_erased(struct laptop *l, int64_t scope_id)
{
	struct filling *x = filling_new(l);
	struct scope_info scope;
	int64_t last = 0, upto = 0;
	struct query *q;
	status st;

	if (x == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for sealing");
	x->is_again = true;
	st = scope_by_id(l, scope_id, &scope);
	q = query_of(l->queries, "SELECT coalesce(max(id), 0) FROM r_pending");
	if (query_row(q))
		upto = query_column_int(q, 0);
	if (st == ST_OK)
		st = query_done(q, &l->trouble);
	while (st == ST_OK) {
		q = query_of(l->queries, "SELECT min(id) FROM r_pending WHERE scope = ? "
					 "AND id > ? AND id <= ?");
		query_int(q, scope_id);
		query_int(q, last);
		query_int(q, upto);
		last = query_row(q) ? query_column_int(q, 0) : 0;
		st = query_done(q, &l->trouble);
		if (st != ST_OK || last == 0)
			break;
		st = drop_erased(x, last, &scope);
	}
	filling_free(x);
	return st;
}
