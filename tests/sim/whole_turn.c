/* whole_turn.c - whose turn it is, what he does, and what goes wrong in a schedule. */
#include "whole_town.h"

static void
act_close(struct home *h)
{
	home_close(h);
	h->town->counts.reopened++;
}

static void
act_clock(struct home *h)
{
	h->skew_s = (int64_t)town_below(h->town, 4 * 86400) - 2 * 86400;
}

static void
act_new_workshop(struct home *h)
{
	if (h->role == ROLE_COORDINATOR && h->space == h->town->sk && !act_workshop(h))
		town_fail(h->town, "no workshop: %s", h->complaint.why);
}

static void
act_new_keys(struct home *h)
{
	if (h->role == ROLE_COORDINATOR && h->space == h->town->sk)
		act_rotate(h);
}

enum { FAULTS = 14, COORDINATOR = 1, TRAINER = 3 };

/* by: who does it, 0 = anybody (the office has no work of its own). */
/* clang-format off */
static const struct {
	unsigned fault, weight;
	size_t by;
	void (*act)(struct home *h);
} acts[] = {
	{ALWAYS, 56, 0, act_edit},
	{ALWAYS, 10, 0, act_resolve},
	{ALWAYS, 24, 0, act_sync},
	{REOPENING, 6, 0, act_close},
	{POWER, 8, 0, act_crash_in_edit},
	{WORKSHOPS, 5, COORDINATOR, act_new_workshop},
	{ROTATION, 8, COORDINATOR, act_new_keys},
	{COPIES, 5, 0, act_copy},
	{IMAGES, 10, 0, act_restore},
	{REVOCATION, 6, COORDINATOR, act_revoke},
	{REVOCATION, 2, 0, act_revoke},
	{ERASURE, 8, COORDINATOR, act_erase},
	{STICKS, 30, 0, act_carry},
	{OLD_SERVER, 10, 0, act_roll_back},
	{CLOCKS, 8, 0, act_clock},
	{LOST_SERVER, 8, 0, act_lose_server},
};
/* clang-format on */

enum { ACTS = sizeof acts / sizeof acts[0] };

/* Most schedules are brief: few acts, and what goes wrong goes wrong often. What takes
 * long to come about, and much work that piles up, is for the others. */
enum {
	BRIEF_PERCENT = 80,
	BRIEF_ACTS = 4,
	BRIEF_MORE = 9,
	BRIEF_WEIGHT = 3, /* of faults, times that of the table */
	BRIEF_ASLEEP = 60,
	BRIEF_NARROW = 80,
	LONG_ACTS = 12,
	LONG_MORE = 16,
	LONG_ASLEEP = 50,
	LONG_NARROW = 40
};

/* Some laptops lie in a drawer. Not the first coordinator's, nor all of the trainers'. */
static void
go_to_sleep(struct town *t)
{
	unsigned percent = t->is_brief ? BRIEF_ASLEEP : LONG_ASLEEP;

	for (size_t i = 0; i < t->n_homes; i++)
		t->homes[i].is_asleep =
		    i != COORDINATOR && i != TRAINER && town_chance(t, percent);
}

/* One to three things go wrong in a schedule, so that each meets quiet ones too. */
unsigned
act_begin(struct town *t)
{
	unsigned n = 1 + (unsigned)town_below(t, 3);

	t->is_brief = !t->is_never_brief && town_chance(t, BRIEF_PERCENT);
	for (unsigned i = 0; i < n; i++)
		t->faults |= 1u << town_below(t, FAULTS);
	town_say(t, "faults %#x", t->faults);
	go_to_sleep(t);
	t->is_narrow = town_chance(t, t->is_brief ? BRIEF_NARROW : LONG_NARROW);
	return t->is_brief ? BRIEF_ACTS + (unsigned)town_below(t, BRIEF_MORE)
			   : LONG_ACTS + (unsigned)town_below(t, LONG_MORE);
}

/* How often it is drawn in this schedule; 0 = never. */
static unsigned
weight_of(const struct town *t, size_t act)
{
	if (acts[act].fault == ALWAYS)
		return acts[act].weight;
	if ((acts[act].fault & t->faults) == 0)
		return 0;
	return acts[act].weight * (t->is_brief ? BRIEF_WEIGHT : 1);
}

static size_t
some_act(struct town *t)
{
	unsigned sum = 0, dice;

	for (size_t i = 0; i < ACTS; i++)
		sum += weight_of(t, i);
	dice = (unsigned)town_below(t, sum);
	for (size_t i = 0; i < ACTS; i++) {
		if (dice < weight_of(t, i))
			return i;
		dice -= weight_of(t, i);
	}
	return 0;
}

void
act_any(struct town *t)
{
	struct home *h = some_home(t);
	size_t i = some_act(t);

	if (acts[i].by != 0 && !t->homes[acts[i].by].is_revoked)
		h = &t->homes[acts[i].by];
	t->counts.acts++;
	t->now_ms += town_below(t, 3600 * 1000);
	town_say(t, "%td %s: act %zu", h - t->homes, h->member, i);
	acts[i].act(h);
}
