/* rng.c - helpers over an injected source of randomness. Pure. */
#include "base/rng.h"

#include <string.h>

uint64_t
rng_u64(const struct rng *r)
{
	uint64_t n;

	rng_fill(r, &n, sizeof n);
	return n;
}

uint64_t
rng_below(const struct rng *r, uint64_t bound)
{
	/* Reject the uneven tail, so that every value is equally likely. */
	uint64_t tail = (UINT64_MAX % bound + 1) % bound;
	uint64_t n;

	do
		n = rng_u64(r);
	while (n > UINT64_MAX - tail);
	return n % bound;
}

static uint64_t
splitmix64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static void
seeded_fill(void *ctx, void *out, size_t len)
{
	struct rng_seeded *s = ctx;
	uint8_t *at = out;

	while (len > 0) {
		uint64_t n = splitmix64(&s->state);
		size_t part = len < sizeof n ? len : sizeof n;

		memcpy(at, &n, part);
		at += part;
		len -= part;
	}
}

struct rng
rng_seeded(struct rng_seeded *s, uint64_t seed)
{
	s->state = seed;
	return (struct rng){seeded_fill, s};
}
