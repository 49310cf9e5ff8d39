/* unkept.c - compares an op with what it took the place of, and gives back what it lost.
 */
#include "client/laptop/unkept.h"

#include "client/laptop/stored.h"

/* ---- finding it ---- */

static bool
is_here(struct laptop *l, uint16_t space, const struct dot *dot)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM r_batch JOIN r_op USING(space, lsn) WHERE short = ? AND"
	    " space = ? AND idx = ?");
	bool found;

	query_blob(q, dot->batch.bytes, sizeof dot->batch.bytes);
	query_int(q, space);
	query_int(q, dot->index);
	found = query_row(q);
	(void)query_done(q, NULL);
	return found;
}

static status
note(struct laptop *l, int64_t rid, struct author signer, const struct carried_finding *f)
{
	struct query *q = query_of(l->queries,
	    "INSERT OR IGNORE INTO r_unkept VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
	uint8_t key[8];

	put_u64(key, f->entry->key);
	query_int(q, rid);
	query_int(q, f->entry->field);
	query_int(q, (int64_t)f->entry->name.agent);
	query_int(q, f->entry->name.index);
	query_blob(q, key, f->entry->has_key ? sizeof key : 0);
	query_int(q, signer.home);
	query_int(q, signer.device);
	query_int(q, f->fault == CARRIED_CHANGED);
	query_int(q, (int64_t)l->now_ms);
	return query_run(q, &l->trouble);
}

static status
forget_old(struct laptop *l)
{
	const uint64_t kept_ms = (uint64_t)UNKEPT_DAYS * 86400000;
	struct query *q = query_of(l->queries, "DELETE FROM r_unkept WHERE since_ms < ?");

	query_int(q, l->now_ms > kept_ms ? (int64_t)(l->now_ms - kept_ms) : 0);
	return query_run(q, &l->trouble);
}

static status
compare(struct laptop *l, struct arena *a, int64_t rid, struct author signer,
    const struct op *op, const struct body *body)
{
	const struct record_op now = {
	    .n_dots = op->n_dots, .dots = op->dots, .body = body};
	struct carried_findings findings = {0};
	struct loaded loaded;
	status st = record_load(l, rid, a, &loaded);

	if (st == ST_OK && !loaded.input.is_audit)
		st = record_check_carried(a, &now, loaded.input.n_ops, loaded.input.ops,
		    &loaded.input.graves, &findings, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < findings.n; i++)
		st = note(l, rid, signer, &findings.items[i]);
	return st == ST_OK && findings.n > 0 ? forget_old(l) : st;
}

/* Most ops that a new laptop reads name ops that it never had: then nothing is loaded. */
status
unkept_check(struct laptop *l, struct arena *a, uint16_t space, int64_t rid,
    struct author signer, const struct op *op, const struct body *body)
{
	bool is_any = false;

	for (size_t i = 0; !is_any && i < op->n_dots; i++)
		is_any = is_here(l, space, &op->dots[i]);
	if (!is_any)
		return ST_OK;
	arena_wipe(a);
	return compare(l, a, rid, signer, op, body);
}

/* ---- telling it ---- */

status
unkept_list(struct laptop *l, struct unkept **out, size_t *n)
{
	enum { SHOWN_MAX = 64 };
	const uint64_t kept_ms = (uint64_t)UNKEPT_DAYS * 86400000;
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(d.member, '?') AS who, sum(NOT u.is_changed),"
	    " sum(u.is_changed), min(u.since_ms) FROM r_unkept u LEFT JOIN r_device d"
	    " ON d.home = u.home AND d.pos = u.device WHERE u.since_ms >= ?"
	    " GROUP BY who ORDER BY who LIMIT ?");

	*n = 0;
	*out = arena_zeros(l->arena, SHOWN_MAX, sizeof **out);
	if (*out == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list");
	query_int(q, l->now_ms > kept_ms ? (int64_t)(l->now_ms - kept_ms) : 0);
	query_int(q, SHOWN_MAX);
	while (*n < SHOWN_MAX && query_row(q)) {
		struct unkept *u = &(*out)[(*n)++];

		u->member = arena_text(l->arena, "%s", query_column_text(q, 0));
		u->n_dropped = (uint64_t)query_column_int(q, 1);
		u->n_changed = (uint64_t)query_column_int(q, 2);
		u->since_ms = (uint64_t)query_column_int(q, 3);
	}
	return query_done(q, &l->trouble);
}

/* ---- giving it back ---- */

/* One row of r_unkept. */
struct lost {
	int64_t rid;
	uint16_t field;
	struct entry_name name;
	bool is_changed;
};

static status
read_lost(struct laptop *l, struct arena *a, struct lost **out, size_t *n)
{
	enum { AT_ONCE_MAX = 4096 };
	struct query *q = query_of(l->queries,
	    "SELECT record, field, agent, idx, is_changed FROM r_unkept ORDER BY record,"
	    " field, agent, idx LIMIT ?");

	*n = 0;
	*out = arena_zeros(a, AT_ONCE_MAX, sizeof **out);
	if (*out == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list");
	query_int(q, AT_ONCE_MAX);
	while (*n < AT_ONCE_MAX && query_row(q))
		(*out)[(*n)++] = (struct lost){.rid = query_column_int(q, 0),
		    .field = (uint16_t)query_column_int(q, 1),
		    .name = {(uint64_t)query_column_int(q, 2),
			(uint32_t)query_column_int(q, 3)},
		    .is_changed = query_column_int(q, 4) != 0};
	return query_done(q, &l->trouble);
}

/* What the history has under that name; *found false if it is too old or was erased. */
static status
find_past(struct laptop *l, struct arena *a, const struct lost *lost, struct entry *out,
    bool *found)
{
	struct query *q = query_of(l->queries, "SELECT entry FROM r_history WHERE record "
					       "= ? AND field = ? ORDER BY id DESC");
	status st = ST_OK, end;

	*found = false;
	query_int(q, lost->rid);
	query_int(q, lost->field);
	while (st == ST_OK && !*found && query_row(q)) {
		struct span blob = arena_copy(a, query_column_span(q, 0));

		st = blob.bytes == NULL
			 ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a value")
			 : stored_entry_read(blob, out, &l->trouble);
		*found = st == ST_OK && entry_name_equal(out->name, lost->name);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* A dropped value has nothing in its place; a changed one still stands there changed.
 * Otherwise somebody has written since, and that stays. */
static bool
is_still_lost(
    const struct record_view *v, const struct lost *lost, const struct entry *past)
{
	const struct record_cell *c =
	    record_cell_find(v, past->field, past->has_key, past->key);

	if (!lost->is_changed)
		return c == NULL || c->n == 0;
	for (size_t i = 0; c != NULL && i < c->n; i++) {
		if (entry_name_equal(c->entries[i].entry->name, lost->name))
			return true;
	}
	return false;
}

static status
settle(struct laptop *l, const struct lost *lost)
{
	struct query *q = query_of(l->queries,
	    "DELETE FROM r_unkept WHERE record = ? AND field = ? AND agent = ? AND"
	    " idx = ?");

	query_int(q, lost->rid);
	query_int(q, lost->field);
	query_int(q, (int64_t)lost->name.agent);
	query_int(q, lost->name.index);
	return query_run(q, &l->trouble);
}

static status
write_one(
    struct edit *e, struct laptop *l, struct arena *a, const struct lost *lost, size_t *n)
{
	struct loaded loaded;
	struct entry past;
	bool found;
	status st = find_past(l, a, lost, &past, &found);

	if (st == ST_OK && found)
		st = record_load(l, lost->rid, a, &loaded);
	if (st == ST_OK && found && is_still_lost(&loaded.view, lost, &past)) {
		st = edit_set(e, &loaded.ref, past.field, past.has_key ? &past.key : NULL,
		    &past.value);
		++*n;
	}
	return st == ST_OK ? settle(l, lost) : st;
}

status
unkept_write_again(struct edit *e, struct laptop *l, size_t *n_written)
{
	struct arena *list = arena_new(0), *a = arena_new(0);
	struct lost *lost = NULL;
	size_t n = 0;
	status st = list == NULL || a == NULL
			? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list")
			: read_lost(l, list, &lost, &n);

	*n_written = 0;
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		arena_wipe(a);
		st = write_one(e, l, a, &lost[i], n_written);
	}
	arena_free(a);
	arena_free(list);
	return st;
}
