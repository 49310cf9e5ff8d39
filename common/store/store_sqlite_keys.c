/* store_sqlite_keys.c - membership log, key boxes, authors and contacts of a space. */
#include "base/reader.h"
#include "store/sql.h"
#include "store/store_copy.h"
#include "store/store_sqlite_rows.h"

static status
add_record(void *ctx, uint32_t seq, const struct log_id *id, struct span record,
    struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_LOG_ADD, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, seq);
	DB_BIND_ID(q, 2, id);
	db_bind_blob(q, 3, record);
	s->now.log = (struct store_log_head){seq + 1, *id};
	return db_run(s->db, q, t);
}

static status
read_record(void *ctx, uint32_t seq, struct arena *a, struct store_log_record *out,
    struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = false;
	status st = db_stmt(s->db, SQL_LOG_READ, &q, t);

	*out = (struct store_log_record){.seq = seq};
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, seq);
	st = db_step(s->db, q, &has_row, t);
	if (st == ST_OK && !has_row)
		st = trouble_set(t, ST_NOT_FOUND, "no record %u", (unsigned)seq);
	if (st == ST_OK)
		st = DB_COLUMN_ID(q, 0, &out->id, t);
	if (st == ST_OK) {
		out->record = db_column_blob(q, 1);
		if (!copy_span(a, &out->record))
			st = trouble_set(t, ST_NO_MEMORY, "record");
	}
	sqlite3_reset(q);
	return st;
}

static status
put_box(void *ctx, const struct store_box *b, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_BOX_PUT, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 1, &b->owner);
	db_bind_u64(q, 2, b->position);
	db_bind_u64(q, 3, b->space);
	db_bind_u64(q, 4, b->scope);
	db_bind_u64(q, 5, b->epoch);
	db_bind_blob(q, 6, b->box);
	return db_run(s->db, q, t);
}

static status
drop_boxes(void *ctx, const struct box_pk *owner, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_BOX_DROP, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 1, owner);
	return db_run(s->db, q, t);
}

static status
each_box(void *ctx, const struct box_pk *owner, uint32_t from, visit_box *visit,
    void *visit_ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = true;
	status st = db_stmt(s->db, SQL_BOX_EACH, &q, t);

	if (st != ST_OK)
		return st;
	DB_BIND_ID(q, 1, owner);
	db_bind_u64(q, 2, from);
	while (st == ST_OK && (st = db_step(s->db, q, &has_row, t)) == ST_OK && has_row) {
		struct store_box b = {.owner = *owner,
		    .position = (uint16_t)db_column_u64(q, 0),
		    .space = (uint16_t)db_column_u64(q, 1),
		    .scope = (uint16_t)db_column_u64(q, 2),
		    .epoch = (uint16_t)db_column_u64(q, 3),
		    .box = db_column_blob(q, 4)};

		st = visit(visit_ctx, &b, t);
	}
	sqlite3_reset(q);
	return st;
}

static status
put_list(void *ctx, const struct store_box_list *l, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_LIST_PUT, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, l->position);
	db_bind_u64(q, 2, l->scope);
	db_bind_blob(q, 3, l->list);
	return db_run(s->db, q, t);
}

static status
read_list(void *ctx, uint16_t position, uint16_t scope, struct arena *a, struct span *out,
    struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = false;
	status st = db_stmt(s->db, SQL_LIST_READ, &q, t);

	*out = span_of(NULL, 0);
	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, position);
	db_bind_u64(q, 2, scope);
	st = db_step(s->db, q, &has_row, t);
	if (st == ST_OK && has_row) {
		*out = arena_copy(a, db_column_blob(q, 0));
		if (out->bytes == NULL)
			st = trouble_set(t, ST_NO_MEMORY, "box list");
	}
	sqlite3_reset(q);
	return st;
}

static status
put_wrap(void *ctx, const struct store_wrap *w, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_WRAP_PUT, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, w->scope);
	db_bind_u64(q, 2, w->epoch);
	db_bind_blob(q, 3, w->wrap);
	return db_run(s->db, q, t);
}

