/* logs_ask.c - what the membership logs say: from the rows that logs_settle keeps, or
 * from the logs themselves. */
#include "client/sync/logs_parts.h"

#include "client/laptop/opening.h"
#include "core/membership_batch.h"
#include "proto/log_codec.h"

static status
replay(struct laptop *l, struct membership *m, struct query *q, struct arena *a)
{
	const struct apply_how how = {.mode = APPLY_STORED};
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q)) {
		struct log_record r;

		arena_reset(a);
		st = log_record_read(query_column_span(q, 0), a, &r, &l->trouble);
		if (st == ST_OK)
			st = membership_apply(m, &r, &how, NULL, &l->trouble);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

struct membership *
logs_load(struct laptop *l)
{
	struct membership *m = membership_new(&l->self.network);
	struct arena *a = arena_new(0);
	status st = ST_NO_MEMORY;

	if (m != NULL && a != NULL)
		st = replay(l, m,
		    query_of(l->queries, "SELECT record FROM r_log ORDER BY space, seq"),
		    a);
	else
		(void)trouble_set(&l->trouble, st, "no memory for the membership logs");
	arena_free(a);
	if (st == ST_OK)
		return m;
	membership_free(m);
	return NULL;
}

struct membership *
logs_whole(struct logs *x)
{
	if (x->m == NULL)
		x->m = logs_load(x->l);
	return x->m;
}

void
logs_forget(struct logs *x)
{
	membership_free(x->m);
	x->m = NULL;
}

status
logs_ready(struct logs *x)
{
	struct laptop *l = x->l;
	status st;

	if (laptop_meta_int(l, LOGS_SETTLED, 0) == LOGS_SETTLED_ROWS)
		return ST_OK;
	if (logs_whole(x) == NULL)
		return l->trouble.code;
	st = db_begin(l->db, &l->trouble);
	if (st != ST_OK)
		return st;
	st = logs_settle(l, x->m);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

/* ---- the records ---- */

status
logs_len(struct laptop *l, uint16_t space, uint32_t *len)
{
	struct query *q =
	    query_of(l->queries, "SELECT max(seq) + 1 FROM r_log WHERE space = ?");

	query_int(q, space);
	*len = query_row(q) && !query_column_is_null(q, 0)
		   ? (uint32_t)query_column_int(q, 0)
		   : 0;
	return query_done(q, &l->trouble);
}

status
logs_record_id(struct laptop *l, uint16_t space, uint32_t position, struct log_id *id)
{
	struct query *q =
	    query_of(l->queries, "SELECT id FROM r_log WHERE space = ? AND seq = ?");
	bool found;
	status st;

	query_int(q, space);
	query_int(q, position);
	found = query_row(q);
	if (found)
		query_column_copy(q, 0, id->bytes, sizeof id->bytes);
	st = query_done(q, &l->trouble);
	return st == ST_OK && !found ? ST_NOT_FOUND : st;
}

status
logs_compare(struct laptop *l, uint16_t space, uint32_t len, const uint8_t *id,
    size_t id_len, enum heads *out)
{
	struct log_id known;
	uint32_t ours;
	status st = logs_len(l, space, &ours);

	*out = HEADS_LONGER;
	if (st != ST_OK || len > ours)
		return st;
	*out = len == ours ? HEADS_EQUAL : HEADS_SHORTER;
	if (len == 0)
		return ST_OK;
	st = logs_record_id(l, space, len - 1, &known);
	if (st == ST_OK && memcmp(known.bytes, id, id_len) != 0)
		*out = HEADS_FORK;
	return st;
}

bool
logs_server(struct laptop *l, struct transport_pk *key)
{
	struct span named = laptop_meta_blob(l, LOGS_SERVER);

	if (named.len != sizeof key->bytes)
		return false;
	memcpy(key->bytes, named.bytes, named.len);
	return true;
}

/* ---- who signs ---- */

struct signer_row {
	struct device_id device;
	struct sign_pk sign;
	enum member_role role;
};

static status
find_signer(struct laptop *l, struct author a, struct signer_row *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT device, sign, role FROM r_signer WHERE home = ? AND pos = ?");
	bool found;
	status st;

	query_int(q, a.home);
	query_int(q, a.device);
	found = query_row(q);
	if (found) {
		query_column_copy(q, 0, out->device.bytes, sizeof out->device.bytes);
		query_column_copy(q, 1, out->sign.bytes, sizeof out->sign.bytes);
		out->role = (enum member_role)query_column_int(q, 2);
	}
	st = query_done(q, &l->trouble);
	return st == ST_OK && !found ? ST_NOT_FOUND : st;
}

/* ST_NOT_FOUND if one of the rows is not here, which says nothing about the logs. */
static status
signer_by_rows(struct laptop *l, const struct batch *b, struct log_signer *out)
{
	struct batch_place place;
	struct signer_row row;
	status st = batch_place(l, b, &place);

	if (st == ST_OK)
		st = find_signer(l, (struct author){b->home, b->device}, &row);
	if (st == ST_OK)
		st = logs_record_id(l, b->home, b->head, &out->context.home_head);
	if (st != ST_OK)
		return st;
	out->context.network = l->self.network;
	out->context.space = place.space_name;
	out->context.scope = place.scope.name;
	out->context.device = row.device;
	out->sign = row.sign;
	return ST_OK;
}

status
logs_signer(struct logs *x, const struct batch *b, struct log_signer *out)
{
	const struct batch_question question = {.batch = b, .is_history = true};
	struct batch_answer answer;

	memset(out, 0, sizeof *out);
	if (x->m == NULL) {
		status st = signer_by_rows(x->l, b, out);

		if (st != ST_NOT_FOUND)
			return st;
	}
	if (logs_whole(x) == NULL)
		return x->l->trouble.code;
	membership_judge(x->m, &question, &answer);
	if (!answer.has_context || answer.device == NULL)
		return ST_NOT_FOUND;
	out->context = answer.context;
	out->sign = answer.device->keys.sign;
	return ST_OK;
}

status
logs_roles(struct logs *x, struct author a, uint16_t space, unsigned *roles)
{
	struct signer_row row;

	if (x->m == NULL) {
		status st = find_signer(x->l, a, &row);

		*roles = st == ST_OK ? membership_roles_as(row.role, a.home, space) : 0;
		if (st != ST_NOT_FOUND)
			return st;
	}
	if (logs_whole(x) == NULL)
		return x->l->trouble.code;
	*roles = membership_roles(x->m, a, space);
	return ST_OK;
}
