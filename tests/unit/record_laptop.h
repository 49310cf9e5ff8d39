/* record_laptop.h - a laptop with one record, for the tests of core/record.h: ops it
 * holds, dirty entries, graves. Everything lives in the arena of the test. */
#ifndef TESTS_RECORD_LAPTOP_H
#define TESTS_RECORD_LAPTOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/erase.h"
#include "core/record.h"
#include "core/text_crdt.h"

enum { OPS_MAX = 800, DIRTY_MAX = 512, GRAVES_MAX = 16 };
enum { F_NAME = 1, F_HELD = 2, F_MARKS = 3, F_TEXT = 4 };

struct laptop {
	struct arena *a;
	uint64_t *fresh; /* shared source of agents, batch ids and times */
	struct record_limits limits;
	bool has_person;
	bool is_audit;
	size_t n_ops;
	struct record_op ops[OPS_MAX];
	size_t n_dirty;
	struct record_dirty dirty[DIRTY_MAX];
	size_t n_graves;
	struct grave graves[GRAVES_MAX];
	struct graves set;
	struct graves_in_scope in_scope;
	struct record_input input; /* of the last view */
	/* If set, each sealed body goes through it, as through a codec. */
	void (*recode)(struct arena *a, struct body *body);
};

/* A plain estimate that grows as the codec's figure does. */
static inline size_t
plain_size(const void *ctx, const struct body *b)
{
	size_t bytes = 40 + b->n_gone * 14;

	(void)ctx;
	for (size_t i = 0; i < b->n_entries; i++)
		bytes += 12 + b->entries[i].value.bytes.len;
	return bytes;
}

static const struct body_measure plain_measure = {plain_size, NULL, NULL};

static inline struct laptop *
laptop_new(struct arena *a, uint64_t *fresh)
{
	struct laptop *l = arena_zeros(a, 1, sizeof *l);

	assert_non_null(l);
	l->a = a;
	l->fresh = fresh;
	l->limits = record_limits_default;
	return l;
}

static inline struct laptop *
laptop_clone(const struct laptop *of)
{
	struct laptop *l = arena_zeros(of->a, 1, sizeof *l);

	assert_non_null(l);
	*l = *of;
	return l;
}

static inline void
set_grave(struct laptop *l, uint64_t key, enum grave_state state)
{
	for (size_t i = 0; i < l->n_graves; i++) {
		if (l->graves[i].person.n == key) {
			l->graves[i].state = state;
			return;
		}
	}
	assert_true(l->n_graves < GRAVES_MAX);
	l->graves[l->n_graves++] = (struct grave){1, {key}, state};
}

static inline struct record_view
view_of(struct laptop *l)
{
	struct record_view v;

	assert_int_equal(
	    graves_build(l->a, l->n_graves, l->graves, &l->set, NULL), ST_OK);
	l->in_scope = (struct graves_in_scope){&l->set, 1};
	l->input = (struct record_input){.kind = 7,
	    .has_person = l->has_person,
	    .person = {77},
	    .is_audit = l->is_audit,
	    .n_ops = l->n_ops,
	    .ops = l->ops,
	    .n_dirty = l->n_dirty,
	    .dirty = l->dirty,
	    .graves = graves_test(&l->in_scope)};
	assert_int_equal(record_view(l->a, &l->input, &v, NULL), ST_OK);
	return v;
}

static inline struct record_write
write_of(struct laptop *l, uint16_t field, uint64_t key, struct value value)
{
	uint64_t n = ++*l->fresh;

	return (struct record_write){.field = field,
	    .has_key = field == F_MARKS,
	    .key = key,
	    .value = value,
	    .name = {n * 0x9E3779B97F4A7C15U, 0},
	    .time = {1700000000 + n, 0},
	    .by = {1, 2}};
}

static inline struct value
number(uint64_t n)
{
	return (struct value){.type = VALUE_INT, .number = n};
}

/* What the replica does with a result: one dirty entry per field or map key. */
static inline void
store_dirty(struct laptop *l, const struct record_edit_result *r)
{
	size_t kept = 0;

	if (!r->is_needed)
		return;
	for (size_t i = 0; i < l->n_dirty; i++) {
		const struct entry *e = &l->dirty[i].entry;

		if (e->field != r->dirty.entry.field ||
		    (e->has_key && e->key != r->dirty.entry.key))
			l->dirty[kept++] = l->dirty[i];
	}
	assert_true(kept < DIRTY_MAX);
	l->dirty[kept++] = r->dirty;
	l->n_dirty = kept;
}

static inline bool
put_value(struct laptop *l, uint16_t field, uint64_t key, struct value value)
{
	struct record_view v = view_of(l);
	struct record_write w = write_of(l, field, key, value);
	struct record_edit_result r;

	assert_int_equal(record_edit(l->a, &v, &w, &r, NULL), ST_OK);
	store_dirty(l, &r);
	return r.is_needed;
}

static inline bool
put(struct laptop *l, uint16_t field, uint64_t n)
{
	return put_value(l, field, 0, number(n));
}

static inline bool
mark(struct laptop *l, uint64_t key, uint64_t n)
{
	return put_value(l, F_MARKS, key, number(n));
}

