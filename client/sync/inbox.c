/* inbox.c - moves the base of one space forward to the server's state: batches in lsn
 * order, removals, graves, doa; then the records that any of it touched. */
#include "client/sync/inbox.h"

#include <stdlib.h>

#include "client/sync/inbox_parts.h"
#include "client/sync/recovery.h"

static status
take_stage(struct applying *x)
{
	struct laptop *l = x->l;
	struct query *q =
	    query_of(l->queries, "SELECT page FROM r_stage WHERE space = ? ORDER BY seq");
	struct arena *a = arena_new(0);
	status st = a == NULL ? ST_NO_MEMORY : ST_OK, end;

	query_int(q, x->space);
	x->is_stage = true;
	while (st == ST_OK && query_row(q)) {
		struct packet p;
		struct message message;

		arena_reset(a);
		st = packet_open(&p, query_column_span(q, 0), &l->trouble);
		if (st == ST_OK)
			st = packet_next(&p, a, &message, &l->trouble);
		if (st == ST_OK)
			st = inbox_take_page(x, &message.page);
	}
	x->is_stage = false;
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	arena_free(a);
	return st != ST_OK ? st : end;
}

static status
move_cursor(struct applying *x)
{
	struct laptop *l = x->l;
	const struct page *p = x->last;
	struct query *q = query_of(l->queries,
	    "UPDATE r_space SET cursor = ?, chain = ?, log_applied = ? WHERE pos = ?");
	uint32_t known;
	status st = logs_len(l, x->space, &known);

	query_int(q, (int64_t)p->head);
	query_blob(q, p->hash, sizeof p->hash);
	query_int(q, known < p->log_len ? known : p->log_len);
	query_int(q, x->space);
	if (st == ST_OK)
		st = query_run(q, &l->trouble);
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "DELETE FROM r_stage WHERE space = ?");
	query_int(q, x->space);
	st = query_run(q, &l->trouble);
	if (st == ST_OK)
		st = laptop_set_meta_int(l, "hlc_seconds", (int64_t)l->clock.seconds);
	return st != ST_OK ? st : laptop_set_meta_int(l, "hlc_counter", l->clock.counter);
}

static int
compare_dead(const void *a, const void *b)
{
	const struct dead_row *x = a, *y = b;

	if (x->born != y->born)
		return x->born < y->born ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

/* After a recovery this pull tells the space from its beginning: what the lost server had
 * told makes room for it. */
static status
drop_base(struct applying *x)
{
	struct laptop *l = x->l;
	struct query *q;
	status st = ST_OK, end;

	x->is_rebase = recovery_replaces_base(l, x->space);
	if (!x->is_rebase)
		return ST_OK;
	q = query_of(l->queries, "SELECT DISTINCT record FROM r_op WHERE space = ? AND "
				 "record IS NOT NULL");
	query_int(q, x->space);
	while (st == ST_OK && query_row(q))
		st = inbox_touch(x, query_column_int(q, 0));
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	st = st != ST_OK ? st : end;
	if (st == ST_OK && logs_whole(x->logs) == NULL)
		st = l->trouble.code;
	return st != ST_OK ? st : recovery_drop_base(l, x->logs->m, x->space);
}

static status
apply(struct applying *x)
{
	const struct page *p = x->last;
	status st;

	if (p->n_dead > 0) {
		x->dead = malloc(p->n_dead * sizeof *x->dead);
		if (x->dead == NULL)
			return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory");
		memcpy(x->dead, p->dead, p->n_dead * sizeof *x->dead);
		qsort(x->dead, p->n_dead, sizeof *x->dead, compare_dead);
	}
	st = inbox_match_stage(x->l, p);
	if (st == ST_OK)
		st = drop_base(x);
	if (st == ST_OK)
		st = inbox_open_again(x);
	if (st == ST_OK)
		st = take_stage(x);
	if (st == ST_OK)
		st = inbox_take_page(x, p);
	if (st == ST_OK)
		st = inbox_take_removals(x);
	if (st == ST_OK)
		st = inbox_take_graves(x);
	if (st == ST_OK)
		st = inbox_take_doa(x);
	if (st == ST_OK)
		st = inbox_refresh(x);
	if (st == ST_OK)
		st = inbox_end_graves(x);
	return st != ST_OK ? st : move_cursor(x);
}

/* A pull that brings nothing and moves nothing costs no disk sync. */
static bool
is_nothing(struct laptop *l, const struct page *p)
{
	uint32_t known;
	struct query *q = query_of(l->queries,
	    "SELECT cursor, chain, log_applied, EXISTS(SELECT 1 FROM r_stage WHERE"
	    " space = pos) FROM r_space WHERE pos = ?");
	bool same = false;

	if (logs_len(l, p->space, &known) != ST_OK)
		return false;
	query_int(q, p->space);
	if (query_row(q))
		same = (uint64_t)query_column_int(q, 0) == p->head &&
		       span_equal(
			   query_column_span(q, 1), span_of(p->hash, sizeof p->hash)) &&
		       (uint64_t)query_column_int(q, 2) == p->log_len &&
		       known >= p->log_len && query_column_int(q, 3) == 0;
	(void)query_done(q, NULL);
	return same && p->n_own == 0 && p->n_batches == 0 && p->n_dead == 0 &&
	       p->n_graves == 0 && !p->lists_live;
}

static status
in_transaction(struct applying *x)
{
	struct laptop *l = x->l;
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	st = apply(x);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

status
inbox_apply(struct laptop *l, struct logs *logs, const struct page *page,
    const struct push_list *pushes, uint64_t server_time_s, struct received *out)
{
	struct received before = *out;
	struct applying x = {.l = l,
	    .logs = logs,
	    .a = arena_new(0),
	    .scratch = arena_new(0),
	    .memory = arena_new(0),
	    .space = page->space,
	    .pushes = pushes,
	    .server_time_s = server_time_s,
	    .out = out,
	    .last = page,
	    .wanted_log = -1};
	status st = ST_OK;

	if (x.a == NULL || x.scratch == NULL || x.memory == NULL)
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a pull");
	else if (!is_nothing(l, page))
		st = in_transaction(&x);
	if (st != ST_OK)
		*out = before;
	/* What was erased leaves the log of the database too (SECURITY 10). */
	if (st == ST_OK && (page->n_graves > 0 || x.wipes))
		st = db_checkpoint(l->db, &l->trouble);
	if (st == ST_RETRY && x.wanted_log >= 0 &&
	    laptop_set_meta_int(l, "wanted_log", x.wanted_log) != ST_OK)
		st = l->trouble.code;
	arena_free(x.a);
	arena_free(x.scratch);
	arena_free(x.memory);
	free(x.past);
	free(x.dead);
	return st;
}
