/* link.h - pumps a client session over TCP until it is over: libuv, deadlines, an order
 * that loses nothing. The one place of the client that touches the network. */
#ifndef CLIENT_SYNC_LINK_H
#define CLIENT_SYNC_LINK_H

#include "client/laptop/laptop.h"
#include "proto/session.h"

struct link_config {
	const char *address; /* HOST:PORT */
	unsigned timeout_s;  /* for the connect; 0 = 10 */
	struct session *session;
	/* Takes the events that are there. A failure ends the session. */
	status (*work)(void *ctx, uint64_t mono_ms);
	void *ctx;
};

/* Returns when the session is over. ST_UNREACHABLE: no connection (PN-N01); otherwise
 * what work() failed with, or session_end_status(). The complaint is set, with what is
 * safe: n_waiting changes on this laptop. */
status link_run(struct laptop *l, const struct link_config *config);

/* Takes the events that are there, one by one; CLIENT_CLOSED is not passed on. Ends with
 * the first failure of take(). */
status link_events(struct session *s, uint64_t mono_ms,
    status (*take)(void *ctx, const struct client_event *e, uint64_t mono_ms), void *ctx);

/* HOST:PORT, or [IPv6]:PORT, into its parts; *port lies in address. False: neither. */
bool link_split(const char *address, char *host, size_t cap, const char **port);

/* The complaint for a session that ended otherwise than by BYE. */
status link_complain(
    struct laptop *l, const char *address, const struct session *session);

#endif
