/* store_sqlite_stage.c - what devices stage for a recovery, in tables of the space's
 * file, so that a country's worth of it never lies in memory. */
#include "store/sql.h"
#include "store/store_copy.h"
#include "store/store_sqlite_rows.h"

#include <assert.h>
#include <stdlib.h>

/* A join under way: three walks over the stage of one device. */
struct sqlite_stage {
	struct sqlite_store *s;
	struct author device;
	struct arena *batch;                  /* of the batch handed out last */
	sqlite3_stmt *batches, *graves, *doa; /* NULL before the first step */
};

static status
device_stmt(struct sqlite_store *s, struct author device, enum space_sql which,
    sqlite3_stmt **q, struct trouble *t)
{
	status st = db_stmt(s->db, which, q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(*q, 1, device.home);
	db_bind_u64(*q, 2, device.device);
	return ST_OK;
}

static status
drop_stage(void *ctx, struct author device, struct trouble *t)
{
	static const enum space_sql drops[] = {SQL_STAGE_DROP_BATCH, SQL_STAGE_DROP_OP,
	    SQL_STAGE_DROP_GRAVE, SQL_STAGE_DROP_DOA};
	struct sqlite_store *s = ctx;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof drops / sizeof *drops; i++) {
		sqlite3_stmt *q;

		st = device_stmt(s, device, drops[i], &q, t);
		if (st == ST_OK)
			st = db_run(s->db, q, t);
	}
	return st;
}

/* Dots as stored: short id and index, one after the other. */
enum { DOT_BYTES = 17 };

static struct span
pack_dots(const struct op *op, uint8_t out[static DOT_BYTES * OP_DOTS_MAX])
{
	assert(op->n_dots <= OP_DOTS_MAX);
	for (size_t i = 0; i < op->n_dots; i++) {
		uint8_t *at = out + DOT_BYTES * i;

		memcpy(at, op->dots[i].batch.bytes, sizeof op->dots[i].batch.bytes);
		at[DOT_BYTES - 1] = op->dots[i].index;
	}
	return span_of(out, DOT_BYTES * op->n_dots);
}

static status
unpack_dots(struct span packed, struct arena *a, struct op *op, struct trouble *t)
{
	struct dot *dots;

	op->n_dots = packed.len / DOT_BYTES;
	if (packed.len % DOT_BYTES != 0 || op->n_dots > OP_DOTS_MAX)
		return trouble_set(t, ST_CORRUPT, "recovery stage");
	dots = arena_alloc(a, op->n_dots * sizeof *dots);
	if (dots == NULL)
		return trouble_set(t, ST_NO_MEMORY, "recovery stage");
	for (size_t i = 0; i < op->n_dots; i++) {
		const uint8_t *at = packed.bytes + DOT_BYTES * i;

		memcpy(dots[i].batch.bytes, at, sizeof dots[i].batch.bytes);
		dots[i].index = at[DOT_BYTES - 1];
	}
	op->dots = dots;
	return ST_OK;
}

static status
stage_op(struct sqlite_store *s, struct author device, const struct batch_id *id,
    size_t index, const struct op *op, struct trouble *t)
{
	uint8_t dots[DOT_BYTES * OP_DOTS_MAX];
	sqlite3_stmt *q;
	status st = device_stmt(s, device, SQL_STAGE_OP, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 3, id);
	db_bind_u64(q, 4, index);
	db_bind_u64(q, 5, op->type);
	db_bind_u64(q, 6, op->retention);
	DB_BIND_ID(q, 7, &op->record);
	if (op->has_subject)
		DB_BIND_ID(q, 8, &op->subject);
	if (op->is_present) {
		db_bind_blob(q, 9, pack_dots(op, dots));
		db_bind_blob(q, 10, op->wire);
	}
	DB_BIND_ID(q, 11, &op->hash);
	return db_run(s->db, q, t);
}

static status
stage_batch(
    void *ctx, struct author device, const struct merge_theirs *theirs, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	const struct batch *b = theirs->batch;
	sqlite3_stmt *q;
	status st =
	    device_stmt(s, device, b == NULL ? SQL_STAGE_NAME : SQL_STAGE_BATCH, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 3, &theirs->id);
	if (b != NULL) {
		db_bind_u64(q, 4, b->home);
		db_bind_u64(q, 5, b->device);
		db_bind_u64(q, 6, b->scope);
		db_bind_blob(q, 7, b->header);
		DB_BIND_ID(q, 8, &b->signature);
	}
	st = db_run(s->db, q, t);
	for (size_t i = 0; st == ST_OK && b != NULL && i < b->n_ops; i++)
		st = stage_op(s, device, &theirs->id, i, &b->ops[i], t);
	return st;
}

