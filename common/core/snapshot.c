/* snapshot.c - the hash over a period's figures. Pure. */
#include "core/snapshot.h"

#include <stdlib.h>

static int
compare_rows(const void *a, const void *b)
{
	const struct indicators *x = &((const struct snapshot_row *)a)->figures;
	const struct indicators *y = &((const struct snapshot_row *)b)->figures;

	if (x->country_order != y->country_order)
		return x->country_order < y->country_order ? -1 : 1;
	return span_compare(x->country, y->country);
}

void
snapshot_sort(struct snapshot *s)
{
	if (s->n > 0)
		qsort(s->rows, s->n, sizeof *s->rows, compare_rows);
}

static void
put_part(struct writer *w, struct span part)
{
	writer_u32(w, (uint32_t)part.len);
	writer_span(w, part);
}

static bool
put_row(struct writer *w, const struct snapshot_row *row)
{
	uint8_t figures[1024];
	struct writer f = writer_of(figures, sizeof figures);

	indicators_write(&f, &row->figures);
	put_part(w, writer_done(&f));
	put_part(w, row->missing);
	return !f.is_full;
}

status
snapshot_hash(const struct snapshot *s, const struct checks *checks, struct arena *a,
    struct hash32 *out, struct trouble *t)
{
	enum { ROW_BYTES_MAX = 1024 + 4096 + 8, HEAD_BYTES_MAX = 64 };
	size_t cap = HEAD_BYTES_MAX + s->n * ROW_BYTES_MAX;
	uint8_t *bytes = arena_alloc(a, cap);
	struct writer w = writer_of(bytes, cap);
	struct span whole;
	bool fits = true;

	if (bytes == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a snapshot");
	put_part(&w, s->period);
	put_part(&w, span_text(s->is_partial ? "yes" : "no"));
	for (size_t i = 0; fits && i < s->n; i++)
		fits = put_row(&w, &s->rows[i]);
	if (!fits || w.is_full)
		return trouble_set(t, ST_LIMIT, "a snapshot is too large");
	whole = writer_done(&w);
	checks->hash(checks->ctx, "pnet/snapshot/1", &whole, 1, out);
	return ST_OK;
}

struct indicators *
snapshot_figures(const struct snapshot *s, struct arena *a)
{
	struct indicators *out = arena_zeros(a, s->n, sizeof *out);

	for (size_t i = 0; out != NULL && i < s->n; i++)
		out[i] = s->rows[i].figures;
	return out;
}

const char *
snapshot_sum_name(const struct snapshot *s)
{
	return s->is_partial ? "ALL (partial)" : "ALL";
}
