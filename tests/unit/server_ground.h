/* server_ground.h - a whole server on loopback with stores in memory, a network that is
 * founded and joined over it, and laptops that visit. Include cmocka.h first. */
#ifndef TESTS_SERVER_GROUND_H
#define TESTS_SERVER_GROUND_H

#include <stdio.h>
#include <stdlib.h>

#include "net/os_clock.h"
#include "net/os_rng.h"
#include "net/uv_listen.h"
#include "proto/batch_codec.h"
#include "server/host.h"
#include "store/store_memory.h"
#include "unit/log_world.h"

enum { RECORDS_MAX = 64, PUSHES_MAX = 8 };

/* A record that was built, and the space it belongs to. */
struct record {
	uint16_t space;
	struct built_record built;
};

/* A server, and a network as its office knows it. */
struct ground {
	struct world w;
	size_t n_records;
	struct record records[RECORDS_MAX]; /* from GENESIS on */
	uv_loop_t loop;
	struct net_loop *net;
	struct config config;
	struct transport_sk secret;
	struct host *host;
	struct uv_listen *listener;
	struct batch_id last_batch; /* that batch_of made */
	struct short_id follows;    /* which one the next says that it follows */
	uint64_t unix_ms;           /* the clock of the server */
	bool is_ready;
	bool is_stopped;
};

/* One sync of a laptop, and what came of it. */
enum { ROWS_HEARD_MAX = 16 };

struct visit {
	struct ground *g;
	struct session *session;
	/* said: */
	size_t n_appends;
	const struct record *appends;
	size_t n_pushes;
	uint16_t push_space[PUSHES_MAX];
	struct span push[PUSHES_MAX];
	bool has_invite;
	struct sign_pk invite;
	bool waits; /* stays after the pull */
	bool asks;  /* about the laptops of this space, and the cuts of this one */
	uint16_t asks_space, asks_device;
	size_t n_own_boxes;
	const struct box_row *own_boxes;
	bool recovers;
	const struct recover *part_before; /* may be NULL */
	struct recover recover;
	size_t n_states;
	struct space_state states[4];
	/* heard: */
	size_t n_verdicts;
	enum verdict verdict[PUSHES_MAX];
	uint16_t detail[PUSHES_MAX];
	size_t n_appended;
	enum append_result append_result;
	uint32_t append_detail;
	size_t n_records; /* of all logs */
	size_t n_boxes;
	size_t n_lists;
	size_t n_pages;
	size_t n_batches;
	struct span batches[PUSHES_MAX];
	size_t n_own;
	size_t n_stores;
	enum store_state store;
	size_t n_rings;
	size_t n_contacts, n_cuts, n_gaps;
	bool has_gaps;
	struct gap_row gap; /* the first */
	uint64_t contacts_head;
	struct contact_row contacts[ROWS_HEARD_MAX];
	struct cut_row cuts[ROWS_HEARD_MAX];
	enum recover_result recovered;
	enum session_end end;
	bool is_done; /* the stream is closed */
};

/* ---- the ground ---- */

static inline uint64_t
clock_now(void *ctx)
{
	const struct ground *g = ctx;

	return g->unix_ms;
}

static inline uint64_t
clock_mono(void *ctx)
{
	(void)ctx;
	return os_mono_ms();
}

static inline status
open_memory(void *ctx, const char *name, struct store **out, struct trouble *t)
{
	struct ground *g = ctx;
	struct store_memory_config config = {
	    .epoch = {{'E', 'P', 'O', 'C'}}, .checks = &g->w.checks, .loop = &g->loop};

	(void)name;
	return store_memory_open(out, &config, t);
}

static inline void
on_ready(void *ctx, status st, const struct trouble *t)
{
	struct ground *g = ctx;

	(void)t;
	assert_int_equal(st, ST_OK);
	g->is_ready = true;
}

static inline void
on_stopped(void *ctx)
{
	struct ground *g = ctx;

	g->is_stopped = true;
}

