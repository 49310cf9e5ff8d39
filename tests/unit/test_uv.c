/* test_uv.c - sessions over real sockets on loopback: a sync, peers that are not ours,
 * resets, answers that come late. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "net/os_clock.h"
#include "net/os_rng.h"
#include "net/uv_conn.h"
#include "net/uv_listen.h"
#include "unit/session_pair.h"

/* A server of ours, or a socket that says something else. */
struct world {
	uv_loop_t loop;
	struct net_loop *net;
	struct uv_listen *listen;
	struct pair pair; /* its fake server and, while one is open, its session */
	struct uv_conn *served;
	struct sockaddr_storage from; /* of the last that was served */
	const char *says;             /* NULL: a server of ours */
	bool resets;                  /* takes the connection and resets it */
	bool delays;                  /* answers from a timer, not at once */
	uv_timer_t later;
	/* the client */
	struct uv_conn *client;
	struct span push[2];
	struct space_state states[2];
	size_t n_verdicts;
	size_t n_own;
	size_t n_closed;
	enum session_end closed;
	status dialled;
	bool is_gone;
	bool never_takes; /* reads no event */
};

static struct transport_pk
server_pk(void)
{
	struct transport_pk pk;

	derive_transport_pk(&pair_server_sk, &pk);
	return pk;
}

static void
finish(struct world *w)
{
	uv_listen_close(w->listen);
	w->listen = NULL;
	if (!uv_is_closing((uv_handle_t *)&w->later))
		uv_close((uv_handle_t *)&w->later, NULL);
}

static void
on_later(uv_timer_t *timer)
{
	struct world *w = timer->data;
	struct fake_server *f = w->pair.fake;
	size_t n = f->n_held;

	f->n_held = 0;
	for (size_t i = 0; i < n; i++)
		fake_answer(&w->pair, &f->held[i]);
	if (n > 0 && w->served != NULL)
		uv_conn_pump(w->served);
}

static void
server_work(void *ctx, struct uv_conn *c)
{
	struct world *w = ctx;

	w->pair.now_ms = os_mono_ms();
	w->pair.server = uv_conn_session(c);
	w->pair.fake->holds = w->delays;
	(void)pair_serve(&w->pair);
	if (w->pair.fake->n_held > 0)
		(void)uv_timer_start(&w->later, on_later, 5, 0);
}

static void
server_closed(void *ctx, struct uv_conn *c)
{
	struct world *w = ctx;

	session_free(uv_conn_session(c));
	w->served = NULL;
	if (w->is_gone)
		finish(w);
}

/* What a stranger says, then closes. */
static void
on_stranger_closed(uv_handle_t *h)
{
	free(h);
}

static void
on_said(uv_write_t *request, int error)
{
	uv_handle_t *h = (uv_handle_t *)request->handle;

	(void)error;
	free(request);
	if (!uv_is_closing(h))
		uv_close(h, on_stranger_closed);
}

static void
say(struct world *w, uv_stream_t *at)
{
	uv_tcp_t *tcp = calloc(1, sizeof *tcp);
	uv_write_t *request = calloc(1, sizeof *request);
	char text[256];
	uv_buf_t buf = uv_buf_init(text, (unsigned)strlen(w->says));

	assert_non_null(tcp);
	assert_non_null(request);
	memcpy(text, w->says, buf.len);
	(void)uv_tcp_init(&w->loop, tcp);
	(void)uv_accept(at, (uv_stream_t *)tcp);
	if (uv_write(request, (uv_stream_t *)tcp, &buf, 1, on_said) < 0)
		abort();
}

static void
on_peer(void *ctx, struct uv_listen *l, uv_stream_t *at)
{
	struct world *w = ctx;
	struct uv_conn_hooks hooks = {w, server_work, server_closed};
	struct server_config config = {.network = pair_network,
	    .secret = &pair_server_sk,
	    .transport = server_pk(),
	    .server_time_s = 1775000000,
	    .rng = os_rng()};
	struct session *s;

	if (w->says != NULL) {
		say(w, at);
		return;
	}
	if (w->resets) {
		uv_listen_refuse(l, at);
		return;
	}
	s = session_server_new(&config, os_mono_ms());
	assert_non_null(s);
	w->pair.server = s;
	w->served = uv_conn_new(w->net, s, &hooks);
	assert_non_null(w->served);
	assert_int_equal(uv_conn_accept(w->served, at, NULL), ST_OK);
	uv_conn_peer(w->served, &w->from);
}

