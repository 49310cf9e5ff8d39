/* floor.h - what the machine allows at best: primitives, disk, database, loopback and
 * program start, without any code of ours. Goals of the product are ratios to these
 * figures of the same run (PERFORMANCE.md 4). */
#ifndef TESTS_BENCH_FLOOR_H
#define TESTS_BENCH_FLOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct floor_options {
	const char *dir;      /* where files are written: the disk that is measured */
	double round_seconds; /* length of a round of the short ones */
	unsigned rounds;      /* odd */
	unsigned rows;        /* of a database round */
};

/* What one round gave. */
struct floor_round {
	uint64_t n;     /* how often */
	double seconds; /* wall clock for all of them */
};

/* False when it cannot be measured here; the reason is on stderr. */
typedef bool floor_function(const struct floor_options *o, struct floor_round *out);

floor_function floor_seal, floor_open, floor_sign, floor_verify, floor_dh;
floor_function floor_sync, floor_exec;
floor_function floor_sqlite_grouped, floor_sqlite_sequential, floor_sqlite_random;
floor_function floor_echo;

double floor_now(void); /* monotonic seconds */

/* Repeats body in steps of 64 until round_seconds are over. */
#define FLOOR_REPEAT(o, out, body)                                                       \
	do {                                                                             \
		double floor_start = floor_now();                                        \
		(out)->n = 0;                                                            \
		do {                                                                     \
			for (unsigned floor_i = 0; floor_i < 64; floor_i++) {            \
				body;                                                    \
			}                                                                \
			(out)->n += 64;                                                  \
			(out)->seconds = floor_now() - floor_start;                      \
		} while ((out)->seconds < (o)->round_seconds);                           \
	} while (0)

#endif
