/* text_kept.c - what is kept of a saved edit of a text. Pure. */
#include "core/text_kept.h"

#include "core/record_parts.h"
#include "core/run.h"

/* ---- lists ---- */

static bool
make_room(struct arena *a, struct text_pieces *in)
{
	size_t cap = in->cap == 0 ? 8 : 2 * in->cap;
	struct text_piece *more;

	if (in->n < in->cap)
		return true;
	more = arena_zeros(a, cap, sizeof *more);
	if (more == NULL)
		return false;
	if (in->n > 0)
		memcpy(more, in->items, in->n * sizeof *more);
	in->items = more;
	in->cap = cap;
	return true;
}

bool
kept_push(struct arena *a, struct text_pieces *to, const struct text_piece *piece)
{
	if (!make_room(a, to))
		return false;
	to->items[to->n++] = *piece;
	return true;
}

static bool
holds(const struct text_piece *p, struct entry_name name)
{
	return p->first.agent == name.agent && name.index >= p->first.index &&
	       name.index - p->first.index < p->n;
}

struct text_piece *
kept_find(const struct text_pieces *in, struct entry_name name)
{
	for (size_t i = 0; i < in->n; i++) {
		if (holds(&in->items[i], name))
			return &in->items[i];
	}
	return NULL;
}

bool
kept_cut(struct arena *a, struct text_pieces *in, uint64_t agent, uint64_t at)
{
	for (size_t i = 0; i < in->n; i++) {
		struct text_piece *p = &in->items[i], *rest;
		uint32_t k = (uint32_t)(at - p->first.index);
		size_t bytes;

		if (p->first.agent != agent || at <= p->first.index ||
		    at - p->first.index >= p->n)
			continue;
		if (!make_room(a, in))
			return false;
		p = &in->items[i];
		rest = p + 1;
		memmove(rest + 1, rest, (in->n - i - 1) * sizeof *rest);
		in->n++;
		bytes = run_bytes(p->text, k);
		*rest = *p;
		rest->first.index += k;
		rest->n -= k;
		rest->text = span_of(p->text.bytes + bytes, p->text.len - bytes);
		p->n = k;
		p->text.len = bytes;
		return true;
	}
	return true;
}

