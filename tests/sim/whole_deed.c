/* whole_deed.c - saves, and tells the judge. */
#include <stdlib.h>

#include "whole_deed.h"

void
deed_begin(struct deed *d, struct home *h)
{
	memset(d, 0, sizeof *d);
	d->h = h;
	d->l = home_open(h);
	d->a = arena_new(0);
	d->st = d->l == NULL || d->a == NULL ? ST_BUG : edit_begin(d->l, &d->e);
	if (d->st != ST_OK)
		town_fail(h->town, "%s cannot begin an edit: %s", h->member,
		    d->l == NULL ? "" : d->l->trouble.text);
}

/* What is shown in the cell now. */
static status
see(struct deed *d, const struct record_ref *r, struct wrote *w)
{
	const struct record_cell *cell;
	struct loaded x;
	int64_t rid = 0;
	status st = record_find(d->l, r, &rid);

	if (st != ST_OK || rid == 0)
		return st;
	st = record_load(d->l, rid, d->a, &x);
	if (st != ST_OK)
		return st;
	cell = record_cell_find(&x.view, w->cell.field, w->cell.has_key, w->cell.key);
	for (size_t i = 0; cell != NULL && i < cell->n && w->n_seen < SEEN_MAX; i++)
		w->seen[w->n_seen++] = cell->entries[i].entry->name;
	return ST_OK;
}

struct wrote *
deed_note(struct deed *d, const struct record_ref *r, uint16_t field, const uint64_t *key)
{
	struct wrote *w = &d->wrote[d->n];
	struct scope_info scope;

	if (d->n == WRITES_MAX)
		abort();
	memset(w, 0, sizeof *w);
	d->st = scope_by_id(d->l, r->scope, &scope);
	if (d->st != ST_OK)
		return w;
	w->cell = (struct spot){.space = scope.space,
	    .kind = r->kind,
	    .field = field,
	    .scope = scope.name,
	    .record = r->name,
	    .has_key = key != NULL,
	    .key = key == NULL ? 0 : *key};
	if (r->has_person)
		w->person = person_key_of(&r->person).n;
	else if (key != NULL)
		w->person = *key;
	d->st = see(d, r, w);
	d->n++;
	return w;
}

void
deed_set(struct deed *d, const struct record_ref *r, uint16_t field, const uint64_t *key,
    struct value v)
{
	struct wrote *w = d->st == ST_OK ? deed_note(d, r, field, key) : NULL;

	if (w != NULL && v.type == VALUE_TEXT)
		w->word = d->h->town->next_word;
	if (d->st == ST_OK)
		d->st = edit_set(d->e, r, field, key, &v);
}

static struct token *
keep_token(struct town *t, size_t home, const struct wrote *w, struct entry_name name)
{
	struct token *k;

	if (t->n_tokens == t->cap_tokens) {
		t->cap_tokens = t->cap_tokens == 0 ? 256 : t->cap_tokens * 2;
		t->tokens = realloc(t->tokens, t->cap_tokens * sizeof *t->tokens);
		if (t->tokens == NULL)
			abort();
	}
	k = &t->tokens[t->n_tokens++];
	*k = (struct token){.cell = w->cell,
	    .home = home,
	    .person = w->person,
	    .word = w->word,
	    .name = name,
	    .n_seen = w->n_seen};
	k->seen = arena_zeros(t->memory, w->n_seen + 1, sizeof *k->seen);
	if (k->seen == NULL)
		abort();
	memcpy(k->seen, w->seen, w->n_seen * sizeof *k->seen);
	return k;
}

bool
spot_is_text(const struct spot *c)
{
	return schema_field(schema_kind(c->kind), c->field)->type == FIELD_LONGTEXT;
}

static bool
was_seen(const struct wrote *w, struct entry_name name)
{
	for (size_t i = 0; i < w->n_seen; i++)
		if (entry_name_equal(w->seen[i], name))
			return true;
	return false;
}

/* The dirty entry that stands there now: of a text, its first run that is new. False if
 * there is none that was not seen. */
static bool
find_new(struct deed *d, const struct wrote *w, struct entry *out)
{
	struct query *q = query_of(d->l->queries,
	    "SELECT d.entry FROM r_dirty d JOIN r_record r ON r.id = d.record JOIN"
	    " r_scope s ON s.id = r.scope WHERE r.kind = ? AND r.name = ? AND s.space ="
	    " ? AND s.name = ? AND d.field = ? AND (d.key = ? OR ?) ORDER BY d.id");
	uint8_t key[8];
	bool found = false;

	put_u64(key, w->cell.key);
	query_int(q, w->cell.kind);
	query_blob(q, w->cell.record.bytes, sizeof w->cell.record.bytes);
	query_int(q, w->cell.space);
	query_blob(q, w->cell.scope.bytes, sizeof w->cell.scope.bytes);
	query_int(q, w->cell.field);
	query_blob(q, key, w->cell.has_key ? sizeof key : 0);
	query_int(q, spot_is_text(&w->cell));
	while (!found && query_row(q))
		found = stored_entry_read(query_column_span(q, 0), out, NULL) == ST_OK &&
			!was_seen(w, out->name) &&
			(!spot_is_text(&w->cell) ||
			    (out->value.type == VALUE_RUN && out->value.hollow == 0));
	(void)query_done(q, NULL);
	return found;
}

/* Who changes a text without a word of his own still tells what he saw. */
static void
hear(struct deed *d, struct wrote *w)
{
	struct entry entry = {0};
	bool is_new = find_new(d, w, &entry);
	struct token *k;

	if (!is_new && !spot_is_text(&w->cell))
		return;
	k = keep_token(d->h->town, (size_t)(d->h - d->h->town->homes), w, entry.name);
	k->is_text = spot_is_text(&w->cell);
	k->is_mark = !is_new;
}

bool
deed_end(struct deed *d)
{
	struct home *h = d->h;
	struct town *t = h->town;
	bool is_saved, is_buried;

	if (d->st == ST_OK)
		d->st = edit_commit(d->e, NULL);
	else
		edit_abandon(d->e);
	is_saved = d->st == ST_OK;
	for (size_t i = 0; is_saved && i < d->n; i++)
		hear(d, &d->wrote[i]);
	t->counts.edits += is_saved;
	/* Nobody writes of a person whose grave is known here. */
	is_buried = d->st == ST_NOT_FOUND && d->n > 0 &&
		    town_is_erased(t, d->wrote[d->n - 1].person);
	if (!is_saved && !is_buried && !h->is_crashed && d->l != NULL)
		town_fail(t, "%s: an edit failed: %s %s", h->member, d->l->trouble.text,
		    h->complaint.why);
	arena_free(d->a);
	if (h->is_crashed) {
		t->counts.crashes++;
		home_close(h);
	}
	return is_saved;
}
