/* outbox.c - seals: loads each dirty record, lets core decide what the op says, encodes,
 * encrypts, signs. */
#include "client/sync/outbox_parts.h"
#include "client/sync/renewal.h"

#include <stdlib.h>

#include "client/sync/burial.h"
#include "crypto/seal.h"
#include "crypto/sign.h"
#include "crypto/tag.h"
#include "proto/batch_codec.h"

/* The home log's head as this laptop knows it: every batch cites it (SECURITY 9.4). */
static status
cite_head(struct laptop *l, struct batch *b, struct log_id *id)
{
	struct query *q = query_of(l->queries,
	    "SELECT seq, id FROM r_log WHERE space = ? ORDER BY seq DESC LIMIT 1");
	bool found;
	status st;

	query_int(q, b->home);
	found = query_row(q);
	if (found) {
		b->head = (uint16_t)query_column_int(q, 0);
		query_column_copy(q, 1, id->bytes, sizeof id->bytes);
		memcpy(b->head_check, id->bytes, sizeof b->head_check);
	}
	st = query_done(q, &l->trouble);
	if (st == ST_OK && !found)
		st = trouble_set(&l->trouble, ST_BUG, "the home log is not here");
	return st;
}

/* The first one after access came back follows the last one before it went. */
static status
read_prev(struct laptop *l, int64_t scope, struct short_id *prev)
{
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(s.prev, (SELECT prev FROM r_left WHERE (space, scope, home,"
	    " device) = (s.space, s.pos, s.as_home, s.as_device))) FROM r_scope s WHERE"
	    " s.id = ?");

	memset(prev, 0, sizeof *prev);
	query_int(q, scope);
	if (query_row(q) && !query_column_is_null(q, 0))
		query_column_copy(q, 0, prev->bytes, sizeof prev->bytes);
	return query_done(q, &l->trouble);
}

static void
start(struct filling *x)
{
	struct batch *b = &x->batch;

	arena_wipe(x->a);
	memset(b, 0, sizeof *b);
	memset(x->ops, 0, sizeof x->ops);
	memset(x->was, 0, sizeof x->was);
	b->space = x->place.space;
	b->scope = (uint16_t)x->place.scope.pos;
	b->epoch = x->place.scope.epoch;
	b->home = x->place.scope.as.home;
	b->device = x->place.scope.as.device;
	b->ops = x->ops;
	rng_fill(&x->l->rng, b->nonce, sizeof b->nonce);
	x->bytes = BATCH_FIXED_BYTES_MAX;
	x->refs = 0;
	x->changes = 0;
	x->marks = 0;
}

static void
sign_with_device(void *ctx, struct span message, struct signature *out)
{
	struct laptop *l = ctx;

	sign_message(&keyring_device(l->keys)->sign_sk, message, out);
}

status
outbox_name_record(struct laptop *l, int64_t pending, size_t index, int64_t rid)
{
	struct query *q =
	    query_of(l->queries, "INSERT INTO r_pending_op VALUES(?, ?, ?)");

	query_int(q, pending);
	query_int(q, (int64_t)index);
	query_int(q, rid);
	return query_run(q, &l->trouble);
}

static status
store_ops(struct filling *x, int64_t pending)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < x->batch.n_ops; i++) {
		if (x->batch.ops[i].type != OP_ERASE) /* of no record */
			st = outbox_name_record(x->l, pending, i, x->rids[i]);
	}
	return st;
}

static status
store_batch(struct filling *x, struct span wire, const struct batch_id *id)
{
	struct laptop *l = x->l;
	struct short_id prev = batch_short(id);
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_pending(space, scope, batch, wire, is_carried, changes, marks,"
	    " state, reason, sealed_ms) VALUES(?, ?, ?, ?, 0, ?, ?, ?, ?, ?) RETURNING"
	    " id");
	int64_t pending;
	status st;

	query_int(q, x->place.space);
	query_int(q, x->place.scope.id);
	query_blob(q, id->bytes, sizeof id->bytes);
	query_span(q, wire);
	x->bytes_stored += wire.len;
	query_int(q, (int64_t)x->changes);
	query_int(q, (int64_t)x->marks);
	query_int(q, x->state);
	if (x->reason == NULL)
		query_null(q);
	else
		query_text(q, x->reason);
	query_int(q, (int64_t)l->now_ms);
	pending = query_row(q) ? query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	if (st == ST_OK)
		st = store_ops(x, pending);
	if (st == ST_OK)
		st = renewal_note_sealed(l, x->place.scope.as.home, &prev);
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "UPDATE r_scope SET prev = ? WHERE id = ?");
	query_blob(q, prev.bytes, sizeof prev.bytes);
	query_int(q, x->place.scope.id);
	return query_run(q, &l->trouble);
}

