/* scant.h - a call with too little memory, then with a little more, until it succeeds:
 * every allocation of it fails once. */
#ifndef TESTS_SCANT_H
#define TESTS_SCANT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/status.h"

/* The arena hands out multiples of this, so no allocation lies between two tries. */
enum { SCANT_STEP_BYTES = 16, SCANT_TRIES_MAX = 20000 };

/* The call under test; it starts from the same state at each try. */
typedef status (*scant_call)(void *ctx, struct arena *a, struct trouble *t);

/* Each try but the last says ST_NO_MEMORY, by its status and in its trouble.
 * Returns how many failed; never 0. */
static inline size_t
scant_try(scant_call call, void *ctx)
{
	size_t refusals = 0;
	status st = ST_NO_MEMORY;

	for (size_t i = 0; st != ST_OK && i < SCANT_TRIES_MAX; i++) {
		struct arena *a = arena_new(1 + i * SCANT_STEP_BYTES);
		struct trouble t = {0};

		assert_non_null(a);
		st = call(ctx, a, &t);
		if (st != ST_OK) {
			assert_int_equal(st, ST_NO_MEMORY);
			assert_int_equal(t.code, ST_NO_MEMORY);
			refusals++;
		}
		arena_free(a);
	}
	assert_int_equal(st, ST_OK);
	assert_true(refusals > 0);
	return refusals;
}

#endif
