/* review_list.c - collects what is open: from the rolls, where joined entries are read
 * together, and from the list of conflicts for everything else. */
#include "client/actions/review.h"

#include "client/actions/documents.h"
#include "client/actions/finals.h"
#include "client/actions/spots.h"

#include <stdlib.h>

/* Grows in the arena. */
struct items {
	struct laptop *l;
	size_t n, cap;
	struct review_item *at;
};

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a review");
}

static struct review_item *
add_item(struct items *items, enum review_kind kind, size_t n_targets)
{
	struct arena *a = items->l->arena;
	struct review_item *item;

	if (items->n == items->cap) {
		size_t cap = items->cap == 0 ? 16 : items->cap * 2;
		struct review_item *more = arena_zeros(a, cap, sizeof *more);

		if (more == NULL)
			return NULL;
		if (items->n > 0)
			memcpy(more, items->at, items->n * sizeof *more);
		items->at = more;
		items->cap = cap;
	}
	item = &items->at[items->n];
	*item =
	    (struct review_item){.kind = kind, .activity = "", .young = "", .title = ""};
	item->targets = arena_zeros(a, n_targets, sizeof *item->targets);
	if (item->targets == NULL)
		return NULL;
	items->n++;
	return item;
}

/* ---- marks of a roll ---- */

/* The present sheet of a day; 0 if there is none. */
static status
sheet_rid(struct laptop *l, const struct rolls *r, uint8_t day_no, int64_t *rid)
{
	struct record_ref ref;
	status st = attendance_sheet(l, r, KIND_SHEET, day_no, &ref);

	return st != ST_OK ? st : record_find(l, &ref, rid);
}

static void
name_line(struct laptop *l, const struct rolls *r, size_t line, uint8_t day_no,
    struct review_item *item)
{
	const char *date = find_day_text(l, &r->activity, day_no);

	item->activity = arena_text(l->arena, "%s", r->activity.code);
	item->young = rolls_code(l, r, line);
	item->day_no = day_no;
	item->title = arena_text(l->arena, "%s · %zu %s · day %u%s%s", r->activity.code,
	    line + 1, rolls_name(l, r, line), day_no, *date == '\0' ? "" : ", ", date);
}

/* Which entries of a line an item is about: those with a mark, or one of them. */
struct place {
	const struct rolls *r;
	const struct finals *finals;
	size_t line;
	uint8_t day_no;
};

static status
add_mark(struct items *items, const struct place *p, enum review_kind kind,
    const struct roll_row *const *rows, size_t n)
{
	struct laptop *l = items->l;
	struct review_item *item = add_item(items, kind, n);
	int64_t rid = 0;
	status st = item == NULL ? no_memory(l) : sheet_rid(l, p->r, p->day_no, &rid);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (rolls_cell(p->r, rows[i]->person, p->day_no).values == 0 &&
		    kind == REVIEW_CONFLICT)
			continue;
		item->targets[item->n_targets++] = (struct review_target){.rid = rid,
		    .field = F_SHEET_MARKS,
		    .has_key = true,
		    .key = rows[i]->person.n};
	}
	if (st != ST_OK)
		return st;
	item->has_final = p->r->is_closed;
	for (size_t i = 0; i < n && item->final == MARK_NONE; i++)
		item->final = finals_mark(p->finals, rows[i]->person, p->day_no);
	name_line(l, p->r, p->line, p->day_no, item);
	return review_describe(l, item);
}

static status
review_place(struct items *items, const struct place *p)
{
	struct cell cell = p->r->view.lines[p->line].cells[p->day_no - 1];
	const struct roll_row **rows;
	size_t n;
	status st = rolls_entries(items->l, p->r, p->line, &rows, &n);

	if (st == ST_OK && cell_is_conflict(cell))
		return add_mark(items, p, REVIEW_CONFLICT, rows, n);
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (finals_is_late(p->finals, p->r, rows[i]->person, p->day_no))
			st = add_mark(items, p, REVIEW_LATE, &rows[i], 1);
	}
	return st;
}

/* ---- likely doubles ---- */

static struct review_choice
person_choice(struct laptop *l, const struct rolls *r, size_t line)
{
	return (struct review_choice){
	    .text = arena_text(l->arena, "%zu %s", line + 1, rolls_name(l, r, line)),
	    .member = rolls_code(l, r, line),
	    .name = ""};
}

static status
target_entry(
    struct laptop *l, const struct rolls *r, size_t line, struct review_target *t)
{
	struct person_id pid = rolls_pid(r, line);
	struct record_ref ref;
	status st = attendance_young(l, r, &pid, &ref);

	return st != ST_OK ? st : record_find(l, &ref, &t->rid);
}