/* Remembers the new names of ops that had others before. */
static status
note_renamed(struct filling *x, const struct batch_id *id)
{
	const struct short_id name = batch_short(id);
	struct renamed *more;

	more = realloc(x->renamed, (x->n_renamed + x->batch.n_ops) * sizeof *more);
	if (more == NULL)
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for a batch");
	x->renamed = more;
	for (size_t i = 0; i < x->batch.n_ops; i++)
		more[x->n_renamed++] = (struct renamed){x->was[i], {name, (uint8_t)i}};
	return ST_OK;
}

status
outbox_finish(struct filling *x)
{
	struct laptop *l = x->l;
	const struct batch_signer signer = {l, sign_with_device};
	struct batch_context context = {.network = l->self.network,
	    .space = x->place.space_name,
	    .scope = x->place.scope.name,
	    .device = l->self.device};
	struct batch_id id;
	struct span wire;
	status st;

	if (x->batch.n_ops == 0)
		return ST_OK;
	st = cite_head(l, &x->batch, &context.home_head);
	if (st == ST_OK)
		st = read_prev(l, x->place.scope.id, &x->batch.prev);
	if (st == ST_OK)
		st = batch_build(&x->batch, &context, &signer, &l->checks, x->a, &wire,
		    &id, &l->trouble);
	if (st == ST_OK)
		st = store_batch(x, wire, &id);
	if (st == ST_OK && x->is_again)
		st = note_renamed(x, &id);
	x->n_batches++;
	start(x);
	return st;
}

/* Above this a body is measured as it is before compression: squeezing a long text to
 * learn whether it should be squeezed costs more than the answer is worth. */
enum { MEASURED_PLAIN_BYTES = 8 * 1024 };

size_t
outbox_size_of(const void *ctx, const struct body *body)
{
	const struct filling *x = ctx;
	size_t bytes = body_array_bytes(x->l->codec, body, x->place.scope.as);
	uint8_t buffer[MEASURED_PLAIN_BYTES + 1];
	struct writer w = writer_of(buffer, sizeof buffer);
	status st;

	if (bytes > MEASURED_PLAIN_BYTES)
		return bytes;
	st = body_encode(x->l->codec, body, x->place.scope.as, &w, NULL);
	explicit_bzero(buffer, w.used);
	return st == ST_OK ? w.used : SIZE_MAX;
}

/* Of a text so long that only squeezing tells whether an op can hold it. */
static size_t
packed_size_of_body(const void *ctx, const struct body *body)
{
	const struct filling *x = ctx;
	uint8_t *buffer = malloc(BODY_PLAIN_BYTES_MAX);
	struct writer w = writer_of(buffer, buffer == NULL ? 0 : BODY_PLAIN_BYTES_MAX);
	status st = body_encode(x->l->codec, body, x->place.scope.as, &w, NULL);

	if (buffer != NULL)
		explicit_bzero(buffer, w.used);
	free(buffer);
	return st == ST_OK ? w.used : SIZE_MAX;
}

/* References and a subject may each cost a dictionary row. */
static size_t
bytes_needed(size_t plain_bytes, size_t n_dots)
{
	return 64 + 18 * n_dots + seal_bytes(plain_bytes);
}

bool
outbox_has_room(const struct filling *x, size_t plain_bytes, size_t n_dots)
{
	return x->batch.n_ops < BATCH_OPS_MAX &&
	       x->bytes + bytes_needed(plain_bytes, n_dots) <= BATCH_BYTES_MAX &&
	       x->refs + n_dots <= BATCH_REFS_MAX;
}

