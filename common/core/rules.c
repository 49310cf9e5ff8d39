/* rules.c - the table of rules. Pure. */
#include "core/rules.h"

#include <assert.h>

#define A RULE_ACTIVITY
#define O RULE_OFFICE
#define C RULE_COUNTRY
#define X RULE_NETWORK

#define CLOSE GATE_BIT(GATE_CLOSE)
#define NAMES GATE_BIT(GATE_NAMES)
#define SIGN GATE_BIT(GATE_SIGN)
#define SUBMIT GATE_BIT(GATE_SUBMIT)
#define ACCEPT GATE_BIT(GATE_ACCEPT)
#define PART_A GATE_BIT(GATE_PART_A)
#define PART_B GATE_BIT(GATE_PART_B)
#define PAPER GATE_BIT(GATE_PAPER)

/* Rules that the sample's order names come first (DOMAIN 6.8), then the others by
 * number. */
enum { AFTER_NAMED = 100 };
#define BY_NUMBER(n) (AFTER_NAMED + (n))

#define INFO(n, scopes, message, settle)                                                 \
	{                                                                                \
		n, RULE_INFO, SEVERITY_INFO, scopes, NULL, BY_NUMBER(n), 0, message,     \
		    settle                                                               \
	}
#define ENTRY(n, scopes, message, settle)                                                \
	{                                                                                \
		n, RULE_ENTRY, SEVERITY_WARNING, scopes, NULL, BY_NUMBER(n), 0, message, \
		    settle                                                               \
	}
#define WARNING(n, scopes, place, message, settle)                                       \
	{                                                                                \
		n, RULE_WARNING, SEVERITY_WARNING, scopes, NULL, place, 0, message,      \
		    settle                                                               \
	}
#define WARN_ALL(n, scopes, place, group, message, settle)                               \
	{                                                                                \
		n, RULE_WARNING, SEVERITY_WARNING, scopes, group, place, 0, message,     \
		    settle                                                               \
	}
#define GATE(n, scopes, place, gates, message, settle)                                   \
	{                                                                                \
		n, RULE_GATE, SEVERITY_GATE, scopes, NULL, place, gates, message, settle \
	}
#define GATE_ALL(n, scopes, place, gates, group, message, settle)                        \
	{                                                                                \
		n, RULE_GATE, SEVERITY_GATE, scopes, group, place, gates, message,       \
		    settle                                                               \
	}

