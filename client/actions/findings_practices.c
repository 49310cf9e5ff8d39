/* findings_practices.c - practices as the gates of the compendium see them: facts by one
 * query, what they lack by core/practice_stage.h (V40, V41). */
#include "client/actions/findings_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "core/practice_stage.h"

/* Among decisions of one kind the latest date counts (DOMAIN 3); of one day the last by
 * record name. */
#define LATEST(column, kind)                                                             \
	"(SELECT d." column " FROM decision d WHERE d.subject = p.record"                \
	" AND d.kind = '" kind "' ORDER BY d.\"on\" DESC, d.record DESC LIMIT 1)"

/* Is it, or would it be, in a part of an edition that is not released? */
#define IN_PART(part)                                                                    \
	"EXISTS(SELECT 1 FROM publication_item i JOIN publication b"                     \
	" ON b.record = i.publication WHERE i.practice = p.record"                       \
	" AND coalesce(i.part, 'A') = '" part "' AND b.released_on IS NULL)"

/* A country device does not see workshops elsewhere: to it (b) is unknown. */
#define SEES_ALL "coalesce((SELECT min(office) FROM f_space WHERE pos > 0) = 1, 0)"

/* clang-format off */
static const char facts_sql[] =
    "SELECT p.code, " LATEST("outcome", "select") ", " LATEST("outcome", "description") ","
    " (SELECT max(d.\"on\") FROM decision d WHERE d.subject = p.record"
    "  AND d.kind = 'description' AND d.outcome = 'accepted'),"
    " EXISTS(SELECT 1 FROM decision d WHERE d.subject = p.record AND d.kind = 'withdraw'),"
    " EXISTS(SELECT 1 FROM session s WHERE s.practice = p.record AND s.held = 'yes'),"
    " EXISTS(SELECT 1 FROM f_activity f JOIN f_space c ON c.pos = f.space"
    "  WHERE f.practice = p.record AND f.type = 'youth_workshop'"
    "  AND f.state = 'closed' AND c.code <> coalesce(p.origin_country, '')),"
    " (SELECT max(x.accepted_on) FROM f_report x WHERE x.practice = p.record),"
    " " LATEST("outcome", "transfer") ","
    " EXISTS(SELECT 1 FROM r_conflict c WHERE c.record = p.rid),"
    " " IN_PART("A") ", " IN_PART("B") ", " SEES_ALL
    " FROM practice p WHERE p.code IS NOT NULL";
/* clang-format on */

struct practice_row {
	struct practice_facts facts;
	const char *code;
	bool in_a, in_b; /* of an edition that is not released */
	bool sees_all;
};

static uint32_t
column_date(struct query *q, int column)
{
	uint32_t day = 0;

	return date_parse(span_text(query_column_text(q, column)), &day) ? day : 0;
}

static void
take_row(struct query *q, struct practice_row *out)
{
	const char *selected = query_column_text(q, 1);
	const char *transfer = query_column_text(q, 8);

	*out = (struct practice_row){.code = query_column_text(q, 0)};
	out->facts = (struct practice_facts){
	    .is_selected = strcmp(selected, "selected") == 0,
	    .is_rejected = strcmp(selected, "rejected") == 0,
	    .is_described = strcmp(query_column_text(q, 2), "accepted") == 0,
	    .described_on = column_date(q, 3),
	    .is_withdrawn = query_column_int(q, 4) != 0,
	    .is_trained = query_column_int(q, 5) != 0,
	    .is_implemented = query_column_int(q, 6) != 0,
	    .reported_on = column_date(q, 7),
	    .verdict = strcmp(transfer, "proven") == 0       ? VERDICT_PROVEN
		       : strcmp(transfer, "not_proven") == 0 ? VERDICT_NOT_PROVEN
							     : VERDICT_NONE,
	    .has_conflict = query_column_int(q, 9) != 0,
	};
	out->in_a = query_column_int(q, 10) != 0;
	out->in_b = query_column_int(q, 11) != 0;
	out->sees_all = query_column_int(q, 12) != 0;
}

/* One line with the words of everything that is lacking. */
static void
list_needs(struct findings_run *run, const struct practice_row *p, unsigned lacking)
{
	char words[512] = "";
	size_t used = 0;

	for (unsigned need = 0; need < NEED_COUNT && used + 1 < sizeof words; need++) {
		int n;

		if ((lacking & 1U << need) == 0)
			continue;
		n = snprintf(words + used, sizeof words - used, "%s%s",
		    used == 0 ? "" : "; ", practice_need_text((enum practice_need)need));
		used += n < 0 ? 0 : (size_t)n;
	}
	if (lacking != 0)
		(void)findings_line(run, 40, 0, p->code, 1, words);
}

status
findings_practices(struct findings_run *run, unsigned gates)
{
	struct query *q = query_of(run->l->queries, facts_sql);

	while (query_row(q)) {
		struct practice_row p;
		bool is_asked;

		take_row(q, &p);
		is_asked = run->subject != NULL && strcmp(run->subject, p.code) == 0;
		if (p.facts.reported_on != 0 && !p.facts.is_withdrawn &&
		    !p.facts.is_rejected && !practice_is_revised(&p.facts))
			(void)findings_line(run, 41, 0, p.code, 1, NULL);
		if (!p.sees_all)
			continue;
		if ((gates == 0 && p.in_a) ||
		    (is_asked && (gates & GATE_BIT(GATE_PART_A)) != 0))
			list_needs(run, &p, practice_lacks_part_a(&p.facts));
		if ((gates == 0 && p.in_b) ||
		    (is_asked && (gates & GATE_BIT(GATE_PART_B)) != 0))
			list_needs(run, &p, practice_lacks_part_b(&p.facts));
	}
	return query_done(q, &run->l->trouble);
}
