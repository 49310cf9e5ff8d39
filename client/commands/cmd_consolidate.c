/* cmd_consolidate.c - pnet consolidate: is a period complete, and its figures frozen. */
#include "base/date.h"
#include "client/actions/consolidate.h"
#include "client/commands/commands.h"
#include "core/table.h"

/* ---- print ---- */

static const char human_columns[] =
    "country,closed/due,person-days,reports accepted/due,advocacy,complete";
static const char columns[] = "country,closed#,due#,person_days,reports_accepted#,"
			      "reports_due#,advocacy,complete?,missing";

struct sums {
	uint32_t closed, due, reports, advocacy;
	struct range person_days;
};

static const char *
days_text(struct laptop *l, struct range days)
{
	char text[32];
	struct writer w = writer_of(text, sizeof text);

	table_range(&w, days);
	return arena_text(l->arena, "%.*s", (int)w.used, text);
}

static void
add_sums(struct sums *all, const struct progress *row)
{
	all->closed += row->figures.workshops_closed;
	all->due += row->due;
	all->reports += row->reports_accepted;
	all->advocacy += strcmp(row->advocacy, "accepted") == 0;
	all->person_days.min += row->figures.sum.attended.min;
	all->person_days.max += row->figures.sum.attended.max;
}

struct line {
	const char *country, *days, *advocacy, *missing;
	uint32_t closed, due, reports;
	bool is_complete;
};

static void
print_line(struct listing *out, bool is_human, const struct line *x)
{
	listing_row(out);
	listing_cell(out, x->country);
	if (is_human) {
		listing_cellf(out, "%u/%u", (unsigned)x->closed, (unsigned)x->due);
		listing_cell(out, x->days);
		listing_cellf(out, "%u/%u", (unsigned)x->reports, (unsigned)x->due);
		listing_cell(out, x->advocacy);
		listing_cellf(out, x->is_complete ? "yes" : "NO%s%s",
		    *x->missing == '\0' ? "" : "  ", x->missing);
		return;
	}
	listing_cellf(out, "%u", (unsigned)x->closed);
	listing_cellf(out, "%u", (unsigned)x->due);
	listing_cell(out, x->days);
	listing_cellf(out, "%u", (unsigned)x->reports);
	listing_cellf(out, "%u", (unsigned)x->due);
	listing_cell(out, x->advocacy);
	listing_cell(out, x->is_complete ? "yes" : "no");
	listing_cell(out, x->missing);
}

static struct listing *
list_progress(struct call *c, struct laptop *l, const struct consolidation *all)
{
	bool is_human = c->global.style == STYLE_HUMAN;
	struct listing *out =
	    listing_new("pnet.consolidate/1", is_human ? human_columns : columns);
	struct sums sums = {0};

	for (size_t i = 0; i < all->n; i++) {
		const struct progress *row = &all->rows[i];
		struct span code = row->figures.country;

		add_sums(&sums, row);
		print_line(out, is_human,
		    &(struct line){arena_text(l->arena, "%.*s", (int)code.len,
				       (const char *)code.bytes),
			days_text(l, row->figures.sum.attended), row->advocacy,
			row->missing, row->figures.workshops_closed, row->due,
			row->reports_accepted, *row->missing == '\0'});
	}
	print_line(out, is_human,
	    &(struct line){"ALL", days_text(l, sums.person_days),
		arena_text(l->arena, "%u/%zu", (unsigned)sums.advocacy, all->n),
		all->is_complete || !call_has(c, "allow-partial") ? "" : "partial",
		sums.closed, sums.due, sums.reports, all->is_complete});
	return out;
}

/* ---- freeze ---- */

enum freezing {
	NOT_ASKED,
	NOT_COMPLETE,
	FROZEN_NOW,
	FROZEN_BEFORE /* with the same figures */
};

struct act_result {
	enum freezing what;
	bool is_partial;
	const char *hash; /* hex; NULL unless frozen */
};

/* What is frozen before its end lacks what is still to come, for ever. */
static status
check_over(struct laptop *l, const struct consolidation *all)
{
	char last[DATE_TEXT_BYTES];
	status st;

	if (l->today > all->days.last)
		return ST_OK;
	date_format(all->days.last, last);
	st = complain(l->complaint, PN_C01,
	    "it ends on %s, and what is frozen stays as it is", last);
	complain_what(l->complaint, "%s is not over", all->period);
	complain_next(l->complaint, "pnet consolidate %s", all->period);
	return trouble_set(&l->trouble, st, "%s", l->complaint->why);
}

