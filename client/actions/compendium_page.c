/* compendium_page.c - what the page of an edition holds: pinned texts, where its
 * practices were tested, and the advocacy chapter. */
#include "client/actions/compendium.h"

#include "client/actions/papers.h"
#include "core/pinned.h"
#include "core/rules.h"

enum { CHAPTERS_MAX = 256 }; /* countries, and a few that wrote two */

/* The section of an advocacy report that the chapter takes. */
static const char chapter_kind[] = "strategies";

/* Of a draft everything counts. */
static const char end_of_time[] = "9999-12-31";

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a compendium");
}

static const char *
as_of(const struct edition *edition)
{
	return *edition->released_on == '\0' ? end_of_time : edition->released_on;
}

/* ---- where it was tested ---- */

/* Workshops that were closed on that day, with the tally that counted then. */
static const char tested_sql[] =
    "SELECT s.code, t.enrolled FROM activity a JOIN r_scope o ON o.id = a.scope"
    " JOIN r_space s ON s.pos = o.space LEFT JOIN country c ON c.code = s.code"
    " JOIN tally t ON t.record = (SELECT y.record FROM tally y WHERE y.activity ="
    "  a.record AND coalesce(y.\"on\", '') <= ?2 AND NOT EXISTS(SELECT 1 FROM reopen n"
    "   WHERE n.tally = y.record AND coalesce(n.\"on\", '') <= ?2)"
    "  ORDER BY y.no DESC, y.record LIMIT 1)"
    " WHERE a.practice = ?1 AND a.type = 'youth_workshop'"
    "  AND coalesce(a.cancelled, 'no') <> 'yes'"
    " ORDER BY coalesce(c.\"order\", 9999), s.code, a.code";

static status
read_tested(struct laptop *l, const struct edition *edition,
    const struct record_id *practice, struct tested_in *out)
{
	struct query *q = query_of(l->queries, "SELECT count(*) FROM r_space");
	size_t cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	struct span *countries = arena_zeros(l->arena, cap + 1, sizeof *countries);
	status st = query_done(q, &l->trouble);

	*out = (struct tested_in){.countries = countries};
	if (st != ST_OK || countries == NULL)
		return st != ST_OK ? st : no_memory(l);
	q = query_of(l->queries, tested_sql);
	query_blob(q, practice->bytes, sizeof practice->bytes);
	query_text(q, as_of(edition));
	while (query_row(q)) {
		struct span country = query_column_span(q, 0);

		if (out->n_countries == 0 ||
		    !span_equal(countries[out->n_countries - 1], country))
			countries[out->n_countries++] = arena_copy(l->arena, country);
		out->workshops++;
		out->young_people += (uint32_t)query_column_int(q, 1);
	}
	return query_done(q, &l->trouble);
}

/* ---- entries ---- */

/* An item that another program or an import wrote may have no head: then it is that of
 * the practice now. */
static status
read_copy(struct laptop *l, const struct edition_item *item, struct compendium_entry *out)
{
	struct section *sections;
	struct hash32 version;
	const char *now;
	bool is_older;
	size_t n;
	status st =
	    pinned_read(span_text(item->copy), l->arena, &sections, &n, &l->trouble);

	if (st != ST_OK)
		return trouble_wrap(&l->trouble, "the copy of %s", item->code);
	out->sections = sections;
	out->n_sections = n;
	if (n > 0 && compendium_read_head(&sections[0], &out->head)) {
		out->sections++;
		out->n_sections--;
		return ST_OK;
	}
	st = compendium_pin(l, &item->subject, &version, &now, &is_older);
	if (st == ST_OK)
		st = pinned_read(span_text(now), l->arena, &sections, &n, &l->trouble);
	if (st == ST_OK)
		(void)compendium_read_head(&sections[0], &out->head);
	return st;
}

