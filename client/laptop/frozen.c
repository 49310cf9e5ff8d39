/* frozen.c - asks the typed tables whether a record may still change. */
#include "client/laptop/frozen.h"

/* One row a kind: what freezes it, and whose code speaks for it. */
static const struct {
	uint16_t kind;
	const char *sql; /* code of what froze the record with that name and scope */
} frozen[] = {
    {KIND_PUBLICATION_ITEM,
	"SELECT b.code FROM r_record n JOIN publication_item i ON i.rid = n.id"
	" JOIN publication b ON b.record = i.publication"
	" WHERE n.name = ?1 AND n.kind = 41 AND n.scope = ?2"
	" AND b.released_on IS NOT NULL"},
    {KIND_PUBLICATION, "SELECT b.code FROM r_record n JOIN publication b ON b.rid = n.id"
		       " WHERE n.name = ?1 AND n.kind = 40 AND n.scope = ?2"
		       " AND b.released_on IS NOT NULL"},
};
_Static_assert(KIND_PUBLICATION_ITEM == 41, "the statement names the kind");
_Static_assert(KIND_PUBLICATION == 40, "the statement names the kind");

static status
refuse(struct laptop *l, const char *code)
{
	status st = complain(l->complaint, PN_C01,
	    "%s is released: what it printed does not change any more (V45)", code);

	complain_what(l->complaint, "%s cannot be edited", code);
	complain_next(
	    l->complaint, "pnet compendium show %s    make a new edition instead", code);
	return trouble_set(&l->trouble, st, "frozen");
}

status
frozen_check(struct laptop *l, const struct record_ref *ref)
{
	for (size_t i = 0; i < sizeof frozen / sizeof frozen[0]; i++) {
		const char *code = NULL;
		struct query *q;
		status st;

		if (frozen[i].kind != ref->kind)
			continue;
		q = query_of(l->queries, frozen[i].sql);
		query_blob(q, ref->name.bytes, sizeof ref->name.bytes);
		query_int(q, ref->scope);
		if (query_row(q))
			code = arena_text(l->arena, "%s", query_column_text(q, 0));
		st = query_done(q, &l->trouble);
		if (st != ST_OK || code != NULL)
			return st != ST_OK ? st : refuse(l, code);
	}
	return ST_OK;
}
