/* findings.c - the table of rules, the list of findings, and rules about activities that
 * need totals only. Rules about young people are findings_roll.c. Pure. */
#include "core/findings.h"

#include "base/text.h"
#include "core/table.h"

#include <assert.h>
#include <stdlib.h>

#define I SEVERITY_INFO
#define W SEVERITY_WARNING
#define G SEVERITY_GATE

/* clang-format off */
static const struct rule rules[] = {
	{1,  W, "value not in the vocabulary"},
	{2,  W, "not a real date"},
	{3,  W, "day outside the days of the activity"},
	{4,  W, "name empty, too long, or with characters that a name cannot have"},
	{5,  W, "text begins like a formula"},
	{6,  W, "text names a young person"},
	{7,  W, "one code used twice"},
	{8,  I, "edit time more than 24 h ahead of the server's time"},
	{9,  W, "written by somebody who may not write it; kept, not shown"},
	{10, W, "age outside 6-30"},
	{11, W, "birth year not stated"},
	{12, W, "age outside the range of the practice"},
	{13, W, "near duplicates in one club"},
	{14, W, "consent still pending"},
	{15, G, "consent refused but names stored"},
	{16, W, "consent given without a guardian below the country's age"},
	{17, W, "marks on days not held or not enrolled"},
	{18, G, "marks missing on held days; workshop cannot be closed"},
	{19, G, "open conflicts in marks; workshop cannot be closed"},
	{20, G, "too few days held; workshop cannot be closed"},
	{21, W, "days not consecutive"},
	{22, W, "no new or no experienced co-facilitator"},
	{23, W, "the experienced one never led this practice"},
	{24, W, "no held coaching before the workshop"},
	{25, W, "the new one was at no summer school"},
	{26, W, "summer school outside 40-50 people"},
	{27, W, "coaching not at the organisation of the workshop"},
	{28, W, "changes after closing"},
	{29, W, "retention time is over and personal data is still stored"},
	{30, W, "report still draft more than 14 days after the workshop"},
	{31, G, "empty section"},
	{32, G, "not exactly one rating per author"},
	{33, G, "only one sign-off; report cannot be accepted"},
	{34, G, "open hot spot in the text"},
	{35, W, "the two verdicts differ"},
	{40, G, "not eligible for the compendium"},
	{41, G, "description not revised after the latest accepted report"},
	{42, W, "country without roundtable"},
	{43, W, "fewer than two roundtable meetings"},
	{44, G, "advocacy report not accepted; working paper cannot be published"},
	{45, W, "edit of a released publication item"},
};
/* clang-format on */
#undef I
#undef W
#undef G

const struct rule *
findings_rule(unsigned number)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (rules[i].number == number)
			return &rules[i];
	}
	return NULL;
}

const char *
findings_severity_name(enum severity s)
{
	static const char *const names[] = {"info", "warning", "gate"};

	_Static_assert(sizeof names / sizeof names[0] == SEVERITY_COUNT, "a name each");
	return names[s];
}

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

/* The sample's order first (DOMAIN 6.8), then by number. */
static unsigned
place_of(unsigned rule)
{
	static const unsigned first[] = {14, 15, 12, 22, 33, 24, 18, 30, 35, 41, 44};
	const unsigned n = sizeof first / sizeof first[0];

	for (unsigned i = 0; i < n; i++) {
		if (first[i] == rule)
			return i;
	}
	return n + rule;
}

static int
compare_findings(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	unsigned at_x = place_of(x->rule), at_y = place_of(y->rule);

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

		text_put(w, "V%u,%s", f->rule, findings_severity_name(f->severity));
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
	const struct rule *rule = findings_rule(number);

	assert(rule != NULL);
	findings_add(
	    out, (struct finding){number, rule->severity, a->code, count,
		     message == NULL ? rule->message : message, a->country_order});
}

/* A line about all activities together; none if nothing was counted. */
static void
add_sum(struct finding_list *out, unsigned number, const char *subject, uint32_t count)
{
	const struct rule *rule = findings_rule(number);

	assert(rule != NULL);
	if (count > 0)
		findings_add(out, (struct finding){number, rule->severity,
				      span_text(subject), count, rule->message, 0});
}

/* Rules whose count stands in the figures, one line per activity. */
static void
add_counted(struct finding_list *out, const struct finding_activity *a)
{
	static const struct {
		enum figure_rule at;
		unsigned number;
	} counted[] = {{FIG_V10, 10}, {FIG_V11, 11}, {FIG_V13, 13}, {FIG_V16, 16},
	    {FIG_V17, 17}, {FIG_V18, 18}, {FIG_V19, 19}};

	for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
		uint32_t count = a->figures.rules[counted[i].at];

		if (count > 0)
			add_line(out, counted[i].number, a, count, NULL);
	}
}

struct closing
findings_closing(const struct figures *f, enum activity_type type)
{
	struct closing c = {
	    .missing = f->rules[FIG_V18],
	    .conflicts = f->rules[FIG_V19],
	    .is_short = type == YOUTH_WORKSHOP && f->days_held < WORKSHOP_DAYS_HELD_MIN,
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

/* Is c a coaching that prepares w: same practice and club, before its start? */
static bool
prepares(const struct finding_activity *c, const struct finding_activity *w)
{
	return c->type == PEER_COACHING && c->state != STATE_CANCELLED &&
	       ID_EQUAL(&c->practice, &w->practice) && ID_EQUAL(&c->org, &w->org) &&
	       c->start < w->start;
}

static void
check_coaching(struct finding_list *out, const struct finding_activity *w,
    const struct finding_activity *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool is_held = all[i].figures.days_held >= 2; /* both days */

		if (prepares(&all[i], w) && (is_held || w->state == STATE_PLANNED))
			return;
	}
	add_line(out, 24, w, 1, NULL);
}

static bool
is_under_way(enum activity_state s)
{
	return s == STATE_RUNNING || s == STATE_HELD || s == STATE_CLOSED;
}

void
findings_activities(
    const struct finding_activity *activities, size_t n, struct finding_list *out)
{
	uint32_t pending = 0, refused = 0, ages = 0;

	for (size_t i = 0; i < n; i++) {
		const struct finding_activity *a = &activities[i];

		ages += a->figures.rules[FIG_V12];
		pending += is_under_way(a->state) ? a->figures.rules[FIG_V14] : 0;
		refused += a->state == STATE_CLOSED ? a->figures.rules[FIG_V15] : 0;
		add_counted(out, a);
		if (a->state == STATE_CANCELLED)
			continue;
		check_consecutive(out, a);
		if (a->type != YOUTH_WORKSHOP)
			continue;
		check_days_held(out, a);
		check_team(out, a);
		check_coaching(out, a, activities, n);
	}
	add_sum(out, 14, "closed held and running workshops", pending);
	add_sum(out, 15, "closed workshops", refused);
	add_sum(out, 12, "young people", ages);
}
