/* metrics.h - the state of a server as Prometheus text, version 0.0.4. Counts, sizes and
 * times of spaces; no laptop, no person, no address. */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include "server/host.h"

/* A text that grows; NULL bytes when memory is out. */
struct metrics_text {
	char *bytes;
	size_t len;
	size_t cap;
	bool is_torn;
};

/* Looks at every store, then calls done once, on the loop: text is the caller's to free,
 * NULL if the server is stopping or memory is out. */
void metrics_gather(
    struct host *h, void (*done)(void *ctx, struct metrics_text text), void *ctx);

/* 0 and "ok" while all spaces are read and erased bytes are where they should be; else
 * the reason why not. */
bool metrics_is_healthy(const struct host *h, const char **why);

#endif
