/* test_invite.c - invite codes: forgiving about form, strict about content, and helpful
 * about where a code is wrong (SECURITY 5, attack test 22; UX 5, PN-I01). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base32.h"
#include "crypto/hash.h"
#include "crypto/labels.h"
#include "proto/invite.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char address[] = "sync.example.org:7443";
enum { FIRST_SYMBOL = sizeof address }; /* behind the slash */

static struct invite
sample(void)
{
	struct invite in = {.address = {"sync.example.org:7443"}};

	memset(&in.network, 0x4e, sizeof in.network);
	memset(&in.server, 0x53, sizeof in.server);
	memset(&in.secret, 0xc1, sizeof in.secret);
	return in;
}

static status
read_text(const char *text, struct invite *out, struct invite_fault *where)
{
	return invite_read(span_text(text), out, where, NULL);
}

static void
a_code_of_the_longest_address_has_140_characters(void **state)
{
	struct invite in = sample();
	char text[INVITE_TEXT_MAX + 1];
	struct invite out;

	(void)state;
	memcpy(in.address.text, "abcdefghijklmnopqrstuv:65535", 29);
	assert_int_equal(invite_write(&in, text), 140);
	assert_int_equal(strlen(text), 140);
	assert_int_equal(read_text(text, &out, NULL), ST_OK);
	assert_memory_equal(&in, &out, sizeof in);
}

static void
a_code_reads_back_in_any_case_and_with_blanks_and_confusions(void **state)
{
	struct invite in = sample();
	char text[INVITE_TEXT_MAX + 1];
	char typed[2 * INVITE_TEXT_MAX + 2];
	size_t len = invite_write(&in, text);
	size_t used = 0;
	struct invite out;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (i >= FIRST_SYMBOL && c == '0')
			c = 'O';
		else if (i >= FIRST_SYMBOL && c == '1')
			c = i % 2 == 0 ? 'l' : 'I';
		else if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		else if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		typed[used++] = c;
		if (i % INVITE_GROUP == 0)
			typed[used++] = i < FIRST_SYMBOL || i % 2 == 0 ? ' ' : '-';
	}
	typed[used++] = '\n';
	assert_int_equal(invite_read(span_of(typed, used), &out, NULL, NULL), ST_OK);
	assert_memory_equal(&in, &out, sizeof in);
}

static void
sec_22_a_single_wrong_symbol_is_refused_and_found(void **state)
{
	struct invite in = sample();
	char text[INVITE_TEXT_MAX + 1];
	size_t len = invite_write(&in, text);
	struct invite_fault where;
	struct invite out;

	(void)state;
	for (size_t i = FIRST_SYMBOL; i < len; i++) {
		char was = text[i];

		text[i] = was == 'Z' ? '0' : strchr(alphabet, was)[1];
		assert_int_equal(read_text(text, &out, &where), ST_MALFORMED);
		assert_int_equal(where.kind, INVITE_FAULT_TYPO);
		assert_int_equal(where.at, i);
		assert_int_equal(where.group, (i - FIRST_SYMBOL) / INVITE_GROUP + 1);
		assert_true(ID_IS_ZERO(&out.secret));
		text[i] = was;
	}
	assert_int_equal(read_text(text, &out, &where), ST_OK);
	assert_int_equal(where.kind, INVITE_FAULT_NONE);
}

/* The checksum alone, over all neighbours of the code, without looking for the place. */
static void
sec_22_no_neighbour_of_a_code_has_a_right_checksum(void **state)
{
	struct invite in = sample();
	char text[INVITE_TEXT_MAX + 1];
	struct invite out;
	struct invite_fault where;
	char *symbols = text + FIRST_SYMBOL;
	size_t tried = 0;

	(void)state;
	(void)invite_write(&in, text);
	for (size_t i = 0; i < INVITE_SYMBOLS; i++) {
		char was = symbols[i];

		for (const char *c = alphabet; *c != '\0'; c++) {
			uint8_t bytes[INVITE_BYTES];
			struct span parts[2] = {span_text(address), {bytes, 65}};
			struct hash32 hash;

			symbols[i] = *c;
			if (*c == was ||
			    base32_read(symbols, bytes, sizeof bytes, NULL) != ST_OK)
				continue;
			hash_256(LABEL_CODE, parts, 2, &hash);
			assert_memory_not_equal(hash.bytes, bytes + 65, 4);
			tried++;
		}
		symbols[i] = was;
	}
	assert_true(tried > 110 * 31);
	assert_int_equal(read_text(text, &out, &where), ST_OK);
}

static void
sec_22_every_single_wrong_character_of_the_address_is_refused(void **state)
{
	struct invite in = sample();
	char text[INVITE_TEXT_MAX + 1];
	struct invite_fault where;
	struct invite out;

	(void)state;
	(void)invite_write(&in, text);
	for (size_t i = 0; i < FIRST_SYMBOL; i++) {
		char was = text[i];

		text[i] = was == 'x' ? 'y' : was == '7' ? '8' : was == '4' ? '5' : 'x';
		assert_int_equal(read_text(text, &out, &where), ST_MALFORMED);
		assert_int_equal(where.group, 0);
		if (was != ':' && was != '/' && where.kind == INVITE_FAULT_TYPO)
			assert_int_equal(where.at, i);
		text[i] = was;
	}
}