status
outbox_add_erase(struct filling *x, const struct tag *subject)
{
	status st = ST_OK;

	if (!outbox_has_room(x, 0, 0))
		st = outbox_finish(x);
	if (st != ST_OK)
		return st;
	x->rids[x->batch.n_ops] = 0;
	x->ops[x->batch.n_ops++] = (struct op){.is_present = true,
	    .type = OP_ERASE,
	    .has_subject = true,
	    .subject = *subject};
	x->bytes += bytes_needed(0, 0);
	return ST_OK;
}

status
outbox_add(struct filling *x, const struct body *body, const struct dot *dots,
    size_t n_dots, struct span plain, int64_t rid)
{
	struct laptop *l = x->l;
	const struct kind *k = schema_kind(body->kind);
	/* Asked anew for each op: a slot moves when a record's older keys are loaded. */
	const struct keyring_slot *slot =
	    opening_keys(l, &x->place, x->place.scope.epoch);
	struct op op = {.is_present = true,
	    .type = OP_WRITE,
	    .retention = k->retention,
	    .has_subject = body->has_person,
	    .n_dots = n_dots};
	size_t need = bytes_needed(plain.len, n_dots);
	struct seal_ad ad = {.network = l->self.network,
	    .space = x->place.space_name,
	    .scope = x->place.scope.name,
	    .epoch = x->place.scope.epoch,
	    .retention = (uint8_t)op.retention};
	struct writer w;
	struct dot *kept;
	uint8_t *room;
	status st = ST_OK;

	if (slot == NULL)
		return l->trouble.code;
	if (!outbox_has_room(x, plain.len, n_dots))
		st = outbox_finish(x);
	room = arena_alloc(x->a, seal_bytes(plain.len));
	kept = arena_zeros(x->a, n_dots, sizeof *kept);
	if (room == NULL || kept == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a batch");
	if (st != ST_OK)
		return st;
	op.record = tag_record(&slot->tag_key, body->kind, &body->record);
	if (op.has_subject)
		op.subject = tag_subject(&slot->tag_key, body->person);
	ad.record = op.record;
	if (n_dots > 0)
		memcpy(kept, dots, n_dots * sizeof *kept);
	op.dots = kept;
	ad.subject = op.subject;
	ad.index = (uint32_t)x->batch.n_ops;
	memcpy(ad.nonce, x->batch.nonce, sizeof ad.nonce);
	w = writer_of(room, seal_bytes(plain.len));
	st = seal_body(&slot->op_key, &ad, plain, &w, &l->trouble);
	op.body = writer_done(&w);
	x->rids[x->batch.n_ops] = rid;
	x->ops[x->batch.n_ops++] = op;
	x->bytes += need;
	x->refs += n_dots;
	return st;
}

static status
seal_record(struct filling *x, int64_t rid)
{
	struct laptop *l = x->l;
	const struct body_measure measure = {outbox_size_of, packed_size_of_body, x};
	struct loaded loaded;
	struct record_sealing sealing;
	struct span plain;
	status st;

	arena_wipe(x->scratch);
	st = record_load(l, rid, x->scratch, &loaded);
	if (st == ST_OK)
		st = record_seal(x->scratch, &loaded.view, &record_limits_default,
		    &measure, &sealing, &l->trouble);
	if (st != ST_OK)
		return st;
	if (sealing.is_needed) {
		st = body_encode_in(l->codec, &sealing.body, x->place.scope.as,
		    x->scratch, &plain, &l->trouble);
		if (st == ST_OK)
			st = outbox_add(
			    x, &sealing.body, sealing.dots, sealing.n_dots, plain, rid);
	}
	x->changes += loaded.changes;
	x->marks += loaded.marks;
	return st;
}

status
outbox_enter(struct filling *x, const struct scope_info *scope)
{
	x->place.space = scope->space;
	x->place.scope = *scope;
	if (space_name_of(x->l, scope->space, &x->place.space_name) != ST_OK)
		return x->l->trouble.code;
	start(x);
	return ST_OK;
}

struct filling *
filling_new(struct laptop *l)
{
	struct filling *x = arena_zeros(l->arena, 1, sizeof *x);

	if (x == NULL)
		return NULL;
	x->l = l;
	x->a = arena_new(0);
	x->scratch = arena_new(0);
	if (x->a != NULL && x->scratch != NULL)
		return x;
	arena_free(x->a);
	arena_free(x->scratch);
	return NULL;
}

void
filling_free(struct filling *x)
{
	if (x == NULL)
		return;
	free(x->renamed);
	arena_free(x->a);
	arena_free(x->scratch);
}

/* A record with dirty entries, and its scope. */
struct dirty_record {
	int64_t scope, rid;
};

/* Those of a portion, scope by scope; a record whose scope has no place in the log yet
 * stays. cap: one more than a portion, so that *n tells whether there are others. */
static status
dirty_records(struct laptop *l, struct dirty_record *out, size_t cap, size_t *n)
{
	struct query *q = query_of(l->queries,
	    "SELECT d.id, d.record FROM (SELECT DISTINCT d.record, s.id, s.space, s.pos"
	    " FROM r_dirty d CROSS JOIN r_record r ON r.id = d.record CROSS JOIN r_scope"
	    " s ON s.id = r.scope WHERE s.pos IS NOT NULL ORDER BY d.record LIMIT ?) d"
	    " ORDER BY d.space, d.pos, d.record");

	*n = 0;
	query_int(q, (int64_t)cap);
	while (*n < cap && query_row(q))
		out[(*n)++] =
		    (struct dirty_record){query_column_int(q, 0), query_column_int(q, 1)};
	return query_done(q, &l->trouble);
}

/* *n: so many as were sealed, since long texts fill a portion before its count does. */
static status
seal_all(struct filling *x, const struct dirty_record *dirty, size_t *n)
{
	status st = ST_OK;
	size_t i;

	for (i = 0; st == ST_OK && i < *n && x->bytes_stored < OUTBOX_BYTES_MAX; i++) {
		if (i == 0 || dirty[i].scope != dirty[i - 1].scope) {
			struct scope_info scope;

			st = i == 0 ? ST_OK : outbox_finish(x);
			if (st == ST_OK)
				st = scope_by_id(x->l, dirty[i].scope, &scope);
			if (st == ST_OK)
				st = outbox_enter(x, &scope);
		}
		if (st == ST_OK)
			st = seal_record(x, dirty[i].rid);
	}
	*n = i;
	return st != ST_OK ? st : outbox_finish(x);
}

/* The ops hold them now. */
static status
drop_sealed(struct laptop *l, const struct dirty_record *dirty, size_t n)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct query *q =
		    query_of(l->queries, "DELETE FROM r_dirty WHERE record = ?");

		query_int(q, dirty[i].rid);
		st = query_run(q, &l->trouble);
	}
	return st;
}

