/* import.c - which importer reads a file: one table of words. Whatever is not in it is a
 * kind of the schema, read by its columns. */
#include "client/actions/import.h"

#include "client/actions/import_record.h"
#include "client/actions/import_rows.h"

/* Files with rows of their own form, told by a column that an export of the kind has not:
 * that comes back as every other kind does. */
static const struct {
	const char *word;
	const char *column;
	row_taker *take;
} of_rows[] = {
    {"activity", "type", import_new_activity},
    {"activity_day", "activity", import_day},
    {"team", "person", import_team},
    {"closing", "status", import_closing},
    {"document", "state", import_document},
    {"submission", "state", import_submission},
    {"acceptance", "state", import_acceptance},
    {"decision", "practice", import_decision},
    {"rating", "criterion", import_rating},
    {"signoff", "document", import_signoff},
    {"publication", "part", import_publication},
};

/* Files that are judged as a whole before anything is written. */
static const struct {
	const char *word;
	status (*run)(struct laptop *l, const struct import_wish *wish, struct span text,
	    struct import_report *out);
} of_lists[] = {{"young", import_roster}, {"young_person", import_roster},
    {"enrolment", import_enrolments}, {"marks", import_marks}, {"grid", import_grid}};

static bool
has_column(struct laptop *l, struct span text, const char *column)
{
	struct csv csv;
	struct csv_row header;

	return csv_open(&csv, text, l->arena, &header, NULL) == ST_OK &&
	       import_column(&header, column) != SIZE_MAX;
}

/* By the columns of the schema. */
static enum row_result
take_plain(struct importing *x, const struct csv_row *row)
{
	const struct record_row r = {x->k, &x->header, row, x->row_no, x->wish->activity};
	const char *code = row_cell(x, row, "ref");
	struct record_ref ref = {0};
	bool is_passed = false;
	status st;

	if (*code == '\0')
		code = row_cell(x, row, "code");
	if (*code != '\0' && import_made(x, code, &ref))
		return row_bad(x, "its code stands in the file twice");
	st = import_record(x->e, x->l, &r, &is_passed);
	if (st == ST_OK && *code != '\0')
		st = import_make(x, code, &ref);
	return st == ST_OK && is_passed ? ROW_PASSED : row_done(x, st);
}

/* Every word, a kind of the schema or not. */
static const char *
words(struct laptop *l)
{
	const char *out = "";

	for (size_t i = 0; i < sizeof of_lists / sizeof of_lists[0]; i++)
		out = arena_text(l->arena, "%s%s, ", out, of_lists[i].word);
	for (size_t i = 0; i < sizeof of_rows / sizeof of_rows[0]; i++) {
		const struct kind *k = schema_kind_named(span_text(of_rows[i].word));

		if (k == NULL || !import_is_open(k))
			out = arena_text(l->arena, "%s%s, ", out, of_rows[i].word);
	}
	for (size_t i = 0; i < schema_kind_count(); i++) {
		if (import_is_open(schema_kind_at(i)))
			out = arena_text(l->arena, "%s%s%s", out, i == 0 ? "" : ", ",
			    schema_kind_at(i)->name);
	}
	return out;
}

static status
unknown_word(struct laptop *l, const char *word)
{
	(void)complain(l->complaint, PN_U01,
	    "nothing of the kind '%.40s' can be imported; there is: %s", word, words(l));
	complain_next(l->complaint, "pnet help import");
	return trouble_set(&l->trouble, ST_USAGE, "unknown kind");
}

status
import_file(struct laptop *l, const struct import_wish *wish, struct import_report *out)
{
	const struct kind *k = schema_kind_named(span_text(wish->kind));
	struct span text;
	status st;

	memset(out, 0, sizeof *out);
	st = import_text(l, wish->path, wish->encoding, &text);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < sizeof of_lists / sizeof of_lists[0]; i++) {
		if (strcmp(wish->kind, of_lists[i].word) == 0)
			return of_lists[i].run(l, wish, text, out);
	}
	for (size_t i = 0; i < sizeof of_rows / sizeof of_rows[0]; i++) {
		if (strcmp(wish->kind, of_rows[i].word) == 0 &&
		    (k == NULL || has_column(l, text, of_rows[i].column)))
			return import_rows(l, wish, k, of_rows[i].take, NULL, text, out);
	}
	if (k == NULL || !import_is_open(k))
		return unknown_word(l, wish->kind);
	return import_rows(l, wish, k, take_plain, NULL, text, out);
}
