/* text_spots.c - finds what nobody has seen as it stands, and what somebody wrote that is
 * no longer there. Pure. */
#include "core/text_spots.h"

#include <stdlib.h>

#include "core/record_parts.h"
#include "core/run.h"
#include "core/text_leave.h"

/* --- passages
 * ----------------------------------------------------------------------------
 */

/* Where a character is, or was. */
static size_t
offset_of(const struct text_state *s, struct entry_name name)
{
	const struct text_part *p = text_find(s, name);

	for (size_t i = 0; p == NULL && i < s->n_repeats; i++) {
		const struct entry *e = s->repeats[i].entry;
		uint32_t k = name.index - e->name.index;

		if (e->name.agent == name.agent && name.index >= e->name.index &&
		    k < record_names_of(&e->value)) {
			name = s->repeats[i].shown->name;
			name.index += k;
			p = text_find(s, name);
		}
	}
	if (p == NULL || p->is_hollow)
		return p == NULL ? 0 : p->at;
	return p->at + run_bytes(span_of(s->text.bytes + p->at, p->len),
			   name.index - p->first.index);
}

/* The last sentence that begins there or before. */
static size_t
sentence_at(size_t n, const struct text_sentence *sentences, size_t at)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (sentences[mid].at <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low == 0 ? 0 : low - 1;
}

/* Does the text have it there, from the beginning of a sentence to the end of one? */
static bool
stands_at(const struct text_state *s, size_t n, const struct text_sentence *sentences,
    struct span passage, size_t at)
{
	size_t i = sentence_at(n, sentences, at), end = at + passage.len, last;

	if (n == 0 || sentences[i].at != at || passage.len > s->text.len - at ||
	    memcmp(s->text.bytes + at, passage.bytes, passage.len) != 0)
		return false;
	last = sentence_at(n, sentences, end - 1);
	return sentences[last].end == end;
}

static bool
find_elsewhere(const struct text_state *s, size_t n,
    const struct text_sentence *sentences, struct span passage, size_t *at)
{
	for (size_t i = 0; i < n; i++) {
		if (stands_at(s, n, sentences, passage, sentences[i].at)) {
			*at = sentences[i].at;
			return true;
		}
	}
	return false;
}

static struct text_passage
locate(const struct text_state *s, size_t n, const struct text_sentence *sentences,
    const struct entry *e)
{
	struct span text = e->value.bytes;
	struct text_passage p = {.entry = e, .at = offset_of(s, e->value.parent)};

	p.end = p.at;
	p.is_found = text.len == 0 || stands_at(s, n, sentences, text, p.at) ||
		     find_elsewhere(s, n, sentences, text, &p.at);
	if (p.is_found)
		p.end = p.at + text.len;
	p.sentence = sentence_at(n, sentences, p.at);
	return p;
}

status
text_passages(struct arena *a, const struct record_cell *cell, const struct text_state *s,
    size_t n_sentences, const struct text_sentence *sentences, size_t *n,
    struct text_passage **out, struct trouble *t)
{
	size_t most = cell == NULL ? 0 : cell->n;

	*n = 0;
	for (size_t i = 0; i < most; i++)
		*n += cell->entries[i].entry->value.type == VALUE_SEEN;
	*out = arena_zeros(a, *n, sizeof **out);
	if (*out == NULL)
		return record_no_memory(t);
	*n = 0;
	for (size_t i = 0; i < most; i++) {
		const struct entry *e = cell->entries[i].entry;

		if (e->value.type == VALUE_SEEN)
			(*out)[(*n)++] = locate(s, n_sentences, sentences, e);
	}
	return ST_OK;
}

/* --- sentences that nobody saw
 * -----------------------------------------------------------
 */

struct finder {
	struct arena *a;
	const struct text_state *s;
	size_t n;
	struct text_sentence *sentences;
	size_t n_passages;
	struct text_passage *passages;
	bool *is_unseen; /* of each sentence */
	size_t n_spots;
	struct text_spot *spots;
};

/* Characters of one run in a row, none of them missing. */
static bool
is_of_one_hand(const struct text_state *s, struct text_sentence range)
{
	const struct text_part *last = NULL;

	for (size_t i = text_part_at(s, range.at); i < s->n_parts; i++) {
		const struct text_part *p = &s->parts[i];

		if (p->at >= range.end)
			return true;
		if (p->is_hollow)
			continue;
		if (last != NULL && (last->first.agent != p->first.agent ||
					last->first.index + last->n != p->first.index))
			return false;
		last = p;
	}
	return true;
}

