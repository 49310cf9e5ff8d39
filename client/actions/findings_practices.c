/* findings_practices.c - practices as the gates of the compendium see them: facts by
 * stages.h, what they lack by core/practice_stage.h (V40, V41). */
#include "client/actions/findings_parts.h"

#include <stdio.h>
#include <string.h>

#include "client/actions/stages.h"

/* A country device does not see workshops elsewhere: to it (b) is unknown. */
static status
sees_all_countries(struct laptop *l, bool *out)
{
	struct query *q =
	    query_of(l->queries, "SELECT min(office) FROM f_space WHERE pos > 0");

	*out = query_row(q) && query_column_int(q, 0) == 1;
	return query_done(q, &l->trouble);
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

static void
list_practice(
    struct findings_run *run, const struct practice_row *p, unsigned gates, bool sees_all)
{
	bool is_asked = run->subject != NULL && strcmp(run->subject, p->code) == 0;

	if (p->facts.reported_on != 0 && !p->facts.is_withdrawn &&
	    !p->facts.is_rejected && !practice_is_revised(&p->facts))
		(void)findings_line(run, 41, 0, p->code, 1, NULL);
	if (!sees_all)
		return;
	if ((gates == 0 && p->in_draft_a) ||
	    (is_asked && (gates & GATE_BIT(GATE_PART_A)) != 0))
		list_needs(run, p, practice_lacks_part_a(&p->facts));
	if ((gates == 0 && p->in_draft_b) ||
	    (is_asked && (gates & GATE_BIT(GATE_PART_B)) != 0))
		list_needs(run, p, practice_lacks_part_b(&p->facts));
}

status
findings_practices(struct findings_run *run, unsigned gates)
{
	struct practice_row *rows;
	bool sees_all = false;
	size_t n;
	status st = stages_load(run->l, &rows, &n);

	if (st == ST_OK)
		st = sees_all_countries(run->l, &sees_all);
	for (size_t i = 0; st == ST_OK && i < n; i++)
		list_practice(run, &rows[i], gates, sees_all);
	return st;
}
