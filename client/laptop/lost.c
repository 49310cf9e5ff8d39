/* lost.c - the rows of r_lost. */
#include "client/laptop/lost.h"

/* state: whether a person knows of it. */
enum { STATE_NEW, STATE_TOLD, STATE_ACCEPTED };

enum { SHOWN_MAX = 64 };

/* ---- what the server tells ---- */

static status
keep(struct laptop *l, uint16_t space, const struct gap_row *g)
{
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_lost VALUES(?, ?, ?, ?, ?, 0, 1) ON CONFLICT DO UPDATE SET"
	    " is_named = 1");

	query_int(q, space);
	query_blob(q, g->missing.bytes, sizeof g->missing.bytes);
	query_int(q, g->home);
	query_int(q, g->device);
	query_int(q, g->scope);
	return query_run(q, &l->trouble);
}

static status
take(struct laptop *l, const struct contacts *part, bool is_first)
{
	status st = ST_OK;

	if (is_first)
		st = laptop_run_on(
		    l, "UPDATE r_lost SET is_named = 0 WHERE space = ?", part->space);
	for (size_t i = 0; st == ST_OK && i < part->n_gaps; i++)
		st = keep(l, part->space, &part->gaps[i]);
	if (st == ST_OK && part->is_end)
		st = laptop_run_on(l,
		    "DELETE FROM r_lost WHERE space = ? AND is_named = 0", part->space);
	return st;
}

static bool
any_here(struct laptop *l)
{
	struct query *q = query_of(l->queries, "SELECT 1 FROM r_lost LIMIT 1");
	bool any = query_row(q);

	(void)query_done(q, NULL);
	return any;
}

status
lost_take(struct laptop *l, const struct contacts *part, bool is_first)
{
	status st;

	/* The usual answer is worth no commit. */
	if (!part->has_gaps || (part->n_gaps == 0 && !any_here(l)))
		return ST_OK;
	st = db_begin(l->db, &l->trouble);
	if (st == ST_OK)
		st = take(l, part, is_first);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

/* ---- what people are told ---- */

/* One that came since the server was asked, or that is carried here, is not lost. */
#define OPEN_BELOW                                                                       \
	" x.state < ?1 AND NOT EXISTS(SELECT 1 FROM r_batch b WHERE b.short = x.missing" \
	" AND b.space = x.space) AND NOT EXISTS(SELECT 1 FROM r_pending p WHERE"         \
	" substr(p.batch, 1, 16) = x.missing)"

static status
read_open(struct laptop *l, int64_t below, struct lost_batches *out, size_t *n)
{
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(d.member, '?'), coalesce(lower(hex(substr(d.device, 1, 4))),"
	    " '?'), coalesce(a.code, c.code, '?'), count(*) FROM r_lost x LEFT JOIN"
	    " r_device d ON d.home = x.home AND d.pos = x.device LEFT JOIN r_space c ON"
	    " c.pos = x.space LEFT JOIN r_scope s ON s.space = x.space AND s.pos ="
	    " x.scope LEFT JOIN activity a ON a.record = substr(s.name, 2, 16) "
	    "WHERE" OPEN_BELOW
	    " GROUP BY x.home, x.device, x.scope ORDER BY 1, 2, 3 LIMIT ?2");

	query_int(q, below);
	query_int(q, SHOWN_MAX);
	while (*n < SHOWN_MAX && query_row(q)) {
		out[*n].member = arena_text(l->arena, "%s", query_column_text(q, 0));
		out[*n].device = arena_text(l->arena, "%s", query_column_text(q, 1));
		out[*n].place = arena_text(l->arena, "%s", query_column_text(q, 2));
		out[*n].n = (uint64_t)query_column_int(q, 3);
		++*n;
	}
	return query_done(q, &l->trouble);
}

/* All that are in a lower state. */
static status
raise_to(struct laptop *l, int64_t state)
{
	status st = db_begin(l->db, &l->trouble);

	if (st == ST_OK)
		st = laptop_run_on(
		    l, "UPDATE r_lost SET state = ?1 WHERE state < ?1", state);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

status
lost_list(struct laptop *l, bool new_only, struct lost_batches **out, size_t *n)
{
	status st;

	*n = 0;
	*out = arena_zeros(l->arena, SHOWN_MAX, sizeof **out);
	if (*out == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list");
	st = read_open(l, new_only ? STATE_TOLD : STATE_ACCEPTED, *out, n);
	return st == ST_OK && new_only && *n > 0 ? raise_to(l, STATE_TOLD) : st;
}

status
lost_accept(struct laptop *l, uint64_t *n)
{
	struct query *q =
	    query_of(l->queries, "SELECT count(*) FROM r_lost x WHERE" OPEN_BELOW);
	status st;

	query_int(q, STATE_ACCEPTED);
	*n = query_row(q) ? (uint64_t)query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	return st == ST_OK && *n > 0 ? raise_to(l, STATE_ACCEPTED) : st;
}
