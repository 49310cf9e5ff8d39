/* sheet.c - the attendance sheet, with marks or as an empty form. Pure. */
#include "core/sheet.h"

#include "base/date.h"
#include "base/text.h"
#include "core/table.h"

enum { NAME_POINTS = 36, NAME_BYTES_MAX = 1024 };

#define BOX "_"
#define SIGNATURE "____________________"

void
sheet_name(struct writer *w, enum name_order order, struct span given, struct span family)
{
	bool is_family_first = order == FAMILY_GIVEN;

	writer_span(w, is_family_first ? family : given);
	if (given.len > 0 && family.len > 0)
		writer_u8(w, ' ');
	writer_span(w, is_family_first ? given : family);
}

bool
sheet_is_before(const struct roll_view *v)
{
	return v->figures.days_held == 0;
}

/* ---- head ---- */

static void
put_title(struct writer *w, const struct sheet_head *head)
{
	text_put(w, "Attendance ");
	writer_span(w, head->activity);
	text_put(w, "  ");
	writer_span(w, head->title);
	if (head->practice.len > 0) {
		text_put(w, " (");
		writer_span(w, head->practice);
		text_put(w, ")");
	}
	if (head->organisation.len > 0) {
		text_put(w, "  ");
		writer_span(w, head->organisation);
	}
	if (head->place.len > 0) {
		text_put(w, ", ");
		writer_span(w, head->place);
	}
	writer_u8(w, '\n');
}

static void
put_date(struct writer *w, const struct roll *r, unsigned day_no)
{
	char date[DATE_TEXT_BYTES];

	for (size_t i = 0; i < r->n_days; i++) {
		if (r->days[i].day_no != day_no || !r->days[i].has_date ||
		    r->days[i].date > DATE_DAYS_MAX)
			continue;
		date_format(r->days[i].date, date);
		text_put(w, "%s", date);
		return;
	}
	text_put(w, "?");
}

static void
put_head(struct writer *w, const struct sheet_head *head, const struct roll *r,
    const struct roll_view *v, const char *last_column)
{
	put_title(w, head);
	text_put(w, "Days:");
	for (unsigned day = 1; day <= v->figures.days_planned; day++) {
		text_put(w, "%s%u=", day == 1 ? " " : "  ", day);
		put_date(w, r, day);
		if (v->figures.days[day - 1].held == HELD_NO)
			text_put(w, " (not held)");
	}
	text_put(w, "\nNo  ");
	text_put_padded(w, span_text("Name"), NAME_POINTS);
	for (unsigned day = 1; day <= v->figures.days_planned; day++)
		text_put(w, "%s%u", day == 1 ? "" : " ", day);
	text_put(w, "  %s\n", last_column);
}

static void
put_row_name(
    struct writer *w, size_t no, enum name_order order, const struct roll_row *row)
{
	char name[NAME_BYTES_MAX];
	struct writer n = writer_of(name, sizeof name);

	sheet_name(&n, order, row->given_name, row->family_name);
	text_put(w, "%02zu  ", no);
	text_put_padded(w, writer_done(&n), NAME_POINTS);
}

/* ---- with marks ---- */

static char
code_of(const struct roll_view *v, const struct roll_line *line, unsigned day)
{
	struct cell c = line->cells[day - 1];

	if (v->figures.days[day - 1].held == HELD_NO)
		return '#';
	if (!roll_is_enrolled(line, day))
		return '.';
	if (cell_is_conflict(c))
		return '!';
	return cell_letter(cell_mark(c));
}

static bool
has_conflict(const struct roll_view *v)
{
	for (size_t i = 0; i < v->n_lines; i++) {
		for (unsigned day = 1; day <= v->figures.days_planned; day++) {
			if (code_of(v, &v->lines[i], day) == '!')
				return true;
		}
	}
	return false;
}

static void
put_legend(struct writer *w, const struct roll_view *v)
{
	text_put(w, "P present  L late  E excused  A absent  . not enrolled that day  "
		    "# day not held  ? not recorded");
	if (has_conflict(v))
		text_put(w, "  ! open conflict");
	writer_u8(w, '\n');
}

void
sheet_text(struct writer *w, const struct sheet_head *head, const struct roll *r,
    const struct roll_view *v)
{
	const struct figures *f = &v->figures;

	put_head(w, head, r, v, "attended");
	for (size_t i = 0; i < v->n_lines; i++) {
		put_row_name(w, i + 1, head->order, v->lines[i].row);
		for (unsigned day = 1; day <= f->days_planned; day++)
			text_put(w, "%s%c", day == 1 ? "" : " ",
			    code_of(v, &v->lines[i], day));
		text_put(w, "  ");
		table_range(w, v->lines[i].attended);
		writer_u8(w, '\n');
	}
	text_put(w, "    ");
	text_put_padded(w, span_text("Attended"), NAME_POINTS);
	for (unsigned day = 1; day <= f->days_planned; day++) {
		if (day > 1)
			writer_u8(w, ' ');
		table_range(w, f->days[day - 1].attended);
	}
	text_put(w, "  ");
	table_range(w, f->attended);
	writer_u8(w, '\n');
	put_legend(w, v);
}

/* ---- empty ---- */

/* Boxes to fill in by hand; `.` and `#` are known before. line NULL: a spare row. */
static void
put_boxes(struct writer *w, const struct roll_view *v, const struct roll_line *line)
{
	for (unsigned day = 1; day <= v->figures.days_planned; day++) {
		bool is_out = line != NULL && !roll_is_enrolled(line, day);
		bool is_off = v->figures.days[day - 1].held == HELD_NO;

		text_put(w, "%s%s", day == 1 ? "" : " ",
		    is_off   ? "#"
		    : is_out ? "."
			     : BOX);
	}
	text_put(w, "  %s\n", SIGNATURE);
}

void
sheet_empty(struct writer *w, const struct sheet_head *head, const struct roll *r,
    const struct roll_view *v, unsigned blank)
{
	put_head(w, head, r, v, "signature");
	for (size_t i = 0; i < v->n_lines; i++) {
		put_row_name(w, i + 1, head->order, v->lines[i].row);
		put_boxes(w, v, &v->lines[i]);
	}
	for (size_t i = 0; i < blank; i++) {
		text_put(w, "%02zu  ", v->n_lines + i + 1);
		text_put_padded(w, span_text(SIGNATURE), NAME_POINTS);
		put_boxes(w, v, NULL);
	}
	put_legend(w, v);
}
