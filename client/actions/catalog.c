/* catalog.c - the table of shelves, and writing records by wishes. Reading is
 * catalog_read.c. */
#include "client/actions/catalog.h"

#include "base/date.h"

/* ---- the table ---- */

/* clang-format off */
static const struct shelf shelves[] = {
	/* words, kind, parent, via, word, schema, columns */
	{"practice", KIND_PRACTICE, 0, 0, F_PRACTICE_CODE, "pnet.practices/1",
	    "code,title,origin_country,age_min#,age_max#"},
	{"staff", KIND_PERSON, 0, 0, F_PERSON_CODE, "pnet.staff/1",
	    "country,code,given_name,family_name,role,org"},
	{"org", KIND_ORGANISATION, 0, 0, F_ORGANISATION_CODE, "pnet.organisations/1",
	    "country,code,kind,name,place"},
	{"roundtable", KIND_ROUNDTABLE, 0, 0, F_ROUNDTABLE_CODE, "pnet.roundtables/1",
	    "country,code,name,platform,level,host_org"},
	{"roundtable stakeholder", KIND_STAKEHOLDER, F_STAKEHOLDER_ROUNDTABLE, 0,
	    F_STAKEHOLDER_CODE, "pnet.stakeholders/1",
	    "code,sector,function,given_name,family_name,email,engagement"},
	{"roundtable contact", KIND_CONTACT_NOTE, F_CONTACT_NOTE_STAKEHOLDER,
	    F_STAKEHOLDER_ROUNDTABLE, F_CONTACT_NOTE_STAKEHOLDER, "pnet.contacts/1",
	    "no#,on,stakeholder,text"},
	{"activity session", KIND_SESSION, F_SESSION_ACTIVITY, 0, F_SESSION_CODE,
	    "pnet.sessions/1", "code,day_no#,practice,led_by,minutes#,held"},
	{"activity people", KIND_PARTICIPATION, F_PARTICIPATION_ACTIVITY, 0,
	    F_PARTICIPATION_CODE, "pnet.people/1",
	    "no#,code,joined_day#,left_day#"},
	{"activity note", KIND_DAY_NOTE, F_DAY_NOTE_ACTIVITY, 0, F_DAY_NOTE_DAY_NO,
	    "pnet.day_notes/1", "no#,day_no#,text"},
	{"report", KIND_REPORT, 0, 0, F_REPORT_CODE, "pnet.reports/1",
	    "code,activity_code,practice,host_country,language,authors_new,authors_experienced"},
	{"report advocacy", KIND_ADVOCACY, 0, 0, F_ADVOCACY_CODE, "pnet.advocacy/1",
	    "country,code,language,lead_org"},
	{"report minutes", KIND_MINUTES, 0, 0, F_MINUTES_CODE, "pnet.minutes/1",
	    "country,code,activity,language"},
	{"practice decide", KIND_DECISION, F_DECISION_SUBJECT, 0, F_DECISION_KIND,
	    "pnet.decisions/1", "no#,kind,outcome,on,by,reason"},
};
/* clang-format on */

const struct shelf *
catalog_shelf(const char *command)
{
	const struct shelf *found = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < sizeof shelves / sizeof shelves[0]; i++) {
		size_t len = strlen(shelves[i].words);

		if (len > longest && strncmp(command, shelves[i].words, len) == 0 &&
		    (command[len] == ' ' || command[len] == '\0')) {
			found = &shelves[i];
			longest = len;
		}
	}
	return found;
}

const struct kind *
catalog_parent(const struct shelf *s)
{
	const struct field *f = schema_field(schema_kind(s->kind), s->parent);

	if (f != NULL && s->via != 0)
		f = schema_field(schema_kind(f->of), s->via);
	if (f == NULL)
		return NULL;
	/* A decision may be about a practice or a report; this shelf is of practices. */
	return schema_kind(f->of == KIND_NONE ? KIND_PRACTICE : f->of);
}

static bool
is_companion(const struct kind *of, const struct kind *k)
{
	return of->naming == NAMED_AS_OTHER && of->named_by[0] == k->id;
}

const struct field *
catalog_field(const struct kind *k, struct span name, const struct kind **owner)
{
	const struct field *f = schema_column(k, name);

	*owner = k;
	for (size_t i = 0; f == NULL && i < schema_kind_count(); i++) {
		const struct kind *other = schema_kind_at(i);

		if (!is_companion(other, k))
			continue;
		f = schema_column(other, name);
		*owner = other;
	}
	return f;
}

/* ---- where ---- */

static status
scope_of_kind(struct laptop *l, const struct kind *k, const struct place *place,
    struct scope_info *out)
{
	status st = scope_for(l, k->where, place->space,
	    place->has_activity ? &place->activity : NULL, out);

