/* edit_back.c - turns a kept step round: undo, and redo, which is the same once more.
 *
 * Fields that name a record (schema: named_by) are the record's identity: others may
 * write into a record that they saw, so those fields are never cleared. A record that was
 * made by the step and is empty again gets an empty value beside the last of them, which
 * takes it from the lists (typed.c) until somebody writes into it again. */
#include "client/laptop/edit_parts.h"
#include "client/laptop/proviso_check.h"
#include "client/laptop/stored.h"

/* ---- what stands there ---- */

static bool
is_text(const struct kind *k, uint16_t field)
{
	const struct field *f = schema_field(k, field);

	return f != NULL && f->type == FIELD_LONGTEXT;
}

static const struct record_cell *
cell_of(const struct touched *x, const struct step_cell *c)
{
	return record_cell_find(&x->loaded.view, c->field, c->has_key, c->key);
}

static bool
stands(const struct record_cell *cell, size_t n, const struct entry_name *names)
{
	if (n != (cell == NULL ? 0 : cell->n))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!entry_name_equal(cell->entries[i].entry->name, names[i]))
			return false;
	}
	return true;
}

static struct entry_name *
names_of_past(struct edit *e, const struct step_cell *c)
{
	struct entry_name *out = arena_zeros(e->a, c->n_past, sizeof *out);

	for (size_t i = 0; out != NULL && i < c->n_past; i++)
		out[i] = c->past[i].name;
	return out;
}

static status
reload(struct edit *e, struct touched *x)
{
	return record_load(e->l, x->loaded.rid, e->a, &x->loaded);
}

/* Nothing stood there, or what undo leaves of a name (bury). */
static bool
was_nothing(const struct step_cell *c)
{
	for (size_t i = 0; i < c->n_past; i++) {
		if (c->past[i].value.type == VALUE_EMPTY)
			return true;
	}
	return c->n_past == 0;
}

/* ---- withdrawing what was never sealed ---- */

static status
delete_dirty(struct laptop *l, const struct step_cell *c)
{
	struct query *q = query_of(
	    l->queries, "DELETE FROM r_dirty WHERE record = ? AND field = ? AND key = ?");
	uint8_t key[8];

	put_u64(key, c->key);
	query_int(q, c->rid);
	query_int(q, c->field);
	query_blob(q, key, c->has_key ? sizeof key : 0);
	return query_run(q, &l->trouble);
}

