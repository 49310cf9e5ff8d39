/* cell.h - what stands in one key of a day's `marks`: all live values at once. Pure. */
#ifndef CORE_CELL_H
#define CORE_CELL_H

#include "core/schema.h"

/* The different values that stand in one key of `marks`, as a set: bit n = enum mark n;
 * bit MARK_NONE = a cleared mark. Empty = nothing was ever written. Two bits = conflict.
 */
struct cell {
	uint8_t values;
};

static inline struct cell
cell_of(enum mark m)
{
	return (struct cell){(uint8_t)(1U << m)};
}

/* One value and no conflict: that mark; MARK_NONE if empty, cleared or in conflict. */
enum mark cell_mark(struct cell c);
bool cell_is_conflict(struct cell c);
/* Nothing there or cleared: what V18 counts on a held day. */
bool cell_is_missing(struct cell c);
/* Marks of two joined entries read together: equal is fine, different is a conflict; an
 * entry without a value says nothing. */
struct cell cell_join(struct cell a, struct cell b);
/* "present", "P", "p", "1", "Present" -> MARK_PRESENT; false if it is none of them. */
bool cell_parse(struct span text, enum mark *out);
/* 'P', 'L', 'E', 'A'; '?' for MARK_NONE. */
char cell_letter(enum mark m);

#endif
