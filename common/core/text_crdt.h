/* text_crdt.h - the text type: a sequence of runs in the order of Fugue (DESIGN 4.7;
 * Weidner and Kleppmann, "The Art of the Fugue", 2023). Entries of a text field are runs
 * (VALUE_RUN); the character at position k of a run is named (agent, index + k). A
 * character is a code point.
 *
 * Each character hangs on a parent character, or on the root, at its left or right side.
 * The text is the walk of the tree: left children, the character, right children;
 * children of one side by name. Inside a run each character is the only right child of
 * the one before it, unless other runs hang there too. Superseded characters stay in the
 * tree as hollow runs, since others hang on them.
 *
 * What two authors wrote equal, in one place and not knowing of each other, counts once:
 * the run with the least name is shown, the others are its repeats, and what hangs on
 * them hangs on it.
 *
 * Writers save differences (core/text_diff.h). Where people have to look at what the
 * merge made: core/text_spots.h. Pure. */
#ifndef CORE_TEXT_CRDT_H
#define CORE_TEXT_CRDT_H

#include "core/names.h"
#include "core/record.h"

/* A section of a report holds at most this (DESIGN 4.7). */
enum { TEXT_BYTES_MAX = 48 * 1024 };

/* Characters in a row with names that count up, and where they came from. */
struct text_part {
	size_t at;               /* byte offset in the text */
	size_t len;              /* bytes; 0 of hollow ones */
	struct entry_name first; /* name of the first character */
	uint32_t n;              /* characters */
	const struct entry *entry;
	bool is_hollow;
	bool has_right; /* something hangs at the right of the last character */
	/* 1 + the part that another author put into the same place; 0 = none. */
	size_t beside;
};

/* A run that is not shown because an equal one stands in its place. */
struct text_repeat {
	const struct entry *entry;
	const struct entry *shown; /* what stands for it */
};

struct text_state {
	struct span text; /* in the arena, followed by a NUL that is not counted */
	size_t n_parts;   /* in the order of the text, hollow ones in their places */
	const struct text_part *parts;
	size_t n_repeats; /* by name */
	const struct text_repeat *repeats;
	const struct text_part *const *by_name;
};

/* Code points; bytes that continue one are not counted. */
size_t text_length(struct span text);

/* The text of a cell; NULL or empty cells give the empty text. A function of the set of
 * entries. An entry that is no run (VALUE_EMPTY, VALUE_SEEN) has no characters.
 *
 * A run whose parent is not there hangs on the nearest character before the parent of the
 * same agent, at the right, else on the root at the right. Runs that hang on themselves
 * through others (a forger's) come last, by name. A character named twice counts once:
 * that of the run which sorts first by (name, content). */
status text_read(struct arena *a, const struct record_cell *cell, struct text_state *out,
    struct trouble *t);

/* The part that holds a character; NULL if there is none of that name (or a repeat's). */
const struct text_part *text_find(const struct text_state *s, struct entry_name name);

/* Index of the first part with characters at the byte or behind it; n_parts if there is
 * none. */
size_t text_part_at(const struct text_state *s, size_t at);

/* Names of a field that a body says are gone, hollow runs too, joined. out has room for
 * its entries and its gone rows. */
size_t text_gone_ranges(const struct body *b, uint16_t field, struct name_range *out);

/* One run at the root for a non-empty text, the empty value for an empty one: the first
 * writing of a text. text is borrowed. ST_LIMIT above TEXT_BYTES_MAX. */
status text_edit(struct span text, struct value *out, struct trouble *t);

#endif
