/* findings.c - one run over all rules, the lines that were asked for, and gates. */
#include "client/actions/findings.h"

#include <stdio.h>
#include <string.h>

#include "client/actions/findings_parts.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for findings");
}

struct finding *
findings_line(struct findings_run *run, unsigned number, uint32_t order,
    const char *subject, uint32_t count, const char *message)
{
	const struct rule *rule = rules_find(number);
	struct finding_list *out = run->out;
	const char *words =
	    message == NULL ? rule->message : arena_text(run->l->arena, "%s", message);

	findings_add(out, (struct finding){.rule = number,
			      .severity = rule->severity,
			      .subject = arena_copy(run->l->arena, span_text(subject)),
			      .count = count,
			      .message = words == NULL ? rule->message : words,
			      .order = order});
	return out->is_out_of_memory ? NULL : &out->at[out->n - 1];
}

/* ---- which lines are wanted ---- */

static bool
is_about(const struct finding *f, const char *subject)
{
	return span_equal(f->subject, span_text(subject));
}

/* Keeps the lines about a subject and of some gates (0 = all rules). */
static void
keep_lines(struct finding_list *list, const char *subject, unsigned gates)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct finding *f = &list->at[i];

		if ((subject == NULL || is_about(f, subject)) &&
		    (gates == 0 || (rules_find(f->rule)->gates & gates) != 0))
			list->at[kept++] = *f;
	}
	list->n = kept;
}

/* Lines of a rule that speaks of a group become one, with the sum of their counts. */
static void
group_lines(struct finding_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct finding *f = &list->at[i];
		const struct rule *rule = rules_find(f->rule);
		size_t k = 0;

		while (rule->group != NULL && k < kept && list->at[k].rule != f->rule)
			k++;
		if (rule->group == NULL || k == kept) {
			list->at[kept] = *f;
			if (rule->group != NULL) {
				list->at[kept].subject = span_text(rule->group);
				list->at[kept].order = 0;
			}
			kept++;
		} else {
			list->at[k].count += f->count;
		}
	}
	list->n = kept;
}

/* Lines that say the same about the same become one: values of V1 to V5, say. Sorted. */
static void
join_lines(struct finding_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct finding *f = &list->at[i];
		struct finding *last = kept == 0 ? NULL : &list->at[kept - 1];

		if (last != NULL && last->rule == f->rule && last->order == f->order &&
		    span_equal(last->subject, f->subject) &&
		    strcmp(last->message, f->message) == 0)
			last->count += f->count;
		else
			list->at[kept++] = *f;
	}
	list->n = kept;
}

/* ---- one run ---- */

static status
run_rules(struct findings_run *run, unsigned gates)
{
	status st = findings_load(run);

	if (st != ST_OK)
		return st;
	findings_activities(run->rows, run->n, run->subject, run->out);
	for (size_t i = 0; i < run->n; i++) {
		if (run->facts[i].changes > 0)
			(void)findings_line(run, 28, run->rows[i].country_order,
			    (const char *)run->rows[i].code.bytes, run->facts[i].changes,
			    NULL);
	}
	st = findings_reports(run);
	if (st == ST_OK)
		st = findings_practices(run, gates);
	if (st == ST_OK)
		st = findings_queries(run, gates);
	if (st == ST_OK && (gates == 0 || (rules_find(34)->gates & gates) != 0))
		st = findings_spots(run);
	if (st == ST_OK && gates == 0)
		st = findings_released(run);
	if (st == ST_OK && gates == 0)
		st = findings_mentions(run);
	if (st == ST_OK && gates == 0)
		st = findings_values(run);
	if (st == ST_OK && run->out->is_out_of_memory)
		st = no_memory(run->l);
	return st;
}

static status
find_all(struct laptop *l, const char *subject, unsigned gates, struct finding_list *out)
{
	struct findings_run run = {
	    .l = l, .subject = subject, .asks_gates = gates != 0, .out = out};
	status st;

	*out = (struct finding_list){.arena = l->arena};
	run.scratch = arena_new(0);
	if (run.scratch == NULL)
		return no_memory(l);
	st = run_rules(&run, gates);
	arena_free(run.scratch);
	if (st != ST_OK)
		return st;
	keep_lines(out, subject, gates);
	if (subject == NULL)
		group_lines(out);
	findings_sort(out);
	join_lines(out);
	return ST_OK;
}

