/* findings.h - rules of DOMAIN 4 (the table: core/rules.h) that are arithmetic over plain
 * values: about the young people of one roll, about activities and their figures. A merge
 * can break any rule although each laptop kept it, so nothing here prevents anything: it
 * lists. The replica fills the structs with what this device can read. Pure. */
#ifndef CORE_FINDINGS_H
#define CORE_FINDINGS_H

#include "base/arena.h"
#include "base/writer.h"
#include "core/roll.h"
#include "core/rules.h"

/* One line of `pnet findings` (DOMAIN 6.8). */
struct finding {
	unsigned rule; /* 12 = V12 */
	enum severity severity;
	struct span subject; /* code, or a group of things; borrowed or static */
	uint32_t count;
	const char *message; /* arena or static */
	uint32_t order;      /* country order of the subject; 0 for groups */
	const char *settle;  /* the command that settles it; NULL = that of the rule */
};

/* Grows in the arena. */
struct finding_list {
	struct arena *arena;
	size_t n, cap;
	struct finding *at;
	bool is_out_of_memory;
};

void findings_add(struct finding_list *list, struct finding f);

/* What the rules about young people need beside the roll (V10..V17). */
struct roll_rules {
	unsigned age_min, age_max; /* of the practice; 0 = none */
	unsigned
	    consent_below_age; /* guardian_consent_below_age of the country; 0 = none */
	enum activity_state state;
};

/* One finding about one person, for those who may see names. */
struct person_finding {
	unsigned rule;
	size_t line;    /* index in the view */
	size_t other;   /* V13: the second of the pair, > line; else SIZE_MAX */
	uint8_t day_no; /* V17, V18, V19; else 0 */
};

/* Every V10..V19 of one activity, by rule, then line, then day. V14 only from day 1 on
 * (running, held, closed); V15 only where names are still stored, that is for every line.
 * Fills view->figures.rules with the counts. Returns ST_NO_MEMORY. */
status findings_roll(const struct roll *r, struct roll_view *view,
    const struct roll_rules *rules, struct arena *a, struct person_finding **out,
    size_t *n, struct trouble *t);

/* Two names that may be one person: equal without case and diacritics, or with given and
 * family name swapped, and the same birth year or one missing (V13, I8). Keys by
 * text_fold_key(). */
struct name_keys {
	struct span given, family;
	unsigned birth_year; /* 0 = not stated */
};
bool findings_near(const struct name_keys *a, const struct name_keys *b);

/* One activity as the office sees it. */
struct finding_activity {
	struct span code;
	uint32_t country_order;
	enum activity_type type;
	enum activity_state state;
	struct record_id practice; /* zero = none */
	struct record_id org;
	uint32_t start; /* days since 1970-01-01 */
	struct figures
	    figures; /* tally or provisional; of adults only days_* and days[] */
	size_t n_days;
	const struct roll_day *days; /* ascending by day_no */
	/* Known only for the sake of others (a coaching before the workshop asked for):
	 * no line speaks about it. */
	bool is_background;
};

/* Lines of the rules about activities and the counts in their figures (V10 to V22, V24).
 * V12, V14 and V15 give one line with the count of all, the others one line per activity.
 * subject: what those three lines are about; NULL: the group of their rule. Messages are
 * made in the list's arena. */
void findings_activities(const struct finding_activity *activities, size_t n,
    const char *subject, struct finding_list *out);
/* Sorts by the order of rules of DOMAIN 6.8, then country order, then subject. */
void findings_sort(struct finding_list *list);
/* The list as CSV: rule,severity,subject,count,message. */
void findings_table(struct writer *w, const struct finding_list *list);

/* What blocks closing: V18, V19, V20 and nothing else. */
struct closing {
	uint32_t missing;   /* V18 */
	uint32_t conflicts; /* V19 */
	bool is_short;      /* V20: fewer than 4 of 5 days held */
	bool may_close;
};
struct closing findings_closing(const struct figures *f, enum activity_type type);

#endif