	if (st != ST_NOT_FOUND)
		return st;
	st = complain(l->complaint, PN_P01, "this laptop has no keys for a %s there: %s",
	    k->singular,
	    k->where == WHERE_COORD ? "coordinators of the country have them"
	    : k->where == WHERE_ACTIVITY
		? "the team of the activity and the coordinators have them"
		: "members of the country have them");
	complain_next(l->complaint, "pnet sync    if they were given to you lately");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

/* ---- what ---- */

static const struct wish *
wish_for(const struct field *f, const struct kind *k, const struct wish *wishes, size_t n)
{
	const struct kind *owner;

	for (size_t i = n; i > 0; i--) {
		if (catalog_field(k, span_text(wishes[i - 1].name), &owner) == f)
			return &wishes[i - 1];
	}
	return NULL;
}

static const char *
fields_text(struct laptop *l, const struct kind *k)
{
	const char *out = "";

	for (size_t i = 0; i < schema_kind_count(); i++) {
		const struct kind *of = schema_kind_at(i);

		for (size_t f = 0; (of == k || is_companion(of, k)) && f < of->n_fields;
		     f++)
			out = arena_text(l->arena, "%s%s%s", out,
			    *out == '\0' ? "" : ", ", of->fields[f].name);
	}
	return out;
}

static status
unknown_field(struct laptop *l, const struct kind *k, const char *name)
{
	status st =
	    complain(l->complaint, PN_U01, "a %s has no field '%.40s', it has: %s",
		k->singular, name, fields_text(l, k));

	complain_next(l->complaint, "pnet help");
	return trouble_set(&l->trouble, st, "no field '%.40s'", name);
}

/* The part of a wish that lies with a companion. */
static status
write_companion(struct edit *e, struct laptop *l, const struct kind *k,
    const struct record_ref *of, const struct place *place, const struct field *f,
    const char *text)
{
	struct record_ref ref = {.kind = k->id, .name = of->name};
	struct scope_info scope;
	unsigned role = 1u << (l->self.role - 1);
	status st;

	if (place->is_lenient &&
	    (!schema_may_edit(k, role) ||
		scope_for(l, k->where, place->space, NULL, &scope) != ST_OK))
		return ST_OK;
	st = scope_of_kind(l, k, place, &scope);
	ref.scope = scope.id;
	return st != ST_OK ? st : form_set(e, l, &ref, place->space, f, text);
}

static status
write_wishes(struct edit *e, struct laptop *l, const struct record_ref *ref,
    const struct place *place, const struct wish *wishes, size_t n)
{
	const struct kind *k = schema_kind(ref->kind);
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		const struct kind *owner;
		const struct field *f =
		    catalog_field(k, span_text(wishes[i].name), &owner);

		if (f == NULL || f->type == FIELD_MARKS)
			st = unknown_field(l, k, wishes[i].name);
		else if (owner == k)
			st = form_set(e, l, ref, place->space, f, wishes[i].text);
		else
			st = write_companion(e, l, owner, ref, place, f, wishes[i].text);
	}
	return st;
}

/* ---- what goes without saying ---- */

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), len = strlen(end);

	return n >= len && strcmp(text + n - len, end) == 0;
}

/* NULL if there is nothing to fill in. */
static const char *
filled_in(struct laptop *l, const struct field *f)
{
	char date[DATE_TEXT_BYTES];

	if (f->type == FIELD_CODE && strcmp(f->name, "by") == 0)
		return l->self.member;
	if (f->type == FIELD_CODE && ends_with(f->name, "country") &&
	    l->self.role != ROLE_OFFICE)
		return arena_text(l->arena, "%.4s", l->self.home.text);
	if (f->type != FIELD_DATE || strcmp(f->name, "on") != 0)
		return NULL;
	date_format(l->today, date);
	return arena_text(l->arena, "%s", date);
}

/* `activity_code` beside `activity`: the code is copied for those who cannot read what it
 * means. NULL if the field is no such copy. */
static const char *
copied_code(
    const struct kind *k, const struct field *f, const struct wish *wishes, size_t n)
{
	const struct wish *w = NULL;

	for (size_t i = 0; i < k->n_fields; i++) {
		const struct field *of = &k->fields[i];
		size_t len = strlen(of->name);

		if (of->type == FIELD_REF && strncmp(f->name, of->name, len) == 0 &&
		    strcmp(f->name + len, "_code") == 0)
			w = wish_for(of, k, wishes, n);
	}
	return w == NULL || strlen(w->text) > f->max ? NULL : w->text;
}

/* What a new record takes over from the activity that it is about: a question whose one
 * parameter is the activity. Copied once; who changes it later changes the record. */
#define TEAM_OF(experience)                                                              \
	"SELECT group_concat(code, ';') FROM (SELECT DISTINCT code FROM team WHERE"      \
	" activity = ? AND experience = '" experience "' AND code IS NOT NULL"           \
	" ORDER BY code)"

static const struct copy {
	uint16_t kind, field;
	const char *sql;
} copies[] = {
    {KIND_REPORT, F_REPORT_AUTHORS_NEW, TEAM_OF("new")},
    {KIND_REPORT, F_REPORT_AUTHORS_EXPERIENCED, TEAM_OF("experienced")},
    {KIND_REPORT, F_REPORT_PRACTICE,
	"SELECT p.code FROM activity a JOIN practice p ON p.record = a.practice"
	" WHERE a.record = ?"},
};

