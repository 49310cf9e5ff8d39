/* sim_merge.c - runs schedules of the merge simulator (RELIABILITY 6).
 *
 *	sim_merge --from A --count N    seeds A .. A+N-1
 *	sim_merge --seed N [--verbose] [--until K] [--shrink FILE]
 *	sim_merge --clocks --from A --count N   each seed under four clocks: one trace
 *	sim_merge --sqlite FOLDER ...   the server on SQLite instead of in memory
 *	sim_merge --canary FILE...      plants bugs; each must be found, by one of the
 *	                                saved schedules or soon by a seed
 *	sim_merge FILE...               replays saved schedules
 *
 * Exits 0 when nothing failed. A failure prints the seed that repeats it. */
#include "world.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum { CANARY_SEEDS_MAX = 2000, SHRINK_ROUNDS_MAX = 12 };

struct options {
	uint64_t from;
	uint64_t count;
	size_t until;
	bool is_verbose;
	bool has_clocks;
	bool is_canary;
	enum sim_sabotage sabotage;
	const char *shrink_to;
	const char *sqlite_folder;
};

static const char *const sabotage_names[SABOTAGE_COUNT] = {
    [SABOTAGE_NONE] = "none",
    [SABOTAGE_DROP_SIBLING] = "a whole op drops a sibling",
    [SABOTAGE_FORGET_GONE] = "a whole op forgets superseded names",
    [SABOTAGE_NO_DOA] = "doa is not delivered",
    [SABOTAGE_EARLY_APPLY] = "a page is applied before the head",
    [SABOTAGE_ACK_IS_ENOUGH] = "pending goes at the ack",
    [SABOTAGE_GRAVE_TOO_SOON] = "a pending grave lets marks go",
    [SABOTAGE_SHORT_MEMORY] = "a second edit forgets what the first saw",
    [SABOTAGE_NO_DEAD] = "dead refs are ignored",
};

static double
seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
print_counts(const struct world *w, uint64_t schedules, double seconds)
{
	printf("%" PRIu64 " schedules in %.1f s, %.0f per second\n", schedules, seconds,
	    (double)schedules / (seconds > 0 ? seconds : 1));
#define X(name) printf("  %-16s %12" PRIu64 "\n", #name, w->counts.name);
	SIM_COUNTS(X)
#undef X
}

/* --- shrinking --- */

/* The same failure, whatever the numbers in its text. */
static bool
is_same_symptom(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		a += strspn(a, "0123456789");
		b += strspn(b, "0123456789");
		if (*a != *b)
			return false;
		a += *a != '\0';
		b += *b != '\0';
	}
	return *a == *b;
}

/* Does the list without events at .. at+n-1 fail alike? Then it becomes the list. */
static bool
fails_without(
    struct world *w, struct schedule *s, const char *symptom, size_t at, size_t n)
{
	struct schedule *less = malloc(sizeof *less);
	bool fails;

	if (less == NULL)
		abort();
	*less = *s;
	memmove(less->events + at, less->events + at + n,
	    (s->n_events - at - n) * sizeof less->events[0]);
	less->n_events -= n;
	fails = !world_run(w, less, SIZE_MAX) && is_same_symptom(w->failure, symptom);
	if (fails)
		*s = *less;
	free(less);
	return fails;
}

static void
shrink(struct world *w, struct schedule *s)
{
	char symptom[WORLD_FAILURE_BYTES];

	snprintf(symptom, sizeof symptom, "%s", w->failure);
	for (size_t round = 0; round < SHRINK_ROUNDS_MAX; round++) {
		size_t before = s->n_events;

		for (size_t n = before / 2 + 1; n > 0; n /= 2) {
			size_t at = 0;

			while (at + n <= s->n_events)
				at += fails_without(w, s, symptom, at, n) ? 0 : n;
		}
		if (s->n_events == before)
			return;
	}
}

static bool
shrink_to_file(struct world *w, struct schedule *s, const char *path)
{
	FILE *out;
	bool is_written;

	shrink(w, s);
	world_run(w, s, SIZE_MAX);
	out = fopen(path, "w");
	if (out == NULL)
		return false;
	schedule_write(out, s, w->failure);
	is_written = fclose(out) == 0;
	printf("%zu events are left in %s: %s\n", s->n_events, path, w->failure);
	return is_written;
}

/* --- running --- */

static bool
run_seed(struct world *w, uint64_t seed, const struct options *o)
{
	struct schedule s;

	schedule_from_seed(&s, seed);
	if (world_run(w, &s, o->until))
		return true;
	printf("seed %" PRIu64 ", event %zu%s: %s\n", seed, w->step,
	    w->is_calm ? " (healing)" : "", w->failure);
	if (o->shrink_to != NULL)
		shrink_to_file(w, &s, o->shrink_to);
	return false;
}

