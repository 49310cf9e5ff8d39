/* test_roll.c - rolls, figures, tally, sheet and summary: the sample byte for byte, then
 * joins, conflicts and edges that the sample does not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "core/sheet.h"
#include "core/table.h"
#include "core/tally.h"
#include "unit/season.h"

enum { OUT_BYTES = 1 << 16 };

static struct arena *arena;
static struct season season;
static char out_bytes[OUT_BYTES];

static int
begin_group(void **state)
{
	(void)state;
	arena = arena_new(0);
	if (arena == NULL)
		return 1;
	season_load(&season, arena);
	return 0;
}

static int
end_group(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
assert_output(const struct writer *w, struct span want)
{
	assert_false(w->is_full);
	if (!span_equal(writer_done(w), want))
		print_error("got:\n%.*s\nwant:\n%.*s\n", (int)w->used,
		    (const char *)w->at, (int)want.len, (const char *)want.bytes);
	assert_true(span_equal(writer_done(w), want));
}

static struct roll_view
view_of(const struct roll *r)
{
	struct roll_view v;

	assert_int_equal(roll_make(r, arena, &v, NULL), ST_OK);
	return v;
}

/* ---- the sample ---- */

static struct sheet_head
head_of(const char *ref)
{
	size_t a = season_find(season.activities, "ref", span_text(ref));
	size_t o = season_find(
	    season.organisations, "ref", season_cell(season.activities, a, "org"));
	size_t c = season_find(
	    season.countries, "code", season_cell(season.activities, a, "country"));

	return (struct sheet_head){
	    .activity = span_text(ref),
	    .title = season_cell(season.activities, a, "title"),
	    .practice = season_cell(season.activities, a, "practice"),
	    .organisation = season_cell(season.organisations, o, "name"),
	    .place = season_cell(season.organisations, o, "place"),
	    .order = (enum name_order)vocabulary_find(
		VOC_NAME_ORDER, season_cell(season.countries, c, "name_order")),
	};
}

static void
sheets_of_the_sample_come_out_byte_for_byte(void **state)
{
	static const char *const refs[] = {"DE-W1", "HU-W1", "PL-W3"};

	(void)state;
	for (size_t i = 0; i < sizeof refs / sizeof refs[0]; i++) {
		struct writer w = writer_of(out_bytes, sizeof out_bytes);
		struct roll r = season_roll(&season, refs[i]);
		struct roll_view v = view_of(&r);
		struct sheet_head head = head_of(refs[i]);

		sheet_text(&w, &head, &r, &v);
		assert_output(&w,
		    sample_bytes(arena,
			arena_text(arena, "expected/attendance_sheet_%s.txt", refs[i])));
	}
}

static struct summary_row
summary_of(size_t a)
{
	struct span ref = season_cell(season.activities, a, "ref");
	struct span country = season_cell(season.activities, a, "country");
	struct roll r = season_roll(
	    &season, arena_text(arena, "%.*s", (int)ref.len, (const char *)ref.bytes));
	struct roll_view v = view_of(&r);
	struct field_value values[TALLY_VALUES_MAX];
	struct summary_row row = {
	    .country_order = (uint32_t)season_find(season.countries, "code", country),
	    .workshop = ref,
	    .country = country,
	    .practice = season_cell(season.activities, a, "practice"),
	    .state = figures_state(&v.figures,
		season_is(season.activities, a, "status", span_text("cancelled")),
		season_is(season.activities, a, "status", span_text("closed"))),
	};
	size_t n = tally_values(&v.figures, arena, values);

	/* The office has nothing but the values of a tally or provisional. */
	assert_int_equal(tally_figures(values, n, &row.figures, NULL), ST_OK);
	assert_true(figures_equal(&row.figures, &v.figures));
	/* Planned, running and held are only checked: they follow from the days. */
	assert_true(season_is(
	    season.activities, a, "status", span_text(figures_state_name(row.state))));
	return row;
}

