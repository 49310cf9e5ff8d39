/* cmd_erase.c - pnet erase, pnet erase --status, --due, pnet print receipt. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "client/actions/erasing_status.h"
#include "client/actions/retention.h"
#include "client/actions/sync.h"
#include "client/commands/commands.h"

enum { QUIET_DAYS = 7 }; /* unseen for so long: the command that helps is named */

/* ---- both sides of it ---- */

static bool
is_reachable_later(enum complaint_id id)
{
	return id == PN_N01 || id == PN_N02 || id == PN_N03 || id == PN_N06;
}

/* A sync if there is a network. *is_online false: there is none, and that is no fault. */
static status
sync_if_online(struct laptop *l, bool *is_online)
{
	struct sync_report report;
	status st = sync_run(l, 0, &report);

	*is_online = st == ST_OK && l->complaint->id == PN_NONE && report.is_complete;
	if (st == ST_OK && l->complaint->id == PN_NONE)
		return ST_OK;
	if (!is_reachable_later(l->complaint->id))
		return st != ST_OK ? st : ST_RETRY;
	*l->complaint = (struct complaint){.id = PN_NONE};
	return ST_OK;
}

static status
read_reason(struct call *c, unsigned *out)
{
	const char *word = call_option(c, "reason");
	status st;

	*out = word == NULL ? 0 : vocabulary_find(VOC_ERASURE, span_text(word));
	if (*out != 0)
		return ST_OK;
	st = word == NULL
		 ? complain(c->complaint, PN_U01, "--reason is missing")
		 : complain(c->complaint, PN_U01, "'%.40s' is no reason to erase", word);
	complain_data(
	    c->complaint, "a reason is one of: request, consent, retention, error");
	complain_next(c->complaint, "pnet help erase");
	return st;
}

/* ---- confirmation ---- */

static bool
is_typed(struct call *c, const char *code)
{
	char typed[80];

	if (c->global.asks_nothing || isatty(STDIN_FILENO) == 0)
		return false;
	fprintf(stderr, "Type %s to go on: ", code);
	(void)fflush(stderr);
	if (fgets(typed, sizeof typed, stdin) == NULL)
		return false;
	typed[strcspn(typed, "\r\n")] = '\0';
	return strcmp(typed, code) == 0;
}

/* what: what the command would be called with. */
static status
confirm(struct call *c, const char *code, const char *what)
{
	const char *given = call_option(c, "confirm");
	status st;

	if (given != NULL ? strcmp(given, code) == 0 : is_typed(c, code))
		return ST_OK;
	st = given != NULL ? complain(c->complaint, PN_U01,
				 "%.40s is not the code of what goes", given)
			   : complain(c->complaint, PN_U01,
				 "it was not confirmed with the code %s", code);
	complain_what(c->complaint, "nothing was erased");
	complain_next(c->complaint, "pnet erase %s --reason %s --confirm %s", what,
	    call_option_or(c, "reason", "request"), code);
	return st;
}

/* ---- what goes ---- */

