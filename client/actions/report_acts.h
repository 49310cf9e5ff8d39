/* report_acts.h - what people do with a report that is written: rate it, sign it, hand it
 * in; and what the central office does: accept it or return it (DOMAIN 2, 3). Every gate
 * is asked of findings.h; a refusal is PN-C01 and names the rule and what settles it. */
#ifndef CLIENT_ACTIONS_REPORT_ACTS_H
#define CLIENT_ACTIONS_REPORT_ACTS_H

#include "client/actions/catalog.h"
#include "client/actions/report_state.h"

/* The author's own points (names of the eight criteria, 0 to 4) and verdict. What is not
 * named stays as it is. PN-P01 for others than its authors, PN-U01 for another name,
 * PN-V03 for other points. */
status report_rate(struct edit *e, struct laptop *l, const struct report *r,
    const struct wish *points, size_t n);

/* The author signs this text, by its hash (V31, V34). Nothing is written where he has
 * signed it already. */
status report_sign(struct edit *e, struct laptop *l, const struct report *r);

/* Hands this text in (V31 to V34). Of advocacy reports and minutes the office gets a copy
 * in which every passage that stays is replaced; by coordinators. Nothing is written
 * where this text is submitted already. */
status report_submit(struct edit *e, struct laptop *l, const struct report *r);

/* The office accepts the submitted text (V31 to V34 as far as it can read) or returns it.
 * outcome: "accepted", "returned". Among decisions of two days the later one counts;
 * within a day the first one stands. */
status report_decide(struct edit *e, struct laptop *l, const struct report *r,
    const char *outcome, const char *reason);

#endif