static void
the_workshop_summary_comes_out_of_the_values_of_tallies_byte_for_byte(void **state)
{
	struct summary_row rows[32];
	size_t n = 0;
	struct writer w = writer_of(out_bytes, sizeof out_bytes);

	(void)state;
	for (size_t a = season.activities->n; a-- > 0;) { /* backwards: it must sort */
		if (season_is(season.activities, a, "type", span_text("youth_workshop")))
			rows[n++] = summary_of(a);
	}
	table_summary(&w, rows, n);
	assert_output(&w, sample_bytes(arena, "expected/workshop_summary.csv"));
}

/* SK-W9 of the scenarios: roster plus Hana, marks of the final grid. */
static struct roll
sk_w9(void)
{
	struct season_file *grid = season_read(arena, "scenarios/final_marks_SK-W9.csv");
	struct season_file *roster = season_read(arena, "scenarios/roster_SK-W9.csv");
	struct roll_row *rows = arena_zeros(arena, grid->n, sizeof *rows);
	struct roll_mark *marks = arena_zeros(arena, grid->n * 5, sizeof *marks);
	struct roll r = {
	    .start_year = 2027, .days_planned = 5, .rows = rows, .marks = marks};

	for (size_t i = 0; i < grid->n; i++) {
		bool is_hana = i == roster->n;

		rows[r.n_rows++] = (struct roll_row){.person = {1000 - i},
		    .no = season_number(grid, i, "no"),
		    .joined_day = 1,
		    .birth_year =
			(uint16_t)(is_hana ? 2011
					   : season_number(roster, i, "birth_year")),
		    .gender = is_hana ? GENDER_F
				      : (enum gender)vocabulary_find(
					    VOC_GENDER, season_cell(roster, i, "gender")),
		    .consent = CONSENT_GIVEN};
		for (unsigned day = 1; day <= 5; day++) {
			enum mark m;

			assert_true(cell_parse(
			    season_cell(grid, i, arena_text(arena, "d%u", day)), &m));
			marks[r.n_marks++] =
			    (struct roll_mark){(uint8_t)day, {1000 - i}, cell_of(m)};
		}
	}
	r.team_new = 1;
	r.team_experienced = 1;
	return r;
}

static const struct tally_head sk_w9_head = {{(const uint8_t *)"SK-W9", 5},
    {(const uint8_t *)"GP01", 4}, {(const uint8_t *)"SK", 2}};

static void
the_tally_of_sk_w9_comes_out_byte_for_byte(void **state)
{
	struct writer w = writer_of(out_bytes, sizeof out_bytes);
	struct roll r = sk_w9();
	struct roll_view v = view_of(&r);

	(void)state;
	/* No day was marked as held: five sheets with marks are enough. */
	assert_int_equal(v.figures.days_held, 5);
	tally_text(&w, &sk_w9_head, &v.figures);
	assert_output(&w, sample_bytes(arena, "scenarios/tally_SK-W9.txt"));
}

static void
attended_of_each_line_is_that_of_the_final_grid(void **state)
{
	struct season_file *grid = season_read(arena, "scenarios/final_marks_SK-W9.csv");
	struct roll r = sk_w9();
	struct roll_view v = view_of(&r);

	(void)state;
	for (size_t i = 0; i < v.n_lines; i++)
		assert_int_equal(
		    v.lines[i].attended.min, season_number(grid, i, "attended"));
}

/* ---- conflicts ---- */

static struct roll_mark *
mark_of(const struct roll *r, struct roll_mark *marks, size_t row, unsigned day)
{
	memcpy(marks, r->marks, r->n_marks * sizeof *marks);
	return &marks[row * 5 + day - 1];
}

