/* uv_listen.c - a listening TCP socket. */
#include "net/uv_listen.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>

enum { BACKLOG = 1024 };

struct uv_listen {
	struct net_loop *net;
	struct uv_listen_hooks hooks;
	uv_tcp_t tcp;
	uint16_t port;
};

static void
on_closed(uv_handle_t *h)
{
	free(h->data);
}

static void
on_connection(uv_stream_t *at, int error)
{
	struct uv_listen *l = at->data;

	if (error == 0)
		l->hooks.on_peer(l->hooks.ctx, l, at);
}

/* Text to address; 0 or an error of libuv. */
static int
read_address(const char *address, uint16_t port, struct sockaddr_storage *out)
{
	int error = uv_ip4_addr(address, port, (struct sockaddr_in *)out);

	if (error < 0)
		error = uv_ip6_addr(address, port, (struct sockaddr_in6 *)out);
	return error;
}

static int
begin(struct uv_listen *l, const struct sockaddr_storage *address)
{
	struct sockaddr_storage bound = {0};
	int len = sizeof bound;
	int error = uv_tcp_bind(&l->tcp, (const struct sockaddr *)address, 0);

	if (error == 0)
		error = uv_listen((uv_stream_t *)&l->tcp, BACKLOG, on_connection);
	if (error == 0)
		error = uv_tcp_getsockname(&l->tcp, (struct sockaddr *)&bound, &len);
	if (error < 0)
		return error;
	l->port = bound.ss_family == AF_INET6
		      ? ntohs(((struct sockaddr_in6 *)&bound)->sin6_port)
		      : ntohs(((struct sockaddr_in *)&bound)->sin_port);
	return 0;
}

struct uv_listen *
uv_listen_new(struct net_loop *n, const char *address, uint16_t port,
    const struct uv_listen_hooks *hooks, status *st, struct trouble *t)
{
	struct sockaddr_storage where = {0};
	struct uv_listen *l;
	int error = read_address(address, port, &where);

	if (error < 0) {
		*st = trouble_set(t, ST_CONFIG, "%s is not a numeric address", address);
		return NULL;
	}
	l = calloc(1, sizeof *l);
	if (l == NULL || uv_tcp_init(net_loop_uv(n), &l->tcp) < 0) {
		free(l);
		*st = trouble_set(t, ST_NO_MEMORY, "no memory to listen");
		return NULL;
	}
	l->net = n;
	l->hooks = *hooks;
	l->tcp.data = l;
	error = begin(l, &where);
	if (error < 0) {
		uv_close((uv_handle_t *)&l->tcp, on_closed);
		*st = trouble_set(
		    t, ST_IO, "%s:%u: %s", address, (unsigned)port, uv_strerror(error));
		return NULL;
	}
	*st = ST_OK;
	return l;
}

uint16_t
uv_listen_port(const struct uv_listen *l)
{
	return l->port;
}

static void
on_refused(uv_handle_t *h)
{
	free(h);
}

void
uv_listen_refuse(struct uv_listen *l, uv_stream_t *at)
{
	uv_tcp_t *tcp = calloc(1, sizeof *tcp);

	if (tcp == NULL || uv_tcp_init(net_loop_uv(l->net), tcp) < 0) {
		free(tcp);
		return; /* it waits until somebody else's turn comes */
	}
	(void)uv_accept(at, (uv_stream_t *)tcp);
	/* With a reset, so that it does not look like a server with another key. */
	if (uv_tcp_close_reset(tcp, on_refused) < 0)
		uv_close((uv_handle_t *)tcp, on_refused);
}

void
uv_listen_close(struct uv_listen *l)
{
	if (l != NULL && !uv_is_closing((uv_handle_t *)&l->tcp))
		uv_close((uv_handle_t *)&l->tcp, on_closed);
}
