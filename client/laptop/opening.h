/* opening.h - from sealed ops to bodies: the keys of a scope, and the checks of tags that
 * SECURITY 9.2 asks of an opener. */
#ifndef CLIENT_LAPTOP_OPENING_H
#define CLIENT_LAPTOP_OPENING_H

#include "client/laptop/records.h"
#include "core/op.h"

/* Where a batch lies, as its ops' seals are bound to it. */
struct batch_place {
	uint16_t space;
	struct space_name space_name;
	struct scope_info scope;
};

/* Full names for the short references of a header. ST_NOT_FOUND if no key of the scope is
 * held (then the batch is only carried). */
status batch_place(struct laptop *l, const struct batch *b, struct batch_place *out);

/* The keys of one epoch of a scope, loaded into the keyring when first asked for.
 * NULL (trouble set) if that seed is not held. */
const struct keyring_slot *opening_keys(
    struct laptop *l, const struct batch_place *place, uint16_t epoch);

/* Opens op number index of b into *out (memory of a), and recomputes both tags.
 * ST_HASH: does not open, or says another record or person than its tags; ST_MALFORMED:
 * not the form of a body; ST_VERSION: from a newer program; all three mean quarantine. */
status opening_op(struct laptop *l, const struct batch_place *place,
    const struct batch *b, size_t index, struct arena *a, struct body *out);

/* Code of a space by its position, from r_space. */
status space_name_of(struct laptop *l, uint16_t space, struct space_name *out);

#endif
