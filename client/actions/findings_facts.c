/* findings_facts.c - one pass over activities and what belongs to them. Every query reads
 * a whole table once; nothing here is done per activity but the rolls whose keys are on
 * this laptop. */
#include "client/actions/findings_parts.h"

#include <string.h>

#include "base/date.h"
#include "client/actions/finals.h"
#include "core/tally.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for findings");
}

/* ---- temporary tables ---- */

static const char tables[] =
    "CREATE TEMP TABLE IF NOT EXISTS f_limit(name TEXT PRIMARY KEY, n);"
    "CREATE TEMP TABLE IF NOT EXISTS f_type(type TEXT PRIMARY KEY, days INTEGER);"
    "CREATE TEMP TABLE IF NOT EXISTS f_space(pos INTEGER PRIMARY KEY, code TEXT,"
    " ord INTEGER, office INTEGER, country INTEGER, coord INTEGER);"
    "CREATE TEMP TABLE IF NOT EXISTS f_activity(record BLOB PRIMARY KEY, space INTEGER,"
    " ord INTEGER, code TEXT, type TEXT, state TEXT, start TEXT, last TEXT,"
    " practice BLOB, org BLOB, closed_on TEXT) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS temp.f_activity_practice ON f_activity(practice, type);"
    "CREATE INDEX IF NOT EXISTS temp.f_activity_type ON f_activity(type, org);"
    "DELETE FROM f_limit; DELETE FROM f_type; DELETE FROM f_space;"
    "DELETE FROM f_activity;";

static status
put_asked(struct findings_run *run)
{
	struct laptop *l = run->l;
	struct query *q = query_of(
	    l->queries, "INSERT INTO f_limit VALUES('today', ?), ('drafts_too', ?)");
	char today[DATE_TEXT_BYTES];

	date_format(l->today, today);
	query_text(q, today);
	query_int(q, run->asks_gates);
	return query_run(q, &l->trouble);
}

static status
put_limits(struct laptop *l)
{
	status st = ST_OK;

	for (int i = 0; st == ST_OK && i < LIMIT_COUNT; i++) {
		struct query *q =
		    query_of(l->queries, "INSERT INTO f_limit VALUES(?, ?)");

		query_text(q, rules_limit_name((enum limit)i));
		query_int(q, rules_limit((enum limit)i));
		st = query_run(q, &l->trouble);
	}
	for (int i = 1; st == ST_OK && i < ACTIVITY_TYPE_COUNT; i++) {
		struct query *q = query_of(l->queries, "INSERT INTO f_type VALUES(?, ?)");

		query_text(q, vocabulary_word(VOC_ACTIVITY_TYPE, (uint64_t)i));
		query_int(q, figures_days_planned((enum activity_type)i));
		st = query_run(q, &l->trouble);
	}
	return st;
}

/* Which scopes of a space are open here: what is not, is unknown. The first byte of a
 * scope's name is its kind. */
static status
put_spaces(struct laptop *l)
{
	static const uint8_t kinds[] = {SCOPE_OFFICE, SCOPE_COUNTRY, SCOPE_COORD};
	struct query *q = query_of(l->queries,
	    "INSERT INTO f_space SELECT p.pos, p.code, CASE p.pos WHEN 0 THEN 0 ELSE"
	    " coalesce(c.\"order\", 999) END,"
	    " EXISTS(SELECT 1 FROM r_scope s WHERE s.space = p.pos"
	    "  AND substr(s.name, 1, 1) = ?1),"
	    " EXISTS(SELECT 1 FROM r_scope s WHERE s.space = p.pos"
	    "  AND substr(s.name, 1, 1) = ?2),"
	    " EXISTS(SELECT 1 FROM r_scope s WHERE s.space = p.pos"
	    "  AND substr(s.name, 1, 1) = ?3)"
	    " FROM r_space p LEFT JOIN country c ON c.code = p.code GROUP BY p.pos");

	for (size_t i = 0; i < sizeof kinds; i++)
		query_blob(q, &kinds[i], 1);
	return query_run(q, &l->trouble);
}

/* ---- activities ---- */

static bool
reserve(struct findings_run *run, size_t n)
{
	run->facts = arena_zeros(run->l->arena, n, sizeof *run->facts);
	run->rows = arena_zeros(run->l->arena, n, sizeof *run->rows);
	return run->facts != NULL && run->rows != NULL;
}

