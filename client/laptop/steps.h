/* steps.h - what each command of this laptop wrote, kept for undo and redo (DESIGN 4.4,
 * UX 1.5). One step is one edit (records.h); its cells say what stands there since and
 * what stood there before, so turning a step round once more is the same thing again:
 * undo and redo are one operation.
 *
 * The newest STEPS_MAX steps are kept. Cells of personal kinds go after 30 days, all
 * cells of an erased person at once (inbox_remove.c), those of a scope with its keys. A
 * cell holds values, a step does not: its command is kept by name, without arguments. */
#ifndef CLIENT_LAPTOP_STEPS_H
#define CLIENT_LAPTOP_STEPS_H

#include "client/laptop/records.h"

enum { STEPS_MAX = 200 };

struct step {
	int64_t id; /* 1, 2, ...; never given twice */
	uint64_t at_ms;
	const char *command; /* "attend"; "" if a program wrote by itself */
	bool is_undone;
	uint16_t final_kind; /* it wrote a record of this kind, which stands; 0 = none */
	size_t n_cells;
};

/* One field or map key. */
struct step_cell {
	int64_t rid;
	uint16_t field;
	bool has_key;
	uint64_t key;
	bool is_undone; /* unlike its step's, if it was left as it was */
	size_t n_now;   /* entries that stand there unless somebody changed it since */
	const struct entry_name *now;
	size_t n_past; /* what stood there before; 0 = nothing */
	const struct entry *past;
	struct span dirty; /* the dirty row that was replaced; empty = none */
	struct span text;  /* of a text, instead of all that: steps_text.h */
};

/* A dirty entry as its row holds it. */
struct dirty_row {
	struct span entry, seen; /* stored.h */
	int64_t saved_ms;
	bool is_change, is_mark;
};

/* ---- writing, inside the transaction of an edit ---- */

/* The number that the next step gets. */
status steps_next(struct laptop *l, int64_t *id);
/* Keeps a cell of a step. The second write of a place in one step changes what stands
 * there now, not what stood there before. */
status steps_keep(
    struct laptop *l, struct arena *a, int64_t step, const struct step_cell *c);
/* Replaces what is kept of a place. */
status steps_put(
    struct laptop *l, struct arena *a, int64_t step, const struct step_cell *c);
/* Ends the writing of a step: everything undone before cannot be redone any more, and
 * steps beyond the newest STEPS_MAX are forgotten. */
status steps_close(struct laptop *l, int64_t step, uint16_t final_kind);
/* Forgets the cells of an edit that counts as no step. */
status steps_drop(struct laptop *l, int64_t step);
status steps_mark(struct laptop *l, int64_t step, bool is_undone);
/* What stood in that place before was written once more, under the name `to`: every other
 * step that knows it by its old names now knows it by this one. */
status steps_rename(struct laptop *l, struct arena *a, const struct step_cell *place,
    struct entry_name to);

/* The dirty row of a place; *found. In a. */
status steps_dirty(struct laptop *l, const struct step_cell *place, struct arena *a,
    struct dirty_row *out, bool *found);
/* The same as the bytes of step_cell.dirty, and back. bytes NULL: no memory. */
struct span steps_pack(const struct dirty_row *row, struct arena *a);
status steps_unpack(struct span packed, struct dirty_row *out, struct trouble *t);

/* ---- turning round ---- */

enum turned {
	TURNED_DONE,
	TURNED_CHANGED, /* somebody, perhaps this member, wrote there since */
	TURNED_SEVERAL, /* several values stood there side by side: no edit brings them
			 * back once it was sent that one was chosen */
	TURNED_NEEDED,  /* marks of others hang on the person that would go */
	TURNED_PARTLY, /* a text: done, but words stay out that somebody else took out too
			*/
	TURNED_BARRED, /* a text: all it would do is to put such words back */
	TURNED_NOTHING, /* a text: nothing of that edit is left in it */
	TURNED_WRITTEN, /* somebody else wrote into a text of the record that would go */
	TURNED_LONG,    /* a text: it would be longer than a text may be */
	TURNED_LEFT,    /* it was left as it was the last time too */
	TURNED_SILENT   /* a field that names the record: nothing to tell */
};

struct turned_cell {
	const struct step_cell *cell;
	enum turned how;
};

/* Undoes a step, or does it again if it is undone: each cell that still says what the
 * step left there gets back what stood there before. An entry that was never sealed is
 * withdrawn, as if it had not been; else it is an ordinary edit. Cells that somebody
 * changed since stay as they are; of a text exactly the difference of this one edit is
 * taken back, whatever was written before and after it (core/text_undo.h). Results in the
 * arena of the laptop. The caller commits, or abandons if he wants all or nothing. */
status edit_turn(
    struct edit *e, const struct step *s, struct turned_cell **out, size_t *n);

/* ---- reading ---- */

/* The newest step that can be undone (or redone: the one undone last). id 0 in out: none.
 */
status steps_last(struct laptop *l, bool is_undone, struct step *out);
/* ST_NOT_FOUND, without a complaint. */
status steps_one(struct laptop *l, int64_t id, struct step *out);
/* All, the newest first; in a. */
status steps_all(struct laptop *l, struct arena *a, struct step **out, size_t *n);
/* Its cells by record, field and key; in a. */
status steps_cells(
    struct laptop *l, int64_t step, struct arena *a, struct step_cell **out, size_t *n);

#endif
