/* findings_parts.h - what the files of findings share: the facts of one run, and the
 * groups of rules that read them. */
#ifndef CLIENT_ACTIONS_FINDINGS_PARTS_H
#define CLIENT_ACTIONS_FINDINGS_PARTS_H

#include "client/actions/findings.h"
#include "client/actions/rolls.h"

/* An activity beside what the rules of core/findings.h read. */
struct fact {
	struct record_id name;
	int64_t scope;
	uint16_t space;
	bool is_cancelled, is_closed;
	bool has_figures;  /* from a tally or from provisional figures */
	uint32_t enrolled; /* of them */
	uint32_t changes;  /* after closing (V28), where the roll is open here */
};

/* One run. Activities are sorted by record name, rows[i] is about facts[i]. */
struct findings_run {
	struct laptop *l;
	const char *subject; /* code asked for, NULL = all */
	bool asks_gates;     /* drafts are held to what submitting asks */
	size_t n;
	struct fact *facts;
	struct finding_activity *rows;
	struct arena *scratch; /* reset for each activity */
	struct finding_list *out;
};

/* Reads activities with their days, teams and figures; puts them into the temporary
 * tables that the queries of rules join: f_limit(name, n)             numbers of
 * core/rules.h; today; drafts_too (V33) f_type(type, days)           days planned
 *   f_space(pos, code, ord, office, country, coord)  and which of its scopes are open
 * here f_activity(record, space, ord, code, type, state, start, last, practice, org,
 * closed_on)
 */
status findings_load(struct findings_run *run);
/* Index of an activity; SIZE_MAX if it is not here. */
size_t findings_index(const struct findings_run *run, const void *record, size_t len);
/* Figures of activities of adults: V17 to V19 from participations and sheets. */
status findings_adults(struct findings_run *run);
/* Reports with their state, into f_report(record, code, ord, activity, practice, state,
 * submitted, version, authors, author_list, accepted_on): version = hash of the present
 * text. */
status findings_reports(struct findings_run *run);
/* V41 of every practice; V40 of those in an edition that is not released, or of the one
 * that a gate asks about. After findings_reports(). */
status findings_practices(struct findings_run *run, unsigned gates);
/* V34 of texts that may still change. After findings_reports(). */
status findings_spots(struct findings_run *run);
/* Rules that are queries (findings_sql.c); gates: only those that block one of these
 * (mask of GATE_BIT), 0 = all. */
status findings_queries(struct findings_run *run, unsigned gates);
/* One line about a record, under the code that speaks for it, by its local id. */
status findings_record(struct findings_run *run, unsigned rule, const struct kind *k,
    int64_t rid, uint32_t count);
/* V6. */
status findings_mentions(struct findings_run *run);
/* V45. */
status findings_released(struct findings_run *run);
/* V1, V2, V4, V5, V7, V8: values of any kind, by the table of kinds (findings_values.c).
 */
status findings_values(struct findings_run *run);

/* Adds a line of a rule; message NULL: that of the rule. Texts are copied. NULL if memory
 * is out. */
struct finding *findings_line(struct findings_run *run, unsigned rule, uint32_t order,
    const char *subject, uint32_t count, const char *message);

#endif