static status
insert_dirty(struct laptop *l, const struct step_cell *c, const struct dirty_row *row)
{
	struct query *q = query_of(l->queries,
	    "INSERT INTO r_dirty(record, field, key, entry, seen, saved_ms, is_change,"
	    " is_mark) VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
	uint8_t key[8];

	put_u64(key, c->key);
	query_int(q, c->rid);
	query_int(q, c->field);
	query_blob(q, key, c->has_key ? sizeof key : 0);
	query_span(q, row->entry);
	query_span(q, row->seen);
	query_int(q, row->saved_ms);
	query_int(q, row->is_change);
	query_int(q, row->is_mark);
	return query_run(q, &l->trouble);
}

/* Puts the dirty row back that stood there before; packed empty: none. */
static status
replace_dirty(struct edit *e, const struct step_cell *c, struct span packed)
{
	struct dirty_row row;
	status st = delete_dirty(e->l, c);

	if (st != ST_OK || packed.len == 0)
		return st;
	st = steps_unpack(packed, &row, &e->l->trouble);
	return st != ST_OK ? st : insert_dirty(e->l, c, &row);
}

/* From now on the step says the opposite. */
static status
keep_withdrawn(struct edit *e, struct touched *x, const struct step_cell *c,
    const struct entry_name *past, const struct entry *gone)
{
	struct step_cell turned = *c;
	struct record_write w = {.field = c->field, .has_key = c->has_key, .key = c->key};
	status st;

	turned.is_undone = e->undoes;
	turned.n_now = c->n_past;
	turned.now = past;
	turned.n_past = 1;
	turned.past = gone;
	turned.dirty = span_of(NULL, 0);
	st = steps_put(e->l, e->a, e->step, &turned);
	if (st == ST_OK)
		st = edit_keep_history(e, x, gone);
	return st != ST_OK ? st : edit_note_written(e, x, &w);
}

/* *is_done false: it was sealed, or withdrawing would not bring back what stood there. */
static status
withdraw(struct edit *e, struct touched *x, const struct step_cell *c, bool *is_done)
{
	const struct record_cell *cell = cell_of(x, c);
	const struct entry_name *past = names_of_past(e, c);
	struct dirty_row row;
	struct entry gone;
	status st;

	*is_done = false;
	if (cell == NULL || cell->n != 1 || cell->entries[0].op != NULL)
		return ST_OK;
	st = steps_dirty(e->l, c, e->a, &row, is_done);
	if (st != ST_OK || !*is_done)
		return st;
	gone = *cell->entries[0].entry;
	st = replace_dirty(e, c, c->dirty);
	if (st == ST_OK)
		st = reload(e, x);
	if (st != ST_OK || stands(cell_of(x, c), c->n_past, past))
		return st != ST_OK ? st : keep_withdrawn(e, x, c, past, &gone);
	*is_done = false;
	st = replace_dirty(e, c, steps_pack(&row, e->a));
	return st != ST_OK ? st : reload(e, x);
}

/* ---- an ordinary edit ---- */

static bool
past_is_one_value(const struct step_cell *c)
{
	for (size_t i = 1; i < c->n_past; i++) {
		if (!value_equal(&c->past[0].value, &c->past[i].value))
			return false;
	}
	return true;
}

static status
write_past(struct edit *e, struct touched *x, const struct step_cell *c, enum turned *how)
{
	struct record_edit_result result = {0};
	struct record_write w = {.field = c->field, .has_key = c->has_key, .key = c->key};
	status st;

	*how = TURNED_SEVERAL;
	if (!past_is_one_value(c))
		return ST_OK;
	w.value = c->n_past == 0 ? (struct value){.type = VALUE_EMPTY} : c->past[0].value;
	edit_sign(e, x, &w);
	st = record_edit(e->a, &x->loaded.view, &w, &result, &e->l->trouble);
	*how = st == ST_NOT_FOUND ? TURNED_CHANGED : TURNED_DONE;
	if (st != ST_OK || !result.is_needed)
		return st == ST_NOT_FOUND ? ST_OK : st; /* erased meanwhile */
	st = edit_store(e, x, &w, &result.dirty);
	return st != ST_OK || c->n_past == 0 ? st : steps_rename(e->l, e->a, c, w.name);
}

static status
turn_cell(struct edit *e, struct touched *x, const struct step_cell *c, enum turned *how)
{
	bool is_done = false;
	status st;

	if (is_text(schema_kind(x->loaded.ref.kind), c->field))
		return edit_turn_text(e, x, c, how);
	*how = TURNED_CHANGED;
	if (!stands(cell_of(x, c), c->n_now, c->now))
		return ST_OK;
	st = withdraw(e, x, c, &is_done);
	*how = TURNED_DONE;
	return st != ST_OK || is_done ? st : write_past(e, x, c, how);
}

/* ---- fields that name the record ---- */

static bool
has_content(const struct touched *x, const struct kind *k)
{
	for (size_t i = 0; i < x->loaded.view.n_cells; i++) {
		const struct record_cell *cell = &x->loaded.view.cells[i];

		if (field_names_record(k, cell->field))
			continue;
		for (size_t n = 0; n < cell->n; n++) {
			const struct value *v = &cell->entries[n].entry->value;

			if (v->type != VALUE_EMPTY && v->type != VALUE_SEEN &&
			    v->hollow == 0)
				return true;
		}
	}
	return false;
}

/* An empty value beside the name: nothing is superseded by it. */
static status
bury(struct edit *e, struct touched *x, const struct step_cell *c)
{
	struct record_edit_result result = {0};
	struct record_write w = {.field = c->field, .value = {.type = VALUE_EMPTY}};
	struct dirty_row row;
	bool is_dirty = false;
	status st = steps_dirty(e->l, c, e->a, &row, &is_dirty);

	if (st != ST_OK || is_dirty || cell_of(x, c) == NULL)
		return st;
	edit_sign(e, x, &w);
	st = record_edit(e->a, &x->loaded.view, &w, &result, &e->l->trouble);
	result.dirty.n_seen = 0;
	return st != ST_OK || !result.is_needed ? st
						: edit_store(e, x, &w, &result.dirty);
}

/* Once everything else of the record was turned round. */
static status
turn_name(struct edit *e, const struct step *s, const struct step_cell *c)
{
	const struct kind *k;
	struct touched *x;
	enum turned how;
	bool is_done = false;
	status st = edit_touch(e, c->rid, &x);

	if (st == ST_OK)
		st = reload(e, x);
	if (st != ST_OK)
		return st;
	k = schema_kind(x->loaded.ref.kind);
	if (s->is_undone)
		return c->n_past == 0 ? ST_OK : write_past(e, x, c, &how);
	if (!was_nothing(c) || has_content(x, k))
		return ST_OK;
	if (stands(cell_of(x, c), c->n_now, c->now))
		st = withdraw(e, x, c, &is_done);
	return st != ST_OK || is_done || !field_hides_record(k, c->field) ? st
									  : bury(e, x, c);
}

/* ---- the whole ---- */

/* Marks that the step did not write keep a person on the roster. */
static status
has_marks(struct laptop *l, const struct step *s, const struct touched *x, bool *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT 1 FROM sheet_marks m JOIN r_record r ON r.id = m.rid WHERE m.person ="
	    " ?1 AND r.scope = ?2 AND NOT EXISTS (SELECT 1 FROM r_step_cell WHERE step ="
	    " ?3 AND record = m.rid AND key = ?4)");
	uint8_t key[8];

	put_u64(key, person_key_of(&x->loaded.ref.person).n);
	query_int(q, (int64_t)person_key_of(&x->loaded.ref.person).n);
	query_int(q, x->loaded.ref.scope);
	query_int(q, s->id);
	query_blob(q, key, sizeof key);
	*out = query_row(q);
	return query_done(q, &l->trouble);
}

