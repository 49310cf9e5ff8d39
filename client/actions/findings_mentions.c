/* findings_mentions.c - V6: texts that others than the team read, against the given names
 * on the rosters that are open here. */
#include "client/actions/findings_parts.h"
#include "core/mentions.h"

static status
load_names(struct findings_run *run, struct mention_names *out)
{
	struct laptop *l = run->l;
	struct query *q = query_of(l->queries,
	    "SELECT given_name, count(*) OVER () FROM (SELECT DISTINCT given_name"
	    " FROM young_person WHERE given_name IS NOT NULL)");
	struct span *names = NULL;
	size_t n = 0, cap = 0;
	status st;

	while (query_row(q)) {
		if (names == NULL) {
			cap = (size_t)query_column_int(q, 1);
			names = arena_zeros(l->arena, cap, sizeof *names);
		}
		if (names == NULL || n == cap)
			break;
		names[n++] = arena_copy(l->arena, query_column_span(q, 0));
	}
	st = query_done(q, &l->trouble);
	return st != ST_OK ? st
			   : mention_names_make(names, n, l->arena, out, &l->trouble);
}

static status
check_texts(struct findings_run *run, const struct kind *k, const struct field *f,
    const struct mention_names *names)
{
	struct laptop *l = run->l;
	struct query *q = query_of(l->queries,
	    arena_text(l->arena, "SELECT rid, \"%s\" FROM %s WHERE \"%s\" <> ''", f->name,
		k->name, f->name));
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q)) {
		size_t n = 0;

		st = mentions_count(
		    query_column_span(q, 1), names, run->scratch, &n, NULL, &l->trouble);
		arena_reset(run->scratch);
		if (st == ST_OK && n > 0)
			st = findings_record(
			    run, 6, k, query_column_int(q, 0), (uint32_t)n);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
findings_mentions(struct findings_run *run)
{
	struct mention_names names;
	status st = load_names(run, &names);

	for (size_t i = 0; st == ST_OK && i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);

		/* What lies with the names themselves, or with coordinators, is not
		 * meant: DOMAIN 4 says C, O and X. */
		if (k->where == WHERE_ACTIVITY || k->where == WHERE_COORD)
			continue;
		for (size_t f = 0; st == ST_OK && f < k->n_fields; f++) {
			if (k->fields[f].type == FIELD_LONGTEXT)
				st = check_texts(run, k, &k->fields[f], &names);
		}
	}
	return st;
}
