/* report_state.c - reads a report with all that people said about it. */
#include "client/actions/report_state.h"

#include "client/actions/find.h"
#include "core/pinned.h"

/* One row a kind. facts: of the record ?1 -> activity, practice, country, language, new
 * authors, experienced authors, hash that was submitted, when. decision: about ?1 and the
 * submitted hash ?2 -> outcome, on, by, reason. published: of ?1, ?2 and the day ?3 it
 * was accepted. */
struct report_type {
	uint16_t kind;
	bool is_rated;
	const char *word, *title;
	const char *facts, *decision, *published;
};

/* clang-format off */
#define IN_RELEASED_PAPER \
	"SELECT 1 FROM paper_section s JOIN publication_item i ON i.paper = s.paper" \
	" JOIN publication b ON b.record = i.publication" \
	" WHERE s.version = ?2 AND b.released_on >= ?3"
#define ACCEPTANCE \
	"SELECT outcome, \"on\", \"by\", reason FROM acceptance WHERE hash = ?2" \
	" ORDER BY \"on\" DESC, record DESC LIMIT 1"
#define ACTIVITY "coalesce((SELECT code FROM activity a WHERE a.record = d.activity), '')"
/* Documents of a country name it, or lie in its space. */
#define COUNTRY \
	"(SELECT c.code FROM r_scope o JOIN r_space c ON c.pos = o.space WHERE o.id = d.scope)"

static const struct report_type types[] = {
	{KIND_REPORT, true, "transferability report", "Transferability report",
	    "SELECT coalesce(d.activity_code, " ACTIVITY "),"
	    " (SELECT code FROM practice p WHERE p.record = d.practice), d.host_country,"
	    " d.language, d.authors_new, d.authors_experienced, d.submitted,"
	    " d.submitted_on FROM report d WHERE d.record = ?1",
	    "SELECT outcome, \"on\", \"by\", reason FROM decision WHERE subject = ?1"
	    " AND kind = 'report' AND coalesce(version, ?2) = ?2"
	    " ORDER BY \"on\" DESC, record DESC LIMIT 1",
	    "SELECT 1 FROM report d JOIN publication_item i ON i.practice = d.practice"
	    " JOIN publication b ON b.record = i.publication WHERE d.record = ?1"
	    " AND coalesce(i.part, 'A') = 'A' AND b.released_on >= ?3"},
	{KIND_ADVOCACY, false, "advocacy report", "Advocacy report",
	    "SELECT '', '', d.country, d.language, '', '', s.hash, s.\"on\" FROM advocacy d"
	    " LEFT JOIN submission s ON s.document = d.record WHERE d.record = ?1",
	    ACCEPTANCE, IN_RELEASED_PAPER},
	{KIND_MINUTES, false, "minutes", "Minutes",
	    "SELECT " ACTIVITY ", '', " COUNTRY ", d.language, '', '', s.hash, s.\"on\""
	    " FROM minutes d LEFT JOIN submission s ON s.document = d.record"
	    " WHERE d.record = ?1",
	    ACCEPTANCE, IN_RELEASED_PAPER},
	{KIND_SUBMISSION, false, "submission", "Submission",
	    "SELECT " ACTIVITY ", '', " COUNTRY ", d.language, '', '', d.hash, d.\"on\""
	    " FROM submission d WHERE d.record = ?1",
	    ACCEPTANCE, IN_RELEASED_PAPER},
};
/* clang-format on */

enum { N_TYPES = sizeof types / sizeof types[0] };

const char *
report_word(const struct report *r)
{
	return r->type->word;
}

bool
report_is_rated(const struct report *r)
{
	return r->type->is_rated;
}

static status
no_memory(struct laptop *l)
{
	return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a report");
}

/* ---- the text ---- */

static status
read_document(struct laptop *l, struct report *r)
{
	status st = document_load(l, r->kind, &r->ref.name, &r->document);

	if (st != ST_OK)
		return st;
	r->ref = r->document.ref;
	r->space = r->document.scope.space;
	r->n_sections = r->document.n;
	r->sections = document_texts(l, &r->document);
	if (r->sections == NULL)
		return no_memory(l);
	st = report_leaving(l, &r->document, &r->leaving, &r->leak);
	if (st != ST_OK || r->leak.section == NULL)
		return st;
	r->leaving = NULL;
	return ST_OK;
}

