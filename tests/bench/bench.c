/* bench.c - chooses what is measured.
 * usage: bench --dir DIR --pnet P --pnetd P --line P [--marks N] [--rounds N] [--seed N]
 *              day|bulk|slope|load|idle|syncs...
 * DIR is emptied. Each measure founds a network of its own. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

enum {
	SMALL_MARKS = 10000,
	COUNTRIES = 8,
	CLIENTS = 64,
	CLIENT_DAYS = 186,
	SESSIONS = 2000
};

struct options {
	struct world_options world;
	unsigned marks, rounds;
};

static void
found(const struct options *o, const char *name, unsigned n_countries, struct world *w)
{
	struct world_options how = o->world;
	char dir[BENCH_PATH_MAX];

	(void)snprintf(dir, sizeof dir, "%s/%s", o->world.dir, name);
	how.dir = dir;
	how.n_countries = n_countries;
	world_found(w, &how);
	world_join(w, 0, false, &w->reader);
	device_close(&w->reader);
}

static void
run_day(const struct options *o)
{
	struct world w;

	found(o, "day", 2, &w);
	measure_day(&w, o->rounds);
	world_end(&w);
}

static void
run_bulk(const struct options *o)
{
	struct world w;

	found(o, "bulk", 1, &w);
	measure_bulk(&w, o->marks, o->rounds);
	measure_start(&w, o->rounds);
	world_end(&w);
}

/* Marks of every country, pushed by one of its coordinators. */
static void
fill(struct world *w, unsigned marks)
{
	unsigned n = marks / w->n_countries / WORKSHOP_MARKS + 1;
	struct workshop *shops = calloc(n, sizeof *shops);

	for (unsigned i = 0; shops != NULL && i < w->n_countries; i++) {
		struct device d;
		struct timed t;

		world_join(w, i, false, &d);
		work_plan(w, i, &d, n, shops);
		for (unsigned s = 0; s < n; s++)
			work_sheets(w, &d, &shops[s]);
		line_sync(&d, &t);
		if (t.report.stored != t.report.sent)
			bench_die("the country is not stored");
		device_close(&d);
	}
	free(shops);
}

static void
run_slope(const struct options *o)
{
	struct world small, large;

	found(o, "small", COUNTRIES, &small);
	found(o, "large", COUNTRIES, &large);
	fill(&small, SMALL_MARKS);
	fill(&large, o->marks);
	measure_slope(&small, &large, o->rounds);
	world_end(&small);
	world_end(&large);
}

static void
run_load(const struct options *o)
{
	struct world w;

	found(o, "load", COUNTRIES, &w);
	fill(&w, o->marks);
	measure_load(&w, CLIENTS, CLIENT_DAYS);
	world_end(&w);
}

static void
run_idle(const struct options *o)
{
	struct world w;

	found(o, "idle", 1, &w);
	measure_idle(&w, SESSIONS);
	world_end(&w);
}

static void
run_syncs(const struct options *o)
{
	struct world w;

	found(o, "syncs", 1, &w);
	measure_syncs(&w, o->rounds);
	world_end(&w);
}

static const struct measure {
	const char *name;
	void (*run)(const struct options *o);
} measures[] = {{"day", run_day}, {"bulk", run_bulk}, {"slope", run_slope},
    {"load", run_load}, {"idle", run_idle}, {"syncs", run_syncs}};

/* Takes "--name value" pairs off the front; index of the first measure, or -1. */
static int
parse(int argc, char **argv, struct options *o)
{
	int i = 1;

	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		const char *value = argv[i + 1];

		if (strcmp(argv[i], "--dir") == 0)
			o->world.dir = value;
		else if (strcmp(argv[i], "--pnet") == 0)
			o->world.pnet = value;
		else if (strcmp(argv[i], "--pnetd") == 0)
			o->world.pnetd = value;
		else if (strcmp(argv[i], "--line") == 0)
			o->world.line = value;
		else if (strcmp(argv[i], "--marks") == 0)
			o->marks = (unsigned)strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--rounds") == 0)
			o->rounds = (unsigned)strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0)
			o->world.seed = strtoull(value, NULL, 10);
		else
			return -1;
	}
	if (o->world.dir == NULL || o->world.pnet == NULL || o->world.pnetd == NULL ||
	    o->world.line == NULL || o->marks == 0 || o->rounds == 0 ||
	    o->rounds > ROUNDS_MAX)
		return -1;
	return i;
}

int
main(int argc, char **argv)
{
	struct options o = {.marks = 100000, .rounds = 5, .world.seed = 1};
	int first = parse(argc, argv, &o);
	bool any = false;

	for (size_t m = 0; first > 0 && m < sizeof measures / sizeof measures[0]; m++)
		for (int i = first; i < argc; i++)
			any = any || strcmp(argv[i], measures[m].name) == 0;
	if (!any) {
		(void)fprintf(stderr,
		    "usage: bench --dir DIR --pnet P --pnetd P --line P [--marks N]"
		    " [--rounds N] [--seed N] day|bulk|slope|load|idle|syncs...\n");
		return 64;
	}
	if (sodium_init() < 0)
		return 70;
	for (int i = first; i < argc; i++)
		for (size_t m = 0; m < sizeof measures / sizeof measures[0]; m++)
			if (strcmp(argv[i], measures[m].name) == 0)
				measures[m].run(&o);
	return 0;
}
