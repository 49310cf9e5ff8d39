/* spots.c - one text field, its hot spots, and the two ways to settle one. */
#include "client/actions/spots.h"

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/labels.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for hot spots");
}

status
spots_open(struct laptop *l, const struct loaded *x, uint16_t field, size_t *n,
    struct spot_place **out)
{
	struct text_opened opened = {.cell = record_field(&x->view, field)};
	struct text_spots spots = {0};
	status st = text_read(l->arena, opened.cell, &opened.state, &l->trouble);

	*n = 0;
	if (st == ST_OK)
		st =
		    text_spots(l->arena, opened.cell, &opened.state, &spots, &l->trouble);
	if (st != ST_OK)
		return st;
	*out = arena_zeros(l->arena, spots.n_open, sizeof **out);
	if (*out == NULL)
		return no_memory(l);
	for (size_t i = 0; i < spots.n; i++) {
		if (spots.items[i].kind == SPOT_UNSEEN)
			(*out)[(*n)++] = (struct spot_place){
			    x->ref, field, opened, i, &spots.items[i]};
	}
	return ST_OK;
}

struct span
spot_now(const struct spot_place *p)
{
	return span_of(
	    p->opened.state.text.bytes + p->spot->at, p->spot->end - p->spot->at);
}

/* The text with one wording in the place of the spot. */
static status
take_version(
    struct edit *e, struct laptop *l, const struct spot_place *p, struct span wording)
{
	struct span text = p->opened.state.text;
	const struct text_spot *spot = p->spot;
	size_t rest = text.len - spot->end;
	uint8_t *whole = arena_alloc(l->arena, spot->at + wording.len + rest + 1);

	if (whole == NULL)
		return no_memory(l);
	if (spot->at > 0)
		memcpy(whole, text.bytes, spot->at);
	if (wording.len > 0)
		memcpy(whole + spot->at, wording.bytes, wording.len);
	if (rest > 0)
		memcpy(whole + spot->at + wording.len, text.bytes + spot->end, rest);
	return edit_text(e, &p->ref, p->field, &p->opened,
	    span_of(whole, spot->at + wording.len + rest));
}

/* Who takes the wording that stands there already changes nothing: he says that it is
 * right as it stands. */
status
spot_settle(struct edit *e, struct laptop *l, const struct spot_place *p, size_t take)
{
	struct span now = spot_now(p);

	if (take == 0 || span_equal(p->spot->versions[take - 1].text, now))
		return edit_settle(e, &p->ref, p->field, p->at, now);
	return take_version(e, l, p, p->spot->versions[take - 1].text);
}

/* ---- as an item of a review ---- */

enum { MARK_NAMES = 2 };

/* Where the spot is: its first character, or the passage that was lost there. */
static uint64_t
spot_key(const struct text_spot *spot)
{
	struct entry_name name = spot->first;

	if (name.agent == 0 && name.index == 0 && spot->n_seen > 0)
		name = (struct entry_name){spot->seen[0].agent, spot->seen[0].first};
	return name.agent ^ ((uint64_t)name.index << 32);
}

/* A digest of the words that a person sees, in the form of names of entries, as the list
 * that was shown last keeps them. Other places of the text do not count. */
static status
digest_words(struct laptop *l, const struct spot_place *p, struct review_target *t)
{
	size_t n = 1 + p->spot->n_versions;
	struct span *parts = arena_zeros(l->arena, n, sizeof *parts);
	struct hash32 h;

	t->names = arena_zeros(l->arena, MARK_NAMES, sizeof *t->names);
	if (parts == NULL || t->names == NULL)
		return no_memory(l);
	parts[0] = spot_now(p);
	for (size_t i = 1; i < n; i++)
		parts[i] = p->spot->versions[i - 1].text;
	hash_256(LABEL_SPOT, parts, n, &h);
	t->n = MARK_NAMES;
	for (size_t i = 0; i < MARK_NAMES; i++)
		t->names[i] = (struct entry_name){
		    get_u64(h.bytes + 12 * i), get_u32(h.bytes + 12 * i + 8)};
	return ST_OK;
}

/* One line, as a terminal shows it. */
static const char *
words_of(struct laptop *l, struct span text)
{
	char *out;

	if (text.len == 0)
		return "(took it out)";
	out = arena_text(l->arena, "%.*s", (int)text.len, (const char *)text.bytes);
	for (char *c = out; c != NULL && *c != '\0'; c++) {
		if (*c == '\n')
			*c = ' ';
	}
	return out == NULL ? "" : out;
}

status
spot_describe(struct laptop *l, const struct spot_place *p, struct review_item *item)
{
	const struct text_spot *spot = p->spot;
	struct spot_place *place = arena_zeros(l->arena, 1, sizeof *place);

	item->choices = arena_zeros(l->arena, spot->n_versions, sizeof *item->choices);
	if (place == NULL || item->choices == NULL)
		return no_memory(l);
	*place = *p;
	item->place = place;
	item->now = words_of(l, spot_now(p));
	item->n_choices = spot->n_versions;
	for (size_t i = 0; i < spot->n_versions; i++) {
		const struct text_version *v = &spot->versions[i];
		const char *member = author_member(l, v->by);

		item->choices[i] =
		    (struct review_choice){.value = {.type = VALUE_INT, .number = i + 1},
			.text = words_of(l, v->text),
			.member = member,
			.name = people_member_name(l, member),
			.seconds = v->time.seconds};
	}
	item->targets[0].key = spot_key(spot);
	return digest_words(l, p, &item->targets[0]);
}
