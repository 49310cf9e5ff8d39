/* act_net.c - what goes over the network: pushes whose request or answer may be lost,
 * pulls page by page with cuts, the stage and its application, recovery, carrying.
 *
 * A session pushes everything pending before it pulls, and applies a pull only when each
 * pending batch has its verdict: a batch of which every op is dead is in no page, so its
 * lsn is what says that the base has it. */
#include "world.h"

#include <assert.h>
#include <stdlib.h>

enum { SCOPES = 3 };
static const uint16_t all_scopes[SCOPES] = {1, 2, 3};

/* How a session went on. */
enum went { WENT_ON, WENT_CUT, WENT_WRONG };

/* --- recovery (DESIGN 4.5) --- */

/* The op with its bytes if the laptop's base has it, else its hash. */
static void
fill_theirs(struct world *w, const struct replica *r, int batch, struct merge_theirs *out)
{
	const struct sealed *s = &w->sealed[batch];
	struct batch *b = arena_alloc(w->kept, sizeof *b);
	bool has_any = false;

	assert(b != NULL);
	*b = s->batch;
	b->ops = arena_alloc(w->kept, b->n_ops * sizeof *b->ops);
	assert(b->ops != NULL);
	for (size_t i = 0; i < b->n_ops; i++) {
		b->ops[i] = s->batch.ops[i];
		b->ops[i].is_present = s->batch.ops[i].type == OP_ERASE;
	}
	for (size_t i = 0; i < r->n_base; i++) {
		if (r->base[i].batch == batch)
			b->ops[r->base[i].index].is_present = true;
	}
	for (size_t i = 0; i < b->n_ops; i++)
		has_any |= b->ops[i].is_present;
	*out = (struct merge_theirs){s->id, has_any ? b : NULL};
}

static void
claim_rows(struct world *w, const struct replica *r, struct store_part *part)
{
	struct merge_grave *graves = arena_alloc(w->kept, r->n_graves * sizeof *graves);
	struct merge_doa *doa = arena_alloc(w->kept, r->n_doa * sizeof *doa);

	assert(graves != NULL && doa != NULL);
	for (size_t i = 0; i < r->n_graves; i++)
		graves[i] =
		    (struct merge_grave){r->graves[i].scope, r->graves[i].subject};
	for (size_t i = 0; i < r->n_doa; i++)
		doa[i] =
		    (struct merge_doa){r->doa[i].dot, r->doa[i].scope, r->doa[i].record};
	part->n_graves = r->n_graves;
	part->graves = graves;
	part->n_doa = r->n_doa;
	part->doa = doa;
}

static void
claim_batches(struct world *w, const struct replica *r, struct store_part *part)
{
	struct merge_theirs *batches =
	    arena_alloc(w->kept, w->n_sealed * sizeof *batches);
	struct batch_id *ids = arena_alloc(w->kept, w->n_sealed * sizeof *ids);

	assert(batches != NULL && ids != NULL);
	part->batches = batches;
	part->ids = ids;
	for (size_t i = 0; i < w->n_sealed; i++) {
		struct merge_theirs *t = &batches[part->n_batches];

		if (!r->shown[i])
			continue;
		fill_theirs(w, r, (int)i, t);
		if (t->batch != NULL)
			part->n_batches++;
		else
			ids[part->n_ids++] = t->id;
	}
}

static bool
is_empty(const struct store_part *p)
{
	return p->n_ids == 0 && p->n_batches == 0 && p->n_graves == 0 && p->n_doa == 0;
}

static void
forget_stage(struct replica *r)
{
	r->stage_lsn = 0;
	r->n_stage = 0;
	memset(r->stage_shown, 0, sizeof r->stage_shown);
}

/* The laptop tells all it knows; from then on it pulls from zero. */
static bool
recover(struct world *w, struct client *c, uint64_t epoch)
{
	struct replica *r = &c->r;
	struct store_part part = {.device = {1, c->device}, .is_first = true};
	struct merge_joined joined;
	enum store_result got;

	claim_batches(w, r, &part);
	claim_rows(w, r, &part);
	got = hub_recover(w->hub, &part, SCOPES, all_scopes, &joined);
	/* A laptop that knows nothing has nothing to join. */
	if (got != STORE_OK && !(got == STORE_GONE && is_empty(&part)))
		return world_fail(w, "recovery answered %s", store_result_name(got));
	oracle_join(w->oracle, &w->server_known, &r->base_known, r->shown);
	w->counts.recoveries++;
	world_say(w, "  recovers: %zu batches, %zu names, %zu graves, %zu doa told",
	    part.n_batches, part.n_ids, part.n_graves, part.n_doa);
	r->epoch = epoch;
	r->cursor = 0;
	r->token = 0;
	r->must_rebase = true;
	forget_stage(r);
	for (size_t i = 0; i < r->n_pending; i++)
		r->pending[i].lsn = 0;
	return judge_server(w);
}

