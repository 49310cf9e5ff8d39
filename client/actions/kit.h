/* kit.h - the recovery kit of a country (SECURITY 12): an ordinary coordinator device
 * whose seed lies on paper. It gets a box at every rotation, so it reads whatever its
 * country can read, and can invite a new laptop when all others are lost. */
#ifndef CLIENT_ACTIONS_KIT_H
#define CLIENT_ACTIONS_KIT_H

#include "client/actions/network.h"
#include "client/sync/duties.h"
#include "crypto/derive.h"

/* Draws a kit and makes it a device of the country, at the server. PN-P01 unless this is
 * a coordinator's laptop. On ST_OK the caller prints the seed and wipes it; it is kept
 * nowhere else. */
status kit_make(struct laptop *l, struct device_seed *out);

enum kit_standing {
	KIT_UNKNOWN, /* no device of a kit that this laptop knows of */
	KIT_IN_FORCE,
	KIT_REVOKED
};
/* What the logs here say of a kit. */
enum kit_standing kit_standing(struct laptop *l, const struct device_seed *seed);
/* Has the country a kit that is in force? */
bool kit_is_there(struct laptop *l);

/* What stands on the sheet beside the code; nothing of it is secret. */
struct kit_place {
	const char *address; /* HOST:PORT */
	struct network_id network;
	struct transport_pk server;
};
/* Makes this fresh laptop a coordinator's, invited by the kit. PN-I02 if the kit opens
 * nothing there. */
status kit_recover(struct laptop *l, const struct kit_place *place,
    const struct device_seed *seed, const char *member, struct joined *out);

#endif
