/* import_people.c - rosters, enrolments and marks from CSV: judged by core/roster.h and
 * core/marks.h, written through actions/attendance. */
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "client/actions/adults.h"
#include "client/actions/attendance.h"
#include "client/actions/import_file.h"
#include "core/roster.h"

/* ---- rosters ---- */

static struct roster_rules
roster_rules_of(struct laptop *l, const struct rolls *r)
{
	struct roster_rules rules = {.start_year = r->roll.start_year, .today = l->today};
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(age_min, 0), coalesce(age_max, 0) FROM practice"
	    " WHERE record = ?");

	query_blob(q, r->activity.practice.bytes, sizeof r->activity.practice.bytes);
	if (query_row(q)) {
		rules.age_min = (unsigned)query_column_int(q, 0);
		rules.age_max = (unsigned)query_column_int(q, 1);
	}
	(void)query_done(q, NULL);
	return rules;
}

static struct roster_known *
known_of(struct laptop *l, const struct rolls *r)
{
	struct roster_known *known = arena_zeros(l->arena, r->roll.n_rows, sizeof *known);

	for (size_t i = 0; known != NULL && i < r->roll.n_rows; i++) {
		const struct roll_row *row = &r->roll.rows[i];

		known[i] = (struct roster_known){
		    row->given_name, row->family_name, row->birth_year};
	}
	return known;
}

static void
report_roster(
    struct laptop *l, const struct roster_report *from, struct import_report *out)
{
	for (size_t i = 0; i < from->n_rows; i++) {
		const struct roster_row *row = &from->rows[i];

		if (row->verdict == ROSTER_ACCEPTED) {
			for (unsigned bit = 1; bit != 0 && bit <= row->warnings;
			     bit <<= 1) {
				if ((row->warnings & bit) == 0)
					continue;
				import_note(l, out, row->line, IMPORT_WARNING,
				    roster_warning_text(bit));
				out->n_warned--; /* rows count, not their warnings */
			}
		} else {
			import_note(l, out, row->line,
			    row->verdict == ROSTER_HELD ? IMPORT_HELD : IMPORT_REJECTED,
			    row->reason == ROSTER_STRUCTURE
				? csv_fault_text(row->fault)
				: roster_reason_text(row->reason));
		}
	}
	out->n_accepted = from->n_accepted;
	out->n_warned = from->n_warned;
}

static const char *
text_of(struct laptop *l, struct span s)
{
	return s.len == 0 ? "" : (const char *)arena_copy(l->arena, s).bytes;
}

static status
insert_row(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct roster_row *row, uint32_t no)
{
	char on[DATE_TEXT_BYTES] = "";
	struct newcomer n = {.given_name = text_of(l, row->given_name),
	    .family_name = text_of(l, row->family_name),
	    .birth_year =
		row->birth_year == 0 ? "" : arena_text(l->arena, "%u", row->birth_year),
	    .gender = vocabulary_word(VOC_GENDER, row->gender),
	    .consent = vocabulary_word(VOC_CONSENT, row->consent),
	    .consent_by = vocabulary_word(VOC_CONSENT_BY, row->consent_by),
	    .form_no = text_of(l, row->form_no),
	    .photo_consent = vocabulary_word(VOC_YES_NO, row->photo_consent),
	    .guardian_contact = text_of(l, row->guardian_contact),
	    .needs = text_of(l, row->needs),
	    .no = no};

	if (row->has_consent_on)
		date_format(row->consent_on, on);
	n.consent_on = on;
	return attendance_add(e, l, r, &n, NULL);
}

static uint32_t
next_no(const struct rolls *r)
{
	uint32_t no = 1;

	for (size_t i = 0; i < r->roll.n_rows; i++)
		no = r->roll.rows[i].no >= no ? r->roll.rows[i].no + 1 : no;
	return no;
}

static status
insert_roster(struct laptop *l, const struct rolls *r, const struct roster_report *from,
    struct import_report *out)
{
	struct edit *e = NULL;
	uint32_t no = next_no(r);
	status st = edit_begin(l, &e);

	for (size_t i = 0; st == ST_OK && i < from->n_rows; i++) {
		if (from->rows[i].verdict == ROSTER_ACCEPTED)
			st = insert_row(e, l, r, &from->rows[i], no++);
	}
	if (st == ST_OK)
		return edit_commit(e, &out->n_changes);
	edit_abandon(e);
	return st;
}

