/* findings_sql.c - rules that are queries over the typed tables: one statement a rule,
 * over all records at once. Each gives rows (subject, country order, count, message or
 * NULL, command or NULL); what the statement cannot see is not in its rows. */
#include "client/actions/findings_parts.h"

#define LIMIT(name) "(SELECT n FROM f_limit WHERE name = '" name "')"
#define TODAY LIMIT("today")

/* Every office of a country is open here: only the office itself may say "never". */
#define SEES_ALL "(SELECT min(office) FROM f_space WHERE pos > 0) = 1"

/* A member's code: copied into the team where he is of another country. */
#define TEAM_CODE                                                                        \
	"coalesce(e.code, (SELECT p.code FROM person p WHERE p.record = e.person))"

/* Who led which practice in trainings and coachings, in these states. Uncorrelated, so
 * that it is made once for all workshops. */
#define LED_IN(states)                                                                   \
	"(e.person, f.practice) IN (SELECT c.person, k.practice FROM team c"             \
	" JOIN f_activity k ON k.record = c.activity WHERE k.type <> 'youth_workshop'"   \
	" AND c.function IN ('coach', 'lead', 'trainer') AND k.state IN (" states "))"

/* He led a session on the practice, or another activity on it that took place (or is
 * planned, while the workshop is). */
#define HAS_LED                                                                          \
	"(coalesce((" TEAM_CODE ", f.practice) IN (SELECT s.led_by, s.practice"          \
	" FROM session s WHERE coalesce(s.held, 'yes') <> 'no'), 0)"                     \
	" OR " LED_IN("'running', 'held', 'closed'") " OR (f.state = 'planned' "         \
						     "AND " LED_IN("'planned'") "))"

#define AT_SCHOOL(table, column)                                                         \
	"(SELECT m." column " FROM " table                                               \
	" m JOIN f_activity k ON k.record = m.activity"                                  \
	" WHERE k.type = 'summer_school' AND k.state <> 'cancelled'"                     \
	" AND m." column " IS NOT NULL)"

/* New ones with the practice (and club) of their workshops. */
#define NEW_AT(columns)                                                                  \
	"(SELECT e.person, w.practice" columns " FROM team e JOIN f_activity w"          \
	" ON w.record = e.activity WHERE e.experience = 'new'"                           \
	" AND w.type = 'youth_workshop' AND w.state <> 'cancelled')"

/* A report whose submitted text is the present one: see findings_reports.c. */
#define IS_DRAFT "x.state = 'draft'"

struct rule_query {
	unsigned rule;
	const char *sql;
};

