/* records.c - loads one record: its ops of base and pending, opened, its dirty entries,
 * the graves of its scope; joined by core/record.h. */
#include "client/laptop/records.h"

#include <stdlib.h>

#include "client/laptop/opening.h"
#include "client/laptop/pending_batch.h"
#include "client/laptop/stored.h"
#include "core/text_crdt.h"
#include "crypto/tag.h"
#include "proto/batch_codec.h"
#include "proto/op_codec.h"

/* The graves of one scope. */
struct grave_set {
	struct tag_key tag_key;
	size_t n;
	struct tag *subjects; /* ascending */
	enum grave_state *states;
};

struct loading {
	struct laptop *l;
	struct arena *a;
	struct loaded *out;
	struct record_op *ops;
	size_t n_ops, cap_ops;
	/* What pending ops that are dead on arrival supersede all the same. */
	size_t n_dots;
	struct dot *dots;
};

static status
out_of_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a record");
}

status
record_find(struct laptop *l, const struct record_ref *r, int64_t *rid)
{
	struct query *q = query_of(l->queries,
	    "SELECT id FROM r_record WHERE name = ? AND kind = ? AND scope = ?");

	query_blob(q, r->name.bytes, sizeof r->name.bytes);
	query_int(q, r->kind);
	query_int(q, r->scope);
	*rid = query_row(q) ? query_column_int(q, 0) : 0;
	return query_done(q, &l->trouble);
}

status
record_intern(struct laptop *l, const struct record_ref *r, int64_t *rid)
{
	struct query *q;
	status st = record_find(l, r, rid);

	if (st != ST_OK || *rid != 0)
		return st;
	q = query_of(l->queries,
	    "INSERT INTO r_record(kind, name, scope, person) VALUES(?, ?, ?, ?)"
	    " RETURNING id");
	query_int(q, r->kind);
	query_blob(q, r->name.bytes, sizeof r->name.bytes);
	query_int(q, r->scope);
	if (r->has_person)
		query_blob(q, r->person.bytes, 8);
	else
		query_null(q);
	*rid = query_row(q) ? query_column_int(q, 0) : 0;
	return query_done(q, &l->trouble);
}

/* ---- graves ---- */

