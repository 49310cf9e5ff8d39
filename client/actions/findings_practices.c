/* findings_practices.c - practices as the gates of the compendium see them: which of
 * their decisions count, and what part A or B still lacks (V40, V41). */
#include "client/actions/findings_parts.h"

/* Among decisions of one kind the latest date counts (DOMAIN 3); of one day the last by
 * record name. */
#define LATEST(column, kind)                                                             \
	"(SELECT d." column " FROM decision d WHERE d.subject = p.record"                \
	" AND d.kind = '" kind "' ORDER BY d.\"on\" DESC, d.record DESC LIMIT 1)"

static const char tables[] =
    "CREATE TEMP TABLE IF NOT EXISTS f_practice(record BLOB PRIMARY KEY, code TEXT,"
    " is_selected INTEGER, is_withdrawn INTEGER, is_described INTEGER,"
    " described_on TEXT, is_trained INTEGER, is_tested INTEGER, accepted_on TEXT,"
    " transfer TEXT, conflicts INTEGER) WITHOUT ROWID;"
    "CREATE TEMP TABLE IF NOT EXISTS f_item(practice BLOB, part TEXT,"
    " PRIMARY KEY(practice, part)) WITHOUT ROWID;"
    "DELETE FROM f_practice; DELETE FROM f_item;";

/* clang-format off */
static const char practices_sql[] =
    "INSERT INTO f_practice SELECT p.record, p.code,"
    " coalesce(" LATEST("outcome", "select") " = 'selected', 0),"
    " EXISTS(SELECT 1 FROM decision d WHERE d.subject = p.record"
    "  AND d.kind = 'withdraw'),"
    " coalesce(" LATEST("outcome", "description") " = 'accepted', 0),"
    " (SELECT max(d.\"on\") FROM decision d WHERE d.subject = p.record"
    "  AND d.kind = 'description' AND d.outcome = 'accepted'),"
    " EXISTS(SELECT 1 FROM session s WHERE s.practice = p.record AND s.held = 'yes'),"
    " EXISTS(SELECT 1 FROM f_activity f JOIN f_space c ON c.pos = f.space"
    "  WHERE f.practice = p.record AND f.type = 'youth_workshop'"
    "  AND f.state = 'closed' AND c.code <> coalesce(p.origin_country, '')),"
    " (SELECT max(x.accepted_on) FROM f_report x WHERE x.practice = p.record),"
    " coalesce(" LATEST("outcome", "transfer") ", ''),"
    " (SELECT count(*) FROM r_conflict c WHERE c.record = p.rid)"
    " FROM practice p WHERE p.code IS NOT NULL";

/* What lies in an edition that is not released, and what is asked for now. */
static const char items_sql[] =
    "INSERT OR IGNORE INTO f_item SELECT i.practice, coalesce(i.part, 'A')"
    " FROM publication_item i JOIN publication b ON b.record = i.publication"
    " WHERE i.practice IS NOT NULL AND b.released_on IS NULL";
static const char asked_sql[] =
    "INSERT OR IGNORE INTO f_item SELECT record, ?1 FROM f_practice WHERE code = ?2";
/* clang-format on */

status
findings_practices(struct findings_run *run, unsigned gates)
{
	static const struct {
		enum gate gate;
		const char *part;
	} parts[] = {{GATE_PART_A, "A"}, {GATE_PART_B, "B"}};
	struct laptop *l = run->l;
	status st = db_exec(l->db, tables, &l->trouble);

	if (st == ST_OK)
		st = query_run(query_of(l->queries, practices_sql), &l->trouble);
	if (st == ST_OK && gates == 0)
		st = query_run(query_of(l->queries, items_sql), &l->trouble);
	for (size_t i = 0; st == ST_OK && i < sizeof parts / sizeof parts[0]; i++) {
		struct query *q;

		if ((gates & GATE_BIT(parts[i].gate)) == 0)
			continue;
		q = query_of(l->queries, asked_sql);
		query_text(q, parts[i].part);
		query_text(q, run->subject);
		st = query_run(q, &l->trouble);
	}
	return st;
}
