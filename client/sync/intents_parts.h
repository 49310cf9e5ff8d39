/* intents_parts.h - what the parts of intents share. Private to intents*.c.
 *
 *	intents.c         what waits, scopes, grants, duties
 *	intents_revoke.c  laptops that are revoked, members who leave a team
 */
#ifndef CLIENT_SYNC_INTENTS_PARTS_H
#define CLIENT_SYNC_INTENTS_PARTS_H

#include "client/sync/intents.h"

struct queueing {
	struct laptop *l;
	struct membership *m;
	uint64_t time_s;
	struct appends *appends;
	struct intent_outlook *outlook;
	const bool *is_fresh;
	const struct cuts_told *cuts; /* NULL: not asked for yet */
	int64_t intent;
	uint16_t space;
	struct author author;
};

status intents_add(
    struct laptop *l, enum intent_kind kind, uint16_t space, struct span body);
struct draft_how intents_drafting(const struct queueing *x);
/* Notes what became of an appends_add that ended in st. */
status intents_note(struct queueing *x, status st);
status intents_forget(struct laptop *l, int64_t id);

status intents_queue_revoke(struct queueing *x, struct span body);
status intents_queue_leave(struct queueing *x, struct span body);

#endif
