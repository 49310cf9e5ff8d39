/* keys_made.h - keys: lost at a restored server. The log hashes the key boxes of a
 * record, and only the server has them until they are fetched; a restored one gets the
 * records back from any laptop, but the boxes from nobody but who sealed them. So their
 * author keeps them while a backup can be put back that lacks them, and hands them over
 * in a recovery (client/sync/recovery.h). A server that lost boxes alone knows nothing of
 * it, and only who waits for one misses it: so a coordinator's and an office's laptop
 * also hands them over every third day. Wrapped seeds are kept by everybody who may
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

/* Is it time to hand over what this laptop sealed, by the server's clock? */
bool keys_made_is_due(struct laptop *l, uint64_t server_time_s);
/* As keys_made_offer(), of all spaces and only what was sealed here. No transaction. */
status keys_made_give(struct laptop *l, struct session *s, size_t *n);
/* A recovery is over: of a key for somebody in another log than that of its record the
 * server could not say whose it is before it had both. It is due in the next round. */
status keys_made_give_at_once(struct laptop *l);
/* They were answered, each in its way: nothing is due for KEYS_GIVE_DAYS. */
enum { KEYS_GIVE_DAYS = 3 };
status keys_made_note_given(struct laptop *l, uint64_t server_time_s);

#endif
