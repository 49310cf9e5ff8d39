/* roster.c - rows of a file of young people, judged one by one. Pure.
 *
 * The story: find the columns, then for each row read its cells, look for somebody like
 * it among those known before and those accepted so far, and count. */
#include "core/roster.h"

#include "base/date.h"
#include "base/text.h"
#include "core/findings.h"

#include <assert.h>

enum { NO_COLUMN = CSV_CELLS_MAX, WORD_BYTES_MAX = 32 };

/* ---- columns ---- */

/* The fields that a file may bring; the first REQUIRED_COUNT must be there. */
static const uint16_t importable[] = {F_YOUNG_PERSON_GIVEN_NAME,
    F_YOUNG_PERSON_FAMILY_NAME, F_YOUNG_PERSON_BIRTH_YEAR, F_YOUNG_PERSON_GENDER,
    F_YOUNG_PERSON_CONSENT, F_YOUNG_PERSON_CONSENT_BY, F_YOUNG_PERSON_CONSENT_ON,
    F_YOUNG_PERSON_FORM_NO, F_YOUNG_PERSON_PHOTO_CONSENT, F_YOUNG_PERSON_GUARDIAN_CONTACT,
    F_YOUNG_PERSON_NEEDS};
enum { IMPORTABLE_COUNT = sizeof importable / sizeof importable[0], REQUIRED_COUNT = 4 };

/* [i]: the column of importable[i], or NO_COLUMN. */
struct columns {
	size_t at[IMPORTABLE_COUNT];
};

/* The field that a column of the file means; NULL if it is none of ours. */
static const struct field *
field_of_column(struct span column, const struct roster_map *map, size_t n_map)
{
	const struct kind *k = schema_kind(KIND_YOUNG_PERSON);

	for (size_t i = 0; i < n_map; i++) {
		if (span_equal(map[i].column, column))
			return schema_column(k, map[i].field);
	}
	return schema_column(k, column);
}

static size_t
importable_index(const struct field *f)
{
	for (size_t i = 0; f != NULL && i < IMPORTABLE_COUNT; i++) {
		if (importable[i] == f->id)
			return i;
	}
	return IMPORTABLE_COUNT;
}

static const char *
name_of(size_t index)
{
	return schema_field(schema_kind(KIND_YOUNG_PERSON), importable[index])->name;
}

/* stranger: a column of the file that means nothing, for the example; may be empty. */
static status
check_required(
    const struct columns *c, struct span stranger, struct arena *a, struct trouble *t)
{
	enum { EXAMPLE_BYTES_MAX = 40 };
	bool is_fit = stranger.len > 0 && stranger.len <= EXAMPLE_BYTES_MAX;
	struct span example = is_fit ? stranger : span_text("COLUMN");
	const char *missing = "";

	for (size_t i = 0; i < REQUIRED_COUNT && missing != NULL; i++) {
		if (c->at[i] == NO_COLUMN)
			missing = arena_text(a, "%s%s%s", missing,
			    missing[0] == '\0' ? "" : ", ", name_of(i));
	}
	if (missing == NULL)
		return trouble_set(t, ST_NO_MEMORY, "columns");
	if (missing[0] != '\0')
		return trouble_set(t, ST_MALFORMED,
		    "missing columns %s (--map %.*s=given_name,... names them)", missing,
		    (int)example.len, (const char *)example.bytes);
	return ST_OK;
}

static status
find_columns(const struct csv_row *header, const struct roster_map *map, size_t n_map,
    struct arena *a, struct columns *out, size_t *n_ignored, struct trouble *t)
{
	struct span stranger = {0};

	*n_ignored = 0;
	for (size_t i = 0; i < IMPORTABLE_COUNT; i++)
		out->at[i] = NO_COLUMN;
	for (size_t i = 0; i < header->n_cells; i++) {
		size_t index =
		    importable_index(field_of_column(header->cells[i], map, n_map));

		if (index == IMPORTABLE_COUNT) {
			if (++*n_ignored == 1)
				stranger = header->cells[i];
			continue;
		}
		if (out->at[index] != NO_COLUMN)
			return trouble_set(
			    t, ST_MALFORMED, "duplicate column %s", name_of(index));
		out->at[index] = i;
	}
	return check_required(out, stranger, a, t);
}

