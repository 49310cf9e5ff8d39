/* test_snapshot.c - the hash that binds the figures of a period. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/snapshot.h"
#include "crypto/sign.h"

enum { COUNTRIES = 3 };

static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(0);
	return arena == NULL;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
make(struct snapshot *s, struct snapshot_row rows[COUNTRIES])
{
	static const char *const codes[COUNTRIES] = {"SK", "DE", "CZ"};

	memset(rows, 0, COUNTRIES * sizeof *rows);
	for (uint32_t i = 0; i < COUNTRIES; i++) {
		rows[i].figures.country = span_text(codes[i]);
		rows[i].figures.country_order = i == 0 ? 9 : i;
		rows[i].figures.workshops_closed = i;
		rows[i].figures.sum.enrolled = 10 + i;
		rows[i].missing = span_text(i == 1 ? "DE-W2-TR is a draft" : "");
	}
	*s = (struct snapshot){.period = span_text("2026"),
	    .is_partial = true,
	    .n = COUNTRIES,
	    .rows = rows};
}

static struct hash32
hash_of(struct snapshot *s)
{
	struct checks checks = sign_checks();
	struct hash32 out;

	snapshot_sort(s);
	assert_int_equal(snapshot_hash(s, &checks, arena, &out, NULL), ST_OK);
	return out;
}

static void
rows_in_another_order_have_the_same_hash(void **state)
{
	struct snapshot_row rows[COUNTRIES], kept;
	struct hash32 first, second;
	struct snapshot s;

	(void)state;
	make(&s, rows);
	first = hash_of(&s);
	assert_true(span_equal(rows[0].figures.country, span_text("DE")));
	assert_true(span_equal(rows[2].figures.country, span_text("SK")));
	make(&s, rows);
	kept = rows[1];
	rows[1] = rows[2];
	rows[2] = kept;
	second = hash_of(&s);
	assert_true(ID_EQUAL(&first, &second));
}

static void
every_part_of_it_is_in_the_hash(void **state)
{
	enum { CHANGES = 7 };
	struct hash32 hashes[CHANGES];
	struct snapshot_row rows[COUNTRIES];
	struct snapshot s;

	(void)state;
	for (int i = 0; i < CHANGES; i++) {
		make(&s, rows);
		s.period = span_text(i == 1 ? "2025" : "2026");
		s.is_partial = i != 2;
		rows[0].figures.sum.enrolled += i == 3;
		rows[1].figures.is_unique_unknown = i == 4;
		if (i == 5)
			rows[1].missing = span_text("");
		s.n = i == 6 ? COUNTRIES - 1 : COUNTRIES;
		hashes[i] = hash_of(&s);
		for (int k = 0; k < i; k++)
			assert_false(ID_EQUAL(&hashes[i], &hashes[k]));
	}
}

static void
a_part_is_marked_in_the_name_of_the_sum(void **state)
{
	struct snapshot_row rows[COUNTRIES];
	struct indicators *figures;
	struct snapshot s;

	(void)state;
	make(&s, rows);
	assert_string_equal(snapshot_sum_name(&s), "ALL (partial)");
	s.is_partial = false;
	assert_string_equal(snapshot_sum_name(&s), "ALL");
	figures = snapshot_figures(&s, arena);
	assert_int_equal(figures[2].sum.enrolled, 12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_in_another_order_have_the_same_hash),
	    cmocka_unit_test(every_part_of_it_is_in_the_hash),
	    cmocka_unit_test(a_part_is_marked_in_the_name_of_the_sum),
	};

	return cmocka_run_group_tests(tests, begin, end) != 0;
}