static void
a_conflict_gives_a_minimum_and_a_maximum(void **state)
{
	struct roll_mark marks[100], *m;
	struct roll r = sk_w9();
	struct roll_view v;
	struct roll_place *places;
	size_t n;

	(void)state;
	m = mark_of(&r, marks, 3, 2); /* S3: late by one, excused by the other */
	m->cell.values = 1 << MARK_LATE | 1 << MARK_EXCUSED;
	r.marks = marks;
	v = view_of(&r);
	assert_int_equal(v.figures.days[1].attended.min, 12);
	assert_int_equal(v.figures.days[1].attended.max, 13);
	assert_int_equal(v.figures.late.min, 1);
	assert_int_equal(v.figures.late.max, 2);
	assert_int_equal(v.figures.excused.max, 2);
	assert_int_equal(v.figures.missing.max, 0);
	assert_int_equal(v.figures.rules[FIG_V19], 1);
	assert_int_equal(roll_conflicts(&v, arena, &places, &n, NULL), ST_OK);
	assert_int_equal(n, 1);
	assert_int_equal(places[0].line, 3);
	assert_int_equal(places[0].day_no, 2);
}

static void
a_conflict_shows_on_sheet_tally_and_in_its_values(void **state)
{
	struct writer w = writer_of(out_bytes, sizeof out_bytes);
	struct sheet_head head = {
	    .activity = span_text("SK-W9"), .title = span_text("T")};
	struct field_value values[TALLY_VALUES_MAX];
	struct roll_mark marks[100];
	struct roll r = sk_w9();
	struct figures back;
	struct roll_view v;

	(void)state;
	mark_of(&r, marks, 3, 2)->cell.values = 1 << MARK_LATE | 1 << MARK_EXCUSED;
	r.marks = marks;
	v = view_of(&r);
	sheet_text(&w, &head, &r, &v);
	writer_u8(&w, '\0');
	assert_non_null(strstr(out_bytes, "P ! P P P  4-5\n"));
	assert_non_null(strstr(out_bytes, "12 12-13 13 11 12  60-61\n"));
	assert_non_null(strstr(out_bytes, "? not recorded  ! open conflict\n"));
	w = writer_of(out_bytes, sizeof out_bytes);
	tally_text(&w, &sk_w9_head, &v.figures);
	writer_u8(&w, '\0');
	assert_non_null(strstr(out_bytes, "late 1-2  excused 1-2"));
	assert_non_null(strstr(out_bytes, "attended 60-61  rate 92.3-93.8 %"));
	assert_non_null(strstr(out_bytes, "per day: 12 12-13 13 11 12\n"));
	assert_int_equal(
	    tally_figures(values, tally_values(&v.figures, arena, values), &back, NULL),
	    ST_OK);
	assert_true(figures_equal(&back, &v.figures));
}

static void
a_conflict_of_two_ways_to_attend_leaves_the_sum_certain(void **state)
{
	struct roll_mark marks[100];
	struct roll r = sk_w9();
	struct roll_view v;

	(void)state;
	mark_of(&r, marks, 0, 1)->cell.values = 1 << MARK_PRESENT | 1 << MARK_LATE;
	r.marks = marks;
	v = view_of(&r);
	assert_int_equal(v.figures.attended.min, 61);
	assert_int_equal(v.figures.attended.max, 61);
	assert_int_equal(v.figures.present.min, 58);
	assert_int_equal(v.figures.present.max, 59);
}

static void
a_mark_against_a_cleared_one_may_be_missing(void **state)
{
	struct roll_mark marks[100];
	struct roll r = sk_w9();
	struct roll_view v;

	(void)state;
	mark_of(&r, marks, 0, 1)->cell.values = 1 << MARK_PRESENT | 1 << MARK_NONE;
	r.marks = marks;
	v = view_of(&r);
	assert_int_equal(v.figures.missing.min, 0);
	assert_int_equal(v.figures.missing.max, 1);
	assert_int_equal(v.figures.rules[FIG_V18], 0);
	assert_int_equal(v.figures.rules[FIG_V19], 1);
}

