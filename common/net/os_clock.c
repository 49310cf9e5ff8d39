/* os_clock.c - the system's clocks. */
#include "net/os_clock.h"

#include <stddef.h>
#include <time.h>

static uint64_t
read_ms(clockid_t which)
{
	struct timespec t = {0};

	(void)clock_gettime(which, &t); /* fails for an unknown clock only */
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t
os_unix_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

uint64_t
os_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

static uint64_t
source_unix(void *ctx)
{
	(void)ctx;
	return os_unix_ms();
}

static uint64_t
source_mono(void *ctx)
{
	(void)ctx;
	return os_mono_ms();
}

struct clock_source
os_clock(void)
{
	return (struct clock_source){source_unix, source_mono, NULL};
}
