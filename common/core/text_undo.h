/* text_undo.h - taking back exactly the difference of one saved edit of a text, and doing
 * it again (DESIGN 4.7). Everything else stays: edits before and after it, one's own and
 * others', known here or not yet.
 *
 * A text has no old state to go back to, so a device keeps of each of its saved edits
 * what it brought and what it took out (struct text_kept). Turning an edit round is an
 * ordinary edit, under a fresh agent:
 *
 *	undo	takes out those characters that the edit brought and that still live, and
 *		puts what it took out back into its place, as new characters
 *	redo	the same the other way round; either may follow the other for ever
 *
 * New characters have new names, which every kept edit of the text learns: whoever takes
 * back the writing of a sentence whose half was taken out and put back takes back both
 * halves. In the same way an edit that took out words of an edit that is undone by now
 * does not put them back; the redo of that edit does.
 *
 * What others did counts once and is not undone:
 *   - A character that somebody else took out too stays out, once that is known here. It
 *     is known by an op that brings the removal and does not know of ours
 *     (text_note_gone). An op that was sealed where both were known says nothing of the
 *     kind, so devices note it when the op comes.
 *   - If it is not known here, the words come back, and the other's removal, which speaks
 *     of the old names, does not touch them: the later of two answers.
 *   - Equal words that two authors put into one place count once (core/text_crdt.h) until
 *     both of them took theirs back. If such words were taken out and put back they are
 *     nobody's alone: no undo of the writing takes them.
 *   - Equal words that two authors put back not knowing of each other count once.
 *
 * Pure. */
#ifndef CORE_TEXT_UNDO_H
#define CORE_TEXT_UNDO_H

#include "core/text_diff.h"

/* Characters in a row with names that count up. */
struct text_piece {
	struct entry_name first;
	uint32_t n;
	struct span text;  /* they, alive or not */
	uint64_t killer;   /* agent of our edit that took them out; 0: none did */
	bool is_gone;      /* somebody else took them out too, or nobody owns them */
	bool is_unwritten; /* of what went: the edit that had brought them is undone */
	bool is_shared;    /* of what went: another author's equal words went with them */
};

struct text_pieces {
	size_t n, cap;
	struct text_piece *items; /* no name twice */
};

/* One saved edit of one text, as it stands by now. Lives in an arena. */
struct text_kept {
	struct text_pieces came;
	struct text_pieces went;
	bool is_undone;
};

/* Adds what a change that is about to be stored brings and takes out.
 *
 * now     the text without the change; it may be newer than what was opened
 * name    the first of the change
 * A second change of the same edit is added to the first. */
status text_keep(struct arena *a, const struct text_state *now,
    const struct text_change *change, struct entry_name name, struct text_kept *io,
    struct trouble *t);

/* Marks what somebody else took out too, as far as the ops of the view tell. *is_news:
 * something was marked. */
status text_note_gone(struct arena *a, const struct record_view *v, uint16_t field,
    size_t n, struct text_kept *all, bool *is_news, struct trouble *t);

struct text_turned {
	struct text_change change;
	size_t n_taken, n_back; /* characters */
	size_t n_barred;        /* that stay out, since somebody else took them out too */
};

/* Undoes the edit all[which], or does it again if it is undone. all: every kept edit of
 * this text, in any order; they are brought up to date. A change with neither values nor
 * names: nothing of the edit is left to turn; all[which] counts as turned all the same.
 * ST_LIMIT: the text would be longer than TEXT_BYTES_MAX. After a failure all is not to
 * be used any more. */
status text_turn(struct arena *a, const struct record_cell *cell,
    const struct text_state *now, size_t n, struct text_kept *all, size_t which,
    struct entry_name name, struct text_turned *out, struct trouble *t);

/* Does every character that lives in the cell come from this edit? */
bool text_is_all_of(const struct record_cell *cell, const struct text_kept *kept);

/* ---- for the history ---- */

/* The shown words of these names, in the order of the text; " ... " between those of
 * different places. */
status text_words(struct arena *a, const struct text_state *now, size_t n,
    const struct seen_names *seen, struct span *out, struct trouble *t);
/* The same piece by piece, in the order of seen. */
status text_shown(struct arena *a, const struct text_state *now, size_t n,
    const struct seen_names *seen, struct text_pieces *out, struct trouble *t);

/* What a text showed and a later state of its cell (NULL: nothing) does not have any
 * more. */
status text_vanished(struct arena *a, const struct text_state *before,
    const struct record_cell *after, size_t *n, struct seen_names **out,
    struct trouble *t);
/* Moves those of the names that the body says are gone from io to out. */
status text_gone_by(struct arena *a, const struct body *b, uint16_t field, size_t *n_io,
    struct seen_names **io, size_t *n, struct seen_names **out, struct trouble *t);

#endif
