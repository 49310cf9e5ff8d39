/* aside.c - keeps a guest's unsent changes when his access ends, and writes them again
 * when it comes back. */
#include "client/laptop/aside_parts.h"

#include "client/laptop/opening.h"

/* ---- setting aside ---- */

/* The activity's code, else that of the country. Asked before any record is forgotten. */
static status
name_place(struct aside_keeping *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries,
	    "SELECT coalesce((SELECT code FROM activity WHERE record = ?), (SELECT code"
	    " FROM r_space WHERE pos = ?))");

	query_span(q, scope_activity(&x->scope));
	query_int(q, x->scope.space);
	x->place =
	    query_row(q) ? arena_text(l->arena, "%s", query_column_text(q, 0)) : "";
	return query_done(q, &l->trouble);
}

/* An op that waits carries on what the server has already, his own too. */
static bool
is_stored(const struct loaded *r, struct entry_name name)
{
	for (size_t i = 0; i < r->input.n_ops; i++) {
		const struct body *b = r->input.ops[i].body;

		for (size_t k = 0; !r->input.ops[i].is_pending && k < b->n_entries; k++) {
			if (entry_name_equal(b->entries[k].name, name))
				return true;
		}
	}
	return false;
}

/* Written by this member, and in no op of the server's. */
static bool
is_own_unsent(struct laptop *l, const struct loaded *r, const struct record_entry *e)
{
	return e->is_dirty ||
	       (e->op != NULL && e->op->is_pending &&
		   strcmp(author_member(l, e->entry->by), l->self.member) == 0 &&
		   !is_stored(r, e->entry->name));
}

static bool
is_live(const struct record_cell *c, struct entry_name name)
{
	for (size_t i = 0; i < c->n; i++) {
		if (entry_name_equal(c->entries[i].entry->name, name))
			return true;
	}
	return false;
}

static bool
is_in_cell(const struct record_cell *c, const struct entry *e)
{
	return e->field == c->field && e->has_key == c->has_key && e->key == c->key;
}

/* What the value replaces: whatever ops still hold of its place and is not shown. Names
 * only. NULL bytes: no memory. */
static struct span
seen_of(struct aside_keeping *x, const struct loaded *r, const struct record_cell *c)
{
	struct seen_names *seen;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < r->input.n_ops; i++)
		cap += r->input.ops[i].body->n_entries;
	seen = arena_zeros(x->a, cap + 1, sizeof *seen);
	for (size_t i = 0; seen != NULL && i < r->input.n_ops; i++) {
		const struct body *b = r->input.ops[i].body;

		for (size_t k = 0; k < b->n_entries; k++) {
			const struct entry *e = &b->entries[k];

			if (is_in_cell(c, e) && !is_live(c, e->name))
				seen[n++] = (struct seen_names){.agent = e->name.agent,
				    .first = e->name.index,
				    .count = 1};
		}
	}
	return seen == NULL ? (struct span){0} : stored_seen(seen, n, x->a);
}

status
aside_put(struct aside_keeping *x, const struct loaded *r, const struct entry *e,
    struct span key, struct span seen, bool is_change)
{
	struct laptop *l = x->l;
	const struct kind *k = schema_kind(r->ref.kind);
	const struct field *f = k == NULL ? NULL : schema_field(k, e->field);
	struct span entry = stored_entry(e, x->a);
	struct query *q;

