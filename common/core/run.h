/* run.h - characters of a run of text, and cutting a run into pieces (DESIGN 4.7). A
 * character is a code point; the bytes are UTF-8 that was checked when the body was
 * decoded, but nothing here goes wrong with other bytes. Pure. */
#ifndef CORE_RUN_H
#define CORE_RUN_H

#include "core/entry.h"

/* Code points. */
size_t run_chars(struct span text);
/* Bytes of the first n characters; all of them if there are fewer. */
size_t run_bytes(struct span text, size_t n);
/* Characters from..to-1 of a run, from < to, as an entry of its own: its name counts on,
 * and unless it is the beginning it hangs on the character before it. Borrows e's bytes.
 */
struct entry run_piece(const struct entry *e, uint32_t from, uint32_t to);
/* The same without the characters: their names and their place only. */
struct entry run_hollow(const struct entry *e, uint32_t from, uint32_t to);
/* Does it go on where a run of the same agent was cut? */
bool run_goes_on(const struct entry *e);

#endif
