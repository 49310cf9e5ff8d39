/* clock.h - time as a value that is passed in. Pure code takes now_ms as a parameter;
 * only drivers ask a clock (net/os_clock.h). */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock_source {
	uint64_t (*now_ms)(void *ctx);  /* unix time, may jump */
	uint64_t (*mono_ms)(void *ctx); /* never goes back; for deadlines */
	void *ctx;
};

#endif
