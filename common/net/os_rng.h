/* os_rng.h - the system's random numbers behind base/rng.h. */
#ifndef NET_OS_RNG_H
#define NET_OS_RNG_H

#include "base/rng.h"

/* Aborts if the system has none to give. */
struct rng os_rng(void);

#endif
