/* logs_settle.c - the rows that follow from the membership logs. A row that stands
 * already is not written again: a country has many, and a record changes few. */
#include "client/sync/logs_parts.h"

#include "client/sync/duties.h"
#include "client/sync/renewal.h"

static status
settle_space(struct laptop *l, const struct membership *m, uint16_t space)
{
	char code[5] = {0};
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_space(pos, code) VALUES(?, ?) ON CONFLICT(pos) DO NOTHING");

	memcpy(code, membership_space_name(m, space)->text, 4);
	query_int(q, space);
	query_text(q, code);
	return query_run(q, &l->trouble);
}

static status
settle_device(struct laptop *l, const struct member_device *d, uint32_t position)
{
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_device VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(home, pos) DO"
	    " UPDATE SET member = excluded.member, role = excluded.role,"
	    " device = excluded.device, is_active = excluded.is_active"
	    " WHERE (member, role, device, is_active) IS NOT"
	    " (excluded.member, excluded.role, excluded.device, excluded.is_active)");

	query_int(q, d->home);
	query_int(q, position);
	query_text(q, d->member.text);
	query_int(q, d->role);
	query_blob(q, d->id.bytes, sizeof d->id.bytes);
	query_int(q, !d->is_revoked);
	return query_run(q, &l->trouble);
}

static status
settle_signer(struct laptop *l, const struct member_device *d, uint32_t position)
{
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_signer VALUES(?, ?, ?, ?, ?) ON CONFLICT(home, pos) DO UPDATE"
	    " SET device = excluded.device, sign = excluded.sign, role = excluded.role"
	    " WHERE (device, sign, role) IS NOT"
	    " (excluded.device, excluded.sign, excluded.role)");

	query_int(q, d->home);
	query_int(q, position);
	query_blob(q, d->id.bytes, sizeof d->id.bytes);
	query_blob(q, d->keys.sign.bytes, sizeof d->keys.sign.bytes);
	query_int(q, d->role);
	return query_run(q, &l->trouble);
}

/* Every incarnation: what an earlier one wrote and signed stays written and signed. */
static status
settle_authors(struct laptop *l, const struct membership *m, uint16_t space)
{
	uint32_t len = membership_log_len(m, space);
	status st = ST_OK;

	for (uint32_t i = 0; st == ST_OK && i < len; i++) {
		const struct member_device *d =
		    membership_by_author(m, (struct author){space, (uint16_t)i});

		if (d != NULL)
			st = settle_device(l, d, i);
		if (st == ST_OK && d != NULL)
			st = settle_signer(l, d, i);
	}
	return st;
}

static status
settle_scope(struct laptop *l, const struct membership *m, const struct member_access *a)
{
	const struct member_scope *s = membership_scope(m, a->space, a->scope);
	struct query *q = query_of(l->queries,
	    "UPDATE r_scope SET pos = ?1, as_home = ?2, as_device = ?3, end_s = ?4,"
	    " epoch = (SELECT max(epoch) FROM r_seed WHERE scope = r_scope.id)"
	    " WHERE space = ?5 AND name = ?6 AND (pos, as_home, as_device, end_s, epoch)"
	    " IS NOT (?1, ?2, ?3, ?4,"
	    " (SELECT max(epoch) FROM r_seed WHERE scope = r_scope.id))");
	struct author as = renewal_incarnation(l, a->as);

	query_int(q, s->position);
	query_int(q, as.home);
	query_int(q, as.device);
	query_int(q, (int64_t)a->end_s);
	query_int(q, a->space);
	query_blob(q, s->name.bytes, sizeof s->name.bytes);
	return query_run(q, &l->trouble);
}

static status
settle_scopes(struct laptop *l, const struct membership *m)
{
	const struct member_access *access = NULL;
	size_t n = 0;
	status st = membership_access(
	    m, &l->self.device, l->now_ms / 1000, l->arena, &access, &n, &l->trouble);

	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = settle_scope(l, m, &access[i]);
	if (st == ST_OK)
		st = duties_note_owed(l, m);
	return st != ST_OK ? st : duties_note_awaited(l, m, access, n);
}

status
logs_pin_server(struct laptop *l, const struct transport_pk *key)
{
	return laptop_set_meta_blob(
	    l, LOGS_SERVER, span_of(key->bytes, sizeof key->bytes));
}

static status
settle_server(struct laptop *l, const struct membership *m)
{
	struct transport_pk named, kept;

	if (!membership_server(m, &named, NULL) ||
	    (logs_server(l, &kept) && ID_EQUAL(&named, &kept)))
		return ST_OK;
	return logs_pin_server(l, &named);
}

status
logs_settle(struct laptop *l, struct membership *m)
{
	status st = settle_server(l, m);

	if (st == ST_OK)
		st = renewal_settle(l, m);
	for (size_t i = 0; st == ST_OK && i < membership_n_spaces(m); i++) {
		uint16_t space = membership_space_at(m, i);

		st = settle_space(l, m, space);
		if (st == ST_OK)
			st = settle_authors(l, m, space);
	}
	if (st == ST_OK)
		st = settle_scopes(l, m);
	if (st == ST_OK)
		st = logs_plan_leave(l, m);
	return st != ST_OK ? st : laptop_set_meta_int(l, LOGS_SETTLED, LOGS_SETTLED_ROWS);
}