/* n: records, one more than a portion if there are others. */
static status
seal_portion(struct filling *x, const struct dirty_record *dirty, size_t n,
    struct outbox_result *out)
{
	struct laptop *l = x->l;
	size_t n_sealed = n > OUTBOX_RECORDS_MAX ? OUTBOX_RECORDS_MAX : n;
	status st = db_begin(l->db, &l->trouble);

	if (st == ST_OK)
		st = seal_all(x, dirty, &n_sealed);
	if (st == ST_OK)
		st = drop_sealed(l, dirty, n_sealed);
	if (st == ST_OK)
		st = db_commit(l->db, &l->trouble);
	else
		db_rollback(l->db);
	out->n_batches = x->n_batches;
	out->has_more = n_sealed < n;
	return st;
}

status
outbox_seal(struct laptop *l, struct outbox_result *out)
{
	/* No secrets, and most of it is never touched. */
	struct dirty_record *dirty = malloc((OUTBOX_RECORDS_MAX + 1) * sizeof *dirty);
	struct filling *x = NULL;
	size_t n = 0;
	status st = ST_NO_MEMORY;

	memset(out, 0, sizeof *out);
	if (dirty != NULL)
		st = dirty_records(l, dirty, OUTBOX_RECORDS_MAX + 1, &n);
	if (st == ST_OK && n > 0) {
		x = filling_new(l);
		st = x == NULL ? ST_NO_MEMORY : seal_portion(x, dirty, n, out);
	}
	if (dirty == NULL || (n > 0 && x == NULL))
		(void)trouble_set(&l->trouble, st, "no memory for sealing");
	free(dirty);
	filling_free(x);
	return st;
}

/* ---- what waits ---- */

