/* aside_texts.c - keeps a guest's unsent edits of texts, and reads his words out of them.
 *
 * Kept are the entries as they were written, not the pieces that the view makes of them:
 * should the server have one of them after all, both are the same entry. */
#include "client/laptop/aside_parts.h"
#include "core/text_crdt.h"

/* ---- setting aside ---- */

/* What was taken of a record so far, so that nothing is taken twice. */
struct taking {
	struct aside_keeping *x;
	const struct loaded *r;
	size_t n;
	struct name_range
	    *known; /* names of texts that the server has, or that are kept */
	size_t n_counted;
	uint16_t *counted; /* fields: however many rows, a text is one change */
};

static bool
is_text(const struct loaded *r, uint16_t field)
{
	return r->input.is_text(r->ref.kind, field);
}

static void
know(struct taking *k, const struct entry *e)
{
	k->known[k->n++] = name_range_of(
	    e->field, e->name.agent, e->name.index, record_names_of(&e->value));
}

static bool
is_known(const struct taking *k, const struct entry *e)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct name_range *r = &k->known[i];

		if (r->field == e->field && r->agent == e->name.agent &&
		    r->first <= e->name.index && e->name.index < r->end)
			return true;
	}
	return false;
}

/* True the first time. */
static bool
counts(struct taking *k, uint16_t field)
{
	const struct kind *kind = schema_kind(k->r->ref.kind);

	for (size_t i = 0; i < k->n_counted; i++) {
		if (k->counted[i] == field)
			return false;
	}
	k->counted[k->n_counted++] = field;
	return field_is_change(kind, schema_field(kind, field));
}

static status
take(struct taking *k, const struct entry *e, const struct seen_names *seen, size_t n)
{
	uint8_t key[12]; /* the name, as in r_dirty */

	put_u64(key, e->name.agent);
	put_u32(key + 8, e->name.index);
	know(k, e);
	return aside_put(k->x, k->r, e, span_of(key, sizeof key),
	    stored_seen(seen, n, k->x->a), counts(k, e->field));
}

/* All that the op says is gone of the field, hollow runs too: more than he took out
 * himself, if it carries others on, but nothing that is not gone. NULL: no memory. */
static const struct seen_names *
gone_of(struct taking *k, const struct body *b, uint16_t field, size_t *n)
{
	size_t cap = b->n_entries + b->n_gone + 1;
	struct name_range *gone = arena_zeros(k->x->a, cap, sizeof *gone);
	struct seen_names *seen = arena_zeros(k->x->a, cap, sizeof *seen);

	*n = gone == NULL || seen == NULL ? 0 : text_gone_ranges(b, field, gone);
	for (size_t i = 0; i < *n; i++)
		seen[i] = (struct seen_names){.agent = gone[i].agent,
		    .first = (uint32_t)gone[i].first,
		    .count = (uint32_t)(gone[i].end - gone[i].first)};
	return gone == NULL ? NULL : seen;
}

static status
take_op(struct taking *k, const struct record_op *op)
{
	const struct body *b = op->body;
	struct laptop *l = k->x->l;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < b->n_entries; i++) {
		const struct entry *e = &b->entries[i];
		const struct seen_names *seen;
		size_t n_seen;

		if (!is_text(k->r, e->field) || is_known(k, e) ||
		    strcmp(author_member(l, e->by), l->self.member) != 0)
			continue;
		seen = gone_of(k, b, e->field, &n_seen);
		st = seen == NULL
			 ? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a text")
			 : take(k, e, seen, n_seen);
	}
	return st;
}

static bool
begin(struct taking *k)
{
	const struct record_input *in = &k->r->input;
	size_t cap = in->n_dirty;

	for (size_t i = 0; i < in->n_ops; i++)
		cap += in->ops[i].body->n_entries;
	k->known = arena_zeros(k->x->a, cap + 1, sizeof *k->known);
	k->counted = arena_zeros(k->x->a, cap + 1, sizeof *k->counted);
	if (k->known == NULL || k->counted == NULL)
		return false;
	for (size_t i = 0; i < in->n_ops; i++) {
		const struct body *b = in->ops[i].body;

		for (size_t j = 0; !in->ops[i].is_pending && j < b->n_entries; j++) {
			if (is_text(k->r, b->entries[j].field))
				know(k, &b->entries[j]);
		}
	}
	return true;
}

status
aside_keep_texts(struct aside_keeping *x, const struct loaded *r)
{
	struct taking k = {.x = x, .r = r};
	status st = ST_OK;

	if (!begin(&k))
		return trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for a text");
	for (size_t i = 0; st == ST_OK && i < r->view.n_live; i++) {
		if (r->view.live[i]->is_pending)
			st = take_op(&k, r->view.live[i]);
	}
	for (size_t i = 0; st == ST_OK && i < r->input.n_dirty; i++) {
		const struct record_dirty *d = &r->input.dirty[i];

		if (is_text(r, d->entry.field) && !is_known(&k, &d->entry))
			st = take(&k, &d->entry, d->seen, d->n_seen);
	}
	return st;
}

