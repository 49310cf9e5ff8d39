/* due.h - workshops whose figures may have changed since this coordinator's device last
 * wrote them (DESIGN 3.2): noted when a record that they are counted from is shown anew,
 * so that a sync costs what changed and not what the country has (P9).
 *
 * Other laptops keep no such list. */
#ifndef CLIENT_LAPTOP_DUE_H
#define CLIENT_LAPTOP_DUE_H

#include "client/laptop/records.h"

/* Stands for no activity: the country's own figures are due. */
extern const struct record_id due_country;

/* Notes the activities that a record belongs to, before its row is changed. Inside a
 * transaction. */
status due_note(struct laptop *l, const struct loaded *x);

/* The activities to look at, in memory of a. The first call on a laptop names all. */
status due_list(struct laptop *l, struct arena *a, struct record_id **out, size_t *n);
/* Looked at: so many open findings of its roll. Inside a transaction. */
status due_settle(
    struct laptop *l, const struct record_id *activity, uint64_t open_findings);
/* The findings of all rolls together, as last settled. */
status due_findings(struct laptop *l, uint64_t *out);

#endif
