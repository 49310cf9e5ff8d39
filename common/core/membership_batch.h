/* membership_batch.h - does the membership log let this batch in (SECURITY 6, 9.4)? All
 * checks that need the logs and no store; the caller checks size and shape before, and
 * signature, hashes and ids after. Pure. */
#ifndef CORE_MEMBERSHIP_BATCH_H
#define CORE_MEMBERSHIP_BATCH_H

#include "core/membership.h"
#include "core/op.h"

enum batch_standing {
	STANDING_OK,
	STANDING_DEVICE,  /* no such device */
	STANDING_REVOKED, /* the device was revoked */
	STANDING_RENEWED, /* sealed by an older incarnation of it */
	STANDING_ROLE,    /* it may not write in the scope, or may not erase there */
	STANDING_EPOCH,   /* sealed under an old epoch; present_epoch says which is new */
	STANDING_LOG,     /* space, scope, epoch or log head is not known here (yet) */
	STANDING_FORK     /* cites another record at a log position */
};

struct batch_question {
	const struct batch *batch;
	uint64_t now_s;
	bool is_carried; /* by a file or another device: an old epoch is no reason */
	/* A client that pulls: what the server took then stays, though the device was
	 * revoked or renewed, the grant ended or the epoch is old since. */
	bool is_history;
};

struct batch_answer {
	enum batch_standing standing;
	struct batch_context context; /* for the signature; whole if all is known */
	bool has_context;
	const struct member_device *device; /* NULL with STANDING_DEVICE */
	uint16_t present_epoch;             /* of the scope, 0 if that is unknown */
};

/* The first reason in the order of SECURITY 6; DEVICE, REVOKED and RENEWED come before
 * the others, so that a caller can ask for a known id in between. */
void membership_judge(
    const struct membership *m, const struct batch_question *q, struct batch_answer *out);

#endif