static void
take_activity(struct findings_run *run, struct query *q)
{
	struct fact *fact = &run->facts[run->n];
	struct finding_activity *row = &run->rows[run->n];

	query_column_copy(q, 0, fact->name.bytes, sizeof fact->name.bytes);
	fact->scope = query_column_int(q, 1);
	fact->space = (uint16_t)query_column_int(q, 2);
	fact->is_cancelled = strcmp(query_column_text(q, 6), "yes") == 0;
	row->country_order = (uint32_t)query_column_int(q, 3);
	row->code = arena_copy(run->l->arena, span_text(query_column_text(q, 4)));
	row->type = (enum activity_type)vocabulary_find(
	    VOC_ACTIVITY_TYPE, span_text(query_column_text(q, 5)));
	if (!date_parse(span_text(query_column_text(q, 7)), &row->start))
		row->start = 0;
	if (!query_column_is_null(q, 8))
		query_column_copy(q, 8, row->practice.bytes, sizeof row->practice.bytes);
	if (!query_column_is_null(q, 9))
		query_column_copy(q, 9, row->org.bytes, sizeof row->org.bytes);
	row->figures.days_planned = figures_days_planned(row->type);
	row->is_background =
	    run->subject != NULL && !span_equal(row->code, span_text(run->subject));
	run->n++;
}

static status
load_activities(struct findings_run *run)
{
	struct laptop *l = run->l;
	struct query *q = query_of(l->queries, "SELECT count(*) FROM activity");
	size_t cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	status st = query_done(q, &l->trouble);

	if (st != ST_OK)
		return st;
	if (!reserve(run, cap))
		return no_memory(l);
	q = query_of(l->queries,
	    "SELECT a.record, a.scope, s.space, coalesce(p.ord, 999), a.code, a.type,"
	    " a.cancelled, a.start, a.practice, a.org FROM activity a JOIN r_scope s"
	    " ON s.id = a.scope LEFT JOIN f_space p ON p.pos = s.space"
	    " ORDER BY a.record");
	while (run->n < cap && query_row(q))
		take_activity(run, q);
	return query_done(q, &l->trouble);
}

size_t
findings_index(const struct findings_run *run, const void *record, size_t len)
{
	size_t low = 0, high = run->n;

	if (len != sizeof run->facts->name.bytes)
		return SIZE_MAX;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = memcmp(run->facts[middle].name.bytes, record, len);

		if (c == 0)
			return middle;
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return SIZE_MAX;
}

/* The activity in column 0 of a row. */
static size_t
index_of(const struct findings_run *run, struct query *q)
{
	struct span record = query_column_span(q, 0);

	return findings_index(run, record.bytes, record.len);
}

/* ---- days ---- */

static enum held
held_of(const char *word)
{
	if (strcmp(word, "yes") == 0)
		return HELD_YES;
	return strcmp(word, "no") == 0 ? HELD_NO : HELD_OPEN;
}

/* Days beyond those of the type are V3 and count nowhere. */
static status
take_day(struct findings_run *run, struct query *q)
{
	size_t i = index_of(run, q), day = (size_t)query_column_int(q, 1);
	struct finding_activity *row;
	struct roll_day *days;

	if (i == SIZE_MAX || day < 1 || day > run->rows[i].figures.days_planned)
		return ST_OK;
	row = &run->rows[i];
	days = (struct roll_day *)(uintptr_t)row->days;
	if (days == NULL) {
		days =
		    arena_zeros(run->l->arena, row->figures.days_planned, sizeof *days);
		if (days == NULL)
			return no_memory(run->l);
		row->days = days;
	}
	days += row->n_days++;
	days->day_no = (uint8_t)day;
	days->has_date = date_parse(span_text(query_column_text(q, 2)), &days->date);
	days->held = held_of(query_column_text(q, 3));
	row->figures.days[day - 1].held = days->held;
	return ST_OK;
}

