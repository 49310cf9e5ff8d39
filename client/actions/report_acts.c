/* report_acts.c - rating, signing, submitting, accepting, returning. */
#include "client/actions/report_acts.h"

#include "base/date.h"
#include "client/actions/findings.h"

/* ---- who ---- */

static status
not_rated(struct laptop *l, const struct report *r)
{
	status st = complain(l->complaint, PN_U01,
	    "%s (%s) is submitted and accepted; nobody rates or signs it", r->code,
	    report_word(r));

	complain_next(l->complaint, "pnet report submit %s", r->code);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static const char *
list_of(struct laptop *l, const char *set, const char *experience)
{
	const char *out = "";

	while (*set != '\0') {
		int n = (int)strcspn(set, ";");

		out = arena_text(l->arena, "%s%s%.*s (%s)", out, *out == '\0' ? "" : ", ",
		    n, set, experience);
		set += n + (set[n] == ';');
	}
	return out;
}

static status
not_an_author(struct laptop *l, const struct report *r)
{
	const char *new = list_of(l, r->authors_new, "new");
	const char *experienced = list_of(l, r->authors_experienced, "experienced");
	status st = complain(l->complaint, PN_P01,
	    "only its authors rate and sign %s: %s%s%s", r->code, new,
	    *new == '\0' || *experienced == '\0' ? "" : ", ", experienced);

	complain_next(l->complaint, "pnet report show %s", r->code);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
check_author(struct laptop *l, const struct report *r, const char **experience)
{
	if (!report_is_rated(r))
		return not_rated(l, r);
	*experience = report_experience(r, l->self.member);
	return *experience == NULL ? not_an_author(l, r) : ST_OK;
}

/* ---- rating ---- */

static status
no_criterion(struct laptop *l, const struct report *r, const char *name)
{
	const char *all = report_criterion(0);
	status st;

	for (size_t i = 1; i < RATING_CRITERIA; i++)
		all = arena_text(l->arena, "%s, %s", all, report_criterion(i));
	st = complain(l->complaint, PN_U01,
	    "there is no criterion '%.40s'; the criteria are %s, each 0 to 4", name, all);
	complain_next(
	    l->complaint, "pnet report rate %s --set %s=3", r->code, report_criterion(0));
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static bool
is_rating_word(const char *name)
{
	for (size_t i = 0; i < RATING_CRITERIA; i++) {
		if (strcmp(name, report_criterion(i)) == 0)
			return true;
	}
	return strcmp(name, "verdict") == 0;
}

status
report_rate(struct edit *e, struct laptop *l, const struct report *r,
    const struct wish *points, size_t n)
{
	struct wish *wishes = arena_zeros(l->arena, n + 2, sizeof *wishes);
	const struct place place = {.space = 0};
	struct record_ref ref;
	const char *experience;
	status st = check_author(l, r, &experience);

	if (st == ST_OK && wishes == NULL)
		st = trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for a rating");
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (!is_rating_word(points[i].name))
			return no_criterion(l, r, points[i].name);
		wishes[i] = points[i];
	}
	if (st != ST_OK)
		return st;
	wishes[n] = (struct wish){"report", form_name(l, &r->ref.name)};
	wishes[n + 1] = (struct wish){"experience", experience};
	return catalog_new(
	    e, l, schema_kind(KIND_RATING), &place, NULL, wishes, n + 2, &ref);
}

/* ---- signing ---- */

/* A text that is too long to be kept is not signed. */
static status
pin(struct laptop *l, const struct report *r, const char **copy)
{
	status st = document_pin(l, r->leaving, r->n_sections, copy);

	if (st != ST_LIMIT)
		return st;
	st = complain(l->complaint, PN_C01,
	    "%s is longer than the 48 KiB that are kept of what is signed or decided",
	    r->code);
	complain_what(l->complaint, "%s is too long", r->code);
	complain_next(l->complaint, "pnet report edit %s", r->code);
	return trouble_set(&l->trouble, st, "too long");
}

/* No section at all: V31 speaks of those that there are. */
static status
check_has_text(struct laptop *l, const struct report *r, enum gate gate)
{
	status st;

	if (r->n_sections > 0)
		return findings_check_gate(l, gate, r->code);
	st = complain(l->complaint, PN_C01, "it has no text yet");
	complain_what(l->complaint, "%s cannot %s yet", r->code, rules_gate_verb(gate));
	complain_next(l->complaint, "pnet report edit %s", r->code);
	return trouble_set(&l->trouble, st, "no text");
}

status
report_sign(struct edit *e, struct laptop *l, const struct report *r)
{
	const struct place place = {.space = 0};
	const char *experience, *copy = "";
	struct record_ref ref;
	status st = check_author(l, r, &experience);

	if (st == ST_OK)
		st = check_has_text(l, r, GATE_SIGN);
	if (st != ST_OK || report_signed_on(l, r, l->self.member) != NULL)
		return st;
	st = pin(l, r, &copy);
	if (st == ST_OK) {
		const struct wish wishes[] = {
		    {"report", form_name(l, &r->ref.name)},
		    {"experience", experience},
		    {"version", form_hash(l, &r->version)},
		    {"text", copy},
		};

		st = catalog_new(e, l, schema_kind(KIND_SIGNOFF), &place, NULL, wishes,
		    sizeof wishes / sizeof wishes[0], &ref);
	}
	return st;
}

/* ---- submitting ---- */

static const char *
today(struct laptop *l)
{
	char date[DATE_TEXT_BYTES];

	date_format(l->today, date);
	return arena_text(l->arena, "%s", date);
}

static status
submit_report(struct edit *e, struct laptop *l, const struct report *r)
{
	const struct wish wishes[] = {
	    {"submitted", form_hash(l, &r->version)}, {"submitted_on", today(l)}};

	return catalog_change(e, l, &r->ref, wishes, 2);
}

/* A passage in doubt keeps the whole document in the country. */
static status
may_not_leave(struct laptop *l, const struct report *r)
{
	const struct leak *leak = &r->leak;
	status st;

	if (leak->passage.len == 0)
		st = complain(l->complaint, PN_C01,
		    "the marks of passages that stay cannot be read in section %s",
		    leak->section->kind);
	else
		st = complain(l->complaint, PN_C01,
		    leak->is_elsewhere
			? "a passage that stays in the country would leave it with "
			  "section %s: '%.*s'"
			: "a passage that stays is not in section %s any more: '%.*s'",
		    leak->section->kind, (int)leak->passage.len,
		    (const char *)leak->passage.bytes);
	complain_what(l->complaint, "%s cannot be submitted yet", r->code);
	complain_data(l->complaint, "nothing has left the country");
	complain_next(
	    l->complaint, "pnet report stays %s    shows what is marked", r->code);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
not_yours(struct laptop *l, const char *why, const char *code)
{
	status st = complain(l->complaint, PN_P01, "%s", why);

	complain_next(l->complaint, "pnet report show %s", code);
	return trouble_set(&l->trouble, st, "%s", why);
}

static status
submit_copy(struct edit *e, struct laptop *l, const struct report *r)
{
	const struct place place = {.space = r->space};
	const char *copy = "";
	struct record_ref ref;
	status st = pin(l, r, &copy);

	if (st == ST_OK) {
		const struct wish wishes[] = {
		    {"document", form_name(l, &r->ref.name)},
		    {"kind", r->kind == KIND_MINUTES ? "minutes" : "advocacy_report"},
		    {"language", r->language},
		    {"texts", copy},
		    {"hash", form_hash(l, &r->version)},
		    {"on", today(l)},
		    {"by", l->self.member},
		    {"code", r->code},
		    {"activity", r->activity},
		};

		st = catalog_new(e, l, schema_kind(KIND_SUBMISSION), &place, NULL, wishes,
		    sizeof wishes / sizeof wishes[0], &ref);
	}
	return st;
}

status
report_submit(struct edit *e, struct laptop *l, const struct report *r)
{
	status st;

	if (r->is_copy)
		return not_yours(
		    l, "the country submits it, the central office decides", r->code);
	if (r->kind != KIND_REPORT && l->self.role != ROLE_COORDINATOR)
		return not_yours(l, "a coordinator of the country submits it", r->code);
	if (r->leaving == NULL)
		return may_not_leave(l, r);
	st = check_has_text(l, r, GATE_SUBMIT);
	if (st != ST_OK || r->facts.is_same)
		return st;
	return r->kind == KIND_REPORT ? submit_report(e, l, r) : submit_copy(e, l, r);
}

/* ---- deciding ---- */

static status
cannot_decide(
    struct laptop *l, const struct report *r, const char *outcome, const char *why)
{
	status st = complain(l->complaint, PN_C01, "%s", why);

	complain_what(l->complaint, "%s cannot be %s", r->code, outcome);
	complain_next(l->complaint, "pnet report show %s", r->code);
	return trouble_set(&l->trouble, st, "%s", why);
}

static status
check_decision(struct laptop *l, const struct report *r, const char *outcome)
{
	if (l->self.role != ROLE_OFFICE)
		return not_yours(
		    l, "the central office accepts and returns reports", r->code);
	if (!r->facts.is_submitted)
		return cannot_decide(l, r, outcome, "it is a draft: nobody submitted it");
	if (!r->facts.is_same && r->is_copy)
		return cannot_decide(
		    l, r, outcome, "its text is not the one that its hash names");
	if (!r->facts.is_same)
		return cannot_decide(l, r, outcome,
		    arena_text(l->arena,
			"it is a draft again: its text changed since it was submitted "
			"on %s",
			r->submitted_on));
	if (strcmp(r->decided_on, today(l)) >= 0)
		return cannot_decide(l, r, outcome,
		    arena_text(l->arena,
			"%s decided on this text on %s: of two decisions the one of the "
			"later day counts",
			r->decided_by, r->decided_on));
	return strcmp(outcome, "accepted") != 0 || r->is_copy
		   ? ST_OK
		   : findings_check_gate(l, GATE_ACCEPT, r->code);
}

status
report_decide(struct edit *e, struct laptop *l, const struct report *r,
    const char *outcome, const char *reason)
{
	const struct kind *k = schema_kind(r->is_copy ? KIND_ACCEPTANCE : KIND_DECISION);
	const struct place place = {.space = r->is_copy ? r->space : 0};
	struct record_ref ref;
	const char *copy = "";
	status st = check_decision(l, r, outcome);

	if (st == ST_OK)
		st = pin(l, r, &copy);
	if (st == ST_OK) {
		const char *name = form_name(l, &r->ref.name);
		const char *hash = form_hash(l, &r->version);
		const struct wish of_report[] = {{"subject", name}, {"kind", "report"},
		    {"version", hash}, {"outcome", outcome}, {"reason", reason},
		    {"text", copy}};
		const struct wish of_copy[] = {{"submission", name}, {"hash", hash},
		    {"outcome", outcome}, {"reason", reason}, {"text", copy}};

		st = catalog_new(e, l, k, &place, NULL, r->is_copy ? of_copy : of_report,
		    r->is_copy ? sizeof of_copy / sizeof of_copy[0]
			       : sizeof of_report / sizeof of_report[0],
		    &ref);
	}
	return st;
}
