/* stays.c - reading marks, finding passages by their words, replacing them. Pure. */
#include "core/stays.h"

#include <stdlib.h>

#include "base/writer.h"

enum { MARK_BYTES = 2 /* "- " */ };

static status
no_memory(struct trouble *t)
{
	return trouble_set(t, ST_NO_MEMORY, "no memory for passages that stay");
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* ---- the form ---- */

struct span
stays_words(struct span text, struct arena *a)
{
	uint8_t *out = arena_alloc(a, text.len + 1);
	size_t n = 0;

	for (size_t i = 0; out != NULL && i < text.len; i++) {
		if (!is_space(text.bytes[i]))
			out[n++] = text.bytes[i];
		else if (n > 0 && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	if (n > 0 && out[n - 1] == ' ')
		n--;
	return span_of(out, n);
}

static struct span
next_line(struct span *rest)
{
	const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->bytes, '\n', rest->len);
	size_t len = end == NULL ? rest->len : (size_t)(end - rest->bytes);
	size_t used = len + (end != NULL);
	struct span line = span_of(rest->bytes, len);

	*rest = span_of(rest->bytes + used, rest->len - used);
	return line;
}

static bool
is_marked(struct span line, char mark)
{
	return line.len > MARK_BYTES && line.bytes[0] == (uint8_t)mark &&
	       line.bytes[1] == ' ';
}

static bool
has_passage(const struct stays *marks, struct span passage)
{
	for (size_t i = 0; i < marks->n; i++) {
		if (span_equal(marks->items[i].passage, passage))
			return true;
	}
	return false;
}

static status
read_mark(struct span first, struct span second, struct arena *a, struct stays *out,
    struct trouble *t)
{
	struct stay s;

	if (!is_marked(first, '-') || !is_marked(second, '+'))
		return trouble_set(t, ST_MALFORMED,
		    "a mark is a line with - and one with +, not something else");
	s.passage =
	    stays_words(span_of(first.bytes + MARK_BYTES, first.len - MARK_BYTES), a);
	s.replacement =
	    stays_words(span_of(second.bytes + MARK_BYTES, second.len - MARK_BYTES), a);
	if (s.passage.bytes == NULL || s.replacement.bytes == NULL)
		return no_memory(t);
	if (s.passage.len == 0 || s.replacement.len == 0)
		return trouble_set(t, ST_MALFORMED, "a mark says nothing");
	if (!has_passage(out, s.passage))
		out->items[out->n++] = s;
	return ST_OK;
}

status
stays_read(struct span marks, struct arena *a, struct stays *out, struct trouble *t)
{
	size_t n_lines = 1;
	status st = ST_OK;

	for (size_t i = 0; i < marks.len; i++)
		n_lines += marks.bytes[i] == '\n';
	*out = (struct stays){0, arena_zeros(a, n_lines, sizeof *out->items)};
	if (out->items == NULL)
		return no_memory(t);
	while (st == ST_OK && marks.len > 0) {
		struct span line = next_line(&marks);

		if (line.len > 0)
			st = read_mark(line, next_line(&marks), a, out, t);
	}
	return st;
}

struct span
stays_write(const struct stays *marks, struct arena *a)
{
	size_t room = 1;
	struct writer w;
	uint8_t *bytes;

	for (size_t i = 0; i < marks->n; i++)
		room += marks->items[i].passage.len + marks->items[i].replacement.len +
			2 * (MARK_BYTES + 1);
	bytes = arena_alloc(a, room);
	if (bytes == NULL)
		return span_of(NULL, 0);
	w = writer_of(bytes, room);
	for (size_t i = 0; i < marks->n; i++) {
		writer_bytes(&w, "- ", MARK_BYTES);
		writer_span(&w, marks->items[i].passage);
		writer_bytes(&w, "\n+ ", MARK_BYTES + 1);
		writer_span(&w, marks->items[i].replacement);
		writer_u8(&w, '\n');
	}
	return writer_done(&w);
}

/* ---- finding ---- */

/* Do the words stand at this place? *end is behind them. */
static bool
stands_at(struct span text, struct span passage, size_t at, size_t *end)
{
	for (size_t i = 0; i < passage.len; i++) {
		if (passage.bytes[i] != ' ') {
			if (at == text.len || text.bytes[at++] != passage.bytes[i])
				return false;
			continue;
		}
		if (at == text.len || !is_space(text.bytes[at]))
			return false;
		while (at < text.len && is_space(text.bytes[at]))
			at++;
	}
	*end = at;
	return true;
}

size_t
stays_find(struct span text, struct span passage, size_t from, size_t *end)
{
	for (size_t at = from; passage.len > 0 && at < text.len; at++) {
		if (stands_at(text, passage, at, end))
			return at;
	}
	return SIZE_MAX;
}

/* ---- replacing ---- */

struct match {
	size_t at, end;
	struct span replacement;
};

struct matches {
	size_t n, cap;
	struct match *items;
	struct arena *a;
};

static status
add_match(struct matches *m, struct match one, struct trouble *t)
{
	if (m->n == m->cap) {
		struct match *more;

		m->cap = m->cap == 0 ? 8 : m->cap * 2;
		more = arena_zeros(m->a, m->cap, sizeof *more);
		if (more == NULL)
			return no_memory(t);
		if (m->n > 0)
			memcpy(more, m->items, m->n * sizeof *more);
		m->items = more;
	}
	m->items[m->n++] = one;
	return ST_OK;
}

static status
find_all(struct span text, const struct stay *s, struct matches *m, struct trouble *t)
{
	size_t end = 0, at = stays_find(text, s->passage, 0, &end);
	status st = at == SIZE_MAX
			? trouble_set(t, ST_NOT_FOUND, "a passage is not there any more")
			: ST_OK;

	while (st == ST_OK && at != SIZE_MAX) {
		st = add_match(m, (struct match){at, end, s->replacement}, t);
		at = stays_find(text, s->passage, at + 1, &end);
	}
	return st;
}

/* By place; of those that begin together the longer one first. */
static int
compare_matches(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->end == y->end ? 0 : x->end > y->end ? -1 : 1;
}

static struct span
replace(struct span text, const struct matches *m)
{
	size_t room = text.len + 1, done = 0;
	struct writer w;
	uint8_t *bytes;

	for (size_t i = 0; i < m->n; i++)
		room += m->items[i].replacement.len + 1;
	bytes = arena_alloc(m->a, room);
	if (bytes == NULL)
		return span_of(NULL, 0);
	w = writer_of(bytes, room);
	for (size_t i = 0; i < m->n; i++) {
		const struct match *one = &m->items[i];

		if (i > 0 && one->end <= done)
			continue; /* inside of what is replaced already */
		if (one->at >= done)
			writer_bytes(&w, text.bytes + done, one->at - done);
		else
			writer_u8(&w, ' ');
		writer_span(&w, one->replacement);
		done = one->end;
	}
	writer_bytes(&w, text.bytes + done, text.len - done);
	return writer_done(&w);
}

status
stays_apply(struct span text, const struct stays *marks, struct arena *a,
    struct span *out, size_t *lost, struct trouble *t)
{
	struct matches m = {.a = a};
	size_t end;
	status st = ST_OK;

	for (size_t i = 0; i < marks->n; i++) {
		*lost = i;
		st = find_all(text, &marks->items[i], &m, t);
		if (st != ST_OK)
			return st;
	}
	if (m.n > 1)
		qsort(m.items, m.n, sizeof *m.items, compare_matches);
	*out = replace(text, &m);
	if (out->bytes == NULL)
		return no_memory(t);
	for (size_t i = 0; i < marks->n; i++) {
		*lost = i;
		if (stays_find(*out, marks->items[i].passage, 0, &end) != SIZE_MAX)
			return trouble_set(
			    t, ST_CHANGED, "a replacement brings a passage back");
	}
	return ST_OK;
}
