/* test_text.c - UTF-8, names, search keys, dates and codes of young people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/text.h"
#include "base/young_code.h"

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
assert_span(struct span got, const char *want)
{
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.bytes, want, got.len);
}

/* ---- UTF-8 ---- */

static void
utf8_takes_every_code_point_that_is_one(void **state)
{
	(void)state;
	for (uint32_t point = 0; point <= 0x10ffff; point++) {
		uint8_t bytes[4];
		size_t at = 0, len;

		if (point >= 0xd800 && point < 0xe000)
			continue;
		len = text_encode(point, bytes);
		assert_int_equal(text_next(span_of(bytes, len), &at), point);
		assert_int_equal(at, len);
	}
}

static void
utf8_refuses_what_is_no_code_point(void **state)
{
	static const struct {
		const char *bytes;
		size_t bad;
	} cases[] = {
	    {"a\x80", 1},            /* lone continuation */
	    {"\xc0\xaf", 0},         /* overlong */
	    {"\xc1\xbf", 0},         /* overlong */
	    {"ab\xe0\x9f\xbf", 2},   /* overlong of three */
	    {"\xed\xa0\x80", 0},     /* surrogate */
	    {"\xf0\x8f\xbf\xbf", 0}, /* overlong of four */
	    {"\xf4\x90\x80\x80", 0}, /* above 10FFFF */
	    {"\xf5\x80\x80\x80", 0}, /* no such first byte */
	    {"x\xe2\x82", 1},        /* cut */
	    {"x\xe2\x82y", 1},       /* cut by a letter */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t bad = 99;

		assert_false(text_is_utf8(span_text(cases[i].bytes), &bad));
		assert_int_equal(bad, cases[i].bad);
	}
}

static void
a_file_in_utf16_becomes_utf8(void **state)
{
	/* "Ž😀" in both byte orders */
	static const uint8_t little[] = {0xff, 0xfe, 0x7d, 0x01, 0x3d, 0xd8, 0x00, 0xde};
	static const uint8_t big[] = {0xfe, 0xff, 0x01, 0x7d, 0xd8, 0x3d, 0xde, 0x00};
	struct span out;
	size_t bad;

	(void)state;
	assert_int_equal(
	    text_decode_file(span_of(little, sizeof little), arena, &out, &bad, NULL),
	    ST_OK);
	assert_span(out, "\xc5\xbd\xf0\x9f\x98\x80");
	assert_int_equal(
	    text_decode_file(span_of(big, sizeof big), arena, &out, &bad, NULL), ST_OK);
	assert_span(out, "\xc5\xbd\xf0\x9f\x98\x80");
	/* cut inside the pair, and inside a unit */
	assert_int_equal(
	    text_decode_file(span_of(big, sizeof big - 2), arena, &out, &bad, NULL),
	    ST_MALFORMED);
	assert_int_equal(bad, 4);
	assert_int_equal(
	    text_decode_file(span_of(big, 3), arena, &out, &bad, NULL), ST_MALFORMED);
	assert_int_equal(bad, 2);
}

static void
a_bom_is_dropped_but_counted_in_the_offset(void **state)
{
	struct span out;
	size_t bad;

	(void)state;
	assert_int_equal(
	    text_decode_file(span_text("\xef\xbb\xbfok"), arena, &out, &bad, NULL),
	    ST_OK);
	assert_span(out, "ok");
	assert_int_equal(
	    text_decode_file(span_text("\xef\xbb\xbfo\xff"), arena, &out, &bad, NULL),
	    ST_MALFORMED);
	assert_int_equal(bad, 4);
}

static void
points_and_columns_are_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_points(span_text("Kráľ")), 4);
	assert_int_equal(text_width(span_text("Kráľ")), 4);
	assert_int_equal(text_width(span_text("a\xcc\x81")), 1); /* combining */
	assert_int_equal(text_width(span_text("한글")), 4);      /* wide */
}

