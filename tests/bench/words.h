/* words.h - made-up content, the same for the same seed: words nobody repeats, marks in
 * the proportions of PERFORMANCE 2. Never the content of a real person. */
#ifndef TESTS_BENCH_WORDS_H
#define TESTS_BENCH_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "core/schema.h"

struct words {
	uint64_t state;
};

uint64_t words_next(struct words *w);
/* 0 .. n-1 */
unsigned words_below(struct words *w, unsigned n);
/* len characters of ASCII and a NUL. */
void words_text(struct words *w, size_t len, char *out);
/* present 84.0 %, absent 7.1 %, late 4.9 %, excused 4.0 % */
enum mark words_mark(struct words *w);

#endif
