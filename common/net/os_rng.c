/* os_rng.c - getrandom(2). */
#include "net/os_rng.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

static void
fill(void *ctx, void *out, size_t len)
{
	uint8_t *at = out;

	(void)ctx;
	while (len > 0) {
		ssize_t n = getrandom(at, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			abort(); /* without randomness nothing may be sealed */
		at += n;
		len -= (size_t)n;
	}
}

struct rng
os_rng(void)
{
	return (struct rng){fill, NULL};
}
