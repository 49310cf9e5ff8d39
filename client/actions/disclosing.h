/* disclosing.h - everything that this laptop holds on one young person, as rows: details,
 * consent, enrolments, marks, notes, what stood there before, who wrote it and when, and
 * with whom he was joined (`pnet disclose`). */
#ifndef CLIENT_ACTIONS_DISCLOSING_H
#define CLIENT_ACTIONS_DISCLOSING_H

#include "client/actions/erasing.h"

struct disclosed {
	const char *activity; /* code */
	const char *kind;     /* "young person", "sheet" */
	const char *field;    /* "consent", "mark", "text" */
	uint8_t day_no;       /* 0 = none */
	const char *value;
	bool stands;    /* false: it was replaced, and is kept for a while */
	const char *by; /* "Tadeáš Varga (SK-T2)" */
	uint64_t at_s;
};

/* In the laptop's arena, by activity, kind, record and field. */
status disclosing_rows(
    struct laptop *l, const struct erasing *who, struct disclosed **out, size_t *n);

#endif
