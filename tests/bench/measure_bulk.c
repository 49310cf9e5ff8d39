/* measure_bulk.c - a country's season: one laptop pushes it over one connection, others
 * begin from empty replicas and read it back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

struct bulk {
	struct world *w;
	unsigned n_shops, rounds;
	struct workshop *shops;
	struct device writer;
	double push[ROUNDS_MAX], pull[ROUNDS_MAX], cpu[ROUNDS_MAX], up[ROUNDS_MAX],
	    down[ROUNDS_MAX], pull_cpu[ROUNDS_MAX], disk[ROUNDS_MAX];
};

static double
n_marks(const struct bulk *b)
{
	return (double)b->n_shops * WORKSHOP_MARKS;
}

static long
space_bytes(const struct bulk *b)
{
	return bench_file_bytes(world_space_file(b->w, b->w->countries[0].code));
}

static void
push(struct bulk *b, unsigned round)
{
	struct timed t;
	double cpu, before;

	for (unsigned i = 0; i < b->n_shops; i++)
		work_sheets(b->w, &b->writer, &b->shops[i]);
	world_restart(b->w);
	device_use_port(&b->writer, b->w->port);
	device_use_port(&b->w->reader, b->w->port);
	device_close(&b->w->reader);
	before = (double)space_bytes(b);
	cpu = bench_cpu(b->w->server);
	line_sync(&b->writer, &t);
	if (t.report.stored != t.report.sent || !t.report.is_complete)
		bench_die("the push is not complete");
	b->push[round] = n_marks(b) / t.acked_s;
	b->up[round] = (double)t.up / n_marks(b);
	b->cpu[round] = n_marks(b) / (bench_cpu(b->w->server) - cpu);
	figure_one("  push, to ack", t.acked_s * 1000, "ms", "", "");
	figure_one("  push, laptop's CPU to ack", t.acked_cpu_s * 1000, "ms", "", "");
	figure_one(
	    "  push, whole session", t.end_s * 1000, "ms", "", "own apply included");
	world_restart(b->w); /* in order: the log is in the file then */
	device_use_port(&b->writer, b->w->port);
	b->disk[round] = ((double)space_bytes(b) - before) / n_marks(b);
}

static void
pull(struct bulk *b, unsigned round)
{
	struct device copy = {.l = NULL};
	const char *remove[] = {"rm", "-rf", copy.dir, NULL};
	struct timed t;

	(void)snprintf(copy.dir, sizeof copy.dir, "%.490s-copy", b->w->reader.dir);
	(void)bench_run(remove, NULL);
	bench_copy_folder(b->w->reader.dir, copy.dir);
	device_use_port(&copy, b->w->port);
	device_open(&copy);
	line_sync(&copy, &t);
	b->pull[round] = n_marks(b) / t.end_s;
	b->down[round] = (double)t.down / n_marks(b);
	b->pull_cpu[round] = t.end_cpu_s * 1000;
	dump_must_equal(&b->writer, &copy, (uint64_t)n_marks(b));
	device_close(&copy);
}

static void
prepare(struct bulk *b)
{
	enum { BEFORE_DAYS = 40 };
	struct timed t;

	world_join(b->w, 0, false, &b->writer);
	b->writer.l->now_ms -= BEFORE_DAYS * 86400000ull;
	work_plan(b->w, 0, &b->writer, b->n_shops, b->shops);
	line_sync(&b->w->reader, &t); /* the scopes and their keys */
	device_close(&b->w->reader);
}

void
measure_bulk(struct world *w, unsigned marks, unsigned rounds)
{
	struct bulk b = {.w = w, .n_shops = marks / WORKSHOP_MARKS + 1};

	b.shops = calloc(b.n_shops, sizeof *b.shops);
	if (b.shops == NULL || rounds > ROUNDS_MAX)
		bench_die("%u rounds", rounds);
	prepare(&b);
	push(&b, 0);
	for (unsigned i = 0; i < rounds; i++)
		pull(&b, i);
	figure("push, sealed here, durable there", b.push, 1, "marks/s", ">= 150000",
	    "connect to last ack, one connection");
	figure("pull and apply, typed tables", b.pull, rounds, "marks/s", ">= 100000",
	    "empty replica, whole session");
	figure("  pull, laptop's CPU", b.pull_cpu, rounds, "ms", "", "");
	figure("server, marks per CPU second", b.cpu, 1, "marks/s", ">= 150000 (F2)",
	    "batches of 75");
	figure("wire up", b.up, 1, "B/mark", "<= 20", "one batch of 75 a workshop");
	figure("wire down", b.down, rounds, "B/mark", "<= 20", "");
	figure(
	    "server's disk", b.disk, 1, "B/mark", "<= 30", "growth of the space's file");
	figure_one("server RSS after bulk", (double)bench_rss_kib(w->server) / 1024,
	    "MiB", "<= 32", "");
	device_close(&b.writer);
	free(b.shops);
}
