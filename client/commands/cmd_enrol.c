/* cmd_enrol.c - pnet enrol, unenrol: who belongs to a group, from and until which day. */
#include "client/actions/adults.h"
#include "client/actions/people.h"
#include "client/commands/commands.h"

static status
day_of(struct call *c, struct laptop *l, const struct rolls *r, uint8_t *day_no)
{
	const char *word = call_option(c, "day");

	*day_no = 0;
	return word == NULL ? ST_OK : find_day(l, &r->activity, word, day_no);
}

/* Somebody of this roster first, so that a number or a part of a name means him. */
static status
enrol_one(struct edit *e, struct laptop *l, const struct rolls *r, const char *word,
    uint8_t day_no, uint32_t *no, const char **name)
{
	struct sighting *here;
	struct somebody who;
	size_t n = 0;
	status st = people_find(l, r, 1, word, &here, &n);

	if (st == ST_OK)
		st = people_one(l, n > 0 ? r->activity.code : NULL, word, &who);
	if (st != ST_OK)
		return st;
	*name = rolls_row_name(l, who.entries[0].rolls, who.entries[0].row);
	return people_enrol(e, l, r, &who, day_no, no);
}

/* The numbers of several newcomers follow one another. */
static status
enrol_all(struct call *c, struct edit *e, struct laptop *l, const struct rolls *r,
    uint8_t day_no, const char **names)
{
	uint32_t no = people_next_no(r);
	status st = ST_OK;

	for (size_t i = 1; st == ST_OK && i < c->n_args; i++) {
		const char *name = "";

		st = enrol_one(e, l, r, c->args[i], day_no, &no, &name);
		*names = arena_text(l->arena, "%s%s%s", *names, i == 1 ? "" : ", ", name);
	}
	return st;
}

/* Adults come by their codes, one after the other. */
static status
enrol_adults(struct call *c, struct edit *e, struct laptop *l, const struct rolls *r,
    uint8_t day_no, const char **names)
{
	const char *day =
	    day_no == 0 ? NULL : arena_text(l->arena, "%u", (unsigned)day_no);
	struct participant p = {.no = adults_next_no(r), .joined_day = day};
	status st = ST_OK;

	for (size_t i = 1; st == ST_OK && i < c->n_args; i++, p.no++) {
		p.code = c->args[i];
		st = adults_enrol(e, l, r, &p);
		*names = arena_text(
		    l->arena, "%s%s%s", *names, i == 1 ? "" : ", ", c->args[i]);
	}
	return st;
}

status
cmd_enrol(struct call *c)
{
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct rolls r;
	const char *names = "";
	uint8_t day_no = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = adults_open(l, c->args[0], &r);
	if (st == ST_OK)
		st = day_of(c, l, &r, &day_no);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e,
		    r.of_adults ? enrol_adults(c, e, l, &r, day_no, &names)
				: enrol_all(c, e, l, &r, day_no, &names));
	if (st == ST_OK)
		st =
		    command_saved(c, l, "%s on the roster of %s", names, r.activity.code);
	return command_close(l, st);
}

/* ---- unenrol ---- */

static status
check_last_day(
    struct call *c, struct laptop *l, const struct rolls *r, size_t line, uint8_t day_no)
{
	const struct roll_row *row = r->view.lines[line].row;
	status st;

	if (day_no >= 1 && day_no >= row->joined_day)
		return ST_OK;
	if (day_no == 0) {
		st = complain(c->complaint, PN_U01, "--day is missing: the last day");
		complain_next(c->complaint, "pnet unenrol %s %s --day 3",
		    r->activity.code, rolls_code(l, r, line));
		return st;
	}
	(void)complain(c->complaint, PN_V03, "%s joined on day %u only",
	    rolls_name(l, r, line), row->joined_day);
	complain_next(c->complaint, "pnet young show %s %s", r->activity.code,
	    rolls_code(l, r, line));
	return trouble_set(&l->trouble, ST_MALFORMED, "%s", c->complaint->why);
}

/* Marks that stand after the last day now break V17. */
static void
warn_marks_after(struct laptop *l, const struct rolls *r, size_t line, uint8_t last_day)
{
	for (unsigned day = last_day + 1U; day <= r->roll.days_planned; day++) {
		if (!cell_is_missing(r->view.lines[line].cells[day - 1]))
			fprintf(stderr,
			    "[!!] a mark stands on day %u, after the last one (V17):"
			    " pnet attend %s %u --clear %s\n",
			    day, r->activity.code, day, rolls_code(l, r, line));
	}
}

status
cmd_unenrol(struct call *c)
{
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct rolls r;
	size_t line = 0;
	uint8_t day_no = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = adults_open(l, c->args[0], &r);
	if (st == ST_OK)
		st = rolls_find(l, &r, c->args[1], &line);
	if (st == ST_OK)
		st = day_of(c, l, &r, &day_no);
	if (st == ST_OK)
		st = check_last_day(c, l, &r, line, day_no);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e,
		    r.of_adults ? adults_unenrol(e, l, &r, line, day_no)
				: people_unenrol(e, l, &r, line, day_no));
	if (st == ST_OK)
		st = command_saved(c, l, "%s belongs to %s until day %u",
		    rolls_name(l, &r, line), r.activity.code, day_no);
	if (st == ST_OK && !c->global.is_quiet)
		warn_marks_after(l, &r, line, day_no);
	return command_close(l, st);
}
