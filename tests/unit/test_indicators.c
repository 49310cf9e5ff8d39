/* test_indicators.c - country totals and funder tables of the sample byte for byte; no
 * suppressed count follows from what is printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "core/indicators.h"
#include "core/period.h"
#include "unit/season.h"

enum { OUT_BYTES = 1 << 14, COUNTRIES = 5 };

static struct arena *arena;
static struct season season;
static char out_bytes[OUT_BYTES];

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(0);
	if (arena == NULL)
		return 1;
	season_load(&season, arena);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* ---- the sample ---- */

/* Young people with an enrolment in a closed workshop of the country. */
static uint32_t
unique_of(struct span country)
{
	bool seen[SEASON_ROWS_MAX] = {false};
	uint32_t n = 0;

	for (size_t i = 0; i < season.enrolments->n; i++) {
		size_t a, y;

		if (!season_is(
			season.enrolments, i, "who_kind", span_text("young_person")))
			continue;
		a = season_find(season.activities, "ref",
		    season_cell(season.enrolments, i, "activity"));
		y = season_find(
		    season.young, "ref", season_cell(season.enrolments, i, "who"));
		if (!season_is(season.activities, a, "country", country) ||
		    !season_is(season.activities, a, "status", span_text("closed")) ||
		    seen[y])
			continue;
		seen[y] = true;
		n++;
	}
	return n;
}

/* The five countries, last first: tables must sort. */
static void
make_countries(struct indicators rows[COUNTRIES])
{
	for (uint32_t c = 0; c < COUNTRIES; c++) {
		struct span code = season_cell(season.countries, c, "code");

		rows[COUNTRIES - 1 - c] = (struct indicators){.country_order = c,
		    .country = code,
		    .unique_young_people = unique_of(code)};
	}
	for (size_t a = 0; a < season.activities->n; a++) {
		struct span ref = season_cell(season.activities, a, "ref");
		struct span country = season_cell(season.activities, a, "country");
		struct roll_view v;
		struct roll r;

		if (!season_is(
			season.activities, a, "type", span_text("youth_workshop")) ||
		    !season_is(season.activities, a, "status", span_text("closed")))
			continue;
		r = season_roll(&season,
		    arena_text(arena, "%.*s", (int)ref.len, (const char *)ref.bytes));
		assert_int_equal(roll_make(&r, arena, &v, NULL), ST_OK);
		indicators_add(
		    &rows[COUNTRIES - 1 - season_find(season.countries, "code", country)],
		    &v.figures);
	}
}

static void
assert_file(const struct writer *w, const char *name)
{
	struct span want = sample_bytes(arena, name);

	if (!span_equal(writer_done(w), want))
		print_error("%.*s\n", (int)w->used, (const char *)w->at);
	assert_true(span_equal(writer_done(w), want));
}

static void
indicators_of_the_sample_come_out_byte_for_byte(void **state)
{
	struct indicators rows[COUNTRIES];
	struct writer w = writer_of(out_bytes, sizeof out_bytes);

	(void)state;
	make_countries(rows);
	indicators_table(&w, rows, COUNTRIES, "ALL");
	assert_file(&w, "expected/country_indicators_internal.csv");
}

static void
funder_tables_of_the_sample_come_out_byte_for_byte(void **state)
{
	static const char *const files[] = {"expected/funder_gender_suppressed_k5.csv",
	    "expected/funder_age_suppressed_k5.csv"};
	struct indicators rows[COUNTRIES];

	(void)state;
	for (int by = FUNDER_GENDER; by <= FUNDER_AGE; by++) {
		struct writer w = writer_of(out_bytes, sizeof out_bytes);

		make_countries(rows);
		assert_int_equal(indicators_funder(&w, rows, COUNTRIES, "ALL",
				     (enum funder_by)by, FUNDER_K, NULL),
		    ST_OK);
		assert_file(&w, files[by]);
	}
}

/* ---- a row that is kept ---- */

