/* peer_pull.c - the pages of a pull: what the peer may read, from where on, and the
 * store's rows as a page (DESIGN 4.5). */
#include <assert.h>
#include <stdlib.h>

#include "proto/batch_codec.h"
#include "server/peer.h"

/* ---- what may be seen ---- */

static void
copy_log_head(const struct membership *m, uint16_t space, struct pull_view *v)
{
	const struct log_id *id;

	v->log_len = membership_log_len(m, space);
	memset(v->log_head, 0, sizeof v->log_head);
	id = v->log_len == 0 ? NULL : membership_record_id(m, space, v->log_len - 1);
	if (id != NULL)
		memcpy(v->log_head, id->bytes, sizeof v->log_head);
}

/* A scope that came to the device after its last applied pull is told from the beginning
 * (DESIGN 4.5). */
static bool
is_backfill(const struct space_state *s, const struct member_access *a)
{
	return s->cursor == 0 || a->since >= s->log_len;
}

/* The stage of the peer holds all scopes that this pull backfills. */
static bool
stage_holds(const struct space_state *s, const struct member_access *access, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (access[i].space == s->space && access[i].since >= s->staged_log_len)
			return false;
	return s->is_staged;
}

/* Takes the view at the first page; false when memory is out. *from: where it begins. */
static bool
take_view(struct ask *k, uint64_t *from)
{
	struct peer *p = k->peer;
	const struct space_state *s = &k->r.pull.state;
	const struct member_access *access = NULL;
	struct pull_view *v = &p->view;
	size_t n = 0;

	free(v->scopes);
	*v = (struct pull_view){.stage_head = s->cursor};
	copy_log_head(p->host->m, s->space, v);
	if (p->is_device && membership_access(p->host->m, &p->id, host_now_s(p->host),
				k->arena, &access, &n, NULL) != ST_OK)
		return false;
	v->scopes = calloc(n + 1, sizeof *v->scopes);
	if (v->scopes == NULL)
		return false;
	v->is_staged = stage_holds(s, access, n);
	*from = v->is_staged ? s->staged : s->cursor;
	for (size_t i = 0; i < n; i++) {
		bool is_new = is_backfill(s, &access[i]);

		if (access[i].space != s->space)
			continue;
		v->scopes[v->n_scopes++] =
		    (struct store_pull_scope){access[i].scope, is_new ? 0 : s->cursor};
		if (is_new && !v->is_staged)
			*from = 0;
	}
	return true;
}

/* ---- pages ---- */

static void
answer_nothing(struct ask *k)
{
	const struct space_state *s = &k->r.pull.state;
	struct serve_answer a = {0};
	struct page *page = &a.pull.page;

	a.pull.mark = s->mark;
	page->space = s->space;
	page->kind = PAGE_LAST;
	page->from = s->cursor; /* a stage of what it may no longer read goes */
	page->head = s->cursor;
	page->log_len = k->peer->view.log_len;
	memcpy(page->hash, s->mark.hash, sizeof page->hash);
	memcpy(page->log_head, k->peer->view.log_head, sizeof page->log_head);
	ask_answer(k, &a);
}

static bool
copy_batches(const struct store_page *in, struct arena *a, struct page *out)
{
	struct page_batch *batches = arena_zeros(a, in->n_rows + 1, sizeof *batches);

	assert(in->n_rows <= PAGE_BATCHES_MAX); /* by the mark, PULL_PAGE_BYTES */
	if (batches == NULL)
		return false;
	for (size_t i = 0; i < in->n_rows; i++) {
		const struct batch *b = &in->rows[i].batch;
		size_t len = batch_wire_bytes(b);
		uint8_t *wire = arena_alloc(a, len);
		struct writer w = writer_of(wire, len);

		if (wire == NULL)
			return false;
		batch_write(b, &w);
		assert(!w.is_full && w.used == len);
		batches[i] = (struct page_batch){in->rows[i].lsn, writer_done(&w)};
	}
	out->batches = batches;
	out->n_batches = in->n_rows;
	return true;
}

static bool
copy_removals(const struct store_page *in, struct arena *a, struct page *out)
{
	struct dead_row *dead = arena_zeros(a, in->n_refs + 1, sizeof *dead);
	struct grave_row *graves = arena_zeros(a, in->n_graves + 1, sizeof *graves);
	struct doa_row *doa = arena_zeros(a, in->n_doa + 1, sizeof *doa);

	if (dead == NULL || graves == NULL || doa == NULL)
		return false;
	for (size_t i = 0; i < in->n_refs; i++)
		dead[i] = (struct dead_row){in->refs[i].lsn, in->refs[i].index};
	for (size_t i = 0; i < in->n_graves; i++)
		graves[i] =
		    (struct grave_row){in->graves[i].scope, in->graves[i].subject};
	for (size_t i = 0; i < in->n_doa; i++)
		doa[i] =
		    (struct doa_row){in->doa[i].dot, in->doa[i].scope, in->doa[i].record};
	out->lists_live = in->lists_live;
	out->dead = dead;
	out->n_dead = in->n_refs;
	out->graves = graves;
	out->n_graves = in->n_graves;
	out->doa = doa;
	out->n_doa = in->n_doa;
	return true;
}