/* clang-format off */
static const struct rule_query queries[] = {
	{3, "SELECT f.code, f.ord, count(*), NULL, NULL FROM (SELECT activity, day_no FROM"
	    " activity_day UNION ALL SELECT activity, day_no FROM session"
	    " UNION ALL SELECT activity, day_no FROM sheet"
	    " UNION ALL SELECT activity, day_no FROM adult_sheet"
	    " UNION ALL SELECT activity, day_no FROM note"
	    " UNION ALL SELECT activity, day_no FROM day_note"
	    " UNION ALL SELECT activity, joined_day FROM enrolment"
	    " UNION ALL SELECT activity, joined_day FROM participation) d"
	    " JOIN f_activity f ON f.record = d.activity JOIN f_type t ON t.type = f.type"
	    " WHERE d.day_no NOT BETWEEN 1 AND t.days GROUP BY f.record"},
	{9, "SELECT p.code, p.ord, count(*), NULL, NULL FROM r_quarantine q"
	    " JOIN f_space p ON p.pos = q.space WHERE q.reason LIKE '%(V9)%'"
	    " GROUP BY p.pos"},
	{23, "SELECT code, ord, 1, NULL, NULL FROM (SELECT f.code, f.ord, max(" HAS_LED ") AS led"
	     " FROM f_activity f JOIN team e ON e.activity = f.record"
	     " AND e.experience = 'experienced' WHERE f.type = 'youth_workshop'"
	     " AND f.state <> 'cancelled' GROUP BY f.record) WHERE NOT led AND " SEES_ALL},
	{25, "SELECT f.code, f.ord, count(*), NULL, NULL FROM f_activity f JOIN team e"
	     " ON e.activity = f.record AND e.experience = 'new'"
	     " WHERE f.type = 'youth_workshop' AND f.state <> 'cancelled'"
	     " AND e.person NOT IN " AT_SCHOOL("participation", "who")
	     " AND e.person NOT IN " AT_SCHOOL("team", "person") " GROUP BY f.record"},
	{26, "SELECT code, ord, people, 'summer school of ' || people || ' people; '"
	     " || low || '-' || high || ' are planned', NULL FROM (SELECT f.code, f.ord,"
	     " (SELECT count(*) FROM (SELECT who FROM participation p"
	     "  WHERE p.activity = f.record UNION SELECT person FROM team e"
	     "  WHERE e.activity = f.record)) AS people, " LIMIT("school_people_min")
	     " AS low, " LIMIT("school_people_max") " AS high FROM f_activity f"
	     " WHERE f.type = 'summer_school' AND f.state <> 'cancelled')"
	     " WHERE people NOT BETWEEN low AND high"},
	/* A coaching is of the workshop on the same practice where one who is coached is new. */
	{27, "SELECT code, ord, 1, NULL, NULL FROM (SELECT k.code, k.ord,"
	     " max((p.who, k.practice, k.org) IN " NEW_AT(", w.org") ") AS is_there"
	     " FROM f_activity k JOIN participation p ON p.activity = k.record"
	     " WHERE k.type = 'peer_coaching' AND k.state <> 'cancelled'"
	     " AND (p.who, k.practice) IN " NEW_AT("")
	     " GROUP BY k.record) WHERE NOT is_there"},
	{28, "SELECT f.code, f.ord, count(*), 'two valid tallies differ',"
	     " 'pnet reopen ' || f.code || ' --reason \"two tallies\"' FROM tally t"
	     " JOIN f_activity f ON f.record = t.activity WHERE NOT EXISTS"
	     " (SELECT 1 FROM reopen r WHERE r.tally = t.record) GROUP BY f.record"
	     " HAVING count(DISTINCT coalesce(hex(t.digest), '') || '/' || t.enrolled || '/'"
	     " || t.attended || '/' || t.completers || '/' || t.days) > 1"},
	{29, "SELECT f.code, f.ord, count(*), NULL, NULL FROM f_activity f"
	     " JOIN young_person y ON y.activity = f.record"
	     " JOIN f_space p ON p.pos = f.space LEFT JOIN country c ON c.code = p.code"
	     " WHERE f.closed_on IS NOT NULL AND date(f.closed_on, '+' ||"
	     " coalesce(c.retention_months, " LIMIT("retention_months") ") || ' months') <= "
	     TODAY " GROUP BY f.record"},
	{30, "SELECT x.code, x.ord, 1, NULL, NULL FROM f_report x"
	     " JOIN f_activity f ON f.record = x.activity WHERE " IS_DRAFT
	     " AND julianday(" TODAY ") - julianday(f.last) > " LIMIT("draft_days")},
	{31, "SELECT x.code, x.ord, count(*), NULL, NULL FROM report_section s"
	     " JOIN f_report x ON x.record = s.report WHERE trim(coalesce(s.text, ''), ' ' ||"
	     " char(9, 10)) = '' GROUP BY x.record"},
	{31, "SELECT d.code, p.ord, count(*), NULL, NULL FROM advocacy_section s"
	     " JOIN advocacy d ON d.record = s.advocacy JOIN r_scope o ON o.id = d.scope"
	     " JOIN f_space p ON p.pos = o.space WHERE trim(coalesce(s.text, ''), ' ' ||"
	     " char(9, 10)) = '' GROUP BY d.record"},
	{31, "SELECT d.code, p.ord, 1, NULL, NULL FROM minutes d JOIN r_scope o"
	     " ON o.id = d.scope JOIN f_space p ON p.pos = o.space"
	     " WHERE trim(coalesce(d.text, ''), ' ' || char(9, 10)) = ''"},
	{31, "SELECT d.code, 0, count(*), NULL, 'pnet practice edit ' || d.code"
	     " FROM practice_section s JOIN practice d ON d.record = s.practice"
	     " WHERE trim(coalesce(s.text, ''), ' ' || char(9, 10)) = '' GROUP BY d.record"},
	{32, "SELECT code, ord, authors - rated, NULL, NULL FROM (SELECT x.code, x.ord,"
	     " x.authors, (SELECT count(*) FROM rating r WHERE r.report = x.record"
	     " AND instr(x.author_list, ';' || r.\"by\" || ';') > 0"
	     " AND r.need + r.target_group_fit + r.acceptance + r.institutional_fit"
	     " + r.resources + r.competences + r.core_kept + r.effect_seen IS NOT NULL"
	     " AND r.verdict IS NOT NULL) AS rated FROM f_report x) WHERE rated <> authors"},
	{33, "SELECT code, ord, 1, CASE WHEN n = 0 THEN 'no sign-off; report cannot be accepted'"
	     " WHEN n = 1 THEN 'only one sign-off; report cannot be accepted'"
	     " WHEN new = 0 THEN 'no sign-off by a new practitioner; report cannot be accepted'"
	     " ELSE 'no sign-off by an experienced practitioner; report cannot be accepted' END,"
	     " NULL FROM (SELECT x.code, x.ord, x.state, count(DISTINCT s.\"by\") AS n,"
	     " count(DISTINCT CASE s.experience WHEN 'new' THEN s.\"by\" END) AS new,"
	     " count(DISTINCT CASE s.experience WHEN 'experienced' THEN s.\"by\" END) AS experienced"
	     " FROM f_report x LEFT JOIN signoff s ON s.report = x.record"
	     " AND s.version = x.version GROUP BY x.record)"
	     " WHERE (new = 0 OR experienced = 0) AND (state <> 'draft' OR " LIMIT("drafts_too") ")"},
	{35, "SELECT code, 0, 1, NULL, NULL FROM (SELECT x.code, count(DISTINCT r.verdict) AS n"
	     " FROM f_report x JOIN rating r ON r.report = x.record GROUP BY x.record)"
	     " WHERE n > 1"},
	{42, "SELECT p.code, p.ord, 1, NULL, 'pnet roundtable new ' || p.code || '-R1'"
	     " FROM f_space p WHERE p.pos > 0 AND p.office = 1 AND NOT EXISTS"
	     " (SELECT 1 FROM roundtable r JOIN r_scope o ON o.id = r.scope"
	     " WHERE o.space = p.pos)"},
	{43, "SELECT code, ord, n, NULL, NULL FROM (SELECT r.code, p.ord, (SELECT count(*)"
	     " FROM activity a JOIN f_activity f ON f.record = a.record"
	     " WHERE a.type = 'roundtable_meeting' AND f.state <> 'cancelled'"
	     " AND a.scope = r.scope AND coalesce(a.roundtable, r.record) = r.record) AS n"
	     " FROM roundtable r JOIN r_scope o ON o.id = r.scope"
	     " JOIN f_space p ON p.pos = o.space) WHERE n < " LIMIT("roundtable_meetings")},
	/* Of a document submitted twice the newest text counts: a submission is one record. */
	{44, "SELECT w.code, 0, c.n, c.names || CASE c.n WHEN 1 THEN ' advocacy report' ELSE"
	     " ' advocacy reports' END || ' not accepted; working paper cannot be published',"
	     " NULL FROM paper w JOIN (SELECT count(*) AS n, group_concat(code, ', ') AS names"
	     "  FROM (SELECT p.code FROM f_space p WHERE p.pos > 0 AND p.office = 1"
	     "   AND NOT EXISTS(SELECT 1 FROM submission s JOIN r_scope o ON o.id = s.scope"
	     "    WHERE o.space = p.pos AND s.kind = 'advocacy_report' AND (SELECT a.outcome"
	     "    FROM acceptance a WHERE a.hash = s.hash ORDER BY a.\"on\" DESC, a.record"
	     "    LIMIT 1) = 'accepted') ORDER BY p.ord, p.code)) c WHERE c.n > 0"
	     " AND NOT EXISTS(SELECT 1 FROM publication_item i JOIN publication b"
	     "  ON b.record = i.publication WHERE i.paper = w.record"
	     "  AND b.released_on IS NOT NULL)"},
};
/* clang-format on */

static status
run_query(struct findings_run *run, const struct rule_query *rule)
{
	struct query *q = query_of(run->l->queries, rule->sql);

	while (query_row(q)) {
		struct finding *f =
		    findings_line(run, rule->rule, (uint32_t)query_column_int(q, 1),
			query_column_text(q, 0), (uint32_t)query_column_int(q, 2),
			query_column_is_null(q, 3) ? NULL : query_column_text(q, 3));

		if (f != NULL && !query_column_is_null(q, 4))
			f->settle =
			    arena_text(run->l->arena, "%s", query_column_text(q, 4));
	}
	return query_done(q, &run->l->trouble);
}

status
findings_queries(struct findings_run *run, unsigned gates)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof queries / sizeof queries[0]; i++) {
		if (gates == 0 || (rules_find(queries[i].rule)->gates & gates) != 0)
			st = run_query(run, &queries[i]);
	}
	return st;
}
