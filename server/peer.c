/* peer.c - one connection: who it is, its pushes, and its life. */
#include "server/peer.h"

#include <assert.h>
#include <stdlib.h>

#include "server/append.h"
#include "server/intake.h"

void
peer_answer(struct peer *p, const struct serve_answer *a)
{
	struct uv_conn *conn = p->conn;

	session_answer(p->session, host_mono_ms(p->host), a);
	uv_conn_pump(conn); /* p may be gone */
}

struct ask *
ask_new(struct peer *p, const struct serve_request *r)
{
	struct ask *k = calloc(1, sizeof *k);

	if (k != NULL)
		k->arena = arena_new(0);
	if (k == NULL || k->arena == NULL) {
		/* An empty answer is right for none of them: give the session up. */
		struct serve_answer a = {.number = r->number};

		free(k);
		session_shut(p->session, host_mono_ms(p->host), BYE_BUSY);
		peer_answer(p, &a);
		return NULL;
	}
	k->peer = p;
	k->r = *r;
	return k;
}

void
ask_answer(struct ask *k, struct serve_answer *a)
{
	struct peer *p = k->peer;
	struct arena *arena = k->arena;

	a->number = k->r.number;
	free(k);
	peer_answer(p, a);
	arena_free(arena);
}

/* ---- who is it? ---- */

static uint32_t
sessions_of(const struct host *h, const struct device_id *id)
{
	uint32_t n = 0;

	for (const struct peer *p = h->peers; p != NULL; p = p->next)
		if (p->is_device && ID_EQUAL(&p->id, id))
			n++;
	return n;
}

static enum peer_standing
identify(struct peer *p, const struct transport_pk *key)
{
	struct host *h = p->host;
	uint32_t most = h->how.config->limits.connections_per_device_max;
	const struct member_device *d = membership_by_transport(h->m, key);

	p->is_device = false;
	if (d == NULL)
		return PEER_STRANGER;
	if (d->is_revoked)
		return PEER_REVOKED;
	if (orders_blocks(&h->orders, &d->id) ||
	    (most > 0 && sessions_of(h, &d->id) >= most))
		return PEER_REFUSED;
	p->is_device = true;
	p->id = d->id;
	p->author = member_author(d);
	p->box = d->keys.box;
	return PEER_ACTIVE;
}

/* The spaces in which the device reads something, ascending; in the arena. */
static size_t
spaces_read(const struct peer *p, struct arena *a, const uint16_t **out)
{
	struct host *h = p->host;
	const struct member_access *access;
	size_t n_access = 0, n = 0;
	uint16_t *spaces;

	*out = NULL;
	if (!p->is_device || membership_access(h->m, &p->id, host_now_s(h), a, &access,
				 &n_access, NULL) != ST_OK)
		return 0;
	spaces = arena_zeros(a, n_access, sizeof *spaces);
	for (size_t i = 0; spaces != NULL && i < n_access; i++) {
		if (n == 0 || spaces[n - 1] != access[i].space)
			spaces[n++] = access[i].space;
	}
	*out = spaces;
	return n;
}

static void
answer_who(struct peer *p, struct serve_answer *a, const struct transport_pk *key)
{
	struct arena *room = arena_new(0);

	a->standing = identify(p, key);
	if (room != NULL)
		a->n_reads = spaces_read(p, room, &a->reads);
	peer_answer(p, a);
	arena_free(room);
}

bool
peer_reads(const struct peer *p, uint16_t space)
{
	struct arena *a = arena_new(0);
	const uint16_t *spaces;
	size_t n = a == NULL ? 0 : spaces_read(p, a, &spaces);
	bool reads = false;

	for (size_t i = 0; i < n; i++)
		reads = reads || spaces[i] == space;
	arena_free(a);
	return reads;
}

/* ---- pushes ---- */

static void
count_verdict(struct audit_session *s, enum verdict v)
{
	s->stored += v == VERDICT_OK || v == VERDICT_ERASED;
	s->known += v == VERDICT_KNOWN;
	s->refused += v >= VERDICT_FIRST_REFUSED;
}

static void
on_verdict(void *ctx, const struct intake_verdict *v)
{
	struct ask *k = ctx;
	struct serve_answer a = {0};

	count_verdict(&k->peer->trail, v->code);
	a.accept.code = v->code;
	a.accept.detail = v->detail;
	a.accept.lsn = v->lsn;
	ask_answer(k, &a);
}

static void
take_push(struct peer *p, const struct serve_request *r)
{
	struct intake_push push = {
	    .space = r->space, .wire = r->accept.batch, .peer = p->id};
	struct ask *k = ask_new(p, r);

	p->trail.bytes += r->accept.batch.len;
	if (k != NULL)
		intake_accept(p->host, &push, on_verdict, k);
}

