/* edit_step.c - keeps of each edit what undo and redo need (steps.h). */
#include "client/edit_parts.h"

static status
begin_step(struct edit *e)
{
	return e->step != 0 ? ST_OK : steps_next(e->l, &e->step);
}

/* The dirty row that is about to be replaced. */
static status
keep_dirty(struct edit *e, struct step_cell *c)
{
	struct dirty_row row;
	bool found = false;
	status st = steps_dirty(e->l, c, e->a, &row, &found);

	if (st == ST_OK && found)
		c->dirty = steps_pack(&row, e->a);
	return st;
}

/* What stands in the cell, without the views that point to it. */
static struct entry *
entries_of(struct edit *e, const struct record_cell *cell, size_t *n)
{
	struct entry *out;

	*n = cell == NULL ? 0 : cell->n;
	out = arena_zeros(e->a, *n, sizeof *out);
	for (size_t i = 0; out != NULL && i < *n; i++)
		out[i] = *cell->entries[i].entry;
	return out;
}

status
edit_keep_step(struct edit *e, const struct touched *x, const struct record_write *w,
    const struct record_cell *cell)
{
	const struct kind *k = schema_kind(x->loaded.ref.kind);
	struct step_cell c = {.rid = x->loaded.rid,
	    .field = w->field,
	    .has_key = w->has_key,
	    .key = w->key,
	    .is_undone = e->turns_step && e->undoes,
	    .n_now = 1,
	    .now = &w->name};
	status st;

	if (k == NULL || k->is_automatic)
		return ST_OK;
	if (k->retention == RETAIN_AUDIT) {
		e->final_kind = k->id;
		return ST_OK;
	}
	c.past = entries_of(e, cell, &c.n_past);
	if (c.past == NULL)
		return trouble_set(&e->l->trouble, ST_NO_MEMORY, "no memory for a step");
	st = begin_step(e);
	if (st == ST_OK)
		st = keep_dirty(e, &c);
	if (st != ST_OK)
		return st;
	return e->turns_step ? steps_put(e->l, e->a, e->step, &c)
			     : steps_keep(e->l, e->a, e->step, &c);
}

void
edit_stands(struct edit *e, uint16_t kind)
{
	e->final_kind = kind;
}

status
edit_close_step(struct edit *e)
{
	status st = ST_OK;

	e->l->has_step = false;
	if (e->turns_step || (e->step == 0 && e->final_kind == 0))
		return ST_OK;
	if (e->step != 0 && (e->final_kind != 0 || e->n_changes == 0))
		st = steps_drop(e->l, e->step);
	if (st != ST_OK || (e->n_changes == 0 && e->final_kind == 0))
		return st;
	st = begin_step(e);
	e->l->has_step = st == ST_OK && e->final_kind == 0;
	return st != ST_OK ? st : steps_close(e->l, e->step, e->final_kind);
}
