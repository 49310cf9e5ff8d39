/* inbox.c - moves the base of one space forward to the server's state: batches in lsn
 * order, removals, graves, doa; then the records that any of it touched. */
#include "client/inbox.h"

#include <assert.h>
#include <stdlib.h>

#include "client/opening.h"
#include "core/hlc.h"
#include "core/membership_batch.h"
#include "crypto/tag.h"
#include "proto/batch_codec.h"

/* One transaction that applies a pull of one space. */
struct applying {
	struct laptop *l;
	struct membership *m;
	struct arena *a; /* of one batch or record */
	uint16_t space;
	const struct push_list *pushes;
	uint64_t server_time_s;
	struct received *out;
	int64_t *touched; /* rids, with doubles */
	size_t n_touched, cap_touched;
	const struct page *last; /* holds the removals */
	struct dead_row *dead;   /* sorted copy of its removals */
	int32_t wanted_log;      /* space whose log a signature needs; -1 = none */
};

static status
touch(struct applying *x, int64_t rid)
{
	if (x->n_touched == x->cap_touched) {
		size_t cap = x->cap_touched == 0 ? 256 : x->cap_touched * 2;
		int64_t *more = realloc(x->touched, cap * sizeof *more);

		if (more == NULL)
			return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory");
		x->touched = more;
		x->cap_touched = cap;
	}
	x->touched[x->n_touched++] = rid;
	return ST_OK;
}

static int
compare_rids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static status
quarantine(struct applying *x, uint64_t lsn, size_t index, const char *reason)
{
	struct query *q = query_of(
	    x->l->queries, "INSERT OR REPLACE INTO r_quarantine VALUES(?, ?, ?, ?)");

	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	query_int(q, (int64_t)index);
	query_text(q, reason);
	x->out->n_quarantined++;
	return query_run(q, &x->l->trouble);
}

static bool
is_ours(const struct scope_info *scope, const struct batch *b)
{
	return scope->as.home == b->home && scope->as.device == b->device;
}

/* Counts what the author himself wrote, and lets the local clock see the stamps. */
static void
note_entries(struct applying *x, const struct batch_place *place, const struct batch *b,
    const struct body *body)
{
	const struct kind *k = schema_kind(body->kind);
	bool is_own = is_ours(&place->scope, b);

	x->out->people += !is_own && body->kind == KIND_YOUNG_PERSON;
	for (size_t i = 0; i < body->n_entries; i++) {
		const struct entry *e = &body->entries[i];
		const struct field *f = k == NULL ? NULL : schema_field(k, e->field);

		if (hlc_is_ahead(e->time, x->server_time_s)) {
			uint64_t ahead = e->time.seconds - x->server_time_s;

			x->out->ahead_s =
			    ahead > x->out->ahead_s ? ahead : x->out->ahead_s;
		} else {
			(void)hlc_receive(&x->l->clock, e->time, x->server_time_s);
		}
		if (is_own || e->by.home != b->home || e->by.device != b->device ||
		    !field_is_change(k, f))
			continue;
		x->out->changes++;
		x->out->marks += f != NULL && f->type == FIELD_MARKS;
	}
}

static status
store_op(struct applying *x, uint64_t lsn, size_t index, const struct op *o, int64_t rid)
{
	struct query *q =
	    query_of(x->l->queries, "INSERT OR REPLACE INTO r_op VALUES(?, ?, ?, ?, ?)");

	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	query_int(q, (int64_t)index);
	if (rid == 0)
		query_null(q);
	else
		query_int(q, rid);
	query_span(q, o->wire);
	return query_run(q, &x->l->trouble);
}

/* Opens one op; *rid is 0 when it cannot be shown, and the reason is kept. */
static status
open_op(struct applying *x, const struct batch_place *place, const struct batch *b,
    uint64_t lsn, size_t index, int64_t *rid)
{
	struct laptop *l = x->l;
	struct record_ref ref = {.scope = place->scope.id};
	const struct author signer = {b->home, b->device};
	const struct kind *k;
	struct body body;
	status st = opening_op(l, place, b, index, x->a, &body);

	*rid = 0;
	if (st == ST_NO_MEMORY || st == ST_IO)
		return st;
	if (st != ST_OK)
		return quarantine(x, lsn, index, l->trouble.text);
	k = schema_kind(body.kind);
	if (k != NULL && k->retention != b->ops[index].retention)
		return quarantine(x, lsn, index, "its class is not that of its kind");
	if (k != NULL && !schema_may_edit(k, membership_roles(x->m, signer, x->space)))
		return quarantine(
		    x, lsn, index, "its signer may not write that kind (V9)");
	ref.kind = body.kind;
	ref.name = body.record;
	ref.has_person = body.has_person;
	put_u64(ref.person.bytes, body.person.n);
	st = record_intern(l, &ref, rid);
	if (st == ST_OK)
		st = touch(x, *rid);
	if (st == ST_OK)
		note_entries(x, place, b, &body);
	return st;
}