static status
add_entry(struct laptop *l, const struct edition *edition,
    const struct edition_item *item, struct compendium_entry *out)
{
	status st;

	*out = (struct compendium_entry){
	    .part = item->part, .code = span_text(item->code), .version = item->version};
	st = read_copy(l, item, out);
	return st != ST_OK ? st : read_tested(l, edition, &item->subject, &out->tested);
}

bool
compendium_is_repeated(const struct edition *edition, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (edition->items[i].kind == KIND_PRACTICE &&
		    strcmp(edition->items[i].code, edition->items[at].code) == 0)
			return true;
	}
	return false;
}

static status
read_entries(struct laptop *l, const struct edition *edition, struct compendium *out)
{
	struct compendium_entry *entries =
	    arena_zeros(l->arena, edition->n + 1, sizeof *entries);
	status st = entries == NULL ? no_memory(l) : ST_OK;

	for (size_t i = 0; st == ST_OK && i < edition->n; i++) {
		if (edition->items[i].kind == KIND_PRACTICE &&
		    !compendium_is_repeated(edition, i))
			st = add_entry(
			    l, edition, &edition->items[i], &entries[out->n_entries++]);
	}
	out->entries = entries;
	return st;
}

/* ---- foreword and advocacy chapter ---- */

static const struct edition_item *
first_of_kind(const struct edition *edition, uint16_t kind)
{
	for (size_t i = 0; i < edition->n; i++) {
		if (edition->items[i].kind == kind)
			return &edition->items[i];
	}
	return NULL;
}

static status
read_foreword(struct laptop *l, const struct edition *edition, struct compendium *out)
{
	const struct edition_item *item = first_of_kind(edition, KIND_NONE);
	struct section *sections;
	size_t n = 0;
	status st;

	if (item == NULL)
		return ST_OK;
	st = pinned_read(span_text(item->copy), l->arena, &sections, &n, &l->trouble);
	if (st == ST_OK && n > 0)
		out->foreword = sections[0].text;
	return st;
}

static struct span
chapter_title(struct laptop *l, const char *kind, struct span heading)
{
	char *title = arena_text(l->arena, "%s%s%.*s", kind, heading.len == 0 ? "" : ": ",
	    (int)heading.len, (const char *)heading.bytes);

	if (title != NULL && title[0] >= 'a' && title[0] <= 'z')
		title[0] = (char)(title[0] - 'a' + 'A');
	return span_text(title == NULL ? "" : title);
}

/* Sections of one part in an item's copy. */
static status
add_part(struct laptop *l, const struct edition_item *item, const char *part,
    struct chapter *chapters, size_t *n)
{
	struct section *sections;
	size_t n_sections = 0;
	status st = pinned_read(
	    span_text(item->copy), l->arena, &sections, &n_sections, &l->trouble);

	for (size_t i = 0; st == ST_OK && i < n_sections && *n < CHAPTERS_MAX; i++) {
		if (strcmp(sections[i].kind, part) == 0)
			chapters[(*n)++] =
			    (struct chapter){chapter_title(l, part, sections[i].heading),
				span_text(item->code), item->version, sections[i].text};
	}
	return st;
}

/* The working paper that was put into the edition, as it stood. */
static status
chapter_of_paper(struct laptop *l, const struct edition *edition, struct compendium *out)
{
	struct chapter *chapters = arena_zeros(l->arena, CHAPTERS_MAX, sizeof *chapters);
	status st = chapters == NULL ? no_memory(l) : ST_OK;

	for (size_t part = 1; part <= vocabulary_size(VOC_PAPER_PART); part++) {
		for (size_t i = 0; st == ST_OK && i < edition->n; i++) {
			if (edition->items[i].kind == KIND_PAPER)
				st = add_part(l, &edition->items[i],
				    vocabulary_word(VOC_PAPER_PART, part), chapters,
				    &out->n_chapters);
		}
	}
	out->chapters = chapters;
	return st;
}

/* Without one: what the office accepted from each country, as it was accepted last on
 * that day. A text that is handed in anew waits for its own acceptance. */