static status
load_days(struct findings_run *run)
{
	struct query *q = query_of(run->l->queries,
	    "SELECT activity, day_no, date, held FROM activity_day"
	    " ORDER BY activity, day_no");
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q))
		st = take_day(run, q);
	end = query_done(q, st == ST_OK ? &run->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* ---- figures ---- */

/* What findings need of a tally or of provisional figures, in this order. */
#define FIGURE_COLUMNS                                                                   \
	" days_planned, days_held, v10, v11, v12, v13, v14, v15, v16, v17, v18, v19,"    \
	" days, enrolled"

static const uint16_t figure_fields[] = {F_TALLY_DAYS_PLANNED, F_TALLY_DAYS_HELD,
    F_TALLY_V10, F_TALLY_V11, F_TALLY_V12, F_TALLY_V13, F_TALLY_V14, F_TALLY_V15,
    F_TALLY_V16, F_TALLY_V17, F_TALLY_V18, F_TALLY_V19};
enum { N_FIGURES = sizeof figure_fields / sizeof figure_fields[0] };

static status
take_figures(struct findings_run *run, struct query *q, bool is_tally)
{
	struct field_value values[N_FIGURES + 1] = {{0}};
	size_t i = index_of(run, q);
	status st;

	if (i == SIZE_MAX || (run->facts[i].has_figures && !is_tally))
		return ST_OK;
	for (size_t k = 0; k < N_FIGURES; k++)
		values[k] = (struct field_value){figure_fields[k],
		    value_int((uint64_t)query_column_int(q, (int)k + 1))};
	values[N_FIGURES] = (struct field_value){
	    F_TALLY_DAYS, value_text(query_column_text(q, N_FIGURES + 1))};
	st =
	    tally_figures(values, N_FIGURES + 1, &run->rows[i].figures, &run->l->trouble);
	run->facts[i].has_figures = true;
	run->facts[i].enrolled = (uint32_t)query_column_int(q, N_FIGURES + 2);
	run->facts[i].is_closed = run->facts[i].is_closed || is_tally;
	return st;
}

static status
load_figures(struct findings_run *run, struct query *q, bool is_tally)
{
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q))
		st = take_figures(run, q, is_tally);
	end = query_done(q, st == ST_OK ? &run->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
load_tallies(struct findings_run *run)
{
	/* Of several valid ones that with the highest number counts: it comes last. */
	status st = load_figures(run,
	    query_of(run->l->queries,
		"SELECT activity," FIGURE_COLUMNS " FROM tally t WHERE NOT EXISTS"
		" (SELECT 1 FROM reopen r WHERE r.tally = t.record) ORDER BY no"),
	    true);

	return st != ST_OK
		   ? st
		   : load_figures(run,
			 query_of(run->l->queries,
			     "SELECT activity," FIGURE_COLUMNS " FROM provisional"),
			 false);
}

/* The team as it is now, also of closed workshops. */
static status
load_teams(struct findings_run *run)
{
	struct query *q = query_of(run->l->queries,
	    "SELECT activity, sum(experience = 'new'), sum(experience = 'experienced')"
	    " FROM team GROUP BY activity");

	for (size_t i = 0; i < run->n; i++)
		run->rows[i].figures.team_new = run->rows[i].figures.team_experienced = 0;
	while (query_row(q)) {
		size_t i = index_of(run, q);

		if (i == SIZE_MAX)
			continue;
		run->rows[i].figures.team_new = (uint32_t)query_column_int(q, 1);
		run->rows[i].figures.team_experienced = (uint32_t)query_column_int(q, 2);
	}
	return query_done(q, &run->l->trouble);
}

/* ---- rolls, where their keys are here ---- */

static status
roll_figures(struct findings_run *run, size_t i)
{
	struct laptop *l = run->l;
	struct arena *kept = l->arena;
	struct person_finding *found;
	struct activity activity;
	struct rolls *rolls;
	size_t n;
	status st;

	/* The complaint of a roll that is not open is not wanted, nor is its memory. */
	l->arena = run->scratch;
	rolls = arena_zeros(l->arena, 1, sizeof *rolls);
	st = rolls == NULL ? no_memory(l)
			   : find_activity_named(l, &run->facts[i].name, &activity);
	if (st == ST_OK)
		st = rolls_load(l, &activity, rolls);
	if (st == ST_OK)
		st = rolls_findings(l, rolls, &found, &n);
	if (st == ST_OK && rolls->is_closed)
		st = finals_changes(
		    l, rolls, run->facts[i].enrolled, &run->facts[i].changes);
	if (st == ST_OK) {
		uint32_t new = run->rows[i].figures.team_new;
		uint32_t experienced = run->rows[i].figures.team_experienced;

		run->rows[i].figures = rolls->view.figures;
		run->rows[i].figures.team_new = new;
		run->rows[i].figures.team_experienced = experienced;
	}
	l->arena = kept;
	arena_reset(run->scratch);
	return st;
}

static status
load_rolls(struct findings_run *run)
{
	struct query *q = query_of(run->l->queries,
	    "SELECT substr(name, 2, 16) FROM r_scope WHERE substr(name, 1, 1) = ?");
	const uint8_t kind = SCOPE_ACTIVITY;
	size_t *open = arena_zeros(run->l->arena, run->n, sizeof *open), n = 0;
	status st;

	if (open == NULL)
		return no_memory(run->l);
	query_blob(q, &kind, 1);
	while (n < run->n && query_row(q)) {
		open[n] = index_of(run, q);
		n += open[n] != SIZE_MAX && run->rows[open[n]].type == YOUTH_WORKSHOP &&
		     !run->rows[open[n]].is_background;
	}
	st = query_done(q, &run->l->trouble);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = roll_figures(run, open[i]);
	return st;
}

/* ---- states, and the table that queries join ---- */

static void
settle_states(struct findings_run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		struct finding_activity *row = &run->rows[i];

		/* Figures that are not from a tally or a roll: days as they stand. */
		if (!run->facts[i].has_figures && row->figures.days_held == 0) {
			for (size_t d = 0; d < row->figures.days_planned; d++)
				row->figures.days_held +=
				    row->figures.days[d].held == HELD_YES;
		}
		row->state = figures_state(
		    &row->figures, run->facts[i].is_cancelled, run->facts[i].is_closed);
	}
}

