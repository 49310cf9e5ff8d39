/* import_marks.c - marks from CSV, as a list or as the grid that a teacher keeps: judged
 * by core/marks.h, written through actions/attendance. */
#include "client/actions/attendance.h"
#include "client/actions/import_file.h"
#include "core/marks.h"

struct targets {
	struct rolls *rolls;
	struct marks_target *at;
	size_t n;
};

/* Workshops whose keys are here, and what of adults is at home here. */
static bool
is_target(
    const struct laptop *l, const struct import_wish *wish, const struct activity *a)
{
	if (wish->activity != NULL && strcmp(wish->activity, a->code) != 0)
		return false;
	return a->type == YOUTH_WORKSHOP || a->space == l->self.author.home;
}

/* Every one of them, or the one that was named. */
static status
load_targets(struct laptop *l, const struct import_wish *wish, struct targets *out)
{
	struct activity *all;
	size_t n = 0;
	status st = find_activities(l, ACTIVITY_UNSET, &all, &n);

	memset(out, 0, sizeof *out);
	if (st != ST_OK)
		return st;
	out->rolls = arena_zeros(l->arena, n, sizeof *out->rolls);
	out->at = arena_zeros(l->arena, n, sizeof *out->at);
	if (out->rolls == NULL || out->at == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an import");
	for (size_t i = 0; i < n; i++) {
		struct rolls *r = &out->rolls[out->n];

		if (!is_target(l, wish, &all[i]))
			continue;
		if (rolls_attend(l, &all[i], r) != ST_OK) {
			memset(l->complaint, 0, sizeof *l->complaint);
			continue;
		}
		out->at[out->n++] = (struct marks_target){
		    span_text(r->activity.code), &r->roll, &r->view};
	}
	return ST_OK;
}

/* Only the rows of one activity, where one was named; the others leave an empty line, so
 * that the rest keep their numbers. */
static struct span
rows_of(struct laptop *l, struct span text, const char *activity, size_t *n_passed)
{
	uint8_t *out = arena_alloc(l->arena, text.len + 1);
	size_t used = 0, len = strlen(activity);
	bool is_header = true;

	for (size_t at = 0; out != NULL && at < text.len;) {
		const uint8_t *line = text.bytes + at;
		const uint8_t *end = memchr(line, '\n', text.len - at);
		size_t n = end == NULL ? text.len - at : (size_t)(end - line) + 1;

		if (is_header || (n > len + 2 && memcmp(line, activity, len) == 0 &&
				     line[len] == '-' && line[len + 1] == 'E')) {
			memcpy(out + used, line, n);
			used += n;
		} else {
			out[used++] = '\n';
			(*n_passed)++;
		}
		is_header = false;
		at += n;
	}
	return span_of(out, used);
}

/* "the name is nearly that of Hanna Hübner: --yes takes it" */
static const char *
reason_of(struct laptop *l, const struct targets *targets, const struct marks_row *row)
{
	if (row->reason == MARKS_STRUCTURE)
		return csv_fault_text(row->fault);
	if (row->reason == MARKS_NAME_GUESSED)
		return arena_text(l->arena,
		    "the name is nearly that of %s: --yes takes it",
		    rolls_name(l, &targets->rolls[row->target], row->line));
	return marks_reason_text(row->reason);
}

static void
report_marks(struct laptop *l, const struct targets *targets,
    const struct marks_report *from, struct import_report *out)
{
	for (size_t i = 0; i < from->n_rows; i++) {
		const struct marks_row *row = &from->rows[i];

		if (row->verdict != MARKS_ACCEPTED)
			import_note(l, out, row->file_line,
			    row->verdict == MARKS_HELD ? IMPORT_HELD : IMPORT_REJECTED,
			    reason_of(l, targets, row));
	}
	out->n_accepted = from->n_accepted;
}

static status
insert_marks(struct laptop *l, const struct targets *targets,
    const struct marks_report *from, struct import_report *out)
{
	struct edit *e = NULL;
	status st = edit_begin(l, &e);

	for (size_t i = 0; st == ST_OK && i < from->n_rows; i++) {
		const struct marks_row *row = &from->rows[i];
		const struct rolls *r = &targets->rolls[row->target];
		struct person_id pid;

		if (row->verdict != MARKS_ACCEPTED || !row->is_change)
			continue;
		pid = rolls_pid(r, row->line);
		st = attendance_mark(e, l, r, row->day_no, &pid, row->mark);
	}
	if (st == ST_OK)
		return edit_commit(e, &out->n_changes);
	edit_abandon(e);
	return st;
}

status
import_marks(struct laptop *l, const struct import_wish *wish, struct span text,
    struct import_report *out)
{
	struct marks_report report;
	struct targets targets;
	status st = load_targets(l, wish, &targets);

	if (st != ST_OK)
		return st;
	if (wish->activity != NULL && targets.n == 0) {
		struct rolls r;

		return import_activity(l, wish, &r); /* words the complaint */
	}
	if (wish->activity != NULL)
		text = rows_of(l, text, wish->activity, &out->n_passed);
	st = marks_read_list(text, targets.at, targets.n, l->arena, &report, &l->trouble);
	if (st != ST_OK)
		return import_refused(l, wish->path);
	report_marks(l, &targets, &report, out);
	return import_is_wanted(wish, out) ? insert_marks(l, &targets, &report, out)
					   : ST_OK;
}

status
import_grid(struct laptop *l, const struct import_wish *wish, struct span text,
    struct import_report *out)
{
	struct span left[IMPORT_MAP_MAX], right[IMPORT_MAP_MAX];
	struct marks_map map[IMPORT_MAP_MAX];
	size_t n_map = import_map(wish->map, left, right);
	struct marks_report report;
	struct rolls r;
	struct marks_target target = {.roll = &r.roll, .view = &r.view};
	struct targets targets = {&r, &target, 1};
	status st = import_activity(l, wish, &r);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < n_map; i++) {
		map[i].text = left[i];
		map[i].mark = (enum mark)vocabulary_find(VOC_MARK, right[i]);
		if (map[i].mark == MARK_NONE)
			return complain(l->complaint, PN_U01,
			    "--map: '%.*s' is no mark (present, late, excused, absent)",
			    (int)right[i].len, (const char *)right[i].bytes);
	}
	target.activity = span_text(r.activity.code);
	st = marks_read_grid(text, &target, map, n_map, wish->takes_guesses, l->arena,
	    &report, &l->trouble);
	if (st != ST_OK)
		return import_refused(l, wish->path);
	report_marks(l, &targets, &report, out);
	return import_is_wanted(wish, out) ? insert_marks(l, &targets, &report, out)
					   : ST_OK;
}
