/* inbox_past.c - the difference that a pull makes to a record: changes of others are
 * counted, and values that they replaced go to the history (DESIGN 4.4). */
#include <stdlib.h>

#include "client/laptop/steps_text.h"
#include "client/laptop/stored.h"
#include "client/laptop/text_past.h"
#include "client/laptop/vanished.h"
#include "client/sync/inbox_parts.h"
#include "core/hlc.h"

enum { HISTORY_PERSONAL_DAYS = 30 };

/* What was shown, by (field, key, name). */
struct past {
	int64_t rid; /* 0 = a free place */
	size_t n;
	const struct entry *entries;
};

/* For V8. */
static status
note_ahead(struct applying *x, int64_t rid, const struct entry *e)
{
	struct query *q = query_of(
	    x->l->queries, "INSERT OR IGNORE INTO r_ahead VALUES(?, ?, ?, ?, ?, ?)");

	query_int(q, rid);
	query_int(q, (int64_t)e->name.agent);
	query_int(q, e->name.index);
	query_int(q, e->by.home);
	query_int(q, e->by.device);
	query_int(q, (int64_t)e->time.seconds);
	return query_run(q, &x->l->trouble);
}

status
inbox_see_times(struct applying *x, int64_t rid, const struct body *body)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < body->n_entries; i++) {
		struct hlc time = body->entries[i].time;
		uint64_t ahead;

		if (!hlc_is_ahead(time, x->server_time_s)) {
			(void)hlc_receive(&x->l->clock, time, x->server_time_s);
			continue;
		}
		ahead = time.seconds - x->server_time_s;
		x->out->ahead_s = ahead > x->out->ahead_s ? ahead : x->out->ahead_s;
		st = note_ahead(x, rid, &body->entries[i]);
	}
	return st;
}

/* ---- the table ---- */

static status
out_of_memory(struct applying *x)
{
	return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for a pull");
}

static struct past *
place_of(struct past *table, size_t cap, int64_t rid)
{
	size_t at = (size_t)((uint64_t)rid * UINT64_C(0x9e3779b97f4a7c15) >> 20) % cap;

	while (table[at].rid != 0 && table[at].rid != rid)
		at = (at + 1) % cap;
	return &table[at];
}

static bool
make_room(struct applying *x)
{
	size_t cap = x->cap_past == 0 ? 256 : x->cap_past * 2;
	struct past *table;

	if (x->n_past * 2 < x->cap_past)
		return true;
	table = calloc(cap, sizeof *table);
	if (table == NULL)
		return false;
	for (size_t i = 0; i < x->cap_past; i++) {
		if (x->past[i].rid != 0)
			*place_of(table, cap, x->past[i].rid) = x->past[i];
	}
	free(x->past);
	x->past = table;
	x->cap_past = cap;
	return true;
}

/* NULL if the record is there already, or memory is out (*st). */
static struct past *
begin_touch(struct applying *x, int64_t rid, status *st)
{
	struct past *p;

	*st = make_room(x) ? ST_OK : out_of_memory(x);
	if (*st != ST_OK)
		return NULL;
	p = place_of(x->past, x->cap_past, rid);
	if (p->rid == rid)
		return NULL;
	p->rid = rid;
	x->n_past++;
	return p;
}

status
inbox_touch_new(struct applying *x, int64_t rid)
{
	status st;

	(void)begin_touch(x, rid, &st);
	return st;
}

static size_t
count_entries(const struct record_view *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_cells; i++)
		n += v->cells[i].n;
	return n;
}

status
inbox_touch(struct applying *x, int64_t rid)
{
	struct loaded loaded;
	struct entry *to;
	status st;
	struct past *p = begin_touch(x, rid, &st);

	if (p == NULL)
		return st;
	arena_wipe(x->scratch);
	st = record_load(x->l, rid, x->scratch, &loaded);
	if (st != ST_OK)
		return st;
	to = arena_zeros(x->memory, count_entries(&loaded.view) + 1, sizeof *to);
	if (to == NULL)
		return out_of_memory(x);
	p->entries = to;
	for (size_t i = 0; i < loaded.view.n_cells; i++) {
		const struct record_cell *c = &loaded.view.cells[i];

		for (size_t k = 0; k < c->n; k++) {
			to[p->n] = *c->entries[k].entry;
			to[p->n].value.bytes =
			    arena_copy(x->memory, c->entries[k].entry->value.bytes);
			p->n++;
		}
	}
	return ST_OK;
}

/* ---- the difference ---- */

static bool
was_shown(const struct past *p, const struct entry *e)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->entries[i].field == e->field &&
		    entry_name_equal(p->entries[i].name, e->name))
			return true;
	}
	return false;
}

static void
count_new(struct applying *x, const struct past *p, const struct loaded *loaded)
{
	const struct kind *k = schema_kind(loaded->ref.kind);
	bool any = false;

	for (size_t i = 0; i < loaded->view.n_cells; i++) {
		const struct record_cell *c = &loaded->view.cells[i];
		const struct field *f = k == NULL ? NULL : schema_field(k, c->field);

		for (size_t n = 0; n < c->n; n++) {
			const struct entry *e = c->entries[n].entry;

			/* What this laptop wrote was shown; what a copy of it wrote in
			 * its name was not. */
			if (was_shown(p, e))
				continue;
			any = true;
			if (!field_is_change(k, f))
				continue;
			x->out->changes++;
			x->out->marks += f != NULL && f->type == FIELD_MARKS;
		}
	}
	x->out->people += any && loaded->ref.kind == KIND_YOUNG_PERSON;
}

