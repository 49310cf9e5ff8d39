/* rolls.h - the attendance of one activity, read from the typed tables into core/roll.h,
 * and young people found in it. */
#ifndef CLIENT_ACTIONS_ROLLS_H
#define CLIENT_ACTIONS_ROLLS_H

#include "client/actions/find.h"
#include "client/terminal/near.h"
#include "core/findings.h"

struct rolls {
	struct activity activity;
	struct scope_info scope; /* where people and sheets lie: the activity's own with
				  * its keys, of adults the one of its record */
	bool of_adults;          /* participations and adult sheets */
	struct country country;
	struct roll roll;
	struct roll_view view;
	bool is_closed; /* a tally that no reopening names */
	enum activity_state state;
	struct person_id *pids; /* of roll.rows, in their order; of adults `who` */
};

/* PN-P01 if the keys of the activity's scope are not held (the office, or a guest of
 * another activity). */
status rolls_load(struct laptop *l, const struct activity *a, struct rolls *out);
/* A mark as the typed tables show it: "late" or, in conflict, "excused|late". */
struct cell rolls_cell_of(const char *text);
/* The list that is kept at the activity: of young people at a youth workshop (as above),
 * else of adults, whose roll has neither birth years nor consent. */
status rolls_attend(struct laptop *l, const struct activity *a, struct rolls *out);
/* Are the keys of the young people here? */
bool rolls_are_open(struct laptop *l, const struct activity *a);

/* The line meant by a word: list number, code Y-....., or any part of the name. PN-F01
 * with the candidates when it is nobody or not one. */
status rolls_find(
    struct laptop *l, const struct rolls *r, const char *word, size_t *line);
/* Offers the names whose whole, or given or family part, is near to a word. */
void rolls_near(
    struct laptop *l, const struct rolls *r, const char *word, struct near *near);
/* "Tadeáš Mráz", in the order given_family or as the country has it. */
const char *rolls_name(struct laptop *l, const struct rolls *r, size_t line);
/* "Y-7KQ4M". */
const char *rolls_code(struct laptop *l, const struct rolls *r, size_t line);
/* "late", "late or excused" in conflict, "not enrolled"; empty when not recorded. */
const char *rolls_mark_text(
    struct laptop *l, const struct roll_line *line, unsigned day_no);
struct person_id rolls_pid(const struct rolls *r, size_t line);

/* For whom the practice of that activity is, in years; 0 = no such limit. */
void rolls_age_range(
    struct laptop *l, const struct rolls *r, unsigned *min, unsigned *max);
/* V10 to V19 of the roll, and their counts into its figures. */
status rolls_findings(
    struct laptop *l, struct rolls *r, struct person_finding **out, size_t *n);

/* The same of one entry, also of one that is joined to another and has no line. */
const char *rolls_row_name(
    struct laptop *l, const struct rolls *r, const struct roll_row *row);
const char *rolls_row_code(
    struct laptop *l, const struct rolls *r, const struct roll_row *row);
/* Does a word mean this entry? The ways are tried in this order; the first that finds
 * anybody counts. */
enum rolls_how { ROLLS_BY_CODE, ROLLS_BY_NAME, ROLLS_BY_PART };
bool rolls_row_is(struct laptop *l, const struct rolls *r, const struct roll_row *row,
    const char *word, enum rolls_how how);
/* All entries that a line stands for, the one that is shown first. In the arena. */
status rolls_entries(struct laptop *l, const struct rolls *r, size_t line,
    const struct roll_row ***out, size_t *n);
/* What one entry has on a day, without those that it is joined with. */
struct cell rolls_cell(const struct rolls *r, struct person_key person, uint8_t day_no);
/* Activity by its code, then rolls_load(). */
status rolls_open(struct laptop *l, const char *code, struct rolls *out);

/* Is the activity closed? tally (may be NULL) is the one that counts. */
status rolls_is_closed(struct laptop *l, const struct activity *a, bool *is_closed,
    struct record_id *tally, uint32_t *no);

#endif
