/* measure_day.c - a trainer's day: bytes, trips, time; nothing to sync; the EDGE link;
 * the same at two sizes; the start of a command. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

/* A trainer with workshops enough for n days, the first of which is synced. */
struct trainer {
	struct device d;
	struct workshop *shops;
	unsigned n_days; /* written so far */
};

static void
trainer_new(struct world *w, unsigned n_days, struct trainer *out)
{
	unsigned n_shops = n_days / DAYS_MAX + 1;

	memset(out, 0, sizeof *out);
	out->shops = calloc(n_shops, sizeof *out->shops);
	if (out->shops == NULL)
		bench_die("no memory");
	world_join(w, 0, true, &out->d);
	work_plan(w, 0, &out->d, n_shops, out->shops);
	work_reports(w, &out->d, n_shops, out->shops);
}

static void
write_day(struct world *w, struct trainer *t)
{
	unsigned n = t->n_days++;

	device_open(&t->d);
	work_day(w, &t->d, &t->shops[n / DAYS_MAX], (uint8_t)(n % DAYS_MAX + 1));
}

static void
read_back(struct world *w, struct trainer *t)
{
	struct timed timed;

	line_sync(&t->d, &timed);
	device_use_port(&w->reader, w->port);
	line_sync_all(&w->reader);
	dump_must_equal(&t->d, &w->reader, t->n_days * PEOPLE);
	device_close(&w->reader);
	device_close(&t->d);
}

/* ---- through the counting line ---- */

struct counted {
	double seconds, up, down, trips;
};

static pid_t
line_start(struct world *w, bool is_edge, uint16_t *port)
{
	char to[16], port_file[BENCH_PATH_MAX + 16], output[BENCH_PATH_MAX + 16];
	const char *argv[] = {w->line, "--to", to, "--port-file", port_file,
	    is_edge ? "--edge" : NULL, NULL};
	const struct timespec pause = {0, 5000000};
	unsigned n = 0;
	pid_t pid;

	(void)snprintf(to, sizeof to, "%u", (unsigned)w->port);
	(void)snprintf(port_file, sizeof port_file, "%s/line.port", w->dir);
	(void)snprintf(output, sizeof output, "%s/line.out", w->dir);
	(void)unlink(port_file);
	pid = bench_spawn(argv, output);
	for (int i = 0; i < 1000 && n == 0; i++) {
		FILE *f = fopen(port_file, "re");

		if (f == NULL || fscanf(f, "%u", &n) != 1)
			(void)nanosleep(&pause, NULL);
		if (f != NULL)
			(void)fclose(f);
	}
	if (n == 0)
		bench_die("the line does not start");
	*port = (uint16_t)n;
	return pid;
}

static void
line_end(struct world *w, pid_t pid, struct counted *out)
{
	char path[BENCH_PATH_MAX + 16], text[256];
	unsigned connections = 0;
	FILE *f;

	(void)bench_stop(pid);
	(void)snprintf(path, sizeof path, "%s/line.out", w->dir);
	f = fopen(path, "re");
	while (f != NULL && fgets(text, sizeof text, f) != NULL)
		(void)sscanf(text, "sum connections %u up %lf down %lf trips %lf",
		    &connections, &out->up, &out->down, &out->trips);
	if (f != NULL)
		(void)fclose(f);
	if (connections != 1)
		bench_die("the line saw %u connections instead of one", connections);
}

/* One `pnet sync` as a process of its own, on a line of its own. */
static void
sync_counted(struct world *w, struct device *d, bool is_edge, struct counted *out)
{
	const char *argv[] = {w->pnet, "--data", d->dir, "sync", NULL};
	uint16_t port;
	pid_t pid = line_start(w, is_edge, &port);

	device_use_port(d, port);
	device_close(d);
	out->seconds = bench_run(argv, "/dev/null");
	line_end(w, pid, out);
	device_use_port(d, w->port);
	device_close(d);
}

/* ---- the day ---- */

static void
latency(struct world *w, struct trainer *t, unsigned rounds)
{
	double *ms = calloc(rounds, sizeof *ms);
	struct timed timed;

	if (ms == NULL)
		bench_die("no memory");
	for (unsigned i = 0; i < rounds; i++) {
		write_day(w, t);
		line_sync(&t->d, &timed);
		ms[i] = timed.acked_s * 1000;
	}
	figure("day, loopback, to durable ack", ms, rounds, "ms", "<= 2 (F14)",
	    "replica open, connect to ack");
	figure_one(
	    "day, loopback, 99th of 100", ms[rounds - 1 - rounds / 100], "ms", "", "");
	free(ms);
}