/* ---- days ---- */

static void
a_cleared_or_absent_mark_is_missing_and_found(void **state)
{
	struct roll_mark marks[100];
	struct roll r = sk_w9();
	struct roll_place *places;
	struct roll_view v;
	size_t n;

	(void)state;
	mark_of(&r, marks, 12, 5)->cell = cell_of(MARK_NONE);
	r.marks = marks;
	v = view_of(&r);
	assert_int_equal(v.figures.missing.min, 1);
	assert_int_equal(v.figures.missing.max, 1);
	r.n_marks--; /* now the key is not there at all */
	v = view_of(&r);
	assert_int_equal(v.figures.missing.min, 1);
	assert_int_equal(roll_missing(&v, arena, &places, &n, NULL), ST_OK);
	assert_int_equal(n, 1);
	assert_int_equal(places[0].line, 12);
	assert_int_equal(places[0].day_no, 5);
}

static void
an_undecided_day_is_held_once_it_has_a_mark(void **state)
{
	struct roll_day day = {.day_no = 5, .held = HELD_OPEN};
	struct roll r = sk_w9();
	struct roll_view v;

	(void)state;
	r.days = &day;
	r.n_days = 1;
	v = view_of(&r);
	assert_int_equal(v.figures.days_held, 5);
	day.held = HELD_NO; /* but not against somebody's word */
	v = view_of(&r);
	assert_int_equal(v.figures.days_held, 4);
	assert_int_equal(v.figures.expected, 4 * 13);
	assert_int_equal(v.figures.days[4].attended.max, 0);
	day.held = HELD_OPEN;
	r.n_marks = 0;
	v = view_of(&r);
	assert_int_equal(v.figures.days_held, 0);
	assert_int_equal(v.figures.completers.max, 0);
	assert_true(sheet_is_before(&v));
}

static void
marks_outside_of_the_enrolment_count_not(void **state)
{
	struct roll_row rows[20];
	struct roll r = sk_w9();
	struct roll_view v;

	(void)state;
	memcpy(rows, r.rows, r.n_rows * sizeof *rows);
	rows[0].joined_day = 2;
	rows[1].left_day = 4;
	r.rows = rows;
	v = view_of(&r);
	assert_int_equal(v.figures.expected, 63);
	assert_int_equal(
	    v.figures.attended.min, 60); /* row 1 was absent on day 5 anyway */
	assert_false(roll_is_enrolled(&v.lines[0], 1));
	assert_true(roll_is_enrolled(&v.lines[0], 2));
	assert_false(roll_is_enrolled(&v.lines[1], 5));
}

static void
four_of_five_days_make_a_completer_and_three_do_not(void **state)
{
	struct roll_mark marks[5] = {{1, {1}, {2}}, {2, {1}, {2}}, {3, {1}, {2}},
	    {4, {1}, {2}}, {5, {1}, {1 << MARK_ABSENT}}};
	struct roll_row row = {.person = {1}};
	struct roll r = {.start_year = 2026,
	    .days_planned = 5,
	    .n_rows = 1,
	    .rows = &row,
	    .n_marks = 5,
	    .marks = marks};
	struct roll_view v = view_of(&r);

	(void)state;
	assert_int_equal(v.figures.completers.min, 1);
	marks[3].cell = cell_of(MARK_EXCUSED);
	v = view_of(&r);
	assert_int_equal(v.figures.completers.min, 0);
	assert_int_equal(v.figures.gender[GENDER_N], 1); /* unset is not stated */
	assert_int_equal(v.figures.ages[AGE_NOT_STATED], 1);
}

