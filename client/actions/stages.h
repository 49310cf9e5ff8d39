/* stages.h - how far each practice has come, from the decisions, sessions, workshops,
 * reports and editions that this laptop can read (DOMAIN 3, 6.5). Listing, findings and
 * compendium ask here; the rules themselves are core/practice_stage.h. */
#ifndef CLIENT_ACTIONS_STAGES_H
#define CLIENT_ACTIONS_STAGES_H

#include "client/laptop/records.h"
#include "core/practice_stage.h"

struct practice_row {
	struct record_id name;
	const char *code, *title;
	struct practice_facts facts;
	bool in_draft_a, in_draft_b; /* in a part of an edition that is not released */
};

/* Every practice that has a code, by code. In the arena. Workshops of countries whose
 * office scope is not here are unknown: only the office sees all. */
status stages_load(struct laptop *l, struct practice_row **out, size_t *n);

#endif
