/* pinned.h - a document as it stood once, in one text: what was signed, decided on,
 * submitted, accepted or published keeps such a copy (DESIGN 7). People can read it, and
 * the sections come back byte for byte, so that its version hash can be checked.
 *
 *	[risks] 6. Risks
 *	  The yard is visible from the street.
 *
 * A line in brackets begins a section: its kind, then its heading. The lines of the text
 * follow, each after two spaces. Pure. */
#ifndef CORE_PINNED_H
#define CORE_PINNED_H

#include "core/version.h"

/* In the arena, valid UTF-8. Kind and heading have no line ends. ST_NO_MEMORY. */
status pinned_write(const struct section *sections, size_t n, struct arena *a,
    struct span *out, struct trouble *t);

/* The sections of a copy, in the arena. Returns ST_MALFORMED for a text of another form
 * (some other program's), ST_NO_MEMORY. */
status pinned_read(struct span copy, struct arena *a, struct section **out, size_t *n,
    struct trouble *t);

#endif
