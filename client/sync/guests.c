/* guests.c - compares the rows of a guest's laptop in two logs. */
#include "client/sync/guests.h"

#include "client/sync/intents.h"

enum { GUESTS_MAX = 16, DAY_S = 86400 }; /* of one record; more at the next sync */

static const char *
fetched_key(struct laptop *l, uint16_t space)
{
	return arena_text(l->arena, "guests_log_s.%u", (unsigned)space);
}

bool
guests_want_log(struct laptop *l, const bool *has_fetched, size_t n_spaces,
    uint64_t server_time_s, uint16_t *space)
{
	struct query *q;
	bool found = false;

	if (l->self.role != ROLE_COORDINATOR)
		return false;
	q = query_of(l->queries,
	    "SELECT DISTINCT h.home FROM r_device d JOIN r_device h ON h.device = "
	    "d.device"
	    " AND h.home <> d.home AND h.role <> ?2 WHERE d.home = ?1 AND d.role = ?2 AND"
	    " d.is_active = 1 ORDER BY h.home");
	query_int(q, l->self.author.home);
	query_int(q, ROLE_GUEST);
	while (!found && query_row(q)) {
		uint16_t home = (uint16_t)query_column_int(q, 0);
		int64_t at = laptop_meta_int(l, fetched_key(l, home), 0);

		found = home < n_spaces && !has_fetched[home] &&
			(uint64_t)at + DAY_S <= server_time_s;
		*space = home;
	}
	(void)query_done(q, NULL);
	return found;
}

status
guests_note_log(struct laptop *l, uint16_t space, uint64_t server_time_s)
{
	if (l->self.role != ROLE_COORDINATOR)
		return ST_OK;
	return laptop_set_meta_int(l, fetched_key(l, space), (int64_t)server_time_s);
}

/* Not among those that wait already. */
static status
find_revoked(struct laptop *l, struct device_id *ids, size_t *n)
{
	struct query *q = query_of(l->queries,
	    "SELECT DISTINCT d.device FROM r_device d JOIN r_device h ON h.device = "
	    "d.device"
	    " AND h.home <> d.home AND h.role <> ?2 WHERE d.home = ?1 AND d.role = ?2 AND"
	    " d.is_active = 1 AND h.is_active = 0 AND NOT EXISTS(SELECT 1 FROM r_intent i"
	    " WHERE i.kind = ?3 AND i.space = ?1 AND instr(i.body, d.device) > 0)"
	    " ORDER BY d.device LIMIT ?4");

	*n = 0;
	query_int(q, l->self.author.home);
	query_int(q, ROLE_GUEST);
	query_int(q, INTENT_REVOKE);
	query_int(q, GUESTS_MAX);
	while (*n < GUESTS_MAX && query_row(q))
		query_column_copy(q, 0, ids[(*n)++].bytes, sizeof ids->bytes);
	return query_done(q, &l->trouble);
}

status
guests_expel(struct laptop *l)
{
	struct device_id ids[GUESTS_MAX];
	size_t n = 0;
	status st = l->self.role == ROLE_COORDINATOR ? find_revoked(l, ids, &n) : ST_OK;

	if (st != ST_OK || n == 0)
		return st;
	st = db_begin(l->db, &l->trouble);
	if (st == ST_OK)
		st = intent_revoke_devices(l, ids, n);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}
