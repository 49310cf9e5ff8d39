/* host.c - a running server: reading the logs at the start, ringing peers that wait, and
 * stopping in order. */
#include "server/host.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/log_codec.h"
#include "server/append.h"
#include "server/graves_file.h"
#include "server/peer.h"

enum {
	LOG_PIECE_BYTES = 256 * 1024,
	BELL_MS = 20 /* pushes that come together ring once */
};

uint64_t
host_now_s(const struct host *h)
{
	return h->how.clock.now_ms(h->how.clock.ctx) / 1000;
}

uint64_t
host_mono_ms(const struct host *h)
{
	return h->how.clock.mono_ms(h->how.clock.ctx);
}

static struct space *
find_space(struct host *h, uint16_t position)
{
	for (size_t i = 0; i < h->n_spaces; i++)
		if (h->spaces[i]->position == position)
			return h->spaces[i];
	return NULL;
}

struct space *
host_space(struct host *h, uint16_t position)
{
	struct space *s = find_space(h, position);

	return s != NULL && s->is_ready && !h->is_stopping ? s : NULL;
}

/* ---- reading logs ---- */

static void
fail(struct host *h, status st, const struct trouble *t)
{
	if (!h->is_ready && h->how.on_ready != NULL)
		h->how.on_ready(h->how.ctx, st, t);
	h->how.on_ready = NULL;
}

static void
ready_if_all_read(struct host *h)
{
	for (size_t i = 0; i < h->n_spaces; i++)
		if (!h->spaces[i]->is_ready)
			return;
	if (h->is_ready)
		return;
	h->is_ready = true;
	if (h->how.on_ready != NULL)
		h->how.on_ready(h->how.ctx, ST_OK, NULL);
}

static void
no_matter(void *ctx)
{
	(void)ctx;
}

/* Whoever waits for the space goes on, whether it could be read or not. */
static void
tell_reader(struct space *s)
{
	void (*on_read)(void *ctx) = s->on_read;

	s->on_read = NULL;
	if (on_read != NULL)
		on_read(s->on_read_ctx);
}

/* NET is read first, since the other logs cite it. */
static void
space_is_read(struct space *s)
{
	struct host *h = s->host;
	bool is_first = !s->is_ready;

	s->is_ready = true;
	if (is_first) {
		host_look_at(s, no_matter, NULL);
		host_keep_graves(s); /* one may be missing since a crash */
	}
	if (s->position == 0 && is_first)
		for (size_t i = 1; i < membership_n_spaces(h->m); i++)
			(void)host_open_space(
			    h, membership_space_at(h->m, i), NULL, NULL);
	ready_if_all_read(h);
	tell_reader(s);
}

static status
believe(struct space *s, struct span wire, struct arena *a, struct trouble *t)
{
	struct apply_how how = {.mode = APPLY_STORED};
	struct log_record record;
	status st;

	arena_reset(a);
	st = log_record_read(wire, a, &record, t);
	if (st == ST_OK)
		st = membership_apply(s->host->m, &record, &how, NULL, t);
	return st;
}

static void
on_log(void *ctx, enum store_result r, const struct store_records *records,
    const struct trouble *t)
{
	struct space *s = ctx;
	struct host *h = s->host;
	struct trouble why = {0};
	status st = ST_OK;

	s->is_loading = false;
	if (h->is_stopping || r != STORE_OK) {
		if (r != STORE_OK)
			fail(h, ST_CORRUPT, t);
		tell_reader(s);
		return;
	}
	for (size_t i = 0; st == ST_OK && i < records->n_records; i++)
		st = believe(s, records->records[i].record, h->scratch, &why);
	if (st != ST_OK) {
		(void)trouble_wrap(&why, "the log of %.4s", s->name.text);
		fail(h, st, &why);
		tell_reader(s);
	} else if (records->is_more) {
		host_read_log(s);
	} else {
		space_is_read(s);
	}
}

void
host_read_log(struct space *s)
{
	if (s->is_loading)
		return;
	s->is_loading = true;
	store_log(s->store, membership_log_len(s->host->m, s->position), LOG_PIECE_BYTES,
	    on_log, s);
}

static struct space *
add_space(struct host *h, uint16_t position, const struct space_name *name)
{
	struct space *s = calloc(1, sizeof *s);
	struct space **more;

	if (s == NULL)
		return NULL;
	more = realloc(h->spaces, (h->n_spaces + 1) * sizeof *more);
	if (more == NULL) {
		free(s);
		return NULL;
	}
	h->spaces = more;
	*s = (struct space){.host = h, .position = position, .name = *name};
	return s;
}

static status
open_space(struct host *h, uint16_t position, const struct space_name *name,
    struct space **out, struct trouble *t)
{
	struct space *s = add_space(h, position, name);
	char text[sizeof name->text + 1] = {0};
	status st;

