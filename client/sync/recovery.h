/* recovery.h - the laptop's half of a recovery: the server is not the one that it was
 * (restored from a backup, rolled back), and gets back what this laptop knows (DESIGN
 * 3.3, 4.5).
 *
 *	noticed in a pull -> the server's log of the space is read from its beginning
 *	(another record at a known place: PN-S02, nothing is sent any more) -> records
 *	that it lacks are offered, as they were signed, if its operator opened recovery ->
 *	what the base holds is told (client/laptop/claim.h) and joined at the server ->
 *	pull from cursor 0, whose last page replaces the base in one transaction
 *	(client/sync/inbox.c)
 *
 * Nothing leaves this laptop's view before that last page. Pending batches and dirty
 * entries are not touched: they are pushed as always, until a pull shows them. */
#ifndef CLIENT_SYNC_RECOVERY_H
#define CLIENT_SYNC_RECOVERY_H

#include "client/laptop/laptop.h"
#include "core/membership.h"
#include "proto/session.h"

struct recovery;

/* Of one session. NULL when out of memory. */
struct recovery *recovery_new(struct laptop *l);
void recovery_free(struct recovery *r); /* NULL is legal */

/* ---- what a pull shows ---- */

/* The server's store of the space is another one than this laptop knows. */
status recovery_note_changed(
    struct recovery *r, uint16_t space, const struct store_mark *mark);
/* A store told as new. Another one than the store that took this laptop's claim has to
 * be told anew, before its pages may replace the base: it counts as changed then. */
status recovery_note_first(
    struct recovery *r, uint16_t space, const struct store_mark *mark);
/* A page of the space; its logs were told before it. Notes a membership log that is
 * shorter than known. ST_FORK (PN-S02) when the last record is another one than ours. */
status recovery_note_page(struct recovery *r, const struct page *page);
/* Pages of a space that was noted are not to be applied. */
bool recovery_ignores(const struct recovery *r, uint16_t space);
/* Something was noted that has not been dealt with. */
bool recovery_is_due(const struct recovery *r);

/* Was something noted in a session that had said its last word? Then the next one leaves
 * room for recovery. Kept in the replica. */
bool recovery_is_expected(struct laptop *l);
status recovery_expect(struct laptop *l, bool is_expected);

/* ---- the exchange ---- */

/* Begins; the session is idle. */
status recovery_begin(struct recovery *r, struct session *s, uint64_t mono_ms);
/* Takes LOGS (already believed), PULL_DONE, APPENDED and RECOVERED events and asks what
 * comes next, until nothing is due. */
status recovery_take(struct recovery *r, const struct membership *m, struct session *s,
    const struct client_event *e, uint64_t mono_ms);
struct recovery_sum {
	size_t n_restored; /* spaces that got something back: pull again */
	size_t n_left;     /* spaces that did not; the complaint says why */
	char names[64];    /* of the restored ones: "SK, CZ" */
};
void recovery_sum(const struct recovery *r, struct recovery_sum *out);

/* ---- the base ---- */

/* The next complete pull of the space replaces its base. */
bool recovery_replaces_base(struct laptop *l, uint16_t space);
/* Takes the old base away, but for the names of its batches. Inside the transaction that
 * puts the new one in its place. */
status recovery_drop_base(struct laptop *l, const struct membership *m, uint16_t space);

/* ---- forks ---- */

/* A log of the server holds another record than this laptop's: from now on a sync sends
 * nothing before that log has been read again and agrees. */
status recovery_note_fork(struct laptop *l, uint16_t space);
bool recovery_has_fork(struct laptop *l, uint16_t *space);
status recovery_clear_fork(struct laptop *l);
/* After any sign of a fork, in a batch too: nothing is sent before a pull went through.
 */
status recovery_be_wary(struct laptop *l, bool is_wary);
bool recovery_is_wary(struct laptop *l);

#endif