static void
bytes_and_trips(struct world *w, struct trainer *t, unsigned rounds)
{
	double bytes[ROUNDS_MAX], up[ROUNDS_MAX], trips[ROUNDS_MAX], ms[ROUNDS_MAX];
	struct counted c = {0};
	char worst[40];

	for (unsigned i = 0; i < rounds; i++) {
		write_day(w, t);
		sync_counted(w, &t->d, false, &c);
		bytes[i] = c.up + c.down;
		up[i] = c.up;
		trips[i] = c.trips;
		ms[i] = c.seconds * 1000;
	}
	figure("day, payload both ways", bytes, rounds, "B", "<= 1700",
	    "handshake to BYE, fresh connection"); /* sorts */
	(void)snprintf(worst, sizeof worst, "day, payload, worst of %u", rounds);
	figure_one(worst, bytes[rounds - 1], "B", "<= 1700", "");
	figure("day, payload up", up, rounds, "B", "", "");
	figure("day, trips after TCP connect", trips, rounds, "", "2", "");
	figure(
	    "day, whole `pnet sync` process", ms, rounds, "ms", "", "through the line");
}

static void
nothing(struct world *w, struct trainer *t, unsigned rounds)
{
	double bytes[ROUNDS_MAX], trips[ROUNDS_MAX];
	struct counted c = {0};

	for (unsigned i = 0; i < rounds; i++) {
		sync_counted(w, &t->d, false, &c);
		bytes[i] = c.up + c.down;
		trips[i] = c.trips;
	}
	figure("nothing to sync, payload", bytes, rounds, "B", "<= 400 (F9)", "");
	figure("nothing to sync, trips", trips, rounds, "", "2", "");
}

static void
edge(struct world *w, struct trainer *t, unsigned rounds)
{
	double seconds[ROUNDS_MAX];
	struct counted c = {0};

	for (unsigned i = 0; i < rounds; i++) {
		write_day(w, t);
		sync_counted(w, &t->d, true, &c);
		seconds[i] = c.seconds;
	}
	figure("day on the EDGE link", seconds, rounds, "s", "<= 2.3",
	    "`pnet sync` from start to exit");
}

void
measure_day(struct world *w, unsigned rounds)
{
	unsigned loops = rounds * 20, pairs = rounds;
	unsigned days = loops < ROUNDS_MAX ? loops : ROUNDS_MAX;
	struct timed timed;
	struct trainer t;

	trainer_new(w, loops + days + pairs + 1, &t);
	write_day(w, &t); /* the second day onward counts */
	line_sync(&t.d, &timed);
	bytes_and_trips(w, &t, days);
	nothing(w, &t, pairs);
	edge(w, &t, pairs);
	latency(w, &t, loops);
	read_back(w, &t);
	free(t.shops);
}

/* ---- slope ---- */

/* Where the time of a real link is: the laptop's own work hides behind it or not. */
static void
slope_on_edge(struct world *const worlds[2], struct trainer t[2], unsigned pairs)
{
	double seconds[2][ROUNDS_MAX];
	struct counted c = {0};

	for (unsigned n = 0; n < pairs; n++) {
		for (size_t i = 0; i < 2; i++) {
			write_day(worlds[i], &t[i]);
			sync_counted(worlds[i], &t[i].d, true, &c);
			seconds[i][n] = c.seconds;
		}
	}
	figure("EDGE day at S", seconds[0], pairs, "s", "", "`pnet sync`, whole process");
	figure("EDGE day at L", seconds[1], pairs, "s", "", "alternated with S");
	figure_one("time of an EDGE day, L : S",
	    seconds[1][pairs / 2] / seconds[0][pairs / 2], "", "<= 1.2", "");
}

