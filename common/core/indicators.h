/* indicators.h - totals of countries over closed workshops (DOMAIN 6.3) and the tables
 * for funders, in which small counts are suppressed (DOMAIN 6.4). Pure. */
#ifndef CORE_INDICATORS_H
#define CORE_INDICATORS_H

#include "base/writer.h"
#include "core/figures.h"

/* One country. Start from code, order and unique; indicators_add() does the rest. */
struct indicators {
	uint32_t country_order;
	struct span country; /* code, borrowed */
	uint32_t workshops_closed;
	uint32_t cofacilitated;
	uint32_t
	    unique_young_people; /* from `country_tally`; of ALL the sum of countries */
	struct figures sum;      /* of the closed workshops */
};

enum { INDICATORS_COUNTRIES_MAX = 64, FUNDER_K = 5 };

/* Counts one closed workshop in. */
void indicators_add(struct indicators *country, const struct figures *workshop);
/* Sorts by country_order, then prints header, countries and ALL. */
void indicators_table(struct writer *w, struct indicators *rows, size_t n);

enum funder_by { FUNDER_GENDER, FUNDER_AGE };

/* Countries by gender or age band, sorted by country_order, with ALL. Every count below k
 * prints `x`, and so many more that none of them follows from a total. k: 1 or more.
 * Returns ST_GATE, with nothing written, if a line has no count left that could be hidden
 * beside the others; the trouble names the line. ST_LIMIT above INDICATORS_COUNTRIES_MAX.
 */
status indicators_funder(struct writer *w, struct indicators *rows, size_t n,
    enum funder_by by, uint32_t k, struct trouble *t);

#endif