static const char *
last_date(const struct finding_activity *row, char text[static DATE_TEXT_BYTES])
{
	uint32_t last = row->start;

	for (size_t d = 0; d < row->n_days; d++) {
		if (row->days[d].has_date && row->days[d].date > last)
			last = row->days[d].date;
	}
	date_format(last, text);
	return text;
}

static status
put_activity(struct findings_run *run, size_t i)
{
	const struct finding_activity *row = &run->rows[i];
	struct query *q = query_of(run->l->queries,
	    "INSERT INTO f_activity VALUES(?1, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
	    " (SELECT max(t.\"on\") FROM tally t WHERE t.activity = ?1 AND NOT EXISTS"
	    " (SELECT 1 FROM reopen r WHERE r.tally = t.record)))");
	const char *type = vocabulary_word(VOC_ACTIVITY_TYPE, row->type);
	char date[DATE_TEXT_BYTES];

	query_blob(q, run->facts[i].name.bytes, sizeof run->facts[i].name.bytes);
	query_int(q, run->facts[i].space);
	query_int(q, row->country_order);
	query_text(q, (const char *)row->code.bytes);
	query_text(q, type == NULL ? "" : type);
	query_text(q, figures_state_name(row->state));
	date_format(row->start, date);
	query_text(q, arena_text(run->scratch, "%s", date));
	query_text(q, arena_text(run->scratch, "%s", last_date(row, date)));
	query_blob(q, row->practice.bytes, sizeof row->practice.bytes);
	query_blob(q, row->org.bytes, sizeof row->org.bytes);
	return query_run(q, &run->l->trouble);
}

/* In one savepoint: the caller may be within a transaction or not. */
static status
put_activities(struct findings_run *run)
{
	struct laptop *l = run->l;
	status st = db_exec(l->db, "SAVEPOINT findings", &l->trouble), end;

	for (size_t i = 0; st == ST_OK && i < run->n; i++) {
		st = put_activity(run, i);
		arena_reset(run->scratch);
	}
	end = db_exec(l->db, "RELEASE findings", st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
findings_load(struct findings_run *run)
{
	struct laptop *l = run->l;
	status st = db_exec(l->db, tables, &l->trouble);

	if (st == ST_OK)
		st = put_limits(l);
	if (st == ST_OK)
		st = put_asked(run);
	if (st == ST_OK)
		st = put_spaces(l);
	if (st == ST_OK)
		st = load_activities(run);
	if (st == ST_OK)
		st = load_days(run);
	if (st == ST_OK)
		st = load_tallies(run);
	if (st == ST_OK)
		st = load_teams(run);
	if (st == ST_OK)
		st = findings_adults(run);
	if (st == ST_OK)
		st = load_rolls(run);
	if (st != ST_OK)
		return st;
	settle_states(run);
	return put_activities(run);
}