static inline void
on_peer(void *ctx, struct uv_listen *l, uv_stream_t *at)
{
	struct ground *g = ctx;

	host_take_peer(g->host, at, l);
}

static inline void
ground_begin(struct ground *g)
{
	struct uv_listen_hooks hooks = {g, on_peer};
	struct host_config how = {.config = &g->config,
	    .secret = &g->secret,
	    .checks = g->w.checks,
	    .opener = {g, open_memory},
	    .clock = {clock_now, clock_mono, g},
	    .rng = os_rng(),
	    .ctx = g,
	    .on_ready = on_ready,
	    .on_stopped = on_stopped};
	status st;

	config_init(&g->config);
	g->config.network = *membership_network(g->w.m);
	g->config.limits.new_per_prefix_per_s = 0;
	g->unix_ms = g->w.now_s * 1000;
	memset(g->secret.bytes, 0x55, sizeof g->secret.bytes);
	derive_transport_pk(&g->secret, &how.transport);
	assert_int_equal(uv_loop_init(&g->loop), 0);
	g->net = net_loop_new(&g->loop);
	g->host = host_new(g->net, &how, &st, NULL);
	assert_int_equal(st, ST_OK);
	g->listener = uv_listen_new(g->net, "127.0.0.1", 0, &hooks, &st, NULL);
	assert_int_equal(st, ST_OK);
	while (!g->is_ready)
		(void)uv_run(&g->loop, UV_RUN_ONCE);
}

static inline void
ground_end(struct ground *g)
{
	uv_listen_close(g->listener);
	host_stop(g->host);
	(void)uv_run(&g->loop, UV_RUN_DEFAULT);
	assert_true(g->is_stopped);
	host_free(g->host);
	assert_int_equal(uv_loop_close(&g->loop), 0);
	net_loop_free(g->net);
	world_close(&g->w);
	free(g);
}

/* ---- a laptop ---- */

static inline void
say_all(struct visit *v)
{
	uint64_t now = os_mono_ms();

	for (size_t i = 0; i < v->n_appends; i++) {
		const struct built_record *b = &v->appends[i].built;
		struct append a = {.space = v->appends[i].space,
		    .record = b->wire,
		    .n_lists = b->n_lists,
		    .lists = b->lists,
		    .n_boxes = b->n_boxes,
		    .boxes = b->boxes,
		    .n_wraps = b->n_wraps,
		    .wraps = b->wraps};

		assert_int_equal(session_append(v->session, &a), ST_OK);
	}
	if (v->n_own_boxes > 0)
		assert_int_equal(session_boxes(v->session, v->own_boxes[0].space,
				     v->own_boxes, v->n_own_boxes),
		    ST_OK);
	if (v->has_invite)
		assert_int_equal(session_invited(v->session, &v->invite), ST_OK);
	for (size_t i = 0; i < v->n_pushes; i++)
		assert_int_equal(
		    session_push(v->session, v->push_space[i], v->push[i]), ST_OK);
	if (v->part_before != NULL)
		assert_int_equal(session_recover(v->session, v->part_before), ST_OK);
	if (v->recovers)
		assert_int_equal(session_recover(v->session, &v->recover), ST_OK);
	if (v->asks)
		assert_int_equal(session_devices(v->session, v->asks_space,
				     &v->asks_device, v->asks_device != 0),
		    ST_OK);
	assert_int_equal(session_pull(v->session, !v->waits, NULL, 0), ST_OK);
	if (v->waits)
		assert_int_equal(session_wait(v->session), ST_OK);
	assert_int_equal(session_flush(v->session, now), ST_OK);
}

