/* test_passphrase.c - where a passphrase comes from, and what a new one has to be. The
 * terminal is played by tests/cli/33-locked.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "client/commands/command.h"
#include "client/laptop/passphrase.h"

static struct complaint complaint;
static struct passphrase *got;

static int
setup(void **state)
{
	(void)state;
	memset(&complaint, 0, sizeof complaint);
	got = passphrase_new();
	return got == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	passphrase_free(got);
	return 0;
}

static const char *
file_of(const char *text, size_t len)
{
	static char path[64];
	int fd;

	(void)snprintf(path, sizeof path, "/tmp/pnet-phrase-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	(void)close(fd);
	return path;
}

static status
from_file(const char *text, size_t len)
{
	const struct passphrase_source s = {
	    .file = file_of(text, len), .asks_nothing = true};
	status st = passphrase_get(&s, "", &complaint, got);

	(void)unlink(s.file);
	return st;
}

static status
new_from_file(const char *text)
{
	struct rng_seeded seed;
	struct rng rng = rng_seeded(&seed, 1);
	const struct passphrase_source s = {
	    .file = file_of(text, strlen(text)), .asks_nothing = true};
	status st = passphrase_choose(&s, "this laptop", &rng, &complaint, got);

	(void)unlink(s.file);
	return st;
}

static void
the_first_line_of_a_file_is_it_whatever_ends_the_line(void **state)
{
	static const char *const texts[] = {"kolar mides", "kolar mides\n",
	    "kolar mides\r\n", "kolar mides\nand a note\n"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(from_file(texts[i], strlen(texts[i])), ST_OK);
		assert_string_equal(got->text, "kolar mides");
		assert_int_equal(got->len, 11);
	}
	assert_int_equal(from_file(" two  spaces ", 13), ST_OK);
	assert_string_equal(got->text, " two  spaces ");
}

static void
an_empty_file_holds_none_and_an_overlong_line_is_refused(void **state)
{
	char *text = malloc(PASSPHRASE_BYTES_MAX + 1);

	(void)state;
	assert_non_null(text);
	assert_int_equal(from_file("", 0), ST_NOT_FOUND);
	assert_int_equal(complaint.id, PN_F01);
	memset(text, 'a', PASSPHRASE_BYTES_MAX + 1);
	assert_int_equal(from_file(text, PASSPHRASE_BYTES_MAX), ST_OK);
	assert_int_equal(got->len, PASSPHRASE_BYTES_MAX);
	assert_int_not_equal(from_file(text, PASSPHRASE_BYTES_MAX + 1), ST_OK);
	free(text);
}

static void
a_missing_file_and_a_word_that_is_no_descriptor_are_told(void **state)
{
	static const char *const fds[] = {"", "x", "-1", "70000", "999", "3x"};
	const struct passphrase_source none = {.file = "/nowhere", .asks_nothing = true};

	(void)state;
	assert_int_equal(passphrase_get(&none, "", &complaint, got), ST_NOT_FOUND);
	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
		const struct passphrase_source s = {.fd = fds[i], .asks_nothing = true};

		assert_int_equal(passphrase_get(&s, "", &complaint, got), ST_NOT_FOUND);
		assert_int_equal(complaint.id, PN_F01);
	}
}

static void
a_descriptor_is_read_once_and_what_was_read_is_kept_for_the_call(void **state)
{
	struct passphrase_source s = {.asks_nothing = true, .kept = passphrase_new()};
	char number[16];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "kolar mides hot\nrest", 20), 20);
	(void)close(ends[1]);
	(void)snprintf(number, sizeof number, "%d", ends[0]);
	s.fd = number;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(passphrase_get(&s, "", &complaint, got), ST_OK);
		assert_string_equal(got->text, "kolar mides hot");
	}
	(void)close(ends[0]);
	passphrase_free(s.kept);
}

static void
without_file_and_person_there_is_nobody_to_ask(void **state)
{
	const struct passphrase_source s = {.asks_nothing = true};

	(void)state;
	assert_false(passphrase_is_at_hand(&s));
	assert_false(passphrase_is_typed(&s));
	assert_int_equal(passphrase_get(&s, "", &complaint, got), ST_NOT_JOINED);
	assert_int_equal(complaint.id, PN_NONE);
}

static void
a_new_one_has_twelve_characters_however_many_bytes_they_take(void **state)
{
	(void)state;
	assert_int_equal(new_from_file("elevenchars"), ST_MALFORMED);
	assert_int_equal(complaint.id, PN_V03);
	assert_int_equal(new_from_file("twelve chars"), ST_OK);
	assert_int_equal(new_from_file("čšžťďňľĺŕáí"), ST_MALFORMED);
	assert_int_equal(new_from_file("čšžťďňľĺŕáíé"), ST_OK);
}

static void
five_words_are_suggested_that_any_keyboard_has_and_never_the_same(void **state)
{
	char words[PASSPHRASE_SUGGESTION_BYTES], before[PASSPHRASE_SUGGESTION_BYTES] = "";
	struct rng_seeded seed;
	struct rng rng = rng_seeded(&seed, 7);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		size_t spaces = 0;

		passphrase_suggest(&rng, words);
		assert_int_equal(strlen(words), 29);
		assert_int_equal(strspn(words, "abcdefhijklmnoprstvw "), 29);
		for (const char *at = words; *at != '\0'; at++)
			spaces += *at == ' ';
		assert_int_equal(spaces, 4);
		assert_string_not_equal(words, before);
		memcpy(before, words, sizeof words);
	}
}

static void
capitals_alone_hint_at_caps_lock(void **state)
{
	(void)state;
	assert_true(passphrase_is_shouted(span_text("KOLAR MIDES 12")));
	assert_false(passphrase_is_shouted(span_text("Kolar")));
	assert_false(passphrase_is_shouted(span_text("1234")));
	assert_false(passphrase_is_shouted(span_text("")));
}

/* A value on the command line stands in the list of processes. */
static void
no_option_takes_a_passphrase(void **state)
{
	static const char *const allowed[] = {"passphrase-file=", "passphrase-fd="};

	(void)state;
	for (size_t i = 0; i <= n_commands; i++) {
		const char *at =
		    i == n_commands ? call_global_options : commands[i].options;

		for (; at != NULL; at = strchr(at, ','), at += at != NULL) {
			bool is_allowed = false;

			for (size_t k = 0; k < 2; k++)
				is_allowed |=
				    strncmp(at, allowed[k], strlen(allowed[k])) == 0;
			if (strncmp(at, "passp", 5) == 0 ||
			    strncmp(at, "passw", 5) == 0 || strncmp(at, "secret", 6) == 0)
				assert_true(is_allowed);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		the_first_line_of_a_file_is_it_whatever_ends_the_line, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		an_empty_file_holds_none_and_an_overlong_line_is_refused, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(
		a_missing_file_and_a_word_that_is_no_descriptor_are_told, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(
		a_descriptor_is_read_once_and_what_was_read_is_kept_for_the_call, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(
		without_file_and_person_there_is_nobody_to_ask, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_new_one_has_twelve_characters_however_many_bytes_they_take, setup,
		teardown),
	    cmocka_unit_test(
		five_words_are_suggested_that_any_keyboard_has_and_never_the_same),
	    cmocka_unit_test(capitals_alone_hint_at_caps_lock),
	    cmocka_unit_test(no_option_takes_a_passphrase),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
