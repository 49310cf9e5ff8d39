/* findings_reports.c - transferability reports as rules see them: what state follows from
 * the present text, the sign-offs and the decisions (DOMAIN 3). */
#include <stdlib.h>

#include "client/actions/documents.h"
#include "client/actions/findings_parts.h"

#define WORDS(list)                                                                      \
	"CASE coalesce(" list ", '') WHEN '' THEN 0 ELSE 1 + length(" list               \
	") - length(replace(" list ", ';', '')) END"

/* The latest decision on the report: the last of its day, by record name. */
#define LATEST(column, text)                                                             \
	"(SELECT d." column " FROM decision d WHERE d.subject = r.record"                \
	" AND d.kind = 'report'" text " ORDER BY d.\"on\" DESC, d.record DESC LIMIT 1)"
/* On the text that was submitted. */
#define SUBMITTED_TEXT " AND coalesce(d.version, r.submitted) = r.submitted"

static const char tables[] =
    "CREATE TEMP TABLE IF NOT EXISTS f_report(record BLOB PRIMARY KEY, code TEXT,"
    " ord INTEGER, activity BLOB, practice BLOB, state TEXT, submitted BLOB, version "
    "BLOB,"
    " authors INTEGER, author_list TEXT, accepted_on TEXT) WITHOUT ROWID;"
    "DELETE FROM f_report;";

/* ---- the hash of the present text ---- */

/* A section of the report that is being read. */
struct piece {
	int64_t place;
	struct record_id name;
	struct section text;
};

enum { PIECES_MAX = 512 };

struct pieces {
	struct record_id report;
	size_t n;
	struct piece at[PIECES_MAX];
};

static int
compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return memcmp(x->name.bytes, y->name.bytes, sizeof x->name.bytes);
}

/* Another text than the submitted one is a draft again (DOMAIN 3). */
static status
put_version(struct findings_run *run, struct pieces *p)
{
	struct laptop *l = run->l;
	struct section sections[PIECES_MAX];
	struct hash32 version;
	struct query *q;
	status st;

	qsort(p->at, p->n, sizeof p->at[0], compare_pieces);
	for (size_t i = 0; i < p->n; i++)
		sections[i] = p->at[i].text;
	st =
	    version_hash(sections, p->n, &l->checks, run->scratch, &version, &l->trouble);
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, "UPDATE f_report SET version = ?1, state = CASE WHEN "
				 "submitted = ?1 THEN state"
				 " ELSE 'draft' END WHERE record = ?2");
	query_blob(q, version.bytes, sizeof version.bytes);
	query_blob(q, p->report.bytes, sizeof p->report.bytes);
	st = query_run(q, &l->trouble);
	p->n = 0;
	arena_reset(run->scratch);
	return st;
}

static status
take_piece(struct findings_run *run, struct query *q, struct pieces *p)
{
	const struct document_type *type = document_type_of(KIND_REPORT);
	struct piece *piece = &p->at[p->n];
	const char *kind = arena_text(run->scratch, "%s", query_column_text(q, 1));

	if (p->n == PIECES_MAX)
		return trouble_set(
		    &run->l->trouble, ST_LIMIT, "a report has too many sections");
	query_column_copy(q, 4, piece->name.bytes, sizeof piece->name.bytes);
	piece->text.kind = kind;
	piece->text.heading = arena_copy(run->scratch, query_column_span(q, 2));
	piece->text.text = arena_copy(run->scratch, query_column_span(q, 5));
	if (kind == NULL || piece->text.heading.bytes == NULL ||
	    piece->text.text.bytes == NULL)
		return trouble_set(
		    &run->l->trouble, ST_NO_MEMORY, "no memory for findings");
	piece->place = document_place(
	    type, kind, !query_column_is_null(q, 3), query_column_int(q, 3));
	p->n++;
	return ST_OK;
}

