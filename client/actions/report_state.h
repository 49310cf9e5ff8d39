/* report_state.h - a transferability report, advocacy report or minutes as they stand:
 * text, ratings, sign-offs, and how far they have come (DOMAIN 3). Nothing of the state
 * is stored: it follows from hashes, so one changed character makes a draft of it again.
 *
 * The office cannot read a country's documents. By their codes it gets what was submitted
 * of them: is_copy. */
#ifndef CLIENT_ACTIONS_REPORT_STATE_H
#define CLIENT_ACTIONS_REPORT_STATE_H

#include "client/actions/report_stays.h"
#include "core/document_stage.h"
#include "core/report_page.h"

struct report_type; /* one row of a table, see report_state.c */

struct report {
	const struct report_type *type; /* what it is */
	const struct report_type *row;  /* how it is read: a copy has another */
	uint16_t kind; /* KIND_REPORT, KIND_ADVOCACY, KIND_MINUTES, KIND_SUBMISSION */
	const char *code;
	struct record_ref ref; /* of the kind above */
	uint16_t space;
	bool is_copy;
	struct document document; /* unless is_copy */
	size_t n_sections;
	struct section *sections; /* as they are read here */
	/* As they leave the country: what is submitted, and what `version` names. NULL
	 * with leak.section set when they may not. */
	struct section *leaving;
	struct leak leak;
	struct hash32 version; /* zeros where nothing may leave */

	/* "" where nothing stands */
	const char *activity, *practice, *country, *language;
	const char *authors_new, *authors_experienced; /* "SK-T2;SK-T4" */
	size_t n_ratings;
	struct page_rating *ratings; /* new first, then by code */
	size_t n_signoffs;
	struct page_signoff *signoffs; /* by date, then code */

	struct document_facts facts;
	enum document_stage stage;
	struct hash32 submitted;
	const char *submitted_on;
	/* The latest decision on the submitted text. */
	const char *decided_on, *decided_by, *reason;
};

/* "transferability report" */
const char *report_word(const struct report *r);
/* Does this kind have authors who rate and sign? */
bool report_is_rated(const struct report *r);

/* By code; the document where it can be read, else what was submitted. PN-F01. */
status report_open(struct laptop *l, const char *code, struct report *out);

/* Codes of all of them that are known here, by kind and code; in the arena. */
status report_codes(struct laptop *l, const char ***out, size_t *n);

/* "new" or "experienced" for an author of the report, NULL for others. */
const char *report_experience(const struct report *r, const char *member);
/* When this member signed this very text; NULL if not. */
const char *report_signed_on(struct laptop *l, const struct report *r, const char *by);

/* The page of DOMAIN 6.7, in the arena. */
status report_page(struct laptop *l, const struct report *r, struct span *out);

#endif
