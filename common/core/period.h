/* period.h - what a consolidation is about: a year or a month. Pure. */
#ifndef CORE_PERIOD_H
#define CORE_PERIOD_H

#include "base/bytes.h"

/* Days since 1970-01-01, both within. */
struct period {
	uint32_t first, last;
};

/* "2026" or "2026-10"; false for anything else. */
bool period_parse(struct span text, struct period *out);
bool period_overlaps(const struct period *a, const struct period *b);

#endif
