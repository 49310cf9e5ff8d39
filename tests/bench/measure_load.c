/* measure_load.c - many laptops at once: days that 64 of them sync together, and
 * authenticated sessions that only wait. What they push was sealed before, since here the
 * server is measured; each sync is a fresh connection with its own handshake. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

#include "bench.h"
#include "client/sync/outbox.h"
#include "net/os_clock.h"
#include "net/uv_conn.h"

enum { BATCHES_OF_A_DAY = 2, SPACES = 2, SECONDS = 10 };

struct crowd;

struct client {
	struct crowd *crowd;
	struct device d;
	struct workshop *shops;
	struct arena *a;
	struct client_config config;
	struct space_state spaces[SPACES]; /* advance with the pages */
	struct outgoing *out;              /* of all days */
	size_t n_out, next;                /* batches; the next one to push */
	struct session *session;
	struct uv_conn *conn;
	size_t n_verdicts;
};

struct crowd {
	struct world *w;
	uv_loop_t loop;
	struct net_loop *net;
	char port[8];
	double until_s;
	bool stays; /* idle sessions: wait after the pull */
	unsigned n_clients, n_running, n_waiting;
	struct client *clients;
	size_t n_days;
	uv_timer_t timer;
};

static uint64_t
mono_ms(void)
{
	struct clock_source clock = os_clock();

	return clock.mono_ms(clock.ctx);
}

/* ---- one session ---- */

static void
say_all(struct client *c)
{
	status st = ST_OK;

	c->n_verdicts = 0;
	for (size_t i = 0; st == ST_OK && !c->crowd->stays && i < BATCHES_OF_A_DAY; i++) {
		const struct outgoing *o = &c->out[c->next + i];

		st = session_push(c->session, o->space, o->wire);
	}
	if (st == ST_OK)
		st = session_pull(c->session, !c->crowd->stays, NULL, 0);
	if (st == ST_OK)
		st = session_flush(c->session, mono_ms());
	bench_must(NULL, st, "requests");
}

static void
take_page(struct client *c, const struct page *p)
{
	for (size_t i = 0; i < c->config.n_spaces; i++) {
		struct space_state *s = &c->spaces[i];

		if (s->space != p->space || p->kind != PAGE_LAST)
			continue;
		s->cursor = p->head;
		s->log_len = p->log_len;
		memcpy(s->mark.hash, p->hash, sizeof s->mark.hash);
	}
}

static void
take_event(struct client *c, const struct client_event *e)
{
	if (e->kind == CLIENT_READY)
		say_all(c);
	else if (e->kind == CLIENT_VERDICT && e->verdict.code == VERDICT_OK)
		c->n_verdicts++;
	else if (e->kind == CLIENT_VERDICT)
		bench_die("a push is answered %s", verdict_name(e->verdict.code));
	else if (e->kind == CLIENT_PAGE)
		take_page(c, &e->page);
	else if (e->kind == CLIENT_STORE)
		for (size_t i = 0; i < c->config.n_spaces; i++) {
			if (c->spaces[i].space == e->space)
				c->spaces[i].mark = e->store.mark;
		}
	else if (e->kind == CLIENT_PULL_DONE && c->crowd->stays) {
		bench_must(NULL, session_wait(c->session), "wait");
		bench_must(NULL, session_flush(c->session, mono_ms()), "wait");
		c->crowd->n_waiting++;
	}
}

static void
on_work(void *ctx, struct uv_conn *conn)
{
	struct client *c = ctx;

	(void)conn;
	for (;;) {
		struct client_event e = session_next_event(c->session, mono_ms());

		if (e.kind == CLIENT_NOTHING || e.kind == CLIENT_CLOSED)
			return;
		take_event(c, &e);
	}
}

static void begin(struct client *c);

