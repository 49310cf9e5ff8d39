/* cmd_record.c - new, list, show and edit of records of any kind: what the words of the
 * command mean stands in the table of actions/catalog.h. */
#include <stdlib.h>

#include "client/actions/catalog.h"
#include "client/actions/people.h"
#include "client/commands/commands.h"
#include "client/laptop/typed.h"

enum { WISHES_MAX = CALL_OPTIONS_MAX + 2 };

/* ---- parse ---- */

struct wish_list {
	struct wish at[WISHES_MAX];
	size_t n;
};

static void
add_wish(struct wish_list *w, const char *name, const char *text)
{
	w->at[w->n++] = (struct wish){name, text};
}

/* --set title="Street art" */
static status
read_wishes(struct call *c, struct laptop *l, struct wish_list *out)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < c->n_options; i++) {
		const char *name, *text;

		if (strcmp(c->options[i].name, "set") != 0)
			continue;
		st = command_pair(l, "set", c->options[i].value, true, &name, &text);
		if (st == ST_OK)
			add_wish(out, name, text);
	}
	return st;
}

static const char *
field_name(uint16_t kind, uint16_t field)
{
	return schema_field(schema_kind(kind), field)->name;
}

/* ---- print ---- */

static void
print_rows(struct call *c, struct laptop *l, const struct shelf *s,
    const struct catalog_row *rows, size_t n)
{
	struct listing *out = listing_new(s->schema, s->columns);

	for (size_t i = 0; i < n; i++) {
		listing_row(out);
		for (const char *at = s->columns; at != NULL;
		     at = strchr(at, ',') == NULL ? NULL : strchr(at, ',') + 1)
			listing_cell(out, catalog_cell(l, &rows[i], at));
	}
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}

static status
list_under(struct call *c, struct laptop *l, const struct shelf *s,
    const struct record_id *parent)
{
	struct catalog_row *rows;
	size_t n;
	status st = catalog_list(l, s, parent, &rows, &n);

	if (st == ST_OK)
		print_rows(c, l, s, rows, n);
	return st;
}

static status
show(struct call *c, struct laptop *l, const struct record_ref *ref)
{
	struct listing *out;
	status st = command_facts(c, l, ref, &out);

	if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return st;
}

/* ---- act ---- */

static status
change(struct call *c, struct laptop *l, const struct shelf *s,
    const struct catalog_row *row, const char *word)
{
	struct wish_list *w = arena_zeros(l->arena, 1, sizeof *w);
	struct edit *e = NULL;
	status st = w == NULL ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory")
			      : read_wishes(c, l, w);

	if (st == ST_OK && w->n == 0) {
		st = complain(c->complaint, PN_U01, "--set is missing: what to change");
		complain_next(c->complaint, "pnet help %s", s->words);
	}
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, catalog_change(e, l, &row->ref, w->at, w->n));
	return st != ST_OK ? st
			   : command_saved(c, l, "%s %s changed",
				 schema_kind(s->kind)->singular, word);
}

/* Which country's record a new one will be: --country, else one's own. */
static status
place_of_call(struct call *c, struct laptop *l, struct place *out)
{
	const char *country = call_option(c, "country");
	status st;

	*out = (struct place){.space = l->self.author.home};
	if (country == NULL)
		return ST_OK;
	st = space_find(l, country, &out->space);
	if (st != ST_NOT_FOUND)
		return st;
	st = complain(c->complaint, PN_U01, "there is no country %s here", country);
	complain_next(c->complaint, "pnet network show    lists the countries");
	return st;
}

static status
check_is_new(struct laptop *l, const struct shelf *s, const char *code)
{
	struct record_id name;
	status st;

	if (typed_by_code(l, s->kind) == NULL)
		return ST_OK;
	st = find_code(l, s->kind, code, 0, &name, NULL);
	if (st == ST_NOT_FOUND)
		return ST_OK;
	if (st != ST_OK)
		return st;
	st = complain(l->complaint, PN_V03, "there is a %s %s already",
	    schema_kind(s->kind)->singular, code);
	complain_next(l->complaint, "pnet %s%s", s->words,
	    s->parent == 0 ? " list" : " CODE    lists them");
	return st;
}

static status
add(struct call *c, struct laptop *l, const struct shelf *s, const struct place *place,
    struct wish_list *w, const char *word)
{
	const struct kind *k = schema_kind(s->kind);
	struct record_ref ref;
	struct edit *e = NULL;
	status st;

	add_wish(w, field_name(s->kind, s->word), word);
	st = check_is_new(l, s, word);
	if (st == ST_OK)
		st = read_wishes(c, l, w);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(
		    c, e, catalog_new(e, l, k, place, NULL, w->at, w->n, &ref));
	return st != ST_OK ? st : command_saved(c, l, "%s %s added", k->singular, word);
}

/* ---- one record by its code ---- */

/* Opens the laptop and finds the table's row and the record that the first word names. */
static status
open_one(
    struct call *c, struct laptop **l, const struct shelf **s, struct catalog_row *out)
{
	status st = command_open(c, l);

	*s = catalog_shelf(c->command->name);
	return st != ST_OK ? st : catalog_find(*l, *s, NULL, c->args[0], out);
}

