/* marks.c - marks out of files: a list of rows, or a grid of names and days. Pure. */
#include "core/marks.h"

#include "base/date.h"
#include "base/text.h"

#include <assert.h>
#include <stdlib.h>

enum { UNKNOWN_CODES_MAX = 12, NAME_ERRORS_MAX = 2 };

/* ---- the report ---- */

struct growing {
	struct marks_report *report;
	struct arena *arena;
	size_t cap;
};

static status
add_row(struct growing *g, const struct marks_row *row, struct trouble *t)
{
	struct marks_report *r = g->report;

	if (r->n_rows == g->cap) {
		size_t cap = g->cap == 0 ? 64 : g->cap * 2;
		struct marks_row *rows = arena_zeros(g->arena, cap, sizeof *rows);

		if (rows == NULL)
			return trouble_set(t, ST_NO_MEMORY, "%zu marks", cap);
		if (r->n_rows > 0)
			memcpy(rows, r->rows, r->n_rows * sizeof *rows);
		r->rows = rows;
		g->cap = cap;
	}
	r->rows[r->n_rows++] = *row;
	return ST_OK;
}

static void
reject(struct marks_row *row, enum marks_reason why)
{
	row->verdict = MARKS_REJECTED;
	row->reason = why;
}

/* ---- one mark in its place ---- */

/* A word or a letter in any case; not the keys 1-4, which mean other things in files. */
static bool
read_mark(struct span cell, const struct marks_map *map, size_t n_map, enum mark *out)
{
	for (size_t i = 0; i < n_map; i++) {
		if (span_equal(map[i].text, cell)) {
			*out = map[i].mark;
			return true;
		}
	}
	if (cell.len == 1 && cell.bytes[0] >= '0' && cell.bytes[0] <= '9')
		return false;
	return cell_parse(cell, out);
}

/* May this line have a mark on this day? */
static void
check_place(const struct marks_target *target, struct marks_row *row)
{
	const struct figures *f = &target->view->figures;

	if (row->day_no < 1 || row->day_no > f->days_planned)
		reject(row, MARKS_DAY);
	else if (f->days[row->day_no - 1].held == HELD_NO)
		reject(row, MARKS_NOT_HELD);
	else if (!roll_is_enrolled(&target->view->lines[row->line], row->day_no))
		reject(row, MARKS_NOT_ENROLLED);
}

/* ---- contradictions inside the file ---- */

static int
compare_places(const void *a, const void *b)
{
	const struct marks_row *x = *(const struct marks_row *const *)a;
	const struct marks_row *y = *(const struct marks_row *const *)b;

	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->day_no > y->day_no) - (x->day_no < y->day_no);
}

/* Holds every row of a run about one mark unless all say the same. */
static void
hold_contradictions(struct marks_row **run, size_t n)
{
	bool differ = false;

	for (size_t i = 1; i < n; i++)
		differ = differ || run[i]->mark != run[0]->mark;
	for (size_t i = 0; differ && i < n; i++) {
		run[i]->verdict = MARKS_HELD;
		run[i]->reason = MARKS_CONTRADICTED;
	}
}

static status
find_contradictions(struct marks_report *r, struct arena *a, struct trouble *t)
{
	struct marks_row **placed = arena_zeros(a, r->n_rows, sizeof *placed);
	size_t n = 0, begin = 0;

	if (placed == NULL)
		return trouble_set(t, ST_NO_MEMORY, "%zu marks", r->n_rows);
	for (size_t i = 0; i < r->n_rows; i++) {
		if (r->rows[i].verdict == MARKS_ACCEPTED)
			placed[n++] = &r->rows[i];
	}
	if (n > 0)
		qsort(placed, n, sizeof *placed, compare_places);
	for (size_t i = 1; i <= n; i++) {
		if (i < n && compare_places(&placed[begin], &placed[i]) == 0)
			continue;
		hold_contradictions(placed + begin, i - begin);
		begin = i;
	}
	return ST_OK;
}

static void
count(struct marks_report *r, const struct marks_target *targets)
{
	for (size_t i = 0; i < r->n_rows; i++) {
		struct marks_row *row = &r->rows[i];

		r->n_accepted += row->verdict == MARKS_ACCEPTED;
		r->n_held += row->verdict == MARKS_HELD;
		r->n_rejected += row->verdict == MARKS_REJECTED;
		if (row->verdict == MARKS_ACCEPTED) {
			struct cell now = targets[row->target]
					      .view->lines[row->line]
					      .cells[row->day_no - 1];

			row->is_change = now.values != cell_of(row->mark).values;
			r->n_changes += row->is_change;
		}
	}
}

