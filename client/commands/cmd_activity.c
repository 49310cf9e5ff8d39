/* cmd_activity.c - pnet activity new|list|show|edit|day|team, and pnet workshop. */
#include <stdlib.h>

#include "base/date.h"
#include "client/actions/planning.h"
#include "client/actions/rolls.h"
#include "client/actions/totals.h"
#include "client/commands/commands.h"

enum { GUEST_DAYS = 28 }; /* a guest's access after the last day, unless said otherwise */

static status
pick_space(struct laptop *l, struct call *c, uint16_t *space)
{
	const char *country = call_option(c, "country");
	status st = ST_OK;

	*space = l->self.author.home;
	if (country != NULL)
		st = space_find(l, country, space);
	return st;
}

status
cmd_activity_new(struct call *c)
{
	struct new_activity n = {.code = c->args[0],
	    .type = call_option(c, "type"),
	    .title = call_option(c, "title"),
	    .org = call_option(c, "org"),
	    .practice = call_option(c, "practice"),
	    .roundtable = call_option(c, "roundtable"),
	    .about = call_option(c, "about"),
	    .start = call_option(c, "start")};
	struct record_id name;
	struct laptop *l = NULL;
	struct edit *e = NULL;
	status st = command_open(c, &l);

	if (n.type == NULL)
		n.type = "youth_workshop";
	if (st == ST_OK && n.start == NULL) {
		st = complain(c->complaint, PN_U01, "--start is missing: the first day");
		complain_next(
		    c->complaint, "pnet activity new %s --start 2027-04-12", n.code);
	}
	if (st == ST_OK)
		st = pick_space(l, c, &n.space);
	if (st == ST_OK && find_code(l, KIND_ACTIVITY, n.code, 0, &name, NULL) == ST_OK)
		st = complain(
		    c->complaint, PN_V03, "there is an activity %s already", n.code);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK) {
		st = planning_new(e, l, &n, &name);
		if (st == ST_OK)
			st = edit_commit(e, NULL);
		else
			edit_abandon(e);
	}
	if (st == ST_OK)
		st = command_saved(c, l, "%s planned from %s, %u days", n.code, n.start,
		    figures_days_planned((enum activity_type)vocabulary_find(
			VOC_ACTIVITY_TYPE, span_text(n.type))));
	return command_close(l, st);
}

static status
list_activities(struct call *c, enum activity_type type)
{
	struct laptop *l = NULL;
	struct activity *all;
	struct listing *out;
	size_t n = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = find_activities(l, type, &all, &n);
	if (st != ST_OK)
		return command_close(l, st);
	out =
	    listing_new("pnet.activities/1", "code,type,start,state,practice,org,title");
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		const struct activity *a = &all[i];
		char date[DATE_TEXT_BYTES] = "";
		enum activity_state state;

		st = totals_state(l, a, &state);
		if (a->has_start)
			date_format(a->start, date);
		listing_row(out);
		listing_cell(out, a->code);
		listing_cell(out, vocabulary_word(VOC_ACTIVITY_TYPE, a->type));
		listing_cell(out, date);
		listing_cell(out, figures_state_name(state));
		listing_cell(out, find_code_of(l, KIND_PRACTICE, &a->practice));
		listing_cell(out, find_code_of(l, KIND_ORGANISATION, &a->org));
		listing_cell(out, a->title);
	}
	if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return command_close(l, st);
}

status
cmd_activity_list(struct call *c)
{
	const char *type = call_option(c, "type");
	unsigned number =
	    type == NULL ? 0 : vocabulary_find(VOC_ACTIVITY_TYPE, span_text(type));

	if (type != NULL && number == 0)
		return complain(c->complaint, PN_U01, "there is no type %s", type);
	return list_activities(c, (enum activity_type)number);
}

status
cmd_workshop_list(struct call *c)
{
	return list_activities(c, YOUTH_WORKSHOP);
}

/* ---- show ---- */

static struct query *
by_activity(struct laptop *l, const char *sql, const struct activity *a)
{
	struct query *q = query_of(l->queries, sql);

	query_blob(q, a->name.bytes, sizeof a->name.bytes);
	return q;
}

static const char days_sql[] =
    "SELECT day_no, date, held, reason_not_held, topic, headcount FROM activity_day"
    " WHERE activity = ? ORDER BY day_no";
static const char days_columns[] = "day#,date,held,reason,topic,headcount#";

static status
list_days(struct call *c, struct laptop *l, const struct activity *a)
{
	return command_rows(
	    c, l, "pnet.days/1", days_columns, by_activity(l, days_sql, a));
}

static const char team_sql[] =
    "SELECT t.code, coalesce(t.name, p.given_name || ' ' || p.family_name),"
    " t.function, t.experience, t.home_country FROM team t LEFT JOIN person p"
    " ON p.record = t.person WHERE t.activity = ? ORDER BY t.code";
