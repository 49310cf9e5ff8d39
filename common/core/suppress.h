/* suppress.h - hides small counts in a table whose totals are printed, so that none of
 * them can be worked out from the rest (DOMAIN 6.4). Pure.
 *
 * What a reader has: every total, every count that is shown, and that a hidden count is
 * not 0, since zeros are shown. The passes of DOMAIN 6.4 keep every line from giving a
 * count away alone; several lines together still can (common/doc/decisions/0008), so the
 * table is then asked as a whole and more is hidden where it has to be. */
#ifndef CORE_SUPPRESS_H
#define CORE_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUPPRESS_ROWS_MAX = 64, SUPPRESS_COLUMNS_MAX = 8 };

/* Counts without totals, and which of them are hidden. */
struct suppress_table {
	size_t rows, columns;
	uint32_t k; /* counts of 1..k-1 are small; 1 or more */
	uint32_t counts[SUPPRESS_ROWS_MAX][SUPPRESS_COLUMNS_MAX];
	bool hidden[SUPPRESS_ROWS_MAX][SUPPRESS_COLUMNS_MAX];
};

/* A row or a column. */
struct suppress_line {
	bool is_row;
	size_t at;
};

/* Fills `hidden`. False if a line has no count left that could be hidden beside those
 * that give themselves away: nothing of the table may be shown. *weak is that line. */
bool suppress_small(struct suppress_table *t, struct suppress_line *weak);

/* Does only one number fit at a hidden cell, whatever the other hidden ones are? */
bool suppress_is_derivable(const struct suppress_table *t, size_t row, size_t column);

#endif
