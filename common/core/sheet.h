/* sheet.h - the attendance sheet as text (DOMAIN 6.1): tests/data/expected/
 * attendance_sheet_*.txt byte for byte. Prints names of minors: the caller checks V15 and
 * who asks. Pure. */
#ifndef CORE_SHEET_H
#define CORE_SHEET_H

#include "base/writer.h"
#include "core/roll.h"

/* Spans are borrowed, NFC. */
struct sheet_head {
	struct span activity; /* code */
	struct span title;
	struct span practice; /* code */
	struct span organisation;
	struct span place;
	enum name_order order; /* of the country */
};

/* With marks. `r` gives the days, `v` is its view. Rows in the order of the view, their
 * number is the row's position. `!` and its legend entry only where a conflict is open.
 */
void sheet_text(struct writer *w, const struct sheet_head *head, const struct roll *r,
    const struct roll_view *v);
/* Empty boxes and a signature column, for the days before; blank more rows at the end. */
void sheet_empty(struct writer *w, const struct sheet_head *head, const struct roll *r,
    const struct roll_view *v, unsigned blank);
/* True if sheet_empty() is the form to print: no day is held yet. */
bool sheet_is_before(const struct roll_view *v);
/* A name in the country's order, "Given Family" or "Family Given". */
void sheet_name(
    struct writer *w, enum name_order order, struct span given, struct span family);

#endif