status
import_roster(struct laptop *l, const struct import_wish *wish, struct span text,
    struct import_report *out)
{
	struct span left[IMPORT_MAP_MAX], right[IMPORT_MAP_MAX];
	struct roster_map map[IMPORT_MAP_MAX];
	size_t n_map = import_map(wish->map, left, right);
	struct roster_report report;
	struct roster_rules rules;
	struct rolls r;
	status st = import_activity(l, wish, &r);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < n_map; i++)
		map[i] = (struct roster_map){left[i], right[i]};
	rules = roster_rules_of(l, &r);
	st = roster_read(text, &rules, known_of(l, &r), r.roll.n_rows, map, n_map,
	    l->arena, &report, &l->trouble);
	if (st != ST_OK)
		return import_refused(l, wish->path);
	report_roster(l, &report, out);
	return import_is_wanted(wish, out) ? insert_roster(l, &r, &report, out) : ST_OK;
}

/* ---- enrolments with a file of people ---- */

/* One line of the file of people; one pid for all enrolments that name it. */
struct person_row {
	const char *ref;
	struct csv_row row;
	bool has_pid;
	struct person_id pid;
};

struct people {
	struct csv_row header;
	struct person_row *rows;
	size_t n;
};

static status
read_people(struct laptop *l, const char *path, struct people *out)
{
	struct span text;
	struct csv csv;
	size_t cap = 0, ref;
	bool has_row = false;
	status st = import_text(l, path, NULL, &text);

	memset(out, 0, sizeof *out);
	if (st == ST_OK)
		st = csv_open(&csv, text, l->arena, &out->header, &l->trouble);
	ref = import_column(&out->header, "ref");
	while (st == ST_OK) {
		struct csv_row row;

		st = csv_next(&csv, l->arena, &row, &has_row, &l->trouble);
		if (st != ST_OK || !has_row)
			break;
		if (out->n == cap) {
			struct person_row *more;

			cap = cap == 0 ? 128 : cap * 2;
			more = arena_zeros(l->arena, cap, sizeof *more);
			if (more == NULL)
				return trouble_set(
				    &l->trouble, ST_NO_MEMORY, "no memory");
			if (out->n > 0)
				memcpy(more, out->rows, out->n * sizeof *more);
			out->rows = more;
		}
		if (row.fault == CSV_OK)
			out->rows[out->n++] = (struct person_row){
			    .ref = import_cell(l, &row, ref), .row = row};
	}
	return st == ST_OK ? ST_OK : import_refused(l, path);
}

static struct person_row *
find_person_row(const struct people *people, const char *ref)
{
	for (size_t i = 0; i < people->n; i++) {
		if (strcmp(people->rows[i].ref, ref) == 0)
			return &people->rows[i];
	}
	return NULL;
}

struct enrolling {
	struct laptop *l;
	const struct import_wish *wish;
	struct people people;
	struct csv_row header;
	struct edit *e;
	struct import_report *out;
	struct rolls r; /* of the activity named last */
	uint32_t no;    /* position within it */
};

/* Moves on to the activity of the row; false if it is not one to take. */
static bool
enter_activity(struct enrolling *x, const char *code, status *st)
{
	struct activity a;
	bool fits;

	if (strcmp(x->r.activity.code, code) == 0)
		return true;
	memset(&x->r, 0, sizeof x->r);
	fits = find_activity(x->l, code, &a) == ST_OK &&
	       (x->wish->activity == NULL || strcmp(x->wish->activity, code) == 0);
	/* Those of adults are taken by who is at home there. */
	if (fits && a.type != YOUTH_WORKSHOP)
		fits = a.space == x->l->self.author.home;
	if (fits)
		fits = rolls_attend(x->l, &a, &x->r) == ST_OK;
	memset(x->l->complaint, 0, sizeof *x->l->complaint);
	*st = ST_OK;
	x->no = fits ? next_no(&x->r) : 0;
	return fits;
}

static bool
is_enrolled(const struct rolls *r, const struct person_row *p)
{
	struct person_key key = person_key_of(&p->pid);

	for (size_t i = 0; p->has_pid && i < r->roll.n_rows; i++) {
		if (r->roll.rows[i].person.n == key.n)
			return true;
	}
	return false;
}

static status
enrol(struct enrolling *x, struct person_row *p, const char *joined, const char *left)
{
	struct laptop *l = x->l;
	const struct csv_row *h = &x->people.header;
#define CELL(name) import_cell(l, &p->row, import_column(h, name))
	struct newcomer n = {.given_name = CELL("given_name"),
	    .family_name = CELL("family_name"),
	    .birth_year = CELL("birth_year"),
	    .gender = CELL("gender"),
	    .consent = CELL("consent"),
	    .consent_by = CELL("consent_by"),
	    .consent_on = CELL("consent_on"),
	    .form_no = CELL("consent_form_no"),
	    .photo_consent = CELL("photo_consent"),
	    .guardian_contact = CELL("guardian_contact"),
	    .org = CELL("org"),
	    .no = x->no++,
	    .joined_day = joined,
	    .left_day = left,
	    .has_pid = p->has_pid,
	    .pid = p->pid};
#undef CELL
	status st = attendance_add(x->e, l, &x->r, &n, &p->pid);

	p->has_pid = p->has_pid || st == ST_OK;
	return st;
}

