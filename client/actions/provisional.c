/* provisional.c - figures of this country, brought up to date. */
#include "client/actions/provisional.h"

#include "client/actions/form.h"
#include "client/actions/rolls.h"
#include "core/tally.h"

/* Writes figures into a provisional record; equal values cost nothing. */
static status
write_figures(
    struct edit *e, struct laptop *l, const struct activity *a, const struct figures *f)
{
	const struct kind *k = schema_kind(KIND_PROVISIONAL);
	struct value activity = value_bytes(a->name.bytes, sizeof a->name.bytes);
	struct field_value values[TALLY_VALUES_MAX];
	size_t n = tally_values(f, l->arena, values);
	struct record_ref ref;
	status st = form_new(l, k, a->home, &activity, 1, &ref);

	if (st == ST_OK)
		st = edit_set(e, &ref, F_PROVISIONAL_ACTIVITY, NULL, &activity);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = edit_set(e, &ref, values[i].field, NULL, &values[i].value);
	return st;
}

static status
update_activity(
    struct edit *e, struct laptop *l, const struct activity *a, uint64_t *open_findings)
{
	struct rolls r;
	struct person_finding *found;
	size_t n;
	status st;

	/* Its keys may be on their way: the sync goes on without its figures. */
	if (!rolls_are_open(l, a))
		return ST_OK;
	st = rolls_load(l, a, &r);
	if (st == ST_OK)
		st = rolls_findings(l, &r, &found, &n);
	if (st != ST_OK)
		return st;
	*open_findings += n;
	return r.is_closed ? ST_OK : write_figures(e, l, a, &r.view.figures);
}

static status
update_country(struct edit *e, struct laptop *l, uint64_t open_findings)
{
	struct query *q = query_of(l->queries,
	    "SELECT count(DISTINCT coalesce(y.same_as, y.pid)) FROM young_person y"
	    " JOIN activity a ON a.record = y.activity WHERE a.type = 'youth_workshop'"
	    " AND EXISTS(SELECT 1 FROM tally t WHERE t.activity = a.record AND NOT EXISTS"
	    " (SELECT 1 FROM reopen r WHERE r.tally = t.record))");
	char code[5] = {0};
	struct value country, unique, open = value_int(open_findings);
	struct scope_info scope;
	struct record_ref ref;
	status st;

	memcpy(code, l->self.home.text, 4);
	country = value_text(code);
	unique = value_int(query_row(q) ? (uint64_t)query_column_int(q, 0) : 0);
	st = query_done(q, &l->trouble);
	if (st == ST_OK)
		st = scope_for(l, WHERE_OFFICE, l->self.author.home, NULL, &scope);
	if (st == ST_OK)
		st = form_new(
		    l, schema_kind(KIND_COUNTRY_TALLY), scope.id, &country, 1, &ref);
	if (st == ST_OK)
		st = edit_set(e, &ref, F_COUNTRY_TALLY_COUNTRY, NULL, &country);
	if (st == ST_OK)
		st =
		    edit_set(e, &ref, F_COUNTRY_TALLY_UNIQUE_YOUNG_PEOPLE, NULL, &unique);
	return st != ST_OK
		   ? st
		   : edit_set(e, &ref, F_COUNTRY_TALLY_OPEN_FINDINGS, NULL, &open);
}

status
provisional_update(struct laptop *l)
{
	struct activity *activities;
	struct edit *e = NULL;
	uint64_t open_findings = 0;
	size_t n = 0, n_mine = 0;
	status st = find_activities(l, YOUTH_WORKSHOP, &activities, &n);

	if (st == ST_OK)
		st = edit_begin(l, &e);
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (activities[i].space != l->self.author.home)
			continue;
		n_mine++;
		st = update_activity(e, l, &activities[i], &open_findings);
	}
	if (st == ST_OK && n_mine > 0)
		st = update_country(e, l, open_findings);
	if (st == ST_OK && edit_is_empty(e)) {
		edit_abandon(e); /* nothing changed: no disk sync for it */
		return ST_OK;
	}
	if (st == ST_OK)
		return edit_commit(e, NULL);
	edit_abandon(e);
	return st;
}
