/* figures.h - the totals of one activity: what a tally says about it (DOMAIN 6.2), and
 * what follows from them. Nothing in here names anybody. Pure. */
#ifndef CORE_FIGURES_H
#define CORE_FIGURES_H

#include "core/schema.h"

/* Was the day held? What is stored is empty, yes or no; a conflict of yes against no is
 * "not decided" like the empty value (DOMAIN 5). */
enum held { HELD_OPEN, HELD_NO, HELD_YES };

struct range {
	uint32_t min, max;
};

/* Ages by start year minus birth year (DOMAIN 6.3). */
enum age_band {
	AGE_UNDER_14,
	AGE_14_15,
	AGE_16_17,
	AGE_18_20,
	AGE_21_UP,
	AGE_NOT_STATED, /* counts in enrolled and total, in no band */
	AGE_BAND_COUNT
};

/* Counts of findings about young people, for those who may not see whom (DESIGN 3.2). */
enum figure_rule {
	FIG_V10,
	FIG_V11,
	FIG_V12,
	FIG_V13,
	FIG_V14,
	FIG_V15,
	FIG_V16,
	FIG_V17,
	FIG_V18,
	FIG_V19,
	FIGURE_RULE_COUNT
};

struct figure_day {
	/* Derived: a day with a mark is held unless it is said not to be. */
	enum held held;
	struct range attended;
};

/* What a tally says (DOMAIN 6.2). Order and names as in schema.def. */
struct figures {
	uint32_t days_planned;
	uint32_t days_held;
	uint32_t enrolled;
	uint32_t expected; /* marks: held days within joined..left, over all rows */
	struct range present, late, excused, absent, missing;
	struct range attended;   /* present + late */
	struct range completers; /* attended at least 80 % of the held days */
	/* [day_no - 1], days_planned of them. */
	struct figure_day days[SCHEMA_DAY_NO_MAX];
	uint32_t gender[GENDER_COUNT]; /* [GENDER_UNSET] is always 0: unset counts as n */
	uint32_t ages[AGE_BAND_COUNT];
	uint32_t team_new, team_experienced;
	/* V18 and V19 by roll_make(), the others by findings_roll(). */
	uint32_t rules[FIGURE_RULE_COUNT];
};

/* Tenths of a percent, half up: (2000 a + e) / (2 e). False if expected is 0. */
bool figures_rate(uint32_t attended, uint32_t expected, uint32_t *tenths);
enum age_band figures_age_band(int start_year, unsigned birth_year);
bool figures_equal(const struct figures *a, const struct figures *b);
/* Adds every figure of b to a (country totals); days and rules too. */
void figures_add(struct figures *a, const struct figures *b);
/* Has a new and an experienced one. */
bool figures_is_cofacilitated(const struct figures *f);

/* Where a figure lies: a number, or a range whose maximum is stored in the field behind
 * its minimum. The same field ids stand in `tally` and `provisional`. */
struct figure_slot {
	uint16_t field; /* F_TALLY_... = F_PROVISIONAL_... */
	bool is_range;
	size_t offset; /* in struct figures */
};
/* Every figure but `days`, ascending by field. */
const struct figure_slot *figures_slots(size_t *n);

/* ---- life cycle of an activity (DOMAIN 3), derived ---- */
enum activity_state {
	STATE_PLANNED,
	STATE_RUNNING, /* first held day */
	STATE_HELD,    /* every day decided */
	STATE_CLOSED,  /* a tally that no reopening names */
	STATE_CANCELLED,
	ACTIVITY_STATE_COUNT
};
enum activity_state figures_state(
    const struct figures *f, bool is_cancelled, bool is_closed);
/* "planned" and so on, static storage. */
const char *figures_state_name(enum activity_state s);

/* Days planned by type: 5, 2, 5, 3, 1. */
unsigned figures_days_planned(enum activity_type type);

#endif