static status
freeze(struct call *c, struct laptop *l, const struct consolidation *all,
    struct act_result *out)
{
	struct edit *e = NULL;
	struct snapshot snapshot;
	struct hash32 hash;
	bool is_new = false;
	status st = check_over(l, all);

	if (st == ST_OK)
		st = consolidate_snapshot(l, all, &snapshot);
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(
		    c, e, snapshots_freeze(e, l, &snapshot, &hash, &is_new));
	if (st == ST_OK)
		*out = (struct act_result){is_new ? FROZEN_NOW : FROZEN_BEFORE,
		    snapshot.is_partial, snapshots_hex(l, &hash)};
	return st;
}

static status
act(struct call *c, struct laptop *l, const struct consolidation *all,
    struct act_result *out)
{
	*out = (struct act_result){NOT_ASKED, !all->is_complete, NULL};
	if (!all->is_complete && !call_has(c, "allow-partial")) {
		out->what = NOT_COMPLETE;
		c->exit_code = 3;
		return ST_OK;
	}
	return call_has(c, "freeze") ? freeze(c, l, all, out) : ST_OK;
}

/* ---- tell ---- */

static void
print_all(struct call *c, struct listing *rows, const char *period,
    const struct act_result *outcome)
{
	struct listing_part parts[] = {{"rows", rows, false},
	    {"snapshot", listing_new("pnet.snapshot/1", "period,hash,partial?,new?"),
		true}};

	if (c->global.style != STYLE_JSON || outcome->hash == NULL) {
		listing_print(rows, c->global.style, c->global.show_header, stdout);
		listing_free(rows);
		listing_free(parts[1].listing);
		return;
	}
	listing_row(parts[1].listing);
	listing_cell(parts[1].listing, period);
	listing_cell(parts[1].listing, outcome->hash);
	listing_cell(parts[1].listing, outcome->is_partial ? "yes" : "no");
	listing_cell(parts[1].listing, outcome->what == FROZEN_NOW ? "yes" : "no");
	listing_print_parts("pnet.consolidate/1", parts, 2, STYLE_JSON, false, stdout);
}

/* Standard output is the table; the talk goes beside it. */
static void
tell(struct call *c, struct laptop *l, const struct consolidation *all,
    const struct act_result *outcome)
{
	const char *who = consolidate_incomplete(l, all);
	const char *part = outcome->is_partial ? " as a part" : "";

	switch (outcome->what) {
	case NOT_COMPLETE:
		fprintf(stderr,
		    "[!!] not frozen: %s %s not complete. --allow-partial marks it in the"
		    " output\n",
		    who, strchr(who, ',') == NULL ? "is" : "are");
		break;
	case NOT_ASKED:
		fprintf(stderr, "[..] not frozen: pnet consolidate %s --freeze%s\n",
		    all->period, outcome->is_partial ? " --allow-partial" : "");
		break;
	case FROZEN_NOW:
		fprintf(stderr, "%s%s: snapshot %s%s\n",
		    arena_text(l->arena,
			c->global.is_dry_run ? "[..] %s could be frozen"
					     : "[ok] %s frozen",
			all->period),
		    part, outcome->hash,
		    c->global.is_dry_run ? "" : "    pnet sync sends it");
		break;
	case FROZEN_BEFORE:
		fprintf(stderr, "[ok] %s is frozen%s with these figures: snapshot %s\n",
		    all->period, part, outcome->hash);
		break;
	}
}

status
cmd_consolidate(struct call *c)
{
	struct consolidation all;
	struct act_result outcome;
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = consolidate_load(l, c->args[0], &all);
	if (st == ST_OK)
		st = act(c, l, &all, &outcome);
	if (st == ST_OK) {
		print_all(c, list_progress(c, l, &all), all.period, &outcome);
		fflush(stdout);
		if (!c->global.is_quiet || outcome.what == NOT_COMPLETE)
			tell(c, l, &all, &outcome);
	}
	return command_close(l, st);
}
