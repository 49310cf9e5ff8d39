/* whole.c - runs schedules of the whole system (RELIABILITY 4, R2): real laptops and the
 * real server, one seed each.
 *
 *	sim_whole FOLDER --from A --count N [--acts K]   seeds A .. A+N-1
 *	sim_whole FOLDER --from A --seconds S            as many as fit
 *	sim_whole FOLDER --seed N [--verbose]            once more
 *
 * FOLDER is where the laptops' data folders are made and removed; best in memory. Exits 0
 * when nothing failed; a failure prints the seed that repeats it. */
#include "whole_town.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { ACTS = 120 };

struct options {
	const char *folder;
	uint64_t from, count;
	unsigned acts;
	double seconds;
	bool is_verbose;
};

static double
seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
add_counts(struct counts *sum, const struct counts *one)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)one;

	for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
		to[i] += from[i];
}

static bool
run(const struct options *o, uint64_t seed, struct counts *sum)
{
	struct town *t = town_new(o->folder, seed, o->is_verbose);
	bool ok;

	for (unsigned i = 0; i < o->acts && !town_has_failed(t); i++)
		act_any(t);
	if (!town_has_failed(t))
		judge_heal(t);
	if (!town_has_failed(t))
		judge_town(t);
	ok = !town_has_failed(t);
	if (!ok)
		printf(
		    "seed %llu failed: %s\nrepeat: sim_whole %s --seed %llu --acts %u\n",
		    (unsigned long long)seed, t->failure, o->folder,
		    (unsigned long long)seed, o->acts);
	add_counts(sum, &t->counts);
	town_free(t);
	return ok;
}

static bool
read_options(int argc, char **argv, struct options *o)
{
	*o = (struct options){.count = 1, .from = 1, .acts = ACTS};
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--verbose") == 0) {
			o->is_verbose = true;
			continue;
		}
		if (argv[i][0] != '-') {
			o->folder = argv[i];
			continue;
		}
		i++;
		if (strcmp(argv[i - 1], "--from") == 0 ||
		    strcmp(argv[i - 1], "--seed") == 0)
			o->from = strtoull(value, NULL, 0);
		else if (strcmp(argv[i - 1], "--count") == 0)
			o->count = strtoull(value, NULL, 0);
		else if (strcmp(argv[i - 1], "--acts") == 0)
			o->acts = (unsigned)strtoul(value, NULL, 0);
		else if (strcmp(argv[i - 1], "--seconds") == 0)
			o->seconds = strtod(value, NULL);
		else
			return false;
	}
	return o->folder != NULL;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct counts sum = {0};
	uint64_t done = 0, failed = 0;
	double begin = seconds_now();

	if (!read_options(argc, argv, &o)) {
		(void)fprintf(stderr,
		    "usage: sim_whole FOLDER [--from N] [--count N |"
		    " --seconds S] [--acts N] [--seed N] [--verbose]\n");
		return 2;
	}
	if (sodium_init() < 0)
		return 2;
	(void)mkdir(o.folder, 0700);
	while (o.seconds > 0 ? seconds_now() - begin < o.seconds : done < o.count) {
		failed += !run(&o, o.from + done, &sum);
		done++;
	}
	printf("%llu schedules in %.1f s, %llu failed: edits %llu, resolutions %llu (%llu"
	       " refused), syncs %llu (%llu cut or crashed), crashes %llu, copies %llu,"
	       " restores %llu, rotations %llu, interleaved %llu, workshops %llu\n",
	    (unsigned long long)done, seconds_now() - begin, (unsigned long long)failed,
	    (unsigned long long)sum.edits, (unsigned long long)sum.resolutions,
	    (unsigned long long)sum.refused_resolutions, (unsigned long long)sum.syncs,
	    (unsigned long long)sum.syncs_failed, (unsigned long long)sum.crashes,
	    (unsigned long long)sum.copies, (unsigned long long)sum.restores,
	    (unsigned long long)sum.rotations, (unsigned long long)sum.races,
	    (unsigned long long)sum.workshops);
	return failed == 0 ? 0 : 1;
}
