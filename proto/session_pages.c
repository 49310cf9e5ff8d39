/* session_pages.c - how a page of the store becomes messages: batches that this session
 * has pushed itself become own rows, and the removals of the last transaction are split
 * over as many messages as they need (SECURITY 8, spec/session.md 6). Pure but for
 * malloc. */
#include <assert.h>
#include <stdlib.h>

#include "core/op.h"
#include "proto/session_server.h"

enum { ROWS_BESIDE_BATCHES_BYTES = 4096 }; /* so that a full page fits a packet */
enum { ROW_HEADS_BYTES = 32 };             /* of one batch in a page, at most */
/* The batch that passes the mark may be a long one. */
_Static_assert(PULL_PAGE_BYTES + BATCH_LONE_BYTES_MAX + 3 * ROWS_BESIDE_BATCHES_BYTES +
		       OWN_ROWS_MAX * OWN_ROW_BYTES + PAGE_BATCHES_MAX * ROW_HEADS_BYTES <
		   PACKET_BYTES_MAX,
    "a page fits a packet");

/* An own push by its place. */
struct own {
	uint64_t lsn;
	uint32_t push;
};

static int
by_lsn(const void *left, const void *right)
{
	const struct own *a = left;
	const struct own *b = right;

	return (a->lsn > b->lsn) - (a->lsn < b->lsn);
}

/* All pushes of the session that lie in the space, by lsn. */
static struct own *
find_own(const struct server_side *v, uint16_t space, struct arena *a, size_t *n_out)
{
	struct own *own = arena_zeros(a, v->n_pushes + 1, sizeof *own);
	size_t n = 0;

	if (own == NULL)
		return NULL;
	for (uint32_t i = 0; i < v->n_pushes; i++)
		if (v->pushes[i].space == space && v->pushes[i].lsn != 0)
			own[n++] = (struct own){v->pushes[i].lsn, i};
	if (n > 1)
		qsort(own, n, sizeof *own, by_lsn);
	*n_out = n;
	return own;
}

/* What is left to tell of a page. */
struct rest {
	const struct own_row *own;
	size_t n_own;
	const struct dead_row *dead;
	size_t n_dead;
	const struct grave_row *graves;
	size_t n_graves;
	const struct doa_row *doa;
	size_t n_doa;
};

static const struct page_batch *
batch_at(const struct page *p, uint64_t lsn)
{
	size_t low = 0, high = p->n_batches;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->batches[middle].lsn == lsn)
			return &p->batches[middle];
		if (p->batches[middle].lsn < lsn)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* May the page name the push by its number? Not if an op of it died since: the peer would
 * take all that it has for alive. Its pruned bytes go out then, as anybody's; and of one
 * of which nothing lives the row waits for the last page, which lists its ops as dead. */
static bool
is_row(struct server_push *push, uint64_t cursor, const struct page *p)
{
	const struct page_batch *b = batch_at(p, push->lsn);

	if (push->is_own_told)
		return false;
	if (b != NULL && b->wire.len != push->len) {
		push->is_own_told = true;
		return false;
	}
	if (b == NULL && (push->lsn > p->from || push->lsn <= cursor))
		push->is_gone = true;
	return !push->is_gone || p->kind == PAGE_LAST;
}

/* Own rows that no page has told yet, up to the page's head. */
static struct own_row *
new_rows(struct server_side *v, const struct own *own, size_t n_own, uint64_t cursor,
    const struct page *p, struct arena *a, size_t *n_out)
{
	struct own_row *rows = arena_zeros(a, n_own + 1, sizeof *rows);
	size_t n = 0;

	if (rows == NULL)
		return NULL;
	for (size_t i = 0; i < n_own && own[i].lsn <= p->head; i++) {
		struct server_push *push = &v->pushes[own[i].push];

		if (!is_row(push, cursor, p))
			continue;
		push->is_own_told = true;
		rows[n++] = (struct own_row){own[i].lsn, own[i].push};
	}
	*n_out = n;
	return rows;
}

/* The dead refs of the page, and every op of own pushes of which nothing lives. */
static bool
add_gone(const struct server_side *v, const struct own_row *rows, size_t n_rows,
    const struct page *p, struct arena *a, struct rest *rest)
{
	struct dead_row *dead;
	size_t n = 0;

	for (size_t i = 0; i < n_rows && !p->lists_live; i++)
		n += v->pushes[rows[i].push].is_gone ? v->pushes[rows[i].push].n_ops : 0;
	if (n == 0)
		return true;
	dead = arena_zeros(a, p->n_dead + n, sizeof *dead);
	if (dead == NULL)
		return false;
	if (p->n_dead > 0)
		memcpy(dead, p->dead, p->n_dead * sizeof *dead);
	n = p->n_dead;
	for (size_t i = 0; i < n_rows; i++) {
		const struct server_push *push = &v->pushes[rows[i].push];

		for (unsigned k = 0; push->is_gone && k < push->n_ops; k++)
			dead[n++] = (struct dead_row){rows[i].lsn, (uint8_t)k};
	}
	rest->dead = dead;
	rest->n_dead = n;
	return true;
}

/* Are the rows exactly the last pushes of the session in the space, in order, and the
 * last lsns up to head? Then a number says it all. */
