/* import_file.h - the text of a CSV file, and the report that importers fill. Private to
 * import*.c. */
#ifndef CLIENT_ACTIONS_IMPORT_FILE_H
#define CLIENT_ACTIONS_IMPORT_FILE_H

#include "client/actions/form.h"
#include "client/actions/import.h"
#include "client/actions/rolls.h"
#include "core/csv.h"

/* Reads a regular file of at most CSV_FILE_BYTES_MAX as UTF-8 into the laptop's arena.
 * PN-F01, PN-V02. */
status import_text(
    struct laptop *l, const char *path, const char *encoding, struct span *out);
/* The parts of --map "a=b,c=d", borrowed from text; both arrays have room for
 * IMPORT_MAP_MAX. Returns how many. */
enum { IMPORT_MAP_MAX = 64 };
size_t import_map(const char *text, struct span *left, struct span *right);
/* The roll of the activity that --activity names; PN-U01 if it names none. */
status import_activity(
    struct laptop *l, const struct import_wish *wish, struct rolls *out);
/* Is this judged file to be written? All or nothing, unless partial (import rule I10). */
bool import_is_wanted(const struct import_wish *wish, const struct import_report *out);
/* A file that is refused as a whole: PN-V01 from l->trouble. */
status import_refused(struct laptop *l, const char *path);
/* Counts a row, and lists it unless the line was listed with these words just before (a
 * grid has many marks in a line). */
void import_note(struct laptop *l, struct import_report *r, size_t line,
    enum import_verdict verdict, const char *reason);
/* Position of a column in the header, by any of the names; SIZE_MAX if absent. */
size_t import_column(const struct csv_row *header, const char *name);
/* The cell as a C string in the arena; "" where there is none. */
const char *import_cell(struct laptop *l, const struct csv_row *row, size_t column);

/* The importers of the other files. */
status import_roster(struct laptop *l, const struct import_wish *wish, struct span text,
    struct import_report *out);
status import_enrolments(struct laptop *l, const struct import_wish *wish,
    struct span text, struct import_report *out);
status import_marks(struct laptop *l, const struct import_wish *wish, struct span text,
    struct import_report *out);
status import_grid(struct laptop *l, const struct import_wish *wish, struct span text,
    struct import_report *out);

#endif
