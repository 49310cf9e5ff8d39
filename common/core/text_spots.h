/* text_spots.h - hot spots: places of a text where edits of people who had not seen each
 * other touch, and which somebody has to look at (DESIGN 4.7, V34).
 *
 * What a spot is, exactly. Whoever saves an edit leaves, beside the characters, a
 * **passage** (VALUE_SEEN): each sentence that he changed but did not write alone, as it
 * stood when he saved; of a sentence that he took out, an empty passage at its place. The
 * passage hangs on the first character of what it speaks of. Whoever changes or confirms
 * a sentence supersedes the passages about it that he saw. So passages are live exactly
 * as values of a field are, and:
 *
 *	SPOT_UNSEEN	a sentence that nobody wrote alone and no live passage shows:
 *			the merge made it; or a live passage that the text does not have:
 *			a wording that somebody lost who had not been asked. Blocks a
 *			sign-off. Both changed one sentence; one took out what the other
 *			changed.
 *	SPOT_BESIDE	two authors put something into one place; each is complete, the
 *			order is by name. Listed only.
 *	SPOT_EQUAL	two authors made the same change; it counts once. Listed only.
 *
 * Runs, passages and superseded names are entries like any others, so the spots are a
 * function of the set of entries: of what was written and of who had seen what, not of
 * the order of syncing. A spot is settled by text_settle() (the sentence is right as it
 * stands), or by an edit of that sentence by somebody who saw it. Pure. */
#ifndef CORE_TEXT_SPOTS_H
#define CORE_TEXT_SPOTS_H

#include "core/text_crdt.h"
#include "core/text_hunks.h"

/* A live passage, and where it is. */
struct text_passage {
	const struct entry *entry;
	bool is_found;   /* the text has it: at..end; always of an empty one */
	size_t at, end;  /* bytes; not found: where its beginning was */
	size_t sentence; /* that it is in, or behind; 0 also if there is none */
};

/* The passages of a cell in the order of their names. */
status text_passages(struct arena *a, const struct record_cell *cell,
    const struct text_state *s, size_t n_sentences, const struct text_sentence *sentences,
    size_t *n, struct text_passage **out, struct trouble *t);

enum spot_kind { SPOT_UNSEEN, SPOT_BESIDE, SPOT_EQUAL };

struct text_version {
	struct author by;
	struct hlc time;
	struct span text; /* as he left it; empty: he took it out */
};

struct text_spot {
	enum spot_kind kind;
	size_t at, end; /* of the text: what stands there now */
	size_t n_versions;
	const struct text_version *versions; /* of different authors or texts, by name */
	/* Names of passages and repeats that settling replaces. */
	size_t n_seen;
	const struct seen_names *seen;
	struct entry_name first; /* the first character of at..end; {0, 0}: no text */
};

struct text_spots {
	size_t n; /* in the order of the text, at most one of a sentence */
	const struct text_spot *items;
	size_t n_open; /* SPOT_UNSEEN: these block */
};

status text_spots(struct arena *a, const struct record_cell *cell,
    const struct text_state *s, struct text_spots *out, struct trouble *t);

#endif
