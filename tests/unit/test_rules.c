/* test_rules.c - the table of rules: every rule of DOMAIN 4 once, in the order of the
 * expected file, with gates that block what they say, and commands that run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "core/rules.h"
#include "unit/words.h"

static void
every_rule_is_declared_once_by_number(void **state)
{
	size_t n;
	const struct rule *rules = rules_all(&n);

	(void)state;
	assert_int_equal(n, 41); /* V1 to V35, V40 to V45 */
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(rules[i].number, i < 35 ? i + 1 : i + 5);
		assert_ptr_equal(rules_find(rules[i].number), &rules[i]);
		assert_null(strchr(rules[i].message, '\n'));
		assert_int_equal(
		    rules[i].severity == SEVERITY_GATE, rules[i].class == RULE_GATE);
		assert_int_equal(rules[i].gates != 0, rules[i].class == RULE_GATE);
		assert_true(
		    rules[i].scopes != 0 && (rules[i].scopes | RULE_ANY) == RULE_ANY);
	}
	assert_null(rules_find(36));
	assert_null(rules_find(0));
}

static void
lines_follow_the_sample_then_the_numbers(void **state)
{
	static const unsigned first[] = {14, 15, 12, 22, 33, 24, 18, 30, 35, 41, 44, 1};
	size_t n;
	const struct rule *rules = rules_all(&n);

	(void)state;
	for (size_t i = 1; i < sizeof first / sizeof first[0]; i++)
		assert_true(
		    rules_find(first[i - 1])->place < rules_find(first[i])->place);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(rules[i].place, rules[k].place);
	}
}

static void
each_action_is_blocked_by_its_rules_alone(void **state)
{
	static const struct {
		enum gate gate;
		unsigned rules[6];
	} blocked[GATE_COUNT] = {
	    {GATE_CLOSE, {18, 19, 20}},
	    {GATE_NAMES, {15}},
	    {GATE_SIGN, {31, 34}},
	    {GATE_SUBMIT, {31, 32, 33, 34}},
	    {GATE_ACCEPT, {31, 32, 33, 34}},
	    {GATE_PART_A, {40, 41}},
	    {GATE_PART_B, {40}},
	    {GATE_PAPER, {44}},
	};
	size_t n;
	const struct rule *rules = rules_all(&n);

	(void)state;
	for (size_t g = 0; g < GATE_COUNT; g++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++) {
			if ((rules[i].gates & GATE_BIT(blocked[g].gate)) != 0)
				assert_int_equal(rules[i].number, blocked[g].rules[k++]);
		}
		assert_int_equal(blocked[g].rules[k], 0);
	}
}

static void
limits_are_those_of_the_domain(void **state)
{
	static const struct {
		enum limit which;
		uint32_t n;
		const char *name;
	} limits[] = {{LIMIT_AGE_MIN, 6, "age_min"}, {LIMIT_AGE_MAX, 30, "age_max"},
	    {LIMIT_WORKSHOP_DAYS_HELD, 4, "workshop_days_held"},
	    {LIMIT_COACHING_DAYS_HELD, 2, "coaching_days_held"},
	    {LIMIT_SCHOOL_PEOPLE_MIN, 40, "school_people_min"},
	    {LIMIT_SCHOOL_PEOPLE_MAX, 50, "school_people_max"},
	    {LIMIT_RETENTION_MONTHS, 12, "retention_months"},
	    {LIMIT_DRAFT_DAYS, 14, "draft_days"},
	    {LIMIT_ROUNDTABLE_MEETINGS, 2, "roundtable_meetings"},
	    {LIMIT_COMPLETER_PERCENT, 80, "completer_percent"},
	    {LIMIT_SUPPRESS_BELOW, 5, "suppress_below"}};

	(void)state;
	assert_int_equal(sizeof limits / sizeof limits[0], LIMIT_COUNT);
	for (size_t i = 0; i < LIMIT_COUNT; i++) {
		assert_int_equal(rules_limit(limits[i].which), limits[i].n);
		assert_string_equal(rules_limit_name(limits[i].which), limits[i].name);
	}
}

/* Is any command of that first word in the table? One that is not built is absent. */
static bool
is_built(const char *line)
{
	size_t len = strcspn(line, " ");

	for (size_t i = 0; i < n_commands; i++) {
		if (strncmp(commands[i].name, line, len) == 0)
			return true;
	}
	return false;
}

static void
the_command_that_settles_each_rule_is_understood(void **state)
{
	static struct call call;
	size_t n;
	const struct rule *rules = rules_all(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const char *settle = rules[i].settle, *hole = strstr(settle, "%s");
		struct complaint complaint = {0};
		char *words[WORDS_MAX], line[200];

		assert_memory_equal(settle, "pnet ", 5);
		(void)snprintf(line, sizeof line, "%.*s%s%s",
		    hole == NULL ? (int)strlen(settle) - 5 : (int)(hole - settle) - 5,
		    settle + 5, hole == NULL ? "" : "SK-W9",
		    hole == NULL ? "" : hole + 2);
		if (!is_built(line))
			continue;
		memset(&call, 0, sizeof call);
		call.complaint = &complaint;
		if (call_parse(&call, words_cut(line, words), words) != ST_OK)
			fail_msg("V%u: %s: %s", rules[i].number, settle, complaint.why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_rule_is_declared_once_by_number),
	    cmocka_unit_test(lines_follow_the_sample_then_the_numbers),
	    cmocka_unit_test(each_action_is_blocked_by_its_rules_alone),
	    cmocka_unit_test(limits_are_those_of_the_domain),
	    cmocka_unit_test(the_command_that_settles_each_rule_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
