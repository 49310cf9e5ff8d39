/* lost.h - batches that a restored server lost and nobody has brought back: another one
 * of the same laptop and scope follows each, so it is known that there was one. While its
 * recovery is open the server tells coordinators of their country, the office of NET
 * (CONTACTS in proto/spec/messages.md); the last answer is kept here, so that it is said
 * until they come or a person has done with them. A batch that no later one follows
 * leaves no trace: so many at least.
 *
 * The server's word, like all of contacts.h. */
#ifndef CLIENT_LAPTOP_LOST_H
#define CLIENT_LAPTOP_LOST_H

#include "client/laptop/laptop.h"
#include "proto/messages.h"

/* Keeps one part of the answer, if it tells of them at all. is_first: those of before
 * that are in no part have come. A transaction of its own. */
status lost_take(struct laptop *l, const struct contacts *part, bool is_first);

/* What one laptop wrote in one scope. */
struct lost_batches {
	const char *member; /* "SK-T2"; "?" if no log here knows it */
	const char *device; /* the beginning of its number, as `device list` has it */
	const char *place;  /* code of the activity, else of the country */
	uint64_t n;         /* at least */
};
/* Those that nobody accepted and that are not here; with new_only those that no sync has
 * told yet, and they are told from now on, in a transaction of its own. Memory of the
 * laptop's arena. */
status lost_list(struct laptop *l, bool new_only, struct lost_batches **out, size_t *n);
/* Nobody has them, or needs them: they are listed no more. *n: batches. A transaction of
 * its own. */
status lost_accept(struct laptop *l, uint64_t *n);

#endif
