/* store_sqlite.c - the file of a space: opening, transactions, and what a pull reads. */
#include "store/store_sqlite.h"

#include "store/scrub_vfs.h"
#include "store/sql.h"
#include "store/store_copy.h"
#include "store/store_queue.h"
#include "store/store_sqlite_rows.h"

#include <assert.h>
#include <stdlib.h>

enum { SPACE_FILE_ID = 0x706e7473 }; /* "pnts" */

static const struct migration steps[] = {{1, space_schema}};

static const char *const statements[SPACE_SQL_COUNT] = {
#define X(name, text) text,
    SPACE_SQL(X)
#undef X
};

/* ---- the tail ---- */

static status
read_meta(struct sqlite_store *s, struct tail *tail, bool *has, struct trouble *t)
{
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_META, &q, t);

	if (st == ST_OK)
		st = db_step(s->db, q, has, t);
	if (st != ST_OK || !*has)
		return st;
	st = DB_COLUMN_ID(q, 0, &tail->epoch, t);
	tail->horizon = db_column_u64(q, 1);
	tail->live_ops = db_column_u64(q, 2);
	tail->live_bytes = db_column_u64(q, 3);
	sqlite3_reset(q);
	return st;
}

static status
read_heads(struct sqlite_store *s, struct tail *tail, struct trouble *t)
{
	sqlite3_stmt *q;
	bool has_row = false;
	status st = db_stmt(s->db, SQL_HEAD, &q, t);

	if (st == ST_OK)
		st = db_step(s->db, q, &has_row, t);
	if (st == ST_OK && has_row) {
		tail->head = db_column_u64(q, 0);
		st = DB_COLUMN_ID(q, 1, &tail->chain, t);
		sqlite3_reset(q);
	}
	if (st == ST_OK)
		st = db_stmt(s->db, SQL_LOG_HEAD, &q, t);
	if (st == ST_OK)
		st = db_step(s->db, q, &has_row, t);
	if (st == ST_OK && has_row) {
		tail->log.len = (uint32_t)db_column_u64(q, 0) + 1;
		st = DB_COLUMN_ID(q, 1, &tail->log.id, t);
		sqlite3_reset(q);
	}
	return st;
}

static status
write_meta(struct sqlite_store *s, struct trouble *t)
{
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_META_NEW, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 1, &s->first_epoch);
	return db_run(s->db, q, t);
}

static status
load(struct sqlite_store *s, struct trouble *t)
{
	struct tail tail = {0};
	bool has_meta = false;
	status st = read_meta(s, &tail, &has_meta, t);

	if (st == ST_OK && !has_meta) {
		st = write_meta(s, t);
		tail.epoch = s->first_epoch;
	}
	if (st == ST_OK)
		st = read_heads(s, &tail, t);
	s->now = s->stored = tail;
	return st;
}

/* ---- transactions ---- */

static status
begin(void *ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;

	return db_begin(s->db, t);
}

static status
write_live(struct sqlite_store *s, struct trouble *t)
{
	sqlite3_stmt *q;
	status st;

	if (s->now.live_ops == s->stored.live_ops &&
	    s->now.live_bytes == s->stored.live_bytes)
		return ST_OK;
	st = db_stmt(s->db, SQL_META_LIVE, &q, t);
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, s->now.live_ops);
	db_bind_u64(q, 2, s->now.live_bytes);
	return db_run(s->db, q, t);
}

static status
commit(void *ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	status st = write_live(s, t);

	if (st == ST_OK)
		st = db_commit(s->db, t);
	if (st == ST_OK)
		s->stored = s->now;
	return st;
}

static void
rollback(void *ctx)
{
	struct sqlite_store *s = ctx;

	db_rollback(s->db);
	s->now = s->stored;
}

static status
checkpoint(void *ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	status st = db_checkpoint(s->db, t);

	/* The cache holds pages as they were before the scrubbing VFS wiped them; written
	 * again they would bring erased bytes back into the log. */
	if (st == ST_OK)
		sqlite3_db_release_memory(db_handle(s->db));
	return st;
}

static bool
is_broken(void *ctx)
{
	const struct sqlite_store *s = ctx;

	return s->db == NULL || db_is_broken(s->db);
}

static status
reopen(void *ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	status st;

	sqlite_copy_end(s);
	db_close(s->db);
	s->db = NULL;
	st = db_open(&s->db, &s->config, t);
	return st == ST_OK ? load(s, t) : st;
}

static void
close_sqlite(void *ctx)
{
	struct sqlite_store *s = ctx;

	sqlite_copy_end(s);
	db_close(s->db);
	free((void *)(uintptr_t)s->config.path);
	free((void *)(uintptr_t)s->config.vfs);
	free(s);
}

/* ---- figures ---- */

static status
log_head(void *ctx, struct store_log_head *out, struct trouble *t)
{
	const struct sqlite_store *s = ctx;

	(void)t;
	*out = s->now.log;
	return ST_OK;
}

