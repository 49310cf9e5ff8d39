/* admin_link.h - asks the server of a data folder (admin.h): the running one over its
 * socket, or, where nobody serves, a host of our own over the same files for as long as
 * the link is open. */
#ifndef SERVER_ADMIN_LINK_H
#define SERVER_ADMIN_LINK_H

#include "base/status.h"

struct admin_link;

/* ST_NOT_FOUND: that folder holds no server; ST_BUSY: another process has its files, and
 * does not answer; else as service_open(). */
status admin_link_open(struct admin_link **out, const char *data, struct trouble *t);
bool admin_link_is_served(const struct admin_link *l);
/* Asks and waits; each line of the answer goes to say. */
status admin_link_ask(struct admin_link *l, const char *line,
    void (*say)(void *ctx, const char *line), void *ctx, struct trouble *t);
void admin_link_close(struct admin_link *l); /* NULL is legal */

#endif
