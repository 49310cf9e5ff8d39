/* import.h - rows of CSV files into records (DOMAIN 7). A dry run and the real import
 * decide alike; without partial nothing is written unless every row can be. */
#ifndef CLIENT_ACTIONS_IMPORT_H
#define CLIENT_ACTIONS_IMPORT_H

#include "client/laptop/records.h"

struct import_wish {
	const char *kind; /* a word of import.c, or a kind of the schema */
	const char *path;
	const char *activity; /* code; NULL where the file says it */
	const char *people;   /* enrolment: the file that says who `who` is */
	const char *map;      /* "Vorname=given_name,..." */
	const char *encoding; /* NULL = UTF-8 or a BOM */
	bool is_partial, is_dry_run;
	bool
	    takes_guesses; /* grid: a name that is nearly one of the roster is that one */
};

enum import_verdict { IMPORT_WARNING, IMPORT_HELD, IMPORT_REJECTED };

struct import_line {
	size_t line; /* in the file */
	enum import_verdict verdict;
	const char *reason; /* static or arena; never a cell of the file */
};

struct import_report {
	size_t n_accepted, n_warned, n_held, n_rejected;
	size_t n_known;   /* of the accepted: stood here already, word for word */
	size_t n_passed;  /* rows of other countries or activities */
	size_t n_changes; /* written, 0 for a dry run */
	size_t n_lines;
	struct import_line *lines;
};

status import_file(
    struct laptop *l, const struct import_wish *wish, struct import_report *out);

#endif
