/* session_pair.h - a client and a server session connected in memory, with a server of
 * arrays behind it. For tests of sessions and their fuzz target. */
#ifndef TESTS_SESSION_PAIR_H
#define TESTS_SESSION_PAIR_H

#include <assert.h>
#include <stdlib.h>

#include "crypto/derive.h"
#include "proto/session.h"

enum { FAKE_BATCHES_MAX = 4096, FAKE_SPACES_MAX = 4, FAKE_RECORDS_MAX = 64 };

/* One space of the server: batches in lsn order from `base` + 1 on. */
struct fake_space {
	uint16_t space;
	struct store_mark mark;
	uint64_t base;
	size_t n;
	struct span batches[FAKE_BATCHES_MAX];
	uint32_t log_base; /* records that everybody has */
	size_t n_records;
	struct span records[FAKE_RECORDS_MAX];
	size_t n_dead;
	struct dead_row *dead;
	size_t n_graves;
	struct grave_row *graves;
	bool backfills; /* the first page begins at 0 */
};

struct fake_server {
	enum peer_standing standing;
	size_t n_spaces;
	struct fake_space spaces[FAKE_SPACES_MAX];
	size_t page_batches; /* per page */
	size_t n_accepts;
	size_t n_appends;
	size_t n_boxes;
	size_t n_keyboxes; /* asked for, as part of a pull */
	size_t n_recovers;
	struct contacts contacts; /* what DEVICES is answered with */
	enum append_result append_result;
	bool is_tolerant; /* of spaces and positions that it does not have */
	bool holds;       /* keeps requests unanswered */
	size_t n_held;
	struct serve_request held[256];
};

struct pair {
	struct session *client;
	struct session *server;
	struct fake_server *fake;
	uint64_t now_ms;
	size_t dribble; /* bytes moved at once; 0 = all */
	size_t bytes_up;
	size_t bytes_down;
	size_t turns;       /* changes of direction, the first flight counts 1 */
	int last_direction; /* 1 up, 2 down */
	size_t cut_after;   /* bytes in both directions after which the link breaks */
	bool is_cut;
	void *ctx;
	void (*on_event)(struct pair *p, const struct client_event *e);
};

static const struct network_id pair_network = {{1, 2, 3}};
static const struct transport_sk pair_server_sk = {{7, 7, 7}};
static const struct transport_sk pair_client_sk = {{9, 9, 9}};

static inline struct fake_space *
fake_find(struct fake_server *f, uint16_t space)
{
	for (size_t i = 0; i < f->n_spaces; i++)
		if (f->spaces[i].space == space)
			return &f->spaces[i];
	if (!f->is_tolerant)
		abort(); /* no test asks for others */
	return &f->spaces[0];
}

static inline void
fake_hash(uint64_t lsn, uint8_t out[8])
{
	put_u64(out, lsn * UINT64_C(0x9E3779B97F4A7C15));
}

static inline struct span
fake_copy(struct span s)
{
	uint8_t *at = malloc(s.len + 1);

	assert(at != NULL);
	memcpy(at, s.bytes, s.len);
	return span_of(at, s.len);
}

/* Batches that begin with 'X' are refused; equal bytes are one batch. */
static inline void
fake_accept(struct fake_server *f, const struct serve_request *r, struct serve_answer *a)
{
	struct fake_space *s = fake_find(f, r->space);

	f->n_accepts++;
	if (r->accept.batch.bytes[0] == 'X') {
		a->accept.code = VERDICT_EPOCH;
		a->accept.detail = 7;
		return;
	}
	for (size_t i = 0; i < s->n; i++)
		if (span_equal(s->batches[i], r->accept.batch)) {
			a->accept.code = VERDICT_KNOWN;
			a->accept.lsn = s->base + i + 1;
			return;
		}
	assert(s->n < FAKE_BATCHES_MAX);
	s->batches[s->n++] = fake_copy(r->accept.batch);
	a->accept.code = VERDICT_OK;
	a->accept.lsn = s->base + s->n;
}

