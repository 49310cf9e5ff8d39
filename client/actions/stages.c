/* stages.c - the facts about practices, one query over the typed tables. */
#include "client/actions/stages.h"

#include <string.h>

#include "base/date.h"

/* Among decisions of one kind the latest date counts (DOMAIN 3); of one day the last by
 * record name. */
#define LATEST(column, of, kind)                                                         \
	"(SELECT d." column " FROM decision d WHERE d.subject = " of ".record"           \
	" AND d.kind = '" kind "' ORDER BY d.\"on\" DESC, d.record DESC LIMIT 1)"
#define WORKSHOP                                                                         \
	"FROM activity a WHERE a.practice = p.record AND a.type = 'youth_workshop'"

#define IN_EDITION(part, released)                                                       \
	" EXISTS(SELECT 1 FROM publication_item i JOIN publication b"                    \
	" ON b.record = i.publication WHERE i.practice = p.record"                       \
	" AND coalesce(i.part, 'A') = '" part "' AND b.released_on IS " released ")"

/* clang-format off */
static const char practices_sql[] =
    "SELECT p.record, p.code, p.title, "
    LATEST("outcome", "p", "select") ","
    " EXISTS(SELECT 1 FROM decision d WHERE d.subject = p.record"
    "  AND d.kind = 'withdraw'), "
    LATEST("outcome", "p", "description") ","
    " (SELECT max(d.\"on\") FROM decision d WHERE d.subject = p.record"
    "  AND d.kind = 'description' AND d.outcome = 'accepted'),"
    " EXISTS(SELECT 1 FROM session s WHERE s.practice = p.record AND s.held = 'yes'),"
    " EXISTS(SELECT 1 " WORKSHOP " AND coalesce(a.cancelled, 'no') <> 'yes'),"
    " EXISTS(SELECT 1 " WORKSHOP " AND coalesce(p.origin_country, '') <>"
    "  (SELECT c.code FROM r_scope o JOIN r_space c ON c.pos = o.space"
    "   WHERE o.id = a.scope)"
    "  AND EXISTS(SELECT 1 FROM tally t WHERE t.activity = a.record AND NOT EXISTS"
    "   (SELECT 1 FROM reopen n WHERE n.tally = t.record))),"
    " (SELECT max(" LATEST("\"on\"", "r", "report") ") FROM report r"
    "  WHERE r.practice = p.record AND "
       LATEST("outcome", "r", "report") " = 'accepted'), "
    LATEST("outcome", "p", "transfer") ","
    IN_EDITION("A", "NOT NULL") ","
    IN_EDITION("A", "NULL") ","
    IN_EDITION("B", "NULL") ","
    " EXISTS(SELECT 1 FROM r_conflict c WHERE c.record = p.rid)"
    " FROM practice p WHERE p.code IS NOT NULL ORDER BY p.code, p.record";
/* clang-format on */

enum column {
	COLUMN_RECORD,
	COLUMN_CODE,
	COLUMN_TITLE,
	COLUMN_SELECT,
	COLUMN_IS_WITHDRAWN,
	COLUMN_DESCRIPTION,
	COLUMN_DESCRIBED_ON,
	COLUMN_IS_TRAINED,
	COLUMN_IS_IMPLEMENTING,
	COLUMN_IS_IMPLEMENTED,
	COLUMN_REPORTED_ON,
	COLUMN_TRANSFER,
	COLUMN_IS_PUBLISHED,
	COLUMN_IN_DRAFT_A,
	COLUMN_IN_DRAFT_B,
	COLUMN_HAS_CONFLICT
};

static bool
says(struct query *q, enum column column, enum outcome outcome)
{
	return strcmp(query_column_text(q, (int)column),
		   vocabulary_word(VOC_OUTCOME, outcome)) == 0;
}

static bool
is_true(struct query *q, enum column column)
{
	return query_column_int(q, (int)column) != 0;
}

/* 0 for none, and for what is no date (V2). */
static uint32_t
date_of(struct query *q, enum column column)
{
	uint32_t day = 0;

	return date_parse(query_column_span(q, (int)column), &day) ? day : 0;
}

static struct practice_facts
facts_of(struct query *q)
{
	return (struct practice_facts){
	    .is_selected = says(q, COLUMN_SELECT, OUTCOME_SELECTED),
	    .is_rejected = says(q, COLUMN_SELECT, OUTCOME_REJECTED),
	    .is_withdrawn = is_true(q, COLUMN_IS_WITHDRAWN),
	    .is_described = says(q, COLUMN_DESCRIPTION, OUTCOME_ACCEPTED),
	    .described_on = date_of(q, COLUMN_DESCRIBED_ON),
	    .is_trained = is_true(q, COLUMN_IS_TRAINED),
	    .is_implementing = is_true(q, COLUMN_IS_IMPLEMENTING),
	    .is_implemented = is_true(q, COLUMN_IS_IMPLEMENTED),
	    .reported_on = date_of(q, COLUMN_REPORTED_ON),
	    .verdict = says(q, COLUMN_TRANSFER, OUTCOME_PROVEN)       ? VERDICT_PROVEN
		       : says(q, COLUMN_TRANSFER, OUTCOME_NOT_PROVEN) ? VERDICT_NOT_PROVEN
								      : VERDICT_NONE,
	    .is_published = is_true(q, COLUMN_IS_PUBLISHED),
	    .has_conflict = is_true(q, COLUMN_HAS_CONFLICT)};
}

status
stages_load(struct laptop *l, struct practice_row **out, size_t *n)
{
	struct query *q =
	    query_of(l->queries, "SELECT count(*) FROM practice WHERE code IS NOT NULL");
	size_t cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	status st = query_done(q, &l->trouble);

	*n = 0;
	*out = st == ST_OK ? arena_zeros(l->arena, cap, sizeof **out) : NULL;
	if (st == ST_OK && *out == NULL)
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for practices");
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, practices_sql);
	while (*n < cap && query_row(q)) {
		struct practice_row *row = &(*out)[(*n)++];

		query_column_copy(
		    q, COLUMN_RECORD, row->name.bytes, sizeof row->name.bytes);
		row->code = arena_text(l->arena, "%s", query_column_text(q, COLUMN_CODE));
		row->title =
		    arena_text(l->arena, "%s", query_column_text(q, COLUMN_TITLE));
		row->facts = facts_of(q);
		row->in_draft_a = is_true(q, COLUMN_IN_DRAFT_A);
		row->in_draft_b = is_true(q, COLUMN_IN_DRAFT_B);
	}
	return query_done(q, &l->trouble);
}
