/* closing_gates.c - who may close, and what still stands in the way, said with the
 * commands that settle it. */
#include "client/actions/closing.h"

#include <stdio.h>

enum { NAMED_MAX = 12, SETS_MAX = 6 };

status
closing_check_role(struct laptop *l, const struct activity *a)
{
	status st;

	/* What is held for every country belongs to none. */
	if (l->self.role == ROLE_COORDINATOR &&
	    (a->space == l->self.author.home || a->space == 0))
		return ST_OK;
	st =
	    complain(l->complaint, PN_P01, "%s is closed and reopened by a coordinator%s",
		a->code, a->space == 0 ? "" : " of its country");
	complain_next(l->complaint, "pnet member list    to see who that is");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

/* Appends to a text of fixed size; what does not fit is cut. */
__attribute__((format(printf, 3, 4))) static void
append(char *text, size_t cap, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text + used, cap - used, format, args);
	va_end(args);
}

/* ": 13 Hana Bieliková, day 5; 4 Tadeáš Mráz, day 2 and 9 more (V18)" */
static void
name_places(struct laptop *l, const struct rolls *r, const struct roll_place *places,
    size_t n, unsigned rule, char *text, size_t cap)
{
	for (size_t i = 0; i < n && i < NAMED_MAX; i++)
		append(text, cap, "%s%zu %s, day %u", i == 0 ? ": " : "; ",
		    places[i].line + 1, rolls_name(l, r, places[i].line),
		    places[i].day_no);
	if (n > NAMED_MAX)
		append(text, cap, " and %zu more", n - NAMED_MAX);
	append(text, cap, " (V%u)", rule);
}

/* One command for the missing marks of one day; asked one by one where they are many. */
static void
suggest_marks(struct laptop *l, const struct rolls *r, const struct roll_place *places,
    size_t n, uint8_t day_no)
{
	char sets[160] = "";
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (places[i].day_no != day_no)
			continue;
		if (count++ < SETS_MAX)
			append(
			    sets, sizeof sets, " --set %zu=present", places[i].line + 1);
	}
	if (count == 0)
		return;
	if (count > SETS_MAX)
		complain_next(l->complaint,
		    "pnet attend %s %u --ask    asks for %zu marks", r->activity.code,
		    day_no, count);
	else
		complain_next(l->complaint, "pnet attend %s %u%s    or the %s",
		    r->activity.code, day_no, sets,
		    count == 1 ? "mark that is right" : "marks that are right");
}

static void
word_missing(struct laptop *l, const struct rolls *r, const struct roll_place *places,
    size_t n, char *why, size_t cap)
{
	append(why, cap, "%zu mark%s missing on a held day", n, n == 1 ? " is" : "s are");
	name_places(l, r, places, n, 18, why, cap);
}

static void
word_conflicts(struct laptop *l, const struct rolls *r, const struct roll_place *places,
    size_t n, char *why, size_t cap)
{
	append(why, cap, "%s%zu mark%s two values", *why == '\0' ? "" : "; ", n,
	    n == 1 ? " has" : "s have");
	name_places(l, r, places, n, 19, why, cap);
}

/* At most four commands fit (complaint.h): conflicts and days first, then marks. */
static void
suggest(struct laptop *l, const struct rolls *r, const struct closing *gates,
    const struct roll_place *missing, size_t n_missing)
{
	if (gates->conflicts > 0)
		complain_next(l->complaint, "pnet review");
	for (unsigned day = 1; gates->is_short && day <= r->roll.days_planned; day++) {
		if (r->view.figures.days[day - 1].held == HELD_YES)
			continue;
		complain_next(l->complaint,
		    "pnet activity day %s %u --held yes    if it was held",
		    r->activity.code, day);
		break; /* one shows how */
	}
	for (unsigned day = 1; day <= r->roll.days_planned; day++)
		suggest_marks(l, r, missing, n_missing, (uint8_t)day);
}

status
closing_check_gates(struct laptop *l, const struct rolls *r)
{
	const struct figures *f = &r->view.figures;
	struct closing gates = findings_closing(f, r->activity.type);
	struct roll_place *missing, *conflicts;
	size_t n_missing, n_conflicts;
	char why[sizeof l->complaint->why] = "";
	status st;

	if (gates.may_close)
		return ST_OK;
	st = roll_missing(&r->view, l->arena, &missing, &n_missing, &l->trouble);
	if (st == ST_OK)
		st = roll_conflicts(
		    &r->view, l->arena, &conflicts, &n_conflicts, &l->trouble);
	if (st != ST_OK)
		return st;
	if (n_missing > 0)
		word_missing(l, r, missing, n_missing, why, sizeof why);
	if (n_conflicts > 0)
		word_conflicts(l, r, conflicts, n_conflicts, why, sizeof why);
	if (gates.is_short)
		append(why, sizeof why, "%sonly %u of %u days held, %u are needed (V20)",
		    *why == '\0' ? "" : "; ", (unsigned)f->days_held,
		    (unsigned)f->days_planned,
		    (unsigned)rules_limit(LIMIT_WORKSHOP_DAYS_HELD));
	st = complain(l->complaint, PN_C01, "%s", why);
	complain_what(l->complaint, "%s cannot be closed yet", r->activity.code);
	suggest(l, r, &gates, missing, n_missing);
	return trouble_set(&l->trouble, st, "gates are open");
}
