/* review.c - one item: its choices as they are now, and what a choice writes. How the
 * list comes about is in review_list.c, how it is remembered in review_memory.c. */
#include "client/actions/review.h"

#include "client/actions/spots.h"

#include <stdlib.h>

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a review");
}

/* ---- choices ---- */

static const char *
value_words(struct laptop *l, const struct field *f, const struct value *v)
{
	return v->type == VALUE_EMPTY ? "cleared" : form_text(l, f, v);
}

/* Who signed the op that says so; "" if it is in no batch of the server yet. */
static const char *
signer_of(struct laptop *l, const struct loaded *x, const struct record_entry *e)
{
	struct query *q;
	const char *member = "";

	if (e->op == NULL)
		return author_member(l, x->scope.as);
	q = query_of(
	    l->queries, "SELECT home, device FROM r_batch WHERE short = ? AND space = ?");
	query_blob(q, e->op->dot.batch.bytes, sizeof e->op->dot.batch.bytes);
	query_int(q, x->scope.space);
	if (query_row(q)) {
		const struct author signer = {
		    (uint16_t)query_column_int(q, 0), (uint16_t)query_column_int(q, 1)};

		member = author_member(l, signer);
	}
	(void)query_done(q, NULL);
	return member;
}

static struct review_choice
choice_of(struct laptop *l, const struct loaded *x, const struct field *f,
    const struct record_entry *of)
{
	const struct entry *e = of->entry;
	const char *member = author_member(l, e->by);

	return (struct review_choice){.value = e->value,
	    .text = value_words(l, f, &e->value),
	    .member = member,
	    .name = people_member_name(l, member),
	    .seconds = e->time.seconds,
	    .twin_signer = of->is_twin ? signer_of(l, x, of) : NULL,
	    .is_mine =
		e->by.home == x->scope.as.home && e->by.device == x->scope.as.device};
}

static int
compare_choices(const void *a, const void *b)
{
	const struct review_choice *x = a, *y = b;

	if (x->seconds != y->seconds)
		return x->seconds < y->seconds ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* Adds the different values of one target; the same value in two joined entries is one
 * choice. */
static status
add_choices(struct laptop *l, struct review_item *item, const struct loaded *x,
    const struct record_cell *cell)
{
	const struct record_entry **distinct =
	    arena_zeros(l->arena, cell->n, sizeof *distinct);
	size_t n = distinct == NULL ? 0 : record_distinct(cell, distinct);
	struct review_choice *more =
	    arena_zeros(l->arena, item->n_choices + n, sizeof *more);

	if (distinct == NULL || more == NULL)
		return no_memory(l);
	if (item->n_choices > 0)
		memcpy(more, item->choices, item->n_choices * sizeof *more);
	item->choices = more;
	for (size_t i = 0; i < n; i++) {
		const struct entry *e = distinct[i]->entry;
		bool is_known = false;

		for (size_t k = 0; k < item->n_choices; k++)
			is_known =
			    is_known || value_equal(&item->choices[k].value, &e->value);
		if (!is_known)
			item->choices[item->n_choices++] =
			    choice_of(l, x, item->field, distinct[i]);
	}
	return ST_OK;
}

static const struct record_cell *
cell_of_target(const struct loaded *x, const struct review_target *t)
{
	return record_cell_find(&x->view, t->field, t->has_key, t->key);
}

static status
load_target(struct laptop *l, const struct review_target *t, struct loaded **out)
{
	*out = arena_zeros(l->arena, 1, sizeof **out);
	return *out == NULL ? no_memory(l) : record_load(l, t->rid, l->arena, *out);
}

/* Takes the names of the entries that stand there now. */
static status
take_names(struct laptop *l, struct review_target *t, const struct record_cell *cell)
{
	t->n = 0;
	t->names = arena_zeros(l->arena, cell == NULL ? 0 : cell->n, sizeof *t->names);
	if (t->names == NULL)
		return no_memory(l);
	for (size_t i = 0; cell != NULL && i < cell->n; i++)
		t->names[t->n++] = cell->entries[i].entry->name;
	return ST_OK;
}

static status
put_final_first(struct laptop *l, struct review_item *item)
{
	struct review_choice *all =
	    arena_zeros(l->arena, item->n_choices + 1, sizeof *all);

	if (all == NULL)
		return no_memory(l);
	all[0].value = item->final == MARK_NONE ? (struct value){.type = VALUE_EMPTY}
						: value_int(item->final);
	all[0].text = value_words(l, item->field, &all[0].value);
	all[0].member = "";
	all[0].name = "as closed";
	if (item->n_choices > 0)
		memcpy(all + 1, item->choices, item->n_choices * sizeof *all);
	item->choices = all;
	item->n_choices++;
	return ST_OK;
}

status
review_describe(struct laptop *l, struct review_item *item)
{
	status st = ST_OK;

	item->n_choices = 0;
	for (size_t i = 0; st == ST_OK && i < item->n_targets; i++) {
		struct review_target *t = &item->targets[i];
		const struct record_cell *cell;
		struct loaded *x;

		st = load_target(l, t, &x);
		if (st != ST_OK)
			return st;
		item->of = schema_kind(x->ref.kind);
		item->field = schema_field(item->of, t->field);
		item->space = x->scope.space;
		cell = cell_of_target(x, t);
		st = take_names(l, t, cell);
		if (st == ST_OK && cell != NULL)
			st = add_choices(l, item, x, cell);
	}
	if (st == ST_OK && item->n_choices > 0)
		qsort(item->choices, item->n_choices, sizeof *item->choices,
		    compare_choices);
	if (st == ST_OK && item->kind == REVIEW_LATE)
		st = put_final_first(l, item);
	return st;
}

/* ---- changed since? ---- */

static bool
has_name(const struct review_target *t, struct entry_name name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (entry_name_equal(t->names[i], name))
			return true;
	}
	return false;
}

