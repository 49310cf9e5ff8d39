/* edit.c - what one command or form writes: one agent, one transaction, durable at its
 * end (DESIGN 4.2). */
#include <stdlib.h>

#include "base/text.h"
#include "client/laptop/edit_parts.h"
#include "client/laptop/frozen.h"
#include "client/laptop/proviso_check.h"
#include "client/laptop/stored.h"

/* Of records whose views an edit holds: enough for any form, little for an import. */
enum { TOUCHED_MAX = 256 };

bool
field_is_change(const struct kind *k, const struct field *f)
{
	if (k == NULL || k->is_automatic)
		return false;
	/* A tally, a decision, a sign-off: one deed, however many fields it fills. */
	if (k->retention == RETAIN_AUDIT && f != NULL)
		return f == &k->fields[0];
	return f == NULL || !field_names_record(k, f->id);
}

status
edit_begin(struct laptop *l, struct edit **out)
{
	struct edit *e = calloc(1, sizeof *e);
	status st;

	*out = NULL;
	if (e == NULL || (e->a = arena_new(0)) == NULL) {
		free(e);
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an edit");
	}
	e->l = l;
	do
		e->agent = rng_u64(&l->rng);
	while (e->agent == 0);
	st = db_begin(l->db, &l->trouble);
	if (st != ST_OK) {
		arena_free(e->a);
		free(e);
		return st;
	}
	*out = e;
	return ST_OK;
}

static void
edit_free(struct edit *e)
{
	arena_free(e->a);
	free(e);
}

void
edit_abandon(struct edit *e)
{
	if (e == NULL)
		return;
	db_rollback(e->l->db);
	edit_free(e);
}

/* In which role this member writes in a scope: at home his own, elsewhere as a guest. */
static unsigned
roles_in(const struct laptop *l, const struct scope_info *scope)
{
	bool is_home = scope->space == 0 || scope->as.home == l->self.author.home;

	return 1u << ((is_home ? l->self.role : ROLE_GUEST) - 1);
}

