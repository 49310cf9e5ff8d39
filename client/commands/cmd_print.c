/* cmd_print.c - pnet print sheet: the attendance sheet of DOMAIN 6.1, on paper or screen;
 * with --csv, --plain or --json the grid of its marks in words, a row for each person.
 * It names minors: consent is a gate here (V15), and a file is private. */
#include <stdlib.h>

#include "client/actions/adults.h"
#include "client/actions/erasing.h"
#include "client/commands/commands.h"
#include "core/sheet.h"

enum { SHEET_BYTES_MAX = 4 * 1024 * 1024, BLANK_MAX = 60 };

static status
read_blank(struct call *c, unsigned *blank)
{
	const char *text = call_option(c, "blank");
	char *end = NULL;
	unsigned long n = text == NULL ? 0 : strtoul(text, &end, 10);

	*blank = (unsigned)n;
	if (text == NULL ||
	    (*text >= '0' && *text <= '9' && *end == '\0' && n <= BLANK_MAX))
		return ST_OK;
	return complain(
	    c->complaint, PN_U01, "--blank wants a number of rows, 0 to %d", BLANK_MAX);
}

/* Who refused or withdrew consent and is still named (V15). */
static status
check_consent(struct call *c, struct laptop *l, const struct rolls *r)
{
	const char *who = "";
	size_t n = 0;
	status st;

	for (size_t i = 0; i < r->view.n_lines; i++) {
		enum consent consent = r->view.lines[i].row->consent;

		if (consent != CONSENT_REFUSED && consent != CONSENT_WITHDRAWN)
			continue;
		who = arena_text(l->arena, "%s%s%zu (%s)", who, n == 0 ? "" : ", ", i + 1,
		    rolls_code(l, r, i));
		n++;
	}
	if (n == 0 || c->global.says_yes)
		return ST_OK;
	st = complain(c->complaint, PN_C01,
	    "%zu young %s consent refused or withdrawn and would be named (V15): %s", n,
	    n == 1 ? "person has" : "people have", who);
	complain_what(c->complaint, "the sheet of %s is not printed", r->activity.code);
	complain_next(c->complaint,
	    "pnet print sheet %s --yes    if the paper is needed all the same",
	    r->activity.code);
	return trouble_set(&l->trouble, st, "consent");
}

static void
fill_head(struct laptop *l, const struct activity *a, const struct country *country,
    struct sheet_head *out)
{
	*out = (struct sheet_head){.activity = span_text(a->code),
	    .title = span_text(a->title),
	    .order = country->name_order};
	if (a->has_practice)
		out->practice = span_text(find_code_of(l, KIND_PRACTICE, &a->practice));
	if (!a->has_org)
		return;
	out->organisation = span_text(
	    find_text(l, "SELECT name FROM organisation WHERE record = ?", &a->org));
	out->place = span_text(
	    find_text(l, "SELECT place FROM organisation WHERE record = ?", &a->org));
}

static status
deliver(struct call *c, struct span text)
{
	const char *path = call_option(c, "out");

	if (path != NULL)
		return command_write(c, path, text);
	(void)fwrite(text.bytes, 1, text.len, stdout);
	return ST_OK;
}

static status
print_sheet(struct call *c, struct laptop *l, const struct rolls *r, unsigned blank)
{
	uint8_t *buffer = arena_alloc(l->arena, SHEET_BYTES_MAX);
	struct writer w = writer_of(buffer, SHEET_BYTES_MAX);
	struct sheet_head head;

	if (buffer == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a sheet");
	fill_head(l, &r->activity, &r->country, &head);
	if (sheet_is_before(&r->view))
		sheet_empty(&w, &head, &r->roll, &r->view, blank);
	else
		sheet_text(&w, &head, &r->roll, &r->view);
	return w.is_full ? trouble_set(&l->trouble, ST_LIMIT, "the sheet is too large")
			 : deliver(c, writer_done(&w));
}

/* no,name,d1,...,attended: as tests/data/scenarios/final_marks_*.csv. */
static struct listing *
list_grid(struct laptop *l, const struct rolls *r)
{
	const char *columns = "no#,name";
	struct listing *out;

	for (unsigned day = 1; day <= r->roll.days_planned; day++)
		columns = arena_text(l->arena, "%s,d%u", columns, day);
	out = listing_new("pnet.grid/1", arena_text(l->arena, "%s,attended", columns));
	for (size_t i = 0; i < r->view.n_lines; i++) {
		const struct roll_line *line = &r->view.lines[i];

		listing_row(out);
		listing_cellf(out, "%zu", i + 1);
		listing_cell(out, rolls_name(l, r, i));
		for (unsigned day = 1; day <= r->roll.days_planned; day++)
			listing_cell(out, rolls_mark_text(l, line, day));
		if (line->attended.min == line->attended.max)
			listing_cellf(out, "%u", (unsigned)line->attended.min);
		else
			listing_cellf(out, "%u-%u", (unsigned)line->attended.min,
			    (unsigned)line->attended.max);
	}
	return out;
}

static status
print_grid(struct call *c, struct laptop *l, const struct rolls *r)
{
	struct listing *grid = list_grid(l, r);
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	status st = ST_NO_MEMORY;

	if (to != NULL) {
		listing_print(grid, c->global.style, c->global.show_header, to);
		if (fclose(to) == 0)
			st = deliver(c, (struct span){(const uint8_t *)text, len});
	}
	if (st == ST_NO_MEMORY)
		st = trouble_set(&l->trouble, st, "no memory for a grid");
	free(text);
	listing_free(grid);
	return st;
}

status
cmd_print_sheet(struct call *c)
{
	struct laptop *l = NULL;
	struct rolls r;
	unsigned blank = 0;
	status st = read_blank(c, &blank);

	if (st == ST_OK)
		st = command_open(c, &l);
	if (st == ST_OK)
		st = adults_open(l, c->args[0], &r);
	if (st == ST_OK)
		st = check_consent(c, l, &r);
	if (st == ST_OK)
		st = c->global.style == STYLE_HUMAN ? print_sheet(c, l, &r, blank)
						    : print_grid(c, l, &r);
	if (st == ST_OK && !r.of_adults)
		st = erasing_note_print(l, &r.activity);
	return command_close(l, st);
}