static void
controls_are_found_except_the_allowed(void **state)
{
	(void)state;
	assert_false(text_has_control(span_text("a\tb\n"), "\t\n"));
	assert_true(text_has_control(span_text("a\tb"), "\n"));
	assert_true(text_has_control(span_of("a\0b", 3), "\t\n"));
	assert_true(text_has_control(span_text("\xc2\x85"), "")); /* C1 */
	assert_true(text_has_control(span_text("\x7f"), ""));
	assert_false(text_has_control(span_text("é"), ""));
}

/* ---- names ---- */

static struct span
cleaned(const char *name, unsigned *notes)
{
	struct span out;

	assert_int_equal(
	    text_clean_name(span_text(name), arena, &out, notes, NULL), ST_OK);
	assert_true(text_is_name(out));
	return out;
}

static void
a_name_is_stored_composed_trimmed_and_without_hidden_characters(void **state)
{
	unsigned notes;

	(void)state;
	assert_span(
	    cleaned(
		"  S\xcc\x8cimon \xc2\xa0 Kova\xcc\x81\x63\xcc\x8c\xe3\x80\x80", &notes),
	    "Šimon Kováč");
	assert_int_equal(notes, 0);
	assert_span(cleaned("Len\xe2\x80\x8bka", &notes), "Lenka");
	assert_int_equal(notes, NAME_HIDDEN_REMOVED);
	assert_span(cleaned("Anna\r\nMaria", &notes), "Anna Maria");
	assert_int_equal(notes, NAME_BREAK_JOINED);
	assert_span(cleaned("\xd0\x9c\xd0\xb0ria", &notes), "\xd0\x9c\xd0\xb0ria");
	assert_int_equal(notes, NAME_MIXED_SCRIPTS);
	assert_span(cleaned("\xf0\x9f\x98\x80 Tom", &notes), "\xf0\x9f\x98\x80 Tom");
	assert_int_equal(notes, NAME_BEYOND_BMP);
	assert_span(cleaned("\t=1+1", &notes), "=1+1");
	assert_int_equal(notes, NAME_FORMULA | NAME_BREAK_JOINED);
}

static void
a_name_of_exactly_the_limit_is_taken_and_one_more_is_not(void **state)
{
	char name[TEXT_NAME_POINTS_MAX + 2];
	struct span out;
	unsigned notes;

	(void)state;
	memset(name, 'x', sizeof name);
	assert_int_equal(text_clean_name(span_of(name, TEXT_NAME_POINTS_MAX), arena, &out,
			     &notes, NULL),
	    ST_OK);
	assert_int_equal(text_clean_name(span_of(name, TEXT_NAME_POINTS_MAX + 1), arena,
			     &out, &notes, NULL),
	    ST_LIMIT);
	assert_false(text_is_name(span_of(name, TEXT_NAME_POINTS_MAX + 1)));
}

static void
a_name_of_nothing_or_with_controls_is_refused(void **state)
{
	static const char *const bad[] = {
	    "", "  ", "\xe2\x80\x8b", "Bell\x07", "\xc2\x85", "\xff"};
	struct span out;
	unsigned notes;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(
		    text_clean_name(span_text(bad[i]), arena, &out, &notes, NULL),
		    ST_MALFORMED);
		assert_false(text_is_name(span_text(bad[i])));
	}
	assert_false(text_is_name(span_text("S\xcc\x8cimon"))); /* not composed */
	assert_false(text_is_name(span_text(" Jan")));
}