static void
day_numbers_out_of_range_are_refused(void **state)
{
	struct roll_mark mark = {0, {1}, {2}};
	struct roll r = {.days_planned = 5, .n_marks = 1, .marks = &mark};
	struct roll_view v;

	(void)state;
	assert_int_equal(roll_make(&r, arena, &v, NULL), ST_MALFORMED);
	mark.day_no = SCHEMA_DAY_NO_MAX + 1;
	assert_int_equal(roll_make(&r, arena, &v, NULL), ST_MALFORMED);
	mark.day_no = SCHEMA_DAY_NO_MAX; /* past the plan, but a day: it counts not */
	assert_int_equal(roll_make(&r, arena, &v, NULL), ST_OK);
	assert_int_equal(v.figures.days_held, 0);
}

/* ---- joins ---- */

/* Three entries: 1 alone, 3 joined to 2. */
static void
make_trio(struct roll_row rows[3], struct roll *r)
{
	for (unsigned i = 0; i < 3; i++)
		rows[i] = (struct roll_row){.person = {i + 1}, .no = i + 1};
	rows[2].has_same_as = true;
	rows[2].same_as.n = 2;
	*r = (struct roll){
	    .start_year = 2026, .days_planned = 2, .n_rows = 3, .rows = rows};
}

static void
joined_entries_are_one_line_with_the_marks_of_both(void **state)
{
	struct roll_row rows[3];
	struct roll_mark marks[] = {{1, {2}, {1 << MARK_PRESENT}},
	    {1, {3}, {1 << MARK_PRESENT}}, {2, {3}, {1 << MARK_LATE}}};
	struct roll_view v;
	struct roll r;

	(void)state;
	make_trio(rows, &r);
	r.n_marks = 3;
	r.marks = marks;
	v = view_of(&r);
	assert_int_equal(v.n_lines, 2);
	assert_int_equal(v.figures.enrolled, 2);
	assert_ptr_equal(v.lines[1].row, &rows[1]);
	assert_int_equal(v.lines[1].n_entries, 2);
	assert_int_equal(v.lines[1].attended.min, 2);
	assert_int_equal(v.figures.rules[FIG_V19], 0); /* equal marks are no conflict */
	marks[1].cell = cell_of(MARK_ABSENT);
	v = view_of(&r);
	assert_true(cell_is_conflict(v.lines[1].cells[0]));
	rows[2].has_same_as = false; /* undone: both entries are as they were */
	v = view_of(&r);
	assert_int_equal(v.n_lines, 3);
	assert_int_equal(cell_mark(v.lines[2].cells[0]), MARK_ABSENT);
	assert_int_equal(cell_mark(v.lines[1].cells[0]), MARK_PRESENT);
}

static void
an_entry_without_a_mark_says_nothing_in_a_join(void **state)
{
	struct cell cleared = cell_of(MARK_NONE), late = cell_of(MARK_LATE), none = {0};

	(void)state;
	assert_int_equal(cell_join(cleared, late).values, late.values);
	assert_int_equal(cell_join(late, cleared).values, late.values);
	assert_int_equal(cell_join(none, cleared).values, cleared.values);
	assert_int_equal(cell_join(none, none).values, 0);
}

static void
of_a_ring_the_smallest_is_kept(void **state)
{
	struct roll_row rows[3];
	struct roll_view v;
	struct roll r;

	(void)state;
	make_trio(rows, &r);
	for (unsigned i = 0; i < 3; i++) { /* 1 -> 2 -> 3 -> 1 */
		rows[i].has_same_as = true;
		rows[i].same_as.n = (i + 1) % 3 + 1;
	}
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(roll_root(&r, (struct person_key){i}).n, 1);
	v = view_of(&r);
	assert_int_equal(v.n_lines, 1);
	assert_ptr_equal(v.lines[0].row, &rows[0]);
	rows[0].has_same_as = false; /* 2 -> 3 -> 1: a chain */
	assert_int_equal(roll_root(&r, (struct person_key){2}).n, 1);
	rows[0].has_same_as = true; /* 1 -> 1, and into it 2 -> 3 -> 1 */
	rows[0].same_as.n = 1;
	assert_int_equal(roll_root(&r, (struct person_key){2}).n, 1);
}

