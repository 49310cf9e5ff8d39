/* catch_up.c - records of kinds that this program is the first to know. */
#include "client/laptop/catch_up.h"

#include "client/laptop/records.h"

/* Kept with the tables; programs before the second schema wrote none. */
static const char shown_version[] = "shown_version";

/* The next record of a kind; 0 after the last. */
static status
next_of_kind(struct laptop *l, uint16_t kind, int64_t *rid)
{
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(min(id), 0) FROM r_record WHERE kind = ? AND id > ?");

	query_int(q, kind);
	query_int(q, *rid);
	*rid = query_row(q) ? query_column_int(q, 0) : 0;
	return query_done(q, &l->trouble);
}

static status
show_kind(struct laptop *l, uint16_t kind)
{
	struct arena *a = arena_new(0);
	int64_t rid = 0;
	status st;

	if (a == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a record");
	while ((st = next_of_kind(l, kind, &rid)) == ST_OK && rid != 0) {
		arena_reset(a);
		st = record_refresh(l, rid, a);
		if (st != ST_OK)
			break;
	}
	arena_free(a);
	return st;
}

static status
show_newer(struct laptop *l, int64_t version)
{
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; st == ST_OK && i < schema_kind_count(); i++) {
		if (schema_kind_at(i)->since > version)
			st = show_kind(l, schema_kind_at(i)->id);
	}
	if (st == ST_OK)
		st = laptop_set_meta_int(l, shown_version, SCHEMA_VERSION);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

status
catch_up(struct laptop *l)
{
	int64_t version = laptop_meta_int(l, shown_version, 1);

	return version >= SCHEMA_VERSION ? ST_OK : show_newer(l, version);
}