static const char *
ask_text(struct laptop *l, const char *sql, const struct record_id *name)
{
	struct query *q = query_of(l->queries, sql);
	const char *out = NULL;

	query_blob(q, name->bytes, sizeof name->bytes);
	if (query_row(q) && !query_column_is_null(q, 0))
		out = arena_text(l->arena, "%s", query_column_text(q, 0));
	(void)query_done(q, NULL);
	return out;
}

/* NULL if nothing is copied there, or the activity is not on this laptop. */
static const char *
copied_of_activity(struct laptop *l, const struct kind *k, const struct field *f,
    const struct wish *wishes, size_t n)
{
	const struct field *of = schema_field_named(k, span_text("activity"));
	const struct wish *w = of == NULL ? NULL : wish_for(of, k, wishes, n);
	struct record_id name;

	for (size_t i = 0; w != NULL && i < sizeof copies / sizeof copies[0]; i++) {
		if (copies[i].kind == k->id && copies[i].field == f->id &&
		    find_code(l, KIND_ACTIVITY, w->text, 0, &name, NULL) == ST_OK)
			return ask_text(l, copies[i].sql, &name);
	}
	return NULL;
}

static status
fill_in(struct edit *e, struct laptop *l, const struct record_ref *ref,
    const struct place *place, const struct wish *wishes, size_t n)
{
	const struct kind *k = schema_kind(ref->kind);
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < k->n_fields; i++) {
		const struct field *f = &k->fields[i];
		const char *text;

		if (wish_for(f, k, wishes, n) != NULL)
			continue;
		text = filled_in(l, f);
		if (text == NULL)
			text = copied_code(k, f, wishes, n);
		if (text == NULL)
			text = copied_of_activity(l, k, f, wishes, n);
		if (text != NULL)
			st = form_set(e, l, ref, place->space, f, text);
	}
	return st;
}

static status
check_required(
    struct laptop *l, const struct kind *k, const struct wish *wishes, size_t n)
{
	for (size_t i = 0; i < k->n_fields; i++) {
		const struct field *f = &k->fields[i];
		const struct wish *w = wish_for(f, k, wishes, n);
		status st;

		if (!f->is_required || (w != NULL && *w->text != '\0') ||
		    filled_in(l, f) != NULL)
			continue;
		st = complain(
		    l->complaint, PN_U01, "a %s needs its %s", k->singular, f->name);
		complain_next(
		    l->complaint, "the same command with  --set %s=VALUE", f->name);
		return trouble_set(&l->trouble, st, "its %s is missing", f->name);
	}
	return ST_OK;
}

/* ---- new and changed ---- */

/* The values that a kind is named by, in their order. */
static status
named_by(struct laptop *l, const struct kind *k, const struct record_id *owner,
    const struct wish *wishes, size_t n, struct value *out, size_t *n_out)
{
	status st = ST_OK;

	*n_out = 0;
	if (k->naming == NAMED_AS_OTHER && owner != NULL)
		out[(*n_out)++] = value_bytes(owner->bytes, sizeof owner->bytes);
	for (size_t i = 0; k->naming == NAMED_BY_HASH && st == ST_OK &&
			   i < SCHEMA_NAMED_BY_MAX && k->named_by[i] != 0;
	     i++) {
		const struct field *f = schema_field(k, k->named_by[i]);
		const struct wish *w = wish_for(f, k, wishes, n);
		const char *text = w != NULL ? w->text : filled_in(l, f);

		st = form_value(l, 0, f, text == NULL ? "" : text, &out[(*n_out)++]);
	}
	return st;
}

status
catalog_new(struct edit *e, struct laptop *l, const struct kind *k,
    const struct place *place, const struct record_id *owner, const struct wish *wishes,
    size_t n, struct record_ref *out)
{
	struct value values[SCHEMA_NAMED_BY_MAX];
	struct scope_info scope;
	size_t n_values = 0;
	status st = check_required(l, k, wishes, n);

	if (st == ST_OK)
		st = scope_of_kind(l, k, place, &scope);
	if (st == ST_OK)
		st = named_by(l, k, owner, wishes, n, values, &n_values);
	if (st == ST_OK)
		st = form_new(l, k, scope.id, values, n_values, out);
	if (st == ST_OK && k->naming == NAMED_RANDOM && owner != NULL)
		out->name = *owner;
	if (st == ST_OK)
		st = write_wishes(e, l, out, place, wishes, n);
	return st != ST_OK ? st : fill_in(e, l, out, place, wishes, n);
}

status
catalog_change(struct edit *e, struct laptop *l, const struct record_ref *ref,
    const struct wish *wishes, size_t n)
{
	struct scope_info scope;
	struct place place = {0};
	status st = scope_by_id(l, ref->scope, &scope);

	place.space = scope.space;
	return st != ST_OK ? st : write_wishes(e, l, ref, &place, wishes, n);
}
