/* words.c - SplitMix64, and words put together from syllables. */
#include "words.h"

#include <string.h>

uint64_t
words_next(struct words *w)
{
	uint64_t z = (w->state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

unsigned
words_below(struct words *w, unsigned n)
{
	return (unsigned)(words_next(w) % n);
}

static size_t
put_word(struct words *w, char *out, size_t cap)
{
	/* zstd (level 3) makes 244 bytes of 400 characters, 131 of 200. */
	static const char *const heads[] = {
	    "", "b", "d", "k", "l", "m", "n", "p", "r", "s", "st", "t"};
	static const char *const cores[] = {"a", "e", "i", "o", "u", "a", "e", "ie"};
	static const char *const tails[] = {"", "", "", "l", "n", "nd", "r", "st"};
	unsigned n = 1 + words_below(w, 3);
	size_t len = 0;

	for (unsigned i = 0; i < n; i++) {
		const char *parts[] = {
		    heads[words_below(w, sizeof heads / sizeof heads[0])],
		    cores[words_below(w, sizeof cores / sizeof cores[0])],
		    tails[words_below(w, sizeof tails / sizeof tails[0])]};

		for (size_t p = 0; p < 3; p++)
			for (const char *c = parts[p]; *c != '\0' && len < cap; c++)
				out[len++] = *c;
	}
	return len;
}

void
words_text(struct words *w, size_t len, char *out)
{
	size_t at = 0;

	while (at < len) {
		at += put_word(w, out + at, len - at);
		if (at < len && words_below(w, 12) == 0)
			out[at++] = '.';
		if (at < len)
			out[at++] = ' ';
	}
	out[len] = '\0';
}

enum mark
words_mark(struct words *w)
{
	unsigned n = words_below(w, 1000);

	if (n < 840)
		return MARK_PRESENT;
	if (n < 911)
		return MARK_ABSENT;
	return n < 960 ? MARK_LATE : MARK_EXCUSED;
}
