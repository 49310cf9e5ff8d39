/* text_runs.h - the runs of a text field as pieces of a tree. Private to text_crdt.c and
 * text_runs.c. Pure. */
#ifndef CORE_TEXT_RUNS_H
#define CORE_TEXT_RUNS_H

#include "core/text_crdt.h"

/* A run, or a piece of it between characters on which others hang. */
struct node {
	struct entry run;
	const struct entry *entry; /* that it is a piece of */
	uint64_t end;              /* index past the last character */
	const struct node *parent; /* NULL: the root */
	struct node *beside; /* shown run of another author before it in its place */
	size_t part;         /* of the text, once walked */
	bool is_left;
	bool is_guess; /* its parent is not there: hangs on the nearest before it */
	bool is_walked;
	bool has_children;
	bool has_right;
};

struct nodes {
	size_t n;
	struct node *items; /* by name, no character twice */
};

/* All pieces but those of repeats. False when memory is out. */
bool text_runs_cut(struct arena *a, const struct record_cell *cell, struct nodes *out,
    size_t *n_repeats, struct text_repeat **repeats);

/* The last node that begins at the name or before; NULL if there is none of its agent. */
struct node *text_runs_find(const struct nodes *nodes, struct entry_name name);

#endif
