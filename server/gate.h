/* gate.h - how many peers may come, and how fast: totals, and a token bucket per address
 * range, /24 or /64 (SECURITY 13). Pure of I/O. */
#ifndef SERVER_GATE_H
#define SERVER_GATE_H

#include <netinet/in.h>

#include "server/config.h"

struct gate;

struct gate *gate_new(const struct config_limits *limits); /* NULL: no memory */
void gate_free(struct gate *g);                            /* NULL is legal */

/* One connection that was let in. */
struct gate_pass {
	uint64_t prefix;
	bool is_half_open;
};

/* clang-format off */
/*        answer           says */
#define GATE_ANSWERS(X) \
	X(GATE_OPEN,      "open") \
	X(GATE_FULL,      "full") \
	X(GATE_FAST,      "fast") \
	X(GATE_HALF_OPEN, "half_open")
/* clang-format on */

enum gate_answer {
#define X(name, text) name,
	GATE_ANSWERS(X)
#undef X
	    GATE_ANSWER_COUNT
};
const char *gate_answer_text(enum gate_answer a); /* static */

/* A peer knocks. GATE_OPEN: pass is set and counted. The limits of a range do not hold
 * for 127.0.0.1 and ::1. */
enum gate_answer gate_enter(struct gate *g, uint64_t now_ms,
    const struct sockaddr_storage *from, struct gate_pass *pass);
/* His handshake is done. */
void gate_known(struct gate *g, struct gate_pass *pass);
/* He is gone. */
void gate_leave(struct gate *g, struct gate_pass *pass);
uint32_t gate_connections(const struct gate *g);
uint32_t gate_half_open(const struct gate *g);

#endif
