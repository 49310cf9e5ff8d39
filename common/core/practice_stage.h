/* practice_stage.h - how far a practice has come, derived from facts and stored nowhere
 * (DOMAIN 3), and what part A of a compendium still asks of it (V40, V41; DOMAIN 6.5).
 * Pure. */
#ifndef CORE_PRACTICE_STAGE_H
#define CORE_PRACTICE_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* In the order of the programme; the latest that is reached is shown. Withdrawn beats
 * all, rejected all but published. */
enum practice_stage {
	STAGE_COLLECTED,
	STAGE_REJECTED,
	STAGE_SELECTED,
	STAGE_DESCRIBED,
	STAGE_TRAINED,      /* a held session */
	STAGE_IMPLEMENTING, /* a youth workshop that is not cancelled */
	STAGE_IMPLEMENTED,  /* a closed one outside the origin country */
	STAGE_ASSESSED,     /* an accepted report */
	STAGE_NOT_PROVEN,
	STAGE_PROVEN,
	STAGE_PUBLISHED, /* part A of a released edition */
	STAGE_WITHDRAWN,
	STAGE_COUNT
};

enum practice_verdict { VERDICT_NONE, VERDICT_PROVEN, VERDICT_NOT_PROVEN };

/* What is known of one practice. Among decisions of one kind the latest date counts. */
struct practice_facts {
	bool is_selected, is_rejected, is_withdrawn;
	bool is_described;     /* the description stands accepted */
	uint32_t described_on; /* last acceptance, days since 1970-01-01; 0 = none */
	bool is_trained;
	bool is_implementing;
	bool is_implemented;
	uint32_t reported_on; /* last acceptance of a report; 0 = none */
	enum practice_verdict verdict;
	bool is_published;
	bool has_conflict; /* open in its own fields */
};

enum practice_stage practice_stage(const struct practice_facts *f);
const char *practice_stage_name(enum practice_stage s); /* "not_proven" */

/* V41: the description was accepted anew on a later date than the latest accepted report.
 * Not asked for where the transfer is not proven. */
bool practice_is_revised(const struct practice_facts *f);

/* What part A asks (V40), as a mask of bits 1 << enum practice_need. */
enum practice_need {
	NEED_SELECTED,    /* (a) */
	NEED_IMPLEMENTED, /* (b) */
	NEED_REPORT,      /* (c) */
	NEED_REVISED,     /* (d) = V41 */
	NEED_PROVEN,      /* (e) */
	NEED_STANDING,    /* (f) not withdrawn */
	NEED_SETTLED,     /* (g) no open conflict */
	NEED_DESCRIBED,   /* of part B alone, with NEED_SELECTED and NEED_STANDING */
	NEED_TRAINED,
	NEED_COUNT
};
unsigned practice_lacks_part_a(const struct practice_facts *f);
unsigned practice_lacks_part_b(const struct practice_facts *f);
/* One line, for people; static storage. */
const char *practice_need_text(enum practice_need need);

/* Texts of the needs (b) to (e) that are lacking, joined by "; "; of a rejected or
 * withdrawn practice that word. In the arena; NULL when memory is out. */
const char *practice_missing(const struct practice_facts *f, struct arena *a);
/* "yes", "no", or "" of a rejected or withdrawn one. */
const char *practice_eligible(const struct practice_facts *f);

#endif