static inline void
hear_page(struct visit *v, const struct page *page)
{
	v->n_pages++;
	v->n_own += page->n_own;
	for (size_t i = 0; i < page->n_batches; i++) {
		if (v->n_batches < PUSHES_MAX)
			v->batches[v->n_batches] =
			    arena_copy(v->g->w.a, page->batches[i].wire);
		v->n_batches++;
	}
	for (size_t i = 0; i < v->n_states; i++)
		if (v->states[i].space == page->space && page->kind == PAGE_LAST) {
			v->states[i].cursor = page->head;
			v->states[i].log_len = page->log_len;
			memcpy(v->states[i].mark.hash, page->hash, 8);
		}
}

static inline void
hear(struct visit *v, const struct client_event *e)
{
	switch (e->kind) {
	case CLIENT_READY:
		say_all(v);
		break;
	case CLIENT_VERDICT:
		v->verdict[e->verdict.push] = e->verdict.code;
		v->detail[e->verdict.push] = e->verdict.detail;
		v->n_verdicts++;
		break;
	case CLIENT_APPENDED:
		v->n_appended++;
		v->append_result = e->appended.result;
		v->append_detail = e->appended.detail;
		break;
	case CLIENT_LOGS:
		v->n_records += e->logs.n_records;
		break;
	case CLIENT_KEYBOXES:
		v->n_boxes += e->keyboxes.n_boxes;
		v->n_lists += e->keyboxes.n_lists;
		break;
	case CLIENT_STORE:
		v->n_stores++;
		v->store = e->store.state;
		for (size_t i = 0; i < v->n_states; i++)
			if (v->states[i].space == e->space)
				v->states[i].mark = e->store.mark;
		break;
	case CLIENT_PAGE:
		hear_page(v, &e->page);
		break;
	case CLIENT_CONTACTS:
		assert_true(e->contacts.is_end && e->contacts.n_rows <= ROWS_HEARD_MAX &&
			    e->contacts.n_cuts <= ROWS_HEARD_MAX);
		v->n_contacts = e->contacts.n_rows;
		for (size_t i = 0; i < e->contacts.n_rows; i++)
			v->contacts[i] = e->contacts.rows[i];
		v->n_cuts = e->contacts.n_cuts;
		for (size_t i = 0; i < e->contacts.n_cuts; i++)
			v->cuts[i] = e->contacts.cuts[i];
		v->contacts_head = e->contacts.head;
		v->has_gaps = e->contacts.has_gaps;
		v->n_gaps = e->contacts.n_gaps;
		if (v->n_gaps > 0)
			v->gap = e->contacts.gaps[0];
		break;
	case CLIENT_RECOVERED:
		v->recovered = e->recovered;
		break;
	case CLIENT_DOORBELL:
		v->n_rings++;
		break;
	case CLIENT_CLOSED:
		v->end = e->closed;
		break;
	case CLIENT_PULL_DONE:
	case CLIENT_NOTHING:
	case CLIENT_EVENT_COUNT:
		break;
	}
}

static inline void
visit_work(void *ctx, struct uv_conn *c)
{
	struct visit *v = ctx;

	for (;;) {
		struct client_event e =
		    session_next_event(uv_conn_session(c), os_mono_ms());

		if (e.kind == CLIENT_NOTHING)
			return;
		hear(v, &e);
	}
}

static inline void
visit_closed(void *ctx, struct uv_conn *c)
{
	struct visit *v = ctx;

	session_free(uv_conn_session(c));
	v->is_done = true;
}

static inline struct uv_conn *
visit_begin(struct ground *g, struct visit *v, const struct laptop *who)
{
	struct client_config config = {.network = g->config.network,
	    .secret = &who->keys.transport_sk,
	    .incarnation = who->as.device,
	    .rng = os_rng()};
	struct uv_conn_hooks hooks = {v, visit_work, visit_closed};
	struct uv_conn *c;
	char port[8];

	v->g = g;
	if (v->n_states == 0) {
		v->n_states = 2;
		v->states[1].space = g->w.sk;
	}
	config.n_spaces = v->n_states;
	config.spaces = v->states;
	derive_transport_pk(&g->secret, &config.server);
	v->session = session_client_new(&config, os_mono_ms());
	assert_non_null(v->session);
	c = uv_conn_new(g->net, v->session, &hooks);
	assert_non_null(c);
	(void)snprintf(port, sizeof port, "%u", (unsigned)uv_listen_port(g->listener));
	assert_int_equal(uv_conn_dial(c, "127.0.0.1", port, 2000, NULL), ST_OK);
	return c;
}

