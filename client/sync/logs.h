/* logs.h - the membership logs on this laptop: kept, replayed, and what follows from them
 * for its own rows (who is who, which scopes it may write, which keys it holds).
 *
 * A log only grows, so replaying it costs what the country's whole past costs. Rows that
 * are kept in the transaction that stores a record (logs_settle) therefore answer what
 * every sync asks; a question to which there is no row is answered by the replay. */
#ifndef CLIENT_SYNC_LOGS_H
#define CLIENT_SYNC_LOGS_H

#include "client/laptop/records.h"
#include "core/membership.h"
#include "core/op.h"
#include "proto/messages.h"

/* Replays the stored logs; nothing is verified again. NULL with trouble on failure. */
struct membership *logs_load(struct laptop *l);

/* ---- what is asked of them ---- */

/* The logs as one sync has them; {l} at first. */
struct logs {
	struct laptop *l;
	struct membership *m; /* NULL until a question needs it */
};

/* Replays them, at the first call and after logs_forget. NULL with trouble. */
struct membership *logs_whole(struct logs *x);
void logs_forget(struct logs *x);
/* Makes the rows that are missing: a replica of an older program. Without a transaction.
 */
status logs_ready(struct logs *x);

/* As membership_log_len(), membership_record_id() (ST_NOT_FOUND without trouble) and
 * membership_compare(), of the records that are stored. */
status logs_len(struct laptop *l, uint16_t space, uint32_t *len);
status logs_record_id(
    struct laptop *l, uint16_t space, uint32_t position, struct log_id *id);
status logs_compare(struct laptop *l, uint16_t space, uint32_t len, const uint8_t *id,
    size_t id_len, enum heads *out);
/* As membership_server(); false also when the rows are not ready. */
bool logs_server(struct laptop *l, struct transport_pk *key);

/* Against what the signature of a batch is checked, as membership_judge() says of the
 * past. ST_NOT_FOUND without trouble: the logs here do not tell. */
struct log_signer {
	struct batch_context context;
	struct sign_pk sign;
};
status logs_signer(struct logs *x, const struct batch *b, struct log_signer *out);
/* As membership_roles(). */
status logs_roles(struct logs *x, struct author a, uint16_t space, unsigned *roles);

/* Two different records at one position: PN-S02 with the beginnings of both ids. there:
 * that of the other one, or as much of it as is cited. Returns ST_FORK. */
status logs_complain_fork(
    struct laptop *l, uint16_t space, uint32_t position, struct span there);

/* ---- what comes in ---- */

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

/* Stores the key of an epoch that this laptop began and the server took. Needs an open
 * transaction. */
status logs_keep_seed(struct laptop *l, uint16_t space, uint16_t scope, uint16_t epoch,
    const struct epoch_seed *seed);

/* Stands for the key that logs_server() tells until the next SERVER record: a person
 * pinned it. Needs an open transaction. */
status logs_pin_server(struct laptop *l, const struct transport_pk *key);

/* Brings the rows that follow from the logs (r_space, r_device, r_signer, r_scope, the
 * server's key) in line with m, which holds the records of r_log. In the transaction that
 * stored one. */
status logs_settle(struct laptop *l, struct membership *m);

/* Removes all of every scope that this laptop may read no more, keys first: a guest's
 * access has ended, by the server's time (DESIGN 3.2). Does nothing when the logs
 * give this laptop no access at all. What this member changed there and the server does
 * not have is set aside (aside.h). Needs an open transaction. */
struct left {
	bool any;         /* something was removed */
	uint64_t n_aside; /* unsent changes, set aside */
};
status logs_leave(
    struct laptop *l, struct membership *m, uint64_t server_time_s, struct left *out);
/* Could it have something to do? No, while no record or key came since it was last
 * planned and no access has ended by then. */
bool logs_leave_is_due(struct laptop *l, uint64_t server_time_s);

/* Founds a scope on this laptop: keys made, position to come. */
status logs_new_scope(
    struct laptop *l, uint16_t space, const struct scope_name *name, int64_t *id);

#endif
