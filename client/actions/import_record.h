/* import_record.h - one row of a CSV file into a record of any kind, by the headers of
 * the schema; columns of companions (the email of a person) go into theirs. Private to
 * import*.c. */
#ifndef CLIENT_ACTIONS_IMPORT_RECORD_H
#define CLIENT_ACTIONS_IMPORT_RECORD_H

#include "client/actions/catalog.h"
#include "client/actions/import_file.h"

struct record_row {
	const struct kind *kind;
	const struct csv_row *header, *row;
	size_t no;            /* of the data rows, from 1 */
	const char *activity; /* --activity; NULL = any */
};

/* Can files of this kind be read so? Not what has a door of its own: young people and
 * what hangs on them, marks, and what programs or gates write. */
bool import_is_open(const struct kind *k);
/* A row that says what is there already changes nothing. *is_passed: it belongs to
 * another country or activity. Of a row that cannot be taken the trouble says why. */
status import_record(
    struct edit *e, struct laptop *l, const struct record_row *x, bool *is_passed);
/* The space that a row of such a kind belongs to; false if it is another country's. */
bool import_space(struct laptop *l, const struct record_row *x, uint16_t *space);

#endif
