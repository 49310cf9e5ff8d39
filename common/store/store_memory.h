/* store_memory.h - the same store in memory, for tests and the simulator. It undoes
 * nothing: after a push that would be answered STORE_QUOTA every call is STORE_CORRUPT. */
#ifndef STORE_STORE_MEMORY_H
#define STORE_STORE_MEMORY_H

#include "store/store.h"

struct uv_loop_s;

struct store_memory_config {
	struct store_epoch epoch;
	const struct checks *checks; /* borrowed for the store's life */
	struct uv_loop_s *loop;      /* NULL: serial, no thread; see store_pump */
};

status store_memory_open(
    struct store **out, const struct store_memory_config *config, struct trouble *t);

/* Makes commit number `after` from now on (0 = the next) fail once with `code`: ST_FULL,
 * ST_IO, ST_CORRUPT, ST_BUSY... Tests only. */
void store_memory_fail(struct store *s, unsigned after, status code);

#endif
