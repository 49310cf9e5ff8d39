/* store_work_pull.c - one page of a pull (DESIGN 4.5), over any engine. */
#include "store/store_work.h"

/* Bytes of a batch on the wire beside header, signature and ops. */
enum { ROW_BYTES = 64 };

/* One scope of the pull: its next batch, 0 = none. */
struct stream {
	uint16_t scope;
	uint64_t since;
	uint64_t next;
};

struct pulling {
	struct store_engine *e;
	const struct store_pull *in;
	struct arena *arena;
	struct store_page *page;
	struct stream *streams; /* in->n_scopes of them */
	size_t bytes;
	size_t rows_cap, refs_cap, graves_cap, doa_cap;
	struct store_row *rows;
	struct op_place *refs;
	struct merge_grave *graves;
	struct merge_doa *doa;
};

static status
no_memory(struct trouble *t)
{
	return trouble_set(t, ST_NO_MEMORY, "pull page");
}

/* Is this the store that the client knows? */
static status
check_claim(struct pulling *p, struct trouble *t)
{
	const struct store_pull *in = p->in;
	struct hash32 chain = {{0}};
	status st = ST_OK;

	if (!in->has_claim)
		return ST_OK;
	if (in->cursor > 0)
		st = p->e->chain_at(p->e->ctx, in->cursor, &chain, t);
	if (st == ST_NOT_FOUND)
		return trouble_set(t, ST_EPOCH, "the cursor is above the head");
	if (st != ST_OK)
		return st;
	if (memcmp(in->epoch, p->page->epoch.bytes, sizeof in->epoch) != 0)
		return trouble_set(t, ST_EPOCH, "another store epoch");
	if (in->cursor > 0 && memcmp(in->hash, chain.bytes, sizeof in->hash) != 0)
		return trouble_set(t, ST_EPOCH, "another running hash");
	return ST_OK;
}

static status
open_streams(struct pulling *p, struct trouble *t)
{
	const struct store_pull *in = p->in;
	status st = ST_OK;

	p->streams = arena_zeros(p->arena, in->n_scopes + 1, sizeof *p->streams);
	if (p->streams == NULL)
		return no_memory(t);
	for (size_t i = 0; st == ST_OK && i < in->n_scopes; i++) {
		struct stream *s = &p->streams[i];
		uint64_t since = in->scopes[i].since;

		s->scope = in->scopes[i].scope;
		s->since = since;
		st = p->e->next_in_scope(p->e->ctx, s->scope,
		    since > in->after ? since : in->after, &s->next, t);
	}
	return st;
}

static struct stream *
least(struct pulling *p)
{
	struct stream *best = NULL;

	for (size_t i = 0; i < p->in->n_scopes; i++) {
		struct stream *s = &p->streams[i];

		if (s->next != 0 && (best == NULL || s->next < best->next))
			best = s;
	}
	return best;
}

static size_t
row_bytes(const struct store_row *row)
{
	size_t n = ROW_BYTES + row->batch.header.len;

	for (size_t i = 0; i < row->batch.n_ops; i++) {
		const struct op *op = &row->batch.ops[i];

		n += op->is_present ? op->wire.len : sizeof op->hash;
	}
	return n;
}

/* Adds batches in lsn order up to the mark; upto stays 0 if all of them fit. */
static status
add_rows(struct pulling *p, struct trouble *t)
{
	struct stream *s;

	while ((s = least(p)) != NULL) {
		struct store_row *row;
		status st;

		if (p->bytes >= p->in->bytes_max && p->page->n_rows > 0) {
			p->page->upto = p->rows[p->page->n_rows - 1].lsn;
			return ST_OK;
		}
		p->rows = list_grow(
		    p->arena, p->rows, p->page->n_rows, &p->rows_cap, sizeof *p->rows);
		if (p->rows == NULL)
			return no_memory(t);
		row = &p->rows[p->page->n_rows];
		st = p->e->read_batch(p->e->ctx, s->next, p->arena, row, t);
		if (st == ST_OK)
			st = p->e->next_in_scope(
			    p->e->ctx, s->scope, s->next, &s->next, t);
		if (st != ST_OK)
			return st;
		p->page->n_rows++;
		p->bytes += row_bytes(row);
	}
	return ST_OK;
}

static const struct stream *
stream_of(const struct pulling *p, uint16_t scope)
{
	for (size_t i = 0; i < p->in->n_scopes; i++)
		if (p->streams[i].scope == scope)
			return &p->streams[i];
	return NULL;
}

static status
keep_ref(struct pulling *p, struct op_place at, struct trouble *t)
{
	p->refs =
	    list_grow(p->arena, p->refs, p->page->n_refs, &p->refs_cap, sizeof *p->refs);
	if (p->refs == NULL)
		return no_memory(t);
	p->refs[p->page->n_refs++] = at;
	return ST_OK;
}

/* The client holds the op in its base (born up to `since`, killed after it), or in a
 * page told before this one (killed after that page was made). */
