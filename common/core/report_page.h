/* report_page.h - a report as a page of Markdown (DOMAIN 6.7): sections in order, the
 * ratings side by side with the mean of each criterion, the verdicts, the sign-offs on
 * this text. The same data gives the same bytes on every laptop: members go by their
 * codes, since names of another country's people are not known everywhere. Pure. */
#ifndef CORE_REPORT_PAGE_H
#define CORE_REPORT_PAGE_H

#include "core/schema.h"
#include "core/version.h"

enum { RATING_CRITERIA = F_RATING_EFFECT_SEEN - F_RATING_NEED + 1 };

/* "target_group_fit": the criterion's field. */
const char *report_criterion(size_t i);

/* All spans borrowed. */
struct page_rating {
	struct span by, experience;
	const char *verdict; /* word of the vocabulary, "" if none */
	bool has[RATING_CRITERIA];
	unsigned points[RATING_CRITERIA]; /* 0..4 */
};

struct page_signoff {
	struct span by, experience;
	struct span on; /* date */
	bool is_of_text;
};

struct page_fact {
	const char *name;
	struct span value; /* "" leaves the line out */
};

struct report_page {
	const char *title; /* "Transferability report" */
	struct span code;
	size_t n_facts;
	const struct page_fact *facts;
	size_t n_sections;
	const struct section *sections;
	bool is_rated; /* kinds of documents that have ratings and sign-offs */
	size_t n_ratings;
	const struct page_rating *ratings;
	size_t n_signoffs;
	const struct page_signoff *signoffs;
	struct hash32 version;
};

/* "2.5"; "" unless every rating has that criterion. One decimal, half up. */
const char *report_mean(
    const struct page_rating *ratings, size_t n, size_t criterion, char out[static 8]);

/* In the arena. A line of a text that Markdown would take for a heading is escaped.
 * ST_NO_MEMORY. */
status report_page_write(
    const struct report_page *p, struct arena *a, struct span *out, struct trouble *t);

#endif