	if (s == NULL)
		return trouble_set(t, ST_NO_MEMORY, "no memory for a space");
	memcpy(text, name->text, sizeof name->text);
	st = h->how.opener.open(h->how.opener.ctx, text, &s->store, t);
	if (st != ST_OK) {
		free(s);
		return st;
	}
	h->spaces[h->n_spaces++] = s;
	host_read_log(s);
	*out = s;
	return ST_OK;
}

bool
host_open_space(struct host *h, uint16_t position, void (*on_read)(void *ctx), void *ctx)
{
	const struct space_name *name = membership_space_name(h->m, position);
	struct trouble t = {0};
	struct space *s;
	status st;

	if (name == NULL || find_space(h, position) != NULL)
		return false;
	st = open_space(h, position, name, &s, &t);
	if (st != ST_OK) {
		fail(h, st, &t); /* after the start: the space answers AGAIN */
		return false;
	}
	s->on_read = on_read;
	s->on_read_ctx = ctx;
	return true;
}

struct space_text
host_space_text(const struct space *s)
{
	struct space_text out = {{0}};

	memcpy(out.text, s->name.text, sizeof s->name.text);
	return out;
}

bool
host_path(const struct host *h, const char *file, size_t cap, char *out)
{
	const char *folder = h->how.config->data;

	return folder[0] != '\0' &&
	       (size_t)snprintf(out, cap, "%s/%s", folder, file) < cap;
}

/* ---- quota ---- */

uint32_t
host_quota_mib(const struct space *s)
{
	return orders_quota(&s->host->orders, host_space_text(s).text,
	    s->host->how.config->limits.quota_mib);
}

struct host_quota
host_quota(const struct space *s)
{
	return (struct host_quota){
	    .ops = s->host->how.config->limits.quota_ops,
	    .bytes = (uint64_t)host_quota_mib(s) << 20,
	};
}

void
host_let_in(struct space *s, uint64_t ops, uint64_t bytes)
{
	s->live_bytes += bytes;
	s->live_ops += ops;
	s->n_unseen++;
}

bool
host_has_room(struct space *s, uint64_t ops, uint64_t bytes)
{
	struct host_quota most = host_quota(s);

	if ((most.bytes > 0 && s->live_bytes + bytes > most.bytes) ||
	    (most.ops > 0 && s->live_ops + ops > most.ops))
		return false;
	host_let_in(s, ops, bytes);
	return true;
}

bool
host_is_exact(const struct space *s)
{
	return s->n_unseen == 0;
}

/* Somebody who asks whether there is room after all. */
struct looking {
	struct space *space;
	uint32_t n_looks; /* as all stood when it was asked */
	uint32_t n_unseen;
	uint64_t bytes;
	uint64_t ops;
	void (*done)(void *ctx);
	void *ctx;
};

static void
on_exact(void *ctx, enum store_result r, const struct store_figures *f,
    const struct trouble *t)
{
	struct looking *l = ctx;
	struct space *s = l->space;

	/* Pushes let in since the question are stored after it. */
	(void)t;
	if (r == STORE_OK && s->n_looks == l->n_looks) {
		s->live_bytes = f->live_bytes + (s->live_bytes - l->bytes);
		s->live_ops = f->live_ops + (s->live_ops - l->ops);
		s->n_unseen -= l->n_unseen;
		s->n_looks++;
	}
	l->done(l->ctx);
	free(l);
}

void
host_look_at(struct space *s, void (*done)(void *ctx), void *ctx)
{
	struct looking *l = calloc(1, sizeof *l);

	if (l == NULL || s->host->is_stopping) {
		free(l);
		done(ctx);
		return;
	}
	*l = (struct looking){
	    s, s->n_looks, s->n_unseen, s->live_bytes, s->live_ops, done, ctx};
	store_look(s->store, 0, on_exact, l);
}

/* ---- graves ---- */

static void
on_graves(
    void *ctx, enum store_result r, const struct store_graves *g, const struct trouble *t)
{
	struct space *s = ctx;
	struct host *h = s->host;
	char path[CONFIG_TEXT_BYTES + 16];

	(void)t;
	if (r != STORE_OK || !host_path(h, "graves", sizeof path, path) ||
	    graves_file_add(path, host_space_text(s).text, g->at, g->n, NULL) != ST_OK)
		h->n.graves_unwritten++;
}

void
host_keep_graves(struct space *s)
{
	if (s->host->how.config->data[0] != '\0' && !s->host->is_stopping)
		store_graves(s->store, on_graves, s);
}

/* ---- the bell ---- */

