/* text_runs.c - from entries to pieces of the tree: repeats are taken out, and runs are
 * cut before each character that has left children and after each that has right
 * children. Pure. */
#include "core/text_runs.h"

#include <stdlib.h>

#include "core/run.h"

/* Passes over runs that hang on repeats; what was saved in more pieces than this, equal
 * and apart, shows twice. */
enum { REPEAT_PASSES_MAX = 8 };

/* --- runs ------------------------------------------------------------------------------
 */

static void
append_piece(struct nodes *to, const struct node *of, uint64_t first, uint64_t end)
{
	uint32_t start = of->run.name.index;

	to->items[to->n++] = (struct node){
	    .run =
		run_piece(&of->run, (uint32_t)(first - start), (uint32_t)(end - start)),
	    .entry = of->entry,
	    .end = end};
}

static bool
is_legal_run(const struct value *v)
{
	return v->type == VALUE_RUN && (v->bytes.len > 0) != (v->hollow > 0);
}

/* The runs of a cell, which are sorted by (name, content). A character that is named
 * twice stays with the run that sorts first. */
static bool
collect_runs(struct arena *a, const struct record_cell *cell, struct nodes *out)
{
	size_t n = cell == NULL ? 0 : cell->n;

	*out = (struct nodes){0, arena_zeros(a, n, sizeof(struct node))};
	for (size_t i = 0; i < n && out->items != NULL; i++) {
		const struct entry *e = cell->entries[i].entry;
		const struct node *last = out->n == 0 ? NULL : &out->items[out->n - 1];
		struct node all = {.run = *e, .entry = e};
		uint64_t first = e->name.index;

		if (!is_legal_run(&e->value))
			continue;
		all.end = first + record_names_of(&e->value);
		if (last != NULL && last->run.name.agent == e->name.agent &&
		    last->end > first)
			first = last->end;
		if (first < all.end)
			append_piece(out, &all, first, all.end);
	}
	return out->items != NULL;
}

struct node *
text_runs_find(const struct nodes *nodes, struct entry_name name)
{
	size_t low = 0, high = nodes->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (entry_name_compare(nodes->items[mid].run.name, name) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0 || nodes->items[low - 1].run.name.agent != name.agent)
		return NULL;
	return &nodes->items[low - 1];
}

/* --- repeats ---------------------------------------------------------------------------
 */

/* What a run is a repeat of lies in its `parent` until the tree is built. */
static int
compare_texts(const void *a, const void *b)
{
	const struct node *const *x = a;
	const struct node *const *y = b;
	const struct value *v = &(*x)->run.value, *w = &(*y)->run.value;
	int order = entry_name_compare(v->parent, w->parent);

	if (order == 0)
		order = (int)v->side - (int)w->side;
	if (order == 0)
		order = span_compare(v->bytes, w->bytes);
	return order != 0 ? order : (*x > *y) - (*x < *y);
}

static bool
is_same_text(const struct node *a, const struct node *b)
{
	const struct value *v = &a->run.value, *w = &b->run.value;

	return entry_name_equal(v->parent, w->parent) && v->side == w->side &&
	       span_equal(v->bytes, w->bytes);
}

/* Marks the repeats among the shown runs; true if there are new ones. sorted: room. */
static bool
mark_repeats(struct nodes *runs, struct node **sorted)
{
	size_t n = 0, first = 0;
	bool found = false;

	for (size_t i = 0; i < runs->n; i++) {
		if (runs->items[i].parent == NULL && runs->items[i].run.value.hollow == 0)
			sorted[n++] = &runs->items[i];
	}
	if (n > 1)
		qsort(sorted, n, sizeof(struct node *), compare_texts);
	for (size_t i = 1; i < n; i++) {
		if (!is_same_text(sorted[first], sorted[i])) {
			first = i;
		} else if (sorted[first]->run.name.agent != sorted[i]->run.name.agent) {
			sorted[i]->parent = sorted[first];
			found = true;
		}
	}
	return found;
}

