/* finals.h - marks as they stood at closing (the final sheets), and what differs from
 * them now (V28). */
#ifndef CLIENT_ACTIONS_FINALS_H
#define CLIENT_ACTIONS_FINALS_H

#include "client/actions/rolls.h"

struct finals {
	size_t n;
	struct roll_mark *marks; /* any order; l->arena */
};

status finals_load(struct laptop *l, const struct rolls *r, struct finals *out);
/* MARK_NONE if there was none. */
enum mark finals_mark(const struct finals *f, struct person_key person, uint8_t day_no);
/* What stands there is not what the final sheet has. A day that was not held has none;
 * marks on it are V17, not a change. Of one entry, not of a joined line. */
bool finals_is_late(const struct finals *f, const struct rolls *r,
    struct person_key person, uint8_t day_no);
/* Changes after closing: marks that differ or are in conflict, and rows that the tally
 * does not know; a new row counts once, without its marks. enrolled: of the tally. */
status finals_changes(
    struct laptop *l, const struct rolls *r, uint32_t enrolled, uint32_t *out);

#endif
