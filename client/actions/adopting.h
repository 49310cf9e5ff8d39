/* adopting.h - what a lost laptop had sealed and somebody else brought: looked through,
 * adopted or dropped by a coordinator of its country (client/sync/orphans.h). */
#ifndef CLIENT_ACTIONS_ADOPTING_H
#define CLIENT_ACTIONS_ADOPTING_H

#include "client/sync/orphans.h"

struct adoptable {
	struct orphan orphan;
	const char *country; /* "SK", "NET"; texts lie in the laptop's arena */
	const char *member;  /* "SK-T2" */
	const char *place;   /* code of the workshop, else of the country */
};

struct adoptables {
	size_t n;
	struct adoptable *items; /* as they came */
};

/* All that is here, or what laptops of that member left (NULL = of all). PN-F01 if a
 * member is named and there is nothing of his. */
status adopting_list(struct laptop *l, const char *member, struct adoptables *out);
/* May this member adopt these? PN-P01: he is no coordinator of their country (of
 * NET: not the office), or has no key of their place. */
status adopting_may(struct laptop *l, const struct adoptables *which);
/* PN errors as orphans_adopt(), orphans_drop(). */
status adopting_adopt(
    struct laptop *l, const struct adoptables *which, bool is_try, struct adopted *out);
status adopting_drop(struct laptop *l, const struct adoptables *which);

#endif
