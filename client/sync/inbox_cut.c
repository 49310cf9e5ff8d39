/* inbox_cut.c - batches of a revoked laptop that its REVOKE does not count (SECURITY 4,
 * 7). The server refuses them; these rules hold if it does not. */
#include "client/sync/inbox_parts.h"

#include "proto/batch_codec.h"

/* Most authors were never revoked: a row answers, and no log is replayed. */
static bool
is_active(struct laptop *l, struct author a)
{
	struct query *q = query_of(
	    l->queries, "SELECT is_active FROM r_device WHERE home = ? AND pos = ?");
	bool active;

	query_int(q, a.home);
	query_int(q, a.device);
	active = !query_row(q) || query_column_int(q, 0) != 0;
	(void)query_done(q, NULL);
	return active;
}

/* Where the base has the batch; 0 = nowhere. */
static uint64_t
find_lsn(struct laptop *l, uint16_t space, const struct short_id *id)
{
	struct query *q =
	    query_of(l->queries, "SELECT lsn FROM r_batch WHERE short = ? AND space = ?");
	uint64_t lsn;

	query_blob(q, id->bytes, sizeof id->bytes);
	query_int(q, space);
	lsn = query_row(q) ? (uint64_t)query_column_int(q, 0) : 0;
	(void)query_done(q, NULL);
	return lsn;
}

/* What was sealed on top of the last batch that counts comes after it. So does whatever
 * the server puts after it (not after a restore, which numbers anew): honest servers took
 * nothing more. A cut whose batch is not
 * here, since nothing of it lives, leaves the first rule alone. */
static bool
is_after(struct applying *x, const struct batch *b, const struct batch_id *id,
    uint64_t lsn, const struct batch_id *last)
{
	const struct short_id cut = batch_short(last);
	uint64_t cut_lsn;

	if (ID_EQUAL(id, last))
		return false;
	if (ID_IS_ZERO(last) || ID_EQUAL(&b->prev, &cut))
		return true;
	cut_lsn = find_lsn(x->l, x->space, &cut);
	return cut_lsn != 0 && lsn > cut_lsn && !x->is_rebase;
}

status
inbox_is_past_cut(struct applying *x, const struct batch *b, const struct batch_id *id,
    uint64_t lsn, bool *past)
{
	const struct author author = {b->home, b->device};
	const struct member_device *d;
	struct batch_id last;

	*past = false;
	if (is_active(x->l, author))
		return ST_OK;
	if (logs_whole(x->logs) == NULL)
		return x->l->trouble.code;
	d = membership_by_author(x->logs->m, author);
	/* An incarnation that a RENEW ended before has no cut: it had ended by itself. */
	if (d == NULL || d->position != author.device ||
	    !membership_cut(x->logs->m, author, x->space, b->scope, &last))
		return ST_OK;
	*past = is_after(x, b, id, lsn, &last);
	return ST_OK;
}