static void
client_work(void *ctx, struct uv_conn *c)
{
	struct world *w = ctx;
	struct session *s = uv_conn_session(c);
	uint64_t now = os_mono_ms();

	for (;;) {
		struct client_event e = session_next_event(s, now);

		if (e.kind == CLIENT_NOTHING)
			return;
		if (e.kind == CLIENT_READY) {
			(void)session_push(s, 3, w->push[0]);
			(void)session_push(s, 0, w->push[1]);
			(void)session_pull(s, true, NULL, 0);
			(void)session_flush(s, now);
		}
		if (e.kind == CLIENT_VERDICT)
			w->n_verdicts++;
		if (e.kind == CLIENT_PAGE)
			w->n_own += e.page.n_own;
		if (e.kind == CLIENT_CLOSED) {
			w->n_closed++;
			w->closed = e.closed;
		}
	}
}

static void
client_closed(void *ctx, struct uv_conn *c)
{
	struct world *w = ctx;

	w->dialled = uv_conn_dial_status(c, NULL);
	session_free(uv_conn_session(c));
	w->is_gone = true;
	if (w->served == NULL)
		finish(w);
}

static void
world_begin_at(struct world *w, const char *address)
{
	struct uv_listen_hooks hooks = {w, on_peer};
	status st;

	memset(w, 0, sizeof *w);
	assert_int_equal(uv_loop_init(&w->loop), 0);
	w->net = net_loop_new(&w->loop);
	(void)uv_timer_init(&w->loop, &w->later);
	w->later.data = w;
	w->listen = uv_listen_new(w->net, address, 0, &hooks, &st, NULL);
	assert_int_equal(st, ST_OK);
	w->pair.fake = calloc(1, sizeof *w->pair.fake);
	assert_non_null(w->pair.fake);
	w->pair.fake->standing = PEER_ACTIVE;
	w->pair.fake->page_batches = 10;
	w->pair.fake->n_spaces = 2;
	w->pair.fake->spaces[1].space = 3;
	w->states[1].space = 3;
	w->push[0] = span_text("a batch for the country");
	w->push[1] = span_text("another for all");
}

static void
world_begin(struct world *w)
{
	world_begin_at(w, "127.0.0.1");
}

static void
dial_host(struct world *w, const char *host, uint16_t port)
{
	struct uv_conn_hooks hooks = {w, client_work, client_closed};
	struct client_config config = {.network = pair_network,
	    .server = server_pk(),
	    .secret = &pair_client_sk,
	    .n_spaces = 2,
	    .spaces = w->states,
	    .rng = os_rng()};
	struct session *s = session_client_new(&config, os_mono_ms());
	char text[8];

	assert_non_null(s);
	(void)snprintf(text, sizeof text, "%u", (unsigned)port);
	w->client = uv_conn_new(w->net, s, &hooks);
	assert_non_null(w->client);
	assert_int_equal(uv_conn_dial(w->client, host, text, 2000, NULL), ST_OK);
}

static void
dial(struct world *w, uint16_t port)
{
	dial_host(w, "127.0.0.1", port);
}

static void
world_end(struct world *w)
{
	(void)uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w->loop), 0); /* every handle was closed */
	net_loop_free(w->net);
	fake_free(w->pair.fake);
}

static void
a_sync_over_loopback_ends_with_bye_on_both_sides(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	dial(&w, uv_listen_port(w.listen));
	world_end(&w);
	assert_int_equal(w.n_verdicts, 2);
	assert_int_equal(w.n_own, 2);
	assert_int_equal(w.n_closed, 1);
	assert_int_equal(w.closed, END_BYE);
	assert_int_equal(w.dialled, ST_OK);
}

/* Some machines are built without. */
static bool
has_ipv6(void)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof any) == 0;

	if (fd >= 0)
		(void)close(fd);
	return has;
}

/* Else all of IPv4 would share the places of one range where a server listens at [::]. */
static void
an_ipv4_peer_of_an_ipv6_listener_keeps_its_address(void **state)
{
	struct sockaddr_in from;
	struct world w;

	(void)state;
	if (!has_ipv6())
		skip();
	world_begin_at(&w, "::");
	dial(&w, uv_listen_port(w.listen));
	world_end(&w);
	assert_int_equal(w.closed, END_BYE);
	assert_int_equal(w.from.ss_family, AF_INET);
	memcpy(&from, &w.from, sizeof from);
	assert_int_equal(ntohl(from.sin_addr.s_addr), INADDR_LOOPBACK);
	assert_int_not_equal(from.sin_port, 0);
}

static size_t
count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	size_t n = 0;

	assert_non_null(tasks);
	for (const struct dirent *e; (e = readdir(tasks)) != NULL;)
		n += e->d_name[0] != '.';
	(void)closedir(tasks);
	return n;
}

/* Must come before any test that looks a name up: the pool stays. */
static void
an_address_in_figures_starts_no_thread(void **state)
{
	struct world w;

	(void)state;
	assert_int_equal(count_threads(), 1);
	world_begin(&w);
	dial(&w, uv_listen_port(w.listen));
	world_end(&w);
	assert_int_equal(w.dialled, ST_OK);
	assert_int_equal(count_threads(), 1);
}

