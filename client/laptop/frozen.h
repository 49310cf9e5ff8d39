/* frozen.h - records that stand for ever once another one says so: a released edition and
 * its items (V45). Refused at the keyboard and at import; what a merge brings is listed
 * (client/actions/findings.h). */
#ifndef CLIENT_LAPTOP_FROZEN_H
#define CLIENT_LAPTOP_FROZEN_H

#include "client/laptop/records.h"

/* PN-C01 if the record is there and frozen. A new one is no edit. */
status frozen_check(struct laptop *l, const struct record_ref *ref);

#endif
