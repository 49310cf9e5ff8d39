/* story.h - what was written, in words: which record, which field, for whom, on which
 * day. For history and undo; driven by the schema, with words of its own only for marks.
 * All texts are in the laptop's arena. */
#ifndef CLIENT_ACTIONS_STORY_H
#define CLIENT_ACTIONS_STORY_H

#include "client/actions/people.h"

/* Rolls are loaded once an activity. */
struct story {
	struct laptop *l;
	struct rolls *rolls;
	size_t n_rolls, cap_rolls;
};

/* A record as people know it. */
struct story_record {
	const struct kind *kind; /* NULL: of a newer version */
	struct loaded *loaded;
	const struct rolls *rolls; /* of its activity, if their keys are here; or NULL */
	const char *activity;      /* code; "" if it belongs to none */
	const char *young;         /* code; "" if it is not about one young person */
	uint8_t day_no;            /* 0 = none */
	bool has_date;
	uint32_t date;     /* of that day */
	const char *label; /* "young person 4 Tadeáš Mráz in SK-W9", "practice GP01" */
};

status story_record(struct story *s, int64_t rid, struct story_record *out);

/* "4 Tadeáš Mráz" for a key of a map; "somebody" if his name is not here. */
const char *story_person(
    struct story *s, const struct story_record *r, uint64_t person_key);
/* "Y-7KQ4M", "" if he is not on a roster here. */
const char *story_young(
    struct story *s, const struct story_record *r, uint64_t person_key);
/* "day 2 (Tue 13 Apr)"; "" without a day. */
const char *story_day(struct story *s, const struct story_record *r);
/* The place: "SK-W9, 4 Tadeáš Mráz, day 2", "title of activity SK-W9". */
const char *story_place(struct story *s, const struct story_record *r, uint16_t field,
    bool has_key, uint64_t key);
/* The value: "late", "nothing"; of long ones the beginning. */
const char *story_value(
    struct story *s, const struct story_record *r, uint16_t field, const struct value *v);
/* The beginning of a text as one line: at most 72 bytes, no control characters. */
const char *story_words(struct laptop *l, struct span text);
/* "Tadeáš Varga (SK-T2)", "SK-T2" if his name is not here. */
const char *story_who(struct story *s, struct author by);
/* "09:40" on the day of the record, else "13 Apr 09:40", with the year if it is another
 * than now. day: civil day that goes without saying, has_day false: none. */
const char *story_time(struct story *s, uint64_t seconds, bool has_day, uint32_t day);

#endif
