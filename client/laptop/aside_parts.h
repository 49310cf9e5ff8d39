/* aside_parts.h - shared by aside.c, which sets aside, and aside_texts.c, for texts. */
#ifndef CLIENT_LAPTOP_ASIDE_PARTS_H
#define CLIENT_LAPTOP_ASIDE_PARTS_H

#include "client/laptop/aside.h"
#include "client/laptop/stored.h"

struct aside_keeping {
	struct laptop *l;
	struct arena *a; /* of one record */
	struct scope_info scope;
	const char *place;
	uint64_t *n_kept;
};

/* One row. key: as in r_dirty; is_change: one that people count. */
status aside_put(struct aside_keeping *x, const struct loaded *r, const struct entry *e,
    struct span key, struct span seen, bool is_change);

/* What this member wrote into the texts of a record and the server does not have. */
status aside_keep_texts(struct aside_keeping *x, const struct loaded *r);

#endif
