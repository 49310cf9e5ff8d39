/* text_hunks.h - what changed between two texts, as a person would say it: words that
 * went and words that came. Pure. */
#ifndef CORE_TEXT_HUNKS_H
#define CORE_TEXT_HUNKS_H

#include "base/arena.h"

/* Bytes from..to-1 of the old text became bytes at..end-1 of the new one; one of the two
 * may be empty. Between hunks both texts are equal. */
struct text_hunk {
	size_t from, to;
	size_t at, end;
};

/* The hunks in the order of the text, on boundaries of words; both texts are valid UTF-8.
 * First sentences are compared, then words inside the sentences that differ (Myers, "An
 * O(ND) Difference Algorithm", 1986). Where more than a thousand sentences or words in a
 * row differ, they are one hunk, so the time is bounded. ST_NO_MEMORY. */
status text_hunks(struct arena *a, struct span old, struct span new, size_t *n,
    struct text_hunk **out, struct trouble *t);

/* A sentence without the blanks around it: ends after . ! ? or an ellipsis (and closing
 * quotes and brackets) before a blank, at the end of a line, and at the first blank after
 * a thousand bytes. Whatever the language. */
struct text_sentence {
	size_t at, end;
};
status text_sentences(struct arena *a, struct span text, size_t *n,
    struct text_sentence **out, struct trouble *t);

#endif
