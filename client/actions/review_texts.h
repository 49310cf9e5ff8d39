/* review_texts.h - hot spots of texts that need a person: places that people changed who
 * had not seen each other's words (DESIGN 4.7, V34). Found through the list of conflicts,
 * which names each text that has one; settled by writing_settle(). */
#ifndef CLIENT_ACTIONS_REVIEW_TEXTS_H
#define CLIENT_ACTIONS_REVIEW_TEXTS_H

#include "client/actions/documents.h"

struct review_text {
	const struct document *document;
	const struct document_section *section;
	const struct text_spot *spot;
	size_t no; /* number of the spot in its document, for `report settle` */
};

/* Those that block a sign-off, by document, in the order of its text. In l's arena. */
status review_texts(struct laptop *l, struct review_text **out, size_t *n);

#endif
