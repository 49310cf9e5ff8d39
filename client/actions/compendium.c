/* compendium.c - opens editions and changes them. What their page holds is
 * compendium_page.c. */
#include "client/actions/compendium.h"

#include <stdlib.h>

#include "client/actions/catalog.h"
#include "client/actions/findings.h"
#include "client/actions/papers.h"
#include "core/pinned.h"

static const char foreword_kind[] = "foreword";

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an edition");
}

/* ---- opening ---- */

static status
not_here(struct laptop *l, uint16_t kind, const char *what, const char *code)
{
	(void)complain(l->complaint, PN_F01, "no %s %s is on this laptop%s", what, code,
	    find_near(l, kind, code));
	complain_next(l->complaint, "%s",
	    kind == KIND_PUBLICATION ? "pnet compendium list" : "pnet practice list");
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

static status
read_facts(struct laptop *l, struct edition *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT code, coalesce(language, ''), coalesce(edition, 0),"
	    " coalesce(released_on, ''), kind = 'working_paper' FROM publication WHERE "
	    "record = ?");

	query_blob(q, out->ref.name.bytes, sizeof out->ref.name.bytes);
	if (query_row(q)) {
		out->code = arena_text(l->arena, "%s", query_column_text(q, 0));
		out->language = arena_text(l->arena, "%s", query_column_text(q, 1));
		out->no = (uint32_t)query_column_int(q, 2);
		out->released_on = arena_text(l->arena, "%s", query_column_text(q, 3));
		out->is_paper = query_column_int(q, 4) != 0;
	}
	return query_done(q, &l->trouble);
}

/* Emptied ones were taken out. */
static const char items_sql[] =
    "SELECT i.record, n.scope, i.practice, i.paper, coalesce(i.part, 'A'), i.version,"
    " coalesce(i.text, ''), coalesce(p.code, w.code, '') AS code"
    " FROM publication_item i JOIN r_record n ON n.id = i.rid"
    " LEFT JOIN practice p ON p.record = i.practice"
    " LEFT JOIN paper w ON w.record = i.paper"
    " WHERE i.publication = ? AND (i.practice IS NOT NULL OR i.paper IS NOT NULL"
    "  OR i.text IS NOT NULL)"
    " ORDER BY i.practice IS NULL, coalesce(i.part, 'A'), code, i.record";

static void
read_item(struct laptop *l, struct query *q, struct edition_item *out)
{
	bool is_practice = !query_column_is_null(q, 2);
	bool is_paper = !query_column_is_null(q, 3);

	out->ref.kind = KIND_PUBLICATION_ITEM;
	query_column_copy(q, 0, out->ref.name.bytes, sizeof out->ref.name.bytes);
	out->ref.scope = query_column_int(q, 1);
	out->kind = is_practice ? KIND_PRACTICE : is_paper ? KIND_PAPER : KIND_NONE;
	if (out->kind != KIND_NONE)
		query_column_copy(q, is_practice ? 2 : 3, out->subject.bytes,
		    sizeof out->subject.bytes);
	out->part = strcmp(query_column_text(q, 4), "B") == 0 ? PART_B : PART_A;
	if (!query_column_is_null(q, 5))
		query_column_copy(q, 5, out->version.bytes, sizeof out->version.bytes);
	out->copy = arena_text(l->arena, "%s", query_column_text(q, 6));
	out->code = arena_text(l->arena, "%s", query_column_text(q, 7));
}

static status
read_items(struct laptop *l, struct edition *out)
{
	struct query *q = query_of(
	    l->queries, "SELECT count(*) FROM publication_item WHERE publication = ?");
	size_t cap;
	status st;

	query_blob(q, out->ref.name.bytes, sizeof out->ref.name.bytes);
	cap = query_row(q) ? (size_t)query_column_int(q, 0) : 0;
	st = query_done(q, &l->trouble);
	out->items = arena_zeros(l->arena, cap + 1, sizeof *out->items);
	if (st != ST_OK || out->items == NULL)
		return st != ST_OK ? st : no_memory(l);
	q = query_of(l->queries, items_sql);
	query_blob(q, out->ref.name.bytes, sizeof out->ref.name.bytes);
	while (out->n < cap && query_row(q)) {
		read_item(l, q, &out->items[out->n]);
		out->n += !compendium_is_print(out->items[out->n].copy);
	}
	return query_done(q, &l->trouble);
}