static const char accepted_sql[] =
    "SELECT p.code, s.code, a.hash, coalesce(a.text, s.texts, ''), a.outcome"
    " FROM r_space p LEFT JOIN country c ON c.code = p.code"
    " LEFT JOIN acceptance a ON a.record = (SELECT y.record FROM acceptance y"
    "  JOIN submission z ON z.record = y.submission OR z.hash = y.hash"
    "  JOIN r_scope o ON o.id = z.scope WHERE o.space = p.pos"
    "  AND z.kind = 'advocacy_report' AND coalesce(y.\"on\", '') <= ?"
    "  ORDER BY y.\"on\" DESC, y.record LIMIT 1)"
    " LEFT JOIN submission s ON s.record = (SELECT z.record FROM submission z"
    "  WHERE z.record = a.submission OR z.hash = a.hash ORDER BY z.record LIMIT 1)"
    " WHERE p.pos > 0 ORDER BY coalesce(c.\"order\", 9999), p.code";

static struct span
add_code(struct laptop *l, struct span list, const char *code)
{
	return span_text(arena_text(l->arena, "%.*s%s%s", (int)list.len,
	    (const char *)list.bytes, list.len == 0 ? "" : ", ", code));
}

/* How the country involves its authorities and policymakers. */
static status
add_chapters(
    struct laptop *l, struct query *q, struct chapter *chapters, size_t cap, size_t *n)
{
	struct span country = arena_copy(l->arena, query_column_span(q, 0));
	struct span copy = arena_copy(l->arena, query_column_span(q, 3));
	struct chapter x = {.source = arena_copy(l->arena, query_column_span(q, 1))};
	struct section *sections;
	size_t n_sections = 0;
	status st = pinned_read(copy, l->arena, &sections, &n_sections, &l->trouble);

	query_column_copy(q, 2, x.version.bytes, sizeof x.version.bytes);
	for (size_t i = 0; st == ST_OK && i < n_sections && *n < cap; i++) {
		if (strcmp(sections[i].kind, chapter_kind) != 0)
			continue;
		x.title = chapter_title(l, chapter_kind, country);
		x.text = sections[i].text;
		chapters[(*n)++] = x;
	}
	return st;
}

static status
chapter_of_reports(
    struct laptop *l, const struct edition *edition, struct compendium *out)
{
	struct chapter *chapters = arena_zeros(l->arena, CHAPTERS_MAX, sizeof *chapters);
	struct query *q = query_of(l->queries, accepted_sql);
	status st = chapters == NULL ? no_memory(l) : ST_OK, end;

	query_text(q, as_of(edition));
	while (st == ST_OK && query_row(q)) {
		if (strcmp(query_column_text(q, 4), "accepted") == 0)
			st = add_chapters(l, q, chapters, CHAPTERS_MAX, &out->n_chapters);
		else
			out->awaited = add_code(l, out->awaited, query_column_text(q, 0));
	}
	end = query_done(q, st == ST_OK ? &l->trouble : NULL);
	out->chapters = chapters;
	return st != ST_OK ? st : end;
}

status
compendium_load(struct laptop *l, const struct edition *edition, struct compendium *out)
{
	const struct edition_item *paper = first_of_kind(edition, KIND_PAPER);
	status st = papers_check_office(l, "the compendium is built");

	*out = (struct compendium){.code = span_text(edition->code),
	    .language = span_text(edition->language),
	    .edition = edition->no,
	    .is_paper = edition->is_paper,
	    .released_on = span_text(edition->released_on),
	    .k = rules_limit(LIMIT_SUPPRESS_BELOW)};
	if (st == ST_OK)
		st = read_entries(l, edition, out);
	if (st == ST_OK)
		st = read_foreword(l, edition, out);
	if (st != ST_OK)
		return st;
	return paper != NULL ? chapter_of_paper(l, edition, out)
			     : chapter_of_reports(l, edition, out);
}
