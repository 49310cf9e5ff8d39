/* retention.c - closed activities whose retention time is over. */
#include "client/actions/retention.h"

#include <strings.h>

#include "base/date.h"
#include "base/young_code.h"
#include "core/rules.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for who is due");
}

static const char *
iso_date(struct laptop *l, uint32_t day)
{
	char text[DATE_TEXT_BYTES];

	date_format(day, text);
	return arena_text(l->arena, "%s", text);
}

static const char *
code_of(struct laptop *l, struct person_key key)
{
	char code[YOUNG_CODE_BYTES] = "";

	for (size_t n = YOUNG_SYMBOLS; n <= YOUNG_SYMBOLS_MAX; n++) {
		if (young_code(&key, n, code))
			break;
	}
	return arena_text(l->arena, "%s", code);
}

/* ---- who is due ---- */

/* The same that V29 asks: the last tally that no reopening names, and the country's
 * months after it. */
#define DUE                                                                              \
	" FROM activity a JOIN r_scope o ON o.id = a.scope JOIN r_space p ON p.pos ="    \
	" o.space LEFT JOIN country c ON c.code = p.code JOIN (SELECT activity, "        \
	"max(\"on\")"                                                                    \
	" AS closed_on FROM tally t WHERE NOT EXISTS (SELECT 1 FROM reopen r WHERE "     \
	"r.tally"                                                                        \
	" = t.record) GROUP BY activity) t ON t.activity = a.record WHERE "              \
	"date(t.closed_on,"                                                              \
	" '+' || coalesce(c.retention_months, ?1) || ' months') <= ?2"

static status
load_people(struct laptop *l, struct due_activity *x)
{
	struct query *q =
	    query_of(l->queries, "SELECT count(*) FROM young_person WHERE activity = ?");
	size_t cap = 0;
	status st;

	query_blob(q, x->activity.name.bytes, sizeof x->activity.name.bytes);
	cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	x->pids = arena_zeros(l->arena, cap + 1, sizeof *x->pids);
	x->codes = arena_zeros(l->arena, cap + 1, sizeof *x->codes);
	if (x->pids == NULL || x->codes == NULL)
		return no_memory(l);
	q = query_of(l->queries,
	    "SELECT DISTINCT pid FROM young_person WHERE activity = ?"
	    " AND length(pid) = 16 ORDER BY pid");
	query_blob(q, x->activity.name.bytes, sizeof x->activity.name.bytes);
	while (x->n < cap && query_row(q)) {
		query_column_copy(q, 0, x->pids[x->n].bytes, sizeof x->pids[x->n].bytes);
		x->codes[x->n] = code_of(l, person_key_of(&x->pids[x->n]));
		x->n++;
	}
	return query_done(q, st == ST_OK ? &l->trouble : NULL);
}

static status
read_due(struct laptop *l, struct due_activity *out, size_t cap, size_t *n)
{
	struct query *q =
	    query_of(l->queries, "SELECT a.record, t.closed_on, date(t.closed_on, '+' ||"
				 " coalesce(c.retention_months, ?1) || ' months')" DUE
				 " AND o.space = ?3 ORDER BY a.code, a.record");

	*n = 0;
	query_int(q, (int64_t)rules_limit(LIMIT_RETENTION_MONTHS));
	query_text(q, iso_date(l, l->today));
	query_int(q, l->self.author.home);
	while (*n < cap && query_row(q)) {
		struct due_activity *x = &out[(*n)++];

		query_column_copy(
		    q, 0, x->activity.name.bytes, sizeof x->activity.name.bytes);
		x->closed_on = arena_text(l->arena, "%s", query_column_text(q, 1));
		x->due_on = arena_text(l->arena, "%s", query_column_text(q, 2));
	}
	return query_done(q, &l->trouble);
}