status
compendium_open(struct laptop *l, const char *code, struct edition *out)
{
	status st;

	*out = (struct edition){.ref.kind = KIND_PUBLICATION,
	    .code = code,
	    .language = "",
	    .released_on = ""};
	st = find_code(l, KIND_PUBLICATION, code, 0, &out->ref.name, &out->ref.scope);
	if (st == ST_NOT_FOUND)
		return not_here(l, KIND_PUBLICATION, "edition", code);
	if (st == ST_OK)
		st = read_facts(l, out);
	return st != ST_OK ? st : read_items(l, out);
}

/* ---- a new edition ---- */

static const char *
next_no(struct laptop *l, const char *kind)
{
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(max(edition), 0) + 1 FROM publication WHERE kind = ?");
	int64_t no;

	query_text(q, kind);
	no = query_row(q) ? query_column_int(q, 0) : 1;
	(void)query_done(q, NULL);
	return arena_text(l->arena, "%lld", (long long)no);
}

status
compendium_new(struct edit *e, struct laptop *l, const char *code, const char *kind,
    const char *no, const char *language)
{
	const struct place place = {.space = 0};
	const struct wish wishes[] = {{"code", code}, {"kind", kind},
	    {"edition", no == NULL ? next_no(l, kind) : no}, {"language", language}};
	struct record_ref ref;
	status st = papers_check_office(l, "an edition is begun");

	return st != ST_OK ? st
			   : catalog_new(e, l, schema_kind(KIND_PUBLICATION), &place,
				 NULL, wishes, sizeof wishes / sizeof wishes[0], &ref);
}

/* ---- what an item pins ---- */

static status
read_head(struct laptop *l, const struct record_id *practice, struct entry_head *out)
{
	struct query *q = query_of(l->queries,
	    "SELECT coalesce(p.title, ''), coalesce(p.origin_country, ''),"
	    " coalesce(p.origin_name, o.name, ''), coalesce(p.themes, ''), p.age_min,"
	    " p.age_max FROM practice p LEFT JOIN organisation o ON o.record ="
	    " p.origin_org WHERE p.record = ?");

	*out = (struct entry_head){.title = span_of("", 0)};
	query_blob(q, practice->bytes, sizeof practice->bytes);
	if (query_row(q)) {
		out->title = arena_copy(l->arena, query_column_span(q, 0));
		out->origin_country = arena_copy(l->arena, query_column_span(q, 1));
		out->origin = arena_copy(l->arena, query_column_span(q, 2));
		out->themes = arena_copy(l->arena, query_column_span(q, 3));
		out->has_ages =
		    !query_column_is_null(q, 4) && !query_column_is_null(q, 5);
		out->age_min = (uint32_t)query_column_int(q, 4);
		out->age_max = (uint32_t)query_column_int(q, 5);
	}
	return query_done(q, &l->trouble);
}

/* The description as it was accepted last; *copy "" if nobody accepted one, or if the
 * decision kept no copy. */
static status
read_accepted(struct laptop *l, const struct record_id *practice, struct hash32 *version,
    const char **copy)
{
	struct query *q = query_of(l->queries,
	    "SELECT version, text FROM decision WHERE subject = ? AND kind = "
	    "'description'"
	    " AND outcome = 'accepted' AND version IS NOT NULL AND text IS NOT NULL"
	    " ORDER BY \"on\" DESC, record DESC LIMIT 1");

	*copy = "";
	query_blob(q, practice->bytes, sizeof practice->bytes);
	if (query_row(q)) {
		query_column_copy(q, 0, version->bytes, sizeof version->bytes);
		*copy = arena_text(l->arena, "%s", query_column_text(q, 1));
	}
	return query_done(q, &l->trouble);
}

status
compendium_pin(struct laptop *l, const struct record_id *practice, struct hash32 *version,
    const char **copy, bool *is_older)
{
	struct section *texts = NULL, *all;
	const char *accepted = "";
	struct entry_head head;
	struct document d;
	size_t n = 0;
	status st = document_load(l, KIND_PRACTICE, practice, &d);

	*is_older = false;
	if (st == ST_OK)
		st = read_head(l, practice, &head);
	if (st == ST_OK)
		st = read_accepted(l, practice, version, &accepted);
	if (st != ST_OK)
		return st;
	*is_older = *accepted != '\0' &&
		    memcmp(version->bytes, d.version.bytes, sizeof d.version.bytes) != 0;
	if (*is_older) {
		st = pinned_read(span_text(accepted), l->arena, &texts, &n, &l->trouble);
	} else {
		*version = d.version;
		texts = document_texts(l, &d);
		n = d.n;
	}
	all = arena_zeros(l->arena, n + 1, sizeof *all);
	if (st != ST_OK || texts == NULL || all == NULL)
		return st != ST_OK ? st : no_memory(l);
	all[0] = compendium_pin_head(&head, l->arena);
	if (all[0].text.bytes == NULL)
		return no_memory(l);
	memcpy(all + 1, texts, n * sizeof *all);
	return document_pin(l, all, n + 1, copy);
}

