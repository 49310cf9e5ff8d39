/* undoing.h - undo and redo of what this laptop's commands wrote (UX 1.5). A step is what
 * one command wrote (client/laptop/steps.h). Undo brings back what stood there before,
 * also after a sync; what somebody changed since stays, and is told. */
#ifndef CLIENT_ACTIONS_UNDOING_H
#define CLIENT_ACTIONS_UNDOING_H

#include "client/actions/story.h"
#include "client/laptop/steps.h"

/* Something that stays as it is. */
struct undo_left {
	enum turned how;
	int64_t rid;
	const char *place; /* "SK-W9, 4 Tadeáš Mráz, day 2" */
	const char *why;   /* "is excused since 13 Apr 10:00, by Jule Müller (DE-T3)" */
};

struct undoing {
	struct step step;
	const char *what; /* "13 marks of SK-W9 day 2 (Tue 13 Apr)" */
	size_t n_done;    /* fields and map keys that were turned round */
	size_t n_left;
	struct undo_left *left;
};

/* The step meant: id 0 = the last of its kind. PN-F01 if there is none; PN-C01 for one
 * that stands (a tally is reopened, not undone) and for a redo of what is not undone. */
status undoing_find(struct laptop *l, int64_t id, bool is_redo, struct step *out);
/* Turns it round within an edit, which the caller commits. PN-C02 if nothing of it can
 * be: *out then says why. */
status undoing_turn(
    struct edit *e, struct laptop *l, const struct step *step, struct undoing *out);
/* "13 marks of SK-W9 day 2 (Tue 13 Apr)"; counts changes as UX 2.1 does. */
status undoing_what(struct story *s, const struct step *step, const char **out);

#endif