static status
stage_grave(
    void *ctx, struct author device, const struct merge_grave *g, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = device_stmt(s, device, SQL_STAGE_GRAVE, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 3, g->scope);
	DB_BIND_ID(q, 4, &g->subject);
	return db_run(s->db, q, t);
}

static status
stage_doa(void *ctx, struct author device, const struct merge_doa *d, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = device_stmt(s, device, SQL_STAGE_DOA, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 3, &d->dot.batch);
	db_bind_u64(q, 4, d->dot.index);
	db_bind_u64(q, 5, d->scope);
	DB_BIND_ID(q, 6, &d->record);
	return db_run(s->db, q, t);
}

/* ---- the walks of a join ---- */

/* Opens the walk if it is new, and steps it. */
static status
step(struct sqlite_stage *stage, enum space_sql which, sqlite3_stmt **q, bool *is_end,
    struct trouble *t)
{
	bool has_row = false;
	status st = ST_OK;

	if (*q == NULL)
		st = device_stmt(stage->s, stage->device, which, q, t);
	if (st == ST_OK)
		st = db_step(stage->s->db, *q, &has_row, t);
	*is_end = !has_row;
	return st;
}

static status
take_op(sqlite3_stmt *q, struct arena *a, struct op *op, struct trouble *t)
{
	status st;

	*op = (struct op){.type = (enum op_type)db_column_u64(q, 0),
	    .retention = (enum retention)db_column_u64(q, 1)};
	st = DB_COLUMN_ID(q, 2, &op->record, t);
	op->has_subject = sqlite3_column_type(q, 3) != SQLITE_NULL;
	if (st == ST_OK && op->has_subject)
		st = DB_COLUMN_ID(q, 3, &op->subject, t);
	op->is_present = sqlite3_column_type(q, 5) != SQLITE_NULL;
	op->wire = db_column_blob(q, 5);
	if (st == ST_OK && op->is_present)
		st = unpack_dots(db_column_blob(q, 4), a, op, t);
	if (st == ST_OK && op->is_present && !copy_span(a, &op->wire))
		st = trouble_set(t, ST_NO_MEMORY, "recovery stage");
	return st == ST_OK ? DB_COLUMN_ID(q, 6, &op->hash, t) : st;
}

static status
take_ops(struct sqlite_stage *stage, const struct batch_id *id, struct batch *b,
    struct trouble *t)
{
	struct sqlite_store *s = stage->s;
	sqlite3_stmt *q;
	bool has_row = true;
	size_t cap = 0;
	status st = device_stmt(s, stage->device, SQL_STAGE_OPS, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 3, id);
	while ((st = db_step(s->db, q, &has_row, t)) == ST_OK && has_row) {
		b->ops = list_grow(stage->batch, b->ops, b->n_ops, &cap, sizeof *b->ops);
		st = b->ops != NULL ? take_op(q, stage->batch, &b->ops[b->n_ops++], t)
				    : trouble_set(t, ST_NO_MEMORY, "recovery stage");
		if (st != ST_OK)
			break;
	}
	sqlite3_reset(q);
	return st;
}

static status
next_batch(void *ctx, bool *is_end, struct merge_theirs *out, struct trouble *t)
{
	struct sqlite_stage *stage = ctx;
	sqlite3_stmt *q;
	struct batch *b;
	status st = step(stage, SQL_STAGE_BATCHES, &stage->batches, is_end, t);

	q = stage->batches;
	if (st != ST_OK || *is_end)
		return st;
	arena_reset(stage->batch);
	*out = (struct merge_theirs){.batch = NULL};
	st = DB_COLUMN_ID(q, 0, &out->id, t);
	if (st != ST_OK || sqlite3_column_type(q, 4) == SQLITE_NULL)
		return st;
	b = arena_zeros(stage->batch, 1, sizeof *b);
	if (b == NULL)
		return trouble_set(t, ST_NO_MEMORY, "recovery stage");
	b->home = (uint16_t)db_column_u64(q, 1);
	b->device = (uint16_t)db_column_u64(q, 2);
	b->scope = (uint16_t)db_column_u64(q, 3);
	b->header = db_column_blob(q, 4);
	if (!copy_span(stage->batch, &b->header))
		return trouble_set(t, ST_NO_MEMORY, "recovery stage");
	st = DB_COLUMN_ID(q, 5, &b->signature, t);
	if (st == ST_OK)
		st = take_ops(stage, &out->id, b, t);
	out->batch = b;
	return st;
}

