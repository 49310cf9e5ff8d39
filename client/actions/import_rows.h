/* import_rows.h - a CSV file row by row into one edit: what the importers of records have
 * in common. One rejected row and nothing is written. Private to import_*.c. */
#ifndef CLIENT_ACTIONS_IMPORT_ROWS_H
#define CLIENT_ACTIONS_IMPORT_ROWS_H

#include "client/actions/catalog.h"
#include "client/actions/documents.h"
#include "client/actions/import_file.h"

struct made; /* codes of this file, see import_made() */

struct importing {
	struct laptop *l;
	const struct import_wish *wish;
	const struct kind *k; /* that the rows are of; NULL where they are of several */
	struct edit *e;
	struct csv csv;
	struct csv_row header;
	struct import_report *out;
	size_t row_no; /* of the data rows, from 1 */
	struct made *made;
	void *own;     /* what the taker keeps between rows */
	status failed; /* not ST_OK: the file cannot be read on */
};

enum row_result {
	ROW_TAKEN,
	ROW_PASSED, /* of another country or activity, or another one's to write */
	ROW_BAD     /* why: l->trouble */
};

/* Writes one row into x->e. */
typedef enum row_result row_taker(struct importing *x, const struct csv_row *row);

/* Reads the file through `take`, counts rows, and commits unless a row is bad or this is
 * a dry run. A row that wrote nothing was here already. k and own may be NULL. PN-U01 for
 * --partial: a part of a row may be written before the rest is refused. */
status import_rows(struct laptop *l, const struct import_wish *wish, const struct kind *k,
    row_taker *take, void *own, struct span text, struct import_report *out);

/* The cell under a column; "" where there is none. */
const char *row_cell(
    const struct importing *x, const struct csv_row *row, const char *name);
/* ROW_BAD with a reason; NULL = what the last complaint said. */
enum row_result row_bad(struct importing *x, const char *reason);
/* ROW_TAKEN, or ROW_BAD with the complaint. */
enum row_result row_done(struct importing *x, status st);
/* A lookup that found nothing leaves no complaint behind. */
void row_forgive(struct importing *x);

/* The space of the country that the row names; false: not this laptop's to write. */
bool row_space(struct importing *x, const struct csv_row *row, uint16_t *space);
/* The activity that the row names, if its rows are this laptop's: the country's own, at
 * the office those that are for every country. */
bool row_activity(struct importing *x, const struct csv_row *row, struct activity *out);

/* The record that an earlier row of this file made for a code; false: none. */
bool import_made(const struct importing *x, const char *code, struct record_ref *out);
status import_make(struct importing *x, const char *code, const struct record_ref *ref);

/* Is there a row already? sql gives one; up to two names and three texts are bound in
 * this order. */
struct same_question {
	const char *sql;
	const struct record_id *names[2];
	const char *texts[3];
};
bool import_is_there(struct laptop *l, const struct same_question *same);

/* ---- the takers, see the table in import.c ---- */
row_taker import_new_activity, import_day, import_team, import_closing;
row_taker import_document, import_submission, import_acceptance;
row_taker import_decision, import_rating, import_signoff, import_publication;

#endif
