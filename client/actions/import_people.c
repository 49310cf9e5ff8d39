/* import_people.c - rosters of young people from CSV: judged by core/roster.h, written
 * through actions/attendance. */
#include <stdio.h>

#include "base/date.h"
#include "client/actions/attendance.h"
#include "client/actions/import_file.h"
#include "client/actions/people.h"
#include "core/roster.h"

/* ---- rosters ---- */

static struct roster_known *
known_of(struct laptop *l, const struct rolls *r)
{
	struct roster_known *known = arena_zeros(l->arena, r->roll.n_rows, sizeof *known);

	for (size_t i = 0; known != NULL && i < r->roll.n_rows; i++) {
		const struct roll_row *row = &r->roll.rows[i];

		known[i] = (struct roster_known){
		    row->given_name, row->family_name, row->birth_year};
	}
	return known;
}

static void
report_roster(
    struct laptop *l, const struct roster_report *from, struct import_report *out)
{
	for (size_t i = 0; i < from->n_rows; i++) {
		const struct roster_row *row = &from->rows[i];

		if (row->verdict == ROSTER_ACCEPTED) {
			for (unsigned bit = 1; bit != 0 && bit <= row->warnings;
			     bit <<= 1) {
				if ((row->warnings & bit) == 0)
					continue;
				import_note(l, out, row->line, IMPORT_WARNING,
				    roster_warning_text(bit));
				out->n_warned--; /* rows count, not their warnings */
			}
		} else {
			import_note(l, out, row->line,
			    row->verdict == ROSTER_HELD ? IMPORT_HELD : IMPORT_REJECTED,
			    row->reason == ROSTER_STRUCTURE
				? csv_fault_text(row->fault)
				: roster_reason_text(row->reason));
		}
	}
	out->n_accepted = from->n_accepted;
	out->n_warned = from->n_warned;
}

static const char *
text_of(struct laptop *l, struct span s)
{
	return s.len == 0 ? "" : (const char *)arena_copy(l->arena, s).bytes;
}

static status
insert_row(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct roster_row *row, uint32_t no)
{
	char on[DATE_TEXT_BYTES] = "";
	struct newcomer n = {.given_name = text_of(l, row->given_name),
	    .family_name = text_of(l, row->family_name),
	    .birth_year =
		row->birth_year == 0 ? "" : arena_text(l->arena, "%u", row->birth_year),
	    .gender = vocabulary_word(VOC_GENDER, row->gender),
	    .consent = vocabulary_word(VOC_CONSENT, row->consent),
	    .consent_by = vocabulary_word(VOC_CONSENT_BY, row->consent_by),
	    .form_no = text_of(l, row->form_no),
	    .photo_consent = vocabulary_word(VOC_YES_NO, row->photo_consent),
	    .guardian_contact = text_of(l, row->guardian_contact),
	    .needs = text_of(l, row->needs),
	    .no = no};

	if (row->has_consent_on)
		date_format(row->consent_on, on);
	n.consent_on = on;
	return attendance_add(e, l, r, &n, NULL);
}

static status
insert_roster(struct laptop *l, const struct rolls *r, const struct roster_report *from,
    struct import_report *out)
{
	struct edit *e = NULL;
	uint32_t no = people_next_no(r);
	status st = edit_begin(l, &e);

	for (size_t i = 0; st == ST_OK && i < from->n_rows; i++) {
		if (from->rows[i].verdict == ROSTER_ACCEPTED)
			st = insert_row(e, l, r, &from->rows[i], no++);
	}
	if (st == ST_OK)
		return edit_commit(e, &out->n_changes);
	edit_abandon(e);
	return st;
}

status
import_roster(struct laptop *l, const struct import_wish *wish, struct span text,
    struct import_report *out)
{
	struct span left[IMPORT_MAP_MAX], right[IMPORT_MAP_MAX];
	struct roster_map map[IMPORT_MAP_MAX];
	size_t n_map = import_map(wish->map, left, right);
	struct roster_report report;
	struct roster_rules rules = {.today = l->today};
	struct rolls r;
	status st = import_activity(l, wish, &r);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < n_map; i++)
		map[i] = (struct roster_map){left[i], right[i]};
	rules.start_year = r.roll.start_year;
	rolls_age_range(l, &r, &rules.age_min, &rules.age_max);
	st = roster_read(text, &rules, known_of(l, &r), r.roll.n_rows, map, n_map,
	    l->arena, &report, &l->trouble);
	if (st != ST_OK)
		return import_refused(l, wish->path);
	report_roster(l, &report, out);
	return import_is_wanted(wish, out) ? insert_roster(l, &r, &report, out) : ST_OK;
}
