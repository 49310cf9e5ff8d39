/* logwork.h - a session whose purpose is the membership log: fetch the logs, build
 * records on top of them, append, try again if somebody was first. */
#ifndef CLIENT_SYNC_LOGWORK_H
#define CLIENT_SYNC_LOGWORK_H

#include "client/sync/appends.h"
#include "client/sync/link.h"

struct logwork {
	struct laptop *l;
	struct membership *m;
	struct session *session;
	uint64_t server_time_s;
	struct appends *appends;

	/* Set by the caller. */
	struct transport_pk server;
	const char *address;
	uint16_t incarnation;              /* 0: a stranger */
	const struct transport_sk *secret; /* NULL: the device's */
	/* Not NULL: nothing is appended; the newest keys of this laptop are sealed to
	 * this box key, which is that of the device that speaks, and uploaded. */
	const struct box_pk *uploads_to;
	bool fetches;     /* fetch NET and `space` before building */
	bool fetches_all; /* and the log of every country */
	uint16_t space;
	/* Adds its records to w->appends; called anew after a lost race. None: it was
	 * only to fetch. */
	status (*build)(struct logwork *w, void *ctx);
	/* After all were stored, in the same transaction: what remains to be said to the
	 * server (boxes), or NULL. */
	status (*stored)(struct logwork *w, void *ctx);
	void *ctx;

	/* Told: the record hands on a key that is not here. */
	bool lacks_key;

	/* Inner. */
	unsigned tries;
	size_t n_fetching;
	bool has_countries; /* their logs were asked for */
	bool is_done;
	size_t n_uploads; /* of key boxes, not answered yet */
};

/* Runs it; the caller filled in the upper part of *w and loaded m. Records taken are
 * stored in one transaction. */
status logwork_run(struct logwork *w);

/* Seals every newest seed of this laptop to its own box key and queues the uploads, as
 * many as it takes; w->n_uploads answers will come. After them the server needs no box of
 * the invite any more. */
status logwork_upload_boxes(struct logwork *w);

#endif
