/* indicators.c - what a country's closed workshops add up to. The columns are definitions
 * in a table. Pure. */
#include "core/indicators.h"

#include "base/text.h"
#include "core/table.h"

#include <assert.h>
#include <stdlib.h>

void
indicators_add(struct indicators *country, const struct figures *workshop)
{
	country->workshops_closed++;
	country->cofacilitated += figures_is_cofacilitated(workshop);
	figures_add(&country->sum, workshop);
}

static int
compare_countries(const void *a, const void *b)
{
	const struct indicators *x = a, *y = b;

	if (x->country_order != y->country_order)
		return x->country_order < y->country_order ? -1 : 1;
	return span_compare(x->country, y->country);
}

static struct indicators
sum_of(const struct indicators *rows, size_t n)
{
	struct indicators all = {.country = span_text("ALL")};

	for (size_t i = 0; i < n; i++) {
		all.workshops_closed += rows[i].workshops_closed;
		all.cofacilitated += rows[i].cofacilitated;
		all.unique_young_people += rows[i].unique_young_people;
		figures_add(&all.sum, &rows[i].sum);
	}
	return all;
}

/* ---- internal table ---- */

enum shape { NUMBER, RANGE, RATE };

/* clang-format off */
#define AT(member) offsetof(struct indicators, member)
static const struct {
	const char *column;
	enum shape shape;
	size_t offset;
} definitions[] = {
	{"workshops_closed",    NUMBER, AT(workshops_closed)},
	{"cofacilitated",       NUMBER, AT(cofacilitated)},
	{"enrolments",          NUMBER, AT(sum.enrolled)},
	{"unique_young_people", NUMBER, AT(unique_young_people)},
	{"person_days",         RANGE,  AT(sum.attended)},
	{"expected_marks",      NUMBER, AT(sum.expected)},
	{"rate_pct",            RATE,   0},
	{"completers",          RANGE,  AT(sum.completers)},
	{"g_f",                 NUMBER, AT(sum.gender[GENDER_F])},
	{"g_m",                 NUMBER, AT(sum.gender[GENDER_M])},
	{"g_d",                 NUMBER, AT(sum.gender[GENDER_D])},
	{"g_n",                 NUMBER, AT(sum.gender[GENDER_N])},
	{"age_under_14",        NUMBER, AT(sum.ages[AGE_UNDER_14])},
	{"age_14_15",           NUMBER, AT(sum.ages[AGE_14_15])},
	{"age_16_17",           NUMBER, AT(sum.ages[AGE_16_17])},
	{"age_18_20",           NUMBER, AT(sum.ages[AGE_18_20])},
	{"age_21_up",           NUMBER, AT(sum.ages[AGE_21_UP])},
};
#undef AT
/* clang-format on */
enum { DEFINITION_COUNT = sizeof definitions / sizeof definitions[0] };

static void
put_row(struct writer *w, const struct indicators *row)
{
	table_cell(w, true, row->country);
	for (size_t i = 0; i < DEFINITION_COUNT; i++) {
		const uint8_t *at = (const uint8_t *)row + definitions[i].offset;
		uint32_t number;
		struct range range;

		switch (definitions[i].shape) {
		case NUMBER:
			memcpy(&number, at, sizeof number);
			table_cell_number(w, false, number);
			break;
		case RANGE:
			memcpy(&range, at, sizeof range);
			table_cell_range(w, false, range);
			break;
		case RATE:
			writer_u8(w, ',');
			table_rate(w, row->sum.attended, row->sum.expected);
			break;
		}
	}
	table_end_row(w);
}

void
indicators_table(struct writer *w, struct indicators *rows, size_t n)
{
	struct indicators all = sum_of(rows, n);

	text_put(w, "country");
	for (size_t i = 0; i < DEFINITION_COUNT; i++)
		text_put(w, ",%s", definitions[i].column);
	table_end_row(w);
	if (n > 0)
		qsort(rows, n, sizeof *rows, compare_countries);
	for (size_t i = 0; i < n; i++)
		put_row(w, &rows[i]);
	put_row(w, &all);
}

/* ---- funders ---- */

enum { FUNDER_COLUMNS_MAX = 5 };

/* Counts of countries, and which of them print `x`. */
struct funder {
	size_t rows, columns;
	uint32_t k;
	uint32_t counts[INDICATORS_COUNTRIES_MAX][FUNDER_COLUMNS_MAX];
	bool hidden[INDICATORS_COUNTRIES_MAX][FUNDER_COLUMNS_MAX];
};

