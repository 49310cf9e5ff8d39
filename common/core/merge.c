/* merge.c - decides which ops of a space live: accept of one batch (DESIGN 4.3). Pure. */
#include "core/merge.h"

#include "core/merge_rules.h"

#include <assert.h>

static const struct batch_id no_batch;

/* One accept under way. */
struct accept {
	struct merge_run run;
	const struct merge_push *push;
	struct short_id self;
	bool has_doa; /* somebody superseded an op of this batch before it came */
	bool has_erased;
	size_t n_kept;
	uint64_t ref_lsns[BATCH_REFS_MAX]; /* beside batch->refs; 0 = not known */
};

void
merge_chain(const struct checks *checks, const struct hash32 *before,
    const struct batch_id *id, struct hash32 *out)
{
	const struct span parts[] = {
	    span_of(before->bytes, sizeof before->bytes),
	    span_of(id->bytes, sizeof id->bytes),
	};

	checks->hash(checks->ctx, "pnet/chain/1", parts, 2, out);
}

status
merge_begin(struct merge_run *r, struct trouble *t)
{
	return r->s->head(r->s->ctx, &r->lsn, &r->chain, t);
}

status
merge_next_lsn(struct merge_run *r, const struct batch_id *id, const struct batch *b,
    struct trouble *t)
{
	struct hash32 chain;

	merge_chain(r->checks, &r->chain, id, &chain);
	r->chain = chain;
	r->lsn++;
	return r->s->add_batch(r->s->ctx, r->lsn, &r->chain, id, b, t);
}

status
merge_kill(struct merge_run *r, uint64_t kill_lsn, struct op_place at, struct trouble *t)
{
	status st = r->s->drop_live(r->s->ctx, at, t);

	/* What dies in the transaction that brings it was never live to anybody. */
	if (st != ST_OK || at.lsn == kill_lsn)
		return st;
	r->n_dead++;
	st = r->s->add_dead(r->s->ctx, kill_lsn, at, t);
	return st != ST_OK ? st : r->s->prune_batch(r->s->ctx, at.lsn, t);
}

status
merge_bury(struct merge_run *r, uint64_t kill_lsn, const struct merge_grave *g,
    uint64_t *n_of_batch, struct trouble *t)
{
	status st = r->s->add_grave(r->s->ctx, g, kill_lsn, t);

	while (st == ST_OK) {
		bool is_there = false;
		struct op_place at;

		st = r->s->find_subject(r->s->ctx, g, &is_there, &at, t);
		if (st != ST_OK || !is_there)
			break;
		if (at.lsn == kill_lsn && n_of_batch != NULL)
			++*n_of_batch;
		st = merge_kill(r, kill_lsn, at, t);
	}
	return st;
}

status
merge_replay_grave(const struct merge_state *s, const struct merge_grave *g, uint64_t lsn,
    struct trouble *t)
{
	status st = s->add_grave(s->ctx, g, lsn, t);

	while (st == ST_OK) {
		bool is_there = false;
		struct op_place at;

		st = s->find_subject(s->ctx, g, &is_there, &at, t);
		if (st != ST_OK || !is_there)
			break;
		st = s->drop_live(s->ctx, at, t);
		if (st == ST_OK)
			st = s->prune_batch(s->ctx, at.lsn, t);
	}
	return st;
}

bool
merge_may_supersede(
    const struct live_op *victim, uint16_t scope, const struct tag *record)
{
	return victim->scope == scope && ID_EQUAL(&victim->record, record) &&
	       victim->retention != RETAIN_AUDIT;
}

/* Is the op dead on arrival: superseded before it came, or its subject erased? */
status
merge_fate(const struct merge_run *r, const struct arrival *a, enum keep *keep,
    struct trouble *t)
{
	const struct op *op = a->op;
	bool is_dead = false;
	status st = ST_OK;

	*keep = KEEP_HASH;
	if (op->has_subject) {
		struct merge_grave g = {a->scope, op->subject};

		st = r->s->has_grave(r->s->ctx, &g, &is_dead, t);
		if (is_dead)
			*a->has_erased = true;
	}
	if (st == ST_OK && !is_dead && a->has_doa && op->retention != RETAIN_AUDIT) {
		struct merge_doa claim = {{a->batch, a->index}, a->scope, op->record};

		st = r->s->has_doa(r->s->ctx, &claim, &is_dead, t);
	}
	if (st == ST_OK && !is_dead)
		*keep = KEEP_LIVE;
	return st;
}

/* lsn of the batch that a dot names, 0 if it is not known here. */
static status
resolve(
    const struct accept *a, const struct short_id *ref, uint64_t *lsn, struct trouble *t)
{
	const struct batch *b = a->push->batch;
	struct batch_id ignored;
	size_t low = 0;
	size_t high = b->n_refs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = memcmp(ref->bytes, b->refs[mid].bytes, sizeof ref->bytes);

		if (order == 0) {
			*lsn = a->ref_lsns[mid];
			return ST_OK;
		}
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return a->run.s->find_batch(a->run.s->ctx, ref, lsn, &ignored, t);
}

