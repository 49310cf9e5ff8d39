/* cmd_attend.c - pnet attend: marks and notes of one day, or the day's list. All that one
 * call writes is one edit and one transaction. */
#include <string.h>

#include "client/actions/marking.h"
#include "client/commands/ask_marks.h"
#include "client/commands/commands.h"

/* ---- parse ---- */

static status
read_mark(struct laptop *l, const char *word, enum mark *out)
{
	if (cell_parse(span_text(word), out))
		return ST_OK;
	(void)complain(l->complaint, PN_V03,
	    "'%.40s' is no mark: present, late, excused, absent, or P L E A", word);
	complain_next(l->complaint, "pnet help attend");
	return trouble_set(&l->trouble, ST_MALFORMED, "%s", l->complaint->why);
}

static bool
writes_anything(const struct call *c)
{
	return call_has(c, "set") || call_has(c, "rest") || call_has(c, "note") ||
	       call_has(c, "clear");
}

/* ---- act ---- */

static status
set_mark(struct edit *e, struct laptop *l, struct marking *m, const char *pair)
{
	const char *who, *word;
	enum mark mark;
	size_t line;
	status st = command_pair(l, "set", pair, false, &who, &word);

	if (st == ST_OK)
		st = read_mark(l, word, &mark);
	if (st == ST_OK)
		st = rolls_find(l, &m->rolls, who, &line);
	return st != ST_OK ? st : marking_set(e, l, m, line, mark);
}

static status
set_note(struct edit *e, struct laptop *l, struct marking *m, const char *pair)
{
	const char *who, *text;
	struct person_id pid;
	size_t line;
	status st = command_pair(l, "note", pair, true, &who, &text);

	if (st == ST_OK && m->rolls.of_adults) {
		st = complain(l->complaint, PN_U01,
		    "notes on a person are for workshops with young people");
		complain_next(
		    l->complaint, "pnet attend %s %u", m->rolls.activity.code, m->day_no);
	}
	if (st == ST_OK)
		st = rolls_find(l, &m->rolls, who, &line);
	if (st != ST_OK)
		return st;
	pid = rolls_pid(&m->rolls, line);
	return attendance_note(e, l, &m->rolls, m->day_no, &pid, text);
}

static status
clear_mark(struct edit *e, struct laptop *l, struct marking *m, const char *who)
{
	size_t line;
	status st = rolls_find(l, &m->rolls, who, &line);

	return st != ST_OK ? st : marking_set(e, l, m, line, MARK_NONE);
}

/* In the order given; --rest after all others, wherever it stands. */
static status
apply_options(struct call *c, struct edit *e, struct laptop *l, struct marking *m)
{
	const char *rest = call_option(c, "rest");
	enum mark mark = MARK_NONE;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < c->n_options; i++) {
		const struct call_option *o = &c->options[i];

		if (strcmp(o->name, "set") == 0)
			st = set_mark(e, l, m, o->value);
		else if (strcmp(o->name, "clear") == 0)
			st = clear_mark(e, l, m, o->value);
		else if (strcmp(o->name, "note") == 0)
			st = set_note(e, l, m, o->value);
	}
	if (st == ST_OK && rest != NULL) {
		st = read_mark(l, rest, &mark);
		if (st == ST_OK)
			st = marking_rest(e, l, m, mark, NULL);
	}
	return st;
}

/* ---- print ---- */

static const char *
note_of(struct laptop *l, const struct marking *m, size_t line)
{
	struct person_id pid = rolls_pid(&m->rolls, line);
	struct query *q = query_of(l->queries,
	    "SELECT text FROM note WHERE activity = ? AND pid = ? AND day_no = ?");
	const char *out = "";

	query_blob(q, m->rolls.activity.name.bytes, sizeof m->rolls.activity.name.bytes);
	query_blob(q, pid.bytes, sizeof pid.bytes);
	query_int(q, m->day_no);
	if (query_row(q))
		out = arena_text(l->arena, "%s", query_column_text(q, 0));
	(void)query_done(q, NULL);
	return out;
}

static void
print_day(struct call *c, struct laptop *l, const struct marking *m)
{
	struct listing *out = listing_new("pnet.day/1", "no#,name,young,mark,note");
	bool is_human = c->global.style == STYLE_HUMAN;

	for (size_t i = 0; i < m->rolls.view.n_lines; i++) {
		const char *mark = rolls_mark_text(l, &m->rolls.view.lines[i], m->day_no);

		listing_row(out);
		listing_cellf(out, "%zu", i + 1);
		listing_cell(out, rolls_name(l, &m->rolls, i));
		listing_cell(out, rolls_code(l, &m->rolls, i));
		listing_cell(out, *mark == '\0' && is_human ? "?" : mark);
		listing_cell(out, note_of(l, m, i));
	}
	if (is_human)
		printf("%s: %s\n", marking_day_text(l, m), marking_counts_text(l, m));
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}

static status
print_saved(struct call *c, struct laptop *l, const struct marking *m)
{
	status st = command_saved(
	    c, l, "%s: %s", marking_day_text(l, m), marking_counts_text(l, m));

	if (st == ST_OK && m->rolls.is_closed && !c->global.is_quiet)
		fprintf(stderr,
		    "[!!] %s is closed: will be listed as a change after closing (V28):"
		    " pnet review\n",
		    m->rolls.activity.code);
	return st;
}

/* ---- the whole ---- */

static status
write_options(struct call *c, struct laptop *l, struct marking *m)
{
	struct edit *e = NULL;
	status st = edit_begin(l, &e);

	if (st == ST_OK)
		st = command_commit(c, e, apply_options(c, e, l, m));
	return st != ST_OK ? st : print_saved(c, l, m);
}

status
cmd_attend(struct call *c)
{
	struct laptop *l = NULL;
	struct marking m;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = marking_open(l, c->args[0], c->n_args > 1 ? c->args[1] : NULL, &m);
	if (st == ST_OK && call_has(c, "ask"))
		return ask_marks(c, l, &m);
	if (st == ST_OK && writes_anything(c))
		st = write_options(c, l, &m);
	else if (st == ST_OK)
		print_day(c, l, &m);
	return command_close(l, st);
}