static status
all_due(struct laptop *l, struct due_activity **out, size_t *n)
{
	struct query *q = query_of(l->queries, "SELECT count(*) FROM activity");
	size_t cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	status st = query_done(q, &l->trouble);

	*n = 0;
	*out = arena_zeros(l->arena, cap + 1, sizeof **out);
	if (*out == NULL)
		return no_memory(l);
	return st != ST_OK ? st : read_due(l, *out, cap, n);
}

status
retention_list(struct laptop *l, struct due_activity **out, size_t *n)
{
	size_t n_all = 0, kept = 0;
	status st = all_due(l, out, &n_all);

	for (size_t i = 0; st == ST_OK && i < n_all; i++) {
		struct due_activity x = (*out)[i];
		struct record_id name = x.activity.name;

		st = find_activity_named(l, &name, &x.activity);
		if (st == ST_OK)
			st = load_people(l, &x);
		if (st == ST_OK && x.n > 0)
			(*out)[kept++] = x;
	}
	*n = kept;
	return st;
}

status
retention_find(struct laptop *l, const char *code, struct due_activity *out)
{
	struct due_activity *all = NULL;
	struct activity a;
	size_t n = 0;
	status st = find_activity(l, code, &a);

	if (st == ST_OK)
		st = retention_list(l, &all, &n);
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (!ID_EQUAL(&all[i].activity.name, &a.name))
			continue;
		*out = all[i];
		return ST_OK;
	}
	if (st != ST_OK)
		return st;
	st = complain(l->complaint, PN_F01,
	    "%s is not due: its retention time is not over, or nobody is held any more",
	    a.code);
	complain_next(l->complaint, "pnet erase --due    lists who is");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

/* ---- erasing them ---- */

static bool
is_due(const struct due_activity *all, size_t n, const struct record_id *activity)
{
	for (size_t i = 0; i < n; i++) {
		if (ID_EQUAL(&all[i].activity.name, activity))
			return true;
	}
	return false;
}

/* Does somebody stand on a roster whose time is not over? */
static status
is_elsewhere(struct laptop *l, const struct due_activity *all, size_t n,
    const struct person_id *pid, bool *out)
{
	struct query *q =
	    query_of(l->queries, "SELECT activity FROM young_person WHERE pid = ?");

	*out = false;
	query_blob(q, pid->bytes, sizeof pid->bytes);
	while (query_row(q)) {
		struct record_id activity;

		query_column_copy(q, 0, activity.bytes, sizeof activity.bytes);
		*out |= !is_due(all, n, &activity);
	}
	return query_done(q, &l->trouble);
}

status
retention_write(struct edit *e, struct laptop *l, const struct due_activity *due,
    unsigned reason, struct retention_result *out)
{
	struct person_id *whole = arena_zeros(l->arena, due->n + 1, sizeof *whole);
	const char **codes = arena_zeros(l->arena, due->n + 1, sizeof *codes);
	struct due_activity *all;
	size_t n_all = 0, n = 0;
	status st =
	    whole == NULL || codes == NULL ? no_memory(l) : all_due(l, &all, &n_all);

	for (size_t i = 0; st == ST_OK && i < due->n; i++) {
		bool elsewhere = false;

		st = is_elsewhere(l, all, n_all, &due->pids[i], &elsewhere);
		if (!elsewhere)
			whole[n++] = due->pids[i];
	}
	*out = (struct retention_result){due->n, due->n - n};
	return st != ST_OK ? st : erasing_write(e, l, whole, n, reason, codes);
}

status
retention_bury(struct laptop *l, const struct due_activity *due)
{
	struct person_key *people = arena_zeros(l->arena, due->n + 1, sizeof *people);
	struct scope_info scope;
	status st = people == NULL ? no_memory(l)
				   : scope_for(l, WHERE_ACTIVITY, due->activity.space,
					 &due->activity.name, &scope);

	for (size_t i = 0; st == ST_OK && i < due->n; i++)
		people[i] = person_key_of(&due->pids[i]);
	if (st == ST_OK)
		st = erasing_bury_in(l, scope.id, people, due->n);
	return st != ST_OK ? st : erasing_bury(l, NULL);
}