/* The begin of a session: is it the server that the laptop knows? */
static bool
meet(struct world *w, struct client *c)
{
	const struct store_figures f = hub_look(w->hub);
	const uint64_t epoch = get_u64(f.epoch.bytes);

	if (c->r.epoch == 0)
		c->r.epoch = epoch;
	return c->r.epoch == epoch || recover(w, c, epoch);
}

/* --- pushes --- */

/* A batch arrives at the server. carried: not from its author's own hand. */
static bool
arrive(struct world *w, int batch, bool is_carried, struct merge_verdict *v)
{
	struct sealed *s = &w->sealed[batch];
	const bool is_known = w->server_known.has[batch];
	const bool is_refused = s->is_refused || (s->is_old_epoch && !is_carried);
	const struct hub_push push = {&s->batch, s->id, is_refused};
	enum store_result got = hub_push(w->hub, &push, v);

	s->was_sent = true;
	if (got != STORE_OK)
		return world_fail(w, "a push answered %s", store_result_name(got));
	if (is_known != (v->kind == MERGE_KNOWN))
		return world_fail(w, "batch %d is%s known, but the verdict is %d", batch,
		    is_known ? "" : " not", (int)v->kind);
	if (!is_known && is_refused != (v->kind == MERGE_REFUSED))
		return world_fail(w, "batch %d: verdict %d", batch, (int)v->kind);
	if (v->kind != MERGE_REFUSED) {
		w->server_known.has[batch] = true;
		s->was_accepted = true;
		oracle_accepted(w->oracle, batch);
	}
	w->counts.pushes++;
	world_say(w, "  batch %d arrives: verdict %d lsn %llu", batch, (int)v->kind,
	    (unsigned long long)v->lsn);
	return v->kind == MERGE_KNOWN || judge_count(w);
}

/* What the laptop makes of a verdict that reached it. */
static bool
heard(struct world *w, struct client *c, int batch, const struct merge_verdict *v,
    const struct rng *r)
{
	const struct sealed *s = &w->sealed[batch];

	if (v->kind == MERGE_REFUSED && !s->is_refused)
		return seal_again(w, c, batch, r);
	if (v->kind == MERGE_REFUSED) {
		replica_drop_pending(&c->r, batch);
		c->r.own[batch] = false;
		w->counts.refused++;
		return true;
	}
	if (w->sabotage == SABOTAGE_ACK_IS_ENOUGH) {
		replica_drop_pending(&c->r, batch);
		return true;
	}
	for (size_t i = 0; i < c->r.n_pending; i++) {
		if (c->r.pending[i].batch == batch)
			c->r.pending[i].lsn = v->lsn;
	}
	return true;
}

static enum went
push_one(struct world *w, struct client *c, int batch, const struct rng *r)
{
	const bool is_carried = w->sealed[batch].author != c->device;
	struct merge_verdict v;

	if (world_is_hit(r, w->is_calm ? 0 : w->profile->lost_request))
		return WENT_CUT;
	if (!arrive(w, batch, is_carried, &v))
		return WENT_WRONG;
	if (world_is_hit(r, w->is_calm ? 0 : w->profile->lost_ack))
		return WENT_CUT;
	return heard(w, c, batch, &v, r) ? WENT_ON : WENT_WRONG;
}

/* The first pending batch without a verdict, or ORACLE_NONE. */
static int
next_unheard(const struct replica *r)
{
	for (size_t i = 0; i < r->n_pending; i++) {
		if (r->pending[i].lsn == 0)
			return r->pending[i].batch;
	}
	return ORACLE_NONE;
}

static enum went
push_pending(struct world *w, struct client *c, const struct rng *r)
{
	/* A batch sealed again comes back once more, so the rounds are bounded. */
	for (int left = 4 * REPLICA_PENDING_MAX; left > 0; left--) {
		int batch = next_unheard(&c->r);
		enum went went;

		if (batch == ORACLE_NONE)
			return WENT_ON;
		went = push_one(w, c, batch, r);
		if (went != WENT_ON)
			return went;
	}
	world_fail(w, "the queue of pushes never ends");
	return WENT_WRONG;
}

bool
push_all(struct world *w, struct client *c, const struct rng *r)
{
	return meet(w, c) && push_pending(w, c, r) != WENT_WRONG;
}

