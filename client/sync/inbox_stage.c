/* inbox_stage.c - pages of a pull that has not reached the head yet, and how far each
 * space is pulled. */
#include <assert.h>
#include <stdlib.h>

#include "client/sync/duties.h"
#include "client/sync/inbox_parts.h"

static status
keep(struct laptop *l, const struct page *page)
{
	struct message message = {.kind = MSG_PAGE, .page = *page};
	size_t cap = message_bytes_max(&message) + 3;
	uint8_t *buffer = malloc(cap);
	struct writer w = writer_of(buffer, cap);
	struct query *q;
	status st;

	if (buffer == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a page");
	packet_begin(&w, 1);
	message_write(&w, &message);
	assert(!w.is_full);
	q = query_of(l->queries, "INSERT INTO r_stage(space, seq, page) SELECT ?1, "
				 "coalesce(max(seq), 0) + 1, ?2"
				 " FROM r_stage WHERE space = ?1");
	query_int(q, page->space);
	query_span(q, writer_done(&w));
	st = query_run(q, &l->trouble);
	free(buffer);
	return st;
}

/* One of our pushes as a page of its own, before the page that names it. */
static status
keep_own(struct laptop *l, const struct page *page, const struct own_row *own,
    const struct push_list *pushes)
{
	int64_t pending = own->push < pushes->n ? pushes->pending[own->push] : 0;
	struct query *q = query_of(l->queries, "SELECT wire FROM r_pending WHERE id = ?");
	struct page_batch batch = {.lsn = own->lsn};
	struct page alone = *page;
	struct arena *a = arena_new(0);
	status st = a == NULL ? ST_NO_MEMORY : ST_OK, end;

	query_int(q, pending);
	if (a != NULL && query_row(q))
		batch.wire = arena_copy(a, query_column_span(q, 0));
	end = query_done(q, &l->trouble);
	alone.n_own = 0;
	alone.n_batches = 1;
	alone.batches = &batch;
	if (st == ST_OK && end == ST_OK && batch.wire.len > 0)
		st = keep(l, &alone);
	arena_free(a);
	return st != ST_OK ? st : end;
}

static status
stage(struct laptop *l, const struct page *page, const struct push_list *pushes)
{
	struct page bare = *page;
	status st = inbox_match_stage(l, page);

	bare.kind = PAGE_MORE;
	bare.n_own = 0;
	bare.n_dead = 0;
	bare.n_graves = 0;
	bare.n_doa = 0;
	bare.lists_live = false;
	for (size_t i = 0; st == ST_OK && i < page->n_own; i++) {
		bare.n_batches = 0;
		st = keep_own(l, &bare, &page->own[i], pushes);
	}
	bare.n_batches = page->n_batches;
	return st != ST_OK ? st : keep(l, &bare);
}

status
inbox_stage(struct laptop *l, const struct page *page, const struct push_list *pushes)
{
	status st = db_begin(l->db, &l->trouble);

	if (st != ST_OK)
		return st;
	st = stage(l, page, pushes);
	if (st == ST_OK)
		return db_commit(l->db, &l->trouble);
	db_rollback(l->db);
	return st;
}

status
inbox_drop_stage(struct laptop *l, uint16_t space)
{
	struct query *q = query_of(l->queries, "DELETE FROM r_stage WHERE space = ?");

	query_int(q, space);
	return query_run(q, &l->trouble);
}

/* ---- removals in several pages ---- */

static bool
append(void **rows, size_t *n, size_t size, const void *more, size_t n_more)
{
	uint8_t *grown;

	if (n_more == 0)
		return true;
	grown = realloc(*rows, (*n + n_more) * size);
	if (grown == NULL)
		return false;
	memcpy(grown + *n * size, more, n_more * size);
	*rows = grown;
	*n += n_more;
	return true;
}

status
inbox_gather(struct laptop *l, struct removals *r, const struct page *page)
{
	void *dead = r->dead, *graves = r->graves, *doa = r->doa;
	bool ok = append(&dead, &r->n_dead, sizeof *r->dead, page->dead, page->n_dead) &&
		  append(&graves, &r->n_graves, sizeof *r->graves, page->graves,
		      page->n_graves) &&
		  append(&doa, &r->n_doa, sizeof *r->doa, page->doa, page->n_doa);

	r->dead = dead;
	r->graves = graves;
	r->doa = doa;
	r->is_open = true;
	r->lists_live = r->lists_live || page->lists_live;
	return ok ? ST_OK
		  : trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for removals");
}

void
inbox_forget(struct removals *r)
{
	free(r->dead);
	free(r->graves);
	free(r->doa);
	memset(r, 0, sizeof *r);
}

/* ---- how far ---- */

/* The last staged page tells how far the stage reaches. */
static status
add_stage(struct laptop *l, struct arena *a, struct space_state *s)
{
	struct query *q = query_of(l->queries,
	    "SELECT page FROM r_stage WHERE space = ? ORDER BY seq DESC LIMIT 1");
	struct packet p;
	struct message message;
	status st = ST_OK;

	query_int(q, s->space);
	if (query_row(q)) {
		st = packet_open(&p, query_column_span(q, 0), &l->trouble);
		if (st == ST_OK)
			st = packet_next(&p, a, &message, &l->trouble);
		if (st == ST_OK) {
			s->is_staged = true;
			s->staged = message.page.head;
			memcpy(s->staged_hash, message.page.hash, sizeof s->staged_hash);
			s->staged_log_len = message.page.log_len;
		}
	}
	return st != ST_OK ? (void)query_done(q, NULL), st : query_done(q, &l->trouble);
}

status
inbox_match_stage(struct laptop *l, const struct page *page)
{
	struct space_state s = {.space = page->space};
	struct arena *a = arena_new(0);
	status st = a == NULL ? ST_NO_MEMORY : add_stage(l, a, &s);

	arena_free(a);
	if (st == ST_NO_MEMORY)
		return trouble_set(&l->trouble, st, "no memory for a stage");
	return st == ST_OK && s.is_staged && page->from < s.staged
		   ? inbox_drop_stage(l, page->space)
		   : st;
}

status
inbox_states(struct laptop *l, struct arena *a, const struct space_state **out, size_t *n)
{
	enum { SPACES_MAX = 64 };
	struct space_state *states = arena_zeros(a, SPACES_MAX, sizeof *states);
	struct query *q = query_of(l->queries,
	    "SELECT pos, log_applied, cursor, store_epoch, chain FROM r_space WHERE pos "
	    "= 0"
	    " OR pos IN (SELECT space FROM r_scope WHERE pos IS NOT NULL)"
	    " OR pos = ?1 ORDER BY pos");
	status st;

	*n = 0;
	if (states == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory");
	query_int(q, l->self.author.home);
	while (*n < SPACES_MAX && query_row(q)) {
		struct space_state *s = &states[(*n)++];

		s->space = (uint16_t)query_column_int(q, 0);
		s->log_len =
		    duties_keys_from(l, s->space, (uint32_t)query_column_int(q, 1));
		s->cursor = (uint64_t)query_column_int(q, 2);
		if (!query_column_is_null(q, 3))
			query_column_copy(q, 3, s->mark.epoch, sizeof s->mark.epoch);
		if (!query_column_is_null(q, 4))
			query_column_copy(q, 4, s->mark.hash, sizeof s->mark.hash);
	}
	st = query_done(q, &l->trouble);
	for (size_t i = 0; st == ST_OK && i < *n; i++)
		st = add_stage(l, a, &states[i]);
	*out = states;
	return st;
}

status
inbox_take_mark(struct laptop *l, uint16_t space, const struct store_mark *mark)
{
	struct query *q =
	    query_of(l->queries, "UPDATE r_space SET store_epoch = ? WHERE pos = ?");

	query_blob(q, mark->epoch, sizeof mark->epoch);
	query_int(q, space);
	return query_run(q, &l->trouble);
}

status
inbox_conflicts(struct laptop *l, uint64_t *n)
{
	struct query *q = query_of(l->queries, "SELECT count(*) FROM r_conflict");

	*n = query_row(q) ? (uint64_t)query_column_int(q, 0) : 0;
	return query_done(q, &l->trouble);
}
