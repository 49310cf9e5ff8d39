/* import_documents.c - documents.csv in its three stages: the documents themselves, what
 * the country hands in, what the office accepts. Each stage passes over what it cannot
 * have: other countries' documents, drafts, what is not accepted yet. */
#include "client/actions/import_rows.h"
#include "client/actions/report_stays.h"

/* ---- words of the file ---- */

static const struct {
	const char *word;
	uint16_t kind;
} document_words[] = {
    {"transferability_report", KIND_REPORT},
    {"advocacy_report", KIND_ADVOCACY},
    {"minutes", KIND_MINUTES},
    {"working_paper", KIND_PAPER},
};

/* How far a document came. `submitted_blocked` was handed in and lacks a signature, so
 * that it cannot be accepted. */
enum stage { STAGE_DRAFT, STAGE_SUBMITTED, STAGE_ACCEPTED };
static const struct {
	const char *word;
	enum stage stage;
} state_words[] = {
    {"", STAGE_DRAFT},
    {"draft", STAGE_DRAFT},
    {"submitted", STAGE_SUBMITTED},
    {"submitted_blocked", STAGE_SUBMITTED},
    {"accepted", STAGE_ACCEPTED},
};

struct row_document {
	uint16_t kind;
	enum stage stage;
	const char *code, *on;
};

/* False: l->trouble says why. */
static bool
read_row(struct importing *x, const struct csv_row *row, struct row_document *out)
{
	const char *kind = row_cell(x, row, "kind"), *state = row_cell(x, row, "state");
	bool has_state = false;

	*out = (struct row_document){
	    .code = row_cell(x, row, "ref"), .on = row_cell(x, row, "state_on")};
	for (size_t i = 0; i < sizeof document_words / sizeof document_words[0]; i++) {
		if (strcmp(kind, document_words[i].word) == 0)
			out->kind = document_words[i].kind;
	}
	for (size_t i = 0; i < sizeof state_words / sizeof state_words[0]; i++) {
		if (strcmp(state, state_words[i].word) == 0) {
			out->stage = state_words[i].stage;
			has_state = true;
		}
	}
	if (out->kind == 0)
		(void)row_bad(x, "its kind is not in the vocabulary (V1)");
	else if (!has_state)
		(void)row_bad(x, "its state is not in the vocabulary (V1)");
	else if (*out->code == '\0')
		(void)row_bad(x, "it has no code");
	return out->kind != 0 && has_state && *out->code != '\0';
}

/* The office writes the working paper, each country the rest. */
static bool
is_mine(struct importing *x, const struct csv_row *row, uint16_t kind, uint16_t *space)
{
	bool is_office = x->l->self.role == ROLE_OFFICE;

	*space = 0;
	if ((kind == KIND_PAPER) != is_office)
		return false;
	return is_office || row_space(x, row, space);
}

/* ---- the documents ---- */

enum { WISHES_MAX = 8 };

static size_t
wishes_of(struct importing *x, const struct csv_row *row, const struct row_document *d,
    struct wish w[static WISHES_MAX])
{
	const char *language = row_cell(x, row, "language");
	const char *code = row_cell(x, row, "activity");
	size_t n = 0;

	w[n++] = (struct wish){"code", d->code};
	w[n++] = (struct wish){"language", language};
	if (d->kind == KIND_ADVOCACY)
		w[n++] = (struct wish){"country", row_cell(x, row, "country")};
	if (d->kind != KIND_REPORT && d->kind != KIND_MINUTES)
		return n;
	w[n++] = (struct wish){"activity", code};
	if (d->kind == KIND_MINUTES)
		return n;
	w[n++] = (struct wish){"activity_code", code};
	w[n++] = (struct wish){"practice", row_cell(x, row, "practice")};
	w[n++] = (struct wish){"host_country", row_cell(x, row, "country")};
	return n;
}