static void
copy_mark(
    const struct store_epoch *epoch, const struct hash32 *hash, struct store_mark *out)
{
	memcpy(out->epoch, epoch->bytes, sizeof out->epoch);
	memcpy(out->hash, hash->bytes, sizeof out->hash);
}

static bool
copy_page(struct ask *k, const struct store_page *in, struct serve_answer *a)
{
	const struct pull_view *v = &k->peer->view;
	struct page *out = &a->pull.page;

	copy_mark(&in->epoch, &in->chain, &a->pull.mark);
	out->space = k->r.space;
	out->kind = in->is_last ? PAGE_LAST : PAGE_MORE;
	out->from = k->r.pull.from;
	out->head = in->upto;
	out->log_len = v->log_len;
	memcpy(out->hash, in->chain.bytes, sizeof out->hash);
	memcpy(out->log_head, v->log_head, sizeof out->log_head);
	return copy_batches(in, k->arena, out) &&
	       (!in->is_last || copy_removals(in, k->arena, out));
}

static void
give_up(struct ask *k)
{
	session_shut(k->peer->session, host_mono_ms(k->peer->host), BYE_BUSY);
	ask_answer(k, &(struct serve_answer){0});
}

/* ---- another store than the peer knew ---- */

static void
on_looked(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	struct ask *k = ctx;
	struct serve_answer a = {0};

	(void)t;
	if (r != STORE_OK) {
		give_up(k);
		return;
	}
	a.pull.is_changed = true;
	a.pull.page.head = f->head;
	copy_mark(&f->epoch, &f->chain, &a.pull.mark);
	ask_answer(k, &a);
}

static void ask_page(struct ask *k);

static void
answer_changed(struct ask *k)
{
	struct space *s = host_space(k->peer->host, k->r.space);

	if (k->r.pull.state.cursor == 0) {
		/* Only its stage is of another store: it begins anew. */
		k->r.pull.state.is_staged = false;
		k->r.pull.from = 0;
		k->peer->view.is_staged = false;
		ask_page(k);
	} else if (s == NULL) {
		give_up(k);
	} else {
		store_look(s->store, 0, on_looked, k);
	}
}

static void
on_pulled(void *ctx, enum store_result r, const struct store_page *page,
    const struct trouble *t)
{
	struct ask *k = ctx;
	struct host *h = k->peer->host;
	struct serve_answer a = {0};
	struct space *s;

	(void)t;
	if (r == STORE_EPOCH || (r == STORE_OK && page->head < k->r.pull.from)) {
		answer_changed(k);
		return;
	}
	if (r != STORE_OK || !copy_page(k, page, &a)) {
		give_up(k);
		return;
	}
	h->n.pages++;
	s = host_space(h, k->r.space);
	if (page->is_last && s != NULL)
		store_note_contact(
		    s->store, k->peer->author, host_now_s(h) * 1000, page->head);
	k->peer->view.is_staged = true; /* by this page */
	ask_answer(k, &a);
}

static void
ask_page(struct ask *k)
{
	const struct pull_view *v = &k->peer->view;
	const struct space_state *state = &k->r.pull.state;
	struct space *s = host_space(k->peer->host, k->r.space);
	struct store_pull pull = {
	    .has_claim = k->r.pull.is_first && (state->cursor > 0 || state->is_staged),
	    .cursor = state->cursor,
	    .after = k->r.pull.from,
	    .has_stage = v->is_staged,
	    .stage_head = v->stage_head,
	    .n_scopes = v->n_scopes,
	    .scopes = v->scopes,
	    .bytes_max = PULL_PAGE_BYTES,
	};

	memcpy(pull.epoch, state->mark.epoch, sizeof pull.epoch);
	memcpy(pull.hash, state->mark.hash, sizeof pull.hash);
	if (s == NULL || v->n_scopes == 0)
		answer_nothing(k);
	else
		store_pull(s->store, &pull, on_pulled, k);
}

void
peer_pull(struct peer *p, const struct serve_request *r)
{
	struct ask *k = ask_new(p, r);
	uint64_t from = r->pull.from;

	if (k == NULL)
		return;
	if (r->pull.is_first && !take_view(k, &from)) {
		give_up(k);
		return;
	}
	k->r.pull.from = from;
	ask_page(k);
}