/* What the country submitted is all that is known of it here. */
static status
read_copy(struct laptop *l, struct report *r)
{
	struct query *q =
	    query_of(l->queries, "SELECT d.texts, d.kind, o.space FROM submission d"
				 " JOIN r_scope o ON o.id = d.scope WHERE d.record = ?");
	struct span copy = span_text("");
	bool is_minutes = false;
	status st;

	query_blob(q, r->ref.name.bytes, sizeof r->ref.name.bytes);
	if (query_row(q)) {
		copy = arena_copy(l->arena, query_column_span(q, 0));
		is_minutes = strcmp(query_column_text(q, 1), "minutes") == 0;
		r->space = (uint16_t)query_column_int(q, 2);
	}
	st = query_done(q, &l->trouble);
	if (st != ST_OK || copy.bytes == NULL)
		return st != ST_OK ? st : no_memory(l);
	r->is_copy = true;
	for (size_t i = 0; i < N_TYPES; i++) {
		if (types[i].kind == (is_minutes ? KIND_MINUTES : KIND_ADVOCACY))
			r->type = &types[i];
	}
	st = pinned_read(copy, l->arena, &r->sections, &r->n_sections, &l->trouble);
	r->leaving = r->sections;
	return st;
}

static status
read_text(struct laptop *l, struct report *r)
{
	status st = r->kind == KIND_SUBMISSION ? read_copy(l, r) : read_document(l, r);

	if (st != ST_OK || r->leaving == NULL)
		return st;
	return version_hash(
	    r->leaving, r->n_sections, &l->checks, l->arena, &r->version, &l->trouble);
}

/* ---- what was said about it ---- */

static const char *
text_at(struct laptop *l, struct query *q, int column)
{
	const char *out = query_column_is_null(q, column)
			      ? ""
			      : arena_text(l->arena, "%s", query_column_text(q, column));

	return out == NULL ? "" : out;
}

static status
read_facts(struct laptop *l, struct report *r)
{
	struct query *q = query_of(l->queries, r->row->facts);

	query_blob(q, r->ref.name.bytes, sizeof r->ref.name.bytes);
	if (query_row(q)) {
		r->activity = text_at(l, q, 0);
		r->practice = text_at(l, q, 1);
		r->country = text_at(l, q, 2);
		r->language = text_at(l, q, 3);
		r->authors_new = text_at(l, q, 4);
		r->authors_experienced = text_at(l, q, 5);
		r->facts.is_submitted = !query_column_is_null(q, 6);
		if (r->facts.is_submitted)
			query_column_copy(
			    q, 6, r->submitted.bytes, sizeof r->submitted.bytes);
		r->submitted_on = text_at(l, q, 7);
	}
	r->facts.is_same =
	    r->facts.is_submitted && r->leaving != NULL &&
	    memcmp(r->submitted.bytes, r->version.bytes, sizeof r->version.bytes) == 0;
	return query_done(q, &l->trouble);
}

static status
read_decision(struct laptop *l, struct report *r)
{
	struct query *q = query_of(l->queries, r->row->decision);

	query_blob(q, r->ref.name.bytes, sizeof r->ref.name.bytes);
	query_blob(q, r->submitted.bytes, sizeof r->submitted.bytes);
	if (r->facts.is_submitted && query_row(q)) {
		const char *outcome = text_at(l, q, 0);

		r->facts.is_accepted = strcmp(outcome, "accepted") == 0;
		r->facts.is_returned = strcmp(outcome, "returned") == 0;
		r->decided_on = text_at(l, q, 1);
		r->decided_by = text_at(l, q, 2);
		r->reason = text_at(l, q, 3);
	}
	return query_done(q, &l->trouble);
}

