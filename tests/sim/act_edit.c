/* act_edit.c - a person saves something: the dirty entry that core/record.c makes of it
 * must list exactly what the oracle says he saw. */
#include "world.h"

#include "core/text_crdt.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* One field or map key of one record. */
struct place {
	size_t record;
	uint16_t field;
	bool has_key;
	uint64_t key;
};

static struct place
draw_place(const struct world *w, const struct rng *r)
{
	struct place p = {
	    .record = (w->profile->first_record + rng_below(r, w->profile->n_records)) %
		      w->n_records};
	const uint16_t kind = w->records[p.record].kind;

	p.field = (uint16_t)(1 + rng_below(r, w->profile->fields));
	if (kind == WORLD_MARKS && rng_below(r, 10) < 8) {
		p.field = FIELD_MARKS_ID;
		p.has_key = true;
		p.key = 1 + rng_below(r, WORLD_PERSONS);
	} else if (kind == WORLD_PROSE && rng_below(r, 10) < 6) {
		p.field = FIELD_TEXT_ID;
	}
	return p;
}

static bool
is_in_place(const struct entry *e, const struct place *p)
{
	return e->field == p->field && e->has_key == p->has_key && e->key == p->key;
}

static struct dirty_row *
find_dirty(struct replica *r, const struct place *p)
{
	for (size_t i = 0; i < r->n_dirty; i++) {
		if (r->dirty[i].record == p->record &&
		    is_in_place(&r->dirty[i].dirty.entry, p))
			return &r->dirty[i];
	}
	return NULL;
}

/* The siblings in sight, dirty included: what a reader is shown. */
static void
in_sight(
    struct world *w, struct client *c, const struct place *p, struct oracle_list *out)
{
	const struct world_record *wr = &w->records[p->record];
	const struct oracle_record r = {wr->scope, wr->tag, wr->person};
	const struct dirty_row *d = find_dirty(&c->r, p);
	struct oracle_list state = {0};
	struct batch_set known;

	replica_known(&c->r, &known);
	oracle_state(w->oracle, &known, &r, &state);
	out->n = 0;
	for (size_t i = 0; i < state.n; i++) {
		bool is_listed =
		    d != NULL &&
		    oracle_list_has(oracle_seen(w->oracle, d->entry), state.at[i]);

		if (is_in_place(oracle_entry(w->oracle, state.at[i]), p) && !is_listed)
			oracle_list_add(out, state.at[i]);
	}
	if (d != NULL && !oracle_is_settled(w->oracle, &known, d->entry))
		oracle_list_add(out, d->entry);
	oracle_list_free(&state);
}

/* What a new entry must list: the siblings in sight, and what a replaced dirty entry had
 * listed, and that entry. */
static void
must_list(
    struct world *w, struct client *c, const struct place *p, struct oracle_list *out)
{
	const struct dirty_row *d = find_dirty(&c->r, p);

	in_sight(w, c, p, out);
	if (d == NULL)
		return;
	oracle_list_add(out, d->entry);
	for (size_t i = 0; i < oracle_seen(w->oracle, d->entry)->n; i++)
		oracle_list_add(out, oracle_seen(w->oracle, d->entry)->at[i]);
}

static bool
lists(const struct record_dirty *d, struct entry_name name)
{
	for (size_t i = 0; i < d->n_seen; i++) {
		if (d->seen[i].agent == name.agent && name.index >= d->seen[i].first &&
		    name.index - d->seen[i].first < d->seen[i].count)
			return true;
	}
	return false;
}

/* All that must be listed is, and nothing else of what stands in the record. */
static bool
listed_well(struct world *w, struct client *c, const struct place *p,
    const struct record_dirty *d, const struct oracle_list *must)
{
	const struct world_record *wr = &w->records[p->record];
	const struct oracle_record r = {wr->scope, wr->tag, wr->person};
	struct oracle_list state = {0};
	struct batch_set known;
	bool is_good = true;

	for (size_t i = 0; i < must->n && is_good; i++) {
		is_good = lists(d, oracle_entry(w->oracle, must->at[i])->name) ||
			  world_fail(w, "an edit does not list entry %d, which was seen",
			      must->at[i]);
	}
	replica_known(&c->r, &known);
	oracle_state(w->oracle, &known, &r, &state);
	for (size_t i = 0; i < state.n && is_good; i++) {
		is_good = oracle_list_has(must, state.at[i]) ||
			  !lists(d, oracle_entry(w->oracle, state.at[i])->name) ||
			  world_fail(w, "an edit lists entry %d, which was not seen",
			      state.at[i]);
	}
	oracle_list_free(&state);
	return is_good;
}

