/* names.h - sets of entry names as ranges: what was superseded in a record (DESIGN 4.2).
 * Part of record.h's machinery. Pure. */
#ifndef CORE_NAMES_H
#define CORE_NAMES_H

#include "core/entry.h"

/* Names first..end-1 of one agent in one field. 64 bits, so that no end wraps. */
struct name_range {
	uint64_t agent;
	uint64_t first;
	uint64_t end;
	uint32_t order; /* age: the newest is greatest */
	uint16_t field;
	bool is_unsealed; /* of dirty entries that never left this laptop */
};

struct name_range name_range_of(
    uint16_t field, uint64_t agent, uint32_t first, uint32_t count);

/* Sorts by (field, agent, first) and joins ranges that overlap or, if both are sealed or
 * both unsealed, touch. A joined range is as new as its newest part. Returns how many are
 * left; none is empty. */
size_t names_join(struct name_range *ranges, size_t n);

/* Order by (field, agent, first), for qsort. */
int names_compare(const void *a, const void *b);

/* Walks through names first..end-1 in parts that lie wholly in or wholly out of a set. */
struct names_walk {
	const struct name_range *at;
	const struct name_range *stop;
	struct name_range left; /* not yet walked */
};

struct names_part {
	uint64_t first;
	uint64_t end;
	bool is_member;
};

/* ranges: n, as names_join left them; borrowed while the walk lasts. */
struct names_walk names_walk_of(
    const struct name_range *ranges, size_t n, struct name_range over);
bool names_walk_next(struct names_walk *w, struct names_part *out);

#endif