static status
finish(struct marks_report *r, const struct marks_target *targets, struct arena *a,
    struct trouble *t)
{
	status st = find_contradictions(r, a, t);

	if (st == ST_OK)
		count(r, targets);
	return st;
}

/* ---- list ---- */

/* A number of at most 5 digits that is the whole of s. */
static bool
read_number(struct span s, uint32_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.bytes[i] < '0' || s.bytes[i] > '9')
			return false;
		*out = *out * 10 + (uint32_t)(s.bytes[i] - '0');
	}
	return s.len >= 1 && s.len <= 5;
}

static bool
line_of_number(const struct roll_view *v, uint32_t no, size_t *line)
{
	for (size_t i = 0; i < v->n_lines; i++) {
		if (v->lines[i].row->no == no) {
			*line = i;
			return true;
		}
	}
	return false;
}

/* `DE-W1-E07`: enrolment number 7 of DE-W1. */
static bool
find_enrolment(
    struct span cell, const struct marks_target *targets, size_t n, struct marks_row *row)
{
	size_t cut = cell.len;
	uint32_t no;

	while (cut >= 2 && !(cell.bytes[cut - 1] == 'E' && cell.bytes[cut - 2] == '-'))
		cut--;
	if (cut < 2 || !read_number(span_of(cell.bytes + cut, cell.len - cut), &no))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (span_equal(targets[i].activity, span_of(cell.bytes, cut - 2))) {
			row->target = i;
			return line_of_number(targets[i].view, no, &row->line);
		}
	}
	return false;
}

enum { LIST_ENROLMENT, LIST_DAY, LIST_STATUS, LIST_COLUMNS };

static void
judge_list_row(const struct csv_row *in, const size_t columns[static LIST_COLUMNS],
    const struct marks_target *targets, size_t n, struct marks_row *row)
{
	uint32_t day;

	*row = (struct marks_row){.file_line = in->line, .fault = in->fault};
	if (in->fault != CSV_OK) {
		reject(row, MARKS_STRUCTURE);
	} else if (!find_enrolment(in->cells[columns[LIST_ENROLMENT]], targets, n, row)) {
		reject(row, MARKS_ENROLMENT);
	} else if (!read_number(in->cells[columns[LIST_DAY]], &day) ||
		   day > SCHEMA_DAY_NO_MAX) {
		reject(row, MARKS_DAY);
	} else if (in->cells[columns[LIST_STATUS]].len == 0) {
		reject(row, MARKS_EMPTY);
	} else if (!read_mark(in->cells[columns[LIST_STATUS]], NULL, 0, &row->mark)) {
		reject(row, MARKS_STATUS);
	} else {
		row->day_no = (uint8_t)day;
		check_place(&targets[row->target], row);
	}
}

static status
find_list_columns(
    const struct csv_row *header, size_t columns[static LIST_COLUMNS], struct trouble *t)
{
	static const char *const names[LIST_COLUMNS] = {"enrolment", "day", "status"};

	for (size_t i = 0; i < LIST_COLUMNS; i++) {
		columns[i] = header->n_cells;
		for (size_t j = 0; j < header->n_cells; j++) {
			if (span_equal(header->cells[j], span_text(names[i])))
				columns[i] = j;
		}
		if (columns[i] == header->n_cells)
			return trouble_set(
			    t, ST_MALFORMED, "missing column %s", names[i]);
	}
	return ST_OK;
}

status
marks_read_list(struct span text, const struct marks_target *targets, size_t n_targets,
    struct arena *a, struct marks_report *out, struct trouble *t)
{
	struct growing g = {out, a, 0};
	size_t columns[LIST_COLUMNS];
	struct csv_row in;
	struct csv csv;
	bool has_row = true;
	status st;

	*out = (struct marks_report){0};
	st = csv_open(&csv, text, a, &in, t);
	if (st == ST_OK)
		st = find_list_columns(&in, columns, t);
	while (st == ST_OK) {
		struct marks_row row;

		st = csv_next(&csv, a, &in, &has_row, t);
		if (st != ST_OK || !has_row)
			break;
		judge_list_row(&in, columns, targets, n_targets, &row);
		st = add_row(&g, &row, t);
	}
	return st == ST_OK ? finish(out, targets, a, t) : st;
}

/* ---- grid: days ---- */