static void
a_row_reads_back_as_it_was_written(void **state)
{
	struct indicators rows[COUNTRIES], back;
	uint8_t first[512], second[512];

	(void)state;
	make_countries(rows);
	for (size_t i = 0; i < COUNTRIES; i++) {
		struct writer w = writer_of(first, sizeof first);
		struct writer again = writer_of(second, sizeof second);

		rows[i].sum.attended.max += (uint32_t)i; /* "121-122" */
		rows[i].is_unique_unknown = i == 3;
		indicators_write(&w, &rows[i]);
		assert_int_equal(
		    indicators_read(writer_done(&w), arena, &back, NULL), ST_OK);
		indicators_write(&again, &back);
		assert_true(span_equal(writer_done(&w), writer_done(&again)));
		assert_int_equal(back.sum.attended.max, rows[i].sum.attended.max);
		assert_int_equal(back.sum.ages[AGE_16_17], rows[i].sum.ages[AGE_16_17]);
		assert_int_equal(back.is_unique_unknown, i == 3);
	}
}

static void
a_row_of_another_version_reads_as_far_as_it_is_known(void **state)
{
	static const char *const bad[] = {"country,g_f\nDE,x\n", "country,g_f\nDE,-1\n",
	    "country,person_days\nDE,9-\n", "country,person_days\nDE,9-3\n",
	    "country,completers\nDE,\n", "country,g_f\nDE,1234567890\n", "country\n", ""};
	struct indicators row;

	(void)state;
	assert_int_equal(indicators_read(span_text("country,moons,g_f\nDE,many,7\n"),
			     arena, &row, NULL),
	    ST_OK);
	assert_int_equal(row.sum.gender[GENDER_F], 7);
	assert_true(row.is_unique_unknown);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(
		    indicators_read(span_text(bad[i]), arena, &row, NULL), ST_MALFORMED);
}

static void
a_country_without_a_number_of_people_leaves_the_sum_without_one(void **state)
{
	struct indicators rows[COUNTRIES];
	struct writer w = writer_of(out_bytes, sizeof out_bytes);

	(void)state;
	make_countries(rows);
	rows[0].is_unique_unknown = true;
	indicators_table(&w, rows, COUNTRIES, "ALL (partial)");
	writer_u8(&w, '\0');
	assert_non_null(strstr(out_bytes, "\nPL,2,1,28,,113,"));
	assert_non_null(strstr(out_bytes, "\nALL (partial),10,9,131,,541,"));
}

/* ---- periods ---- */

static void
a_period_is_a_year_or_a_month(void **state)
{
	static const struct {
		const char *text, *first, *last;
	} good[] = {{"2026", "2026-01-01", "2026-12-31"},
	    {"2027-02", "2027-02-01", "2027-02-28"},
	    {"2028-02", "2028-02-01", "2028-02-29"},
	    {"2026-12", "2026-12-01", "2026-12-31"},
	    {"9998", "9998-01-01", "9998-12-31"}};
	static const char *const bad[] = {"", "26", "2026-", "2026-13", "2026-00",
	    "2026-1", "1969", "2026-10-01", "YYYY", "2026-1x", "9999"};
	struct period p, other;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		uint32_t first, last;

		assert_true(period_parse(span_text(good[i].text), &p));
		assert_true(date_parse(span_text(good[i].first), &first));
		assert_true(date_parse(span_text(good[i].last), &last));
		assert_int_equal(p.first, first);
		assert_int_equal(p.last, last);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(period_parse(span_text(bad[i]), &p));
	assert_true(period_parse(span_text("2026"), &p));
	assert_true(period_parse(span_text("2026-12"), &other));
	assert_true(period_overlaps(&p, &other));
	assert_true(period_overlaps(&other, &p));
	assert_true(period_parse(span_text("2027-01"), &other));
	assert_false(period_overlaps(&p, &other));
	assert_false(period_overlaps(&other, &p));
}

/* ---- suppression ---- */

static struct indicators
country(uint32_t order, uint32_t f, uint32_t m, uint32_t n)
{
	struct indicators row = {.country_order = order, .country = span_text("C")};

	row.sum.gender[GENDER_F] = f;
	row.sum.gender[GENDER_M] = m;
	row.sum.gender[GENDER_N] = n;
	row.sum.enrolled = f + m + n;
	return row;
}

