/* roll.h - the attendance of one activity as plain values, and the figures that follow
 * from it (DOMAIN 6.2). It reads no store: the replica fills the struct. Pure.
 *
 * Totals never come from a stored counter, so they are right after any merge. A mark that
 * is in conflict counts neither way: every figure it touches has a minimum and a maximum.
 */
#ifndef CORE_ROLL_H
#define CORE_ROLL_H

#include "base/arena.h"
#include "base/ids.h"
#include "core/schema.h"

/* Was the day held? What is stored is empty, yes or no; a conflict of yes against no is
 * "not decided" like the empty value (DOMAIN 5). */
enum held { HELD_OPEN, HELD_NO, HELD_YES };

struct roll_day {
	uint8_t day_no; /* 1..SCHEMA_DAY_NO_MAX */
	bool has_date;
	uint32_t date;  /* days since 1970-01-01 */
	enum held held; /* as stored; roll_figures() derives the rest */
};

/* The different values that stand in one key of `marks`, as a set: bit n = enum mark n;
 * bit MARK_NONE = a cleared mark. Empty = nothing was ever written. Two bits = conflict.
 */
struct cell {
	uint8_t values;
};

static inline struct cell
cell_of(enum mark m)
{
	return (struct cell){(uint8_t)(1U << m)};
}

/* One roster entry with its enrolment. Names are borrowed. */
struct roll_row {
	struct person_key person;
	bool has_same_as;
	struct person_key same_as; /* joined to that one; only when settled (DOMAIN 5) */
	struct record_id record;   /* of the enrolment; breaks ties of `no` */
	uint32_t no;               /* number in the activity; 0 = none given */
	uint8_t joined_day;        /* 0 = from day 1 */
	uint8_t left_day;          /* last day; 0 = to the end */
	uint16_t birth_year;       /* 0 = not stated */
	enum gender gender;
	enum consent consent; /* CONSENT_UNSET counts as pending */
	enum consent_by consent_by;
	struct span given_name;
	struct span family_name;
};

/* One key of one day's sheet. */
struct roll_mark {
	uint8_t day_no;
	struct person_key person;
	struct cell cell;
};

struct roll {
	int start_year;        /* of the activity */
	unsigned days_planned; /* of the activity type or the days entered, <= 31 */
	size_t n_days;
	const struct roll_day *days; /* any order; a day_no at most once */
	size_t n_rows;
	const struct roll_row *rows; /* any order */
	size_t n_marks;
	const struct roll_mark
	    *marks;        /* any order; marks of nobody on the roster count not */
	unsigned team_new; /* members of the team marked `new` */
	unsigned team_experienced; /* and `experienced` */
};

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
	enum held
	    held; /* derived: a day with a mark is held unless it is said not to be */
	struct range attended;
};

/* What a tally says (DOMAIN 6.2). Order and names as in schema.def. */
struct figures {
	unsigned days_planned;
	unsigned days_held;
	uint32_t enrolled;
	uint32_t expected; /* marks: held days within joined..left, over all rows */
	struct range present, late, excused, absent, missing;
	struct range attended;   /* present + late */
	struct range completers; /* attended at least 80 % of the held days */
	struct figure_day
	    days[SCHEMA_DAY_NO_MAX];   /* [day_no - 1], days_planned of them */
	uint32_t gender[GENDER_COUNT]; /* [GENDER_UNSET] is always 0: unset counts as n */
	uint32_t ages[AGE_BAND_COUNT];
	uint32_t team_new, team_experienced;
	uint32_t
	    rules[FIGURE_RULE_COUNT]; /* V10..V17 by findings_count(); V18, V19 here */
};

/* One line of the roll: one person, all entries that same_as joins seen as one (DOMAIN
 * 2). */
struct roll_line {
	const struct roll_row *row;           /* the entry that is shown */
	size_t n_entries;                     /* 1, more after a join */
	uint32_t days;                        /* bit day_no-1: enrolled that day */
	struct cell cells[SCHEMA_DAY_NO_MAX]; /* of all its entries together */
	struct range attended;                /* days */
};

/* The roll with rows joined, sorted by (no, record name), and its figures. */
struct roll_view {
	size_t n_lines;
	struct roll_line *lines;
	struct figures figures;
};

/* ---- marks ---- */
/* One value and no conflict: that mark; MARK_NONE if empty, cleared or in conflict. */
enum mark cell_mark(struct cell c);
bool cell_is_conflict(struct cell c);
/* Nothing there or cleared: what V18 counts on a held day. */
bool cell_is_missing(struct cell c);
/* Marks of two joined entries read together: equal is fine, different is a conflict; an
 * entry without a value says nothing. */
struct cell cell_join(struct cell a, struct cell b);
/* "present", "P", "p", "1", "Present" -> MARK_PRESENT; false if it is none of them. */
bool mark_parse(struct span text, enum mark *out);
/* 'P', 'L', 'E', 'A'; '?' for MARK_NONE. */
char mark_letter(enum mark m);

/* ---- the whole ---- */
/* Everything lives in the arena, but names stay borrowed. Days beyond days_planned and
 * marks on them count not. Returns ST_NO_MEMORY, ST_MALFORMED (day numbers out of 1..31).
 */
status roll_view(
    const struct roll *r, struct arena *a, struct roll_view *out, struct trouble *t);
/* The entries that same_as joins: the person who stands for `person` in these rows. Of a
 * ring the smallest key. */
struct person_key roll_root(const struct roll *r, struct person_key person);
bool roll_is_enrolled(const struct roll_line *line, unsigned day_no);
/* Days planned by type: 5, 2, 5, 3, 1. */
unsigned activity_days(enum activity_type type);

/* Missing marks (V18) or open conflicts (V19), in the order of lines, then days. */
struct roll_place {
	size_t line; /* index in the view; its number on the sheet is line + 1 */
	uint8_t day_no;
	struct cell cell;
};
status roll_missing(const struct roll_view *v, struct arena *a, struct roll_place **out,
    size_t *n, struct trouble *t);
status roll_conflicts(const struct roll_view *v, struct arena *a, struct roll_place **out,
    size_t *n, struct trouble *t);

/* ---- figures ---- */
/* Tenths of a percent, half up: (2000 a + e) / (2 e). False if expected is 0. */
bool figures_rate(uint32_t attended, uint32_t expected, uint32_t *tenths);
enum age_band figures_age_band(int start_year, unsigned birth_year);
bool figures_equal(const struct figures *a, const struct figures *b);
/* Adds every figure of b to a (country totals); days and rules too. */
void figures_add(struct figures *a, const struct figures *b);
/* Has a new and an experienced one. */
bool figures_is_cofacilitated(const struct figures *f);

/* ---- life cycle of an activity (DOMAIN 3), derived ---- */
enum activity_state {
	STATE_PLANNED,
	STATE_RUNNING, /* first held day */
	STATE_HELD,    /* every day decided */
	STATE_CLOSED,  /* a tally that no reopening names */
	STATE_CANCELLED,
	ACTIVITY_STATE_COUNT
};
enum activity_state activity_state(
    const struct figures *f, bool is_cancelled, bool is_closed);
/* "planned" and so on, static storage. */
const char *activity_state_name(enum activity_state s);

#endif
