/* consolidate.h - how far each country is with a period, and what is missing
 * (DOMAIN 6.4, UX 3). Only the office sees enough for it. */
#ifndef CLIENT_ACTIONS_CONSOLIDATE_H
#define CLIENT_ACTIONS_CONSOLIDATE_H

#include "client/actions/snapshots.h"
#include "core/period.h"

/* One country. Due are the youth workshops that began in the period and are held or
 * closed, and one report on each. */
struct progress {
	struct indicators figures; /* of its closed workshops of the period */
	uint32_t due;
	uint32_t reports_accepted;
	const char *advocacy; /* "none", "submitted", "returned", "accepted" */
	const char *missing;  /* "PL-W3 not closed, ..."; "" = complete */
};

struct consolidation {
	const char *period; /* "2026" */
	struct period days;
	size_t n;
	struct progress *rows; /* by country order */
	bool is_complete;
};

/* In the arena. PN-U01 for what is no period, PN-P01 for others than the office. */
status consolidate_load(struct laptop *l, const char *period, struct consolidation *out);
/* "DE, PL": the countries that are not complete. In the arena. */
const char *consolidate_incomplete(struct laptop *l, const struct consolidation *c);
/* Its figures, to be frozen. In the arena. */
status consolidate_snapshot(
    struct laptop *l, const struct consolidation *c, struct snapshot *out);

#endif
