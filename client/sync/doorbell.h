/* doorbell.h - waits at the server until something has come for this laptop (DESIGN 5).
 * What the server needs to know is copied beforehand, so that the replica is closed, and
 * free for other commands, all the while. */
#ifndef CLIENT_SYNC_DOORBELL_H
#define CLIENT_SYNC_DOORBELL_H

#include "client/laptop/laptop.h"
#include "proto/session.h"

struct doorbell {
	char address[sizeof(struct server_address)];
	struct network_id network;
	struct transport_pk server;
	struct transport_sk secret; /* wiped by doorbell_wait */
	uint16_t incarnation;
	size_t n_spaces;
	struct space_state spaces[HELLO_SPACES_MAX]; /* how far each was pulled */
};

/* Copies it from a laptop that has just synced. */
status doorbell_prepare(struct laptop *l, struct doorbell *out);
/* Returns when it has rung, something had come before it could ring, or the line is gone:
 * the next sync tells. Takes a second at least, so that syncs never follow each other
 * without a pause. timeout_s: for the connect. ST_NO_MEMORY. */
status doorbell_wait(struct doorbell *d, unsigned timeout_s);

#endif
