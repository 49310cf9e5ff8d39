/* edit_parts.h - shared by the parts of one edit: edit.c writes, edit_step.c keeps what
 * is needed to take it back, edit_back.c takes it back. */
#ifndef CLIENT_LAPTOP_EDIT_PARTS_H
#define CLIENT_LAPTOP_EDIT_PARTS_H

#include "client/laptop/steps.h"
#include "core/text_diff.h"

struct written {
	struct written *next;
	uint16_t field;
	bool has_key;
	uint64_t key;
};

/* A record that this edit touches; its view is that before the edit's own writes to other
 * cells, which makes no difference to this cell. */
struct touched {
	struct touched *next;
	struct loaded loaded;
	struct written *written;
};

struct edit {
	struct laptop *l;
	struct arena *a;
	uint64_t agent;
	uint32_t next_index;
	struct touched
	    *touched; /* newest first; the older ones are let go (edit_touch) */
	size_t n_touched;
	bool has_written;
	size_t n_changes;
	size_t n_written; /* cells */
	bool has_stamp;
	struct hlc stamp; /* of the last write */
	/* The step that it is kept as (steps.h); 0 until it has written a cell. */
	int64_t step;
	bool turns_step;     /* an old one, turned round (edit_turn) */
	bool undoes;         /* that way */
	uint16_t final_kind; /* it wrote a record of this kind, which stands */
};

/* The record's view; good until another one is touched, since a large edit lets go what
 * it touched before. PN-P01 if this member may not write it. */
status edit_touch(struct edit *e, int64_t rid, struct touched **out);
/* Name, time and author of the next write. */
void edit_sign(const struct edit *e, const struct touched *x, struct record_write *w);
/* What record_edit() made of w. */
status edit_store(struct edit *e, struct touched *x, const struct record_write *w,
    const struct record_dirty *d);
/* Its record is shown anew at the end. */
status edit_note_written(struct edit *e, struct touched *x, const struct record_write *w);
status edit_keep_history(
    struct edit *e, const struct touched *x, const struct entry *replaced);

/* edit_step.c: before the dirty row of w is stored; cell is what it replaces, or NULL. */
status edit_keep_step(struct edit *e, const struct touched *x,
    const struct record_write *w, const struct record_cell *cell);
status edit_close_step(struct edit *e);
/* As edit_keep_step for a change of a text; now: the text without it. */
status edit_keep_text(struct edit *e, const struct touched *x, uint16_t field,
    const struct text_state *now, const struct text_change *change,
    struct entry_name name);

/* edit_text.c: takes back the difference of one saved text, or makes it again. */
status edit_turn_text(
    struct edit *e, struct touched *x, const struct step_cell *c, enum turned *how);
/* Is every word of the text of this edit? */
status edit_owns_text(
    struct edit *e, const struct step_cell *c, const struct record_cell *cell, bool *out);

#endif
