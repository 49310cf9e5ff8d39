/* find.h - what a person means by a word: an activity by its code, a day by number or
 * weekday, a young person by list number, code or any unambiguous part of the name,
 * without diacritics too (UX 2.1). Unknown or ambiguous words become complaints that
 * offer what is near. */
#ifndef CLIENT_ACTIONS_FIND_H
#define CLIENT_ACTIONS_FIND_H

#include "client/laptop/records.h"
#include "core/roll.h"

struct activity {
	struct record_id name;
	int64_t home;            /* local id of the scope it lies in */
	struct scope_info scope; /* the same */
	uint16_t space;
	char code[20];
	enum activity_type type;
	const char *title; /* "" if none; arena */
	bool has_start;
	uint32_t start;
	bool is_cancelled;
	bool has_practice, has_org;
	struct record_id practice, org;
};

/* ST_NOT_FOUND with PN-F01 and the nearest code; two equal codes are refused too. */
status find_activity(struct laptop *l, const char *code, struct activity *out);
/* The activity of that record name; ST_NOT_FOUND without complaint. */
status find_activity_named(
    struct laptop *l, const struct record_id *name, struct activity *out);
/* All activities, in the order of their spaces and codes; type ACTIVITY_UNSET = any. */
status find_activities(
    struct laptop *l, enum activity_type type, struct activity **out, size_t *n);

/* "2" or "tue" among the days of the activity. */
status find_day(
    struct laptop *l, const struct activity *a, const char *word, uint8_t *day_no);
/* "Tue 13 Apr"; "" if the day has no date. */
const char *find_day_text(struct laptop *l, const struct activity *a, uint8_t day_no);

/* A record of a kind by its `code`. ST_NOT_FOUND without complaint: the caller knows what
 * it was for. space: 0 = any. */
status find_code(struct laptop *l, uint16_t kind, const char *code, uint16_t space,
    struct record_id *name, int64_t *scope);
/* A record of any kind that has codes; kind may be NULL. ST_NOT_FOUND likewise. */
status find_any_code(
    struct laptop *l, const char *code, struct record_id *name, uint16_t *kind);
/* "; do you mean SK-W9 or SK-W1?" for a code that is not here, of one kind or
 * (KIND_NONE) of any; "" if nothing is near. In the arena. */
const char *find_near(struct laptop *l, uint16_t kind, const char *word);
/* Its code back; "" if it is not known. kind KIND_NONE: of whatever kind it is. */
const char *find_code_of(struct laptop *l, uint16_t kind, const struct record_id *name);
/* A text column of a record by its name; "" if absent. table and column are constants. */
const char *find_text(struct laptop *l, const char *sql, const struct record_id *name);

struct country {
	char code[8];
	uint32_t order;
	enum name_order name_order;
	unsigned consent_below_age;
};
/* Of a space; zeros where the country's record is not here. */
status find_country(struct laptop *l, uint16_t space, struct country *out);

#endif
