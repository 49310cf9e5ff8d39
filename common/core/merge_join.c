/* merge_join.c - joins another store's state into this one after a restore (DESIGN 4.5).
 * Pure. */
#include "core/merge_rules.h"

/* One join under way. All that dies in it dies at `marker`, the first new lsn, so that
 * clients that have pulled already learn of it. */
struct join {
	struct merge_run run;
	const struct merge_other *other;
	uint64_t marker;
	struct merge_joined *out;
};

/* The marker's id belongs to no batch: it is the running hash over no id at all. */
static status
set_marker(struct join *j, struct trouble *t)
{
	static const struct batch_id none;
	struct batch_id id;
	struct hash32 hash;
	status st;

	merge_chain(j->run.checks, &j->run.chain, &none, &hash);
	memcpy(id.bytes, hash.bytes, sizeof id.bytes);
	st = merge_next_lsn(&j->run, &id, NULL, t);
	j->marker = j->run.lsn;
	return st;
}

static bool
lives_there(const struct merge_theirs *theirs, uint8_t index)
{
	const struct batch *b = theirs->batch;

	return b != NULL && index < b->n_ops && b->ops[index].is_present;
}

/* A batch that both know: what lives here and not there was superseded there. */
static status
meet_known(
    struct join *j, uint64_t lsn, const struct merge_theirs *theirs, struct trouble *t)
{
	const struct merge_state *s = j->run.s;
	struct op_place at = {lsn, 0};
	struct live_op op;
	bool is_there = true;
	status st = ST_OK;

	while (st == ST_OK) {
		st = s->next_live(s->ctx, &at, &is_there, &op, t);
		if (st != ST_OK || !is_there)
			break;
		if (!lives_there(theirs, at.index) && op.retention != RETAIN_AUDIT &&
		    j->other->has_scope(j->other->ctx, op.scope))
			st = merge_kill(&j->run, j->marker, at, t);
		if (at.index == UINT8_MAX)
			break;
		at.index++;
	}
	return st;
}

/* A claim that the op at `dot` is superseded in this scope and record: the op dies here,
 * or waits for its batch. */
static status
obey(struct join *j, const struct merge_doa *claim, struct trouble *t)
{
	const struct merge_state *s = j->run.s;
	struct op_place at = {0, claim->dot.index};
	struct batch_id ignored;
	struct live_op victim;
	bool is_live = false;
	status st = s->find_batch(s->ctx, &claim->dot.batch, &at.lsn, &ignored, t);

	if (st != ST_OK)
		return st;
	if (at.lsn == 0)
		return s->add_doa(s->ctx, claim, t);
	st = s->find_live(s->ctx, at, &is_live, &victim, t);
	if (st != ST_OK || !is_live ||
	    !merge_may_supersede(&victim, claim->scope, &claim->record))
		return st;
	return merge_kill(&j->run, j->marker, at, t);
}

/* What an op that came supersedes. The other side need not have told it: its doa names
 * only batches that it does not know, and of those that it knew it may have forgotten
 * the names of the dead ones (a laptop built from zero never learned them). */
static status
obey_dots(struct join *j, const struct merge_theirs *theirs, const struct op *op,
    struct trouble *t)
{
	const struct short_id self = batch_short(&theirs->id);
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < op->n_dots; i++) {
		const struct merge_doa claim = {
		    op->dots[i], theirs->batch->scope, op->record};

		if (!ID_EQUAL(&claim.dot.batch, &self))
			st = obey(j, &claim, t);
	}
	return st;
}

static status
add_op(struct join *j, const struct merge_theirs *theirs, size_t index, bool has_doa,
    bool *is_kept, struct trouble *t)
{
	const struct batch *b = theirs->batch;
	const struct op *op = &b->ops[index];
	const struct op_place at = {j->run.lsn, (uint8_t)index};
	bool has_erased = false;
	const struct arrival arrival = {
	    batch_short(&theirs->id), at.index, b->scope, op, has_doa, &has_erased};
	enum keep keep = KEEP_HASH;
	status st = ST_OK;

	if (op->is_present && op->type == OP_ERASE)
		keep = KEEP_ERASE;
	else if (op->is_present)
		st = merge_fate(&j->run, &arrival, &keep, t);
	if (st == ST_OK && op->is_present)
		st = obey_dots(j, theirs, op, t);
	if (st != ST_OK)
		return st;
	j->out->n_live += keep == KEEP_LIVE;
	*is_kept = *is_kept || keep != KEEP_HASH;
	return j->run.s->add_op(j->run.s->ctx, at, b->scope, op, keep, t);
}