bool
review_is_changed(struct laptop *l, const struct review_item *item)
{
	for (size_t i = 0; i < item->n_targets; i++) {
		const struct review_target *t = &item->targets[i];
		const struct record_cell *cell;
		struct loaded *x;

		if (load_target(l, t, &x) != ST_OK)
			return true;
		cell = cell_of_target(x, t);
		if ((cell == NULL ? 0 : cell->n) != t->n)
			return true;
		for (size_t k = 0; cell != NULL && k < cell->n; k++) {
			if (!has_name(t, cell->entries[k].entry->name))
				return true;
		}
	}
	return false;
}

/* ---- settling ---- */

static status
bad_choice(struct laptop *l, const struct review_item *item, const char *word)
{
	(void)complain(l->complaint, PN_V03,
	    "'%.40s' is neither one of the %zu values shown nor another one", word,
	    item->n_choices);
	complain_next(l->complaint, "pnet review --list");
	return trouble_set(&l->trouble, ST_MALFORMED, "%s", l->complaint->why);
}

status
review_value(
    struct laptop *l, const struct review_item *item, const char *word, struct value *out)
{
	char *end = NULL;
	unsigned long n = strtoul(word, &end, 10);
	enum mark mark;

	if (*word >= '0' && *word <= '9' && *end == '\0') {
		if (n < 1 || n > item->n_choices)
			return bad_choice(l, item, word);
		*out = item->choices[n - 1].value;
		return ST_OK;
	}
	if (item->kind == REVIEW_TEXT) {
		*out = value_int(0);
		return strcmp(word, "now") == 0 ? ST_OK : bad_choice(l, item, word);
	}
	if (item->field->type != FIELD_MARKS)
		return form_value(l, item->space, item->field, word, out);
	if (!cell_parse(span_text(word), &mark))
		return bad_choice(l, item, word);
	*out = value_int(mark);
	return ST_OK;
}

/* take: number of a wording, 0 = as it stands. */
static status
take_wording(
    struct edit *e, struct laptop *l, const struct review_item *item, size_t take)
{
	status st = spot_settle(e, l, item->place, take);

	if (st == ST_CHANGED) {
		(void)complain(l->complaint, PN_C02, "the text is another by now");
		complain_next(l->complaint, "pnet review --list");
	}
	return st;
}

status
review_take(struct edit *e, struct laptop *l, const struct review_item *item,
    const struct value *value)
{
	status st = ST_OK;

	if (item->kind == REVIEW_TEXT)
		return take_wording(e, l, item, (size_t)value->number);
	for (size_t i = 0; st == ST_OK && i < item->n_targets; i++) {
		const struct review_target *t = &item->targets[i];
		struct loaded *x;

		st = load_target(l, t, &x);
		if (st == ST_OK)
			st = edit_resolve(e, &x->ref, t->field,
			    t->has_key ? &t->key : NULL, value, t->n, t->names);
	}
	return st;
}

status
review_join(
    struct edit *e, struct laptop *l, const struct review_item *item, unsigned keep)
{
	struct somebody from, into;
	status st = people_check_coordinator(l);

	if (st == ST_OK && (keep < 1 || keep > 2))
		return bad_choice(l, item, arena_text(l->arena, "%u", keep));
	if (st == ST_OK)
		st = people_one(l, item->activity, item->choices[2 - keep].member, &from);
	if (st == ST_OK)
		st = people_one(l, item->activity, item->choices[keep - 1].member, &into);
	return st != ST_OK ? st : people_join(e, l, &from, &into);
}
