/* test_suppress.c - no suppressed count follows from what is printed: every table of
 * integers that fits the totals and the counts that are shown is written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/rng.h"
#include "core/suppress.h"

/* ---- all tables that fit ----
 *
 * What is printed: totals of rows and columns, every count that is not hidden. What the
 * rules say: a hidden count is not 0 (a 0 would be shown). */

enum { CELLS_MAX = 24 };

struct reader {
	const struct suppress_table *t;
	size_t n;
	struct {
		size_t row, column;
		uint32_t low, high; /* over all tables that fit */
	} at[CELLS_MAX];
	uint32_t now[CELLS_MAX];
	uint32_t row_left[SUPPRESS_ROWS_MAX], column_left[SUPPRESS_COLUMNS_MAX];
	size_t n_tables;
};

static void
note_table(struct reader *r)
{
	for (size_t i = 0; i < r->t->rows; i++) {
		if (r->row_left[i] != 0)
			return;
	}
	for (size_t j = 0; j < r->t->columns; j++) {
		if (r->column_left[j] != 0)
			return;
	}
	r->n_tables++;
	for (size_t i = 0; i < r->n; i++) {
		r->at[i].low = r->now[i] < r->at[i].low ? r->now[i] : r->at[i].low;
		r->at[i].high = r->now[i] > r->at[i].high ? r->now[i] : r->at[i].high;
	}
}

static void
fill_from(struct reader *r, size_t cell)
{
	uint32_t *row, *column;
	bool ends_row;

	if (cell == r->n) {
		note_table(r);
		return;
	}
	row = &r->row_left[r->at[cell].row];
	column = &r->column_left[r->at[cell].column];
	ends_row = cell + 1 == r->n || r->at[cell + 1].row != r->at[cell].row;
	for (uint32_t n = ends_row ? *row : 1; n > 0 && n <= *row && n <= *column; n++) {
		r->now[cell] = n;
		*row -= n;
		*column -= n;
		fill_from(r, cell + 1);
		*row += n;
		*column += n;
	}
}

static void
read_all(const struct suppress_table *t, struct reader *r)
{
	*r = (struct reader){.t = t};
	for (size_t i = 0; i < t->rows; i++) {
		for (size_t j = 0; j < t->columns; j++) {
			if (!t->hidden[i][j])
				continue;
			assert_true(r->n < CELLS_MAX);
			r->at[r->n].row = i;
			r->at[r->n].column = j;
			r->at[r->n++].low = UINT32_MAX;
			r->row_left[i] += t->counts[i][j];
			r->column_left[j] += t->counts[i][j];
		}
	}
	fill_from(r, 0);
	assert_true(r->n_tables > 0); /* the true one fits */
}

/* ---- random tables ---- */

/* The larger k, the smaller the table: all that fit are written down. */
static struct suppress_table
random_table(struct rng *rng)
{
	static const struct {
		uint32_t k;
		size_t rows, columns;
	} shapes[] = {{2, 4, 4}, {3, 4, 3}, {3, 3, 4}, {5, 3, 3}, {10, 2, 3}};
	size_t shape = rng_below(rng, sizeof shapes / sizeof shapes[0]);
	struct suppress_table t = {.rows = 1 + rng_below(rng, shapes[shape].rows),
	    .columns = 2 + rng_below(rng, shapes[shape].columns - 1),
	    .k = shapes[shape].k};
	uint64_t above = t.k + 2 + rng_below(rng, t.k);

	for (size_t i = 0; i < t.rows; i++) {
		for (size_t j = 0; j < t.columns; j++)
			t.counts[i][j] =
			    rng_below(rng, 4) == 0 ? 0 : (uint32_t)rng_below(rng, above);
	}
	return t;
}

static void
check_table(const struct suppress_table *t)
{
	static struct reader r;

	for (size_t i = 0; i < t->rows; i++) {
		for (size_t j = 0; j < t->columns; j++) {
			uint32_t n = t->counts[i][j];

			assert_true(t->hidden[i][j] || n == 0 || n >= t->k);
			assert_true(!t->hidden[i][j] || n > 0);
		}
	}
	read_all(t, &r);
	for (size_t i = 0; i < r.n; i++) {
		uint32_t n = t->counts[r.at[i].row][r.at[i].column];
		bool is_known = r.at[i].low == r.at[i].high;

		if (n < t->k)
			assert_false(is_known);
		/* And the question that the program asks has the same answer. */
		assert_int_equal(
		    suppress_is_derivable(t, r.at[i].row, r.at[i].column), is_known);
	}
}

