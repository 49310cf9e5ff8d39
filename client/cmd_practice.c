/* cmd_practice.c - pnet practice list, decide: what the table of cmd_record.c does not
 * say. */
#include "client/actions/catalog.h"
#include "client/actions/documents.h"
#include "client/actions/stages.h"
#include "client/commands.h"

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

/* A decision names the text that it was taken on, and keeps it as it stood. */
static status
write_decision(
    struct call *c, struct laptop *l, struct edit *e, const struct record_id *practice)
{
	const char *reason = call_option(c, "reason"), *on = call_option(c, "on");
	const struct place place = {.space = 0};
	struct record_ref ref;
	struct document d;
	const char *copy = "";
	status st = document_load(l, KIND_PRACTICE, practice, &d);

	if (st == ST_OK)
		st = document_copy(l, &d, &copy);
	if (st == ST_OK) {
		const struct wish wishes[] = {{"subject", c->args[0]},
		    {"kind", c->args[1]}, {"outcome", c->args[2]},
		    {"version", form_hash(l, &d.version)}, {"text", copy},
		    {"reason", reason == NULL ? "" : reason}, {"on", on}};
		size_t n = sizeof wishes / sizeof wishes[0] - (on == NULL);

		st = catalog_new(
		    e, l, schema_kind(KIND_DECISION), &place, NULL, wishes, n, &ref);
	}
	return st;
}

static status
decide(struct call *c, struct laptop *l, const struct record_id *practice)
{
	struct edit *e = NULL;
	status st = edit_begin(l, &e);

	if (st == ST_OK)
		st = command_commit(c, e, write_decision(c, l, e, practice));
	return st != ST_OK
		   ? st
		   : command_saved(c, l, "%s: %s %s", c->args[0], c->args[1], c->args[2]);
}

status
cmd_practice_decide(struct call *c)
{
	struct record_id practice;
	struct laptop *l = NULL;
	status st;

	if (c->n_args != 3)
		return cmd_record_under(c);
	st = command_open(c, &l);
	if (st == ST_OK &&
	    find_code(l, KIND_PRACTICE, c->args[0], 0, &practice, NULL) != ST_OK) {
		(void)complain(c->complaint, PN_F01, "no practice %s is on this laptop%s",
		    c->args[0], find_near(l, KIND_PRACTICE, c->args[0]));
		complain_next(c->complaint, "pnet practice list");
		st = trouble_set(&l->trouble, ST_NOT_FOUND, "no such practice");
	}
	if (st == ST_OK)
		st = decide(c, l, &practice);
	return command_close(l, st);
}
