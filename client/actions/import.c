/* import.c - reference records, activities, days and teams from CSV, by the columns of
 * the schema. Young people and marks: import_people.c. */
#include "client/actions/import.h"

#include <stdio.h>

#include "base/date.h"
#include "client/actions/import_file.h"
#include "client/actions/import_record.h"
#include "client/actions/planning.h"

struct importing {
	struct laptop *l;
	const struct import_wish *wish;
	const struct kind *k;
	struct edit *e;
	struct csv csv;
	struct csv_row header;
	struct import_report *out;
	size_t row_no; /* of the data rows, from 1 */
};

enum row_result { ROW_TAKEN, ROW_PASSED, ROW_BAD };

static const char *
cell(const struct importing *x, const struct csv_row *row, const char *name)
{
	return import_cell(x->l, row, import_column(&x->header, name));
}

/* A complaint about one value becomes the reason of its row. */
static enum row_result
bad_row(struct importing *x, const char *reason)
{
	struct laptop *l = x->l;

	(void)trouble_set(&l->trouble, ST_MALFORMED, "%s",
	    reason != NULL ? reason : arena_text(l->arena, "%s", l->trouble.text));
	memset(l->complaint, 0, sizeof *l->complaint);
	return ROW_BAD;
}

static struct record_row
as_record(const struct importing *x, const struct csv_row *row)
{
	return (struct record_row){
	    .kind = x->k,
	    .header = &x->header,
	    .row = row,
	    .no = x->row_no,
	    .activity = x->wish->activity,
	};
}

static enum row_result
take_record(struct importing *x, const struct csv_row *row)
{
	const struct record_row r = as_record(x, row);
	bool is_passed = false;
	status st = import_record(x->e, x->l, &r, &is_passed);

	if (st != ST_OK)
		return bad_row(x, NULL);
	return is_passed ? ROW_PASSED : ROW_TAKEN;
}

static enum row_result
take_activity(struct importing *x, const struct csv_row *row)
{
	struct laptop *l = x->l;
	const char *status_word = cell(x, row, "status");
	struct new_activity n = {.code = cell(x, row, "ref"),
	    .type = cell(x, row, "type"),
	    .title = cell(x, row, "title"),
	    .org = cell(x, row, "org"),
	    .practice = cell(x, row, "practice"),
	    .start = cell(x, row, "start"),
	    .roundtable = cell(x, row, "roundtable"),
	    .about = cell(x, row, "about"),
	    .is_cancelled = strcmp(status_word, "cancelled") == 0};
	const struct record_row r = as_record(x, row);
	struct record_id name;

	if (*n.code == '\0')
		n.code = cell(x, row, "code");
	if (!import_space(l, &r, &n.space))
		return ROW_PASSED;
	/* The central office organises the summer school, for every country. */
	if (strcmp(n.type, "summer_school") == 0) {
		if (l->self.role != ROLE_OFFICE)
			return ROW_PASSED;
		n.space = 0;
		n.org = NULL; /* its organisation lies in a country's scope */
	} else if (l->self.role == ROLE_OFFICE) {
		return ROW_PASSED;
	}
	if (find_code(l, KIND_ACTIVITY, n.code, 0, &name, NULL) == ST_OK)
		return bad_row(x, "there is an activity with this code already");
	if (vocabulary_find(VOC_ACTIVITY_TYPE, span_text(n.type)) == 0)
		return bad_row(x, "its type is not in the vocabulary (V1)");
	return planning_new(x->e, l, &n, &name) == ST_OK ? ROW_TAKEN : bad_row(x, NULL);
}

/* The activity that a row names; NULL where it is not on this laptop. */
static bool
activity_of_row(struct importing *x, const struct csv_row *row, struct activity *out)
{
	const char *code = cell(x, row, "activity");
	bool found = find_activity(x->l, code, out) == ST_OK;

	if (!found)
		memset(x->l->complaint, 0, sizeof *x->l->complaint);
	return found &&
	       (x->wish->activity == NULL || strcmp(x->wish->activity, out->code) == 0) &&
	       out->space == x->l->self.author.home;
}

