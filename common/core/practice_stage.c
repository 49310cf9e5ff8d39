/* practice_stage.c - stages and needs of practices as two tables. Pure. */
#include "core/practice_stage.h"

#include <stddef.h>

/* ---- conditions ---- */

static bool
is_withdrawn(const struct practice_facts *f)
{
	return f->is_withdrawn;
}

static bool
is_published(const struct practice_facts *f)
{
	return f->is_published;
}

static bool
is_rejected(const struct practice_facts *f)
{
	return f->is_rejected;
}

static bool
is_proven(const struct practice_facts *f)
{
	return f->verdict == VERDICT_PROVEN;
}

static bool
is_not_proven(const struct practice_facts *f)
{
	return f->verdict == VERDICT_NOT_PROVEN;
}

static bool
is_assessed(const struct practice_facts *f)
{
	return f->reported_on != 0;
}

static bool
is_implemented(const struct practice_facts *f)
{
	return f->is_implemented;
}

static bool
is_implementing(const struct practice_facts *f)
{
	return f->is_implementing;
}

static bool
is_trained(const struct practice_facts *f)
{
	return f->is_trained;
}

static bool
is_described(const struct practice_facts *f)
{
	return f->is_described;
}

static bool
is_selected(const struct practice_facts *f)
{
	return f->is_selected;
}

static bool
is_standing(const struct practice_facts *f)
{
	return !f->is_withdrawn;
}

static bool
is_settled(const struct practice_facts *f)
{
	return !f->has_conflict;
}

bool
practice_is_revised(const struct practice_facts *f)
{
	return is_not_proven(f) || f->reported_on == 0 ||
	       f->described_on > f->reported_on;
}

/* ---- stages ---- */

/* The first that holds is shown. */
static const struct {
	enum practice_stage stage;
	bool (*is_reached)(const struct practice_facts *f);
} stages[] = {
    {STAGE_WITHDRAWN, is_withdrawn},
    {STAGE_PUBLISHED, is_published},
    {STAGE_REJECTED, is_rejected},
    {STAGE_PROVEN, is_proven},
    {STAGE_NOT_PROVEN, is_not_proven},
    {STAGE_ASSESSED, is_assessed},
    {STAGE_IMPLEMENTED, is_implemented},
    {STAGE_IMPLEMENTING, is_implementing},
    {STAGE_TRAINED, is_trained},
    {STAGE_DESCRIBED, is_described},
    {STAGE_SELECTED, is_selected},
};

enum practice_stage
practice_stage(const struct practice_facts *f)
{
	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
		if (stages[i].is_reached(f))
			return stages[i].stage;
	}
	return STAGE_COLLECTED;
}

const char *
practice_stage_name(enum practice_stage s)
{
	static const char *const names[] = {"collected", "rejected", "selected",
	    "described", "trained", "implementing", "implemented", "assessed",
	    "not_proven", "proven", "published", "withdrawn"};

	_Static_assert(sizeof names / sizeof names[0] == STAGE_COUNT, "a name each");
	return s < STAGE_COUNT ? names[s] : "?";
}

/* ---- needs ---- */

enum { IN_A = 1, IN_B = 2, IS_LISTED = 4 /* in `missing` (DOMAIN 6.5) */ };

/* Ascending by enum practice_need. */
static const struct {
	bool (*is_met)(const struct practice_facts *f);
	unsigned of;
	const char *text;
} needs[] = {
    [NEED_SELECTED] = {is_selected, IN_A | IN_B, "not selected"},
    [NEED_IMPLEMENTED] = {is_implemented, IN_A | IS_LISTED,
	"no closed youth workshop outside the origin country"},
    [NEED_REPORT] = {is_assessed, IN_A | IS_LISTED,
	"no accepted transferability report signed by a new and an experienced "
	"practitioner"},
    [NEED_REVISED] = {practice_is_revised, IN_A | IS_LISTED,
	"description not revised after the latest accepted report"},
    [NEED_PROVEN] = {is_proven, IN_A | IS_LISTED, "no decision \"proven\""},
    [NEED_STANDING] = {is_standing, IN_A | IN_B, "withdrawn"},
    [NEED_SETTLED] = {is_settled, IN_A, "an open conflict in its fields"},
    [NEED_DESCRIBED] = {is_described, IN_B, "no accepted description"},
    [NEED_TRAINED] = {is_trained, IN_B, "no held training session"},
};
_Static_assert(sizeof needs / sizeof needs[0] == NEED_COUNT, "a row each");

static unsigned
lacks(const struct practice_facts *f, unsigned of)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < NEED_COUNT; i++) {
		if ((needs[i].of & of) != 0 && !needs[i].is_met(f))
			mask |= 1U << i;
	}
	return mask;
}

unsigned
practice_lacks_part_a(const struct practice_facts *f)
{
	return lacks(f, IN_A);
}

unsigned
practice_lacks_part_b(const struct practice_facts *f)
{
	return lacks(f, IN_B);
}

const char *
practice_need_text(enum practice_need need)
{
	return need < NEED_COUNT ? needs[need].text : "?";
}

/* A practice that is out of the programme: nothing more is asked of it. */
static bool
is_out(const struct practice_facts *f)
{
	enum practice_stage s = practice_stage(f);

	return s == STAGE_REJECTED || s == STAGE_WITHDRAWN;
}

const char *
practice_missing(const struct practice_facts *f, struct arena *a)
{
	unsigned mask = lacks(f, IS_LISTED);
	const char *out = "";

	if (is_out(f))
		return practice_stage_name(practice_stage(f));
	for (unsigned i = 0; i < NEED_COUNT && out != NULL; i++) {
		if ((mask & 1U << i) != 0)
			out = arena_text(
			    a, "%s%s%s", out, *out == '\0' ? "" : "; ", needs[i].text);
	}
	return out;
}

const char *
practice_eligible(const struct practice_facts *f)
{
	if (is_out(f))
		return "";
	return practice_lacks_part_a(f) == 0 ? "yes" : "no";
}
