/* keys_made.h - keys: lost at a restored server. The log hashes the key boxes of a
 * record, and only the server has them until they are fetched; a restored one gets the
 * records back from any laptop, but the boxes from nobody but who sealed them. So their
 * author keeps them while a backup can be put back that lacks them, and hands them over
 * in a recovery (client/sync/recovery.h). Wrapped seeds are kept by everybody who may
 * rotate.
 *
 * All need an open transaction unless they say otherwise. */
#ifndef CLIENT_SYNC_KEYS_MADE_H
#define CLIENT_SYNC_KEYS_MADE_H

#include "client/sync/logs.h"
#include "proto/session.h"

/* Of a record of this laptop that the server took. Older boxes than KEYS_MADE_DAYS go. */
enum { KEYS_MADE_DAYS = 60 }; /* a server's backups live 30 */
status keys_made_keep(struct laptop *l, const struct append *a);
/* Of others, as the server told them. */
status keys_made_keep_wraps(
    struct laptop *l, uint16_t space, const struct key_rows *rows);

/* Queues what is kept of the records of a space from position `from` on, each as an
 * append of a record that the server has. *n: so many answers will come; it refuses what
 * is not what the log hashes. No transaction. */
status keys_made_offer(
    struct laptop *l, uint16_t space, uint32_t from, struct session *s, size_t *n);

#endif