	if (entry.bytes == NULL || seen.bytes == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a change");
	q = query_of(l->queries,
	    "INSERT INTO r_aside(space, home, place, kind, name, person, field, key,"
	    " entry, seen, saved_ms, is_change, is_mark)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	query_int(q, x->scope.space);
	query_blob(q, x->scope.name.bytes, sizeof x->scope.name.bytes);
	query_text(q, x->place);
	query_int(q, r->ref.kind);
	query_blob(q, r->ref.name.bytes, sizeof r->ref.name.bytes);
	if (r->ref.has_person)
		query_blob(q, r->ref.person.bytes, 8);
	else
		query_null(q);
	query_int(q, e->field);
	query_span(q, key);
	query_span(q, entry);
	query_span(q, seen);
	query_int(q, (int64_t)e->time.seconds * 1000);
	query_int(q, is_change);
	query_int(q, is_change && f != NULL && f->type == FIELD_MARKS);
	*x->n_kept += is_change;
	return query_run(q, &l->trouble);
}

static status
keep_cell(struct aside_keeping *x, const struct loaded *r, const struct record_cell *c)
{
	const struct kind *k = schema_kind(r->ref.kind);
	bool is_change = field_is_change(k, schema_field(k, c->field));
	uint8_t key[8];
	status st = ST_OK;

	put_u64(key, c->key);
	for (size_t i = 0; st == ST_OK && i < c->n; i++) {
		if (is_own_unsent(x->l, r, &c->entries[i]))
			st = aside_put(x, r, c->entries[i].entry,
			    span_of(key, c->has_key ? sizeof key : 0), seen_of(x, r, c),
			    is_change);
	}
	return st;
}

static status
keep_record(struct aside_keeping *x, int64_t rid)
{
	struct loaded *r;
	status st;

	arena_wipe(x->a);
	r = arena_zeros(x->a, 1, sizeof *r);
	if (r == NULL)
		return trouble_set(
		    &x->l->trouble, ST_NO_MEMORY, "no memory for a record");
	st = record_load(x->l, rid, x->a, r);
	for (size_t i = 0; st == ST_OK && i < r->view.n_cells; i++) {
		if (!r->input.is_text(r->ref.kind, r->view.cells[i].field))
			st = keep_cell(x, r, &r->view.cells[i]);
	}
	return st != ST_OK ? st : aside_keep_texts(x, r);
}

static status
keep_records(struct aside_keeping *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries,
	    "SELECT d.record FROM r_dirty d JOIN r_record r ON r.id = d.record WHERE"
	    " r.scope = ?1 UNION SELECT o.record FROM r_pending_op o JOIN r_pending p ON"
	    " p.id = o.pending WHERE p.scope = ?1 AND p.is_carried = 0");
	status st = ST_OK, end;

	query_int(q, x->scope.id);
	while (st == ST_OK && query_row(q))
		st = keep_record(x, query_column_int(q, 0));
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* What the server refused for the end of his access is his all the same; it is shown no
 * more, so that it would be missing from the view. */
static status
show_refused(struct aside_keeping *x)
{
	struct query *q = query_of(x->l->queries,
	    "UPDATE r_pending SET state = 0 WHERE scope = ? AND is_carried = 0");

	query_int(q, x->scope.id);
	return query_run(q, &x->l->trouble);
}

status
aside_keep(struct laptop *l, int64_t scope, uint64_t *n_kept)
{
	struct aside_keeping x = {.l = l, .a = arena_new(0), .n_kept = n_kept};
	status st = x.a == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
				: scope_by_id(l, scope, &x.scope);

	if (st == ST_OK)
		st = name_place(&x);
	if (st == ST_OK)
		st = show_refused(&x);
	if (st == ST_OK)
		st = keep_records(&x);
	arena_free(x.a);
	return st;
}

/* ---- coming back ---- */

/* Not where he wrote anew before it came back: that is sent first, and then both stand
 * side by side. */
#define RETURNING                                                                        \
	" FROM r_aside x JOIN r_scope s ON (s.space, s.name) = (x.space, x.home) WHERE"  \
	" s.pos IS NOT NULL AND NOT EXISTS (SELECT 1 FROM r_dirty d JOIN r_record r ON"  \
	" r.id = d.record WHERE (r.name, r.kind, r.scope) = (x.name, x.kind, s.id) AND"  \
	" (d.field, d.key) = (x.field, x.key))"

/* The oldest that can come back; *id 0: none. */
static status
find_returning(struct laptop *l, int64_t *id, struct record_ref *r)
{
	struct query *q =
	    query_of(l->queries, "SELECT x.id, s.id, x.kind, x.name, x.person" RETURNING
				 " ORDER BY x.id LIMIT 1");

	*id = 0;
	memset(r, 0, sizeof *r);
	if (query_row(q)) {
		*id = query_column_int(q, 0);
		r->scope = query_column_int(q, 1);
		r->kind = (uint16_t)query_column_int(q, 2);
		query_column_copy(q, 3, r->name.bytes, sizeof r->name.bytes);
		r->has_person = !query_column_is_null(q, 4);
		if (r->has_person)
			query_column_copy(q, 4, r->person.bytes, 8);
	}
	return query_done(q, &l->trouble);
}

static status
write_again(struct laptop *l, int64_t id, const struct record_ref *r, struct arena *a)
{
	struct query *q;
	int64_t rid = 0;
	status st = record_intern(l, r, &rid);

	/* A text that he changed anew before is one change with it. */
	q = query_of(l->queries,
	    "INSERT INTO r_dirty(record, field, key, entry, seen, saved_ms, is_change,"
	    " is_mark) SELECT ?1, x.field, x.key, x.entry, x.seen, x.saved_ms, "
	    "x.is_change"
	    " AND NOT (length(x.key) = 12 AND EXISTS (SELECT 1 FROM r_dirty d WHERE"
	    " (d.record, d.field) = (?1, x.field) AND d.is_change)), x.is_mark"
	    " FROM r_aside x WHERE x.id = ?2");
	query_int(q, rid);
	query_int(q, id);
	if (st == ST_OK)
		st = query_run(q, &l->trouble);
	q = query_of(l->queries, "DELETE FROM r_aside WHERE id = ?");
	query_int(q, id);
	if (st == ST_OK)
		st = query_run(q, &l->trouble);
	return st != ST_OK ? st : record_refresh(l, rid, a);
}

static status
return_all(struct laptop *l, int64_t id, struct record_ref *r)
{
	struct arena *a = arena_new(0);
	status st =
	    a == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory") : ST_OK;

	while (st == ST_OK && id != 0) {
		arena_wipe(a);
		st = write_again(l, id, r, a);
		if (st == ST_OK)
			st = find_returning(l, &id, r);
	}
	arena_free(a);
	return st;
}

status
aside_return(struct laptop *l)
{
	struct record_ref r;
	int64_t id;
	status st = find_returning(l, &id, &r);

	if (st != ST_OK || id == 0)
		return st;
	st = db_begin(l->db, &l->trouble);
	if (st != ST_OK)
		return st;
	st = return_all(l, id, &r);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

/* ---- looking at it ---- */

status
aside_list(struct laptop *l, struct aside_place **out, size_t *n)
{
	struct query *q = query_of(l->queries,
	    "SELECT place, sum(is_change), count(*) OVER () FROM r_aside GROUP BY place"
	    " ORDER BY place");

	*out = NULL;
	*n = 0;
	while (query_row(q)) {
		if (*out == NULL)
			*out = arena_zeros(
			    l->arena, (size_t)query_column_int(q, 2), sizeof **out);
		if (*out == NULL)
			break;
		(*out)[(*n)++] = (struct aside_place){
		    arena_text(l->arena, "%s", query_column_text(q, 0)),
		    (uint64_t)query_column_int(q, 1)};
	}
	return query_done(q, &l->trouble);
}

status
aside_drop(struct laptop *l, uint64_t *n_changes)
{
	struct query *q =
	    query_of(l->queries, "SELECT coalesce(sum(is_change), 0) FROM r_aside");
	status st;

	*n_changes = query_row(q) ? (uint64_t)query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "DELETE FROM r_aside");
	st = query_run(q, &l->trouble);
	return st != ST_OK ? st : db_checkpoint(l->db, &l->trouble);
}
