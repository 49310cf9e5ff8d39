/* proviso_check.c - one question in SQL for each proviso of the schema. */
#include "client/laptop/proviso_check.h"

/* The record asked about, and who asks. */
#define WHO                                                                              \
	"(SELECT ?1 AS record, ?2 AS me, ?3 AS home, ?4 AS is_office, ?5 AS in_all) w "
/* Is `me` a word of the two sets of authors of the report r? */
#define IS_AUTHOR                                                                        \
	"instr(';' || coalesce(r.authors_new, '') || ';' ||"                             \
	" coalesce(r.authors_experienced, '') || ';', ';' || w.me || ';') > 0"

/* Each gives one row with a number other than 0 if the proviso holds. */
static const struct {
	enum proviso proviso;
	const char *sql;
	const char *why;
} questions[] = {
    {PROVISO_HOST, "SELECT w.is_office = w.in_all FROM " WHO,
	"the central office plans what is for every country, a coordinator what is for "
	"his own"},
    {PROVISO_OFFICE_IN_ALL, "SELECT NOT w.is_office OR w.in_all FROM " WHO,
	"the central office writes there for the activities of every country alone"},
    {PROVISO_ITSELF,
	"SELECT w.me = coalesce((SELECT \"by\" FROM rating WHERE record = w.record),"
	" (SELECT \"by\" FROM signoff WHERE record = w.record), '') FROM " WHO,
	"only the member whom it names may write it"},
    {PROVISO_DECIDER,
	"SELECT w.is_office OR EXISTS (SELECT 1 FROM decision d JOIN practice p"
	" ON p.record = d.subject WHERE d.record = w.record AND d.kind = 'withdraw'"
	" AND p.origin_country = w.home) FROM " WHO,
	"the central office decides; a coordinator may withdraw a practice of his "
	"country"},
    {PROVISO_ORIGIN,
	"SELECT w.is_office OR EXISTS (SELECT 1 FROM practice p WHERE p.record = w.record"
	" AND coalesce(p.origin_country, w.home) = w.home) FROM " WHO,
	"a coordinator of the practice's country may, or the central office"},
    {PROVISO_ORIGIN_OR_AUTHOR,
	"SELECT EXISTS (SELECT 1 FROM practice_section s JOIN practice p"
	" ON p.record = s.practice WHERE s.record = w.record AND"
	" (coalesce(p.origin_country, w.home) = w.home OR EXISTS (SELECT 1 FROM report r"
	" WHERE r.practice = p.record AND " IS_AUTHOR "))) FROM " WHO,
	"members of the practice's country may, and the authors of a report on it"},
    {PROVISO_AUTHOR,
	"SELECT EXISTS (SELECT 1 FROM report_section s JOIN report r ON"
	" r.record = s.report WHERE s.record = w.record AND " IS_AUTHOR ") FROM " WHO,
	"only its authors may write a report"},
    {PROVISO_AUTHOR_OR_HOST,
	"SELECT EXISTS (SELECT 1 FROM report r WHERE r.record = w.record AND"
	" (" IS_AUTHOR " OR r.host_country = w.home)) FROM " WHO,
	"its authors may, and the coordinators of the country where it was tried"},
};

static status
refuse(struct laptop *l, const struct kind *k, const char *why)
{
	status st =
	    complain(l->complaint, PN_P01, "this %s is not yours: %s", k->singular, why);

	complain_next(l->complaint, "pnet member list    to see who may");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

status
proviso_check(
    struct laptop *l, const struct record_ref *ref, const struct scope_info *scope)
{
	const struct kind *k = schema_kind(ref->kind);
	const char *home = arena_text(l->arena, "%.4s", l->self.home.text);
	struct query *q;
	bool holds;
	status st;

	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		if (k == NULL || questions[i].proviso != k->proviso)
			continue;
		q = query_of(l->queries, questions[i].sql);
		query_blob(q, ref->name.bytes, sizeof ref->name.bytes);
		query_text(q, l->self.member);
		query_text(q, home);
		query_int(q, l->self.role == ROLE_OFFICE);
		query_int(q, scope->space == 0);
		holds = query_row(q) && query_column_int(q, 0) != 0;
		st = query_done(q, &l->trouble);
		return st != ST_OK || holds ? st : refuse(l, k, questions[i].why);
	}
	return ST_OK;
}
