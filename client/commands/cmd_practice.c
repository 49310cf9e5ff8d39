/* cmd_practice.c - pnet practice list, decide: what the table of cmd_record.c does not
 * say. */
#include "client/actions/practice_decide.h"
#include "client/actions/stages.h"
#include "client/commands/commands.h"

/* The table of DOMAIN 6.5. */
static status
list_stages(struct call *c, struct laptop *l)
{
	struct practice_row *rows;
	struct listing *out;
	size_t n;
	status st = stages_load(l, &rows, &n);

	if (st != ST_OK)
		return st;
	out = listing_new(
	    "pnet.practice_stages/1", "practice,title,stage,eligible_part_A?,missing");
	for (size_t i = 0; i < n; i++) {
		const struct practice_facts *f = &rows[i].facts;

		listing_row(out);
		listing_cell(out, rows[i].code);
		listing_cell(out, rows[i].title);
		listing_cell(out, practice_stage_name(practice_stage(f)));
		listing_cell(out, practice_eligible(f));
		listing_cell(out, practice_missing(f, l->arena));
	}
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	if (l->self.role != ROLE_OFFICE)
		fprintf(stderr, "[..] workshops of other countries are not known here; "
				"the central office sees all\n");
	return ST_OK;
}

status
cmd_practice_list(struct call *c)
{
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK && call_has(c, "stages"))
		st = list_stages(c, l);
	else if (st == ST_OK)
		st = command_rows(c, l, "pnet.practices/1", "code,title,origin,ages",
		    query_of(l->queries,
			"SELECT code, title, origin_country, age_min || '-' || age_max"
			" FROM practice ORDER BY code"));
	return command_close(l, st);
}

static status
decide(struct call *c, struct laptop *l)
{
	const struct practice_decision decision = {.practice = c->args[0],
	    .kind = c->args[1],
	    .outcome = c->args[2],
	    .reason = call_has(c, "reason") ? call_option(c, "reason") : "",
	    .on = call_option(c, "on")};
	struct edit *e = NULL;
	status st = edit_begin(l, &e);

	if (st == ST_OK)
		st = command_commit(c, e, practice_decide(e, l, &decision));
	return st != ST_OK
		   ? st
		   : command_saved(c, l, "%s: %s %s", c->args[0], c->args[1], c->args[2]);
}

status
cmd_practice_decide(struct call *c)
{
	struct laptop *l = NULL;
	status st;

	if (c->n_args != 3)
		return cmd_record_under(c);
	st = command_open(c, &l);
	if (st == ST_OK)
		st = decide(c, l);
	return command_close(l, st);
}
