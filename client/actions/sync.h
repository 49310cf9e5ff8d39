/* sync.h - one whole sync of a laptop over the network, with what a coordinator's device
 * owes afterwards; used by `sync` and by `join`. */
#ifndef CLIENT_ACTIONS_SYNC_H
#define CLIENT_ACTIONS_SYNC_H

#include "client/sync/syncer.h"

/* Runs until complete; a second session where a foreign log had to be fetched first.
 * timeout_s of the connect, 0 = the usual. */
status sync_run(struct laptop *l, unsigned timeout_s, struct sync_report *out);

#endif
