/* test_kit.c - the code on a recovery kit's sheet (SECURITY 12). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/kit.h"

static const struct device_seed seed = {{1, 2, 3, 250, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 255}};

static void
a_sheet_is_read_back_as_it_was_printed(void **state)
{
	static const enum kit_sheet sheets[] = {
	    KIT_WHOLE, KIT_FIRST_HALF, KIT_SECOND_HALF};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char code[KIT_TEXT_BYTES];
		struct device_seed back;
		enum kit_sheet sheet;

		kit_write(sheets[i], &seed, code);
		assert_int_equal(strlen(code), KIT_SYMBOLS + KIT_SYMBOLS / KIT_GROUP - 1);
		assert_int_equal(kit_read(code, &sheet, &back, NULL), ST_OK);
		assert_int_equal(sheet, sheets[i]);
		assert_memory_equal(&back, &seed, sizeof seed);
	}
}

/* Golden: paper outlives programs. */
static void
the_code_of_a_sheet_never_changes(void **state)
{
	char code[KIT_TEXT_BYTES];

	(void)state;
	kit_write(KIT_WHOLE, &seed, code);
	assert_string_equal(code,
	    "040G 40ZT 0M30 E209 185G R38E 1W81 24GK 2GAH C5RR 34D1 P70X 3RFZ Y0E1");
}

/* Two bytes: one mistyped character in 65,536 passes. */
static void
a_mistyped_character_is_found(void **state)
{
	char code[KIT_TEXT_BYTES];
	size_t found = 0, n = 0;

	(void)state;
	kit_write(KIT_WHOLE, &seed, code);
	for (size_t i = 0; code[i] != '\0'; i++) {
		struct device_seed back;
		enum kit_sheet sheet;
		char was = code[i];

		if (was == ' ')
			continue;
		code[i] = was == '7' ? '8' : '7';
		n++;
		found += kit_read(code, &sheet, &back, NULL) != ST_OK;
		code[i] = was;
	}
	assert_int_equal(n, KIT_SYMBOLS);
	assert_int_equal(found, n);
}

static void
a_sheet_of_a_newer_version_or_another_length_is_refused(void **state)
{
	char code[KIT_TEXT_BYTES];
	struct device_seed back;
	enum kit_sheet sheet;

	(void)state;
	kit_write((enum kit_sheet)4, &seed, code);
	assert_int_equal(kit_read(code, &sheet, &back, NULL), ST_VERSION);
	code[strlen(code) - 1] = '\0';
	assert_int_equal(kit_read(code, &sheet, &back, NULL), ST_MALFORMED);
	assert_int_equal(kit_read("", &sheet, &back, NULL), ST_MALFORMED);
}

static void
two_halves_give_the_whole_and_one_gives_nothing_of_it(void **state)
{
	const struct device_seed first = {{9, 9, 9}};
	struct device_seed second, whole;

	(void)state;
	kit_combine(&seed, &first, &second);
	assert_memory_not_equal(&second, &seed, sizeof seed);
	kit_combine(&first, &second, &whole);
	assert_memory_equal(&whole, &seed, sizeof seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sheet_is_read_back_as_it_was_printed),
	    cmocka_unit_test(the_code_of_a_sheet_never_changes),
	    cmocka_unit_test(a_mistyped_character_is_found),
	    cmocka_unit_test(a_sheet_of_a_newer_version_or_another_length_is_refused),
	    cmocka_unit_test(two_halves_give_the_whole_and_one_gives_nothing_of_it),
	};

	return cmocka_run_group_tests_name("kit", tests, NULL, NULL) != 0;
}