static void
on_closed(void *ctx, struct uv_conn *conn)
{
	struct client *c = ctx;
	struct crowd *x = c->crowd;

	bench_must(NULL, uv_conn_dial_status(conn, NULL), "connect");
	if (!x->stays &&
	    (session_end(c->session) != END_BYE || c->n_verdicts != BATCHES_OF_A_DAY))
		bench_die("a day ends with %zu verdicts: %s", c->n_verdicts,
		    session_end_text(session_end(c->session)));
	session_free(c->session);
	c->session = NULL;
	c->next += BATCHES_OF_A_DAY;
	x->n_days++;
	x->n_running--;
	if (!x->stays && bench_now() < x->until_s &&
	    c->next + BATCHES_OF_A_DAY <= c->n_out)
		begin(c);
}

static void
begin(struct client *c)
{
	const struct uv_conn_hooks hooks = {c, on_work, on_closed};

	c->session = session_client_new(&c->config, mono_ms());
	c->conn =
	    c->session == NULL ? NULL : uv_conn_new(c->crowd->net, c->session, &hooks);
	if (c->conn == NULL ||
	    uv_conn_dial(c->conn, "127.0.0.1", c->crowd->port, 30000, NULL) != ST_OK)
		bench_die("no connection");
	c->crowd->n_running++;
}

/* ---- the crowd ---- */

static void
crowd_open(struct crowd *x, struct world *w)
{
	const struct rlimit files = {65536, 65536};

	(void)setrlimit(RLIMIT_NOFILE, &files);
	x->w = w;
	if (uv_loop_init(&x->loop) != 0 || (x->net = net_loop_new(&x->loop)) == NULL)
		bench_die("no event loop");
	(void)snprintf(x->port, sizeof x->port, "%u", (unsigned)w->port);
}

static void
crowd_close(struct crowd *x)
{
	net_loop_free(x->net);
	(void)uv_loop_close(&x->loop);
	free(x->clients);
}

/* What a session of this laptop says in HELLO. */
static void
configure(struct client *c, struct laptop *l)
{
	const struct space_state *states;
	size_t n = 0;

	c->config = (struct client_config){.network = l->self.network,
	    .server = l->self.server_key,
	    .secret = &keyring_device(l->keys)->transport_sk,
	    .incarnation = l->self.author.device,
	    .stays = c->crowd->stays,
	    .rng = l->rng};
	bench_must(l, inbox_states(l, c->a, &states, &n), "states");
	if (n > SPACES)
		bench_die("%zu spaces", n);
	memcpy(c->spaces, states, n * sizeof *states);
	c->config.spaces = c->spaces;
	c->config.n_spaces = n;
}

/* Joins, writes all days and seals each by itself. */
static void
client_new(struct crowd *x, unsigned i, unsigned n_days)
{
	struct client *c = &x->clients[i];
	unsigned n_shops = (n_days + DAYS_MAX - 1) / DAYS_MAX;
	unsigned country = i % x->w->n_countries;
	struct outbox_result sealed;
	bool has_more;

	c->crowd = x;
	c->a = arena_new(0);
	c->shops = calloc(n_shops, sizeof *c->shops);
	c->out = calloc((size_t)n_days * BATCHES_OF_A_DAY, sizeof *c->out);
	if (c->a == NULL || c->shops == NULL || c->out == NULL)
		bench_die("no memory");
	world_join(x->w, country, true, &c->d);
	work_plan(x->w, country, &c->d, n_shops, c->shops);
	work_reports(x->w, &c->d, n_shops, c->shops);
	for (unsigned day = 0; day < n_days; day++) {
		work_day(x->w, &c->d, &c->shops[day / DAYS_MAX],
		    (uint8_t)(day % DAYS_MAX + 1));
		bench_must(c->d.l, outbox_seal(c->d.l, &sealed), "seal");
		if (sealed.n_batches != BATCHES_OF_A_DAY)
			bench_die("a day has %zu batches", sealed.n_batches);
	}
	bench_must(c->d.l,
	    outbox_list(c->d.l, c->a, c->out, (size_t)n_days * BATCHES_OF_A_DAY, SIZE_MAX,
		&c->n_out, &has_more),
	    "pending");
}