/* Clocks decide nothing: the same live sets whatever they say (R17). */
static bool
run_clocks(struct world *w, uint64_t seed, const struct options *o)
{
	uint64_t right = 0;

	for (int clock = CLOCK_RIGHT; clock < SIM_CLOCK_COUNT; clock++) {
		w->clock = (enum sim_clock)clock;
		if (!run_seed(w, seed, o))
			return false;
		if (clock == CLOCK_RIGHT)
			right = w->trace;
		if (w->trace != right) {
			printf("seed %" PRIu64 ": clock %d changes what is live\n", seed,
			    clock);
			return false;
		}
	}
	return true;
}

static int
run_range(struct world *w, const struct options *o)
{
	const double start = seconds_now();
	uint64_t failed = 0;

	for (uint64_t i = 0; i < o->count && failed < 10; i++) {
		bool is_good = o->has_clocks ? run_clocks(w, o->from + i, o)
					     : run_seed(w, o->from + i, o);

		failed += !is_good;
	}
	print_counts(w, o->count, seconds_now() - start);
	return failed == 0 ? 0 : 1;
}

static bool
read_file(const char *path, struct schedule *s)
{
	FILE *in = fopen(path, "r");
	bool is_read = in != NULL && schedule_read(in, s);

	if (in != NULL)
		fclose(in);
	if (!is_read)
		printf("%s cannot be read\n", path);
	return is_read;
}

static int
run_file(struct world *w, const char *path)
{
	struct schedule s;

	if (!read_file(path, &s))
		return 1;
	if (world_run(w, &s, SIZE_MAX))
		return 0;
	printf("%s, event %zu: %s\n", path, w->step, w->failure);
	return 1;
}

/* --- planted bugs --- */

/* Runs until the planted bug is seen; says by what. */
static bool
is_found(struct world *w, char *const *files, char *by, size_t cap)
{
	struct schedule s;

	for (; *files != NULL; files++) {
		if (read_file(*files, &s) && !world_run(w, &s, SIZE_MAX)) {
			snprintf(by, cap, "%s", *files);
			return true;
		}
	}
	for (uint64_t seed = 1; seed <= CANARY_SEEDS_MAX; seed++) {
		schedule_from_seed(&s, seed);
		if (!world_run(w, &s, SIZE_MAX)) {
			snprintf(by, cap, "seed %" PRIu64, seed);
			return true;
		}
	}
	return false;
}

static int
run_canaries(struct world *w, char *const *files)
{
	int missed = 0;

	for (int n = SABOTAGE_NONE + 1; n < SABOTAGE_COUNT; n++) {
		char by[256];

		w->sabotage = (enum sim_sabotage)n;
		if (is_found(w, files, by, sizeof by)) {
			printf(
			    "%s: found by %s: %s\n", sabotage_names[n], by, w->failure);
		} else {
			printf("%s: NOT FOUND\n", sabotage_names[n]);
			missed++;
		}
	}
	return missed == 0 ? 0 : 1;
}

static uint64_t
number(const char *text)
{
	return text == NULL ? 0 : strtoull(text, NULL, 0);
}

/* Takes one option; returns how many words it was, 0 = it is a file. */
static int
take_option(struct options *o, char **at)
{
	if (strcmp(at[0], "--verbose") == 0)
		return o->is_verbose = true, 1;
	if (strcmp(at[0], "--clocks") == 0)
		return o->has_clocks = true, 1;
	if (strcmp(at[0], "--canary") == 0)
		return o->is_canary = true, 1;
	if (strcmp(at[0], "--seed") == 0)
		return o->from = number(at[1]), o->count = 1, 2;
	if (strcmp(at[0], "--from") == 0)
		return o->from = number(at[1]), 2;
	if (strcmp(at[0], "--count") == 0)
		return o->count = number(at[1]), 2;
	if (strcmp(at[0], "--until") == 0)
		return o->until = number(at[1]), 2;
	if (strcmp(at[0], "--sabotage") == 0)
		return o->sabotage = (enum sim_sabotage)number(at[1]), 2;
	if (strcmp(at[0], "--sqlite") == 0)
		return o->sqlite_folder = at[1], 2;
	if (strcmp(at[0], "--shrink") == 0)
		return o->shrink_to = at[1], 2;
	return 0;
}

int
main(int argc, char **argv)
{
	struct options o = {.until = SIZE_MAX};
	struct world *w;
	int failed = 0;
	int at = 1;

	while (at < argc) {
		int words = take_option(&o, argv + at);

		if (words == 0)
			break;
		at += words;
	}
	w = world_new(o.sqlite_folder);
	w->is_verbose = o.is_verbose;
	w->sabotage = o.sabotage;
	if (o.is_canary)
		failed = run_canaries(w, argv + at);
	else if (o.count > 0)
		failed = run_range(w, &o);
	for (; !o.is_canary && at < argc; at++)
		failed |= run_file(w, argv[at]);
	world_free(w);
	return failed;
}