static status
store_batch_row(
    struct applying *x, uint64_t lsn, const struct batch *b, const struct batch_id *id)
{
	struct laptop *l = x->l;
	struct short_id s = batch_short(id);
	uint8_t *hashes = arena_alloc(x->a, b->n_ops * sizeof(struct op_hash));
	struct query *q = query_of(l->queries,
	    "INSERT OR REPLACE INTO r_batch VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");

	if (hashes == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a batch");
	for (size_t i = 0; i < b->n_ops; i++)
		memcpy(hashes + i * sizeof(struct op_hash), b->ops[i].hash.bytes,
		    sizeof(struct op_hash));
	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	query_blob(q, s.bytes, sizeof s.bytes);
	query_int(q, b->home);
	query_int(q, b->device);
	query_int(q, b->scope);
	query_int(q, b->epoch);
	query_span(q, b->header);
	query_blob(q, b->signature.bytes, sizeof b->signature.bytes);
	query_blob(q, hashes, b->n_ops * sizeof(struct op_hash));
	return query_run(q, &l->trouble);
}

/* Was the op removed after the batch came in? */
static bool
is_dead(const struct applying *x, uint64_t lsn, size_t index)
{
	size_t low = 0, high = x->last->n_dead;
	bool found = false;

	while (low < high && !found) {
		size_t mid = (low + high) / 2;
		const struct dead_row *d = &x->dead[mid];

		found = d->born == lsn && d->index == index;
		if (d->born < lsn || (d->born == lsn && d->index < index))
			low = mid + 1;
		else
			high = mid;
	}
	return x->last->lists_live ? !found && lsn <= x->last->head : found;
}

static status
verify(struct applying *x, const struct batch *b, struct batch_id *id)
{
	const struct batch_question question = {
	    .batch = b, .now_s = x->server_time_s, .is_history = true};
	struct batch_answer answer;

	membership_judge(x->m, &question, &answer);
	if (!answer.has_context || answer.device == NULL) {
		x->wanted_log = b->home;
		return trouble_set(&x->l->trouble, ST_RETRY,
		    "a batch cites records that are not in the membership log");
	}
	return batch_verify(b, &answer.context, &answer.device->keys.sign, &x->l->checks,
	    x->a, id, &x->l->trouble);
}

/* Keeps the live ops of a batch; opens those that this laptop has the keys of, the others
 * are only carried. */
static status
take_batch(
    struct applying *x, uint64_t lsn, const struct batch *b, const struct batch_id *id)
{
	struct laptop *l = x->l;
	struct batch_place place;
	bool opens = batch_place(l, b, &place) == ST_OK;
	bool any = false;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < b->n_ops; i++) {
		int64_t rid = 0;

		if (!b->ops[i].is_present || is_dead(x, lsn, i) ||
		    b->ops[i].type == OP_ERASE)
			continue;
		any = true;
		if (opens)
			st = open_op(x, &place, b, lsn, i, &rid);
		if (st == ST_OK)
			st = store_op(x, lsn, i, &b->ops[i], rid);
	}
	return st != ST_OK || !any ? st : store_batch_row(x, lsn, b, id);
}

/* Touches what a batch that leaves pending wrote, and removes it. */
static status
drop_pending(struct applying *x, int64_t pending)
{
	struct laptop *l = x->l;
	struct query *q =
	    query_of(l->queries, "SELECT record FROM r_pending_op WHERE pending = ?");
	status st = ST_OK, end;

	query_int(q, pending);
	while (st == ST_OK && query_row(q))
		st = touch(x, query_column_int(q, 0));
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	st = st != ST_OK ? st : end;
	if (st == ST_OK) {
		q = query_of(l->queries, "DELETE FROM r_pending_op WHERE pending = ?");
		query_int(q, pending);
		st = query_run(q, &l->trouble);
	}
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "DELETE FROM r_pending WHERE id = ?");
	query_int(q, pending);
	return query_run(q, &l->trouble);
}

