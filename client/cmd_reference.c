/* cmd_reference.c - practice, staff and org: list, new, edit. One way for all three,
 * driven by the schema. */
#include <stdlib.h>

#include "client/actions/form.h"
#include "client/commands.h"
#include "client/typed.h"

/* "title=Street art" -> field and text. */
static status
set_pair(struct edit *e, struct laptop *l, const struct kind *k,
    const struct record_ref *ref, uint16_t space, const char *pair)
{
	size_t len = strcspn(pair, "=");
	const struct field *f = schema_column(k, span_of(pair, len));

	if (pair[len] != '=' || f == NULL) {
		(void)complain(
		    l->complaint, PN_U01, "--set wants FIELD=VALUE, not '%.60s'", pair);
		complain_next(l->complaint, "pnet help %s", k->name);
		return trouble_set(&l->trouble, ST_USAGE, "%s", l->complaint->why);
	}
	return form_set(e, l, ref, space, f, pair + len + 1);
}

static status
set_all(struct edit *e, struct laptop *l, struct call *c, const struct kind *k,
    const struct record_ref *ref, uint16_t space)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < c->n_options; i++) {
		if (strcmp(c->options[i].name, "set") == 0)
			st = set_pair(e, l, k, ref, space, c->options[i].value);
	}
	return st;
}

/* Which country's record this will be: --country, else one's own. */
static status
pick_space(struct laptop *l, struct call *c, uint16_t *space)
{
	const char *country = call_option(c, "country");

	*space = l->self.author.home;
	return country == NULL ? ST_OK : space_find(l, country, space);
}

static status
add(struct call *c, struct laptop *l, const struct kind *k)
{
	const struct field *code = schema_field_named(k, span_text("code"));
	struct scope_info scope;
	struct record_ref ref;
	struct edit *e = NULL;
	uint16_t space;
	status st = pick_space(l, c, &space);

	if (st == ST_OK)
		st = scope_for(l, k->where, space, NULL, &scope);
	if (st == ST_NOT_FOUND) {
		(void)complain(l->complaint, PN_P01,
		    "no key for the records of %s is here",
		    k->where == WHERE_ALL ? "the network" : "that country");
		complain_next(l->complaint, "pnet sync");
	}
	if (st == ST_OK &&
	    find_code(l, k->id, c->args[0], space, &ref.name, NULL) == ST_OK)
		st = complain(l->complaint, PN_V03, "there is a %s %s already",
		    k->singular, c->args[0]);
	if (st == ST_OK)
		st = form_new(l, k, scope.id, NULL, 0, &ref);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = form_set(e, l, &ref, space, code, c->args[0]);
	if (st == ST_OK)
		st = set_all(e, l, c, k, &ref, space);
	if (st == ST_OK)
		return edit_commit(e, NULL);
	edit_abandon(e);
	return st;
}

static status
change(struct call *c, struct laptop *l, const struct kind *k)
{
	struct record_ref ref = {.kind = k->id};
	struct scope_info scope;
	struct edit *e = NULL;
	status st = find_code(l, k->id, c->args[0], 0, &ref.name, &ref.scope);

	if (st == ST_NOT_FOUND)
		(void)complain(l->complaint, PN_F01, "no %s %s is on this laptop",
		    k->singular, c->args[0]);
	if (st == ST_OK)
		st = scope_by_id(l, ref.scope, &scope);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = set_all(e, l, c, k, &ref, scope.space);
	if (st == ST_OK)
		return edit_commit(e, NULL);
	edit_abandon(e);
	return st;
}

static status
write_record(struct call *c, uint16_t kind, bool is_new)
{
	const struct kind *k = schema_kind(kind);
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = is_new ? add(c, l, k) : change(c, l, k);
	if (st == ST_OK)
		st = command_saved(c, l, "%s %s %s", k->singular, c->args[0],
		    is_new ? "added" : "changed");
	return command_close(l, st);
}

static status
list(struct call *c, const char *schema, const char *columns, const char *sql)
{
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = command_rows(c, l, schema, columns, query_of(l->queries, sql));
	return command_close(l, st);
}

status
cmd_practice_list(struct call *c)
{
	return list(c, "pnet.practices/1", "code,title,origin,ages",
	    "SELECT code, title, origin_country, age_min || '-' || age_max FROM practice"
	    " ORDER BY code");
}

status
cmd_practice_new(struct call *c)
{
	return write_record(c, KIND_PRACTICE, true);
}

status
cmd_practice_edit(struct call *c)
{
	return write_record(c, KIND_PRACTICE, false);
}

status
cmd_staff_list(struct call *c)
{
	return list(c, "pnet.staff/1", "country,code,given_name,family_name,role,org",
	    "SELECT p.code, t.code, t.given_name, t.family_name, t.role, o.code FROM "
	    "person t"
	    " JOIN r_scope s ON s.id = t.scope JOIN r_space p ON p.pos = s.space"
	    " LEFT JOIN organisation o ON o.record = t.org ORDER BY s.space, t.code");
}

status
cmd_staff_add(struct call *c)
{
	return write_record(c, KIND_PERSON, true);
}

status
cmd_staff_edit(struct call *c)
{
	return write_record(c, KIND_PERSON, false);
}

status
cmd_org_list(struct call *c)
{
	return list(c, "pnet.organisations/1", "country,code,kind,name,place",
	    "SELECT p.code, t.code, t.kind, t.name, t.place FROM organisation t"
	    " JOIN r_scope s ON s.id = t.scope JOIN r_space p ON p.pos = s.space"
	    " ORDER BY s.space, t.code");
}

status
cmd_org_add(struct call *c)
{
	return write_record(c, KIND_ORGANISATION, true);
}

status
cmd_org_edit(struct call *c)
{
	return write_record(c, KIND_ORGANISATION, false);
}
