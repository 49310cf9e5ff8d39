/* space_file.c - reads the file of a space that nobody writes. */
#include "store/space_file.h"

#include "base/arena.h"
#include "base/reader.h"
#include "store/db.h"
#include "store/sql.h"

#include <stdio.h>
#include <stdlib.h>

enum { PATH_BYTES = 1024, SPACE_APPLICATION = 0x706e7473 };

struct space_file {
	sqlite3 *db;
	struct arena *arena; /* of one visit */
	sqlite3_stmt *ops;   /* of one batch */
	sqlite3_stmt *dot;
};

/* clang-format off */
/* Each finds rows that break a rule; its column is where. LIVE: of a live op. */
#define LIVE "class BETWEEN 1 AND 3"
static const struct {
	const char *says; /* with the place */
	const char *sql;
} rules[] = {
	{"the figures of what lives are not those of its rows (%lld ops are there)",
	 "SELECT n FROM (SELECT count(*) AS n, coalesce(sum(length(wire)), 0) AS bytes FROM op"
	 " WHERE " LIVE ") JOIN meta WHERE n <> live_ops OR bytes <> live_bytes"},
	{"batches are missing before batch %lld",
	 "SELECT max(lsn) FROM batch HAVING count(*) > 0 AND (count(*) <> max(lsn) OR min(lsn) <> 1)"},
	{"records are missing before record %lld of the membership log",
	 "SELECT max(seq) FROM log HAVING count(*) > 0 AND (count(*) <> max(seq) + 1 OR min(seq) <> 0)"},
	{"batch %lld has ops and no header",
	 "SELECT key >> 8 FROM op LEFT JOIN batch ON lsn = key >> 8 WHERE header IS NULL LIMIT 1"},
	{"batch %lld has a header and no ops",
	 "SELECT lsn FROM batch b WHERE header IS NOT NULL AND NOT EXISTS (SELECT 1 FROM op"
	 " WHERE key BETWEEN b.lsn << 8 AND (b.lsn << 8) + 255) LIMIT 1"},
	{"an op of batch %lld lives whose subject was erased",
	 "SELECT o.key >> 8 FROM op o JOIN grave g ON g.scope = o.scope AND g.subject = o.subject"
	 " WHERE o." LIVE " LIMIT 1"},
	{"an op of batch %lld lives that is listed as dead",
	 "SELECT d.key >> 8 FROM dead d JOIN op o ON o.key = d.key WHERE o." LIVE " LIMIT 1"},
	{"batch %lld is here, and its ops are still waited for",
	 "SELECT lsn FROM doa d JOIN batch b ON substr(b.id, 1, 16) = d.batch LIMIT 1"},
	{"the last batch of a device is said to be %lld, which is not here",
	 "SELECT a.lsn FROM author a LEFT JOIN batch b ON b.lsn = a.lsn WHERE b.lsn IS NULL LIMIT 1"},
};
#undef LIVE
/* clang-format on */

static status
fail(struct space_file *f, int rc, struct trouble *t)
{
	return trouble_set(t, db_status_of(rc), "%s (SQLite %d)", sqlite3_errmsg(f->db),
	    sqlite3_extended_errcode(f->db));
}

static status
prepare(struct space_file *f, const char *sql, sqlite3_stmt **out, struct trouble *t)
{
	int rc = sqlite3_prepare_v2(f->db, sql, -1, out, NULL);

	return rc == SQLITE_OK ? ST_OK : fail(f, rc, t);
}

static status
step(struct space_file *f, sqlite3_stmt *q, bool *has_row, struct trouble *t)
{
	int rc = sqlite3_step(q);

	*has_row = rc == SQLITE_ROW;
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? ST_OK : fail(f, rc, t);
}

/* ---- life ---- */