/* What passages show, at their own places or as the same words elsewhere. */
static void
mark_shown(struct finder *f)
{
	for (size_t i = 0; i < f->n_passages; i++) {
		const struct text_passage *p = &f->passages[i];

		for (size_t k = p->sentence; p->is_found && k < f->n; k++) {
			if (f->sentences[k].at >= p->at && f->sentences[k].end <= p->end)
				f->is_unseen[k] = false;
			else if (f->sentences[k].at >= p->end)
				break;
		}
	}
}

static bool
is_quoted(const struct finder *f, size_t k)
{
	struct span text = span_of(f->s->text.bytes + f->sentences[k].at,
	    f->sentences[k].end - f->sentences[k].at);

	for (size_t i = 0; i < f->n_passages; i++) {
		if (span_equal(f->passages[i].entry->value.bytes, text))
			return true;
	}
	return false;
}

static bool
mark_unseen(struct finder *f)
{
	f->is_unseen = arena_zeros(f->a, f->n + 1, sizeof *f->is_unseen);
	if (f->is_unseen == NULL)
		return false;
	for (size_t k = 0; k < f->n; k++)
		f->is_unseen[k] = !is_of_one_hand(f->s, f->sentences[k]);
	mark_shown(f);
	for (size_t k = 0; k < f->n; k++)
		f->is_unseen[k] = f->is_unseen[k] && !is_quoted(f, k);
	/* A wording that is not there makes a spot of the place where it was. */
	for (size_t i = 0; i < f->n_passages; i++) {
		if (!f->passages[i].is_found)
			f->is_unseen[f->passages[i].sentence] = true;
	}
	return true;
}

/* --- spots
 * -------------------------------------------------------------------------------
 */

struct entry_name
text_name_at(const struct text_state *s, size_t at)
{
	size_t i = text_part_at(s, at);
	const struct text_part *p = &s->parts[i];
	struct entry_name name;

	if (i == s->n_parts)
		return (struct entry_name){0, 0};
	name = p->first;
	if (at > p->at)
		name.index +=
		    (uint32_t)run_chars(span_of(s->text.bytes + p->at, at - p->at));
	return name;
}

static struct seen_names
seen_of(const struct entry *e)
{
	return (struct seen_names){.agent = e->name.agent,
	    .first = e->name.index,
	    .count = record_names_of(&e->value)};
}

static void
add_version(struct text_spot *spot, struct text_version *versions, const struct entry *e)
{
	for (size_t i = 0; i < spot->n_versions; i++) {
		if (versions[i].by.home == e->by.home &&
		    versions[i].by.device == e->by.device &&
		    span_equal(versions[i].text, e->value.bytes))
			return;
	}
	versions[spot->n_versions++] =
	    (struct text_version){e->by, e->time, e->value.bytes};
}

/* Is a passage about the sentences first..last? */
static bool
is_about(const struct text_passage *p, size_t first, size_t last)
{
	return p->sentence >= first && p->sentence <= last;
}

/* The sentence that a repeat begins in; of one that begins with blanks, the next, since
 * they belong to none. n if there is none. */
static size_t
sentence_of(const struct finder *f, const struct text_repeat *r)
{
	size_t at = offset_of(f->s, r->shown->name);
	size_t k = sentence_at(f->n, f->sentences, at);

	return k < f->n && at >= f->sentences[k].end ? k + 1 : k;
}

/* Fills in what was said about the place, and who else wrote in it. */
static bool
fill_spot(struct finder *f, struct text_spot *spot, size_t first, size_t last)
{
	const struct text_state *s = f->s;
	size_t most = f->n_passages + s->n_repeats, from = text_part_at(s, spot->at),
	       n = 0;
	struct seen_names *seen = arena_zeros(f->a, most, sizeof *seen);
	struct text_version *versions;
	bool has_passages;

	for (size_t i = from; i < s->n_parts && s->parts[i].at < spot->end; i++)
		n++;
	versions =
	    arena_zeros(f->a, f->n_passages + 2 * (n + s->n_repeats), sizeof *versions);
	if (seen == NULL || versions == NULL)
		return false;
	for (size_t i = 0; i < f->n_passages; i++) {
		if (!is_about(&f->passages[i], first, last))
			continue;
		seen[spot->n_seen++] = seen_of(f->passages[i].entry);
		if (spot->kind != SPOT_BESIDE)
			add_version(spot, versions, f->passages[i].entry);
	}
	for (size_t i = 0; i < s->n_repeats; i++) {
		size_t k = sentence_of(f, &s->repeats[i]);

		if (k >= first && k <= last)
			seen[spot->n_seen++] = seen_of(s->repeats[i].entry);
	}
	/* Whoever left no passage wrote all of his part alone. */
	for (size_t i = from; i < from + n && spot->kind == SPOT_BESIDE; i++) {
		if (!s->parts[i].is_hollow && s->parts[i].beside > 0) {
			add_version(
			    spot, versions, s->parts[s->parts[i].beside - 1].entry);
			add_version(spot, versions, s->parts[i].entry);
		}
	}
	has_passages = spot->n_versions > 0;
	for (size_t i = 0; i < s->n_repeats && spot->kind == SPOT_EQUAL; i++) {
		if (has_passages || sentence_of(f, &s->repeats[i]) != first)
			continue;
		add_version(spot, versions, s->repeats[i].shown);
		add_version(spot, versions, s->repeats[i].entry);
	}
	spot->seen = seen;
	spot->versions = versions;
	spot->first = text_name_at(s, spot->at);
	return true;
}

