/* table.c - CSV cells and the workshop summary. Pure. */
#include "core/table.h"

#include "base/text.h"

#include <stdlib.h>

/* ---- cells ---- */

static bool
needs_quotes(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (strchr(",\"\r\n", s.bytes[i]) != NULL && s.bytes[i] != '\0')
			return true;
	}
	return false;
}

void
table_cell(struct writer *w, bool is_first, struct span value)
{
	bool quotes = needs_quotes(value);

	if (!is_first)
		writer_u8(w, ',');
	if (quotes)
		writer_u8(w, '"');
	if (text_begins_like_formula(value))
		writer_u8(w, '\'');
	for (size_t i = 0; i < value.len; i++) {
		if (value.bytes[i] == '"')
			writer_u8(w, '"');
		writer_u8(w, value.bytes[i]);
	}
	if (quotes)
		writer_u8(w, '"');
}

void
table_cell_number(struct writer *w, bool is_first, uint64_t n)
{
	text_put(w, "%s%llu", is_first ? "" : ",", (unsigned long long)n);
}

void
table_range(struct writer *w, struct range r)
{
	if (r.min == r.max)
		text_put(w, "%u", (unsigned)r.min);
	else
		text_put(w, "%u-%u", (unsigned)r.min, (unsigned)r.max);
}

void
table_cell_range(struct writer *w, bool is_first, struct range r)
{
	if (!is_first)
		writer_u8(w, ',');
	table_range(w, r);
}

void
table_end_row(struct writer *w)
{
	writer_u8(w, '\n');
}

void
table_rate(struct writer *w, struct range attended, uint32_t expected)
{
	uint32_t min, max;

	if (!figures_rate(attended.min, expected, &min) ||
	    !figures_rate(attended.max, expected, &max))
		return;
	text_put(w, "%u.%u", (unsigned)(min / 10), (unsigned)(min % 10));
	if (min != max)
		text_put(w, "-%u.%u", (unsigned)(max / 10), (unsigned)(max % 10));
}

/* ---- workshop summary ---- */

static int
compare_summary_rows(const void *a, const void *b)
{
	const struct summary_row *x = a, *y = b;

	if (x->country_order != y->country_order)
		return x->country_order < y->country_order ? -1 : 1;
	return span_compare(x->workshop, y->workshop);
}

static void
put_summary_row(struct writer *w, const struct summary_row *row)
{
	const struct figures *f = &row->figures;

	table_cell(w, true, row->workshop);
	table_cell(w, false, row->country);
	table_cell(w, false, row->practice);
	table_cell(w, false, span_text(figures_state_name(row->state)));
	table_cell_number(w, false, f->days_held);
	table_cell_number(w, false, f->enrolled);
	table_cell_number(w, false, f->expected);
	table_cell_range(w, false, f->present);
	table_cell_range(w, false, f->late);
	table_cell_range(w, false, f->excused);
	table_cell_range(w, false, f->absent);
	table_cell_range(w, false, f->missing);
	table_cell_range(w, false, f->attended);
	writer_u8(w, ',');
	table_rate(w, f->attended, f->expected);
	table_cell_range(w, false, f->completers);
	table_cell(w, false, span_text(figures_is_cofacilitated(f) ? "yes" : "no"));
	table_end_row(w);
}

void
table_summary(struct writer *w, struct summary_row *rows, size_t n)
{
	text_put(w, "workshop,country,practice,status,days_held,enrolled,expected_marks,"
		    "present,late,excused,absent,missing,attended,rate_pct,completers,"
		    "cofacilitated\n");
	if (n > 0)
		qsort(rows, n, sizeof *rows, compare_summary_rows);
	for (size_t i = 0; i < n; i++)
		put_summary_row(w, &rows[i]);
}
