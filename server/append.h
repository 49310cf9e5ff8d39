/* append.h - appending a membership record: one at a time over all logs, checked, stored
 * by compare-and-swap, then believed (DESIGN 3.3, SECURITY 4). */
#ifndef SERVER_APPEND_H
#define SERVER_APPEND_H

#include "proto/messages.h"
#include "server/host.h"

struct append_request {
	struct append append; /* borrowed until done */
	/* Whoever is in no log may append a JOIN; and any NET record while NET has no
	 * device, which is how a network is founded. */
	bool is_stranger;
	uint64_t prefix; /* of his address (gate.h) */
};

struct append_outcome {
	enum append_result result;
	uint32_t detail; /* length of the log; REFUSED: enum refusal */
};
typedef void append_done(void *ctx, const struct append_outcome *o);

struct append_queue *append_queue_new(struct host *h); /* NULL: no memory */
void append_queue_free(struct append_queue *q);        /* empty; NULL is legal */
/* done may be called before this returns. */
void append_record(
    struct append_queue *q, const struct append_request *r, append_done *done, void *ctx);

#endif
