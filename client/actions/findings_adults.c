/* findings_adults.c - V17 to V19 of activities of adults, whose participations and sheets
 * lie in the same scope as the activity itself. Two ordered reads, one roll a group. */
#include "client/actions/findings_parts.h"

#include <stdlib.h>
#include <string.h>

struct adult_rows {
	size_t n;
	struct roll_row *rows;
	size_t *activity; /* of each: index in the run, ascending */
};

struct adult_marks {
	size_t n;
	struct roll_mark *marks;
	size_t *activity;
};

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for findings");
}

/* ---- reading, in the order of activities as the run has them ---- */

static status
load_rows(struct findings_run *run, struct adult_rows *out)
{
	struct laptop *l = run->l;
	struct query *q = query_of(l->queries,
	    "SELECT activity, who, coalesce(joined_day, 0), coalesce(left_day, 0), "
	    "record,"
	    " count(*) OVER () FROM participation WHERE who IS NOT NULL"
	    " ORDER BY activity, record");
	size_t cap = 0;

	while (query_row(q)) {
		struct span activity = query_column_span(q, 0);
		struct person_id who;
		struct roll_row *row;

		if (cap == 0) {
			cap = (size_t)query_column_int(q, 5);
			out->rows = arena_zeros(l->arena, cap, sizeof *out->rows);
			out->activity = arena_zeros(l->arena, cap, sizeof *out->activity);
		}
		if (out->rows == NULL || out->activity == NULL) {
			(void)query_done(q, NULL);
			return no_memory(l);
		}
		out->activity[out->n] = findings_index(run, activity.bytes, activity.len);
		if (out->activity[out->n] == SIZE_MAX)
			continue;
		row = &out->rows[out->n++];
		query_column_copy(q, 1, who.bytes, sizeof who.bytes);
		row->person = person_key_of(&who);
		row->joined_day = (uint8_t)query_column_int(q, 2);
		row->left_day = (uint8_t)query_column_int(q, 3);
		query_column_copy(q, 4, row->record.bytes, sizeof row->record.bytes);
		row->consent = CONSENT_GIVEN; /* of no meaning for adults */
	}
	return query_done(q, &l->trouble);
}

static status
load_marks(struct findings_run *run, struct adult_marks *out)
{
	struct laptop *l = run->l;
	struct query *q = query_of(l->queries,
	    "SELECT s.activity, s.day_no, m.person, m.value, count(*) OVER ()"
	    " FROM adult_sheet s JOIN adult_sheet_marks m ON m.rid = s.rid"
	    " WHERE s.day_no BETWEEN 1 AND 31 ORDER BY s.activity");
	size_t cap = 0;

	while (query_row(q)) {
		struct span activity = query_column_span(q, 0);
		struct roll_mark *m;

		if (cap == 0) {
			cap = (size_t)query_column_int(q, 4);
			out->marks = arena_zeros(l->arena, cap, sizeof *out->marks);
			out->activity = arena_zeros(l->arena, cap, sizeof *out->activity);
		}
		if (out->marks == NULL || out->activity == NULL) {
			(void)query_done(q, NULL);
			return no_memory(l);
		}
		out->activity[out->n] = findings_index(run, activity.bytes, activity.len);
		if (out->activity[out->n] == SIZE_MAX)
			continue;
		m = &out->marks[out->n++];
		m->day_no = (uint8_t)query_column_int(q, 1);
		m->person.n = (uint64_t)query_column_int(q, 2);
		m->cell = rolls_cell_of(query_column_text(q, 3));
	}
	return query_done(q, &l->trouble);
}

/* ---- counting ---- */

/* V17 of one view: marks where none may stand. */
static uint32_t
misplaced(const struct roll_view *v)
{
	uint32_t n = 0;

	for (size_t i = 0; i < v->n_lines; i++) {
		const struct roll_line *line = &v->lines[i];

		for (unsigned day = 1; day <= v->figures.days_planned; day++) {
			bool may_be = v->figures.days[day - 1].held == HELD_YES &&
				      roll_is_enrolled(line, day);

			n += !may_be && !cell_is_missing(line->cells[day - 1]);
		}
	}
	return n;
}

static status
count_one(struct findings_run *run, size_t i, struct roll *roll)
{
	struct finding_activity *row = &run->rows[i];
	struct roll_view view;
	status st;

	roll->days_planned = row->figures.days_planned;
	roll->days = row->days;
	roll->n_days = row->n_days;
	st = roll_make(roll, run->scratch, &view, &run->l->trouble);
	if (st == ST_OK) {
		memcpy(row->figures.days, view.figures.days, sizeof row->figures.days);
		row->figures.days_held = view.figures.days_held;
		row->figures.rules[FIG_V17] = misplaced(&view);
		row->figures.rules[FIG_V18] = view.figures.rules[FIG_V18];
		row->figures.rules[FIG_V19] = view.figures.rules[FIG_V19];
	}
	arena_reset(run->scratch);
	return st;
}

status
findings_adults(struct findings_run *run)
{
	struct adult_rows rows = {0};
	struct adult_marks marks = {0};
	size_t row = 0, mark = 0;
	status st = load_rows(run, &rows);

	if (st == ST_OK)
		st = load_marks(run, &marks);
	for (size_t i = 0; st == ST_OK && i < run->n; i++) {
		struct roll roll = {.rows = &rows.rows[row], .marks = &marks.marks[mark]};

		for (; row < rows.n && rows.activity[row] == i; row++)
			roll.n_rows++;
		for (; mark < marks.n && marks.activity[mark] == i; mark++)
			roll.n_marks++;
		if (run->rows[i].type == YOUTH_WORKSHOP)
			continue;
		st = count_one(run, i, &roll);
	}
	return st;
}
