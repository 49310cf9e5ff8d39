/* findings.c - the list of findings, and rules about activities that need totals only.
 * Rules about young people are findings_roll.c. Pure. */
#include "core/findings.h"

#include "base/text.h"
#include "core/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- the list ---- */

void
findings_add(struct finding_list *list, struct finding f)
{
	if (list->n == list->cap) {
		size_t cap = list->cap == 0 ? 16 : list->cap * 2;
		struct finding *at = arena_zeros(list->arena, cap, sizeof *at);

		if (at == NULL) {
			list->is_out_of_memory = true;
			return;
		}
		if (list->n > 0)
			memcpy(at, list->at, list->n * sizeof *at);
		list->at = at;
		list->cap = cap;
	}
	list->at[list->n++] = f;
}

static int
compare_findings(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	unsigned at_x = rules_find(x->rule)->place, at_y = rules_find(y->rule)->place;

	if (at_x != at_y)
		return at_x < at_y ? -1 : 1;
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return span_compare(x->subject, y->subject);
}

void
findings_sort(struct finding_list *list)
{
	if (list->n > 0)
		qsort(list->at, list->n, sizeof *list->at, compare_findings);
}

void
findings_table(struct writer *w, const struct finding_list *list)
{
	text_put(w, "rule,severity,subject,count,message\n");
	for (size_t i = 0; i < list->n; i++) {
		const struct finding *f = &list->at[i];

		text_put(w, "V%u,%s", f->rule, rules_severity_name(f->severity));
		table_cell(w, false, f->subject);
		table_cell_number(w, false, f->count);
		table_cell(w, false, span_text(f->message));
		table_end_row(w);
	}
}

/* ---- activities ---- */

/* A line about one activity. message NULL: that of the rule. */
static void
add_line(struct finding_list *out, unsigned number, const struct finding_activity *a,
    uint32_t count, const char *message)
{
	const struct rule *rule = rules_find(number);

	assert(rule != NULL);
	findings_add(out, (struct finding){.rule = number,
			      .severity = rule->severity,
			      .subject = a->code,
			      .count = count,
			      .message = message == NULL ? rule->message : message,
			      .order = a->country_order});
}

/* A line about all activities together, or about the one subject asked for; none if
 * nothing was counted. */
static void
add_sum(struct finding_list *out, unsigned number, const char *subject, uint32_t count)
{
	const struct rule *rule = rules_find(number);

	assert(rule != NULL);
	if (count > 0)
		findings_add(out,
		    (struct finding){.rule = number,
			.severity = rule->severity,
			.subject = span_text(subject == NULL ? rule->group : subject),
			.count = count,
			.message = rule->message});
}

/* Rules whose count stands in the figures, one line per activity. Where the words of the
 * rule speak of a workshop, `other` is for activities of adults. */
static void
add_counted(struct finding_list *out, const struct finding_activity *a)
{
	static const struct {
		enum figure_rule at;
		unsigned number;
		const char *other;
	} counted[] = {{FIG_V10, 10, NULL}, {FIG_V11, 11, NULL}, {FIG_V13, 13, NULL},
	    {FIG_V16, 16, NULL}, {FIG_V17, 17, NULL},
	    {FIG_V18, 18, "marks missing on held days; activity cannot be closed"},
	    {FIG_V19, 19, "open conflicts in marks; activity cannot be closed"}};

	for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
		uint32_t count = a->figures.rules[counted[i].at];

		if (count > 0)
			add_line(out, counted[i].number, a, count,
			    a->type == YOUTH_WORKSHOP ? NULL : counted[i].other);
	}
}

struct closing
findings_closing(const struct figures *f, enum activity_type type)
{
	struct closing c = {
	    .missing = f->rules[FIG_V18],
	    .conflicts = f->rules[FIG_V19],
	    .is_short = type == YOUTH_WORKSHOP &&
			f->days_held < rules_limit(LIMIT_WORKSHOP_DAYS_HELD),
	};

	c.may_close = c.missing == 0 && c.conflicts == 0 && !c.is_short;
	return c;
}

static void
check_days_held(struct finding_list *out, const struct finding_activity *a)
{
	const char *message;

	if (a->state != STATE_HELD && a->state != STATE_CLOSED)
		return;
	if (!findings_closing(&a->figures, a->type).is_short)
		return;
	message =
	    arena_text(out->arena, "only %u of %u days held; workshop cannot be closed",
		(unsigned)a->figures.days_held, (unsigned)a->figures.days_planned);
	add_line(out, 20, a, 1, message);
}

