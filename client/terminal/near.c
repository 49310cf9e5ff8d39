/* near.c - keeps the nearest candidates. */
#include "client/terminal/near.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void
near_begin(struct near *near)
{
	near->n = 0;
	near->distance = NEAR_EDITS_MAX + 1;
}

static bool
is_there(const struct near *near, const char *word)
{
	for (size_t i = 0; i < near->n; i++) {
		if (strcmp(near->words[i], word) == 0)
			return true;
	}
	return false;
}

void
near_offer(struct near *near, const char *typed, const char *known, const char *word)
{
	size_t len = strlen(known);
	unsigned d = text_distance(span_text(typed), span_text(known), NEAR_EDITS_MAX);

	/* Of a word of two letters, two edits leave nothing. */
	if (d > near->distance || d > NEAR_EDITS_MAX || (d > 0 && len <= d))
		return;
	if (d < near->distance)
		near->n = 0;
	near->distance = d;
	if (near->n < NEAR_MAX && !is_there(near, word))
		(void)snprintf(near->words[near->n++], NEAR_WORD_BYTES, "%s", word);
}

const char *
near_question(const struct near *near, const char *before, char *out, size_t cap)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < near->n && used < cap; i++) {
		const char *join = i == 0             ? "; do you mean "
				   : i + 1 == near->n ? " or "
						      : ", ";

		used += (size_t)snprintf(
		    out + used, cap - used, "%s%s%s", join, before, near->words[i]);
	}
	if (near->n > 0 && used < cap)
		(void)snprintf(out + used, cap - used, "?");
	return out;
}