bool
act_push(struct world *w, struct client *c, const struct rng *r)
{
	size_t at;

	if (!meet(w, c))
		return false;
	if (c->r.n_pending == 0)
		return true;
	/* In any order: batches overtake each other. */
	at = rng_below(r, c->r.n_pending);
	return push_one(w, c, c->r.pending[at].batch, r) != WENT_WRONG;
}

bool
act_replay(struct world *w, const struct rng *r)
{
	struct merge_verdict v;
	size_t at;

	if (w->n_sealed == 0)
		return true;
	at = rng_below(r, w->n_sealed);
	if (!w->sealed[at].was_sent)
		return true;
	w->counts.replays++;
	return arrive(w, (int)at, false, &v) && judge_server(w);
}

/* --- pulls --- */

static void
stage_rows(struct world *w, struct replica *r, const struct store_page *page)
{
	for (size_t i = 0; i < page->n_rows; i++) {
		const struct store_row *row = &page->rows[i];
		const struct short_id id = batch_short(&row->id);
		int n = world_batch(w, &id);

		assert(n != ORACLE_NONE);
		r->stage_shown[n] = true;
		for (size_t k = 0; k < row->batch.n_ops; k++) {
			if (!row->batch.ops[k].is_present ||
			    w->sealed[n].batch.ops[k].type == OP_ERASE)
				continue;
			assert(r->n_stage < REPLICA_STAGE_MAX);
			r->stage[r->n_stage++] =
			    (struct base_op){row->lsn, (uint16_t)n, (uint8_t)k};
		}
	}
}

static bool
is_listed(const struct store_page *page, const struct base_op *at)
{
	for (size_t i = 0; i < page->n_refs; i++) {
		if (page->refs[i].lsn == at->lsn && page->refs[i].index == at->index)
			return true;
	}
	return false;
}

/* Dead refs take ops away; the list of live ops takes all others away. */
static size_t
sift(const struct world *w, const struct store_page *page, struct base_op *ops, size_t n)
{
	size_t kept = 0;

	if (w->sabotage == SABOTAGE_NO_DEAD)
		return n;
	for (size_t i = 0; i < n; i++) {
		if (is_listed(page, &ops[i]) == page->lists_live)
			ops[kept++] = ops[i];
	}
	return kept;
}

static void
apply_ops(struct world *w, struct replica *r, const struct store_page *page)
{
	if (r->must_rebase)
		r->n_base = 0;
	r->n_base = sift(w, page, r->base, r->n_base);
	r->n_stage = sift(w, page, r->stage, r->n_stage);
	for (size_t i = 0; i < r->n_stage; i++) {
		assert(r->n_base < REPLICA_BASE_MAX);
		r->base[r->n_base++] = r->stage[i];
	}
}

static void
apply_rows(struct world *w, struct replica *r, const struct store_page *page)
{
	if (r->must_rebase)
		r->n_graves = 0;
	for (size_t i = 0; i < page->n_graves; i++) {
		if (replica_has_grave(r, page->graves[i].scope, &page->graves[i].subject))
			continue;
		assert(r->n_graves < REPLICA_GRAVES_MAX);
		r->graves[r->n_graves++] =
		    (struct grave_row){page->graves[i].scope, page->graves[i].subject};
	}
	r->n_doa = 0;
	for (size_t i = 0; w->sabotage != SABOTAGE_NO_DOA && i < page->n_doa; i++) {
		assert(r->n_doa < REPLICA_DOA_MAX);
		r->doa[r->n_doa++] = (struct doa_row){
		    page->doa[i].dot, page->doa[i].scope, page->doa[i].record};
		w->counts.doa_rows++;
	}
}

/* What the pull has shown, or lies below its head, is in base now. */
static void
settle_pending(struct replica *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < ORACLE_BATCHES_MAX; i++)
		r->shown[i] = (r->shown[i] && !r->must_rebase) || r->stage_shown[i];
	for (size_t i = 0; i < r->n_pending; i++) {
		const struct pending_row *p = &r->pending[i];
		bool is_below = p->lsn != 0 && p->lsn <= r->cursor;

		if (is_below)
			r->shown[p->batch] = true;
		if (!is_below && !r->shown[p->batch])
			r->pending[kept++] = *p;
	}
	r->n_pending = kept;
}

