/* edit_text.c - saves a text as the difference from what was opened (DESIGN 4.7): several
 * dirty rows, one for each run and passage, beside those of earlier saves. */
#include "client/laptop/edit_parts.h"
#include "client/laptop/frozen.h"
#include "client/laptop/steps_text.h"
#include "client/laptop/stored.h"
#include "client/laptop/text_past.h"
#include "core/text_diff.h"

struct text_write {
	struct edit *e;
	struct touched *x;
	uint16_t field;
	const struct text_state *now; /* the text without the change */
};

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a text");
}

/* However often a text is saved before it is sent, it is one change. */
static status
store_row(const struct text_write *w, const struct entry *entry,
    const struct seen_names *seen, size_t n_seen)
{
	struct edit *e = w->e;
	const struct kind *k = schema_kind(w->x->loaded.ref.kind);
	struct query *q = query_of(e->l->queries,
	    "INSERT INTO r_dirty(record, field, key, entry, seen, saved_ms, is_change,"
	    " is_mark) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7 AND NOT EXISTS (SELECT 1 FROM"
	    " r_dirty WHERE record = ?1 AND field = ?2 AND is_change), 0)");
	uint8_t key[12]; /* the name: texts have no map keys */

	put_u64(key, entry->name.agent);
	put_u32(key + 8, entry->name.index);
	query_int(q, w->x->loaded.rid);
	query_int(q, w->field);
	query_blob(q, key, sizeof key);
	query_span(q, stored_entry(entry, e->a));
	query_span(q, stored_seen(seen, n_seen, e->a));
	query_int(q, (int64_t)e->l->now_ms);
	query_int(q, field_is_change(k, schema_field(k, w->field)));
	return query_run(q, &e->l->trouble);
}

static status
store_change(const struct text_write *w, const struct text_change *c)
{
	struct edit *e = w->e;
	struct record_write first = {.field = w->field};
	status st;

	edit_sign(e, w->x, &first);
	st = frozen_check(e->l, &w->x->loaded.ref);
	for (size_t i = 0; st == ST_OK && i < c->n_values; i++) {
		struct entry entry = {.name = {e->agent, e->next_index},
		    .field = w->field,
		    .time = first.time,
		    .by = first.by,
		    .value = c->values[i]};

		st = store_row(w, &entry, c->seen, i == 0 ? c->n_seen : 0);
		e->next_index += record_names_of(&entry.value);
	}
	e->l->clock = first.time;
	e->stamp = first.time;
	e->has_stamp = true;
	e->n_changes++;
	if (st == ST_OK)
		st = text_past_keep(e->l, e->a, w->x->loaded.rid, w->field, w->now,
		    c->n_seen, c->seen,
		    &(struct entry){
			.name = first.name, .time = first.time, .by = first.by});
	if (st == ST_OK && !e->turns_step)
		st = edit_keep_text(e, w->x, w->field, w->now, c, first.name);
	return st != ST_OK ? st : edit_note_written(e, w->x, &first);
}

/* The record as it stands now, with what this edit wrote before. */
static status
begin(struct edit *e, const struct record_ref *r, uint16_t field, struct text_write *w,
    struct text_opened *now)
{
	int64_t rid;
	status st = record_intern(e->l, r, &rid);

	*w = (struct text_write){.e = e, .field = field};
	if (st == ST_OK)
		st = edit_touch(e, rid, &w->x);
	if (st == ST_OK && w->x->written != NULL)
		st = record_load(e->l, rid, e->a, &w->x->loaded);
	if (st != ST_OK)
		return st;
	now->cell = record_field(&w->x->loaded.view, field);
	return text_read(e->a, now->cell, &now->state, &e->l->trouble);
}