static status
each_wrap(
    void *ctx, uint16_t scope, visit_wrap *visit, void *visit_ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = true;
	status st = db_stmt(s->db, SQL_WRAP_EACH, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, scope);
	while (st == ST_OK && (st = db_step(s->db, q, &has_row, t)) == ST_OK && has_row) {
		struct store_wrap w = {
		    scope, (uint16_t)db_column_u64(q, 0), db_column_blob(q, 1)};

		st = visit(visit_ctx, &w, t);
	}
	sqlite3_reset(q);
	return st;
}

static status
each_author(void *ctx, const struct author *device, visit_author *visit, void *visit_ctx,
    struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = true;
	status st =
	    db_stmt(s->db, device != NULL ? SQL_AUTHOR_OF : SQL_AUTHOR_EACH, &q, t);

	if (st != ST_OK)
		return st;
	if (device != NULL) {
		db_bind_u64(q, 1, device->home);
		db_bind_u64(q, 2, device->device);
	}
	while (st == ST_OK && (st = db_step(s->db, q, &has_row, t)) == ST_OK && has_row) {
		struct author by = {
		    (uint16_t)db_column_u64(q, 0), (uint16_t)db_column_u64(q, 1)};
		struct batch_id id;

		st = DB_COLUMN_ID(q, 4, &id, t);
		if (st == ST_OK)
			st = visit(visit_ctx, by, (uint16_t)db_column_u64(q, 2),
			    db_column_u64(q, 3), &id, t);
	}
	sqlite3_reset(q);
	return st;
}

static status
put_contact(void *ctx, const struct store_contact *c, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	status st = db_stmt(s->db, SQL_CONTACT_PUT, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, c->device.home);
	db_bind_u64(q, 2, c->device.device);
	db_bind_u64(
	    q, 3, c->time_ms & INT64_MAX); /* a peer's cursor is checked, a clock not */
	db_bind_u64(q, 4, c->cursor & INT64_MAX);
	return db_run(s->db, q, t);
}

static status
each_contact(void *ctx, visit_contact *visit, void *visit_ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = true;
	status st = db_stmt(s->db, SQL_CONTACT_EACH, &q, t);

	if (st != ST_OK)
		return st;
	while (st == ST_OK && (st = db_step(s->db, q, &has_row, t)) == ST_OK && has_row) {
		struct store_contact c = {
		    .device = {(uint16_t)db_column_u64(q, 0),
			(uint16_t)db_column_u64(q, 1)},
		    .time_ms = db_column_u64(q, 2),
		    .cursor = db_column_u64(q, 3),
		};

		st = visit(visit_ctx, &c, t);
	}
	sqlite3_reset(q);
	return st;
}

static status
take_gap(sqlite3_stmt *q, struct store_gap *out, struct trouble *t)
{
	struct reader who = reader_of(db_column_blob(q, 0));

	*out = (struct store_gap){.lsn = db_column_u64(q, 2)};
	if (reader_u16(&who, &out->device.home) != ST_OK ||
	    reader_u16(&who, &out->device.device) != ST_OK ||
	    reader_u16(&who, &out->scope) != ST_OK)
		return trouble_set(t, ST_CORRUPT, "batch %llu has half a header",
		    (unsigned long long)out->lsn);
	return DB_COLUMN_ID(q, 1, &out->missing, t);
}

static status
each_gap(void *ctx, size_t max, visit_gap *visit, void *visit_ctx, struct trouble *t)
{
	struct sqlite_store *s = ctx;
	sqlite3_stmt *q;
	bool has_row = true;
	status st = db_stmt(s->db, SQL_GAP_EACH, &q, t);

	if (st != ST_OK)
		return st;
	db_bind_u64(q, 1, max);
	while (st == ST_OK && (st = db_step(s->db, q, &has_row, t)) == ST_OK && has_row) {
		struct store_gap g;

		st = take_gap(q, &g, t);
		if (st == ST_OK)
			st = visit(visit_ctx, &g, t);
	}
	sqlite3_reset(q);
	return st;
}

void
sqlite_key_calls(struct store_engine *e)
{
	e->add_record = add_record;
	e->read_record = read_record;
	e->put_box = put_box;
	e->drop_boxes = drop_boxes;
	e->each_box = each_box;
	e->put_list = put_list;
	e->read_list = read_list;
	e->put_wrap = put_wrap;
	e->each_wrap = each_wrap;
	e->each_author = each_author;
	e->put_contact = put_contact;
	e->each_contact = each_contact;
	e->each_gap = each_gap;
}
