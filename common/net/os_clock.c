/* os_clock.c - realtime for people, monotonic for deadlines. */
#include "net/os_clock.h"

#include <stddef.h>
#include <time.h>

static uint64_t
read_ms(clockid_t id)
{
	struct timespec t = {0};

	(void)clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t
now_ms(void *ctx)
{
	(void)ctx;
	return read_ms(CLOCK_REALTIME);
}

static uint64_t
mono_ms(void *ctx)
{
	(void)ctx;
	return read_ms(CLOCK_MONOTONIC);
}

struct clock_source
os_clock(void)
{
	return (struct clock_source){now_ms, mono_ms, NULL};
}
