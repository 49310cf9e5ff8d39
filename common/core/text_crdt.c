/* text_crdt.c - the order of runs in a text (DESIGN 4.7). Pure.
 *
 * Runs are cut before each character that has left children and after each that has right
 * children. Then every piece is a node of a forest: left children, its characters, right
 * children; the rest of a cut run is a right child like any other. The walk keeps its own
 * stack, since a hostile set of runs may be as deep as it is long. */
#include "core/text_crdt.h"

#include <assert.h>
#include <stdlib.h>

#include "core/record_parts.h"
#include "core/run.h"

struct node {
	struct entry run;
	const struct entry *entry; /* that it is a piece of */
	uint64_t end;              /* index past the last character */
	const struct node *parent; /* NULL: the root */
	bool is_left;
	bool is_guess;  /* its parent is not there: hangs on the nearest before it */
	bool is_whole;  /* the entry was not cut */
	bool is_repeat; /* an equal concurrent edit stands in the same place */
	bool is_walked;
	bool has_children;
};

struct nodes {
	size_t n;
	struct node *items; /* by name, no character twice */
};

struct task {
	struct node *node;
	bool emits; /* its left children are out */
};

struct walk {
	const struct nodes *nodes;
	struct node **children; /* by (parent, side, name) */
	size_t n_tasks;
	struct task *tasks;
	size_t n_parts;
	struct text_part *parts;
	size_t text_len;
	uint8_t *text;
};

size_t
text_length(struct span text)
{
	return run_chars(text);
}

/* --- pieces --------------------------------------------------------------------------
 */

