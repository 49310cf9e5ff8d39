/* findings_released.c - V45: what somebody changed in an item, or which item he added,
 * after its edition was released, which a merge can bring although every keyboard refuses
 * it. */
#include "client/actions/findings_parts.h"

/* Stamp and agent of the entry that released an edition. */
struct release {
	struct hlc time;
	uint64_t agent;
};

static status
find_release(struct laptop *l, int64_t rid, struct release *out)
{
	struct loaded *x = arena_zeros(l->arena, 1, sizeof *x);
	const struct record_cell *cell;
	status st;

	if (x == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for findings");
	st = record_load(l, rid, l->arena, x);
	if (st != ST_OK)
		return st;
	cell = record_field(&x->view, F_PUBLICATION_RELEASED_ON);
	for (size_t i = 0; cell != NULL && i < cell->n; i++) {
		const struct entry *e = cell->entries[i].entry;

		if (i == 0 || hlc_compare(e->time, out->time) < 0)
			*out = (struct release){e->time, e->name.agent};
	}
	return ST_OK;
}

/* It took the place of another value: the author of the first one is no editor, unless it
 * puts the item into the edition. */
static bool
replaces(const struct record_view *v, const struct record_entry *e)
{
	const struct record_input *in = v->input;

	for (size_t i = 0; e->is_dirty && i < in->n_dirty; i++) {
		if (entry_name_equal(in->dirty[i].entry.name, e->entry->name))
			return in->dirty[i].n_seen > 0;
	}
	for (size_t i = 0; e->op != NULL && i < e->op->body->n_gone; i++) {
		if (e->op->body->gone[i].field == e->entry->field)
			return true;
	}
	return false;
}

static status
count_edits(struct laptop *l, int64_t rid, const struct release *release, uint32_t *out)
{
	struct loaded *x = arena_zeros(l->arena, 1, sizeof *x);
	status st;

	if (x == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for findings");
	st = record_load(l, rid, l->arena, x);
	for (size_t c = 0; st == ST_OK && c < x->view.n_cells; c++) {
		const struct record_cell *cell = &x->view.cells[c];

		for (size_t i = 0; i < cell->n; i++) {
			const struct entry *e = cell->entries[i].entry;

			*out += hlc_compare(e->time, release->time) > 0 &&
				e->name.agent != release->agent &&
				(e->field == F_PUBLICATION_ITEM_PUBLICATION ||
				    replaces(&x->view, &cell->entries[i]));
		}
	}
	return st;
}

status
findings_released(struct findings_run *run)
{
	struct laptop *l = run->l;
	struct arena *kept = l->arena;
	struct query *q = query_of(l->queries,
	    "SELECT i.rid, b.rid, b.code FROM publication b JOIN publication_item i"
	    " ON i.publication = b.record WHERE b.released_on IS NOT NULL");
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q)) {
		struct release release = {0};
		uint32_t edits = 0;

		l->arena = run->scratch;
		st = find_release(l, query_column_int(q, 1), &release);
		if (st == ST_OK)
			st = count_edits(l, query_column_int(q, 0), &release, &edits);
		l->arena = kept;
		arena_reset(run->scratch);
		if (edits > 0)
			(void)findings_line(
			    run, 45, 0, query_column_text(q, 2), edits, NULL);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}
