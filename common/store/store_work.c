/* store_work.c - pushes, figures, graves and recovery, over any engine. */
#include "store/store_work.h"

static bool
has_grown_above(uint64_t before, uint64_t after, uint64_t most)
{
	return most > 0 && after > most && after > before;
}

/* ST_LIMIT is no answer: the transaction is undone, and with it the push; whoever shared
 * it is tried again alone. */
static status
check_room(struct store_engine *e, const struct store_push *p,
    const struct store_figures *before, struct trouble *t)
{
	struct store_figures after = {0};
	status st = e->figures(e->ctx, &after, t);

	if (st != ST_OK)
		return st;
	if (has_grown_above(before->live_ops, after.live_ops, p->live_ops_max) ||
	    has_grown_above(before->live_bytes, after.live_bytes, p->live_bytes_max))
		return trouble_set(t, ST_LIMIT, "more would live than the quota allows");
	return ST_OK;
}

status
work_accept(struct store_engine *e, struct request *r, struct trouble *t)
{
	const struct store_push *p = &r->in.push;
	const struct merge_push push = {p->batch, &p->id, p->refusal, p->detail};
	struct merge_verdict *v = &r->out.verdict;
	bool is_limited = p->live_ops_max > 0 || p->live_bytes_max > 0;
	struct store_figures before = {0};
	struct store_log_head log;
	status st = e->log_head(e->ctx, &log, t);

	if (st != ST_OK)
		return st;
	if (log.len != p->log_len)
		return trouble_set(t, ST_RETRY, "the log has %u records, not %u",
		    (unsigned)log.len, (unsigned)p->log_len);
	if (is_limited)
		st = e->figures(e->ctx, &before, t);
	if (st == ST_OK)
		st = merge_accept(&e->merge, e->checks, &push, v, t);
	if (st == ST_OK && is_limited)
		st = check_room(e, p, &before, t);
	if (st != ST_OK)
		return st;
	e->pushes++;
	r->has_written = v->kind == MERGE_OK || v->kind == MERGE_ERASED;
	r->has_erased = r->has_written && v->has_erase;
	return ST_OK;
}

status
work_look(struct store_engine *e, struct request *r, struct trouble *t)
{
	struct store_figures *f = &r->out.figures;
	status st;

	*f = (struct store_figures){0};
	st = e->figures(e->ctx, f, t);
	if (st != ST_OK)
		return st;
	f->pushes = e->pushes;
	f->commits = e->commits;
	f->reopened = e->reopened;
	f->commit_us = e->commit_us;
	memcpy(f->commit_took, e->commit_took, sizeof f->commit_took);
	f->owes_checkpoint = e->owes_checkpoint;
	if (r->in.lsn == 0)
		return ST_OK;
	st = e->chain_at(e->ctx, r->in.lsn, &f->asked, t);
	return st == ST_NOT_FOUND ? trouble_set(t, ST_EPOCH, "lsn %llu is above the head",
					(unsigned long long)r->in.lsn)
				  : st;
}

/* ---- graves ---- */

struct grave_list {
	struct arena *arena;
	size_t n;
	size_t cap;
	struct merge_grave *at;
};

static status
keep_grave(void *ctx, const struct merge_grave *g, uint64_t lsn, struct trouble *t)
{
	struct grave_list *list = ctx;

	(void)lsn;
	list->at =
	    list_grow(list->arena, list->at, list->n, &list->cap, sizeof *list->at);
	if (list->at == NULL)
		return trouble_set(t, ST_NO_MEMORY, "graves");
	list->at[list->n++] = *g;
	return ST_OK;
}

status
work_graves(struct store_engine *e, struct request *r, struct trouble *t)
{
	struct grave_list list = {.arena = r->arena};
	status st = e->each_grave(e->ctx, keep_grave, &list, t);

	r->out.graves = (struct store_graves){list.n, list.at};
	return st;
}

/* A new epoch sends every device through recovery; what was erased is gone before the
 * first of them comes. Kills are not logged: no cursor of the new epoch is older. */
status
work_restore(struct store_engine *e, struct request *r, struct trouble *t)
{
	const struct merge_state *s = &e->merge;
	struct hash32 chain;
	uint64_t head = 0;
	status st = e->set_epoch(e->ctx, &r->in.restore.epoch, t);

	r->has_written = true;
	r->has_erased = true;
	if (st == ST_OK)
		st = s->head(s->ctx, &head, &chain, t);
	for (size_t i = 0; st == ST_OK && i < r->in.restore.n; i++)
		st = merge_replay_grave(
		    s, &r->in.restore.graves[i], head > 0 ? head : 1, t);
	return st;
}

