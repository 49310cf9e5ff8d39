/* planning.h - activities: new with their days, the team, a day held or not. */
#ifndef CLIENT_ACTIONS_PLANNING_H
#define CLIENT_ACTIONS_PLANNING_H

#include "client/actions/form.h"

/* Texts may be NULL or empty: not written. */
struct new_activity {
	const char *code, *type, *title, *org, *practice, *start;
	const char *roundtable, *about; /* codes; of a meeting */
	bool is_cancelled;
	uint16_t space; /* whose country; 0 = NET */
};
/* The record, its days with dates (days_planned of its type, consecutive from start), and
 * for a youth workshop the scope of its young people, announced at the next sync. */
status planning_new(struct edit *e, struct laptop *l, const struct new_activity *n,
    struct record_id *out);

/* One day; texts may be NULL. */
struct day_change {
	const char *date, *held, *reason, *topic, *headcount;
};
status planning_day(struct edit *e, struct laptop *l, const struct record_id *activity,
    int64_t home_scope, uint16_t space, uint8_t day_no, const struct day_change *d);

/* A member of the team; a workshop's scope is granted to his laptops at the next sync.
 * until: last day of a guest's access, 0 = none (then a guest gets no grant). */
struct new_member {
	const char *member; /* code */
	const char *name;   /* copied where his own record is not here */
	const char *function, *experience;
	uint32_t until;
	bool grants; /* false: the record alone (an import of the past) */
};
status planning_team(struct edit *e, struct laptop *l, const struct activity *a,
    const struct new_member *m);
/* He leaves the team: his laptops lose the workshop's scope at the next sync, which gives
 * it a new key. PN-F01 if he is not on it. A coordinator of the country goes on reading.
 */
status planning_leave(
    struct edit *e, struct laptop *l, const struct activity *a, const char *member);
/* Is he of another country than the activity, by his code? Then he is a guest. */
bool planning_is_guest(struct laptop *l, const struct activity *a, const char *member);

#endif
