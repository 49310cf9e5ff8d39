/* pending_batch.h - a batch that waits here, decoded. Its records are loaded one after
 * the other when it is stored or refused, and each of them needs one op of it: the batch
 * that was read last is kept. Ciphertext only. */
#ifndef CLIENT_LAPTOP_PENDING_BATCH_H
#define CLIENT_LAPTOP_PENDING_BATCH_H

#include "client/laptop/laptop.h"
#include "core/op.h"

struct pending_batch;

/* The batch of row `pending` of r_pending, whose name is *id. Borrowed until the next
 * call. Errors as batch_decode(); ST_NOT_FOUND. */
status pending_batch_read(struct laptop *l, int64_t pending, const struct batch_id *id,
    const struct batch **out);
void pending_batch_free(struct pending_batch *p); /* NULL is legal */

#endif
