/* text_laptop.h - texts on the laptops of record_laptop.h: saving an edit, spots,
 * settling. */
#ifndef TESTS_TEXT_LAPTOP_H
#define TESTS_TEXT_LAPTOP_H

#include "core/text_diff.h"
#include "record_laptop.h"

struct opened {
	struct record_view view;
	const struct record_cell *cell;
	struct text_state state;
};

static inline struct opened
open_text(struct laptop *l)
{
	struct opened o = {.view = view_of(l)};

	o.cell = record_field(&o.view, F_TEXT);
	assert_int_equal(text_read(l->a, o.cell, &o.state, NULL), ST_OK);
	return o;
}

/* What the replica does with a change: one row an entry, the first with the names. */
static inline void
store_change(struct laptop *l, const struct text_change *c, struct entry_name name,
    struct author by)
{
	for (size_t i = 0; i < c->n_values; i++) {
		struct record_dirty *d = &l->dirty[l->n_dirty++];

		assert_true(l->n_dirty <= DIRTY_MAX);
		*d =
		    (struct record_dirty){.entry = {.name = name,
					      .field = F_TEXT,
					      .time = {1700000000 + name.agent % 1000, 0},
					      .by = by,
					      .value = c->values[i]}};
		if (i == 0) {
			d->n_seen = c->n_seen;
			d->seen = c->seen;
		}
		name.index += record_names_of(&c->values[i]);
	}
}

static inline struct entry_name
fresh_name(struct laptop *l)
{
	return (struct entry_name){++*l->fresh * 0x9E3779B97F4A7C15U, 0};
}

/* Saves what was opened before, perhaps before something came in. */
static inline void
save_opened(struct laptop *l, const struct opened *o, const char *text, struct author by)
{
	struct entry_name name = fresh_name(l);
	struct text_change c;

	assert_int_equal(
	    text_diff(l->a, o->cell, &o->state, span_text(text), name, &c, NULL), ST_OK);
	store_change(l, &c, name, by);
}

static inline void
save_text(struct laptop *l, const char *text, struct author by)
{
	struct opened o = open_text(l);

	save_opened(l, &o, text, by);
}

static inline struct text_spots
spots_of(struct laptop *l)
{
	struct opened o = open_text(l);
	struct text_spots spots;

	assert_int_equal(text_spots(l->a, o.cell, &o.state, &spots, NULL), ST_OK);
	return spots;
}

static inline void
settle_spot(struct laptop *l, size_t i, struct author by)
{
	struct opened o = open_text(l);
	struct entry_name name = fresh_name(l);
	struct text_spots spots;
	struct text_change c;

	assert_int_equal(text_spots(l->a, o.cell, &o.state, &spots, NULL), ST_OK);
	assert_true(i < spots.n);
	assert_int_equal(text_settle(l->a, &o.state, &spots.items[i], &c, NULL), ST_OK);
	store_change(l, &c, name, by);
}

#endif
