/* burial.c - one batch that erases people of a scope. */
#include "client/sync/burial.h"

#include "client/laptop/sweep.h"
#include "client/laptop/wipe.h"
#include "client/sync/outbox_parts.h"
#include "crypto/tag.h"
#include "proto/batch_codec.h"

/* One burial under way. */
struct digging {
	struct laptop *l;
	const struct burial *b;
	struct filling *x;
	struct tag_key tag_key;
	size_t left;
};

static struct tag
subject_of(const struct digging *d, struct person_key person)
{
	return tag_subject(&d->tag_key, person);
}

/* ---- the graves ---- */

/* While this batch is sealed the graves of its people count as if they stood. */
static status
open_grave(struct digging *d, const struct tag *subject)
{
	struct query *q = query_of(d->l->queries,
	    "INSERT INTO r_grave(scope, subject, in_base) VALUES(?, ?, 2) ON"
	    " CONFLICT(scope, subject) DO UPDATE SET in_base = 2 WHERE in_base = 0");

	query_int(q, d->b->scope);
	query_blob(q, subject->bytes, sizeof subject->bytes);
	return query_run(q, &d->l->trouble);
}

static status
close_graves(struct digging *d)
{
	struct query *q = query_of(d->l->queries,
	    "UPDATE r_grave SET in_base = 0 WHERE scope = ? AND in_base = 2");

	query_int(q, d->b->scope);
	return query_run(q, &d->l->trouble);
}

static status
erase_all(struct digging *d)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < d->b->n_people; i++) {
		struct tag subject = subject_of(d, d->b->people[i]);

		st = open_grave(d, &subject);
		if (st == ST_OK)
			st = outbox_add_erase(d->x, &subject);
	}
	return st;
}

/* ---- the sheets ---- */

/* Those of late marks: their erase op is repeated with the compaction. */
static status
erase_again(struct digging *d, const struct loaded *sheet)
{
	const struct record_view *v = &sheet->view;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < v->n_entries; i++) {
		const struct record_entry *e = &v->entries[i];
		struct tag subject;
		bool has = e->grave != GRAVE_BASE;

		if (has)
			continue;
		subject = subject_of(d, (struct person_key){e->entry->key});
		for (size_t k = 0; !has && k < d->x->batch.n_ops; k++)
			has = d->x->ops[k].type == OP_ERASE &&
			      ID_EQUAL(&d->x->ops[k].subject, &subject);
		if (!has)
			st = outbox_add_erase(d->x, &subject);
	}
	return st;
}

/* *fits false: the batch has no room for it, and another one would have another verdict.
 */
static status
add_whole(struct digging *d, const struct loaded *sheet, size_t skip, bool *fits)
{
	/* Beside its erase op, so it may not be long. */
	const struct body_measure measure = {outbox_size_of, NULL, d->x};
	struct compaction how = {.agent = 0, .dots_skip = skip};
	struct record_sealing s;
	struct span plain;
	status st;

	while (how.agent == 0)
		rng_fill(&d->l->rng, &how.agent, sizeof how.agent);
	st = record_compact(d->x->scratch, &sheet->view, &record_limits_default, &measure,
	    &how, &s, &d->l->trouble);
	if (st != ST_OK || !s.is_needed)
		return st;
	st = body_encode_in(d->l->codec, &s.body, d->x->place.scope.as, d->x->scratch,
	    &plain, &d->l->trouble);
	if (st != ST_OK)
		return st;
	*fits = outbox_has_room(d->x, plain.len, s.n_dots);
	return !*fits ? ST_OK
		      : outbox_add(d->x, &s.body, s.dots, s.n_dots, plain, sheet->rid);
}

static status
compact(struct digging *d, int64_t rid)
{
	struct loaded sheet;
	bool fits = true;
	status st;

	arena_wipe(d->x->scratch);
	st = record_load(d->l, rid, d->x->scratch, &sheet);
	if (st != ST_OK || !sweep_is_due(&sheet))
		return st;
	st = erase_again(d, &sheet);
	for (size_t skip = 0; st == ST_OK && fits && skip < sheet.view.n_live;
	     skip += record_limits_default.dots_max)
		st = add_whole(d, &sheet, skip, &fits);
	d->left += !fits;
	return st;
}