static bool
is_erased(struct world *w, const struct client *c, const struct place *p)
{
	const struct world_record *wr = &w->records[p->record];
	const struct tag of_record = oracle_subject(wr->scope, wr->person);
	const struct tag of_key = oracle_subject(wr->scope, p->key);
	struct batch_set known;

	replica_known(&c->r, &known);
	return (wr->has_person &&
		   oracle_has_grave(w->oracle, &known, wr->scope, &of_record)) ||
	       (p->has_key && oracle_has_grave(w->oracle, &known, wr->scope, &of_key));
}

/* --- saving --- */

static uint64_t
now_seconds(const struct world *w)
{
	const uint64_t right = 1790000000;

	switch (w->clock) {
	case CLOCK_RIGHT:
		return right + w->step;
	case CLOCK_1970:
		return w->step;
	case CLOCK_AHEAD:
		return right + 10 * 365 * 86400 + w->step;
	case CLOCK_BACKWARDS:
		return right - 1000 * w->step;
	case SIM_CLOCK_COUNT:
		break;
	}
	return right;
}

static struct value
draw_value(struct world *w, const struct place *p, const struct rng *r)
{
	struct value v = {.type = VALUE_INT, .number = 1 + rng_below(r, 4)};
	const uint64_t drawn = rng_u64(r);

	if (drawn % 10 == 0)
		return (struct value){.type = VALUE_EMPTY};
	if (p->field == FIELD_TEXT_ID && w->records[p->record].kind == WORLD_PROSE) {
		char *text = arena_text(w->kept, "text %u", (unsigned)(drawn >> 48));

		if (text == NULL || text_edit(span_text(text), &v, NULL) != ST_OK)
			abort();
	} else if (drawn % 10 < 3) {
		char *text = arena_text(w->kept, "v%u", (unsigned)(drawn >> 60));

		v = (struct value){.type = VALUE_TEXT, .bytes = span_text(text)};
	}
	return v;
}

/* Stores the dirty entry in the place of the one it replaces. */
static void
store_dirty(struct world *w, struct client *c, const struct place *p,
    const struct record_dirty *d, int entry)
{
	struct dirty_row *row = find_dirty(&c->r, p);
	struct seen_names *seen = arena_alloc(w->kept, d->n_seen * sizeof *seen);
	const bool is_second = row != NULL;

	assert(seen != NULL && c->r.n_dirty < REPLICA_DIRTY_MAX);
	if (row == NULL)
		row = &c->r.dirty[c->r.n_dirty++];
	if (d->n_seen > 0)
		memcpy(seen, d->seen, d->n_seen * sizeof *seen);
	*row = (struct dirty_row){(uint8_t)p->record, entry, *d};
	row->dirty.seen = seen;
	if (is_second && w->sabotage == SABOTAGE_SHORT_MEMORY)
		row->dirty.n_seen = 0;
	w->counts.edits++;
}

struct save {
	struct place place;
	struct value value;
	struct entry_name name;
	bool writes_equal;
};

static struct record_write
write_of(struct world *w, struct client *c, const struct save *s)
{
	c->clock = hlc_next(c->clock, now_seconds(w));
	return (struct record_write){
	    .field = s->place.field,
	    .has_key = s->place.has_key,
	    .key = s->place.key,
	    .value = s->value,
	    .name = s->name,
	    .time = c->clock,
	    .by = {1, c->device},
	    .writes_equal = s->writes_equal,
	};
}

static bool
keep(struct world *w, struct client *c, const struct place *p,
    const struct record_edit_result *got)
{
	const struct world_record *wr = &w->records[p->record];
	const struct oracle_record r = {wr->scope, wr->tag, wr->person};
	struct oracle_list must = {0};
	bool is_good = true;

	must_list(w, c, p, &must);
	is_good = listed_well(w, c, p, &got->dirty, &must);
	if (is_good) {
		int n = oracle_saved(w->oracle, &r, &got->dirty.entry, must.at, must.n);

		store_dirty(w, c, p, &got->dirty, n);
		world_say(w, "  saves entry %d in record %zu field %u key %llu", n,
		    p->record, p->field, (unsigned long long)p->key);
	}
	oracle_list_free(&must);
	return is_good;
}

