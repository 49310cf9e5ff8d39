/* indicators.c - what a country's closed workshops add up to. The columns are definitions
 * in tables. Pure. */
#include "core/indicators.h"

#include "base/text.h"
#include "core/csv.h"
#include "core/suppress.h"
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

void
indicators_sort(struct indicators *rows, size_t n)
{
	if (n > 0)
		qsort(rows, n, sizeof *rows, compare_countries);
}

static struct indicators
sum_of(const struct indicators *rows, size_t n, const char *name)
{
	struct indicators all = {.country = span_text(name)};

	for (size_t i = 0; i < n; i++) {
		all.workshops_closed += rows[i].workshops_closed;
		all.cofacilitated += rows[i].cofacilitated;
		all.unique_young_people += rows[i].unique_young_people;
		all.is_unique_unknown =
		    all.is_unique_unknown || rows[i].is_unique_unknown;
		figures_add(&all.sum, &rows[i].sum);
	}
	return all;
}

/* ---- internal table ---- */

enum shape { NUMBER, UNIQUE, RANGE, RATE };

/* clang-format off */
#define AT(member) offsetof(struct indicators, member)
static const struct definition {
	const char *column;
	enum shape shape;
	size_t offset;
} definitions[] = {
	{"workshops_closed",    NUMBER, AT(workshops_closed)},
	{"cofacilitated",       NUMBER, AT(cofacilitated)},
	{"enrolments",          NUMBER, AT(sum.enrolled)},
	{"unique_young_people", UNIQUE, AT(unique_young_people)},
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
put_cell(struct writer *w, const struct indicators *row, const struct definition *d)
{
	const uint8_t *at = (const uint8_t *)row + d->offset;
	uint32_t number;
	struct range range;

	writer_u8(w, ',');
	switch (d->shape) {
	case NUMBER:
	case UNIQUE:
		memcpy(&number, at, sizeof number);
		if (d->shape == NUMBER || !row->is_unique_unknown)
			table_cell_number(w, true, number);
		break;
	case RANGE:
		memcpy(&range, at, sizeof range);
		table_range(w, range);
		break;
	case RATE:
		table_rate(w, row->sum.attended, row->sum.expected);
		break;
	}
}

static void
put_row(struct writer *w, const struct indicators *row)
{
	table_cell(w, true, row->country);
	for (size_t i = 0; i < DEFINITION_COUNT; i++)
		put_cell(w, row, &definitions[i]);
	table_end_row(w);
}

static void
put_header(struct writer *w, const char *behind_numbers)
{
	text_put(w, "country");
	for (size_t i = 0; i < DEFINITION_COUNT; i++) {
		bool is_number =
		    definitions[i].shape == NUMBER || definitions[i].shape == UNIQUE;

		text_put(
		    w, ",%s%s", definitions[i].column, is_number ? behind_numbers : "");
	}
}

void
indicators_columns(struct writer *w)
{
	put_header(w, "#");
}

void
indicators_table(struct writer *w, struct indicators *rows, size_t n, const char *name)
{
	struct indicators all = sum_of(rows, n, name);

	indicators_sort(rows, n);
	put_header(w, "");
	table_end_row(w);
	for (size_t i = 0; i < n; i++)
		put_row(w, &rows[i]);
	put_row(w, &all);
}

/* ---- one country's row, kept and read back ---- */

void
indicators_write(struct writer *w, const struct indicators *row)
{
	put_header(w, "");
	table_end_row(w);
	put_row(w, row);
}

/* Digits only, and not so many that they run over. */
static bool
read_number(struct span s, uint32_t *out)
{
	uint64_t n = 0;

	if (s.len == 0 || s.len > 9)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.bytes[i] < '0' || s.bytes[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(s.bytes[i] - '0');
	}
	*out = (uint32_t)n;
	return true;
}

/* "12" or "12-13". */
static bool
read_range(struct span s, struct range *out)
{
	size_t dash = 0;

	while (dash < s.len && s.bytes[dash] != '-')
		dash++;
	if (!read_number(span_of(s.bytes, dash), &out->min))
		return false;
	out->max = out->min;
	return dash == s.len ||
	       (read_number(span_of(s.bytes + dash + 1, s.len - dash - 1), &out->max) &&
		   out->min < out->max);
}

static bool
read_cell(struct indicators *row, const struct definition *d, struct span cell)
{
	uint8_t *at = (uint8_t *)row + d->offset;
	struct range range;
	uint32_t number = 0;

	switch (d->shape) {
	case NUMBER:
	case UNIQUE:
		if (d->shape == UNIQUE)
			row->is_unique_unknown = cell.len == 0;
		if (d->shape == UNIQUE && cell.len == 0)
			return true;
		if (!read_number(cell, &number))
			return false;
		memcpy(at, &number, sizeof number);
		return true;
	case RANGE:
		if (!read_range(cell, &range))
			return false;
		memcpy(at, &range, sizeof range);
		return true;
	case RATE: /* follows from the others */
		return true;
	}
	return false;
}

static const struct definition *
find_definition(struct span column)
{
	for (size_t i = 0; i < DEFINITION_COUNT; i++) {
		if (span_equal(column, span_text(definitions[i].column)))
			return &definitions[i];
	}
	return NULL;
}

status
indicators_read(
    struct span text, struct arena *a, struct indicators *out, struct trouble *t)
{
	struct csv_row header, row;
	bool has_row = false;
	struct csv csv;
	status st = csv_open(&csv, text, a, &header, t);

	*out = (struct indicators){.is_unique_unknown = true};
	if (st == ST_OK)
		st = csv_next(&csv, a, &row, &has_row, t);
	if (st != ST_OK)
		return st;
	if (!has_row || row.fault != CSV_OK)
		return trouble_set(t, ST_MALFORMED, "a table without its row");
	for (size_t i = 0; i < header.n_cells; i++) {
		const struct definition *d = find_definition(header.cells[i]);

		if (span_equal(header.cells[i], span_text("country")))
			out->country = row.cells[i];
		else if (d != NULL && !read_cell(out, d, row.cells[i]))
			return trouble_set(
			    t, ST_MALFORMED, "%s is not a number", d->column);
	}
	return ST_OK;
}

/* ---- funders ---- */

/* A column may hold several counts: d and n are one (DOMAIN 6.4). */
enum { SLOTS_MAX = 2, NO_SLOT = AGE_BAND_COUNT };

struct funder_column {
	const char *name;
	size_t slots[SLOTS_MAX]; /* of gender[] or ages[] */
};

/* clang-format off */
static const struct funder_column by_gender[] = {
	{"female",              {GENDER_F, NO_SLOT}},
	{"male",                {GENDER_M, NO_SLOT}},
	{"other_or_not_stated", {GENDER_D, GENDER_N}},
};
static const struct funder_column by_age[] = {
	{"under_14", {AGE_UNDER_14, NO_SLOT}},
	{"14_15",    {AGE_14_15, NO_SLOT}},
	{"16_17",    {AGE_16_17, NO_SLOT}},
	{"18_20",    {AGE_18_20, NO_SLOT}},
	{"21_up",    {AGE_21_UP, NO_SLOT}},
};
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
static const struct {
	const struct funder_column *columns;
	size_t n;
} funder_tables[] = {
	[FUNDER_GENDER] = {by_gender, COUNT(by_gender)},
	[FUNDER_AGE]    = {by_age, COUNT(by_age)},
};
/* clang-format on */
_Static_assert(COUNT(by_age) <= SUPPRESS_COLUMNS_MAX, "fits");
_Static_assert((int)GENDER_COUNT <= (int)NO_SLOT, "no gender is NO_SLOT");

static uint32_t
funder_count(const struct indicators *row, enum funder_by by, size_t column)
{
	const struct funder_column *c = &funder_tables[by].columns[column];
	uint32_t n = 0;

	for (size_t i = 0; i < SLOTS_MAX; i++) {
		if (c->slots[i] != NO_SLOT)
			n += by == FUNDER_GENDER ? row->sum.gender[c->slots[i]]
						 : row->sum.ages[c->slots[i]];
	}
	return n;
}

/* hidden: NULL for ALL. */
static void
put_funder_row(
    struct writer *w, const struct indicators *row, enum funder_by by, const bool *hidden)
{
	table_cell(w, true, row->country);
	for (size_t i = 0; i < funder_tables[by].n; i++) {
		if (hidden != NULL && hidden[i])
			text_put(w, ",x");
		else
			table_cell_number(w, false, funder_count(row, by, i));
	}
	table_cell_number(w, false, row->sum.enrolled);
	table_end_row(w);
}

static status
refuse(const struct indicators *rows, enum funder_by by, uint32_t k,
    struct suppress_line weak, struct trouble *t)
{
	struct span name = weak.is_row
			       ? rows[weak.at].country
			       : span_text(funder_tables[by].columns[weak.at].name);

	return trouble_set(t, ST_GATE,
	    "the %s %.*s has no count left to hide beside those below %u",
	    weak.is_row ? "row" : "column", (int)name.len, (const char *)name.bytes,
	    (unsigned)k);
}

status
indicators_funder(struct writer *w, struct indicators *rows, size_t n, const char *name,
    enum funder_by by, uint32_t k, struct trouble *t)
{
	struct suppress_table f = {.rows = n, .columns = funder_tables[by].n, .k = k};
	struct suppress_line weak;
	struct indicators all;

	assert(k > 0);
	if (n > INDICATORS_COUNTRIES_MAX)
		return trouble_set(t, ST_LIMIT, "%zu countries", n);
	indicators_sort(rows, n);
	all = sum_of(rows, n, name);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < f.columns; j++)
			f.counts[i][j] = funder_count(&rows[i], by, j);
	}
	if (!suppress_small(&f, &weak))
		return refuse(rows, by, k, weak, t);
	text_put(w, "country");
	for (size_t i = 0; i < f.columns; i++)
		text_put(w, ",%s", funder_tables[by].columns[i].name);
	text_put(w, ",total\n");
	for (size_t i = 0; i < n; i++)
		put_funder_row(w, &rows[i], by, f.hidden[i]);
	put_funder_row(w, &all, by, NULL);
	return ST_OK;
}
