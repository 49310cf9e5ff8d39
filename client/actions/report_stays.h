/* report_stays.h - passages of an advocacy report that stay in the country: marking them,
 * and the text as it may leave (DOMAIN 6.6, core/stays.h). */
#ifndef CLIENT_ACTIONS_REPORT_STAYS_H
#define CLIENT_ACTIONS_REPORT_STAYS_H

#include "client/actions/documents.h"
#include "core/stays.h"

/* The marks of one section; none where a kind has no such field. */
status report_stays(
    struct laptop *l, const struct document_section *s, struct stays *out);

/* Marks a passage, which must stand in the section, or gives a marked one another
 * replacement; replacement NULL takes the mark away. PN-F01, PN-V03. */
status report_stay(struct edit *e, struct laptop *l, const struct document *d,
    const struct document_section *s, const char *passage, const char *replacement);

/* Why a text may not leave. */
struct leak {
	const struct document_section *section; /* NULL: it may */
	struct span passage; /* "" if the marks themselves cannot be read */
	bool is_elsewhere;   /* the passage stands there too, where nobody marked it */
};

/* The sections as they may leave the country, in the arena. With leak->section set there
 * is no such text. ST_NO_MEMORY. */
status report_leaving(
    struct laptop *l, const struct document *d, struct section **out, struct leak *leak);

#endif
