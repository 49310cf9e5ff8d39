/* intake.h - is this batch to be taken? Checks in the order of SECURITY 6, cheapest
 * first, then the store's transaction, where a known id is answered before any refusal.
 * A batch is checked against its own author, whoever brings it. */
#ifndef SERVER_INTAKE_H
#define SERVER_INTAKE_H

#include "proto/messages.h"
#include "server/host.h"

struct intake_push {
	uint16_t space;        /* as the PUSH says */
	struct span wire;      /* borrowed until done */
	struct device_id peer; /* who brings it */
};

struct intake_verdict {
	enum verdict code;
	uint16_t detail;
	uint64_t lsn; /* if it is stored here */
};

typedef void intake_done(void *ctx, const struct intake_verdict *v);

/* done may be called before this returns (nothing of it is stored then), or later on the
 * loop's thread, after the commit is durable. */
void intake_accept(
    struct host *h, const struct intake_push *push, intake_done *done, void *ctx);

/* Checks a batch that a device hands to a restored server: signed by somebody whom the
 * logs know. Everything of out lies in the arena or borrows wire. ST_RETRY: it cites
 * records that the logs lack (yet). */
status intake_check_past(struct host *h, uint16_t space, struct span wire,
    struct arena *a, struct batch *out, struct batch_id *id, struct trouble *t);

#endif
