/* retention.h - whose time is over (V29, `retention_months` of the country): lists them
 * by activity, and erases an activity's people on a coordinator's word. */
#ifndef CLIENT_ACTIONS_RETENTION_H
#define CLIENT_ACTIONS_RETENTION_H

#include "client/actions/erasing.h"

struct due_activity {
	struct activity activity;
	const char *closed_on, *due_on; /* ISO dates */
	size_t n;
	struct person_id *pids;
	const char **codes; /* of the people, "Y-7KQ4M" */
};

/* Activities of this country that are due and still hold somebody. */
status retention_list(struct laptop *l, struct due_activity **out, size_t *n);
/* PN-F01 unless the activity is due. */
status retention_find(struct laptop *l, const char *code, struct due_activity *out);

struct retention_result {
	size_t n_people, n_elsewhere; /* of them, who stay where nothing is due */
};
/* Writes an `erasure` for each person whose every activity is due; whoever came again
 * since goes from this activity alone, which needs no record. */
status retention_write(struct edit *e, struct laptop *l, const struct due_activity *due,
    unsigned reason, struct retention_result *out);
/* One batch for the scope of the activity, and what the records ask for elsewhere. */
status retention_bury(struct laptop *l, const struct due_activity *due);

#endif
