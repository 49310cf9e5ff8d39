/* claim.h - what this laptop knows of a space's past, put together for a server that was
 * restored from a backup (DESIGN 4.5; RECOVER in proto/spec/messages.md).
 *
 * A claim is the base as the lost server had told it: batches with their live ops (the
 * others as hashes, so that signatures still verify), names of batches of which nothing
 * lives here, graves, doa. Ops that this laptop cannot open are told like all others.
 * Pending batches are no part of it: they are pushed as always. */
#ifndef CLIENT_LAPTOP_CLAIM_H
#define CLIENT_LAPTOP_CLAIM_H

#include "client/laptop/laptop.h"
#include "core/membership.h"
#include "proto/messages.h"

/* Takes one part; the last one has is_end. What it points to lives for the call. */
typedef status (*claim_tell)(void *ctx, const struct recover *part);

struct claim_sum {
	size_t n_batches; /* told with what lives of them */
	size_t n_ids;     /* told by name alone */
	size_t n_graves;
	size_t n_doa;
};

/* Tells the whole claim, at least one part. m gives the full values that ids are made
 * of: a batch whose author's log is not here any more cannot be named, and is an error
 * (ST_RETRY), since to leave it out would lose it. sum may be NULL. */
status claim_make(struct laptop *l, const struct membership *m, uint16_t space,
    claim_tell tell, void *ctx, struct claim_sum *sum);

/* Keeps the id of a batch of which nothing is kept otherwise, for a later claim.
 * Idempotent. */
status claim_remember(struct laptop *l, uint16_t space, const struct batch_id *id);
/* Is the batch kept by name alone? */
bool claim_remembers(struct laptop *l, uint16_t space, const struct batch_id *id);
/* Keeps the names of all batches of the base, before it makes room for another one. */
status claim_remember_base(struct laptop *l, const struct membership *m, uint16_t space);

#endif