static inline void
fake_append(struct fake_server *f, const struct serve_request *r, struct serve_answer *a)
{
	struct fake_space *s = fake_find(f, r->space);

	f->n_appends++;
	if (s->n_records == FAKE_RECORDS_MAX)
		f->append_result = APPEND_AGAIN;
	a->append.result = f->append_result;
	if (f->append_result == APPEND_OK)
		s->records[s->n_records++] = fake_copy(r->append.record);
	a->append.detail = s->log_base + (uint32_t)s->n_records;
	f->append_result = APPEND_OK;
}

static inline void
fake_logs(struct fake_server *f, const struct serve_request *r, struct serve_answer *a)
{
	struct fake_space *s = fake_find(f, r->space);
	size_t first = r->logs.from - s->log_base;

	assert(r->logs.from >= s->log_base);
	if (first >= s->n_records)
		return;
	a->logs.records = &s->records[first];
	a->logs.n_records = s->n_records - first > 2 ? 2 : s->n_records - first;
	a->logs.is_more = first + a->logs.n_records < s->n_records;
}

static inline void
fake_pull(struct fake_server *f, const struct serve_request *r, struct serve_answer *a,
    struct page_batch *batches)
{
	struct fake_space *s = fake_find(f, r->space);
	struct page *p = &a->pull.page;
	uint64_t from = r->pull.from;
	uint8_t hash[8] = {0};

	a->pull.mark = s->mark;
	p->space = r->space;
	p->head = s->base + s->n;
	if (r->pull.state.cursor > 0)
		fake_hash(r->pull.state.cursor, hash);
	a->pull.is_changed = r->pull.is_first && r->pull.state.cursor > 0 &&
			     (memcmp(s->mark.epoch, r->pull.state.mark.epoch, 4) != 0 ||
				 memcmp(hash, r->pull.state.mark.hash, 8) != 0 ||
				 r->pull.state.cursor > p->head);
	if (a->pull.is_changed)
		return;
	if (r->pull.is_first && s->backfills)
		from = s->base;
	s->backfills = false;
	if (from < s->base || from > p->head)
		from = s->base;
	p->from = from < r->pull.from ? from : r->pull.from;
	while (p->n_batches < f->page_batches && from + p->n_batches < s->base + s->n) {
		size_t i = (size_t)(from - s->base) + p->n_batches;

		batches[p->n_batches++] =
		    (struct page_batch){s->base + i + 1, s->batches[i]};
	}
	p->batches = batches;
	p->kind = from + p->n_batches == s->base + s->n ? PAGE_LAST : PAGE_MORE;
	p->head = from + p->n_batches;
	p->log_len = s->log_base + (uint32_t)s->n_records;
	fake_hash(p->head, p->hash);
	if (p->kind == PAGE_LAST) {
		p->n_dead = s->n_dead;
		p->dead = s->dead;
		p->n_graves = s->n_graves;
		p->graves = s->graves;
	}
}

static inline void
fake_answer(struct pair *p, const struct serve_request *r)
{
	struct fake_server *f = p->fake;
	struct serve_answer a = {.number = r->number};
	struct page_batch batches[PAGE_BATCHES_MAX];

	switch (r->kind) {
	case SERVE_PEER:
		a.standing = f->standing;
		break;
	case SERVE_ACCEPT:
		fake_accept(f, r, &a);
		break;
	case SERVE_APPEND:
		fake_append(f, r, &a);
		break;
	case SERVE_BOXES:
		f->n_boxes += r->boxes.n_boxes;
		break;
	case SERVE_LOGS:
		fake_logs(f, r, &a);
		break;
	case SERVE_INVITE:
		a.invite.is_known = r->invite.invite.bytes[0] == 5;
		a.invite.space = 3;
		break;
	case SERVE_PULL:
		fake_pull(f, r, &a, batches);
		break;
	case SERVE_RECOVER:
		f->n_recovers++;
		break;
	case SERVE_DEVICES:
		a.contacts = f->contacts;
		break;
	case SERVE_KEYBOXES:
		f->n_keyboxes++;
		break;
	case SERVE_NOTHING:
	case SERVE_KIND_COUNT:
		break;
	}
	session_answer(p->server, p->now_ms, &a);
}

/* Answers everything; true if there was something. */
static inline bool
pair_serve(struct pair *p)
{
	bool any = false;

	for (;;) {
		struct serve_request r = session_next_request(p->server, p->now_ms);

		if (r.kind == SERVE_NOTHING)
			return any;
		any = true;
		if (p->fake->holds) {
			assert(p->fake->n_held < 256);
			p->fake->held[p->fake->n_held++] = r;
		} else {
			fake_answer(p, &r);
		}
	}
}