static status
check_rights(struct laptop *l, const struct loaded *x)
{
	const struct kind *k = schema_kind(x->ref.kind);
	status st;

	if (k != NULL && schema_may_edit(k, roles_in(l, &x->scope)))
		return ST_OK;
	st = complain(l->complaint, PN_P01, "your role may not write a %s there",
	    k == NULL ? "record of this kind" : k->singular);
	complain_next(l->complaint, "pnet member list    to see who may");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

/* What was written so far is shown in the typed tables, and let go. A record that is
 * written again is loaded with what this edit wrote. */
static status
settle(struct edit *e)
{
	struct laptop *l = e->l;
	struct arena *scratch = arena_new(0);
	status st = scratch == NULL
			? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an edit")
			: ST_OK;

	for (struct touched *x = e->touched; st == ST_OK && x != NULL; x = x->next) {
		arena_wipe(scratch);
		if (x->written != NULL)
			st = record_refresh(l, x->loaded.rid, scratch);
	}
	/* What is undone may be gone by now: edit_turn() asked before. */
	for (struct touched *x = e->touched; st == ST_OK && x != NULL; x = x->next) {
		if (x->written != NULL && !e->undoes)
			st = proviso_check(l, &x->loaded.ref, &x->loaded.scope);
	}
	arena_free(scratch);
	e->touched = NULL;
	e->n_touched = 0;
	arena_wipe(e->a);
	return st;
}

status
edit_touch(struct edit *e, int64_t rid, struct touched **out)
{
	struct laptop *l = e->l;
	struct touched *x;
	status st;

	for (x = e->touched; x != NULL; x = x->next) {
		if (x->loaded.rid == rid) {
			*out = x;
			return ST_OK;
		}
	}
	st = e->n_touched == TOUCHED_MAX ? settle(e) : ST_OK;
	x = arena_zeros(e->a, 1, sizeof *x);
	if (x == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an edit");
	if (st == ST_OK)
		st = record_load(l, rid, e->a, &x->loaded);
	if (st == ST_OK)
		st = check_rights(l, &x->loaded);
	if (st != ST_OK)
		return st;
	x->next = e->touched;
	e->touched = x;
	e->n_touched++;
	*out = x;
	return ST_OK;
}

/* A cell that this edit wrote already needs the view with that write in it. */
static status
renew_if_written(struct edit *e, struct touched *x, const struct record_write *w)
{
	for (struct written *c = x->written; c != NULL; c = c->next) {
		if (c->field == w->field && c->has_key == w->has_key &&
		    c->key == w->key) {
			return record_load(e->l, x->loaded.rid, e->a, &x->loaded);
		}
	}
	return ST_OK;
}

status
edit_keep_history(struct edit *e, const struct touched *x, const struct entry *replaced)
{
	struct query *q = query_of(e->l->queries,
	    "INSERT INTO r_history(record, field, key, entry, replaced_ms)"
	    " VALUES(?, ?, ?, ?, ?)");
	uint8_t key[8];

	put_u64(key, replaced->key);
	query_int(q, x->loaded.rid);
	query_int(q, replaced->field);
	query_blob(q, key, replaced->has_key ? sizeof key : 0);
	query_span(q, stored_entry(replaced, e->a));
	query_int(q, (int64_t)e->l->now_ms);
	return query_run(q, &e->l->trouble);
}

/* What is replaced goes to the history, and with it what stands there now to the step. */
static status
keep_past(struct edit *e, struct touched *x, const struct record_write *w)
{
	const struct record_cell *cell =
	    record_cell_find(&x->loaded.view, w->field, w->has_key, w->key);
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && cell != NULL && i < cell->n; i++)
		st = edit_keep_history(e, x, cell->entries[i].entry);
	return st != ST_OK ? st : edit_keep_step(e, x, w, cell);
}

status
edit_note_written(struct edit *e, struct touched *x, const struct record_write *w)
{
	struct written *c = arena_zeros(e->a, 1, sizeof *c);

	if (c == NULL)
		return trouble_set(&e->l->trouble, ST_NO_MEMORY, "no memory for an edit");
	*c = (struct written){x->written, w->field, w->has_key, w->key};
	x->written = c;
	e->has_written = true;
	return ST_OK;
}

static status
store_dirty(struct edit *e, struct touched *x, const struct record_dirty *d)
{
	const struct kind *k = schema_kind(x->loaded.ref.kind);
	const struct field *f = schema_field(k, d->entry.field);
	struct query *q = query_of(e->l->queries,
	    "INSERT OR REPLACE INTO r_dirty(record, field, key, entry, seen, saved_ms,"
	    " is_change, is_mark) VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
	uint8_t key[8];

	put_u64(key, d->entry.key);
	query_int(q, x->loaded.rid);
	query_int(q, d->entry.field);
	query_blob(q, key, d->entry.has_key ? sizeof key : 0);
	query_span(q, stored_entry(&d->entry, e->a));
	query_span(q, stored_seen(d->seen, d->n_seen, e->a));
	query_int(q, (int64_t)e->l->now_ms);
	query_int(q, field_is_change(k, f));
	query_int(q, f != NULL && f->type == FIELD_MARKS && field_is_change(k, f));
	e->n_changes += field_is_change(k, f);
	e->n_written++;
	return query_run(q, &e->l->trouble);
}

/* What is written in one second of one edit has one time: nothing of it comes before the
 * rest, and the times of its op are then one number. */
static struct hlc
time_of_write(const struct edit *e)
{
	struct hlc next = hlc_next(e->l->clock, e->l->now_ms / 1000);

	return e->has_stamp && e->stamp.seconds == next.seconds ? e->stamp : next;
}

/* Its scope says the same, and nothing else stands there. */
static bool
goes_without_saying(const struct touched *x, const struct record_write *w)
{
	const struct kind *k = schema_kind(x->loaded.ref.kind);
	const struct field *f = k == NULL ? NULL : schema_field(k, w->field);

	return field_is_of_scope(k, f) && w->value.type == VALUE_BYTES &&
	       span_equal(w->value.bytes, scope_activity(&x->loaded.scope)) &&
	       record_cell_find(&x->loaded.view, w->field, false, 0) == NULL;
}

/* What stood there goes to the history, what stands there now to the replica. */
status
edit_store(struct edit *e, struct touched *x, const struct record_write *w,
    const struct record_dirty *d)
{
	status st;

	e->l->clock = w->time;
	e->stamp = w->time;
	e->has_stamp = true;
	e->next_index += record_names_of(&w->value);
	st = keep_past(e, x, w);
	if (st == ST_OK)
		st = store_dirty(e, x, d);
	return st != ST_OK ? st : edit_note_written(e, x, w);
}

void
edit_sign(const struct edit *e, const struct touched *x, struct record_write *w)
{
	w->name = (struct entry_name){e->agent, e->next_index};
	w->time = time_of_write(e);
	w->by = x->loaded.scope.as;
}

static status
write_cell(struct edit *e, const struct record_ref *r, struct record_write *w,
    bool is_resolve, size_t n_shown, const struct entry_name *shown)
{
	struct laptop *l = e->l;
	struct touched *x = NULL;
	struct record_edit_result result = {0};
	int64_t rid;
	status st = record_intern(l, r, &rid);

	if (st == ST_OK)
		st = edit_touch(e, rid, &x);
	if (st == ST_OK)
		st = renew_if_written(e, x, w);
	if (st != ST_OK || goes_without_saying(x, w))
		return st;
	if (w->value.type == VALUE_EMPTY &&
	    record_cell_find(&x->loaded.view, w->field, w->has_key, w->key) == NULL)
		return ST_OK; /* nothing was ever written there: nothing to clear */
	edit_sign(e, x, w);
	st = is_resolve ? record_resolve(e->a, &x->loaded.view, w, n_shown, shown,
			      &result, &l->trouble)
			: record_edit(e->a, &x->loaded.view, w, &result, &l->trouble);
	if (st != ST_OK || !result.is_needed)
		return st;
	/* Values that a merge put side by side may still be settled. */
	st = is_resolve ? ST_OK : frozen_check(l, r);
	return st != ST_OK ? st : edit_store(e, x, w, &result.dirty);
}

bool
edit_is_empty(const struct edit *e)
{
	return !e->has_written;
}

size_t
edit_written(const struct edit *e)
{
	return e->n_written;
}

/* Taken as it is, but said: exports guard it, other programs may not (V5). */
static void
note_formula(struct laptop *l, const struct field *f, const struct value *v)
{
	bool is_words = f != NULL && (f->type == FIELD_NAME || f->type == FIELD_TEXT ||
					 f->type == FIELD_LONGTEXT);

	if (is_words && v->type == VALUE_TEXT && text_begins_like_formula(v->bytes) &&
	    !text_is_phone(v->bytes))
		l->formula = f->name;
}

status
edit_set(struct edit *e, const struct record_ref *r, uint16_t field, const uint64_t *key,
    const struct value *value)
{
	const struct field *f = schema_field(schema_kind(r->kind), field);
	struct record_write w = {.field = field,
	    .has_key = key != NULL,
	    .key = key == NULL ? 0 : *key,
	    .value = *value};

	note_formula(e->l, f, value);
	if (f != NULL && f->type == FIELD_LONGTEXT)
		return edit_text(e, r, field, NULL, value->bytes);
	return write_cell(e, r, &w, false, 0, NULL);
}

status
edit_resolve(struct edit *e, const struct record_ref *r, uint16_t field,
    const uint64_t *key, const struct value *value, size_t n_shown,
    const struct entry_name *shown)
{
	struct record_write w = {.field = field,
	    .has_key = key != NULL,
	    .key = key == NULL ? 0 : *key,
	    .value = *value};

	return write_cell(e, r, &w, true, n_shown, shown);
}

status
edit_commit(struct edit *e, size_t *n_changes)
{
	struct laptop *l = e->l;
	status st = settle(e);

	if (st == ST_OK)
		st = edit_close_step(e);
	if (st == ST_OK)
		st = laptop_set_meta_int(l, "hlc_seconds", (int64_t)l->clock.seconds);
	if (st == ST_OK)
		st = laptop_set_meta_int(l, "hlc_counter", l->clock.counter);
	if (st == ST_OK)
		laptop_raise_counts(l, e->turns_step ? SIZE_MAX : e->n_changes);
	if (st == ST_OK)
		st = db_commit(l->db, &l->trouble);
	else
		db_rollback(l->db);
	if (n_changes != NULL)
		*n_changes = st == ST_OK ? e->n_changes : 0;
	edit_free(e);
	return st;
}
