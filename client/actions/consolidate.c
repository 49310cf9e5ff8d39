/* consolidate.c - completeness from the tables of a run of findings, so that a workshop
 * or report is in the same state here and there. */
#include "client/actions/consolidate.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "client/actions/findings.h"
#include "client/actions/indicators.h"

/* ---- countries ---- */

/* clang-format off */
static const char countries_sql[] =
    "SELECT p.code, p.ord, p.office, CASE WHEN EXISTS(SELECT 1 FROM submission s"
    " JOIN r_scope o ON o.id = s.scope WHERE o.space = p.pos"
    " AND s.kind = 'advocacy_report') THEN coalesce((SELECT a.outcome FROM submission s"
    "  JOIN r_scope o ON o.id = s.scope JOIN acceptance a ON a.hash = s.hash"
    "  WHERE o.space = p.pos AND s.kind = 'advocacy_report'"
    "  ORDER BY a.\"on\" DESC, a.record LIMIT 1), 'submitted') ELSE 'none' END"
    " FROM f_space p WHERE p.pos > 0 ORDER BY p.ord, p.code";

/* Of several reports on one workshop that which is accepted counts. */
static const char workshops_sql[] =
    "SELECT p.code, f.code, f.state = 'closed', x.code, x.state,"
    " (SELECT count(DISTINCT s.\"by\") FROM signoff s WHERE s.report = x.record"
    "  AND s.version = x.version)"
    " FROM f_activity f JOIN f_space p ON p.pos = f.space LEFT JOIN f_report x"
    " ON x.record = (SELECT y.record FROM f_report y WHERE y.activity = f.record"
    "  ORDER BY y.state <> 'accepted', y.code LIMIT 1)"
    " WHERE f.type = 'youth_workshop' AND f.state IN ('held', 'closed')"
    " AND f.start BETWEEN ?1 AND ?2 ORDER BY p.ord, p.code, f.code";
/* clang-format on */

/* What is missing of one sort, as far as a person reads; the rest is counted. */
struct lacking {
	size_t n, used, n_told;
	char text[600];
};

struct consolidating {
	struct laptop *l;
	struct consolidation *out;
	struct lacking *workshops, *reports; /* of each row */
	struct arena *scratch;               /* of one workshop */
};

static void
add_lacking(struct lacking *x, const char *words)
{
	size_t room = sizeof x->text - x->used;
	int n = words == NULL ? 0
			      : snprintf(x->text + x->used, room, "%s%s",
				    x->used == 0 ? "" : ", ", words);

	x->n++;
	if (n > 0 && (size_t)n < room && x->n_told + 1 == x->n) {
		x->used += (size_t)n;
		x->n_told++;
	}
	x->text[x->used] = '\0';
}

/* "a" and "b" give "a, b"; NULL when memory is out. */
static const char *
joined(struct laptop *l, const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return NULL;
	return *a == '\0' || *b == '\0' ? (*a == '\0' ? b : a)
					: arena_text(l->arena, "%s, %s", a, b);
}

static const char *
lacking_text(struct laptop *l, const struct lacking *x, const char *sort)
{
	return x->n == x->n_told ? x->text
				 : arena_text(l->arena, "%s, %zu more %s", x->text,
				       x->n - x->n_told, sort);
}

static const struct {
	const char *state, *missing;
} advocacy_states[] = {{"none", "no advocacy report"},
    {"submitted", "advocacy not accepted"}, {"returned", "advocacy returned"}};

static void
take_country(struct consolidating *x, struct query *q, size_t i)
{
	struct progress *row = &x->out->rows[i];
	struct arena *a = x->l->arena;

	row->figures.country = arena_copy(a, query_column_span(q, 0));
	row->figures.country_order = (uint32_t)query_column_int(q, 1);
	row->figures.is_unique_unknown = true;
	row->advocacy = arena_text(a, "%s", query_column_text(q, 3));
	row->missing = query_column_int(q, 2) == 0 ? "its records are not here" : "";
}

