/* period.c - years and months as days. Pure. */
#include "core/period.h"

#include "base/date.h"

#include <stdio.h>

/* The first day of a month; the month after December is January. */
static bool
first_of(int year, int month, uint32_t *out)
{
	return date_of_civil(
	    (struct civil){year + (month - 1) / 12, (month - 1) % 12 + 1, 1}, out);
}

bool
period_parse(struct span text, struct period *out)
{
	enum { YEAR = 4, MONTH = 7 };
	char first[DATE_TEXT_BYTES] = "YYYY-01-01";
	struct civil begin;
	uint32_t after;

	if (text.len != YEAR && text.len != MONTH)
		return false;
	memcpy(first, text.bytes, text.len);
	if (!date_parse(span_text(first), &out->first))
		return false;
	begin = date_civil(out->first);
	if (!first_of(begin.year, begin.month + (text.len == YEAR ? 12 : 1), &after))
		return false; /* the last period that a date can name */
	out->last = after - 1;
	return true;
}

bool
period_overlaps(const struct period *a, const struct period *b)
{
	return a->first <= b->last && b->first <= a->last;
}
