/* test_base32.c - bytes as text that people type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base32.h"

static void
bytes_of_every_length_come_back(void **state)
{
	uint8_t in[40];
	uint8_t out[40];
	char text[BASE32_SYMBOLS(40) + 1];

	(void)state;
	for (size_t i = 0; i < sizeof in; i++)
		in[i] = (uint8_t)(i * 37 + 200);
	for (size_t len = 0; len <= sizeof in; len++) {
		base32_write(span_of(in, len), text);
		assert_int_equal(strlen(text), BASE32_SYMBOLS(len));
		assert_int_equal(base32_read(text, out, len, NULL), ST_OK);
		assert_memory_equal(in, out, len);
	}
}

static void
known_bytes_have_known_symbols(void **state)
{
	char text[16];

	(void)state;
	base32_write(span_text("foobar"), text);
	assert_string_equal(text, "CSQPYRK1E8");
}

static void
people_may_type_it_their_way(void **state)
{
	uint8_t out[6];

	(void)state;
	assert_int_equal(base32_read("csqpy-rkle8", out, 6, NULL), ST_OK);
	assert_memory_equal(out, "foobar", 6);
	assert_int_equal(base32_read("CSQPY RKIE8", out, 6, NULL), ST_OK);
}

static void
wrong_texts_are_refused(void **state)
{
	uint8_t out[6];
	struct trouble t = {0};

	(void)state;
	assert_int_equal(base32_read("CSQPYRK1E", out, 6, &t), ST_MALFORMED);
	assert_int_equal(base32_read("CSQPYRK1E80", out, 6, &t), ST_MALFORMED);
	assert_int_equal(base32_read("CSQPYRK1E9", out, 6, &t), ST_MALFORMED);
	assert_int_equal(base32_read("CSQPYRK1EU", out, 6, &t), ST_MALFORMED);
	assert_int_equal(base32_read("", out, 6, &t), ST_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bytes_of_every_length_come_back),
	    cmocka_unit_test(known_bytes_have_known_symbols),
	    cmocka_unit_test(people_may_type_it_their_way),
	    cmocka_unit_test(wrong_texts_are_refused),
	};

	return cmocka_run_group_tests_name("base32", tests, NULL, NULL) != 0;
}