static status
load_countries(struct consolidating *x)
{
	struct laptop *l = x->l;
	struct query *q;
	size_t n = 0;

	x->out->rows =
	    arena_zeros(l->arena, INDICATORS_COUNTRIES_MAX, sizeof *x->out->rows);
	x->workshops =
	    arena_zeros(l->arena, INDICATORS_COUNTRIES_MAX, sizeof *x->workshops);
	x->reports = arena_zeros(l->arena, INDICATORS_COUNTRIES_MAX, sizeof *x->reports);
	if (x->out->rows == NULL || x->workshops == NULL || x->reports == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a table");
	q = query_of(l->queries, countries_sql);
	/* More than that load_figures() refuses. */
	while (n < INDICATORS_COUNTRIES_MAX && query_row(q))
		take_country(x, q, n++);
	x->out->n = n;
	return query_done(q, &l->trouble);
}

static struct progress *
find_row(struct consolidating *x, struct span country)
{
	for (size_t i = 0; i < x->out->n; i++) {
		if (span_equal(x->out->rows[i].figures.country, country))
			return &x->out->rows[i];
	}
	return NULL;
}

static status
load_figures(struct consolidating *x)
{
	struct indicators *rows;
	size_t n;
	status st = indicators_load(x->l, &x->out->days, &rows, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct progress *row = find_row(x, rows[i].country);

		if (row != NULL)
			row->figures = rows[i];
	}
	return st;
}

/* ---- workshops and their reports ---- */

/* What is missing of a report that is not accepted. */
static const char *
report_words(struct arena *a, const char *workshop, const char *code, const char *state,
    int signed_by)
{
	if (*code == '\0')
		return arena_text(a, "%s no report", workshop);
	if (strcmp(state, "draft") == 0)
		return arena_text(a, "%s is a draft", code);
	if (strcmp(state, "submitted") != 0)
		return arena_text(a, "%s was %s", code, state);
	return arena_text(a, "%s %s", code,
	    signed_by == 0   ? "no sign-off"
	    : signed_by == 1 ? "one sign-off"
			     : "not accepted");
}

static void
take_workshop(struct consolidating *x, struct query *q)
{
	struct progress *row = find_row(x, query_column_span(q, 0));
	const char *workshop = query_column_text(q, 1);
	size_t i;

	if (row == NULL)
		return;
	i = (size_t)(row - x->out->rows);
	row->due++;
	if (query_column_int(q, 2) == 0)
		add_lacking(
		    &x->workshops[i], arena_text(x->scratch, "%s not closed", workshop));
	if (strcmp(query_column_text(q, 4), "accepted") == 0)
		row->reports_accepted++;
	else
		add_lacking(&x->reports[i],
		    report_words(x->scratch, workshop, query_column_text(q, 3),
			query_column_text(q, 4), (int)query_column_int(q, 5)));
	arena_reset(x->scratch);
}

static status
load_workshops(struct consolidating *x)
{
	char first[DATE_TEXT_BYTES], last[DATE_TEXT_BYTES];
	struct query *q = query_of(x->l->queries, workshops_sql);

	date_format(x->out->days.first, first);
	date_format(x->out->days.last, last);
	query_text(q, first);
	query_text(q, last);
	while (query_row(q))
		take_workshop(x, q);
	return query_done(q, &x->l->trouble);
}

static const char *
advocacy_words(const char *advocacy)
{
	for (size_t i = 0; i < sizeof advocacy_states / sizeof advocacy_states[0]; i++) {
		if (strcmp(advocacy, advocacy_states[i].state) == 0)
			return advocacy_states[i].missing;
	}
	return "";
}

static status
settle(struct consolidating *x)
{
	struct laptop *l = x->l;

	x->out->is_complete = true;
	for (size_t i = 0; i < x->out->n; i++) {
		struct progress *row = &x->out->rows[i];

		row->missing = joined(
		    l, row->missing, lacking_text(l, &x->workshops[i], "not closed"));
		row->missing =
		    joined(l, row->missing, lacking_text(l, &x->reports[i], "reports"));
		row->missing = joined(l, row->missing, advocacy_words(row->advocacy));
		if (row->missing == NULL)
			return trouble_set(
			    &l->trouble, ST_NO_MEMORY, "no memory for a table");
		x->out->is_complete = x->out->is_complete && *row->missing == '\0';
	}
	return ST_OK;
}

/* ---- one run ---- */

static status
check_asked(struct laptop *l, const char *period, struct period *out)
{
	status st;

	if (!period_parse(span_text(period), out)) {
		st = complain(l->complaint, PN_U01,
		    "'%.40s' is no period: a year or a month", period);
		complain_next(l->complaint, "pnet consolidate 2026");
		return trouble_set(&l->trouble, st, "%s", l->complaint->why);
	}
	if (l->self.role == ROLE_OFFICE)
		return ST_OK;
	st = complain(l->complaint, PN_P01,
	    "the central office consolidates: it alone sees every country");
	complain_next(l->complaint, "pnet totals    for the workshops that you can see");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

status
consolidate_load(struct laptop *l, const char *period, struct consolidation *out)
{
	struct consolidating x = {.l = l, .out = out, .scratch = arena_new(0)};
	status st = x.scratch == NULL
			? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a table")
			: ST_OK;

	*out = (struct consolidation){.period = period};
	if (st == ST_OK)
		st = check_asked(l, period, &out->days);
	if (st == ST_OK)
		st = findings_tables(l);
	if (st == ST_OK)
		st = load_countries(&x);
	if (st == ST_OK)
		st = load_figures(&x);
	if (st == ST_OK)
		st = load_workshops(&x);
	arena_free(x.scratch);
	return st != ST_OK ? st : settle(&x);
}

const char *
consolidate_incomplete(struct laptop *l, const struct consolidation *c)
{
	const char *out = "";

	for (size_t i = 0; i < c->n && out != NULL; i++) {
		struct span code = c->rows[i].figures.country;

		if (*c->rows[i].missing != '\0')
			out = arena_text(l->arena, "%s%s%.*s", out,
			    *out == '\0' ? "" : ", ", (int)code.len,
			    (const char *)code.bytes);
	}
	return out == NULL ? "" : out;
}

status
consolidate_snapshot(
    struct laptop *l, const struct consolidation *c, struct snapshot *out)
{
	*out = (struct snapshot){
	    .period = span_text(c->period), .is_partial = !c->is_complete, .n = c->n};
	out->rows = arena_zeros(l->arena, c->n, sizeof *out->rows);
	if (out->rows == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a snapshot");
	for (size_t i = 0; i < c->n; i++)
		out->rows[i] = (struct snapshot_row){
		    c->rows[i].figures, span_text(c->rows[i].missing)};
	snapshot_sort(out);
	return ST_OK;
}
