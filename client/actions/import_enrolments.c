/* import_enrolments.c - enrolments: of young people at a workshop, each with a roster
 * entry from the file of people; of adults (staff, practitioners, stakeholders) at
 * everything else. The number of a row is its position within the activity. */
#include <stdlib.h>

#include "client/actions/adults.h"
#include "client/actions/attendance.h"
#include "client/actions/form.h"
#include "client/actions/import_rows.h"
#include "client/actions/people.h"

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

/* ---- whose rows ---- */

struct enrolling {
	struct people people;
	bool has_people;
	struct rolls r; /* of the activity named last */
	uint32_t no;    /* position of the next newcomer within it */
};

/* Moves on to the activity of the row; false if it is not this laptop's. */
static bool
enter_activity(struct importing *x, struct enrolling *own, const struct csv_row *row)
{
	const char *code = row_cell(x, row, "activity");
	struct activity a;
	bool fits;

	if (*code != '\0' && strcmp(own->r.activity.code, code) == 0)
		return true;
	fits = row_activity(x, row, &a) && rolls_attend(x->l, &a, &own->r) == ST_OK;
	row_forgive(x);
	if (!fits)
		memset(&own->r, 0, sizeof own->r);
	own->no = fits ? people_next_no(&own->r) : 0;
	return fits;
}

/* ---- young people ---- */

static status
need_people(struct importing *x, struct enrolling *own)
{
	status st;

	if (own->has_people)
		return ST_OK;
	if (x->wish->people == NULL) {
		st = complain(x->l->complaint, PN_U01,
		    "--people is missing: the file that says who is who");
		complain_next(x->l->complaint,
		    "pnet import enrolment %s --people young_people.csv", x->wish->path);
		return trouble_set(&x->l->trouble, st, "no file of people");
	}
	own->has_people = true;
	return read_people(x->l, x->wish->people, &own->people);
}

/* As it would be stored: names in their normal form. */
static struct span
stored_name(struct laptop *l, const char *text)
{
	const struct field *f =
	    schema_field(schema_kind(KIND_YOUNG_PERSON), F_YOUNG_PERSON_GIVEN_NAME);
	struct value v;

	if (schema_value_parse(f, span_text(text), l->arena, &v, NULL) != ST_OK)
		return span_text(text);
	return v.bytes;
}

/* Somebody on the roster with the same names and birth year is the same person: so the
 * file comes a second time. A row of the file has no pid to tell. */
static bool
find_on_roster(struct importing *x, const struct enrolling *own, struct person_row *p)
{
	const struct csv_row *h = &own->people.header;
	struct span given =
	    stored_name(x->l, import_cell(x->l, &p->row, import_column(h, "given_name")));
	struct span family = stored_name(
	    x->l, import_cell(x->l, &p->row, import_column(h, "family_name")));
	unsigned long year =
	    strtoul(import_cell(x->l, &p->row, import_column(h, "birth_year")), NULL, 10);
	const struct roll *roll = &own->r.roll;

	for (size_t i = 0; i < roll->n_rows; i++) {
		bool is_same = p->has_pid
				   ? person_key_of(&p->pid).n == roll->rows[i].person.n
				   : roll->rows[i].birth_year == year &&
					 span_equal(roll->rows[i].given_name, given) &&
					 span_equal(roll->rows[i].family_name, family);

		if (is_same) {
			p->pid = own->r.pids[i];
			p->has_pid = true;
			return true;
		}
	}
	return false;
}

static status
enrol(struct importing *x, struct enrolling *own, const struct csv_row *row,
    struct person_row *p)
{
	struct laptop *l = x->l;
	const struct csv_row *h = &own->people.header;
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
	    .no = own->no++,
	    .joined_day = row_cell(x, row, "joined_day"),
	    .left_day = row_cell(x, row, "left_day"),
	    .has_pid = p->has_pid,
	    .pid = p->pid};
#undef CELL
	status st = attendance_add(x->e, l, &own->r, &n, &p->pid);

	p->has_pid = p->has_pid || st == ST_OK;
	return st;
}

static enum row_result
take_young(struct importing *x, struct enrolling *own, const struct csv_row *row)
{
	struct person_row *p;

	p = find_person_row(&own->people, row_cell(x, row, "who"));
	if (p == NULL)
		return row_bad(x, "the file of people does not know whom it names");
	if (find_on_roster(x, own, p))
		return ROW_TAKEN;
	return row_done(x, enrol(x, own, row, p));
}

/* ---- adults ---- */

static bool
is_on_list(struct laptop *l, const struct rolls *r, const char *code)
{
	for (size_t i = 0; i < r->roll.n_rows; i++) {
		if (strcmp(rolls_row_code(l, r, &r->roll.rows[i]), code) == 0)
			return true;
	}
	return false;
}

static enum row_result
take_adult(struct importing *x, struct enrolling *own, const struct csv_row *row)
{
	const struct participant p = {.code = row_cell(x, row, "who"),
	    .joined_day = row_cell(x, row, "joined_day"),
	    .left_day = row_cell(x, row, "left_day"),
	    .no = own->no};

	if (strcmp(row_cell(x, row, "who_kind"), "young_person") == 0)
		return row_bad(x, "young people are enrolled at youth workshops only");
	if (is_on_list(x->l, &own->r, p.code))
		return ROW_TAKEN;
	own->no++;
	return row_done(x, adults_enrol(x->e, x->l, &own->r, &p));
}

static enum row_result
take_enrolment(struct importing *x, const struct csv_row *row)
{
	struct enrolling *own = x->own;

	if (!enter_activity(x, own, row))
		return ROW_PASSED;
	if (own->r.of_adults)
		return take_adult(x, own, row);
	x->failed = need_people(x, own);
	return x->failed != ST_OK ? ROW_PASSED : take_young(x, own, row);
}

status
import_enrolments(struct laptop *l, const struct import_wish *wish, struct span text,
    struct import_report *out)
{
	struct enrolling *own = arena_zeros(l->arena, 1, sizeof *own);

	if (own == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an import");
	return import_rows(l, wish, NULL, take_enrolment, own, text, out);
}
