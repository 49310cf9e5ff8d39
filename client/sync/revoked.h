/* revoked.h - at a laptop that was taken out of the network: by whom and when. The server
 * says no more to it than that it was revoked, but anybody may read the membership logs
 * (SECURITY 5), and the REVOKE in them is signed. */
#ifndef CLIENT_SYNC_REVOKED_H
#define CLIENT_SYNC_REVOKED_H

#include "client/laptop/laptop.h"

struct revoked {
	char by[20];     /* member's code; "the office" where the root key signed */
	uint64_t time_s; /* server's clock */
};

/* As the logs here tell. False: they know of no revocation of this laptop. */
bool revoked_known(struct laptop *l, struct revoked *out);
/* Fetches the logs as a stranger does, and completes the complaint PN-K02. Whatever goes
 * wrong leaves the complaint as it is. */
void revoked_explain(struct laptop *l);

#endif
