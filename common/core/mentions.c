/* mentions.c - tokens of a text against given names and ages in brackets. Pure. */
#include "core/mentions.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "core/rules.h"

static int
compare_keys(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return span_compare(*x, *y);
}

status
mention_names_make(const struct span *names, size_t n, struct arena *a,
    struct mention_names *out, struct trouble *t)
{
	*out = (struct mention_names){0, arena_zeros(a, n, sizeof *out->keys)};
	for (size_t i = 0; out->keys != NULL && i < n; i++) {
		struct span key = text_fold_key(names[i], a);

		if (key.bytes == NULL)
			return trouble_set(t, ST_NO_MEMORY, "names to look for");
		if (key.len > 0)
			out->keys[out->n++] = key;
	}
	if (out->keys == NULL)
		return trouble_set(t, ST_NO_MEMORY, "names to look for");
	if (out->n > 0)
		qsort(out->keys, out->n, sizeof *out->keys, compare_keys);
	return ST_OK;
}

static bool
is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

/* " (14)" at the beginning of rest: an age that rosters hold. */
static bool
is_age(struct span rest)
{
	size_t at = 0;
	unsigned age = 0;

	while (at < rest.len && rest.bytes[at] == ' ')
		at++;
	if (at >= rest.len || rest.bytes[at++] != '(')
		return false;
	for (size_t digits = 0; at < rest.len && digits < 3; digits++, at++) {
		if (rest.bytes[at] < '0' || rest.bytes[at] > '9')
			break;
		age = age * 10 + (unsigned)(rest.bytes[at] - '0');
	}
	return at < rest.len && rest.bytes[at] == ')' &&
	       age >= rules_limit(LIMIT_AGE_MIN) && age <= rules_limit(LIMIT_AGE_MAX);
}

/* One token: is it a name? */
static status
judge(struct span token, struct span rest, const struct mention_names *names,
    struct arena *a, bool *out)
{
	struct span lower, key;

	*out = false;
	if (names->n == 0 && !is_age(rest))
		return ST_OK;
	lower = text_case_key(token, a);
	if (lower.bytes == NULL)
		return ST_NO_MEMORY;
	if (span_equal(lower, token))
		return ST_OK; /* no capital letter */
	*out = is_age(rest);
	if (*out || names->n == 0)
		return ST_OK;
	key = text_fold_key(token, a);
	if (key.bytes == NULL)
		return ST_NO_MEMORY;
	*out = bsearch(&key, names->keys, names->n, sizeof key, compare_keys) != NULL;
	return ST_OK;
}

status
mentions_count(struct span text, const struct mention_names *names, struct arena *a,
    size_t *n, struct span *first, struct trouble *t)
{
	size_t at = 0;

	*n = 0;
	while (at < text.len) {
		size_t begin = at;
		bool is_name = false;
		struct span token;

		while (at < text.len && is_letter(text.bytes[at]))
			at++;
		token = span_of(text.bytes + begin, at - begin);
		if (token.len == 0) {
			at++;
			continue;
		}
		if (judge(token, span_of(text.bytes + at, text.len - at), names, a,
			&is_name) != ST_OK)
			return trouble_set(t, ST_NO_MEMORY, "names in a text");
		if (is_name && *n == 0 && first != NULL)
			*first = token;
		*n += is_name;
	}
	return ST_OK;
}
