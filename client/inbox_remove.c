/* inbox_remove.c - what a pull takes away: ops that were superseded, everything of an
 * erased person, and what is named as superseded before it came. */
#include <stdlib.h>

#include "client/inbox_parts.h"
#include "client/outbox.h"
#include "crypto/tag.h"

/* ---- removals ---- */

static status
remove_op(struct applying *x, uint64_t lsn, size_t index)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries,
	    "SELECT record FROM r_op WHERE space = ? AND lsn = ? AND idx = ?");
	int64_t rid = 0;
	bool found;
	status st;

	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	query_int(q, (int64_t)index);
	found = query_row(q);
	if (found)
		rid = query_column_int(q, 0);
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
	struct tag_key tag_key;
	const struct tag *subject;
};

static bool
is_he(const struct digging *d, uint64_t person_key)
{
	struct tag tag = tag_subject(&d->tag_key, (struct person_key){person_key});

	return ID_EQUAL(&tag, d->subject);
}

static status
run_on(struct applying *x, const char *sql, int64_t rid)
{
	struct query *q = query_of(x->l->queries, sql);

	query_int(q, rid);
	return query_run(q, &x->l->trouble);
}

/* All that is held of one of his records but its row. */
static status
empty_record(struct applying *x, int64_t rid)
{
	status st = run_on(x, "DELETE FROM r_op WHERE record = ?", rid);

	if (st == ST_OK)
		st = run_on(x, "DELETE FROM r_dirty WHERE record = ?", rid);
	if (st == ST_OK)
		st = run_on(x, "DELETE FROM r_history WHERE record = ?", rid);
	if (st == ST_OK)
		st = run_on(x, "DELETE FROM r_step_cell WHERE record = ?", rid);
	return st;
}

/* Every record of the scope is shown anew: his own go, sheets lose his marks. */
static status
empty_records(struct digging *d)
{
	struct applying *x = d->x;
	struct query *q =
	    query_of(x->l->queries, "SELECT id, person FROM r_record WHERE scope = ?");
	status st = ST_OK, end;

	query_int(q, d->scope.id);
	while (st == ST_OK && query_row(q)) {
		int64_t rid = query_column_int(q, 0);
		uint8_t key[8] = {0};
		bool has_person = !query_column_is_null(q, 1);

		if (has_person)
			query_column_copy(q, 1, key, sizeof key);
		st = inbox_touch(x, rid);
		if (st == ST_OK && has_person && is_he(d, get_u64(key)))
			st = empty_record(x, rid);
	}
	end = query_done(q, st == ST_OK ? &x->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
drop_key(struct digging *d, struct span key)
{
	static const char *const sql[] = {
	    "DELETE FROM r_dirty WHERE key = ?1 AND record IN"
	    " (SELECT id FROM r_record WHERE scope = ?2)",
	    "DELETE FROM r_history WHERE key = ?1 AND record IN"
	    " (SELECT id FROM r_record WHERE scope = ?2)",
	    "DELETE FROM r_step_cell WHERE key = ?1 AND record IN"
	    " (SELECT id FROM r_record WHERE scope = ?2)"};
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof sql / sizeof sql[0]; i++) {
		struct query *q = query_of(d->x->l->queries, sql[i]);

		query_span(q, key);
		query_int(q, d->scope.id);
		st = query_run(q, &d->x->l->trouble);
	}
	return st;
}

/* His marks that are not sealed yet, and those replaced. */
static status
drop_marks(struct digging *d)
{
	struct applying *x = d->x;
	struct query *q = query_of(x->l->queries,
	    "SELECT DISTINCT d.key FROM r_dirty d JOIN r_record r ON r.id = d.record"
	    " WHERE r.scope = ?1 AND length(d.key) = 8 UNION SELECT DISTINCT h.key FROM"
	    " r_history h JOIN r_record r ON r.id = h.record WHERE r.scope = ?1 AND"
	    " length(h.key) = 8 UNION SELECT DISTINCT s.key FROM r_step_cell s JOIN"
	    " r_record r ON r.id = s.record WHERE r.scope = ?1 AND length(s.key) = 8");
	status st = ST_OK, end;

	query_int(q, d->scope.id);
	while (st == ST_OK && query_row(q)) {
		uint8_t key[8] = {0};

		query_column_copy(q, 0, key, sizeof key);
		if (is_he(d, get_u64(key)))
			st = drop_key(d, span_of(key, sizeof key));
	}
	end = query_done(q, st == ST_OK ? &x->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
load_tag_key(struct digging *d)
{
	struct query *q =
	    query_of(d->x->l->queries, "SELECT tag_key FROM r_scope WHERE id = ?");

	query_int(q, d->scope.id);
	if (query_row(q))
		query_column_copy(q, 0, d->tag_key.bytes, sizeof d->tag_key.bytes);
	return query_done(q, &d->x->l->trouble);
}

static status
store_grave(struct digging *d)
{
	struct query *q = query_of(d->x->l->queries,
	    "INSERT INTO r_grave VALUES(?, ?, 1) ON CONFLICT(scope, subject) DO"
	    " UPDATE SET in_base = 1");

	query_int(q, d->scope.id);
	query_blob(q, d->subject->bytes, sizeof d->subject->bytes);
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
	st = load_tag_key(&d);
	if (st == ST_OK)
		st = empty_records(&d);
	if (st == ST_OK)
		st = drop_marks(&d);
	if (st == ST_OK)
		st = store_grave(&d);
	if (st == ST_OK)
		st = outbox_drop_erased(x->l, d.scope.id);
	explicit_bzero(&d.tag_key, sizeof d.tag_key);
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
