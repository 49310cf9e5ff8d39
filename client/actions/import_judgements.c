/* import_judgements.c - what people decided about practices and reports: the office's
 * decisions and publications, the authors' ratings and sign-offs. Each row is taken by
 * him alone who may say so: decisions by the office, a rating by its author. */
#include "client/actions/import_rows.h"

#include "base/date.h"
#include "client/actions/compendium.h"

/* ---- decisions ---- */

static bool
is_by_me(struct importing *x, const struct csv_row *row)
{
	return strcmp(row_cell(x, row, "by"), x->l->self.member) == 0;
}

/* The office decides; a coordinator withdraws a practice of the own country. */
static bool
may_decide(struct importing *x, const struct csv_row *row)
{
	return x->l->self.role == ROLE_OFFICE ||
	       (x->l->self.role == ROLE_COORDINATOR && is_by_me(x, row) &&
		   strcmp(row_cell(x, row, "kind"), "withdraw") == 0);
}

/* A decision on a report has the report's code in the same column. */
static status
find_subject(
    struct importing *x, const struct csv_row *row, uint16_t *kind, struct record_id *out)
{
	bool is_report = strcmp(row_cell(x, row, "kind"), "report") == 0;

	*kind = is_report ? KIND_REPORT : KIND_PRACTICE;
	return find_code(x->l, *kind, row_cell(x, row, "practice"), 0, out, NULL);
}

enum row_result
import_decision(struct importing *x, const struct csv_row *row)
{
	const char *kind = row_cell(x, row, "kind"), *on = row_cell(x, row, "on");
	const char *outcome = row_cell(x, row, "outcome");
	const struct place place = {.space = 0};
	struct record_id subject;
	struct record_ref ref;
	struct document d;
	const char *copy = "";
	uint16_t subject_kind;
	status st;

	if (!may_decide(x, row))
		return ROW_PASSED;
	st = find_subject(x, row, &subject_kind, &subject);
	if (st == ST_OK) {
		const struct same_question same = {"SELECT 1 FROM decision WHERE subject "
						   "= ? AND kind = ? AND outcome = ?"
						   " AND \"on\" = ?",
		    {&subject}, {kind, outcome, on}};

		if (import_is_there(x->l, &same))
			return ROW_TAKEN;
		st = document_load(x->l, subject_kind, &subject, &d);
	}
	if (st == ST_OK)
		st = document_copy(x->l, &d, &copy);
	if (st == ST_OK) {
		const struct wish wishes[] = {
		    {"subject", form_name(x->l, &subject)},
		    {"kind", kind},
		    {"outcome", outcome},
		    {"version", form_hash(x->l, &d.version)},
		    {"on", on},
		    {"by", row_cell(x, row, "by")},
		    {"reason", row_cell(x, row, "reason")},
		    {"text", copy},
		};

		st = catalog_new(x->e, x->l, schema_kind(KIND_DECISION), &place, NULL,
		    wishes, sizeof wishes / sizeof wishes[0], &ref);
	}
	return row_done(x, st);
}

/* ---- ratings ---- */

/* Nine lines of one author, eight criteria and the verdict, are one record: it is named
 * by report and author. */
enum row_result
import_rating(struct importing *x, const struct csv_row *row)
{
	const struct field *f =
	    schema_column(x->k, span_text(row_cell(x, row, "criterion")));
	const struct place place = {.space = 0};
	struct record_ref ref;

	if (!is_by_me(x, row))
		return ROW_PASSED;
	if (f == NULL || f->id < F_RATING_NEED)
		return row_bad(x, "its criterion is not in the vocabulary (V1)");
	{
		const struct wish wishes[] = {
		    {"report", row_cell(x, row, "document")},
		    {"by", x->l->self.member},
		    {"experience", row_cell(x, row, "experience")},
		    {f->name, row_cell(x, row, "value")},
		};

		return row_done(x, catalog_new(x->e, x->l, x->k, &place, NULL, wishes,
				       sizeof wishes / sizeof wishes[0], &ref));
	}
}

/* ---- sign-offs ---- */

/* A version that is no hash (`v3`) stands for the text as it is when it is loaded. */
static const char *
version_of_row(struct importing *x, const struct csv_row *row, const struct document *d)
{
	const char *word = row_cell(x, row, "version");
	const char *hex = form_hash(x->l, &d->version);

	return strlen(word) == strlen(hex) ? word : hex;
}

static bool
is_signed(struct importing *x, const struct record_id *report, const char *version)
{
	const struct same_question same = {
	    "SELECT 1 FROM signoff WHERE report = ? AND \"by\" = ? AND"
	    " lower(hex(version)) = lower(?)",
	    {report}, {x->l->self.member, version}};

	return import_is_there(x->l, &same);
}

