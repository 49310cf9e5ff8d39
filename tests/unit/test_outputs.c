/* test_outputs.c - sheet, tally and summary: the sample byte for byte, then the forms
 * that the sample does not show. */
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

static const struct tally_head sk_w9_head = {{(const uint8_t *)"SK-W9", 5},
    {(const uint8_t *)"GP01", 4}, {(const uint8_t *)"SK", 2}};

static void
the_tally_of_sk_w9_comes_out_byte_for_byte(void **state)
{
	struct writer w = writer_of(out_bytes, sizeof out_bytes);
	struct roll r = season_sk_w9(arena);
	struct roll_view v = view_of(&r);

	(void)state;
	/* No day was marked as held: five sheets with marks are enough. */
	assert_int_equal(v.figures.days_held, 5);
	tally_text(&w, &sk_w9_head, &v.figures);
	assert_output(&w, sample_bytes(arena, "scenarios/tally_SK-W9.txt"));
}

/* ---- forms and values ---- */

static void
a_conflict_shows_on_sheet_tally_and_in_its_values(void **state)
{
	struct writer w = writer_of(out_bytes, sizeof out_bytes);
	struct sheet_head head = {
	    .activity = span_text("SK-W9"), .title = span_text("T")};
	struct field_value values[TALLY_VALUES_MAX];
	struct roll_mark marks[100];
	struct roll r = season_sk_w9(arena);
	struct figures back;
	struct roll_view v;

	(void)state;
	season_mark_of(&r, marks, 3, 2)->cell.values = 1 << MARK_LATE | 1 << MARK_EXCUSED;
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sheets_of_the_sample_come_out_byte_for_byte),
	    cmocka_unit_test(
		the_workshop_summary_comes_out_of_the_values_of_tallies_byte_for_byte),
	    cmocka_unit_test(the_tally_of_sk_w9_comes_out_byte_for_byte),
	    cmocka_unit_test(a_conflict_shows_on_sheet_tally_and_in_its_values),
	    cmocka_unit_test(the_form_before_the_workshop_has_boxes_and_signatures),
	    cmocka_unit_test(a_long_name_is_not_cut),
	    cmocka_unit_test(cells_that_a_spreadsheet_would_run_get_an_apostrophe),
	    cmocka_unit_test(values_of_a_tally_that_make_no_sense_are_refused),
	    cmocka_unit_test(the_digest_of_final_sheets_knows_no_order),
	};

	return cmocka_run_group_tests(tests, begin_group, end_group) != 0;
}
