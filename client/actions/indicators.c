/* indicators.c - totals of countries from tallies. */
#include "client/actions/indicators.h"

#include "base/date.h"

/* The tallies that count: not reopened, and of several the last. */
#define VALID                                                                            \
	"t.record = (SELECT v.record FROM tally v WHERE v.activity = a.record"           \
	" AND NOT EXISTS(SELECT 1 FROM reopen n WHERE n.tally = v.record)"               \
	" ORDER BY v.no DESC, v.record LIMIT 1)"
#define UP_TO(column) "sum(coalesce(t." column "_max, t." column "))"

/* clang-format off */
static const char countries_sql[] =
    "SELECT c.code, coalesce(k.\"order\", 999), count(t.rid),"
    " sum(t.team_new > 0 AND t.team_experienced > 0), sum(t.enrolled),"
    " sum(t.expected_marks), sum(t.attended), " UP_TO("attended") ","
    " sum(t.completers), " UP_TO("completers") ","
    " sum(t.gender_f), sum(t.gender_m), sum(t.gender_d), sum(t.gender_n),"
    " sum(t.age_under_14), sum(t.age_14_15), sum(t.age_16_17), sum(t.age_18_20),"
    " sum(t.age_21_up), (SELECT y.unique_young_people FROM country_tally y"
    "  WHERE y.country = c.code),"
    " (SELECT count(*) FROM activity a JOIN r_scope o ON o.id = a.scope"
    "  JOIN tally t ON t.activity = a.record WHERE o.space = c.pos"
    "  AND a.type = 'youth_workshop' AND " VALID ")"
    " FROM r_space c JOIN r_scope h ON h.space = c.pos AND substr(h.name, 1, 1) = ?1"
    " LEFT JOIN country k ON k.code = c.code"
    " LEFT JOIN activity a ON a.type = 'youth_workshop' AND a.start BETWEEN ?2 AND ?3"
    "  AND (SELECT o.space FROM r_scope o WHERE o.id = a.scope) = c.pos"
    " LEFT JOIN tally t ON t.activity = a.record AND " VALID
    " WHERE c.pos > 0 GROUP BY c.pos ORDER BY 2, 1";
/* clang-format on */

enum column {
	COLUMN_CODE,
	COLUMN_ORDER,
	COLUMN_CLOSED,
	COLUMN_COFACILITATED,
	COLUMN_ENROLLED,
	COLUMN_EXPECTED,
	COLUMN_ATTENDED,
	COLUMN_ATTENDED_MAX,
	COLUMN_COMPLETERS,
	COLUMN_COMPLETERS_MAX,
	COLUMN_GENDER, /* four, as GENDER_F and on */
	COLUMN_AGES = COLUMN_GENDER + GENDER_COUNT - 1,
	COLUMN_UNIQUE = COLUMN_AGES + AGE_21_UP + 1,
	COLUMN_CLOSED_EVER
};

static uint32_t
number(struct query *q, int column)
{
	return (uint32_t)query_column_int(q, column);
}

static void
take_country(struct laptop *l, struct query *q, struct indicators *out)
{
	out->country = arena_copy(l->arena, query_column_span(q, COLUMN_CODE));
	out->country_order = number(q, COLUMN_ORDER);
	out->workshops_closed = number(q, COLUMN_CLOSED);
	out->cofacilitated = number(q, COLUMN_COFACILITATED);
	out->sum.enrolled = number(q, COLUMN_ENROLLED);
	out->sum.expected = number(q, COLUMN_EXPECTED);
	out->sum.attended =
	    (struct range){number(q, COLUMN_ATTENDED), number(q, COLUMN_ATTENDED_MAX)};
	out->sum.completers = (struct range){
	    number(q, COLUMN_COMPLETERS), number(q, COLUMN_COMPLETERS_MAX)};
	for (int i = GENDER_F; i < GENDER_COUNT; i++)
		out->sum.gender[i] = number(q, COLUMN_GENDER + i - GENDER_F);
	for (int i = AGE_UNDER_14; i <= AGE_21_UP; i++)
		out->sum.ages[i] = number(q, COLUMN_AGES + i);
	out->unique_young_people = number(q, COLUMN_UNIQUE);
	out->is_unique_unknown = number(q, COLUMN_CLOSED_EVER) != out->workshops_closed;
}

static status
check_role(struct laptop *l)
{
	status st;

	if (l->self.role == ROLE_OFFICE || l->self.role == ROLE_COORDINATOR)
		return ST_OK;
	st = complain(l->complaint, PN_P01,
	    "indicators are for the central office and the coordinators");
	complain_next(l->complaint, "pnet totals    for the workshops that you can see");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

status
indicators_load(
    struct laptop *l, const struct period *period, struct indicators **out, size_t *n)
{
	char first[DATE_TEXT_BYTES] = "", last[DATE_TEXT_BYTES] = "9999-12-31";
	const uint8_t office = SCOPE_OFFICE;
	struct query *q;
	status st = check_role(l);

	*n = 0;
	if (st != ST_OK)
		return st;
	*out = arena_zeros(l->arena, INDICATORS_COUNTRIES_MAX, sizeof **out);
	if (*out == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a table");
	if (period != NULL) {
		date_format(period->first, first);
		date_format(period->last, last);
	}
	q = query_of(l->queries, countries_sql);
	query_blob(q, &office, 1);
	query_text(q, first);
	query_text(q, last);
	while (query_row(q)) {
		if (*n < INDICATORS_COUNTRIES_MAX)
			take_country(l, q, &(*out)[*n]);
		++*n;
	}
	st = query_done(q, &l->trouble);
	return st != ST_OK || *n <= INDICATORS_COUNTRIES_MAX
		   ? st
		   : trouble_set(&l->trouble, ST_LIMIT, "%zu countries, at most %d", *n,
			 INDICATORS_COUNTRIES_MAX);
}