static status
epoch(void *ctx, struct store_epoch *out, struct trouble *t)
{
	const struct sqlite_store *s = ctx;

	(void)t;
	*out = s->now.epoch;
	return ST_OK;
}

static status
horizon(void *ctx, uint64_t *out, struct trouble *t)
{
	const struct sqlite_store *s = ctx;

	(void)t;
	*out = s->now.horizon;
	return ST_OK;
}

static status
set_epoch(void *ctx, const struct store_epoch *e, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_META_EPOCH, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 1, e);
	s->now.epoch = *e;
	return db_run(s->db, q, t);
}

static status
count_small(struct sqlite_store *s, struct store_figures *out, struct trouble *t)
{
	sqlite3_stmt *q;
	bool has_row = false;
	int64_t pages = 0;
	status st = db_stmt(s->db, SQL_COUNTS, &q, t);

	if (st == ST_OK)
		st = db_step(s->db, q, &has_row, t);
	if (st != ST_OK)
		return st;
	assert(has_row);
	out->graves = db_column_u64(q, 0);
	out->doa = db_column_u64(q, 1);
	sqlite3_reset(q);
	st = db_number(s->db, "PRAGMA page_count", &pages, t);
	out->file_bytes = (uint64_t)pages * 4096;
	return st;
}

static status
figures(void *ctx, struct store_figures *out, struct trouble *t)
{
	struct sqlite_store *s = ctx;

	out->epoch = s->now.epoch;
	out->log = s->now.log;
	out->head = s->now.head;
	out->chain = s->now.chain;
	out->live_ops = s->now.live_ops;
	out->live_bytes = s->now.live_bytes;
	out->horizon = s->now.horizon;
	return count_small(s, out, t);
}

static status
chain_at(void *ctx, uint64_t lsn, struct hash32 *out, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = false;
	status st;

	if (lsn == 0 || lsn > s->now.head)
		return trouble_set(t, ST_NOT_FOUND, "no such lsn");
	st = db_stmt(s->db, SQL_CHAIN, &q, t);
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, lsn);
	st = db_step(s->db, q, &has_row, t);
	if (st == ST_OK)
		st = has_row ? DB_COLUMN_ID(q, 0, out, t)
			     : trouble_set(t, ST_CORRUPT, "an lsn is missing");
	sqlite3_reset(q);
	return st;
}

/* ---- what a pull reads ---- */

static status
next_in_scope(void *ctx, uint16_t scope, uint64_t after, uint64_t *lsn, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = false;
	status st = db_stmt(s->db, SQL_BATCH_NEXT, &q, t);

	*lsn = 0;
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, scope);
	db_bind_u64(q, 2, after);
	st = db_step(s->db, q, &has_row, t);
	if (has_row)
		*lsn = db_column_u64(q, 0);
	sqlite3_reset(q);
	return st;
}

static status
take_op(sqlite3_stmt *q, struct arena *a, struct op *op, struct trouble *t)
{
	*op = (struct op){.is_present = db_column_u64(q, 0) != CLASS_HASH};
	if (!op->is_present)
		return DB_COLUMN_ID(q, 1, &op->hash, t);
	op->wire = db_column_blob(q, 1);
	return copy_span(a, &op->wire) ? ST_OK : trouble_set(t, ST_NO_MEMORY, "batch");
}

static status
read_ops(struct sqlite_store *s, uint64_t lsn, struct arena *a, struct batch *b,
    struct trouble *t)
{
	sqlite3_stmt *q;
	bool has_row = true;
	size_t cap = 0;
	status st = db_stmt(s->db, SQL_OP_READ, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, lsn << 8);
	db_bind_u64(q, 2, lsn << 8 | 0xff);
	while ((st = db_step(s->db, q, &has_row, t)) == ST_OK && has_row) {
		b->ops = list_grow(a, b->ops, b->n_ops, &cap, sizeof *b->ops);
		st = b->ops != NULL ? take_op(q, a, &b->ops[b->n_ops++], t)
				    : trouble_set(t, ST_NO_MEMORY, "batch");
		if (st != ST_OK)
			break;
	}
	sqlite3_reset(q);
	return st;
}

static status
read_batch(
    void *ctx, uint64_t lsn, struct arena *a, struct store_row *out, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = false;
	status st = db_stmt(s->db, SQL_BATCH_READ, &q, t);

	*out = (struct store_row){.lsn = lsn};
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, lsn);
	st = db_step(s->db, q, &has_row, t);
	if (st == ST_OK && !has_row)
		st = trouble_set(t, ST_CORRUPT, "a batch is not where it was found");
	if (st == ST_OK)
		st = DB_COLUMN_ID(q, 0, &out->id, t);
	if (st == ST_OK) {
		out->batch.scope = (uint16_t)db_column_u64(q, 1);
		out->batch.header = db_column_blob(q, 2);
		if (!copy_span(a, &out->batch.header))
			st = trouble_set(t, ST_NO_MEMORY, "batch");
	}
	if (st == ST_OK)
		st = DB_COLUMN_ID(q, 3, &out->batch.signature, t);
	sqlite3_reset(q);
	return st == ST_OK ? read_ops(s, lsn, a, &out->batch, t) : st;
}