static const char team_columns[] = "member,name,function,experience,country";

static status
list_team(struct call *c, struct laptop *l, const struct activity *a)
{
	return command_rows(
	    c, l, "pnet.team/1", team_columns, by_activity(l, team_sql, a));
}

static void
add_head(struct laptop *l, const struct activity *a, enum activity_state state,
    struct listing_part *out)
{
	char date[DATE_TEXT_BYTES] = "";
	struct country country;

	if (a->has_start)
		date_format(a->start, date);
	(void)find_country(l, a->space, &country);
	*out = (struct listing_part){"activity",
	    listing_new("pnet.activity/1",
		"code,title,type,state,start,country,practice,org,cancelled?"),
	    true};
	listing_row(out->listing);
	listing_cell(out->listing, a->code);
	listing_cell(out->listing, a->title);
	listing_cell(out->listing, vocabulary_word(VOC_ACTIVITY_TYPE, a->type));
	listing_cell(out->listing, figures_state_name(state));
	listing_cell(out->listing, date);
	listing_cell(out->listing, country.code);
	listing_cell(out->listing, find_code_of(l, KIND_PRACTICE, &a->practice));
	listing_cell(out->listing, find_code_of(l, KIND_ORGANISATION, &a->org));
	listing_cell(out->listing, a->is_cancelled ? "yes" : "no");
}

/* What hangs on an activity, each a table of its own. */
static const struct {
	const char *name, *columns, *sql;
} attached[] = {
    {"days", days_columns, days_sql},
    {"team", team_columns, team_sql},
    {"sessions", "session,day#,practice,led_by,minutes#,held",
	"SELECT s.code, s.day_no, p.code, s.led_by, s.minutes, s.held FROM session s"
	" LEFT JOIN practice p ON p.record = s.practice WHERE s.activity = ?"
	" ORDER BY s.day_no, s.code, s.record"},
    {"people", "participant,joined_day#,left_day#",
	"SELECT code, joined_day, left_day FROM participation WHERE activity = ?"
	" ORDER BY no, record"},
};

enum { N_ATTACHED = sizeof attached / sizeof attached[0] };

static status
show_parts(
    struct call *c, struct laptop *l, const struct activity *a, enum activity_state state)
{
	const struct record_ref ref = {
	    .kind = KIND_ACTIVITY, .name = a->name, .scope = a->home};
	struct listing_part parts[2 + N_ATTACHED] = {{0}};
	status st;

	add_head(l, a, state, &parts[0]);
	parts[1].name = "fields";
	st = command_facts(c, l, &ref, &parts[1].listing);
	for (size_t i = 0; st == ST_OK && i < N_ATTACHED; i++) {
		struct query *q = by_activity(l, attached[i].sql, a);

		parts[2 + i].name = attached[i].name;
		st = command_fetch(
		    l, "pnet.activity/1", attached[i].columns, q, &parts[2 + i].listing);
	}
	if (st == ST_OK)
		listing_print_parts("pnet.activity/1", parts, 2 + N_ATTACHED,
		    c->global.style, c->global.show_header, stdout);
	else
		for (size_t i = 0; i < 2 + N_ATTACHED; i++)
			listing_free(parts[i].listing);
	return st;
}

status
cmd_activity_show(struct call *c)
{
	struct laptop *l = NULL;
	struct activity a;
	enum activity_state state;
	bool is_rows = c->global.style == STYLE_PLAIN || c->global.style == STYLE_CSV;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = find_activity(l, c->args[0], &a);
	if (st == ST_OK)
		st = totals_state(l, &a, &state);
	if (st == ST_OK) /* one table, for programs that read lines: the days */
		st = is_rows ? list_days(c, l, &a) : show_parts(c, l, &a, state);
	return command_close(l, st);
}

status
cmd_activity_edit(struct call *c)
{
	const struct kind *k = schema_kind(KIND_ACTIVITY);
	struct laptop *l = NULL;
	struct activity a;
	struct edit *e = NULL;
	struct record_ref ref = {.kind = KIND_ACTIVITY};
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = find_activity(l, c->args[0], &a);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	for (size_t i = 0; st == ST_OK && i < c->n_options; i++) {
		const char *pair = c->options[i].value;
		size_t len = strcspn(pair, "=");
		const struct field *f = schema_column(k, span_of(pair, len));

		if (strcmp(c->options[i].name, "set") != 0)
			continue;
		ref.name = a.name;
		ref.scope = a.home;
		st = f == NULL || pair[len] != '='
			 ? complain(c->complaint, PN_U01, "no field '%.40s'", pair)
			 : form_set(e, l, &ref, a.space, f, pair + len + 1);
	}
	if (st == ST_OK)
		st = edit_commit(e, NULL);
	else
		edit_abandon(e);
	if (st == ST_OK)
		st = command_saved(c, l, "%s changed", a.code);
	return command_close(l, st);
}