static void
a_name_is_looked_up(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	dial_host(&w, "localhost", uv_listen_port(w.listen));
	world_end(&w);
	assert_int_equal(w.dialled, ST_OK);
	assert_int_equal(w.closed, END_BYE);
}

static void
answers_that_come_later_are_pumped(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.delays = true;
	dial(&w, uv_listen_port(w.listen));
	world_end(&w);
	assert_int_equal(w.n_verdicts, 2);
	assert_int_equal(w.closed, END_BYE);
}

static void
a_login_page_on_the_way_is_not_our_server(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.says = "HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n<html>";
	dial(&w, uv_listen_port(w.listen));
	world_end(&w);
	assert_int_equal(w.closed, END_NOT_OURS);
	assert_int_equal(w.n_verdicts, 0);
}

static void
a_reset_is_a_cut_and_not_another_key(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.resets = true;
	dial(&w, uv_listen_port(w.listen));
	world_end(&w);
	assert_int_equal(w.closed, END_CUT);
}

static void
nobody_at_the_port_is_unreachable(void **state)
{
	struct world w;
	uint16_t port;

	(void)state;
	world_begin(&w);
	port = uv_listen_port(w.listen);
	uv_listen_close(w.listen);
	w.listen = NULL;
	(void)uv_run(&w.loop, UV_RUN_NOWAIT);
	dial(&w, port);
	world_end(&w);
	assert_int_equal(w.dialled, ST_UNREACHABLE);
	assert_int_equal(w.n_closed, 1);
}

static void
a_client_that_vanishes_while_requests_are_open_is_freed_after_the_answers(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w);
	w.delays = true;
	dial(&w, uv_listen_port(w.listen));
	for (int i = 0; i < 1000 && w.pair.fake->n_held == 0; i++)
		(void)uv_run(&w.loop, UV_RUN_ONCE);
	assert_true(w.pair.fake->n_held > 0);
	uv_conn_close(w.client);
	world_end(&w);
	assert_int_equal(w.closed, END_CUT);
	assert_int_equal(w.n_verdicts, 0);
}

static void
a_large_upload_passes_the_back_pressure(void **state)
{
	struct world w;
	uint8_t *big = malloc(60000);

	(void)state;
	assert_non_null(big);
	memset(big, 'b', 60000);
	world_begin(&w);
	w.push[0] = span_of(big, 60000);
	for (size_t i = 0; i < 60; i++) { /* as much to pull */
		big[1] = (uint8_t)i;
		w.pair.fake->spaces[1].batches[i] = fake_copy(w.push[0]);
	}
	big[1] = 'b';
	w.pair.fake->spaces[1].n = 60;
	w.pair.fake->page_batches = 4;
	dial(&w, uv_listen_port(w.listen));
	world_end(&w);
	assert_int_equal(w.n_verdicts, 2);
	assert_int_equal(w.closed, END_BYE);
	free(big);
}

static void
the_system_gives_random_bytes_and_two_clocks(void **state)
{
	struct rng r = os_rng();
	uint64_t before = os_mono_ms();

	(void)state;
	assert_true(rng_u64(&r) != rng_u64(&r));
	assert_true(os_unix_ms() > UINT64_C(1700000000000));
	assert_true(os_mono_ms() >= before);
}

static void
an_address_that_is_none_is_refused(void **state)
{
	uv_loop_t loop;
	struct net_loop *n;
	struct uv_listen_hooks hooks = {NULL, on_peer};
	struct trouble t = {0};
	status st = ST_OK;

	(void)state;
	(void)uv_loop_init(&loop);
	n = net_loop_new(&loop);
	assert_null(uv_listen_new(n, "localhost:7443", 0, &hooks, &st, &t));
	assert_int_equal(st, ST_CONFIG);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&loop);
	net_loop_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_address_in_figures_starts_no_thread),
	    cmocka_unit_test(a_sync_over_loopback_ends_with_bye_on_both_sides),
	    cmocka_unit_test(an_ipv4_peer_of_an_ipv6_listener_keeps_its_address),
	    cmocka_unit_test(a_name_is_looked_up),
	    cmocka_unit_test(answers_that_come_later_are_pumped),
	    cmocka_unit_test(a_login_page_on_the_way_is_not_our_server),
	    cmocka_unit_test(a_reset_is_a_cut_and_not_another_key),
	    cmocka_unit_test(nobody_at_the_port_is_unreachable),
	    cmocka_unit_test(
		a_client_that_vanishes_while_requests_are_open_is_freed_after_the_answers),
	    cmocka_unit_test(a_large_upload_passes_the_back_pressure),
	    cmocka_unit_test(the_system_gives_random_bytes_and_two_clocks),
	    cmocka_unit_test(an_address_that_is_none_is_refused),
	};

	return cmocka_run_group_tests_name("uv", tests, NULL, NULL) != 0;
}