static const char *
plural(size_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

static void
print_paper(struct laptop *l, const struct activity *a)
{
	struct prints p = erasing_prints(l, a);
	char day[DATE_TEXT_BYTES];

	date_format(p.last, day);
	if (p.n > 0)
		printf("Not reachable from here: %zu sheet%s of %s printed, the last on "
		       "%s.\n",
		    p.n, plural(p.n, "", "s"), a->code, day);
}

/* Nothing finds them any more once the name is gone. */
static status
print_mentions(struct laptop *l, const struct erasing *x)
{
	struct erasing_mention found[ERASING_MENTIONS_MAX];
	size_t n = 0;
	status st = erasing_mentions(l, x, found, &n);

	if (st != ST_OK || n == 0)
		return st;
	printf("Not reachable from here: texts that may name this person (");
	for (size_t i = 0; i < n; i++)
		printf("%s%s: %zu", i == 0 ? "" : ", ", found[i].kind, found[i].n);
	printf("). Take the name out of them first; what stood there stays in their "
	       "history.\n");
	return ST_OK;
}

static status
print_preview(struct laptop *l, const struct erasing *x)
{
	printf("Will delete for ever: ");
	screen_text(stdout, x->name);
	printf(" (%s): name%s%s, %zu enrolment%s, %zu mark%s, %zu note%s", x->code,
	    x->has_consent ? ", consent" : "", x->has_contact ? ", contact" : "",
	    x->enrolments, plural(x->enrolments, "", "s"), x->marks,
	    plural(x->marks, "", "s"), x->notes, plural(x->notes, "", "s"));
	for (size_t i = 0; i < x->n_activities; i++)
		printf("%s%s", i == 0 ? "; in " : ", ", x->activities[i]->code);
	printf(". Tallies already signed keep their numbers.\n");
	if (x->n_pids > 1)
		printf("Joined with %zu other%s: all of it counts as one person, and "
		       "goes.\n",
		    x->n_pids - 1, plural(x->n_pids - 1, "", "s"));
	for (size_t i = 0; i < x->n_activities; i++)
		print_paper(l, x->activities[i]);
	printf(
	    "Not reachable from here: files that were exported, sheets printed on other "
	    "laptops, sticks with bundles.\n");
	return print_mentions(l, x);
}

/* ---- after it ---- */

static void
print_done(
    struct laptop *l, bool is_online, const struct erasure_report *r, const char *what)
{
	size_t open = r->n_laptops - r->n_done;
	bool stands = r->n_standing == r->n_scopes;
	char now[SCREEN_TIME_BYTES];

	screen_local_time(l->now_ms / 1000, now);
	if (stands)
		printf("[ok] %s: gone on this laptop and at the server %s", what, now);
	else
		printf("[ok] %s: shown on this laptop no more %s    [..] gone for good "
		       "here and "
		       "at the server%s",
		    what, now,
		    is_online ? ": at the next sync" : ": at the next sync, pnet sync");
	if (open > 0)
		printf("    [..] %zu laptop%s: at %s next sync", open,
		    plural(open, "", "s"), plural(open, "its", "their"));
	printf("\n");
}

static status
print_outcome(struct call *c, struct laptop *l, bool is_online, const char *const *codes,
    size_t n, const char *what)
{
	status st = ST_OK;

	if (c->global.is_quiet)
		return ST_OK;
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		struct erasure_report *r;
		size_t found = 0;

		st = erasing_reports(l, codes[i], &r, &found);
		if (st == ST_OK && i == 0)
			print_done(l, is_online, r, what);
		if (st == ST_OK)
			printf("receipt: pnet print receipt %s\n", codes[i]);
	}
	return st;
}

/* ---- one person ---- */

static status
write_erasure(struct call *c, struct laptop *l, const struct erasing *x, unsigned reason,
    const char ***codes)
{
	struct edit *e = NULL;
	status st;

	*codes = arena_zeros(l->arena, x->n_pids, sizeof **codes);
	if (*codes == NULL)
		return trouble_set(&l->trouble, ST_NO_MEMORY, "no memory for an erasure");
	st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(
		    c, e, erasing_write(e, l, x->pids, x->n_pids, reason, *codes));
	return st != ST_OK ? st : erasing_bury(l, NULL);
}

static status
erase_person(struct call *c, struct laptop *l)
{
	const char *activity = c->n_args == 2 ? c->args[0] : NULL;
	const char **codes = NULL;
	struct erasing x;
	unsigned reason = 0;
	bool is_online = false;
	status st = read_reason(c, &reason);

	if (st == ST_OK && c->n_args == 0)
		st = complain(c->complaint, PN_U01, "nobody is named");
	if (st == ST_OK && !c->global.is_dry_run)
		st = sync_if_online(l, &is_online);
	if (st == ST_OK)
		st = erasing_find(l, activity, c->args[c->n_args - 1], &x);
	if (st == ST_OK && !c->global.is_quiet)
		st = print_preview(l, &x);
	if (st != ST_OK || c->global.is_dry_run)
		return st;
	st = confirm(c, x.code, x.code);
	if (st == ST_OK)
		st = write_erasure(c, l, &x, reason, &codes);
	if (st == ST_OK)
		st = sync_if_online(l, &is_online);
	return st != ST_OK ? st : print_outcome(c, l, is_online, codes, x.n_pids, x.code);
}

