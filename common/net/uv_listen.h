/* uv_listen.h - a listening TCP socket. */
#ifndef NET_UV_LISTEN_H
#define NET_UV_LISTEN_H

#include <uv.h>

#include "base/status.h"
#include "net/uv_conn.h"

struct uv_listen;

struct uv_listen_hooks {
	void *ctx;
	/* A peer knocks: take it with uv_conn_accept() on `at`, or refuse it with
	 * uv_listen_refuse(). One of the two must be called. */
	void (*on_peer)(void *ctx, struct uv_listen *l, uv_stream_t *at);
};

/* Listens at a numeric address, "127.0.0.1" or "::"; port 0 = any free one. The error
 * names address and reason. NULL with *st set: ST_CONFIG for an address that is none,
 * ST_IO. */
struct uv_listen *uv_listen_new(struct net_loop *n, const char *address, uint16_t port,
    const struct uv_listen_hooks *hooks, status *st, struct trouble *t);
/* The port in use. */
uint16_t uv_listen_port(const struct uv_listen *l);
/* Takes the waiting peer and closes it at once. */
void uv_listen_refuse(struct uv_listen *l, uv_stream_t *at);
/* Stops; the memory goes when the loop has closed it. NULL is legal. */
void uv_listen_close(struct uv_listen *l);

#endif
