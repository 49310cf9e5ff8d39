/* stays.h - passages of a text that stay in the country, each with the sentence that
 * takes its place in what leaves it (DOMAIN 2, 6.6). The marks are kept beside the text
 *as a text of their own, so that those made on two laptops merge:
 *
 *	- the schools have hardly any freedom to invite partners
 *	+ Cooperation with schools differs from place to place.
 *
 * A passage is known by its words: a run of spaces and line ends in the text is one space
 * here, so wrapping the lines anew changes nothing, nor does an edit of the text around.
 * Whoever edits the passage itself has to mark it anew: until then it is lost, and
 * nothing leaves. Pure. */
#ifndef CORE_STAYS_H
#define CORE_STAYS_H

#include "base/arena.h"

struct stay {
	struct span passage, replacement; /* one line each, not empty */
};

struct stays {
	size_t n;
	struct stay *items;
};

/* Marks as they are kept. Of two marks on one passage the first counts. ST_MALFORMED for
 * a text of another form: then nobody knows what has to stay. ST_NO_MEMORY. */
status stays_read(
    struct span marks, struct arena *a, struct stays *out, struct trouble *t);

/* The form above; bytes NULL if memory is out. */
struct span stays_write(const struct stays *marks, struct arena *a);

/* Words on one line, trimmed: what a passage or replacement is kept as. bytes NULL if
 * memory is out. */
struct span stays_words(struct span text, struct arena *a);

/* Where the words of a passage begin in a text, at or after `from`; *end is behind them.
 * SIZE_MAX if they are not there. */
size_t stays_find(struct span text, struct span passage, size_t from, size_t *end);

/* The text as it may leave: every passage replaced wherever it stands. Passages that
 * overlap go together.
 * lost  out: index of the passage that made it fail
 * Returns ST_NOT_FOUND if a passage is not in the text any more, ST_CHANGED if a
 * replacement brings it back; then there is no text. ST_NO_MEMORY. */
status stays_apply(struct span text, const struct stays *marks, struct arena *a,
    struct span *out, size_t *lost, struct trouble *t);

#endif
