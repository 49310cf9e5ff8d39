/* text_leave.h - the passages that an edit leaves when its characters are known already
 * (core/text_spots.h). Private to text_diff.c and text_undo.c. Pure. */
#ifndef CORE_TEXT_LEAVE_H
#define CORE_TEXT_LEAVE_H

#include "core/text_diff.h"

/* Name of a byte of the text that begins a character; {0, 0} at its end. */
struct entry_name text_name_at(const struct text_state *s, size_t at);

/* The child side and the parent of a run that comes right behind character k of a part,
 * in the order of Fugue: right of that character if nothing hangs there, else left of the
 * next one, be it hollow. */
void text_hang_behind(
    const struct text_state *s, const struct text_part *p, uint32_t k, struct value *v);

/* Adds to a change its passages, and the passages that it replaces.
 *
 * cell     before the change; before = text_read() of it
 * after    text_read() with the runs of the change, and without what it takes out
 * hunks    between the two texts
 * name     of the next value
 * io       runs, and names of characters that it takes out */
status text_leave(struct arena *a, const struct record_cell *cell,
    const struct text_state *before, const struct text_state *after, size_t n,
    struct text_hunk *hunks, struct entry_name name, struct text_change *io,
    struct trouble *t);

#endif