/* ---- changing an edition ---- */

static status
check_open(struct laptop *l, const struct edition *edition)
{
	status st = papers_check_office(l, "editions are put together");

	if (st != ST_OK || *edition->released_on == '\0')
		return st;
	st = complain(l->complaint, PN_C01,
	    "%s was released on %s: what it printed does not change any more (V45)",
	    edition->code, edition->released_on);
	complain_what(l->complaint, "%s cannot be changed", edition->code);
	complain_data(l->complaint, "nothing was changed");
	complain_next(l->complaint, "pnet compendium new CO-%s    makes a new edition",
	    next_no(l, "compendium"));
	complain_next(l->complaint, "pnet compendium show %s", edition->code);
	return trouble_set(&l->trouble, st, "released");
}

struct pinned_item {
	uint16_t kind; /* KIND_NONE: the foreword */
	struct record_id subject;
	const char *part;  /* word, "" if none */
	const char *piece; /* kind of the sections of a copy that is one of several */
	struct hash32 version;
	const char *copy;
};

/* The copy begins with a section of that kind (core/pinned.h). */
static bool
begins_with_kind(const char *copy, const char *kind)
{
	size_t len = strlen(kind);

	return copy[0] == '[' && strncmp(copy + 1, kind, len) == 0 &&
	       copy[len + 1] == ']';
}

static bool
is_same(const struct edition_item *i, const struct pinned_item *p)
{
	if (i->kind != p->kind)
		return false;
	if (p->kind == KIND_NONE)
		return true;
	return memcmp(i->subject.bytes, p->subject.bytes, sizeof p->subject.bytes) == 0 &&
	       (p->piece == NULL || begins_with_kind(i->copy, p->piece));
}

/* Nothing is ever deleted: an item that holds nothing is out. */
static status
empty_item(struct edit *e, struct laptop *l, const struct edition_item *item)
{
	static const struct wish nothing[] = {
	    {"practice", ""}, {"paper", ""}, {"part", ""}, {"version", ""}, {"text", ""}};

	return catalog_change(
	    e, l, &item->ref, nothing, sizeof nothing / sizeof nothing[0]);
}

/* Into the item of the same subject if there is one (others of it, which another laptop
 * made, are emptied), else a new one; an empty copy empties them all. */
static status
put_item(struct edit *e, struct laptop *l, const struct edition *edition,
    const struct pinned_item *p)
{
	const struct kind *k = schema_kind(KIND_PUBLICATION_ITEM);
	const char *subject = form_name(l, &p->subject);
	const struct wish wishes[] = {
	    {"publication", form_name(l, &edition->ref.name)},
	    {"practice", p->kind == KIND_PRACTICE ? subject : ""},
	    {"paper", p->kind == KIND_PAPER ? subject : ""},
	    {"part", p->part},
	    {"version", form_hash(l, &p->version)},
	    {"text", p->copy},
	};
	const struct place place = {.space = 0};
	bool is_there = *p->copy == '\0'; /* nothing to put: all of it goes */
	struct record_ref ref;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < edition->n; i++) {
		const struct edition_item *item = &edition->items[i];

		if (!is_same(item, p))
			continue;
		st = is_there ? empty_item(e, l, item)
			      : catalog_change(e, l, &item->ref, wishes,
				    sizeof wishes / sizeof wishes[0]);
		is_there = true;
	}
	return st != ST_OK || is_there ? st
				       : catalog_new(e, l, k, &place, NULL, wishes,
					     sizeof wishes / sizeof wishes[0], &ref);
}

/* The paper as it stands merged today, part by part. */
static status
put_paper(struct edit *e, struct laptop *l, const struct edition *edition,
    const char *code, struct pinned_item *item)
{
	struct section *sections = NULL, *of_part;
	struct paper paper;
	size_t n = 0;
	status st = papers_open(l, code, false, &paper);

	if (st == ST_OK)
		st = paper_sections(&paper, l->arena, &sections, &n, &l->trouble);
	if (st == ST_OK)
		st = version_hash(
		    sections, n, &l->checks, l->arena, &item->version, &l->trouble);
	of_part = st == ST_OK ? arena_zeros(l->arena, n + 1, sizeof *of_part) : NULL;
	if (st == ST_OK && of_part == NULL)
		return no_memory(l);
	for (size_t part = 1; st == ST_OK && part <= vocabulary_size(VOC_PAPER_PART);
	     part++) {
		size_t n_of_part = 0;

		item->piece = vocabulary_word(VOC_PAPER_PART, part);
		for (size_t i = 0; i < n; i++) {
			if (strcmp(sections[i].kind, item->piece) == 0)
				of_part[n_of_part++] = sections[i];
		}
		st = document_pin(l, of_part, n_of_part, &item->copy);
		if (st == ST_OK)
			st = put_item(e, l, edition, item);
	}
	return st;
}