static inline void
visit_run(struct ground *g, struct visit *v, const struct laptop *who)
{
	(void)visit_begin(g, v, who);
	while (!v->is_done)
		(void)uv_run(&g->loop, UV_RUN_ONCE);
}

/* ---- the network ---- */

static inline void
keep(struct ground *g, uint16_t space, const struct built_record *b)
{
	assert_true(g->n_records < RECORDS_MAX);
	g->records[g->n_records++] = (struct record){space, *b};
}

static inline void
keep_last(struct ground *g, uint16_t space)
{
	keep(g, space, &g->w.last);
}

static inline void
member(struct ground *g, uint16_t space, const struct laptop *by, const char *code,
    enum member_role role, unsigned kinds, struct laptop *out)
{
	struct world *w = &g->w;
	struct invite_keys keys;
	uint16_t at = (uint16_t)membership_log_len(w->m, space);

	world_laptop(w, out);
	assert_int_equal(world_invite(w, space, by, code, role,
			     (struct scope_set){.kinds = kinds}, false, &keys),
	    REFUSAL_NONE);
	keep_last(g, space);
	assert_int_equal(world_join(w, space, at, &keys, out), REFUSAL_NONE);
	keep_last(g, space);
}

static inline void
scope(struct ground *g, uint16_t space, const struct laptop *by, enum scope_kind kind,
    uint8_t activity, uint16_t *out)
{
	assert_int_equal(
	    world_scope(&g->w, space, by, kind, activity, out), REFUSAL_NONE);
	keep_last(g, space);
}

/* GENESIS to the office's laptop in NET; all kept, nothing sent. */
static inline void
found(struct ground *g)
{
	struct world *w = &g->w;
	struct sign_seed seed;
	struct transport_pk server;
	struct log_record r;
	struct built_record genesis;
	struct build_how build = {.rng = &w->rng};
	const struct sign_sk *keys[1] = {&w->root};
	struct network_id network;
	struct draft_how how;

	w->a = arena_new(0);
	w->rng = rng_seeded(&w->seed, 1);
	w->checks = sign_checks();
	w->now_s = WORLD_START_S;
	memset(&seed, 0xee, sizeof seed);
	memset(&server, 0x55, sizeof server);
	sign_seed_keypair(&seed, &w->root_pk, &w->root);
	draft_genesis(&w->root_pk, w->now_s, &r);
	build.arena = w->a;
	WORLD_DO(build_record(&build, &r, keys, &genesis, NULL));
	network = log_network_id(&genesis.record);
	w->m = membership_new(&network);
	assert_int_equal(world_take(w, w->m, &genesis, APPLY_APPEND), REFUSAL_NONE);
	keep(g, 0, &genesis);
	how = world_draft(w, 0, NULL);
	WORLD_DO(draft_server(&how, &server, "sync.example.org:7443", &r, NULL));
	assert_int_equal(world_put(w, &r, &w->root, NULL), REFUSAL_NONE);
	keep_last(g, 0);
	scope(g, 0, NULL, SCOPE_ALL, 0, &w->all);
	member(g, 0, NULL, "OF-1", ROLE_OFFICE, ALL, &w->office);
}

static inline struct ground *
ground_founded(void)
{
	struct ground *g = calloc(1, sizeof *g);

	assert_non_null(g);
	found(g);
	ground_begin(g);
	return g;
}