static void
a_character_that_no_code_has_is_pointed_at(void **state)
{
	struct invite in = sample();
	char text[INVITE_TEXT_MAX + 1];
	struct invite_fault where;
	struct invite out;

	(void)state;
	(void)invite_write(&in, text);
	text[FIRST_SYMBOL + 12] = 'U';
	assert_int_equal(read_text(text, &out, &where), ST_MALFORMED);
	assert_int_equal(where.kind, INVITE_FAULT_SYMBOL);
	assert_int_equal(where.at, FIRST_SYMBOL + 12);
	assert_int_equal(where.group, 3);
}

static void
missing_and_surplus_symbols_are_counted(void **state)
{
	struct invite in = sample();
	char text[INVITE_TEXT_MAX + 2];
	size_t len = invite_write(&in, text);
	struct invite_fault where;
	struct invite out;

	(void)state;
	text[len - 1] = '\0';
	assert_int_equal(read_text(text, &out, &where), ST_MALFORMED);
	assert_int_equal(where.kind, INVITE_FAULT_SHORT);
	assert_int_equal(where.symbols, INVITE_SYMBOLS - 1);
	(void)invite_write(&in, text);
	text[len] = '7';
	text[len + 1] = '\0';
	assert_int_equal(read_text(text, &out, &where), ST_MALFORMED);
	assert_int_equal(where.kind, INVITE_FAULT_LONG);
	assert_int_equal(where.at, len);
	assert_int_equal(where.symbols, INVITE_SYMBOLS + 1);
}

static void
two_symbols_that_changed_places_are_found(void **state)
{
	struct invite in = sample();
	char text[INVITE_TEXT_MAX + 1];
	struct invite_fault where;
	struct invite out;
	size_t at = FIRST_SYMBOL + 20;
	char first;

	(void)state;
	(void)invite_write(&in, text);
	while (text[at] == text[at + 1])
		at++;
	first = text[at];
	text[at] = text[at + 1];
	text[at + 1] = first;
	assert_int_equal(read_text(text, &out, &where), ST_MALFORMED);
	assert_int_equal(where.kind, INVITE_FAULT_SWAP);
	assert_int_equal(where.at, at);
}

static void
two_wrong_characters_are_somewhere(void **state)
{
	struct invite in = sample();
	char text[INVITE_TEXT_MAX + 1];
	struct invite_fault where;
	struct invite out;

	(void)state;
	(void)invite_write(&in, text);
	text[FIRST_SYMBOL + 3] = text[FIRST_SYMBOL + 3] == 'A' ? 'B' : 'A';
	text[FIRST_SYMBOL + 50] = text[FIRST_SYMBOL + 50] == 'A' ? 'B' : 'A';
	assert_int_equal(read_text(text, &out, &where), ST_MALFORMED);
	assert_int_equal(where.kind, INVITE_FAULT_SOMEWHERE);
	assert_int_equal(where.at, strlen(text));
}

static void
a_newer_version_is_told_from_a_typing_error(void **state)
{
	uint8_t bytes[INVITE_BYTES] = {2};
	struct span parts[2] = {span_text(address), {bytes, 65}};
	char text[INVITE_TEXT_MAX + 1];
	struct invite_fault where;
	struct invite out;
	struct hash32 hash;

	(void)state;
	hash_256(LABEL_CODE, parts, 2, &hash);
	memcpy(bytes + 65, hash.bytes, 4);
	memcpy(text, address, sizeof address - 1);
	text[sizeof address - 1] = '/';
	base32_write(span_of(bytes, sizeof bytes), text + sizeof address);
	assert_int_equal(read_text(text, &out, &where), ST_VERSION);
	assert_int_equal(where.kind, INVITE_FAULT_VERSION);
}

static void
what_is_no_code_at_all_is_refused(void **state)
{
	static const char *const texts[] = {"", "/", ":", "hello", "host:1", ":1/",
	    "host:0/", "host:65536/", "host:07/", "ho_st:1/", "host/",
	    "a-host-name-that-is-too-long.example.org:7443/"};
	static char huge[INVITE_INPUT_MAX + 1];
	struct invite_fault where;
	struct invite out;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(read_text(texts[i], &out, &where), ST_MALFORMED);
		assert_int_equal(where.kind, INVITE_FAULT_ADDRESS);
		assert_true(where.at <= strlen(texts[i]));
	}
	assert_int_equal(
	    invite_read(span_of(huge, sizeof huge), &out, NULL, NULL), ST_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_code_of_the_longest_address_has_140_characters),
	    cmocka_unit_test(
		a_code_reads_back_in_any_case_and_with_blanks_and_confusions),
	    cmocka_unit_test(sec_22_a_single_wrong_symbol_is_refused_and_found),
	    cmocka_unit_test(sec_22_no_neighbour_of_a_code_has_a_right_checksum),
	    cmocka_unit_test(
		sec_22_every_single_wrong_character_of_the_address_is_refused),
	    cmocka_unit_test(a_character_that_no_code_has_is_pointed_at),
	    cmocka_unit_test(missing_and_surplus_symbols_are_counted),
	    cmocka_unit_test(two_symbols_that_changed_places_are_found),
	    cmocka_unit_test(two_wrong_characters_are_somewhere),
	    cmocka_unit_test(a_newer_version_is_told_from_a_typing_error),
	    cmocka_unit_test(what_is_no_code_at_all_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