static void
two_entries_joined_to_somebody_elsewhere_are_one_person(void **state)
{
	struct roll_row rows[3];
	struct roll_view v;
	struct roll r;

	(void)state;
	make_trio(rows, &r);
	rows[1].has_same_as = true;
	rows[1].same_as.n = 99; /* on another roster */
	rows[2].same_as.n = 99;
	v = view_of(&r);
	assert_int_equal(v.n_lines, 2);
	assert_ptr_equal(v.lines[1].row, &rows[1]); /* the lower number */
}

static void
lines_go_by_number_then_record_name(void **state)
{
	struct roll_row rows[4] = {{.person = {1}, .no = 0}, {.person = {2}, .no = 2},
	    {.person = {3}, .no = 2}, {.person = {4}, .no = 1}};
	struct roll r = {.days_planned = 1, .n_rows = 4, .rows = rows};
	struct roll_view v;

	(void)state;
	rows[1].record.bytes[0] = 9;
	rows[2].record.bytes[0] = 1;
	v = view_of(&r);
	assert_int_equal(v.lines[0].row->person.n, 4);
	assert_int_equal(v.lines[1].row->person.n, 3);
	assert_int_equal(v.lines[2].row->person.n, 2);
	assert_int_equal(v.lines[3].row->person.n, 1); /* no number: last */
}

/* ---- forms and values ---- */

static void
the_form_before_the_workshop_has_boxes_and_signatures(void **state)
{
	static const char want[] =
	    "Attendance SK-W9  T\n"
	    "Days: 1=2027-04-12  2=?\n"
	    "No  Name                                1 2  signature\n"
	    "01  Žofia Kráľová                       _ _  ____________________\n"
	    "02  Alex Urban                          . _  ____________________\n"
	    "03  ____________________                _ _  ____________________\n"
	    "P present  L late  E excused  A absent  . not enrolled that day  # day not "
	    "held"
	    "  ? not recorded\n";
	struct sheet_head head = {
	    .activity = span_text("SK-W9"), .title = span_text("T")};
	struct writer w = writer_of(out_bytes, sizeof out_bytes);
	struct roll_row rows[2] = {{.person = {1},
				       .no = 1,
				       .given_name = span_text("Žofia"),
				       .family_name = span_text("Kráľová")},
	    {.person = {2},
		.no = 2,
		.joined_day = 2,
		.given_name = span_text("Alex"),
		.family_name = span_text("Urban")}};
	struct roll_day day = {.day_no = 1, .has_date = true, .date = 20920};
	struct roll r = {
	    .days_planned = 2, .n_rows = 2, .rows = rows, .n_days = 1, .days = &day};
	struct roll_view v = view_of(&r);

	(void)state;
	assert_true(sheet_is_before(&v));
	sheet_empty(&w, &head, &r, &v, 1);
	assert_output(&w, span_text(want));
}

static void
a_long_name_is_not_cut(void **state)
{
	char name[41];
	struct sheet_head head = {.activity = span_text("X"), .title = span_text("T")};
	struct writer w = writer_of(out_bytes, sizeof out_bytes);
	struct roll_row row = {.person = {1}, .no = 1};
	struct roll r = {.days_planned = 1, .n_rows = 1, .rows = &row};
	struct roll_view v;

	(void)state;
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	row.given_name = span_text(name);
	v = view_of(&r);
	sheet_text(&w, &head, &r, &v);
	writer_u8(&w, '\0');
	assert_non_null(strstr(out_bytes, arena_text(arena, "01  %s ?  0\n", name)));
}

