/* marking.c - one day's marks: checks at the keyboard, then edits of the sheet. */
#include "client/actions/marking.h"

#include <stdio.h>

/* ---- the day ---- */

static status
find_today(struct laptop *l, const struct rolls *r, uint8_t *day_no)
{
	for (size_t i = 0; i < r->roll.n_days; i++) {
		const struct roll_day *d = &r->roll.days[i];

		if (d->has_date && d->date == l->today &&
		    d->day_no <= r->roll.days_planned) {
			*day_no = d->day_no;
			return ST_OK;
		}
	}
	(void)complain(
	    l->complaint, PN_U01, "which day? %s has none today", r->activity.code);
	complain_next(l->complaint, "pnet attend %s 1", r->activity.code);
	complain_next(
	    l->complaint, "pnet activity show %s    lists the days", r->activity.code);
	return trouble_set(&l->trouble, ST_USAGE, "%s", l->complaint->why);
}

status
marking_open(struct laptop *l, const char *activity, const char *day, struct marking *out)
{
	struct activity a;
	status st = find_activity(l, activity, &a);

	if (st == ST_OK)
		st = rolls_attend(l, &a, &out->rolls);
	if (st != ST_OK)
		return st;
	return day == NULL ? find_today(l, &out->rolls, &out->day_no)
			   : find_day(l, &out->rolls.activity, day, &out->day_no);
}

const char *
marking_day_text(struct laptop *l, const struct marking *m)
{
	const char *date = find_day_text(l, &m->rolls.activity, m->day_no);

	return arena_text(l->arena, "%s day %u%s%s", m->rolls.activity.code, m->day_no,
	    *date == '\0' ? "" : ", ", date);
}

/* ---- checks ---- */

static status
refuse(struct laptop *l, const char *why)
{
	status st = complain(l->complaint, PN_C01, "%s", why);

	complain_what(l->complaint, "this mark cannot stand");
	return trouble_set(&l->trouble, st, "%s", why);
}

static const char *
place_text(struct laptop *l, const struct marking *m, size_t line)
{
	return arena_text(l->arena, "%zu %s, day %u", line + 1,
	    rolls_name(l, &m->rolls, line), m->day_no);
}

status
marking_check_held(struct laptop *l, const struct marking *m)
{
	status st;

	if (m->rolls.view.figures.days[m->day_no - 1].held != HELD_NO)
		return ST_OK;
	st = refuse(
	    l, arena_text(l->arena, "%s was not held (V17)", marking_day_text(l, m)));
	complain_next(l->complaint,
	    "pnet activity day %s %u --held yes    if it was held",
	    m->rolls.activity.code, m->day_no);
	return st;
}

static status
check_enrolled(struct laptop *l, const struct marking *m, size_t line)
{
	const struct rolls *r = &m->rolls;
	status st;

	if (roll_is_enrolled(&r->view.lines[line], m->day_no))
		return ST_OK;
	st = refuse(l, arena_text(l->arena, "%s: not enrolled that day (V17)",
			   place_text(l, m, line)));
	complain_next(l->complaint, "pnet enrol %s %s --day %u    if that is wrong",
	    r->activity.code, rolls_code(l, r, line), m->day_no);
	return st;
}

static status
check_conflict(struct laptop *l, const struct marking *m, size_t line)
{
	status st;

	if (!cell_is_conflict(m->rolls.view.lines[line].cells[m->day_no - 1]))
		return ST_OK;
	st = refuse(l, arena_text(l->arena, "%s: two values stand side by side",
			   place_text(l, m, line)));
	complain_next(l->complaint, "pnet review");
	return st;
}

/* ---- writing ---- */

/* The entry that is shown gets the mark; an entry joined with it only if it says
 * something else, because two that differ would be a conflict. */
static status
write_line(
    struct edit *e, struct laptop *l, struct marking *m, size_t line, enum mark mark)
{
	struct rolls *r = &m->rolls;
	const struct roll_row **rows;
	size_t n;
	status st = rolls_entries(l, r, line, &rows, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct cell cell = rolls_cell(r, rows[i]->person, m->day_no);

		if (i == 0 || !cell_is_missing(cell))
			st = attendance_mark(
			    e, l, r, m->day_no, &r->pids[rows[i] - r->roll.rows], mark);
	}
	if (st == ST_OK)
		r->view.lines[line].cells[m->day_no - 1] = cell_of(mark);
	return st;
}

status
marking_set(
    struct edit *e, struct laptop *l, struct marking *m, size_t line, enum mark mark)
{
	status st = mark == MARK_NONE ? ST_OK : marking_check_held(l, m);

	if (st == ST_OK && mark != MARK_NONE)
		st = check_enrolled(l, m, line);
	if (st == ST_OK)
		st = check_conflict(l, m, line);
	return st != ST_OK ? st : write_line(e, l, m, line, mark);
}

status
marking_rest(
    struct edit *e, struct laptop *l, struct marking *m, enum mark mark, size_t *n)
{
	const struct roll_view *v = &m->rolls.view;
	size_t count = 0;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < v->n_lines; i++) {
		if (!roll_is_enrolled(&v->lines[i], m->day_no) ||
		    !cell_is_missing(v->lines[i].cells[m->day_no - 1]))
			continue;
		st = marking_set(e, l, m, i, mark);
		count++;
	}
	if (n != NULL)
		*n = count;
	return st;
}

/* ---- counts ---- */

struct day_counts
marking_counts(const struct marking *m)
{
	const struct roll_view *v = &m->rolls.view;
	struct day_counts out = {0};

	for (size_t i = 0; i < v->n_lines; i++) {
		struct cell cell = v->lines[i].cells[m->day_no - 1];

		if (!roll_is_enrolled(&v->lines[i], m->day_no))
			continue;
		if (cell_is_conflict(cell))
			out.conflicts++;
		else
			out.marks[cell_mark(cell)]++;
	}
	return out;
}

const char *
marking_counts_text(struct laptop *l, const struct marking *m)
{
	static const char *const words[] = {
	    "present", "late", "excused", "absent", "unmarked", "in conflict"};
	struct day_counts c = marking_counts(m);
	const uint32_t counts[] = {c.marks[MARK_PRESENT], c.marks[MARK_LATE],
	    c.marks[MARK_EXCUSED], c.marks[MARK_ABSENT], c.marks[MARK_NONE], c.conflicts};
	char *out = NULL;

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		if (counts[i] > 0)
			out = arena_text(l->arena, "%s%s%u %s", out == NULL ? "" : out,
			    out == NULL ? "" : ", ", (unsigned)counts[i], words[i]);
	}
	return out == NULL ? "nobody is enrolled that day" : out;
}