static inline bool
pair_events(struct pair *p)
{
	bool any = false;

	for (;;) {
		struct client_event e = session_next_event(p->client, p->now_ms);

		if (e.kind == CLIENT_NOTHING)
			return any;
		any = true;
		p->on_event(p, &e);
	}
}

static inline void
pair_cut(struct pair *p)
{
	p->is_cut = true;
	session_eof(p->client, p->now_ms, true);
	session_eof(p->server, p->now_ms, true);
}

/* Moves up to `dribble` bytes; true if any moved. */
static inline bool
pair_move(struct pair *p, struct session *from, struct session *to, int direction)
{
	size_t *count = direction == 1 ? &p->bytes_up : &p->bytes_down;
	struct span out = session_output(from);
	size_t used = 0;

	if (out.len == 0 || !session_wants_input(to))
		return false;
	if (p->dribble > 0 && out.len > p->dribble)
		out.len = p->dribble;
	if (p->cut_after > 0 && out.len > p->cut_after - p->bytes_up - p->bytes_down)
		out.len = p->cut_after - p->bytes_up - p->bytes_down;
	if (out.len == 0) {
		pair_cut(p);
		return true;
	}
	(void)session_receive(to, p->now_ms, out, &used, NULL);
	session_sent(from, p->now_ms, used);
	*count += used;
	if (used > 0 && p->last_direction != direction) {
		p->last_direction = direction;
		p->turns++;
	}
	return used > 0;
}

/* Until nothing moves any more. A side that is over closes the stream. */
static inline void
pair_run(struct pair *p)
{
	bool any;

	do {
		any = pair_events(p);
		any = pair_serve(p) || any;
		if (p->is_cut)
			continue;
		any = pair_move(p, p->client, p->server, 1) || any;
		any = pair_serve(p) || any;
		any = pair_move(p, p->server, p->client, 2) || any;
		if (session_is_over(p->server) && session_end(p->client) == END_NONE &&
		    !any)
			session_eof(p->client, p->now_ms, false), any = true;
		if (session_is_over(p->client) && session_end(p->server) == END_NONE &&
		    !any)
			session_eof(p->server, p->now_ms, false), any = true;
	} while (any);
	(void)pair_events(p);
}

static inline void
pair_rng_fill(void *ctx, void *out, size_t len)
{
	uint8_t *at = out;
	uint64_t *state = ctx;

	for (size_t i = 0; i < len; i++) {
		*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407U;
		at[i] = (uint8_t)(*state >> 56);
	}
}

static inline void
pair_open(struct pair *p, const struct space_state *spaces, size_t n)
{
	static uint64_t client_seed = 1;
	static uint64_t server_seed = 2;
	struct client_config c = {.network = pair_network,
	    .secret = &pair_client_sk,
	    .incarnation = 300,
	    .n_spaces = n,
	    .spaces = spaces,
	    .rng = {pair_rng_fill, &client_seed}};
	struct server_config v = {.network = pair_network,
	    .secret = &pair_server_sk,
	    .server_time_s = 1775000000,
	    .rng = {pair_rng_fill, &server_seed}};

	derive_transport_pk(&pair_server_sk, &v.transport);
	c.server = v.transport;
	p->client = session_client_new(&c, p->now_ms);
	p->server = session_server_new(&v, p->now_ms);
	assert(p->client != NULL && p->server != NULL);
}

static inline void
pair_close(struct pair *p)
{
	session_free(p->client);
	session_free(p->server);
	p->client = NULL;
	p->server = NULL;
	p->turns = 0;
	p->last_direction = 0;
	p->bytes_up = 0;
	p->bytes_down = 0;
	p->is_cut = false;
}

static inline void
fake_free(struct fake_server *f)
{
	for (size_t i = 0; i < f->n_spaces; i++) {
		for (size_t k = 0; k < f->spaces[i].n; k++)
			free((void *)(uintptr_t)f->spaces[i].batches[k].bytes);
		for (size_t k = 0; k < f->spaces[i].n_records; k++)
			free((void *)(uintptr_t)f->spaces[i].records[k].bytes);
	}
	free(f);
}

#endif