void
measure_slope(struct world *small, struct world *large, unsigned rounds)
{
	struct world *worlds[] = {small, large};
	unsigned loops = rounds * 10, pairs = rounds < ROUNDS_MAX ? rounds : ROUNDS_MAX;
	double *ms[2], *process[2], bytes[2] = {0, 0};
	struct trainer t[2];

	for (size_t i = 0; i < 2; i++) {
		ms[i] = calloc(loops, sizeof *ms[i]);
		process[i] = calloc(loops, sizeof *process[i]);
		if (ms[i] == NULL || process[i] == NULL)
			bench_die("no memory");
		trainer_new(worlds[i], 2 * loops + pairs + 1, &t[i]);
		world_restart(worlds[i]);
		device_use_port(&t[i].d, worlds[i]->port);
	}
	for (unsigned n = 0; n < loops; n++) {
		for (size_t i = 0; i < 2; i++) {
			const char *argv[] = {
			    worlds[i]->pnet, "--data", t[i].d.dir, "sync", NULL};
			struct timed timed;

			write_day(worlds[i], &t[i]);
			line_sync(&t[i].d, &timed);
			ms[i][n] = timed.acked_s * 1000;
			bytes[i] += (double)(timed.up + timed.down);
			write_day(worlds[i], &t[i]);
			device_close(&t[i].d);
			process[i][n] = bench_run(argv, "/dev/null") * 1000;
		}
	}
	slope_on_edge(worlds, t, pairs);
	figure("day at S, to durable ack", ms[0], loops, "ms", "", "");
	figure("day at L, to durable ack", ms[1], loops, "ms", "", "alternated with S");
	figure_one("time of a day, L : S", ms[1][loops / 2] / ms[0][loops / 2], "",
	    "<= 1.2", "");
	figure("`pnet sync` of a day at S", process[0], loops, "ms", "", "");
	figure("`pnet sync` of a day at L", process[1], loops, "ms", "", "whole process");
	figure_one("process time of a day, L : S",
	    process[1][loops / 2] / process[0][loops / 2], "", "<= 1.2", "");
	figure_one("bytes of a day, L : S", bytes[1] / bytes[0], "", "<= 1.05", "");
	for (size_t i = 0; i < 2; i++) {
		read_back(worlds[i], &t[i]);
		free(ms[i]);
		free(process[i]);
		free(t[i].shops);
	}
}

/* ---- one command ---- */

/* Runs it n times; argv holds one word that changes from run to run, at *turn. */
static void
time_command(const char *const *argv, const char **turn, const char *const words[2],
    double *ms, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (turn != NULL)
			*turn = words[i % 2];
		ms[i] = bench_run(argv, "/dev/null") * 1000;
	}
}

static void
show_command(const char *name, double *ms, unsigned n, const char *goal, const char *how)
{
	char slow[64];

	(void)snprintf(slow, sizeof slow, "%s, 95th", name);
	figure(name, ms, n, "ms", goal, how); /* sorts */
	figure_one(slow, ms[n - 1 - n / 20], "ms", "", "");
}

/* What the commit of one small edit costs on this disk, the folder open already: `attend`
 * is judged beside it. */
static void
time_commit(struct device *d, const struct workshop *s, double *ms, unsigned n)
{
	static const char *const held[] = {"yes", "no"};

	device_open(d);
	for (unsigned i = 0; i < n; i++) {
		const struct day_change day = {.held = held[i % 2]};
		struct edit *e;
		double begin;

		bench_must(d->l, edit_begin(d->l, &e), "edit");
		bench_must(d->l,
		    planning_day(e, d->l, &s->activity, s->home, s->space, 5, &day),
		    "day");
		begin = bench_now();
		bench_must(d->l, edit_commit(e, NULL), "commit");
		ms[i] = (bench_now() - begin) * 1000;
	}
	device_close(d);
}

void
measure_start(struct world *w, unsigned rounds)
{
	unsigned loops = rounds * 20;
	double *ms = calloc(loops, sizeof *ms);
	struct device *d = &w->countries[0].coordinator;
	static const char *const marks[] = {"4=late", "4=present"};
	const char *ask[] = {w->pnet, "--data", d->dir, "status", NULL};
	struct workshop shop;
	struct timed timed;

	if (ms == NULL)
		bench_die("no memory");
	line_sync(d, &timed);
	work_plan(w, 0, d, 1, &shop);
	work_roster(w, d, &shop);
	device_close(d);
	time_command(ask, NULL, NULL, ms, loops);
	show_command("`pnet status`, start to exit", ms, loops, "<= 15",
	    "the coordinator's replica");
	{
		const char *attend[] = {w->pnet, "--data", d->dir, "attend", shop.code,
		    "1", "--set", marks[0], NULL};

		time_command(attend, &attend[7], marks, ms, loops);
	}
	show_command("`pnet attend`, start to exit", ms, loops, "<= 15 + commit",
	    "one mark, the same replica");
	time_commit(d, &shop, ms, loops);
	figure(
	    "  commit of one small edit", ms, loops, "ms", "", "the folder open already");
	free(ms);
}