static status
next_grave(void *ctx, bool *is_end, struct merge_grave *out, struct trouble *t)
{
	struct sqlite_stage *stage = ctx;
	status st = step(stage, SQL_STAGE_GRAVES, &stage->graves, is_end, t);

	if (st != ST_OK || *is_end)
		return st;
	out->scope = (uint16_t)db_column_u64(stage->graves, 0);
	return DB_COLUMN_ID(stage->graves, 1, &out->subject, t);
}

static status
next_doa(void *ctx, bool *is_end, struct merge_doa *out, struct trouble *t)
{
	struct sqlite_stage *stage = ctx;
	sqlite3_stmt *q;
	status st = step(stage, SQL_STAGE_DOAS, &stage->doa, is_end, t);

	q = stage->doa;
	if (st != ST_OK || *is_end)
		return st;
	out->dot.index = (uint8_t)db_column_u64(q, 1);
	out->scope = (uint16_t)db_column_u64(q, 2);
	st = DB_COLUMN_ID(q, 0, &out->dot.batch, t);
	return st == ST_OK ? DB_COLUMN_ID(q, 3, &out->record, t) : st;
}

static status
knows(void *ctx, const struct short_id *batch, bool *out, struct trouble *t)
{
	struct sqlite_stage *stage = ctx;
	struct batch_id first = {{0}};
	struct batch_id last;
	sqlite3_stmt *q;
	status st = device_stmt(stage->s, stage->device, SQL_STAGE_KNOWS, &q, t);

	if (st != ST_OK)
		return st;
	memset(last.bytes, 0xff, sizeof last.bytes);
	memcpy(first.bytes, batch->bytes, sizeof batch->bytes);
	memcpy(last.bytes, batch->bytes, sizeof batch->bytes);
	DB_BIND_ID(q, 3, &first);
	DB_BIND_ID(q, 4, &last);
	return sqlite_has_row(stage->s, q, out, t);
}

static void
close_stage(void *ctx)
{
	struct sqlite_store *s = ctx;
	struct sqlite_stage *stage = s->stage;

	if (stage == NULL)
		return;
	/* The statements are the cache's; a walk that was cut short is let go. */
	sqlite3_reset(stage->batches);
	sqlite3_reset(stage->graves);
	sqlite3_reset(stage->doa);
	arena_free(stage->batch);
	s->stage = NULL;
}

static status
open_stage(void *ctx, struct author device, struct arena *a, struct merge_other *out,
    struct trouble *t)
{
	struct sqlite_store *s = ctx;
	struct sqlite_stage *stage;
	sqlite3_stmt *q;
	bool has_any = false;
	status st = device_stmt(s, device, SQL_STAGE_ANY, &q, t);

	assert(s->stage == NULL);
	if (st == ST_OK)
		st = sqlite_has_row(s, q, &has_any, t);
	if (st != ST_OK)
		return st;
	if (!has_any)
		return trouble_set(t, ST_NOT_FOUND, "the device staged nothing");
	stage = arena_zeros(a, 1, sizeof *stage);
	if (stage == NULL || (stage->batch = arena_new(0)) == NULL)
		return trouble_set(t, ST_NO_MEMORY, "recovery stage");
	stage->s = s;
	stage->device = device;
	s->stage = stage;
	*out = (struct merge_other){stage, next_batch, next_grave, next_doa, knows, NULL};
	return ST_OK;
}

void
sqlite_stage_calls(struct store_engine *e)
{
	e->drop_stage = drop_stage;
	e->stage_batch = stage_batch;
	e->stage_grave = stage_grave;
	e->stage_doa = stage_doa;
	e->open_stage = open_stage;
	e->close_stage = close_stage;
}