/* Day and month of `12.10.` or `12.10.2026`; year 0 if it is not said. */
static bool
read_dotted(struct span s, struct civil *out)
{
	uint32_t parts[3] = {0, 0, 0};
	size_t begin = 0, n = 0;

	for (size_t i = 0; i <= s.len && n < 3; i++) {
		if (i < s.len && s.bytes[i] != '.')
			continue;
		if (i > begin &&
		    !read_number(span_of(s.bytes + begin, i - begin), &parts[n]))
			return false;
		n += i > begin;
		begin = i + 1;
	}
	*out = (struct civil){(int)parts[2], (int)parts[1], (int)parts[0]};
	return n >= 2 && begin >= s.len && memchr(s.bytes, '.', s.len) != NULL;
}

/* The day that the head of a column means, 0 if none. */
static uint8_t
day_of_column(struct span head, const struct roll *r)
{
	struct civil dotted = {0};
	uint32_t number, date;
	bool is_iso = date_parse(head, &date), is_dotted = read_dotted(head, &dotted);

	if (read_number(head, &number))
		return number <= r->days_planned ? (uint8_t)number : 0;
	for (size_t i = 0; i < r->n_days; i++) {
		const struct roll_day *d = &r->days[i];
		struct civil c;

		if (!d->has_date || d->date > DATE_DAYS_MAX)
			continue;
		c = date_civil(d->date);
		if ((is_iso && d->date == date) ||
		    (is_dotted && c.day == dotted.day && c.month == dotted.month &&
			(dotted.year == 0 || dotted.year == c.year)))
			return d->day_no;
	}
	return 0;
}

/* ---- grid: names ---- */

static struct span
joined_key(struct span first, struct span second, struct arena *a)
{
	char *both = arena_text(a, "%.*s %.*s", (int)first.len, (const char *)first.bytes,
	    (int)second.len, (const char *)second.bytes);

	return both == NULL ? span_of(NULL, 0) : text_fold_key(span_text(both), a);
}

/* Typing errors between a name of the file and a person; 0 = the same. */
static status
name_errors(
    struct span key, const struct roll_row *row, struct arena *a, unsigned *errors)
{
	struct span given_first = joined_key(row->given_name, row->family_name, a);
	struct span family_first = joined_key(row->family_name, row->given_name, a);
	unsigned x, y;

	if (given_first.bytes == NULL || family_first.bytes == NULL)
		return ST_NO_MEMORY;
	x = text_distance(key, given_first, NAME_ERRORS_MAX);
	y = text_distance(key, family_first, NAME_ERRORS_MAX);
	*errors = x < y ? x : y;
	return ST_OK;
}

/* The key of a name in a file; an empty one if it is no name. */
static status
name_key(struct span name, struct arena *a, struct span *key)
{
	struct span clean;
	unsigned notes;
	status st = text_clean_name(name, a, &clean, &notes, NULL);

	*key = span_of(NULL, 0);
	if (st != ST_OK)
		return st == ST_NO_MEMORY ? st : ST_OK;
	*key = text_fold_key(clean, a);
	return key->bytes == NULL ? ST_NO_MEMORY : ST_OK;
}

/* Who is meant by a name: the one line that is nearest. */
static status
find_name(struct span name, const struct roll_view *v, struct arena *a, size_t *line,
    enum marks_reason *why)
{
	unsigned best = NAME_ERRORS_MAX + 1, errors = 0;
	size_t n_best = 0;
	struct span key;
	status st = name_key(name, a, &key);

	for (size_t i = 0; st == ST_OK && key.len > 0 && i < v->n_lines; i++) {
		st = name_errors(key, v->lines[i].row, a, &errors);
		if (errors < best) {
			best = errors;
			n_best = 0;
			*line = i;
		}
		n_best += errors == best;
	}
	if (best > NAME_ERRORS_MAX || n_best != 1)
		*why = MARKS_NAME_UNKNOWN;
	else
		*why = best == 0 ? MARKS_FINE : MARKS_NAME_GUESSED;
	return st;
}

/* ---- grid: cells ---- */

struct grid {
	const struct marks_target *target;
	const struct marks_map *map;
	size_t n_map;
	bool takes_guesses;
	uint8_t days[CSV_CELLS_MAX]; /* of each column; 0 = no day */
	struct span unknown[UNKNOWN_CODES_MAX];
	size_t n_unknown;
};

static void
note_unknown(struct grid *g, struct span code)
{
	for (size_t i = 0; i < g->n_unknown; i++) {
		if (span_equal(g->unknown[i], code))
			return;
	}
	if (g->n_unknown < UNKNOWN_CODES_MAX)
		g->unknown[g->n_unknown++] = code;
}

static status
read_grid_row(
    struct grid *grid, const struct csv_row *in, struct growing *g, struct trouble *t)
{
	struct marks_row row = {.file_line = in->line, .fault = in->fault};
	status st = ST_OK;

