/* view.c - what a laptop shows of a record: its base and pending ops handed to
 * core/record.c, as accept of pending over base would leave them (RELIABILITY 2). */
#include "world.h"

#include <assert.h>
#include <stdlib.h>

bool
replica_is_pending(const struct replica *r, int batch)
{
	for (size_t i = 0; i < r->n_pending; i++) {
		if (r->pending[i].batch == batch)
			return true;
	}
	return false;
}

void
replica_drop_pending(struct replica *r, int batch)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n_pending; i++) {
		if (r->pending[i].batch != batch)
			r->pending[kept++] = r->pending[i];
	}
	r->n_pending = kept;
}

bool
replica_has_grave(const struct replica *r, uint16_t scope, const struct tag *subject)
{
	for (size_t i = 0; i < r->n_graves; i++) {
		if (r->graves[i].scope == scope &&
		    ID_EQUAL(&r->graves[i].subject, subject))
			return true;
	}
	return false;
}

void
replica_known(const struct replica *r, struct batch_set *out)
{
	*out = r->base_known;
	for (size_t i = 0; i < ORACLE_BATCHES_MAX; i++)
		out->has[i] |= r->own[i];
}

const struct op *
world_op(const struct world *w, struct base_op at)
{
	return &w->sealed[at.batch].batch.ops[at.index];
}

/* --- graves --- */

struct grave_ctx {
	const struct world *w;
	const struct replica *r;
	uint16_t scope;
	uint64_t sealing; /* person whose erase is in the batch being sealed; 0 = none */
};

static bool
has_pending_grave(const struct grave_ctx *g, const struct tag *subject)
{
	for (size_t i = 0; i < g->r->n_pending; i++) {
		const struct batch *b = &g->w->sealed[g->r->pending[i].batch].batch;

		for (size_t k = 0; b->scope == g->scope && k < b->n_ops; k++) {
			if (b->ops[k].type == OP_ERASE &&
			    ID_EQUAL(&b->ops[k].subject, subject))
				return true;
		}
	}
	return false;
}

static enum grave_state
grave_of(const void *ctx, uint64_t person)
{
	const struct grave_ctx *g = ctx;
	const struct tag subject = oracle_subject(g->scope, person);

	if (replica_has_grave(g->r, g->scope, &subject))
		return GRAVE_BASE;
	if (g->sealing == person)
		return GRAVE_SEALING;
	if (!has_pending_grave(g, &subject))
		return GRAVE_NONE;
	return g->w->sabotage == SABOTAGE_GRAVE_TOO_SOON ? GRAVE_BASE : GRAVE_PENDING;
}

/* --- ops of a record --- */

static bool
is_of(const struct op *op, const struct batch *b, const struct world_record *wr)
{
	return op->type == OP_WRITE && b->scope == wr->scope &&
	       ID_EQUAL(&op->record, &wr->tag);
}

/* Superseded before it arrived: the server will drop it, its own dots still count. */
static bool
is_doa(const struct replica *r, const struct dot *d, const struct world_record *wr)
{
	for (size_t i = 0; i < r->n_doa; i++) {
		if (dot_equal(&r->doa[i].dot, d) && r->doa[i].scope == wr->scope &&
		    ID_EQUAL(&r->doa[i].record, &wr->tag))
			return wr->retention != RETAIN_AUDIT;
	}
	return false;
}

struct gathering {
	const struct world *w;
	const struct world_record *wr;
	struct record_op *ops;
	size_t n;
	size_t cap;
};

static struct record_op
record_op_at(const struct world *w, struct base_op at, bool is_pending)
{
	const struct sealed *s = &w->sealed[at.batch];
	const struct op *op = &s->batch.ops[at.index];

	return (struct record_op){
	    .dot = {batch_short(&s->id), at.index},
	    .is_pending = is_pending,
	    .sealed_bytes = op->body.len,
	    .n_dots = op->n_dots,
	    .dots = op->dots,
	    .body = s->bodies[at.index],
	};
}

static void
drop_victims(struct gathering *g, const struct op *killer)
{
	size_t kept = 0;

	if (g->wr->retention == RETAIN_AUDIT)
		return;
	for (size_t i = 0; i < g->n; i++) {
		bool is_victim = false;

		for (size_t k = 0; k < killer->n_dots; k++)
			is_victim |= dot_equal(&killer->dots[k], &g->ops[i].dot);
		if (!is_victim)
			g->ops[kept++] = g->ops[i];
	}
	g->n = kept;
}

