/* provisional.c - figures of this country, brought up to date. */
#include "client/actions/provisional.h"

#include "client/actions/form.h"
#include "client/actions/rolls.h"
#include "client/laptop/due.h"
#include "core/tally.h"

/* An activity that was due, and what was found. */
struct looked_at {
	struct record_id activity;
	uint64_t findings;
	bool is_done; /* else it stays due */
};

static status
settle(struct laptop *l, const struct looked_at *at, size_t n)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (at[i].is_done)
			st = due_settle(l, &at[i].activity, at[i].findings);
	}
	return st != ST_OK ? st : due_settle(l, &due_country, 0);
}

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

/* *is_done: false while its keys are on their way; the sync goes on without its figures.
 * What is no open workshop of this country has none of ours. */
static status
update_activity(struct edit *e, struct laptop *l, const struct record_id *name,
    uint64_t *open_findings, bool *is_done)
{
	struct activity a;
	struct rolls r;
	struct person_finding *found;
	size_t n;
	status st = find_activity_named(l, name, &a);

	*open_findings = 0;
	*is_done = true;
	if (st == ST_NOT_FOUND ||
	    (st == ST_OK && (a.type != YOUTH_WORKSHOP || a.space != l->self.author.home)))
		return ST_OK;
	*is_done = st == ST_OK && rolls_are_open(l, &a);
	if (!*is_done)
		return st;
	st = rolls_load(l, &a, &r);
	if (st == ST_OK)
		st = rolls_findings(l, &r, &found, &n);
	if (st != ST_OK)
		return st;
	*open_findings = n;
	return r.is_closed ? ST_OK : write_figures(e, l, &a, &r.view.figures);
}

/* One roll at a time lies in memory. */
static status
update_due(struct edit *e, struct laptop *l, struct looked_at *at, struct arena *scratch)
{
	struct arena *kept = l->arena;
	status st;

	l->arena = scratch;
	st = update_activity(e, l, &at->activity, &at->findings, &at->is_done);
	l->arena = kept;
	arena_wipe(scratch);
	return st;
}

/* A country without any has no figures to tell. */
static bool
has_workshop(struct laptop *l)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM activity a JOIN r_scope s ON s.id = a.scope WHERE s.space = ?"
	    " AND a.type = 'youth_workshop' LIMIT 1");
	bool found;

	query_int(q, l->self.author.home);
	found = query_row(q);
	return query_done(q, NULL) == ST_OK && found;
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

/* Equal figures are not worth the only disk sync of a sync that had nothing to do. */
static status
settle_relaxed(struct laptop *l, const struct looked_at *at, size_t n)
{
	status st = db_relax(l->db, &l->trouble), end;

	if (st == ST_OK)
		st = db_begin(l->db, &l->trouble);
	if (st == ST_OK)
		st = settle(l, at, n);
	if (st == ST_OK)
		st = db_commit(l->db, &l->trouble);
	else
		db_rollback(l->db);
	end = db_unrelax(l->db, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* Workshop by workshop of those due, then the country's sum of all. */
static status
update_all(struct edit *e, struct laptop *l, struct looked_at *at, size_t n)
{
	struct arena *scratch = arena_new(0);
	uint64_t open_findings = 0;
	status st = scratch == NULL
			? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for figures")
			: ST_OK;

	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = update_due(e, l, &at[i], scratch);
	arena_free(scratch);
	if (st == ST_OK)
		st = settle(l, at, n);
	if (st == ST_OK)
		st = due_findings(l, &open_findings);
	return st != ST_OK || !has_workshop(l) ? st : update_country(e, l, open_findings);
}

static status
update_in_edit(struct laptop *l, struct looked_at *at, size_t n)
{
	struct edit *e = NULL;
	bool is_empty;
	status st = edit_begin(l, &e);

	if (st == ST_OK)
		st = update_all(e, l, at, n);
	is_empty = st == ST_OK && edit_is_empty(e);
	if (st == ST_OK && !is_empty)
		st = edit_commit(e, NULL);
	else
		edit_abandon(e);
	/* Writing them made them due again. */
	return st != ST_OK ? st : settle_relaxed(l, at, n);
}

status
provisional_update(struct laptop *l)
{
	struct arena *a = arena_new(0);
	struct record_id *due = NULL;
	struct looked_at *at = NULL;
	size_t n = 0;
	status st = a == NULL
			? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for figures")
			: due_list(l, a, &due, &n);

	if (st == ST_OK && n > 0) {
		at = arena_zeros(a, n, sizeof *at);
		if (at == NULL)
			st = trouble_set(
			    &l->trouble, ST_NO_MEMORY, "no memory for figures");
	}
	for (size_t i = 0; st == ST_OK && i < n; i++)
		at[i].activity = due[i];
	if (st == ST_OK && n > 0)
		st = update_in_edit(l, at, n);
	arena_free(a);
	return st;
}