enum row_result
import_signoff(struct importing *x, const struct csv_row *row)
{
	const char *code = row_cell(x, row, "document"), *version, *copy = "";
	const struct place place = {.space = 0};
	struct record_id report;
	struct record_ref ref;
	struct document d;
	status st;

	if (!is_by_me(x, row))
		return ROW_PASSED;
	st = find_code(x->l, KIND_REPORT, code, 0, &report, NULL);
	if (st == ST_OK)
		st = document_load(x->l, KIND_REPORT, &report, &d);
	if (st == ST_OK)
		st = document_copy(x->l, &d, &copy);
	if (st != ST_OK)
		return row_bad(x, NULL);
	version = version_of_row(x, row, &d);
	if (is_signed(x, &report, version))
		return ROW_TAKEN;
	{
		const struct wish wishes[] = {
		    {"report", form_name(x->l, &report)},
		    {"by", x->l->self.member},
		    {"experience", row_cell(x, row, "experience")},
		    {"version", version},
		    {"on", row_cell(x, row, "on")},
		    {"text", copy},
		};

		st = catalog_new(x->e, x->l, x->k, &place, NULL, wishes,
		    sizeof wishes / sizeof wishes[0], &ref);
	}
	return row_done(x, st);
}

/* ---- publications ---- */

/* The edition that several rows are items of. */
static status
find_edition(struct importing *x, const struct csv_row *row, struct record_ref *out)
{
	const char *code = row_cell(x, row, "ref");
	const struct place place = {.space = 0};
	const struct wish wishes[] = {
	    {"code", code},
	    {"kind", row_cell(x, row, "kind")},
	    {"edition", row_cell(x, row, "edition")},
	    {"language", row_cell(x, row, "language")},
	};
	status st;

	*out = (struct record_ref){.kind = KIND_PUBLICATION};
	if (import_made(x, code, out))
		return ST_OK;
	st = find_code(x->l, KIND_PUBLICATION, code, 0, &out->name, &out->scope);
	if (st == ST_NOT_FOUND)
		st = catalog_new(x->e, x->l, schema_kind(KIND_PUBLICATION), &place, NULL,
		    wishes, sizeof wishes / sizeof wishes[0], out);
	return st != ST_OK ? st : import_make(x, code, out);
}

static bool
is_released(struct laptop *l, const struct record_id *edition)
{
	const struct same_question same = {
	    "SELECT 1 FROM publication WHERE record = ? AND released_on IS NOT NULL",
	    {edition}, {NULL}};

	return import_is_there(l, &same);
}

/* The file says that an edition is out, and not always since when: then since today. */
static status
release(struct importing *x, const struct csv_row *row, const struct record_ref *edition)
{
	const char *on = row_cell(x, row, "released_on");
	char today[DATE_TEXT_BYTES];
	struct wish wish = {"released_on", on};

	if (strcmp(row_cell(x, row, "state"), "released") != 0 ||
	    is_released(x->l, &edition->name))
		return ST_OK;
	date_format(x->l->today, today);
	if (*on == '\0')
		wish.text = today;
	return catalog_change(x->e, x->l, edition, &wish, 1);
}

static status
add_item(struct importing *x, const struct csv_row *row, const struct record_ref *edition,
    const struct document *d)
{
	const struct kind *k = schema_kind(KIND_PUBLICATION_ITEM);
	const struct place place = {.space = 0};
	struct record_ref ref;
	struct hash32 version = d->version;
	const char *copy = "";
	bool is_older;
	status st = d->ref.kind == KIND_PRACTICE
			? compendium_pin(x->l, &d->ref.name, &version, &copy, &is_older)
			: document_copy(x->l, d, &copy);
	const struct wish wishes[] = {
	    {"publication", form_name(x->l, &edition->name)},
	    {d->ref.kind == KIND_PAPER ? "paper" : "practice",
		form_name(x->l, &d->ref.name)},
	    {"part", row_cell(x, row, "part")},
	    {"version", form_hash(x->l, &version)},
	    {"text", copy},
	};

	return st != ST_OK ? st
			   : catalog_new(x->e, x->l, k, &place, NULL, wishes,
				 sizeof wishes / sizeof wishes[0], &ref);
}

enum row_result
import_publication(struct importing *x, const struct csv_row *row)
{
	bool is_paper = strcmp(row_cell(x, row, "kind"), "working_paper") == 0;
	uint16_t kind = is_paper ? KIND_PAPER : KIND_PRACTICE;
	struct record_ref edition;
	struct record_id subject;
	struct document d;
	status st;

	if (x->l->self.role != ROLE_OFFICE)
		return ROW_PASSED;
	if (*row_cell(x, row, "ref") == '\0')
		return row_bad(x, "it has no code");
	st = find_edition(x, row, &edition);
	if (st == ST_OK)
		st = find_code(
		    x->l, kind, row_cell(x, row, "practice"), 0, &subject, NULL);
	if (st == ST_OK) {
		const struct same_question same = {
		    "SELECT 1 FROM publication_item WHERE publication = ?1"
		    " AND (practice = ?2 OR paper = ?2)",
		    {&edition.name, &subject}, {NULL}};

		if (import_is_there(x->l, &same))
			return row_done(x, release(x, row, &edition));
		st = document_load(x->l, kind, &subject, &d);
	}
	if (st == ST_OK && is_released(x->l, &edition.name))
		return row_bad(x, "its edition is released: make a new one (V45)");
	if (st == ST_OK)
		st = add_item(x, row, &edition, &d);
	return row_done(x, st != ST_OK ? st : release(x, row, &edition));
}
