/* store_sqlite_merge.c - the state calls of the merge over the file of a space. */
#include "store/sql.h"
#include "store/store_sqlite_rows.h"

#include <assert.h>

status
sqlite_has_row(struct sqlite_store *s, sqlite3_stmt *stmt, bool *has, struct trouble *t)
{
	status st = db_step(s->db, stmt, has, t);

	sqlite3_reset(stmt);
	return st;
}

static status
head(void *ctx, uint64_t *lsn, struct hash32 *chain, struct trouble *t)
{
	const struct sqlite_store *s = ctx;

	(void)t;
	*lsn = s->now.head;
	*chain = s->now.chain;
	return ST_OK;
}

static status
find_batch(void *ctx, const struct short_id *short_id, uint64_t *lsn, struct batch_id *id,
    struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = false;
	status st = db_stmt(s->db, SQL_BATCH_FIND, &q, t);

	*lsn = 0;
	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 1, short_id);
	st = db_step(s->db, q, &has_row, t);
	if (st == ST_OK && has_row) {
		*lsn = db_column_u64(q, 0);
		st = DB_COLUMN_ID(q, 1, id, t);
	}
	sqlite3_reset(q);
	return st;
}

static status
note_author(
    struct sqlite_store *s, uint64_t lsn, const struct batch *b, struct trouble *t)
{
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_AUTHOR_PUT, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, b->home);
	db_bind_u64(q, 2, b->device);
	db_bind_u64(q, 3, b->scope);
	db_bind_u64(q, 4, lsn);
	return db_run(s->db, q, t);
}

static status
add_batch(void *ctx, uint64_t lsn, const struct hash32 *chain, const struct batch_id *id,
    const struct batch *b, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_BATCH_ADD, &q, t);

	assert(lsn == s->now.head + 1);
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, lsn);
	DB_BIND_ID(q, 2, id);
	db_bind_u64(q, 3, b != NULL ? b->scope : 0);
	DB_BIND_ID(q, 4, chain);
	if (b != NULL) {
		db_bind_blob(q, 5, b->header);
		DB_BIND_ID(q, 6, &b->signature);
	}
	st = db_run(s->db, q, t);
	if (st == ST_OK && b != NULL)
		st = note_author(s, lsn, b, t);
	s->now.head = lsn;
	s->now.chain = *chain;
	return st;
}

static status
add_op(void *ctx, struct op_place at, uint16_t scope, const struct op *op, enum keep keep,
    struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_OP_ADD, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, key_of(at));
	db_bind_u64(q, 2, scope);
	db_bind_u64(q, 3, CLASS_HASH);
	if (keep == KEEP_HASH) {
		DB_BIND_ID(q, 6, &op->hash);
		return db_run(s->db, q, t);
	}
	db_bind_blob(q, 6, op->wire);
	if (keep == KEEP_ERASE) {
		db_bind_u64(q, 3, CLASS_ERASE);
		return db_run(s->db, q, t);
	}
	db_bind_u64(q, 3, op->retention);
	DB_BIND_ID(q, 4, &op->record);
	if (op->has_subject)
		DB_BIND_ID(q, 5, &op->subject);
	s->now.live_ops++;
	s->now.live_bytes += op->wire.len;
	return db_run(s->db, q, t);
}

/* The first live op with a key between. */
static status
live_between(struct sqlite_store *s, uint64_t first, uint64_t last, bool *is_there,
    struct op_place *at, struct live_op *out, struct trouble *t)
{
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_OP_LIVE, &q, t);

	*is_there = false;
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, first);
	db_bind_u64(q, 2, last);
	st = db_step(s->db, q, is_there, t);
	if (st == ST_OK && *is_there) {
		*at = place_of(db_column_u64(q, 0));
		out->scope = (uint16_t)db_column_u64(q, 1);
		out->retention = (enum retention)db_column_u64(q, 2);
		st = DB_COLUMN_ID(q, 3, &out->record, t);
	}
	sqlite3_reset(q);
	return st;
}

static status
find_live(
    void *ctx, struct op_place at, bool *is_live, struct live_op *out, struct trouble *t)
{
	return live_between(ctx, key_of(at), key_of(at), is_live, &at, out, t);
}

static status
next_live(void *ctx, struct op_place *at, bool *is_there, struct live_op *out,
    struct trouble *t)
{
	return live_between(ctx, key_of(*at), at->lsn << 8 | 0xff, is_there, at, out, t);
}

static status
find_subject(void *ctx, const struct merge_grave *g, bool *is_there, struct op_place *out,
    struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_OP_SUBJECT, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 1, &g->subject);
	db_bind_u64(q, 2, g->scope);
	st = db_step(s->db, q, is_there, t);
	if (st == ST_OK && *is_there)
		*out = place_of(db_column_u64(q, 0));
	sqlite3_reset(q);
	return st;
}