typedef status record_action(struct digging *d, int64_t rid);

/* sheets: only kinds that hold marks of young people. */
static status
for_records(struct digging *d, bool sheets, record_action *act)
{
	struct query *q =
	    query_of(d->l->queries, "SELECT id, kind FROM r_record WHERE scope = ?");
	status st = ST_OK, end;

	query_int(q, d->b->scope);
	while (st == ST_OK && query_row(q)) {
		uint16_t kind = (uint16_t)query_column_int(q, 1);

		if (!sheets || kind == KIND_SHEET || kind == KIND_FINAL_SHEET)
			st = act(d, query_column_int(q, 0));
	}
	end = query_done(q, st == ST_OK ? &d->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
show_anew(struct digging *d, int64_t rid)
{
	arena_wipe(d->x->scratch);
	return record_refresh(d->l, rid, d->x->scratch);
}

/* ---- the whole ---- */

static status
forget_past(struct digging *d)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < d->b->n_people; i++) {
		struct tag subject = subject_of(d, d->b->people[i]);

		st = wipe_person(d->l, d->b->scope, &subject, WIPE_PAST);
	}
	return st;
}

static status
dig(struct digging *d)
{
	struct scope_info scope;
	status st = scope_by_id(d->l, d->b->scope, &scope);

	if (st != ST_OK || scope.pos < 0)
		return st;
	st = wipe_tag_key(d->l, d->b->scope, &d->tag_key);
	if (st == ST_OK)
		st = outbox_enter(d->x, &scope);
	if (st == ST_OK)
		st = erase_all(d);
	if (st == ST_OK)
		st = for_records(d, true, compact);
	if (st == ST_OK)
		st = outbox_finish(d->x);
	if (st == ST_OK)
		st = close_graves(d);
	if (st == ST_OK)
		st = forget_past(d);
	return st == ST_OK ? for_records(d, false, show_anew) : st;
}