/* clang-format off */
static const struct rule rules[] = {
	ENTRY(1, RULE_ANY, "value not in the vocabulary", "pnet history %s"),
	ENTRY(2, RULE_ANY, "not a real date", "pnet history %s"),
	ENTRY(3, O | A, "day outside the days of the activity", "pnet activity show %s"),
	ENTRY(4, RULE_ANY, "name empty, too long, or with characters that a name cannot have", "pnet history %s"),
	WARNING(5, RULE_ANY, BY_NUMBER(5), "text begins like a formula", "pnet history %s"),
	WARNING(6, C | O | X, BY_NUMBER(6), "text names a young person", "pnet report edit %s"),
	WARNING(7, RULE_ANY, BY_NUMBER(7), "one code used twice", "pnet history %s"),
	INFO(8, RULE_ANY, "edit time more than 24 h ahead of the server's time", "pnet history %s"),
	WARNING(9, RULE_ANY, BY_NUMBER(9), "written by somebody who may not write it; kept, not shown", "pnet member list"),
	ENTRY(10, A, "age outside 6-30", "pnet young list %s"),
	WARNING(11, A, BY_NUMBER(11), "birth year not stated", "pnet young list %s"),
	WARN_ALL(12, A, 2, "young people", "age outside the range of the practice", "pnet young list %s"),
	WARNING(13, A, BY_NUMBER(13), "near duplicates in one club", "pnet review"),
	WARN_ALL(14, A, 0, "closed held and running workshops", "consent still pending", "pnet young list %s"),
	GATE_ALL(15, A, 1, NAMES, "closed workshops", "consent refused but names stored", "pnet young list %s"),
	WARNING(16, A, BY_NUMBER(16), "consent given without a guardian below the country's age", "pnet young list %s"),
	ENTRY(17, A | O, "marks on days not held or not enrolled", "pnet activity show %s"),
	GATE(18, A | O, 6, CLOSE, "marks missing on held days; workshop cannot be closed", "pnet attend %s --ask"),
	GATE(19, A | O, BY_NUMBER(19), CLOSE, "open conflicts in marks; workshop cannot be closed", "pnet review"),
	GATE(20, O, BY_NUMBER(20), CLOSE, "too few days held; workshop cannot be closed", "pnet activity show %s"),
	WARNING(21, O, BY_NUMBER(21), "days not consecutive", "pnet activity show %s"),
	WARNING(22, O, 3, "no new or no experienced co-facilitator", "pnet activity team %s"),
	WARNING(23, O | X, BY_NUMBER(23), "the experienced one never led this practice", "pnet activity team %s"),
	WARNING(24, O, 5, "no held coaching before the workshop", "pnet activity list --type peer_coaching"),
	WARNING(25, O | X, BY_NUMBER(25), "the new one was at no summer school", "pnet activity team %s"),
	WARNING(26, X, BY_NUMBER(26), "summer school outside 40-50 people", "pnet activity team %s"),
	WARNING(27, O, BY_NUMBER(27), "coaching not at the organisation of the workshop", "pnet activity show %s"),
	WARNING(28, A, BY_NUMBER(28), "changes after closing", "pnet review"),
	WARNING(29, A, BY_NUMBER(29), "retention time is over and personal data is still stored", "pnet young list %s"),
	WARNING(30, X | O, 7, "report still draft more than 14 days after the workshop", "pnet report edit %s"),
	GATE(31, X | C, BY_NUMBER(31), SIGN | SUBMIT | ACCEPT, "empty section", "pnet report edit %s"),
	GATE(32, X, BY_NUMBER(32), SUBMIT | ACCEPT, "not exactly one rating per author", "pnet report rate %s"),
	GATE(33, X, 4, SUBMIT | ACCEPT, "only one sign-off; report cannot be accepted", "pnet report sign %s"),
	GATE(34, X | C, BY_NUMBER(34), SIGN | SUBMIT | ACCEPT, "open hot spot in the text", "pnet report show %s"),
	WARN_ALL(35, X, 8, "transferability reports", "the two verdicts differ", "pnet report show %s"),
	GATE(40, X | O, BY_NUMBER(40), PART_A | PART_B, "not eligible for the compendium", "pnet practice show %s"),
	GATE(41, X, 9, PART_A, "description not revised after the latest accepted report", "pnet report edit %s"),
	WARNING(42, O, BY_NUMBER(42), "country without roundtable", "pnet roundtable list"),
	WARNING(43, O, BY_NUMBER(43), "fewer than two roundtable meetings", "pnet roundtable show %s"),
	GATE(44, O | X, 10, PAPER, "advocacy report not accepted; working paper cannot be published", "pnet paper show %s"),
	ENTRY(45, X, "edit of a released publication item; make a new edition", "pnet compendium show %s"),
};
/* clang-format on */

const struct rule *
rules_all(size_t *n)
{
	*n = sizeof rules / sizeof rules[0];
	return rules;
}

const struct rule *
rules_find(unsigned number)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (rules[i].number == number)
			return &rules[i];
	}
	return NULL;
}

const char *
rules_severity_name(enum severity s)
{
	static const char *const names[] = {"info", "warning", "gate"};

	_Static_assert(sizeof names / sizeof names[0] == SEVERITY_COUNT, "a name each");
	return names[s];
}

const char *
rules_gate_verb(enum gate g)
{
	static const char *const verbs[] = {"be closed",
	    "be printed or exported with names", "be signed", "be submitted",
	    "be accepted", "go into part A", "go into part B", "be published"};

	_Static_assert(sizeof verbs / sizeof verbs[0] == GATE_COUNT, "a verb each");
	return verbs[g];
}

/* clang-format off */
static const struct {
	const char *name;
	uint32_t n;
} limits[] = {
	[LIMIT_AGE_MIN]             = {"age_min", 6},
	[LIMIT_AGE_MAX]             = {"age_max", 30},
	[LIMIT_WORKSHOP_DAYS_HELD]  = {"workshop_days_held", 4},
	[LIMIT_COACHING_DAYS_HELD]  = {"coaching_days_held", 2},
	[LIMIT_SCHOOL_PEOPLE_MIN]   = {"school_people_min", 40},
	[LIMIT_SCHOOL_PEOPLE_MAX]   = {"school_people_max", 50},
	[LIMIT_RETENTION_MONTHS]    = {"retention_months", 12},
	[LIMIT_DRAFT_DAYS]          = {"draft_days", 14},
	[LIMIT_ROUNDTABLE_MEETINGS] = {"roundtable_meetings", 2},
	[LIMIT_COMPLETER_PERCENT]   = {"completer_percent", 80},
	[LIMIT_SUPPRESS_BELOW]      = {"suppress_below", 5},
};
/* clang-format on */
_Static_assert(sizeof limits / sizeof limits[0] == LIMIT_COUNT, "a row each");

uint32_t
rules_limit(enum limit which)
{
	assert(which < LIMIT_COUNT);
	return limits[which].n;
}

const char *
rules_limit_name(enum limit which)
{
	assert(which < LIMIT_COUNT);
	return limits[which].name;
}
