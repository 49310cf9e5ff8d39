/* date.c - civil dates and day numbers. The calendar is counted in years that begin on
 * 1 March, so that the leap day is the last of its year. Pure. */
#include "base/date.h"

#include <assert.h>
#include <stdio.h>

enum {
	DAYS_PER_400_YEARS = 146097,
	DAYS_PER_100_YEARS = 36524,
	DAYS_PER_4_YEARS = 1461,
	EPOCH_DAYS = 719468 /* from 0000-03-01 to 1970-01-01 */
};

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool
date_of_civil(struct civil c, uint32_t *days)
{
	int year, month, day_of_year;

	if (c.year < 1970 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 ||
	    c.day > month_days(c.year, c.month))
		return false;
	year = c.month > 2 ? c.year : c.year - 1;
	month = c.month > 2 ? c.month - 3 : c.month + 9; /* March is 0 */
	day_of_year = (153 * month + 2) / 5 + c.day - 1;
	*days = (uint32_t)(365 * year + year / 4 - year / 100 + year / 400 + day_of_year -
			   EPOCH_DAYS);
	return true;
}

struct civil
date_civil(uint32_t days)
{
	int n, year, left, month;
	struct civil c;

	assert(days <= DATE_DAYS_MAX);
	n = (int)days + EPOCH_DAYS;
	year = n / DAYS_PER_400_YEARS * 400;
	left = n % DAYS_PER_400_YEARS;
	/* The last day of a 400-year span would be year 400 of it without the bound. */
	year += left / DAYS_PER_100_YEARS == 4 ? 300 : left / DAYS_PER_100_YEARS * 100;
	left -= left / DAYS_PER_100_YEARS == 4
		    ? 3 * DAYS_PER_100_YEARS
		    : left / DAYS_PER_100_YEARS * DAYS_PER_100_YEARS;
	year += left / DAYS_PER_4_YEARS * 4;
	left %= DAYS_PER_4_YEARS;
	year += left / 365 == 4 ? 3 : left / 365;
	left -= left / 365 == 4 ? 3 * 365 : left / 365 * 365;
	month = (5 * left + 2) / 153;
	c.day = left - (153 * month + 2) / 5 + 1;
	c.month = month < 10 ? month + 3 : month - 9;
	c.year = month < 10 ? year : year + 1;
	return c;
}

enum weekday
date_weekday(uint32_t days)
{
	return (enum weekday)((days + THURSDAY) % WEEKDAY_COUNT); /* 1970-01-01 */
}

const char *
date_weekday_name(enum weekday w)
{
	static const char *const names[] = {
	    "mon", "tue", "wed", "thu", "fri", "sat", "sun"};

	_Static_assert(sizeof names / sizeof names[0] == WEEKDAY_COUNT, "a name each");
	return names[w];
}

/* n digits at text.bytes[at], or -1. */
static int
digits(struct span text, size_t at, size_t n)
{
	int value = 0;

	for (size_t i = at; i < at + n; i++) {
		if (text.bytes[i] < '0' || text.bytes[i] > '9')
			return -1;
		value = value * 10 + (text.bytes[i] - '0');
	}
	return value;
}

bool
date_parse(struct span text, uint32_t *days)
{
	struct civil c;

	if (text.len != DATE_TEXT_BYTES - 1 || text.bytes[4] != '-' ||
	    text.bytes[7] != '-')
		return false;
	c.year = digits(text, 0, 4);
	c.month = digits(text, 5, 2);
	c.day = digits(text, 8, 2);
	return date_of_civil(c, days);
}

void
date_format(uint32_t days, char out[static DATE_TEXT_BYTES])
{
	struct civil c = date_civil(days);

	(void)snprintf(out, DATE_TEXT_BYTES, "%04u-%02u-%02u", (unsigned)c.year % 10000U,
	    (unsigned)c.month % 100U, (unsigned)c.day % 100U);
}