static enum grave_state
grave_of(const void *ctx, uint64_t person_key)
{
	const struct grave_set *set = ctx;
	struct tag subject = tag_subject(&set->tag_key, (struct person_key){person_key});
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order =
		    memcmp(set->subjects[mid].bytes, subject.bytes, sizeof subject.bytes);

		if (order == 0)
			return set->states[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return GRAVE_NONE;
}

/* r_grave.in_base; GRAVE_SEALING is only there while burial.c seals. */
static enum grave_state
state_of(int64_t in_base)
{
	return in_base == 1 ? GRAVE_BASE : in_base == 2 ? GRAVE_SEALING : GRAVE_PENDING;
}

static status
load_graves(struct loading *x, size_t n, const struct tag_key *tag_key)
{
	struct laptop *l = x->l;
	struct grave_set *set = arena_zeros(x->a, 1, sizeof *set);
	struct query *q;

	if (set == NULL)
		return out_of_memory(l);
	set->tag_key = *tag_key;
	set->subjects = arena_zeros(x->a, n, sizeof *set->subjects);
	set->states = arena_zeros(x->a, n, sizeof *set->states);
	if (set->subjects == NULL || set->states == NULL)
		return out_of_memory(l);
	q = query_of(l->queries,
	    "SELECT subject, in_base FROM r_grave WHERE scope = ? ORDER BY subject");
	query_int(q, x->out->ref.scope);
	while (set->n < n && query_row(q)) {
		query_column_copy(q, 0, set->subjects[set->n].bytes, sizeof(struct tag));
		set->states[set->n++] = state_of(query_column_int(q, 1));
	}
	x->out->graves = set;
	x->out->input.graves = (struct grave_test){grave_of, set};
	return query_done(q, &l->trouble);
}

/* ---- ops ---- */

static struct record_op *
add_op(struct loading *x)
{
	if (x->n_ops == x->cap_ops) {
		size_t cap = x->cap_ops == 0 ? 4 : x->cap_ops * 2;
		struct record_op *more = arena_zeros(x->a, cap, sizeof *more);

		if (more == NULL)
			return NULL;
		if (x->n_ops > 0)
			memcpy(more, x->ops, x->n_ops * sizeof *more);
		x->ops = more;
		x->cap_ops = cap;
	}
	return &x->ops[x->n_ops++];
}

/* Opens op number index of the batch and appends it. */
static status
take_op(struct loading *x, const struct batch *b, size_t index, const struct short_id *id,
    bool is_pending)
{
	struct laptop *l = x->l;
	const struct op *o = &b->ops[index];
	struct batch_place place = {.space = b->space, .scope = x->out->scope};
	struct body *body = arena_zeros(x->a, 1, sizeof *body);
	size_t n_dots = is_pending ? o->n_dots : 0;
	struct dot *dots = arena_zeros(x->a, n_dots, sizeof *dots);
	struct record_op *out;
	status st = body == NULL || dots == NULL
			? out_of_memory(l)
			: space_name_of(l, b->space, &place.space_name);

	if (st == ST_OK)
		st = opening_op(l, &place, b, index, x->a, body);
	if (st != ST_OK)
		return st;
	out = add_op(x);
	if (out == NULL)
		return out_of_memory(l);
	if (n_dots > 0) /* the batch goes before the record does */
		memcpy(dots, o->dots, n_dots * sizeof *dots);
	*out = (struct record_op){.dot = {*id, (uint8_t)index},
	    .is_pending = is_pending,
	    .sealed_bytes = o->wire.len,
	    .n_dots = n_dots,
	    .dots = dots,
	    .body = body};
	return ST_OK;
}

/* A base op: its header and its own bytes lie in two rows. */
static status
take_base_row(struct loading *x, struct query *q)
{
	struct laptop *l = x->l;
	size_t index = (size_t)query_column_int(q, 0);
	struct span header = arena_copy(x->a, query_column_span(q, 2));
	struct span wire = arena_copy(x->a, query_column_span(q, 3));
	struct reader r = reader_of(wire);
	struct short_id id;
	struct batch b;
	status st;

	query_column_copy(q, 1, id.bytes, sizeof id.bytes);
	if (header.bytes == NULL || wire.bytes == NULL)
		return out_of_memory(l);
	st = batch_decode_header(header, x->a, &b, &l->trouble);
	if (st != ST_OK)
		return st;
	if (index >= b.n_ops)
		return trouble_set(&l->trouble, ST_CORRUPT, "a stored op has no place");
	b.ops = arena_zeros(x->a, index + 1, sizeof *b.ops);
	if (b.ops == NULL)
		return out_of_memory(l);
	st = op_decode(&r, &b, &l->checks, x->a, &b.ops[index], &l->trouble);
	return st != ST_OK ? st : take_op(x, &b, index, &id, false);
}

static status
load_base(struct loading *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries,
	    "SELECT idx, short, header, wire FROM r_op JOIN r_batch USING(space, lsn)"
	    " WHERE record = ? ORDER BY lsn, idx");
	status st = ST_OK, end;

	query_int(q, x->out->rid);
	while (st == ST_OK && query_row(q))
		st = take_base_row(x, q);
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* Base says that this op was superseded before it arrived. */
static bool
is_doa(struct laptop *l, const struct batch *b, const struct short_id *id, size_t index)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM r_doa WHERE space = ? AND batch = ? AND idx = ? AND scope = ?"
	    " AND tag = ?");
	bool found;

	query_int(q, b->space);
	query_blob(q, id->bytes, sizeof id->bytes);
	query_int(q, (int64_t)index);
	query_int(q, b->scope);
	query_blob(q, b->ops[index].record.bytes, sizeof b->ops[index].record.bytes);
	found = query_row(q);
	(void)query_done(q, NULL);
	return found && b->ops[index].retention != RETAIN_AUDIT;
}