static status
drop_pending_by_id(struct applying *x, const struct batch_id *id)
{
	struct query *q =
	    query_of(x->l->queries, "SELECT id FROM r_pending WHERE batch = ?");
	int64_t pending;
	status st;

	query_blob(q, id->bytes, sizeof id->bytes);
	pending = query_row(q) ? query_column_int(q, 0) : 0;
	st = query_done(q, &x->l->trouble);
	return st != ST_OK || pending == 0 ? st : drop_pending(x, pending);
}

static status
take_wire(struct applying *x, uint64_t lsn, struct span wire)
{
	struct batch b;
	struct batch_id id;
	status st;

	arena_wipe(x->a);
	st = batch_decode(wire, BATCH_PRUNED, &x->l->checks, x->a, &b, &x->l->trouble);
	if (st == ST_OK)
		st = verify(x, &b, &id);
	if (st == ST_OK)
		st = drop_pending_by_id(x, &id);
	return st != ST_OK ? st : take_batch(x, lsn, &b, &id);
}

/* "My push number p is lsn n": it is in base now, and did not travel back. */
static status
take_own(struct applying *x, const struct own_row *own)
{
	struct laptop *l = x->l;
	struct query *q;
	int64_t pending = own->push < x->pushes->n ? x->pushes->pending[own->push] : 0;
	struct batch_id id = {{0}};
	struct span wire = {NULL, 0};
	struct batch b;
	status st;

	if (pending == 0)
		return ST_OK;
	arena_wipe(x->a);
	q = query_of(l->queries, "SELECT batch, wire FROM r_pending WHERE id = ?");
	query_int(q, pending);
	if (query_row(q)) {
		query_column_copy(q, 0, id.bytes, sizeof id.bytes);
		wire = arena_copy(x->a, query_column_span(q, 1));
	}
	st = query_done(q, &l->trouble);
	if (st != ST_OK || wire.len == 0)
		return st;
	st = batch_decode(wire, BATCH_PRUNED, &l->checks, x->a, &b, &l->trouble);
	if (st == ST_OK)
		st = drop_pending(x, pending);
	return st != ST_OK ? st : take_batch(x, own->lsn, &b, &id);
}

/* ---- removals ---- */

static status
remove_op(struct applying *x, uint64_t lsn, size_t index)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries,
	    "DELETE FROM r_op WHERE space = ? AND lsn = ? AND idx = ? RETURNING record");
	int64_t rid = 0;
	status st;

	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	query_int(q, (int64_t)index);
	if (query_row(q))
		rid = query_column_int(q, 0);
	(void)query_row(q); /* steps to the end: the deletion counts then */
	st = query_done(q, &l->trouble);
	return st != ST_OK || rid == 0 ? st : touch(x, rid);
}

/* The server's dead log does not reach back to our cursor: what it does not name is gone.
 */
