/* roster.h - import of young people from CSV: rules I6..I10 of tests/data/hostile/
 * EXPECT.md, on top of csv.h. It decides about each row and changes nothing: a dry run
 * and the real import use the same report, and the caller inserts the accepted rows.
 * Pure. */
#ifndef CORE_ROSTER_H
#define CORE_ROSTER_H

#include "base/arena.h"
#include "core/csv.h"
#include "core/schema.h"

/* What the rows are checked against. */
struct roster_rules {
	int start_year;   /* of the activity */
	unsigned age_min; /* of the practice; 0 = none */
	unsigned age_max; /* 0 = none */
	uint32_t today;   /* days since 1970-01-01; consent dates may not lie after it */
};

/* Somebody who is on the roster already. Names in stored form. */
struct roster_known {
	struct span given_name, family_name;
	unsigned birth_year; /* 0 = not stated */
};

enum roster_verdict { ROSTER_ACCEPTED, ROSTER_HELD, ROSTER_REJECTED };

/* Why a row is held or rejected; texts by roster_reason_text(). */
enum roster_reason {
	ROSTER_FINE,
	ROSTER_STRUCTURE,  /* see row.fault */
	ROSTER_GIVEN_NAME, /* empty, too long, control character */
	ROSTER_FAMILY_NAME,
	ROSTER_YEAR_FORM,    /* not four digits, not an ISO date */
	ROSTER_YEAR_NO_DATE, /* an ISO date that does not exist */
	ROSTER_AGE,          /* outside 6-30 at the start year (V10) */
	ROSTER_GENDER,       /* not in the vocabulary (V1) */
	ROSTER_CONSENT,
	ROSTER_CONSENT_BY,
	ROSTER_CONSENT_NO_DATE, /* given without a date */
	ROSTER_CONSENT_DATE,    /* not a real ISO date (V2) */
	ROSTER_CONSENT_FUTURE,
	ROSTER_PHOTO_CONSENT,
	ROSTER_TEXT,        /* form_no, guardian_contact or needs too long */
	ROSTER_SAME_PERSON, /* held: same names and year */
	ROSTER_REASON_COUNT
};

/* Warnings of a row: the low bits are enum name_note of either name. */
enum roster_warning {
	ROSTER_WARN_NO_YEAR = 1 << 8,       /* V11 */
	ROSTER_WARN_YEAR_REDUCED = 1 << 9,  /* a full date of which the year is kept */
	ROSTER_WARN_AGE_RANGE = 1 << 10,    /* V12 */
	ROSTER_WARN_PENDING_DATE = 1 << 11, /* consent pending, with a date */
	ROSTER_WARN_NEAR = 1 << 12 /* near duplicate of another row or person (V13) */
};

struct roster_row {
	size_t line; /* in the file, from 1 */
	enum roster_verdict verdict;
	enum roster_reason reason; /* of held and rejected rows */
	enum csv_fault fault;      /* of ROSTER_STRUCTURE */
	unsigned warnings;         /* of accepted rows */
	struct span given_name;    /* stored form; all spans live in the arena */
	struct span family_name;
	unsigned birth_year;  /* 0 = not stated */
	enum gender gender;   /* an empty cell is GENDER_UNSET */
	enum consent consent; /* an empty cell is CONSENT_PENDING */
	enum consent_by consent_by;
	bool has_consent_on;
	uint32_t consent_on;
	struct span form_no;
	unsigned photo_consent; /* enum yes_no, 0 = not stated */
	struct span guardian_contact;
	struct span needs;
	size_t other; /* of held and near rows: index of the row it resembles, or
		       * SIZE_MAX if it is somebody known before */
};

struct roster_report {
	size_t n_rows;
	struct roster_row *rows; /* in the order of the file */
	size_t n_accepted;       /* with those that have a warning */
	size_t n_warned;
	size_t n_held;
	size_t n_rejected;
	size_t n_ignored; /* columns that nobody asked for */
};

/* One pair of `--map Vorname=given_name,...`: a column of the file, a field. */
struct roster_map {
	struct span column, field;
};

/* text: UTF-8 without BOM (text_decode_file). rows and texts live in the arena.
 * Returns ST_MALFORMED when the whole file is refused (empty, doubled or missing columns:
 * the trouble names them), ST_LIMIT, ST_NO_MEMORY. */
status roster_read(struct span text, const struct roster_rules *rules,
    const struct roster_known *known, size_t n_known, const struct roster_map *map,
    size_t n_map, struct arena *a, struct roster_report *out, struct trouble *t);

/* Sentence parts for the report, static storage. They never contain the cell. */
const char *roster_reason_text(enum roster_reason reason);
/* One bit of warnings. */
const char *roster_warning_text(unsigned bit);

#endif
