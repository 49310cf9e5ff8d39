/* measure_syncs.c - disk syncs of laptop and server, counted by strace: run.sh wraps both
 * programs so that each sync call is a line of DIR/laptop.strace and DIR/server.strace.
 * Those of a log (-wal) are commits, those of a database file belong to checkpoints. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bench.h"

struct counted {
	double commits, others;
};

static void
count(struct world *w, const char *file, struct counted *out)
{
	const struct timespec settle = {0, 100000000};
	char path[BENCH_PATH_MAX + 32], line[1024];
	FILE *f;

	(void)nanosleep(&settle, NULL); /* strace writes what it saw */
	(void)snprintf(path, sizeof path, "%s/../%s.strace", w->dir, file);
	memset(out, 0, sizeof *out);
	f = fopen(path, "re");
	if (f == NULL)
		bench_die("%s is missing: run it by run.sh", path);
	while (fgets(line, sizeof line, f) != NULL) {
		if (strstr(line, "sync(") == NULL)
			continue;
		if (strstr(line, "-wal>") != NULL)
			out->commits++;
		else
			out->others++;
	}
	(void)fclose(f);
}

static void
run(struct world *w, struct device *d, const char *command)
{
	const char *argv[] = {w->pnet, "--data", d->dir, command, NULL};

	device_close(d);
	(void)bench_run(argv, "/dev/null");
}

static void
show(const char *laptop, const char *server, const struct counted before[2],
    struct world *w, unsigned rounds, const char *goal)
{
	struct counted after[2];

	count(w, "laptop", &after[0]);
	count(w, "server", &after[1]);
	figure_one(laptop, (after[0].commits - before[0].commits) / rounds, "syncs", goal,
	    "of its log; a checkpoint adds two");
	figure_one(server, (after[1].commits - before[1].commits) / rounds, "syncs", goal,
	    "of the space's log; a checkpoint adds two");
	figure_one("  of checkpoints, both",
	    (after[0].others - before[0].others + after[1].others - before[1].others) /
		rounds,
	    "syncs", "", "");
}

void
measure_syncs(struct world *w, unsigned rounds)
{
	struct workshop shop;
	struct counted before[2];
	struct device d, reader;
	struct timed t;

	if (rounds >= DAYS_MAX)
		rounds = DAYS_MAX - 1;
	world_join(w, 0, true, &d);
	work_plan(w, 0, &d, 1, &shop);
	work_reports(w, &d, 1, &shop);
	run(w, &d, "status");
	count(w, "laptop", &before[0]);
	count(w, "server", &before[1]);
	/* What writing a day costs is not counted: it is written by this program. */
	for (unsigned i = 0; i < rounds; i++) {
		device_open(&d);
		work_day(w, &d, &shop, (uint8_t)(i + 1));
		run(w, &d, "sync");
	}
	show("day, laptop's commits", "day, server's commits", before, w, rounds,
	    "<= 2, 1 (F16)");
	count(w, "laptop", &before[0]);
	count(w, "server", &before[1]);
	for (unsigned i = 0; i < rounds; i++)
		run(w, &d, "sync");
	show("nothing to sync, laptop", "nothing to sync, server", before, w, rounds,
	    "0 (F9)");
	count(w, "laptop", &before[0]);
	count(w, "server", &before[1]);
	for (unsigned i = 0; i < rounds; i++)
		run(w, &d, "status");
	show("`pnet status`, laptop", "`pnet status`, server", before, w, rounds, "0");
	world_join(w, 0, false, &reader);
	line_sync(&d, &t);
	dump_must_equal(&d, &reader, rounds * PEOPLE);
	device_close(&d);
	device_close(&reader);
}
