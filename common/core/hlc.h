/* hlc.h - hybrid logical clock: stamps for display and for the default among siblings,
 * never for acceptance, order or expiry (DESIGN 4.6). Time enters by value, in seconds of
 * unix time. Pure. */
#ifndef CORE_HLC_H
#define CORE_HLC_H

#include "core/entry.h"

/* A stamp further ahead of the reference than this does not move our clock. */
enum { HLC_AHEAD_SECONDS_MAX = 24 * 60 * 60 };

/* The stamp of the next edit: greater than last, and not before now_s. */
struct hlc hlc_next(struct hlc last, uint64_t now_s);

/* More than 24 h ahead of reference_s? Such a stamp is kept and flagged. */
bool hlc_is_ahead(struct hlc stamp, uint64_t reference_s);

/* Takes note of a stamp that came from another device, so that our next edit sorts after
 * what we saw. reference_s is the server's time of this session; without a server (a
 * bundle) the local clock. A stamp too far ahead is not followed: false, *last unchanged.
 */
bool hlc_receive(struct hlc *last, struct hlc stamp, uint64_t reference_s);

/* Brings our own last stamp back when it proves to be too far ahead of the server's time
 * (the local clock was wrong for a while). True if it was moved; say so to the user. */
bool hlc_settle(struct hlc *last, uint64_t server_s);

#endif
