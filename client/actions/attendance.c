/* attendance.c - roster entries, marks and notes as edits. */
#include "client/actions/attendance.h"

#include <stdio.h>

#include "base/young_code.h"

static struct value
activity_of(const struct rolls *r)
{
	return value_bytes(r->activity.name.bytes, sizeof r->activity.name.bytes);
}

static status
of_person(struct laptop *l, const struct rolls *r, uint16_t kind,
    const struct person_id *pid, struct record_ref *out)
{
	const struct value named_by[] = {
	    activity_of(r), value_bytes(pid->bytes, sizeof pid->bytes)};
	status st = form_new(l, schema_kind(kind), r->scope.id, named_by, 2, out);

	out->has_person = true;
	out->person = *pid;
	return st;
}

status
attendance_young(struct laptop *l, const struct rolls *r, const struct person_id *pid,
    struct record_ref *out)
{
	return of_person(l, r, KIND_YOUNG_PERSON, pid, out);
}

status
attendance_enrolment(struct laptop *l, const struct rolls *r, const struct person_id *pid,
    struct record_ref *out)
{
	return of_person(l, r, KIND_ENROLMENT, pid, out);
}

static status
write_young(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct record_ref *ref, const struct newcomer *n)
{
	const struct {
		uint16_t field;
		const char *text;
	} texts[] = {
	    {F_YOUNG_PERSON_GIVEN_NAME, n->given_name},
	    {F_YOUNG_PERSON_FAMILY_NAME, n->family_name},
	    {F_YOUNG_PERSON_BIRTH_YEAR, n->birth_year},
	    {F_YOUNG_PERSON_GENDER, n->gender},
	    {F_YOUNG_PERSON_CONSENT, n->consent},
	    {F_YOUNG_PERSON_CONSENT_BY, n->consent_by},
	    {F_YOUNG_PERSON_CONSENT_ON, n->consent_on},
	    {F_YOUNG_PERSON_FORM_NO, n->form_no},
	    {F_YOUNG_PERSON_PHOTO_CONSENT, n->photo_consent},
	    {F_YOUNG_PERSON_GUARDIAN_CONTACT, n->guardian_contact},
	    {F_YOUNG_PERSON_NEEDS, n->needs},
	    {F_YOUNG_PERSON_ORG, n->org},
	};
	const struct kind *k = schema_kind(KIND_YOUNG_PERSON);
	struct value activity = activity_of(r);
	struct value pid = value_bytes(ref->person.bytes, sizeof ref->person.bytes);
	status st = edit_set(e, ref, F_YOUNG_PERSON_ACTIVITY, NULL, &activity);

	if (st == ST_OK)
		st = edit_set(e, ref, F_YOUNG_PERSON_PID, NULL, &pid);
	for (size_t i = 0; st == ST_OK && i < sizeof texts / sizeof texts[0]; i++) {
		if (texts[i].text != NULL && texts[i].text[0] != '\0')
			st = form_set(e, l, ref, r->activity.space,
			    schema_field(k, texts[i].field), texts[i].text);
	}
	return st;
}

static status
write_enrolment(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct record_ref *ref, const struct newcomer *n)
{
	const struct kind *k = schema_kind(KIND_ENROLMENT);
	struct value activity = activity_of(r);
	struct value pid = value_bytes(ref->person.bytes, sizeof ref->person.bytes);
	struct value no = value_int(n->no);
	status st = edit_set(e, ref, F_ENROLMENT_ACTIVITY, NULL, &activity);

	if (st == ST_OK)
		st = edit_set(e, ref, F_ENROLMENT_PID, NULL, &pid);
	if (st == ST_OK && n->no > 0)
		st = edit_set(e, ref, F_ENROLMENT_NO, NULL, &no);
	if (st == ST_OK && n->joined_day != NULL && n->joined_day[0] != '\0')
		st = form_set(e, l, ref, r->activity.space,
		    schema_field(k, F_ENROLMENT_JOINED_DAY), n->joined_day);
	if (st == ST_OK && n->left_day != NULL && n->left_day[0] != '\0')
		st = form_set(e, l, ref, r->activity.space,
		    schema_field(k, F_ENROLMENT_LEFT_DAY), n->left_day);
	return st;
}

/* A fresh pid: one whose short form clashes with nobody here (SECURITY 9.1). */
static status
draw_pid(struct laptop *l, struct person_id *out)
{
	bool clashes = true;

	while (clashes) {
		struct query *q =
		    query_of(l->queries, "SELECT 1 FROM r_record WHERE person = ?");
		status st;

		*out = young_draw(&l->rng);
		query_blob(q, out->bytes, 8);
		clashes = query_row(q);
		st = query_done(q, &l->trouble);
		if (st != ST_OK)
			return st;
	}
	return ST_OK;
}

