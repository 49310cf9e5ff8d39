/* inbox.h - a pull's pages: staged one by one, applied to the base in one transaction
 * (DESIGN 4.5). Nothing of a pull shows before its last page is here. */
#ifndef CLIENT_SYNC_INBOX_H
#define CLIENT_SYNC_INBOX_H

#include "client/sync/logs.h"

/* What came in, for the person: changes that others wrote, marks among them. */
struct received {
	uint64_t changes, marks;
	uint64_t people;      /* roster entries of others, new or changed */
	uint64_t conflicts;   /* open now, in all */
	size_t n_quarantined; /* ops that do not open or may not be written, this pull */
	uint64_t ahead_s; /* largest time a stamp lies ahead of the server, if > 24 h */
};

/* Which pending batch push number n of this session was; 0 = none. */
struct push_list {
	const int64_t *pending;
	size_t n;
};

/* Keeps the batches of a page that more pages follow; durable when it returns. Own pushes
 * are kept as batches, since their numbers mean nothing in another session. A page that
 * begins before the end of the stage replaces it. */
status inbox_stage(
    struct laptop *l, const struct page *page, const struct push_list *pushes);
/* The removals of the last transaction, if they need several pages. Never durable: cut
 * off, they are told anew. Zeros at first. */
struct removals {
	bool is_open;
	bool lists_live;
	size_t n_dead, n_graves, n_doa;
	struct dead_row *dead;
	struct grave_row *graves;
	struct doa_row *doa;
};
/* Adds those of a PAGE_TAIL or, at the end, of the PAGE_LAST. */
status inbox_gather(struct laptop *l, struct removals *r, const struct page *page);
void inbox_forget(struct removals *r);
/* The last page, with all that was gathered: applies all that is staged of its space, and
 * it, and moves the cursor. Values that others replaced go to the history. server_time_s:
 * reference for stamps that are ahead. ST_RETRY: a signer's log is not here; nothing was
 * applied, and meta `wanted_log` names its space. */
status inbox_apply(struct laptop *l, struct logs *logs, const struct page *page,
    const struct push_list *pushes, uint64_t server_time_s, struct received *out);
/* What became of batches that came by file. */
struct carried {
	size_t n_new;      /* shown, and carried on to the server */
	size_t n_unopened; /* of them, without a key here: carried only */
	size_t n_known;
	size_t n_waiting;  /* cite membership records that are not here */
	size_t n_orphaned; /* of a laptop that was revoked since: kept
			      (client/sync/orphans.h) */
	size_t n_refused;  /* the membership log does not let them in */
};
/* Takes complete batches as pending ones that others wrote. out adds up what is new to
 * this laptop; stamps are compared with its own clock. Needs an open transaction. */
status inbox_carry(struct laptop *l, struct logs *logs, const struct span *wires,
    size_t n, struct received *out, struct carried *sum);
/* The server of this space is another store now: the stage is worth nothing. */
status inbox_drop_stage(struct laptop *l, uint16_t space);

/* How far each space is pulled, for HELLO; NET first. Memory of a. */
status inbox_states(
    struct laptop *l, struct arena *a, const struct space_state **out, size_t *n);
/* Takes over the mark of a store that was never seen before. */
status inbox_take_mark(struct laptop *l, uint16_t space, const struct store_mark *mark);

status inbox_conflicts(struct laptop *l, uint64_t *n);

#endif
