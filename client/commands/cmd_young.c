/* cmd_young.c - pnet young add|list|find|edit|merge|split. */
#include "client/actions/marking.h"
#include "client/actions/people.h"
#include "client/commands/commands.h"

/* "[ACTIVITY] PERSON": with one word the person is looked for everywhere. */
static status
person_of(struct call *c, struct laptop *l, struct somebody *out)
{
	return c->n_args == 2 ? people_one(l, c->args[0], c->args[1], out)
			      : people_one(l, NULL, c->args[0], out);
}

static const char *
name_of(struct laptop *l, const struct somebody *who)
{
	return rolls_row_name(l, who->entries[0].rolls, who->entries[0].row);
}

static const char *
code_of(struct laptop *l, const struct somebody *who)
{
	return rolls_row_code(l, who->entries[0].rolls, who->entries[0].row);
}

/* ---- add ---- */

struct addition {
	struct rolls rolls;
	struct newcomer newcomer;
	uint8_t day_no; /* 0 = from the first day */
	enum mark mark;
	size_t near; /* line of somebody with nearly this name */
	bool has_near;
};

static status
read_names(struct call *c, struct newcomer *n)
{
	status st;

	*n = (struct newcomer){.given_name = call_option(c, "given"),
	    .family_name = call_option(c, "family"),
	    .birth_year = call_option(c, "birth-year"),
	    .gender = call_option(c, "gender"),
	    .consent = call_option(c, "consent"),
	    .consent_by = call_option(c, "consent-by"),
	    .consent_on = call_option(c, "consent-on"),
	    .form_no = call_option(c, "form-no"),
	    .photo_consent = call_option(c, "photo-consent"),
	    .guardian_contact = call_option(c, "guardian-contact"),
	    .needs = call_option(c, "needs")};
	if (n->given_name != NULL && n->given_name[0] != '\0' && n->family_name != NULL &&
	    n->family_name[0] != '\0')
		return ST_OK;
	st = complain(c->complaint, PN_U01, "--given and --family are needed");
	complain_next(
	    c->complaint, "pnet young add %s --given Hana --family Mala", c->args[0]);
	return st;
}

/* --day and --mark; a mark without a day is one of today. */
static status
read_day(struct call *c, struct laptop *l, struct addition *x)
{
	const char *day = call_option(c, "day");
	const char *mark = call_option(c, "mark");
	struct marking m;
	status st = ST_OK;

	if (mark != NULL && !cell_parse(span_text(mark), &x->mark)) {
		(void)complain(c->complaint, PN_V03,
		    "'%.40s' is no mark: present, late, excused, absent", mark);
		return trouble_set(&l->trouble, ST_MALFORMED, "no mark");
	}
	if (day == NULL && mark == NULL)
		return ST_OK;
	st = marking_open(l, c->args[0], day, &m);
	if (st != ST_OK)
		return st;
	x->day_no = m.day_no;
	if (x->mark != MARK_NONE)
		st = marking_check_held(l, &m);
	if (m.day_no > 1)
		x->newcomer.joined_day = arena_text(l->arena, "%u", m.day_no);
	return st;
}

static status
prepare(struct call *c, struct laptop *l, struct addition *x)
{
	struct newcomer *n = &x->newcomer;
	status st = read_names(c, n);

	if (st == ST_OK)
		st = rolls_open(l, c->args[0], &x->rolls);
	if (st == ST_OK)
		st = people_check_age(l, &x->rolls.activity, n->birth_year);
	if (st == ST_OK)
		st = read_day(c, l, x);
	if (st != ST_OK)
		return st;
	n->no = people_next_no(&x->rolls);
	x->has_near = people_near(
	    l, &x->rolls, n->given_name, n->family_name, n->birth_year, &x->near);
	return ST_OK;
}

static status
write_addition(
    struct edit *e, struct laptop *l, const struct addition *x, struct person_id *pid)
{
	status st = attendance_add(e, l, &x->rolls, &x->newcomer, pid);

	if (st == ST_OK && x->mark != MARK_NONE)
		st = attendance_mark(e, l, &x->rolls, x->day_no, pid, x->mark);
	return st;
}

/* The line that it became, read back, since only a joined or a new number tells. */
static status
print_addition(struct call *c, struct laptop *l, const struct addition *x,
    const struct person_id *pid)
{
	const char *code = "the code comes with saving";
	struct rolls now;
	status st = rolls_open(l, c->args[0], &now);

	for (size_t i = 0; st == ST_OK && i < now.roll.n_rows; i++) {
		if (ID_EQUAL(&now.pids[i], pid))
			code = rolls_row_code(l, &now, &now.roll.rows[i]);
	}
	if (st == ST_OK)
		st = command_saved(c, l, "%u %s %s (%s) is on the roster of %s%s%s",
		    (unsigned)x->newcomer.no, x->newcomer.given_name,
		    x->newcomer.family_name, code, x->rolls.activity.code,
		    x->mark == MARK_NONE ? "" : ", ",
		    x->mark == MARK_NONE ? "" : vocabulary_word(VOC_MARK, x->mark));
	if (st == ST_OK && x->rolls.is_closed && !c->global.is_quiet)
		fprintf(stderr,
		    "[!!] %s is closed: its tally does not count this person (V28): "
		    "pnet tally %s\n",
		    x->rolls.activity.code, x->rolls.activity.code);
	if (st == ST_OK && x->has_near && !c->global.is_quiet) {
		fputs("[!!] ", stderr);
		screen_text(stderr, rolls_name(l, &x->rolls, x->near));
		fprintf(stderr,
		    " (%s) and this one may be one person (V13): pnet review\n",
		    rolls_code(l, &x->rolls, x->near));
	}
	return st;
}