/* Before the batch itself, so that its own ops meet its graves. */
static status
bury_erased(struct join *j, const struct batch *b, struct trouble *t)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < b->n_ops; i++) {
		struct merge_grave g = {b->scope, b->ops[i].subject};

		if (b->ops[i].is_present && b->ops[i].type == OP_ERASE)
			st = merge_bury(&j->run, j->marker, &g, NULL, t);
	}
	return st;
}

/* A batch that is new here: its ops that live there live here too, unless this side knew
 * that they are superseded (doa) or erased. */
static status
meet_new(struct join *j, const struct merge_theirs *theirs, struct trouble *t)
{
	const struct merge_state *s = j->run.s;
	const struct short_id short_id = batch_short(&theirs->id);
	const struct batch *b = theirs->batch;
	bool has_doa = false;
	bool is_kept = false;
	status st = s->has_doa_of(s->ctx, &short_id, &has_doa, t);

	if (st == ST_OK && b != NULL)
		st = bury_erased(j, b, t);
	if (st == ST_OK)
		st = merge_next_lsn(&j->run, &theirs->id, b, t);
	for (size_t i = 0; st == ST_OK && b != NULL && i < b->n_ops; i++)
		st = add_op(j, theirs, i, has_doa, &is_kept, t);
	if (st == ST_OK && has_doa)
		st = s->drop_doa_of(s->ctx, &short_id, t);
	if (st == ST_OK && !is_kept)
		st = s->prune_batch(s->ctx, j->run.lsn, t);
	j->out->n_added++;
	return st;
}

static status
meet(struct join *j, const struct merge_theirs *theirs, struct trouble *t)
{
	const struct merge_state *s = j->run.s;
	const struct short_id short_id = batch_short(&theirs->id);
	struct batch_id known;
	uint64_t lsn = 0;
	status st;

	if (theirs->batch != NULL &&
	    !j->other->has_scope(j->other->ctx, theirs->batch->scope))
		return ST_OK;
	st = s->find_batch(s->ctx, &short_id, &lsn, &known, t);
	if (st != ST_OK)
		return st;
	if (lsn == 0)
		return meet_new(j, theirs, t);
	if (!ID_EQUAL(&known, &theirs->id))
		return ST_OK; /* another batch under this short id: no claim on ours */
	return meet_known(j, lsn, theirs, t);
}

static status
join_graves(struct join *j, struct trouble *t)
{
	status st = ST_OK;

	while (st == ST_OK) {
		bool is_end = true;
		struct merge_grave g;

		st = j->other->next_grave(j->other->ctx, &is_end, &g, t);
		if (st != ST_OK || is_end)
			break;
		if (j->other->has_scope(j->other->ctx, g.scope))
			st = merge_bury(&j->run, j->marker, &g, NULL, t);
	}
	return st;
}

static status
join_batches(struct join *j, struct trouble *t)
{
	status st = ST_OK;

	while (st == ST_OK) {
		bool is_end = true;
		struct merge_theirs theirs;

		st = j->other->next_batch(j->other->ctx, &is_end, &theirs, t);
		if (st != ST_OK || is_end)
			break;
		st = meet(j, &theirs, t);
	}
	return st;
}

/* What the other side calls superseded without having seen it. Where it knows the batch
 * by now, what it says of the op itself counts. */
static status
join_claim(struct join *j, const struct merge_doa *claim, struct trouble *t)
{
	bool knows = false;
	status st = j->other->knows(j->other->ctx, &claim->dot.batch, &knows, t);

	return st != ST_OK || knows ? st : obey(j, claim, t);
}

static status
join_doa(struct join *j, struct trouble *t)
{
	status st = ST_OK;

	while (st == ST_OK) {
		bool is_end = true;
		struct merge_doa claim;

		st = j->other->next_doa(j->other->ctx, &is_end, &claim, t);
		if (st != ST_OK || is_end)
			break;
		if (j->other->has_scope(j->other->ctx, claim.scope))
			st = join_claim(j, &claim, t);
	}
	return st;
}

status
merge_join(const struct merge_state *s, const struct checks *checks,
    const struct merge_other *other, struct merge_joined *out, struct trouble *t)
{
	struct join j = {.run = {.s = s, .checks = checks}, .other = other, .out = out};
	status st;

	*out = (struct merge_joined){0};
	st = merge_begin(&j.run, t);
	if (st == ST_OK)
		st = set_marker(&j, t);
	if (st == ST_OK) /* first, so that what comes with the batches meets them */
		st = join_graves(&j, t);
	if (st == ST_OK)
		st = join_batches(&j, t);
	if (st == ST_OK)
		st = join_doa(&j, t);
	out->lsn = j.run.lsn;
	out->n_dead = j.run.n_dead;
	return st;
}
