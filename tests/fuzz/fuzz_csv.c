/* fuzz_csv.c - files of strangers: every row ends in one verdict, what is stored is in
 * stored form, and a cell that is written again reads back the same. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "base/text.h"
#include "core/marks.h"
#include "core/roster.h"
#include "core/table.h"

enum { ARENA_BYTES_MAX = 64 << 20, OUT_BYTES = 64 << 10 };

/* Writes a row with a plain first cell and reads it again. */
static void
reads_back_the_same(const struct csv_row *row, struct arena *a)
{
	uint8_t *room = arena_alloc(a, OUT_BYTES);
	struct writer w = writer_of(room, OUT_BYTES);
	struct csv_row again;
	struct csv csv;

	assert(room != NULL);
	table_cell(&w, true, span_text("head"));
	for (size_t i = 0; i < row->n_cells; i++)
		table_cell(&w, false, row->cells[i]);
	table_end_row(&w);
	if (w.is_full || row->n_cells + 1 > CSV_CELLS_MAX)
		return;
	/* The header line is read like any other row; an empty or doubled name is its own
	 * matter, so the status does not count here, nor the delimiter that it suggests.
	 */
	(void)csv_open(&csv, writer_done(&w), a, &again, NULL);
	if (csv.delimiter != ',')
		return;
	assert(again.fault == CSV_OK && again.n_cells == row->n_cells + 1);
	for (size_t i = 0; i < row->n_cells; i++) {
		struct span cell = again.cells[i + 1];

		if (text_begins_like_formula(row->cells[i]))
			cell = span_of(cell.bytes + 1, cell.len - 1); /* the apostrophe */
		assert(span_equal(cell, row->cells[i]));
	}
}

static void
read_rows(struct span text, struct arena *a)
{
	struct csv_row row;
	struct csv csv;
	bool has_row = true;
	size_t line = 0;

	if (csv_open(&csv, text, a, &row, NULL) != ST_OK)
		return;
	while (csv_next(&csv, a, &row, &has_row, NULL) == ST_OK && has_row) {
		assert(row.line > line); /* rows come in order, and the reading goes on */
		line = row.line;
		if (row.fault == CSV_OK)
			reads_back_the_same(&row, a);
	}
}

static void
read_roster(struct span text, struct arena *a)
{
	const struct roster_rules rules = {
	    .start_year = 2026, .age_min = 10, .age_max = 20, .today = 20859};
	struct roster_report r;

	if (roster_read(text, &rules, NULL, 0, NULL, 0, a, &r, NULL) != ST_OK)
		return;
	assert(r.n_accepted + r.n_held + r.n_rejected == r.n_rows);
	assert(r.n_warned <= r.n_accepted);
	for (size_t i = 0; i < r.n_rows; i++) {
		const struct roster_row *row = &r.rows[i];

		assert((row->verdict == ROSTER_ACCEPTED) == (row->reason == ROSTER_FINE));
		if (row->verdict != ROSTER_ACCEPTED)
			continue;
		assert(text_is_name(row->given_name) && text_is_name(row->family_name));
		assert(row->birth_year == 0 ||
		       (row->birth_year >= 1996 && row->birth_year <= 2020));
	}
}

static void
check_marks(const struct marks_report *r)
{
	assert(r->n_accepted + r->n_held + r->n_rejected == r->n_rows);
	assert(r->n_changes <= r->n_accepted && r->n_matched <= r->n_names);
	for (size_t i = 0; i < r->n_rows; i++) {
		const struct marks_row *row = &r->rows[i];

		if (row->verdict == MARKS_ACCEPTED)
			assert(row->line < 2 && row->day_no >= 1 && row->day_no <= 5 &&
			       row->mark > MARK_NONE && row->mark < MARK_COUNT);
	}
}

/* The same bytes as a list and as a grid of marks of DE-W1. */
static void
read_marks(struct span text, struct arena *a)
{
	const struct roll_row rows[2] = {{.person = {1},
					     .no = 1,
					     .given_name = span_text("Jannik"),
					     .family_name = span_text("Stein")},
	    {.person = {2},
		.no = 2,
		.joined_day = 2,
		.given_name = span_text("Hanna"),
		.family_name = span_text("Hübner")}};
	const struct roll_day day = {
	    .day_no = 1, .has_date = true, .date = 20738, .held = HELD_YES};
	const struct roll roll = {
	    .days_planned = 5, .n_days = 1, .days = &day, .n_rows = 2, .rows = rows};
	const struct marks_map map = {span_text("x"), MARK_PRESENT};
	struct roll_view view;
	struct marks_target target = {span_text("DE-W1"), &roll, &view};
	struct marks_report r;

	assert(roll_make(&roll, a, &view, NULL) == ST_OK);
	if (marks_read_list(text, &target, 1, a, &r, NULL) == ST_OK)
		check_marks(&r);
	if (marks_read_grid(text, &target, &map, 1, false, a, &r, NULL) == ST_OK)
		check_marks(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *a = arena_new(ARENA_BYTES_MAX);
	struct span text;
	size_t bad;

	assert(a != NULL);
	if (text_decode_file(span_of(bytes, len), a, &text, &bad, NULL) == ST_OK) {
		assert(text_is_utf8(text, NULL));
		read_rows(text, a);
		read_roster(text, a);
		read_marks(text, a);
	} else {
		assert(bad < len);
	}
	arena_free(a);
	return 0;
}
