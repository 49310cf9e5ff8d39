/* suppress.c - which counts of a table are hidden. Pure. */
#include "core/suppress.h"

#include <assert.h>

/* ---- lines ---- */

static size_t
line_length(const struct suppress_table *t, struct suppress_line l)
{
	return l.is_row ? t->columns : t->rows;
}

static uint32_t
line_count(const struct suppress_table *t, struct suppress_line l, size_t i)
{
	return l.is_row ? t->counts[l.at][i] : t->counts[i][l.at];
}

static bool
line_hides(const struct suppress_table *t, struct suppress_line l, size_t i)
{
	return l.is_row ? t->hidden[l.at][i] : t->hidden[i][l.at];
}

/* Would the hidden counts of this line follow from its total, or nearly so? */
static bool
is_weak(const struct suppress_table *t, struct suppress_line l)
{
	uint32_t n = 0, sum = 0;

	for (size_t i = 0; i < line_length(t, l); i++) {
		if (line_hides(t, l, i)) {
			n++;
			sum += line_count(t, l, i);
		}
	}
	return n > 0 && (n < 2 || sum < t->k);
}

/* Hides the smallest count that is left and not zero, the first of equal ones; false if
 * there is none. */
static bool
hide_one(struct suppress_table *t, struct suppress_line l)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < line_length(t, l); i++) {
		if (line_hides(t, l, i) || line_count(t, l, i) == 0)
			continue;
		if (best == SIZE_MAX || line_count(t, l, i) < line_count(t, l, best))
			best = i;
	}
	if (best == SIZE_MAX)
		return false;
	if (l.is_row)
		t->hidden[l.at][best] = true;
	else
		t->hidden[best][l.at] = true;
	return true;
}

static bool
is_small(const struct suppress_table *t, size_t row, size_t column)
{
	return t->counts[row][column] > 0 && t->counts[row][column] < t->k;
}

static void
hide_small(struct suppress_table *t)
{
	for (size_t i = 0; i < t->rows; i++) {
		for (size_t j = 0; j < t->columns; j++)
			t->hidden[i][j] = is_small(t, i, j);
	}
}

/* Passes over rows, then columns, until one changes nothing (DOMAIN 6.4). */
static bool
settle_lines(struct suppress_table *t, struct suppress_line *weak)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < t->rows + t->columns; i++) {
			bool is_row = i < t->rows;
			struct suppress_line l = {is_row, is_row ? i : i - t->rows};

			if (!is_weak(t, l))
				continue;
			if (!hide_one(t, l)) {
				*weak = l;
				return false;
			}
			changed = true;
		}
	}
	return true;
}

/* ---- the table as a whole ----
 *
 * Another table with the same totals differs from this one by rounds: one more in a row,
 * one less in its column, one more in that row, and so on back to the first cell. Let
 * rows and columns be nodes; each hidden cell is an arc row -> column ("one more fits"),
 * and, where it is 2 or more, an arc column -> row ("one less fits": a hidden count is
 * not 0). A cell can be another number if and only if one of its arcs lies on a round
 * that does not go straight back through the same cell. */

enum { NODES_MAX = SUPPRESS_ROWS_MAX + SUPPRESS_COLUMNS_MAX };

struct walk {
	const struct suppress_table *t;
	size_t row, column; /* the cell that may not be used */
	size_t n;
	size_t queue[NODES_MAX]; /* rows, then columns behind them */
	bool seen[NODES_MAX];
};

static void
walk_to(struct walk *w, size_t node)
{
	if (!w->seen[node]) {
		w->seen[node] = true;
		w->queue[w->n++] = node;
	}
}

static void
walk_from(struct walk *w, size_t node)
{
	const struct suppress_table *t = w->t;
	bool is_row = node < t->rows;
	struct suppress_line l = {is_row, is_row ? node : node - t->rows};

	for (size_t i = 0; i < line_length(t, l); i++) {
		size_t row = is_row ? node : i, column = is_row ? i : l.at;

		if (!t->hidden[row][column] || (row == w->row && column == w->column))
			continue;
		if (is_row)
			walk_to(w, t->rows + column);
		else if (t->counts[row][column] > 1)
			walk_to(w, row);
	}
}

static bool
leads_to(
    const struct suppress_table *t, size_t from, size_t to, size_t row, size_t column)
{
	struct walk w = {.t = t, .row = row, .column = column};

	walk_to(&w, from);
	for (size_t i = 0; i < w.n && !w.seen[to]; i++)
		walk_from(&w, w.queue[i]);
	return w.seen[to];
}

bool
suppress_is_derivable(const struct suppress_table *t, size_t row, size_t column)
{
	bool may_grow = leads_to(t, t->rows + column, row, row, column);
	bool may_shrink =
	    t->counts[row][column] > 1 && leads_to(t, row, t->rows + column, row, column);

	return !may_grow && !may_shrink;
}

static bool
find_derivable(const struct suppress_table *t, size_t *row, size_t *column)
{
	for (*row = 0; *row < t->rows; ++*row) {
		for (*column = 0; *column < t->columns; ++*column) {
			if (is_small(t, *row, *column) &&
			    suppress_is_derivable(t, *row, *column))
				return true;
		}
	}
	return false;
}

/* One more hidden count for the sake of a cell: in its row, else in its column, else the
 * smallest of the table, through which a longer round may lead. */
static bool
hide_for(struct suppress_table *t, size_t row, size_t column)
{
	size_t best_row = SIZE_MAX, best_column = 0;

	if (hide_one(t, (struct suppress_line){true, row}) ||
	    hide_one(t, (struct suppress_line){false, column}))
		return true;
	for (size_t i = 0; i < t->rows; i++) {
		for (size_t j = 0; j < t->columns; j++) {
			if (t->hidden[i][j] || t->counts[i][j] == 0)
				continue;
			if (best_row == SIZE_MAX ||
			    t->counts[i][j] < t->counts[best_row][best_column]) {
				best_row = i;
				best_column = j;
			}
		}
	}
	if (best_row == SIZE_MAX)
		return false;
	t->hidden[best_row][best_column] = true;
	return true;
}

bool
suppress_small(struct suppress_table *t, struct suppress_line *weak)
{
	size_t row, column;

	assert(t->k > 0 && t->rows <= SUPPRESS_ROWS_MAX);
	assert(t->columns <= SUPPRESS_COLUMNS_MAX);
	hide_small(t);
	for (;;) {
		if (!settle_lines(t, weak))
			return false;
		if (!find_derivable(t, &row, &column))
			return true;
		if (!hide_for(t, row, column)) {
			*weak = (struct suppress_line){true, row};
			return false;
		}
	}
}
