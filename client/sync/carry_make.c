/* carry_make.c - this laptop's bundle. */
#include "client/sync/carry.h"
#include "client/sync/outbox.h"
#include "crypto/sign.h"
#include "proto/bundle.h"
#include "proto/messages.h"

/* Sections while they are gathered; all memory is a. */
struct gathering {
	struct laptop *l;
	struct arena *a;
	size_t n, cap;
	struct bundle_section *sections;
};

static status
out_of_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a bundle");
}

static struct bundle_section *
add_section(struct gathering *g, enum bundle_kind kind)
{
	if (g->n == g->cap) {
		size_t cap = g->cap == 0 ? 64 : g->cap * 2;
		struct bundle_section *more = arena_zeros(g->a, cap, sizeof *more);

		if (more == NULL)
			return NULL;
		if (g->n > 0)
			memcpy(more, g->sections, g->n * sizeof *more);
		g->sections = more;
		g->cap = cap;
	}
	g->sections[g->n].kind = kind;
	return &g->sections[g->n++];
}

/* ---- logs ---- */

static status
add_log(struct gathering *g, uint16_t space)
{
	struct laptop *l = g->l;
	struct bundle_section *s;
	struct span *records;
	struct query *q;
	uint32_t len;
	size_t n = 0;
	status st = logs_len(l, space, &len);

	if (st != ST_OK || len == 0)
		return st;
	s = add_section(g, BUNDLE_LOG);
	records = arena_zeros(g->a, len, sizeof *records);
	if (s == NULL || records == NULL)
		return out_of_memory(l);
	q = query_of(l->queries, "SELECT record FROM r_log WHERE space = ? ORDER BY seq");
	query_int(q, space);
	while (n < len && query_row(q))
		records[n++] = arena_copy(g->a, query_column_span(q, 0));
	s->log = (struct bundle_log){.space = space, .n = n, .records = records};
	return query_done(q, &l->trouble);
}

static status
add_logs(struct gathering *g)
{
	struct query *q =
	    query_of(g->l->queries, "SELECT DISTINCT space FROM r_log ORDER BY space");
	uint16_t spaces[256];
	size_t n = 0;
	status st;

	while (n < sizeof spaces / sizeof spaces[0] && query_row(q))
		spaces[n++] = (uint16_t)query_column_int(q, 0);
	st = query_done(q, &g->l->trouble);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = add_log(g, spaces[i]);
	return st;
}

/* ---- batches ---- */

static status
add_wire(struct gathering *g, struct span wire)
{
	struct bundle_section *s = add_section(g, BUNDLE_BATCH);

	if (s == NULL || wire.bytes == NULL)
		return out_of_memory(g->l);
	s->batch = wire;
	return ST_OK;
}

/* Not seen in a pull: own ones, and those that others asked us to carry; what a revoked
 * laptop left too (client/sync/orphans.h), whole ones only. */
static status
add_pending(struct gathering *g)
{
	struct query *q = query_of(g->l->queries,
	    "SELECT wire FROM r_pending WHERE state < 2 OR (is_carried = 1 AND state = 2"
	    " AND reason = ?) ORDER BY id");
	status st = ST_OK, end;

	query_text(q, verdict_name(VERDICT_REVOKED));
	while (st == ST_OK && query_row(q))
		st = add_wire(g, arena_copy(g->a, query_column_span(q, 0)));
	end = query_done(q, st == ST_OK ? &g->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static void
sign_with_device(void *ctx, struct span message, struct signature *out)
{
	struct laptop *l = ctx;

	sign_message(&keyring_device(l->keys)->sign_sk, message, out);
}

static status
seal_all(struct laptop *l)
{
	struct outbox_result sealed = {.has_more = true};
	status st = ST_OK;

	while (st == ST_OK && sealed.has_more)
		st = outbox_seal(l, &sealed);
	return st;
}

status
carry_make(struct laptop *l, struct arena *a, struct span *file)
{
	struct gathering g = {.l = l, .a = a};
	const struct batch_signer signer = {l, sign_with_device};
	struct bundle_parts parts = {.head = {.network = l->self.network,
					 .writer = l->self.author,
					 .time_s = l->now_ms / 1000}};
	status st = seal_all(l);

	if (st == ST_OK)
		st = add_logs(&g);
	if (st == ST_OK)
		st = add_pending(&g);
	if (st != ST_OK)
		return st;
	parts.n = g.n;
	parts.sections = g.sections;
	return bundle_build(&parts, &signer, &l->checks, a, file, &l->trouble);
}
