/* planning.c - activities, days and teams as edits and intents. */
#include "client/actions/planning.h"

#include <stdio.h>

#include "base/date.h"
#include "client/sync/intents.h"

static status
set_text(struct edit *e, struct laptop *l, const struct record_ref *ref, uint16_t space,
    uint16_t field, const char *text)
{
	if (text == NULL || *text == '\0')
		return ST_OK;
	return form_set(
	    e, l, ref, space, schema_field(schema_kind(ref->kind), field), text);
}

/* The scope with the keys of a workshop's young people. */
static status
found_scope(struct laptop *l, uint16_t space, const struct record_id *activity)
{
	struct scope_name name = scope_of(SCOPE_ACTIVITY, activity);
	int64_t id;
	status st = logs_new_scope(l, space, &name, &id);

	return st != ST_OK ? st : intent_scope(l, space, id);
}

static status
add_days(struct edit *e, struct laptop *l, const struct new_activity *n,
    const struct record_id *activity, int64_t home)
{
	unsigned type = vocabulary_find(VOC_ACTIVITY_TYPE, span_text(n->type));
	unsigned planned = figures_days_planned((enum activity_type)type);
	uint32_t start = 0;
	bool has_start = n->start != NULL && date_parse(span_text(n->start), &start);
	status st = ST_OK;

	for (unsigned day = 1; st == ST_OK && has_start && day <= planned; day++) {
		char date[DATE_TEXT_BYTES];
		struct day_change d = {.date = date};

		date_format(start + day - 1, date);
		st = planning_day(e, l, activity, home, n->space, (uint8_t)day, &d);
	}
	return st;
}

/* The central office plans the summer school, for every country; all else belongs to one
 * country, and the young people of a workshop have keys of their own, which only its
 * coordinator may found. */