	if (in->fault != CSV_OK) {
		reject(&row, MARKS_STRUCTURE);
		return add_row(g, &row, t);
	}
	st =
	    find_name(in->cells[0], grid->target->view, g->arena, &row.line, &row.reason);
	if (st != ST_OK)
		return trouble_set(t, st, "line %zu", in->line);
	g->report->n_names++;
	g->report->n_matched += row.reason == MARKS_FINE;
	if (row.reason == MARKS_NAME_GUESSED && grid->takes_guesses)
		row.reason = MARKS_FINE;
	if (row.reason != MARKS_FINE)
		row.verdict =
		    row.reason == MARKS_NAME_GUESSED ? MARKS_HELD : MARKS_REJECTED;
	for (size_t i = 1; st == ST_OK && i < in->n_cells; i++) {
		struct marks_row mark = row;

		if (grid->days[i] == 0 || in->cells[i].len == 0)
			continue;
		mark.day_no = grid->days[i];
		if (!read_mark(in->cells[i], grid->map, grid->n_map, &mark.mark))
			note_unknown(grid, in->cells[i]);
		else if (mark.verdict != MARKS_REJECTED)
			check_place(grid->target, &mark);
		st = add_row(g, &mark, t);
	}
	return st;
}

static status
find_days(struct grid *grid, const struct csv_row *header, struct marks_report *out,
    struct trouble *t)
{
	size_t n = 0;

	for (size_t i = 1; i < header->n_cells; i++) {
		grid->days[i] = day_of_column(header->cells[i], grid->target->roll);
		n += grid->days[i] != 0;
		out->n_ignored += grid->days[i] == 0;
		for (size_t j = 1; j < i; j++) {
			if (grid->days[i] != 0 && grid->days[i] == grid->days[j])
				return trouble_set(t, ST_MALFORMED,
				    "columns %zu and %zu are the same day", j + 1, i + 1);
		}
	}
	if (n == 0)
		return trouble_set(t, ST_MALFORMED,
		    "no column is a day of the activity (a date or a number is "
		    "expected)");
	return ST_OK;
}

/* Cells that mean nothing, with whatever could disturb a terminal as `?`. */
static status
complain_unknown(const struct grid *grid, struct trouble *t)
{
	char list[128];
	size_t used = 0;

	for (size_t i = 0; i < grid->n_unknown; i++) {
		struct span code = grid->unknown[i];

		for (size_t j = 0; j < code.len && j < 8 && used + 4 < sizeof list; j++)
			list[used++] = (char)(code.bytes[j] < 0x20 || code.bytes[j] > 0x7e
						  ? '?'
						  : code.bytes[j]);
		if (used + 4 < sizeof list)
			list[used++] = ' ';
	}
	list[used > 0 ? used - 1 : 0] = '\0';
	return trouble_set(t, ST_MALFORMED,
	    "unknown codes: %s (--map CODE=present,... says what they mean)", list);
}

status
marks_read_grid(struct span text, const struct marks_target *target,
    const struct marks_map *map, size_t n_map, bool takes_guesses, struct arena *a,
    struct marks_report *out, struct trouble *t)
{
	struct grid grid = {
	    .target = target, .map = map, .n_map = n_map, .takes_guesses = takes_guesses};
	struct growing g = {out, a, 0};
	struct csv_row in;
	struct csv csv;
	bool has_row = true;
	status st;

	*out = (struct marks_report){0};
	st = csv_open(&csv, text, a, &in, t);
	if (st == ST_OK)
		st = find_days(&grid, &in, out, t);
	while (st == ST_OK) {
		st = csv_next(&csv, a, &in, &has_row, t);
		if (st != ST_OK || !has_row)
			break;
		st = read_grid_row(&grid, &in, &g, t);
	}
	if (st == ST_OK && grid.n_unknown > 0)
		st = complain_unknown(&grid, t);
	return st == ST_OK ? finish(out, target, a, t) : st;
}

const char *
marks_reason_text(enum marks_reason reason)
{
	static const char *const texts[] = {
	    "fine",
	    "the row is not well formed",
	    "there is no such enrolment here",
	    "not a day of the activity (V3)",
	    "present, late, excused or absent is expected (V1)",
	    "empty: an import never clears a mark",
	    "the day was not held (V17)",
	    "not enrolled that day (V17)",
	    "two rows of the file contradict each other",
	    "the name is nearly that of somebody on the roster",
	    "nobody on the roster is called that, or more than one",
	};

	_Static_assert(
	    sizeof texts / sizeof texts[0] == MARKS_REASON_COUNT, "a text each");
	return texts[reason];
}