/* ---- retention ---- */

static status
list_due(struct call *c, struct laptop *l)
{
	struct listing *out =
	    listing_new("pnet.due/1", "activity,closed_on,due_since,young");
	struct due_activity *due;
	size_t n = 0;
	status st = retention_list(l, &due, &n);

	for (size_t i = 0; st == ST_OK && i < n; i++) {
		for (size_t k = 0; k < due[i].n; k++) {
			listing_row(out);
			listing_cell(out, due[i].activity.code);
			listing_cell(out, due[i].closed_on);
			listing_cell(out, due[i].due_on);
			listing_cell(out, due[i].codes[k]);
		}
	}
	if (st == ST_OK && n == 0 && c->global.style == STYLE_HUMAN)
		printf("nobody is due\n");
	else if (st == ST_OK)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	listing_free(out);
	return st;
}

static status
erase_due(struct call *c, struct laptop *l)
{
	struct due_activity due;
	struct retention_result done = {.n_people = 0};
	struct edit *e = NULL;
	unsigned reason = 0;
	bool is_online = false;
	status st = read_reason(c, &reason);

	if (st == ST_OK && !c->global.is_dry_run)
		st = sync_if_online(l, &is_online);
	if (st == ST_OK)
		st = retention_find(l, c->args[0], &due);
	if (st == ST_OK && !c->global.is_quiet)
		printf("Will delete for ever: all that %s holds of %zu young %s, closed "
		       "on %s, "
		       "due since %s. Tallies already signed keep their numbers.\n",
		    due.activity.code, due.n, plural(due.n, "person", "people"),
		    due.closed_on, due.due_on);
	if (st != ST_OK || c->global.is_dry_run)
		return st;
	st = confirm(
	    c, due.activity.code, arena_text(l->arena, "--due %s", due.activity.code));
	if (st == ST_OK)
		st = edit_begin(l, &e);
	if (st == ST_OK)
		st = command_commit(c, e, retention_write(e, l, &due, reason, &done));
	if (st == ST_OK)
		st = retention_bury(l, &due);
	if (st == ST_OK)
		st = sync_if_online(l, &is_online);
	if (st == ST_OK && !c->global.is_quiet)
		printf("[ok] %zu young %s of %s: gone here%s    pnet erase --status\n",
		    due.n, plural(due.n, "person", "people"), due.activity.code,
		    is_online ? " and at the server" : "; at the server with pnet sync");
	if (st == ST_OK && !c->global.is_quiet && done.n_elsewhere > 0)
		printf("[..] %zu of them stay in activities that are not due\n",
		    done.n_elsewhere);
	return st;
}

/* ---- status ---- */

static const char *
server_words(struct laptop *l, const struct erasure_report *r)
{
	char at[SCREEN_TIME_BYTES];

	if (r->n_scopes == 0)
		return "held nothing";
	if (r->n_standing < r->n_scopes)
		return "not yet";
	screen_local_time(r->at_s, at);
	return arena_text(l->arena, "done %s", at);
}

static const char *
laptop_words(struct laptop *l, const struct erasure_laptop *d)
{
	char at[SCREEN_TIME_BYTES];

	screen_local_time(d->last_s, at);
	if (d->is_done)
		return arena_text(l->arena, "done, seen %s", at);
	if (d->last_s == 0)
		return "never seen";
	return d->days_since == 0 ? arena_text(l->arena, "not yet, seen %s", at)
				  : arena_text(l->arena, "not seen for %llu day%s",
					(unsigned long long)d->days_since,
					plural((size_t)d->days_since, "", "s"));
}