/* The hash of an op is made when its bytes go: while they are there it would be 32 bytes
 * that say nothing new. */
static status
hash_of(struct sqlite_store *s, struct op_place at, struct op_hash *out, size_t *len,
    struct trouble *t)
{
	sqlite3_stmt *q;
	bool has_row = false;
	status st = db_stmt(s->db, SQL_OP_WIRE, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, key_of(at));
	st = db_step(s->db, q, &has_row, t);
	if (st == ST_OK && !has_row)
		st = trouble_set(t, ST_CORRUPT, "an op is not where it was found");
	if (st == ST_OK) {
		struct span wire = db_column_blob(q, 0);
		struct hash32 hash;

		s->checks->hash(s->checks->ctx, "pnet/oph/1", &wire, 1, &hash);
		memcpy(out->bytes, hash.bytes, sizeof out->bytes);
		*len = wire.len;
	}
	sqlite3_reset(q);
	return st;
}

static status
drop_live(void *ctx, struct op_place at, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	struct op_hash hash;
	sqlite3_stmt *q;
	size_t len = 0;
	status st = hash_of(s, at, &hash, &len, t);

	if (st == ST_OK)
		st = db_stmt(s->db, SQL_OP_DROP, &q, t);
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, key_of(at));
	DB_BIND_ID(q, 2, &hash);
	s->now.live_ops--;
	s->now.live_bytes -= len;
	return db_run(s->db, q, t);
}

static status
prune_batch(void *ctx, uint64_t lsn, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool is_kept = false;
	status st = db_stmt(s->db, SQL_OP_KEPT, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, lsn << 8);
	db_bind_u64(q, 2, lsn << 8 | 0xff);
	st = sqlite_has_row(s, q, &is_kept, t);
	if (st != ST_OK || is_kept)
		return st;
	st = db_stmt(s->db, SQL_OP_PRUNE, &q, t);
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, lsn << 8);
	db_bind_u64(q, 2, lsn << 8 | 0xff);
	st = db_run(s->db, q, t);
	if (st == ST_OK)
		st = db_stmt(s->db, SQL_BATCH_PRUNE, &q, t);
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, lsn);
	return db_run(s->db, q, t);
}

static status
add_dead(void *ctx, uint64_t kill_lsn, struct op_place at, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_DEAD_ADD, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, kill_lsn);
	db_bind_u64(q, 2, key_of(at));
	return db_run(s->db, q, t);
}

static status
has_doa_of(void *ctx, const struct short_id *batch, bool *has, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_DOA_OF, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 1, batch);
	return sqlite_has_row(s, q, has, t);
}

static void
bind_doa(sqlite3_stmt *q, const struct merge_doa *d)
{
	DB_BIND_ID(q, 1, &d->dot.batch);
	db_bind_u64(q, 2, d->dot.index);
	db_bind_u64(q, 3, d->scope);
	DB_BIND_ID(q, 4, &d->record);
}

static status
has_doa(void *ctx, const struct merge_doa *d, bool *has, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_DOA_HAS, &q, t);

	if (st != ST_OK)
		return st;
	bind_doa(q, d);
	return sqlite_has_row(s, q, has, t);
}

static status
add_doa(void *ctx, const struct merge_doa *d, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_DOA_ADD, &q, t);

	if (st != ST_OK)
		return st;
	bind_doa(q, d);
	return db_run(s->db, q, t);
}

static status
drop_doa_of(void *ctx, const struct short_id *batch, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_DOA_DROP, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 1, batch);
	return db_run(s->db, q, t);
}

static status
has_grave(void *ctx, const struct merge_grave *g, bool *has, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_GRAVE_HAS, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, g->scope);
	DB_BIND_ID(q, 2, &g->subject);
	return sqlite_has_row(s, q, has, t);
}

static status
add_grave(void *ctx, const struct merge_grave *g, uint64_t lsn, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_GRAVE_ADD, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, g->scope);
	DB_BIND_ID(q, 2, &g->subject);
	db_bind_u64(q, 3, lsn);
	return db_run(s->db, q, t);
}

void
sqlite_merge_calls(struct merge_state *m, struct sqlite_store *s)
{
	*m = (struct merge_state){
	    .ctx = s,
	    .head = head,
	    .find_batch = find_batch,
	    .add_batch = add_batch,
	    .add_op = add_op,
	    .find_live = find_live,
	    .next_live = next_live,
	    .find_subject = find_subject,
	    .drop_live = drop_live,
	    .prune_batch = prune_batch,
	    .add_dead = add_dead,
	    .has_doa_of = has_doa_of,
	    .has_doa = has_doa,
	    .add_doa = add_doa,
	    .drop_doa_of = drop_doa_of,
	    .has_grave = has_grave,
	    .add_grave = add_grave,
	};
}
