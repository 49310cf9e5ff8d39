/* markdown.h - what pages of Markdown have in common. Pure. */
#ifndef CORE_MARKDOWN_H
#define CORE_MARKDOWN_H

#include "base/ids.h"
#include "base/writer.h"

/* A text as people wrote it, ended by a line end unless it is empty. A line that Markdown
 * would take for a heading is escaped: headings are the page's alone. */
void markdown_text(struct writer *w, struct span text);
/* The most bytes that it takes. */
size_t markdown_text_room(struct span text);

/* "Target group fit" for a word of the schema. */
void markdown_word(struct writer *w, const char *word, bool is_first_large);

/* 64 hex digits. */
void markdown_hash(struct writer *w, const struct hash32 *hash);

#endif
