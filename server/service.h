/* service.h - a host over the files of one data folder on a loop of its own: what `pnetd
 * serve` runs until a signal, and what a command runs for a moment while nobody serves.
 */
#ifndef SERVER_SERVICE_H
#define SERVER_SERVICE_H

#include "server/host.h"

struct service {
	/* Set before service_open(): */
	struct config config; /* read; data is the folder */
	bool may_create;      /* space files that are not there yet */
	bool is_served;       /* peers will come: the key is read */
	const char *key_path; /* NULL: DIR/server.key */
	void *ctx;
	/* All logs are read, or st and trouble say why not; may call service_stop(). */
	void (*on_ready)(struct service *s);
	void (*on_stopped)(struct service *s); /* close your own handles now */
	/* Its own: */
	struct checks checks;
	struct transport_sk secret;
	uv_loop_t loop;
	struct net_loop *net;
	struct host *host;
	bool is_open;
	bool is_ready;
	bool is_stopped;
	status st;
	struct trouble trouble;
};

/* Reads DIR/pnetd.conf, or the file at path, into s->config. ST_CONFIG, ST_NOT_FOUND. */
status service_configure(struct service *s, const char *path);
/* Opens loop and host; on_ready follows from the loop. Whatever it returns,
 * service_close() has to follow. */
status service_open(struct service *s);
/* Peers are sent away, stores closed. Idempotent. */
void service_stop(struct service *s);
/* Runs the loop until it is stopped and has nothing left, and frees all. */
status service_close(struct service *s);

#endif
