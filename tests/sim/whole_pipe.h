/* whole_pipe.h - the line between laptops and the server, in memory. It stands in for
 * common/net/uv_conn.c and keeps its contract (linked in its place), so that all code on
 * either side of the line is that of the programs: no sockets, no threads, no waiting,
 * and one seed is one schedule. */
#ifndef TESTS_SIM_WHOLE_PIPE_H
#define TESTS_SIM_WHOLE_PIPE_H

#include "base/bytes.h"

struct host;

/* What happens to the next call. */
struct pipe_plan {
	bool is_down;       /* there is no network */
	uint64_t cut_after; /* bytes of both directions; UINT64_MAX = no cut */
	/* The server gets what the laptop had sent before the cut only later, when other
	 * calls have come and gone (pipe_deliver_late). */
	bool is_late;
	uint64_t interlude_after; /* bytes; then, once, interlude(); UINT64_MAX = none */
	void (*interlude)(void *ctx);
	void *ctx;
};

static const struct pipe_plan pipe_plain = {
    .cut_after = UINT64_MAX, .interlude_after = UINT64_MAX};

struct pipe_counts {
	uint64_t calls, cuts, late, bytes;
};

/* The server that answers from now on; NULL: none. */
void pipe_serve(struct host *h);
/* For the next call only, and not for calls inside its interlude. */
void pipe_next(const struct pipe_plan *plan);
void pipe_deliver_late(void);
/* Mark at which the server ends a page; 0 = its own. */
void pipe_set_page_bytes(size_t bytes);
const struct pipe_counts *pipe_counts(void);
/* Of every byte that came to either side, in order: one seed gives one trace. */
uint64_t pipe_trace(void);
/* Does all that the stores were asked for. */
void pipe_pump_stores(struct host *h);

#endif