status
attendance_add(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct newcomer *n, struct person_id *pid_out)
{
	struct person_id pid = n->pid;
	struct record_ref young, enrolment;
	status st = n->has_pid ? ST_OK : draw_pid(l, &pid);

	if (st == ST_OK)
		st = attendance_young(l, r, &pid, &young);
	if (st == ST_OK)
		st = attendance_enrolment(l, r, &pid, &enrolment);
	if (st == ST_OK)
		st = write_young(e, l, r, &young, n);
	if (st == ST_OK)
		st = write_enrolment(e, l, r, &enrolment, n);
	if (pid_out != NULL)
		*pid_out = pid;
	return st;
}

status
attendance_sheet(struct laptop *l, const struct rolls *r, uint16_t kind, uint8_t day_no,
    struct record_ref *out)
{
	const struct value named_by[] = {activity_of(r), value_int(day_no)};

	return form_new(l, schema_kind(kind), r->scope.id, named_by, 2, out);
}

_Static_assert((int)F_SHEET_ACTIVITY == (int)F_ADULT_SHEET_ACTIVITY &&
		   (int)F_SHEET_DAY_NO == (int)F_ADULT_SHEET_DAY_NO &&
		   (int)F_SHEET_MARKS == (int)F_ADULT_SHEET_MARKS,
    "sheets of adults have the fields of sheets");

/* Is the day's sheet in the tables, or about to be? One whose first marks were undone is
 * not, although its record is known. */
static status
is_named(struct laptop *l, int64_t rid, bool *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM sheet WHERE rid = ?1 UNION ALL SELECT 1 FROM adult_sheet WHERE"
	    " rid = ?1 UNION ALL SELECT 1 FROM r_dirty WHERE record = ?1 AND field = ?2");

	query_int(q, rid);
	query_int(q, F_SHEET_DAY_NO);
	*out = query_row(q);
	return query_done(q, &l->trouble);
}

/* The fields that name a sheet are written with its first mark. */
static status
name_sheet(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct record_ref *sheet, uint8_t day_no)
{
	struct value activity = activity_of(r);
	struct value day = value_int(day_no);
	bool is_there = false;
	int64_t rid;
	status st = record_find(l, sheet, &rid);

	if (st == ST_OK && rid != 0)
		st = is_named(l, rid, &is_there);
	if (st != ST_OK || is_there)
		return st;
	st = edit_set(e, sheet, F_SHEET_ACTIVITY, NULL, &activity);
	return st != ST_OK ? st : edit_set(e, sheet, F_SHEET_DAY_NO, NULL, &day);
}

status
attendance_mark(struct edit *e, struct laptop *l, const struct rolls *r, uint8_t day_no,
    const struct person_id *pid, enum mark mark)
{
	struct record_ref sheet;
	struct value value = value_int(mark);
	uint64_t key = person_key_of(pid).n;
	status st = attendance_sheet(
	    l, r, r->of_adults ? KIND_ADULT_SHEET : KIND_SHEET, day_no, &sheet);

	/* Clearing what is not there makes no sheet. */
	if (st == ST_OK && mark != MARK_NONE)
		st = name_sheet(e, l, r, &sheet, day_no);
	if (mark == MARK_NONE)
		value = (struct value){.type = VALUE_EMPTY};
	return st != ST_OK ? st : edit_set(e, &sheet, F_SHEET_MARKS, &key, &value);
}

status
attendance_note(struct edit *e, struct laptop *l, const struct rolls *r, uint8_t day_no,
    const struct person_id *pid, const char *text)
{
	const struct value named_by[] = {activity_of(r),
	    value_bytes(pid->bytes, sizeof pid->bytes), value_int(day_no)};
	const struct kind *k = schema_kind(KIND_NOTE);
	struct record_ref ref;
	status st = form_new(l, k, r->scope.id, named_by, 3, &ref);

	ref.has_person = true;
	ref.person = *pid;
	if (st == ST_OK)
		st = edit_set(e, &ref, F_NOTE_ACTIVITY, NULL, &named_by[0]);
	if (st == ST_OK)
		st = edit_set(e, &ref, F_NOTE_PID, NULL, &named_by[1]);
	if (st == ST_OK)
		st = edit_set(e, &ref, F_NOTE_DAY_NO, NULL, &named_by[2]);
	return st != ST_OK ? st
			   : form_set(e, l, &ref, r->activity.space,
				 schema_field(k, F_NOTE_TEXT), text);
}
