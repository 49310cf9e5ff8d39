/* sweep.h - sheets in which marks of erased persons still lie as ciphertext: ops that
 * came after the erasure, from laptops that did not know of it (SECURITY 10). Nobody is
 * shown such marks; the next coordinator's device compacts the sheets (burial.h). */
#ifndef CLIENT_LAPTOP_SWEEP_H
#define CLIENT_LAPTOP_SWEEP_H

#include "client/laptop/records.h"

/* Does a live op of the record hold an entry under the map key of somebody whose grave
 * can no longer be refused? */
bool sweep_is_due(const struct loaded *x);
/* Notes whether it is; called whenever a record is shown anew, inside a transaction. */
status sweep_note(struct laptop *l, const struct loaded *x);
/* How many sheets wait for a coordinator's device. */
status sweep_count(struct laptop *l, uint64_t *out);

#endif
