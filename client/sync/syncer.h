/* syncer.h - one sync of this laptop: decides what is asked, pushed and applied, in what
 * order. Without input or output of its own: client/sync/link.c and tests pump
 * the session.
 *
 *	READY -> waiting log records are appended -> dirty entries are sealed and pushed,
 *	pull -> pages applied -> what follows from them (provisional tallies, keys for new
 *	members) is pushed -> BYE
 * A trainer with nothing for the log needs one flight of requests and one of answers. */
#ifndef CLIENT_SYNC_SYNCER_H
#define CLIENT_SYNC_SYNCER_H

#include "client/sync/inbox.h"
#include "proto/session.h"

enum { SYNC_REFUSED_MAX = 16 };

struct sync_report {
	uint64_t sent, sent_marks;   /* changes pushed in this sync */
	uint64_t stored;             /* of them, known to be durable at the server */
	uint64_t known, known_marks; /* of these, stored before this session */
	struct received received;
	size_t n_refused;
	char refused[SYNC_REFUSED_MAX][96]; /* "SK office: VERDICT_ROLE ..." */
	size_t n_full;    /* batches that stay here: the country's quota is used up */
	size_t n_later;   /* batches that stay here: the server could not store them */
	size_t n_log_new; /* membership records that were new here */
	size_t n_waiting_log;     /* intents that could not be appended yet */
	size_t n_waiting_members; /* whose rights are among them */
	/* Changes of activities whose access ended before they were sent: set aside. */
	uint64_t n_left_aside;
	const char *log_refused; /* why a record cannot be appended; NULL: none of them */
	int64_t clock_off_s;     /* local clock minus the server's, when READY came */
	bool is_complete;        /* everything pulled and pushed */
	bool store_changed;      /* PN-S01 or PN-S03: the complaint says it all */
	/* Spaces that a restored server was told of: "SK, NET"; empty if none. */
	char restored[64];
	/* This laptop was a copy, or an older copy put back: it is one of its own now. */
	bool has_renewed;
	bool wants_retry; /* a foreign log is missing: sync again at once */
};

struct syncer;

/* follow_up: called after the first complete pull when this device has duties (a
 * coordinator's); it saves edits as a command would. May be NULL. */
typedef status (*sync_follow_up)(struct laptop *l);

/* Starts a session. stays: keeps the session for the doorbell. */
status syncer_new(struct laptop *l, sync_follow_up follow_up, bool stays,
    uint64_t mono_ms, struct syncer **out);
struct session *syncer_session(struct syncer *x);
/* Takes every event that is there and acts on it. A failure of this laptop (disk, log
 * fork) ends the session and is returned. */
status syncer_work(struct syncer *x, uint64_t mono_ms);
const struct sync_report *syncer_report(const struct syncer *x);
/* Why the session ended, once session_is_over(). */
enum session_end syncer_end(const struct syncer *x);
void syncer_free(struct syncer *x); /* NULL is legal */

#endif
