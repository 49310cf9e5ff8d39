/* papers.c - finds what the countries handed in, and the synthesis. */
#include "client/actions/papers.h"

#include "client/actions/catalog.h"
#include "client/actions/documents.h"
#include "client/actions/findings.h"
#include "core/pinned.h"

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a paper");
}

/* ---- what the countries handed in ---- */

/* A row for every country, and one for each report of it: the accepted one first, then
 * the latest. */
static const char sources_sql[] =
    "SELECT p.code, s.code, coalesce(s.\"on\", ''), s.hash, coalesce(s.texts, ''),"
    " coalesce((SELECT a.outcome FROM acceptance a WHERE a.hash = s.hash"
    "  ORDER BY a.\"on\" DESC, a.record LIMIT 1), '') AS outcome"
    " FROM r_space p LEFT JOIN country c ON c.code = p.code"
    " LEFT JOIN r_scope o ON o.space = p.pos"
    "  AND EXISTS(SELECT 1 FROM submission x WHERE x.scope = o.id)"
    " LEFT JOIN submission s ON s.scope = o.id AND s.kind = 'advocacy_report'"
    "  AND s.hash IS NOT NULL"
    " WHERE p.pos > 0"
    " ORDER BY coalesce(c.\"order\", 9999), p.code, s.hash IS NULL,"
    "  outcome = 'accepted' DESC, s.\"on\" DESC, s.record";

enum column {
	COLUMN_COUNTRY,
	COLUMN_DOCUMENT,
	COLUMN_ON,
	COLUMN_HASH,
	COLUMN_TEXTS,
	COLUMN_OUTCOME
};

static struct span
add_code(struct laptop *l, struct span list, struct span code)
{
	return span_text(
	    arena_text(l->arena, "%.*s%s%.*s", (int)list.len, (const char *)list.bytes,
		list.len == 0 ? "" : ", ", (int)code.len, (const char *)code.bytes));
}

static struct span
column_span(struct laptop *l, struct query *q, enum column column)
{
	return arena_copy(l->arena, query_column_span(q, (int)column));
}

static status
read_source(struct laptop *l, struct query *q, struct paper_source *out)
{
	struct section *sections;

	out->document = column_span(l, q, COLUMN_DOCUMENT);
	out->on = column_span(l, q, COLUMN_ON);
	query_column_copy(q, COLUMN_HASH, out->version.bytes, sizeof out->version.bytes);
	out->is_accepted = strcmp(query_column_text(q, COLUMN_OUTCOME), "accepted") == 0;
	if (pinned_read(column_span(l, q, COLUMN_TEXTS), l->arena, &sections,
		&out->n_sections, &l->trouble) != ST_OK)
		return trouble_wrap(&l->trouble, "the advocacy report of %.*s",
		    (int)out->country.len, (const char *)out->country.bytes);
	out->sections = sections;
	return ST_OK;
}

static status
take_row(struct laptop *l, struct query *q, struct paper_source *sources, struct paper *p,
    struct span *last)
{
	struct paper_source *s = &sources[p->n_sources];
	status st;

	s->country = column_span(l, q, COLUMN_COUNTRY);
	if (span_equal(s->country, *last))
		return ST_OK; /* an older one of that country */
	*last = s->country;
	if (query_column_is_null(q, COLUMN_HASH)) {
		p->absent = add_code(l, p->absent, s->country);
		p->unaccepted = add_code(l, p->unaccepted, s->country);
		return ST_OK;
	}
	st = read_source(l, q, s);
	if (st != ST_OK)
		return st;
	if (!s->is_accepted)
		p->unaccepted = add_code(l, p->unaccepted, s->country);
	p->n_sources++;
	return ST_OK;
}

status
papers_sources(struct laptop *l, struct paper *out)
{
	struct query *q = query_of(l->queries, "SELECT count(*) FROM r_space");
	size_t cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	struct paper_source *sources = arena_zeros(l->arena, cap + 1, sizeof *sources);
	struct span last = span_of("", 0);
	status st = query_done(q, &l->trouble), end;

	*out = (struct paper){.sources = sources};
	if (sources == NULL)
		return no_memory(l);
	if (st != ST_OK)
		return st;
	q = query_of(l->queries, sources_sql);
	while (st == ST_OK && query_row(q))
		st = take_row(l, q, sources, out, &last);
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	return st != ST_OK ? st : end;
}

