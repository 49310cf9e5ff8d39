/* people.h - young people over all activities of this laptop: who is meant, joining two
 * pids that are one person, coming again to another activity. */
#ifndef CLIENT_ACTIONS_PEOPLE_H
#define CLIENT_ACTIONS_PEOPLE_H

#include "client/actions/attendance.h"

/* The rolls of all workshops whose keys are here, by country and code. */
status people_rolls(struct laptop *l, struct rolls **out, size_t *n);

/* One entry on one roster. */
struct sighting {
	const struct rolls *rolls;
	const struct roll_row *row;
};
/* All entries that a word means, by the first way that finds any (rolls.h): code, whole
 * name, part of the name. Entries that are joined to others are among them. */
status people_find(struct laptop *l, const struct rolls *rolls, size_t n_rolls,
    const char *word, struct sighting **out, size_t *n);

/* One young person: every entry of one pid on this laptop. */
struct somebody {
	struct person_id pid;
	size_t n;
	struct sighting *entries; /* the one in the named activity first */
};
/* activity: code, or NULL for all; there a list number is a word too. PN-F01 when it is
 * nobody, PN-P01 when there is no access, and the candidates when it is not one. */
status people_one(
    struct laptop *l, const char *activity, const char *word, struct somebody *out);

struct person_id people_pid(const struct sighting *s);
/* The roster entry as a record. */
status people_entry(struct laptop *l, const struct sighting *s, struct record_ref *out);

/* V10: refused at the keyboard. birth_year as typed; what is no number passes, the schema
 * speaks about that. */
status people_check_age(
    struct laptop *l, const struct activity *a, const char *birth_year);
/* The line that has nearly this name and year (V13), if there is one. */
bool people_near(struct laptop *l, const struct rolls *r, const char *given,
    const char *family, const char *birth_year, size_t *line);
/* "7", one more than the greatest number of the roster. */
uint32_t people_next_no(const struct rolls *r);

/* PN-P01 unless this member may join and split entries. */
status people_check_coordinator(struct laptop *l);
/* From now on `from` is the same person as `into`: in every activity that is readable
 * here (DOMAIN 2). PN-V03 if they are one already. */
status people_join(struct edit *e, struct laptop *l, const struct somebody *from,
    const struct somebody *into);
/* Undoes every join from and to this person. *n: entries that are on their own again. */
status people_split(
    struct edit *e, struct laptop *l, const struct somebody *who, size_t *n);

/* Somebody from another roster joins this one: pid, names, birth year, gender, guardian
 * and needs are copied; consent is not, it is given for each activity. On the roster
 * already: comes back, the last day is cleared.
 * day_no  the first day; 0 = from the beginning
 * no      in: number on the roster; out: the next one, if it was used */
status people_enrol(struct edit *e, struct laptop *l, const struct rolls *r,
    const struct somebody *who, uint8_t day_no, uint32_t *no);
/* Last day. */
status people_unenrol(
    struct edit *e, struct laptop *l, const struct rolls *r, size_t line, uint8_t day_no);

/* "Tadeáš Varga" for a member's code, "" if nobody here knows. */
const char *people_member_name(struct laptop *l, const char *member);

#endif
