/* indicators.h - what the office counts, over all that this laptop can read (DOMAIN 6.3).
 * Figures of young people come from the signed tallies of closed workshops; what else is
 * counted is one table of definitions, a query each (indicators_counts.c). */
#ifndef CLIENT_ACTIONS_INDICATORS_H
#define CLIENT_ACTIONS_INDICATORS_H

#include "client/laptop/records.h"
#include "core/indicators.h"
#include "core/period.h"

/* One row for each country whose records are here, also without a closed workshop; by
 * order. period: workshops that began in it; NULL = all. A country of which the period
 * leaves closed workshops out has no number of unique young people. In the arena. PN-P01
 * for those who are neither office nor coordinator. */
status indicators_load(
    struct laptop *l, const struct period *period, struct indicators **out, size_t *n);

/* One count of one indicator. */
struct count_row {
	const char *indicator; /* "roundtables" */
	const char *country;   /* "" if it is of the network */
	const char *of;        /* what is counted apart: "existing", "SK-PS1 day 2" */
	uint64_t count;
};
/* All counts of all definitions, in their order. In the arena. */
status indicators_counts(struct laptop *l, struct count_row **out, size_t *n);

#endif
