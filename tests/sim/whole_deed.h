/* whole_deed.h - what one person saves at once, and what the judge is told of it: for
 * each write the names that its author saw there, and the name it got. */
#ifndef TESTS_SIM_WHOLE_DEED_H
#define TESTS_SIM_WHOLE_DEED_H

#include "whole_town.h"

enum { WRITES_MAX = 12, SEEN_MAX = 128 };

/* One write of a deed, and what its author saw there. */
struct wrote {
	struct spot cell;
	uint64_t person; /* key; 0 = nobody */
	unsigned word;   /* number of the word in it that is nowhere else; 0 = none */
	size_t n_seen;
	struct entry_name seen[SEEN_MAX];
};

struct deed {
	struct home *h;
	struct laptop *l;
	struct edit *e;
	struct arena *a;
	size_t n;
	struct wrote wrote[WRITES_MAX];
	status st;
};

/* Of many authors at once: it is settled by passages, not by siblings. */
bool spot_is_text(const struct spot *c);

void deed_begin(struct deed *d, struct home *h);
/* The next write to this place is told to the judge. */
struct wrote *deed_note(
    struct deed *d, const struct record_ref *r, uint16_t field, const uint64_t *key);
/* deed_note() and edit_set(). Does nothing once d->st is not ST_OK. */
void deed_set(struct deed *d, const struct record_ref *r, uint16_t field,
    const uint64_t *key, struct value v);
/* Saves; false if the power failed or the edit was refused. */
bool deed_end(struct deed *d);

#endif
