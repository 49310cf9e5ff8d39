/* state_file.h - figures of the running server in DIR/state, for `pnetd status`: lines of
 * `key = value`, replaced whole. Not synced to disk: they are worth nothing after a
 * crash. */
#ifndef SERVER_STATE_FILE_H
#define SERVER_STATE_FILE_H

#include "server/host.h"

enum { STATE_LINES_MAX = 32 };

struct state_line {
	char key[40];
	char value[80];
};

struct state {
	size_t n;
	struct state_line lines[STATE_LINES_MAX];
};

void state_add(struct state *s, const char *key, const char *value);
void state_add_number(struct state *s, const char *key, uint64_t value);
/* All figures of the host; port: where it listens. */
void state_of_host(const struct host *h, uint16_t port, struct state *out);
status state_write(const char *path, const struct state *s, struct trouble *t);
status state_read(const char *path, struct state *out, struct trouble *t);
/* Does the server that wrote it still run? */
bool state_is_running(const struct state *s);
/* NULL if there is no such key. */
const char *state_value(const struct state *s, const char *key);

#endif