static inline void
write_text(struct laptop *l, const char *text)
{
	struct value value;

	assert_int_equal(text_edit(span_text(text), &value, NULL), ST_OK);
	(void)put_value(l, F_TEXT, 0, value);
}

static inline struct record_op *
find_op(struct laptop *l, const struct dot *dot)
{
	for (size_t i = 0; i < l->n_ops; i++) {
		if (dot_equal(&l->ops[i].dot, dot))
			return &l->ops[i];
	}
	return NULL;
}

/* Appends what was sealed as a pending op of a batch of its own. */
static inline struct record_op
store_sealing(struct laptop *l, const struct record_sealing *s)
{
	struct body *body = arena_zeros(l->a, 1, sizeof *body);
	struct record_op op = {.is_pending = true, .n_dots = s->n_dots, .dots = s->dots};

	assert_non_null(body);
	*body = s->body;
	if (l->recode != NULL)
		l->recode(l->a, body);
	op.body = body;
	op.sealed_bytes = plain_size(NULL, body) + 40;
	put_u64(op.dot.batch.bytes, ++*l->fresh * 0xC2B2AE3D27D4EB4FU);
	assert_true(l->n_ops < OPS_MAX);
	l->ops[l->n_ops++] = op;
	l->n_dirty = 0;
	return op;
}

static inline struct record_sealing
seal_only(struct laptop *l)
{
	struct record_view v = view_of(l);
	struct record_sealing s;

	assert_int_equal(
	    record_seal(l->a, &v, &l->limits, &plain_measure, &s, NULL), ST_OK);
	return s;
}

static inline struct record_op
seal(struct laptop *l)
{
	struct record_sealing s = seal_only(l);

	assert_true(s.is_needed);
	return store_sealing(l, &s);
}

static inline struct record_op
compact(struct laptop *l)
{
	const struct compaction how = {++*l->fresh, 0};
	struct record_view v = view_of(l);
	struct record_sealing s;

	assert_int_equal(
	    record_compact(l->a, &v, &l->limits, &plain_measure, &how, &s, NULL), ST_OK);
	assert_true(s.is_needed);
	return store_sealing(l, &s);
}

/* A pull shows the op. */
static inline void
deliver(struct laptop *l, struct record_op op)
{
	struct record_op *known = find_op(l, &op.dot);

	op.is_pending = false;
	if (known != NULL) {
		*known = op;
		return;
	}
	assert_true(l->n_ops < OPS_MAX);
	l->ops[l->n_ops++] = op;
}

static inline void
refuse(struct laptop *l, struct record_op op)
{
	struct record_op *known = find_op(l, &op.dot);

	if (known == NULL)
		fail_msg("the op to refuse is not there");
	else
		*known = l->ops[--l->n_ops];
}

/* A pull shows all pending ops, and that those superseded are gone. */
static inline void
pull_back(struct laptop *l)
{
	struct record_view v = view_of(l);
	struct record_op live[OPS_MAX];

	for (size_t i = 0; i < v.n_live; i++) {
		live[i] = *v.live[i];
		live[i].is_pending = false;
	}
	l->n_ops = v.n_live;
	memcpy(l->ops, live, v.n_live * sizeof *live);
}

/* The different values of a cell as "3|5", sorted by name; "" for none; "-" is empty. */
static inline const char *
shown(struct laptop *l, uint16_t field, uint64_t key)
{
	struct record_view v = view_of(l);
	const struct record_cell *cell =
	    record_cell_find(&v, field, field == F_MARKS, key);
	char *text = arena_text(l->a, "%s", "");

	for (size_t i = 0; cell != NULL && i < cell->n; i++) {
		const struct record_entry *e = &cell->entries[i];

		if (e->is_repeat)
			continue;
		if (e->entry->value.type == VALUE_EMPTY)
			text = arena_text(l->a, "%s%s-", text, i == 0 ? "" : "|");
		else
			text = arena_text(l->a, "%s%s%llu", text, i == 0 ? "" : "|",
			    (unsigned long long)e->entry->value.number);
	}
	assert_non_null(text);
	return text;
}

static inline size_t
count_shown(struct laptop *l, uint16_t field, uint64_t key)
{
	struct record_view v = view_of(l);
	const struct record_cell *cell =
	    record_cell_find(&v, field, field == F_MARKS, key);

	return cell == NULL ? 0 : cell->n_values;
}

static inline const char *
shown_text(struct laptop *l)
{
	struct record_view v = view_of(l);
	struct text_state state;

	assert_int_equal(text_read(l->a, record_field(&v, F_TEXT), &state, NULL), ST_OK);
	return (const char *)state.text.bytes;
}

/* Two laptops that have not met. */
struct fixture {
	struct arena *a;
	uint64_t fresh;
	struct laptop *ann, *ben;
};

static inline int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (f == NULL)
		return -1;
	f->a = arena_new(0);
	f->ann = laptop_new(f->a, &f->fresh);
	f->ben = laptop_new(f->a, &f->fresh);
	*state = f;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->a);
	free(f);
	return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