static status
add_duplicate(struct items *items, const struct rolls *r, size_t line, size_t other)
{
	struct laptop *l = items->l;
	struct review_item *item = add_item(items, REVIEW_DUPLICATE, 2);
	status st = item == NULL ? no_memory(l) : ST_OK;

	if (st == ST_OK)
		st = target_entry(l, r, line, &item->targets[0]);
	if (st == ST_OK)
		st = target_entry(l, r, other, &item->targets[1]);
	if (st != ST_OK)
		return st;
	item->n_targets = 2;
	item->choices = arena_zeros(l->arena, 2, sizeof *item->choices);
	if (item->choices == NULL)
		return no_memory(l);
	item->n_choices = 2;
	item->choices[0] = person_choice(l, r, line);
	item->choices[1] = person_choice(l, r, other);
	item->of = schema_kind(KIND_YOUNG_PERSON);
	item->space = r->activity.space;
	item->activity = arena_text(l->arena, "%s", r->activity.code);
	item->title =
	    arena_text(l->arena, "%s · may be one person (V13)", r->activity.code);
	return ST_OK;
}

static status
review_pairs(struct items *items, struct rolls *r)
{
	struct person_finding *found;
	size_t n;
	status st = rolls_findings(items->l, r, &found, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (found[i].rule == 13)
			st = add_duplicate(items, r, found[i].line, found[i].other);
	}
	return st;
}

static status
review_roll(struct items *items, struct rolls *r)
{
	struct finals finals;
	struct place p = {.r = r, .finals = &finals};
	status st = finals_load(items->l, r, &finals);

	for (unsigned day = 1; st == ST_OK && day <= r->roll.days_planned; day++) {
		p.day_no = (uint8_t)day;
		for (p.line = 0; st == ST_OK && p.line < r->view.n_lines; p.line++)
			st = review_place(items, &p);
	}
	return st != ST_OK ? st : review_pairs(items, r);
}

/* ---- other fields ---- */

static bool
is_listed(const struct items *items, int64_t rid, uint16_t field, uint64_t key)
{
	for (size_t i = 0; i < items->n; i++) {
		for (size_t k = 0; k < items->at[i].n_targets; k++) {
			const struct review_target *t = &items->at[i].targets[k];

			if (t->rid == rid && t->field == field && t->key == key)
				return true;
		}
	}
	return false;
}

/* Bytes of a field that names something; false if it is not there. */
static bool
named_bytes(const struct loaded *x, const char *field, void *out, size_t len)
{
	const struct kind *k = schema_kind(x->ref.kind);
	const struct field *f = schema_field_named(k, span_text(field));
	const struct record_cell *cell = f == NULL ? NULL : record_field(&x->view, f->id);
	struct span bytes = {NULL, 0};

	if (cell != NULL && cell->entries[0].entry->value.type == VALUE_BYTES)
		bytes = cell->entries[0].entry->value.bytes;
	else if (cell == NULL && field_is_of_scope(k, f))
		bytes = scope_activity(&x->scope);
	if (bytes.len != len)
		return false;
	memcpy(out, bytes.bytes, len);
	return true;
}

/* "SK-W9 · Tadeáš Mráz", "practice GP01", "day" - as much as the record tells. */
static const char *
record_words(struct laptop *l, const struct rolls *rolls, size_t n_rolls,
    const struct loaded *x, struct review_item *item)
{
	struct record_id activity = {{0}};
	struct person_id pid;
	const char *code = find_code_of(l, x->ref.kind, &x->ref.name);

	if (*code != '\0')
		return arena_text(l->arena, "%s %s", item->of->singular, code);
	if (!named_bytes(x, "activity", activity.bytes, sizeof activity.bytes))
		return item->of->singular;
	item->activity = find_code_of(l, KIND_ACTIVITY, &activity);
	if (!named_bytes(x, "pid", pid.bytes, sizeof pid.bytes))
		return arena_text(
		    l->arena, "%s · %s", item->activity, item->of->singular);
	for (size_t i = 0; i < n_rolls; i++) {
		const struct rolls *r = &rolls[i];

		for (size_t k = 0; k < r->roll.n_rows; k++) {
			if (!ID_EQUAL(&r->pids[k], &pid) ||
			    !ID_EQUAL(&r->activity.name, &activity))
				continue;
			item->young = rolls_row_code(l, r, &r->roll.rows[k]);
			return arena_text(l->arena, "%s · %s", item->activity,
			    rolls_row_name(l, r, &r->roll.rows[k]));
		}
	}
	return item->activity;
}

