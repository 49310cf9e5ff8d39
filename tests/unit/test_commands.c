/* test_commands.c - the table of commands agrees with itself: names, help, examples that
 * parse, options in the form that the parser reads (UX 1.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/commands/command.h"
#include "unit/words.h"

static struct call call;
static struct complaint complaint;

static status
parse(const char *line)
{
	static char copy[1024];
	char *words[WORDS_MAX];

	memset(&call, 0, sizeof call);
	memset(&complaint, 0, sizeof complaint);
	call.complaint = &complaint;
	(void)snprintf(copy, sizeof copy, "%s", line);
	return call_parse(&call, words_cut(copy, words), words);
}

static void
every_command_has_a_summary_and_a_function(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *c = &commands[i];

		assert_non_null(c->run);
		assert_true(strlen(c->name) > 0 && strlen(c->summary) > 10);
		assert_true(c->args_min <= c->args_max);
		assert_true((c->args_max > 0) == (c->args[0] != '\0'));
	}
}

static void
no_two_commands_have_one_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		for (size_t k = i + 1; k < n_commands; k++)
			assert_string_not_equal(commands[i].name, commands[k].name);
	}
}

static void
every_example_is_a_call_of_its_own_command(void **state)
{
	char begin[64];

	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		const struct command *c = &commands[i];

		(void)snprintf(begin, sizeof begin, "pnet %s", c->name);
		if (strncmp(c->example, begin, strlen(begin)) != 0)
			fail_msg("the example of %s begins otherwise: %s", c->name,
			    c->example);
		if (parse(c->example + strlen("pnet ")) != ST_OK)
			fail_msg("%s does not parse: %s", c->example, complaint.why);
		assert_ptr_equal(call.command, c);
	}
}

/* The rows of the list are explained, and marked as met. */
static void
check_texts(const struct command *c, const char *list, bool *met)
{
	for (const char *at = list; *at != '\0';) {
		size_t n = strcspn(at, ",");
		const struct option_text *o = command_option_text(c, at, n);

		if (o == NULL || o->text[0] == '\0')
			fail_msg("--%.*s of %s is not explained", (int)n, at,
			    c == NULL ? "every command" : c->name);
		met[o - option_texts] = true;
		at += n + (at[n] == ',');
	}
}

static void
every_option_is_explained_and_nothing_else_is(void **state)
{
	bool met[256] = {false};

	(void)state;
	assert_true(n_option_texts <= sizeof met);
	check_texts(NULL, call_global_options, met);
	for (size_t i = 0; i < n_commands; i++)
		check_texts(&commands[i], commands[i].options, met);
	for (size_t i = 0; i < n_option_texts; i++) {
		if (!met[i])
			fail_msg("no command has --%s of '%s'", option_texts[i].option,
			    option_texts[i].commands);
	}
}

/* Each option of a row alone, with a value where it takes one. */
static void
every_option_of_every_row_parses(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_commands; i++) {
		char list[512], line[256];
		char *rest = list;

		(void)snprintf(list, sizeof list, "%s", commands[i].options);
		for (char *o; (o = strsep(&rest, ",")) != NULL && *o != '\0';) {
			size_t len = strcspn(o, "=");

			(void)snprintf(line, sizeof line, "%s --%.*s%s --help",
			    commands[i].name, (int)len, o, o[len] == '=' ? "=1" : "");
			if (parse(line) != ST_OK)
				fail_msg("%s: %s", line, complaint.why);
			o[len] = '\0';
			assert_true(call_has(&call, o));
		}
	}
}

static void
a_mistyped_command_is_answered_with_the_near_one(void **state)
{
	(void)state;
	assert_int_equal(parse("atend SK-W9"), ST_USAGE);
	assert_string_equal(complaint.next[0], "pnet attend --help");
	assert_int_equal(parse("close"), ST_USAGE);
	assert_int_equal(parse("close SK-W9 SK-W10"), ST_USAGE);
	assert_int_equal(parse("close SK-W9 --reson x"), ST_USAGE);
	assert_int_equal(parse("reopen SK-W9 --reason"), ST_USAGE);
}

static void
an_option_may_come_again_and_keeps_its_order(void **state)
{
	(void)state;
	assert_int_equal(parse("attend SK-W9 2 --set 1=P --clear 2 --set=3=A -n"), ST_OK);
	assert_int_equal(call.n_args, 2);
	assert_true(call.global.is_dry_run);
	assert_string_equal(call.options[0].value, "1=P");
	assert_string_equal(call.options[1].name, "clear");
	assert_string_equal(call.options[2].value, "3=A");
	assert_string_equal(call_option(&call, "set"), "3=A");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_command_has_a_summary_and_a_function),
	    cmocka_unit_test(no_two_commands_have_one_name),
	    cmocka_unit_test(every_example_is_a_call_of_its_own_command),
	    cmocka_unit_test(every_option_is_explained_and_nothing_else_is),
	    cmocka_unit_test(every_option_of_every_row_parses),
	    cmocka_unit_test(a_mistyped_command_is_answered_with_the_near_one),
	    cmocka_unit_test(an_option_may_come_again_and_keeps_its_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
