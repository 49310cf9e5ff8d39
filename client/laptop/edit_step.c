/* edit_step.c - keeps of each edit what undo and redo need (steps.h). */
#include "client/laptop/edit_parts.h"
#include "client/laptop/steps_text.h"

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

/* Programs' own writing makes no step; what is of class audit stands. */
static bool
is_kept(struct edit *e, const struct touched *x)
{
	const struct kind *k = schema_kind(x->loaded.ref.kind);

	if (k == NULL || k->is_automatic)
		return false;
	if (k->retention == RETAIN_AUDIT)
		e->final_kind = k->id;
	return k->retention != RETAIN_AUDIT;
}

status
edit_keep_step(struct edit *e, const struct touched *x, const struct record_write *w,
    const struct record_cell *cell)
{
	struct step_cell c = {.rid = x->loaded.rid,
	    .field = w->field,
	    .has_key = w->has_key,
	    .key = w->key,
	    .is_undone = e->turns_step && e->undoes,
	    .n_now = 1,
	    .now = &w->name};
	status st;

	if (!is_kept(e, x))
		return ST_OK;
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

status
edit_keep_text(struct edit *e, const struct touched *x, uint16_t field,
    const struct text_state *now, const struct text_change *change,
    struct entry_name name)
{
	struct laptop *l = e->l;
	struct text_steps all;
	struct text_kept fresh = {0}, *kept = &fresh;
	status st;

	if (!is_kept(e, x))
		return ST_OK;
	st = begin_step(e);
	if (st == ST_OK)
		st = steps_text_load(l, e->a, x->loaded.rid, field, e->step, &all);
	if (st == ST_OK && all.n > 0 && all.steps[all.n - 1] == e->step)
		kept = &all.kept[all.n - 1];
	if (st == ST_OK)
		st = text_keep(e->a, now, change, name, kept, &l->trouble);
	return st != ST_OK
		   ? st
		   : steps_text_store(l, e->a, e->step, x->loaded.rid, field, kept);
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
