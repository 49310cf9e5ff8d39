/* snapshots.h - frozen figures of periods: found, checked and written (core/snapshot.h).
 * The office freezes; a coordinator holds the row of his country and no more. */
#ifndef CLIENT_ACTIONS_SNAPSHOTS_H
#define CLIENT_ACTIONS_SNAPSHOTS_H

#include "client/laptop/records.h"
#include "core/snapshot.h"

struct frozen {
	struct snapshot snapshot;
	struct hash32 hash;  /* as its rows name it */
	const char *by, *on; /* who froze it first, and the date */
	bool is_whole;       /* all rows are here: the hash over them is that */
};

/* All of them, by period, then hash. Two offices that froze the same figures made one. In
 * the arena. */
status snapshots_load(struct laptop *l, struct frozen **out, size_t *n);

/* By period, or by the first digits of its hash (at least SNAPSHOTS_PREFIX). PN-F01 for
 * none; PN-C01 where two different ones are meant, or rows are missing here. */
enum { SNAPSHOTS_PREFIX = 8 };
status snapshots_find(struct laptop *l, const char *word, struct frozen *out);

/* Writes one. PN-C01, and nothing written, if other figures were frozen for this period,
 * or if a period was frozen that overlaps it. *is_new false: the same was frozen before,
 * nothing is written. */
status snapshots_freeze(struct edit *e, struct laptop *l, const struct snapshot *s,
    struct hash32 *hash, bool *is_new);

/* The hash in hex; 64 digits, in the arena. */
const char *snapshots_hex(struct laptop *l, const struct hash32 *hash);

#endif
