/* indicators_counts.c - what is counted beside young people: one definition a row, a
 * query over the tables of a run of findings (findings_parts.h), so that a state means
 * the same everywhere. A query gives rows (country or "", what is counted apart, count).
 */
#include "client/actions/findings.h"
#include "client/actions/indicators.h"
#include "client/actions/stages.h"

struct counting {
	struct laptop *l;
	size_t n, cap;
	struct count_row *rows;
};

struct count_definition {
	const char *name;
	const char *sql; /* or */
	status (*count)(struct counting *c, const char *name);
};

static status count_stages(struct counting *c, const char *name);

#define STATES_OF(type)                                                                  \
	"SELECT p.code, f.state, count(*) FROM f_activity f JOIN f_space p"              \
	" ON p.pos = f.space WHERE f.type = '" type "' GROUP BY p.pos, f.state"          \
	" ORDER BY p.ord, p.code, f.state"

/* clang-format off */
static const struct count_definition definitions[] = {
	{"practices", NULL, count_stages},
	{"summer_school_people",
	    "SELECT '', f.code, (SELECT count(*) FROM (SELECT who FROM participation p"
	    "  WHERE p.activity = f.record UNION SELECT person FROM team e"
	    "  WHERE e.activity = f.record)) FROM f_activity f"
	    " WHERE f.type = 'summer_school' AND f.state <> 'cancelled' ORDER BY f.code", NULL},
	{"summer_school_sessions",
	    "SELECT '', f.code, (SELECT count(*) FROM session s WHERE s.activity = f.record"
	    "  AND s.held = 'yes') FROM f_activity f"
	    " WHERE f.type = 'summer_school' AND f.state <> 'cancelled' ORDER BY f.code", NULL},
	{"coachings", STATES_OF("peer_coaching"), NULL},
	{"reports",
	    "SELECT p.code, x.state, count(*) FROM f_report x JOIN report r"
	    " ON r.record = x.record JOIN f_space p ON p.code = r.host_country"
	    " GROUP BY p.pos, x.state ORDER BY p.ord, p.code, x.state", NULL},
	{"seminars", STATES_OF("prevent_seminar"), NULL},
	{"seminar_heads",
	    "SELECT p.code, f.code || ' day ' || d.day_no, d.headcount FROM activity_day d"
	    " JOIN f_activity f ON f.record = d.activity JOIN f_space p ON p.pos = f.space"
	    " WHERE f.type = 'prevent_seminar' AND d.headcount IS NOT NULL"
	    " ORDER BY p.ord, f.code, d.day_no", NULL},
	{"roundtables",
	    "SELECT p.code, coalesce(r.platform, ''), count(*) FROM roundtable r"
	    " JOIN r_scope o ON o.id = r.scope JOIN f_space p ON p.pos = o.space"
	    " GROUP BY p.pos, 2 ORDER BY p.ord, p.code, 2", NULL},
	{"roundtable_meetings", STATES_OF("roundtable_meeting"), NULL},
	{"stakeholders",
	    "SELECT p.code, coalesce(s.sector, ''), count(*) FROM stakeholder s"
	    " JOIN r_scope o ON o.id = s.scope JOIN f_space p ON p.pos = o.space"
	    " GROUP BY p.pos, 2 ORDER BY p.ord, p.code, 2", NULL},
	{"advocacy_reports",
	    "SELECT p.code, coalesce((SELECT a.outcome FROM acceptance a"
	    "  WHERE a.hash = s.hash ORDER BY a.\"on\" DESC, a.record LIMIT 1), 'submitted'),"
	    " count(*) FROM submission s JOIN r_scope o ON o.id = s.scope"
	    " JOIN f_space p ON p.pos = o.space WHERE s.kind = 'advocacy_report'"
	    " GROUP BY p.pos, 2 ORDER BY p.ord, p.code, 2", NULL},
};
/* clang-format on */

static bool
add_row(struct counting *c, struct count_row row)
{
	if (c->n == c->cap) {
		size_t cap = c->cap == 0 ? 64 : c->cap * 2;
		struct count_row *rows = arena_zeros(c->l->arena, cap, sizeof *rows);

		if (rows == NULL)
			return false;
		if (c->n > 0)
			memcpy(rows, c->rows, c->n * sizeof *rows);
		c->rows = rows;
		c->cap = cap;
	}
	c->rows[c->n++] = row;
	return true;
}

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for counts");
}

/* Stages follow from facts; no query knows them. */
static status
count_stages(struct counting *c, const char *name)
{
	uint64_t counts[STAGE_COUNT] = {0};
	struct practice_row *rows;
	size_t n;
	status st = stages_load(c->l, &rows, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++)
		counts[practice_stage(&rows[i].facts)]++;
	for (size_t i = 0; st == ST_OK && i < STAGE_COUNT; i++) {
		const char *stage = practice_stage_name((enum practice_stage)i);

		if (counts[i] > 0 &&
		    !add_row(c, (struct count_row){name, "", stage, counts[i]}))
			st = no_memory(c->l);
	}
	return st;
}

static status
count_rows(struct counting *c, const struct count_definition *d)
{
	struct laptop *l = c->l;
	struct query *q = query_of(l->queries, d->sql);
	bool fits = true;
	status st;

	while (fits && query_row(q)) {
		struct count_row row = {.indicator = d->name,
		    .country = arena_text(l->arena, "%s", query_column_text(q, 0)),
		    .of = arena_text(l->arena, "%s", query_column_text(q, 1)),
		    .count = (uint64_t)query_column_int(q, 2)};

		fits = row.country != NULL && row.of != NULL && add_row(c, row);
	}
	st = query_done(q, &l->trouble);
	return fits ? st : no_memory(l);
}

status
indicators_counts(struct laptop *l, struct count_row **out, size_t *n)
{
	struct counting c = {.l = l};
	status st = findings_tables(l);

	for (size_t i = 0; st == ST_OK && i < sizeof definitions / sizeof definitions[0];
	     i++)
		st = definitions[i].sql == NULL
			 ? definitions[i].count(&c, definitions[i].name)
			 : count_rows(&c, &definitions[i]);
	*out = c.rows;
	*n = c.n;
	return st;
}