static bool
apply(struct world *w, struct client *c, const struct store_page *page)
{
	struct replica *r = &c->r;

	apply_rows(w, r, page);
	for (size_t i = 0; i < r->n_stage; i++) {
		w->counts.ops_compared++;
		if (!world_carries_well(w, c, r->stage[i]))
			return false;
	}
	apply_ops(w, r, page);
	r->cursor = page->upto;
	r->token = get_u64(page->chain.bytes);
	settle_pending(r);
	forget_stage(r);
	r->must_rebase = false;
	r->base_known = w->server_known;
	for (size_t i = 0; i < ORACLE_BATCHES_MAX; i++)
		r->own[i] = r->own[i] && !r->base_known.has[i];
	w->counts.pulls++;
	return judge_view(w, c);
}

static enum store_result
ask_page(
    struct world *w, const struct client *c, uint64_t stage_head, struct store_page *page)
{
	const struct replica *r = &c->r;
	struct store_pull_scope scopes[SCOPES];
	struct store_pull pull = {
	    .has_claim = true,
	    .cursor = r->cursor,
	    .after = r->stage_lsn != 0 ? r->stage_lsn : r->cursor,
	    .has_stage = r->stage_lsn != 0,
	    .stage_head = stage_head,
	    .n_scopes = SCOPES,
	    .scopes = scopes,
	    .bytes_max =
		w->profile->page_batches > 50 ? 1u << 20 : w->profile->page_batches * 300,
	};
	uint8_t echo[8];

	put_u64(echo, r->epoch);
	memcpy(pull.epoch, echo, sizeof pull.epoch);
	put_u64(pull.hash, r->token);
	for (size_t i = 0; i < SCOPES; i++)
		scopes[i] = (struct store_pull_scope){all_scopes[i], r->cursor};
	return hub_pull(w->hub, &pull, w->brief, page);
}

/* One page. The last one is applied if every pending batch has its verdict. */
static enum went
pull_page(struct world *w, struct client *c, bool *is_last)
{
	struct store_page page = {0};
	enum store_result got = ask_page(w, c, c->r.stage_head, &page);

	if (got != STORE_OK) {
		world_fail(w, "a pull answered %s", store_result_name(got));
		return WENT_WRONG;
	}
	if (c->r.stage_lsn == 0)
		c->r.stage_head = page.head;
	stage_rows(w, &c->r, &page);
	c->r.stage_lsn = page.upto;
	*is_last = page.is_last;
	world_say(w, "  pulls a page up to %llu of %llu, %zu rows%s",
	    (unsigned long long)page.upto, (unsigned long long)page.head, page.n_rows,
	    page.is_last ? ", the last" : "");
	if (page.is_last || w->sabotage == SABOTAGE_EARLY_APPLY)
		return apply(w, c, &page) ? WENT_ON : WENT_WRONG;
	return WENT_ON;
}

static enum went
pull_pages(struct world *w, struct client *c, const struct rng *r)
{
	bool is_last = false;

	while (!is_last) {
		enum went went = pull_page(w, c, &is_last);

		if (went != WENT_ON)
			return went;
		if (is_last || w->is_calm || !world_is_hit(r, w->profile->cut_pull))
			continue;
		w->counts.cuts++;
		if (world_is_hit(r, w->profile->drop_stage))
			forget_stage(&c->r);
		return WENT_CUT;
	}
	return WENT_ON;
}

bool
pull_all(struct world *w, struct client *c, const struct rng *r)
{
	return meet(w, c) && pull_pages(w, c, r) != WENT_WRONG;
}

/* A whole session. A cut anywhere ends it. */
bool
act_pull(struct world *w, struct client *c, const struct rng *r)
{
	enum went went;

	if (!meet(w, c))
		return false;
	went = push_pending(w, c, r);
	if (went == WENT_ON)
		went = pull_pages(w, c, r);
	return went != WENT_WRONG;
}

bool
act_sync(struct world *w, struct client *c, const struct rng *r)
{
	return seal_all(w, c, r) && act_pull(w, c, r);
}

/* --- carrying by file --- */

bool
act_carry(struct world *w, struct client *c, const struct rng *r)
{
	const struct client *from = &w->clients[rng_below(r, w->n_clients)];
	int batch;

	if (from->r.n_pending == 0 || c->r.n_pending + 16 > REPLICA_PENDING_MAX)
		return true;
	batch = from->r.pending[rng_below(r, from->r.n_pending)].batch;
	/* What the base has but was dead before the pull would stand in the view as if it
	 * were live until the next session: a function of more than a set. State is the
	 * same then but for forgotten names, so it is left out here. */
	if (from == c || replica_is_pending(&c->r, batch) || c->r.base_known.has[batch])
		return true;
	c->r.pending[c->r.n_pending++] = (struct pending_row){(uint16_t)batch, 0};
	c->r.own[batch] = true;
	w->counts.carried++;
	world_say(w, "  takes batch %d along", batch);
	return true;
}