/* Sends what was kept from record `first` on. */
static inline void
send_records(struct ground *g, size_t first, const struct laptop *who)
{
	struct visit v = {
	    .n_appends = g->n_records - first, .appends = &g->records[first]};

	v.n_states = 1;
	visit_run(g, &v, who);
	assert_int_equal(v.end, END_BYE);
	assert_int_equal(v.n_appended, g->n_records - first);
	assert_int_equal(v.append_result, APPEND_OK);
}

/* A founded network with SK, its coordinator, scopes and a trainer, all at the server. */
static inline struct ground *
ground_open(void)
{
	struct ground *g = ground_founded();
	struct world *w = &g->w;
	size_t at = g->n_records;

	send_records(g, 0, &w->office);
	w->sk = world_country(w, "SK");
	keep_last(g, 0);
	send_records(g, at, &w->office);
	at = g->n_records;
	member(g, w->sk, NULL, "SK-N1", ROLE_COORDINATOR, ALL, &w->coordinator);
	scope(g, w->sk, &w->coordinator, SCOPE_OFFICE, 0, &w->sk_office);
	scope(g, w->sk, &w->coordinator, SCOPE_COUNTRY, 0, &w->sk_country);
	scope(g, w->sk, &w->coordinator, SCOPE_COORD, 0, &w->sk_coord);
	scope(g, w->sk, &w->coordinator, SCOPE_ACTIVITY, 9, &w->sk_activity);
	member(g, w->sk, &w->coordinator, "SK-T2", ROLE_TRAINER, ALL | OFFICE | COUNTRY,
	    &w->trainer);
	send_records(g, at, &w->office);
	return g;
}

static inline void
sign_batch(void *ctx, struct span message, struct signature *out)
{
	const struct laptop *who = ctx;

	sign_message(&who->keys.sign_sk, message, out);
}

/* A batch of one op. */
static inline struct span
batch_of_op(struct ground *g, struct laptop *who, uint16_t space, uint16_t scope_at,
    uint16_t epoch, struct op op)
{
	struct world *w = &g->w;
	struct batch b = {.space = space,
	    .home = who->as.home,
	    .device = who->as.device,
	    .scope = scope_at,
	    .epoch = epoch,
	    .prev = g->follows,
	    .n_ops = 1,
	    .ops = &op};
	const struct member_device *d = membership_by_author(w->m, who->as);
	const struct member_scope *s = membership_scope(w->m, space, scope_at);
	uint32_t len = membership_log_len(w->m, who->as.home);
	const struct log_id *head = membership_record_id(w->m, who->as.home, len - 1);
	struct batch_context context = {.network = *membership_network(w->m)};
	struct batch_signer signer = {who, sign_batch};
	struct batch_id id;
	struct span wire;

	assert_non_null(d);
	assert_non_null(s);
	assert_non_null(head);
	context.space = *membership_space_name(w->m, space);
	context.scope = s->name;
	context.device = d->id;
	context.home_head = *head;
	b.head = (uint16_t)(len - 1);
	memcpy(b.head_check, head->bytes, 2);
	rng_fill(&w->rng, b.nonce, sizeof b.nonce);
	assert_int_equal(
	    batch_build(&b, &context, &signer, &w->checks, w->a, &wire, &id, NULL),
	    ST_OK);
	g->last_batch = id;
	return wire;
}

/* Of one op whose body is as good as any to a server that cannot open it. */
static inline struct span
batch_of(struct ground *g, struct laptop *who, uint16_t space, uint16_t scope_at,
    uint16_t epoch, uint8_t record)
{
	static uint8_t body[OP_BODY_BYTES_MIN];
	const struct op op = {.is_present = true,
	    .type = OP_WRITE,
	    .retention = RETAIN_ORDINARY,
	    .record = {{record, 1}},
	    .body = span_of(body, sizeof body)};

	return batch_of_op(g, who, space, scope_at, epoch, op);
}

static inline void
add_push(struct visit *v, uint16_t space, struct span wire)
{
	v->push_space[v->n_pushes] = space;
	v->push[v->n_pushes++] = wire;
}

#endif
