/* intents.h - membership records that this laptop decided on offline and that wait to be
 * appended: a new workshop's SCOPE, a GRANT to a team member (DESIGN 3.3). Keys are made
 * when the intent is; signing waits for the server's time. */
#ifndef CLIENT_SYNC_INTENTS_H
#define CLIENT_SYNC_INTENTS_H

#include "client/sync/appends.h"

enum intent_kind {
	INTENT_SCOPE = 1,
	INTENT_GRANT = 2,
	INTENT_REVOKE = 3,
	INTENT_LEAVE = 4
};

/* A scope that was founded here (logs_new_scope). Inside a transaction. */
status intent_scope(struct laptop *l, uint16_t space, int64_t scope);
/* Member (code, of any country) may read and write the scopes of an activity, and as a
 * guest also the country's office scope; end_day: last day, 0 = no end. Inside a
 * transaction. */
status intent_grant(struct laptop *l, uint16_t space, const char *member,
    const struct record_id *activity, uint32_t end_day);

/* Laptops that the log of the home space vouches for are to be revoked. Their cuts are
 * asked for in the session that appends the record, so a laptop that goes on syncing
 * until then loses nothing of what the server took. Inside a transaction. */
status intent_revoke_devices(struct laptop *l, const struct device_id *ids, size_t n);
/* The same of every laptop that the member has by then, and of his open invites. */
status intent_revoke_member(struct laptop *l, const char *member);
/* The member leaves the team of an activity: his laptops may read its scope no more, and
 * a guest who is in no other team of the country not its `office` scope either. The
 * scopes get new keys in the same record. Inside a transaction. */
status intent_leave(struct laptop *l, uint16_t space, const char *member,
    const struct record_id *activity);

/* Whose logs a session keeps account of; more countries than there are. */
enum { SPACES_MAX = 256 };

struct intent_outlook {
	size_t n_queued;      /* under way */
	size_t n_left;        /* must wait: a member who has not joined */
	enum refusal refused; /* why one of them is against the rules of the log */
	bool wants_log;       /* the log of space `log` should be fetched first */
	uint16_t log;
	/* The last batches of these laptops are to be asked for first: cuts_told. */
	bool wants_cuts;
	size_t n_cut;
	uint16_t cut_devices[DEVICES_ASKED_MAX];
};

/* What the server told of the laptops that are to be revoked, in this session. */
struct cuts_told {
	size_t n;
	struct cut_row *rows; /* sorted where they are used */
};

/* What a session has found out so far. */
struct intent_known {
	const bool *is_fresh;         /* by space: was its log fetched in this session? */
	const struct cuts_told *cuts; /* NULL: not asked for */
};

/* Builds and queues all that can be appended now into *out (NULL if nothing waits).
 * Duties of a coordinator's device are among them: the country's own scopes, and what
 * duties.h finds. */
status intents_queue(struct laptop *l, struct logs *logs, uint64_t server_time_s,
    struct session *s, const struct intent_known *known, struct appends **out,
    struct intent_outlook *outlook);
/* Stores the records that were taken, applies them to m (logs_load) and forgets their
 * intents. Needs an open transaction. */
status intents_store(struct appends *x, struct membership *m);
size_t intents_count(struct laptop *l);
/* Is there one that need not wait for others? A right waits for its member's laptop, and
 * for the key that it hands on. False also when the logs cannot be read. */
bool intents_any_ready(struct laptop *l, struct logs *logs);
/* Workshops that are to be announced, members whose rights wait, and who is to go. */
struct intents_waiting {
	size_t workshops, members;
	size_t revocations; /* laptops, or members with all of theirs */
};
struct intents_waiting intents_waiting(struct laptop *l);

#endif