static void
cells_that_a_spreadsheet_would_run_get_an_apostrophe(void **state)
{
	struct writer w = writer_of(out_bytes, sizeof out_bytes);

	(void)state;
	table_cell(&w, true, span_text("=HYPERLINK(\"x\",1)"));
	table_cell(&w, false, span_text("-Nagy"));
	table_cell(&w, false, span_text("two\nlines"));
	table_cell(&w, false, span_text(""));
	table_end_row(&w);
	assert_output(
	    &w, span_text("\"'=HYPERLINK(\"\"x\"\",1)\",'-Nagy,\"two\nlines\",\n"));
}

static void
rates_are_rounded_half_up_in_integers(void **state)
{
	uint32_t tenths;

	(void)state;
	assert_false(figures_rate(0, 0, &tenths));
	assert_true(figures_rate(61, 65, &tenths));
	assert_int_equal(tenths, 938);
	assert_true(figures_rate(1, 2000, &tenths)); /* 0.05 % */
	assert_int_equal(tenths, 1);
	assert_true(figures_rate(1, 2001, &tenths));
	assert_int_equal(tenths, 0);
	assert_true(figures_rate(4000000, 4000000, &tenths));
	assert_int_equal(tenths, 1000);
}

static void
values_of_a_tally_that_make_no_sense_are_refused(void **state)
{
	struct field_value values[3] = {
	    {F_TALLY_DAYS_PLANNED, {.type = VALUE_INT, .number = 2}},
	    {F_TALLY_DAYS, {.type = VALUE_TEXT, .bytes = span_text("3 #")}},
	    {F_TALLY_PRESENT, {.type = VALUE_INT, .number = 3}}};
	static const char *const bad[] = {
	    "3", "3 # #", "3  #", "x #", "5-4 #", "3- #", "1234567890 #", "3 #x", " 3 #"};
	struct figures f;

	(void)state;
	assert_int_equal(tally_figures(values, 3, &f, NULL), ST_OK);
	assert_int_equal(f.days[1].held, HELD_NO);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		values[1].value.bytes = span_text(bad[i]);
		assert_int_equal(tally_figures(values, 3, &f, NULL), ST_MALFORMED);
	}
	values[1].value.bytes = span_text("3 ?");
	values[0].value.number = 32;
	assert_int_equal(tally_figures(values, 3, &f, NULL), ST_MALFORMED);
	values[0].value.number = 2;
	values[2].field = F_TALLY_LATE_MAX; /* maximum without minimum: fine, 0-3 */
	assert_int_equal(tally_figures(values, 3, &f, NULL), ST_OK);
	assert_int_equal(f.late.max, 3);
}

static void
hash_with_label(
    void *ctx, const char *label, const struct span *parts, size_t n, struct hash32 *out)
{
	crypto_generichash_state s;

	(void)ctx;
	crypto_generichash_init(&s, NULL, 0, sizeof out->bytes);
	crypto_generichash_update(&s, (const uint8_t *)label, strlen(label) + 1);
	for (size_t i = 0; i < n; i++)
		crypto_generichash_update(&s, parts[i].bytes, parts[i].len);
	crypto_generichash_final(&s, out->bytes, sizeof out->bytes);
}

static void
the_digest_of_final_sheets_knows_no_order(void **state)
{
	const struct checks checks = {NULL, hash_with_label, NULL};
	struct final_mark marks[] = {{2, {5}, MARK_LATE}, {1, {9}, MARK_PRESENT},
	    {1, {7}, MARK_ABSENT}, {1, {8}, MARK_NONE}};
	/* 1 7 absent, 1 9 present, 2 5 late */
	static const uint8_t bytes[] = "pnet/tally/1\0"
				       "\1\0\0\0\0\0\0\0\7\4"
				       "\1\0\0\0\0\0\0\0\11\1"
				       "\2\0\0\0\0\0\0\0\5\2";
	struct hash32 got;
	uint8_t want[32];

	(void)state;
	crypto_generichash(want, sizeof want, bytes, sizeof bytes - 1, NULL, 0);
	assert_int_equal(tally_digest(marks, 4, &checks, arena, &got, NULL), ST_OK);
	assert_memory_equal(got.bytes, want, sizeof want);
}