static status
read_publication(struct laptop *l, struct report *r)
{
	struct query *q = query_of(l->queries, r->row->published);

	query_blob(q, r->ref.name.bytes, sizeof r->ref.name.bytes);
	query_blob(q, r->submitted.bytes, sizeof r->submitted.bytes);
	query_text(q, r->decided_on);
	r->facts.is_published = r->facts.is_accepted && query_row(q);
	return query_done(q, &l->trouble);
}

/* How many rows a statement counts for this report, plus one: room for all of them. */
static size_t
room_for(struct laptop *l, const struct report *r, const char *sql)
{
	struct query *q = query_of(l->queries, sql);
	size_t n = 1;

	if (r != NULL)
		query_blob(q, r->ref.name.bytes, sizeof r->ref.name.bytes);
	if (query_row(q))
		n += (size_t)query_column_int(q, 0);
	return query_done(q, NULL) == ST_OK ? n : 1;
}

static status
read_ratings(struct laptop *l, struct report *r)
{
	struct query *q = query_of(l->queries,
	    "SELECT \"by\", experience, verdict, need, target_group_fit, acceptance,"
	    " institutional_fit, resources, competences, core_kept, effect_seen"
	    " FROM rating WHERE report = ? ORDER BY experience = 'experienced', \"by\"");

	size_t room = room_for(l, r, "SELECT count(*) FROM rating WHERE report = ?");

	r->ratings = arena_zeros(l->arena, room, sizeof *r->ratings);
	if (r->ratings == NULL)
		return no_memory(l);
	query_blob(q, r->ref.name.bytes, sizeof r->ref.name.bytes);
	while (r->n_ratings < room && query_row(q)) {
		struct page_rating *x = &r->ratings[r->n_ratings++];

		x->by = span_text(text_at(l, q, 0));
		x->experience = span_text(text_at(l, q, 1));
		x->verdict = text_at(l, q, 2);
		for (int i = 0; i < RATING_CRITERIA; i++) {
			x->has[i] = !query_column_is_null(q, 3 + i);
			x->points[i] = (unsigned)query_column_int(q, 3 + i);
		}
	}
	return query_done(q, &l->trouble);
}

/* Who signed one text on two laptops signed it once. */
static status
read_signoffs(struct laptop *l, struct report *r)
{
	struct query *q =
	    query_of(l->queries, "SELECT \"by\", experience, min(\"on\"), version FROM "
				 "signoff WHERE report = ?"
				 " GROUP BY \"by\", version ORDER BY 3, 1, 4");

	size_t room = room_for(l, r, "SELECT count(*) FROM signoff WHERE report = ?");

	r->signoffs = arena_zeros(l->arena, room, sizeof *r->signoffs);
	if (r->signoffs == NULL)
		return no_memory(l);
	query_blob(q, r->ref.name.bytes, sizeof r->ref.name.bytes);
	while (r->n_signoffs < room && query_row(q)) {
		struct page_signoff *x = &r->signoffs[r->n_signoffs++];
		struct hash32 version = {{0}};

		x->by = span_text(text_at(l, q, 0));
		x->experience = span_text(text_at(l, q, 1));
		x->on = span_text(text_at(l, q, 2));
		if (!query_column_is_null(q, 3))
			query_column_copy(q, 3, version.bytes, sizeof version.bytes);
		x->is_of_text =
		    memcmp(version.bytes, r->version.bytes, sizeof version.bytes) == 0;
	}
	return query_done(q, &l->trouble);
}

/* ---- opening ---- */

static status
load(struct laptop *l, struct report *r)
{
	status st = read_text(l, r);

	if (st == ST_OK)
		st = read_facts(l, r);
	if (st == ST_OK)
		st = read_decision(l, r);
	if (st == ST_OK)
		st = read_publication(l, r);
	if (st == ST_OK && r->type->is_rated)
		st = read_ratings(l, r);
	if (st == ST_OK && r->type->is_rated)
		st = read_signoffs(l, r);
	r->stage = document_stage(&r->facts);
	return st;
}

