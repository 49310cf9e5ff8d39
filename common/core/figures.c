/* figures.c - totals as numbers: adding, comparing, rates, the state that follows. Pure.
 */
#include "core/figures.h"

#include <assert.h>

/* clang-format off */
#define NUMBER(F, member) {F_TALLY_##F, false, offsetof(struct figures, member)}
#define RANGE(F, member)  {F_TALLY_##F, true,  offsetof(struct figures, member)}
static const struct figure_slot slots[] = {
	NUMBER(DAYS_PLANNED, days_planned),
	NUMBER(DAYS_HELD,    days_held),
	NUMBER(ENROLLED,     enrolled),
	NUMBER(EXPECTED,     expected),
	RANGE(PRESENT,       present),
	RANGE(LATE,          late),
	RANGE(EXCUSED,       excused),
	RANGE(ABSENT,        absent),
	RANGE(MISSING,       missing),
	RANGE(ATTENDED,      attended),
	RANGE(COMPLETERS,    completers),
	NUMBER(GENDER_F,     gender[GENDER_F]),
	NUMBER(GENDER_M,     gender[GENDER_M]),
	NUMBER(GENDER_D,     gender[GENDER_D]),
	NUMBER(GENDER_N,     gender[GENDER_N]),
	NUMBER(AGE_UNDER_14, ages[AGE_UNDER_14]),
	NUMBER(AGE_14_15,    ages[AGE_14_15]),
	NUMBER(AGE_16_17,    ages[AGE_16_17]),
	NUMBER(AGE_18_20,    ages[AGE_18_20]),
	NUMBER(AGE_21_UP,    ages[AGE_21_UP]),
	NUMBER(AGE_UNKNOWN,  ages[AGE_NOT_STATED]),
	NUMBER(TEAM_NEW,     team_new),
	NUMBER(TEAM_EXPERIENCED, team_experienced),
	NUMBER(V10,          rules[FIG_V10]),
	NUMBER(V11,          rules[FIG_V11]),
	NUMBER(V12,          rules[FIG_V12]),
	NUMBER(V13,          rules[FIG_V13]),
	NUMBER(V14,          rules[FIG_V14]),
	NUMBER(V15,          rules[FIG_V15]),
	NUMBER(V16,          rules[FIG_V16]),
	NUMBER(V17,          rules[FIG_V17]),
	NUMBER(V18,          rules[FIG_V18]),
	NUMBER(V19,          rules[FIG_V19]),
};
#undef NUMBER
#undef RANGE
/* clang-format on */

_Static_assert((int)F_TALLY_V19 == (int)F_PROVISIONAL_V19 &&
		   (int)F_TALLY_DAYS_PLANNED == (int)F_PROVISIONAL_DAYS_PLANNED,
    "tally and provisional share the ids of figures");

const struct figure_slot *
figures_slots(size_t *n)
{
	*n = sizeof slots / sizeof slots[0];
	return slots;
}

bool
figures_rate(uint32_t attended, uint32_t expected, uint32_t *tenths)
{
	if (expected == 0)
		return false;
	*tenths =
	    (uint32_t)((2000 * (uint64_t)attended + expected) / (2 * (uint64_t)expected));
	return true;
}

enum age_band
figures_age_band(int start_year, unsigned birth_year)
{
	int age = start_year - (int)birth_year;

	if (birth_year == 0)
		return AGE_NOT_STATED;
	if (age < 14)
		return AGE_UNDER_14;
	if (age < 16)
		return AGE_14_15;
	if (age < 18)
		return AGE_16_17;
	return age < 21 ? AGE_18_20 : AGE_21_UP;
}

/* The numbers of a slot: one, or minimum and maximum, which lie side by side. */
static uint32_t *
slot_numbers(struct figures *f, const struct figure_slot *s)
{
	return (uint32_t *)(void *)((uint8_t *)f + s->offset);
}

static const uint32_t *
slot_numbers_const(const struct figures *f, const struct figure_slot *s)
{
	return (const uint32_t *)(const void *)((const uint8_t *)f + s->offset);
}

_Static_assert(sizeof(struct range) == 2 * sizeof(uint32_t), "minimum, then maximum");

bool
figures_equal(const struct figures *a, const struct figures *b)
{
	for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
		const uint32_t *x = slot_numbers_const(a, &slots[i]);
		const uint32_t *y = slot_numbers_const(b, &slots[i]);

		if (x[0] != y[0] || (slots[i].is_range && x[1] != y[1]))
			return false;
	}
	for (size_t i = 0; i < a->days_planned && i < SCHEMA_DAY_NO_MAX; i++) {
		const struct figure_day *x = &a->days[i], *y = &b->days[i];

		if (x->held != y->held || x->attended.min != y->attended.min ||
		    x->attended.max != y->attended.max)
			return false;
	}
	return true;
}

void
figures_add(struct figures *a, const struct figures *b)
{
	for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
		uint32_t *to = slot_numbers(a, &slots[i]);
		const uint32_t *from = slot_numbers_const(b, &slots[i]);

		to[0] += from[0];
		if (slots[i].is_range)
			to[1] += from[1];
	}
}

bool
figures_is_cofacilitated(const struct figures *f)
{
	return f->team_new > 0 && f->team_experienced > 0;
}

enum activity_state
figures_state(const struct figures *f, bool is_cancelled, bool is_closed)
{
	bool all_decided = f->days_planned > 0;

	assert(f->days_planned <= SCHEMA_DAY_NO_MAX);
	for (size_t i = 0; i < f->days_planned; i++)
		all_decided = all_decided && f->days[i].held != HELD_OPEN;
	if (is_closed)
		return STATE_CLOSED;
	if (f->days_held > 0)
		return all_decided ? STATE_HELD : STATE_RUNNING;
	if (is_cancelled)
		return STATE_CANCELLED;
	return all_decided ? STATE_HELD : STATE_PLANNED;
}

const char *
figures_state_name(enum activity_state s)
{
	static const char *const names[] = {
	    "planned", "running", "held", "closed", "cancelled"};

	_Static_assert(
	    sizeof names / sizeof names[0] == ACTIVITY_STATE_COUNT, "a name each");
	return names[s];
}

unsigned
figures_days_planned(enum activity_type type)
{
	static const unsigned days[ACTIVITY_TYPE_COUNT] = {0, 5, 2, 5, 3, 1};

	return days[type];
}
