/* due.c - one row per activity in r_due: is it due, and its findings. */
#include "client/laptop/due.h"

static const char known_key[] = "due_known";

const struct record_id due_country = {{0}};

static status
note_activity(struct laptop *l, struct span activity)
{
	struct query *q =
	    query_of(l->queries, "INSERT INTO r_due VALUES(?, 1, 0) ON CONFLICT(activity)"
				 " DO UPDATE SET is_due = 1 WHERE is_due = 0");

	query_span(q, activity);
	return query_run(q, &l->trouble);
}

static status
note_all(struct laptop *l)
{
	return query_run(
	    query_of(l->queries, "UPDATE r_due SET is_due = 1 WHERE is_due = 0"),
	    &l->trouble);
}

static const struct field *
activity_field(const struct kind *k)
{
	const struct field *f = schema_field_named(k, span_text("activity"));

	return f != NULL && f->type == FIELD_REF && f->of == KIND_ACTIVITY ? f : NULL;
}

static status
note_field(struct laptop *l, const struct loaded *x, const struct field *f)
{
	const struct record_cell *cell = record_field(&x->view, f->id);
	status st = ST_OK;

	if (field_is_of_scope(schema_kind(x->ref.kind), f))
		return note_activity(l, scope_activity(&x->scope));
	if (cell == NULL) /* nothing of it is left that would say whose it was */
		return note_all(l);
	for (size_t i = 0; st == ST_OK && i < cell->n; i++) {
		const struct value *v = &cell->entries[i].entry->value;

		if (v->type == VALUE_BYTES && v->bytes.len == sizeof(struct record_id))
			st = note_activity(l, v->bytes);
	}
	return st;
}

status
due_note(struct laptop *l, const struct loaded *x)
{
	const struct kind *k = schema_kind(x->ref.kind);
	const struct field *f = k == NULL ? NULL : activity_field(k);

	if (l->self.role != ROLE_COORDINATOR || k == NULL)
		return ST_OK;
	if (f != NULL)
		return note_field(l, x, f);
	switch (k->id) {
	case KIND_ACTIVITY:
		return note_activity(
		    l, span_of(x->ref.name.bytes, sizeof x->ref.name.bytes));
	case KIND_COUNTRY_TALLY:
		return note_activity(
		    l, span_of(due_country.bytes, sizeof due_country.bytes));
	case KIND_COUNTRY: /* ages of consent, and what a practice is for */
	case KIND_PRACTICE:
		return note_all(l);
	default:
		return ST_OK;
	}
}

/* A replica from before there was a list. */
static status
know_all(struct laptop *l)
{
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	st = query_run(
	    query_of(l->queries, "INSERT OR REPLACE INTO r_due SELECT record, 1, 0 FROM"
				 " activity"),
	    &l->trouble);
	if (st == ST_OK)
		st = laptop_set_meta_int(l, known_key, 1);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

status
due_list(struct laptop *l, struct arena *a, struct record_id **out, size_t *n)
{
	struct query *q;
	size_t cap;
	status st = laptop_meta_int(l, known_key, 0) != 0 ? ST_OK : know_all(l);

	*n = 0;
	*out = NULL;
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "SELECT count(*) FROM r_due WHERE is_due = 1");
	cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	(void)query_done(q, NULL);
	*out = arena_zeros(a, cap, sizeof **out);
	if (*out == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for figures");
	q = query_of(
	    l->queries, "SELECT activity FROM r_due WHERE is_due = 1 ORDER BY activity");
	while (*n < cap && query_row(q))
		query_column_copy(q, 0, (*out)[(*n)++].bytes, sizeof(struct record_id));
	return query_done(q, &l->trouble);
}

status
due_settle(struct laptop *l, const struct record_id *activity, uint64_t open_findings)
{
	struct query *q = query_of(
	    l->queries, "UPDATE r_due SET is_due = 0, findings = ?2 WHERE activity = ?1");

	query_blob(q, activity->bytes, sizeof activity->bytes);
	query_int(q, (int64_t)open_findings);
	return query_run(q, &l->trouble);
}

status
due_findings(struct laptop *l, uint64_t *out)
{
	struct query *q =
	    query_of(l->queries, "SELECT coalesce(sum(findings), 0) FROM r_due");

	*out = query_row(q) ? (uint64_t)query_column_int(q, 0) : 0;
	return query_done(q, &l->trouble);
}