static enum row_result
take_day(struct importing *x, const struct csv_row *row)
{
	const struct day_change d = {.date = cell(x, row, "date"),
	    .held = cell(x, row, "held"),
	    .reason = cell(x, row, "reason_not_held"),
	    .topic = cell(x, row, "topic"),
	    .headcount = cell(x, row, "headcount")};
	struct activity a;
	uint8_t day_no;

	if (!activity_of_row(x, row, &a))
		return ROW_PASSED;
	if (find_day(x->l, &a, cell(x, row, "day"), &day_no) != ST_OK)
		return bad_row(x, "no day of that activity (V3)");
	return planning_day(x->e, x->l, &a.name, a.home, a.space, day_no, &d) == ST_OK
		   ? ROW_TAKEN
		   : bad_row(x, NULL);
}

static enum row_result
take_team(struct importing *x, const struct csv_row *row)
{
	struct new_member m = {.member = cell(x, row, "person"),
	    .name = cell(x, row, "name"),
	    .function = cell(x, row, "function"),
	    .experience = cell(x, row, "experience"),
	    .grants = true};
	struct activity a;

	if (!activity_of_row(x, row, &a))
		return ROW_PASSED;
	if (*m.member == '\0')
		return bad_row(x, "it names nobody");
	/* A file is no grant to a guest: only `activity team` with an end date is. */
	return planning_team(x->e, x->l, &a, &m) == ST_OK ? ROW_TAKEN : bad_row(x, NULL);
}

static enum row_result
take_row(struct importing *x, const struct csv_row *row)
{
	switch (x->k->id) {
	case KIND_ACTIVITY:
		return take_activity(x, row);
	case KIND_ACTIVITY_DAY:
		return take_day(x, row);
	case KIND_TEAM:
		return take_team(x, row);
	default:
		return take_record(x, row);
	}
}

static status
take_rows(struct importing *x)
{
	struct laptop *l = x->l;
	struct csv_row row;
	bool has_row = false;
	status st;

	while ((st = csv_next(&x->csv, l->arena, &row, &has_row, &l->trouble)) == ST_OK &&
	       has_row) {
		x->row_no++;
		if (row.fault != CSV_OK) {
			import_note(l, x->out, row.line, IMPORT_REJECTED,
			    csv_fault_text(row.fault));
			continue;
		}
		switch (take_row(x, &row)) {
		case ROW_TAKEN:
			x->out->n_accepted++;
			break;
		case ROW_PASSED:
			x->out->n_passed++;
			break;
		case ROW_BAD:
			import_note(l, x->out, row.line, IMPORT_REJECTED,
			    arena_text(l->arena, "%s", l->trouble.text));
			break;
		}
	}
	return st;
}

/* All or nothing: one rejected row and the transaction is taken back. (A partial import
 * of these kinds would leave activities without their days.) */
static status
import_table(struct laptop *l, const struct import_wish *wish, const struct kind *k,
    struct span text, struct import_report *out)
{
	struct importing x = {.l = l, .wish = wish, .k = k, .out = out};
	status st = csv_open(&x.csv, text, l->arena, &x.header, &l->trouble);

	if (st != ST_OK)
		return import_refused(l, wish->path);
	st = edit_begin(l, &x.e);
	if (st != ST_OK)
		return st;
	st = take_rows(&x);
	if (st == ST_OK && !wish->is_dry_run && out->n_rejected == 0)
		return edit_commit(x.e, &out->n_changes);
	edit_abandon(x.e);
	return st == ST_OK ? ST_OK : import_refused(l, wish->path);
}

static const struct kind *
kind_of(const char *word)
{
	const struct kind *k = schema_kind_named(span_text(word));

	return k != NULL && import_is_open(k) ? k : NULL;
}

status
import_file(struct laptop *l, const struct import_wish *wish, struct import_report *out)
{
	static const struct {
		const char *kind;
		status (*run)(struct laptop *l, const struct import_wish *wish,
		    struct span text, struct import_report *out);
	} others[] = {{"young", import_roster}, {"young_person", import_roster},
	    {"enrolment", import_enrolments}, {"marks", import_marks},
	    {"grid", import_grid}};
	const struct kind *k = kind_of(wish->kind);
	struct span text;
	status st;

	memset(out, 0, sizeof *out);
	st = import_text(l, wish->path, wish->encoding, &text);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (strcmp(wish->kind, others[i].kind) == 0)
			return others[i].run(l, wish, text, out);
	}
	if (k != NULL)
		return import_table(l, wish, k, text, out);
	(void)complain(l->complaint, PN_U01,
	    "nothing of the kind '%.40s' can be imported", wish->kind);
	complain_next(l->complaint, "pnet help import");
	return trouble_set(&l->trouble, ST_USAGE, "unknown kind");
}
