/* uv_conn.h - one TCP stream and the session on it: moves bytes, keeps deadlines, stops
 * reading when the session is full, and closes in order (BYE, shutdown, then close, since
 * uv_close drops what is queued). Knows nothing of what a session says. */
#ifndef NET_UV_CONN_H
#define NET_UV_CONN_H

#include <uv.h>

#include "proto/session.h"

/* What all streams of one loop share. */
struct net_loop;

/* Ignores SIGPIPE for the process: a peer that resets must not end it. loop is borrowed
 * until net_loop_free(). NULL when out of memory. */
struct net_loop *net_loop_new(uv_loop_t *loop);
uv_loop_t *net_loop_uv(struct net_loop *n);
/* After uv_run() has ended. NULL is legal. */
void net_loop_free(struct net_loop *n);

struct uv_conn;

struct uv_conn_hooks {
	void *ctx;
	/* Something may have changed: take all events (client) or requests (server) of
	 * uv_conn_session(). Answers may come later; call uv_conn_pump() after them. */
	void (*on_work)(void *ctx, struct uv_conn *c);
	/* The stream is closed and no request is open: the last call; c is freed after
	 * it. Here, or later, the session may be freed. */
	void (*on_closed)(void *ctx, struct uv_conn *c);
};

/* The session stays the caller's; it must live until on_closed. NULL when out of memory.
 */
struct uv_conn *uv_conn_new(
    struct net_loop *n, struct session *s, const struct uv_conn_hooks *hooks);

/* Resolves host (name, IPv4, or IPv6 without brackets) and connects to the first address
 * that answers. Failure shows as on_closed with uv_conn_dial_status() other than ST_OK,
 * after timeout_ms at the latest. ST_USAGE for a host or port that cannot be one. */
status uv_conn_dial(struct uv_conn *c, const char *host, const char *port,
    uint64_t timeout_ms, struct trouble *t);
/* ST_OK once connected; ST_UNREACHABLE with a text ("no route to host", ...). */
status uv_conn_dial_status(const struct uv_conn *c, struct trouble *t);
/* Takes the connection that waits at the listener. ST_IO: there is none. */
status uv_conn_accept(struct uv_conn *c, uv_stream_t *listener, struct trouble *t);
/* Address of the peer, an IPv4 one as such on every listener; family AF_UNSPEC if it is
 * not known. */
void uv_conn_peer(const struct uv_conn *c, struct sockaddr_storage *out);

struct session *uv_conn_session(struct uv_conn *c);
/* Moves what can be moved; call it after answers that came later. Does nothing from
 * inside on_work. If the stream is closed and nothing is open any more, c is gone after
 * it. */
void uv_conn_pump(struct uv_conn *c);
/* Gives the stream up without waiting for what is queued, with a reset, so that the peer
 * does not take it for an end in order. on_closed follows. */
void uv_conn_close(struct uv_conn *c);
uint64_t uv_conn_bytes_in(const struct uv_conn *c);
uint64_t uv_conn_bytes_out(const struct uv_conn *c);
/* For the caller's lists. */
void uv_conn_set_data(struct uv_conn *c, void *data);
void *uv_conn_data(const struct uv_conn *c);

#endif
