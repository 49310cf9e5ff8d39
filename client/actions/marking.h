/* marking.h - the marks of one day as one command writes them: checked at the keyboard
 * (V17), written to every entry that a line stands for, and counted for the line that is
 * printed. The roll's view follows what is written, so that one command may go on. */
#ifndef CLIENT_ACTIONS_MARKING_H
#define CLIENT_ACTIONS_MARKING_H

#include "client/actions/attendance.h"

/* The activity's day in hand. */
struct marking {
	struct rolls rolls;
	uint8_t day_no;
};

/* Loads the roll of an activity and finds the day; day NULL = the day whose date is
 * today. PN-U01 if there is none. */
status marking_open(
    struct laptop *l, const char *activity, const char *day, struct marking *out);

/* PN-C01 when the day was not held (V17). */
status marking_check_held(struct laptop *l, const struct marking *m);
/* One mark; MARK_NONE clears it. Refused with PN-C01: a day that was not held, somebody
 * who is not enrolled that day (V17), and a mark of which two values stand side by side
 * (a person chooses between them in review). */
status marking_set(
    struct edit *e, struct laptop *l, struct marking *m, size_t line, enum mark mark);
/* The mark for everybody who is enrolled that day and has none. n may be NULL. */
status marking_rest(
    struct edit *e, struct laptop *l, struct marking *m, enum mark mark, size_t *n);

struct day_counts {
	uint32_t marks[MARK_COUNT]; /* [MARK_NONE]: enrolled that day and unmarked */
	uint32_t conflicts;
};
struct day_counts marking_counts(const struct marking *m);
/* "12 present, 1 absent"; "nobody is enrolled that day". In the arena. */
const char *marking_counts_text(struct laptop *l, const struct marking *m);
/* "SK-W9 day 2, Tue 13 Apr". In the arena. */
const char *marking_day_text(struct laptop *l, const struct marking *m);

#endif
