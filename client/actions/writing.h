/* writing.h - co-writing a document: opened by one person, saved as differences, merged
 * with what came meanwhile (DESIGN 4.7, UX 2.2 `report edit`). */
#ifndef CLIENT_ACTIONS_WRITING_H
#define CLIENT_ACTIONS_WRITING_H

#include "client/actions/documents.h"
#include "core/document_text.h"

/* A document as it was opened. It lives in the arena that was given, also after the
 * laptop is closed: nothing holds the replica while somebody writes. */
struct writing {
	struct document document;
	struct text_opened *texts; /* of each section */
	size_t only;               /* one section: its position + 1; 0 = all */
};

/* section: a heading, a kind or a number from 1; NULL = all. PN-F01. */
status writing_open(struct laptop *l, struct arena *a, const char *code,
    const char *section, struct writing *out);
/* What an editor gets: the one text, or all under their headings. In l's arena. */
status writing_text(struct laptop *l, const struct writing *w, struct span *out);
/* Saves what came back. Sections are known by their headings; a new heading makes a new
 * section, another order of sections is kept as such, a heading that is gone clears its
 * text (the heading in whose place exactly one new one stands was renamed). */
status writing_save(
    struct edit *e, struct laptop *l, const struct writing *w, struct span saved);

/* The heading that people see: its own, else the word of its kind. */
const char *writing_heading(const struct document_section *s);

/* Hot spot number no of a document, from 1, in the order of the text. PN-F01. */
status writing_spot(struct laptop *l, const struct document *d, size_t no,
    const struct document_section **section, size_t *at);
/* Settles it: take = 0 as it stands, else the wording of version number take. ST_CHANGED
 * with PN-C02 if the text is another by now. */
status writing_settle(
    struct edit *e, struct laptop *l, const struct document *d, size_t no, size_t take);

/* How many words of a text name a young person (V6) of the rosters that are open here;
 * first: one of them, in the arena. */
status writing_mentions(
    struct laptop *l, struct span text, size_t *n, struct span *first);

#endif
