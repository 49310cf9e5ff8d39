/* gate.c - totals and token buckets of address ranges. A bucket is kept in a small table
 * by hash; where a new range needs the place, the longest unused bucket without a half
 * open peer goes, which can only be to the newcomer's advantage. */
#include "server/gate.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/limits.h"

enum { WINDOW = 8 }; /* places that one range may use */

struct bucket {
	uint64_t prefix; /* 0 = free */
	uint64_t used_ms;
	uint32_t half_open;
	double tokens;
};

struct gate {
	struct config_limits limits;
	uint32_t connections;
	uint32_t half_open;
	struct bucket buckets[PREFIXES_MAX];
};

const char *
gate_answer_text(enum gate_answer a)
{
	static const char *const texts[GATE_ANSWER_COUNT] = {
#define X(name, text) text,
	    GATE_ANSWERS(X)
#undef X
	};

	return texts[a];
}

struct gate *
gate_new(const struct config_limits *limits)
{
	struct gate *g = calloc(1, sizeof *g);

	if (g != NULL)
		g->limits = *limits;
	return g;
}

void
gate_free(struct gate *g)
{
	free(g);
}

/* The machine itself: programs of the operator, tests, a tunnel with limits of its own.
 * The other addresses of 127.0.0.0/8 are ranges like any. */
static bool
is_loopback(const struct sockaddr_storage *from)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;

	if (from->ss_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) == INADDR_LOOPBACK;
	return from->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* /24 of IPv4 or /64 of IPv6 as a number that is never 0. */
static uint64_t
prefix_of(const struct sockaddr_storage *from)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)from;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
	uint64_t network = 0;

	if (from->ss_family == AF_INET)
		return UINT64_C(1) << 63 | (ntohl(four->sin_addr.s_addr) >> 8);
	if (from->ss_family == AF_INET6)
		network = get_u64(six->sin6_addr.s6_addr);
	return network == 0 ? 1 : network;
}

static struct bucket *
find(struct gate *g, uint64_t prefix, uint64_t now_ms)
{
	uint64_t hash = (prefix * UINT64_C(0x9E3779B97F4A7C15)) >> 32;
	struct bucket *oldest = NULL;

	for (size_t i = 0; i < WINDOW; i++) {
		struct bucket *b = &g->buckets[(hash + i) % PREFIXES_MAX];

		if (b->prefix == prefix)
			return b;
		if (b->half_open == 0 && (oldest == NULL || b->used_ms < oldest->used_ms))
			oldest = b;
	}
	if (oldest == NULL)
		return NULL;
	*oldest = (struct bucket){.prefix = prefix, .used_ms = now_ms};
	oldest->tokens = g->limits.new_per_prefix_burst;
	return oldest;
}

static bool
take_token(const struct gate *g, struct bucket *b, uint64_t now_ms)
{
	double most = g->limits.new_per_prefix_burst;

	if (g->limits.new_per_prefix_per_s == 0)
		return true;
	if (now_ms > b->used_ms)
		b->tokens +=
		    (double)(now_ms - b->used_ms) * g->limits.new_per_prefix_per_s / 1000;
	b->used_ms = now_ms;
	if (b->tokens > most)
		b->tokens = most;
	if (b->tokens < 1)
		return false;
	b->tokens -= 1;
	return true;
}

static bool
is_at(uint32_t n, uint32_t limit)
{
	return limit > 0 && n >= limit;
}

enum gate_answer
gate_enter(struct gate *g, uint64_t now_ms, const struct sockaddr_storage *from,
    struct gate_pass *pass)
{
	uint64_t prefix = prefix_of(from);
	struct bucket *b = find(g, prefix, now_ms);
	bool is_own = is_loopback(from);

	if (is_at(g->connections, g->limits.connections_max))
		return GATE_FULL;
	if (b == NULL || is_at(g->half_open, g->limits.half_open_max) ||
	    (!is_own && is_at(b->half_open, g->limits.half_open_per_prefix_max)))
		return GATE_HALF_OPEN;
	if (!is_own && !take_token(g, b, now_ms))
		return GATE_FAST;
	g->connections++;
	g->half_open++;
	b->half_open++;
	*pass = (struct gate_pass){prefix, true};
	return GATE_OPEN;
}

void
gate_known(struct gate *g, struct gate_pass *pass)
{
	struct bucket *b;

	if (!pass->is_half_open)
		return;
	pass->is_half_open = false;
	b = find(g, pass->prefix, 0);
	assert(g->half_open > 0 && b != NULL && b->half_open > 0);
	g->half_open--;
	b->half_open--;
}

void
gate_leave(struct gate *g, struct gate_pass *pass)
{
	gate_known(g, pass);
	assert(g->connections > 0);
	g->connections--;
}

uint32_t
gate_connections(const struct gate *g)
{
	return g->connections;
}

uint32_t
gate_half_open(const struct gate *g)
{
	return g->half_open;
}
