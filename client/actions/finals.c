/* finals.c - reads final sheets and compares them with the roll of now. */
#include "client/actions/finals.h"

status
finals_load(struct laptop *l, const struct rolls *r, struct finals *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT s.day_no, m.person, m.value, count(*) OVER () FROM final_sheet s"
	    " JOIN final_sheet_marks m ON m.rid = s.rid"
	    " WHERE s.activity = ? AND s.day_no BETWEEN 1 AND 31");
	const char *at;
	size_t cap = 0;

	*out = (struct finals){0};
	query_blob(q, r->activity.name.bytes, sizeof r->activity.name.bytes);
	while (query_row(q)) {
		struct roll_mark *m;

		if (out->marks == NULL) {
			cap = (size_t)query_column_int(q, 3);
			out->marks = arena_zeros(l->arena, cap, sizeof *out->marks);
		}
		if (out->marks == NULL || out->n == cap)
			break;
		m = &out->marks[out->n++];
		at = query_column_text(q, 2);
		m->day_no = (uint8_t)query_column_int(q, 0);
		m->person.n = (uint64_t)query_column_int(q, 1);
		m->cell = cell_of((enum mark)vocabulary_find(VOC_MARK, span_text(at)));
	}
	return query_done(q, &l->trouble);
}

enum mark
finals_mark(const struct finals *f, struct person_key person, uint8_t day_no)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->marks[i].day_no == day_no && f->marks[i].person.n == person.n)
			return cell_mark(f->marks[i].cell);
	}
	return MARK_NONE;
}

bool
finals_is_late(const struct finals *f, const struct rolls *r, struct person_key person,
    uint8_t day_no)
{
	enum mark now = cell_mark(rolls_cell(r, person, day_no));
	enum mark then = finals_mark(f, person, day_no);

	return r->is_closed && now != then &&
	       (then != MARK_NONE || r->view.figures.days[day_no - 1].held == HELD_YES);
}

/* ---- counting ---- */

static bool
had_a_mark(const struct finals *f, const struct roll_row *row)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->marks[i].person.n == row->person.n)
			return true;
	}
	return false;
}

static status
line_changes(struct laptop *l, const struct rolls *r, const struct finals *f, size_t line,
    bool may_be_new, uint32_t *out)
{
	const struct roll_row **rows;
	bool is_known = !may_be_new;
	size_t n;
	status st = rolls_entries(l, r, line, &rows, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++)
		is_known = is_known || had_a_mark(f, rows[i]);
	for (unsigned day = 1; st == ST_OK && is_known && day <= r->roll.days_planned;
	     day++) {
		bool is_late = cell_is_conflict(r->view.lines[line].cells[day - 1]);

		for (size_t i = 0; i < n; i++)
			is_late = is_late ||
				  finals_is_late(f, r, rows[i]->person, (uint8_t)day);
		*out += is_late;
	}
	return st;
}

status
finals_changes(struct laptop *l, const struct rolls *r, uint32_t enrolled, uint32_t *out)
{
	uint32_t added =
	    r->view.figures.enrolled > enrolled ? r->view.figures.enrolled - enrolled : 0;
	struct finals finals;
	status st;

	*out = added;
	if (!r->is_closed)
		return ST_OK;
	st = finals_load(l, r, &finals);
	for (size_t line = 0; st == ST_OK && line < r->view.n_lines; line++)
		st = line_changes(l, r, &finals, line, added > 0, out);
	return st;
}
