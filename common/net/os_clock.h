/* os_clock.h - the system's clocks behind base/clock.h. */
#ifndef NET_OS_CLOCK_H
#define NET_OS_CLOCK_H

#include "base/clock.h"

struct clock_source os_clock(void);

#endif