status
cmd_record_new(struct call *c)
{
	const struct shelf *s = catalog_shelf(c->command->name);
	struct wish_list *w = NULL;
	struct laptop *l = NULL;
	struct place place;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = place_of_call(c, l, &place);
	if (st == ST_OK && (w = arena_zeros(l->arena, 1, sizeof *w)) == NULL)
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
	if (st == ST_OK)
		st = add(c, l, s, &place, w, c->args[0]);
	return command_close(l, st);
}

status
cmd_record_list(struct call *c)
{
	const struct shelf *s = catalog_shelf(c->command->name);
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = list_under(c, l, s, NULL);
	return command_close(l, st);
}

status
cmd_record_show(struct call *c)
{
	struct laptop *l = NULL;
	const struct shelf *s;
	struct catalog_row row;
	status st = open_one(c, &l, &s, &row);

	if (st == ST_OK)
		st = show(c, l, &row.ref);
	return command_close(l, st);
}

status
cmd_record_edit(struct call *c)
{
	struct laptop *l = NULL;
	const struct shelf *s;
	struct catalog_row row;
	status st = open_one(c, &l, &s, &row);

	if (st == ST_OK)
		st = change(c, l, s, &row, c->args[0]);
	return command_close(l, st);
}

/* ---- records under another: CODE [add|edit|show WORD] ---- */

struct under {
	const struct shelf *shelf;
	struct record_id parent;
	const char *parent_code;
	struct place place;
};

static status
find_parent(struct call *c, struct laptop *l, struct under *out)
{
	const struct kind *k = catalog_parent(out->shelf);
	struct activity a;
	int64_t scope;
	struct scope_info info;
	status st;

	out->parent_code = c->args[0];
	out->place.space = l->self.author.home;
	if (k->id == KIND_ACTIVITY) {
		st = find_activity(l, c->args[0], &a);
		out->parent = a.name;
		out->place = (struct place){
		    .space = a.space, .has_activity = true, .activity = a.name};
		return st;
	}
	st = find_code(l, k->id, c->args[0], 0, &out->parent, &scope);
	if (st == ST_OK)
		st = scope_by_id(l, scope, &info);
	if (st == ST_OK)
		out->place.space = info.space;
	if (st != ST_NOT_FOUND)
		return st;
	(void)complain(c->complaint, PN_F01, "no %s %s is on this laptop%s", k->singular,
	    c->args[0], find_near(l, k->id, c->args[0]));
	complain_next(c->complaint, "pnet sync    if it is new");
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", c->complaint->why);
}

static status
add_under(struct call *c, struct laptop *l, const struct under *u)
{
	struct wish_list *w = arena_zeros(l->arena, 1, sizeof *w);

	if (w == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
	if (u->shelf->via == 0)
		add_wish(w, field_name(u->shelf->kind, u->shelf->parent), u->parent_code);
	return add(c, l, u->shelf, &u->place, w, c->args[2]);
}

static status
on_one_under(struct call *c, struct laptop *l, const struct under *u)
{
	struct catalog_row row;
	status st = catalog_find(l, u->shelf, &u->parent, c->args[2], &row);

	if (st != ST_OK)
		return st;
	return strcmp(c->args[1], "edit") == 0 ? change(c, l, u->shelf, &row, c->args[2])
					       : show(c, l, &row.ref);
}

status
cmd_record_under(struct call *c)
{
	struct under u = {.shelf = catalog_shelf(c->command->name)};
	const char *verb = c->n_args > 1 ? c->args[1] : "";
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = find_parent(c, l, &u);
	if (st == ST_OK && c->n_args == 1)
		st = list_under(c, l, u.shelf, &u.parent);
	else if (st == ST_OK && c->n_args == 3 && strcmp(verb, "add") == 0)
		st = add_under(c, l, &u);
	else if (st == ST_OK && c->n_args == 3 &&
		 (strcmp(verb, "edit") == 0 || strcmp(verb, "show") == 0))
		st = on_one_under(c, l, &u);
	else if (st == ST_OK) {
		st = complain(c->complaint, PN_U01,
		    "add, edit or show is expected after %s, then which", c->args[0]);
		complain_next(c->complaint, "pnet help %s", u.shelf->words);
	}
	return command_close(l, st);
}

/* ---- who and when ---- */

status
command_facts(
    struct call *c, struct laptop *l, const struct record_ref *ref, struct listing **out)
{
	struct catalog_fact *facts;
	size_t n;
	status st = catalog_facts(l, ref, &facts, &n);

	*out = NULL;
	if (st != ST_OK)
		return st;
	*out = listing_new("pnet.record/1", "field,value,by,name,at,values#");
	for (size_t i = 0; i < n; i++) {
		char at[SCREEN_TIME_BYTES];

		if (c->global.style == STYLE_HUMAN)
			screen_local_time(facts[i].seconds, at);
		else
			screen_utc_time(facts[i].seconds, at);
		listing_row(*out);
		listing_cell(*out, facts[i].field);
		listing_cell(*out, facts[i].value);
		listing_cell(*out, facts[i].by);
		listing_cell(*out, people_member_name(l, facts[i].by));
		listing_cell(*out, at);
		listing_cellf(*out, "%zu", facts[i].n_values);
	}
	return ST_OK;
}
