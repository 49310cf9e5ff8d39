/* test_names.c - sets of entry names as ranges, against a set of single names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "core/names.h"

enum { FIELDS = 2, AGENTS = 2, NAMES = 24, RANGES_MAX = 12 };

/* What names a set holds, one by one. */
struct naive {
	uint8_t has[FIELDS][AGENTS][NAMES];
	uint32_t order[FIELDS][AGENTS][NAMES];
};

static struct name_range
random_range(struct rng *rng)
{
	struct name_range r =
	    name_range_of((uint16_t)rng_below(rng, FIELDS), rng_below(rng, AGENTS),
		(uint32_t)rng_below(rng, NAMES - 6), (uint32_t)rng_below(rng, 6));

	r.order = (uint32_t)rng_below(rng, 100);
	r.is_unsealed = rng_below(rng, 3) == 0;
	return r;
}

static void
naive_add(struct naive *set, const struct name_range *r)
{
	for (uint64_t i = r->first; i < r->end; i++) {
		uint8_t *has = &set->has[r->field][r->agent][i];
		uint32_t *order = &set->order[r->field][r->agent][i];

		*has = 1;
		if (r->order > *order)
			*order = r->order;
	}
}

/* Sorted, apart from each other, and no name is older than it was told. */
static void
assert_is_set(const struct name_range *ranges, size_t n, const struct naive *set)
{
	struct naive seen = {0};

	for (size_t i = 0; i < n; i++) {
		const struct name_range *r = &ranges[i];

		assert_true(r->first < r->end);
		assert_true(i == 0 || names_compare(&ranges[i - 1], r) < 0);
		for (uint64_t k = r->first; k < r->end; k++) {
			assert_int_equal(seen.has[r->field][r->agent][k], 0);
			seen.has[r->field][r->agent][k] = 1;
			assert_true(r->order >= set->order[r->field][r->agent][k]);
		}
	}
	assert_memory_equal(seen.has, set->has, sizeof seen.has);
}

static void
assert_walks(const struct name_range *ranges, size_t n, const struct naive *set,
    struct name_range over)
{
	struct names_walk w = names_walk_of(ranges, n, over);
	struct names_part part;
	uint64_t at = over.first;

	while (names_walk_next(&w, &part)) {
		assert_int_equal(part.first, at);
		assert_true(part.end > part.first && part.end <= over.end);
		for (; at < part.end; at++)
			assert_int_equal(
			    set->has[over.field][over.agent][at], part.is_member);
	}
	assert_int_equal(at, over.end);
}

static void
ranges_joined_in_any_order_hold_the_names_of_all(void **state)
{
	struct rng_seeded stream;
	struct rng rng = rng_seeded(&stream, 17);

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct name_range ranges[RANGES_MAX];
		struct naive set = {0};
		size_t n = rng_below(&rng, RANGES_MAX + 1);

		for (size_t i = 0; i < n; i++) {
			ranges[i] = random_range(&rng);
			naive_add(&set, &ranges[i]);
		}
		n = names_join(ranges, n);
		assert_is_set(ranges, n, &set);
		for (int k = 0; k < 8; k++)
			assert_walks(ranges, n, &set, random_range(&rng));
	}
}

static void
what_is_sealed_and_what_is_not_stay_apart_where_they_only_touch(void **state)
{
	struct name_range ranges[] = {
	    name_range_of(1, 7, 0, 3), name_range_of(1, 7, 3, 3)};

	(void)state;
	ranges[1].is_unsealed = true;
	assert_int_equal(names_join(ranges, 2), 2);
	ranges[1].first = 2; /* overlapping: one sealed part makes it sealed */
	assert_int_equal(names_join(ranges, 2), 1);
	assert_false(ranges[0].is_unsealed);
	ranges[0].is_unsealed = true;
	ranges[1] = name_range_of(1, 7, 6, 1);
	ranges[1].is_unsealed = true;
	assert_int_equal(names_join(ranges, 2), 1);
	assert_true(ranges[0].is_unsealed);
}

static void
a_range_ends_with_the_last_name_of_an_agent(void **state)
{
	struct name_range r = name_range_of(1, 7, UINT32_MAX, 5);

	(void)state;
	assert_int_equal(r.end, (uint64_t)UINT32_MAX + 1);
	r = name_range_of(1, 7, 5, UINT32_MAX);
	assert_int_equal(r.end, (uint64_t)UINT32_MAX + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ranges_joined_in_any_order_hold_the_names_of_all),
	    cmocka_unit_test(
		what_is_sealed_and_what_is_not_stay_apart_where_they_only_touch),
	    cmocka_unit_test(a_range_ends_with_the_last_name_of_an_agent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
