/* totals.h - figures of activities: from the signed tally when closed, from the roll
 * where its keys are here, else from the provisional figures (DOMAIN 6.2). */
#ifndef CLIENT_ACTIONS_TOTALS_H
#define CLIENT_ACTIONS_TOTALS_H

#include "client/actions/find.h"
#include "core/table.h"

struct totals {
	enum activity_state state;
	struct figures figures;
	bool is_provisional; /* not from a tally */
};

status totals_of(struct laptop *l, const struct activity *a, struct totals *out);
status totals_state(struct laptop *l, const struct activity *a, enum activity_state *out);
/* A row for table_summary(). */
status totals_row(struct laptop *l, const struct activity *a, struct summary_row *out);

#endif
