/* aside.h - a guest's own changes that were not sent when his access ended. The keys of
 * the scope and all names and marks of others go (logs_leave.c); what he wrote himself is
 * set aside, entry by entry under the names it was given, so that it counts once however
 * it gets there. When the scope's keys come back, by a new GRANT, it waits to be sent as
 * if it had just been saved. Of an erased person it goes with the grave (wipe.c).
 *
 * A changed text is set aside as the runs and passages that he wrote and the names of the
 * characters that he took out. Runs hang on the names of others' characters, which come
 * back with the scope under the same names: so it merges like any edit that was made
 * offline for long, and needs no copy of the text, of which this laptop keeps no more
 * than he typed and the sentences that he typed into (passages, core/text_spots.h). */
#ifndef CLIENT_LAPTOP_ASIDE_H
#define CLIENT_LAPTOP_ASIDE_H

#include "client/laptop/records.h"

/* Copies what is unsent of a scope whose keys are still here and adds to n_kept how many
 * changes that is. Needs a transaction, which forgets the scope next. */
status aside_keep(struct laptop *l, int64_t scope, uint64_t *n_kept);
/* Writes again what is set aside of scopes that are here once more. A transaction of its
 * own, if there is any. */
status aside_return(struct laptop *l);

/* Changes set aside of one activity; in the laptop's arena. */
struct aside_place {
	const char *place; /* "SK-W9" */
	uint64_t changes;
};
status aside_list(struct laptop *l, struct aside_place **out, size_t *n);

/* What he typed into one text and it still held; in the laptop's arena. */
struct aside_text {
	const char *place;
	const char *kind;  /* of the record: "day_note" */
	int64_t saved_ms;  /* the last of it */
	struct span words; /* his only, " ... " between those that others' stood between;
			    * empty: he only took out */
};
/* By activity and record. */
status aside_texts(struct laptop *l, struct aside_text **out, size_t *n);
/* Deletes all that is set aside. A transaction of its own. */
status aside_drop(struct laptop *l, uint64_t *n_changes);

#endif
