/* syncer_parts.h - what the parts of a sync share. Private to syncer*.c.
 *
 *	syncer.c           the order of things
 *	syncer_devices.c   the laptops of the country
 *	syncer_keys.c      key boxes that the server may have lost
 *	syncer_recover.c   a server that is not the one it was
 *	syncer_renew.c     a laptop that is not the only one of its device
 */
#ifndef CLIENT_SYNC_SYNCER_PARTS_H
#define CLIENT_SYNC_SYNCER_PARTS_H

#include "client/sync/appends.h"
#include "client/sync/intents.h"
#include "client/sync/recovery.h"
#include "client/sync/renewal.h"
#include "client/sync/syncer.h"

enum { SYNC_APPEND_TRIES_MAX = 5 };
/* The first sync of a season goes over most of the replica; its log is 32 MiB at most
 * until the replica is closed. */
enum { SYNC_CACHE_KIB = 24 * 1024, SYNC_LOG_PAGES = 8192 };

enum phase {
	PHASE_CONNECT, /* until READY */
	PHASE_FETCH,   /* a foreign log is under way */
	PHASE_GIVE,    /* key boxes of old are under way */
	PHASE_CUTS,    /* asks where laptops ended that are to be revoked */
	PHASE_APPEND,  /* log records are under way */
	PHASE_PULL,    /* pushes and a pull are under way */
	PHASE_RECOVER, /* a server that was restored is told its past */
	PHASE_STAY,    /* waits for the doorbell */
	PHASE_END
};

struct flight {
	int64_t pending;
	uint64_t changes, marks;
	bool is_answered;
	bool is_stored;
	bool is_known;        /* stored before this push */
	bool is_old;          /* its author has another identity by now */
	enum verdict refused; /* for good, once the pull has shown whose server it is */
};

struct syncer {
	struct laptop *l;
	sync_follow_up follow_up;
	bool stays;
	struct logs logs;
	struct session *session;
	struct arena *a; /* of one flight */
	enum phase phase;
	unsigned rounds, append_tries;
	uint64_t n_log_asked; /* records that had come when intents were tried last */
	bool follow_up_done;
	uint64_t server_time_s;
	struct appends *appends;     /* under way */
	size_t n_pushes, cap_pushes; /* of the whole session, by push number */
	struct flight *pushes;
	int64_t *pending;         /* the same, as inbox wants them */
	bool has_more;            /* not all that waits fitted into this flight */
	size_t n_again;           /* refused in this round for what a pull may mend */
	size_t n_held;            /* of all rounds: must wait for another sync */
	struct removals removals; /* of a pull that ends in several pages */
	bool is_last_pull;
	size_t n_spaces;              /* listed to the server */
	bool has_fetched[SPACES_MAX]; /* foreign logs, in this session */
	uint16_t fetching;            /* the last of them */
	struct recovery *recovery;
	/* Once a session, and again when only the logs were missing: with them the server
	 * tells this laptop whose store it has. */
	unsigned n_recoveries;
	bool has_asked_contacts, has_contacts;
	bool has_cuts;         /* for the records that are built next */
	struct cuts_told cuts; /* in memory of a */
	bool asks_anew;        /* the next pull tells how far each space is */
	bool asks_keys;        /* HELLO did, for keys that are missing */
	bool is_wary;          /* nothing is sent before a pull went through */
	bool has_given;        /* key boxes, in this session */
	size_t n_giving;       /* of them, not answered */
	bool is_renewing;      /* the appends under way are RENEW records */
	struct sync_report report;
};

/* A round of appends, pushes and a pull, from its beginning. */
status syncer_begin_round(struct syncer *x, uint64_t mono_ms);

/* Appends RENEW records where this laptop has to be one of its own; *begun: they are
 * under way, and the round goes on after them. */
status syncer_begin_renewal(struct syncer *x, uint64_t mono_ms, bool *begun);
/* Stores those that were taken. Inside a transaction. */
status syncer_end_renewal(struct syncer *x);
/* Must a renewal come before anything else that this laptop says? */
bool syncer_must_renew(struct syncer *x);

/* Once a session, if it is time: key boxes that this laptop sealed; *begun: they are
 * under way, and the round begins after them. */
status syncer_begin_giving(struct syncer *x, uint64_t mono_ms, bool *begun);
/* An answer to one of them. */
status syncer_take_given(struct syncer *x, uint64_t mono_ms);

/* Once a session, if this laptop may: how far the laptops of its country are. */
status syncer_ask_contacts(struct syncer *x);
status syncer_ask_cuts(
    struct syncer *x, const struct intent_outlook *outlook, uint64_t mono_ms);
/* CONTACTS events; the last part of the cuts begins the round anew. */
status syncer_take_contacts(
    struct syncer *x, const struct contacts *part, uint64_t mono_ms);

/* A pull was complete: what it settles of the batches that were pushed. Those refused for
 * good are set aside, and those that the server has leave pending; then what was sent
 * back is sealed anew. */
status syncer_settle_pushes(struct syncer *x);
status syncer_reseal_refused(struct syncer *x);

/* STORE events. */
status syncer_take_store(struct syncer *x, const struct client_event *e);
/* A pull has ended that showed a server which is not the one it was. */
status syncer_begin_recovery(struct syncer *x, uint64_t mono_ms);
/* An event while recovery is under way. */
status syncer_recover(struct syncer *x, const struct client_event *e, uint64_t mono_ms);

#endif
