/* provisional.h - what coordinators' devices write by themselves at a sync (DESIGN 3.2):
 * figures of open workshops and the country's total, so that the office has figures
 * without names. Written only where they changed. */
#ifndef CLIENT_ACTIONS_PROVISIONAL_H
#define CLIENT_ACTIONS_PROVISIONAL_H

#include "client/laptop/laptop.h"

status provisional_update(struct laptop *l);

#endif
