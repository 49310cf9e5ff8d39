/* findings_reports.c - transferability reports as rules see them: what state follows from
 * the present text, the sign-offs and the decisions (DOMAIN 3). */
#include "client/actions/findings_parts.h"

#define WORDS(list)                                                                      \
	"CASE coalesce(" list ", '') WHEN '' THEN 0 ELSE 1 + length(" list               \
	") - length(replace(" list ", ';', '')) END"

/* The latest decision on the report: the last of its day, by record name. */
#define LATEST(column)                                                                   \
	"(SELECT d." column " FROM decision d WHERE d.subject = r.record"                \
	" AND d.kind = 'report' ORDER BY d.\"on\" DESC, d.record DESC LIMIT 1)"

static const char tables[] =
    "CREATE TEMP TABLE IF NOT EXISTS f_report(record BLOB PRIMARY KEY, code TEXT,"
    " ord INTEGER, activity BLOB, practice BLOB, state TEXT, version BLOB,"
    " authors INTEGER, author_list TEXT, accepted_on TEXT) WITHOUT ROWID;"
    "DELETE FROM f_report;";

status
findings_reports(struct findings_run *run)
{
	struct laptop *l = run->l;
	status st = db_exec(l->db, tables, &l->trouble);
	struct query *q;

	if (st != ST_OK)
		return st;
	q = query_of(l->queries,
	    "INSERT INTO f_report SELECT r.record, r.code, coalesce(p.ord, 999),"
	    " r.activity, r.practice, CASE WHEN r.submitted IS NULL THEN 'draft'"
	    " ELSE coalesce(" LATEST("outcome") ", 'submitted') END, r.submitted," WORDS(
		"r.authors_new") " + " WORDS("r.authors_experienced") ","
								      " ';' || "
								      "coalesce(r."
								      "authors_new, '') "
								      "|| ';' ||"
								      " coalesce(r."
								      "authors_"
								      "experienced, '') "
								      "|| ';',"
								      " CASE " LATEST("ou"
										      "tc"
										      "om"
										      "e") " WHEN 'accepted' THEN " LATEST(
									  "\"on\"") " END"
										    " FRO"
										    "M "
										    "repo"
										    "rt "
										    "r "
										    "LEFT"
										    " JOI"
										    "N "
										    "f_"
										    "spac"
										    "e p "
										    "ON "
										    "p."
										    "code"
										    " = "
										    "r."
										    "host"
										    "_cou"
										    "ntry"
										    " WHE"
										    "RE "
										    "r."
										    "code"
										    " IS "
										    "NOT "
										    "NUL"
										    "L");
	return query_run(q, &l->trouble);
}