/* "" while it may still come by itself. */
static const char *
help_words(struct laptop *l, const struct erasure_laptop *d)
{
	if (d->is_done || (d->last_s != 0 && d->days_since < QUIET_DAYS))
		return "";
	return d->is_guest && *d->activity != '\0'
		   ? arena_text(l->arena, "pnet activity team %s remove %s", d->activity,
			 d->member)
		   : arena_text(l->arena, "pnet device revoke %s", d->member);
}

static void
print_status(struct laptop *l, const struct erasure_report *r)
{
	printf("%s  %s  server %s", r->code, r->person, server_words(l, r));
	for (size_t i = 0; i < r->n_laptops; i++) {
		const struct erasure_laptop *d = &r->laptops[i];
		const char *help = help_words(l, d);

		printf("\n         %s %s", d->member, laptop_words(l, d));
		if (*help != '\0')
			printf(": its copy goes when it syncs or with  %s", help);
	}
	printf("\n");
}

static void
list_status(struct listing *out, struct laptop *l, const struct erasure_report *r,
    uint64_t sheets)
{
	for (size_t i = 0; i == 0 || i < r->n_laptops; i++) {
		const struct erasure_laptop *d =
		    r->n_laptops == 0 ? NULL : &r->laptops[i];

		listing_row(out);
		listing_cell(out, r->code);
		listing_cell(out, r->person);
		listing_cell(out, server_words(l, r));
		listing_cell(out, d == NULL ? NULL : d->member);
		listing_cell(out, d == NULL ? NULL : laptop_words(l, d));
		listing_cellf(out, "%llu", (unsigned long long)sheets);
	}
}

static status
show_status(struct call *c, struct laptop *l)
{
	bool is_human = c->global.style == STYLE_HUMAN;
	struct listing *out = listing_new(
	    "pnet.erasures/1", "receipt,young,server,laptop,state,sheets_to_compact#");
	struct erasure_report *r;
	uint64_t sheets = 0;
	size_t n = 0;
	status st = erasing_reports(l, c->n_args == 0 ? NULL : c->args[0], &r, &n);

	if (st == ST_OK)
		st = erasing_sheets_left(l, &sheets);
	for (size_t i = 0; st == ST_OK && i < n; i++) {
		if (is_human)
			print_status(l, &r[i]);
		else
			list_status(out, l, &r[i], sheets);
	}
	if (st == ST_OK && !is_human)
		listing_print(out, c->global.style, c->global.show_header, stdout);
	else if (st == ST_OK && n == 0)
		printf("nobody was erased\n");
	else if (st == ST_OK)
		printf("%llu sheet%s to compact%s\n", (unsigned long long)sheets,
		    plural((size_t)sheets, "", "s"),
		    sheets == 0 ? "" : ": the next sync of a coordinator does it");
	listing_free(out);
	return st;
}

status
cmd_erase(struct call *c)
{
	struct laptop *l = NULL;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = erasing_check_coordinator(l);
	if (st == ST_OK && call_has(c, "status"))
		st = show_status(c, l);
	else if (st == ST_OK && call_has(c, "due"))
		st = c->n_args == 0 ? list_due(c, l) : erase_due(c, l);
	else if (st == ST_OK)
		st = erase_person(c, l);
	return command_close(l, st);
}

status
cmd_print_receipt(struct call *c)
{
	const char *path = call_option(c, "out");
	struct erasure_report *r = NULL;
	struct laptop *l = NULL;
	struct span text = {NULL, 0};
	size_t n = 0;
	status st = command_open(c, &l);

	if (st == ST_OK)
		st = erasing_check_coordinator(l);
	if (st == ST_OK)
		st = erasing_reports(l, c->args[0], &r, &n);
	if (st == ST_OK)
		st = erasing_receipt(l, &r[0], &text);
	if (st == ST_OK && path != NULL)
		st = command_write(c, path, text);
	else if (st == ST_OK)
		(void)fwrite(text.bytes, 1, text.len, stdout);
	return command_close(l, st);
}
