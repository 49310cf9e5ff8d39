/* logs_leave.c - forgets scopes whose readers this laptop no longer belongs to. */
#include "client/logs.h"
#include "client/typed.h"

static status
run_on(struct laptop *l, const char *sql, int64_t scope)
{
	struct query *q = query_of(l->queries, sql);

	query_int(q, scope);
	return query_run(q, &l->trouble);
}

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
	status st = drop_rows(l, scope);

	for (size_t i = 0; st == ST_OK && i < sizeof sql / sizeof sql[0]; i++)
		st = run_on(l, sql[i], scope);
	return st;
}

static bool
may_read(const struct member_access *access, size_t n, uint16_t space, uint16_t pos)
{
	for (size_t i = 0; i < n; i++) {
		if (access[i].space == space && access[i].scope == pos)
			return true;
	}
	return false;
}

status
logs_leave(struct laptop *l, struct membership *m, uint64_t server_time_s, bool *any)
{
	const struct member_access *access = NULL;
	size_t n = 0;
	struct query *q;
	status st = membership_access(
		   m, &l->self.device, server_time_s, l->arena, &access, &n, &l->trouble),
	       end;

	*any = false;
	if (st != ST_OK || n == 0)
		return st;
	q = query_of(
	    l->queries, "SELECT id, space, pos FROM r_scope WHERE pos IS NOT NULL");
	while (st == ST_OK && query_row(q)) {
		uint16_t space = (uint16_t)query_column_int(q, 1);
		uint16_t pos = (uint16_t)query_column_int(q, 2);

		if (may_read(access, n, space, pos))
			continue;
		st = forget_scope(l, query_column_int(q, 0));
		keyring_drop_scope(l->keys, *membership_space_name(m, space), pos);
		*any = true;
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}
