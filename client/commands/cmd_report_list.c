/* cmd_report_list.c - pnet report list, export: how far reports have come, and one as a
 * page. */
#include "client/actions/report_state.h"
#include "client/commands/commands.h"

static void
add_row(struct listing *out, const struct report *r)
{
	size_t n_valid = 0;

	for (size_t i = 0; i < r->n_signoffs; i++)
		n_valid += r->signoffs[i].is_of_text;
	listing_row(out);
	listing_cell(out, r->code);
	listing_cell(out, report_word(r));
	listing_cell(out, document_stage_name(r->stage));
	listing_cell(out, r->country);
	listing_cell(out, r->activity);
	listing_cell(out, r->practice);
	listing_cell(out, r->authors_new);
	listing_cell(out, r->authors_experienced);
	listing_cellf(out, "%zu", n_valid);
	listing_cell(out, r->submitted_on);
	listing_cell(out, r->facts.is_same ? r->decided_on : "");
}

status
cmd_report_list(struct call *c)
{
	struct listing *out = listing_new("pnet.reports/1",
	    "code,kind,state,country,activity,practice,authors_new,authors_experienced,"
	    "signed#,submitted_on,decided_on");
	struct laptop *l = NULL;
	const char **codes = NULL;
	size_t n = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = report_codes(l, &codes, &n);
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct report r;

		st = report_open(l, codes[i], &r);
		if (st == ST_OK)
			add_row(out, &r);
	}
	if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return command_close(l, st);
}

status
cmd_report_export(struct call *c)
{
	const char *path = call_option(c, "out");
	struct laptop *l = NULL;
	struct report r;
	struct span page = {0};
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = report_open(l, c->args[0], &r);
	if (st == ST_OK)
		st = report_page(l, &r, &page);
	if (st == ST_OK && path != NULL)
		st = command_write(c, path, page);
	else if (st == ST_OK)
		(void)fwrite(page.bytes, 1, page.len, stdout);
	return command_close(l, st);
}