/* ---- requests ---- */

static void
serve(struct peer *p, const struct serve_request *r)
{
	struct serve_answer a = {.number = r->number};

	switch (r->kind) {
	case SERVE_PEER:
		answer_who(p, &a, &r->peer.transport);
		return;
	case SERVE_ACCEPT:
		take_push(p, r);
		return;
	case SERVE_APPEND:
		peer_append(p, r);
		return;
	case SERVE_BOXES:
		peer_boxes(p, r);
		return;
	case SERVE_LOGS:
		peer_logs(p, r);
		return;
	case SERVE_KEYBOXES:
		peer_keyboxes(p, r);
		return;
	case SERVE_INVITE:
		peer_invite(p, r);
		return;
	case SERVE_PULL:
		peer_pull(p, r);
		return;
	case SERVE_RECOVER:
		peer_recover(p, r);
		return;
	case SERVE_DEVICES:
		peer_devices(p, r);
		return;
	case SERVE_NOTHING:
	case SERVE_KIND_COUNT:
		break;
	}
	assert(false && "a request of the table");
}

static void
on_work(void *ctx, struct uv_conn *c)
{
	struct peer *p = ctx;
	struct transport_pk key;

	(void)c;
	if (p->pass.is_half_open && session_peer(p->session, &key))
		gate_known(p->host->gate, &p->pass);
	for (;;) {
		struct serve_request r =
		    session_next_request(p->session, host_mono_ms(p->host));

		if (r.kind == SERVE_NOTHING)
			return;
		serve(p, &r);
	}
}

/* ---- life ---- */

static void
unlink_peer(struct peer *p)
{
	struct host *h = p->host;

	if (p->prev != NULL)
		p->prev->next = p->next;
	else
		h->peers = p->next;
	if (p->next != NULL)
		p->next->prev = p->prev;
	h->n_peers--;
}

static void
on_closed(void *ctx, struct uv_conn *c)
{
	struct peer *p = ctx;
	struct host *h = p->host;

	h->n.bytes_in += uv_conn_bytes_in(c);
	h->n.bytes_out += uv_conn_bytes_out(c);
	if (p->is_device)
		audit_end(h->audit, &p->trail, host_now_s(h), &p->id);
	unlink_peer(p);
	if (p->has_pass)
		gate_leave(h->gate, &p->pass);
	h->n_turned_away -= p->is_turned_away;
	session_free(p->session);
	free(p->view.scopes);
	free(p);
	if (h->is_stopping)
		host_stop(h); /* perhaps it was the last one */
}

static struct peer *
peer_new(struct host *h)
{
	struct server_config config = {
	    .network = h->how.config->network,
	    .secret = h->how.secret,
	    .transport = h->how.transport,
	    .server_time_s = host_now_s(h),
	    .rng = h->how.rng,
	};
	struct uv_conn_hooks hooks = {.on_work = on_work, .on_closed = on_closed};
	struct peer *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	hooks.ctx = p;
	p->host = h;
	p->session = session_server_new(&config, host_mono_ms(h));
	if (p->session != NULL)
		p->conn = uv_conn_new(h->net, p->session, &hooks);
	if (p->conn == NULL) {
		session_free(p->session);
		free(p);
		return NULL;
	}
	p->next = h->peers;
	if (p->next != NULL)
		p->next->prev = p;
	h->peers = p;
	h->n_peers++;
	return p;
}

void
host_take_peer(struct host *h, uv_stream_t *at, struct uv_listen *l)
{
	struct sockaddr_storage from;
	enum gate_answer answer;
	struct peer *p = h->is_stopping || !h->is_ready ? NULL : peer_new(h);

	if (p == NULL) {
		h->n.refused_connections++;
		uv_listen_refuse(l, at);
		return;
	}
	if (uv_conn_accept(p->conn, at, NULL) != ST_OK)
		return; /* on_closed follows */
	uv_conn_peer(p->conn, &from);
	answer = gate_enter(h->gate, host_mono_ms(h), &from, &p->pass);
	p->has_pass = answer == GATE_OPEN;
	if (p->has_pass) {
		audit_begin(h->audit, &p->trail, host_now_s(h), &from);
		h->n.connections++;
		return;
	}
	h->n.refused_connections++;
	h->n.turned_away[answer]++;
	audit_turned_away(h->audit);
	if (h->n_turned_away == TURNED_AWAY_MAX) {
		uv_conn_close(p->conn);
		return;
	}
	p->is_turned_away = true;
	h->n_turned_away++;
	session_turn_away(p->session);
}
