/* history_texts.c - saved edits of the texts of a record: what each brought that is still
 * there, and what it took out as far as this laptop saw it. */
#include <stdlib.h>

#include "client/actions/history_texts.h"
#include "client/laptop/stored.h"
#include "core/run.h"

/* An entry of an edit, a piece of a run of it that is out again, or words that it took
 * out. */
struct trace {
	struct entry entry;
	bool is_words, is_lost;
};

struct telling {
	struct laptop *l;
	const struct story_record *record;
	const struct field *field;
	size_t n, cap;
	struct trace *traces;
	struct text_edits *out;
};

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a history");
}

static status
add_trace(struct telling *t, const struct entry *e, bool is_words, bool is_lost)
{
	struct arena *a = t->l->arena;

	if (t->n == t->cap) {
		size_t cap = t->cap == 0 ? 64 : 2 * t->cap;
		struct trace *more = arena_zeros(a, cap, sizeof *more);

		if (more == NULL)
			return no_memory(t->l);
		if (t->n > 0)
			memcpy(more, t->traces, t->n * sizeof *more);
		t->traces = more;
		t->cap = cap;
	}
	t->traces[t->n++] = (struct trace){*e, is_words, is_lost};
	return ST_OK;
}

static status
add_entries(struct telling *t, const struct record_cell *cell)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && cell != NULL && i < cell->n; i++)
		st = add_trace(t, cell->entries[i].entry, false, false);
	return st;
}

static status
add_past(struct telling *t)
{
	struct laptop *l = t->l;
	struct query *q = query_of(l->queries,
	    "SELECT entry FROM r_history WHERE record = ? AND field = ? ORDER BY id");
	status st = ST_OK, end;

	query_int(q, t->record->loaded->rid);
	query_int(q, t->field->id);
	while (st == ST_OK && query_row(q)) {
		struct span blob = arena_copy(l->arena, query_column_span(q, 0));
		struct entry e;

		st = stored_entry_read(blob, &e, &l->trouble);
		if (st == ST_OK)
			st = add_trace(
			    t, &e, e.value.type == VALUE_TEXT, e.value.type == VALUE_RUN);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static int
compare_traces(const void *a, const void *b)
{
	const struct trace *x = a, *y = b;
	int order = entry_name_compare(x->entry.name, y->entry.name);

	if (order == 0)
		order = (int)x->is_words - (int)y->is_words;
	/* A piece that is lost says more than its hollow rest. */
	return order != 0 ? order : (int)y->is_lost - (int)x->is_lost;
}

static struct text_edit *
new_edit(struct telling *t)
{
	struct text_edits *out = t->out;

	if (out->n == out->cap) {
		size_t cap = out->cap == 0 ? 64 : 2 * out->cap;
		struct text_edit *more = arena_zeros(t->l->arena, cap, sizeof *more);

		if (more == NULL)
			return NULL;
		if (out->n > 0)
			memcpy(more, out->items, out->n * sizeof *more);
		out->items = more;
		out->cap = cap;
	}
	return &out->items[out->n++];
}

/* Words behind those that are there: of one run, or of another place. */
static const char *
join(struct telling *t, const char *before, struct span words, bool goes_on)
{
	return arena_text(t->l->arena, "%s%s%.*s", before,
	    *before == '\0' || goes_on ? "" : " ... ", (int)words.len,
	    (const char *)words.bytes);
}

/* Traces from..to-1 are those of one edit, by name. */
static status
tell_edit(struct telling *t, size_t from, size_t to)
{
	struct text_edit *e = new_edit(t);
	uint64_t end = 0;

	if (e == NULL)
		return no_memory(t->l);
	*e = (struct text_edit){
	    .entry = t->traces[from].entry, .came = "", .gone = "", .is_out = true};
	for (size_t i = from; i < to; i++) {
		const struct trace *x = &t->traces[i];
		const struct value *v = &x->entry.value;

		if (x->is_words) {
			e->gone = join(t, e->gone, v->bytes, false);
		} else if (v->type == VALUE_RUN && v->hollow > 0) {
			e->is_faded = true;
		} else if (v->type == VALUE_RUN && x->entry.name.index >= end) {
			e->came = join(t, e->came, v->bytes,
			    x->entry.name.index == end && run_goes_on(&x->entry));
			e->is_faded = e->is_faded || x->is_lost;
			e->is_out = e->is_out && x->is_lost;
			end = (uint64_t)x->entry.name.index + record_names_of(v);
		}
	}
	e->is_out = e->is_out && e->is_faded;
	return ST_OK;
}

static status
tell_field(struct telling *t)
{
	const struct record_cell *cell =
	    record_field(&t->record->loaded->view, t->field->id);
	size_t to;
	status st = add_entries(t, cell);

	if (st == ST_OK)
		st = add_past(t);
	if (t->n > 1)
		qsort(t->traces, t->n, sizeof *t->traces, compare_traces);
	for (size_t i = 0; st == ST_OK && i < t->n; i = to) {
		for (to = i + 1; to < t->n; to++) {
			if (t->traces[to].entry.name.agent !=
			    t->traces[i].entry.name.agent)
				break;
		}
		st = tell_edit(t, i, to);
	}
	return st;
}

status
history_texts(struct laptop *l, const struct story_record *r, struct text_edits *out)
{
	status st = ST_OK;

	*out = (struct text_edits){0};
	for (size_t i = 0; st == ST_OK && i < r->kind->n_fields; i++) {
		struct telling t = {
		    .l = l, .record = r, .field = &r->kind->fields[i], .out = out};

		if (t.field->type == FIELD_LONGTEXT)
			st = tell_field(&t);
	}
	return st;
}