static status
no_people(struct enrolling *x)
{
	struct laptop *l = x->l;

	(void)complain(
	    l->complaint, PN_U01, "--people is missing: the file that says who is who");
	complain_next(l->complaint, "pnet import enrolment %s --people young_people.csv",
	    x->wish->path);
	return trouble_set(&l->trouble, ST_USAGE, "no file of people");
}

/* Taken, or a note why not. */
static status
note_outcome(struct enrolling *x, const struct csv_row *row, status st)
{
	struct laptop *l = x->l;

	if (st == ST_OK) {
		x->out->n_accepted++;
		return ST_OK;
	}
	import_note(l, x->out, row->line, IMPORT_REJECTED,
	    arena_text(l->arena, "%s", l->trouble.text));
	memset(l->complaint, 0, sizeof *l->complaint);
	return ST_OK;
}

static bool
is_on_list(struct laptop *l, const struct rolls *r, const char *code)
{
	for (size_t i = 0; i < r->roll.n_rows; i++) {
		if (strcmp(rolls_row_code(l, r, &r->roll.rows[i]), code) == 0)
			return true;
	}
	return false;
}

static status
take_adult(struct enrolling *x, const struct csv_row *row)
{
	const struct csv_row *h = &x->header;
	const struct participant p = {
	    .code = import_cell(x->l, row, import_column(h, "who")),
	    .joined_day = import_cell(x->l, row, import_column(h, "joined_day")),
	    .left_day = import_cell(x->l, row, import_column(h, "left_day")),
	    .no = x->no++};

	if (is_on_list(x->l, &x->r, p.code)) {
		import_note(
		    x->l, x->out, row->line, IMPORT_HELD, "enrolled there already");
		return ST_OK;
	}
	return note_outcome(x, row, adults_enrol(x->e, x->l, &x->r, &p));
}

static status
take_enrolment(struct enrolling *x, const struct csv_row *row)
{
	struct laptop *l = x->l;
	const struct csv_row *h = &x->header;
	const char *code = import_cell(l, row, import_column(h, "activity"));
	struct person_row *p;
	status st = ST_OK;

	if (!enter_activity(x, code, &st)) {
		x->out->n_passed++;
		return st;
	}
	if (x->r.of_adults)
		return take_adult(x, row);
	if (x->wish->people == NULL)
		return no_people(x);
	p = find_person_row(&x->people, import_cell(l, row, import_column(h, "who")));
	if (p == NULL) {
		import_note(l, x->out, row->line, IMPORT_REJECTED,
		    "the file of people does not know whom it names");
		return ST_OK;
	}
	if (is_enrolled(&x->r, p)) {
		import_note(l, x->out, row->line, IMPORT_HELD, "enrolled there already");
		return ST_OK;
	}
	return note_outcome(x, row,
	    enrol(x, p, import_cell(l, row, import_column(h, "joined_day")),
		import_cell(l, row, import_column(h, "left_day"))));
}

status
import_enrolments(struct laptop *l, const struct import_wish *wish, struct span text,
    struct import_report *out)
{
	struct enrolling *x = arena_zeros(l->arena, 1, sizeof *x);
	struct csv csv;
	bool has_row = false;
	status st;

	if (x == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an import");
	x->l = l;
	x->wish = wish;
	x->out = out;
	st = wish->people == NULL ? ST_OK : read_people(l, wish->people, &x->people);
	if (st != ST_OK)
		return st;
	st = csv_open(&csv, text, l->arena, &x->header, &l->trouble);
	if (st == ST_OK)
		st = edit_begin(l, &x->e);
	while (st == ST_OK) {
		struct csv_row row;

		st = csv_next(&csv, l->arena, &row, &has_row, &l->trouble);
		if (st != ST_OK || !has_row)
			break;
		if (row.fault != CSV_OK)
			import_note(
			    l, out, row.line, IMPORT_REJECTED, csv_fault_text(row.fault));
		else
			st = take_enrolment(x, &row);
	}
	if (st == ST_OK && import_is_wanted(wish, out))
		return edit_commit(x->e, &out->n_changes);
	edit_abandon(x->e);
	return st == ST_OK || st == ST_USAGE ? st : import_refused(l, wish->path);
}
