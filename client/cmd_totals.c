/* cmd_totals.c - pnet totals (the workshop summary) and pnet findings. */
#include <stdlib.h>

#include "base/text.h"
#include "client/actions/rolls.h"
#include "client/actions/totals.h"
#include "client/commands.h"

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

/* ---- findings ---- */

/* Figures with the counts of rules: from the roll where it is here. */
static status
finding_of(struct laptop *l, const struct activity *a, struct finding_activity *out)
{
	struct totals totals;
	struct country country;
	struct roll_day *days = arena_zeros(l->arena, SCHEMA_DAY_NO_MAX, sizeof *days);
	struct scope_info scope;
	status st = totals_of(l, a, &totals);

	if (days == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
	if (st == ST_OK)
		st = find_country(l, a->space, &country);
	if (st != ST_OK)
		return st;
	*out = (struct finding_activity){
	    .code = span_text(arena_text(l->arena, "%s", a->code)),
	    .country_order = country.order,
	    .type = a->type,
	    .state = totals.state,
	    .practice = a->practice,
	    .org = a->org,
	    .start = a->start,
	    .figures = totals.figures,
	    .days = days};
	if (a->type == YOUTH_WORKSHOP &&
	    scope_for(l, WHERE_ACTIVITY, a->space, &a->name, &scope) == ST_OK) {
		struct person_finding *found;
		struct rolls rolls;
		size_t n;

		st = rolls_load(l, a, &rolls);
		if (st == ST_OK)
			st = rolls_findings(l, &rolls, &found, &n);
		out->figures = rolls.view.figures;
		out->days = rolls.roll.days;
		out->n_days = rolls.roll.n_days;
	}
	return st;
}

static void
print_findings(struct call *c, const struct finding_list *list)
{
	struct listing *out =
	    listing_new("pnet.findings/1", "rule,severity,subject,count#,message");

	for (size_t i = 0; i < list->n; i++) {
		const struct finding *f = &list->at[i];

		listing_row(out);
		listing_cellf(out, "V%u", f->rule);
		listing_cell(out, findings_severity_name(f->severity));
		listing_cellf(
		    out, "%.*s", (int)f->subject.len, (const char *)f->subject.bytes);
		listing_cellf(out, "%u", (unsigned)f->count);
		listing_cell(out, f->message);
	}
	listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
}

/* The rules that this version checks on one activity's data (DOMAIN 4). */
static bool
is_built(unsigned rule)
{
	static const unsigned rules[] = {12, 13, 14, 15, 17, 18, 19, 20};

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (rules[i] == rule)
			return true;
	}
	return false;
}

static void
keep_wanted(struct finding_list *list, bool only_gates, bool *any_gate)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		bool is_gate = list->at[i].severity == SEVERITY_GATE;

		if (!is_built(list->at[i].rule) || (only_gates && !is_gate))
			continue;
		*any_gate = *any_gate || is_gate;
		list->at[kept++] = list->at[i];
	}
	list->n = kept;
}

status
cmd_findings(struct call *c)
{
	struct laptop *l = NULL;
	struct activity *all, one;
	struct finding_activity *rows = NULL;
	struct finding_list list = {0};
	size_t n = 0;
	bool any_gate = false;
	status st = command_open(c, &l);

	if (st == ST_OK && c->n_args > 0) {
		st = find_activity(l, c->args[0], &one);
		all = &one;
		n = 1;
	} else if (st == ST_OK) {
		st = find_activities(l, ACTIVITY_UNSET, &all, &n);
	}
	if (st == ST_OK)
		rows = arena_zeros(l->arena, n, sizeof *rows);
	if (st == ST_OK && rows == NULL)
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
	for (size_t i = 0; st == ST_OK && i < n; i++)
		st = finding_of(l, &all[i], &rows[i]);
	if (st == ST_OK) {
		list.arena = l->arena;
		findings_activities(rows, n, &list);
		findings_sort(&list);
		keep_wanted(&list, call_has(c, "gate"), &any_gate);
		print_findings(c, &list);
		c->exit_code = any_gate ? 3 : 0;
	}
	return command_close(l, st);
}