static void
a_count_of_exactly_k_is_printed_and_one_less_is_not(void **state)
{
	struct indicators rows[2] = {country(0, 5, 9, 0), country(1, 7, 8, 0)};
	struct writer w = writer_of(out_bytes, sizeof out_bytes);

	(void)state;
	assert_int_equal(
	    indicators_funder(&w, rows, 2, "ALL", FUNDER_GENDER, 5, NULL), ST_OK);
	writer_u8(&w, '\0');
	assert_null(strchr(out_bytes, 'x'));
	rows[0] = country(0, 4, 9, 0);
	w = writer_of(out_bytes, sizeof out_bytes);
	assert_int_equal(
	    indicators_funder(&w, rows, 2, "ALL", FUNDER_GENDER, 5, NULL), ST_OK);
	writer_u8(&w, '\0');
	/* 4 hides 9 beside it, 7 below it, and then 8: nothing follows from a total. */
	assert_non_null(strstr(out_bytes, "\nC,x,x,0,13\nC,x,x,0,15\nALL,11,17,0,28\n"));
}

static void
a_line_without_a_second_count_refuses_the_table(void **state)
{
	struct indicators rows[2] = {country(0, 3, 0, 0), country(1, 7, 8, 0)};
	struct writer w = writer_of(out_bytes, sizeof out_bytes);
	struct trouble t = {0};

	(void)state;
	assert_int_equal(
	    indicators_funder(&w, rows, 2, "ALL", FUNDER_GENDER, 5, &t), ST_GATE);
	assert_int_equal(w.used, 0);
	assert_non_null(strstr(t.text, "the row C has no count left"));
	assert_int_equal(indicators_funder(&w, rows, INDICATORS_COUNTRIES_MAX + 1, "ALL",
			     FUNDER_GENDER, 5, &t),
	    ST_LIMIT);
}

/* Goal G25: whatever the counts, no line shows exactly one x, and none below k is shown.
 */
static void
no_small_count_is_shown_or_stands_alone(void **state)
{
	struct rng_seeded seed;
	struct rng rng = rng_seeded(&seed, 25);
	size_t printed = 0;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct indicators rows[4];
		struct writer w = writer_of(out_bytes, sizeof out_bytes);
		size_t in_column[3] = {0};
		char *at;

		for (uint32_t i = 0; i < 4; i++)
			rows[i] = country(i, (uint32_t)rng_below(&rng, 12),
			    (uint32_t)rng_below(&rng, 12), (uint32_t)rng_below(&rng, 12));
		if (indicators_funder(&w, rows, 4, "ALL", FUNDER_GENDER, 5, NULL) !=
		    ST_OK)
			continue;
		printed++;
		writer_u8(&w, '\0');
		at = strchr(out_bytes, '\n') + 1;
		for (size_t i = 0; i < 4; i++) {
			size_t in_row = 0;

			for (size_t j = 0; j < 3; j++) {
				at = strchr(at, ',') + 1;
				in_row += *at == 'x';
				in_column[j] += *at == 'x';
				assert_true(*at == 'x' || atoi(at) == 0 || atoi(at) >= 5);
			}
			assert_int_not_equal(in_row, 1);
			at = strchr(at, '\n') + 1;
		}
		for (size_t j = 0; j < 3; j++)
			assert_int_not_equal(in_column[j], 1);
	}
	assert_true(printed > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(indicators_of_the_sample_come_out_byte_for_byte),
	    cmocka_unit_test(funder_tables_of_the_sample_come_out_byte_for_byte),
	    cmocka_unit_test(a_row_reads_back_as_it_was_written),
	    cmocka_unit_test(a_row_of_another_version_reads_as_far_as_it_is_known),
	    cmocka_unit_test(
		a_country_without_a_number_of_people_leaves_the_sum_without_one),
	    cmocka_unit_test(a_period_is_a_year_or_a_month),
	    cmocka_unit_test(a_count_of_exactly_k_is_printed_and_one_less_is_not),
	    cmocka_unit_test(a_line_without_a_second_count_refuses_the_table),
	    cmocka_unit_test(no_small_count_is_shown_or_stands_alone),
	};

	return cmocka_run_group_tests(tests, begin, end) != 0;
}
