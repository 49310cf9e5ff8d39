/* text_hunks.c - tokens, and the shortest way from one row of tokens to another. Pure. */
#include "core/text_hunks.h"

#include <assert.h>

enum { EDITS_MAX = 1000, SENTENCE_BYTES_MAX = 1000 };

/* --- tokens ----------------------------------------------------------------------------
 */

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Punctuation of U+2000..U+206F, three bytes: quotes, dashes, the ellipsis. */
static bool
is_general_punctuation(struct span s, size_t at)
{
	return s.len - at >= 3 && s.bytes[at] == 0xE2 &&
	       (s.bytes[at + 1] == 0x80 || s.bytes[at + 1] == 0x81);
}

static bool
is_word(struct span s, size_t at)
{
	uint8_t c = s.bytes[at];

	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '_' ||
	       (c >= 0x80 && !is_general_punctuation(s, at));
}

/* Bytes of the word, the blanks or the one sign that begin there. */
static size_t
word_bytes(struct span s, size_t at)
{
	size_t end = at;

	if (is_word(s, at)) {
		while (end < s.len && is_word(s, end))
			end++;
		return end - at;
	}
	if (s.bytes[at] == '\n')
		return 1;
	while (end < s.len && is_blank(s.bytes[end]) && s.bytes[end] != '\n')
		end++;
	if (end > at)
		return end - at;
	return is_general_punctuation(s, at) ? 3 : 1;
}

static bool
is_point(struct span s, size_t at)
{
	uint8_t c = s.bytes[at];

	return c == '.' || c == '!' || c == '?' ||
	       (is_general_punctuation(s, at) && s.bytes[at + 1] == 0x80 &&
		   s.bytes[at + 2] == 0xA6);
}

static bool
closes(struct span s, size_t at)
{
	uint8_t c = s.bytes[at];

	if (c == 0xC2)
		return s.len - at >= 2 && s.bytes[at + 1] == 0xBB; /* U+00BB */
	return c == ')' || c == ']' || c == '"' || c == '\'' || is_point(s, at) ||
	       (is_general_punctuation(s, at) && s.bytes[at + 1] == 0x80 &&
		   s.bytes[at + 2] >= 0x98 && s.bytes[at + 2] <= 0x9F);
}

static size_t
sign_bytes(struct span s, size_t at)
{
	return s.bytes[at] == 0xC2 ? 2 : is_general_punctuation(s, at) ? 3 : 1;
}

/* Bytes up to the end of the sentence, without blanks after it. */
static size_t
sentence_bytes(struct span s, size_t at)
{
	size_t end = at;

	while (end < s.len && s.bytes[end] != '\n') {
		bool was_point = is_point(s, end);

		if (is_blank(s.bytes[end]) && end - at >= SENTENCE_BYTES_MAX)
			break;
		end += was_point ? sign_bytes(s, end) : 1;
		if (!was_point)
			continue;
		while (end < s.len && closes(s, end))
			end += sign_bytes(s, end);
		if (end == s.len || is_blank(s.bytes[end]))
			break;
	}
	return end - at;
}

status
text_sentences(struct arena *a, struct span text, size_t *n, struct text_sentence **out,
    struct trouble *t)
{
	size_t room = 0;

	for (int pass = 0; pass < 2; pass++) {
		size_t at = 0;

		*n = 0;
		while (at < text.len) {
			size_t end;

			if (is_blank(text.bytes[at])) {
				at++;
				continue;
			}
			end = at + sentence_bytes(text, at);
			if (pass == 1) {
				(*out)[*n] = (struct text_sentence){at, end};
				while (is_blank(text.bytes[(*out)[*n].end - 1]))
					(*out)[*n].end--;
			}
			(*n)++;
			at = end;
		}
		room = *n;
		if (pass == 0 && (*out = arena_zeros(a, room, sizeof **out)) == NULL)
			return trouble_set(t, ST_NO_MEMORY, "no memory for sentences");
	}
	return ST_OK;
}

/* --- rows of tokens
 * ----------------------------------------------------------------------
 */

struct token {
	size_t at, end;
	uint64_t hash;
};

struct row {
	struct span text;
	size_t n;
	struct token *tokens;
	bool *is_kept;
};

enum level { BY_SENTENCE, BY_WORD };

