/* cmd_report_acts.c - pnet report rate, sign, submit, accept, return, stays: documents
 * after they are written. */
#include "client/actions/report_acts.h"
#include "client/actions/writing.h"
#include "client/commands/commands.h"

enum { HASH_SHOWN = 12 /* digits: enough to compare by eye */ };

static status
open_report(struct call *c, struct laptop **l, struct report *r)
{
	status st = command_open(c, l);

	return st != ST_OK ? st : report_open(*l, c->args[0], r);
}

/* The document with what was just written in it. */
static status
reopen(struct call *c, struct laptop *l, struct report *r)
{
	return c->global.is_dry_run ? ST_OK : report_open(l, r->code, r);
}

static const char *
short_hash(struct laptop *l, const struct report *r)
{
	return arena_text(l->arena, "%.*s", HASH_SHOWN, form_hash(l, &r->version));
}

/* ---- rate ---- */

static status
read_points(
    struct call *c, struct laptop *l, struct wish out[CALL_OPTIONS_MAX], size_t *n)
{
	const char *verdict = call_option(c, "verdict");
	status st = ST_OK;

	*n = 0;
	for (size_t i = 0; st == ST_OK && i < c->n_options; i++) {
		if (strcmp(c->options[i].name, "set") != 0)
			continue;
		st = command_pair(
		    l, "set", c->options[i].value, false, &out[*n].name, &out[*n].text);
		*n += st == ST_OK;
	}
	if (st == ST_OK && verdict != NULL)
		out[(*n)++] = (struct wish){"verdict", verdict};
	if (st != ST_OK || *n > 0)
		return st;
	st = complain(c->complaint, PN_U01,
	    "nothing to rate: --set CRITERION=0..4, and "
	    "--verdict");
	complain_next(c->complaint, "pnet report rate %s --set need=3", c->args[0]);
	return trouble_set(&l->trouble, st, "%s", c->complaint->why);
}

static status
say_rated(struct call *c, struct laptop *l, const struct report *r)
{
	for (size_t i = 0; i < r->n_ratings; i++) {
		const struct page_rating *x = &r->ratings[i];
		size_t n = 0;

		if (!span_equal(x->by, span_text(l->self.member)))
			continue;
		for (size_t k = 0; k < RATING_CRITERIA; k++)
			n += x->has[k];
		return command_saved(c, l, "%s: %zu of %d criteria rated, verdict %s",
		    r->code, n, RATING_CRITERIA,
		    *x->verdict == '\0' ? "missing" : x->verdict);
	}
	return command_saved(c, l, "%s rated", r->code);
}

status
cmd_report_rate(struct call *c)
{
	struct wish points[CALL_OPTIONS_MAX + 1];
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct report r;
	size_t n = 0;
	status st = open_report(c, &l, &r);

	if (st == ST_OK)
		st = read_points(c, l, points, &n);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, report_rate(e, l, &r, points, n));
	if (st == ST_OK)
		st = reopen(c, l, &r);
	if (st == ST_OK)
		st = say_rated(c, l, &r);
	return command_close(l, st);
}

/* ---- sign, submit ---- */

static status
say_nothing_new(struct call *c, const char *what, const char *on)
{
	if (!c->global.is_quiet)
		printf("[ok] %s on %s already: nothing was changed\n", what, on);
	return ST_OK;
}

/* One of report_acts.h that writes nothing where its work is done already.
 * *is_new: it wrote. */
static status
act_on(struct call *c,
    status (*act)(struct edit *, struct laptop *, const struct report *),
    struct laptop **l, struct report *r, bool *is_new)
{
	struct edit *e = NULL;
	status st = open_report(c, l, r);

	*is_new = false;
	if (st == ST_OK)
		st = edit_begin(*l, &e);
	if (st != ST_OK)
		return st;
	st = act(e, *l, r);
	*is_new = !edit_is_empty(e);
	return command_commit(c, e, st);
}

status
cmd_report_sign(struct call *c)
{
	struct laptop *l = NULL;
	struct report r;
	bool is_new;
	status st = act_on(c, report_sign, &l, &r, &is_new);

	if (st == ST_OK && is_new)
		st = command_saved(c, l, "%s signed as %s, text %s", r.code,
		    report_experience(&r, l->self.member), short_hash(l, &r));
	else if (st == ST_OK)
		st = say_nothing_new(c,
		    arena_text(l->arena, "you signed this text of %s", r.code),
		    report_signed_on(l, &r, l->self.member));
	return command_close(l, st);
}

static size_t
count_stays(struct laptop *l, const struct report *r)
{
	size_t n = 0;

	for (size_t i = 0; r->kind == KIND_ADVOCACY && i < r->document.n; i++) {
		struct stays marks;

		if (report_stays(l, &r->document.sections[i], &marks) == ST_OK)
			n += marks.n;
	}
	return n;
}

static status
say_submitted(struct call *c, struct laptop *l, const struct report *r)
{
	size_t n = count_stays(l, r);

	if (n == 0)
		return command_saved(
		    c, l, "%s submitted, text %s", r->code, short_hash(l, r));
	return command_saved(c, l, "%s submitted, text %s; %zu passage%s replaced",
	    r->code, short_hash(l, r), n, n == 1 ? "" : "s");
}