static void
on_bell(uv_timer_t *timer)
{
	struct host *h = timer->data;
	struct peer *next;

	h->is_bell_armed = false;
	for (struct peer *p = h->peers; p != NULL; p = next) {
		bool rings = false;

		next = p->next;
		if (!session_is_waiting(p->session))
			continue;
		for (size_t i = 0; i < h->n_spaces; i++)
			if (h->spaces[i]->has_grown &&
			    peer_reads(p, h->spaces[i]->position)) {
				session_ring(
				    p->session, host_mono_ms(h), h->spaces[i]->position);
				rings = true;
			}
		if (rings)
			uv_conn_pump(p->conn);
	}
	for (size_t i = 0; i < h->n_spaces; i++)
		h->spaces[i]->has_grown = false;
}

void
host_ring_later(struct space *s)
{
	struct host *h = s->host;

	s->has_grown = true;
	if (h->is_bell_armed || h->is_stopping)
		return;
	h->is_bell_armed = true;
	(void)uv_timer_start(&h->bell, on_bell, BELL_MS, 0);
}

void
host_drop_revoked(struct host *h)
{
	struct peer *next;

	for (struct peer *p = h->peers; p != NULL; p = next) {
		const struct member_device *d;
		struct transport_pk key;

		next = p->next;
		if (!p->is_device || !session_peer(p->session, &key))
			continue;
		d = membership_by_transport(h->m, &key);
		if (d != NULL && !d->is_revoked && !orders_blocks(&h->orders, &d->id))
			continue;
		session_shut(p->session, host_mono_ms(h),
		    d == NULL || d->is_revoked ? BYE_REVOKED : BYE_BUSY);
		uv_conn_pump(p->conn);
	}
}

/* ---- life ---- */

static void
free_parts(struct host *h)
{
	for (size_t i = 0; i < h->n_spaces; i++)
		free(h->spaces[i]);
	free(h->spaces);
	membership_free(h->m);
	gate_free(h->gate);
	guesses_free(h->guesses);
	arena_free(h->scratch);
	append_queue_free(h->appends);
	audit_close(h->audit);
	free(h);
}

static status
read_orders(struct host *h, struct trouble *t)
{
	char path[CONFIG_TEXT_BYTES + 16];

	return host_path(h, "orders", sizeof path, path)
		   ? orders_read(path, &h->orders, t)
		   : ST_OK;
}

struct host *
host_new(
    struct net_loop *net, const struct host_config *how, status *st, struct trouble *t)
{
	static const struct space_name net_name = {"NET"};
	struct space *net_space;
	struct host *h = calloc(1, sizeof *h);

	*st = ST_NO_MEMORY;
	if (h == NULL)
		return NULL;
	h->how = *how;
	h->net = net;
	h->m = membership_new(&how->config->network);
	h->gate = gate_new(&how->config->limits);
	h->guesses = guesses_new(&how->config->limits);
	h->scratch = arena_new(0);
	h->appends = append_queue_new(h);
	if (h->m != NULL && h->gate != NULL && h->guesses != NULL && h->scratch != NULL &&
	    h->appends != NULL)
		*st = read_orders(h, t);
	else
		(void)trouble_set(t, ST_NO_MEMORY, "no memory for the server");
	if (*st == ST_OK)
		*st = open_space(h, 0, &net_name, &net_space, t);
	if (*st != ST_OK) {
		free_parts(h);
		return NULL;
	}
	(void)uv_timer_init(net_loop_uv(net), &h->bell);
	h->bell.data = h;
	return h;
}

static void
on_store_closed(void *ctx)
{
	struct host *h = ctx;

	assert(h->n_closing > 0);
	if (--h->n_closing == 0 && h->how.on_stopped != NULL)
		h->how.on_stopped(h->how.ctx);
}

static void
on_bell_closed(uv_handle_t *bell)
{
	on_store_closed(bell->data);
}

/* All peers are gone: stores write what they hold and close. */
static void
close_stores(struct host *h)
{
	if (uv_is_closing((uv_handle_t *)&h->bell))
		return;
	h->n_closing = h->n_spaces + 1;
	uv_close((uv_handle_t *)&h->bell, on_bell_closed);
	for (size_t i = 0; i < h->n_spaces; i++)
		store_close(h->spaces[i]->store, on_store_closed, h);
}

void
host_stop(struct host *h)
{
	struct peer *next;
	bool is_first = !h->is_stopping;

	h->is_stopping = true;
	if (h->peers == NULL) {
		close_stores(h);
		return;
	}
	for (struct peer *p = h->peers; is_first && p != NULL; p = next) {
		struct transport_pk key;

		next = p->next;
		if (session_peer(p->session, &key)) {
			session_shut(p->session, host_mono_ms(h), BYE_BUSY);
			uv_conn_pump(p->conn);
		} else {
			uv_conn_close(p->conn);
		}
	}
}

void
host_free(struct host *h)
{
	if (h == NULL)
		return;
	assert(h->peers == NULL && h->n_closing == 0);
	free_parts(h);
}