static status
remove_unlisted(struct applying *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(
	    l->queries, "SELECT lsn, idx FROM r_op WHERE space = ? AND lsn <= ?");
	struct dead_row *gone = NULL;
	size_t n = 0, cap = 0;
	status st;

	query_int(q, x->space);
	query_int(q, (int64_t)x->last->head);
	while (query_row(q)) {
		uint64_t lsn = (uint64_t)query_column_int(q, 0);
		size_t index = (size_t)query_column_int(q, 1);

		if (!is_dead(x, lsn, index))
			continue;
		if (n == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			gone = realloc(gone, cap * sizeof *gone);
			if (gone == NULL)
				abort(); /* some megabytes at the most */
		}
		gone[n++] = (struct dead_row){lsn, (uint8_t)index};
	}
	st = query_done(q, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = remove_op(x, gone[i].born, gone[i].index);
	free(gone);
	return st;
}

static status
take_removals(struct applying *x)
{
	status st = ST_OK;

	if (x->last->lists_live)
		return remove_unlisted(x);
	for (size_t i = 0; st == ST_OK && i < x->last->n_dead; i++)
		st = remove_op(x, x->dead[i].born, x->dead[i].index);
	return st;
}

/* ---- graves and doa ---- */

/* Everything whose subject is in the grave goes; sheets are shown anew without his marks.
 */
static status
bury(struct applying *x, const struct scope_info *scope, const struct tag *subject)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries,
	    "SELECT r.id, r.person, s.tag_key FROM r_record r JOIN r_scope s"
	    " ON s.id = r.scope WHERE r.scope = ?");
	status st = ST_OK, end;

	query_int(q, scope->id);
	while (st == ST_OK && query_row(q)) {
		int64_t rid = query_column_int(q, 0);
		struct tag_key key;
		struct person_id person = {{0}};
		struct tag tag;
		struct query *drop;

		st = touch(x, rid);
		if (query_column_is_null(q, 1) || st != ST_OK)
			continue;
		query_column_copy(q, 1, person.bytes, 8);
		query_column_copy(q, 2, key.bytes, sizeof key.bytes);
		tag = tag_subject(&key, person_key_of(&person));
		if (!ID_EQUAL(&tag, subject))
			continue;
		drop = query_of(l->queries, "DELETE FROM r_op WHERE record = ?");
		query_int(drop, rid);
		st = query_run(drop, &l->trouble);
		drop = query_of(l->queries, "DELETE FROM r_dirty WHERE record = ?");
		query_int(drop, rid);
		st = st != ST_OK ? st : query_run(drop, &l->trouble);
		drop = query_of(l->queries, "DELETE FROM r_history WHERE record = ?");
		query_int(drop, rid);
		st = st != ST_OK ? st : query_run(drop, &l->trouble);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
take_graves(struct applying *x)
{
	struct laptop *l = x->l;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < x->last->n_graves; i++) {
		const struct grave_row *g = &x->last->graves[i];
		struct scope_info scope;
		struct query *q;

		if (scope_by_pos(l, x->space, g->scope, &scope) != ST_OK)
			continue;
		q = query_of(l->queries,
		    "INSERT INTO r_grave VALUES(?, ?, 1) ON CONFLICT(scope, subject) DO"
		    " UPDATE SET in_base = 1");
		query_int(q, scope.id);
		query_blob(q, g->subject.bytes, sizeof g->subject.bytes);
		st = query_run(q, &l->trouble);
		if (st == ST_OK)
			st = bury(x, &scope, &g->subject);
	}
	return st;
}

static status
take_doa(struct applying *x)
{
	struct laptop *l = x->l;
	struct query *q = query_of(l->queries, "DELETE FROM r_doa WHERE space = ?");
	status st;

	query_int(q, x->space);
	st = query_run(q, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < x->last->n_doa; i++) {
		const struct doa_row *d = &x->last->doa[i];

		q = query_of(
		    l->queries, "INSERT OR IGNORE INTO r_doa VALUES(?, ?, ?, ?, ?)");
		query_int(q, x->space);
		query_blob(q, d->dot.batch.bytes, sizeof d->dot.batch.bytes);
		query_int(q, d->dot.index);
		query_int(q, d->scope);
		query_blob(q, d->record.bytes, sizeof d->record.bytes);
		st = query_run(q, &l->trouble);
	}
	return st;
}

/* ---- the whole ---- */

static status
take_page(struct applying *x, const struct page *page)
{
	size_t own = 0, batch = 0;
	status st = ST_OK;

	/* Both lists ascend; a base in lsn order makes the views alike everywhere. */
	while (st == ST_OK && (own < page->n_own || batch < page->n_batches)) {
		bool is_own =
		    batch == page->n_batches ||
		    (own < page->n_own && page->own[own].lsn < page->batches[batch].lsn);

		st = is_own ? take_own(x, &page->own[own++])
			    : take_wire(
				  x, page->batches[batch].lsn, page->batches[batch].wire);
		if (!is_own)
			batch++;
	}
	return st;
}