/* ---- one paper ---- */

status
papers_check_office(struct laptop *l, const char *what)
{
	status st;

	if (l->self.role == ROLE_OFFICE)
		return ST_OK;
	st = complain(l->complaint, PN_P01,
	    "%s by the central office, which alone sees all countries", what);
	complain_next(l->complaint, "pnet member list    to see who that is");
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
find_paper(struct laptop *l, const char *code, struct record_id *out)
{
	status st = find_code(l, KIND_PAPER, code, 0, out, NULL);

	if (st != ST_NOT_FOUND)
		return st;
	(void)complain(l->complaint, PN_F01, "no working paper %s is on this laptop%s",
	    code, find_near(l, KIND_PAPER, code));
	complain_next(l->complaint, "pnet paper list");
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

static status
read_facts(struct laptop *l, const struct record_id *name, struct paper *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(code, ''), coalesce(title, ''), coalesce(language, ''),"
	    " coalesce(edition, 0) FROM paper WHERE record = ?");

	query_blob(q, name->bytes, sizeof name->bytes);
	if (query_row(q)) {
		out->code = arena_copy(l->arena, query_column_span(q, 0));
		out->title = arena_copy(l->arena, query_column_span(q, 1));
		out->language = arena_copy(l->arena, query_column_span(q, 2));
		out->edition = (uint32_t)query_column_int(q, 3);
	}
	return query_done(q, &l->trouble);
}

/* What the office wrote; of two laptops that began one each, both. */
static status
read_synthesis(struct laptop *l, const struct record_id *name, struct paper *out)
{
	const char *word = vocabulary_word(
	    VOC_PAPER_PART, vocabulary_find(VOC_PAPER_PART, span_text("synthesis")));
	struct document d;
	status st = document_load(l, KIND_PAPER, name, &d);

	for (size_t i = 0; st == ST_OK && i < d.n; i++) {
		struct span text = d.sections[i].text.text;

		if (strcmp(d.sections[i].kind, word) != 0 || text.len == 0)
			continue;
		out->synthesis = span_text(arena_text(l->arena, "%.*s%s%.*s",
		    (int)out->synthesis.len, (const char *)out->synthesis.bytes,
		    out->synthesis.len == 0 ? "" : "\n\n", (int)text.len,
		    (const char *)text.bytes));
	}
	return st;
}

status
papers_open(struct laptop *l, const char *code, bool is_draft, struct paper *out)
{
	struct record_id name;
	status st = papers_check_office(l, "a working paper is built");

	if (st == ST_OK)
		st = find_paper(l, code, &name);
	if (st == ST_OK && !is_draft)
		st = findings_check_gate(l, GATE_PAPER, code);
	if (st == ST_OK)
		st = papers_sources(l, out);
	if (st == ST_OK)
		st = read_facts(l, &name, out);
	out->is_draft = is_draft;
	return st != ST_OK ? st : read_synthesis(l, &name, out);
}

/* ---- a new one ---- */

status
papers_new(struct edit *e, struct laptop *l, const char *code, const char *title,
    const char *edition, const char *language)
{
	const struct place place = {.space = 0};
	const struct wish paper[] = {{"code", code}, {"title", title},
	    {"edition", edition}, {"language", language}};
	struct record_ref ref, synthesis;
	status st = papers_check_office(l, "a working paper is begun");

	if (st == ST_OK)
		st = catalog_new(e, l, schema_kind(KIND_PAPER), &place, NULL, paper,
		    sizeof paper / sizeof paper[0], &ref);
	if (st == ST_OK) {
		const struct wish section[] = {
		    {"paper", form_name(l, &ref.name)}, {"part", "synthesis"}};

		st = catalog_new(e, l, schema_kind(KIND_PAPER_SECTION), &place, NULL,
		    section, sizeof section / sizeof section[0], &synthesis);
	}
	return st;
}
