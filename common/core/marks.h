/* marks.h - import of marks from CSV: a list of (enrolment, day, status), or a grid as
 * teachers keep it (names down, dates across). Like core/roster.h it judges and changes
 * nothing. An import never clears a mark: an empty cell of a grid says nothing, an empty
 * status in a list is rejected. Pure. */
#ifndef CORE_MARKS_H
#define CORE_MARKS_H

#include "core/csv.h"
#include "core/roll.h"

/* An activity that marks may be for. */
struct marks_target {
	struct span activity; /* code */
	const struct roll *roll;
	const struct roll_view *view;
};

enum marks_verdict { MARKS_ACCEPTED, MARKS_HELD, MARKS_REJECTED };

enum marks_reason {
	MARKS_FINE,
	MARKS_STRUCTURE,    /* see fault */
	MARKS_ENROLMENT,    /* no such enrolment within reach */
	MARKS_DAY,          /* not a day of the activity (V3) */
	MARKS_STATUS,       /* not a mark (V1) */
	MARKS_EMPTY,        /* no status: an import never clears a mark */
	MARKS_NOT_HELD,     /* the day was not held (V17) */
	MARKS_NOT_ENROLLED, /* not enrolled that day (V17) */
	MARKS_CONTRADICTED, /* held: another row says something else about the same mark
			     */
	MARKS_NAME_GUESSED, /* held: the name is nearly that of the line */
	MARKS_NAME_UNKNOWN, /* nobody is called that, or more than one */
	MARKS_REASON_COUNT
};

/* One mark of the file. target, line and day_no say where it goes; they are valid unless
 * it is rejected, and of MARKS_NAME_GUESSED line is the guess. */
struct marks_row {
	size_t file_line;
	enum marks_verdict verdict;
	enum marks_reason reason;
	enum csv_fault fault;
	size_t target; /* index into targets */
	size_t line;   /* index into its view */
	uint8_t day_no;
	enum mark mark;
	bool is_change; /* of accepted rows: something else stands there now */
};

struct marks_report {
	size_t n_rows;
	struct marks_row *rows;
	size_t n_accepted, n_held, n_rejected;
	size_t n_changes;          /* of the accepted */
	size_t n_names, n_matched; /* of a grid: lines with a name, and those found */
	size_t n_ignored;          /* columns that are no day */
};

/* `--map x=present,-=absent`: what a cell of the file means. */
struct marks_map {
	struct span text;
	enum mark mark;
};

/* Columns enrolment (CODE-Enn: the number in the activity), day, status; status as word
 * or letter in any case. text: UTF-8 without BOM. Returns ST_MALFORMED when the file is
 * refused (core/csv.h, a missing column), ST_LIMIT, ST_NO_MEMORY. */
status marks_read_list(struct span text, const struct marks_target *targets,
    size_t n_targets, struct arena *a, struct marks_report *out, struct trouble *t);

/* First column names, the others days: a date (12.10., 12.10.2026, 2026-10-12) or a
 * number. A name is found without case and diacritics in either order; within two typing
 * errors it is a guess and held. Cells: words, letters, or what the map says. Returns
 * ST_MALFORMED also for cells that mean nothing: the trouble lists them. */
status marks_read_grid(struct span text, const struct marks_target *target,
    const struct marks_map *map, size_t n_map, bool takes_guesses, struct arena *a,
    struct marks_report *out, struct trouble *t);

/* A sentence part for the report, static storage. */
const char *marks_reason_text(enum marks_reason reason);

#endif
