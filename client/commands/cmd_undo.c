/* cmd_undo.c - pnet undo and pnet redo: what the commands of this laptop wrote, taken
 * back and done again; and the list of it. */
#include <stdlib.h>
#include <time.h>

#include "client/actions/undoing.h"
#include "client/commands/commands.h"
#include "client/laptop/aside.h"
#include "client/laptop/unkept.h"

enum { LEFT_SHOWN_MAX = 5 };

/* ---- the list ---- */

static const char *
utc(struct laptop *l, uint64_t ms)
{
	time_t at = (time_t)(ms / 1000);
	struct tm tm;
	char text[32];

	if (gmtime_r(&at, &tm) == NULL)
		return "";
	(void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_text(l->arena, "%s", text);
}

static const char *
state_of(const struct step *s)
{
	return s->is_undone ? "undone" : s->final_kind != 0 ? "stands" : "done";
}

static status
list(struct call *c, struct laptop *l)
{
	struct listing *out = listing_new("pnet.undo/1", "id#,at,command,state,what");
	bool is_human = c->global.style == STYLE_HUMAN;
	struct story s = {.l = l};
	struct step *steps;
	size_t n;
	status st = steps_all(l, l->arena, &steps, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		const char *what = "";

		st = undoing_what(&s, &steps[i], &what);
		listing_row(out);
		listing_cellf(out, "%lld", (long long)steps[i].id);
		listing_cell(out, is_human
				      ? story_time(&s, steps[i].at_ms / 1000, false, 0)
				      : utc(l, steps[i].at_ms));
		listing_cell(out, steps[i].command);
		listing_cell(out, state_of(&steps[i]));
		listing_cell(out, what);
	}
	if (st == ST_OK && n == 0 && is_human)
		printf("nothing was written on this laptop yet\n");
	else if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return st;
}

/* ---- one step ---- */

static status
read_id(struct call *c, int64_t *id)
{
	char *end = NULL;
	status st;

	*id = 0;
	if (c->n_args == 0)
		return ST_OK;
	*id = strtoll(c->args[0], &end, 10);
	if (*id > 0 && *end == '\0')
		return ST_OK;
	st = complain(
	    c->complaint, PN_U01, "'%.40s' is no number of the list", c->args[0]);
	complain_next(c->complaint, "pnet undo --list");
	return st;
}

/* What somebody changed since stays; the person has to look at it. */
static void
print_left(struct call *c, const struct undoing *u)
{
	if (u->n_left == 0)
		return;
	c->exit_code = 3;
	for (size_t i = 0; i < u->n_left && i < LEFT_SHOWN_MAX; i++) {
		fputs("[!!] stays: ", stderr);
		screen_text(stderr, u->left[i].place);
		fputs(" ", stderr);
		screen_text(stderr, u->left[i].why);
		fputc('\n', stderr);
	}
	if (u->n_left > LEFT_SHOWN_MAX)
		fprintf(stderr, "[!!] and %zu more: pnet undo --list\n",
		    u->n_left - LEFT_SHOWN_MAX);
}

static status
turn(struct call *c, struct laptop *l, int64_t id, bool is_redo)
{
	struct step step;
	struct undoing u;
	struct edit *e = NULL;
	status st = undoing_find(l, id, is_redo, &step);

	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, undoing_turn(e, l, &step, &u));
	if (st != ST_OK)
		return st;
	print_left(c, &u);
	return command_saved_with(c, l, is_redo ? "undo: pnet undo" : "redo: pnet redo",
	    "%s: %s%s", is_redo ? "done again" : "undone", u.what,
	    u.n_left > 0 ? ", but for what was changed since" : "");
}

/* ---- what others did not carry on ---- */

static status
give_back(struct call *c, struct laptop *l)
{
	struct edit *e = NULL;
	size_t n = 0;
	status st = edit_begin(l, &e);

	if (st == ST_OK)
		st = command_commit(c, e, unkept_write_again(e, l, &n));
	return st != ST_OK ? st
			   : command_saved_with(c, l, "undo: pnet undo",
				 "%zu dropped or changed value%s written again", n,
				 n == 1 ? "" : "s");
}

/* ---- what was set aside when an access ended ---- */

static status
drop_aside(struct laptop *l)
{
	uint64_t n = 0;
	status st = aside_drop(l, &n);

	if (st == ST_OK && n == 0)
		printf("nothing is set aside\n");
	else if (st == ST_OK)
		printf("deleted for ever: %llu change%s set aside\n",
		    (unsigned long long)n, n == 1 ? "" : "s");
	return st;
}

static status
run(struct call *c, bool is_redo)
{
	struct laptop *l = NULL;
	int64_t id = 0;
	status st = read_id(c, &id);

	if (st != ST_OK)
		return st;
	st = command_open(c, &l);
	if (st == ST_OK)
		st = call_has(c, "list")      ? list(c, l)
		     : call_has(c, "dropped") ? give_back(c, l)
		     : call_has(c, "aside")   ? drop_aside(l)
					      : turn(c, l, id, is_redo);
	return command_close(l, st);
}

status
cmd_undo(struct call *c)
{
	return run(c, false);
}

status
cmd_redo(struct call *c)
{
	return run(c, true);
}