static uint64_t
hash_of(struct span s)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.bytes[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* A sentence takes the blanks after it along. */
static size_t
token_bytes(struct span s, size_t at, enum level level)
{
	size_t len;

	if (level == BY_WORD)
		return word_bytes(s, at);
	len = sentence_bytes(s, at);
	while (at + len < s.len && is_blank(s.bytes[at + len]))
		len++;
	return len;
}

static bool
make_row(struct arena *a, struct span whole, size_t from, size_t to, enum level level,
    struct row *out)
{
	size_t n = 0;

	*out = (struct row){.text = span_of(whole.bytes, to)};
	for (size_t at = from; at < to; at += token_bytes(out->text, at, level))
		n++;
	out->tokens = arena_zeros(a, n, sizeof *out->tokens);
	out->is_kept = arena_zeros(a, n, sizeof *out->is_kept);
	if (out->tokens == NULL || out->is_kept == NULL)
		return false;
	for (size_t at = from; at < to;) {
		size_t len = token_bytes(out->text, at, level);

		out->tokens[out->n++] =
		    (struct token){at, at + len, hash_of(span_of(whole.bytes + at, len))};
		at += len;
	}
	return true;
}

static bool
is_same(const struct row *x, size_t i, const struct row *y, size_t j)
{
	const struct token *s = &x->tokens[i], *r = &y->tokens[j];

	return s->hash == r->hash &&
	       span_equal(span_of(x->text.bytes + s->at, s->end - s->at),
		   span_of(y->text.bytes + r->at, r->end - r->at));
}

static void
keep(struct row *x, size_t i, struct row *y, size_t j)
{
	x->is_kept[i] = true;
	y->is_kept[j] = true;
}

/* --- Myers
 * -------------------------------------------------------------------------------
 */

/* The furthest x on each diagonal k after d edits, for all d: needed to walk back. */
struct trace {
	size_t d_max;
	int32_t **reach; /* reach[d] + d_max + 1 + k */
};

struct between {
	struct row *x, *y;
	size_t at_x, at_y; /* where the rows that differ begin */
	int32_t n, m;
};

/* One more edit on every diagonal; true once both ends are reached. */
static bool
advance(const struct between *b, int32_t *v, int32_t d)
{
	bool is_done = false;

	for (int32_t k = -d; k <= d && !is_done; k += 2) {
		bool down = k == -d || (k != d && v[k - 1] < v[k + 1]);
		int32_t i = down ? v[k + 1] : v[k - 1] + 1;
		int32_t j = i - k;

		assert(j >= 0);
		while (i < b->n && j < b->m &&
		       is_same(b->x, b->at_x + (size_t)i, b->y, b->at_y + (size_t)j)) {
			i++;
			j++;
		}
		v[k] = i;
		is_done = i >= b->n && j >= b->m;
	}
	return is_done;
}

static void
walk_back(const struct between *b, const struct trace *trace, int32_t d)
{
	int32_t i = b->n, j = b->m;

	for (; d >= 0; d--) {
		int32_t k = i - j, to_i = 0, to_j = 0;

		if (d > 0) {
			const int32_t *v = trace->reach[d - 1] + trace->d_max + 1;
			bool down = k == -d || (k != d && v[k - 1] < v[k + 1]);
			int32_t from = down ? k + 1 : k - 1;

			to_i = v[from];
			to_j = to_i - from;
		}
		while (i > to_i && j > to_j &&
		       is_same(b->x, b->at_x + (size_t)i - 1, b->y,
			   b->at_y + (size_t)j - 1)) {
			i--;
			j--;
			keep(b->x, b->at_x + (size_t)i, b->y, b->at_y + (size_t)j);
		}
		i = to_i;
		j = to_j;
	}
}

/* Marks what is kept; nothing if the rows differ too much. False when memory is out. */
static bool
find_kept(struct arena *a, const struct between *b)
{
	size_t most = (size_t)b->n + (size_t)b->m;
	struct trace trace = {.d_max = most < EDITS_MAX ? most : EDITS_MAX};
	size_t width = 2 * trace.d_max + 3;

	trace.reach = arena_zeros(a, trace.d_max + 1, sizeof(int32_t *));
	if (trace.reach == NULL)
		return false;
	for (size_t d = 0; d <= trace.d_max; d++) {
		int32_t *v = arena_zeros(a, width, sizeof *v);

		if (v == NULL)
			return false;
		if (d > 0)
			memcpy(v, trace.reach[d - 1], width * sizeof *v);
		trace.reach[d] = v;
		if (advance(b, v + trace.d_max + 1, (int32_t)d)) {
			walk_back(b, &trace, (int32_t)d);
			return true;
		}
	}
	return true;
}

/* What both rows begin and end with is kept without asking. */
static bool
compare_rows(struct arena *a, struct row *x, struct row *y)
{
	size_t head = 0, tail = 0;
	struct between b = {x, y, 0, 0, 0, 0};

	while (head < x->n && head < y->n && is_same(x, head, y, head)) {
		keep(x, head, y, head);
		head++;
	}
	while (tail < x->n - head && tail < y->n - head &&
	       is_same(x, x->n - 1 - tail, y, y->n - 1 - tail)) {
		keep(x, x->n - 1 - tail, y, y->n - 1 - tail);
		tail++;
	}
	b.at_x = b.at_y = head;
	b.n = (int32_t)(x->n - head - tail);
	b.m = (int32_t)(y->n - head - tail);
	return b.n == 0 || b.m == 0 || find_kept(a, &b);
}

/* --- hunks
 * -------------------------------------------------------------------------------
 */

struct hunks {
	struct arena *a;
	struct span old, new;
	size_t n, cap;
	struct text_hunk *items;
};

/* Two replacements with only a blank between them are one. */
static bool
goes_together(
    const struct hunks *h, const struct text_hunk *last, const struct text_hunk *next)
{
	for (size_t i = last->to; i < next->from; i++) {
		if (h->old.bytes[i] != ' ')
			return false;
	}
	return last->from < last->to && last->at < last->end && next->from < next->to &&
	       next->at < next->end;
}

static bool
push_hunk(struct hunks *h, struct text_hunk hunk)
{
	struct text_hunk *last = h->n == 0 ? NULL : &h->items[h->n - 1];

	if (last != NULL && goes_together(h, last, &hunk)) {
		last->to = hunk.to;
		last->end = hunk.end;
		return true;
	}
	if (h->n == h->cap) {
		size_t cap = h->cap == 0 ? 16 : 2 * h->cap;
		struct text_hunk *more = arena_zeros(h->a, cap, sizeof *more);

		if (more == NULL)
			return false;
		if (h->n > 0)
			memcpy(more, h->items, h->n * sizeof *more);
		h->items = more;
		h->cap = cap;
	}
	h->items[h->n++] = hunk;
	return true;
}

static bool compare_words(struct hunks *h, const struct text_hunk *between);

/* The stretches between what is kept. */
static bool
take_stretches(struct hunks *h, const struct row *x, const struct row *y,
    const struct text_hunk *in, enum level level)
{
	size_t i = 0, j = 0;
	struct text_hunk next = {in->from, in->from, in->at, in->at};

	for (;;) {
		while (i < x->n && !x->is_kept[i])
			next.to = x->tokens[i++].end;
		while (j < y->n && !y->is_kept[j])
			next.end = y->tokens[j++].end;
		if ((next.from < next.to || next.at < next.end) &&
		    !(level == BY_SENTENCE ? compare_words(h, &next)
					   : push_hunk(h, next)))
			return false;
		if (i == x->n || j == y->n)
			return true;
		next = (struct text_hunk){x->tokens[i].end, x->tokens[i].end,
		    y->tokens[j].end, y->tokens[j].end};
		i++;
		j++;
	}
}

static bool
compare_texts(struct hunks *h, const struct text_hunk *in, enum level level)
{
	struct row x, y;

	return make_row(h->a, h->old, in->from, in->to, level, &x) &&
	       make_row(h->a, h->new, in->at, in->end, level, &y) &&
	       compare_rows(h->a, &x, &y) && take_stretches(h, &x, &y, in, level);
}

static bool
compare_words(struct hunks *h, const struct text_hunk *between)
{
	if (between->from == between->to || between->at == between->end)
		return push_hunk(h, *between);
	return compare_texts(h, between, BY_WORD);
}

status
text_hunks(struct arena *a, struct span old, struct span new, size_t *n,
    struct text_hunk **out, struct trouble *t)
{
	struct hunks h = {.a = a, .old = old, .new = new};
	const struct text_hunk all = {0, old.len, 0, new.len};

	if (!compare_texts(&h, &all, BY_SENTENCE))
		return trouble_set(t, ST_NO_MEMORY, "no memory for a difference");
	*n = h.n;
	*out = h.items;
	return ST_OK;
}