static bool
is_run(const struct server_side *v, uint16_t space, uint64_t head,
    const struct own_row *rows, size_t n)
{
	uint32_t at = v->n_pushes;

	if (n > head)
		return false;
	for (size_t i = n; i > 0; i--) {
		do {
			if (at == 0)
				return false;
			at--;
		} while (v->pushes[at].space != space);
		if (rows[i - 1].push != at || rows[i - 1].lsn != head - (n - i))
			return false;
	}
	return true;
}

/* Those that no own row names: of others, and pruned ones of the peer itself. */
static const struct page_batch *
without_own(const struct server_side *v, const struct page *p, const struct own *own,
    size_t n_own, struct arena *a, size_t *n_out)
{
	struct page_batch *batches = arena_zeros(a, p->n_batches + 1, sizeof *batches);
	size_t n = 0;

	if (batches == NULL)
		return NULL;
	for (size_t i = 0; i < p->n_batches; i++) {
		struct own key = {p->batches[i].lsn, 0};
		const struct own *mine =
		    n_own == 0 ? NULL : bsearch(&key, own, n_own, sizeof *own, by_lsn);

		if (mine == NULL || v->pushes[mine->push].len != p->batches[i].wire.len)
			batches[n++] = p->batches[i];
	}
	*n_out = n;
	return batches;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Moves as many rows as one message may hold from rest to the page. */
static void
take_rows(struct rest *rest, struct page *p, size_t room)
{
	p->own = rest->own;
	p->n_own = p->own_run > 0 ? 0 : least(rest->n_own, OWN_ROWS_MAX);
	p->dead = rest->dead;
	p->n_dead = least(rest->n_dead, room / DEAD_ROW_BYTES);
	p->graves = rest->graves;
	p->n_graves = least(rest->n_graves, room / GRAVE_ROW_BYTES);
	p->doa = rest->doa;
	p->n_doa = least(rest->n_doa, room / DOA_ROW_BYTES);
	rest->own += p->own_run > 0 ? rest->n_own : p->n_own;
	rest->n_own -= p->own_run > 0 ? rest->n_own : p->n_own;
	rest->dead += p->n_dead;
	rest->n_dead -= p->n_dead;
	rest->graves += p->n_graves;
	rest->n_graves -= p->n_graves;
	rest->doa += p->n_doa;
	rest->n_doa -= p->n_doa;
}

static bool
is_told(const struct rest *r)
{
	return r->n_own + r->n_dead + r->n_graves + r->n_doa == 0;
}

static status
say_page(struct session *s, const struct page *p, struct rest *rest, bool may_be_short)
{
	struct message m = {.kind = MSG_PAGE, .page = *p};
	size_t room = p->n_batches > 0 ? ROWS_BESIDE_BATCHES_BYTES : ROWS_BYTES_MAX;
	size_t n_more;
	status st;

	assert(m.page.kind != PAGE_TAIL);
	do {
		take_rows(rest, &m.page, room);
		n_more =
		    m.page.n_batches + m.page.n_dead + m.page.n_graves + m.page.n_doa;
		if (p->kind == PAGE_LAST)
			m.page.kind = is_told(rest) ? PAGE_LAST : PAGE_TAIL;
		m.page.is_short = may_be_short && n_more == 0 && m.page.kind == PAGE_LAST;
		st = core_put(s, &m);
		may_be_short = false;
		m.page.from = p->head;
		m.page.own_run = 0;
		m.page.n_batches = 0;
		room = ROWS_BYTES_MAX;
	} while (st == ST_OK && !is_told(rest));
	return st;
}

static void
advance(struct server_space *space, const struct page *p)
{
	space->told = p->head;
	if (p->kind != PAGE_LAST)
		return;
	space->state.cursor = p->head;
	space->state.log_len = space->log_told;
	space->state.is_staged = false;
	memcpy(space->state.mark.hash, p->hash, sizeof p->hash);
}

status
serve_page(struct session *s, struct server_space *space, const struct page *p)
{
	struct arena *a = arena_new(0);
	struct page page = *p;
	struct rest rest = {.dead = p->dead,
	    .n_dead = p->n_dead,
	    .graves = p->graves,
	    .n_graves = p->n_graves,
	    .doa = p->doa,
	    .n_doa = p->n_doa};
	struct own *own = NULL;
	size_t n_own = 0;
	status st = ST_NO_MEMORY;

	assert(p->from <= space->told && p->n_batches <= PAGE_BATCHES_MAX);
	if (a != NULL)
		own = find_own(s->server, p->space, a, &n_own);
	if (own == NULL)
		goto out;
	rest.own =
	    new_rows(s->server, own, n_own, space->state.cursor, p, a, &rest.n_own);
	page.batches = without_own(s->server, p, own, n_own, a, &page.n_batches);
	if (rest.own == NULL || page.batches == NULL ||
	    !add_gone(s->server, rest.own, rest.n_own, p, a, &rest))
		goto out;
	page.own_run = is_run(s->server, p->space, p->head, rest.own, rest.n_own)
			   ? (uint32_t)rest.n_own
			   : 0;
	st = say_page(s, &page, &rest, p->from == space->told && !p->lists_live);
	advance(space, p);
out:
	arena_free(a);
	return st;
}