static status
each_dead(
    void *ctx, uint64_t after_kill, visit_dead *visit, void *visit_ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = true;
	status st = db_stmt(s->db, SQL_DEAD_EACH, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, after_kill);
	while (st == ST_OK && (st = db_step(s->db, q, &has_row, t)) == ST_OK && has_row)
		st = visit(visit_ctx, db_column_u64(q, 0), place_of(db_column_u64(q, 1)),
		    (uint16_t)db_column_u64(q, 2), t);
	sqlite3_reset(q);
	return st;
}

static status
each_grave(void *ctx, visit_grave *visit, void *visit_ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = true;
	status st = db_stmt(s->db, SQL_GRAVE_EACH, &q, t);

	while (st == ST_OK && (st = db_step(s->db, q, &has_row, t)) == ST_OK && has_row) {
		struct merge_grave g = {.scope = (uint16_t)db_column_u64(q, 0)};

		st = DB_COLUMN_ID(q, 1, &g.subject, t);
		if (st == ST_OK)
			st = visit(visit_ctx, &g, db_column_u64(q, 2), t);
	}
	if (q != NULL)
		sqlite3_reset(q);
	return st;
}

static status
each_doa(void *ctx, visit_doa *visit, void *visit_ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = true;
	status st = db_stmt(s->db, SQL_DOA_EACH, &q, t);

	while (st == ST_OK && (st = db_step(s->db, q, &has_row, t)) == ST_OK && has_row) {
		struct merge_doa d = {.scope = (uint16_t)db_column_u64(q, 2)};

		d.dot.index = (uint8_t)db_column_u64(q, 1);
		st = DB_COLUMN_ID(q, 0, &d.dot.batch, t);
		if (st == ST_OK)
			st = DB_COLUMN_ID(q, 3, &d.record, t);
		if (st == ST_OK)
			st = visit(visit_ctx, &d, t);
	}
	if (q != NULL)
		sqlite3_reset(q);
	return st;
}

static status
trim(void *ctx, uint64_t to, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_DEAD_TRIM, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, to);
	st = db_run(s->db, q, t);
	if (st == ST_OK)
		st = db_stmt(s->db, SQL_META_HORIZON, &q, t);
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, to);
	s->now.horizon = to;
	return db_run(s->db, q, t);
}

/* ---- life ---- */

static const struct store_engine calls = {
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .checkpoint = checkpoint,
    .is_broken = is_broken,
    .reopen = reopen,
    .close = close_sqlite,
    .figures = figures,
    .log_head = log_head,
    .epoch = epoch,
    .set_epoch = set_epoch,
    .chain_at = chain_at,
    .next_in_scope = next_in_scope,
    .read_batch = read_batch,
    .each_dead = each_dead,
    .each_grave = each_grave,
    .each_doa = each_doa,
    .horizon = horizon,
    .trim = trim,
};

static status
prepare(
    struct sqlite_store *s, const struct store_sqlite_config *config, struct trouble *t)
{
	const char *vfs = config->vfs != NULL ? config->vfs : scrub_vfs();

	if (vfs == NULL)
		return trouble_set(t, ST_BUG, "SQLite has no VFS");
	s->config = (struct db_config){
	    .path = strdup(config->path),
	    .vfs = strdup(vfs),
	    .may_create = config->may_create,
	    .cache_kib = config->cache_kib,
	    .application_id = SPACE_FILE_ID,
	    .migrations = steps,
	    .n_migrations = sizeof steps / sizeof *steps,
	    .sql = statements,
	    .n_sql = SPACE_SQL_COUNT,
	};
	s->checks = config->checks;
	s->first_epoch = config->epoch;
	if (s->config.path == NULL || s->config.vfs == NULL)
		return trouble_set(t, ST_NO_MEMORY, "store %s", config->path);
	return ST_OK;
}

status
store_sqlite_open(
    struct store **out, const struct store_sqlite_config *config, struct trouble *t)
{
	struct store_engine e = calls;
	struct sqlite_store *s = calloc(1, sizeof *s);
	status st;

	*out = NULL;
	if (s == NULL)
		return trouble_set(t, ST_NO_MEMORY, "store %s", config->path);
	st = prepare(s, config, t);
	if (st == ST_OK)
		st = db_open(&s->db, &s->config, t);
	if (st == ST_OK)
		st = load(s, t);
	if (st != ST_OK) {
		close_sqlite(s);
		return st;
	}
	s->config.may_create = false; /* a file that vanished is not made anew */
	e.ctx = s;
	e.checks = config->checks;
	sqlite_merge_calls(&e.merge, s);
	sqlite_key_calls(&e);
	sqlite_stage_calls(&e);
	sqlite_copy_calls(&e);
	*out = store_new(&e, config->loop, t);
	return *out != NULL ? ST_OK : ST_NO_MEMORY;
}
