/* rng.h - randomness as a value that is passed in: the system's in programs
 * (net/os_rng.h), a seeded stream in tests and the simulator. Pure. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	void (*fill)(void *ctx, void *out, size_t len); /* never fails: it aborts */
	void *ctx;
};

static inline void
rng_fill(const struct rng *r, void *out, size_t len)
{
	r->fill(r->ctx, out, len);
}

uint64_t rng_u64(const struct rng *r);
/* Uniform in 0..bound-1, bound > 0. */
uint64_t rng_below(const struct rng *r, uint64_t bound);

/* A seeded stream (splitmix64, Steele, Lea and Flood 2014). For tests only: not secret.
 */
struct rng_seeded {
	uint64_t state;
};
struct rng rng_seeded(struct rng_seeded *s, uint64_t seed);

#endif