static status
visit_ref(
    void *ctx, uint64_t kill_lsn, struct op_place at, uint16_t scope, struct trouble *t)
{
	struct pulling *p = ctx;
	const struct stream *s = stream_of(p, scope);

	if (s == NULL)
		return ST_OK;
	if (at.lsn <= s->since && kill_lsn > s->since)
		return keep_ref(p, at, t);
	if (p->in->has_stage && at.lsn <= p->in->after && kill_lsn > p->in->stage_head)
		return keep_ref(p, at, t);
	return ST_OK;
}

/* The oldest kill that the client may have missed. */
static uint64_t
oldest_kill(const struct pulling *p)
{
	uint64_t oldest = p->in->has_stage ? p->in->stage_head : p->page->head;

	for (size_t i = 0; i < p->in->n_scopes; i++)
		if (p->streams[i].since > 0 && p->streams[i].since < oldest)
			oldest = p->streams[i].since;
	return oldest;
}

/* All that lives in the scopes asked for: what the client has besides is dead. */
static status
list_live(struct pulling *p, struct trouble *t)
{
	const struct merge_state *m = &p->e->merge;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < p->in->n_scopes; i++) {
		struct op_place at = {0, 0};

		for (;;) {
			bool is_there = false;
			struct live_op op;

			st = p->e->next_in_scope(
			    p->e->ctx, p->streams[i].scope, at.lsn, &at.lsn, t);
			if (st != ST_OK || at.lsn == 0)
				break;
			for (unsigned index = 0; st == ST_OK && index <= UINT8_MAX;) {
				at.index = (uint8_t)index;
				st = m->next_live(m->ctx, &at, &is_there, &op, t);
				if (st != ST_OK || !is_there)
					break;
				st = keep_ref(p, at, t);
				index = at.index + 1U;
			}
			if (st != ST_OK)
				break;
		}
	}
	return st;
}

static status
add_refs(struct pulling *p, struct trouble *t)
{
	uint64_t oldest = oldest_kill(p);
	uint64_t horizon = 0;
	status st = p->e->horizon(p->e->ctx, &horizon, t);

	if (st != ST_OK)
		return st;
	p->page->lists_live = oldest < horizon;
	if (p->page->lists_live)
		return list_live(p, t);
	return p->e->each_dead(p->e->ctx, oldest, visit_ref, p, t);
}

static status
visit_new_grave(void *ctx, const struct merge_grave *g, uint64_t lsn, struct trouble *t)
{
	struct pulling *p = ctx;
	const struct stream *s = stream_of(p, g->scope);

	if (s == NULL || lsn <= s->since)
		return ST_OK;
	p->graves = list_grow(
	    p->arena, p->graves, p->page->n_graves, &p->graves_cap, sizeof *p->graves);
	if (p->graves == NULL)
		return no_memory(t);
	p->graves[p->page->n_graves++] = *g;
	return ST_OK;
}

static status
visit_claim(void *ctx, const struct merge_doa *d, struct trouble *t)
{
	struct pulling *p = ctx;

	if (stream_of(p, d->scope) == NULL)
		return ST_OK;
	p->doa = list_grow(p->arena, p->doa, p->page->n_doa, &p->doa_cap, sizeof *p->doa);
	if (p->doa == NULL)
		return no_memory(t);
	p->doa[p->page->n_doa++] = *d;
	return ST_OK;
}

static status
add_last(struct pulling *p, struct trouble *t)
{
	status st = add_refs(p, t);

	if (st == ST_OK)
		st = p->e->each_grave(p->e->ctx, visit_new_grave, p, t);
	if (st == ST_OK)
		st = p->e->each_doa(p->e->ctx, visit_claim, p, t);
	return st;
}

static status
add_position(struct pulling *p, struct trouble *t)
{
	struct store_page *page = p->page;
	status st = p->e->epoch(p->e->ctx, &page->epoch, t);

	if (st == ST_OK)
		st = p->e->log_head(p->e->ctx, &page->log, t);
	if (st == ST_OK)
		st = p->e->merge.head(p->e->merge.ctx, &page->head, &page->chain, t);
	return st;
}

static status
fill(struct pulling *p, struct trouble *t)
{
	struct store_page *page = p->page;
	status st = add_position(p, t);

	if (st == ST_OK)
		st = check_claim(p, t);
	if (st == ST_OK)
		st = open_streams(p, t);
	if (st == ST_OK)
		st = add_rows(p, t);
	if (st != ST_OK)
		return st;
	page->is_last = page->upto == 0;
	if (!page->is_last)
		return p->e->chain_at(p->e->ctx, page->upto, &page->chain, t);
	page->upto = page->head;
	return add_last(p, t);
}

status
work_pull(struct store_engine *e, struct request *r, struct trouble *t)
{
	struct pulling p = {
	    .e = e, .in = &r->in.pull, .arena = r->arena, .page = &r->out.page};
	status st;

	r->out.page = (struct store_page){0};
	st = fill(&p, t);
	r->out.page.rows = p.rows;
	r->out.page.refs = p.refs;
	r->out.page.graves = p.graves;
	r->out.page.doa = p.doa;
	return st;
}
