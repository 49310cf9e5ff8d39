/* practice_decide.c - decisions about practices. */
#include "client/actions/practice_decide.h"

#include "base/date.h"
#include "client/actions/documents.h"
#include "client/actions/findings.h"

/* Decisions on reports have a command of their own. */
static const struct {
	enum decision_kind kind;
	const char *word;
	const char *outcomes[2];
} choices[] = {
    {DECISION_SELECT, "select", {"selected", "rejected"}},
    {DECISION_DESCRIPTION, "description", {"accepted", "returned"}},
    {DECISION_TRANSFER, "transfer", {"proven", "not_proven"}},
    {DECISION_WITHDRAW, "withdraw", {"withdrawn", NULL}},
};
enum { N_CHOICES = sizeof choices / sizeof choices[0] };
_Static_assert(
    N_CHOICES == DECISION_REPORT - DECISION_SELECT, "one each but for reports");

/* ---- what was said ---- */

static status
not_a_choice(struct laptop *l, const struct practice_decision *d, const char *why)
{
	status st = complain(l->complaint, PN_V03, "%s", why);

	complain_next(l->complaint, "pnet practice decide %s    lists what was decided",
	    d->practice);
	return trouble_set(&l->trouble, st, "%s", why);
}

static status
check_choice(struct laptop *l, const struct practice_decision *d)
{
	for (size_t i = 0; i < N_CHOICES; i++) {
		const char *const *o = choices[i].outcomes;

		if (strcmp(d->kind, choices[i].word) != 0)
			continue;
		if (strcmp(d->outcome, o[0]) == 0 ||
		    (o[1] != NULL && strcmp(d->outcome, o[1]) == 0))
			return ST_OK;
		return not_a_choice(l, d,
		    arena_text(l->arena, "outcome '%.40s': of %s it is %s%s%s",
			d->outcome, d->kind, o[0], o[1] == NULL ? "" : " or ",
			o[1] == NULL ? "" : o[1]));
	}
	return not_a_choice(l, d,
	    arena_text(l->arena,
		"kind '%.40s': it is select, description, transfer or withdraw; reports "
		"have pnet report accept",
		d->kind));
}

static status
find_practice(struct laptop *l, const char *code, struct record_id *out)
{
	status st = find_code(l, KIND_PRACTICE, code, 0, out, NULL);

	if (st != ST_NOT_FOUND)
		return st;
	(void)complain(l->complaint, PN_F01, "no practice %s is on this laptop%s", code,
	    find_near(l, KIND_PRACTICE, code));
	complain_next(l->complaint, "pnet practice list");
	return trouble_set(&l->trouble, st, "no such practice");
}

/* ---- what stands in the way ---- */

static status
blocked(struct laptop *l, const struct practice_decision *d, const char *why)
{
	status st = complain(l->complaint, PN_C01, "%s", why);

	complain_what(l->complaint, "%s: %s %s cannot be decided", d->practice, d->kind,
	    d->outcome);
	complain_next(l->complaint, "pnet practice decide %s    lists what was decided",
	    d->practice);
	complain_next(l->complaint, "pnet report show %s", d->practice);
	return trouble_set(&l->trouble, st, "%s", why);
}

/* Another outcome of the same day would leave nobody knowing which counts. */
static status
check_day(struct laptop *l, const struct practice_decision *d,
    const struct record_id *practice, const char *on)
{
	struct query *q = query_of(l->queries,
	    "SELECT outcome FROM decision WHERE subject = ? AND kind = ? AND \"on\" = ?"
	    " AND outcome <> ?");
	const char *other = NULL;
	status st;

	query_blob(q, practice->bytes, sizeof practice->bytes);
	query_text(q, d->kind);
	query_text(q, on);
	query_text(q, d->outcome);
	if (query_row(q))
		other = arena_text(l->arena, "%s", query_column_text(q, 0));
	st = query_done(q, &l->trouble);
	if (st != ST_OK || other == NULL)
		return st;
	return blocked(l, d,
	    arena_text(l->arena,
		"it was decided %s on %s: of two decisions the one of the later day "
		"counts",
		other, on));
}

static status
check_description(
    struct laptop *l, const struct practice_decision *d, const struct document *text)
{
	status st;

	if (strcmp(d->kind, "description") != 0 || strcmp(d->outcome, "accepted") != 0)
		return ST_OK;
	if (text->n == 0)
		return blocked(l, d, "it has no description yet");
	st = findings_check_gate(l, GATE_ACCEPT, d->practice);
	if (st != ST_OK || text->n_open_spots == 0)
		return st;
	return blocked(l, d, "open hot spot in the text (V34)");
}

/* ---- deciding ---- */

static const char *
day_of(struct laptop *l, const struct practice_decision *d)
{
	char date[DATE_TEXT_BYTES];

	date_format(l->today, date);
	return d->on != NULL ? d->on : arena_text(l->arena, "%s", date);
}

static status
write_decision(struct edit *e, struct laptop *l, const struct practice_decision *d,
    const struct document *text)
{
	const struct place place = {.space = 0};
	struct record_ref ref;
	const char *copy = "";
	status st = document_copy(l, text, &copy);

	if (st == ST_OK) {
		const struct wish wishes[] = {
		    {"subject", form_name(l, &text->ref.name)},
		    {"kind", d->kind},
		    {"outcome", d->outcome},
		    {"version", form_hash(l, &text->version)},
		    {"on", day_of(l, d)},
		    {"reason", d->reason},
		    {"text", copy},
		};

		st = catalog_new(e, l, schema_kind(KIND_DECISION), &place, NULL, wishes,
		    sizeof wishes / sizeof wishes[0], &ref);
	}
	return st;
}

status
practice_decide(struct edit *e, struct laptop *l, const struct practice_decision *d)
{
	struct record_id practice;
	struct document text;
	status st = find_practice(l, d->practice, &practice);

	if (st == ST_OK)
		st = check_choice(l, d);
	if (st == ST_OK)
		st = check_day(l, d, &practice, day_of(l, d));
	if (st == ST_OK)
		st = document_load(l, KIND_PRACTICE, &practice, &text);
	if (st == ST_OK)
		st = check_description(l, d, &text);
	return st != ST_OK ? st : write_decision(e, l, d, &text);
}