static bool
add_spot(struct finder *f, enum spot_kind kind, size_t first, size_t last)
{
	struct text_spot *spot = &f->spots[f->n_spots++];

	*spot = (struct text_spot){.kind = kind};
	if (f->n > 0) {
		spot->at = f->sentences[first].at;
		spot->end = f->sentences[last].end;
	}
	return fill_spot(f, spot, first, last);
}

/* Has somebody seen the sentences first..last in a row? */
static bool
is_seen_together(const struct finder *f, size_t first, size_t last)
{
	for (size_t i = 0; i < f->n_passages; i++) {
		const struct text_passage *p = &f->passages[i];

		if (p->is_found && p->at <= f->sentences[first].at &&
		    p->end >= f->sentences[last].end)
			return true;
	}
	return false;
}

/* What two authors put into one place, unless the place is a spot already. */
static bool
add_besides(struct finder *f)
{
	const struct text_state *s = f->s;

	for (size_t i = 0; i < s->n_parts; i++) {
		const struct text_part *p = &s->parts[i];
		const struct text_part *q =
		    p->beside == 0 ? NULL : &s->parts[p->beside - 1];
		size_t first, last;

		if (q == NULL || p->is_hollow || q->is_hollow || f->n == 0)
			continue;
		first = sentence_at(f->n, f->sentences, q->at);
		last = sentence_at(f->n, f->sentences, p->at + p->len - 1);
		if (first > last || is_seen_together(f, first, last))
			continue;
		if (f->is_unseen[first] || f->is_unseen[last])
			continue;
		if (!add_spot(f, SPOT_BESIDE, first, last))
			return false;
	}
	return true;
}

static bool
add_equals(struct finder *f)
{
	const struct text_state *s = f->s;

	for (size_t i = 0; i < s->n_repeats; i++) {
		size_t k = sentence_of(f, &s->repeats[i]);

		if (k < f->n && !f->is_unseen[k] && !add_spot(f, SPOT_EQUAL, k, k))
			return false;
	}
	return true;
}

static int
compare_spots(const void *a, const void *b)
{
	const struct text_spot *x = a;
	const struct text_spot *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

/* One spot of a sentence. */
static void
sort_spots(struct finder *f)
{
	size_t kept = 0;

	if (f->n_spots > 1)
		qsort(f->spots, f->n_spots, sizeof *f->spots, compare_spots);
	for (size_t i = 0; i < f->n_spots; i++) {
		if (kept == 0 || f->spots[kept - 1].at != f->spots[i].at)
			f->spots[kept++] = f->spots[i];
	}
	f->n_spots = kept;
}

static bool
find_all(struct finder *f)
{
	size_t most = f->n + 1 + f->s->n_parts + f->s->n_repeats;

	f->spots = arena_zeros(f->a, most, sizeof *f->spots);
	if (f->spots == NULL || !mark_unseen(f))
		return false;
	for (size_t k = 0; k <= f->n; k++) {
		if (f->is_unseen[k] && !add_spot(f, SPOT_UNSEEN, k, k))
			return false;
	}
	if (!add_besides(f) || !add_equals(f))
		return false;
	sort_spots(f);
	return true;
}

status
text_spots(struct arena *a, const struct record_cell *cell, const struct text_state *s,
    struct text_spots *out, struct trouble *t)
{
	struct finder f = {.a = a, .s = s};
	status st = text_sentences(a, s->text, &f.n, &f.sentences, t);

	if (st == ST_OK)
		st = text_passages(
		    a, cell, s, f.n, f.sentences, &f.n_passages, &f.passages, t);
	if (st != ST_OK)
		return st;
	if (!find_all(&f))
		return record_no_memory(t);
	*out = (struct text_spots){.n = f.n_spots, .items = f.spots};
	for (size_t i = 0; i < f.n_spots; i++)
		out->n_open += f.spots[i].kind == SPOT_UNSEEN;
	return ST_OK;
}