static status
check_planner(struct laptop *l, const struct new_activity *n)
{
	bool is_for_all = strcmp(n->type, "summer_school") == 0;
	const char *who = "a coordinator of its country";
	status st;

	if (is_for_all ? n->space == 0
		       : n->space != 0 && l->self.role == ROLE_COORDINATOR)
		return ST_OK;
	if (is_for_all)
		who = "the central office, for every country";
	st = complain(l->complaint, PN_P01, "a %s is planned by %s", n->type, who);
	complain_next(l->complaint, "pnet member list    to see who that is");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

status
planning_new(
    struct edit *e, struct laptop *l, const struct new_activity *n, struct record_id *out)
{
	const struct kind *k = schema_kind(KIND_ACTIVITY);
	const struct {
		uint16_t field;
		const char *text;
	} texts[] = {
	    {F_ACTIVITY_CODE, n->code},
	    {F_ACTIVITY_TYPE, n->type},
	    {F_ACTIVITY_ORG, n->org},
	    {F_ACTIVITY_PRACTICE, n->practice},
	    {F_ACTIVITY_ROUNDTABLE, n->roundtable},
	    {F_ACTIVITY_ABOUT, n->about},
	    {F_ACTIVITY_TITLE, n->title},
	    {F_ACTIVITY_START, n->start},
	    {F_ACTIVITY_CANCELLED, n->is_cancelled ? "yes" : NULL},
	};
	struct scope_info home;
	struct record_ref ref;
	bool is_workshop = strcmp(n->type, "youth_workshop") == 0;
	status st;

	st = check_planner(l, n);
	if (st != ST_OK)
		return st;
	st =
	    scope_for(l, n->space == 0 ? WHERE_ALL : WHERE_OFFICE, n->space, NULL, &home);
	if (st == ST_NOT_FOUND) {
		(void)complain(l->complaint, PN_P01,
		    "the keys of the country's activities are not here yet");
		complain_next(l->complaint, "pnet sync");
	}
	if (st == ST_OK)
		st = form_new(l, k, home.id, NULL, 0, &ref);
	for (size_t i = 0; st == ST_OK && i < sizeof texts / sizeof texts[0]; i++)
		st = set_text(e, l, &ref, n->space, texts[i].field, texts[i].text);
	if (st == ST_OK)
		st = add_days(e, l, n, &ref.name, home.id);
	if (st == ST_OK && is_workshop)
		st = found_scope(l, n->space, &ref.name);
	*out = ref.name;
	return st;
}

status
planning_day(struct edit *e, struct laptop *l, const struct record_id *activity,
    int64_t home_scope, uint16_t space, uint8_t day_no, const struct day_change *d)
{
	const struct value named_by[] = {
	    value_bytes(activity->bytes, sizeof activity->bytes), value_int(day_no)};
	const struct {
		uint16_t field;
		const char *text;
	} texts[] = {
	    {F_ACTIVITY_DAY_DATE, d->date},
	    {F_ACTIVITY_DAY_HELD, d->held},
	    {F_ACTIVITY_DAY_REASON_NOT_HELD, d->reason},
	    {F_ACTIVITY_DAY_TOPIC, d->topic},
	    {F_ACTIVITY_DAY_HEADCOUNT, d->headcount},
	};
	struct record_ref ref;
	status st =
	    form_new(l, schema_kind(KIND_ACTIVITY_DAY), home_scope, named_by, 2, &ref);

	if (st == ST_OK)
		st = edit_set(e, &ref, F_ACTIVITY_DAY_ACTIVITY, NULL, &named_by[0]);
	if (st == ST_OK)
		st = edit_set(e, &ref, F_ACTIVITY_DAY_DAY_NO, NULL, &named_by[1]);
	for (size_t i = 0; st == ST_OK && i < sizeof texts / sizeof texts[0]; i++)
		st = set_text(e, l, &ref, space, texts[i].field, texts[i].text);
	return st;
}

/* "DE-T3" -> "DE": the country that the code names, if it is not the activity's. */
static bool
foreign_country(struct laptop *l, const char *member, uint16_t space, char out[static 5])
{
	uint16_t home;

	(void)snprintf(out, 5, "%.*s", (int)strcspn(member, "-"), member);
	return space_find(l, out, &home) == ST_OK && home != space;
}

/* His own laptops get the keys of the workshop: always for the country's trainers, for a
 * guest when the access has an end. */
static status
grant(struct laptop *l, const struct activity *a, const struct new_member *m,
    bool is_foreign)
{
	if (a->type != YOUTH_WORKSHOP || !m->grants || (is_foreign && m->until == 0))
		return ST_OK;
	return intent_grant(l, a->space, m->member, &a->name, is_foreign ? m->until : 0);
}

status
planning_team(struct edit *e, struct laptop *l, const struct activity *a,
    const struct new_member *m)
{
	struct record_id person;
	char country[5];
	bool is_known;
	bool is_foreign = foreign_country(l, m->member, a->space, country);
	struct value named_by[2] = {value_bytes(a->name.bytes, sizeof a->name.bytes)};
	const struct {
		uint16_t field;
		const char *text;
	} texts[] = {
	    {F_TEAM_CODE, m->member},
	    {F_TEAM_FUNCTION, m->function},
	    {F_TEAM_EXPERIENCE, m->experience},
	    {F_TEAM_HOME_COUNTRY, is_foreign ? country : NULL},
	    {F_TEAM_NAME, m->name},
	};
	struct record_ref ref;
	status st = form_person(l, m->member, &person, &is_known);

	named_by[1] = value_bytes(person.bytes, sizeof person.bytes);
	if (st == ST_OK)
		st = form_new(l, schema_kind(KIND_TEAM), a->home, named_by, 2, &ref);
	if (st == ST_OK)
		st = edit_set(e, &ref, F_TEAM_ACTIVITY, NULL, &named_by[0]);
	if (st == ST_OK)
		st = edit_set(e, &ref, F_TEAM_PERSON, NULL, &named_by[1]);
	for (size_t i = 0; st == ST_OK && i < sizeof texts / sizeof texts[0]; i++)
		st = set_text(e, l, &ref, a->space, texts[i].field, texts[i].text);
	if (st != ST_OK)
		return st;
	edit_stands(e, KIND_TEAM); /* keys once given are not taken back by undo */
	return grant(l, a, m, is_foreign);
}

enum { TEAM_ROWS_MAX = 16 };

/* Entries of one person on a team may be several, made on several laptops. */
static status
clear_rows(struct edit *e, struct laptop *l, const struct activity *a, const char *member,
    size_t *n)
{
	const struct value nothing = {.type = VALUE_EMPTY};
	struct query *q = query_of(l->queries,
	    "SELECT r.name, r.scope FROM team t JOIN r_record r ON r.id = t.rid"
	    " WHERE t.activity = ? AND t.code = ?");
	struct record_ref refs[TEAM_ROWS_MAX];
	status st;

	*n = 0;
	query_blob(q, a->name.bytes, sizeof a->name.bytes);
	query_text(q, member);
	while (*n < TEAM_ROWS_MAX && query_row(q)) {
		refs[*n] = (struct record_ref){
		    .kind = KIND_TEAM, .scope = query_column_int(q, 1)};
		query_column_copy(
		    q, 0, refs[(*n)++].name.bytes, sizeof(struct record_id));
	}
	st = query_done(q, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < *n; i++)
		st = edit_set(e, &refs[i], F_TEAM_ACTIVITY, NULL, &nothing);
	return st;
}

status
planning_leave(
    struct edit *e, struct laptop *l, const struct activity *a, const char *member)
{
	size_t n;
	status st = clear_rows(e, l, a, member, &n);

	if (st == ST_OK && n == 0) {
		st = complain(
		    l->complaint, PN_F01, "%s is not on the team of %s", member, a->code);
		complain_next(l->complaint, "pnet activity team %s", a->code);
		return trouble_set(&l->trouble, st, "not on the team");
	}
	edit_stands(e, KIND_TEAM); /* keys once taken away are given by `add` again */
	if (st != ST_OK || a->type != YOUTH_WORKSHOP)
		return st;
	return intent_leave(l, a->space, member, &a->name);
}

bool
planning_is_guest(struct laptop *l, const struct activity *a, const char *member)
{
	char country[5];

	return foreign_country(l, member, a->space, country);
}
