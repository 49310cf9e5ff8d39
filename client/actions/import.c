/* import.c - reference records, activities, days and teams from CSV, by the columns of
 * the schema. Young people and marks: import_people.c. */
#include "client/actions/import.h"

#include <stdio.h>

#include "base/date.h"
#include "client/actions/import_file.h"
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

/* The space that a row belongs to; rows of other countries are passed over. */
static bool
space_of_row(struct importing *x, const struct csv_row *row, uint16_t *space)
{
	const char *country = cell(x, row, "country");

	*space = x->l->self.author.home;
	if (x->k->where == WHERE_ALL) {
		*space = 0;
		return true;
	}
	if (*country == '\0')
		return x->l->self.role != ROLE_OFFICE;
	if (space_find(x->l, country, space) != ST_OK)
		return false;
	return x->l->self.role == ROLE_OFFICE || *space == x->l->self.author.home;
}

/* A practice lies where everybody reads it, its organisation does not: what its country
 * calls it is copied instead. */
static status
name_origin(struct importing *x, const struct record_ref *ref, const char *code)
{
	struct value name = value_text(code);

	memset(x->l->complaint, 0, sizeof *x->l->complaint);
	return edit_set(x->e, ref, F_PRACTICE_ORIGIN_NAME, NULL, &name);
}

static status
set_columns(struct importing *x, const struct record_ref *ref, uint16_t space,
    const struct csv_row *row)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < x->header.n_cells; i++) {
		const struct field *f = schema_column(x->k, x->header.cells[i]);
		const char *text;

		/* A column of young people's numbers named like a field of a map: none.
		 */
		if (f == NULL || f->type == FIELD_MARKS)
			continue;
		text = import_cell(x->l, row, i);
		if (*text == '\0')
			continue;
		st = form_set(x->e, x->l, ref, space, f, text);
		if (st != ST_OK && x->k->id == KIND_PRACTICE &&
		    f->id == F_PRACTICE_ORIGIN_ORG)
			st = name_origin(x, ref, text);
	}
	return st;
}

static enum row_result
take_reference(struct importing *x, const struct csv_row *row)
{
	struct laptop *l = x->l;
	const struct field *code = schema_field_named(x->k, span_text("code"));
	struct record_ref ref = {.kind = x->k->id};
	struct scope_info scope;
	const char *text = "";
	struct value order = value_int(x->row_no);
	uint16_t space;
	status st;

	for (size_t i = 0; i < x->header.n_cells; i++) {
		if (schema_column(x->k, x->header.cells[i]) == code)
			text = import_cell(l, row, i);
	}
	if (*text == '\0')
		return bad_row(x, "it has no code");
	if (!space_of_row(x, row, &space))
		return ROW_PASSED;
	if (find_code(l, x->k->id, text, space, &ref.name, &ref.scope) != ST_OK) {
		if (scope_for(l, x->k->where, space, NULL, &scope) != ST_OK)
			return bad_row(
			    x, "no key for the records of its country is here");
		if (form_new(l, x->k, scope.id, NULL, 0, &ref) != ST_OK)
			return bad_row(x, NULL);
	}
	st = set_columns(x, &ref, space, row);
	if (st == ST_OK && x->k->id == KIND_COUNTRY &&
	    import_column(&x->header, "order") == SIZE_MAX)
		st = edit_set(x->e, &ref, F_COUNTRY_ORDER, NULL, &order);
	return st == ST_OK ? ROW_TAKEN : bad_row(x, NULL);
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
	    .is_cancelled = strcmp(status_word, "cancelled") == 0};
	struct record_id name;

	if (*n.code == '\0')
		n.code = cell(x, row, "code");
	if (!space_of_row(x, row, &n.space))
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
	       (out->space == x->l->self.author.home || x->l->self.role == ROLE_OFFICE);
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
		return take_reference(x, row);
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
	static const uint16_t kinds[] = {KIND_COUNTRY, KIND_ORGANISATION, KIND_PERSON,
	    KIND_PRACTICE, KIND_ACTIVITY, KIND_ACTIVITY_DAY, KIND_TEAM};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(schema_kind(kinds[i])->name, word) == 0)
			return schema_kind(kinds[i]);
	}
	return NULL;
}

status
import_file(struct laptop *l, const struct import_wish *wish, struct import_report *out)
{
	static const struct {
		const char *kind;
		status (*run)(struct laptop *l, const struct import_wish *wish,
		    struct span text, struct import_report *out);
	} others[] = {{"young", import_roster}, {"enrolment", import_enrolments},
	    {"marks", import_marks}, {"grid", import_grid}};
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
