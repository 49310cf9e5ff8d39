/* inbox_parts.h - one transaction that applies a pull of one space. Private to inbox*.c.
 *
 *	inbox.c          the order of things, the cursor
 *	inbox_stage.c    pages that wait for the last one
 *	inbox_take.c     batches come in
 *	inbox_carry.c    batches come in by file
 *	inbox_remove.c   removals, graves, doa
 *	inbox_past.c     what a record showed before, and what follows from the difference
 */
#ifndef CLIENT_SYNC_INBOX_PARTS_H
#define CLIENT_SYNC_INBOX_PARTS_H

#include "client/laptop/opening.h"
#include "client/sync/inbox.h"

struct past; /* of one record */

struct applying {
	struct laptop *l;
	struct logs *logs;
	struct arena *a;       /* of one batch */
	struct arena *scratch; /* of one record */
	struct arena *memory;  /* of all: what was shown before */
	uint16_t space;
	const struct push_list *pushes;
	uint64_t server_time_s;
	struct received *out;
	const struct page *last; /* holds the removals */
	struct dead_row *dead;   /* sorted copy of its removals */
	bool is_stage;           /* a staged page is being taken */
	bool is_rebase;          /* the pull replaces the base (client/sync/recovery.h) */
	bool wipes;       /* what is taken away must leave the log of the database */
	bool is_old;      /* the batch at hand was in the base that it replaces */
	bool is_ours;     /* the batch at hand was sealed here */
	unsigned roles;   /* of the signer of the batch at hand, in the space */
	bool is_adopted;  /* it goes on under this laptop's name: it must have the right
			     too */
	struct author as; /* then, this laptop there, and its rights */
	unsigned own_roles;
	int32_t wanted_log;      /* space whose log a signature needs; -1 = none */
	size_t n_past, cap_past; /* records touched: a table by rid */
	struct past *past;
};

/* Was it sealed by a revoked laptop after the last batch that its REVOKE counts? */
status inbox_is_past_cut(struct applying *x, const struct batch *b,
    const struct batch_id *id, uint64_t lsn, bool *past);

/* Must come before anything of the record changes: keeps what it shows now. */
status inbox_touch(struct applying *x, int64_t rid);
/* A record that this pull brings. */
status inbox_touch_new(struct applying *x, int64_t rid);
/* Shows all touched records anew; counts what came, and keeps what it replaced. */
status inbox_refresh(struct applying *x);
/* Lets the local clock see the stamps of a body. */
status inbox_see_times(struct applying *x, int64_t rid, const struct body *body);

/* Drops the stage if the page does not begin where it ends. Inside a transaction. */
status inbox_match_stage(struct laptop *l, const struct page *page);
status inbox_take_page(struct applying *x, const struct page *page);
/* Rights of the signer of a batch, for its ops. */
status inbox_find_roles(struct applying *x, const struct batch *b);
/* Forgets the tables of the batch before. */
void inbox_begin_batch(struct applying *x);
/* Opens an op of a batch that came by file and files it under its record; *rid is 0 when
 * it cannot be shown. */
status inbox_open_op(struct applying *x, const struct batch_place *place,
    const struct batch *b, size_t index, int64_t *rid);
/* From now on the ops of a batch are filed only if this laptop could have signed them. */
status inbox_adopts(struct applying *x, uint16_t space, const struct batch *b);
/* Was the op removed after its batch came in? */
bool inbox_is_dead(const struct applying *x, uint64_t lsn, size_t index);
/* Ops that did not open when they came, once more. */
status inbox_open_again(struct applying *x);

status inbox_take_removals(struct applying *x);
status inbox_take_graves(struct applying *x);
/* Once all is shown anew: the names of the erased persons' records go too. */
status inbox_end_graves(struct applying *x);
status inbox_take_doa(struct applying *x);

#endif
