/* inbox_remove.c - what a pull takes away: ops that were superseded, everything of an
 * erased person, and what is named as superseded before it came. */
#include <stdlib.h>

#include "client/laptop/wipe.h"
#include "client/sync/inbox_parts.h"
#include "client/sync/orphans.h"
#include "client/sync/outbox.h"

/* ---- removals ---- */

static status
remove_op(struct applying *x, uint64_t lsn, size_t index)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries, "SELECT record, record IN (SELECT record "
					       "FROM r_sweep) FROM r_op WHERE space ="
					       " ? AND lsn = ? AND idx = ?");
	int64_t rid = 0;
	bool found;
	status st;

	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	query_int(q, (int64_t)index);
	found = query_row(q);
	if (found) {
		rid = query_column_int(q, 0);
		x->wipes |= query_column_int(q, 1) != 0;
	}
	st = query_done(q, &l->trouble);
	if (st == ST_OK && rid != 0)
		st = inbox_touch(x, rid);
	if (st != ST_OK || !found)
		return st;
	q = query_of(
	    l->queries, "DELETE FROM r_op WHERE space = ? AND lsn = ? AND idx = ?");
	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	query_int(q, (int64_t)index);
	st = query_run(q, &l->trouble);
	q = query_of(l->queries,
	    "DELETE FROM r_quarantine WHERE space = ? AND lsn = ? AND idx = ?");
	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	query_int(q, (int64_t)index);
	return st != ST_OK ? st : query_run(q, &l->trouble);
}

/* The server's dead log does not reach back to our cursor: what it does not name is gone.
 */
static status
remove_unlisted(struct applying *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(
	    l->queries, "SELECT lsn, idx FROM r_op WHERE space = ? AND lsn <= ?");
	struct dead_row *gone = NULL, *more;
	size_t n = 0, cap = 0;
	status st = ST_OK, end;

	query_int(q, x->space);
	query_int(q, (int64_t)x->last->head);
	while (query_row(q)) {
		uint64_t lsn = (uint64_t)query_column_int(q, 0);
		size_t index = (size_t)query_column_int(q, 1);

		if (!inbox_is_dead(x, lsn, index))
			continue;
		if (n == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			more = realloc(gone, cap * sizeof *gone);
			if (more == NULL) {
				st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
				break;
			}
			gone = more;
		}
		gone[n++] = (struct dead_row){lsn, (uint8_t)index};
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	st = st != ST_OK ? st : end;
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = remove_op(x, gone[i].born, gone[i].index);
	free(gone);
	return st;
}

status
inbox_take_removals(struct applying *x)
{
	status st = ST_OK;

	if (x->last->lists_live)
		return remove_unlisted(x);
	for (size_t i = 0; st == ST_OK && i < x->last->n_dead; i++)
		st = remove_op(x, x->dead[i].born, x->dead[i].index);
	return st;
}

/* ---- graves ---- */

/* One grave while it is dug. */
struct digging {
	struct applying *x;
	struct scope_info scope;
	const struct tag *subject;
};

/* Every record of the scope is shown anew: his own go, sheets lose his marks. */
static status
touch_records(struct digging *d)
{
	struct query *q =
	    query_of(d->x->l->queries, "SELECT id FROM r_record WHERE scope = ?");
	status st = ST_OK, end;

	query_int(q, d->scope.id);
	while (st == ST_OK && query_row(q))
		st = inbox_touch(d->x, query_column_int(q, 0));
	end = query_done(q, st == ST_OK ? &d->x->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
store_grave(struct digging *d)
{
	struct query *q = query_of(d->x->l->queries,
	    "INSERT INTO r_grave(scope, subject, in_base, head, at_s) VALUES(?, ?, 1, ?,"
	    " ?) ON CONFLICT(scope, subject) DO UPDATE SET in_base = 1, head ="
	    " excluded.head, at_s = excluded.at_s WHERE in_base <> 1");

	query_int(q, d->scope.id);
	query_blob(q, d->subject->bytes, sizeof d->subject->bytes);
	query_int(q, (int64_t)d->x->last->head);
	query_int(q, (int64_t)d->x->server_time_s);
	return query_run(q, &d->x->l->trouble);
}

/* Records are touched before the grave hides what they show. */
static status
dig(struct applying *x, const struct grave_row *g)
{
	struct digging d = {.x = x, .subject = &g->subject};
	status st;

	if (scope_by_pos(x->l, x->space, g->scope, &d.scope) != ST_OK)
		return ST_OK; /* no key of it is held */
	st = touch_records(&d);
	if (st == ST_OK)
		st = wipe_person(x->l, d.scope.id, &g->subject, WIPE_ALL);
	if (st == ST_OK)
		st = store_grave(&d);
	if (st == ST_OK)
		st = outbox_drop_erased(x->l, d.scope.id);
	if (st == ST_OK)
		st = orphans_bury(x->l, d.scope.id, &g->subject);
	return st;
}

status
inbox_take_graves(struct applying *x)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < x->last->n_graves; i++)
		st = dig(x, &x->last->graves[i]);
	return st;
}

status
inbox_end_graves(struct applying *x)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < x->last->n_graves; i++) {
		struct scope_info scope;

		if (scope_by_pos(x->l, x->space, x->last->graves[i].scope, &scope) ==
		    ST_OK)
			st = wipe_names(x->l, scope.id, &x->last->graves[i].subject);
	}
	return st;
}

/* ---- doa ---- */

/* What is named changes the view of records with pending ops. */
static status
touch_pending(struct applying *x)
{
	struct query *q = query_of(x->l->queries,
	    "SELECT DISTINCT o.record FROM r_pending_op o JOIN r_pending p ON p.id ="
	    " o.pending WHERE p.space = ?");
	status st = ST_OK, end;

	query_int(q, x->space);
	while (st == ST_OK && query_row(q))
		st = inbox_touch(x, query_column_int(q, 0));
	end = query_done(q, st == ST_OK ? &x->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
inbox_take_doa(struct applying *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries, "DELETE FROM r_doa WHERE space = ?");
	status st = touch_pending(x);

	query_int(q, x->space);
	if (st == ST_OK)
		st = query_run(q, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < x->last->n_doa; i++) {
		const struct doa_row *d = &x->last->doa[i];

		q = query_of(
		    l->queries, "INSERT OR IGNORE INTO r_doa VALUES(?, ?, ?, ?, ?)");
		query_int(q, x->space);
		query_blob(q, d->dot.batch.bytes, sizeof d->dot.batch.bytes);
		query_int(q, d->dot.index);
		query_int(q, d->scope);
		query_blob(q, d->record.bytes, sizeof d->record.bytes);
		st = query_run(q, &l->trouble);
	}
	return st;
}
