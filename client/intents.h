/* intents.h - membership records that this laptop decided on offline and that wait to be
 * appended: a new workshop's SCOPE, a GRANT to a team member (DESIGN 3.3). Keys are made
 * when the intent is; signing waits for the server's time. */
#ifndef CLIENT_INTENTS_H
#define CLIENT_INTENTS_H

#include "client/appends.h"

enum intent_kind { INTENT_SCOPE = 1, INTENT_GRANT = 2 };

/* A scope that was founded here (logs_new_scope). Inside a transaction. */
status intent_scope(struct laptop *l, uint16_t space, int64_t scope);
/* Member (code, of any country) may read and write the scopes of an activity, and as a
 * guest also the country's office scope; end_day: last day, 0 = no end. Inside a
 * transaction. */
status intent_grant(struct laptop *l, uint16_t space, const char *member,
    const struct record_id *activity, uint32_t end_day);

/* Whose logs a session keeps account of; more countries than there are. */
enum { SPACES_MAX = 256 };

struct intent_outlook {
	size_t n_queued;      /* under way */
	size_t n_left;        /* must wait: a member who has not joined */
	enum refusal refused; /* why one of them is against the rules of the log */
	bool wants_log;       /* the log of space `log` should be fetched first */
	uint16_t log;
};

/* Builds and queues all that can be appended now into *out (NULL if nothing waits).
 * Duties of a coordinator's device are among them: the country's own scopes, and what
 * duties.h finds. is_fresh: by
 * space, whether its log was fetched in this session. */
status intents_queue(struct laptop *l, struct logs *logs, uint64_t server_time_s,
    struct session *s, const bool is_fresh[static SPACES_MAX], struct appends **out,
    struct intent_outlook *outlook);
/* Stores the records that were taken, applies them to m (logs_load) and forgets their
 * intents. Needs an open transaction. */
status intents_store(struct appends *x, struct membership *m);
size_t intents_count(struct laptop *l);
/* Workshops that are to be announced, and members whose rights wait. */
struct intents_waiting {
	size_t workshops, members;
};
struct intents_waiting intents_waiting(struct laptop *l);

#endif