status
burial_seal(struct laptop *l, const struct burial *b, size_t *left)
{
	struct digging d = {.l = l, .b = b, .x = filling_new(l)};
	status st;

	if (d.x == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a batch");
	st = db_begin(l->db, &l->trouble);
	if (st == ST_OK) {
		st = dig(&d);
		if (st == ST_OK)
			st = db_commit(l->db, &l->trouble);
		else
			db_rollback(l->db);
	}
	/* The history's bytes leave the log of the database too. */
	if (st == ST_OK && b->n_people > 0)
		st = db_checkpoint(l->db, &l->trouble);
	if (left != NULL)
		*left = d.left;
	explicit_bzero(&d.tag_key, sizeof d.tag_key);
	filling_free(d.x);
	return st;
}

/* ---- refused ---- */

static status
fill_grave(struct laptop *l, int64_t scope, const struct tag *subject)
{
	struct query *q = query_of(l->queries,
	    "DELETE FROM r_grave WHERE scope = ? AND subject = ? AND in_base = 0");

	query_int(q, scope);
	query_blob(q, subject->bytes, sizeof subject->bytes);
	return query_run(q, &l->trouble);
}

static status
show_scope(struct laptop *l, int64_t scope)
{
	const struct burial b = {.scope = scope};
	struct digging d = {.l = l, .b = &b, .x = filling_new(l)};
	status st;

	if (d.x == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a scope");
	st = for_records(&d, false, show_anew);
	filling_free(d.x);
	return st;
}

static status
dig_again(struct laptop *l, int64_t scope, const struct tag *subject)
{
	struct query *q = query_of(l->queries,
	    "INSERT OR IGNORE INTO r_grave(scope, subject, in_base) VALUES(?, ?, 0)");

	query_int(q, scope);
	query_blob(q, subject->bytes, sizeof subject->bytes);
	return query_run(q, &l->trouble);
}

typedef status subject_action(struct laptop *l, int64_t scope, const struct tag *subject);

/* For the subject of each erasure in a batch that waits or was refused; a: wiped. */
static status
for_erasures(struct laptop *l, struct arena *a, int64_t pending, subject_action *act,
    int64_t *scope, size_t *n)
{
	struct query *q =
	    query_of(l->queries, "SELECT scope, wire FROM r_pending WHERE id = ?");
	struct span wire = {NULL, 0};
	struct batch b = {.n_ops = 0};
	status st;

	arena_wipe(a);
	query_int(q, pending);
	if (query_row(q)) {
		*scope = query_column_int(q, 0);
		wire = arena_copy(a, query_column_span(q, 1));
	}
	st = query_done(q, &l->trouble);
	if (st == ST_OK && wire.len > 0)
		st = batch_decode(wire, BATCH_PRUNED, &l->checks, a, &b, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < b.n_ops; i++) {
		if (!b.ops[i].is_present || b.ops[i].type != OP_ERASE)
			continue;
		st = act(l, *scope, &b.ops[i].subject);
		++*n;
	}
	return st;
}

/* Another batch that waits in the scope may erase the same person. */
static status
dig_for_others(struct laptop *l, struct arena *a, int64_t scope, int64_t refused)
{
	int64_t next = 0;
	size_t n = 0;
	status st = ST_OK;

	while (st == ST_OK) {
		struct query *q = query_of(l->queries,
		    "SELECT min(id) FROM r_pending WHERE scope = ? AND id > ?"
		    " AND id <> ? AND state < 2");

		query_int(q, scope);
		query_int(q, next);
		query_int(q, refused);
		next = query_row(q) ? query_column_int(q, 0) : 0;
		st = query_done(q, &l->trouble);
		if (st != ST_OK || next == 0)
			break;
		st = for_erasures(l, a, next, dig_again, &scope, &n);
	}
	return st;
}

status
burial_refused(struct laptop *l, int64_t pending)
{
	struct arena *a = arena_new(0);
	int64_t scope = 0;
	size_t n = 0;
	status st = a == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
			      : for_erasures(l, a, pending, fill_grave, &scope, &n);

	if (st == ST_OK && n > 0)
		st = dig_for_others(l, a, scope, pending);
	if (st == ST_OK && n > 0)
		st = show_scope(l, scope);
	arena_free(a);
	return st;
}

/* ---- what is known ---- */

status
burial_finds(struct laptop *l, int64_t scope, struct person_key person, bool *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM r_record WHERE person = ?1 AND scope = ?2 UNION ALL SELECT 1 "
	    "FROM"
	    " sheet_marks m JOIN r_record r ON r.id = m.rid WHERE m.person = ?3 AND "
	    "r.scope"
	    " = ?2 UNION ALL SELECT 1 FROM final_sheet_marks m JOIN r_record r ON r.id ="
	    " m.rid WHERE m.person = ?3 AND r.scope = ?2 LIMIT 1");
	uint8_t key[8];

	put_u64(key, person.n);
	query_blob(q, key, sizeof key);
	query_int(q, scope);
	query_int(q, (int64_t)person.n);
	*out = query_row(q);
	return query_done(q, &l->trouble);
}

status
burial_state(
    struct laptop *l, int64_t scope, struct person_key person, struct burial_state *out)
{
	struct tag_key key;
	struct tag subject;
	struct query *q;
	status st = wipe_tag_key(l, scope, &key);

	memset(out, 0, sizeof *out);
	if (st != ST_OK)
		return st;
	subject = tag_subject(&key, person);
	explicit_bzero(&key, sizeof key);
	q = query_of(l->queries,
	    "SELECT in_base, head, at_s FROM r_grave WHERE scope = ? AND subject = ?");
	query_int(q, scope);
	query_blob(q, subject.bytes, sizeof subject.bytes);
	if (query_row(q)) {
		out->is_known = true;
		out->stands = query_column_int(q, 0) == 1;
		out->head = (uint64_t)query_column_int(q, 1);
		out->at_s = (uint64_t)query_column_int(q, 2);
	}
	return query_done(q, &l->trouble);
}