status
cmd_report_submit(struct call *c)
{
	struct laptop *l = NULL;
	struct report r;
	bool is_new;
	status st = act_on(c, report_submit, &l, &r, &is_new);

	if (st == ST_OK && is_new)
		st = say_submitted(c, l, &r);
	else if (st == ST_OK)
		st = say_nothing_new(c,
		    arena_text(l->arena, "this text of %s was submitted", r.code),
		    r.submitted_on);
	return command_close(l, st);
}

/* ---- accept, return ---- */

static status
decide(struct call *c, const char *outcome)
{
	const char *reason = call_option(c, "reason");
	struct laptop *l = NULL;
	struct edit *e = NULL;
	struct report r;
	status st = open_report(c, &l, &r);

	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(
		    c, e, report_decide(e, l, &r, outcome, reason == NULL ? "" : reason));
	if (st == ST_OK)
		st = command_saved(
		    c, l, "%s %s, text %s", r.code, outcome, short_hash(l, &r));
	return command_close(l, st);
}

status
cmd_report_accept(struct call *c)
{
	return decide(c, "accepted");
}

/* Its authors have to know why. */
status
cmd_report_return(struct call *c)
{
	status st;

	if (call_has(c, "reason"))
		return decide(c, "returned");
	st = complain(
	    c->complaint, PN_U01, "--reason is missing: what its authors should change");
	complain_next(c->complaint, "pnet report return %s --reason \"what to change\"",
	    c->args[0]);
	return st;
}

/* ---- stays ---- */

static status
list_stays(struct call *c, struct laptop *l, const struct document *d)
{
	struct listing *out =
	    listing_new("pnet.stays/1", "section,stands?,passage,replacement");
	status st = ST_OK;

	for (size_t i = 0; st == ST_OK && i < d->n; i++) {
		const struct document_section *s = &d->sections[i];
		struct stays marks;

		st = report_stays(l, s, &marks);
		for (size_t k = 0; st == ST_OK && k < marks.n; k++) {
			const struct stay *m = &marks.items[k];
			size_t end;

			listing_row(out);
			listing_cell(out, s->kind);
			listing_cell(
			    out, stays_find(s->text.text, m->passage, 0, &end) == SIZE_MAX
				     ? "no"
				     : "yes");
			listing_cellf(out, "%.*s", (int)m->passage.len,
			    (const char *)m->passage.bytes);
			listing_cellf(out, "%.*s", (int)m->replacement.len,
			    (const char *)m->replacement.bytes);
		}
	}
	if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return st;
}

static status
check_stays_options(struct call *c)
{
	bool is_one = call_has(c, "replacement") != call_has(c, "remove");
	status st;

	if (call_has(c, "section") && call_has(c, "passage") && is_one)
		return ST_OK;
	st = complain(c->complaint, PN_U01,
	    "a passage is marked with --section, --passage and --replacement, and "
	    "unmarked with --section, --passage and --remove");
	complain_next(c->complaint, "pnet help report stays");
	return st;
}

/* What was read cannot be taken back: a person should know before he relies on a mark. */
static status
warn_if_submitted(struct laptop *l, const struct document *d, const char *passage)
{
	struct span words = stays_words(span_text(passage), l->arena);
	struct query *q = query_of(
	    l->queries, "SELECT texts, \"on\" FROM submission WHERE document = ?");
	size_t end;

	query_blob(q, d->ref.name.bytes, sizeof d->ref.name.bytes);
	while (query_row(q)) {
		if (stays_find(query_column_span(q, 0), words, 0, &end) != SIZE_MAX)
			(void)fprintf(stderr,
			    "[!!] the office has had this passage since %s; what it "
			    "keeps "
			    "of it no mark takes back. From now on without it: "
			    "pnet report submit %s\n",
			    query_column_text(q, 1), d->code);
	}
	return query_done(q, &l->trouble);
}

static status
mark(struct call *c, struct laptop *l)
{
	const char *replacement =
	    call_has(c, "remove") ? NULL : call_option(c, "replacement");
	const struct document_section *s;
	struct edit *e = NULL;
	struct writing w;
	status st = check_stays_options(c);

	if (st == ST_OK)
		st = writing_open(l, l->arena, c->args[0], call_option(c, "section"), &w);
	if (st != ST_OK)
		return st;
	s = &w.document.sections[w.only - 1];
	st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e,
		    report_stay(
			e, l, &w.document, s, call_option(c, "passage"), replacement));
	if (st == ST_OK)
		st = command_saved(c, l, "%s, section %s: the passage %s",
		    w.document.code, s->kind,
		    replacement == NULL ? "may leave the country"
					: "stays in the country");
	return st != ST_OK || replacement == NULL
		   ? st
		   : warn_if_submitted(l, &w.document, call_option(c, "passage"));
}

status
cmd_report_stays(struct call *c)
{
	struct laptop *l = NULL;
	struct document d;
	status st = command_open(c, &l);

	if (st == ST_OK && (call_has(c, "section") || call_has(c, "passage") ||
			       call_has(c, "replacement") || call_has(c, "remove")))
		st = mark(c, l);
	else if (st == ST_OK) {
		st = document_open(l, c->args[0], &d);
		if (st == ST_OK)
			st = list_stays(c, l, &d);
	}
	return command_close(l, st);
}
