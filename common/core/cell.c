/* cell.c - sets of marks. Pure. */
#include "core/cell.h"

enum { CLEARED = 1 << MARK_NONE };

bool
cell_is_conflict(struct cell c)
{
	return (c.values & (c.values - 1)) != 0; /* more than one bit */
}

bool
cell_is_missing(struct cell c)
{
	return c.values == 0 || c.values == CLEARED;
}

enum mark
cell_mark(struct cell c)
{
	for (enum mark m = MARK_PRESENT; m < MARK_COUNT; m++) {
		if (c.values == 1U << m)
			return m;
	}
	return MARK_NONE;
}

struct cell
cell_join(struct cell a, struct cell b)
{
	if (cell_is_missing(a))
		return cell_is_missing(b) ? (struct cell){a.values | b.values} : b;
	return cell_is_missing(b) ? a : (struct cell){a.values | b.values};
}

bool
cell_parse(struct span text, enum mark *out)
{
	static const char letters[] = "plea", keys[] = "1234";
	char word[8];

	if (text.len == 0 || text.len >= sizeof word)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.bytes[i];

		word[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	*out = (enum mark)vocabulary_find(VOC_MARK, span_of(word, text.len));
	for (int i = 0; *out == MARK_NONE && text.len == 1 && letters[i] != '\0'; i++) {
		if (word[0] == letters[i] || word[0] == keys[i])
			*out = (enum mark)(MARK_PRESENT + i);
	}
	return *out != MARK_NONE;
}

char
cell_letter(enum mark m)
{
	static const char letters[MARK_COUNT] = {'?', 'P', 'L', 'E', 'A'};

	return letters[m];
}
