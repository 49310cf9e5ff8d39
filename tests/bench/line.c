/* line.c - a sync as client/actions/sync.c runs it, with the stopwatch and the counters
 * that the product has no use for. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#include "bench.h"
#include "net/os_clock.h"
#include "net/uv_conn.h"

struct running {
	struct device *d;
	struct syncer *syncer;
	struct timed *out;
	double begin_s, begin_cpu_s;
	uint64_t expected;
	bool is_closed;
	status failed, dialled;
};

static double
cpu_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
on_work(void *ctx, struct uv_conn *c)
{
	struct running *x = ctx;
	struct clock_source clock = os_clock();
	double came_s = bench_now() - x->begin_s; /* before what came is applied */
	double cpu_s = cpu_now() - x->begin_cpu_s;
	const struct sync_report *r;

	if (x->failed == ST_OK)
		x->failed = syncer_work(x->syncer, clock.mono_ms(clock.ctx));
	if (x->failed != ST_OK)
		uv_conn_close(c);
	r = syncer_report(x->syncer);
	if (x->out->acked_s == 0 && r->sent > 0 && r->stored == r->sent) {
		x->out->acked_s = came_s;
		x->out->acked_cpu_s = cpu_s;
	}
}

static void
on_closed(void *ctx, struct uv_conn *c)
{
	struct running *x = ctx;

	x->out->up = uv_conn_bytes_out(c);
	x->out->down = uv_conn_bytes_in(c);
	x->dialled = uv_conn_dial_status(c, NULL);
	x->is_closed = true;
}

void
line_sync(struct device *d, struct timed *out)
{
	struct clock_source clock = os_clock();
	struct running x = {.d = d, .out = out};
	const struct uv_conn_hooks hooks = {&x, on_work, on_closed};
	const char *port;
	struct net_loop *net;
	struct uv_conn *conn;
	uv_loop_t loop;

	device_open(d);
	memset(out, 0, sizeof *out);
	port = strrchr(d->l->self.server, ':') + 1;
	x.begin_s = bench_now();
	x.begin_cpu_s = cpu_now();
	bench_must(d->l,
	    syncer_new(d->l, NULL, false, clock.mono_ms(clock.ctx), &x.syncer), "syncer");
	out->connect_s = bench_now() - x.begin_s;
	if (uv_loop_init(&loop) != 0 || (net = net_loop_new(&loop)) == NULL)
		bench_die("no event loop");
	conn = uv_conn_new(net, syncer_session(x.syncer), &hooks);
	if (conn == NULL || uv_conn_dial(conn, "127.0.0.1", port, 10000, NULL) != ST_OK)
		bench_die("no connection");
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	out->end_s = bench_now() - x.begin_s;
	out->end_cpu_s = cpu_now() - x.begin_cpu_s;
	net_loop_free(net);
	(void)uv_loop_close(&loop);
	bench_must(d->l, x.dialled, "connect");
	bench_must(d->l, x.failed, "sync");
	if (syncer_end(x.syncer) != END_BYE)
		bench_die(
		    "a sync ends otherwise: %s", session_end_text(syncer_end(x.syncer)));
	out->report = *syncer_report(x.syncer);
	if (out->report.n_refused > 0)
		bench_die("the server refuses: %s", out->report.refused[0]);
	syncer_free(x.syncer);
}

void
line_sync_all(struct device *d)
{
	enum { SYNCS_MAX = 4 }; /* without news of a log, as client/actions/sync.c */
	struct timed t = {0};

	for (int i = 0; !t.report.is_complete && i < SYNCS_MAX; i++) {
		line_sync(d, &t);
		if (t.report.n_log_new > 0)
			i = 0;
	}
	if (!t.report.is_complete)
		bench_die("%s: a sync is not complete", d->dir);
}