static void
gather_pending(struct gathering *g, const struct replica *r)
{
	for (size_t i = 0; i < r->n_pending; i++) {
		const struct sealed *s = &g->w->sealed[r->pending[i].batch];

		for (size_t k = 0; k < s->batch.n_ops; k++) {
			const struct base_op at = {0, r->pending[i].batch, (uint8_t)k};
			const struct record_op ro = record_op_at(g->w, at, true);

			if (!is_of(&s->batch.ops[k], &s->batch, g->wr))
				continue;
			assert(g->n < g->cap);
			if (!is_doa(r, &ro.dot, g->wr))
				g->ops[g->n++] = ro;
		}
	}
	/* After all are there: a victim may stand later in the list than its killer. */
	for (size_t i = 0; i < r->n_pending; i++) {
		const struct sealed *s = &g->w->sealed[r->pending[i].batch];

		for (size_t k = 0; k < s->batch.n_ops; k++) {
			const struct dot d = {batch_short(&s->id), (uint8_t)k};

			if (is_of(&s->batch.ops[k], &s->batch, g->wr) &&
			    is_doa(r, &d, g->wr))
				drop_victims(g, &s->batch.ops[k]);
		}
	}
}

static void
gather_base(struct gathering *g, const struct replica *r)
{
	for (size_t i = 0; i < r->n_base; i++) {
		const struct batch *b = &g->w->sealed[r->base[i].batch].batch;

		if (!is_of(&b->ops[r->base[i].index], b, g->wr))
			continue;
		assert(g->n < g->cap);
		g->ops[g->n++] = record_op_at(g->w, r->base[i], false);
	}
}

/* At most so many ops can be of one record. */
static size_t
count_ops(const struct world *w, const struct replica *r)
{
	size_t n = r->n_base;

	for (size_t i = 0; i < r->n_pending; i++)
		n += w->sealed[r->pending[i].batch].batch.n_ops;
	return n;
}

static size_t
gather_dirty(const struct replica *r, size_t record, struct record_dirty *out)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_dirty; i++) {
		if (r->dirty[i].record == record)
			out[n++] = r->dirty[i].dirty;
	}
	return n;
}

static bool
is_text_field(uint16_t kind, uint16_t field)
{
	return kind == WORLD_PROSE && field == FIELD_TEXT_ID;
}

const struct world_view *
world_view(struct world *w, const struct client *c, size_t record, uint64_t sealing)
{
	const struct world_record *wr = &w->records[record];
	struct world_view *v = arena_zeros(w->brief, 1, sizeof *v);
	struct grave_ctx *graves = arena_alloc(w->brief, sizeof *graves);
	struct record_dirty *dirty = arena_alloc(w->brief, c->r.n_dirty * sizeof *dirty);
	struct gathering g = {w, wr, NULL, 0, count_ops(w, &c->r)};

	g.ops = arena_alloc(w->brief, g.cap * sizeof *g.ops);
	assert(v != NULL && graves != NULL && dirty != NULL && g.ops != NULL);
	gather_base(&g, &c->r);
	gather_pending(&g, &c->r);
	*graves = (struct grave_ctx){w, &c->r, wr->scope, sealing};
	v->in = (struct record_input){
	    .kind = wr->kind,
	    .record = wr->id,
	    .has_person = wr->has_person,
	    .person = {wr->person},
	    .is_audit = wr->retention == RETAIN_AUDIT,
	    .n_ops = g.n,
	    .ops = g.ops,
	    .n_dirty = gather_dirty(&c->r, record, dirty),
	    .dirty = dirty,
	    .graves = {grave_of, graves},
	    .is_text = is_text_field,
	};
	if (record_view(w->brief, &v->in, &v->view, NULL) != ST_OK)
		abort(); /* only without memory */
	return v;
}

/* --- what a reader checks (SECURITY 9.5.8) --- */

static size_t
record_of(const struct world *w, const struct batch *b, const struct op *op)
{
	for (size_t i = 0; i < w->n_records; i++) {
		if (is_of(op, b, &w->records[i]))
			return i;
	}
	return SIZE_MAX;
}

bool
world_carries_well(struct world *w, const struct client *c, struct base_op at)
{
	const struct sealed *s = &w->sealed[at.batch];
	const size_t record = record_of(w, &s->batch, &s->batch.ops[at.index]);
	const struct record_op op = record_op_at(w, at, false);
	struct gathering g = {w, &w->records[record], NULL, 0, c->r.n_base};
	struct grave_ctx *graves = arena_alloc(w->brief, sizeof *graves);
	const struct grave_test test = {grave_of, graves};
	struct carried_findings found;

	/* What lists an audit op has not superseded it. */
	if (s->batch.ops[at.index].retention == RETAIN_AUDIT)
		return true;
	g.ops = arena_alloc(w->brief, g.cap * sizeof *g.ops);
	assert(record != SIZE_MAX && graves != NULL && g.ops != NULL);
	*graves = (struct grave_ctx){w, &c->r, s->batch.scope, 0};
	gather_base(&g, &c->r);
	if (record_check_carried(w->brief, &op, g.n, g.ops, &test, &found, NULL) != ST_OK)
		abort(); /* only without memory */
	return found.n == 0 ||
	       world_fail(w, "batch %u op %u is said to carry %zu entries badly",
		   at.batch, at.index, found.n);
}