/* Marks stay where they are, but a day that was not held counts none of them. */
static status
warn_of_marks(struct call *c, struct laptop *l, const struct activity *a, uint8_t day_no)
{
	struct query *q = query_of(l->queries,
	    "SELECT count(*) FROM sheet_marks m JOIN sheet s USING (rid)"
	    " WHERE s.activity = ? AND s.day_no = ? AND m.value <> ''");
	long long n;

	query_blob(q, a->name.bytes, sizeof a->name.bytes);
	query_int(q, day_no);
	n = query_row(q) ? (long long)query_column_int(q, 0) : 0;
	if (n > 0 && !c->global.is_quiet)
		fprintf(stderr,
		    "[!!] day %u has %lld mark%s: not counted while it is not held "
		    "(V17): "
		    "pnet findings %s\n",
		    day_no, n, n == 1 ? "" : "s", a->code);
	return query_done(q, &l->trouble);
}

status
cmd_activity_day(struct call *c)
{
	const struct day_change d = {.date = call_option(c, "date"),
	    .held = call_option(c, "held"),
	    .reason = call_option(c, "reason"),
	    .topic = call_option(c, "topic"),
	    .headcount = call_option(c, "headcount")};
	struct laptop *l = NULL;
	struct activity a;
	struct edit *e = NULL;
	uint8_t day_no = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = find_activity(l, c->args[0], &a);
	if (st == ST_OK)
		st = find_day(l, &a, c->args[1], &day_no);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK) {
		st = planning_day(e, l, &a.name, a.home, a.space, day_no, &d);
		if (st == ST_OK)
			st = edit_commit(e, NULL);
		else
			edit_abandon(e);
	}
	if (st == ST_OK && d.held != NULL && strcmp(d.held, "no") == 0)
		st = warn_of_marks(c, l, &a, day_no);
	if (st == ST_OK)
		st = command_saved(c, l, "%s day %u changed", a.code, day_no);
	return command_close(l, st);
}

static status
add_member(struct call *c, struct laptop *l, const struct activity *a)
{
	const char *until = call_option(c, "until");
	struct new_member m = {.member = c->args[2],
	    .name = call_option(c, "name"),
	    .function = call_option(c, "function"),
	    .grants = true};
	struct edit *e = NULL;
	char until_text[DATE_TEXT_BYTES];
	status st;

	if (call_has(c, "experienced"))
		m.experience = "experienced";
	else if (call_has(c, "new"))
		m.experience = "new";
	if (m.function == NULL)
		m.function = "facilitator";
	m.until = a->start + figures_days_planned(a->type) - 1 + GUEST_DAYS;
	if (until != NULL && !date_parse(span_text(until), &m.until))
		return complain(c->complaint, PN_V03, "--until wants YYYY-MM-DD");
	st = edit_begin(l, &e);
	if (st != ST_OK)
		return st;
	st = planning_team(e, l, a, &m);
	if (st != ST_OK) {
		edit_abandon(e);
		return st;
	}
	st = edit_commit(e, NULL);
	if (st != ST_OK)
		return st;
	if (a->type == YOUTH_WORKSHOP && planning_is_guest(l, a, m.member)) {
		date_format(m.until, until_text);
		return command_saved(c, l,
		    "%s is on the team of %s; access comes with the next sync and ends "
		    "after %s (--until)",
		    m.member, a->code, until_text);
	}
	return command_saved(c, l,
	    "%s is on the team of %s; access comes with the next sync", m.member,
	    a->code);
}

static status
remove_member(struct call *c, struct laptop *l, const struct activity *a)
{
	struct edit *e = NULL;
	status st = edit_begin(l, &e);

	if (st != ST_OK)
		return st;
	st = command_commit(c, e, planning_leave(e, l, a, c->args[2]));
	if (st != ST_OK || c->global.is_dry_run)
		return st;
	return command_saved(c, l,
	    a->type == YOUTH_WORKSHOP
		? "%s leaves the team of %s; the keys change with the next sync"
		: "%s leaves the team of %s",
	    c->args[2], a->code);
}

status
cmd_activity_team(struct call *c)
{
	struct laptop *l = NULL;
	struct activity a;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = find_activity(l, c->args[0], &a);
	if (st == ST_OK && c->n_args == 1)
		st = list_team(c, l, &a);
	else if (st == ST_OK && c->n_args == 3 && strcmp(c->args[1], "add") == 0)
		st = add_member(c, l, &a);
	else if (st == ST_OK && c->n_args == 3 && strcmp(c->args[1], "remove") == 0)
		st = remove_member(c, l, &a);
	else if (st == ST_OK) {
		st = complain(c->complaint, PN_U01,
		    "only 'add MEMBER' and 'remove MEMBER' are known here");
		complain_next(c->complaint, "pnet activity team %s add MEMBER", a.code);
	}
	return command_close(l, st);
}