static void
append_piece(struct nodes *to, const struct node *of, uint64_t first, uint64_t end)
{
	uint32_t start = of->run.name.index;

	to->items[to->n++] = (struct node){
	    .run =
		run_piece(&of->run, (uint32_t)(first - start), (uint32_t)(end - start)),
	    .entry = of->entry,
	    .end = end,
	    .is_whole = of->is_whole && first == start && end == of->end};
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
		struct node all = {.run = *e, .entry = e, .is_whole = true};
		uint64_t first = e->name.index;

		if (e->value.type != VALUE_RUN || e->value.bytes.len == 0)
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

/* The last node that begins at the name or before; NULL if there is none of its agent. */
static struct node *
find_node(const struct nodes *nodes, struct entry_name name)
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
static bool
cut_runs(struct arena *a, const struct nodes *runs, struct nodes *out)
{
	struct cut *cuts;
	size_t n_cuts, c = 0;

	if (!collect_cuts(a, runs, &n_cuts, &cuts))
		return false;
	*out = (struct nodes){0, arena_zeros(a, runs->n + n_cuts, sizeof(struct node))};
	if (out->items == NULL)
		return false;
	for (size_t i = 0; i < runs->n; i++) {
		const struct node *run = &runs->items[i];
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

/* --- the forest ------------------------------------------------------------------------
 */

static void
hang(const struct nodes *nodes, struct node *node)
{
	const struct value *v = &node->run.value;
	struct node *on;

	node->is_left = v->side == RUN_LEFT;
	if (v->parent.agent == 0)
		return;
	on = find_node(nodes, v->parent);
	if (on == NULL || v->parent.index >= on->end) {
		node->is_guess = true;
		node->is_left = false;
	}
	if (on == NULL)
		return;
	node->parent = on;
	on->has_children = true;
}

/* Nodes lie in an array by name, so addresses stand for names. */
static int
compare_addresses(const struct node *a, const struct node *b)
{
	return (a > b) - (a < b);
}

/* The root's children first; left before right. */
static int
compare_places(const struct node *a, const struct node *b)
{
	if (a->parent != b->parent)
		return a->parent == NULL || (b->parent != NULL && a->parent < b->parent)
			   ? -1
			   : 1;
	return (int)b->is_left - (int)a->is_left;
}

static int
compare_children(const void *a, const void *b)
{
	const struct node *const *x = a;
	const struct node *const *y = b;
	int order = compare_places(*x, *y);

	return order != 0 ? order : compare_addresses(*x, *y);
}

/* By place; there equal texts stand together, first those on which others hang. */
static int
compare_texts(const void *a, const void *b)
{
	const struct node *const *x = a;
	const struct node *const *y = b;
	int order = compare_places(*x, *y);

	if (order == 0)
		order = (int)(*y)->is_whole - (int)(*x)->is_whole;
	if (order == 0)
		order = span_compare((*x)->run.value.bytes, (*y)->run.value.bytes);
	if (order == 0)
		order = (int)(*y)->has_children - (int)(*x)->has_children;
	return order != 0 ? order : compare_addresses(*x, *y);
}

/* Equal concurrent edits count once: of whole runs with one text in one place, those on
 * which nothing hangs give way to the first. */
static void
mark_repeats(struct node **sorted, size_t n)
{
	for (size_t first = 0, i = 1; i < n; i++) {
		const struct node *a = sorted[first];
		struct node *b = sorted[i];

		if (compare_places(a, b) != 0 || !a->is_whole || !b->is_whole ||
		    !span_equal(a->run.value.bytes, b->run.value.bytes))
			first = i;
		else
			b->is_repeat =
			    !b->has_children && a->run.name.agent != b->run.name.agent;
	}
}

static bool
build_forest(struct arena *a, const struct nodes *nodes, struct node ***children)
{
	struct node **sorted = arena_zeros(a, nodes->n, sizeof(struct node *));

	if (sorted == NULL)
		return false;
	for (size_t i = 0; i < nodes->n; i++) {
		hang(nodes, &nodes->items[i]);
		sorted[i] = &nodes->items[i];
	}
	if (nodes->n > 1) {
		qsort(sorted, nodes->n, sizeof(struct node *), compare_texts);
		mark_repeats(sorted, nodes->n);
		qsort(sorted, nodes->n, sizeof(struct node *), compare_children);
	}
	*children = sorted;
	return true;
}

/* Runs of different edits on one side of one character, or beside the rest of its run:
 * their authors had not seen each other. */
static bool
has_hot_spot(struct node *const *children, size_t n)
{
	const struct node *last = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct node *node = children[i];

		if (node->is_repeat || node->is_guess)
			continue;
		if (last != NULL && compare_places(last, node) == 0 &&
		    last->run.name.agent != node->run.name.agent)
			return true;
		last = node;
	}
	return false;
}

/* --- the walk
 * ---------------------------------------------------------------------------- */

static void
push_node(struct walk *w, struct node *node)
{
	if (node->is_walked || node->is_repeat)
		return;
	node->is_walked = true;
	w->tasks[w->n_tasks++] = (struct task){node, false};
}

/* Position of the first child in that place. */
static size_t
find_children(const struct walk *w, const struct node *parent, bool is_left)
{
	struct node place = {.parent = parent, .is_left = is_left};
	size_t low = 0, high = w->nodes->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_places(w->children[mid], &place) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The last first, so that the first is on top of the stack. */
static void
push_children(struct walk *w, const struct node *parent, bool is_left)
{
	struct node place = {.parent = parent, .is_left = is_left};
	size_t first = find_children(w, parent, is_left), end = first;

	while (end < w->nodes->n && compare_places(w->children[end], &place) == 0)
		end++;
	while (end > first)
		push_node(w, w->children[--end]);
}

static void
emit(struct walk *w, const struct node *node)
{
	struct span text = node->run.value.bytes;

	if (w->n_parts > 0 && w->parts[w->n_parts - 1].entry == node->entry)
		w->parts[w->n_parts - 1].len += text.len;
	else
		w->parts[w->n_parts++] =
		    (struct text_part){w->text_len, text.len, node->entry};
	memcpy(w->text + w->text_len, text.bytes, text.len);
	w->text_len += text.len;
}

static void
walk_down(struct walk *w)
{
	while (w->n_tasks > 0) {
		struct task task = w->tasks[--w->n_tasks];

		if (task.emits) {
			emit(w, task.node);
			continue;
		}
		if (!task.node->has_children) {
			emit(w, task.node);
			continue;
		}
		push_children(w, task.node, false);
		w->tasks[w->n_tasks++] = (struct task){task.node, true};
		push_children(w, task.node, true);
	}
}

/* Room for every node once as itself and once as its characters. */
static bool
prepare_walk(struct arena *a, struct walk *w)
{
	size_t bytes = 0;

	for (size_t i = 0; i < w->nodes->n; i++)
		bytes += w->nodes->items[i].run.value.bytes.len;
	w->tasks = arena_zeros(a, w->nodes->n, 2 * sizeof *w->tasks);
	w->parts = arena_zeros(a, w->nodes->n, sizeof *w->parts);
	w->text = arena_alloc(a, bytes + 1);
	return w->tasks != NULL && w->parts != NULL && w->text != NULL;
}

static void
walk_all(struct walk *w)
{
	push_children(w, NULL, false);
	push_children(w, NULL, true);
	walk_down(w);
	/* What hangs on itself through others was not reached from the root. */
	for (size_t i = 0; i < w->nodes->n; i++) {
		push_node(w, &w->nodes->items[i]);
		walk_down(w);
	}
	assert(w->n_parts <= w->nodes->n);
	w->text[w->text_len] = 0;
}

status
text_read(struct arena *a, const struct record_cell *cell, struct text_state *out,
    struct trouble *t)
{
	struct nodes runs, nodes;
	struct walk w = {.nodes = &nodes};

	if (!collect_runs(a, cell, &runs) || !cut_runs(a, &runs, &nodes) ||
	    !build_forest(a, &nodes, &w.children) || !prepare_walk(a, &w))
		return record_no_memory(t);
	walk_all(&w);
	*out = (struct text_state){.text = span_of(w.text, w.text_len),
	    .n_parts = w.n_parts,
	    .parts = w.parts,
	    .has_hot_spot = has_hot_spot(w.children, nodes.n)};
	return ST_OK;
}

status
text_edit(struct span text, struct value *out, struct trouble *t)
{
	if (text.len > TEXT_BYTES_MAX)
		return trouble_set(t, ST_LIMIT, "a text has %zu bytes, more than %d",
		    text.len, TEXT_BYTES_MAX);
	*out = (struct value){.type = text.len == 0 ? VALUE_EMPTY : VALUE_RUN};
	if (text.len > 0) {
		out->bytes = text;
		out->side = RUN_RIGHT;
	}
	return ST_OK;
}