bool
kept_lives(
    const struct record_cell *cell, struct entry_name name, const struct entry **entry)
{
	size_t low = 0, high = cell == NULL ? 0 : cell->n;
	const struct entry *e;

	*entry = NULL;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (entry_name_compare(cell->entries[mid].entry->name, name) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	e = low == 0 ? NULL : cell->entries[low - 1].entry;
	if (e == NULL || e->value.type != VALUE_RUN || e->name.agent != name.agent ||
	    name.index - e->name.index >= record_names_of(&e->value))
		return false;
	*entry = e;
	return e->value.hollow == 0;
}

/* ---- keeping ---- */

/* The shown part of a run that begins with the character, at most so many of it. A piece
 * that stops where the run is cut, or at a character that is gone: n 0. */
struct text_piece
kept_shown(const struct text_state *s, struct entry_name name, uint32_t most)
{
	const struct text_part *p = text_find(s, name);
	struct text_piece out = {.first = name, .n = 1};
	uint32_t k;
	size_t at;

	if (p == NULL)
		return (struct text_piece){.n = 1};
	k = name.index - p->first.index;
	out.n = p->n - k < most ? p->n - k : most;
	if (p->is_hollow)
		return (struct text_piece){.n = out.n};
	at = p->at + run_bytes(span_of(s->text.bytes + p->at, p->len), k);
	out.text = span_of(s->text.bytes + at, p->at + p->len - at);
	out.text.len = run_bytes(out.text, out.n);
	return out;
}

/* Does another author's equal run stand behind the character? */
static bool
is_repeated(const struct text_state *s, struct entry_name name)
{
	for (size_t i = 0; i < s->n_repeats; i++) {
		const struct entry *e = s->repeats[i].shown;

		if (e->name.agent == name.agent && name.index >= e->name.index &&
		    name.index - e->name.index < record_names_of(&e->value))
			return true;
	}
	return false;
}

/* What was brought by this very edit was never there for anybody. */
static bool
forget_own(struct arena *a, struct text_pieces *came, const struct text_piece *p)
{
	struct text_piece *own;

	if (!kept_cut(a, came, p->first.agent, p->first.index) ||
	    !kept_cut(a, came, p->first.agent, (uint64_t)p->first.index + p->n))
		return false;
	own = kept_find(came, p->first);
	if (own != NULL) {
		memmove(own, own + 1,
		    (size_t)(came->items + came->n - own - 1) * sizeof *own);
		came->n--;
	}
	return true;
}

/* Only what was shown when the edit was saved: the rest somebody else had taken out. */
static bool
keep_gone(struct arena *a, const struct text_state *now, const struct seen_names *seen,
    uint64_t killer, struct text_kept *io)
{
	for (uint64_t k = 0; k < seen->count;) {
		struct entry_name name = {seen->agent, (uint32_t)(seen->first + k)};
		struct text_piece p = kept_shown(now, name, seen->count - (uint32_t)k);

		k += p.n;
		if (p.text.len == 0)
			continue;
		p.killer = killer;
		p.is_shared = is_repeated(now, name);
		if (seen->agent == killer ? !forget_own(a, &io->came, &p)
					  : !kept_push(a, &io->went, &p))
			return false;
	}
	return true;
}

status
text_keep(struct arena *a, const struct text_state *now, const struct text_change *change,
    struct entry_name name, struct text_kept *io, struct trouble *t)
{
	for (size_t i = 0; i < change->n_seen; i++) {
		if (!keep_gone(a, now, &change->seen[i], name.agent, io))
			return record_no_memory(t);
	}
	for (size_t i = 0; i < change->n_values; i++) {
		const struct value *v = &change->values[i];
		struct text_piece p = {
		    .first = name, .n = record_names_of(v), .text = v->bytes};

		if (v->type == VALUE_RUN && !kept_push(a, &io->came, &p))
			return record_no_memory(t);
		name.index += p.n;
	}
	return ST_OK;
}

/* ---- what others took out too ---- */

static bool
knows_agent(const struct body *b, uint64_t agent)
{
	for (size_t i = 0; i < b->n_entries; i++) {
		if (b->entries[i].name.agent == agent)
			return true;
	}
	for (size_t i = 0; i < b->n_gone; i++) {
		if (b->gone[i].agent == agent)
			return true;
	}
	return false;
}

/* What a body says is gone of a list that our edit `killer` took out. */
static bool
note_range(struct arena *a, struct text_pieces *in, uint64_t killer,
    const struct name_range *gone, bool *is_news)
{
	if (!kept_cut(a, in, gone->agent, gone->first) ||
	    !kept_cut(a, in, gone->agent, gone->end))
		return false;
	for (size_t i = 0; i < in->n; i++) {
		struct text_piece *p = &in->items[i];

		if (p->killer != killer || p->is_gone || p->first.agent != gone->agent ||
		    p->first.index < gone->first || p->first.index >= gone->end)
			continue;
		p->is_gone = true;
		*is_news = true;
	}
	return true;
}

static bool
touches(const struct text_piece *p, const struct name_range *gone)
{
	return gone->agent == p->first.agent &&
	       gone->first < (uint64_t)p->first.index + p->n &&
	       gone->end > p->first.index;
}

static bool
note_list(struct arena *a, struct text_pieces *in, const struct body *b, size_t n,
    const struct name_range *gone, bool *is_news)
{
	uint64_t last = 0;
	bool knows = true;

	for (size_t i = 0; i < in->n; i++) {
		uint64_t killer = in->items[i].killer;

		if (killer == 0 || in->items[i].is_gone)
			continue;
		if (killer != last)
			knows = knows_agent(b, killer);
		last = killer;
		for (size_t k = 0; k < n && !knows; k++) {
			if (touches(&in->items[i], &gone[k]) &&
			    !note_range(a, in, killer, &gone[k], is_news))
				return false;
		}
	}
	return true;
}

status
text_note_gone(struct arena *a, const struct record_view *v, uint16_t field, size_t n,
    struct text_kept *all, bool *is_news, struct trouble *t)
{
	const struct record_input *in = v->input;

	*is_news = false;
	for (size_t i = 0; i < in->n_ops; i++) {
		const struct body *b = in->ops[i].body;
		struct name_range *gone =
		    arena_zeros(a, b->n_entries + b->n_gone, sizeof *gone);
		size_t n_gone;

		if (gone == NULL)
			return record_no_memory(t);
		n_gone = text_gone_ranges(b, field, gone);
		for (size_t k = 0; n_gone > 0 && k < 2 * n; k++) {
			if (!note_list(a, kept_list(all, k), b, n_gone, gone, is_news))
				return record_no_memory(t);
		}
	}
	return ST_OK;
}

/* ---- questions ---- */

bool
text_is_all_of(const struct record_cell *cell, const struct text_kept *kept)
{
	for (size_t i = 0; i < cell->n; i++) {
		const struct entry *e = cell->entries[i].entry;
		uint32_t n = record_names_of(&e->value);

		if (e->value.type != VALUE_RUN || e->value.hollow > 0)
			continue;
		for (uint32_t k = 0; k < n;) {
			struct entry_name name = {e->name.agent, e->name.index + k};
			const struct text_piece *p = kept_find(&kept->came, name);

			if (p == NULL)
				return false;
			k += p->n - (name.index - p->first.index);
		}
	}
	return true;
}
