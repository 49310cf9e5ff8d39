/* cmd_disclose.c - pnet disclose: everything held on one person, into a file that only
 * its owner reads: Markdown for the person, CSV or JSON for programs. */
#include <stdio.h>
#include <stdlib.h>

#include "client/actions/disclosing.h"
#include "client/commands/commands.h"

static struct listing *
list_rows(const struct disclosed *rows, size_t n)
{
	struct listing *out = listing_new(
	    "pnet.disclosure/1", "activity,kind,field,day#,value,state,written_by,at");

	for (size_t i = 0; i < n; i++) {
		char at[SCREEN_TIME_BYTES];

		screen_utc_time(rows[i].at_s, at);
		listing_row(out);
		listing_cell(out, rows[i].activity);
		listing_cell(out, rows[i].kind);
		listing_cell(out, rows[i].field);
		if (rows[i].day_no == 0)
			listing_cell(out, NULL);
		else
			listing_cellf(out, "%u", rows[i].day_no);
		listing_cell(out, rows[i].value);
		listing_cell(out, rows[i].stands ? "stands" : "replaced");
		listing_cell(out, rows[i].by);
		listing_cell(out, at);
	}
	return out;
}

/* Every text passes screen_text(): no control character reaches a reader's terminal. */
static void
print_row(FILE *to, const struct disclosed *r)
{
	char at[SCREEN_TIME_BYTES];

	screen_utc_time(r->at_s, at);
	fprintf(to, "- %s", r->field);
	if (r->day_no != 0)
		fprintf(to, ", day %u", r->day_no);
	fputs(": ", to);
	screen_text(to, r->value);
	fputs(r->stands ? " (written by " : " (replaced since; written by ", to);
	screen_text(to, r->by);
	fprintf(to, ", %s)\n", at);
}

static void
print_page(FILE *to, const struct erasing *who, const struct disclosed *rows, size_t n)
{
	fputs("# Everything held on ", to);
	screen_text(to, who->name);
	fprintf(to, " (%s)\n\n", who->code);
	fprintf(to, "%zu enrolment%s, %zu mark%s, %zu note%s.\n", who->enrolments,
	    who->enrolments == 1 ? "" : "s", who->marks, who->marks == 1 ? "" : "s",
	    who->notes, who->notes == 1 ? "" : "s");
	if (who->n_pids > 1)
		fprintf(to, "Joined from %zu entries as one person.\n", who->n_pids);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(rows[i].activity, rows[i - 1].activity) != 0 ||
		    strcmp(rows[i].kind, rows[i - 1].kind) != 0)
			fprintf(to, "\n## %s: %s\n\n", rows[i].activity, rows[i].kind);
		print_row(to, &rows[i]);
	}
}

static status
write_page(struct call *c, struct laptop *l, const struct erasing *who,
    const struct disclosed *rows, size_t n)
{
	bool is_table = c->global.style == STYLE_CSV || c->global.style == STYLE_JSON;
	struct listing *table = list_rows(rows, n);
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	status st = ST_NO_MEMORY;

	if (to != NULL && is_table)
		listing_print(table, c->global.style, true, to);
	else if (to != NULL)
		print_page(to, who, rows, n);
	if (to != NULL && fclose(to) == 0)
		st = command_write(
		    c, call_option(c, "out"), span_of((const uint8_t *)text, len));
	else
		(void)trouble_set(&l->trouble, st, "no memory for a disclosure");
	free(text);
	listing_free(table);
	return st;
}

status
cmd_disclose(struct call *c)
{
	struct laptop *l = NULL;
	struct disclosed *rows;
	struct erasing who;
	size_t n = 0;
	status st = ST_OK;

	if (call_option(c, "out") == NULL) {
		st = complain(c->complaint, PN_U01,
		    "-o FILE is missing: a screen is no "
		    "place for all that is held");
		complain_next(c->complaint, "pnet disclose %s -o disclosure.md",
		    c->args[c->n_args - 1]);
	}
	if (st == ST_OK)
		st = command_open(c, &l);
	if (st == ST_OK)
		st = erasing_check_coordinator(l);
	if (st == ST_OK)
		st = erasing_find(
		    l, c->n_args == 2 ? c->args[0] : NULL, c->args[c->n_args - 1], &who);
	if (st == ST_OK)
		st = disclosing_rows(l, &who, &rows, &n);
	if (st == ST_OK)
		st = write_page(c, l, &who, rows, n);
	if (st == ST_OK && !c->global.is_quiet)
		printf("[ok] %zu values on %s in %s, readable by you alone\n", n,
		    who.code, call_option(c, "out"));
	return command_close(l, st);
}