static status
check_application(struct space_file *f, const char *path, struct trouble *t)
{
	sqlite3_stmt *q = NULL;
	bool has_row = false;
	status st = prepare(f, "PRAGMA application_id", &q, t);

	if (st == ST_OK)
		st = step(f, q, &has_row, t);
	if (st == ST_OK && (!has_row || sqlite3_column_int64(q, 0) != SPACE_APPLICATION))
		st = trouble_set(t, ST_VERSION, "%s is no space file", path);
	sqlite3_finalize(q);
	return st;
}

/* Immutable: no lock, no log, nothing is made beside it. */
static status
open_there(struct space_file *f, const char *path, struct trouble *t)
{
	char uri[PATH_BYTES];
	int rc;

	if (strpbrk(path, "?#%") != NULL ||
	    (size_t)snprintf(uri, sizeof uri, "file:%s?immutable=1", path) >= sizeof uri)
		return trouble_set(t, ST_USAGE, "%s cannot be named so", path);
	rc = sqlite3_open_v2(uri, &f->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	if (rc == SQLITE_CANTOPEN)
		return trouble_set(t, ST_NOT_FOUND, "there is no file %s", path);
	if (rc != SQLITE_OK)
		return fail(f, rc, t);
	return check_application(f, path, t);
}

status
space_file_open(struct space_file **out, const char *path, struct trouble *t)
{
	struct space_file *f = calloc(1, sizeof *f);
	status st = ST_NO_MEMORY;

	*out = NULL;
	if (f != NULL)
		f->arena = arena_new(0);
	if (f == NULL || f->arena == NULL)
		(void)trouble_set(t, ST_NO_MEMORY, "no memory for a check");
	else
		st = open_there(f, path, t);
	if (st == ST_OK)
		st = prepare(f,
		    "SELECT class, scope, record, subject, wire FROM op"
		    " WHERE key BETWEEN ?1 AND ?1 + 255 ORDER BY key",
		    &f->ops, t);
	if (st == ST_OK)
		st = prepare(f,
		    "SELECT 1 FROM batch b JOIN op o ON o.key = (b.lsn << 8) + ?2"
		    " WHERE substr(b.id, 1, 16) = ?1 AND o.scope = ?3 AND o.record = ?4"
		    " AND o.class BETWEEN 1 AND 2",
		    &f->dot, t);
	if (st == ST_OK)
		*out = f;
	else
		space_file_close(f);
	return st;
}

void
space_file_close(struct space_file *f)
{
	if (f == NULL)
		return;
	sqlite3_finalize(f->ops);
	sqlite3_finalize(f->dot);
	(void)sqlite3_close(f->db);
	arena_free(f->arena);
	free(f);
}

/* ---- checks ---- */

status
space_file_check_pages(struct space_file *f, struct trouble *t)
{
	sqlite3_stmt *q = NULL;
	bool has_row = false;
	status st = prepare(f, "PRAGMA integrity_check(1)", &q, t);

	if (st == ST_OK)
		st = step(f, q, &has_row, t);
	if (st == ST_OK && has_row &&
	    strcmp((const char *)sqlite3_column_text(q, 0), "ok") != 0)
		st = trouble_set(
		    t, ST_CORRUPT, "%.200s", (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	return st;
}

/* The texts of the table take one long long each. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static status
break_rule(const char *says, long long where, struct trouble *t)
{
	char text[TROUBLE_BYTES];

	(void)snprintf(text, sizeof text, says, where);
	return trouble_set(t, ST_CORRUPT, "%s", text);
}
#pragma GCC diagnostic pop

status
space_file_check_rows(struct space_file *f, struct trouble *t)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof rules / sizeof *rules; i++) {
		sqlite3_stmt *q = NULL;
		bool breaks = false;

		st = prepare(f, rules[i].sql, &q, t);
		if (st == ST_OK)
			st = step(f, q, &breaks, t);
		if (st == ST_OK && breaks)
			st = break_rule(
			    rules[i].says, (long long)sqlite3_column_int64(q, 0), t);
		sqlite3_finalize(q);
	}
	return st;
}

/* ---- the membership log ---- */

status
space_file_each_record(
    struct space_file *f, visit_file_record *visit, void *ctx, struct trouble *t)
{
	sqlite3_stmt *q = NULL;
	bool has_row = true;
	status st = prepare(f, "SELECT seq, id, record FROM log ORDER BY seq", &q, t);

	while (st == ST_OK && (st = step(f, q, &has_row, t)) == ST_OK && has_row) {
		struct store_log_record r = {
		    .seq = (uint32_t)db_column_u64(q, 0), .record = db_column_blob(q, 2)};

		st = DB_COLUMN_ID(q, 1, &r.id, t);
		if (st == ST_OK)
			st = visit(ctx, &r, t);
	}
	sqlite3_finalize(q);
	return st;
}

status
space_file_each_list(struct space_file *f, uint16_t position, visit_file_list *visit,
    void *ctx, struct trouble *t)
{
	sqlite3_stmt *q = NULL;
	bool has_row = true;
	status st =
	    prepare(f, "SELECT scope, list FROM box_list WHERE position = ?1", &q, t);

	if (st == ST_OK)
		db_bind_u64(q, 1, position);
	while (st == ST_OK && (st = step(f, q, &has_row, t)) == ST_OK && has_row) {
		const struct store_box_list l = {
		    position, (uint16_t)db_column_u64(q, 0), db_column_blob(q, 1)};

		st = visit(ctx, &l, t);
	}
	sqlite3_finalize(q);
	return st;
}

status
space_file_each_box(
    struct space_file *f, visit_file_box *visit, void *ctx, struct trouble *t)
{
	sqlite3_stmt *q = NULL;
	bool has_row = true;
	status st = prepare(f,
	    "SELECT owner, position, space, scope, epoch, box FROM box"
	    " WHERE position < 65535 ORDER BY position",
	    &q, t);

	while (st == ST_OK && (st = step(f, q, &has_row, t)) == ST_OK && has_row) {
		struct store_box b = {
		    .position = (uint16_t)db_column_u64(q, 1),
		    .space = (uint16_t)db_column_u64(q, 2),
		    .scope = (uint16_t)db_column_u64(q, 3),
		    .epoch = (uint16_t)db_column_u64(q, 4),
		    .box = db_column_blob(q, 5),
		};

		st = DB_COLUMN_ID(q, 0, &b.owner, t);
		if (st == ST_OK)
			st = visit(ctx, &b, t);
	}
	sqlite3_finalize(q);
	return st;
}

/* ---- batches ---- */

static status
take_op(struct space_file *f, struct op *op, struct file_op *columns, struct trouble *t)
{
	sqlite3_stmt *q = f->ops;
	uint64_t class = db_column_u64(q, 0);
	struct span wire = db_column_blob(q, 4);
	status st = ST_OK;

	*columns = (struct file_op){
	    .is_live = class >= 1 && class <= 3, .scope = (uint16_t)db_column_u64(q, 1)};
	op->is_present = class != CLASS_HASH;
	if (!op->is_present)
		return DB_COLUMN_ID(q, 4, &op->hash, t);
	op->wire = arena_copy(f->arena, wire);
	if (op->wire.bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for an op");
	if (!columns->is_live)
		return ST_OK;
	columns->retention = (enum retention) class;
	columns->has_subject = sqlite3_column_type(q, 3) != SQLITE_NULL;
	st = DB_COLUMN_ID(q, 2, &columns->record, t);
	if (st == ST_OK && columns->has_subject)
		st = DB_COLUMN_ID(q, 3, &columns->subject, t);
	return st;
}

static status
take_ops(struct space_file *f, struct file_batch *out, struct trouble *t)
{
	struct batch *b = &out->row.batch;
	struct file_op *columns = arena_zeros(f->arena, BATCH_OPS_MAX, sizeof *columns);
	bool has_row = true;
	status st = ST_OK;

	b->ops = arena_zeros(f->arena, BATCH_OPS_MAX, sizeof *b->ops);
	if (b->ops == NULL || columns == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a batch");
	out->ops = columns;
	sqlite3_reset(f->ops);
	db_bind_u64(f->ops, 1, out->row.lsn << 8);
	while (st == ST_OK && (st = step(f, f->ops, &has_row, t)) == ST_OK && has_row) {
		st = take_op(f, &b->ops[b->n_ops], &columns[b->n_ops], t);
		b->n_ops++;
	}
	sqlite3_reset(f->ops);
	return st;
}

static status
take_batch(
    struct space_file *f, sqlite3_stmt *q, struct file_batch *out, struct trouble *t)
{
	status st;

	arena_reset(f->arena);
	*out = (struct file_batch){.row.lsn = db_column_u64(q, 0)};
	out->row.batch.scope = (uint16_t)db_column_u64(q, 2);
	out->row.batch.header = db_column_blob(q, 4);
	st = DB_COLUMN_ID(q, 1, &out->row.id, t);
	if (st == ST_OK)
		st = DB_COLUMN_ID(q, 3, &out->chain, t);
	if (st == ST_OK && out->row.batch.header.len > 0) {
		st = DB_COLUMN_ID(q, 5, &out->row.batch.signature, t);
		if (st == ST_OK)
			st = take_ops(f, out, t);
	}
	if (st == ST_CORRUPT)
		(void)trouble_wrap(t, "batch %llu", (unsigned long long)out->row.lsn);
	return st;
}

status
space_file_each_batch(
    struct space_file *f, visit_file_batch *visit, void *ctx, struct trouble *t)
{
	sqlite3_stmt *q = NULL;
	bool has_row = true;
	status st = prepare(f,
	    "SELECT lsn, id, scope, chain, header, signature FROM batch ORDER BY lsn", &q,
	    t);

	while (st == ST_OK && (st = step(f, q, &has_row, t)) == ST_OK && has_row) {
		struct file_batch b;

		st = take_batch(f, q, &b, t);
		if (st == ST_OK)
			st = visit(ctx, &b, t);
	}
	sqlite3_finalize(q);
	return st;
}

status
space_file_each_gap(
    struct space_file *f, visit_file_gap *visit, void *ctx, struct trouble *t)
{
	/* Bytes 3 to 8 of a header are home, device and scope, 35 to 50 prev. */
	sqlite3_stmt *q = NULL;
	bool has_row = true;
	status st = prepare(f,
	    "SELECT substr(b.header, 4, 6) AS who, count(DISTINCT substr(b.header, 36, "
	    "16)), min(b.lsn) FROM batch b WHERE b.header IS NOT NULL AND"
	    " substr(b.header, 36, 16) <> zeroblob(16) AND NOT EXISTS (SELECT 1 FROM"
	    " batch k WHERE substr(k.id, 1, 16) = substr(b.header, 36, 16))"
	    " GROUP BY who ORDER BY who",
	    &q, t);

	while (st == ST_OK && (st = step(f, q, &has_row, t)) == ST_OK && has_row) {
		struct reader who = reader_of(db_column_blob(q, 0));
		struct file_gap g = {
		    .n_missing = db_column_u64(q, 1), .lsn = db_column_u64(q, 2)};

		if (reader_u16(&who, &g.author.home) == ST_OK &&
		    reader_u16(&who, &g.author.device) == ST_OK &&
		    reader_u16(&who, &g.scope) == ST_OK)
			st = visit(ctx, &g, t);
		else
			st = trouble_set(t, ST_CORRUPT, "batch %llu has half a header",
			    (unsigned long long)g.lsn);
	}
	sqlite3_finalize(q);
	return st;
}

status
space_file_dot_lives(struct space_file *f, const struct dot *dot, uint16_t scope,
    const struct tag *record, bool *lives, struct trouble *t)
{
	status st;

	sqlite3_reset(f->dot);
	DB_BIND_ID(f->dot, 1, &dot->batch);
	db_bind_u64(f->dot, 2, dot->index);
	db_bind_u64(f->dot, 3, scope);
	DB_BIND_ID(f->dot, 4, record);
	st = step(f, f->dot, lives, t);
	sqlite3_reset(f->dot);
	return st;
}