enum row_result
import_document(struct importing *x, const struct csv_row *row)
{
	struct place place = {.is_lenient = true};
	struct wish wishes[WISHES_MAX];
	struct row_document d;
	struct record_ref ref;
	status st;

	if (!read_row(x, row, &d))
		return ROW_BAD;
	if (!is_mine(x, row, d.kind, &place.space))
		return ROW_PASSED;
	if (find_code(x->l, d.kind, d.code, 0, &ref.name, NULL) == ST_OK)
		return ROW_TAKEN;
	if (import_made(x, d.code, &ref))
		return row_bad(x, "its code stands in the file twice");
	st = catalog_new(x->e, x->l, schema_kind(d.kind), &place, NULL, wishes,
	    wishes_of(x, row, &d, wishes), &ref);
	if (st == ST_OK)
		st = import_make(x, d.code, &ref);
	return row_done(x, st);
}

/* ---- handing in ---- */

static status
open_document(struct importing *x, const struct row_document *d, struct document *out)
{
	struct record_id name;
	status st = find_code(x->l, d->kind, d->code, 0, &name, NULL);

	return st != ST_OK ? st : document_load(x->l, d->kind, &name, out);
}

static bool
is_submitted(struct laptop *l, const struct document *d)
{
	const struct same_question same = {
	    "SELECT 1 FROM report WHERE record = ?1 AND submitted IS NOT NULL"
	    " UNION ALL SELECT 1 FROM submission WHERE document = ?1",
	    {&d->ref.name}, {NULL}};

	return import_is_there(l, &same);
}

static status
submit_report(struct importing *x, const struct document *d, const char *on)
{
	const struct wish wishes[] = {
	    {"submitted", form_hash(x->l, &d->version)}, {"submitted_on", on}};

	return catalog_change(x->e, x->l, &d->ref, wishes, 2);
}

/* The text as it may leave the country: what stays is replaced (report_stays.h). */
static status
leaving_text(
    struct laptop *l, const struct document *d, const char **copy, struct hash32 *hash)
{
	struct section *sections;
	struct leak leak;
	status st = report_leaving(l, d, &sections, &leak);

	if (st == ST_OK && leak.section != NULL)
		return trouble_set(&l->trouble, ST_MALFORMED,
		    "a passage that stays in the country is not where it was marked");
	if (st == ST_OK)
		st =
		    version_hash(sections, d->n, &l->checks, l->arena, hash, &l->trouble);
	return st != ST_OK ? st : document_pin(l, sections, d->n, copy);
}

static status
submit_for_office(struct importing *x, const struct csv_row *row,
    const struct row_document *r, const struct document *d)
{
	const char *activity = row_cell(x, row, "activity");
	struct place place = {.space = d->scope.space};
	struct hash32 hash = {{0}};
	struct record_ref ref;
	const char *copy = "";
	status st = leaving_text(x->l, d, &copy, &hash);
	const struct wish wishes[] = {
	    {"document", form_name(x->l, &d->ref.name)},
	    {"kind", r->kind == KIND_MINUTES ? "minutes" : "advocacy_report"},
	    {"language", row_cell(x, row, "language")},
	    {"texts", copy},
	    {"hash", form_hash(x->l, &hash)},
	    {"on", r->on},
	    {"code", r->code},
	    {"activity", r->kind == KIND_MINUTES ? activity : ""},
	};

	if (st == ST_OK)
		st = catalog_new(x->e, x->l, schema_kind(KIND_SUBMISSION), &place, NULL,
		    wishes, sizeof wishes / sizeof wishes[0], &ref);
	return st;
}

enum row_result
import_submission(struct importing *x, const struct csv_row *row)
{
	struct row_document r;
	struct document d;
	uint16_t space;
	status st;

	if (!read_row(x, row, &r))
		return ROW_BAD;
	if (r.stage < STAGE_SUBMITTED || r.kind == KIND_PAPER ||
	    !is_mine(x, row, r.kind, &space))
		return ROW_PASSED;
	st = open_document(x, &r, &d);
	if (st != ST_OK || is_submitted(x->l, &d))
		return row_done(x, st);
	return row_done(x, r.kind == KIND_REPORT ? submit_report(x, &d, r.on)
						 : submit_for_office(x, row, &r, &d));
}