static void
no_hidden_count_below_k_fits_in_one_way_only(void **state)
{
	struct rng_seeded seed;
	struct rng rng = rng_seeded(&seed, 2026);
	size_t printed = 0, hiding = 0;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		struct suppress_table t = random_table(&rng);
		struct suppress_line weak;
		bool any = false;

		if (!suppress_small(&t, &weak))
			continue;
		check_table(&t);
		printed++;
		for (size_t i = 0; i < t.rows; i++) {
			for (size_t j = 0; j < t.columns; j++)
				any = any || t.hidden[i][j];
		}
		hiding += any;
	}
	/* Neither all refused nor all without anything to hide. */
	assert_true(printed > 30000);
	assert_true(hiding > 10000);
}

/* ---- one table each ---- */

static struct suppress_table
table_of(size_t rows, size_t columns, uint32_t k, const uint32_t *counts)
{
	struct suppress_table t = {.rows = rows, .columns = columns, .k = k};

	for (size_t i = 0; i < rows * columns; i++)
		t.counts[i / columns][i % columns] = counts[i];
	return t;
}

static size_t
n_hidden(const struct suppress_table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->rows; i++) {
		for (size_t j = 0; j < t->columns; j++)
			n += t->hidden[i][j];
	}
	return n;
}

/* Every line hides two counts whose sum is k or more, and still only one table fits: to
 * move anything, one of the two 1s would have to become 0. */
static void
six_counts_in_a_round_gave_each_other_away(void **state)
{
	static const uint32_t counts[] = {1, 4, 0, 9, 0, 4, 1, 9, 4, 0, 4, 9};
	struct suppress_table t = table_of(3, 4, 5, counts);
	struct suppress_line weak;
	static struct reader r;

	(void)state;
	for (size_t i = 0; i < 12; i++)
		t.hidden[i / 4][i % 4] = counts[i] > 0 && counts[i] < 5;
	read_all(&t, &r);
	assert_int_equal(r.n_tables, 1);
	assert_true(suppress_is_derivable(&t, 0, 0));
	assert_true(suppress_small(&t, &weak));
	assert_int_equal(n_hidden(&t), 9); /* the 9s beside the six */
	read_all(&t, &r);
	assert_true(r.n_tables > 1);
}

static void
a_table_that_cannot_be_hidden_is_refused_by_its_first_line(void **state)
{
	static const uint32_t in_a_row[] = {7, 8, 3, 0};
	static const uint32_t in_a_column[] = {3, 9, 9, 0, 9, 9};
	static const uint32_t in_a_round[] = {1, 4, 0, 0, 4, 1, 4, 0, 4};
	struct suppress_line weak;
	struct suppress_table t = table_of(2, 2, 5, in_a_row);

	(void)state;
	assert_false(suppress_small(&t, &weak));
	assert_true(weak.is_row);
	assert_int_equal(weak.at, 1);
	t = table_of(2, 3, 5, in_a_column);
	assert_false(suppress_small(&t, &weak));
	assert_false(weak.is_row);
	assert_int_equal(weak.at, 0);
	t = table_of(3, 3, 5, in_a_round);
	assert_false(suppress_small(&t, &weak));
	assert_true(weak.is_row);
	assert_int_equal(weak.at, 0);
}

static void
a_count_of_k_is_shown_and_one_less_hidden(void **state)
{
	static const uint32_t at_k[] = {5, 9, 7, 8};
	static const uint32_t below[] = {4, 9, 7, 8};
	struct suppress_line weak;
	struct suppress_table t = table_of(2, 2, 5, at_k);

	(void)state;
	assert_true(suppress_small(&t, &weak));
	assert_int_equal(n_hidden(&t), 0);
	t = table_of(2, 2, 5, below);
	assert_true(suppress_small(&t, &weak));
	assert_int_equal(n_hidden(&t), 4);
	t.k = 1; /* nothing is small */
	assert_true(suppress_small(&t, &weak));
	assert_int_equal(n_hidden(&t), 0);
}

static void
the_smallest_count_left_is_hidden_beside_and_the_first_of_equals(void **state)
{
	static const uint32_t counts[] = {3, 9, 8, 8, 3, 9, 8, 8};
	struct suppress_line weak;
	struct suppress_table t = table_of(2, 4, 5, counts);

	(void)state;
	assert_true(suppress_small(&t, &weak));
	assert_int_equal(n_hidden(&t), 4);
	assert_true(t.hidden[0][0] && t.hidden[0][2] && t.hidden[1][0] && t.hidden[1][2]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_hidden_count_below_k_fits_in_one_way_only),
	    cmocka_unit_test(six_counts_in_a_round_gave_each_other_away),
	    cmocka_unit_test(a_table_that_cannot_be_hidden_is_refused_by_its_first_line),
	    cmocka_unit_test(a_count_of_k_is_shown_and_one_less_hidden),
	    cmocka_unit_test(
		the_smallest_count_left_is_hidden_beside_and_the_first_of_equals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