status
outbox_list(struct laptop *l, struct arena *a, struct outgoing *out, size_t cap,
    size_t bytes_max, size_t *n, bool *has_more)
{
	struct query *q = query_of(l->queries,
	    "SELECT id, space, changes, marks, is_carried, wire FROM r_pending"
	    " WHERE state = 0 ORDER BY id");
	size_t bytes = 0;
	status st = ST_OK, end;

	*n = 0;
	*has_more = false;
	while (st == ST_OK && !*has_more && query_row(q)) {
		struct span wire = query_column_span(q, 5);
		struct outgoing *o = &out[*n];

		bytes += wire.len;
		*has_more = *n == cap || (*n > 0 && bytes > bytes_max);
		if (*has_more)
			break;
		o->pending = query_column_int(q, 0);
		o->space = (uint16_t)query_column_int(q, 1);
		o->changes = (uint64_t)query_column_int(q, 2);
		o->marks = (uint64_t)query_column_int(q, 3);
		o->is_carried = query_column_int(q, 4) != 0;
		o->wire = arena_copy(a, wire);
		if (o->wire.bytes == NULL)
			st = trouble_set(
			    &l->trouble, ST_NO_MEMORY, "no memory for what waits");
		(*n)++;
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

bool
outbox_any(struct laptop *l)
{
	struct query *q = query_of(l->queries, "SELECT EXISTS(SELECT 1 FROM r_pending "
					       "WHERE state = 0) OR EXISTS(SELECT 1 FROM"
					       " r_dirty d JOIN r_record r ON r.id = "
					       "d.record JOIN r_scope s ON s.id = r.scope"
					       " WHERE s.pos IS NOT NULL)");
	bool any = query_row(q) && query_column_int(q, 0) != 0;

	(void)query_done(q, NULL);
	return any;
}

/* Refused values leave the view, so their records are shown anew. */
static status
refresh_records(struct laptop *l, int64_t pending)
{
	struct query *q =
	    query_of(l->queries, "SELECT record FROM r_pending_op WHERE pending = ?");
	struct arena *a = arena_new(0);
	status st = a == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
			      : ST_OK,
	       end;

	query_int(q, pending);
	while (st == ST_OK && query_row(q)) {
		arena_wipe(a);
		st = record_refresh(l, query_column_int(q, 0), a);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	arena_free(a);
	return st != ST_OK ? st : end;
}

static bool
is_forgettable(struct laptop *l, int64_t pending, bool is_known)
{
	struct query *q = query_of(l->queries, "SELECT 1 FROM r_pending WHERE id = ?1 "
					       "AND (?2 OR (is_carried AND scope = 0))");
	bool found;

	query_int(q, pending);
	query_int(q, is_known);
	found = query_row(q);
	(void)query_done(q, NULL);
	return found;
}

bool
outbox_is_carried(struct laptop *l, int64_t pending)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM r_pending WHERE id = ? AND is_carried AND state < 2");
	bool found;

	query_int(q, pending);
	found = query_row(q);
	(void)query_done(q, NULL);
	return found;
}

status
outbox_forget(struct laptop *l, int64_t pending, bool is_known)
{
	status st;

	if (!is_forgettable(l, pending, is_known))
		return ST_OK;
	st = db_begin(l->db, &l->trouble);
	if (st != ST_OK)
		return st;
	/* Refused ones are not shown: its records are shown without it, then it goes. */
	st = laptop_run_on(l, "UPDATE r_pending SET state = 2 WHERE id = ?", pending);
	if (st == ST_OK)
		st = refresh_records(l, pending);
	if (st == ST_OK)
		st = laptop_run_on(
		    l, "DELETE FROM r_pending_op WHERE pending = ?", pending);
	if (st == ST_OK)
		st = laptop_run_on(l, "DELETE FROM r_pending WHERE id = ?", pending);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

status
outbox_set_refused(struct laptop *l, int64_t pending, const char *reason)
{
	struct query *q = query_of(
	    l->queries, "UPDATE r_pending SET state = 2, reason = ? WHERE id = ?");

	query_text(q, reason);
	query_int(q, pending);
	return query_run(q, &l->trouble);
}

status
outbox_refuse(struct laptop *l, int64_t pending, const char *reason)
{
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	st = outbox_set_refused(l, pending, reason);
	if (st == ST_OK)
		st = refresh_records(l, pending);
	if (st == ST_OK)
		st = burial_refused(l, pending);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}
