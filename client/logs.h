/* logs.h - the membership logs on this laptop: kept, replayed, and what follows from them
 * for its own rows (who is who, which scopes it may write, which keys it holds). */
#ifndef CLIENT_LOGS_H
#define CLIENT_LOGS_H

#include "client/records.h"
#include "core/membership.h"
#include "proto/messages.h"

/* Replays the stored logs; nothing is verified again. NULL with trouble on failure. */
struct membership *logs_load(struct laptop *l);

/* Takes records that came from the server: verified against m, stored, applied. Records
 * known already are passed over. ST_FORK (PN-S02) when another record stands at a known
 * position. Needs an open transaction. n_new may be NULL. */
status logs_take(struct laptop *l, struct membership *m, uint16_t space, uint32_t from,
    const struct span *records, size_t n, size_t *n_new);
/* One record that this laptop made and the server took. */
status logs_take_own(
    struct laptop *l, struct membership *m, uint16_t space, struct span record);

/* Opens key boxes and wrapped seeds and stores the keys. box: this device's box pair, or
 * the invite's while joining. Needs an open transaction. *n_new: seeds that were not
 * here. */
struct box_pair {
	struct box_pk pk;
	const struct box_sk *sk;
};
status logs_take_keys(struct laptop *l, struct membership *m, uint16_t space,
    const struct box_pair *pair, const struct key_rows *rows, size_t *n_new);

/* Brings r_space, r_device and r_scope in line with m. Needs an open transaction. */
status logs_settle(struct laptop *l, struct membership *m);

/* Removes all of every scope that this laptop may read no more, keys first: a guest's
 * access has ended, by the server's time (DESIGN 3.2). Does nothing when the logs
 * give this laptop no access at all. Needs an open transaction; *any: something was
 * removed. */
status logs_leave(
    struct laptop *l, struct membership *m, uint64_t server_time_s, bool *any);

/* Founds a scope on this laptop: keys made, position to come. */
status logs_new_scope(
    struct laptop *l, uint16_t space, const struct scope_name *name, int64_t *id);

#endif