status
work_trim(struct store_engine *e, struct request *r, struct trouble *t)
{
	uint64_t horizon = 0;
	status st = e->horizon(e->ctx, &horizon, t);

	if (st != ST_OK || r->in.lsn <= horizon)
		return st;
	r->has_written = true;
	return e->trim(e->ctx, r->in.lsn, t);
}

/* ---- upkeep ---- */

status
work_copy(struct store_engine *e, struct request *r, struct trouble *t)
{
	r->out.copied = (struct store_copied){0};
	if (e->copy == NULL)
		return trouble_set(t, ST_NOT_FOUND, "the space has no file");
	return e->copy(e->ctx, r->in.copy.path, r->in.copy.n_pages, &r->out.copied, t);
}

status
work_compact(struct store_engine *e, struct request *r, struct trouble *t)
{
	(void)r;
	return e->compact == NULL ? ST_OK : e->compact(e->ctx, t);
}

/* ---- recovery ---- */

static status
stage_all(struct store_engine *e, const struct store_part *p, struct trouble *t)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < p->n_ids; i++) {
		struct merge_theirs name = {p->ids[i], NULL};

		st = e->stage_batch(e->ctx, p->device, &name, t);
	}
	for (size_t i = 0; st == ST_OK && i < p->n_batches; i++)
		st = e->stage_batch(e->ctx, p->device, &p->batches[i], t);
	for (size_t i = 0; st == ST_OK && i < p->n_graves; i++)
		st = e->stage_grave(e->ctx, p->device, &p->graves[i], t);
	for (size_t i = 0; st == ST_OK && i < p->n_doa; i++)
		st = e->stage_doa(e->ctx, p->device, &p->doa[i], t);
	return st;
}

status
work_stage(struct store_engine *e, struct request *r, struct trouble *t)
{
	status st = ST_OK;

	r->has_written = true;
	if (r->in.part.is_first)
		st = e->drop_stage(e->ctx, r->in.part.device, t);
	return st == ST_OK ? stage_all(e, &r->in.part, t) : st;
}

/* The staged side, with the scopes that its device may speak for. */
struct spoken {
	struct merge_other staged;
	size_t n;
	const uint16_t *scopes;
};

static bool
has_scope(void *ctx, uint16_t scope)
{
	const struct spoken *s = ctx;

	for (size_t i = 0; i < s->n; i++)
		if (s->scopes[i] == scope)
			return true;
	return false;
}

static status
next_batch(void *ctx, bool *is_end, struct merge_theirs *out, struct trouble *t)
{
	struct spoken *s = ctx;

	return s->staged.next_batch(s->staged.ctx, is_end, out, t);
}

static status
next_grave(void *ctx, bool *is_end, struct merge_grave *out, struct trouble *t)
{
	struct spoken *s = ctx;

	return s->staged.next_grave(s->staged.ctx, is_end, out, t);
}

static status
next_doa(void *ctx, bool *is_end, struct merge_doa *out, struct trouble *t)
{
	struct spoken *s = ctx;

	return s->staged.next_doa(s->staged.ctx, is_end, out, t);
}

static status
knows(void *ctx, const struct short_id *batch, bool *out, struct trouble *t)
{
	struct spoken *s = ctx;

	return s->staged.knows(s->staged.ctx, batch, out, t);
}

status
work_join(struct store_engine *e, struct request *r, struct trouble *t)
{
	struct spoken spoken = {.n = r->in.join.n, .scopes = r->in.join.scopes};
	const struct merge_other other = {
	    &spoken, next_batch, next_grave, next_doa, knows, has_scope};
	status st = e->open_stage(e->ctx, r->in.join.device, r->arena, &spoken.staged, t);

	if (st != ST_OK)
		return st;
	r->has_written = true;
	r->has_erased = true;
	st = merge_join(&e->merge, e->checks, &other, &r->out.joined, t);
	e->close_stage(e->ctx);
	/* A failure here undoes all: no status of the merge may pass for an answer. */
	if (st == ST_OK)
		st = e->drop_stage(e->ctx, r->in.join.device, t);
	return st == ST_NOT_FOUND ? ST_CORRUPT : st;
}
