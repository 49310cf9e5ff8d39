/* admin.h - the operator's commands inside a host: one line asks, lines answer. The same
 * code runs in the serving process, asked over its socket (admin_socket.h), and in a
 * command's own process while nobody serves (admin_link.h). Sizes, counts, ids of laptops
 * and times; never a name. */
#ifndef SERVER_ADMIN_H
#define SERVER_ADMIN_H

#include "server/host.h"

enum { ADMIN_LINE_BYTES = 400 };

struct admin_caller {
	void *ctx;
	/* One line of the answer, without its newline. */
	void (*say)(void *ctx, const char *line);
	/* The last call. t is never NULL. */
	void (*done)(void *ctx, status st, const struct trouble *t);
};

/* clang-format off */
/*        line                       answers */
#define ADMIN_COMMANDS(X) \
	X("spaces",  admin_spaces,   0, 0, "") \
	X("devices", admin_devices,  0, 1, "[CC]") \
	X("erasures", admin_erasures, 0, 1, "[CC]") \
	X("compact", admin_compact,  0, 1, "[CC]") \
	X("copy",    admin_copy,     1, 1, "CC") \
	X("quota",   admin_quota,    2, 2, "CC MIB") \
	X("block",   admin_block,    1, 1, "DEVICE") \
	X("unblock", admin_unblock,  1, 1, "DEVICE")
/* clang-format on */

/* line: a command and its arguments with blanks between; copied. done may be called
 * before this returns. */
void admin_run(struct host *h, const char *line, const struct admin_caller *by);

/* ---- for admin*.c ---- */

enum { ADMIN_ARGUMENTS_MAX = 3 };

struct admin_job {
	struct host *host;
	struct admin_caller by;
	struct arena *arena;
	size_t n_args;
	const char *args[ADMIN_ARGUMENTS_MAX];
	/* Works at one space, then calls admin_next() or admin_end(). */
	void (*at_space)(struct admin_job *j, struct space *s);
	const char *only; /* CC, or NULL for all spaces */
	size_t next;      /* index of the next space */
	struct space *space;
	struct store_figures figures;
	struct trouble trouble;
	char path[CONFIG_TEXT_BYTES + 32];
};

void admin_say(struct admin_job *j, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Goes on with the next space, or ends. */
void admin_next(struct admin_job *j);
/* Ends with what j->trouble says, unless st is ST_OK. */
void admin_end(struct admin_job *j, status st);
/* Ends if a store did not answer STORE_OK; false then. */
bool admin_answered(struct admin_job *j, enum store_result r, const struct trouble *t);

void admin_spaces(struct admin_job *j);
void admin_devices(struct admin_job *j);
void admin_erasures(struct admin_job *j);
void admin_compact(struct admin_job *j);
void admin_copy(struct admin_job *j);
void admin_quota(struct admin_job *j);
void admin_block(struct admin_job *j);
void admin_unblock(struct admin_job *j);

#endif