/* Everything the crowd wrote, read by a laptop that begins empty. */
static void
read_back(struct crowd *x)
{
	struct world *w = x->w;

	for (unsigned i = 0; i < w->n_countries; i++) {
		struct device reader;

		world_join(w, i, false, &reader);
		for (unsigned n = i; n < x->n_clients; n += w->n_countries) {
			struct client *c = &x->clients[n];

			line_sync_all(&c->d);
			line_sync_all(&reader);
			dump_must_equal(&c->d, &reader, 1);
		}
		device_close(&reader);
	}
}

void
measure_load(struct world *w, unsigned n_clients, unsigned n_days)
{
	struct crowd x = {.n_clients = n_clients};
	double begin_s, seconds, cpu;

	crowd_open(&x, w);
	x.clients = calloc(n_clients, sizeof *x.clients);
	if (x.clients == NULL)
		bench_die("no memory");
	for (unsigned i = 0; i < n_clients; i++)
		client_new(&x, i, n_days);
	for (unsigned i = 0; i < n_clients; i++)
		configure(&x.clients[i], x.clients[i].d.l);
	cpu = bench_cpu(w->server);
	begin_s = bench_now();
	x.until_s = begin_s + SECONDS;
	for (unsigned i = 0; i < n_clients; i++)
		begin(&x.clients[i]);
	(void)uv_run(&x.loop, UV_RUN_DEFAULT);
	seconds = bench_now() - begin_s;
	figure_one("64 laptops together", (double)x.n_days / seconds, "days/s", ">= 1000",
	    "fresh connections, two batches a day");
	figure_one("server CPU a day",
	    (bench_cpu(w->server) - cpu) * 1e6 / (double)x.n_days, "us", "", "");
	figure_one("server RSS after it", (double)bench_rss_kib(w->server) / 1024, "MiB",
	    "<= 32", "");
	read_back(&x);
	crowd_close(&x);
}

/* ---- idle sessions ---- */

static void
on_tick(uv_timer_t *timer)
{
	struct crowd *x = timer->data;

	if (x->n_waiting == x->n_clients || bench_now() > x->until_s) {
		uv_close((uv_handle_t *)timer, NULL);
		uv_stop(&x->loop);
	}
}

void
measure_idle(struct world *w, unsigned n_sessions)
{
	struct crowd x = {.n_clients = n_sessions, .stays = true};
	struct device *d = &w->countries[0].coordinator;
	long before;

	crowd_open(&x, w);
	x.clients = calloc(n_sessions, sizeof *x.clients);
	if (x.clients == NULL)
		bench_die("no memory");
	before = bench_rss_kib(w->server);
	x.until_s = bench_now() + SECONDS * 3;
	(void)uv_timer_init(&x.loop, &x.timer);
	x.timer.data = &x;
	(void)uv_timer_start(&x.timer, on_tick, 100, 100);
	for (unsigned i = 0; i < n_sessions; i++) {
		struct client *c = &x.clients[i];

		c->crowd = &x;
		c->a = arena_new(0);
		configure(c, d->l);
		begin(c);
	}
	(void)uv_run(&x.loop, UV_RUN_DEFAULT);
	if (x.n_waiting != n_sessions)
		bench_die("%u of %u sessions wait", x.n_waiting, n_sessions);
	figure_one("idle session at the server",
	    (double)(bench_rss_kib(w->server) - before) / n_sessions, "KiB", "<= 8",
	    "RSS, sessions that wait for the bell");
	for (unsigned i = 0; i < n_sessions; i++)
		uv_conn_close(x.clients[i].conn);
	(void)uv_run(&x.loop, UV_RUN_DEFAULT);
	for (unsigned i = 0; i < n_sessions; i++)
		arena_free(x.clients[i].a);
	crowd_close(&x);
}
