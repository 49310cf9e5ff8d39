/* erasing_mentions.c - texts in which a person is named: an erasure does not reach them.
 */
#include "client/actions/erasing.h"

#include <string.h>

#include "core/mentions.h"

/* The words of the name as keys. */
static status
name_words(struct laptop *l, const char *name, struct mention_names *out)
{
	struct span words[16];
	size_t n = 0;

	for (const char *at = name; *at != '\0' && n < sizeof words / sizeof words[0];) {
		size_t len = strcspn(at, " ");

		if (len > 0)
			words[n++] = span_of(at, len);
		at += len + (at[len] == ' ');
	}
	return mention_names_make(words, n, l->arena, out, &l->trouble);
}

static bool
is_his(const struct erasing *x, struct span pid)
{
	for (size_t i = 0; i < x->n_pids; i++) {
		if (span_equal(pid, span_of(x->pids[i].bytes, sizeof x->pids[i].bytes)))
			return true;
	}
	return false;
}

/* Notes on the person himself go with him. */
static struct query *
texts_of(struct laptop *l, const struct kind *k, const struct field *f)
{
	return query_of(l->queries,
	    arena_text(l->arena, "SELECT \"%s\" %s FROM %s WHERE \"%s\" <> ''", f->name,
		k->has_subject ? ", pid" : "", k->name, f->name));
}

static status
count_texts(struct laptop *l, const struct erasing *x, const struct kind *k,
    const struct field *f, const struct mention_names *names, size_t *found)
{
	struct query *q = texts_of(l, k, f);
	struct arena *scratch = arena_new(0);
	status st = scratch == NULL
			? trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a search")
			: ST_OK;
	status end;

	while (st == ST_OK && query_row(q)) {
		size_t n = 0;

		if (k->has_subject && is_his(x, query_column_span(q, 1)))
			continue;
		st = mentions_count(
		    query_column_span(q, 0), names, scratch, &n, NULL, &l->trouble);
		arena_reset(scratch);
		*found += n > 0;
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	arena_free(scratch);
	return st != ST_OK ? st : end;
}

status
erasing_mentions(struct laptop *l, const struct erasing *x,
    struct erasing_mention out[static ERASING_MENTIONS_MAX], size_t *n_out)
{
	struct mention_names names;
	status st = name_words(l, x->name, &names);

	*n_out = 0;
	for (size_t i = 0; st == ST_OK && i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);
		size_t found = 0;

		for (size_t f = 0; st == ST_OK && f < k->n_fields; f++) {
			if (k->fields[f].type == FIELD_LONGTEXT)
				st = count_texts(l, x, k, &k->fields[f], &names, &found);
		}
		if (found > 0 && *n_out < ERASING_MENTIONS_MAX)
			out[(*n_out)++] = (struct erasing_mention){k->singular, found};
	}
	return st;
}