/* ---- cells ---- */

static struct span
trim(struct span s)
{
	while (s.len > 0 && (s.bytes[0] == ' ' || s.bytes[0] == '\t'))
		s = span_of(s.bytes + 1, s.len - 1);
	while (s.len > 0 && (s.bytes[s.len - 1] == ' ' || s.bytes[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static struct span
cell_of_field(const struct columns *c, const struct csv_row *row, uint16_t field)
{
	for (size_t i = 0; i < IMPORTABLE_COUNT; i++) {
		if (importable[i] == field && c->at[i] != NO_COLUMN)
			return trim(row->cells[c->at[i]]);
	}
	return span_of(NULL, 0);
}

/* Number of a word in any case; 0 for an empty cell. False if it is another word. */
static bool
read_word(struct span cell, enum vocabulary v, unsigned *out)
{
	char word[WORD_BYTES_MAX];

	*out = 0;
	if (cell.len == 0)
		return true;
	if (cell.len > sizeof word)
		return false;
	for (size_t i = 0; i < cell.len; i++) {
		uint8_t c = cell.bytes[i];

		word[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	*out = vocabulary_find(v, span_of(word, cell.len));
	return *out != 0;
}

static bool
all_digits(struct span s, size_t begin, size_t n)
{
	if (begin + n > s.len)
		return false;
	for (size_t i = begin; i < begin + n; i++) {
		if (s.bytes[i] < '0' || s.bytes[i] > '9')
			return false;
	}
	return true;
}

static bool
looks_like_iso_date(struct span s)
{
	return s.len == 10 && all_digits(s, 0, 4) && s.bytes[4] == '-' &&
	       all_digits(s, 5, 2) && s.bytes[7] == '-' && all_digits(s, 8, 2);
}

/* ---- one row; each returns why it is rejected ---- */

/* One name in stored form; why is its reason of rejection. */
static status
read_name(struct span cell, enum roster_reason why, struct arena *a, struct span *out,
    struct roster_row *row)
{
	unsigned notes;
	status st = text_clean_name(cell, a, out, &notes, NULL);

	if (st == ST_NO_MEMORY)
		return st;
	if (st != ST_OK)
		row->reason = why;
	row->warnings |= notes;
	return ST_OK;
}

static enum roster_reason
read_year(struct span cell, const struct roster_rules *rules, struct roster_row *out)
{
	bool is_date = looks_like_iso_date(cell);
	uint32_t days;
	int age;

	if (cell.len == 0) {
		out->warnings |= ROSTER_WARN_NO_YEAR;
		return ROSTER_FINE;
	}
	if (!is_date && !(cell.len == 4 && all_digits(cell, 0, 4)))
		return ROSTER_YEAR_FORM;
	if (is_date && !date_parse(cell, &days))
		return ROSTER_YEAR_NO_DATE;
	for (size_t i = 0; i < 4; i++)
		out->birth_year = out->birth_year * 10 + (unsigned)(cell.bytes[i] - '0');
	age = rules->start_year - (int)out->birth_year;
	if (age < (int)rules_limit(LIMIT_AGE_MIN) || age > (int)rules_limit(LIMIT_AGE_MAX))
		return ROSTER_AGE;
	if (is_date)
		out->warnings |= ROSTER_WARN_YEAR_REDUCED;
	if ((rules->age_min != 0 && age < (int)rules->age_min) ||
	    (rules->age_max != 0 && age > (int)rules->age_max))
		out->warnings |= ROSTER_WARN_AGE_RANGE;
	return ROSTER_FINE;
}

static enum roster_reason
read_consent_date(
    struct span cell, const struct roster_rules *rules, struct roster_row *out)
{
	if (cell.len == 0)
		return out->consent == CONSENT_GIVEN ? ROSTER_CONSENT_NO_DATE
						     : ROSTER_FINE;
	if (!date_parse(cell, &out->consent_on))
		return ROSTER_CONSENT_DATE;
	if (out->consent_on > rules->today)
		return ROSTER_CONSENT_FUTURE;
	out->has_consent_on = true;
	if (out->consent == CONSENT_PENDING)
		out->warnings |= ROSTER_WARN_PENDING_DATE;
	return ROSTER_FINE;
}

static enum roster_reason
read_words(const struct columns *c, const struct csv_row *in, struct roster_row *out)
{
	unsigned gender, consent, consent_by;

	if (!read_word(cell_of_field(c, in, F_YOUNG_PERSON_GENDER), VOC_GENDER, &gender))
		return ROSTER_GENDER;
	if (!read_word(
		cell_of_field(c, in, F_YOUNG_PERSON_CONSENT), VOC_CONSENT, &consent))
		return ROSTER_CONSENT;
	if (!read_word(cell_of_field(c, in, F_YOUNG_PERSON_CONSENT_BY), VOC_CONSENT_BY,
		&consent_by))
		return ROSTER_CONSENT_BY;
	if (!read_word(cell_of_field(c, in, F_YOUNG_PERSON_PHOTO_CONSENT), VOC_YES_NO,
		&out->photo_consent))
		return ROSTER_PHOTO_CONSENT;
	out->gender = (enum gender)gender;
	out->consent = consent == 0 ? CONSENT_PENDING : (enum consent)consent;
	out->consent_by = (enum consent_by)consent_by;
	return ROSTER_FINE;
}

static status
read_text(const struct columns *c, const struct csv_row *in, uint16_t field,
    struct arena *a, struct span *out, struct roster_row *row)
{
	const struct field *f = schema_field(schema_kind(KIND_YOUNG_PERSON), field);
	struct value v;
	status st = schema_value_parse(f, cell_of_field(c, in, field), a, &v, NULL);

	if (st == ST_NO_MEMORY)
		return st;
	if (st != ST_OK)
		row->reason = ROSTER_TEXT;
	*out = v.type == VALUE_TEXT ? v.bytes : span_of(NULL, 0);
	return ST_OK;
}

/* The cells that need room in the arena. The reason found last is kept, so the cell that
 * is named first comes last. */
static status
read_texts(const struct columns *c, const struct csv_row *in, struct arena *a,
    struct roster_row *out)
{
	status st = read_text(c, in, F_YOUNG_PERSON_FORM_NO, a, &out->form_no, out);

	if (st == ST_OK)
		st = read_text(c, in, F_YOUNG_PERSON_GUARDIAN_CONTACT, a,
		    &out->guardian_contact, out);
	if (st == ST_OK)
		st = read_text(c, in, F_YOUNG_PERSON_NEEDS, a, &out->needs, out);
	if (st == ST_OK)
		st = read_name(cell_of_field(c, in, F_YOUNG_PERSON_FAMILY_NAME),
		    ROSTER_FAMILY_NAME, a, &out->family_name, out);
	if (st == ST_OK)
		st = read_name(cell_of_field(c, in, F_YOUNG_PERSON_GIVEN_NAME),
		    ROSTER_GIVEN_NAME, a, &out->given_name, out);
	return st;
}

/* Reads the cells; out->reason says why the row is rejected. */
static status
read_row(const struct columns *c, const struct csv_row *in,
    const struct roster_rules *rules, struct arena *a, struct roster_row *out)
{
	enum roster_reason why;
	status st;

	out->fault = in->fault;
	if (in->fault != CSV_OK) {
		out->reason = ROSTER_STRUCTURE;
		return ST_OK;
	}
	st = read_texts(c, in, a, out);
	if (st != ST_OK || out->reason == ROSTER_GIVEN_NAME ||
	    out->reason == ROSTER_FAMILY_NAME)
		return st;
	why = read_year(cell_of_field(c, in, F_YOUNG_PERSON_BIRTH_YEAR), rules, out);
	if (why == ROSTER_FINE)
		why = read_words(c, in, out);
	if (why == ROSTER_FINE)
		why = read_consent_date(
		    cell_of_field(c, in, F_YOUNG_PERSON_CONSENT_ON), rules, out);
	if (why != ROSTER_FINE)
		out->reason = why;
	return ST_OK;
}

/* ---- duplicates (I8) ---- */

enum { BUCKETS = 4096 };

/* Somebody who a row may be compared with. */
struct seen {
	struct seen *next;
	struct name_keys fold;     /* without diacritics */
	struct span given, family; /* case folded: "the same name" */
	size_t row;                /* SIZE_MAX: known before */
};

struct crowd {
	struct seen *buckets[BUCKETS];
};

static uint32_t
hash_text(struct span s)
{
	uint32_t h = 2166136261U; /* FNV-1a */

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.bytes[i]) * 16777619U;
	return h;
}

/* The sum does not care which is the family name, so swapped names meet. */
static struct seen **
bucket_of(struct crowd *c, const struct seen *s)
{
	return &c->buckets[(hash_text(s->fold.given) + hash_text(s->fold.family)) %
			   BUCKETS];
}

static struct seen *
make_seen(struct span given, struct span family, unsigned year, struct arena *a)
{
	struct seen *s = arena_zeros(a, 1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->fold.given = text_fold_key(given, a);
	s->fold.family = text_fold_key(family, a);
	s->fold.birth_year = year;
	s->given = text_case_key(given, a);
	s->family = text_case_key(family, a);
	s->row = SIZE_MAX;
	return s->fold.given.bytes == NULL || s->fold.family.bytes == NULL ||
		       s->given.bytes == NULL || s->family.bytes == NULL
		   ? NULL
		   : s;
}

static void
join_crowd(struct crowd *c, struct seen *s)
{
	struct seen **bucket = bucket_of(c, s);

	s->next = *bucket;
	*bucket = s;
}

/* Holds a row that is somebody who is there already, warns of one that may be. */
static void
compare_with_crowd(struct crowd *c, const struct seen *s, struct roster_row *row)
{
	for (const struct seen *o = *bucket_of(c, s); o != NULL; o = o->next) {
		bool is_same = span_equal(o->given, s->given) &&
			       span_equal(o->family, s->family) &&
			       o->fold.birth_year == s->fold.birth_year;

		if (is_same) {
			row->verdict = ROSTER_HELD;
			row->reason = ROSTER_SAME_PERSON;
			row->warnings &= ~(unsigned)ROSTER_WARN_NEAR;
			row->other = o->row;
			return;
		}
		if (findings_near(&o->fold, &s->fold)) {
			row->warnings |= ROSTER_WARN_NEAR;
			row->other = o->row;
		}
	}
}

static status
judge(struct crowd *crowd, size_t index, struct arena *a, struct roster_row *row,
    struct trouble *t)
{
	struct seen *s;

	row->verdict = row->reason == ROSTER_FINE ? ROSTER_ACCEPTED : ROSTER_REJECTED;
	if (row->verdict == ROSTER_REJECTED)
		return ST_OK;
	s = make_seen(row->given_name, row->family_name, row->birth_year, a);
	if (s == NULL)
		return trouble_set(t, ST_NO_MEMORY, "line %zu", row->line);
	s->row = index;
	compare_with_crowd(crowd, s, row);
	if (row->verdict == ROSTER_ACCEPTED)
		join_crowd(crowd, s);
	return ST_OK;
}

/* ---- the whole ---- */

static void
count_row(struct roster_report *r, const struct roster_row *row)
{
	r->n_accepted += row->verdict == ROSTER_ACCEPTED;
	r->n_warned += row->verdict == ROSTER_ACCEPTED && row->warnings != 0;
	r->n_held += row->verdict == ROSTER_HELD;
	r->n_rejected += row->verdict == ROSTER_REJECTED;
}

static status
add_row(struct roster_report *r, size_t *cap, struct arena *a, struct trouble *t)
{
	struct roster_row *rows;

	if (r->n_rows < *cap)
		return ST_OK;
	*cap = *cap == 0 ? 64 : *cap * 2;
	rows = arena_zeros(a, *cap, sizeof *rows);
	if (rows == NULL)
		return trouble_set(t, ST_NO_MEMORY, "%zu rows", *cap);
	if (r->n_rows > 0)
		memcpy(rows, r->rows, r->n_rows * sizeof *rows);
	r->rows = rows;
	return ST_OK;
}

static status
read_rows(struct csv *csv, const struct columns *columns,
    const struct roster_rules *rules, struct crowd *crowd, struct arena *a,
    struct roster_report *out, struct trouble *t)
{
	size_t cap = 0;
	bool has_row;

	for (;;) {
		struct csv_row in;
		struct roster_row *row;
		status st = csv_next(csv, a, &in, &has_row, t);

		if (st != ST_OK || !has_row)
			return st;
		st = add_row(out, &cap, a, t);
		if (st != ST_OK)
			return st;
		row = &out->rows[out->n_rows];
		row->line = in.line;
		row->other = SIZE_MAX;
		st = read_row(columns, &in, rules, a, row);
		if (st != ST_OK)
			return trouble_set(t, st, "line %zu", in.line);
		st = judge(crowd, out->n_rows, a, row, t);
		if (st != ST_OK)
			return st;
		count_row(out, row);
		out->n_rows++;
	}
}

status
roster_read(struct span text, const struct roster_rules *rules,
    const struct roster_known *known, size_t n_known, const struct roster_map *map,
    size_t n_map, struct arena *a, struct roster_report *out, struct trouble *t)
{
	struct crowd *crowd = arena_zeros(a, 1, sizeof *crowd);
	struct columns columns;
	struct csv_row header;
	struct csv csv;
	status st;

	*out = (struct roster_report){0};
	if (crowd == NULL)
		return trouble_set(t, ST_NO_MEMORY, "roster");
	st = csv_open(&csv, text, a, &header, t);
	if (st == ST_OK)
		st = find_columns(&header, map, n_map, a, &columns, &out->n_ignored, t);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < n_known; i++) {
		struct seen *s = make_seen(
		    known[i].given_name, known[i].family_name, known[i].birth_year, a);

		if (s == NULL)
			return trouble_set(t, ST_NO_MEMORY, "roster");
		join_crowd(crowd, s);
	}
	return read_rows(&csv, &columns, rules, crowd, a, out, t);
}

/* ---- texts ---- */

const char *
roster_reason_text(enum roster_reason reason)
{
	static const char *const texts[] = {
	    "fine",
	    "the row is not well formed",
	    "given name: 1-120 characters without controls are expected (V4)",
	    "family name: 1-120 characters without controls are expected (V4)",
	    "birth year: four digits are expected",
	    "birth year: there is no such date (V2)",
	    "birth year: age 6-30 at the start of the activity is expected (V10)",
	    "gender: f, m, d or n is expected (V1)",
	    "consent: pending, given, refused or withdrawn is expected (V1)",
	    "consent_by: self or guardian is expected (V1)",
	    "consent given needs the date on which it was given",
	    "consent_on: a real date YYYY-MM-DD is expected (V2)",
	    "consent_on: the date lies in the future",
	    "photo_consent: yes or no is expected (V1)",
	    "form number, contact or needs: too long, or control characters",
	    "the same names and birth year are there already",
	};

	_Static_assert(
	    sizeof texts / sizeof texts[0] == ROSTER_REASON_COUNT, "a text each");
	return texts[reason];
}

const char *
roster_warning_text(unsigned bit)
{
	static const struct {
		unsigned bit;
		const char *text;
	} texts[] = {
	    {NAME_BREAK_JOINED, "a line break or TAB in a name became a space"},
	    {NAME_HIDDEN_REMOVED, "invisible characters were removed from a name"},
	    {NAME_BEYOND_BMP, "a name has unusual characters"},
	    {NAME_MIXED_SCRIPTS, "a name mixes letters of two scripts"},
	    {NAME_FORMULA, "a name begins like a formula"},
	    {ROSTER_WARN_NO_YEAR, "birth year not stated (V11)"},
	    {ROSTER_WARN_YEAR_REDUCED, "only the year of the birth date is kept"},
	    {ROSTER_WARN_AGE_RANGE, "age outside the range of the practice (V12)"},
	    {ROSTER_WARN_PENDING_DATE, "consent is pending, but has a date"},
	    {ROSTER_WARN_NEAR, "may be somebody who is there already (V13)"},
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (texts[i].bit == bit)
			return texts[i].text;
	}
	return "?";
}
