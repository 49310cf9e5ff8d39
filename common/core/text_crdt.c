/* text_crdt.c - the order of runs in a text (DESIGN 4.7). Pure.
 *
 * Every piece of a run (text_runs.c) is a node of a forest: left children, its
 * characters, right children; the rest of a cut run is a right child like any other. The
 * walk keeps its own stack, since a hostile set of runs may be as deep as it is long. */
#include "core/text_crdt.h"

#include <assert.h>
#include <stdlib.h>

#include "core/record_parts.h"
#include "core/run.h"
#include "core/text_runs.h"

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
	on = text_runs_find(nodes, v->parent);
	if (on == NULL || v->parent.index >= on->end) {
		node->is_guess = true;
		node->is_left = false;
	}
	if (on == NULL)
		return;
	node->parent = on;
	on->has_children = true;
	on->has_right = on->has_right || !node->is_left;
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

/* Runs of different edits on one side of one character, or beside the rest of its run:
 * their authors had not seen each other. */
static void
mark_besides(struct node *const *children, size_t n)
{
	struct node *last = NULL;

	for (size_t i = 0; i < n; i++) {
		struct node *node = children[i];

		if (node->is_guess || node->run.value.hollow > 0)
			continue;
		if (last != NULL && compare_places(last, node) == 0 &&
		    last->run.name.agent != node->run.name.agent)
			node->beside = last;
		last = node;
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
		qsort(sorted, nodes->n, sizeof(struct node *), compare_children);
	}
	mark_besides(sorted, nodes->n);
	*children = sorted;
	return true;
}

/* --- the walk
 * ---------------------------------------------------------------------------- */

static void
push_node(struct walk *w, struct node *node)
{
	if (node->is_walked)
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

/* A piece that goes on where the last part ends belongs to it. */
static void
emit(struct walk *w, struct node *node)
{
	struct span text = node->run.value.bytes;
	struct text_part *last = w->n_parts > 0 ? &w->parts[w->n_parts - 1] : NULL;
	uint32_t n = (uint32_t)(node->end - node->run.name.index);

	if (last == NULL || last->entry != node->entry ||
	    last->first.index + last->n != node->run.name.index) {
		last = &w->parts[w->n_parts++];
		*last = (struct text_part){.at = w->text_len,
		    .first = node->run.name,
		    .entry = node->entry,
		    .is_hollow = node->run.value.hollow > 0};
	}
	node->part = w->n_parts - 1;
	if (node->beside != NULL && node->beside->is_walked)
		last->beside = node->beside->part + 1;
	last->len += text.len;
	last->n += n;
	last->has_right = node->has_right;
	if (text.len > 0)
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

static int
compare_parts(const void *a, const void *b)
{
	const struct text_part *const *x = a;
	const struct text_part *const *y = b;

	return entry_name_compare((*x)->first, (*y)->first);
}

static const struct text_part **
sort_by_name(struct arena *a, const struct walk *w)
{
	const struct text_part **out =
	    arena_zeros(a, w->n_parts, sizeof(const struct text_part *));

	for (size_t i = 0; out != NULL && i < w->n_parts; i++)
		out[i] = &w->parts[i];
	if (out != NULL && w->n_parts > 1)
		qsort(out, w->n_parts, sizeof(const struct text_part *), compare_parts);
	return out;
}

status
text_read(struct arena *a, const struct record_cell *cell, struct text_state *out,
    struct trouble *t)
{
	struct nodes nodes;
	struct walk w = {.nodes = &nodes};
	struct text_repeat *repeats;
	const struct text_part **by_name;
	size_t n_repeats;

	if (!text_runs_cut(a, cell, &nodes, &n_repeats, &repeats) ||
	    !build_forest(a, &nodes, &w.children) || !prepare_walk(a, &w))
		return record_no_memory(t);
	walk_all(&w);
	by_name = sort_by_name(a, &w);
	if (by_name == NULL)
		return record_no_memory(t);
	*out = (struct text_state){.text = span_of(w.text, w.text_len),
	    .n_parts = w.n_parts,
	    .parts = w.parts,
	    .n_repeats = n_repeats,
	    .repeats = repeats,
	    .by_name = by_name};
	return ST_OK;
}

const struct text_part *
text_find(const struct text_state *s, struct entry_name name)
{
	size_t low = 0, high = s->n_parts;
	const struct text_part *p;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (entry_name_compare(s->by_name[mid]->first, name) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	p = low == 0 ? NULL : s->by_name[low - 1];
	return p != NULL && p->first.agent == name.agent &&
		       name.index - p->first.index < p->n
		   ? p
		   : NULL;
}

size_t
text_part_at(const struct text_state *s, size_t at)
{
	size_t low = 0, high = s->n_parts;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->parts[mid].at + s->parts[mid].len <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
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

size_t
text_gone_ranges(const struct body *b, uint16_t field, struct name_range *out)
{
	size_t n = record_hollow_names(b, out), kept = 0;

	for (size_t i = 0; i < b->n_gone; i++) {
		const struct gone *g = &b->gone[i];

		out[n++] = name_range_of(g->field, g->agent, g->first, g->count);
	}
	for (size_t i = 0; i < n; i++) {
		if (out[i].field == field)
			out[kept++] = out[i];
	}
	return names_join(out, kept);
}