/* ---- reading his words ---- */

/* The rows of one text. */
struct reading {
	struct laptop *l;
	struct record_input in;
	struct record_dirty *dirty;
	uint16_t field;
};

enum { BETWEEN_BYTES = 5 };
static const char between[BETWEEN_BYTES + 1] = " ... ";

/* Does it begin on a character that is not his? The rest of a run that another split goes
 * on where it was. */
static bool
is_apart(const struct text_state *s, const struct text_part *p)
{
	return entry_name_equal(p->first, p->entry->name) &&
	       text_find(s, p->entry->value.parent) == NULL;
}

static struct span
join_words(struct arena *a, const struct text_state *s)
{
	uint8_t *out = arena_alloc(a, s->text.len + s->n_parts * BETWEEN_BYTES + 1);
	size_t len = 0;

	for (size_t i = 0; out != NULL && i < s->n_parts; i++) {
		const struct text_part *p = &s->parts[i];

		if (p->is_hollow || p->len == 0)
			continue;
		if (len > 0 && is_apart(s, p)) {
			memcpy(out + len, between, BETWEEN_BYTES);
			len += BETWEEN_BYTES;
		}
		memcpy(out + len, s->text.bytes + p->at, p->len);
		len += p->len;
	}
	return span_of(out, len);
}

static status
read_words(struct reading *x, struct span *out)
{
	struct record_view view;
	struct text_state state;
	status st;

	x->in.dirty = x->dirty;
	st = record_view(x->l->arena, &x->in, &view, &x->l->trouble);
	if (st == ST_OK)
		st = text_read(
		    x->l->arena, record_field(&view, x->field), &state, &x->l->trouble);
	if (st != ST_OK)
		return st;
	*out = join_words(x->l->arena, &state);
	return out->bytes == NULL
		   ? trouble_set(&x->l->trouble, ST_NO_MEMORY, "no memory for a text")
		   : ST_OK;
}

/* Columns as aside_texts() asks for them. */
static status
read_row(struct reading *x, struct query *q)
{
	struct arena *a = x->l->arena;
	struct record_dirty *d = &x->dirty[x->in.n_dirty];
	struct span entry = arena_copy(a, query_column_span(q, 4));
	struct span seen = arena_copy(a, query_column_span(q, 5));
	status st = stored_entry_read(entry, &d->entry, &x->l->trouble);

	if (st == ST_OK)
		st = stored_seen_read(seen, a, &d->seen, &d->n_seen, &x->l->trouble);
	x->in.n_dirty++;
	return st;
}

/* A row of another text than the one before: n counts texts. */
static void
begin_text(struct reading *x, struct query *q, struct aside_text *t)
{
	const struct kind *k = schema_kind((uint16_t)query_column_int(q, 1));

	x->dirty += x->in.n_dirty;
	x->in = (struct record_input){.kind = (uint16_t)query_column_int(q, 1)};
	x->field = (uint16_t)query_column_int(q, 3);
	*t = (struct aside_text){
	    .place = arena_text(x->l->arena, "%s", query_column_text(q, 0)),
	    .kind = k == NULL ? "" : k->name};
}

static status
read_texts(struct reading *x, struct query *q, struct aside_text *all, size_t *n)
{
	int64_t group = 0;
	status st = ST_OK;

	while (st == ST_OK && query_row(q)) {
		if (query_column_int(q, 2) != group) {
			if (*n > 0)
				st = read_words(x, &all[*n - 1].words);
			group = query_column_int(q, 2);
			begin_text(x, q, &all[(*n)++]);
		}
		if (st == ST_OK)
			st = read_row(x, q);
		if (query_column_int(q, 6) > all[*n - 1].saved_ms)
			all[*n - 1].saved_ms = query_column_int(q, 6);
	}
	return st == ST_OK && *n > 0 ? read_words(x, &all[*n - 1].words) : st;
}

#define TEXT_ROWS " FROM r_aside WHERE length(key) = 12"

status
aside_texts(struct laptop *l, struct aside_text **out, size_t *n)
{
	struct reading x = {.l = l};
	struct query *q = query_of(l->queries, "SELECT count(*)" TEXT_ROWS);
	size_t n_rows = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	status st = query_done(q, &l->trouble), end;

	*n = 0;
	*out = arena_zeros(l->arena, n_rows + 1, sizeof **out);
	x.dirty = arena_zeros(l->arena, n_rows + 1, sizeof *x.dirty);
	if (st != ST_OK)
		return st;
	if (*out == NULL || x.dirty == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for texts");
	q = query_of(l->queries,
	    "SELECT place, kind, dense_rank() OVER (ORDER BY place, kind, space, home,"
	    " name, field), field, entry, seen, saved_ms" TEXT_ROWS
	    " ORDER BY place, kind, space, home, name, field, id");
	st = read_texts(&x, q, *out, n);
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}