/* Reads all sections once, report after report; typed columns hold the texts whole. */
static status
hash_reports(struct findings_run *run)
{
	struct query *q = query_of(run->l->queries,
	    "SELECT s.report, s.kind, coalesce(s.heading, ''), s.\"order\", s.record,"
	    " coalesce(s.text, '') FROM report_section s WHERE s.report IS NOT NULL"
	    " ORDER BY s.report");
	struct pieces *p = calloc(1, sizeof *p);
	status st = ST_OK, end;

	if (p == NULL)
		st =
		    trouble_set(&run->l->trouble, ST_NO_MEMORY, "no memory for findings");
	while (st == ST_OK && query_row(q)) {
		struct record_id report;

		query_column_copy(q, 0, report.bytes, sizeof report.bytes);
		if (p->n > 0 && !ID_EQUAL(&report, &p->report))
			st = put_version(run, p);
		p->report = report;
		if (st == ST_OK)
			st = take_piece(run, q, p);
	}
	end = query_done(q, st == ST_OK ? &run->l->trouble : NULL);
	st = st != ST_OK ? st : end;
	if (st == ST_OK && p->n > 0)
		st = put_version(run, p);
	free(p);
	return st;
}

/* ---- hot spots ---- */

/* Of texts that may still change: what was accepted is past it. Opening a text costs what
 * its history costs, so this is not asked of every report there ever was. */
static status
check_spots(struct findings_run *run, uint16_t kind, const char *sql)
{
	struct laptop *l = run->l;
	struct query *q = query_of(l->queries, sql);
	status st = ST_OK, end;

	while (st == ST_OK && query_row(q)) {
		struct arena *kept = l->arena;
		struct document d;
		struct record_id name;

		query_column_copy(q, 0, name.bytes, sizeof name.bytes);
		l->arena = run->scratch;
		st = document_load(l, kind, &name, &d);
		l->arena = kept;
		if (st == ST_OK && d.n_open_spots > 0)
			(void)findings_line(run, 34, (uint32_t)query_column_int(q, 2),
			    query_column_text(q, 1), 1, NULL);
		arena_reset(run->scratch);
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

status
findings_spots(struct findings_run *run)
{
	static const struct {
		uint16_t kind;
		const char *sql;
	} texts[] = {
	    {KIND_REPORT, "SELECT record, code, ord FROM f_report WHERE state IN "
			  "('draft', 'submitted')"},
	    {KIND_ADVOCACY, "SELECT d.record, d.code, coalesce(p.ord, 999) FROM advocacy "
			    "d JOIN r_scope o"
			    " ON o.id = d.scope LEFT JOIN f_space p ON p.pos = o.space"},
	    {KIND_MINUTES, "SELECT d.record, d.code, coalesce(p.ord, 999) FROM minutes d "
			   "JOIN r_scope o"
			   " ON o.id = d.scope LEFT JOIN f_space p ON p.pos = o.space"},
	};
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < sizeof texts / sizeof texts[0]; i++)
		st = check_spots(run, texts[i].kind, texts[i].sql);
	return st;
}

/* ---- the table ---- */

/* clang-format off */
static const char list_sql[] =
    "INSERT INTO f_report SELECT r.record, r.code, coalesce(p.ord, 999), r.activity,"
    " r.practice, CASE WHEN r.submitted IS NULL THEN 'draft' ELSE coalesce("
    LATEST("outcome", SUBMITTED_TEXT) ", 'submitted') END, r.submitted, NULL,"
    WORDS("r.authors_new") " + " WORDS("r.authors_experienced") ","
    " ';' || coalesce(r.authors_new, '') || ';' || coalesce(r.authors_experienced, '')"
    " || ';', CASE " LATEST("outcome", "") " WHEN 'accepted' THEN "
    LATEST("\"on\"", "") " END"
    " FROM report r LEFT JOIN f_space p ON p.code = r.host_country"
    " WHERE r.code IS NOT NULL";
/* clang-format on */

status
findings_reports(struct findings_run *run)
{
	struct laptop *l = run->l;
	status st = db_exec(l->db, tables, &l->trouble);

	if (st == ST_OK)
		st = query_run(query_of(l->queries, list_sql), &l->trouble);
	return st != ST_OK ? st : hash_reports(run);
}