status
edit_text(struct edit *e, const struct record_ref *r, uint16_t field,
    const struct text_opened *opened, struct span saved)
{
	struct text_opened now;
	struct text_change change;
	struct text_write w;
	status st = begin(e, r, field, &w, &now);

	if (st != ST_OK)
		return st;
	if (opened == NULL)
		opened = &now;
	saved = arena_copy(e->a, saved);
	if (saved.bytes == NULL)
		return no_memory(e->l);
	st = text_diff(e->a, opened->cell, &opened->state, saved,
	    (struct entry_name){e->agent, e->next_index}, &change, &e->l->trouble);
	if (st != ST_OK || (change.n_values == 0 && change.n_seen == 0))
		return st;
	w.now = &now.state;
	return store_change(&w, &change);
}

status
edit_settle(struct edit *e, const struct record_ref *r, uint16_t field, size_t at,
    struct span shown)
{
	struct text_opened now;
	struct text_spots spots;
	struct text_change change;
	struct text_write w;
	status st = begin(e, r, field, &w, &now);

	if (st == ST_OK)
		st = text_spots(e->a, now.cell, &now.state, &spots, &e->l->trouble);
	if (st != ST_OK)
		return st;
	if (at >= spots.n ||
	    !span_equal(shown, span_of(now.state.text.bytes + spots.items[at].at,
				   spots.items[at].end - spots.items[at].at)))
		return trouble_set(
		    &e->l->trouble, ST_CHANGED, "the text changed since it was shown");
	st = text_settle(e->a, &now.state, &spots.items[at], &change, &e->l->trouble);
	w.now = &now.state;
	return st != ST_OK ? st : store_change(&w, &change);
}

/* ---- turned round ---- */

static enum turned
turned_how(const struct text_turned *t)
{
	if (t->n_taken + t->n_back > 0)
		return t->n_barred > 0 ? TURNED_PARTLY : TURNED_DONE;
	return t->n_barred > 0 ? TURNED_BARRED : TURNED_NOTHING;
}

/* The kept edits of the text, with what others took out as far as it is known now. */
static status
load_steps(struct edit *e, const struct touched *x, const struct step_cell *c,
    struct text_steps *all, size_t *which)
{
	struct laptop *l = e->l;
	bool is_news;
	status st = steps_text_load(l, e->a, c->rid, c->field, 0, all);

	if (st == ST_OK)
		st = text_note_gone(e->a, &x->loaded.view, c->field, all->n, all->kept,
		    &is_news, &l->trouble);
	for (*which = 0; *which < all->n && all->steps[*which] != e->step; (*which)++)
		;
	return st != ST_OK || *which < all->n
		   ? st
		   : trouble_set(&l->trouble, ST_CORRUPT, "a kept step is gone");
}

status
edit_turn_text(
    struct edit *e, struct touched *x, const struct step_cell *c, enum turned *how)
{
	struct text_opened now;
	struct text_write w;
	struct text_steps all = {0};
	struct text_turned turned = {0};
	struct trouble none = e->l->trouble;
	size_t which = 0;
	status st = begin(e, &x->loaded.ref, c->field, &w, &now);

	if (st == ST_OK)
		st = load_steps(e, w.x, c, &all, &which);
	if (st != ST_OK)
		return st;
	st = text_turn(e->a, now.cell, &now.state, all.n, all.kept, which,
	    (struct entry_name){e->agent, e->next_index}, &turned, &e->l->trouble);
	*how = st == ST_LIMIT ? TURNED_LONG : turned_how(&turned);
	if (st == ST_LIMIT)
		e->l->trouble = none;
	if (st != ST_OK || turned.change.n_values == 0)
		return st == ST_LIMIT ? ST_OK : st;
	w.now = &now.state;
	st = store_change(&w, &turned.change);
	return st != ST_OK ? st
			   : steps_text_store_all(e->l, e->a, c->rid, c->field, &all);
}

status
edit_owns_text(
    struct edit *e, const struct step_cell *c, const struct record_cell *cell, bool *out)
{
	struct text_kept kept;
	status st = steps_text_unpack(e->l, c->text, e->a, &kept);

	*out = st == ST_OK && text_is_all_of(cell, &kept);
	return st;
}