static bool
is_shown(const struct record_view *v, const struct entry *e)
{
	const struct record_cell *c = record_cell_find(v, e->field, e->has_key, e->key);

	for (size_t i = 0; c != NULL && i < c->n; i++) {
		const struct entry *shown = c->entries[i].entry;

		/* Another content under the name is somebody's doing (unkept.h). */
		if (entry_name_equal(shown->name, e->name) &&
		    value_equal(&shown->value, &e->value))
			return true;
	}
	return false;
}

/* Nothing of an erased person is kept. */
static bool
is_erased(const struct loaded *loaded, const struct entry *e)
{
	const struct grave_test *graves = &loaded->input.graves;

	return grave_hides(loaded->view.grave) ||
	       (e->has_key && graves->of != NULL &&
		   grave_hides(graves->of(graves->ctx, e->key)));
}

/* Texts have words, not values (client/laptop/text_past.h). */
static bool
is_of_text(const struct kind *k, const struct entry *e)
{
	const struct field *f = schema_field(k, e->field);

	return f != NULL && f->type == FIELD_LONGTEXT;
}

static status
keep_replaced(struct applying *x, const struct past *p, const struct loaded *loaded)
{
	const struct kind *k = schema_kind(loaded->ref.kind);
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < p->n; i++) {
		const struct entry *e = &p->entries[i];
		struct query *q;
		uint8_t key[8];

		if (k == NULL || k->is_automatic || is_of_text(k, e) ||
		    is_shown(&loaded->view, e) || is_erased(loaded, e))
			continue;
		put_u64(key, e->key);
		q = query_of(x->l->queries,
		    "INSERT INTO r_history(record, field, key, entry, replaced_ms)"
		    " VALUES(?, ?, ?, ?, ?)");
		query_int(q, p->rid);
		query_int(q, e->field);
		query_blob(q, key, e->has_key ? sizeof key : 0);
		query_span(q, stored_entry(e, x->scratch));
		query_int(q, (int64_t)x->l->now_ms);
		st = query_run(q, &x->l->trouble);
		if (st == ST_OK)
			st = vanished_note(x->l, loaded, e);
	}
	return st != ST_OK ? st : vanished_settle(x->l, loaded);
}

static status
forget_kind(struct laptop *l, const char *sql, int64_t before_ms, uint16_t kind)
{
	struct query *q = query_of(l->queries, sql);

	query_int(q, before_ms);
	query_int(q, kind);
	return query_run(q, &l->trouble);
}

/* Replaced values of personal kinds stay 30 days, for history and for undo. */
static status
forget_before(struct laptop *l, int64_t before_ms)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);

		if (k->retention != RETAIN_PERSONAL)
			continue;
		st = forget_kind(l,
		    "DELETE FROM r_history WHERE replaced_ms < ? AND (SELECT kind FROM"
		    " r_record WHERE id = record) = ?",
		    before_ms, k->id);
		if (st == ST_OK)
			st = forget_kind(l,
			    "DELETE FROM r_step_cell WHERE step IN (SELECT id FROM r_step"
			    " WHERE at_ms < ?) AND (SELECT kind FROM r_record WHERE id ="
			    " record) = ?",
			    before_ms, k->id);
	}
	return st;
}

/* Once a day: it looks at the whole history. */
static status
forget_old(struct applying *x)
{
	const uint64_t day_ms = 86400000, kept = HISTORY_PERSONAL_DAYS * day_ms;
	uint64_t now = x->l->now_ms;
	int64_t today = (int64_t)(now / day_ms);
	status st;

	if (laptop_meta_int(x->l, "history_day", -1) == today)
		return ST_OK;
	st = forget_before(x->l, now > kept ? (int64_t)(now - kept) : 0);
	return st != ST_OK ? st : laptop_set_meta_int(x->l, "history_day", today);
}

static status
refresh(struct applying *x, const struct past *p)
{
	struct loaded loaded;
	status st;

	arena_wipe(x->scratch);
	st = record_load(x->l, p->rid, x->scratch, &loaded);
	if (st == ST_OK)
		st = record_project(x->l, &loaded, x->scratch);
	if (st != ST_OK)
		return st;
	count_new(x, p, &loaded);
	st = steps_text_note(x->l, x->scratch, &loaded);
	if (st == ST_OK)
		st = text_past_pull(x->l, x->scratch, &loaded, p->n, p->entries);
	return st != ST_OK ? st : keep_replaced(x, p, &loaded);
}

static int
compare_rids(const void *a, const void *b)
{
	const struct past *x = a, *y = b;

	return (x->rid > y->rid) - (x->rid < y->rid);
}

status
inbox_refresh(struct applying *x)
{
	status st = ST_OK;

	if (x->n_past == 0)
		return ST_OK;
	/* In the order of the tables' rows; the table is no table after that. */
	qsort(x->past, x->cap_past, sizeof *x->past, compare_rids);
	for (size_t i = 0; st == ST_OK && i < x->cap_past; i++) {
		if (x->past[i].rid != 0)
			st = refresh(x, &x->past[i]);
	}
	return st != ST_OK ? st : forget_old(x);
}