static void
search_keys_forget_case_and_marks(void **state)
{
	static const struct {
		const char *text, *key;
	} cases[] = {{"Mráz", "mraz"}, {"Łukasz", "lukasz"}, {"Weißbach", "weissbach"},
	    {"Đurđa", "durda"}, {"Őrség", "orseg"}, {"ŠOLTÉSOVÁ", "soltesova"},
	    {"Yıldız", "yildiz"}, {"Ærø", "aero"}, {"S\xcc\x8cimon", "simon"},
	    {"Żak-Świąty", "zak-swiaty"}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_span(text_fold_key(span_text(cases[i].text), arena), cases[i].key);
}

static void
the_same_name_keeps_its_marks(void **state)
{
	struct span a = text_case_key(span_text("ŠIMON"), arena);
	struct span b = text_case_key(span_text("s\xcc\x8cimon"), arena);
	struct span c = text_case_key(span_text("Simon"), arena);

	(void)state;
	assert_true(span_equal(a, b));
	assert_false(span_equal(a, c));
}

static void
distance_counts_typing_errors(void **state)
{
	(void)state;
	assert_int_equal(text_distance(span_text("attend"), span_text("attend"), 2), 0);
	assert_int_equal(text_distance(span_text("atend"), span_text("attend"), 2), 1);
	assert_int_equal(text_distance(span_text("atetnd"), span_text("attend"), 2), 1);
	assert_int_equal(text_distance(span_text("sk-w8"), span_text("sk-w9"), 2), 1);
	assert_int_equal(text_distance(span_text("xy"), span_text("sync"), 2), 3);
	assert_int_equal(text_distance(span_text(""), span_text("ab"), 2), 2);
	assert_int_equal(text_distance(span_text("abc"), span_text(""), 2), 3);
	assert_int_equal(text_distance(span_text("abc"), span_text("abcdef"), 2), 3);
	assert_int_equal(text_distance(span_text("abcdef"), span_text("abc"), 3), 3);
}

/* ---- dates ---- */

static void
dates_go_both_ways_over_every_day(void **state)
{
	char text[DATE_TEXT_BYTES];

	(void)state;
	for (uint32_t days = 0; days <= DATE_DAYS_MAX; days++) {
		uint32_t back;

		assert_true(date_of_civil(date_civil(days), &back));
		assert_int_equal(back, days);
	}
	date_format(DATE_DAYS_MAX, text);
	assert_string_equal(text, "9999-12-31");
}

static void
only_real_iso_dates_are_read(void **state)
{
	static const char *const bad[] = {"2011-04-31", "2026-13-01", "2026-00-10",
	    "2023-02-29", "31.02.2011", "2011-4-3", "2011-04-30 ", "1969-12-31",
	    "abcd-ef-gh", ""};
	char text[DATE_TEXT_BYTES];
	uint32_t days;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(date_parse(span_text(bad[i]), &days));
	assert_true(date_parse(span_text("1970-01-01"), &days));
	assert_int_equal(days, 0);
	assert_true(date_parse(span_text("2024-02-29"), &days));
	date_format(days, text);
	assert_string_equal(text, "2024-02-29");
}

static void
weekdays_agree_with_the_workshop_of_the_scenarios(void **state)
{
	uint32_t days;

	(void)state;
	assert_true(date_parse(span_text("2027-04-12"), &days));
	assert_string_equal(date_weekday_name(date_weekday(days)), "mon");
	assert_string_equal(date_weekday_name(date_weekday(days + 4)), "fri");
}

/* ---- codes ---- */

static void
every_drawn_person_has_a_code_that_reads_back(void **state)
{
	struct rng_seeded seed;
	struct rng rng = rng_seeded(&seed, 7);

	(void)state;
	for (int i = 0; i < 500; i++) {
		struct person_id pid = young_draw(&rng);
		struct person_key key = person_key_of(&pid);
		char code[YOUNG_CODE_BYTES];
		struct young_prefix prefix;

		assert_true(young_code(&key, YOUNG_SYMBOLS, code));
		assert_int_equal(strlen(code), 7);
		assert_true(young_code_parse(span_text(code), &prefix));
		assert_true(young_code_matches(&prefix, &key));
		assert_true(young_code_parse(span_text(code + 2), &prefix));
	}
}

static void
a_code_is_read_as_people_say_it(void **state)
{
	/* 7KQ4: 7, 19, 23, 4 -> 249,572 = 37 * 6,745 + 7 */
	struct person_key key = {(uint64_t)249572 << 44};
	struct young_prefix prefix;
	char code[YOUNG_CODE_BYTES];

	(void)state;
	assert_true(young_code(&key, YOUNG_SYMBOLS, code));
	assert_string_equal(code, "Y-7KQ47");
	assert_true(young_code_parse(span_text("y-7kq47"), &prefix));
	assert_int_equal(prefix.bits, 249572);
	/* O for 0, I and L for 1: 1025 mod 37 = 26 = T */
	assert_true(young_code_parse(span_text("oIolT"), &prefix));
	assert_int_equal(prefix.bits, 1 << 10 | 1);
}

static void
a_mistyped_code_is_refused(void **state)
{
	static const char good[] = "Y-7KQ47";
	struct young_prefix prefix;

	(void)state;
	for (size_t at = 2; at < sizeof good - 1; at++) {
		for (const char *c = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; *c != '\0';
		     c++) {
			char wrong[sizeof good];

			memcpy(wrong, good, sizeof good);
			wrong[at] = *c;
			assert_int_equal(
			    young_code_parse(span_text(wrong), &prefix), *c == good[at]);
		}
	}
	assert_false(young_code_parse(span_text("Y-7KQ"), &prefix));
	assert_false(young_code_parse(span_text("Y-7KU47"), &prefix));
	assert_false(young_code_parse(span_text(""), &prefix));
}

static void
longer_codes_tell_apart_what_short_ones_do_not(void **state)
{
	struct person_key a = {(uint64_t)249572 << 44};
	char code[YOUNG_CODE_BYTES];
	int shown = 0;

	(void)state;
	for (size_t n = YOUNG_SYMBOLS; n <= YOUNG_SYMBOLS_MAX; n++) {
		struct young_prefix prefix;

		if (!young_code(&a, n, code)) {
			assert_string_equal(code, "");
			continue;
		}
		shown++;
		assert_true(young_code_parse(span_text(code), &prefix));
		assert_int_equal(prefix.symbols, n);
		assert_true(young_code_matches(&prefix, &a));
	}
	assert_true(shown > 1);
}

static void
formatted_text_that_does_not_fit_is_dropped_whole(void **state)
{
	char buffer[8];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	text_put(&w, "%d", 123);
	text_put(&w, "%s", "too long");
	assert_true(w.is_full);
	assert_span(writer_done(&w), "123");
}

static void
padding_counts_code_points(void **state)
{
	char buffer[32];
	struct writer w = writer_of(buffer, sizeof buffer);

	(void)state;
	text_put_padded(&w, span_text("Žák"), 5);
	text_put_padded(&w, span_text("longer"), 3);
	assert_span(writer_done(&w), "Žák  longer ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(utf8_takes_every_code_point_that_is_one),
	    cmocka_unit_test(utf8_refuses_what_is_no_code_point),
	    cmocka_unit_test_setup_teardown(a_file_in_utf16_becomes_utf8, begin, end),
	    cmocka_unit_test_setup_teardown(
		a_bom_is_dropped_but_counted_in_the_offset, begin, end),
	    cmocka_unit_test(points_and_columns_are_not_bytes),
	    cmocka_unit_test(controls_are_found_except_the_allowed),
	    cmocka_unit_test_setup_teardown(
		a_name_is_stored_composed_trimmed_and_without_hidden_characters, begin,
		end),
	    cmocka_unit_test_setup_teardown(
		a_name_of_exactly_the_limit_is_taken_and_one_more_is_not, begin, end),
	    cmocka_unit_test_setup_teardown(
		a_name_of_nothing_or_with_controls_is_refused, begin, end),
	    cmocka_unit_test_setup_teardown(
		search_keys_forget_case_and_marks, begin, end),
	    cmocka_unit_test_setup_teardown(the_same_name_keeps_its_marks, begin, end),
	    cmocka_unit_test(distance_counts_typing_errors),
	    cmocka_unit_test(dates_go_both_ways_over_every_day),
	    cmocka_unit_test(only_real_iso_dates_are_read),
	    cmocka_unit_test(weekdays_agree_with_the_workshop_of_the_scenarios),
	    cmocka_unit_test(every_drawn_person_has_a_code_that_reads_back),
	    cmocka_unit_test(a_code_is_read_as_people_say_it),
	    cmocka_unit_test(a_mistyped_code_is_refused),
	    cmocka_unit_test(longer_codes_tell_apart_what_short_ones_do_not),
	    cmocka_unit_test(formatted_text_that_does_not_fit_is_dropped_whole),
	    cmocka_unit_test(padding_counts_code_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
