/* text_crdt.h - the text type: a sequence of runs in the order of Fugue (DESIGN 4.7;
 * Weidner and Kleppmann, "The Art of the Fugue", 2023). Entries of a text field are runs
 * (VALUE_RUN); the character at position k of a run is named (agent, index + k). A
 * character is a code point.
 *
 * Each character hangs on a parent character, or on the root, at its left or right side.
 * The text is the walk of the tree: left children, the character, right children;
 * children of one side by name. Inside a run each character is the only right child of
 * the one before it, unless other runs hang there too.
 *
 * Writers save a changed text as one run that replaces all runs present. Readers take any
 * set of runs, also the pieces that superseded characters leave behind, so that a later
 * writer may save differences. Pure. */
#ifndef CORE_TEXT_CRDT_H
#define CORE_TEXT_CRDT_H

#include "core/record.h"

/* A section of a report holds at most this (DESIGN 4.7). */
enum { TEXT_BYTES_MAX = 48 * 1024 };

/* A stretch of the text and where it came from. */
struct text_part {
	size_t at;  /* byte offset in the text */
	size_t len; /* bytes */
	const struct entry *entry;
};

struct text_state {
	struct span text; /* in the arena, followed by a NUL that is not counted */
	size_t n_parts;   /* in the order of the text */
	const struct text_part *parts;
	/* Saved by people who had not seen each other's text: more than one run stands at
	 * the root. Equal ones count once. Listed to the authors; blocks a sign-off. */
	bool has_hot_spot;
};

/* Code points; bytes that continue one are not counted. */
size_t text_length(struct span text);

/* The text of a cell; NULL or empty cells give the empty text. A function of the set of
 * entries. An entry that is no run (a text cleared: VALUE_EMPTY) has no characters.
 *
 * A run whose parent is not there hangs on the nearest character before the parent of the
 * same agent, at the right, else on the root at the right: so the rest of a run of which
 * the middle was superseded follows its beginning. Runs that hang on themselves through
 * others (a forger's) come last, by name. A character named twice counts once: that of
 * the run which sorts first by (name, content). */
status text_read(struct arena *a, const struct record_cell *cell, struct text_state *out,
    struct trouble *t);

/* The value of an edit: one run at the root, at the right, for a non-empty text; the
 * empty value for an empty one. text is borrowed. ST_LIMIT above TEXT_BYTES_MAX. */
status text_edit(struct span text, struct value *out, struct trouble *t);

#endif