/* A mark of an adult: title by list number, name and day, as of a young person. */
static status
name_adult(struct laptop *l, const struct loaded *x, struct review_item *item)
{
	const struct record_cell *day = record_field(&x->view, F_ADULT_SHEET_DAY_NO);
	struct activity a;
	struct rolls r;
	status st = find_activity(l, item->activity, &a);

	if (st == ST_OK)
		st = rolls_attend(l, &a, &r);
	for (size_t i = 0; st == ST_OK && day != NULL && i < r.view.n_lines; i++) {
		if (r.view.lines[i].row->person.n == item->targets[0].key)
			name_line(
			    l, &r, i, (uint8_t)day->entries[0].entry->value.number, item);
	}
	return st;
}

/* "SK-W9 · note on a day 1": whose text, what it is, the day if it has one. */
static const char *
text_words(struct laptop *l, const struct rolls *rolls, size_t n_rolls,
    const struct loaded *x, struct review_item *item)
{
	const char *whose = record_words(l, rolls, n_rolls, x, item);
	const struct field *day = schema_field_named(item->of, span_text("day_no"));
	const struct record_cell *cell =
	    day == NULL ? NULL : record_field(&x->view, day->id);
	const char *what = item->of->singular;

	if (*item->activity == '\0')
		return whose;
	whose = *item->young == '\0' ? item->activity : whose;
	if (cell == NULL || cell->entries[0].entry->value.type != VALUE_INT)
		return arena_text(l->arena, "%s · %s", whose, what);
	item->day_no = (uint8_t)cell->entries[0].entry->value.number;
	return arena_text(l->arena, "%s · %s %u", whose, what, item->day_no);
}

/* The hot spots of a text: items, unless it is one of a document, which has its own list
 * (review_texts.h). */
static status
add_text(struct items *items, const struct rolls *rolls, size_t n_rolls,
    const struct review_target *target, const struct loaded *x)
{
	struct laptop *l = items->l;
	const struct document_type *type = document_type_of_section(x->ref.kind);
	struct spot_place *places = NULL;
	size_t n = 0;
	status st = type != NULL && type->text == target->field
			? ST_OK
			: spots_open(l, x, target->field, &n, &places);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct review_item *item = add_item(items, REVIEW_TEXT, 1);

		if (item == NULL)
			return no_memory(l);
		item->targets[item->n_targets++] = *target;
		item->of = schema_kind(x->ref.kind);
		item->field = schema_field(item->of, target->field);
		item->space = x->scope.space;
		st = spot_describe(l, &places[i], item);
		item->title = arena_text(l->arena, "%s · hot spot %zu",
		    text_words(l, rolls, n_rolls, x, item), i + 1);
	}
	return st;
}

static status
add_other(struct items *items, const struct rolls *rolls, size_t n_rolls,
    const struct review_target *target)
{
	struct laptop *l = items->l;
	struct review_item *item = add_item(items, REVIEW_CONFLICT, 1);
	struct loaded *x = arena_zeros(l->arena, 1, sizeof *x);
	status st;

	if (item == NULL || x == NULL)
		return no_memory(l);
	item->targets[item->n_targets++] = *target;
	st = record_load(l, target->rid, l->arena, x);
	if (st == ST_OK)
		st = review_describe(l, item);
	if (st != ST_OK || item->field == NULL)
		return st;
	if (item->field->type == FIELD_LONGTEXT) {
		items->n--; /* not the text is an item: each of its hot spots is */
		return add_text(items, rolls, n_rolls, target, x);
	}
	item->title = arena_text(l->arena, "%s · %s",
	    record_words(l, rolls, n_rolls, x, item), item->field->name);
	return x->ref.kind == KIND_ADULT_SHEET && target->has_key &&
		       *item->activity != '\0'
		   ? name_adult(l, x, item)
		   : ST_OK;
}

static status
review_others(struct items *items, const struct rolls *rolls, size_t n_rolls)
{
	struct laptop *l = items->l;
	struct query *q = query_of(l->queries,
	    "SELECT record, field, key FROM r_conflict ORDER BY record, field, key");
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q)) {
		struct span key = query_column_span(q, 2);
		struct review_target t = {.rid = query_column_int(q, 0),
		    .field = (uint16_t)query_column_int(q, 1),
		    .has_key = key.len == 8,
		    .key = key.len == 8 ? get_u64(key.bytes) : 0};

		if (!is_listed(items, t.rid, t.field, t.key))
			st = add_other(items, rolls, n_rolls, &t);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
review_list(struct laptop *l, struct review_item **out, size_t *n)
{
	struct items items = {.l = l};
	struct rolls *rolls;
	size_t n_rolls = 0;
	status st = people_rolls(l, &rolls, &n_rolls);

	for (size_t i = 0; st == ST_OK && i < n_rolls; i++)
		st = review_roll(&items, &rolls[i]);
	if (st == ST_OK)
		st = review_others(&items, rolls, n_rolls);
	*out = items.at;
	*n = items.n;
	return st;
}
