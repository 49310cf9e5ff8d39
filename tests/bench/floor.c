/* floor.c - runs the chosen floors and prints a table: median of the rounds, and spread.
 * usage: floor [--dir DIR] [--seconds S] [--rounds N] [--rows N] [NAME...] */
#include "floor.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_MAX = 99 };

static const struct floor {
	const char *name;
	floor_function *run;
	const char *unit;
	const char *what;
} floors[] = {
    /* clang-format off */
	{"seal",   floor_seal,   "op",   "XChaCha20-Poly1305, 200 bytes, 88 of AD"},
	{"open",   floor_open,   "op",   "the same, opened"},
	{"sign",   floor_sign,   "sig",  "Ed25519, 256 bytes"},
	{"verify", floor_verify, "sig",  "Ed25519, 256 bytes"},
	{"dh",     floor_dh,     "dh",   "X25519"},
	{"sync",   floor_sync,   "sync", "append 4 KiB, fdatasync"},
	{"sqlite_grouped",    floor_sqlite_grouped,    "row", "key: group 8, random 8; 75 in a group"},
	{"sqlite_sequential", floor_sqlite_sequential, "row", "key: ascending 16"},
	{"sqlite_random",     floor_sqlite_random,     "row", "key: random 16"},
	{"echo",   floor_echo,   "trip", "libuv loopback, 64 bytes, 64 connections"},
	{"exec",   floor_exec,   "run",  "start and end of an empty program"},
    /* clang-format on */
};

enum { FLOOR_COUNT = sizeof floors / sizeof floors[0] };

double
floor_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
measure(const struct floor *f, const struct floor_options *o)
{
	double us[ROUNDS_MAX], median, spread;

	for (unsigned i = 0; i < o->rounds; i++) {
		struct floor_round r = {0};

		if (!f->run(o, &r) || r.n == 0) {
			printf("%-18s not measured\n", f->name);
			return false;
		}
		us[i] = r.seconds * 1e6 / (double)r.n;
	}
	qsort(us, o->rounds, sizeof us[0], compare);
	median = us[o->rounds / 2];
	spread = (us[o->rounds - 1] - us[0]) / median * 100;
	printf("%-18s %11.0f %-6s %10.2f %7.1f   %s\n", f->name, 1e6 / median, f->unit,
	    median, spread, f->what);
	(void)fflush(stdout);
	return true;
}

static bool
is_chosen(const char *name, char **names, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return n == 0;
}

/* Takes "--name value" pairs off the front; returns the index of the first name. */
static int
parse(int argc, char **argv, struct floor_options *o)
{
	int i = 1;

	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		const char *value = argv[i + 1];

		if (strcmp(argv[i], "--dir") == 0)
			o->dir = value;
		else if (strcmp(argv[i], "--seconds") == 0)
			o->round_seconds = strtod(value, NULL);
		else if (strcmp(argv[i], "--rounds") == 0)
			o->rounds = (unsigned)strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "--rows") == 0)
			o->rows = (unsigned)strtoul(value, NULL, 10);
		else
			return -1;
	}
	if (o->rounds == 0 || o->rounds > ROUNDS_MAX || o->rows == 0)
		return -1;
	return i;
}

int
main(int argc, char **argv)
{
	struct floor_options o = {".", 0.2, 5, 100000};
	int first = parse(argc, argv, &o), measured = 0;
	bool all = true;

	if (first < 0) {
		(void)fprintf(stderr,
		    "usage: floor [--dir DIR] [--seconds S] [--rounds N]"
		    " [--rows N] [NAME...]\n");
		return 64;
	}
	if (sodium_init() < 0)
		return 70;
	printf("%-18s %11s %-6s %10s %7s\n", "floor", "per second", "of", "median us",
	    "spread%");
	for (size_t i = 0; i < FLOOR_COUNT; i++)
		if (is_chosen(floors[i].name, argv + first, argc - first)) {
			all = measure(&floors[i], &o) && all;
			measured++;
		}
	return all && measured > 0 ? 0 : 1;
}
