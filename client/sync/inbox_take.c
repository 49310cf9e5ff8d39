/* inbox_take.c - batches of a pull into the base: checked, opened, filed under their
 * records. */
#include "client/sync/inbox_parts.h"

#include "client/laptop/claim.h"
#include "client/laptop/opening.h"
#include "client/laptop/unkept.h"
#include "client/sync/renewal.h"
#include "core/proviso.h"
#include "crypto/tag.h"
#include "proto/batch_codec.h"
#include "proto/op_codec.h"

/* The op stays as ciphertext and is listed; it never stops a sync (SECURITY 9.5.4). */
static status
quarantine(struct applying *x, uint64_t lsn, size_t index, const char *reason)
{
	struct query *q = query_of(
	    x->l->queries, "INSERT OR REPLACE INTO r_quarantine VALUES(?, ?, ?, ?)");

	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	query_int(q, (int64_t)index);
	query_text(q, reason);
	x->out->n_quarantined += !x->is_old; /* it was counted when it came first */
	return query_run(q, &x->l->trouble);
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

/* Files an opened op under its record. */
static status
file_op(struct applying *x, const struct batch_place *place, const struct body *body,
    int64_t *rid)
{
	struct record_ref ref = {.kind = body->kind,
	    .name = body->record,
	    .scope = place->scope.id,
	    .has_person = body->has_person};
	status st;

	put_u64(ref.person.bytes, body->person.n);
	st = record_find(x->l, &ref, rid);
	if (st == ST_OK && *rid != 0)
		return inbox_touch(x, *rid);
	if (st == ST_OK)
		st = record_intern(x->l, &ref, rid);
	return st != ST_OK ? st : inbox_touch_new(x, *rid);
}

/* As far as the op and the membership log tell (V9). */
static bool
may_write(struct applying *x, const struct kind *k, struct author signer, unsigned roles,
    const struct body *b)
{
	struct signer who = {.roles = roles, .is_in_all = x->space == 0};

	if (k->proviso == PROVISO_ITSELF)
		who.member = span_text(author_member(x->l, signer));
	return schema_may_edit(k, who.roles) &&
	       proviso_holds(k, &who, b->entries, b->n_entries);
}

/* Opens one op; *rid is 0 when it cannot be shown, and *reason says why. */
static status
try_op(struct applying *x, const struct batch_place *place, const struct batch *b,
    size_t index, int64_t *rid, const char **reason)
{
	struct laptop *l = x->l;
	const struct author signer = {b->home, b->device};
	const struct kind *k;
	struct body body;
	status st = opening_op(l, place, b, index, x->a, &body);

	*rid = 0;
	*reason = l->trouble.text;
	if (st == ST_NO_MEMORY || st == ST_IO)
		return st;
	if (st != ST_OK)
		return ST_OK;
	k = schema_kind(body.kind);
	*reason = "its class is not that of its kind";
	if (k != NULL && k->retention != b->ops[index].retention)
		return ST_OK;
	*reason = "its signer may not write that kind (V9)";
	if (k != NULL && !may_write(x, k, signer, x->roles, &body))
		return ST_OK;
	*reason = "this laptop may not write that kind (V9)";
	if (k != NULL && x->is_adopted && !may_write(x, k, x->as, x->own_roles, &body))
		return ST_OK;
	st = file_op(x, place, &body, rid);
	if (st == ST_OK && !x->is_ours)
		st = unkept_check(
		    l, x->scratch, x->space, *rid, signer, &b->ops[index], &body);
	return st != ST_OK ? st : inbox_see_times(x, *rid, &body);
}

/* The same; the reason is kept. */
static status
open_op(struct applying *x, const struct batch_place *place, const struct batch *b,
    uint64_t lsn, size_t index, int64_t *rid)
{
	const char *reason;
	status st = try_op(x, place, b, index, rid, &reason);

	return st != ST_OK || *rid != 0 ? st : quarantine(x, lsn, index, reason);
}

status
inbox_open_op(struct applying *x, const struct batch_place *place, const struct batch *b,
    size_t index, int64_t *rid)
{
	const char *reason;

	return try_op(x, place, b, index, rid, &reason);
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
bool
inbox_is_dead(const struct applying *x, uint64_t lsn, size_t index)
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
	struct log_signer signer;
	status st = logs_signer(x->logs, b, &signer);

	if (st == ST_NOT_FOUND) {
		x->wanted_log = b->home;
		return trouble_set(&x->l->trouble, ST_RETRY,
		    "a batch cites records that are not in the membership log");
	}
	/* Its author was shown another log than this laptop (SECURITY 9.4). */
	if (st == ST_OK && memcmp(signer.context.home_head.bytes, b->head_check,
			       sizeof b->head_check) != 0)
		return logs_complain_fork(
		    x->l, b->home, b->head, span_of(b->head_check, sizeof b->head_check));
	return st != ST_OK ? st
			   : batch_verify(b, &signer.context, &signer.sign, &x->l->checks,
				 x->a, id, &x->l->trouble);
}

static bool
exists(struct query *q)
{
	bool found = query_row(q);

	(void)query_done(q, NULL);
	return found;
}

/* Is an op of ours one that the server did not keep: its person was erased, or it was
 * superseded before it came? Our own copy of the batch does not say. */
static bool
is_dropped(struct applying *x, const struct batch *b, const struct short_id *id,
    const struct scope_info *scope, size_t index)
{
	const struct op *o = &b->ops[index];
	struct query *q;

	for (size_t i = 0; o->has_subject && i < x->last->n_graves; i++) {
		if (x->last->graves[i].scope == b->scope &&
		    ID_EQUAL(&x->last->graves[i].subject, &o->subject))
			return true;
	}
	q = query_of(x->l->queries,
	    "SELECT 1 FROM r_grave WHERE scope = ? AND subject = ? AND in_base = 1");
	query_int(q, scope->id);
	query_blob(q, o->subject.bytes, o->has_subject ? sizeof o->subject.bytes : 0);
	if (exists(q))
		return true;
	q = query_of(x->l->queries,
	    "SELECT 1 FROM r_doa WHERE space = ? AND batch = ? AND"
	    " idx = ? AND scope = ? AND tag = ?");
	query_int(q, x->space);
	query_blob(q, id->bytes, sizeof id->bytes);
	query_int(q, (int64_t)index);
	query_int(q, b->scope);
	query_blob(q, o->record.bytes, sizeof o->record.bytes);
	return exists(q) && o->retention != RETAIN_AUDIT;
}

status
inbox_find_roles(struct applying *x, const struct batch *b)
{
	const struct author signer = {b->home, b->device};

	return logs_roles(x->logs, signer, x->space, &x->roles);
}

status
inbox_adopts(struct applying *x, uint16_t space, const struct batch *b)
{
	struct batch_place place;
	status st = batch_place(x->l, b, &place);

	x->space = space;
	x->is_adopted = true;
	x->as = place.scope.as;
	if (st == ST_OK)
		st = logs_roles(x->logs, x->as, space, &x->own_roles);
	return st != ST_OK ? st : inbox_find_roles(x, b);
}

/* Stores a batch's row and the ops of it that live. is_whole: the bytes are those that
 * were sealed here, not those that the server keeps. A batch of which nothing is left
 * keeps its row: recovery has to know its name. */
static status
take_batch(struct applying *x, uint64_t lsn, const struct batch *b,
    const struct batch_id *id, bool is_whole)
{
	const struct short_id name = batch_short(id);
	struct batch_place place;
	bool opens = batch_place(x->l, b, &place) == ST_OK;
	status st = store_batch_row(x, lsn, b, id);

	x->is_ours = is_whole;
	x->is_old = x->is_rebase && claim_remembers(x->l, x->space, id);
	if (st == ST_OK && opens)
		st = renewal_see_batch(x->l, place.scope.as, b, &name);
	if (st == ST_OK)
		st = renewal_see_pair(x->l, b, &name, x->server_time_s);
	if (st == ST_OK)
		st = inbox_find_roles(x, b);
	for (size_t i = 0; st == ST_OK && i < b->n_ops; i++) {
		int64_t rid = 0;

		x->wipes |= b->ops[i].type == OP_ERASE; /* repeated with a compaction */
		if (!b->ops[i].is_present || inbox_is_dead(x, lsn, i) ||
		    b->ops[i].type == OP_ERASE)
			continue;
		if (is_whole && opens && is_dropped(x, b, &name, &place.scope, i))
			continue;
		if (opens)
			st = open_op(x, &place, b, lsn, i, &rid);
		if (st == ST_OK)
			st = store_op(x, lsn, i, &b->ops[i], rid);
	}
	return st;
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
		st = inbox_touch(x, query_column_int(q, 0));
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

static bool
is_pending(struct laptop *l, const struct batch_id *id)
{
	struct query *q = query_of(l->queries, "SELECT 1 FROM r_pending WHERE batch = ?");

	query_blob(q, id->bytes, sizeof id->bytes);
	return exists(q);
}

/* Own pushes of a session that was cut lie among the staged batches, whole. */
static status
take_wire(struct applying *x, uint64_t lsn, struct span wire)
{
	struct batch b;
	struct batch_id id;
	bool is_ours, is_past = false;
	status st;

	arena_wipe(x->a);
	st = batch_decode(wire, BATCH_PRUNED, &x->l->checks, x->a, &b, &x->l->trouble);
	if (st == ST_OK)
		st = verify(x, &b, &id);
	if (st == ST_OK)
		st = inbox_is_past_cut(x, &b, &id, lsn, &is_past);
	if (is_past) {
		x->out->n_quarantined += b.n_ops;
		return st;
	}
	is_ours = st == ST_OK && x->is_stage && is_pending(x->l, &id);
	if (st == ST_OK)
		st = drop_pending_by_id(x, &id);
	return st != ST_OK ? st : take_batch(x, lsn, &b, &id, is_ours);
}

/* A push that was seen in an earlier pull of this session; otherwise the server names one
 * that was never ours. */
static status
expect_taken(struct applying *x, uint64_t lsn)
{
	struct query *q =
	    query_of(x->l->queries, "SELECT 1 FROM r_batch WHERE space = ? AND lsn = ?");

	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	return exists(q) ? ST_OK
			 : trouble_set(&x->l->trouble, ST_MALFORMED,
			       "the server names a push that is not here");
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

	arena_wipe(x->a);
	q = query_of(l->queries, "SELECT batch, wire FROM r_pending WHERE id = ?");
	query_int(q, pending);
	if (query_row(q)) {
		query_column_copy(q, 0, id.bytes, sizeof id.bytes);
		wire = arena_copy(x->a, query_column_span(q, 1));
	}
	st = query_done(q, &l->trouble);
	if (st != ST_OK)
		return st;
	if (wire.len == 0)
		return expect_taken(x, own->lsn);
	st = batch_decode(wire, BATCH_PRUNED, &l->checks, x->a, &b, &l->trouble);
	if (st == ST_OK)
		st = drop_pending(x, pending);
	return st != ST_OK ? st : take_batch(x, own->lsn, &b, &id, true);
}

status
inbox_take_page(struct applying *x, const struct page *page)
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

/* ---- what could not be opened when it came ---- */

/* A base op without a record: its key, or a newer program, may be here by now. */
static status
open_again(
    struct applying *x, uint64_t lsn, size_t index, struct span header, struct span wire)
{
	struct laptop *l = x->l;
	struct reader r = reader_of(wire);
	struct batch_place place;
	struct batch b;
	struct query *q;
	size_t before = x->out->n_quarantined;
	int64_t rid = 0;
	status st = batch_decode_header(header, x->a, &b, &l->trouble);

	if (st != ST_OK || index >= b.n_ops)
		return st;
	b.ops = arena_zeros(x->a, index + 1, sizeof *b.ops);
	if (b.ops == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an op");
	st = op_decode(&r, &b, &l->checks, x->a, &b.ops[index], &l->trouble);
	if (st != ST_OK || batch_place(l, &b, &place) != ST_OK)
		return st;
	st = inbox_find_roles(x, &b);
	if (st == ST_OK)
		st = open_op(x, &place, &b, lsn, index, &rid);
	x->out->n_quarantined = before; /* it was counted when it came */
	if (st != ST_OK || rid == 0)
		return st;
	st = store_op(x, lsn, index, &b.ops[index], rid);
	q = query_of(l->queries,
	    "DELETE FROM r_quarantine WHERE space = ? AND lsn = ? AND idx = ?");
	query_int(q, x->space);
	query_int(q, (int64_t)lsn);
	query_int(q, (int64_t)index);
	return st != ST_OK ? st : query_run(q, &l->trouble);
}

status
inbox_open_again(struct applying *x)
{
	struct query *q = query_of(x->l->queries,
	    "SELECT lsn, idx, header, wire FROM r_op JOIN r_batch USING(space, lsn)"
	    " WHERE record IS NULL AND space = ?");
	status st = ST_OK, end;

	query_int(q, x->space);
	while (st == ST_OK && query_row(q)) {
		struct span header, wire;

		arena_wipe(x->a);
		header = arena_copy(x->a, query_column_span(q, 2));
		wire = arena_copy(x->a, query_column_span(q, 3));
		st = header.bytes == NULL || wire.bytes == NULL
			 ? trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory")
			 : open_again(x, (uint64_t)query_column_int(q, 0),
			       (size_t)query_column_int(q, 1), header, wire);
	}
	end = query_done(q, st == ST_OK ? &x->l->trouble : NULL);
	return st != ST_OK ? st : end;
}
