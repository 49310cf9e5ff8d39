/* document_stage.h - how far a report, an advocacy report or minutes have come: derived
 * from hashes and decisions, stored nowhere (DOMAIN 3). Pure. */
#ifndef CORE_DOCUMENT_STAGE_H
#define CORE_DOCUMENT_STAGE_H

#include <stdbool.h>

enum document_stage {
	DOCUMENT_DRAFT,
	DOCUMENT_SUBMITTED,
	DOCUMENT_ACCEPTED,
	DOCUMENT_RETURNED,
	DOCUMENT_PUBLISHED,
	DOCUMENT_STAGE_COUNT
};

struct document_facts {
	bool is_submitted; /* some text of it was */
	bool is_same;      /* and it is the present one */
	/* The latest decision on the submitted text. */
	bool is_accepted, is_returned;
	bool is_published; /* what was accepted stands in a released edition */
};

enum document_stage document_stage(const struct document_facts *f);
/* "draft" */
const char *document_stage_name(enum document_stage s);

#endif