static bool
save(struct world *w, struct client *c, const struct save *s)
{
	const struct world_view *v = world_view(w, c, s->place.record, 0);
	const struct record_write write = write_of(w, c, s);
	struct record_edit_result got;
	status st = record_edit(w->brief, &v->view, &write, &got, NULL);

	if (is_erased(w, c, &s->place))
		return st == ST_NOT_FOUND || world_fail(w, "an erased person was edited");
	if (st != ST_OK)
		return world_fail(w, "an edit answered %s", status_name(st));
	return !got.is_needed || keep(w, c, &s->place, &got);
}

bool
act_edit(struct world *w, struct client *c, const struct rng *r)
{
	const size_t n = rng_below(r, 4) == 0 ? 1 + rng_below(r, 3) : 1;
	struct save s = {.place = draw_place(w, r), .name = {rng_u64(r) | 1, 0}};

	for (size_t i = 0; i < n && c->r.n_dirty < REPLICA_DIRTY_MAX; i++) {
		s.value = draw_value(w, &s.place, r);
		s.writes_equal = rng_below(r, 4) == 0;
		if (!save(w, c, &s))
			return false;
		s.name.index += record_names_of(&s.value);
		if (s.place.has_key)
			s.place.key = 1 + rng_below(r, WORLD_PERSONS);
		else if (s.place.field != FIELD_TEXT_ID)
			s.place.field = (uint16_t)(1 + rng_below(r, w->profile->fields));
	}
	return true;
}

/* --- resolutions --- */

bool
act_show(struct world *w, struct client *c, const struct rng *r)
{
	const struct place p = draw_place(w, r);

	in_sight(w, c, &p, &c->form.names);
	c->form.is_open = true;
	c->form.record = (uint8_t)p.record;
	c->form.field = p.field;
	c->form.has_key = p.has_key;
	c->form.key = p.key;
	return true;
}

static size_t
shown_names(const struct world *w, const struct oracle_list *l, struct entry_name *out)
{
	for (size_t i = 0; i < l->n; i++)
		out[i] = oracle_entry(w->oracle, l->at[i])->name;
	return l->n;
}

static bool
resolve(struct world *w, struct client *c, const struct save *s)
{
	const struct world_view *v = world_view(w, c, s->place.record, 0);
	const struct record_write write = write_of(w, c, s);
	struct entry_name *names = arena_alloc(w->brief, c->form.names.n * sizeof *names);
	size_t n = shown_names(w, &c->form.names, names);
	struct oracle_list now = {0};
	struct record_edit_result got;
	status st = record_resolve(w->brief, &v->view, &write, n, names, &got, NULL);
	bool is_same;

	if (is_erased(w, c, &s->place))
		return st == ST_NOT_FOUND || st == ST_CHANGED ||
		       world_fail(w, "a mark of an erased person was settled");
	in_sight(w, c, &s->place, &now);
	is_same = oracle_list_equal(&now, &c->form.names);
	oracle_list_free(&now);
	if (!is_same) {
		w->counts.changed++;
		return st == ST_CHANGED ||
		       world_fail(
			   w, "siblings that changed were settled: %s", status_name(st));
	}
	if (st != ST_OK)
		return world_fail(w, "a resolution answered %s", status_name(st));
	w->counts.resolutions++;
	return keep(w, c, &s->place, &got);
}

bool
act_resolve(struct world *w, struct client *c, const struct rng *r)
{
	struct save s = {.name = {rng_u64(r) | 1, 0}};

	if (!c->form.is_open && !act_show(w, c, r))
		return false;
	if (c->r.n_dirty == REPLICA_DIRTY_MAX)
		return true;
	s.place =
	    (struct place){c->form.record, c->form.field, c->form.has_key, c->form.key};
	s.value = draw_value(w, &s.place, r);
	c->form.is_open = false;
	return resolve(w, c, &s);
}
