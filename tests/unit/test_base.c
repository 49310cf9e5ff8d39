/* test_base.c - status, reader, writer, arena and random numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/reader.h"
#include "base/rng.h"
#include "base/writer.h"

static void
trouble_keeps_the_code_and_puts_context_in_front(void **state)
{
	struct trouble t = {0};

	(void)state;
	assert_int_equal(
	    trouble_set(&t, ST_MALFORMED, "op %d has no tag", 3), ST_MALFORMED);
	assert_int_equal(trouble_wrap(&t, "bundle %s", "x"), ST_MALFORMED);
	assert_string_equal(t.text, "bundle x: op 3 has no tag");
	assert_int_equal(status_exit(t.code), 65);
}

static void
trouble_is_cut_and_ended_when_it_is_too_long(void **state)
{
	struct trouble t = {0};

	(void)state;
	(void)trouble_set(&t, ST_IO, "%400s", "x");
	(void)trouble_wrap(&t, "%300s", "y");
	assert_int_equal(strlen(t.text), TROUBLE_BYTES - 1);
}

static void
read_span_refuses_a_length_past_the_end(void **state)
{
	const uint8_t in[4] = {1, 2, 3, 4};
	struct reader r = reader_of(span_of(in, sizeof in));
	struct span out;

	(void)state;
	assert_int_equal(reader_span(&r, 5, &out), ST_MALFORMED);
	assert_int_equal(reader_span(&r, UINT64_MAX, &out), ST_MALFORMED);
	assert_int_equal(r.left, 4);
	assert_int_equal(reader_span(&r, 4, &out), ST_OK);
	assert_int_equal(reader_end(&r), ST_OK);
}

static void
writer_drops_whole_what_does_not_fit(void **state)
{
	uint8_t buffer[6];
	struct writer w = writer_of(buffer, sizeof buffer);
	struct reader r;
	uint32_t n;

	(void)state;
	writer_u32(&w, 0xdeadbeef);
	writer_u32(&w, 1);
	assert_true(w.is_full);
	assert_int_equal(w.used, 4);
	r = reader_of(writer_done(&w));
	assert_int_equal(reader_u32(&r, &n), ST_OK);
	assert_true(n == 0xdeadbeef);
}

static void
arena_refuses_more_than_its_bound(void **state)
{
	struct arena *a = arena_new(100);

	(void)state;
	assert_non_null(arena_alloc(a, 64));
	assert_null(arena_alloc(a, 64));
	assert_null(arena_zeros(a, SIZE_MAX / 2, 3));
	arena_reset(a);
	assert_non_null(arena_alloc(a, 64));
	arena_free(a);
	arena_free(NULL);
}

static void
rng_below_stays_below_and_repeats_for_a_seed(void **state)
{
	struct rng_seeded s1, s2;
	struct rng a = rng_seeded(&s1, 7), b = rng_seeded(&s2, 7);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t n = rng_below(&a, 13);

		assert_true(n < 13);
		assert_true(n == rng_below(&b, 13));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trouble_keeps_the_code_and_puts_context_in_front),
	    cmocka_unit_test(trouble_is_cut_and_ended_when_it_is_too_long),
	    cmocka_unit_test(read_span_refuses_a_length_past_the_end),
	    cmocka_unit_test(writer_drops_whole_what_does_not_fit),
	    cmocka_unit_test(arena_refuses_more_than_its_bound),
	    cmocka_unit_test(rng_below_stays_below_and_repeats_for_a_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
