/* practice_decide.h - what the central office decides about a practice, and withdrawing
 * one (DOMAIN 2, decision). A decision names the text that it is about and keeps it. */
#ifndef CLIENT_ACTIONS_PRACTICE_DECIDE_H
#define CLIENT_ACTIONS_PRACTICE_DECIDE_H

#include "client/actions/catalog.h"

struct practice_decision {
	const char *practice; /* code */
	const char *kind;     /* select, description, transfer, withdraw */
	const char *outcome;  /* one that fits the kind */
	const char *reason;   /* "" for none */
	const char *on;       /* date; NULL = today */
};

/* PN-F01 for the practice; PN-V03 when the outcome is none of that kind of decision;
 * PN-C01 when a description is accepted that is empty (V31) or has open hot spots (V34),
 * or when the same day has another outcome: among decisions the latest day counts. */
status practice_decide(
    struct edit *e, struct laptop *l, const struct practice_decision *d);

#endif