/* The cells of one step; its records come one after the other. */
struct turning {
	struct edit *e;
	const struct step *s;
	const struct step_cell *cells;
	size_t n;
	int64_t rid; /* the record at which it is */
	struct touched *x;
	enum turned all; /* TURNED_DONE: each cell for itself; else said of all of them */
};

static const struct step_cell *
cell_kept(const struct turning *t, const struct record_cell *cell)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct step_cell *c = &t->cells[i];

		if (c->rid == t->rid && c->field == cell->field &&
		    c->has_key == cell->has_key && c->key == cell->key)
			return c;
	}
	return NULL;
}

/* A record that the step made: one of its required fields was not there before. */
static bool
is_made(const struct turning *t, const struct kind *k)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct step_cell *c = &t->cells[i];
		const struct field *f = schema_field(k, c->field);

		if (c->rid == t->rid && was_nothing(c) && f != NULL && f->is_required)
			return true;
	}
	return false;
}

static status
cell_is_as_made(const struct turning *t, const struct kind *k,
    const struct record_cell *cell, bool *out)
{
	const struct step_cell *c = cell_kept(t, cell);

	*out = field_names_record(k, cell->field);
	if (*out || c == NULL)
		return ST_OK;
	if (is_text(k, cell->field))
		return edit_owns_text(t->e, c, cell, out);
	*out = stands(cell, c->n_now, c->now);
	return ST_OK;
}

/* Does all of it still stand as the step wrote it, and nothing else? *out: done, or why
 * not. */
static status
is_as_made(const struct turning *t, const struct kind *k, enum turned *out)
{
	const struct record_view *v = &t->x->loaded.view;
	status st = ST_OK;

	*out = TURNED_DONE;
	for (size_t i = 0; st == ST_OK && i < v->n_cells; i++) {
		bool is_same = true;

		st = cell_is_as_made(t, k, &v->cells[i], &is_same);
		if (!is_same)
			*out = is_text(k, v->cells[i].field) && *out != TURNED_CHANGED
				   ? TURNED_WRITTEN
				   : TURNED_CHANGED;
	}
	return st;
}

/* What the step made goes whole or not at all; but marks of a day are each for itself,
 * and so is a text: others' words stay. */
static status
judge_record(struct turning *t)
{
	const struct kind *k = schema_kind(t->x->loaded.ref.kind);
	bool is_roster = k->id == KIND_YOUNG_PERSON || k->id == KIND_ENROLMENT;
	bool is_kept = false;
	status st;

	t->all = TURNED_DONE;
	if (t->s->is_undone || !is_made(t, k))
		return ST_OK;
	for (size_t i = 0; i < k->n_fields; i++) {
		if (k->fields[i].type == FIELD_MARKS)
			return ST_OK;
	}
	st = is_as_made(t, k, &t->all);
	if (st == ST_OK && t->all == TURNED_DONE && is_roster)
		st = has_marks(t->e->l, t->s, t->x, &is_kept);
	if (is_kept)
		t->all = TURNED_NEEDED;
	return st;
}

static status
turn_next(struct turning *t, struct turned_cell *at)
{
	const struct kind *k;
	status st = ST_OK;

	if (t->rid != at->cell->rid) {
		t->rid = at->cell->rid;
		st = edit_touch(t->e, t->rid, &t->x);
		if (st == ST_OK && t->e->undoes)
			st = proviso_check(
			    t->e->l, &t->x->loaded.ref, &t->x->loaded.scope);
		if (st == ST_OK)
			st = judge_record(t);
	}
	at->how = TURNED_SILENT;
	k = st == ST_OK ? schema_kind(t->x->loaded.ref.kind) : NULL;
	if (st != ST_OK || field_names_record(k, at->cell->field))
		return st;
	at->how = at->cell->is_undone != t->s->is_undone ? TURNED_LEFT
		  : is_text(k, at->cell->field)          ? TURNED_DONE
							 : t->all;
	return at->how != TURNED_DONE ? ST_OK : turn_cell(t->e, t->x, at->cell, &at->how);
}

status
edit_turn(struct edit *e, const struct step *s, struct turned_cell **out, size_t *n)
{
	struct turning t = {.e = e, .s = s};
	struct step_cell *cells;
	status st = steps_cells(e->l, s->id, e->l->arena, &cells, n);

	if (st != ST_OK)
		return st;
	*out = arena_zeros(e->l->arena, *n, sizeof **out);
	if (*out == NULL)
		return trouble_set(&e->l->trouble, ST_NO_MEMORY, "no memory for a step");
	t.cells = cells;
	t.n = *n;
	e->step = s->id;
	e->turns_step = true;
	e->undoes = !s->is_undone;
	for (size_t i = 0; st == ST_OK && i < *n; i++) {
		(*out)[i].cell = &cells[i];
		st = turn_next(&t, &(*out)[i]);
	}
	for (size_t i = 0; st == ST_OK && i < *n; i++) {
		if ((*out)[i].how == TURNED_SILENT)
			st = turn_name(e, s, &cells[i]);
	}
	return st != ST_OK ? st : steps_mark(e->l, s->id, !s->is_undone);
}
