/* outbox_parts.h - a batch while it is filled. Private to outbox*.c. */
#ifndef CLIENT_SYNC_OUTBOX_PARTS_H
#define CLIENT_SYNC_OUTBOX_PARTS_H

#include "client/laptop/opening.h"
#include "client/sync/outbox.h"

/* An op that was sealed again. */
struct renamed {
	struct dot was, is;
};

/* One batch that is being filled; all its memory is x->a, wiped when it is done. */
struct filling {
	struct laptop *l;
	struct arena *a;       /* of the batch */
	struct arena *scratch; /* of one record */
	struct batch_place place;
	struct batch batch;
	struct op ops[BATCH_OPS_MAX];
	int64_t rids[BATCH_OPS_MAX];
	size_t bytes; /* on the wire so far, an upper bound */
	size_t refs;  /* batches named by dots so far, an upper bound */
	uint64_t changes, marks;
	size_t n_batches, bytes_stored; /* so far */
	int state; /* of what is stored: 0 waits, 2 is refused for the reason */
	const char *reason;
	/* Sealing again: the name that each op had, and what became of all of them. */
	bool is_again;
	bool adopts; /* what is carried, as far as it can be put under one's own name */
	struct dot was[BATCH_OPS_MAX];
	struct renamed *renamed;
	size_t n_renamed;
};

struct filling *filling_new(struct laptop *l); /* NULL: no memory */
void filling_free(struct filling *x);
/* All that follows is sealed in this scope. */
status outbox_enter(struct filling *x, const struct scope_info *scope);
/* Appends one op with this plaintext; begins a new batch when it is full. */
status outbox_add(struct filling *x, const struct body *body, const struct dot *dots,
    size_t n_dots, struct span plain, int64_t rid);
/* Appends the erase op of a subject. */
status outbox_add_erase(struct filling *x, const struct tag *subject);
/* Measures a body as record_seal() wants it; ctx: the filling. */
size_t outbox_size_of(const void *ctx, const struct body *body);
/* Would an op with a plaintext of that length still go into the batch at hand? */
bool outbox_has_room(const struct filling *x, size_t plain_bytes, size_t n_dots);
/* Signs and stores what was collected, and starts the next batch. */
status outbox_finish(struct filling *x);

#endif
