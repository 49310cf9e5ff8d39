/* findings_values.c - rules about single values of any kind, made from the table of
 * kinds: what stands in a vocabulary (V1), is a date (V2), a name (V4), begins like a
 * formula (V5), codes that two records have (V7), and stamps far ahead (V8). */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "client/actions/findings_parts.h"

/* The code that speaks for a record of a kind: its own, or that of the first record it
 * refers to. out has room for a subquery. */
static void
subject_of(const struct kind *k, char *out, size_t cap)
{
	if (schema_field_named(k, span_text("code")) != NULL) {
		(void)snprintf(out, cap, "coalesce(t.code, '%s')", k->name);
		return;
	}
	for (size_t i = 0; i < k->n_fields; i++) {
		const struct field *f = &k->fields[i];
		const struct kind *to = f->type == FIELD_REF ? schema_kind(f->of) : NULL;

		if (to == NULL || schema_field_named(to, span_text("code")) == NULL)
			continue;
		(void)snprintf(out, cap,
		    "coalesce((SELECT o.code FROM r_record n JOIN %s o ON o.rid = n.id"
		    " WHERE n.name = t.\"%s\" AND n.kind = %u), '%s')",
		    to->name, f->name, (unsigned)to->id, k->name);
		return;
	}
	(void)snprintf(out, cap, "'%s'", k->name);
}

status
findings_record(struct findings_run *run, unsigned rule, const struct kind *k,
    int64_t rid, uint32_t count)
{
	struct laptop *l = run->l;
	char subject[512];
	struct query *q;

	subject_of(k, subject, sizeof subject);
	q = query_of(
	    l->queries, arena_text(l->arena,
			    "SELECT %s, coalesce(p.ord, 999) FROM %s t JOIN r_scope s"
			    " ON s.id = t.scope LEFT JOIN f_space p ON p.pos = s.space"
			    " WHERE t.rid = ?",
			    subject, k->name));
	query_int(q, rid);
	if (query_row(q))
		(void)findings_line(run, rule, (uint32_t)query_column_int(q, 1),
		    query_column_text(q, 0), count, NULL);
	return query_done(q, &l->trouble);
}

/* ---- one value ---- */

/* A word of a newer version, or none: shown as # and its number. */
static bool
is_no_word(struct span value)
{
	return value.len > 0 && value.bytes[0] == '#';
}

static bool
is_no_date(struct span value)
{
	uint32_t days;

	return value.len > 0 && !date_parse(value, &days);
}

static bool
is_no_name(struct span value)
{
	return !text_is_name(value);
}

static bool
is_formula(struct span value)
{
	return text_begins_like_formula(value) && !text_is_phone(value);
}

/* Which rule looks at which type of field. */
static const struct {
	unsigned rule;
	enum field_type type;
	bool (*is_broken)(struct span value);
} checks[] = {
    {1, FIELD_VOCAB, is_no_word},
    {2, FIELD_DATE, is_no_date},
    {4, FIELD_NAME, is_no_name},
    {5, FIELD_NAME, is_formula},
    {5, FIELD_TEXT, is_formula},
    {5, FIELD_LONGTEXT, is_formula},
};

/* Reads one column once; only what is broken is asked about further. */
static status
check_column(struct findings_run *run, const struct kind *k, const struct field *f,
    unsigned rule, bool (*is_broken)(struct span value))
{
	struct laptop *l = run->l;
	const char *unless = f->is_required && rule == 4
				 ? ""
				 : arena_text(l->arena, " WHERE \"%s\" <> ''", f->name);
	struct query *q;
	status st = ST_OK, end;

	if (unless == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for findings");
	q = query_of(l->queries, arena_text(l->arena, "SELECT rid, \"%s\" FROM %s%s",
				     f->name, k->name, unless));
	while (st == ST_OK && query_row(q)) {
		if (is_broken(query_column_span(q, 1)))
			st = findings_record(run, rule, k, query_column_int(q, 0), 1);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

static status
check_field(struct findings_run *run, const struct kind *k, const struct field *f)
{
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof checks / sizeof checks[0]; i++) {
		if (checks[i].type == f->type)
			st = check_column(run, k, f, checks[i].rule, checks[i].is_broken);
	}
	return st;
}

/* ---- stamps ---- */

/* V8: what came with a stamp far ahead, of records that are still here. */
static status
check_stamps(struct findings_run *run)
{
	struct laptop *l = run->l;
	struct query *q = query_of(l->queries,
	    "SELECT r.kind, a.record, count(*) FROM r_ahead a JOIN r_record r"
	    " ON r.id = a.record GROUP BY a.record");
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q)) {
		const struct kind *k = schema_kind((uint16_t)query_column_int(q, 0));

		if (k != NULL)
			st = findings_record(run, 8, k, query_column_int(q, 1),
			    (uint32_t)query_column_int(q, 2));
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* ---- codes ---- */

/* A code that stands in a record as a copy of another's is no second use of it. */
static bool
has_own_code(const struct kind *k)
{
	return schema_field_named(k, span_text("code")) != NULL && k->id != KIND_TEAM &&
	       k->id != KIND_PARTICIPATION && k->id != KIND_SUBMISSION;
}

static status
check_codes(struct findings_run *run, const struct kind *k)
{
	struct laptop *l = run->l;
	struct query *q = query_of(l->queries,
	    arena_text(l->arena,
		"SELECT t.code, min(coalesce(p.ord, 999)), count(*) FROM %s t JOIN "
		"r_scope s"
		" ON s.id = t.scope LEFT JOIN f_space p ON p.pos = s.space"
		" WHERE t.code IS NOT NULL GROUP BY t.code HAVING count(*) > 1",
		k->name));

	while (query_row(q))
		(void)findings_line(run, 7, (uint32_t)query_column_int(q, 1),
		    query_column_text(q, 0), (uint32_t)query_column_int(q, 2), NULL);
	return query_done(q, &l->trouble);
}

status
findings_values(struct findings_run *run)
{
	status st = check_stamps(run);

	for (size_t i = 0; st == ST_OK && i < schema_kind_count(); i++) {
		const struct kind *k = schema_kind_at(i);

		for (size_t f = 0; st == ST_OK && f < k->n_fields; f++)
			st = check_field(run, k, &k->fields[f]);
		if (st == ST_OK && has_own_code(k))
			st = check_codes(run, k);
	}
	return st;
}
