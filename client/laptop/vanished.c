/* vanished.c - keeps account of values that went without a cause. */
#include "client/laptop/vanished.h"

status
vanished_note(struct laptop *l, const struct loaded *now, const struct entry *e)
{
	struct query *q;

	if (record_is_replaced(&now->input, e->field, e->name))
		return ST_OK;
	q = query_of(
	    l->queries, "INSERT OR IGNORE INTO r_vanished VALUES(?, ?, ?, ?, ?, ?, ?)");
	query_int(q, now->rid);
	query_int(q, e->field);
	query_int(q, (int64_t)e->name.agent);
	query_int(q, e->name.index);
	query_int(q, e->by.home);
	query_int(q, e->by.device);
	query_int(q, (int64_t)l->now_ms);
	return query_run(q, &l->trouble);
}

static bool
is_shown(const struct record_view *v, uint16_t field, struct entry_name name)
{
	for (size_t i = 0; i < v->n_entries; i++) {
		const struct entry *e = v->entries[i].entry;

		if (e->field == field && entry_name_equal(e->name, name))
			return true;
	}
	return false;
}

static status
forget(struct laptop *l, int64_t rid, uint16_t field, struct entry_name name)
{
	struct query *q = query_of(l->queries,
	    "DELETE FROM r_vanished WHERE record = ? AND field = ? AND agent = ? AND"
	    " idx = ?");

	query_int(q, rid);
	query_int(q, field);
	query_int(q, (int64_t)name.agent);
	query_int(q, name.index);
	return query_run(q, &l->trouble);
}

status
vanished_settle(struct laptop *l, const struct loaded *now)
{
	struct query *q = query_of(
	    l->queries, "SELECT field, agent, idx FROM r_vanished WHERE record = ?");
	bool is_erased = grave_hides(now->view.grave);
	status st = ST_OK, end;

	query_int(q, now->rid);
	while (st == ST_OK && query_row(q)) {
		uint16_t field = (uint16_t)query_column_int(q, 0);
		struct entry_name name = {
		    (uint64_t)query_column_int(q, 1), (uint32_t)query_column_int(q, 2)};

		if (is_erased || is_shown(&now->view, field, name) ||
		    record_is_replaced(&now->input, field, name))
			st = forget(l, now->rid, field, name);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
vanished_list(struct laptop *l, struct vanished **out, size_t *n)
{
	enum { SHOWN_MAX = 64 };
	const uint64_t kept_ms = (uint64_t)VANISHED_DAYS * 86400000;
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(d.member, '?') AS who, count(*), min(v.since_ms) FROM"
	    " r_vanished v LEFT JOIN r_device d ON d.home = v.home AND d.pos = v.device"
	    " WHERE v.since_ms <= ? AND (v.record, v.field, v.agent, v.idx) NOT IN "
	    "(SELECT"
	    " record, field, agent, idx FROM r_unkept) GROUP BY who ORDER BY who LIMIT "
	    "?");

	*n = 0;
	*out = arena_zeros(l->arena, SHOWN_MAX, sizeof **out);
	if (*out == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list");
	query_int(q, l->now_ms > kept_ms ? (int64_t)(l->now_ms - kept_ms) : 0);
	query_int(q, SHOWN_MAX);
	while (*n < SHOWN_MAX && query_row(q)) {
		struct vanished *v = &(*out)[(*n)++];

		v->member = arena_text(l->arena, "%s", query_column_text(q, 0));
		v->n = (uint64_t)query_column_int(q, 1);
		v->since_ms = (uint64_t)query_column_int(q, 2);
	}
	return query_done(q, &l->trouble);
}
