/* renewal.h - keys: copied, restored, clone. One laptop is one incarnation of its device
 * in each membership log that vouches for it. A folder that was copied, or an older copy
 * that was put back, makes two laptops of one device; both notice, and each becomes an
 * incarnation of its own by a RENEW record (DESIGN 6, SECURITY 9.4).
 *
 * Nobody takes over an incarnation that another copy made: r_self holds those that this
 * replica introduced or renewed itself, whatever the logs say is the present one. */
#ifndef CLIENT_SYNC_RENEWAL_H
#define CLIENT_SYNC_RENEWAL_H

#include "client/sync/appends.h"

/* ---- noticing ---- */

/* A batch that this laptop sealed; so others of its incarnation are a copy's. Inside the
 * transaction that stores it. */
status renewal_note_sealed(struct laptop *l, uint16_t home, const struct short_id *name);
/* A batch came in a pull: is it of our own incarnation (as) and none of ours? Then a copy
 * of this laptop wrote it, and the next round renews. Inside a transaction. */
status renewal_see_batch(struct laptop *l, struct author as, const struct batch *b,
    const struct short_id *name);
/* Keeps r_self in line with the logs. Inside logs_settle(). */
status renewal_settle(struct laptop *l, const struct membership *m);
/* Under which incarnation this laptop writes where the logs say `present`. */
struct author renewal_incarnation(struct laptop *l, struct author present);

/* Did another copy renew, so that the server takes nothing more from this one? */
bool renewal_is_outdated(struct laptop *l);
/* Must this laptop renew now: a copy's batch was seen, or it is outdated and has
 * something to say? One that only reads may stay as it is, or two copies would renew for
 * ever. */
bool renewal_is_due(struct laptop *l, struct logs *logs);
/* It has something to say that is not among what waits. */
status renewal_want(struct laptop *l);

/* ---- renewing ---- */

/* Queues one RENEW in each log that knows this device as active. */
status renewal_queue(
    struct laptop *l, struct membership *m, uint64_t server_time_s, struct appends *x);
/* Stores those that were taken; from now on this laptop seals under them. m: the logs as
 * stored. Needs an open transaction. */
status renewal_store(struct laptop *l, struct appends *x, struct membership *m);

/* ---- what others are told ---- */

/* Another laptop was copied or restored: it renewed (by the log), or two of its batches
 * follow the same one. by: the incarnation that this happened to; first report stays.
 * Inside a transaction. */
status renewal_note_clone(struct laptop *l, struct author by, uint64_t at_s);
/* The pair: is there another batch of that author and scope with the same prev, under the
 * same key? */
status renewal_see_pair(
    struct laptop *l, const struct batch *b, const struct short_id *name, uint64_t at_s);

struct clone_notice {
	const char *member; /* in the arena */
	uint64_t at_s;
};
/* Those since the second given, newest first; or with new_only those that no sync has
 * told yet, and they are told from now on. Memory of the laptop's arena. */
status renewal_clones(struct laptop *l, uint64_t since_s, bool new_only,
    struct clone_notice **out, size_t *n);

#endif
