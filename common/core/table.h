/* table.h - CSV tables for the office (DOMAIN 6.2), and the one CSV writer with its
 * formula guard (UX 4). RFC 4180, LF, header line. Pure. */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include "base/writer.h"
#include "core/roll.h"

/* ---- cells ---- */
/* One cell; the first of a row has no comma before it. A value that begins with = + - @
 * gets an apostrophe, so that no spreadsheet runs it (I9). */
void table_cell(struct writer *w, bool is_first, struct span value);
void table_cell_number(struct writer *w, bool is_first, uint64_t n);
/* "12", or "12-13" where an open conflict leaves both possible. */
void table_cell_range(struct writer *w, bool is_first, struct range r);
void table_end_row(struct writer *w);
/* "12" or "12-13" without a comma. */
void table_range(struct writer *w, struct range r);
/* Tenths as "88.1"; with two ends "88.1-89.0"; empty if nothing was expected. */
void table_rate(struct writer *w, struct range attended, uint32_t expected);

/* ---- workshop summary ---- */
struct summary_row {
	uint32_t country_order;
	struct span workshop; /* code */
	struct span country;  /* code */
	struct span practice; /* code */
	enum activity_state state;
	struct figures figures; /* from the tally, before closing from the provisional */
};

/* Sorts by (country_order, code as bytes), then prints header and rows. */
void table_summary(struct writer *w, struct summary_row *rows, size_t n);

#endif
