/* guesses.c - failed joins of the last hour, in a small table by hash; where a new one
 * needs the place, the one whose hour began first goes. */
#include "server/guesses.h"

#include <stdlib.h>

#include "proto/limits.h"

enum { HOUR_MS = 60 * 60 * 1000, WINDOW = 8 };

struct guess {
	uint64_t key;
	uint64_t begun_ms;
	uint32_t n; /* 0 = free */
	uint32_t kind;
};

struct guesses {
	uint32_t most[GUESS_KIND_COUNT]; /* 0 = no limit */
	struct guess at[PREFIXES_MAX];
};

struct guesses *
guesses_new(const struct config_limits *limits)
{
	struct guesses *g = calloc(1, sizeof *g);

	if (g != NULL) {
		g->most[GUESS_PREFIX] = limits->failed_joins_per_prefix;
		g->most[GUESS_INVITE] = limits->failed_joins_per_invite;
	}
	return g;
}

void
guesses_free(struct guesses *g)
{
	free(g);
}

static size_t
place(enum guess_kind kind, uint64_t key, size_t i)
{
	uint64_t hash = (key + kind) * UINT64_C(0x9E3779B97F4A7C15);

	return (size_t)((hash >> 32) + i) % PREFIXES_MAX;
}

static bool
is_it(const struct guess *x, enum guess_kind kind, uint64_t key, uint64_t now_ms)
{
	return x->n > 0 && x->kind == kind && x->key == key &&
	       now_ms - x->begun_ms < HOUR_MS;
}

bool
guesses_may(const struct guesses *g, enum guess_kind kind, uint64_t key, uint64_t now_ms)
{
	for (size_t i = 0; i < WINDOW && g->most[kind] > 0; i++) {
		const struct guess *x = &g->at[place(kind, key, i)];

		if (is_it(x, kind, key, now_ms))
			return x->n < g->most[kind];
	}
	return true;
}

void
guesses_failed(struct guesses *g, enum guess_kind kind, uint64_t key, uint64_t now_ms)
{
	struct guess *oldest = NULL;

	for (size_t i = 0; i < WINDOW; i++) {
		struct guess *x = &g->at[place(kind, key, i)];

		if (is_it(x, kind, key, now_ms)) {
			x->n++;
			return;
		}
		if (oldest == NULL || x->n == 0 ||
		    (oldest->n > 0 && x->begun_ms < oldest->begun_ms))
			oldest = x;
	}
	*oldest = (struct guess){key, now_ms, 1, kind};
}