static size_t
funder_counts(const struct indicators *row, enum funder_by by,
    uint32_t out[static FUNDER_COLUMNS_MAX])
{
	if (by == FUNDER_GENDER) {
		out[0] = row->sum.gender[GENDER_F];
		out[1] = row->sum.gender[GENDER_M];
		out[2] = row->sum.gender[GENDER_D] + row->sum.gender[GENDER_N];
		return 3;
	}
	for (size_t i = AGE_UNDER_14; i <= AGE_21_UP; i++)
		out[i] = row->sum.ages[i];
	return AGE_21_UP + 1;
}

/* A row (is_row) or column of the table: its cells by position. */
struct line {
	struct funder *f;
	bool is_row;
	size_t at, n;
};

static uint32_t
line_count(const struct line *l, size_t i)
{
	return l->is_row ? l->f->counts[l->at][i] : l->f->counts[i][l->at];
}

static bool *
line_hidden(const struct line *l, size_t i)
{
	return l->is_row ? &l->f->hidden[l->at][i] : &l->f->hidden[i][l->at];
}

/* Would the hidden counts of this line follow from its total, or nearly so? */
static bool
is_weak(const struct line *l)
{
	uint32_t n = 0, sum = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (*line_hidden(l, i)) {
			n++;
			sum += line_count(l, i);
		}
	}
	return n > 0 && (n < 2 || sum < l->f->k);
}

/* Hides the smallest count that is left and not zero; false if there is none. */
static bool
hide_one(const struct line *l)
{
	size_t best = l->n;

	for (size_t i = 0; i < l->n; i++) {
		if (*line_hidden(l, i) || line_count(l, i) == 0)
			continue;
		if (best == l->n || line_count(l, i) < line_count(l, best))
			best = i;
	}
	if (best == l->n)
		return false;
	*line_hidden(l, best) = true;
	return true;
}

static void
hide_small(struct funder *f)
{
	for (size_t i = 0; i < f->rows; i++) {
		for (size_t j = 0; j < f->columns; j++)
			f->hidden[i][j] = f->counts[i][j] > 0 && f->counts[i][j] < f->k;
	}
}

/* Passes over rows, then columns, until one changes nothing. False if a line cannot be
 * made safe; *weak is that line. */
static bool
hide_more(struct funder *f, struct line *weak)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < f->rows + f->columns; i++) {
			bool is_row = i < f->rows;
			struct line l = {f, is_row, is_row ? i : i - f->rows,
			    is_row ? f->columns : f->rows};

			if (!is_weak(&l))
				continue;
			if (!hide_one(&l)) {
				*weak = l;
				return false;
			}
			changed = true;
		}
	}
	return true;
}

static void
put_funder_row(
    struct writer *w, const struct indicators *row, enum funder_by by, const bool *hidden)
{
	uint32_t counts[FUNDER_COLUMNS_MAX];
	size_t n = funder_counts(row, by, counts);

	table_cell(w, true, row->country);
	for (size_t i = 0; i < n; i++) {
		if (hidden != NULL && hidden[i])
			text_put(w, ",x");
		else
			table_cell_number(w, false, counts[i]);
	}
	table_cell_number(w, false, row->sum.enrolled);
	table_end_row(w);
}

status
indicators_funder(struct writer *w, struct indicators *rows, size_t n, enum funder_by by,
    uint32_t k, struct trouble *t)
{
	struct funder f = {.rows = n, .k = k};
	struct indicators all;
	struct line weak;

	assert(k > 0);
	if (n > INDICATORS_COUNTRIES_MAX)
		return trouble_set(t, ST_LIMIT, "%zu countries", n);
	if (n > 0)
		qsort(rows, n, sizeof *rows, compare_countries);
	for (size_t i = 0; i < n; i++)
		f.columns = funder_counts(&rows[i], by, f.counts[i]);
	all = sum_of(rows, n);
	hide_small(&f);
	if (!hide_more(&f, &weak))
		return trouble_set(t, ST_GATE,
		    "%s %zu has too few counts to hide those below %u among them",
		    weak.is_row ? "row" : "column", weak.at + 1, (unsigned)k);
	text_put(w, "%s",
	    by == FUNDER_GENDER ? "country,female,male,other_or_not_stated,total\n"
				: "country,under_14,14_15,16_17,18_20,21_up,total\n");
	for (size_t i = 0; i < n; i++)
		put_funder_row(w, &rows[i], by, f.hidden[i]);
	put_funder_row(w, &all, by, NULL);
	return ST_OK;
}
