/* adults.h - who takes part in an activity of adults: staff, practitioners and
 * stakeholders, by their codes. Their marks are those of actions/marking.h. */
#ifndef CLIENT_ACTIONS_ADULTS_H
#define CLIENT_ACTIONS_ADULTS_H

#include "client/actions/form.h"
#include "client/actions/rolls.h"

struct participant {
	const char *code;                  /* "DE-T1", "SK-H1" */
	uint32_t no;                       /* number on the list */
	const char *joined_day, *left_day; /* as typed; NULL or empty: not written */
};

/* The roll of any activity by its code: rolls_attend(). */
status adults_open(struct laptop *l, const char *activity, struct rolls *out);
/* One more than the greatest number of the list. */
uint32_t adults_next_no(const struct rolls *r);
/* On the list; who is there already comes back: his days are written anew, his number
 * stays. A member of another country may be known by his code alone. PN-F01 for a code
 * that is nobody's. */
status adults_enrol(
    struct edit *e, struct laptop *l, const struct rolls *r, const struct participant *p);
/* The last day of a line. */
status adults_unenrol(
    struct edit *e, struct laptop *l, const struct rolls *r, size_t line, uint8_t day_no);

#endif
