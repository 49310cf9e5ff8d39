/* steps_text.h - what is kept of edits of texts, in the rows of r_step_cell (steps.h):
 * the characters that each brought and took out (core/text_undo.h). The kept edits of one
 * text know of each other, so they are read and written together. */
#ifndef CLIENT_LAPTOP_STEPS_TEXT_H
#define CLIENT_LAPTOP_STEPS_TEXT_H

#include "client/laptop/steps.h"
#include "core/text_undo.h"

/* Bytes of a kept edit as a step_cell holds them; NULL bytes: no memory. is_undone is a
 * column of its own. */
struct span steps_text_pack(const struct text_kept *kept, struct arena *a);
/* out borrows from the bytes. What an earlier version kept is empty. ST_CORRUPT. */
status steps_text_unpack(
    struct laptop *l, struct span packed, struct arena *a, struct text_kept *out);
/* Is it of a text, and not names and entries? */
bool steps_text_is(struct span packed);

struct text_steps {
	size_t n;
	int64_t *steps; /* ascending */
	struct text_kept *kept;
};

/* All kept edits of a text, that of the step that is not closed yet (0 = none) too. */
status steps_text_load(struct laptop *l, struct arena *a, int64_t rid, uint16_t field,
    int64_t open_step, struct text_steps *out);
status steps_text_store(struct laptop *l, struct arena *a, int64_t step, int64_t rid,
    uint16_t field, const struct text_kept *kept);
status steps_text_store_all(struct laptop *l, struct arena *a, int64_t rid,
    uint16_t field, const struct text_steps *all);
/* Notes what others took out too, as the ops that are here by now tell it: later ones may
 * not. Any record; nothing is written if it has no texts that were edited here. */
status steps_text_note(struct laptop *l, struct arena *a, const struct loaded *loaded);

#endif
