/* test_roster.c - import of young people: the awful files of tests/data/hostile with the
 * exact counts of its EXPECT.md, the roster of SK-W9, and rosters that are not empty. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <iconv.h>

#include "base/date.h"
#include "base/text.h"
#include "core/roster.h"
#include "core/table.h"
#include "unit/sample.h"
#include "unit/scant.h"

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

static uint32_t
day(const char *date)
{
	uint32_t days = 0;

	assert_true(date_parse(span_text(date), &days));
	return days;
}

/* The rules that EXPECT.md states. */
static struct roster_rules
hostile_rules(void)
{
	return (struct roster_rules){
	    .start_year = 2026, .age_min = 10, .age_max = 20, .today = day("2027-02-10")};
}

/* What --encoding does in the client. */
static struct span
converted(struct span file, const char *encoding)
{
	char *in = arena_alloc(arena, file.len);
	size_t in_left = file.len, room = 4 * file.len, out_left = room;
	char *out = arena_alloc(arena, room), *at = out;
	iconv_t conversion = iconv_open("UTF-8", encoding);

	memcpy(in, file.bytes, file.len);
	assert_true(conversion != (iconv_t)-1);
	assert_int_equal(iconv(conversion, &in, &in_left, &at, &out_left), 0);
	iconv_close(conversion);
	return span_of(out, room - out_left);
}

static status
read_file(const char *name, const char *encoding, struct roster_report *report,
    struct trouble *t)
{
	struct roster_rules rules = hostile_rules();
	struct span file = sample_bytes(arena, arena_text(arena, "hostile/%s", name)),
		    text;
	size_t bad;
	status st = ST_OK;

	*report = (struct roster_report){0};
	if (encoding != NULL)
		text = converted(file, encoding);
	else
		st = text_decode_file(file, arena, &text, &bad, t);
	return st != ST_OK
		   ? st
		   : roster_read(text, &rules, NULL, 0, NULL, 0, arena, report, t);
}

static void
assert_counts(const struct roster_report *r, size_t accepted, size_t warned, size_t held,
    size_t rejected)
{
	assert_int_equal(r->n_accepted, accepted);
	assert_int_equal(r->n_warned, warned);
	assert_int_equal(r->n_held, held);
	assert_int_equal(r->n_rejected, rejected);
	assert_int_equal(r->n_rows, accepted + held + rejected);
}

static size_t
count_reason(const struct roster_report *r, enum roster_reason reason)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_rows; i++)
		n += r->rows[i].verdict != ROSTER_ACCEPTED && r->rows[i].reason == reason;
	return n;
}

static void
assert_name(const struct roster_row *row, const char *given)
{
	assert_true(span_equal(row->given_name, span_text(given)));
}

/* ---- files a..q ---- */

