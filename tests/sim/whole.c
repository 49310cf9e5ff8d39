/* whole.c - runs schedules of the whole system (RELIABILITY 4, R2): real laptops and the
 * real server, one seed each.
 *
 *	sim_whole FOLDER --from A --count N [--acts K]   seeds A .. A+N-1
 *	sim_whole FOLDER --from A --seconds S            as many as fit
 *	sim_whole FOLDER --seed N [--verbose]            once more
 * --long plays long ones alone.
 *
 * FOLDER takes the few files that a laptop has besides its replica; best in memory. Exits
 * 0 when nothing failed; a failure prints the seed that repeats it.
 *
 * The network is founded once. Each schedule is a child process on a copy of that ground,
 * so it begins within a millisecond, and one that crashes is a failure like any other.
 * One seed in hundred runs on a ground with the real crypto, the others with a stand-in;
 * one in fifty runs twice, and both must send the same bytes. */
#include "cheap_crypto.h"
#include "whole_town.h"

#include <malloc.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REAL_EVERY = 100, TWICE_EVERY = 50 };

struct options {
	const char *folder;
	uint64_t from, count;
	unsigned acts;
	double seconds;
	bool is_verbose, is_long;
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

/* What a child says. */
struct ending {
	bool has_ended;
	uint64_t trace;
	struct counts counts;
	char failure[600];
};

static void
play(struct town *t, const struct options *o, uint64_t seed, struct ending *out)
{
	const uint64_t seals_before = cheap_crypto_nonces().seals;
	struct nonces n;
	unsigned acts;

	town_reseed(t, seed, o->is_verbose);
	t->is_never_brief = o->is_long;
	acts = o->acts > 0 ? o->acts : act_begin(t);
	for (unsigned i = 0; i < acts && !town_has_failed(t); i++)
		act_any(t);
	if (!town_has_failed(t))
		judge_town(t);
	n = cheap_crypto_nonces();
	t->counts.seals += n.seals - seals_before;
	if (n.repeated > 0)
		town_fail(t, "a nonce came twice");
	out->trace = pipe_trace();
	out->counts = t->counts;
	memcpy(out->failure, t->failure, sizeof out->failure);
	out->has_ended = true;
}

static void
play_apart(
    struct town *ground, const struct options *o, uint64_t seed, struct ending *out)
{
	pid_t child;
	int how = 0;

	memset(out, 0, sizeof *out);
	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		play(ground, o, seed, out);
		(void)fflush(stdout);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &how, 0) != child)
		abort();
	if (!out->has_ended)
		(void)snprintf(out->failure, sizeof out->failure,
		    "the program stopped: signal %d",
		    WIFSIGNALED(how) ? WTERMSIG(how) : 0);
	town_sweep(ground);
}

static bool
run(struct town *ground, const struct options *o, uint64_t seed, struct ending *out,
    struct counts *sum)
{
	uint64_t trace;

	play_apart(ground, o, seed, out);
	trace = out->trace;
	add_counts(sum, &out->counts);
	if (out->failure[0] == '\0' && seed % TWICE_EVERY == 0) {
		play_apart(ground, o, seed, out);
		if (out->failure[0] == '\0' && out->trace != trace)
			(void)snprintf(out->failure, sizeof out->failure,
			    "played twice it went two ways");
	}
	if (out->failure[0] == '\0')
		return true;
	printf("seed %llu failed: %s\nrepeat: sim_whole %s --seed %llu --verbose\n",
	    (unsigned long long)seed, out->failure, o->folder, (unsigned long long)seed);
	if (o->acts > 0)
		printf("        with --acts %u\n", o->acts);
	if (o->is_long)
		printf("        with --long\n");
	return false;
}

/* All seeds that take this kind of crypto; returns how many failed. */
static uint64_t
run_all(const struct options *o, bool is_real, double until, struct ending *out,
    struct counts *sum, uint64_t *done)
{
	struct town *ground = NULL;
	uint64_t failed = 0;

	for (uint64_t i = 0; until > 0 ? seconds_now() < until : i < o->count; i++) {
		uint64_t seed = o->from + i;

		if ((seed % REAL_EVERY == 0) != is_real)
			continue;
		if (ground == NULL) {
			cheap_crypto(!is_real);
			ground = town_new(o->folder, is_real, false);
			judge_warm(ground);
		}
		if (town_has_failed(ground)) {
			printf("no ground: %s\n", ground->failure);
			failed++;
			break;
		}
		failed += !run(ground, o, seed, out, sum);
		++*done;
	}
	if (ground != NULL)
		town_free(ground);
	return failed;
}

static bool
read_options(int argc, char **argv, struct options *o)
{
	*o = (struct options){.count = 1, .from = 1};
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--verbose") == 0) {
			o->is_verbose = true;
			continue;
		}
		if (strcmp(argv[i], "--long") == 0) {
			o->is_long = true;
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

static void
print_counts(const struct counts *c)
{
	static const char *const names[] = {COUNT_NAMES};
	const uint64_t *n = (const uint64_t *)c;

	for (size_t i = 0; i < sizeof *c / sizeof *n; i++)
		printf(
		    "%s%s %llu", i == 0 ? "" : ", ", names[i], (unsigned long long)n[i]);
	printf("\n");
}

int
main(int argc, char **argv)
{
	struct options o;
	struct counts sum = {0};
	uint64_t done = 0, failed = 0;
	double begin = seconds_now(), until;
	struct ending *out = mmap(
	    NULL, sizeof *out, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (!read_options(argc, argv, &o) || out == MAP_FAILED) {
		(void)fprintf(stderr,
		    "usage: sim_whole FOLDER [--from N] [--count N |"
		    " --seconds S] [--acts N] [--seed N] [--long] [--verbose]\n");
		return 2;
	}
	if (sodium_init() < 0)
		return 2;
	/* Memory that a child gave back to the system it would get as pages of zeros. */
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
	until = o.seconds > 0 ? begin + o.seconds : 0;
	failed += run_all(
	    &o, false, until > 0 ? begin + o.seconds * 0.95 : 0, out, &sum, &done);
	failed += run_all(&o, true, until, out, &sum, &done);
	printf("%llu schedules in %.1f s, %llu failed: ", (unsigned long long)done,
	    seconds_now() - begin, (unsigned long long)failed);
	print_counts(&sum);
	return failed == 0 ? 0 : 1;
}
