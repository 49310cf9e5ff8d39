/* text_diff.h - a saved edit of a text as entries: the difference between the text as it
 * was opened and as it was saved (DESIGN 4.7). What came in meanwhile does not matter:
 * the edit names characters, not positions. Pure. */
#ifndef CORE_TEXT_DIFF_H
#define CORE_TEXT_DIFF_H

#include "core/text_spots.h"

/* Entries of one agent, named in a row from the name that was given, and the names that
 * they supersede. Neither of them: nothing was changed. */
struct text_change {
	size_t n_values;
	const struct value *values; /* runs, passages; or one VALUE_EMPTY */
	size_t n_seen;
	const struct seen_names *seen;
};

/* cell    as opened; NULL = empty
 * opened  text_read() of it
 * saved   valid UTF-8, borrowed by the result
 * name    fresh agent, first index
 * ST_LIMIT: saved is longer than TEXT_BYTES_MAX. */
status text_diff(struct arena *a, const struct record_cell *cell,
    const struct text_state *opened, struct span saved, struct entry_name name,
    struct text_change *out, struct trouble *t);

/* Says that a spot is right as it stands. */
status text_settle(struct arena *a, const struct text_state *opened,
    const struct text_spot *spot, struct text_change *out, struct trouble *t);

#endif
