/* logs_leave.c - forgets scopes whose readers this laptop no longer belongs to. */
#include "client/laptop/aside.h"
#include "client/laptop/opening.h"
#include "client/laptop/typed.h"
#include "client/sync/logs_parts.h"

/* r_meta: from which second of the server on there may be something to leave. */
#define LEAVE_FROM "leave_from_s"

static status
drop_rows(struct laptop *l, int64_t scope)
{
	struct query *q =
	    query_of(l->queries, "SELECT id, kind FROM r_record WHERE scope = ?");
	status st = ST_OK, end;

	query_int(q, scope);
	while (st == ST_OK && query_row(q))
		st = typed_drop(
		    l, (uint16_t)query_column_int(q, 1), query_column_int(q, 0));
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* Else the first batch after the laptop's return would be a second one without another
 * before it: what a copy of it would write. What waits never got there, and is not
 * followed: the first of it says which one did (its prev, SECURITY 9.4). */
static status
remember_last(struct laptop *l, int64_t scope)
{
	return laptop_run_on(l,
	    "INSERT OR REPLACE INTO r_left SELECT space, pos, as_home, as_device, last"
	    " FROM (SELECT space, pos, as_home, as_device, coalesce("
	    "(SELECT substr(wire, 36, 16) FROM r_pending WHERE scope = ?1"
	    " AND is_carried = 0 ORDER BY id LIMIT 1), prev) AS last"
	    " FROM r_scope WHERE id = ?1) WHERE last IS NOT NULL",
	    scope);
}

/* In an order in which each finds what it goes by. */
static status
forget_scope(struct laptop *l, int64_t scope)
{
#define RECORDS "(SELECT id FROM r_record WHERE scope = ?1)"
#define PLACE "(SELECT space, pos FROM r_scope WHERE id = ?1)"
	static const char *const sql[] = {"DELETE FROM r_seed WHERE scope = ?1",
	    "DELETE FROM r_dirty WHERE record IN " RECORDS,
	    "DELETE FROM r_history WHERE record IN " RECORDS,
	    "DELETE FROM r_step_cell WHERE record IN " RECORDS,
	    "DELETE FROM r_conflict WHERE record IN " RECORDS,
	    "DELETE FROM r_sweep WHERE record IN " RECORDS,
	    "DELETE FROM r_ahead WHERE record IN " RECORDS,
	    "DELETE FROM r_vanished WHERE record IN " RECORDS,
	    "DELETE FROM r_unkept WHERE record IN " RECORDS,
	    "DELETE FROM r_pending_op WHERE pending IN (SELECT id FROM r_pending WHERE"
	    " scope = ?1)",
	    "DELETE FROM r_pending WHERE scope = ?1",
	    "DELETE FROM r_quarantine WHERE (space, lsn) IN (SELECT space, lsn FROM"
	    " r_batch WHERE (space, scope) IN " PLACE ")",
	    "DELETE FROM r_op WHERE (space, lsn) IN (SELECT space, lsn FROM r_batch WHERE"
	    " (space, scope) IN " PLACE ")",
	    "DELETE FROM r_batch WHERE (space, scope) IN " PLACE,
	    "DELETE FROM r_doa WHERE (space, scope) IN " PLACE,
	    "DELETE FROM r_grave WHERE scope = ?1",
	    "DELETE FROM r_record WHERE scope = ?1", "DELETE FROM r_scope WHERE id = ?1"};
#undef RECORDS
#undef PLACE
	status st = remember_last(l, scope);

	if (st == ST_OK)
		st = drop_rows(l, scope);
	for (size_t i = 0; st == ST_OK && i < sizeof sql / sizeof sql[0]; i++)
		st = laptop_run_on(l, sql[i], scope);
	return st;
}

/* NULL if the laptop has none there; access ascends by (space, scope). */
static const struct member_access *
find_access(const struct member_access *access, size_t n, uint16_t space, uint16_t pos)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct member_access *a = &access[mid];

		if (a->space < space || (a->space == space && a->scope < pos))
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && access[low].space == space && access[low].scope == pos
		   ? &access[low]
		   : NULL;
}

/* The earliest end of an access that this laptop has keys for; at once, of one that it
 * does not have at all; never, if the logs give it none (then nothing is left). */
status
logs_plan_leave(struct laptop *l, const struct membership *m)
{
	const struct member_access *access = NULL;
	size_t n = 0;
	int64_t from = INT64_MAX;
	struct query *q;
	status st = membership_access(
		   m, &l->self.device, 0, l->arena, &access, &n, &l->trouble),
	       end;

	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "SELECT space, pos FROM r_scope WHERE pos IS NOT NULL");
	while (n > 0 && query_row(q)) {
		const struct member_access *a = find_access(access, n,
		    (uint16_t)query_column_int(q, 0), (uint16_t)query_column_int(q, 1));

		if (a == NULL)
			from = 0;
		else if (a->end_s != 0 && (int64_t)a->end_s < from)
			from = (int64_t)a->end_s;
	}
	end = query_done(q, &l->trouble);
	if (end != ST_OK || laptop_meta_int(l, LEAVE_FROM, 0) == from)
		return end;
	return laptop_set_meta_int(l, LEAVE_FROM, from);
}

bool
logs_leave_is_due(struct laptop *l, uint64_t server_time_s)
{
	int64_t from = laptop_meta_int(l, LEAVE_FROM, 0);

	return from <= 0 || (uint64_t)from <= server_time_s;
}

/* What is done to each scope that is left. */
typedef status leaving(struct laptop *l, int64_t scope, struct left *out);

static status
set_aside(struct laptop *l, int64_t scope, struct left *out)
{
	out->any = true;
	return aside_keep(l, scope, &out->n_aside);
}

static status
forget(struct laptop *l, int64_t scope, struct left *out)
{
	struct scope_info info;
	struct space_name space = {0};
	status st = scope_by_id(l, scope, &info);

	(void)out;
	if (st == ST_OK)
		st = space_name_of(l, info.space, &space);
	if (st == ST_OK)
		st = forget_scope(l, scope);
	if (st == ST_OK)
		keyring_drop_scope(l->keys, space, (uint16_t)info.pos);
	return st;
}

static status
for_each_left(struct laptop *l, const struct member_access *access, size_t n,
    leaving *act, struct left *out)
{
	struct query *q = query_of(
	    l->queries, "SELECT id, space, pos FROM r_scope WHERE pos IS NOT NULL");
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q)) {
		if (find_access(access, n, (uint16_t)query_column_int(q, 1),
			(uint16_t)query_column_int(q, 2)) == NULL)
			st = act(l, query_column_int(q, 0), out);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* First all that is kept, for which the activity's record of another scope is asked. */
status
logs_leave(
    struct laptop *l, struct membership *m, uint64_t server_time_s, struct left *out)
{
	const struct member_access *access = NULL;
	size_t n = 0;
	status st = membership_access(
	    m, &l->self.device, server_time_s, l->arena, &access, &n, &l->trouble);

	memset(out, 0, sizeof *out);
	if (st != ST_OK || n == 0)
		return st;
	st = for_each_left(l, access, n, set_aside, out);
	if (st == ST_OK && out->any)
		st = for_each_left(l, access, n, forget, out);
	return st == ST_OK && out->any ? logs_plan_leave(l, m) : st;
}