status
cmd_young_add(struct call *c)
{
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct addition x = {.mark = MARK_NONE};
	struct person_id pid;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = prepare(c, l, &x);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, write_addition(e, l, &x, &pid));
	if (st == ST_OK)
		st = print_addition(c, l, &x, &pid);
	return command_close(l, st);
}

/* ---- list and find ---- */

static void
cell_number(struct listing *out, unsigned n)
{
	if (n == 0)
		listing_cell(out, NULL);
	else
		listing_cellf(out, "%u", n);
}

static const char *
range_text(struct laptop *l, struct range r)
{
	return r.min == r.max
		   ? arena_text(l->arena, "%u", (unsigned)r.min)
		   : arena_text(l->arena, "%u-%u", (unsigned)r.min, (unsigned)r.max);
}

static void
list_line(struct listing *out, struct laptop *l, const struct rolls *r, size_t i)
{
	const struct roll_line *line = &r->view.lines[i];
	const struct roll_row *row = line->row;
	const char *consent = vocabulary_word(VOC_CONSENT, row->consent);

	listing_row(out);
	listing_cellf(out, "%zu", i + 1);
	listing_cell(out, rolls_name(l, r, i));
	listing_cell(out, rolls_code(l, r, i));
	cell_number(out, row->birth_year);
	listing_cell(out, vocabulary_word(VOC_GENDER, row->gender));
	listing_cell(out, consent == NULL ? "pending" : consent);
	cell_number(out, row->joined_day);
	cell_number(out, row->left_day);
	listing_cell(out, range_text(l, line->attended));
	listing_cellf(out, "%zu", line->n_entries);
}

status
cmd_young_list(struct call *c)
{
	struct laptop *l = NULL;
	struct listing *out;
	struct rolls r;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = rolls_open(l, c->args[0], &r);
	if (st != ST_OK)
		return command_close(l, st);
	out = listing_new("pnet.young/1", "no#,name,young,birth_year#,gender,consent,"
					  "joined#,left#,attended,entries#");
	for (size_t i = 0; i < r.view.n_lines; i++)
		list_line(out, l, &r, i);
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return command_close(l, st);
}

/* Names of several words need no quotes. */
static const char *
all_words(struct call *c, struct laptop *l)
{
	const char *out = c->args[0];

	for (size_t i = 1; i < c->n_args; i++)
		out = arena_text(l->arena, "%s %s", out, c->args[i]);
	return out;
}

static void
list_sighting(struct listing *out, struct laptop *l, const struct sighting *s)
{
	listing_row(out);
	listing_cell(out, rolls_row_name(l, s->rolls, s->row));
	listing_cell(out, rolls_row_code(l, s->rolls, s->row));
	listing_cell(out, s->rolls->activity.code);
	cell_number(out, s->row->no);
	cell_number(out, s->row->birth_year);
}

status
cmd_young_find(struct call *c)
{
	struct laptop *l = NULL;
	struct rolls *all;
	struct sighting *found = NULL;
	struct listing *out;
	size_t n_all = 0, n = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = people_rolls(l, &all, &n_all);
	if (st == ST_OK)
		st = people_find(l, all, n_all, all_words(c, l), &found, &n);
	if (st == ST_OK && n == 0) {
		(void)complain(c->complaint, PN_F01,
		    "nobody on the rosters of this laptop is called %s", all_words(c, l));
		complain_next(c->complaint, "pnet workshop list");
		st = trouble_set(&l->trouble, ST_NOT_FOUND, "nobody");
	}
	if (st != ST_OK)
		return command_close(l, st);
	out = listing_new("pnet.found/1", "name,young,activity,no#,birth_year#");
	for (size_t i = 0; i < n; i++)
		list_sighting(out, l, &found[i]);
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return command_close(l, st);
}

/* ---- edit ---- */

