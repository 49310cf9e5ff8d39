/* words.h - a command line cut into words as a shell would, as far as tests need it. */
#ifndef UNIT_WORDS_H
#define UNIT_WORDS_H

#include <stdbool.h>

enum { WORDS_MAX = 64 };

/* Spaces part words, "double quotes" keep them. Writes into line. words[0] is the name of
 * the program, which nobody reads. Returns how many there are. */
static int
words_cut(char *line, char **words)
{
	int n = 0;

	words[n++] = line;
	for (char *at = line; *at != '\0';) {
		char *to;
		bool is_quoted = false;

		while (*at == ' ')
			at++;
		if (*at == '\0')
			break;
		assert_true(n < WORDS_MAX);
		words[n++] = to = at;
		for (; *at != '\0' && (is_quoted || *at != ' '); at++) {
			if (*at == '"')
				is_quoted = !is_quoted;
			else
				*to++ = *at;
		}
		if (*at == ' ')
			at++;
		*to = '\0';
	}
	return n;
}

#endif
