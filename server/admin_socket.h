/* admin_socket.h - the way in for the operator's commands while the server runs: a Unix
 * socket DIR/admin of mode 0600, so that who may use it is who may read the folder's
 * secrets. A line asks (admin.h); the answer is lines that begin with a blank, and one
 * that begins with '=', with the number of the status and what went wrong. */
#ifndef SERVER_ADMIN_SOCKET_H
#define SERVER_ADMIN_SOCKET_H

#include "server/host.h"

struct admin_socket;

/* Takes the place of a socket that a crash left: the caller has the space files open, so
 * nobody else serves there. ST_IO, ST_NO_MEMORY; ST_CONFIG: the path is too long for a
 * socket. */
struct admin_socket *admin_socket_new(struct host *h, status *st, struct trouble *t);
/* Before the loop ends; NULL is legal. */
void admin_socket_close(struct admin_socket *s);

#endif
