/* rules.h - the declared table of rules V1..V45 (DOMAIN 4): number, severity, whose data
 * they speak of, how their lines are grouped and ordered (DOMAIN 6.8), what they block,
 * their words, and the command that settles them. The numbers that the rules compare with
 * stand here too. How each is found: core/findings.h for arithmetic over plain values,
 * the client for queries over the replica. Pure, constant. */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include <stddef.h>
#include <stdint.h>

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_GATE, SEVERITY_COUNT };

/* What a rule does. An ENTRY rule refuses at the keyboard and at import; after a merge,
 * which can break any rule, it is a warning. */
enum rule_class { RULE_INFO, RULE_WARNING, RULE_GATE, RULE_ENTRY };

/* Readerships whose records the rule needs (DESIGN 3.2): a mask. */
enum rule_scope {
	RULE_ACTIVITY = 1 << 0,
	RULE_OFFICE = 1 << 1,
	RULE_COUNTRY = 1 << 2,
	RULE_NETWORK = 1 << 3,
	RULE_ANY = RULE_ACTIVITY | RULE_OFFICE | RULE_COUNTRY | RULE_NETWORK
};

/* Actions that an open gate blocks. */
enum gate {
	GATE_CLOSE,  /* an activity */
	GATE_NAMES,  /* printing and exporting the names of an activity */
	GATE_SIGN,   /* a report */
	GATE_SUBMIT, /* a report, an advocacy report, minutes */
	GATE_ACCEPT, /* the same, by the office */
	GATE_PART_A, /* a practice into part A of the compendium */
	GATE_PART_B, /* and into part B */
	GATE_PAPER,  /* a working paper */
	GATE_COUNT
};
#define GATE_BIT(g) (1U << (g))

struct rule {
	unsigned number; /* 12 = V12 */
	enum rule_class class;
	enum severity severity; /* as a finding */
	unsigned scopes;        /* mask of enum rule_scope */
	/* One line with the count of all, about this; NULL: one line a subject. */
	const char *group;
	unsigned place;      /* of its lines among those of other rules */
	unsigned gates;      /* mask of GATE_BIT */
	const char *message; /* one line, for people */
	const char *settle;  /* a command; %s stands for the subject */
};

/* NULL if there is no such rule. Static storage. */
const struct rule *rules_find(unsigned number);
/* In the order of numbers. */
const struct rule *rules_all(size_t *n);
const char *rules_severity_name(enum severity s); /* "info", "warning", "gate" */
/* "be closed", "be signed": ends "SK-W9 cannot ... yet". */
const char *rules_gate_verb(enum gate g);

/* ---- numbers that rules compare with (DOMAIN 1, 4, 6) ---- */
enum limit {
	LIMIT_AGE_MIN,             /* V10, years at the start year */
	LIMIT_AGE_MAX,             /* V10 */
	LIMIT_WORKSHOP_DAYS_HELD,  /* V20, of the five */
	LIMIT_COACHING_DAYS_HELD,  /* V24, both */
	LIMIT_SCHOOL_PEOPLE_MIN,   /* V26 */
	LIMIT_SCHOOL_PEOPLE_MAX,   /* V26 */
	LIMIT_RETENTION_MONTHS,    /* V29, where the country says nothing */
	LIMIT_DRAFT_DAYS,          /* V30, after the last day */
	LIMIT_ROUNDTABLE_MEETINGS, /* V43 */
	LIMIT_COMPLETER_PERCENT,   /* 6.2, of the held days */
	LIMIT_SUPPRESS_BELOW,      /* k of 6.4 */
	LIMIT_COUNT
};
uint32_t rules_limit(enum limit which);
/* "school_people_min": its name in queries. */
const char *rules_limit_name(enum limit which);

#endif