static status
resolve_refs(struct accept *a, struct trouble *t)
{
	const struct batch *b = a->push->batch;
	struct batch_id ignored;
	status st = ST_OK;

	assert(b->n_refs <= BATCH_REFS_MAX);
	for (size_t i = 0; st == ST_OK && i < b->n_refs; i++)
		st = a->run.s->find_batch(
		    a->run.s->ctx, &b->refs[i], &a->ref_lsns[i], &ignored, t);
	return st;
}

static status
supersede(struct accept *a, const struct op *op, const struct dot *dot, struct trouble *t)
{
	const struct merge_state *s = a->run.s;
	struct op_place at = {0, dot->index};
	struct live_op victim;
	bool is_live = false;
	status st;

	if (ID_EQUAL(&dot->batch, &a->self))
		return ST_OK; /* against the form of a batch; has no effect */
	st = resolve(a, &dot->batch, &at.lsn, t);
	if (st != ST_OK)
		return st;
	if (at.lsn == 0) {
		struct merge_doa claim = {*dot, a->push->batch->scope, op->record};

		return s->add_doa(s->ctx, &claim, t);
	}
	st = s->find_live(s->ctx, at, &is_live, &victim, t);
	if (st != ST_OK || !is_live ||
	    !merge_may_supersede(&victim, a->push->batch->scope, &op->record))
		return st;
	return merge_kill(&a->run, a->run.lsn, at, t);
}

static status
erase(struct accept *a, const struct op *op, struct trouble *t)
{
	struct merge_grave g = {a->push->batch->scope, op->subject};
	uint64_t n_own = 0;
	status st = merge_bury(&a->run, a->run.lsn, &g, &n_own, t);

	if (n_own > 0) {
		a->has_erased = true;
		a->n_kept -= (size_t)n_own;
	}
	return st;
}

static status
take_op(struct accept *a, size_t index, struct trouble *t)
{
	const struct batch *b = a->push->batch;
	const struct op *op = &b->ops[index];
	const struct op_place at = {a->run.lsn, (uint8_t)index};
	const struct arrival arrival = {
	    a->self, at.index, b->scope, op, a->has_doa, &a->has_erased};
	enum keep keep = KEEP_ERASE;
	status st = ST_OK;

	assert(op->is_present);
	/* Also an op that is dead on arrival applies its own list: else order matters. */
	for (size_t i = 0; st == ST_OK && i < op->n_dots; i++)
		st = supersede(a, op, &op->dots[i], t);
	if (st != ST_OK)
		return st;
	st = op->type == OP_ERASE ? erase(a, op, t)
				  : merge_fate(&a->run, &arrival, &keep, t);
	if (st != ST_OK)
		return st;
	if (keep != KEEP_HASH)
		a->n_kept++;
	return a->run.s->add_op(a->run.s->ctx, at, b->scope, op, keep, t);
}

static status
take(struct accept *a, struct trouble *t)
{
	const struct merge_state *s = a->run.s;
	const struct batch *b = a->push->batch;
	status st = resolve_refs(a, t);

	if (st == ST_OK)
		st = s->has_doa_of(s->ctx, &a->self, &a->has_doa, t);
	if (st == ST_OK)
		st = merge_next_lsn(&a->run, a->push->id, b, t);
	for (size_t i = 0; st == ST_OK && i < b->n_ops; i++)
		st = take_op(a, i, t);
	if (st == ST_OK && a->has_doa)
		st = s->drop_doa_of(s->ctx, &a->self, t);
	if (st == ST_OK && a->n_kept == 0)
		st = s->prune_batch(s->ctx, a->run.lsn, t);
	return st;
}

static bool
has_erase(const struct batch *b)
{
	for (size_t i = 0; i < b->n_ops; i++)
		if (b->ops[i].type == OP_ERASE)
			return true;
	return false;
}

status
merge_accept(const struct merge_state *s, const struct checks *checks,
    const struct merge_push *push, struct merge_verdict *out, struct trouble *t)
{
	struct accept a = {.run = {.s = s, .checks = checks}, .push = push};
	struct batch_id known = no_batch;
	uint64_t lsn = 0;
	status st;

	*out = (struct merge_verdict){.kind = MERGE_KIND_COUNT};
	a.self = batch_short(push->id);
	st = s->find_batch(s->ctx, &a.self, &lsn, &known, t);
	if (st != ST_OK)
		return st;
	if (lsn != 0) {
		out->kind = ID_EQUAL(&known, push->id) ? MERGE_KNOWN : MERGE_CLASH;
		out->lsn = out->kind == MERGE_KNOWN ? lsn : 0;
		return ST_OK;
	}
	if (push->refusal != 0) {
		out->kind = MERGE_REFUSED;
		out->refusal = push->refusal;
		out->detail = push->detail;
		return ST_OK;
	}
	st = merge_begin(&a.run, t);
	if (st == ST_OK)
		st = take(&a, t);
	if (st != ST_OK)
		return st;
	out->kind = a.has_erased ? MERGE_ERASED : MERGE_OK;
	out->lsn = a.run.lsn;
	out->has_erase = has_erase(push->batch);
	return ST_OK;
}