/* A practice's code, or a paper's. */
static status
find_subject(struct laptop *l, const char *code, struct pinned_item *out)
{
	status st = find_code(l, KIND_PRACTICE, code, 0, &out->subject, NULL);

	out->kind = KIND_PRACTICE;
	if (st == ST_NOT_FOUND) {
		st = find_code(l, KIND_PAPER, code, 0, &out->subject, NULL);
		out->kind = KIND_PAPER;
	}
	return st == ST_NOT_FOUND
		   ? not_here(l, KIND_PRACTICE, "practice or working paper", code)
		   : st;
}

status
compendium_add(struct edit *e, struct laptop *l, const struct edition *edition,
    const char *code, enum publication_part part, bool *is_older)
{
	enum gate gate = part == PART_B ? GATE_PART_B : GATE_PART_A;
	struct pinned_item item = {.part = ""};
	status st = check_open(l, edition);

	*is_older = false;
	if (st == ST_OK)
		st = find_subject(l, code, &item);
	if (st != ST_OK)
		return st;
	if (item.kind == KIND_PAPER)
		return put_paper(e, l, edition, code, &item);
	item.part = vocabulary_word(VOC_PUBLICATION_PART, part);
	st = findings_check_gate(l, gate, code);
	if (st == ST_OK)
		st =
		    compendium_pin(l, &item.subject, &item.version, &item.copy, is_older);
	return st != ST_OK ? st : put_item(e, l, edition, &item);
}

status
compendium_remove(
    struct edit *e, struct laptop *l, const struct edition *edition, const char *code)
{
	bool is_there = false;
	status st = check_open(l, edition);

	for (size_t i = 0; st == ST_OK && i < edition->n; i++) {
		if (edition->items[i].kind == KIND_NONE ||
		    strcmp(edition->items[i].code, code) != 0)
			continue;
		st = empty_item(e, l, &edition->items[i]);
		is_there = true;
	}
	if (st != ST_OK || is_there)
		return st;
	(void)complain(l->complaint, PN_F01, "%s is not in %s", code, edition->code);
	complain_next(l->complaint, "pnet compendium show %s", edition->code);
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

status
compendium_foreword(
    struct edit *e, struct laptop *l, const struct edition *edition, struct span text)
{
	const struct section section = {foreword_kind, span_of("", 0), text};
	struct pinned_item item = {.part = ""};
	status st = check_open(l, edition);

	if (st == ST_OK)
		st = version_hash(
		    &section, 1, &l->checks, l->arena, &item.version, &l->trouble);
	if (st == ST_OK)
		st = document_pin(l, &section, text.len > 0, &item.copy);
	return st != ST_OK ? st : put_item(e, l, edition, &item);
}

/* ---- release ---- */

static status
check_items(struct laptop *l, const struct edition *edition)
{
	bool has_practice = false, has_paper = false;
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < edition->n; i++) {
		const struct edition_item *item = &edition->items[i];

		if (item->kind == KIND_PRACTICE) {
			has_practice = true;
			st = findings_check_gate(l,
			    item->part == PART_B ? GATE_PART_B : GATE_PART_A, item->code);
		} else if (item->kind == KIND_PAPER) {
			has_paper = true;
			st = findings_check_gate(l, GATE_PAPER, item->code);
		}
	}
	if (st != ST_OK || (edition->is_paper ? has_paper : has_practice))
		return st;
	st = complain(l->complaint, PN_C01, "no %s is in it",
	    edition->is_paper ? "working paper" : "practice");
	complain_what(l->complaint, "%s cannot be released yet", edition->code);
	complain_next(l->complaint, "%s",
	    edition->is_paper ? "pnet paper list" : "pnet practice list --stages");
	return trouble_set(&l->trouble, st, "an empty edition");
}

status
compendium_release(
    struct edit *e, struct laptop *l, const struct edition *edition, const char *on)
{
	const struct wish wish = {"released_on", on};
	struct edition released = *edition;
	status st = check_open(l, edition);

	released.released_on = on;
	if (st == ST_OK)
		st = check_items(l, edition);
	if (st == ST_OK)
		st = compendium_keep(e, l, &released);
	if (st != ST_OK)
		return st;
	edit_stands(e, KIND_PUBLICATION); /* what is printed is not taken back */
	return catalog_change(e, l, &edition->ref, &wish, 1);
}
