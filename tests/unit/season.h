/* season.h - the sample season as rolls, straight from its CSV files: a second way to the
 * figures than the program's own import. Included by one test each. */
#ifndef UNIT_SEASON_H
#define UNIT_SEASON_H

#include "base/date.h"
#include "core/findings.h"
#include "core/roll.h"
#include "unit/sample.h"

enum { SEASON_ROWS_MAX = 1000 };

struct season_file {
	struct csv_row header;
	size_t n;
	struct csv_row rows[SEASON_ROWS_MAX];
};

struct season {
	struct arena *arena;
	struct season_file *countries, *organisations, *practices, *activities, *days,
	    *team, *young, *enrolments, *marks;
};

static struct season_file *
season_read(struct arena *a, const char *name)
{
	struct season_file *f = arena_zeros(a, 1, sizeof *f);
	struct csv csv;
	bool has_row = true;

	assert_non_null(f);
	assert_int_equal(
	    csv_open(&csv, sample_bytes(a, name), a, &f->header, NULL), ST_OK);
	while (has_row) {
		assert_true(f->n < SEASON_ROWS_MAX);
		assert_int_equal(
		    csv_next(&csv, a, &f->rows[f->n], &has_row, NULL), ST_OK);
		assert_int_equal(f->rows[f->n].fault, CSV_OK);
		f->n += has_row;
	}
	return f;
}

static struct span
season_cell(const struct season_file *f, size_t row, const char *column)
{
	for (size_t i = 0; i < f->header.n_cells; i++) {
		if (span_equal(f->header.cells[i], span_text(column)))
			return f->rows[row].cells[i];
	}
	fail_msg("no column %s", column);
	return span_of(NULL, 0);
}

static bool
season_is(const struct season_file *f, size_t row, const char *column, struct span value)
{
	return span_equal(season_cell(f, row, column), value);
}

static unsigned
season_number(const struct season_file *f, size_t row, const char *column)
{
	struct span s = season_cell(f, row, column);
	unsigned n = 0;

	for (size_t i = 0; i < s.len; i++)
		n = n * 10 + (unsigned)(s.bytes[i] - '0');
	return n;
}

/* The row whose `ref` (or other column) is value. */
static size_t
season_find(const struct season_file *f, const char *column, struct span value)
{
	for (size_t i = 0; i < f->n; i++) {
		if (season_is(f, i, column, value))
			return i;
	}
	fail_msg("no %s %.*s", column, (int)value.len, (const char *)value.bytes);
	return 0;
}

static inline void
season_load(struct season *s, struct arena *a)
{
	s->arena = a;
	s->countries = season_read(a, "season/countries.csv");
	s->organisations = season_read(a, "season/organisations.csv");
	s->practices = season_read(a, "season/practices.csv");
	s->activities = season_read(a, "season/activities.csv");
	s->days = season_read(a, "season/activity_days.csv");
	s->team = season_read(a, "season/team.csv");
	s->young = season_read(a, "season/young_people.csv");
	s->enrolments = season_read(a, "season/enrolments.csv");
	s->marks = season_read(a, "season/marks.csv");
}

static void
season_add_day(const struct season *s, size_t row, struct roll *r, struct roll_day *days)
{
	struct roll_day *day = &days[r->n_days++];
	struct span held = season_cell(s->days, row, "held");

	day->day_no = (uint8_t)season_number(s->days, row, "day");
	day->has_date = date_parse(season_cell(s->days, row, "date"), &day->date);
	assert_true(day->has_date);
	day->held = held.len == 0                        ? HELD_OPEN
		    : span_equal(held, span_text("yes")) ? HELD_YES
							 : HELD_NO;
}

static void
season_add_row(const struct season *s, size_t row, struct roll *r, struct roll_row *rows)
{
	struct roll_row *out = &rows[r->n_rows++];
	size_t y = season_find(s->young, "ref", season_cell(s->enrolments, row, "who"));

	*out = (struct roll_row){
	    .person = {y + 1},
	    .no = (uint32_t)r->n_rows,
	    .joined_day = (uint8_t)season_number(s->enrolments, row, "joined_day"),
	    .left_day = (uint8_t)season_number(s->enrolments, row, "left_day"),
	    .birth_year = (uint16_t)season_number(s->young, y, "birth_year"),
	    .gender = (enum gender)vocabulary_find(
		VOC_GENDER, season_cell(s->young, y, "gender")),
	    .consent = (enum consent)vocabulary_find(
		VOC_CONSENT, season_cell(s->young, y, "consent")),
	    .consent_by = (enum consent_by)vocabulary_find(
		VOC_CONSENT_BY, season_cell(s->young, y, "consent_by")),
	    .given_name = season_cell(s->young, y, "given_name"),
	    .family_name = season_cell(s->young, y, "family_name"),
	};
}