/* ---- accepting ---- */

static status
accept_report(struct importing *x, const struct row_document *r, const struct document *d)
{
	const struct same_question same = {
	    "SELECT 1 FROM decision WHERE subject = ? AND kind = 'report' AND outcome ="
	    " 'accepted' AND \"on\" = ?",
	    {&d->ref.name}, {r->on}};
	const struct place place = {.space = 0};
	struct record_ref ref;
	const char *copy;
	status st;

	if (!is_submitted(x->l, d))
		return trouble_set(&x->l->trouble, ST_MALFORMED, "it is not submitted");
	if (import_is_there(x->l, &same))
		return ST_OK;
	st = document_copy(x->l, d, &copy);
	if (st == ST_OK) {
		const struct wish wishes[] = {{"subject", form_name(x->l, &d->ref.name)},
		    {"kind", "report"}, {"outcome", "accepted"},
		    {"version", form_hash(x->l, &d->version)}, {"on", r->on},
		    {"text", copy}};

		st = catalog_new(x->e, x->l, schema_kind(KIND_DECISION), &place, NULL,
		    wishes, sizeof wishes / sizeof wishes[0], &ref);
	}
	return st;
}

/* The submission of a document that the office cannot read, by its code. */
static status
find_submission(struct laptop *l, const char *code, struct record_id *name,
    uint16_t *space, struct hash32 *hash, const char **texts)
{
	struct query *q = query_of(l->queries,
	    "SELECT s.record, o.space, s.hash, coalesce(s.texts, '') FROM submission s"
	    " JOIN r_scope o ON o.id = s.scope WHERE s.code = ? AND s.hash IS NOT NULL");
	bool found;
	status st;

	query_text(q, code);
	found = query_row(q);
	if (found) {
		query_column_copy(q, 0, name->bytes, sizeof name->bytes);
		*space = (uint16_t)query_column_int(q, 1);
		query_column_copy(q, 2, hash->bytes, sizeof hash->bytes);
		*texts = arena_text(l->arena, "%s", query_column_text(q, 3));
	}
	st = query_done(q, &l->trouble);
	return st == ST_OK && !found
		   ? trouble_set(&l->trouble, ST_NOT_FOUND, "it is not submitted")
		   : st;
}

static status
accept_submission(struct importing *x, const struct row_document *r)
{
	const struct kind *k = schema_kind(KIND_ACCEPTANCE);
	struct same_question same = {
	    "SELECT 1 FROM acceptance WHERE submission = ? AND \"on\" = ?", {NULL},
	    {r->on}};
	struct place place = {0};
	struct record_id name;
	struct record_ref ref;
	struct hash32 hash;
	const char *texts = "";
	status st = find_submission(x->l, r->code, &name, &place.space, &hash, &texts);

	same.names[0] = &name;
	if (st != ST_OK || import_is_there(x->l, &same))
		return st;
	{
		const struct wish wishes[] = {{"hash", form_hash(x->l, &hash)},
		    {"outcome", "accepted"}, {"on", r->on}, {"text", texts},
		    {"submission", form_name(x->l, &name)}};

		st = catalog_new(x->e, x->l, k, &place, NULL, wishes,
		    sizeof wishes / sizeof wishes[0], &ref);
	}
	return st;
}

enum row_result
import_acceptance(struct importing *x, const struct csv_row *row)
{
	struct row_document r;
	struct document d;
	status st;

	if (!read_row(x, row, &r))
		return ROW_BAD;
	if (x->l->self.role != ROLE_OFFICE || r.stage != STAGE_ACCEPTED ||
	    r.kind == KIND_PAPER)
		return ROW_PASSED;
	if (r.kind != KIND_REPORT)
		return row_done(x, accept_submission(x, &r));
	st = open_document(x, &r, &d);
	return row_done(x, st != ST_OK ? st : accept_report(x, &r, &d));
}