static void
check_consecutive(struct finding_list *out, const struct finding_activity *a)
{
	for (size_t i = 1; i < a->n_days; i++) {
		const struct roll_day *x = &a->days[i - 1], *y = &a->days[i];

		if (!x->has_date || !y->has_date || y->day_no <= x->day_no)
			continue;
		if (y->date != x->date + (uint32_t)(y->day_no - x->day_no)) {
			add_line(out, 21, a, 1, NULL);
			return;
		}
	}
}

static void
check_team(struct finding_list *out, const struct finding_activity *a)
{
	bool no_new = a->figures.team_new == 0;
	bool no_experienced = a->figures.team_experienced == 0;

	if (no_new && no_experienced)
		add_line(out, 22, a, 1, "no new and no experienced co-facilitator");
	else if (no_new)
		add_line(out, 22, a, 1, "no new co-facilitator");
	else if (no_experienced)
		add_line(out, 22, a, 1, "no experienced co-facilitator");
}

/* Coachings and workshops that are not cancelled, by practice, club and start, so that
 * each workshop finds its own coaching in one step. */
struct coachings {
	size_t n;
	const struct finding_activity **at;
};

static int
compare_preparation(const struct finding_activity *x, const struct finding_activity *y)
{
	int c = memcmp(&x->practice, &y->practice, sizeof x->practice);

	return c != 0 ? c : memcmp(&x->org, &y->org, sizeof x->org);
}

static int
compare_starts(const struct finding_activity *x, const struct finding_activity *y)
{
	int c = compare_preparation(x, y);

	return c != 0 ? c : (x->start > y->start) - (x->start < y->start);
}

static int
compare_coachings(const void *a, const void *b)
{
	const struct finding_activity *const *x = a, *const *y = b;

	return compare_starts(*x, *y);
}

static bool
find_coachings(
    const struct finding_activity *all, size_t n, struct arena *a, struct coachings *out)
{
	*out = (struct coachings){0, arena_zeros(a, n, sizeof *out->at)};
	if (out->at == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		if ((all[i].type == PEER_COACHING || all[i].type == YOUTH_WORKSHOP) &&
		    all[i].state != STATE_CANCELLED)
			out->at[out->n++] = &all[i];
	}
	if (out->n > 0)
		qsort(out->at, out->n, sizeof *out->at, compare_coachings);
	return true;
}

/* How many come before w in the order of practice, club and start. */
static size_t
count_before(const struct coachings *c, const struct finding_activity *w)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_starts(c->at[middle], w) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A coaching prepares the next workshop at the club; the one after that needs its own. */
static void
check_coaching(struct finding_list *out, const struct finding_activity *w,
    const struct coachings *coachings)
{
	for (size_t i = count_before(coachings, w);
	     i > 0 && compare_preparation(coachings->at[i - 1], w) == 0; i--) {
		const struct finding_activity *c = coachings->at[i - 1];
		bool is_held =
		    c->figures.days_held >= rules_limit(LIMIT_COACHING_DAYS_HELD);

		if (c->type == YOUTH_WORKSHOP)
			break;
		if (is_held || w->state == STATE_PLANNED)
			return;
	}
	add_line(out, 24, w, 1, NULL);
}

static bool
is_under_way(enum activity_state s)
{
	return s == STATE_RUNNING || s == STATE_HELD || s == STATE_CLOSED;
}

/* Counts of the rules that give one line for all. */
struct sums {
	uint32_t pending, refused, ages;
};

static void
add_to_sums(struct sums *sums, const struct finding_activity *a)
{
	sums->ages += a->figures.rules[FIG_V12];
	sums->pending += is_under_way(a->state) ? a->figures.rules[FIG_V14] : 0;
	sums->refused += a->state == STATE_CLOSED ? a->figures.rules[FIG_V15] : 0;
}

static void
check_activity(struct finding_list *out, const struct finding_activity *a,
    const struct coachings *coachings)
{
	add_counted(out, a);
	if (a->state == STATE_CANCELLED)
		return;
	check_consecutive(out, a);
	if (a->type != YOUTH_WORKSHOP)
		return;
	check_days_held(out, a);
	check_team(out, a);
	check_coaching(out, a, coachings);
}

void
findings_activities(const struct finding_activity *activities, size_t n,
    const char *subject, struct finding_list *out)
{
	struct coachings coachings;
	struct sums sums = {0};

	if (!find_coachings(activities, n, out->arena, &coachings)) {
		out->is_out_of_memory = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (activities[i].is_background)
			continue;
		add_to_sums(&sums, &activities[i]);
		check_activity(out, &activities[i], &coachings);
	}
	add_sum(out, 14, subject, sums.pending);
	add_sum(out, 15, subject, sums.refused);
	add_sum(out, 12, subject, sums.ages);
}
