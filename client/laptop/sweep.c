/* sweep.c - keeps the list of sheets to compact in r_sweep. */
#include "client/laptop/sweep.h"

#include "core/record.h"

static bool
holds_erased(const struct body *body, const struct grave_test *graves)
{
	for (size_t i = 0; i < body->n_entries; i++) {
		const struct entry *e = &body->entries[i];

		if (e->has_key && grave_drops(graves->of(graves->ctx, e->key)))
			return true;
	}
	return false;
}

bool
sweep_is_due(const struct loaded *x)
{
	const struct record_view *v = &x->view;

	if (x->graves == NULL || x->input.is_audit)
		return false;
	for (size_t i = 0; i < v->n_live; i++) {
		if (holds_erased(v->live[i]->body, &x->input.graves))
			return true;
	}
	return false;
}

status
sweep_note(struct laptop *l, const struct loaded *x)
{
	struct query *q;

	if (x->graves == NULL)
		return ST_OK; /* without graves nothing was ever noted */
	q = query_of(l->queries, sweep_is_due(x)
				     ? "INSERT OR IGNORE INTO r_sweep VALUES(?)"
				     : "DELETE FROM r_sweep WHERE record = ?");
	query_int(q, x->rid);
	return query_run(q, &l->trouble);
}

status
sweep_count(struct laptop *l, uint64_t *out)
{
	struct query *q = query_of(l->queries, "SELECT count(*) FROM r_sweep");

	*out = query_row(q) ? (uint64_t)query_column_int(q, 0) : 0;
	return query_done(q, &l->trouble);
}
