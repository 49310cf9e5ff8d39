/* contacts.c - the answer to DEVICES, kept as one value: asked 8 || head 8 || rows. */
#include "client/laptop/contacts.h"

#include "base/reader.h"

static const char contacts_key[] = "contacts";

enum { HEAD_BYTES = 16, ROW_BYTES = 28 };

bool
contacts_are_ours(const struct laptop *l)
{
	return l->self.role == ROLE_COORDINATOR || l->self.role == ROLE_OFFICE;
}

status
contacts_ask(struct laptop *l, struct session *s)
{
	return session_devices(s, l->self.author.home, NULL, 0);
}

static void
write_row(struct writer *w, const struct contact_row *row)
{
	writer_u16(w, row->home);
	writer_u16(w, row->device);
	writer_u64(w, row->time_s);
	writer_u64(w, row->cursor);
	writer_u64(w, row->last);
}

status
contacts_take(
    struct laptop *l, const struct contacts *part, bool is_first, uint64_t server_time_s)
{
	struct span before =
	    is_first ? (struct span){NULL, 0} : laptop_meta_blob(l, contacts_key);
	size_t rows_before = before.len < HEAD_BYTES ? 0 : before.len - HEAD_BYTES;
	size_t room = HEAD_BYTES + rows_before + part->n_rows * ROW_BYTES;
	uint8_t *bytes = arena_alloc(l->arena, room);
	struct writer w = writer_of(bytes, room);
	status st;

	if (part->n_rows == 0)
		return ST_OK;
	if (bytes == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for contacts");
	writer_u64(&w, server_time_s);
	writer_u64(&w, part->head);
	if (rows_before > 0)
		writer_bytes(&w, before.bytes + HEAD_BYTES, rows_before);
	for (size_t i = 0; i < part->n_rows; i++)
		write_row(&w, &part->rows[i]);
	st = db_begin(l->db, &l->trouble);
	if (st == ST_OK)
		st = laptop_set_meta_blob(l, contacts_key, writer_done(&w));
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

status
contacts_load(struct laptop *l, struct arena *a, struct contacts_known *out)
{
	struct span kept = laptop_meta_blob(l, contacts_key);
	struct reader r = reader_of(kept);
	struct contact *rows;

	*out = (struct contacts_known){0};
	if (kept.len < HEAD_BYTES)
		return ST_OK;
	rows = arena_zeros(a, kept.len / ROW_BYTES + 1, sizeof *rows);
	if (rows == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for contacts");
	(void)reader_u64(&r, &out->asked_s);
	(void)reader_u64(&r, &out->head);
	for (; r.left >= ROW_BYTES; out->n++) {
		struct contact *row = &rows[out->n];

		(void)reader_u16(&r, &row->device.home);
		(void)reader_u16(&r, &row->device.device);
		(void)reader_u64(&r, &row->time_s);
		(void)reader_u64(&r, &row->cursor);
		(void)reader_u64(&r, &row->last);
	}
	out->at = rows;
	return ST_OK;
}

const struct contact *
contacts_find(const struct contacts_known *k, struct author device)
{
	for (size_t i = 0; i < k->n; i++) {
		if (k->at[i].device.home == device.home &&
		    k->at[i].device.device == device.device)
			return &k->at[i];
	}
	return NULL;
}

const struct contact *
contacts_find_laptop(
    struct laptop *l, const struct contacts_known *k, const struct device_id *id)
{
	const struct contact *found = NULL;
	struct query *q =
	    query_of(l->queries, "SELECT home, pos FROM r_device WHERE device = ?");

	query_blob(q, id->bytes, sizeof id->bytes);
	while (query_row(q)) {
		const struct contact *c =
		    contacts_find(k, (struct author){(uint16_t)query_column_int(q, 0),
					 (uint16_t)query_column_int(q, 1)});

		if (c != NULL && (found == NULL || c->time_s > found->time_s))
			found = c;
	}
	(void)query_done(q, NULL);
	return found;
}

bool
contacts_has_pulled(const struct contacts_known *k, struct author device, uint64_t lsn)
{
	const struct contact *c = contacts_find(k, device);

	return c != NULL && c->cursor >= lsn;
}
