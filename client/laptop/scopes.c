/* scopes.c - which scopes this laptop holds keys of, and which one a record goes to. */
#include <stdio.h>

#include "client/laptop/records.h"

void
scope_read(struct query *q, struct scope_info *out)
{
	out->id = query_column_int(q, 0);
	out->space = (uint16_t)query_column_int(q, 1);
	out->pos = query_column_is_null(q, 2) ? -1 : (int32_t)query_column_int(q, 2);
	query_column_copy(q, 3, out->name.bytes, sizeof out->name.bytes);
	out->epoch = (uint16_t)query_column_int(q, 4);
	out->as.home = (uint16_t)query_column_int(q, 5);
	out->as.device = (uint16_t)query_column_int(q, 6);
}

static status
take_scope(struct laptop *l, struct query *q, struct scope_info *out)
{
	bool found = query_row(q);
	status st;

	memset(out, 0, sizeof *out);
	if (found)
		scope_read(q, out);
	st = query_done(q, &l->trouble);
	if (st == ST_OK && !found)
		st = trouble_set(
		    &l->trouble, ST_NOT_FOUND, "no key of this scope is here");
	return st;
}

status
scope_find(struct laptop *l, uint16_t space, const struct scope_name *name,
    struct scope_info *out)
{
	struct query *q =
	    query_of(l->queries, "SELECT id, space, pos, name, epoch, as_home,"
				 " as_device FROM r_scope WHERE space = ? AND name = ?");

	query_int(q, space);
	query_blob(q, name->bytes, sizeof name->bytes);
	return take_scope(l, q, out);
}

status
scope_by_id(struct laptop *l, int64_t id, struct scope_info *out)
{
	struct query *q =
	    query_of(l->queries, "SELECT id, space, pos, name, epoch, as_home,"
				 " as_device FROM r_scope WHERE id = ?");

	query_int(q, id);
	return take_scope(l, q, out);
}

status
scope_by_pos(struct laptop *l, uint16_t space, uint16_t pos, struct scope_info *out)
{
	struct query *q =
	    query_of(l->queries, "SELECT id, space, pos, name, epoch, as_home,"
				 " as_device FROM r_scope WHERE space = ? AND pos = ?");

	query_int(q, space);
	query_int(q, pos);
	return take_scope(l, q, out);
}

status
space_find(struct laptop *l, const char *code, uint16_t *pos)
{
	struct query *q = query_of(l->queries, "SELECT pos FROM r_space WHERE code = ?");
	bool found;
	status st;

	query_text(q, code);
	found = query_row(q);
	*pos = found ? (uint16_t)query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	if (st == ST_OK && !found)
		st = trouble_set(
		    &l->trouble, ST_NOT_FOUND, "no country %s is known here", code);
	return st;
}

/* The scope that holds the activity's own record: `office` of its country, or `all`. */
static status
home_of(struct laptop *l, const struct record_id *activity, struct scope_info *out)
{
	struct query *q =
	    query_of(l->queries, "SELECT scope FROM activity WHERE record = ?");
	bool found;
	int64_t id;
	status st;

	query_blob(q, activity->bytes, sizeof activity->bytes);
	found = query_row(q);
	id = found ? query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	if (st == ST_OK && !found)
		st = trouble_set(
		    &l->trouble, ST_NOT_FOUND, "that activity is not known here");
	return st != ST_OK ? st : scope_by_id(l, id, out);
}

status
scope_for(struct laptop *l, enum where where, uint16_t space,
    const struct record_id *activity, struct scope_info *out)
{
	static const enum scope_kind kinds[] = {
	    [WHERE_ALL] = SCOPE_ALL,
	    [WHERE_OFFICE] = SCOPE_OFFICE,
	    [WHERE_COUNTRY] = SCOPE_COUNTRY,
	    [WHERE_COORD] = SCOPE_COORD,
	    [WHERE_ACTIVITY] = SCOPE_ACTIVITY,
	};
	struct scope_name name;

	if (where == WHERE_HOME)
		return home_of(l, activity, out);
	name = scope_of(kinds[where], where == WHERE_ACTIVITY ? activity : NULL);
	return scope_find(l, where == WHERE_ALL ? 0 : space, &name, out);
}

bool
field_is_of_scope(const struct kind *k, const struct field *f)
{
	return k != NULL && f != NULL && k->where == WHERE_ACTIVITY &&
	       f->type == FIELD_REF && f->of == KIND_ACTIVITY;
}

struct span
scope_activity(const struct scope_info *scope)
{
	/* Kind, then the activity's record. */
	return span_of(scope->name.bytes + 1, sizeof(struct record_id));
}

const char *
author_member(struct laptop *l, struct author by)
{
	struct query *q = query_of(
	    l->queries, "SELECT member FROM r_device WHERE home = ? AND pos = ?");
	const char *out = "?";

	query_int(q, by.home);
	query_int(q, by.device);
	if (query_row(q))
		out = arena_text(l->arena, "%s", query_column_text(q, 0));
	(void)query_done(q, NULL);
	return out;
}

bool
field_names_record(const struct kind *k, uint16_t field)
{
	if (k == NULL || k->naming != NAMED_BY_HASH)
		return false;
	for (size_t i = 0; i < SCHEMA_NAMED_BY_MAX && k->named_by[i] != 0; i++) {
		if (k->named_by[i] == field)
			return true;
	}
	return false;
}

bool
field_hides_record(const struct kind *k, uint16_t field)
{
	size_t n = 0;

	if (k == NULL || k->naming != NAMED_BY_HASH)
		return false;
	while (n < SCHEMA_NAMED_BY_MAX && k->named_by[n] != 0)
		n++;
	return n > 0 && k->named_by[n - 1] == field;
}
