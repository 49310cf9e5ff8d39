/* whole_deed.h - one edit of a laptop of the whole system, and what the judge hears of
 * it: for each write what its author saw, and the entry that came of it. */
#ifndef SIM_WHOLE_DEED_H
#define SIM_WHOLE_DEED_H

#include "whole_town.h"

enum { WRITES_MAX = 12, SEEN_MAX = 64 };

/* One write of a deed, and what its author saw there. */
struct wrote {
	struct spot cell;
	int64_t rid;
	size_t n_seen;
	struct entry_name seen[SEEN_MAX];
};

struct deed {
	struct home *h;
	struct laptop *l;
	struct edit *e; /* NULL if it could not begin */
	struct arena *a;
	size_t n;
	struct wrote wrote[WRITES_MAX];
	status st; /* of the first call that failed */
};

void deed_begin(struct deed *d, struct home *h);
/* Keeps what the cell shows now; the caller writes there itself. key: NULL for a field
 * without map keys. */
struct wrote *deed_note(
    struct deed *d, const struct record_ref *r, uint16_t field, const uint64_t *key);
/* Notes and writes; nothing once the deed has failed. */
void deed_set(struct deed *d, const struct record_ref *r, uint16_t field,
    const uint64_t *key, struct value v);
/* Saves; false if the power failed or the edit was refused. */
bool deed_end(struct deed *d);

#endif