status
report_open(struct laptop *l, const char *code, struct report *out)
{
	*out = (struct report){.activity = "",
	    .practice = "",
	    .country = "",
	    .language = "",
	    .authors_new = "",
	    .authors_experienced = "",
	    .submitted_on = "",
	    .decided_on = "",
	    .decided_by = "",
	    .reason = ""};
	for (size_t i = 0; i < N_TYPES; i++) {
		struct record_ref *ref = &out->ref;
		status st = find_code(l, types[i].kind, code, 0, &ref->name, &ref->scope);

		if (st == ST_NOT_FOUND)
			continue;
		out->type = out->row = &types[i];
		out->kind = ref->kind = types[i].kind;
		if (st == ST_OK)
			out->code = find_code_of(l, out->kind, &ref->name);
		return st != ST_OK ? st : load(l, out);
	}
	(void)complain(l->complaint, PN_F01,
	    "no report or minutes %s is on this laptop%s", code,
	    find_near(l, KIND_NONE, code));
	complain_next(l->complaint, "pnet report list");
	return trouble_set(&l->trouble, ST_NOT_FOUND, "%s", l->complaint->why);
}

status
report_codes(struct laptop *l, const char ***out, size_t *n)
{
	struct query *q = query_of(l->queries,
	    "SELECT code FROM (SELECT code, 1 AS k FROM report UNION ALL"
	    " SELECT code, 2 FROM advocacy UNION ALL SELECT code, 3 FROM minutes"
	    " UNION ALL SELECT code, CASE kind WHEN 'minutes' THEN 3 ELSE 2 END"
	    " FROM submission) WHERE code IS NOT NULL GROUP BY code"
	    " ORDER BY min(k), code");

	size_t room = room_for(l, NULL,
	    "SELECT (SELECT count(*) FROM report) + (SELECT count(*) FROM advocacy) +"
	    " (SELECT count(*) FROM minutes) + (SELECT count(*) FROM submission)");

	*n = 0;
	*out = arena_zeros(l->arena, room, sizeof **out);
	if (*out == NULL)
		return no_memory(l);
	while (*n < room && query_row(q))
		(*out)[(*n)++] = text_at(l, q, 0);
	return query_done(q, &l->trouble);
}

/* ---- people ---- */

static bool
has_word(const char *set, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = set; *at != '\0';) {
		size_t n = strcspn(at, ";");

		if (n == len && memcmp(at, word, n) == 0)
			return true;
		at += n + (at[n] == ';');
	}
	return false;
}

const char *
report_experience(const struct report *r, const char *member)
{
	if (has_word(r->authors_experienced, member))
		return "experienced";
	return has_word(r->authors_new, member) ? "new" : NULL;
}

const char *
report_signed_on(struct laptop *l, const struct report *r, const char *by)
{
	for (size_t i = 0; i < r->n_signoffs; i++) {
		const struct page_signoff *s = &r->signoffs[i];

		if (s->is_of_text && span_equal(s->by, span_text(by)))
			return arena_text(
			    l->arena, "%.*s", (int)s->on.len, (const char *)s->on.bytes);
	}
	return NULL;
}

/* ---- the page ---- */

status
report_page(struct laptop *l, const struct report *r, struct span *out)
{
	const struct page_fact facts[] = {
	    {"practice", span_text(r->practice)},
	    {"activity", span_text(r->activity)},
	    {"country", span_text(r->country)},
	    {"language", span_text(r->language)},
	    {"new", span_text(r->authors_new)},
	    {"experienced", span_text(r->authors_experienced)},
	};
	const struct report_page page = {
	    .title = r->type->title,
	    .code = span_text(r->code),
	    .n_facts = sizeof facts / sizeof facts[0],
	    .facts = facts,
	    .n_sections = r->n_sections,
	    .sections = r->sections,
	    .is_rated = r->type->is_rated,
	    .n_ratings = r->n_ratings,
	    .ratings = r->ratings,
	    .n_signoffs = r->n_signoffs,
	    .signoffs = r->signoffs,
	    .version = r->version,
	};

	return report_page_write(&page, l->arena, out, &l->trouble);
}
