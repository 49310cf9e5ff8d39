/* indicators.h - totals of countries over closed workshops (DOMAIN 6.3), and the tables
 * for funders, in which small counts are suppressed (DOMAIN 6.4). Which indicators there
 * are is a table of definitions (indicators.c). Pure. */
#ifndef CORE_INDICATORS_H
#define CORE_INDICATORS_H

#include "base/arena.h"
#include "base/writer.h"
#include "core/figures.h"

/* One country. Start from code, order and unique; indicators_add() does the rest. */
struct indicators {
	uint32_t country_order;
	struct span country; /* code, borrowed */
	uint32_t workshops_closed;
	uint32_t cofacilitated;
	/* From `country_tally`; of ALL the sum of countries. */
	uint32_t unique_young_people;
	/* Workshops were left out, so the country's number does not apply. */
	bool is_unique_unknown;
	struct figures sum; /* of the closed workshops */
};

enum { INDICATORS_COUNTRIES_MAX = 64, FUNDER_K = 5 };

/* Counts one closed workshop in. */
void indicators_add(struct indicators *country, const struct figures *workshop);
/* By country_order, then code. */
void indicators_sort(struct indicators *rows, size_t n);
/* Sorts, then prints header, countries and their sum, whose name is `all`. */
void indicators_table(
    struct writer *w, struct indicators *rows, size_t n, const char *all);
/* The header with `#` behind the columns of whole numbers, as listing_new() wants it. */
void indicators_columns(struct writer *w);

/* Header and the one row of a country. */
void indicators_write(struct writer *w, const struct indicators *row);
/* The other way: what the columns say, those that are not known here passed over. Borrows
 * from csv and the arena. ST_MALFORMED, ST_NO_MEMORY. */
status indicators_read(
    struct span csv, struct arena *a, struct indicators *out, struct trouble *t);

enum funder_by { FUNDER_GENDER, FUNDER_AGE };

/* Countries by gender or age band, sorted, with their sum, whose name is `all`. Every
 * count of 1 to k-1 prints `x`, and so many more that none of them follows from what is
 * printed (core/suppress.h). k: 1 or more. Returns ST_GATE, with nothing written, if a
 * line has no count left that could be hidden beside the others; the trouble names the
 * line. ST_LIMIT above INDICATORS_COUNTRIES_MAX. */
status indicators_funder(struct writer *w, struct indicators *rows, size_t n,
    const char *all, enum funder_by by, uint32_t k, struct trouble *t);

#endif
