/* adults.c - participations as edits. */
#include "client/actions/adults.h"

#include <stdio.h>

status
adults_open(struct laptop *l, const char *activity, struct rolls *out)
{
	struct activity a;
	status st = find_activity(l, activity, &a);

	return st != ST_OK ? st : rolls_attend(l, &a, out);
}

uint32_t
adults_next_no(const struct rolls *r)
{
	uint32_t max = 0;

	for (size_t i = 0; i < r->roll.n_rows; i++)
		max = r->roll.rows[i].no > max ? r->roll.rows[i].no : max;
	return max + 1;
}

/* "DE-T1" may be a member of a country whose staff cannot be read here. */
static bool
is_of_another_country(struct laptop *l, const char *code)
{
	const char *country = arena_text(l->arena, "%.*s", (int)strcspn(code, "-"), code);
	uint16_t space;

	return space_find(l, country, &space) == ST_OK && space != l->self.author.home &&
	       l->self.role != ROLE_OFFICE;
}

static status
find_who(struct laptop *l, const char *code, struct record_id *out)
{
	bool is_known;
	status st = find_code(l, KIND_PERSON, code, 0, out, NULL);

	if (st == ST_NOT_FOUND)
		st = find_code(l, KIND_STAKEHOLDER, code, 0, out, NULL);
	if (st == ST_NOT_FOUND && is_of_another_country(l, code))
		st = form_person(l, code, out, &is_known);
	if (st != ST_NOT_FOUND)
		return st;
	(void)complain(l->complaint, PN_F01,
	    "no staff member and no stakeholder has the code %s here", code);
	complain_next(l->complaint, "pnet staff list");
	return trouble_set(
	    &l->trouble, ST_NOT_FOUND, "nobody has the code %s here", code);
}

static status
refer(struct laptop *l, const struct rolls *r, const struct record_id *who,
    struct record_ref *out)
{
	const struct value named_by[] = {
	    value_bytes(r->activity.name.bytes, sizeof r->activity.name.bytes),
	    value_bytes(who->bytes, sizeof who->bytes)};

	return form_new(
	    l, schema_kind(KIND_PARTICIPATION), r->scope.id, named_by, 2, out);
}

/* What names the participation, and its number, are written once. */
static status
write_head(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct record_ref *ref, const struct record_id *who,
    const struct participant *p)
{
	struct value activity =
	    value_bytes(r->activity.name.bytes, sizeof r->activity.name.bytes);
	struct value person = value_bytes(who->bytes, sizeof who->bytes);
	struct value no = value_int(p->no);
	struct value code = value_text(p->code);
	int64_t rid;
	status st = record_find(l, ref, &rid);

	if (st != ST_OK || rid != 0)
		return st;
	st = edit_set(e, ref, F_PARTICIPATION_ACTIVITY, NULL, &activity);
	if (st == ST_OK)
		st = edit_set(e, ref, F_PARTICIPATION_WHO, NULL, &person);
	if (st == ST_OK)
		st = edit_set(e, ref, F_PARTICIPATION_CODE, NULL, &code);
	return st != ST_OK || p->no == 0
		   ? st
		   : edit_set(e, ref, F_PARTICIPATION_NO, NULL, &no);
}

static status
write_day(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct record_ref *ref, uint16_t field, const char *text)
{
	const struct field *f = schema_field(schema_kind(KIND_PARTICIPATION), field);

	return text == NULL ? ST_OK : form_set(e, l, ref, r->activity.space, f, text);
}

status
adults_enrol(
    struct edit *e, struct laptop *l, const struct rolls *r, const struct participant *p)
{
	struct record_id who;
	struct record_ref ref;
	status st = find_who(l, p->code, &who);

	if (st == ST_OK)
		st = refer(l, r, &who, &ref);
	if (st == ST_OK)
		st = write_head(e, l, r, &ref, &who, p);
	if (st == ST_OK)
		st = write_day(e, l, r, &ref, F_PARTICIPATION_JOINED_DAY, p->joined_day);
	return st != ST_OK ? st
			   : write_day(e, l, r, &ref, F_PARTICIPATION_LEFT_DAY,
				 p->left_day == NULL ? "" : p->left_day);
}

status
adults_unenrol(
    struct edit *e, struct laptop *l, const struct rolls *r, size_t line, uint8_t day_no)
{
	struct person_id pid = rolls_pid(r, line);
	struct value value = value_int(day_no);
	struct record_id who;
	struct record_ref ref;
	status st;

	memcpy(who.bytes, pid.bytes, sizeof who.bytes);
	st = refer(l, r, &who, &ref);
	return st != ST_OK ? st
			   : edit_set(e, &ref, F_PARTICIPATION_LEFT_DAY, NULL, &value);
}
