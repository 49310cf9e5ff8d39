/* near.h - what was probably meant by a mistyped word (UX 1.8, G16): the nearest of many
 * candidates within two edits, swapped neighbours counting as one. Those that are equally
 * near are all offered. Pure. */
#ifndef CLIENT_TERMINAL_NEAR_H
#define CLIENT_TERMINAL_NEAR_H

#include <stdbool.h>
#include <stddef.h>

enum { NEAR_MAX = 4, NEAR_EDITS_MAX = 2, NEAR_WORD_BYTES = 128 };

struct near {
	unsigned distance; /* of those below; NEAR_EDITS_MAX + 1 = none yet */
	size_t n;
	char words[NEAR_MAX][NEAR_WORD_BYTES];
};

void near_begin(struct near *near);
/* typed: the word as it came; known: what it is compared with; word: what is offered. */
void near_offer(
    struct near *near, const char *typed, const char *known, const char *word);
/* "; do you mean SK-W9 or SK-W1?", with `before` in front of each word; "" if there is
 * none. Writes at most cap bytes and returns out. */
const char *near_question(
    const struct near *near, const char *before, char *out, size_t cap);

#endif
