/* document_text.h - a document as one file for an editor, and back: headings and sections
 * (UX 2.2 `report edit`). Pure.
 *
 *	# 1. Context
 *	The workshop took place ...
 *
 *	# 2. What we kept
 *	...
 *
 * A section begins at a line that begins with `# `, or that is the heading of a section
 * that the document has (upper or lower case) and follows a blank line or nothing. A file
 * without any `# ` for a document without sections is read as people write it: each line
 * behind a blank line is a heading, and what stands above the first of them is the title.
 */
#ifndef CORE_DOCUMENT_TEXT_H
#define CORE_DOCUMENT_TEXT_H

#include "base/arena.h"

struct document_part {
	struct span heading; /* one line, trimmed */
	struct span text;    /* without blank lines around it; borrowed */
};

struct document_parts {
	struct span title; /* above the first section, "" if nothing */
	bool has_marks;    /* some line begins with `# ` */
	size_t n;
	struct document_part *items; /* in the order of the file */
};

/* known: headings that the document has now. file: valid UTF-8, lines end in LF or CRLF.
 * Text of a part is borrowed from file, or a copy without CR. ST_NO_MEMORY. */
status document_text_read(struct arena *a, struct span file, size_t n_known,
    const struct span *known, struct document_parts *out, struct trouble *t);

/* The form with `# `. bytes NULL if memory is out. */
struct span document_text_write(
    struct arena *a, size_t n, const struct document_part *parts);

#endif