static void
counts_of_the_hostile_files_are_exactly_those_expected(void **state)
{
	static const struct {
		const char *file, *encoding;
		size_t accepted, warned, held, rejected;
	} cases[] = {
	    {"a_cp1250_semicolon_crlf.csv", "CP1250", 6, 0, 0, 0},
	    {"b_utf8bom_semicolon_crlf.csv", NULL, 6, 0, 0, 0},
	    {"d_utf16le_tab.csv", NULL, 6, 0, 0, 0},
	    {"e_latin2_no_bom.csv", "ISO-8859-2", 6, 0, 0, 0},
	    {"f_sep_line.csv", NULL, 6, 0, 0, 0},
	    {"g_duplicates.csv", NULL, 6, 2, 5, 0},
	    {"h_dates.csv", NULL, 4, 3, 0, 13},
	    {"i_long.csv", NULL, 1, 0, 0, 4},
	    {"j_unicode.csv", NULL, 8, 5, 0, 0},
	    {"k_formula.csv", NULL, 7, 7, 0, 0},
	    {"l_structure.csv", NULL, 3, 1, 0, 6},
	    {"n_header_only.csv", NULL, 0, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct roster_report r;
		struct trouble t = {0};

		if (read_file(cases[i].file, cases[i].encoding, &r, &t) != ST_OK)
			fail_msg("%s: %s", cases[i].file, t.text);
		print_message("%s\n", cases[i].file);
		assert_counts(&r, cases[i].accepted, cases[i].warned, cases[i].held,
		    cases[i].rejected);
	}
}

static void
files_that_cannot_be_read_are_refused_whole(void **state)
{
	static const struct {
		const char *file, *says;
	} cases[] = {
	    {"a_cp1250_semicolon_crlf.csv", "not valid UTF-8 at byte 63"},
	    {"c_lying_bom_cp1250.csv", "not valid UTF-8 at byte 66"},
	    {"e_latin2_no_bom.csv", "not valid UTF-8 at byte 63"},
	    {"m_empty.csv", "empty file"},
	    {"o_headers.csv", "duplicate column given_name"},
	    {"p_unknown_headers.csv",
		"missing columns given_name, family_name, birth_year, gender"},
	    {"q_invalid_utf8.csv", "not valid UTF-8 at byte 95"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct roster_report r;
		struct trouble t = {0};

		assert_int_equal(read_file(cases[i].file, NULL, &r, &t), ST_MALFORMED);
		assert_non_null(strstr(t.text, cases[i].says));
		assert_int_equal(r.n_rows, 0);
	}
}

static void
names_of_file_b_and_of_its_other_encodings_are_the_same(void **state)
{
	static const struct {
		const char *file, *encoding;
	} files[] = {{"a_cp1250_semicolon_crlf.csv", "CP1250"},
	    {"b_utf8bom_semicolon_crlf.csv", NULL}, {"d_utf16le_tab.csv", NULL},
	    {"e_latin2_no_bom.csv", "ISO-8859-2"}, {"f_sep_line.csv", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct roster_report r;

		assert_int_equal(
		    read_file(files[i].file, files[i].encoding, &r, NULL), ST_OK);
		assert_name(&r.rows[0], "Jiří");
		assert_name(&r.rows[5], "Věra");
		assert_int_equal(r.rows[2].consent, CONSENT_PENDING);
		assert_int_equal(r.rows[5].consent, CONSENT_REFUSED);
	}
}

static void
duplicates_of_file_g_are_held_and_near_ones_warned_of(void **state)
{
	static const enum roster_verdict verdicts[] = {ROSTER_ACCEPTED, ROSTER_HELD,
	    ROSTER_HELD, ROSTER_ACCEPTED, ROSTER_HELD, ROSTER_HELD, ROSTER_HELD,
	    ROSTER_ACCEPTED, ROSTER_ACCEPTED, ROSTER_ACCEPTED, ROSTER_ACCEPTED};
	struct roster_report r;

	(void)state;
	assert_int_equal(read_file("g_duplicates.csv", NULL, &r, NULL), ST_OK);
	for (size_t i = 0; i < r.n_rows; i++) {
		bool is_near = i == 3 || i == 7; /* Simon Kovac; Kováč Šimon */

		assert_int_equal(r.rows[i].verdict, verdicts[i]);
		assert_int_equal(
		    r.rows[i].warnings, is_near ? (unsigned)ROSTER_WARN_NEAR : 0U);
		assert_int_equal(r.rows[i].line, i + 2);
	}
	assert_int_equal(r.rows[1].other, 0);
	assert_int_equal(count_reason(&r, ROSTER_SAME_PERSON), 5);
}

static void
reasons_of_file_h_are_those_expected(void **state)
{
	struct roster_report r;

	(void)state;
	assert_int_equal(read_file("h_dates.csv", NULL, &r, NULL), ST_OK);
	assert_int_equal(
	    count_reason(&r, ROSTER_YEAR_NO_DATE) + count_reason(&r, ROSTER_CONSENT_DATE),
	    2);
	assert_int_equal(count_reason(&r, ROSTER_YEAR_FORM), 3);
	assert_int_equal(count_reason(&r, ROSTER_AGE), 4);
	assert_int_equal(count_reason(&r, ROSTER_CONSENT_NO_DATE), 1);
	assert_int_equal(count_reason(&r, ROSTER_GENDER), 1);
	assert_int_equal(count_reason(&r, ROSTER_CONSENT), 1);
	assert_int_equal(count_reason(&r, ROSTER_CONSENT_FUTURE), 1);
	assert_int_equal(r.rows[1].warnings, ROSTER_WARN_NO_YEAR);
	assert_int_equal(r.rows[3].warnings, ROSTER_WARN_YEAR_REDUCED);
	assert_int_equal(r.rows[3].birth_year, 2011);
	assert_int_equal(r.rows[13].warnings, ROSTER_WARN_PENDING_DATE);
}

static void
names_of_file_j_are_stored_without_what_nobody_sees(void **state)
{
	struct roster_report r;

	(void)state;
	assert_int_equal(read_file("j_unicode.csv", NULL, &r, NULL), ST_OK);
	assert_int_equal(r.rows[0].warnings, NAME_BEYOND_BMP);
	assert_name(&r.rows[1], "Anatxt");
	assert_name(&r.rows[2], "Lenka");
	assert_int_equal(r.rows[3].warnings, NAME_MIXED_SCRIPTS);
	assert_int_equal(r.rows[4].warnings, NAME_BEYOND_BMP | NAME_HIDDEN_REMOVED);
	assert_name(&r.rows[7], "\xed\x9e\xa3");
}

static void
formulas_of_file_k_leave_with_an_apostrophe(void **state)
{
	struct roster_report r;
	char out[256];

	(void)state;
	assert_int_equal(read_file("k_formula.csv", NULL, &r, NULL), ST_OK);
	assert_name(&r.rows[5], "=1+1"); /* stored as it is */
	for (size_t i = 0; i < r.n_rows; i++) {
		struct writer w = writer_of(out, sizeof out);

		assert_true((r.rows[i].warnings & NAME_FORMULA) != 0);
		table_cell(&w, true, r.rows[i].given_name);
		table_cell(&w, false, r.rows[i].family_name);
		writer_u8(&w, '\0');
		assert_non_null(i == 6 ? strstr(out, ",'-Nagy") : strchr(out, '\''));
		assert_true(
		    i == 6 || out[0] == '\'' || (out[0] == '"' && out[1] == '\''));
	}
}

static void
faults_of_file_l_are_named_with_their_lines(void **state)
{
	static const struct {
		size_t line;
		enum csv_fault fault;
		enum roster_reason reason;
	} rows[] = {
	    {2, CSV_OK, ROSTER_FINE},
	    {4, CSV_NUL, ROSTER_STRUCTURE},
	    {6, CSV_CELLS, ROSTER_STRUCTURE},
	    {7, CSV_CELLS, ROSTER_STRUCTURE},
	    {8, CSV_OK, ROSTER_FINE},
	    {9, CSV_OK, ROSTER_FINE},
	    {10, CSV_CONTROL, ROSTER_STRUCTURE},
	    {11, CSV_OK, ROSTER_GIVEN_NAME},
	    {12, CSV_QUOTE_OPEN, ROSTER_STRUCTURE},
	};
	struct roster_report r;

	(void)state;
	assert_int_equal(read_file("l_structure.csv", NULL, &r, NULL), ST_OK);
	assert_int_equal(r.n_rows, sizeof rows / sizeof rows[0]);
	for (size_t i = 0; i < r.n_rows; i++) {
		assert_int_equal(r.rows[i].line, rows[i].line);
		assert_int_equal(r.rows[i].fault, rows[i].fault);
		assert_int_equal(r.rows[i].reason, rows[i].reason);
	}
	assert_name(&r.rows[0], "Anna Maria");
	assert_int_equal(r.rows[0].warnings, NAME_BREAK_JOINED);
	assert_name(&r.rows[4], "Quote \"inside\"");
}

/* ---- other files ---- */

static void
the_roster_of_sk_w9_is_accepted_without_warnings(void **state)
{
	struct roster_rules rules = {2027, 13, 18, day("2027-04-09")};
	struct roster_report r;

	(void)state;
	assert_int_equal(roster_read(sample_bytes(arena, "scenarios/roster_SK-W9.csv"),
			     &rules, NULL, 0, NULL, 0, arena, &r, NULL),
	    ST_OK);
	assert_counts(&r, 12, 0, 0, 0);
	assert_int_equal(r.rows[0].consent_by, CONSENT_BY_GUARDIAN);
	assert_true(r.rows[0].has_consent_on);
	assert_int_equal(r.rows[11].gender, GENDER_N);
}

static status
read_text(const char *text, const struct roster_known *known, size_t n_known,
    struct roster_report *r)
{
	struct roster_rules rules = hostile_rules();

	return roster_read(
	    span_text(text), &rules, known, n_known, NULL, 0, arena, r, NULL);
}

static void
people_who_are_there_already_are_held_or_warned_of(void **state)
{
	const struct roster_known known[] = {
	    {span_text("Hana"), span_text("Bieliková"), 2011},
	    {span_text("Jan"), span_text("Žák"), 0}};
	struct roster_report r;

	(void)state;
	assert_int_equal(
	    read_text("given_name,family_name,birth_year,gender\n"
		      "HANA,Bieliková,2011,f\n" /* held */
		      "Hana,Bielikova,2011,f\n" /* near */
		      "Hana,Bieliková,2010,f\n" /* another year: another person */
		      "Jan,Žák,2011,m\n"        /* one year missing: near */
		      "Zak,Jan,,m\n",           /* swapped, both missing: near */
		known, 2, &r),
	    ST_OK);
	assert_counts(&r, 4, 3, 1, 0);
	assert_int_equal(r.rows[0].other, SIZE_MAX);
	assert_int_equal(r.rows[2].warnings, 0);
	assert_true((r.rows[3].warnings & ROSTER_WARN_NEAR) != 0);
}

static void
ages_are_taken_at_the_limits_and_refused_beyond(void **state)
{
	static const struct {
		unsigned year;
		enum roster_verdict verdict;
		bool is_warned; /* the practice is for 10-20 */
	} cases[] = {{1995, ROSTER_REJECTED, false}, {1996, ROSTER_ACCEPTED, true},
	    {2005, ROSTER_ACCEPTED, true}, {2006, ROSTER_ACCEPTED, false},
	    {2016, ROSTER_ACCEPTED, false}, {2017, ROSTER_ACCEPTED, true},
	    {2020, ROSTER_ACCEPTED, true}, {2021, ROSTER_REJECTED, false}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct roster_report r;

		assert_int_equal(
		    read_text(arena_text(arena,
				  "given_name,family_name,birth_year,gender\nA,B,%u,f\n",
				  cases[i].year),
			NULL, 0, &r),
		    ST_OK);
		assert_int_equal(r.rows[0].verdict, cases[i].verdict);
		assert_int_equal(r.n_warned, cases[i].is_warned);
	}
}

static void
a_consent_of_today_is_taken_and_of_tomorrow_is_not(void **state)
{
	struct roster_report r;

	(void)state;
	assert_int_equal(
	    read_text("given_name,family_name,birth_year,gender,consent,consent_on\n"
		      "A,B,2011,f,given,2027-02-10\nC,D,2011,f,given,2027-02-11\n",
		NULL, 0, &r),
	    ST_OK);
	assert_counts(&r, 1, 0, 0, 1);
	assert_int_equal(r.rows[1].reason, ROSTER_CONSENT_FUTURE);
}

static void
columns_can_be_mapped_and_others_are_ignored(void **state)
{
	const struct roster_map map[] = {{span_text("Vorname"), span_text("given_name")},
	    {span_text("Nachname"), span_text("family_name")},
	    {span_text("Jahrgang"), span_text("birth_year")},
	    {span_text("G"), span_text("gender")}};
	struct roster_rules rules = hostile_rules();
	struct roster_report r;
	struct trouble t = {0};
	struct span text =
	    span_text("Vorname,Nachname,Jahrgang,G,Schuhe\nJürgen,Groß,2011,m,44\n");

	(void)state;
	assert_int_equal(
	    roster_read(text, &rules, NULL, 0, map, 4, arena, &r, NULL), ST_OK);
	assert_counts(&r, 1, 0, 0, 0);
	assert_int_equal(r.n_ignored, 1);
	assert_int_equal(
	    roster_read(text, &rules, NULL, 0, map, 3, arena, &r, &t), ST_MALFORMED);
	assert_non_null(strstr(t.text, "missing columns gender"));
	/* Two columns for one field */
	assert_int_equal(
	    roster_read(span_text("given_name,Vorname,family_name,birth_year,gender\n"),
		&rules, NULL, 0, map, 1, arena, &r, &t),
	    ST_MALFORMED);
	assert_non_null(strstr(t.text, "duplicate column given_name"));
}

static void
the_young_people_of_the_sample_are_all_accepted(void **state)
{
	struct roster_rules rules = hostile_rules();
	struct roster_report r;

	(void)state;
	assert_int_equal(roster_read(sample_bytes(arena, "season/young_people.csv"),
			     &rules, NULL, 0, NULL, 0, arena, &r, NULL),
	    ST_OK);
	assert_int_equal(r.n_rows, 157);
	assert_int_equal(r.n_rejected, 0);
	assert_int_equal(r.rows[0].photo_consent, YES);
	assert_true(span_equal(r.rows[0].form_no, span_text("DE/2026/0001")));
	assert_true(span_equal(r.rows[0].guardian_contact, span_text("+49 000 000 001")));
}

static void
every_reason_and_warning_has_a_text(void **state)
{
	(void)state;
	for (int i = 0; i < ROSTER_REASON_COUNT; i++)
		assert_non_null(roster_reason_text((enum roster_reason)i));
	for (unsigned bit = 1; bit <= ROSTER_WARN_NEAR; bit <<= 1) {
		bool is_used = bit <= NAME_FORMULA || bit >= ROSTER_WARN_NO_YEAR;

		assert_int_equal(strcmp(roster_warning_text(bit), "?") != 0, is_used);
	}
}

/* Whatever allocation fails, the file is not accepted and its rows are not blamed. */
static status
call_roster(void *ctx, struct arena *a, struct trouble *t)
{
	const struct roster_rules rules = {2027, 13, 18, day("2027-04-09")};
	struct roster_report r;
	status st = roster_read(*(struct span *)ctx, &rules, NULL, 0, NULL, 0, a, &r, t);

	assert_int_equal(r.n_rejected, 0);
	return st;
}

static void
running_out_of_memory_anywhere_is_told_as_such(void **state)
{
	struct span text = sample_bytes(arena, "scenarios/roster_SK-W9.csv");

	(void)state;
	scant_try(call_roster, &text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_of_the_hostile_files_are_exactly_those_expected),
	    cmocka_unit_test(files_that_cannot_be_read_are_refused_whole),
	    cmocka_unit_test(names_of_file_b_and_of_its_other_encodings_are_the_same),
	    cmocka_unit_test(duplicates_of_file_g_are_held_and_near_ones_warned_of),
	    cmocka_unit_test(reasons_of_file_h_are_those_expected),
	    cmocka_unit_test(names_of_file_j_are_stored_without_what_nobody_sees),
	    cmocka_unit_test(formulas_of_file_k_leave_with_an_apostrophe),
	    cmocka_unit_test(faults_of_file_l_are_named_with_their_lines),
	    cmocka_unit_test(the_roster_of_sk_w9_is_accepted_without_warnings),
	    cmocka_unit_test(people_who_are_there_already_are_held_or_warned_of),
	    cmocka_unit_test(ages_are_taken_at_the_limits_and_refused_beyond),
	    cmocka_unit_test(a_consent_of_today_is_taken_and_of_tomorrow_is_not),
	    cmocka_unit_test(columns_can_be_mapped_and_others_are_ignored),
	    cmocka_unit_test(the_young_people_of_the_sample_are_all_accepted),
	    cmocka_unit_test(every_reason_and_warning_has_a_text),
	    cmocka_unit_test(running_out_of_memory_anywhere_is_told_as_such),
	};

	return cmocka_run_group_tests(tests, begin, end) != 0;
}
