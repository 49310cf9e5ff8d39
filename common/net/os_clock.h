/* os_clock.h - the system's clocks. */
#ifndef NET_OS_CLOCK_H
#define NET_OS_CLOCK_H

#include "base/clock.h"

uint64_t os_unix_ms(void); /* may jump */
uint64_t os_mono_ms(void); /* never goes back; for deadlines */
struct clock_source os_clock(void);

#endif
