/* attendance.h - what trainers do: people on the roster, marks, notes. All refuse an
 * activity whose keys are not here, and write through one edit. */
#ifndef CLIENT_ACTIONS_ATTENDANCE_H
#define CLIENT_ACTIONS_ATTENDANCE_H

#include "client/actions/form.h"
#include "client/actions/rolls.h"

/* A young person for the roster. Empty texts are not written. */
struct newcomer {
	const char *given_name, *family_name;
	const char *birth_year, *gender;
	const char *consent, *consent_by, *consent_on, *form_no, *photo_consent;
	const char *guardian_contact, *needs;
	const char *org; /* code; "" = the activity's */
	uint32_t no;     /* number in the activity; 0 = the next */
	const char *joined_day, *left_day;
	bool has_pid;
	struct person_id pid; /* of somebody who comes again */
};
/* Roster entry and enrolment. pid_out may be NULL. */
status attendance_add(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct newcomer *n, struct person_id *pid_out);

/* The roster entry of a line (or pid) as a record; its enrolment. */
status attendance_young(struct laptop *l, const struct rolls *r,
    const struct person_id *pid, struct record_ref *out);
status attendance_enrolment(struct laptop *l, const struct rolls *r,
    const struct person_id *pid, struct record_ref *out);

/* One mark; MARK_NONE clears it. */
status attendance_mark(struct edit *e, struct laptop *l, const struct rolls *r,
    uint8_t day_no, const struct person_id *pid, enum mark mark);
/* The day's sheet, whether or not it exists. */
status attendance_sheet(struct laptop *l, const struct rolls *r, uint16_t kind,
    uint8_t day_no, struct record_ref *out);
/* A note about one person on one day; the text replaces what stood there. */
status attendance_note(struct edit *e, struct laptop *l, const struct rolls *r,
    uint8_t day_no, const struct person_id *pid, const char *text);

#endif
