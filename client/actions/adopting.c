/* adopting.c - names what orphans are, and who may decide. */
#include "client/actions/adopting.h"

#include "client/laptop/records.h"

static const char *
text_of(struct laptop *l, struct query *q)
{
	const char *out =
	    query_row(q) ? arena_text(l->arena, "%s", query_column_text(q, 0)) : "";

	(void)query_done(q, NULL);
	return out;
}

static const char *
country_of(struct laptop *l, uint16_t space)
{
	struct query *q = query_of(l->queries, "SELECT code FROM r_space WHERE pos = ?");

	query_int(q, space);
	return space == 0 ? "NET" : text_of(l, q);
}

/* Of a scope whose key is not here only the country is known. */
static const char *
place_of(struct laptop *l, const struct orphan *o)
{
	struct query *q = query_of(l->queries,
	    "SELECT a.code FROM r_scope s JOIN activity a ON a.record = substr(s.name, 2)"
	    " WHERE s.id = ? AND substr(s.name, 1, 1) = x'05'");
	const char *activity;

	query_int(q, o->scope);
	activity = text_of(l, q);
	return activity[0] == '\0' ? country_of(l, o->space) : activity;
}

static status
complain_nothing(struct laptop *l, const char *member)
{
	status st = complain(l->complaint, PN_F01,
	    "nothing that a laptop of %s left was brought here", member);

	complain_next(l->complaint, "pnet device adopt    lists all that was");
	return trouble_set(&l->trouble, st, "nothing of %s", member);
}

status
adopting_list(struct laptop *l, const char *member, struct adoptables *out)
{
	struct orphan *orphans;
	size_t n = 0;
	status st = orphans_list(l, l->arena, &orphans, &n);

	memset(out, 0, sizeof *out);
	if (st != ST_OK)
		return st;
	out->items = arena_zeros(l->arena, n, sizeof *out->items);
	if (out->items == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list");
	for (size_t i = 0; i < n; i++) {
		const char *by =
		    arena_text(l->arena, "%s", author_member(l, orphans[i].by));

		if (member != NULL && strcmp(by, member) != 0)
			continue;
		out->items[out->n++] = (struct adoptable){orphans[i],
		    country_of(l, orphans[i].space), by, place_of(l, &orphans[i])};
	}
	return member != NULL && out->n == 0 ? complain_nothing(l, member) : ST_OK;
}

static bool
may_decide(const struct laptop *l, const struct orphan *o)
{
	if (o->scope == 0)
		return false;
	return o->space == 0
		   ? l->self.role == ROLE_OFFICE
		   : l->self.role == ROLE_COORDINATOR && l->self.author.home == o->space;
}

status
adopting_may(struct laptop *l, const struct adoptables *which)
{
	for (size_t i = 0; i < which->n; i++) {
		const struct adoptable *x = &which->items[i];
		status st;

		if (may_decide(l, &x->orphan))
			continue;
		st = complain(l->complaint, PN_P01,
		    "only a coordinator of %s, or of network-wide records the office, "
		    "says "
		    "whether what %s left in %s counts",
		    x->country, x->member, x->place);
		complain_data(l->complaint,
		    "nothing is lost: it stays on this laptop, sealed, and travels on");
		complain_next(l->complaint,
		    "pnet sync --via DIR    writes a bundle; give it to a coordinator");
		return trouble_set(&l->trouble, st, "not a coordinator's");
	}
	return ST_OK;
}

static struct orphan *
orphans_of(struct laptop *l, const struct adoptables *which)
{
	struct orphan *out = arena_zeros(l->arena, which->n, sizeof *out);

	for (size_t i = 0; out != NULL && i < which->n; i++)
		out[i] = which->items[i].orphan;
	if (out == NULL)
		(void)trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a list");
	return out;
}

status
adopting_adopt(
    struct laptop *l, const struct adoptables *which, bool is_try, struct adopted *out)
{
	const struct orphan *orphans = orphans_of(l, which);

	return orphans == NULL ? ST_NO_MEMORY
			       : orphans_adopt(l, orphans, which->n, is_try, out);
}

status
adopting_drop(struct laptop *l, const struct adoptables *which)
{
	const struct orphan *orphans = orphans_of(l, which);

	return orphans == NULL ? ST_NO_MEMORY : orphans_drop(l, orphans, which->n);
}
