/* date.h - civil dates as a count of days, without zone or clock. Pure.
 *
 * The day number counts from 1970-01-01 = 0; the schema stores it as a VALUE_INT, so
 * only dates from 1970-01-01 to 9999-12-31 are legal. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/bytes.h"
#include "base/status.h"

enum {
	DATE_TEXT_BYTES = 11,   /* "2027-04-12" and its NUL */
	DATE_DAYS_MAX = 2932896 /* 9999-12-31 */
};

struct civil {
	int year;  /* 1970..9999 */
	int month; /* 1..12 */
	int day;   /* 1..31 */
};

enum weekday {
	MONDAY,
	TUESDAY,
	WEDNESDAY,
	THURSDAY,
	FRIDAY,
	SATURDAY,
	SUNDAY,
	WEEKDAY_COUNT
};

/* False if there is no such day (2011-04-31, 2011-02-29) or it is out of range. */
bool date_of_civil(struct civil c, uint32_t *days);
/* days <= DATE_DAYS_MAX. */
struct civil date_civil(uint32_t days);
enum weekday date_weekday(uint32_t days);
/* "mon" .. "sun", static storage. */
const char *date_weekday_name(enum weekday w);
/* Exactly YYYY-MM-DD and a real date, else false (rule V2). */
bool date_parse(struct span text, uint32_t *days);
/* YYYY-MM-DD with a NUL. days <= DATE_DAYS_MAX. */
void date_format(uint32_t days, char out[static DATE_TEXT_BYTES]);

#endif
