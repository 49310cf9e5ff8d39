/* snapshots.c - rows of the kind `snapshot`, put together again. */
#include "client/actions/snapshots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/actions/catalog.h"
#include "core/period.h"

const char *
snapshots_hex(struct laptop *l, const struct hash32 *hash)
{
	char text[2 * sizeof hash->bytes + 1];

	for (size_t i = 0; i < sizeof hash->bytes; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", hash->bytes[i]);
	return arena_text(l->arena, "%s", text);
}

/* ---- read ---- */

enum column {
	COLUMN_PERIOD,
	COLUMN_HASH,
	COLUMN_PARTIAL,
	COLUMN_COUNTRY,
	COLUMN_ORDER,
	COLUMN_FIGURES,
	COLUMN_MISSING,
	COLUMN_BY,
	COLUMN_ON
};

static const char rows_sql[] =
    "SELECT period, hash, partial, country, \"order\", figures, coalesce(missing, ''),"
    " coalesce(\"by\", ''), coalesce(\"on\", '') FROM snapshot WHERE period IS NOT NULL"
    " AND length(hash) = 32 ORDER BY period, hash, partial, \"on\", \"by\", country, "
    "record";

struct loading {
	struct laptop *l;
	size_t n, n_rows, cap;
	struct frozen *at;
	struct snapshot_row *rows; /* of all, one after the other */
};

static struct span
copy(struct loading *x, struct query *q, enum column column)
{
	return arena_copy(x->l->arena, query_column_span(q, (int)column));
}

static bool
is_of_last(const struct loading *x, struct query *q)
{
	const struct frozen *last = x->n == 0 ? NULL : &x->at[x->n - 1];

	return last != NULL &&
	       span_equal(last->snapshot.period, query_column_span(q, COLUMN_PERIOD)) &&
	       span_equal(span_of(last->hash.bytes, sizeof last->hash.bytes),
		   query_column_span(q, COLUMN_HASH)) &&
	       last->snapshot.is_partial ==
		   (strcmp(query_column_text(q, COLUMN_PARTIAL), "yes") == 0);
}

static void
start(struct loading *x, struct query *q)
{
	struct frozen *f = &x->at[x->n++];

	f->snapshot.period = copy(x, q, COLUMN_PERIOD);
	f->snapshot.is_partial = strcmp(query_column_text(q, COLUMN_PARTIAL), "yes") == 0;
	f->snapshot.rows = &x->rows[x->n_rows];
	query_column_copy(q, COLUMN_HASH, f->hash.bytes, sizeof f->hash.bytes);
	f->by = arena_text(x->l->arena, "%s", query_column_text(q, COLUMN_BY));
	f->on = arena_text(x->l->arena, "%s", query_column_text(q, COLUMN_ON));
}

/* A row that does not read is left out: then the hash does not fit. */
static status
take_row(struct loading *x, struct query *q)
{
	struct snapshot_row row = {.missing = copy(x, q, COLUMN_MISSING)};
	struct snapshot *s;
	status st;

	if (!is_of_last(x, q))
		start(x, q);
	s = &x->at[x->n - 1].snapshot;
	st = indicators_read(copy(x, q, COLUMN_FIGURES), x->l->arena, &row.figures, NULL);
	if (st == ST_NO_MEMORY)
		return trouble_set(&x->l->trouble, st, "no memory for snapshots");
	row.figures.country_order = (uint32_t)query_column_int(q, COLUMN_ORDER);
	for (size_t i = 0; st == ST_OK && i < s->n; i++) {
		/* Another office's row of the same figures. */
		if (span_equal(s->rows[i].figures.country, row.figures.country))
			return ST_OK;
	}
	if (st == ST_OK) {
		s->rows[s->n++] = row;
		x->n_rows++;
	}
	return ST_OK;
}

static status
read_rows(struct loading *x)
{
	struct query *q = query_of(x->l->queries, rows_sql);
	status st = ST_OK, end;

	while (st == ST_OK && x->n_rows < x->cap && query_row(q))
		st = take_row(x, q);
	end = query_done(q, st == ST_OK ? &x->l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
check_whole(struct laptop *l, struct frozen *f)
{
	struct hash32 hash;
	status st;

	snapshot_sort(&f->snapshot);
	st = snapshot_hash(&f->snapshot, &l->checks, l->arena, &hash, &l->trouble);
	f->is_whole = st == ST_OK && ID_EQUAL(&hash, &f->hash);
	return st;
}

status
snapshots_load(struct laptop *l, struct frozen **out, size_t *n)
{
	struct loading x = {.l = l};
	struct query *q = query_of(l->queries, "SELECT count(*) FROM snapshot");
	status st;

	x.cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	x.at = arena_zeros(l->arena, x.cap + 1, sizeof *x.at);
	x.rows = arena_zeros(l->arena, x.cap + 1, sizeof *x.rows);
	if (x.at == NULL || x.rows == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for snapshots");
	if (st == ST_OK)
		st = read_rows(&x);
	for (size_t i = 0; st == ST_OK && i < x.n; i++)
		st = check_whole(l, &x.at[i]);
	*out = x.at;
	*n = x.n;
	return st;
}

/* ---- find ---- */

static bool
is_meant(struct laptop *l, const struct frozen *f, const char *word)
{
	size_t len = strlen(word);

	return span_equal(f->snapshot.period, span_text(word)) ||
	       (len >= SNAPSHOTS_PREFIX &&
		   strncmp(snapshots_hex(l, &f->hash), word, len) == 0);
}

static status
complain_none(struct laptop *l, const char *word)
{
	status st =
	    complain(l->complaint, PN_F01, "no snapshot %s is on this laptop", word);

	complain_next(l->complaint, "pnet sync");
	complain_next(l->complaint, "pnet consolidate %s --freeze", word);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
complain_two(struct laptop *l, const struct frozen *a, const struct frozen *b)
{
	int len = (int)a->snapshot.period.len;
	const char *period = (const char *)a->snapshot.period.bytes;
	status st = complain(l->complaint, PN_C01,
	    "%.*s was frozen twice with different figures: by %s on %s, by %s on %s", len,
	    period, a->by, a->on, b->by, b->on);

	complain_what(l->complaint, "it is not clear which snapshot is meant");
	complain_next(
	    l->complaint, "pnet indicators --snapshot %.16s", snapshots_hex(l, &a->hash));
	complain_next(
	    l->complaint, "pnet indicators --snapshot %.16s", snapshots_hex(l, &b->hash));
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
complain_part(struct laptop *l, const struct frozen *f)
{
	status st = complain(l->complaint, PN_C01,
	    "the rows of %zu %s of %.*s are here, and its hash is over more",
	    f->snapshot.n, f->snapshot.n == 1 ? "country" : "countries",
	    (int)f->snapshot.period.len, (const char *)f->snapshot.period.bytes);

	complain_what(l->complaint, "this snapshot is not whole on this laptop");
	complain_next(l->complaint, "pnet sync");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

status
snapshots_find(struct laptop *l, const char *word, struct frozen *out)
{
	const struct frozen *found = NULL;
	struct frozen *all;
	size_t n;
	status st = snapshots_load(l, &all, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (!is_meant(l, &all[i], word))
			continue;
		if (found != NULL)
			return complain_two(l, found, &all[i]);
		found = &all[i];
	}
	if (st != ST_OK)
		return st;
	if (found == NULL)
		return complain_none(l, word);
	*out = *found;
	return found->is_whole ? ST_OK : complain_part(l, found);
}

/* ---- freeze ---- */

static status
complain_frozen(struct laptop *l, const struct snapshot *s, const struct frozen *f)
{
	status st = complain(l->complaint, PN_C01,
	    "%.*s was frozen by %s on %s with other figures; two tables of one time could"
	    " be subtracted",
	    (int)f->snapshot.period.len, (const char *)f->snapshot.period.bytes, f->by,
	    f->on);

	complain_what(l->complaint, "%.*s cannot be frozen any more", (int)s->period.len,
	    (const char *)s->period.bytes);
	complain_next(l->complaint, "pnet indicators --snapshot %.*s",
	    (int)f->snapshot.period.len, (const char *)f->snapshot.period.bytes);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

/* Also of a snapshot whose rows are not all here: it was frozen somewhere. */
static status
check_free(
    struct laptop *l, const struct snapshot *s, const struct hash32 *hash, bool *is_new)
{
	struct period mine = {0}, its;
	struct frozen *all;
	size_t n;
	status st = snapshots_load(l, &all, &n);

	(void)period_parse(s->period, &mine);
	*is_new = true;
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (!period_parse(all[i].snapshot.period, &its) ||
		    !period_overlaps(&mine, &its))
			continue;
		if (!ID_EQUAL(&all[i].hash, hash))
			return complain_frozen(l, s, &all[i]);
		*is_new = false;
	}
	return st;
}

static const char *
figures_text(struct laptop *l, const struct indicators *row)
{
	enum { ROW_BYTES_MAX = 1024 };
	char text[ROW_BYTES_MAX];
	struct writer w = writer_of(text, sizeof text);

	indicators_write(&w, row);
	return arena_text(l->arena, "%.*s", (int)w.used, text);
}

static status
write_row(struct edit *e, struct laptop *l, const struct snapshot *s,
    const struct snapshot_row *row, const struct hash32 *hash)
{
	const char *country = arena_text(l->arena, "%.*s", (int)row->figures.country.len,
	    (const char *)row->figures.country.bytes);
	const struct wish wishes[] = {
	    {"period", arena_text(l->arena, "%.*s", (int)s->period.len,
			   (const char *)s->period.bytes)},
	    {"hash", snapshots_hex(l, hash)},
	    {"partial", s->is_partial ? "yes" : "no"},
	    {"country", country},
	    {"order", arena_text(l->arena, "%u", (unsigned)row->figures.country_order)},
	    {"figures", figures_text(l, &row->figures)},
	    {"missing", arena_text(l->arena, "%.*s", (int)row->missing.len,
			    (const char *)row->missing.bytes)},
	};
	struct place place = {0};
	struct record_ref ref;
	status st = space_find(l, country, &place.space);

	return st != ST_OK ? st
			   : catalog_new(e, l, schema_kind(KIND_SNAPSHOT), &place, NULL,
				 wishes, sizeof wishes / sizeof wishes[0], &ref);
}

status
snapshots_freeze(struct edit *e, struct laptop *l, const struct snapshot *s,
    struct hash32 *hash, bool *is_new)
{
	status st = snapshot_hash(s, &l->checks, l->arena, hash, &l->trouble);

	if (st == ST_OK)
		st = check_free(l, s, hash, is_new);
	for (size_t i = 0; st == ST_OK && *is_new && i < s->n; i++)
		st = write_row(e, l, s, &s->rows[i], hash);
	return st;
}
