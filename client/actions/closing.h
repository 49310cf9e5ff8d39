/* closing.h - closing an activity: gates, final sheets, the signed tally; and reopening
 * it (DOMAIN 2, 4). What stood at closing is an audit record: later marks never change
 * it, they are listed as changes after closing (V28). */
#ifndef CLIENT_ACTIONS_CLOSING_H
#define CLIENT_ACTIONS_CLOSING_H

#include "client/actions/rolls.h"

/* PN-P01 unless this member is a coordinator of the activity's country; of any country
 * for what is held for all of them. */
status closing_check_role(struct laptop *l, const struct activity *a);
/* PN-C01 while V18, V19 or V20 is open: names each mark, and the commands that settle
 * them. */
status closing_check_gates(struct laptop *l, const struct rolls *r);

/* Writes the final sheets of the held days (of young people) and the tally, whatever the
 * gates say (an import of the past closes workshops with open ones). Fills the counts of
 * rules in r->view.figures. on: date of the tally, days since 1970-01-01. no may be NULL.
 */
status closing_write(
    struct edit *e, struct laptop *l, struct rolls *r, uint32_t on, uint32_t *no);

/* The tally that counts, as the signed text of one workshop. PN-F01 unless closed. */
status closing_tally_text(struct laptop *l, const struct activity *a, struct span *out);
/* Its figures by name, for the styles that are no text: tally_values(). */
status closing_tally_values(
    struct laptop *l, const struct activity *a, struct field_value *out, size_t *n);

/* Names the tally that no longer counts. PN-F01 unless closed. */
status closing_reopen(
    struct edit *e, struct laptop *l, const struct activity *a, const char *reason);

#endif