static void
season_add_marks(const struct season *s, struct span enrolment, struct person_key person,
    struct roll *r, struct roll_mark *marks)
{
	for (size_t i = 0; i < s->marks->n; i++) {
		enum mark m;

		if (!season_is(s->marks, i, "enrolment", enrolment))
			continue;
		assert_true(cell_parse(season_cell(s->marks, i, "status"), &m));
		marks[r->n_marks++] = (struct roll_mark){
		    (uint8_t)season_number(s->marks, i, "day"), person, cell_of(m)};
	}
}

static void
season_add_team(const struct season *s, struct span code, struct roll *r)
{
	for (size_t i = 0; i < s->team->n; i++) {
		if (!season_is(s->team, i, "activity", code))
			continue;
		r->team_new += season_is(s->team, i, "experience", span_text("new"));
		r->team_experienced +=
		    season_is(s->team, i, "experience", span_text("experienced"));
	}
}

/* The roll of one workshop. */
static inline struct roll
season_roll(const struct season *s, const char *ref)
{
	struct span code = span_text(ref);
	size_t activity = season_find(s->activities, "ref", code);
	struct roll_day *days = arena_zeros(s->arena, SCHEMA_DAY_NO_MAX, sizeof *days);
	struct roll_row *rows = arena_zeros(s->arena, SEASON_ROWS_MAX, sizeof *rows);
	struct roll_mark *marks = arena_zeros(s->arena, SEASON_ROWS_MAX, sizeof *marks);
	struct roll r = {.days = days, .rows = rows, .marks = marks};
	uint32_t start;

	assert_true(date_parse(season_cell(s->activities, activity, "start"), &start));
	r.start_year = date_civil(start).year;
	r.days_planned = season_number(s->activities, activity, "days");
	for (size_t i = 0; i < s->days->n; i++) {
		if (season_is(s->days, i, "activity", code))
			season_add_day(s, i, &r, days);
	}
	for (size_t i = 0; i < s->enrolments->n; i++) {
		if (!season_is(s->enrolments, i, "activity", code) ||
		    !season_is(s->enrolments, i, "who_kind", span_text("young_person")))
			continue;
		season_add_row(s, i, &r, rows);
		season_add_marks(s, season_cell(s->enrolments, i, "ref"),
		    rows[r.n_rows - 1].person, &r, marks);
	}
	season_add_team(s, code, &r);
	return r;
}

/* SK-W9 of the scenarios: roster plus Hana, marks of the final grid. */
static inline struct roll
season_sk_w9(struct arena *arena)
{
	struct season_file *grid = season_read(arena, "scenarios/final_marks_SK-W9.csv");
	struct season_file *roster = season_read(arena, "scenarios/roster_SK-W9.csv");
	struct roll_row *rows = arena_zeros(arena, grid->n, sizeof *rows);
	struct roll_mark *marks = arena_zeros(arena, grid->n * 5, sizeof *marks);
	struct roll r = {
	    .start_year = 2027, .days_planned = 5, .rows = rows, .marks = marks};

	for (size_t i = 0; i < grid->n; i++) {
		bool is_hana = i == roster->n;

		rows[r.n_rows++] = (struct roll_row){.person = {1000 - i},
		    .no = season_number(grid, i, "no"),
		    .joined_day = 1,
		    .birth_year =
			(uint16_t)(is_hana ? 2011
					   : season_number(roster, i, "birth_year")),
		    .gender = is_hana ? GENDER_F
				      : (enum gender)vocabulary_find(
					    VOC_GENDER, season_cell(roster, i, "gender")),
		    .consent = CONSENT_GIVEN};
		for (unsigned day = 1; day <= 5; day++) {
			enum mark m;

			assert_true(cell_parse(
			    season_cell(grid, i, arena_text(arena, "d%u", day)), &m));
			marks[r.n_marks++] =
			    (struct roll_mark){(uint8_t)day, {1000 - i}, cell_of(m)};
		}
	}
	r.team_new = 1;
	r.team_experienced = 1;
	return r;
}

/* The marks of season_sk_w9() copied to marks, where one of them can be changed. */
static inline struct roll_mark *
season_mark_of(const struct roll *r, struct roll_mark *marks, size_t row, unsigned day)
{
	memcpy(marks, r->marks, r->n_marks * sizeof *marks);
	return &marks[row * 5 + day - 1];
}

#endif