/* The server drops the op but obeys its list (RELIABILITY 2), so the view does too. */
static status
keep_dots(struct loading *x, const struct op *op)
{
	struct dot *more = arena_zeros(x->a, x->n_dots + op->n_dots + 1, sizeof *more);

	if (more == NULL)
		return out_of_memory(x->l);
	if (x->n_dots > 0)
		memcpy(more, x->dots, x->n_dots * sizeof *more);
	if (op->n_dots > 0)
		memcpy(more + x->n_dots, op->dots, op->n_dots * sizeof *more);
	x->dots = more;
	x->n_dots += op->n_dots;
	return ST_OK;
}

static bool
is_named(const struct loading *x, const struct record_op *op)
{
	for (size_t i = 0; i < x->n_dots; i++) {
		if (ID_EQUAL(&x->dots[i].batch, &op->dot.batch) &&
		    x->dots[i].index == op->dot.index)
			return true;
	}
	return false;
}

static void
drop_named(struct loading *x, bool is_audit)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n_ops; i++) {
		if (is_audit || !is_named(x, &x->ops[i]))
			x->ops[n++] = x->ops[i];
	}
	x->n_ops = n;
}

static status
load_pending(struct loading *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries,
	    "SELECT o.idx, p.batch, p.id FROM r_pending_op o JOIN r_pending p"
	    " ON p.id = o.pending WHERE o.record = ? AND p.state < 2 ORDER BY p.id, "
	    "o.idx");
	status st = ST_OK, end;

	query_int(q, x->out->rid);
	while (st == ST_OK && query_row(q)) {
		size_t index = (size_t)query_column_int(q, 0);
		const struct batch *b;
		struct batch_id id;
		struct short_id s;

		query_column_copy(q, 1, id.bytes, sizeof id.bytes);
		s = batch_short(&id);
		st = pending_batch_read(l, query_column_int(q, 2), &id, &b);
		if (st != ST_OK || index >= b->n_ops || !b->ops[index].is_present)
			continue;
		st = is_doa(l, b, &s, index) ? keep_dots(x, &b->ops[index])
					     : take_op(x, b, index, &s, true);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
load_dirty(struct loading *x)
{
	struct laptop *l = x->l;
	struct record_dirty *dirty = NULL;
	size_t n = 0, cap = 0;
	struct query *q = query_of(l->queries,
	    "SELECT entry, seen, is_change, is_change AND is_mark FROM r_dirty"
	    " WHERE record = ? ORDER BY id");
	status st = ST_OK, end;

	query_int(q, x->out->rid);
	while (st == ST_OK && query_row(q)) {
		struct span entry = arena_copy(x->a, query_column_span(q, 0));

		if (n == cap) {
			struct record_dirty *more;

			cap = cap == 0 ? 16 : cap * 2;
			more = arena_zeros(x->a, cap, sizeof *more);
			if (more != NULL && n > 0)
				memcpy(more, dirty, n * sizeof *more);
			dirty = more;
		}
		if (entry.bytes == NULL || dirty == NULL) {
			st = out_of_memory(l);
			break;
		}
		st = stored_entry_read(entry, &dirty[n].entry, &l->trouble);
		if (st == ST_OK)
			st = stored_seen_read(query_column_span(q, 1), x->a,
			    &dirty[n].seen, &dirty[n].n_seen, &l->trouble);
		x->out->changes += (uint64_t)query_column_int(q, 2);
		x->out->marks += (uint64_t)query_column_int(q, 3);
		n++;
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	x->out->input.dirty = dirty;
	x->out->input.n_dirty = n;
	return st != ST_OK ? st : end;
}

static bool
is_text_field(uint16_t kind, uint16_t field)
{
	const struct kind *k = schema_kind(kind);
	const struct field *f = k == NULL ? NULL : schema_field(k, field);

	return f != NULL && f->type == FIELD_LONGTEXT;
}

/* The record, its scope and how many graves that has: one statement, since every load
 * pays for it. */
static status
load_row(struct loading *x)
{
	struct laptop *l = x->l;
	struct loaded *out = x->out;
	struct query *q = query_of(l->queries,
	    "SELECT s.id, s.space, s.pos, s.name, s.epoch, s.as_home, s.as_device, "
	    "r.kind,"
	    " r.name, r.person, s.tag_key, (SELECT count(*) FROM r_grave g WHERE g.scope "
	    "="
	    " s.id) FROM r_record r JOIN r_scope s ON s.id = r.scope WHERE r.id = ?");
	struct tag_key tag_key;
	size_t n_graves = 0;
	bool found;
	status st;

	query_int(q, out->rid);
	found = query_row(q);
	if (found) {
		scope_read(q, &out->scope);
		out->ref.scope = out->scope.id;
		out->ref.kind = (uint16_t)query_column_int(q, 7);
		query_column_copy(q, 8, out->ref.name.bytes, sizeof out->ref.name.bytes);
		out->ref.has_person = !query_column_is_null(q, 9);
		if (out->ref.has_person)
			query_column_copy(q, 9, out->ref.person.bytes, 8);
		query_column_copy(q, 10, tag_key.bytes, sizeof tag_key.bytes);
		n_graves = (size_t)query_column_int(q, 11);
	}
	st = query_done(q, &l->trouble);
	if (st == ST_OK && !found)
		st = trouble_set(
		    &l->trouble, ST_NOT_FOUND, "a record, or its scope, is not here");
	return st != ST_OK || n_graves == 0 ? st : load_graves(x, n_graves, &tag_key);
}

status
record_load(struct laptop *l, int64_t rid, struct arena *a, struct loaded *out)
{
	struct loading x = {.l = l, .a = a, .out = out};
	const struct kind *k;
	status st;

	memset(out, 0, sizeof *out);
	out->rid = rid;
	st = load_row(&x);
	if (st == ST_OK)
		st = load_base(&x);
	if (st == ST_OK)
		st = load_pending(&x);
	if (st == ST_OK)
		st = load_dirty(&x);
	if (st != ST_OK)
		return st;
	k = schema_kind(out->ref.kind);
	drop_named(&x, k != NULL && k->retention == RETAIN_AUDIT);
	out->input.kind = out->ref.kind;
	out->input.record = out->ref.name;
	out->input.has_person = out->ref.has_person;
	out->input.person = person_key_of(&out->ref.person);
	out->input.is_audit = k != NULL && k->retention == RETAIN_AUDIT;
	out->input.n_ops = x.n_ops;
	out->input.ops = x.ops;
	out->input.is_text = is_text_field;
	return record_view(a, &out->input, &out->view, &l->trouble);
}

status
record_refresh(struct laptop *l, int64_t rid, struct arena *a)
{
	struct loaded *loaded = arena_zeros(a, 1, sizeof *loaded);
	status st = loaded == NULL ? out_of_memory(l) : record_load(l, rid, a, loaded);

	return st != ST_OK ? st : record_project(l, loaded, a);
}

status
records_waiting(struct laptop *l, struct waiting *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(sum(is_change), 0), coalesce(sum(is_change AND is_mark), 0),"
	    " coalesce(min(saved_ms), 0) FROM r_dirty");
	status st;

	memset(out, 0, sizeof *out);
	if (query_row(q)) {
		out->changes = (uint64_t)query_column_int(q, 0);
		out->marks = (uint64_t)query_column_int(q, 1);
		out->oldest_ms = (uint64_t)query_column_int(q, 2);
	}
	st = query_done(q, &l->trouble);
	if (st != ST_OK)
		return st;
	q = query_of(l->queries,
	    "SELECT coalesce(sum(changes), 0), coalesce(sum(marks), 0), is_carried,"
	    " coalesce(min(sealed_ms), 0) FROM r_pending WHERE state = 0 GROUP BY "
	    "is_carried");
	while (query_row(q)) {
		uint64_t oldest = (uint64_t)query_column_int(q, 3);

		if (query_column_int(q, 2) != 0) {
			out->carried += (uint64_t)query_column_int(q, 0);
			continue;
		}
		out->changes += (uint64_t)query_column_int(q, 0);
		out->marks += (uint64_t)query_column_int(q, 1);
		if (oldest != 0 && (out->oldest_ms == 0 || oldest < out->oldest_ms))
			out->oldest_ms = oldest;
	}
	return query_done(q, &l->trouble);
}
