/* cmd_totals.c - pnet totals: the workshop summary. */
#include <stdlib.h>

#include "base/text.h"
#include "client/actions/rolls.h"
#include "client/actions/totals.h"
#include "client/commands/commands.h"

enum { TABLE_BYTES_MAX = 16 * 1024 * 1024 };

/* ---- totals ---- */

static status
load_rows(struct call *c, struct laptop *l, struct summary_row **rows, size_t *n)
{
	const char *country = call_option(c, "country");
	struct activity *all;
	size_t n_all = 0;
	status st = find_activities(l, YOUTH_WORKSHOP, &all, &n_all);

	*n = 0;
	*rows = st == ST_OK ? arena_zeros(l->arena, n_all, sizeof **rows) : NULL;
	if (st == ST_OK && *rows == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a table");
	for (size_t i = 0; st == ST_OK && i < n_all; i++) {
		struct summary_row row;

		if (c->n_args > 0 && strcasecmp(c->args[0], all[i].code) != 0)
			continue;
		st = totals_row(l, &all[i], &row);
		if (country != NULL && !span_equal(row.country, span_text(country)))
			continue;
		(*rows)[(*n)++] = row;
	}
	return st;
}

/* The CSV of DOMAIN 6.2 cell by cell, so that every style shows the same figures. */
static void
print_other(struct call *c, struct span csv)
{
	struct listing *out = NULL;
	char header[512], cell[512];
	size_t at = 0, len = 0;

	while (at < csv.len && csv.bytes[at] != '\n')
		at++;
	(void)snprintf(header, sizeof header, "%.*s", (int)at, (const char *)csv.bytes);
	out = listing_new("pnet.totals/1", header);
	for (at++; at < csv.len; at++) {
		char ch = (char)csv.bytes[at];

		if (at == 0 || csv.bytes[at - 1] == '\n')
			listing_row(out);
		if (ch == ',' || ch == '\n') {
			cell[len] = '\0';
			listing_cell(out, cell);
			len = 0;
		} else if (len + 1 < sizeof cell) {
			cell[len++] = ch;
		}
	}
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}

status
cmd_totals(struct call *c)
{
	struct laptop *l = NULL;
	struct summary_row *rows = NULL;
	struct writer w;
	uint8_t *buffer;
	size_t n = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = load_rows(c, l, &rows, &n);
	if (st == ST_OK && n == 0 && c->n_args > 0) {
		struct activity a;

		st = find_activity(l, c->args[0], &a); /* words the complaint */
		if (st == ST_OK)
			st = complain(c->complaint, PN_F01,
			    "%s is no youth workshop: only those have totals", a.code);
	}
	if (st != ST_OK)
		return command_close(l, st);
	buffer = malloc(TABLE_BYTES_MAX);
	w = writer_of(buffer, buffer == NULL ? 0 : TABLE_BYTES_MAX);
	table_summary(&w, rows, n);
	if (w.is_full)
		st = trouble_set(&l->trouble, ST_LIMIT, "the table is too large");
	else if (c->global.style == STYLE_CSV)
		(void)fwrite(buffer, 1, w.used, stdout);
	else
		print_other(c, writer_done(&w));
	free(buffer);
	return command_close(l, st);
}