static status
take_stage(struct applying *x)
{
	struct laptop *l = x->l;
	struct query *q =
	    query_of(l->queries, "SELECT page FROM r_stage WHERE space = ? ORDER BY seq");
	struct arena *a = arena_new(0);
	status st = a == NULL ? ST_NO_MEMORY : ST_OK, end;

	query_int(q, x->space);
	while (st == ST_OK && query_row(q)) {
		struct packet p;
		struct message message;

		arena_reset(a);
		st = packet_open(&p, query_column_span(q, 0), &l->trouble);
		if (st == ST_OK)
			st = packet_next(&p, a, &message, &l->trouble);
		if (st == ST_OK)
			st = take_page(x, &message.page);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	arena_free(a);
	return st != ST_OK ? st : end;
}

static status
refresh_touched(struct applying *x)
{
	status st = ST_OK;
	int64_t before = 0;

	if (x->n_touched > 0)
		qsort(x->touched, x->n_touched, sizeof *x->touched, compare_rids);
	for (size_t i = 0; st == ST_OK && i < x->n_touched; i++) {
		if (x->touched[i] == before)
			continue;
		before = x->touched[i];
		arena_wipe(x->a);
		st = record_refresh(x->l, before, x->a);
	}
	return st;
}

static status
move_cursor(struct applying *x)
{
	struct laptop *l = x->l;
	const struct page *p = x->last;
	struct query *q = query_of(l->queries,
	    "UPDATE r_space SET cursor = ?, chain = ?, log_applied = ? WHERE pos = ?");
	status st;

	query_int(q, (int64_t)p->head);
	query_blob(q, p->hash, sizeof p->hash);
	query_int(q, membership_log_len(x->m, x->space) < p->log_len
			 ? membership_log_len(x->m, x->space)
			 : p->log_len);
	query_int(q, x->space);
	st = query_run(q, &l->trouble);
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "DELETE FROM r_stage WHERE space = ?");
	query_int(q, x->space);
	st = query_run(q, &l->trouble);
	if (st == ST_OK)
		st = laptop_set_meta_int(l, "hlc_seconds", (int64_t)l->clock.seconds);
	return st != ST_OK ? st : laptop_set_meta_int(l, "hlc_counter", l->clock.counter);
}

static int
compare_dead(const void *a, const void *b)
{
	const struct dead_row *x = a, *y = b;

	if (x->born != y->born)
		return x->born < y->born ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static status
apply(struct applying *x)
{
	const struct page *p = x->last;
	status st;

	if (p->n_dead > 0) {
		x->dead = malloc(p->n_dead * sizeof *x->dead);
		if (x->dead == NULL)
			return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory");
		memcpy(x->dead, p->dead, p->n_dead * sizeof *x->dead);
		qsort(x->dead, p->n_dead, sizeof *x->dead, compare_dead);
	}
	st = take_stage(x);
	if (st == ST_OK)
		st = take_page(x, p);
	if (st == ST_OK)
		st = take_removals(x);
	if (st == ST_OK)
		st = take_graves(x);
	if (st == ST_OK)
		st = take_doa(x);
	if (st == ST_OK)
		st = refresh_touched(x);
	return st != ST_OK ? st : move_cursor(x);
}

/* A pull that brings nothing and moves nothing costs no disk sync. */
static bool
is_nothing(struct laptop *l, const struct membership *m, const struct page *p)
{
	struct query *q = query_of(l->queries,
	    "SELECT cursor, chain, log_applied, EXISTS(SELECT 1 FROM r_stage WHERE"
	    " space = pos) FROM r_space WHERE pos = ?");
	bool same = false;

	query_int(q, p->space);
	if (query_row(q))
		same = (uint64_t)query_column_int(q, 0) == p->head &&
		       span_equal(
			   query_column_span(q, 1), span_of(p->hash, sizeof p->hash)) &&
		       (uint64_t)query_column_int(q, 2) == p->log_len &&
		       membership_log_len(m, p->space) >= p->log_len &&
		       query_column_int(q, 3) == 0;
	(void)query_done(q, NULL);
	return same && p->n_own == 0 && p->n_batches == 0 && p->n_dead == 0 &&
	       p->n_graves == 0 && !p->lists_live;
}

status
inbox_apply(struct laptop *l, struct membership *m, const struct page *page,
    const struct push_list *pushes, uint64_t server_time_s, struct received *out)
{
	struct applying x = {.l = l,
	    .m = m,
	    .space = page->space,
	    .pushes = pushes,
	    .server_time_s = server_time_s,
	    .out = out,
	    .last = page,
	    .wanted_log = -1};
	status st = logs_compare(l, m, page);

	if (st != ST_OK || is_nothing(l, m, page))
		return st;
	x.a = arena_new(0);
	if (x.a == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a pull");
	st = db_begin(l->db, &l->trouble);
	if (st == ST_OK) {
		st = apply(&x);
		if (st == ST_OK)
			st = db_commit(l->db, &l->trouble);
		else
			db_rollback(l->db);
	}
	if (st == ST_OK && page->n_graves > 0) /* the log holds what was erased */
		st = db_checkpoint(l->db, &l->trouble);
	if (st == ST_RETRY && x.wanted_log >= 0 &&
	    laptop_set_meta_int(l, "wanted_log", x.wanted_log) != ST_OK)
		st = l->trouble.code;
	arena_free(x.a);
	free(x.touched);
	free(x.dead);
	return st;
}
