/* roll.h - the attendance of one activity as plain values, and the figures that follow
 * from it (core/figures.h). It reads no store: the replica fills the struct. Pure.
 *
 * Totals never come from a stored counter, so they are right after any merge. A mark that
 * is in conflict counts neither way: every figure it touches has a minimum and a maximum.
 */
#ifndef CORE_ROLL_H
#define CORE_ROLL_H

#include "base/arena.h"
#include "base/ids.h"
#include "core/cell.h"
#include "core/figures.h"
#include "core/schema.h"

struct roll_day {
	uint8_t day_no; /* 1..SCHEMA_DAY_NO_MAX */
	bool has_date;
	uint32_t date;  /* days since 1970-01-01 */
	enum held held; /* as stored; roll_make() derives the rest */
};

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
	/* Any order. Marks of somebody who is not on the roster count not. */
	const struct roll_mark *marks;
	unsigned team_new;         /* members of the team marked `new` */
	unsigned team_experienced; /* and `experienced` */
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

/* Everything lives in the arena, but names stay borrowed. Days beyond days_planned and
 * marks on them count not. Returns ST_NO_MEMORY, ST_MALFORMED (day numbers out of 1..31).
 */
status roll_make(
    const struct roll *r, struct arena *a, struct roll_view *out, struct trouble *t);
/* The entries that same_as joins: the person who stands for `person` in these rows. Of a
 * ring the smallest key. */
struct person_key roll_root(const struct roll *r, struct person_key person);
bool roll_is_enrolled(const struct roll_line *line, unsigned day_no);

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

#endif
