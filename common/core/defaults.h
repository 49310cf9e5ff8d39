/* defaults.h - which of several siblings is shown until a person has chosen (DESIGN 4.4,
 * DOMAIN 5). A default never settles anything: nothing is written. Pure. */
#ifndef CORE_DEFAULTS_H
#define CORE_DEFAULTS_H

#include "core/record.h"

/* The rule of a field; the schema names one for each. */
enum merge_default {
	DEFAULT_LATEST,    /* latest time; equal times: the greater entry name */
	DEFAULT_EARLIER,   /* the smallest number; an empty value counts as greatest */
	DEFAULT_STRICTEST, /* the first in a table of codes (consent, photo_consent) */
	DEFAULT_OPEN, /* no value counts; figures print minimum and maximum (marks) */
	DEFAULT_UNDECIDED, /* siblings that differ read as the empty value (held, same_as)
			    */
	DEFAULT_TEXT,      /* all siblings together are the text (core/text_crdt.h) */
	MERGE_DEFAULT_COUNT
};

/* Stands in a table of ranks for the empty value. */
enum { RANK_EMPTY = -1 };

struct default_rule {
	enum merge_default how;
	/* DEFAULT_STRICTEST only: codes, the strictest first. A code that is not in the
	 * table may come from a newer version and counts as strictest of all. */
	size_t n_ranks;
	const int32_t *ranks;
};

/* What a cell shows. */
struct default_pick {
	/* The sibling shown. NULL: none of them is (nothing was ever written, or the rule
	 * shows no value while they differ). Of a text always NULL. */
	const struct record_entry *shown;
	bool is_conflict; /* two different values or more; never of a text */
};

/* cell may be NULL: no entry in this place. */
struct default_pick default_of(
    const struct record_cell *cell, const struct default_rule *rule);

#endif
