/* cuts.h - do the cuts of a REVOKE say what the stores hold? What a laptop wrote after
 * its cut counts for nobody, so its last batches must be named as they are (SECURITY 4,
 * DESIGN 3.3). */
#ifndef SERVER_CUTS_H
#define SERVER_CUTS_H

#include "server/host.h"

typedef void cuts_done(void *ctx, bool fit);

/* r: a REVOKE in the log of space, borrowed until done. Looks, for each device revoked,
 * at the batches of its present incarnation in that space and in NET. done may be called
 * before this returns. */
void cuts_check(struct host *h, uint16_t space, const struct log_record *r,
    cuts_done *done, void *ctx);

#endif