static void
marks_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		enum mark mark;
	} cases[] = {{"present", MARK_PRESENT}, {"PRESENT", MARK_PRESENT},
	    {"P", MARK_PRESENT}, {"l", MARK_LATE}, {"3", MARK_EXCUSED},
	    {"Absent", MARK_ABSENT}, {"maybe", MARK_NONE}, {"", MARK_NONE},
	    {"5", MARK_NONE}, {"presently", MARK_NONE}, {"pp", MARK_NONE}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		enum mark m = MARK_NONE;

		assert_int_equal(
		    cell_parse(span_text(cases[i].text), &m), cases[i].mark != MARK_NONE);
		assert_int_equal(m, cases[i].mark);
	}
}

static void
the_state_of_an_activity_follows_from_its_days(void **state)
{
	struct figures f = {.days_planned = 2};

	(void)state;
	assert_int_equal(figures_state(&f, false, false), STATE_PLANNED);
	assert_int_equal(figures_state(&f, true, false), STATE_CANCELLED);
	f.days[0].held = HELD_YES;
	f.days_held = 1;
	assert_int_equal(figures_state(&f, false, false), STATE_RUNNING);
	f.days[1].held = HELD_NO;
	assert_int_equal(figures_state(&f, false, false), STATE_HELD);
	assert_int_equal(figures_state(&f, false, true), STATE_CLOSED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sheets_of_the_sample_come_out_byte_for_byte),
	    cmocka_unit_test(
		the_workshop_summary_comes_out_of_the_values_of_tallies_byte_for_byte),
	    cmocka_unit_test(the_tally_of_sk_w9_comes_out_byte_for_byte),
	    cmocka_unit_test(attended_of_each_line_is_that_of_the_final_grid),
	    cmocka_unit_test(a_conflict_gives_a_minimum_and_a_maximum),
	    cmocka_unit_test(a_conflict_shows_on_sheet_tally_and_in_its_values),
	    cmocka_unit_test(a_conflict_of_two_ways_to_attend_leaves_the_sum_certain),
	    cmocka_unit_test(a_mark_against_a_cleared_one_may_be_missing),
	    cmocka_unit_test(a_cleared_or_absent_mark_is_missing_and_found),
	    cmocka_unit_test(an_undecided_day_is_held_once_it_has_a_mark),
	    cmocka_unit_test(marks_outside_of_the_enrolment_count_not),
	    cmocka_unit_test(four_of_five_days_make_a_completer_and_three_do_not),
	    cmocka_unit_test(day_numbers_out_of_range_are_refused),
	    cmocka_unit_test(joined_entries_are_one_line_with_the_marks_of_both),
	    cmocka_unit_test(an_entry_without_a_mark_says_nothing_in_a_join),
	    cmocka_unit_test(of_a_ring_the_smallest_is_kept),
	    cmocka_unit_test(two_entries_joined_to_somebody_elsewhere_are_one_person),
	    cmocka_unit_test(lines_go_by_number_then_record_name),
	    cmocka_unit_test(the_form_before_the_workshop_has_boxes_and_signatures),
	    cmocka_unit_test(a_long_name_is_not_cut),
	    cmocka_unit_test(cells_that_a_spreadsheet_would_run_get_an_apostrophe),
	    cmocka_unit_test(rates_are_rounded_half_up_in_integers),
	    cmocka_unit_test(values_of_a_tally_that_make_no_sense_are_refused),
	    cmocka_unit_test(the_digest_of_final_sheets_knows_no_order),
	    cmocka_unit_test(marks_are_read_as_people_write_them),
	    cmocka_unit_test(the_state_of_an_activity_follows_from_its_days),
	};

	return cmocka_run_group_tests(tests, begin_group, end_group) != 0;
}