/* Entries of one pid are separate copies: with several a person says which. */
static status
check_which(struct call *c, struct laptop *l, const struct somebody *who)
{
	const char *pair = call_option(c, "set");
	status st;

	if (c->n_args == 2 || who->n == 1)
		return ST_OK;
	st = complain(c->complaint, PN_U01,
	    "%s is on the rosters of %zu activities, each with an entry of its own",
	    name_of(l, who), who->n);
	for (size_t i = 0; i < who->n; i++)
		complain_next(c->complaint, "pnet young edit %s %s --set \"%s\"",
		    who->entries[i].rolls->activity.code, code_of(l, who),
		    pair == NULL ? "consent=given" : pair);
	return st;
}

static bool
is_editable(const struct field *f)
{
	return f != NULL && f->id != F_YOUNG_PERSON_ACTIVITY &&
	       f->id != F_YOUNG_PERSON_PID && f->id != F_YOUNG_PERSON_SAME_AS;
}

static status
set_pair(struct edit *e, struct laptop *l, const struct sighting *s,
    const struct record_ref *ref, const char *pair)
{
	const char *name, *text;
	const struct field *f;
	status st = command_pair(l, "set", pair, true, &name, &text);

	if (st != ST_OK)
		return st;
	f = schema_column(schema_kind(KIND_YOUNG_PERSON), span_text(name));
	if (!is_editable(f)) {
		(void)complain(l->complaint, PN_U01,
		    "a young person has no field '%.40s' to set", name);
		complain_next(l->complaint, "pnet young show %s    lists the fields",
		    rolls_row_code(l, s->rolls, s->row));
		return trouble_set(&l->trouble, ST_USAGE, "%s", l->complaint->why);
	}
	if (f->type == FIELD_NAME && *text == '\0') {
		st = complain(l->complaint, PN_V03, "%s cannot be empty (V4)", f->name);
		return trouble_set(&l->trouble, st, "%s", l->complaint->why);
	}
	if (f->id == F_YOUNG_PERSON_BIRTH_YEAR)
		st = people_check_age(l, &s->rolls->activity, text);
	return st != ST_OK ? st : form_set(e, l, ref, s->rolls->activity.space, f, text);
}

static status
set_pairs(struct call *c, struct edit *e, struct laptop *l, const struct sighting *s)
{
	struct record_ref ref;
	size_t n = 0;
	status st = people_entry(l, s, &ref);

	for (size_t i = 0; st == ST_OK && i < c->n_options; i++) {
		if (strcmp(c->options[i].name, "set") != 0)
			continue;
		st = set_pair(e, l, s, &ref, c->options[i].value);
		n++;
	}
	if (st == ST_OK && n == 0) {
		st = complain(c->complaint, PN_U01, "nothing to set");
		complain_next(c->complaint, "pnet help young edit");
	}
	return st;
}

static void
offer_others(struct call *c, struct laptop *l, const struct somebody *who)
{
	if (c->global.is_quiet)
		return;
	for (size_t i = 1; i < who->n; i++)
		fprintf(stderr,
		    "[..] the entry in %s is a copy of its own: pnet young show %s %s\n",
		    who->entries[i].rolls->activity.code,
		    who->entries[i].rolls->activity.code, code_of(l, who));
}

status
cmd_young_edit(struct call *c)
{
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct somebody who;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = person_of(c, l, &who);
	if (st == ST_OK)
		st = check_which(c, l, &who);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, set_pairs(c, e, l, &who.entries[0]));
	if (st == ST_OK)
		st = command_saved(c, l, "%s (%s) changed in %s", name_of(l, &who),
		    code_of(l, &who), who.entries[0].rolls->activity.code);
	if (st == ST_OK)
		offer_others(c, l, &who);
	return command_close(l, st);
}

/* ---- merge and split ---- */

static status
into_of(struct call *c, struct laptop *l, struct somebody *out)
{
	const char *word = call_option(c, "into");
	status st;

	if (word != NULL)
		return people_one(l, c->n_args == 2 ? c->args[0] : NULL, word, out);
	st = complain(c->complaint, PN_U01, "--into is missing: the entry that is kept");
	complain_next(c->complaint, "pnet help young merge");
	return st;
}

status
cmd_young_merge(struct call *c)
{
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct somebody from, into;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = people_check_coordinator(l);
	if (st == ST_OK)
		st = person_of(c, l, &from);
	if (st == ST_OK)
		st = into_of(c, l, &into);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, people_join(e, l, &from, &into));
	if (st == ST_OK)
		st = command_saved(c, l,
		    "%s (%s) is %s (%s): one person, both keep"
		    " their marks",
		    name_of(l, &from), code_of(l, &from), name_of(l, &into),
		    code_of(l, &into));
	return command_close(l, st);
}

status
cmd_young_split(struct call *c)
{
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct somebody who;
	size_t n = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = people_check_coordinator(l);
	if (st == ST_OK)
		st = person_of(c, l, &who);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, people_split(e, l, &who, &n));
	if (st == ST_OK)
		st = command_saved(c, l, "%s (%s): %zu entr%s on %s own again",
		    name_of(l, &who), code_of(l, &who), n, n == 1 ? "y is" : "ies are",
		    n == 1 ? "its" : "their");
	return command_close(l, st);
}