/* What hangs on a repeat hangs on what stands for it. */
static void
move_children(struct nodes *runs)
{
	for (size_t i = 0; i < runs->n; i++) {
		struct entry_name *on = &runs->items[i].run.value.parent;
		const struct node *of = on->agent == 0 ? NULL : text_runs_find(runs, *on);

		if (of == NULL || of->parent == NULL || on->index >= of->end)
			continue;
		*on = (struct entry_name){of->parent->run.name.agent,
		    of->parent->run.name.index + (on->index - of->run.name.index)};
	}
}

static const struct entry *
shown_for(const struct node *repeat)
{
	while (repeat->parent != NULL)
		repeat = repeat->parent;
	return repeat->entry;
}

/* Takes the repeats out of the runs. */
static bool
drop_repeats(
    struct arena *a, struct nodes *runs, size_t *n_repeats, struct text_repeat **repeats)
{
	struct node **sorted = arena_zeros(a, runs->n, sizeof(struct node *));
	size_t kept = 0;

	*n_repeats = 0;
	*repeats = NULL;
	if (sorted == NULL)
		return false;
	for (int pass = 0; pass < REPEAT_PASSES_MAX && mark_repeats(runs, sorted); pass++)
		move_children(runs);
	for (size_t i = 0; i < runs->n; i++)
		*n_repeats += runs->items[i].parent != NULL;
	if (*n_repeats == 0)
		return true;
	*repeats = arena_zeros(a, *n_repeats, sizeof **repeats);
	if (*repeats == NULL)
		return false;
	*n_repeats = 0;
	for (size_t i = 0; i < runs->n; i++) {
		const struct node *run = &runs->items[i];

		if (run->parent != NULL)
			(*repeats)[(*n_repeats)++] =
			    (struct text_repeat){run->entry, shown_for(run)};
	}
	for (size_t i = 0; i < runs->n; i++) {
		if (runs->items[i].parent == NULL)
			runs->items[kept++] = runs->items[i];
	}
	runs->n = kept;
	return true;
}

/* --- cuts ------------------------------------------------------------------------------
 */

/* A cut is named by the character after it. */
struct cut {
	uint64_t agent;
	uint64_t at;
};

static int
compare_cuts(const void *a, const void *b)
{
	const struct cut *x = a;
	const struct cut *y = b;

	if (x->agent != y->agent)
		return x->agent < y->agent ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static bool
collect_cuts(struct arena *a, const struct nodes *runs, size_t *n, struct cut **cuts)
{
	*cuts = arena_zeros(a, runs->n, sizeof **cuts);
	*n = 0;
	if (*cuts == NULL)
		return false;
	for (size_t i = 0; i < runs->n; i++) {
		const struct value *v = &runs->items[i].run.value;

		if (v->parent.agent != 0)
			(*cuts)[(*n)++] = (struct cut){v->parent.agent,
			    (uint64_t)v->parent.index + (v->side == RUN_RIGHT)};
	}
	if (*n > 1)
		qsort(*cuts, *n, sizeof **cuts, compare_cuts);
	return true;
}

/* Runs and cuts are in the same order: one pass over both. */
bool
text_runs_cut(struct arena *a, const struct record_cell *cell, struct nodes *out,
    size_t *n_repeats, struct text_repeat **repeats)
{
	struct nodes runs;
	struct cut *cuts;
	size_t n_cuts, c = 0;

	if (!collect_runs(a, cell, &runs) ||
	    !drop_repeats(a, &runs, n_repeats, repeats) ||
	    !collect_cuts(a, &runs, &n_cuts, &cuts))
		return false;
	*out = (struct nodes){0, arena_zeros(a, runs.n + n_cuts, sizeof(struct node))};
	if (out->items == NULL)
		return false;
	for (size_t i = 0; i < runs.n; i++) {
		const struct node *run = &runs.items[i];
		struct cut at = {run->run.name.agent, run->run.name.index};

		for (; c < n_cuts && cuts[c].agent <= at.agent; c++) {
			if (cuts[c].agent < at.agent || cuts[c].at <= at.at)
				continue;
			if (cuts[c].at >= run->end)
				break;
			append_piece(out, run, at.at, cuts[c].at);
			at.at = cuts[c].at;
		}
		append_piece(out, run, at.at, run->end);
	}
	return true;
}
