/* import_activities.c - activities with their days and teams, and their closing. What the
 * central office organises for every country (the summer school) is the office's to load,
 * the rest the coordinators'. */
#include "client/actions/closing.h"
#include "client/actions/import_rows.h"
#include "client/actions/people.h"
#include "client/actions/planning.h"

/* The code of a country's one roundtable, which its meetings are of; "": none, or
 * several. */
static const char *
only_roundtable(struct laptop *l, uint16_t space)
{
	struct query *q = query_of(l->queries,
	    "SELECT CASE count(*) WHEN 1 THEN max(r.code) ELSE '' END FROM roundtable r"
	    " JOIN r_scope s ON s.id = r.scope WHERE s.space = ?");
	const char *out = "";

	query_int(q, space);
	if (query_row(q))
		out = arena_text(l->arena, "%s", query_column_text(q, 0));
	return query_done(q, NULL) == ST_OK ? out : "";
}

/* Fills in whose it is; false: not this laptop's. */
static bool
is_ours(struct importing *x, const struct csv_row *row, struct new_activity *n)
{
	bool is_office = x->l->self.role == ROLE_OFFICE;
	bool is_for_all = strcmp(n->type, "summer_school") == 0;
	struct record_id org;

	if (is_for_all != is_office || !row_space(x, row, &n->space))
		return false;
	if (is_for_all)
		n->space = 0;
	/* Its organisation lies in a country's scope, and may not have come yet. */
	if (is_for_all &&
	    find_code(x->l, KIND_ORGANISATION, n->org, 0, &org, NULL) != ST_OK)
		n->org = NULL;
	return true;
}

enum row_result
import_new_activity(struct importing *x, const struct csv_row *row)
{
	const char *code = row_cell(x, row, "ref");
	struct new_activity n = {.code = *code == '\0' ? row_cell(x, row, "code") : code,
	    .type = row_cell(x, row, "type"),
	    .title = row_cell(x, row, "title"),
	    .org = row_cell(x, row, "org"),
	    .practice = row_cell(x, row, "practice"),
	    .start = row_cell(x, row, "start"),
	    .roundtable = row_cell(x, row, "roundtable"),
	    .about = row_cell(x, row, "about"),
	    .is_cancelled = strcmp(row_cell(x, row, "status"), "cancelled") == 0};
	struct record_ref ref = {.kind = KIND_ACTIVITY};
	status st;

	if (!is_ours(x, row, &n))
		return ROW_PASSED;
	if (find_code(x->l, KIND_ACTIVITY, n.code, 0, &ref.name, NULL) == ST_OK)
		return ROW_TAKEN; /* planned already: `activity edit` changes it */
	if (import_made(x, n.code, &ref))
		return row_bad(x, "its code stands in the file twice");
	if (vocabulary_find(VOC_ACTIVITY_TYPE, span_text(n.type)) == 0)
		return row_bad(x, "its type is not in the vocabulary (V1)");
	if (strcmp(n.type, "roundtable_meeting") == 0 && *n.roundtable == '\0')
		n.roundtable = only_roundtable(x->l, n.space);
	st = planning_new(x->e, x->l, &n, &ref.name);
	if (st == ST_OK)
		st = import_make(x, n.code, &ref);
	return row_done(x, st);
}

enum row_result
import_day(struct importing *x, const struct csv_row *row)
{
	const char *day = row_cell(x, row, "day");
	const struct day_change d = {.date = row_cell(x, row, "date"),
	    .held = row_cell(x, row, "held"),
	    .reason = row_cell(x, row, "reason_not_held"),
	    .topic = row_cell(x, row, "topic"),
	    .headcount = row_cell(x, row, "headcount")};
	struct activity a;
	uint8_t day_no;

	if (!row_activity(x, row, &a))
		return ROW_PASSED;
	if (*day == '\0')
		day = row_cell(x, row, "day_no");
	if (find_day(x->l, &a, day, &day_no) != ST_OK)
		return row_bad(x, "no day of that activity (V3)");
	return row_done(
	    x, planning_day(x->e, x->l, &a.name, a.home, a.space, day_no, &d));
}

enum row_result
import_team(struct importing *x, const struct csv_row *row)
{
	struct new_member m = {.member = row_cell(x, row, "person"),
	    .name = row_cell(x, row, "name"),
	    .function = row_cell(x, row, "function"),
	    .experience = row_cell(x, row, "experience"),
	    .grants = true};
	struct activity a;

	if (!row_activity(x, row, &a))
		return ROW_PASSED;
	if (*m.member == '\0')
		return row_bad(x, "it names nobody");
	/* Not every reader of `all` reads the record of the person. */
	if (a.space == 0 && *m.name == '\0')
		m.name = people_member_name(x->l, m.member);
	/* A file is no grant to a guest: only `activity team` with an end date is. */
	return row_done(x, planning_team(x->e, x->l, &a, &m));
}

/* An activity that is over gets its tally, whatever the gates say: the file is about the
 * past. What is for every country is closed by the coordinators of the country that the
 * row names. */
enum row_result
import_closing(struct importing *x, const struct csv_row *row)
{
	bool is_closed = false;
	struct activity a;
	struct rolls r;
	uint16_t space;
	status st;

	if (strcmp(row_cell(x, row, "status"), "closed") != 0 ||
	    x->l->self.role != ROLE_COORDINATOR || !row_space(x, row, &space))
		return ROW_PASSED;
	st = find_activity(x->l, row_cell(x, row, "ref"), &a);
	if (st == ST_OK)
		st = rolls_is_closed(x->l, &a, &is_closed, NULL, NULL);
	if (st == ST_OK && !is_closed)
		st = rolls_attend(x->l, &a, &r);
	if (st == ST_OK && !is_closed)
		st = closing_write(x->e, x->l, &r, x->l->today, NULL);
	return row_done(x, st);
}
