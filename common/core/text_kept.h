/* text_kept.h - lists of pieces of a text. Private to text_kept.c and text_undo.c. Pure.
 */
#ifndef CORE_TEXT_KEPT_H
#define CORE_TEXT_KEPT_H

#include "core/names.h"
#include "core/text_undo.h"

/* Two lists of each edit, those of all edits in a row: came, went, came, went. */
static inline struct text_pieces *
kept_list(struct text_kept *all, size_t i)
{
	return i % 2 == 0 ? &all[i / 2].came : &all[i / 2].went;
}

/* False when memory is out. */
bool kept_push(struct arena *a, struct text_pieces *to, const struct text_piece *piece);

/* Cuts the piece, if there is one, so that one begins with the character. */
bool kept_cut(struct arena *a, struct text_pieces *in, uint64_t agent, uint64_t at);

/* The piece that holds the character; NULL if there is none. */
struct text_piece *kept_find(const struct text_pieces *in, struct entry_name name);

/* Is there a run of the cell in which the character lives? *entry: the run that holds it,
 * alive or hollow; NULL if there is none. A run that is not shown because it is a repeat
 * lives. */
bool kept_lives(
    const struct record_cell *cell, struct entry_name name, const struct entry **entry);

/* The shown part of a run that begins with the character, at most so many of it. What is
 * not shown has no text; n is how far that holds. */
struct text_piece kept_shown(
    const struct text_state *s, struct entry_name name, uint32_t most);

#endif