status
findings_tables(struct laptop *l)
{
	struct finding_list unused = {.arena = l->arena};
	struct findings_run run = {.l = l, .out = &unused};
	status st;

	run.scratch = arena_new(0);
	if (run.scratch == NULL)
		return no_memory(l);
	st = findings_load(&run);
	if (st == ST_OK)
		st = findings_reports(&run);
	arena_free(run.scratch);
	return st;
}

/* Is the code one of an activity, practice, document or paper? */
static status
check_subject(struct laptop *l, const char *subject)
{
	struct query *q =
	    query_of(l->queries, "SELECT 1 FROM activity WHERE code = ?1 UNION ALL"
				 " SELECT 1 FROM practice WHERE code = ?1 UNION ALL"
				 " SELECT 1 FROM report WHERE code = ?1 UNION ALL"
				 " SELECT 1 FROM advocacy WHERE code = ?1 UNION ALL"
				 " SELECT 1 FROM minutes WHERE code = ?1 UNION ALL"
				 " SELECT 1 FROM paper WHERE code = ?1 UNION ALL"
				 " SELECT 1 FROM publication WHERE code = ?1");
	bool found;
	status st;

	query_text(q, subject);
	found = query_row(q);
	st = query_done(q, &l->trouble);
	if (st != ST_OK || found)
		return st;
	st = complain(l->complaint, PN_F01,
	    "no activity, practice or document %s is on this laptop%s", subject,
	    find_near(l, KIND_NONE, subject));
	complain_next(l->complaint, "pnet findings    for all");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static const char *
upper(struct laptop *l, const char *word)
{
	char *out = arena_text(l->arena, "%s", word);

	for (char *at = out; at != NULL && *at != '\0'; at++) {
		if (*at >= 'a' && *at <= 'z')
			*at = (char)(*at - 'a' + 'A');
	}
	return out;
}

status
findings_list(struct laptop *l, const char *subject, struct finding_list *out)
{
	const char *code = subject == NULL ? NULL : upper(l, subject);
	status st = code == NULL ? ST_OK : check_subject(l, code);

	return st != ST_OK ? st : find_all(l, code, 0, out);
}

/* ---- gates ---- */

status
findings_gate(
    struct laptop *l, enum gate gate, const char *subject, struct finding_list *out)
{
	return find_all(l, upper(l, subject), GATE_BIT(gate), out);
}

const char *
findings_settle(struct laptop *l, const struct finding *f)
{
	const struct rule *rule = rules_find(f->rule);
	const char *hole = strstr(rule->settle, " %s");

	if (f->settle != NULL)
		return f->settle;
	/* A line about many: the command without its subject lists them. */
	if (hole == NULL ||
	    span_equal(f->subject, span_text(rule->group == NULL ? "" : rule->group)))
		return hole == NULL ? rule->settle
				    : "pnet findings CODE    for one of them";
	return arena_text(l->arena, "%.*s %.*s%s", (int)(hole - rule->settle),
	    rule->settle, (int)f->subject.len, (const char *)f->subject.bytes,
	    hole + strlen(" %s"));
}

status
findings_check_gate(struct laptop *l, enum gate gate, const char *subject)
{
	struct finding_list open;
	char why[sizeof l->complaint->why] = "";
	status st = findings_gate(l, gate, subject, &open);
	size_t used = 0;

	if (st != ST_OK || open.n == 0)
		return st;
	for (size_t i = 0; i < open.n && used + 1 < sizeof why; i++) {
		int n = snprintf(why + used, sizeof why - used, "%s%s (V%u)",
		    i == 0 ? "" : "; ", open.at[i].message, open.at[i].rule);

		used += n < 0 ? 0 : (size_t)n;
	}
	st = complain(l->complaint, PN_C01, "%s", why);
	complain_what(
	    l->complaint, "%s cannot %s yet", upper(l, subject), rules_gate_verb(gate));
	for (size_t i = 0; i < open.n; i++)
		complain_next(l->complaint, "%s", findings_settle(l, &open.at[i]));
	return trouble_set(&l->trouble, st, "gates are open");
}
